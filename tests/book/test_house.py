"""What holds for the sources as a whole: derived addresses, notebooks, links both ways, nothing private."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from book._ext.book_build import toc_files
from tools import secrets_check, sync

ROOT = Path(__file__).resolve().parents[2]
TOC = toc_files(yaml.safe_load((ROOT / "_toc.yml").read_text()))
CHAPTERS = [name.removeprefix("notebooks/") for name in TOC if name.startswith("notebooks/")]
SHOWROOM = {
    "sensing",
    "agents",
    "herd",
    "data",
    "figures",
    "charts",
    "sliders",
    "grids",
    "pages",
    "live",
    "explore",
    "explorers",
}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def tracked() -> list[Path]:
    """Return every file that git tracks and that is there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in names.stdout.split("\0") if name and (ROOT / name).is_file()]


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text())["cells"]


def test_everything_derived_from_the_address_is_fresh():
    assert sync.stale() == [], "run `make sync`"


def test_the_address_stands_in_one_place_only():
    address, _ = sync.facts()
    derived = {path for path, _ in sync.derived()} | {ROOT / "pyproject.toml"}
    holders = {path for path in tracked() if address.encode() in path.read_bytes()}
    assert holders <= derived


def test_a_stale_setup_cell_is_noticed():
    book = {
        "cells": [{"cell_type": "code", "metadata": {"tags": ["setup"]}, "source": "x = 1", "outputs": []}]
    }
    renewed = json.loads(sync.notebook(json.dumps(book)))
    assert "".join(renewed["cells"][0]["source"]) == sync.setup_cell()
    compile(sync.setup_cell(), "set-up cell", "exec")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_clean(path):
    book = json.loads(path.read_text())
    setups = [cell for cell in book["cells"] if "setup" in cell["metadata"].get("tags", [])]
    assert len(setups) == 1
    assert "".join(setups[0]["source"]) == sync.setup_cell()
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code[0] is setups[0] or "parameters" in code[0]["metadata"].get("tags", [])
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    identities = [cell["id"] for cell in book["cells"]]
    assert len(set(identities)) == len(identities)
    assert book["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_show_no_raw_myst(path):
    text = "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")
    assert not re.search(r"\{(?:prf|doc|ref|cite|eq|numref|math)[:\w]*\}`", text), (
        "a MyST role shows raw on Colab"
    )
    assert not re.search(r"^(?:```|:::)\{", text, re.MULTILINE), "a MyST directive shows raw on Colab"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_of_notebooks_have_alternative_text(path):
    for cell in cells(path):
        source = "".join(cell["source"])
        assert "plt.show" not in source, "use llma.figures.show(figure, alt=...)"


@pytest.mark.parametrize("slug", CHAPTERS)
def test_theory_and_notebook_link_to_each_other(slug):
    theory = (ROOT / "book" / f"{slug}.md").read_text()
    notebook = "\n".join("".join(cell["source"]) for cell in cells(ROOT / "notebooks" / f"{slug}.ipynb"))
    assert f"../notebooks/{slug}" in theory
    assert f"../book/{slug}" in notebook


def test_every_page_of_the_contents_has_a_source():
    assert [name for name in TOC if not list((ROOT / name).parent.glob(Path(name).name + ".*"))] == []


def test_no_secret_is_tracked():
    assert [line for path in tracked() for line in secrets_check.findings(path)] == []


def test_a_secret_would_be_found(tmp_path):
    file = tmp_path / "cell.txt"
    file.write_text("key = 'sk-" + "a" * 30 + "'\n")
    (line,) = secrets_check.findings(file)
    assert "OpenAI key" in line
    assert "aaaa" not in line


def test_no_path_of_one_machine_is_tracked():
    pattern = re.compile(rb"(^|[^a-z.])/(?:work|root|farm|tmp)/")
    skip = {ROOT / "tests" / "book" / "test_house.py"}
    assert [
        p
        for p in tracked()
        if p not in skip and p.suffix != ".safetensors" and pattern.search(p.read_bytes())
    ] == []


def test_no_reference_stands_twice():
    keys = re.findall(r"(?m)^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text())
    assert len(keys) > 30
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_nothing_makes_an_output_widget():
    """It can make nbclient miss the reply of a cell: see `llma.live`."""
    maker = re.compile(r"\b(?:widgets\.Output|import .*\bOutput\b|interact(?:_manual|ive|ive_output)?\()")
    assert maker.search("widgets.interactive_output(draw, sliders)")
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "book").glob("*.md"), *NOTEBOOKS]
    assert [path.name for path in sources if maker.search(path.read_text())] == []


def test_import_is_light():
    code = "import sys, llma; print(sorted({'torch', 'transformers', 'openai'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_explorers_of_every_chapter_are_moved_in_a_browser():
    tests = [path.read_text() for path in (ROOT / "tests" / "book").glob("test_*.py")]
    named = (
        re.findall(r'"((?:book|notebooks)/[\w-]+)"', text) for text in tests if "browser.check_page(" in text
    )
    checked = {page for pages in named for page in pages}
    wanted = {f"{folder}/{slug}" for slug in CHAPTERS for folder in ("book", "notebooks")}
    assert wanted - checked == set()


def test_numerics_do_not_import_the_showroom():
    names = "|".join(sorted(SHOWROOM))
    showroom = re.compile(
        rf"^\s*(?:(?:from|import) llma\.(?:{names})\b|from llma import [^#\n]*\b(?:{names})\b)", re.MULTILINE
    )
    assert showroom.search("    from llma import bayes, figures")
    library = ROOT / "src" / "llma"
    for path in sorted(library.rglob("*.py")):
        if path.relative_to(library).parts[0].removesuffix(".py") not in SHOWROOM | {"__main__"}:
            assert not showroom.search(path.read_text()), path.name
