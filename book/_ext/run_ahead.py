"""Run the cells of all pages that are to be read, several kernels at once.

MyST-NB runs a page's cells while Sphinx reads the page, so one kernel works and the other processors wait.
Here the pages that are about to be read, and whose outputs are not in the cache, are run before: `JOBS`
kernels at a time (an environment variable, 2 without it), theory pages before notebooks, so that a notebook
finds the tables of its explorers evaluated (see `llma.grids`). The outputs go into the cache from which
MyST-NB then takes them.

A page whose cells fail leaves nothing there: MyST-NB runs it again where it stands and reports the error.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

log = logging.getLogger(__name__)


class Page(NamedTuple):
    """A page with cells to run."""

    path: Path
    notebook: NotebookNode
    project: dict[str, Any]


def pages_to_run(env: BuildEnvironment, cache: Any, names: list[str]) -> list[Page]:
    """Return the pages among `names` that MyST-NB would run, in alphabetical order."""
    found = []
    for name in sorted(names):
        path = Path(env.doc2path(name))
        text = path.read_text(encoding="utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
        if reader is None:  # Markdown without cells
            continue
        notebook = reader.read(text)
        if env.mystnb_config.metadata_key in notebook.metadata:  # a page with settings of its own
            continue
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            project = {} if reader.read_fmt is None else {"read_data": reader.read_fmt}
            found.append(Page(path, notebook, project))
    return found


def run_ahead(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Run the pages among `names` whose outputs are not in the cache, and put them there."""
    config = env.mystnb_config
    if config.execution_mode != "cache":
        return
    cache = get_cache(config.execution_cache_path)
    pages = pages_to_run(env, cache, names)
    jobs = int(os.environ.get("JOBS", "2"))
    log.info("cells: %d pages to run, %d at a time", len(pages), jobs)

    def run(page: Page) -> ExecutionResult:
        return single_nb_execution(
            page.notebook, str(page.path.parent), config.execution_timeout, config.execution_allow_errors
        )

    with ThreadPoolExecutor(jobs) as pool:
        for page, result in zip(pages, pool.map(run, pages), strict=True):
            shown = page.path.relative_to(app.srcdir)
            if result.err is not None:
                log.info("cells: %s failed\n%s", shown, result.exc_string)
                continue
            record = cache.add_nb_to_project(str(page.path), **page.project)
            bundle = CacheBundleIn(page.notebook, record.uri, data={"execution_seconds": result.time})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            log.info("cells: %s ran in %.1f s", shown, result.time)


def setup(app: Sphinx) -> dict[str, bool]:
    """Run them when Sphinx knows which pages it will read."""
    app.connect("env-before-read-docs", run_ahead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
