"""The built site in a real browser with the network off: every page of the table of contents."""

import gzip
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from book._ext.book_build import toc_files
from tests.book import browser
from tools import sync

ROOT = Path(__file__).resolve().parents[2]
PAGES = toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))
PAGE_LIMIT = 1_000_000
EQUATIONS_READY = "() => !window.MathJax || window.MathJax.startup?.promise?.then(() => true)"

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def address():
    assert (browser.SITE / "index.html").is_file(), "no site in _build/html: run `make book BUILD_ONLY=1`"
    with browser.serve(browser.SITE) as where:
        yield where


def ready(page):
    """Wait for equations and explorers."""
    page.wait_for_function(EQUATIONS_READY, timeout=browser.READY_MS)
    browser.explorers(page)


def overflowing(page):
    """Return the words of the first elements that stick out of the window."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article *")]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .filter((e) => !e.closest("mjx-container, pre, table"))
          .slice(0, 3).map((e) => e.tagName + ": " + e.textContent.slice(0, 80))"""
    )


def cut_formulas(page):
    """Return the inline formulas that are wider than the room they have."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article span.math")]
          .map((e) => [e, e.querySelector("mjx-math")?.getBoundingClientRect().width])
          .filter(([e, width]) => e.clientWidth && width > e.clientWidth + 1)
          .map(([e, width]) => [e.textContent.slice(0, 60), width, e.clientWidth])"""
    )


def unfold(page):
    """Open every fold of the article."""
    page.evaluate("for (const fold of document.querySelectorAll('article details')) fold.open = true")


def check_theme_and_contrast(page, theme):
    """The page follows the reader's system, and its text stands out from its ground."""
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    unfold(page)
    browser.check_contrast(page, "article")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_quiet_fits_a_phone_and_has_contrast(name, address):
    with browser.open_page() as page:
        page.goto(f"{address}/{name}.html")
        ready(page)
        written = page.evaluate("document.querySelectorAll('article .math').length")
        drawn = page.evaluate("document.querySelectorAll('article .math mjx-container').length")
        assert written == 0 or drawn >= written
        assert page.evaluate("document.querySelectorAll('mjx-merror').length") == 0
        assert "%s" not in page.inner_text("article"), "a reference without its number"
        nameless = "img:not([alt]), img[alt=''], svg[role=img]:not([aria-label], [aria-labelledby])"
        assert page.evaluate(f"[...document.querySelectorAll(`article :is({nameless})`)].length") == 0
        page.set_viewport_size({"width": 360, "height": 760})
        page.wait_for_timeout(300)
        assert browser.fits(page), overflowing(page)
        unfold(page)
        assert cut_formulas(page) == []
        page.set_viewport_size({"width": 1280, "height": 900})
        browser.check_quiet(page)
        check_theme_and_contrast(page, "light")


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_from_the_file_system_and_has_contrast_in_the_dark(name):
    """Formulas of every page are typeset above; from the file system, those of a page of each folder."""
    typeset = name in ("book/cascades", "notebooks/cascades")
    with browser.open_page(dark=True, formulas=typeset) as page:
        page.goto((browser.SITE / f"{name}.html").as_uri())
        if typeset:
            ready(page)
        else:
            browser.explorers(page)
        drawn = page.evaluate("document.querySelectorAll('article .math mjx-container').length")
        assert (drawn > 0) == typeset
        browser.check_quiet(page)
        check_theme_and_contrast(page, "dark")


@pytest.mark.parametrize("name", PAGES)
def test_figures_stand_without_scripts(name, address):
    if 'class="explorer"' not in (browser.SITE / f"{name}.html").read_text():
        return
    with browser.open_page(java_script_enabled=False) as page:
        page.goto(f"{address}/{name}.html")
        for figure in page.query_selector_all("figure.explorer"):
            assert figure.query_selector(".explorer-chart svg").bounding_box()["width"] > 200
            assert figure.query_selector(".explorer-numbers dd").inner_text()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light(name):
    assert len(gzip.compress((browser.SITE / f"{name}.html").read_bytes())) < PAGE_LIMIT


def test_links_inside_the_site_lead_somewhere():
    identities = {}
    broken = []
    for name in PAGES:
        file = browser.SITE / f"{name}.html"
        text = file.read_text()
        article = text[text.index("<article") : text.index("</article>")]
        for link in re.findall(r'href="([^"]+)"', article):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (file.parent / unquote(path)).resolve() if path else file
            if target not in identities:
                exists = target.is_file()
                identities[target] = set(re.findall(r'id="([^"]+)"', target.read_text())) if exists else None
            known = identities[target]
            if known is None or (anchor and target.suffix == ".html" and unquote(anchor) not in known):
                broken.append(f"{name}: {link}")
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_notebooks_and_only_they_open_on_colab(name):
    text = (browser.SITE / f"{name}.html").read_text()
    links = re.findall(r'href="(https://colab[^"]+)"', text)
    if name.startswith("notebooks/"):
        owner_and_name = sync.facts()[0].split("github.com/")[1]
        assert links == [f"https://colab.research.google.com/github/{owner_and_name}/blob/main/{name}.ipynb"]
    else:
        assert links == []


def test_the_site_holds_no_sources():
    assert not (browser.SITE / "_sources").exists()
