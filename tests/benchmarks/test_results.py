"""Kept results: whole, narrow enough for a phone, all of them on the page, and what the page says of them."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

import pytest

from benchmarks.scoring import clock, counts, material
from benchmarks.support import report, tables
from tests.book.passages import ROOT, printed

PAGE = (ROOT / "book" / "speed.md").read_text()
KEPT = sorted(file.stem for file in report.RESULTS.glob("*.json"))


@pytest.mark.parametrize("module", [clock, counts, material, tables])
def test_examples_of_the_documentation(module):
    failed, attempted = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert (failed, attempted > 0) == (0, True)


def test_every_benchmark_has_results_and_every_table_stands_on_the_page():
    benchmarks = {file.stem for file in (ROOT / "benchmarks").glob("*.py")}
    assert benchmarks <= set(KEPT)
    for name in benchmarks:
        assert f'"{name}"' in PAGE, name
        for title in report.read(name)["tables"]:
            shown = f'"{title}"' in PAGE or title.removesuffix(": conditions") in tables.scoring("sensing")
            assert shown or f'"{name}", title' in PAGE, f"{name}: {title}"


@pytest.mark.parametrize("name", KEPT)
def test_results_say_where_and_when(name):
    kept = report.read(name)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", kept["date"])
    assert {"processor", "cores", "threads", "python"} <= set(kept["machine"])
    assert all(rows for rows in kept["tables"].values())


def test_the_cells_of_the_page_run_and_their_lines_fit_a_phone(capsys, monkeypatch):
    monkeypatch.chdir(ROOT / "book")
    names: dict[str, object] = {}
    cells = re.findall(r"(?ms)^```\{code-cell\}[^\n]*\n(?::tags:[^\n]*\n)?(.*?)^```$", PAGE)
    assert len(cells) > 10
    for cell in cells:
        exec(compile(cell, "cell of book/speed.md", "exec"), names)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 60
    assert [line for line in lines if len(line) > tables.WIDTH] == []


def test_the_page_says_how_many_tokens_packing_saves():
    (title,) = (t for t in report.read("sensing")["tables"] if t.endswith(": conditions"))
    (found,) = tables.rows("sensing", title)
    k, alone, packed = found["questions"], found["tokens_a_prompt"], found["tokens_packed"]
    assert k == 6
    printed(
        "speed-packing",
        f"a prompt has {alone:.0f} tokens on average",
        f"six of them packed have {packed:.0f} in the place of {k * alone:,.0f}",
        f"a factor of {k * alone / packed:.1f}",
    )


def test_the_first_four_ways_agree_and_the_fastest_is_named_first():
    (title,) = (t for t in report.read("sensing")["tables"] if t.endswith(": conditions"))
    (found,) = tables.rows("sensing", title)
    assert found["largest_difference"] <= 1e-5
    lines = tables.rows("sensing", title.removesuffix(": conditions"))
    assert [line["method"] for line in lines][:1] == ["packed"]
    assert min(line["ratio"] for line in lines) == 1
    counted, useful = (
        f"{100 * share:.0f} %" for share in (found["packed_share_all_pairs"], lines[0]["share"])
    )
    printed("speed-sensing", f"It has {counted} if hidden pairs count, and {useful} of useful work")
    assert all(
        line["ratio"] == pytest.approx(lines[0]["texts_per_second"] / line["texts_per_second"], rel=1e-3)
        for line in lines
    )


def test_the_goals_of_explorers_that_were_met_and_missed():
    curves, heat = (line["frame_p95"] for line in tables.rows("explorers", "explorers"))
    assert (curves <= 22, heat <= 80) == (False, True)
    printed("speed-explorers", "22 for curves and 80 for a heat map", "the curves miss theirs")


def test_results_of_a_gpu_are_shown_when_there_are_any(tmp_path, monkeypatch):
    for module in (report, tables):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    assert tables.on_a_gpu() == "No results from a GPU are kept."
    kept = json.loads((ROOT / "benchmarks" / "results" / "sensing.json").read_text())
    kept["machine"]["gpu"] = "a GPU"
    (title,) = (t for t in kept["tables"] if t.endswith(": conditions"))
    kept["tables"][title][0]["data_sheet_gflops"] = 989000.0
    (tmp_path / "sensing-cuda.json").write_text(json.dumps(kept))
    shown = " ".join(tables.on_a_gpu().split())
    assert "gpu a GPU" in shown
    assert "data sheet 989000" in shown


def test_a_table_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="shorten it"):
        tables.table([{"case": "a" * 33, "ms": 1.0}], "case", ms="ms:.1f")


def test_a_report_rounds_numbers_and_keeps_words(tmp_path):
    kept = report.Report("try", "none", report.machine("numpy"))
    kept.add("table", name="one", value=1 / 3, count=7)
    file: Path = tmp_path / "try.json"
    kept.write(file)
    assert json.loads(file.read_text())["tables"] == {"table": [{"name": "one", "value": 0.3333, "count": 7}]}
    kept.write(None)
