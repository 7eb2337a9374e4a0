"""Pages in a real browser: what they draw, say and ask for. For the tests of the site and of each chapter.

    browser.check_page("book/cascades", [cascades.herding(), cascades.error_map()])

No page may reach beyond its own server: other requests are refused and collected in `page.outside`. Errors of
the console and of scripts are collected in `page.errors`.

One Chromium serves all tests of a module, each in a context of its own; `stop` ends it.
"""

import atexit
import contextlib
import functools
import http.server
import itertools
import json
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

SITE = Path(os.environ.get("BOOK_SITE") or Path(__file__).parents[2] / "_build" / "html").resolve()
"""The site that is checked; `BOOK_SITE` names another, for instance a build of a few pages."""
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
PLACES = ["/Applications/Chromium.app/Contents/MacOS/Chromium"]
PLACES += ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
OUTSIDE = re.compile(r"^(?!http://127\.0\.0\.1|file:|data:|blob:)")
MATHJAX = re.compile(r"/_static/mathjax/.*\.js")
READY_MS = 30_000
WITHOUT_PRELOAD = {"preload": False}
"""Axe would fetch style sheets again, relative to the page, and miss those that they import."""
SWEPT = set()
"""The ids of figures that were checked stop by stop; on another page the ends of each slider are enough.

An id is a hash of all that the figure holds.
"""
STATE = """async (figure) => {
  await figure.drawn;
  const numbers = [...figure.querySelectorAll(".explorer-numbers > div")];
  return JSON.stringify({
    rows: figure.explorerRows(),
    readouts: numbers.map((e) => ["dt", "dd"].map((tag) => e.querySelector(tag).innerText)),
    stops: [...figure.querySelectorAll("input")].map((e) => e.getAttribute("aria-valuetext")),
  });
}"""
"""What a reader sees and hears of an explorer, in one request."""
HOLLOW = "for (const e of document.querySelectorAll('mjx-container')) e.replaceChildren()"
"""Takes the insides of formulas away, which axe walks through and finds no text in: glyphs are style."""
THIN = """(selector) => {
  const grounds = new Map(), seen = new Map(), emptied = [];
  const ground = (e) => { // what lies behind an element: colours, pictures and opacity, from the root down
    if (!e) return "";
    if (!grounds.has(e)) {
      const s = getComputedStyle(e), own = `|${s.backgroundColor} ${s.backgroundImage} ${s.opacity}`;
      grounds.set(e, ground(e.parentElement) + (own === "|rgba(0, 0, 0, 0) none 1" ? "" : own));
    }
    return grounds.get(e);
  };
  for (const e of document.querySelectorAll(`${selector}, ${selector} *`)) {
    const words = [...e.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!words.length || !e.checkVisibility({ visibilityProperty: true })) continue;
    const s = getComputedStyle(e);
    const look = [s.color, s.fontSize, s.fontWeight, s.textShadow, ground(e)].join();
    if (seen.get(look) >= 3) emptied.push([e, words]);
    else if (e.textContent.trim().length > 1) // axe passes over single letters
      seen.set(look, (seen.get(look) ?? 0) + 1);
  }
  for (const [e, words] of emptied) {
    for (const word of words) word.remove();
    for (let at = e; !at.childElementCount && !at.textContent.trim() && !at.matches(selector);) {
      const parent = at.parentElement;
      at.remove();
      at = parent;
    }
  }
  return seen.size;
}"""
"""Leaves three pieces of text of each ink, size and ground: contrast depends on nothing else."""


def find_chromium():
    """Return the path of a Chromium or Chrome: one of this machine, else Playwright's own."""
    for path in [*map(shutil.which, NAMES), *PLACES]:
        if path and Path(path).exists():
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if not Path(own).exists():
        raise LookupError("no Chromium here: install Chromium or Chrome")
    return own


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Keep the test output to what failed."""


@contextlib.contextmanager
def serve(folder):
    """Serve a folder on this machine; yields its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_running = []


def chromium():
    """Return the Chromium of this process, started at its first use.

    Without one the test is skipped, and in continuous integration it fails.
    """
    if not _running:
        try:
            path = find_chromium()
        except LookupError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        playwright = sync_playwright().start()
        _running.extend([playwright.chromium.launch(executable_path=path, args=ARGUMENTS), playwright])
    return _running[0]


@atexit.register
def stop():
    """End the Chromium of this process, if there is one."""
    if _running:
        started, playwright = _running
        _running.clear()
        started.close()
        playwright.stop()


@contextlib.contextmanager
def open_page(width=1280, height=900, dark=False, formulas=True, **context):
    """Open a blank page; `context` goes to Playwright (is_mobile, java_script_enabled, ...).

    Without `formulas` the script that typesets them stays away: most of the time that a page needs.
    """
    opened = chromium().new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **context
    )
    try:
        page = opened.new_page()
        page.outside, page.errors = [], []

        def refuse(route):
            page.outside.append(route.request.url)
            route.abort()

        opened.route(OUTSIDE, refuse)
        if not formulas:
            opened.route(MATHJAX, lambda route: route.fulfill(content_type="text/javascript", body=""))
        page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        yield page
    finally:
        opened.close()


def explorers(page):
    """Wait until every explorer of the page is live; return their figures in order."""
    page.wait_for_function(
        "[...document.querySelectorAll('figure.explorer')].every((f) => f.explorerReady)", timeout=READY_MS
    )
    return page.query_selector_all("figure.explorer")


def check_quiet(page):
    """No script error, and no request to another server."""
    assert page.outside == []
    assert page.errors == []


def check_axe(page, selector="figure.explorer, figure.plot"):
    """No accessibility violation inside the elements of a selector."""
    selector = ", ".join(part for part in selector.split(", ") if page.query_selector(part))
    if not selector:
        return
    context = {"include": [[part.strip()] for part in selector.split(",")]}
    result = Axe().run(page, context=context, options=WITHOUT_PRELOAD | {"resultTypes": ["violations"]})
    found = [(v["id"], node["html"][:200]) for v in result.response["violations"] for node in v["nodes"]]
    assert found == []


def check_contrast(page, selector):
    """Text inside a selector stands out from its ground as far as WCAG 2 AA asks; the page is spent."""
    page.evaluate(HOLLOW)
    assert page.evaluate(THIN, selector) > 0
    result = Axe().run(
        page, context={"include": [[selector]]}, options=WITHOUT_PRELOAD | {"runOnly": ["color-contrast"]}
    )
    found = [
        (node["html"][:160], node["any"][0]["message"])
        for violation in result.response["violations"]
        for node in violation["nodes"]
    ]
    assert found == []


def check_page(name, made, site=None):
    """Check one page of the built site with all its explorers; its formulas are the business of `test_site`.

    Parameters
    ----------
    name : str
        The page without ``.html``, e.g. ``"book/cascades"`` or ``"notebooks/cascades"``.
    made : list of llma.explore.Explorer
        The explorers of the page in order.
    site : path, optional
        The folder of the site, `SITE` by default.
    """
    with serve(site or SITE) as address, open_page(formulas=False) as page:
        page.goto(f"{address}/{name}.html")
        drawn = explorers(page)
        titles = [figure.query_selector("figcaption").inner_text() for figure in drawn]
        assert titles == [explorer.title for explorer in made]
        fresh = ["figure.plot"]
        swept = []
        for figure, explorer in zip(drawn, made, strict=True):
            identity = figure.get_attribute("id")
            swept.append(sweep(page, figure, explorer, moves=2 if identity in SWEPT else 6))
            if identity not in SWEPT:
                fresh.append(f"#{identity}")
            SWEPT.add(identity)
        for figure, explorer, seen in zip(drawn, made, swept, strict=True):
            settle(page, figure, explorer, seen)
        page.evaluate("for (const e of document.querySelectorAll('article .math')) e.remove()")
        check_axe(page, ", ".join(fresh))
        page.set_viewport_size({"width": 360, "height": 760})
        assert fits(page), f"{name} is wider than a phone"
        check_quiet(page)


def shown_readouts(figure):
    """Return the read-outs of a figure as a reader sees them: label to text."""
    pairs = figure.query_selector_all(".explorer-numbers > div")
    return {p.query_selector("dt").inner_text(): p.query_selector("dd").inner_text() for p in pairs}


def check_rows(drawn, expected, steps):
    """Compare the rows that Vega holds with those of Python, number by number within the packing step.

    Vega leaves out rows in which a drawn number is missing, and adds columns of its own.
    """
    kept = iter(drawn)
    row = next(kept, None)
    for number, wanted in enumerate(expected):
        if row is not None and _same(row, wanted, steps):
            row = next(kept, None)
        else:
            assert None in wanted.values(), f"row {number}: expected {wanted}, the browser draws {row}"
    assert row is None, f"the browser draws a row that Python does not give: {row}"


def _same(row, wanted, steps):
    for name, value in wanted.items():
        if isinstance(value, float) and row.get(name) is not None:
            if abs(row[name] - value) > 0.51 * steps.get(name, 0.0) + 1e-9 * max(1.0, abs(value)):
                return False
        elif row.get(name) != value:
            return False
    return True


def packing_steps(figure):
    """Return the packing step of each column of numbers."""
    return figure.evaluate(
        """(figure) => {
          const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
          return Object.fromEntries(data.columns.filter((c) => c.step).map((c) => [c.name, c.step]));
        }"""
    )


def check_explorer(page, figure, explorer, moves=6):
    """Check one explorer: `sweep`, then `settle`."""
    settle(page, figure, explorer, sweep(page, figure, explorer, moves))


def sweep(page, figure, explorer, moves=6):
    """Move every slider by keyboard and compare drawing and read-outs with Python at each stop.

    Parameters
    ----------
    page
        A page of `open_page`.
    figure
        One of `explorers(page)`.
    explorer : llma.explore.Explorer
        The one that the figure was made from.
    moves : int
        Stops tried for each slider: both ends and steps from the first stop upwards.

    Returns
    -------
    dict
        What Python gives at the settings seen, `explorer.at(...)`, the last one last.
    """
    steps = packing_steps(figure)
    setting = explorer.start
    known = {}
    assert figure.query_selector("figcaption").inner_text() == explorer.title
    _compare(figure, explorer, setting, steps, known)
    for slider in explorer.sliders:
        figure.query_selector(f"input[id$='-{slider.name}']").focus()
        last = len(slider.values) - 1
        path = [("Home", 0)] + [("ArrowRight", k) for k in range(1, min(last, moves - 1))] + [("End", last)]
        for key, stop in path:
            page.keyboard.press(key)
            setting[slider.name] = slider.values[stop]
            _compare(figure, explorer, setting, steps, known)
    last = tuple(setting.values())
    known[last] = known.pop(last)  # to the end
    return known


def settle(page, figure, explorer, seen):
    """After a sweep: the last read-outs are spoken, and a click on the reset button leads back.

    They are spoken a while after the last move, so a page with several explorers is swept first and
    settled then: the wait has passed.
    """
    _, readouts = list(seen.values())[-1]
    spoken = "; ".join(f"{label}: {text}" for label, text in readouts.items())
    said = figure.query_selector(".explorer-say")
    with contextlib.suppress(PlaywrightTimeout):  # the assertion shows both texts
        page.wait_for_function("([e, text]) => e.innerText === text", arg=[said, spoken], timeout=3_000)
    assert said.inner_text() == spoken
    reset = figure.query_selector(".explorer-reset")
    reset.evaluate("(button) => button.scrollIntoView({ block: 'center', behavior: 'instant' })")
    reset.click()
    _compare(figure, explorer, explorer.start, packing_steps(figure), seen)


def _compare(figure, explorer, setting, steps, known):
    """Compare one setting with Python, evaluated once."""
    shown = json.loads(figure.evaluate(STATE))
    key = tuple(setting.values())
    if key not in known:
        known[key] = explorer.at(**setting)
    rows, readouts = known[key]
    check_rows(shown["rows"], rows, steps)
    assert dict(shown["readouts"]) == readouts
    stops = [slider.texts[slider.values.index(setting[slider.name])] for slider in explorer.sliders]
    assert shown["stops"] == stops


def fits(page):
    """Return whether the page is no wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def tab_order(page, presses):
    """Return the ids, or tags, that so many presses of Tab visit, looking into shadow roots."""
    seen = []
    for _ in itertools.repeat(None, presses):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => { let at = document.activeElement;
                while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                return at.id || at.className || at.tagName; }"""
            )
        )
    return seen
