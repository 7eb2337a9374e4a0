"""Explorers in a browser, on a small page of their own: drawing, keyboard, speech, phone, no scripts."""

import shutil
from pathlib import Path

import altair as alt
import numpy as np
import pytest

from book._ext.assets import STATIC, write_vega
from llma import figures, pages
from llma.explore import Slider, explore
from tests.book import browser

pytestmark = pytest.mark.site  # a Chromium is needed, the site is not
AGENTS = np.arange(12)


def decay(rate, kind):
    y = np.concatenate([rate**AGENTS, 1 - rate**AGENTS])
    if kind == "gap":
        y[3] = np.nan
    return {"y": y, "half": float(np.log(0.5) / np.log(rate)), "gap": kind == "gap"}


def curves():
    names = ["falls", "rises"]
    chart = (
        alt.Chart(alt.NamedData("now"))
        .mark_line()
        .encode(
            alt.X("agent:Q").scale(domain=[0, 12]),
            alt.Y("y:Q").scale(domain=[0, 1]),
            alt.Color("curve:N", title=None).scale(domain=names),
            alt.StrokeDash("curve:N", title=None).scale(domain=names),
        )
    )
    sliders = [
        Slider("rate", "Rate <per agent>", np.linspace(0.1, 0.9, 9), 0.5),
        Slider("kind", "Kind", ["plain", "gap"], "plain"),
    ]
    return explore(
        decay,
        sliders,
        chart,
        {"agent": np.tile(AGENTS, 2), "curve": np.repeat(names, 12)},
        title="Decay & growth",
        alt="One curve falls to zero, the other rises to one.",
        formats={"half": ("Half-life", "{:.1f} agents")},
    )


def cells():
    i, j = np.meshgrid(np.arange(8), np.arange(8))

    def product(a):
        return {"z": np.ravel(a * i * j / 49), "label": [f"{a:.0%}"] * 64}

    base = alt.Chart(alt.NamedData("now")).encode(alt.X("i:O"), alt.Y("j:O"))
    chart = base.mark_rect().encode(alt.Color("z:Q").scale(domain=[0, 1])) + base.mark_text().encode(
        text="label:N"
    )
    grid = {"i": i, "j": j}
    return explore(
        product, [Slider("a", "a", [0.0, 0.5, 1.0], 1.0)], chart, grid, title="Cells", alt="A map."
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of two explorers and a plot, as Sphinx would lay out its files."""
    root = tmp_path_factory.mktemp("site")
    static = root / "_static"
    write_vega(static / "vega")
    for name in ("explorer.js", "explorer.css", "book.css"):
        shutil.copy(STATIC / name, static / name)
    figure, axes = figures.new()
    axes.plot([0, 1])
    body = pages.page(curves()) + pages.page(cells()) + figures.markup(figure, "A line.")
    Path(root / "page.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Page</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="_static/book.css">'
        '<link rel="stylesheet" href="_static/explorer.css">'
        '<script defer src="_static/explorer.js"></script></head>'
        f"<body><main><h1>Page</h1>{body}</main></body></html>",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def address(folder):
    with browser.serve(folder) as served:
        yield f"{served}/page.html"


def test_every_move_draws_what_python_computes(folder):
    browser.check_page("page", [curves(), cells()], folder)


def test_a_wrong_row_is_noticed():
    rows = curves().table(rate=0.5, kind="plain")
    browser.check_rows(rows, rows, {})
    with pytest.raises(AssertionError, match="row 3"):
        browser.check_rows([*rows[:3], {**rows[3], "y": 0.9}, *rows[4:]], rows, {})
    with pytest.raises(AssertionError, match="row 23"):
        browser.check_rows(rows[:-1], rows, {})
    with pytest.raises(AssertionError, match="does not give"):
        browser.check_rows([*rows, rows[0]], rows, {})


def test_it_works_from_the_file_system(folder):
    with browser.open_page() as page:
        page.goto((folder / "page.html").as_uri())
        figure = browser.explorers(page)[0]
        browser.check_explorer(page, figure, curves(), moves=2)
        browser.check_quiet(page)


def test_keyboard_reaches_each_slider_and_the_reset_once(address):
    with browser.open_page() as page:
        page.goto(address)
        browser.explorers(page)
        first, kind, reset, other, *_ = browser.tab_order(page, 5)
        assert first.endswith("-rate")
        assert kind.endswith("-kind")
        assert reset == "explorer-reset"
        assert other.endswith("-a")


def test_a_phone_has_room_and_large_targets(address):
    with browser.open_page(width=360, height=740, is_mobile=True, has_touch=True) as page:
        page.goto(address)
        browser.explorers(page)
        assert browser.fits(page)
        boxes = page.evaluate(
            "[...document.querySelectorAll('figure input, figure button')]"
            ".map((e) => [e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
        )
        assert min(min(box) for box in boxes) >= 44
        page.set_viewport_size({"width": 740, "height": 360})
        page.wait_for_function(
            "document.querySelector('.explorer-chart').shadowRoot.querySelector('svg').clientWidth > 500"
        )


def test_on_a_phone_the_chart_never_covers_the_slider_in_hand(address):
    with browser.open_page(width=360, height=740, has_touch=True) as page:
        page.goto(address)
        browser.explorers(page)
        gaps = []
        for key in ["Tab"] * 5 + ["Shift+Tab"] * 5:
            page.keyboard.press(key)
            gap = page.evaluate(
                """() => {
                  const here = document.activeElement, figure = here.closest('figure.explorer');
                  if (!figure) return null;
                  const chart = figure.querySelector('.explorer-chart').getBoundingClientRect();
                  const box = here.getBoundingClientRect();
                  return [box.top - chart.bottom, innerHeight - box.bottom];
                }"""
            )
            if gap is not None:
                gaps.append(min(gap))
        assert len(gaps) >= 6
        assert min(gaps) >= -1, gaps


def test_colours_follow_the_theme(address):
    stroke = """getComputedStyle(document.querySelector('.explorer-chart').shadowRoot
        .querySelector('.mark-line path')).stroke"""
    with browser.open_page() as page:
        page.goto(address)
        browser.explorers(page)
        assert page.evaluate(stroke) == "rgb(42, 93, 132)"
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert page.evaluate(stroke) == "rgb(133, 182, 250)"
        browser.check_axe(page)
        page.emulate_media(media="print")
        assert page.evaluate(stroke) == "rgb(42, 93, 132)"


def test_paper_shows_the_present_setting(address):
    with browser.open_page() as page:
        page.goto(address)
        figure = browser.explorers(page)[0]
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        setting = figure.query_selector(".explorer-setting")
        assert not setting.is_visible()
        page.emulate_media(media="print")
        assert setting.inner_text() == "Shown for: Rate <per agent> 0.60; Kind plain."
        assert not figure.query_selector(".explorer-controls").is_visible()


def test_without_scripts_the_first_setting_stands(address):
    with browser.open_page(java_script_enabled=False) as page:
        page.goto(address)
        figure = page.query_selector("figure.explorer")
        assert figure.query_selector(".explorer-chart svg").bounding_box()["width"] > 300
        assert browser.shown_readouts(figure) == curves().readouts(rate=0.5, kind="plain")
        assert figure.query_selector(".explorer-setting").is_visible()


def test_without_the_drawing_library_the_first_setting_stands(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "_static" / "vega" / "vega.js").unlink()
    with browser.serve(tmp_path) as served, browser.open_page() as page:
        page.goto(f"{served}/page.html")
        page.wait_for_selector("figure.explorer [role=status]")
        assert page.query_selector(".explorer-chart svg").is_visible()
        assert any("could not be loaded" in error for error in page.errors)


FAINT = "<p>Plain <b>and bold</b></p><p>x <i style='{style}'>a faint word</i></p>"


@pytest.mark.parametrize("style", ["color: #bbb", "background: #555", "opacity: .4"])
def test_one_faint_word_among_many_is_noticed(style):
    with browser.open_page() as page:
        page.set_content(f"<article>{FAINT.format(style='') * 20}</article>")
        browser.check_contrast(page, "article")
        assert 5 <= page.evaluate("document.querySelectorAll('article *').length") < 20
        page.set_content(f"<article>{FAINT.format(style='') * 20}{FAINT.format(style=style)}</article>")
        with pytest.raises(AssertionError, match="a faint word"):
            browser.check_contrast(page, "article")
