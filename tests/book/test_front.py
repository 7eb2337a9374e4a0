"""The pages that are no chapter: what they print, list and link is true."""

import re
from pathlib import Path

import numpy as np
import pytest

from llma.explorers import protocol
from tests.book.test_house import CHAPTERS, SHOWROOM, TOC

ROOT = Path(__file__).resolve().parents[2]
PAGES = {path.stem: path.read_text() for path in (ROOT / "book").glob("*.md")}
FRONT = ("preface", "tour", "toolbox", "notation", "glossary", "errata", "execution", "api")


def test_the_six_agents_of_the_readme():
    walk = protocol.belief_walk()
    found = walk.evaluate(**walk.start)
    crowd, shared = np.split(found["belief"], 2)
    reviews = f"{walk.start['first']} {walk.start['then']}".split()
    lines = {
        "review": reviews,
        "says": found["they say"].split(),
        "crowd": [f"{q:.3f}" for q in crowd[1:]],
        "all told": [f"{q:.3f}" for q in shared[1:]],
    }
    readme = (ROOT / "README.md").read_text()
    for name, entries in lines.items():
        (line,) = [line for line in readme.splitlines() if line.startswith(f"    {name} ")]
        assert line.removeprefix(f"    {name} ").split()[:6] == entries
    assert reviews.count("bad") == 4
    assert set(lines["says"]) == {"yes"}


def imported(path: Path) -> set[str]:
    """Return the modules and packages of the library that a file imports."""
    names = r"(\w+(?:,\s*\w+)*)"
    text = path.read_text()
    found = set(re.findall(r"^\s*from llma\.(\w+)", text, re.MULTILINE))
    for group in re.findall(rf"^\s*from llma import \(?\s*{names}", text, re.MULTILINE):
        found |= set(re.split(r",\s*", group))
    return found - {"__version__"}


def test_the_table_of_modules_is_the_library():
    library = ROOT / "src" / "llma"
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"(?m)^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text)
    order = [name for name, _ in rows]
    here = {path.name.removesuffix(".py") for path in library.iterdir()}
    here -= {"__init__", "__main__", "__pycache__", "py.typed", "datasets"}
    assert sorted(order) == sorted(here - SHOWROOM)
    for k, name in enumerate(order):
        paths = (
            [library / f"{name}.py"] if (library / f"{name}.py").exists() else (library / name).rglob("*.py")
        )
        for path in paths:
            assert imported(path) <= set(order[: k + 1]), f"{path} imports what stands below {name}"
    named = {slug for _, chapters in rows for slug in re.findall(r"`([\w-]+)`", chapters)}
    assert named <= set(CHAPTERS)


def test_imports_are_found():
    assert {"checks", "social"} <= imported(ROOT / "src" / "llma" / "incentives" / "agents.py")


def test_the_reference_has_every_module():
    pages = [name for name in PAGES if name == "api" or name.startswith("api-")]
    assert {f"book/{name}" for name in pages} <= set(TOC)
    documented = {name for page in pages for name in re.findall(r"automodule:: llma\.(\w+)", PAGES[page])}
    here = {path.name.removesuffix(".py") for path in (ROOT / "src" / "llma").iterdir()}
    here -= {"__init__", "__main__", "__pycache__", "py.typed", "datasets", "explorers"}
    assert documented == here


def test_the_preface_names_every_chapter():
    named = set(re.findall(r"\{doc\}`(?:[^<`]*<)?([\w-]+)>?`", PAGES["preface"]))
    assert set(CHAPTERS) <= named


@pytest.mark.parametrize("page", FRONT)
def test_links_lead_somewhere(page):
    text = PAGES[page]
    labels = {label for source in PAGES.values() for label in re.findall(r"(?m)^\(([\w-]+)\)=$", source)}
    proofs = {label for source in PAGES.values() for label in re.findall(r"(?m)^:label: ([\w-]+)$", source)}
    terms = {line for line in PAGES["glossary"].splitlines() if line and not line.startswith(" ")}
    targets = {"doc": set(PAGES), "ref": labels, "prf:ref": proofs, "term": terms}
    links = re.findall(r"\{(doc|ref|prf:ref|term)\}`(?:[^<`]*<)?([^<>`]+)>?`", text)
    assert [link for link in links if link[1].strip() not in targets[link[0]]] == []


def test_words_of_the_glossary_are_sorted_and_explained():
    body = PAGES["glossary"].partition("```{glossary}\n")[2].rpartition("```")[0]
    entries = [block.partition("\n") for block in re.split(r"\n\s*\n", body.strip())]
    words = [word for word, _, _ in entries]
    assert words == sorted(set(words), key=lambda word: word.lower().replace("-", " "))
    bare = [word for word, _, text in entries if not re.search(r"\{(?:doc|ref|prf:ref|term)\}`", text)]
    assert set(bare) <= {"action", "nat"}


def words_linked(page: str) -> list[str]:
    """Return the words of the glossary to which a page links, in their order, with repetitions."""
    return re.findall(r"\{term\}`(?:[^<`]*<)?([^<>`]+)>?`", PAGES[page])


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapters_link_the_words_that_they_borrow(page):
    assert len(set(words_linked(page))) >= 3


@pytest.mark.parametrize("page", sorted(PAGES))
def test_words_linked_are_in_the_glossary_and_none_twice(page):
    words = words_linked(page)
    glossary = PAGES["glossary"].splitlines()
    assert [word for word in words if word not in glossary] == []
    assert sorted({word for word in words if words.count(word) > 1}) == []


def ledger() -> list[tuple[str, str, str]]:
    rows = [line.strip("|").split(" | ") for line in PAGES["errata"].splitlines() if line.startswith("| ")]
    return [(claim, finding, evidence) for claim, finding, evidence in rows if evidence.strip() != "evidence"]


def test_numbers_of_the_ledger_stand_in_the_chapter_that_it_names():
    """Each chapter's own tests recompute them there."""
    rows = ledger()
    assert len(rows) > 20
    missing = []
    for _, finding, evidence in rows:
        slugs = re.findall(r"\{(?:doc|ref|prf:ref)\}`(?:[^<`]*<)?([\w-]+)>?`", evidence)
        pages = [page for page in CHAPTERS if any(s == page or s.startswith(page + "-") for s in slugs)]
        assert pages, f"no chapter in {evidence!r}"
        text = "".join(PAGES[page] for page in pages)
        for whole, part in re.findall(r"(?<![\w.^{/-])(\d*)\.(\d+)", finding):
            start = "0?" if whole in {"", "0"} else whole
            if not re.search(rf"(?<!\d){start}\.{part}(?!\d)", text):
                missing.append((pages, f"{whole}.{part}"))
    assert missing == []
