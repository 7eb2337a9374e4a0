"""The build side of the book: what kernels see, when cached outputs are stale, what must exist in the end.

jupyter-cache keys a page on the code of its cells only, so a change in the library would leave old numbers
in the book. Here the library itself (code, weights, data) is hashed, with the kept results of the benchmarks
and the versions of what computes and draws; when the hash moves, every page is read again and every cell is
run again. After the build each page of `_toc.yml` must be there, or it fails.
"""

import hashlib
import json
import os
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "src" / "llma"
MEASURED = (ROOT / "benchmarks" / "results", ROOT / "benchmarks" / "support")
BELOW = ("numpy", "scipy", "matplotlib", "altair", "vl-convert-python", "tokenizers")
log = logging.getLogger(__name__)


def library_digest() -> str:
    """Return the sha256 of everything a cell can import or read, and of the versions below it."""
    found = (p for folder in (LIBRARY, *MEASURED) for p in folder.rglob("*"))
    files = sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)
    versions = [sys.version, *(f"{name} {metadata.version(name)}" for name in BELOW)]
    digest = hashlib.sha256("\n".join(versions).encode())
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def prepare_kernels(app: Sphinx) -> None:
    """Tell kernels that they draw for a page, on one thread, where to report and what to share."""
    report, grids = (Path(app.outdir).parent / name for name in ("explorers", "grids"))
    for folder in (report, grids):  # of this build only
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    os.environ |= {
        "BOOK_BUILD": "1",
        "BOOK_REPORT": str(report),
        "BOOK_GRIDS": str(grids),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def drop_stale_outputs(app: Sphinx) -> None:
    """Forget every executed page when the library has changed."""
    cache = Path(app.outdir).parent / ".jupyter_cache"
    stamp = cache / "library.sha256"
    digest = library_digest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        stamp.write_text(digest)
        app.connect("env-get-outdated", read_every_page)


def read_every_page(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return all pages as outdated."""
    return sorted(env.found_docs - added)


def toc_files(node: object) -> list[str]:
    """Return every `root` and `file` entry below a node of `_toc.yml`."""
    if isinstance(node, list):
        return [name for child in node for name in toc_files(child)]
    if isinstance(node, dict):
        own = [str(node[key]) for key in ("root", "file") if key in node]
        return own + [name for child in node.values() for name in toc_files(child)]
    return []


def check_pages(app: Sphinx, exception: Exception | None) -> None:
    """Fail when a page of the table of contents is missing; report what the explorers cost."""
    if exception or app.builder.format != "html":
        return
    contents = Path(app.srcdir) / app.config.external_toc_path
    wanted = toc_files(yaml.safe_load(contents.read_text()))
    missing = [name for name in wanted if not (Path(app.outdir) / f"{name}.html").is_file()]
    if missing:
        raise ExtensionError(f"pages of the table of contents that were not built: {', '.join(missing)}")
    log.info("pages: all %d of the table of contents are built", len(wanted))
    for line in sorted(Path(os.environ["BOOK_REPORT"]).glob("*.json")):
        entry = json.loads(line.read_text())
        log.info("explorer: %s", ", ".join(f"{key} {value}" for key, value in entry.items()))


def launch_notebooks_only(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Take the launch button off theory pages: Colab cannot open a Markdown file."""
    if not page.startswith("notebooks/"):
        buttons = context.get("header_buttons", [])
        context["header_buttons"] = [one for one in buttons if one.get("label") != "launch-buttons"]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the steps above to Sphinx."""
    prepare_kernels(app)
    drop_stale_outputs(app)
    app.connect("html-page-context", launch_notebooks_only, priority=900)
    app.connect("build-finished", check_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
