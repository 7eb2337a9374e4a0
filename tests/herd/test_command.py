"""The command line. A few tests run it as a reader does, in a process of its own; the others in this one."""

import csv
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from llma.__main__ import main
from llma.data import DATASETS
from llma.sensing import ScriptedSensor
from tests.sensing.server import serving

KEYS = "defects,durable,expect,recommend"
SCRIPTED = ("--sensor", "scripted:script.csv", "--likelihood", "likelihood.json")
GOOD, BAD = "0,1,1,1", "1,0,0,0"


def llma(folder, *arguments):
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"}
    return subprocess.run(
        [sys.executable, "-m", "llma", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def folder(tmp_path, table_of_reviews):
    """A folder with texts, a script of their answers, and a likelihood."""
    rows = [
        ("It works.", GOOD),
        ("It broke.", BAD),
        ("Still fine.", GOOD),
        ("Good value.", GOOD),
        ("=ugly", BAD),
    ]
    script = "\n".join([f"text,{KEYS}", *(f"{text},{answers}" for text, answers in rows)])
    (tmp_path / "script.csv").write_text(script + "\n")
    (tmp_path / "reviews.csv").write_text("\n".join(["text", *(text for text, _ in rows)]) + "\n")
    return tmp_path


@pytest.fixture
def herd(folder, monkeypatch, capsys):
    """The command in this process, in that folder."""
    monkeypatch.chdir(folder)

    def call(*arguments, file="reviews.csv"):
        try:
            status = main(["herd", file, *SCRIPTED, *arguments])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=printed.out, stderr=printed.err)

    return call


def test_a_clean_file_ends_with_status_0_and_two_files(folder):
    arguments = ("--prior", "0.99", "--cost", "1,1", "--tie", "low")
    done = llma(folder, "herd", "reviews.csv", *SCRIPTED, *arguments)
    assert done.returncode == 0, done.stderr
    assert "the cascade begins" in done.stdout
    assert "written: herd.csv and herd.svg" in done.stdout
    assert "reading" in done.stderr
    assert "reading" not in done.stdout
    with (folder / "herd.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["bit_defects"] for row in rows] == ["0", "1", "0", "0", "1"]
    assert rows[-1]["text"] == "'=ugly"
    assert (folder / "herd.svg").read_text().startswith("<?xml")


def test_bad_rows_end_with_status_3_and_their_lines_and_reasons(folder, herd):
    rows = ['"It works.",1', '"",1', "", "It broke.,7", "It broke.,1", '"\x1b[2Jwho?",1', '"Still fine.",1']
    (folder / "mixed.csv").write_text("\n".join(["\ufefftext,state", *rows]), encoding="utf-8")
    done = herd(file="mixed.csv")
    assert done.returncode == 3, done.stderr
    assert "3 rows left out:" in done.stdout
    assert "line 3: the text is empty" in done.stdout
    assert "line 5: state '7' is neither" in done.stdout
    assert "line 7: the script has no such text" in done.stdout
    assert "true state: good product" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("body\nIt works.\n", (), "has no column 'text'; its header has 'body'"),
        ("", (), "is empty"),
        ("text\n", (), "has a header but no rows"),
        ("text\n\x00\n", (), "none of the rows can be read"),
        ("text\nIt works.\n", ("--group", "product"), "no column 'product'"),
        ("text\nIt works.\n", ("--tie", "own"), "'own' needs two states, two observations"),
        ("text\nIt works.\n", ("--prior", "0.2,0.2"), "prior"),
        ("text\nIt works.\n", ("--cost", "0,1"), "both must be positive"),
        ("text\nIt works.\n", ("--likelihood", "shipped"), "belongs to the embedded model"),
        ("text\nIt works.\n", ("--likelihood", "none.json"), "there is no file none.json"),
        ("text\nIt works.\n", ("--out", "none/herd"), "there is no folder none"),
        ("text\nIt works.\n", ("--out", "mine", "--overwrite"), "would replace the input"),
        ("text\nIt works.\n", ("--out", "script"), "script.csv exists; choose another --out"),
        ("text\nIt works.\n", ("--prior", "half"), "must be numbers separated by commas"),
        ("text\nIt works.\n", ("--questions", "weather"), "invalid choice: 'weather'"),
    ],
)
def test_what_cannot_be_done_ends_with_status_2_and_writes_nothing(folder, herd, content, arguments, message):
    (folder / "mine.csv").write_text(content)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = herd(*arguments, file="mine.csv")
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        ("body\nIt works.\n", (), "has no column 'text'; its header has 'body'"),
        ("text,state\nIt works.,0\nIt broke.,1\n", (), "line 2 has state 0 and line 3 has state 1"),
        ("text\n \n", (), "none of the rows can be read"),
        ("text\nIt works.\n", ("--tie", "own"), "'own' needs two states, two observations"),
        ("text\nIt works.\n", ("--prior", "0.2,0.2"), "prior"),
        ("text,box\nIt works.,a\n", ("--group", "box", "--likelihood", "labels"), "a likelihood needs 10"),
    ],
)
def test_input_is_examined_before_existing_output_is_reported(folder, herd, content, arguments, message):
    (folder / "mine.csv").write_text(content)
    assert herd().returncode == 0
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for more in ((), ("--overwrite",)):
        done = herd(*arguments, *more, file="mine.csv")
        assert (done.returncode, message in done.stderr, done.stdout) == (2, True, "")
        assert "reading" not in done.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_existing_output_is_reported_before_the_model_reads(herd):
    assert herd().returncode == 0
    again = herd()
    assert ("herd.csv exists" in again.stderr, "reading" in again.stderr) == (True, False)


def test_a_missing_file_ends_with_status_2(herd):
    done = herd(file="none.csv")
    assert (done.returncode, "there is no file none.csv" in done.stderr) == (2, True)


def test_existing_output_is_replaced_only_when_asked(herd):
    assert herd().returncode == 0
    again = herd()
    assert (again.returncode, "herd.csv exists" in again.stderr) == (2, True)
    assert herd("--overwrite").returncode == 0


def test_the_same_seed_writes_the_same_bytes_and_png_is_possible(folder, herd):
    outputs = []
    for name in ("a", "b"):
        assert herd("--seed", "5", "--out", name, "--format", "png").returncode == 0
        outputs.append((folder / f"{name}.csv").read_bytes())
    assert outputs[0] == outputs[1]
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")


def test_latin_1_is_refused_with_the_remedy_and_read_when_named(folder, herd):
    (folder / "latin.csv").write_bytes("text\nIt works.\nCafé\n".encode("latin-1"))
    done = herd(file="latin.csv")
    assert (done.returncode, "line 3: byte 0xe9 is not utf-8" in done.stderr) == (2, True)
    assert herd("--encoding", "latin-1", file="latin.csv").returncode == 3


def test_the_embedded_model_reads_the_shipped_sample(tmp_path):
    done = llma(tmp_path, "herd", DATASETS / "reviews.csv", "--group", "state")
    assert done.returncode == 0, done.stderr
    assert "sensor     tiny" in done.stdout
    assert "herd 0, true state: bad product" in done.stdout
    assert "herd 1, true state: good product" in done.stdout


def test_a_text_longer_than_the_context_is_left_out_with_a_notice(tmp_path, monkeypatch, capsys):
    (tmp_path / "long.csv").write_text("text\nIt broke.\n" + "word " * 3000 + "\n")
    monkeypatch.chdir(tmp_path)
    assert main(["herd", "long.csv"]) == 3
    printed = capsys.readouterr().out
    assert "line 3: with its question it has" in printed
    assert "shorten it or split it" in printed


def test_help_states_the_default_likelihood_and_the_exit_status(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["herd", "--help"])
    assert stop.value.code == 0
    printed = capsys.readouterr().out
    for words in ("The default: it", "exit status", "3 some rows were left out", "Existing files are kept"):
        assert words in printed


def test_answers_are_recorded_and_replayed(folder, herd):
    assert herd("--record", "kept.jsonl").returncode == 0
    first = (folder / "herd.csv").read_bytes()
    assert len((folder / "kept.jsonl").read_text().splitlines()) == 20
    (folder / "script.csv").write_text("text,none\nnobody,1\n")
    assert herd("--record", "kept.jsonl", "--overwrite").returncode == 0
    assert (folder / "herd.csv").read_bytes() == first
    assert herd("--sensor", "record:kept.jsonl", "--overwrite").returncode == 0
    assert (folder / "herd.csv").read_bytes() == first


def test_a_paid_model_is_recorded_limited_and_asked_to_the_end(folder, herd, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = ScriptedSensor(lambda text, question: float("broke" in text))
    paid = ("--sensor", "openai:scripted")
    with serving(model) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        done = herd(*paid)
        assert (done.returncode, "--record answers.jsonl" in done.stderr, len(server.seen)) == (2, True, 0)
        done = herd(*paid, "--record", "kept.jsonl", "--calls", "3")
        assert (done.returncode, len(server.seen)) == (4, 3)
        assert "the run will stop there" in done.stderr
        assert "12 of 20 answers were obtained and are kept" in done.stderr
        assert not (folder / "herd.csv").exists()
        done = herd(*paid, "--record", "kept.jsonl")
        assert (done.returncode, len(server.seen)) == (0, 5)
        assert "openai:scripted: 2 calls" in done.stderr
    assert (folder / "herd.csv").exists()
    done = herd("--calls", "3", "--overwrite")
    assert (done.returncode, "costs nothing" in done.stderr) == (2, True)


def test_a_pipe_that_closes_early_is_no_error(folder):
    rows = "\n".join(["text", *["It works."] * 5000, "Never heard of."])
    (folder / "many.csv").write_text(rows)
    command = [sys.executable, "-m", "llma", "herd", "many.csv", *SCRIPTED]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 3
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors
