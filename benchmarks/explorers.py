"""From a move of a slider to the next frame, in Chromium: milliseconds, median and 95th percentile.

    python -m benchmarks.explorers            # two reference charts, then every explorer of _build/html
    python -m benchmarks.explorers --reference

The time includes the wait for the frame, up to 16.7 ms on an idle machine. Goals at the 95th percentile:
22 ms for curves (median 13) and 80 ms for a heat map of 30 by 30 cells (median 40).
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import altair as alt
import numpy as np

from benchmarks.support.report import Report, machine
from book._ext.assets import STATIC, write_vega
from llma import pages
from llma.explore import Slider, explore
from tests.book import browser

MOVES = 80
MEASURE = """async (figure, moves) => {
  const inputs = [...figure.querySelectorAll('input[type=range]')];
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const times = [];
  for (let k = 0; k < moves; k++) {
    const input = inputs[k % inputs.length];
    input.value = (Number(input.value) + 3) % (Number(input.max) + 1);
    await frame();
    const begun = performance.now();
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await figure.drawn;
    const drawn = performance.now();
    await frame();
    times.push([drawn - begun, performance.now() - begun]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times;
}"""


def curves():
    time = np.arange(60)
    names = ["first", "second", "third"]

    def decay(a, b, c):
        return {"y": np.concatenate([np.exp(-rate * time / 20) for rate in (a, b, c)])}

    chart = (
        alt.Chart(alt.NamedData("now"))
        .mark_line()
        .encode(
            alt.X("t:Q").scale(domain=[0, 60]),
            alt.Y("y:Q").scale(domain=[0, 1]),
            alt.Color("curve:N", title=None).scale(domain=names),
            alt.StrokeDash("curve:N", title=None).scale(domain=names),
        )
    )
    sliders = [Slider(name, name, np.linspace(0.1, 2, 10), 0.1) for name in "abc"]
    fixed = {"t": np.tile(time, 3), "curve": np.repeat(names, 60)}
    return explore(decay, sliders, chart, fixed, title="3 curves of 60 points", alt="Curves.")


def heat_map():
    i, j = np.meshgrid(np.arange(30), np.arange(30))

    def wave(a, b):
        return {"z": 0.5 + 0.5 * np.ravel(np.sin(a * i / 9) * np.cos(b * j / 9))}

    ticks = alt.Axis(values=[0, 10, 20, 29])
    chart = (
        alt.Chart(alt.NamedData("now"))
        .mark_rect()
        .encode(alt.X("i:O", axis=ticks), alt.Y("j:O", axis=ticks), alt.Color("z:Q").scale(domain=[0, 1]))
    )
    sliders = [Slider(name, name, np.linspace(0.5, 3, 10), 0.5) for name in "ab"]
    return explore(wave, sliders, chart, {"i": i, "j": j}, title="heat map of 30 x 30 cells", alt="A map.")


def reference(folder):
    write_vega(folder / "_static" / "vega")
    for name in ("explorer.js", "explorer.css", "book.css"):
        shutil.copy(STATIC / name, folder / "_static" / name)
    body = pages.page(curves()) + pages.page(heat_map())
    (folder / "reference.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="_static/book.css">'
        '<link rel="stylesheet" href="_static/explorer.css"><script defer src="_static/explorer.js"></script>'
        f"<main>{body}</main>",
        encoding="utf-8",
    )


def measure(report, folder, names):
    print(f"{'page: explorer':<64} drawn p50   p95   frame p50   p95  (ms)")
    with browser.serve(folder) as address, browser.open_page() as page:
        for name in names:
            page.goto(f"{address}/{name}")
            for figure in browser.explorers(page):
                title = figure.query_selector("figcaption").inner_text()
                figure.evaluate(MEASURE, 10)  # the first moves compile
                times = np.array(figure.evaluate(MEASURE, MOVES))
                drawn, frame = np.percentile(times, [50, 95], axis=0).T
                line = f"{Path(name).stem}: {title}"
                print(f"{line[:64]:<64} {drawn[0]:9.1f} {drawn[1]:5.1f} {frame[0]:11.1f} {frame[1]:5.1f}")
                report.add(
                    "explorers",
                    page=Path(name).stem,
                    title=title,
                    drawn_p50=drawn[0],
                    drawn_p95=drawn[1],
                    frame_p50=frame[0],
                    frame_p95=frame[1],
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", action="store_true", help="the two reference charts only")
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    arguments = parser.parse_args()
    report = Report("explorers", "wall time in Chromium, ms", machine("altair", "playwright"))
    print(report.head())
    with tempfile.TemporaryDirectory() as folder:
        reference(Path(folder))
        measure(report, folder, ["reference.html"])
    site = browser.SITE
    built = sorted(file for file in site.rglob("*.html") if '<figure class="explorer"' in file.read_text())
    if built and not arguments.reference:
        measure(report, site, [str(file.relative_to(site)) for file in built])
    report.write(arguments.json)


if __name__ == "__main__":
    main()
