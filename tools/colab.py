"""Run every notebook as Colab would: alone, in an empty folder, with a Python whose packages must not change.

`python tools/colab.py` makes two environments with the running Python (3.13 on Colab), one with the newest
packages and one with Colab's own pins, and runs the notebooks in both; `--here` uses the running Python and
its packages as they are (for Colab's runtime image). The book is cloned from this working copy's last commit,
through the set-up cell, exactly as a reader's notebook fetches a release.

At the end of each run a cell moves every slider of the notebook to both of its ends, because explorers
draw with the widgets of the environment. An explorer that fails fails that cell.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "tools" / "colab-pins.txt"
RELEASE = "colab-check"
MOVE = """
import gc, ipywidgets
sliders = [thing for thing in gc.get_objects() if type(thing) is ipywidgets.SelectionSlider]
for slider in sliders:
    slider.index = 0
    slider.index = len(slider.options) - 1
print(len(sliders), "sliders moved", end="")
"""
RUN = (
    "import sys, nbformat, nbclient; book = nbformat.read(sys.argv[1], 4);"
    f"book.cells.append(nbformat.v4.new_code_cell({MOVE!r}));"
    "nbclient.NotebookClient(book, timeout=60, kernel_name='python3').execute();"
    "nbformat.write(book, sys.argv[1])"
)
LIST = (
    "import importlib.metadata as m;"
    "print(*sorted(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
)


def output(*command: str | Path, **options: object) -> str:
    """Run a command and return what it printed; its own words are shown when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:3]))} ... failed:\n{done.stderr[-3000:]}")
    return str(done.stdout)


def environment(folder: Path, packages: list[str]) -> Path:
    """Make a virtual environment and return its Python."""
    output(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    output(python, "-m", "pip", "install", "-q", *packages)
    return python


def newest() -> list[str]:
    """Return the names of Colab's packages without their versions; the kernel stays at 6, as on Colab."""
    lines = [line.split("#")[0].strip() for line in PINS.read_text().splitlines()]
    names = [line.split("==")[0] for line in lines if line]
    return ["ipykernel<7" if name == "ipykernel" else name for name in names]


def release(folder: Path) -> str:
    """Clone this working copy's last commit, tag it, and return the clone's address."""
    output("git", "clone", "-q", ROOT, folder)
    output("git", "-C", folder, "tag", RELEASE)
    return f"file://{folder}"


def run(python: Path, notebook: Path, address: str) -> tuple[bool, str]:
    """Run one notebook alone in an empty folder; return whether all is well, and what there is to say."""
    with tempfile.TemporaryDirectory() as home:
        work = Path(home) / "content"
        work.mkdir()
        copy = Path(shutil.copy(notebook, work))
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        settings = keep | {
            "HOME": home,
            "LLMA_SOURCE": address,
            "LLMA_RELEASE": RELEASE,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONNOUSERSITE": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        before = output(python, "-I", "-c", LIST)
        try:
            output(python, "-I", "-c", RUN, copy, cwd=work, env=settings)
        except RuntimeError as error:
            return False, str(error)
        if output(python, "-I", "-c", LIST) != before:
            return False, "installed packages changed"
        moved = json.loads(copy.read_text())["cells"][-1]["outputs"][0]["text"]
        return True, f"ok, packages unchanged, {''.join(moved)}"


def main() -> None:
    """Run every notebook in every environment; exit 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "notebooks", nargs="*", type=Path, default=sorted((ROOT / "notebooks").glob("*.ipynb"))
    )
    parser.add_argument("--here", action="store_true", help="the running Python, its packages as they are")
    chosen = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        address = release(Path(folder) / "book")
        if chosen.here:
            pythons = {"this Python": Path(sys.executable)}
        else:
            pythons = {
                "newest packages": environment(Path(folder) / "newest", newest()),
                "Colab's pins": environment(Path(folder) / "pins", ["-r", str(PINS)]),
            }
        for name, python in pythons.items():
            for notebook in chosen.notebooks:
                start = time.perf_counter()
                well, verdict = run(python, notebook, address)
                failed += not well
                print(f"{name}: {notebook.name}: {time.perf_counter() - start:.1f} s: {verdict}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
