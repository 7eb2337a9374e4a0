"""Rewrite what is derived from pyproject.toml: `python tools/sync.py`, or `--check` to compare only.

The public address and the version stand once, in pyproject.toml. From there come the set-up cell of every
notebook, the badges of the README, the repository line of `_config.yml` and the address in CITATION.cff.
"""

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SETUP_CELL = """\
# Set-up: finds the book's library, or fetches it once (on Colab). It installs and changes nothing.
import importlib.util
import os
import pathlib
import subprocess
import sys

if importlib.util.find_spec("llma") is None:
    source = os.environ.get("LLMA_SOURCE", "{address}")
    release = os.environ.get("LLMA_RELEASE", "v{version}")
    here = pathlib.Path.cwd()
    clones = [folder for folder in (here, *here.parents) if (folder / "src" / "llma").is_dir()]
    clone = clones[0] if clones else here / f"llma-{{release}}"
    if not clone.exists():
        command = ["git", "clone", "-q", "-c", "advice.detachedHead=false", "--depth=1", "-b", release]
        try:
            subprocess.run([*command, source, clone], check=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            remedy = "check the connection and the address, then run this cell again."
            raise RuntimeError(f"Could not fetch {{source}} ({{release}}): {{remedy}}") from error
    sys.path.insert(0, str(clone / "src"))
    importlib.invalidate_caches()
"""


def facts() -> tuple[str, str]:
    """Return the public address and the version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["urls"]["Repository"], project["version"]


def setup_cell() -> str:
    """Return the source of the set-up cell that every notebook carries."""
    address, version = facts()
    return SETUP_CELL.format(address=address, version=version).rstrip("\n")


def notebook(text: str) -> str:
    """Return a notebook with the set-up cell filled in and every output removed."""
    content = json.loads(text)
    for cell in content["cells"]:
        if "setup" in cell["metadata"].get("tags", []):
            cell["source"] = setup_cell().splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def site() -> str:
    """Return the address of the published site, as the pages service derives it from the repository."""
    owner, name = facts()[0].rstrip("/").split("/")[-2:]
    return f"https://{owner.lower()}.github.io/{name}/"


def badges() -> str:
    """Return the lines between the marks of the README."""
    address = facts()[0]
    return (
        f"[![Tests]({address}/actions/workflows/test.yml/badge.svg)]({address}/actions/workflows/test.yml)\n"
        f"[![Read the book](https://img.shields.io/badge/read-the%20book-0b6e99)]({site()})\n"
    )


def readme(text: str) -> str:
    """Return the README with its badges and addresses."""
    address = facts()[0]
    text = re.sub(r"(?s)(<!-- badges -->\n).*?(<!-- /badges -->)", rf"\g<1>{badges()}\g<2>", text)
    return re.sub(r"git clone \S+", f"git clone {address}", text)


def config(text: str) -> str:
    """Return `_config.yml` with the repository's address."""
    text = re.sub(r"(?m)^(  url: ).*$", rf"\g<1>{facts()[0]}", text)
    return re.sub(r"(?m)^(  baseurl: ).*$", rf"\g<1>{site()}", text)


def citation(text: str) -> str:
    """Return CITATION.cff with address and version."""
    address, version = facts()
    text = re.sub(r"(?m)^repository-code: .*$", f"repository-code: {address}", text)
    return re.sub(r"(?m)^version: .*$", f"version: {version}", text)


def package(text: str) -> str:
    """Return the package's `__init__` with its version."""
    return re.sub(r'(?m)^__version__ = ".*"$', f'__version__ = "{facts()[1]}"', text)


def derived() -> Iterator[tuple[Path, Callable[[str], str]]]:
    """Yield every file that holds something derived, with the function that renews it."""
    yield ROOT / "README.md", readme
    yield ROOT / "_config.yml", config
    yield ROOT / "CITATION.cff", citation
    yield ROOT / "src/llma/__init__.py", package
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts):
            yield path, notebook


def stale() -> list[Path]:
    """Return the files that `make sync` would change."""
    return [path for path, renew in derived() if renew(path.read_text()) != path.read_text()]


def main() -> None:
    """Renew every file, or only name the stale ones."""
    changed = stale()
    if "--check" not in sys.argv[1:]:
        for path, renew in derived():
            if path in changed:
                path.write_text(renew(path.read_text()))
    for path in changed:
        print(path.relative_to(ROOT))
    sys.exit(1 if changed and "--check" in sys.argv[1:] else 0)


if __name__ == "__main__":
    main()
