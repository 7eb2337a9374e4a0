"""The command line: `python -m llma herd FILE` lets a herd of LLM agents read your texts."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from llma import __version__
from llma.herd import report
from llma.herd.planning import plan
from llma.herd.running import perform
from llma.sensing import Budget, BudgetSpentError, OpenAISensor, Sensor, SensorError, open_sensor, record
from llma.sensing.questions import QUESTIONNAIRES
from llma.social import TIE_RULES

CLEAN, USAGE, SKIPPED, STOPPED = 0, 2, 3, 4

DESCRIPTION = """\
Let a herd of LLM agents read texts, one text an agent, in the order of the file. Each agent asks the
embedded language model about its text, sees the actions of the agents before it, and acts. Beliefs and
actions are printed agent by agent, with the place where an information cascade begins."""

EPILOG = """\
the file
  CSV in UTF-8 with a header line; comma, semicolon or tab. Column 'text' is needed. Column 'state' (a number
  or a name) is the truth, if you know it; it must agree within a herd. Rows that cannot be read are left
  out, with line number and reason: empty texts, unknown states, broken quotation marks, and texts that are
  longer than the model's context (they are not cut).

the likelihood
  shipped  p(answers given state) of the embedded model, fitted on the texts of its card. The default: it
           needs no labels and has not seen your texts.
  labels   fitted on your own labels, for each herd on the other groups (needs --group, and 10 texts for
           each state). Never on the herd's own labels, which would make it too sure.
  FILE     a JSON file of the same shape as the shipped likelihood.json.

a model behind a server
  --sensor openai:<model> asks OpenAI, or any server that speaks its protocol if OPENAI_BASE_URL names one.
  The key is read from OPENAI_API_KEY. The number of calls is shown before the first one. A run that was
  interrupted goes on where it stopped when the same command is given again. The shipped likelihood belongs
  to the embedded model; use --likelihood labels or a file.

a model of the Hugging Face hub
  --sensor transformers:<owner/name> fetches a chat model once and runs it on this machine, on a GPU if there
  is one; transformers:<folder> takes its files from a folder. It needs torch and transformers. With --record
  nothing is computed twice. The shipped likelihood belongs to the embedded model here too.

files written
  PREFIX.csv (one row an agent) and PREFIX.svg or PREFIX.png (the public belief). Existing files are kept
  unless --overwrite is given. With --record its FILE, and FILE.index beside it.

exit status
  0 all rows read; 3 some rows were left out; 2 nothing was done (bad argument, no such column, no readable
  row, existing output); 4 the model could not be opened, or not be asked to the end; what it answered is in
  the record."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    main_parser = argparse.ArgumentParser(
        prog="python -m llma", description="The helper library of the interacting-LLMs book."
    )
    main_parser.add_argument("--version", action="version", version=f"llma {__version__}")
    commands = main_parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    herd = commands.add_parser(
        "herd",
        help="let a herd of LLM agents read a file of texts",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    herd.add_argument("file", type=Path, help="CSV file with a column 'text'")
    herd.add_argument(
        "--questions", choices=list(QUESTIONNAIRES), default="product_review", help="default: %(default)s"
    )
    herd.add_argument(
        "--prior",
        type=_numbers,
        metavar="P",
        help="probability of state 1, or one number for each state: 0.2,0.3,0.5; default: all equal",
    )
    herd.add_argument(
        "--cost",
        type=_numbers,
        default=[1.0, 1.0],
        metavar="A,B",
        help="each step of guessing too high costs A, too low costs B; with two states the two regrets; "
        "default: 1,1",
    )
    herd.add_argument(
        "--tie",
        choices=TIE_RULES,
        default="low",
        help="what an agent does when two actions are equally good; with more than one question only "
        "'low', the lowest state, is possible; default: %(default)s",
    )
    herd.add_argument(
        "--likelihood", default="shipped", metavar="shipped|labels|FILE", help="default: %(default)s"
    )
    herd.add_argument("--group", metavar="COLUMN", help="run one herd for each value of this column")
    herd.add_argument("--text", default="text", metavar="COLUMN", help="default: %(default)s")
    herd.add_argument("--state", default="state", metavar="COLUMN", help="default: %(default)s")
    herd.add_argument("--encoding", default="utf-8", help="of the file; default: %(default)s")
    herd.add_argument(
        "--sensor",
        default="tiny",
        metavar="SPEC",
        help="tiny (the embedded model), tiny:<folder>, transformers:<model or folder>, openai:<model>, "
        "record:<file.jsonl> or scripted:<file.csv>; default: %(default)s",
    )
    herd.add_argument(
        "--record",
        metavar="FILE",
        help="keep every answer of the model in this file, and ask only what is not in it; openai:<model> "
        "needs it",
    )
    herd.add_argument(
        "--calls", type=int, metavar="N", help="most requests to openai:<model>; default: as many as it takes"
    )
    herd.add_argument("--seed", type=int, default=0, help="of the drawn answers; default: %(default)s")
    herd.add_argument("--out", default="herd", metavar="PREFIX", help="default: %(default)s")
    herd.add_argument("--format", choices=["svg", "png"], default="svg", help="default: %(default)s")
    herd.add_argument("--overwrite", action="store_true", help="replace existing output files")
    return main_parser


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} must be numbers separated by commas") from error


def herd(args: argparse.Namespace) -> int:
    """Run the command `herd` and return the exit status."""
    ready = plan(
        args.file,
        args.questions,
        args.prior,
        args.cost,
        args.tie,
        likelihood=args.likelihood,
        sensor=_sensor(args),
        group=args.group,
        text=args.text,
        state=args.state,
        encoding=args.encoding,
    )
    table, picture = Path(f"{args.out}.csv"), Path(f"{args.out}.{args.format}")
    _check_outputs((table, picture), args.file, args.overwrite)
    if args.record:
        ready = replace(ready, sensor=record(ready.sensor, args.record))
    found = perform(ready, args.seed, progress=True)
    report.write_csv(found, table)
    report.save(found, picture)
    try:
        for line in report.lines(found):
            print(line)
        print(f"\nwritten: {table} and {picture}", flush=True)
    except BrokenPipeError:
        # The reader of the pipe (`head`) has had enough; the files are written. Without this, Python would
        # complain once more while it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SKIPPED if found.skipped else CLEAN


def _sensor(args: argparse.Namespace) -> Sensor:
    kind, _, model = args.sensor.partition(":")
    if kind != "openai" or not model:
        if args.calls is not None:
            raise ValueError(f"--calls is for openai:<model>; {args.sensor} costs nothing")
        return open_sensor(args.sensor)
    if not args.record:
        raise ValueError(
            "answers of openai:<model> cost money; name a file that keeps them, --record answers.jsonl"
        )
    return OpenAISensor(model, budget=Budget(calls=args.calls))


def _check_outputs(outputs: Sequence[Path], source: Path, overwrite: bool) -> None:
    for path in outputs:
        if not path.parent.is_dir():
            raise ValueError(f"there is no folder {path.parent}; create it, or choose another --out")
        if path.exists() and source.exists() and path.samefile(source):
            raise ValueError(f"the output {path} would replace the input; choose another --out")
        if path.exists() and not overwrite:
            raise ValueError(f"{path} exists; choose another --out, or allow it with --overwrite")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    args = parser().parse_args(arguments)
    # A terminal that lacks a letter shall show its escape code instead of an error.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        return herd(args)
    except (ValueError, FileNotFoundError) as error:
        print(f"llma herd: {error}", file=sys.stderr)
        return USAGE
    except (SensorError, BudgetSpentError) as error:
        print(f"llma herd: {error}", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
