"""Third-party scripts of the pages, written when the book is built and never committed.

Vega, which draws the explorers, comes from the bundle in the vl-convert-python wheel; MathJax 3, with the
fonts and the TeX extensions it loads on demand, from the sphinx-mathjax-offline wheel. Both go to ``_vendor``
at the top of the repository, which is copied into ``_static`` of the site. No page asks another server for
anything, so the site also opens from the file system.
"""

import importlib.metadata
import shutil
from pathlib import Path
from typing import Any

import vl_convert
from sphinx.application import Sphinx
from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "_vendor"
STATIC = ROOT / "book" / "_static"
LICENCES = Path(__file__).resolve().parent / "licences"
WHEEL = "sphinx-mathjax-offline"

MATHJAX_USED = ["tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions", "a11y", "sre"]
"""The script, its fonts, TeX macros loaded on demand, and speech, which a reader can turn on in the menu."""


def write_vega(folder: Path) -> Path:
    """Write the Vega bundle unless it is there already, and return its path.

    The bundle is wrapped: its top-level names would clash with those of the theme.
    """
    target = folder / "vega.js"
    version = folder / "VERSION"
    wanted = f"vl-convert-python {vl_convert.__version__}"
    if not (target.is_file() and version.is_file() and version.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        target.write_text(f"(() => {{{script}\n}})();\n", encoding="utf-8")
        version.write_text(wanted)
    shutil.copy(LICENCES / "vega.txt", folder / "LICENSE.txt")
    shutil.copy(LICENCES / "Apache-2.0.txt", folder)
    return target


def write_mathjax(folder: Path) -> Path:
    """Copy the files of MathJax that pages use unless they are there already, and return the entry script."""
    wheel = importlib.metadata.distribution(WHEEL)
    source = Path(str(wheel.locate_file(f"{WHEEL}/static/mathjax")))
    version = folder / "VERSION"
    wanted = f"{WHEEL} {wheel.version}: {' '.join(MATHJAX_USED)}"
    if not (version.is_file() and version.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in MATHJAX_USED:
            if (source / name).is_dir():
                shutil.copytree(source / name, folder / name)
            else:
                shutil.copy(source / name, folder / name)
        shutil.copy(LICENCES / "Apache-2.0.txt", folder / "LICENSE.txt")
        shutil.copy(LICENCES / "mathjax-notice.txt", folder / "NOTICE.txt")
        version.write_text(wanted)
    return folder / "tex-chtml.js"


def provide(app: Sphinx, config: Config) -> None:
    """Write the vendored files and point Sphinx at them and at the book's own."""
    write_vega(VENDOR / "vega")
    write_mathjax(VENDOR / "mathjax")
    config.mathjax_path = "mathjax/tex-chtml.js"
    present = [Path(app.confdir, path).resolve() for path in config.html_static_path]
    config.html_static_path += [str(path) for path in (STATIC, VENDOR) if path not in present]
    for style in sorted(STATIC.glob("*.css")):
        app.add_css_file(style.name)
    for script in sorted(STATIC.glob("*.js")):
        app.add_js_file(script.name, loading_method="defer")


def drop_repeated_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Keep one of the inline scripts that sphinx-thebe registers twice: two are an error in every console."""
    seen: set[str] = set()
    kept = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        if body is None or body not in seen:
            kept.append(script)
        if body is not None:
            seen.add(body)
    context["script_files"][:] = kept


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the steps above to Sphinx."""
    app.connect("config-inited", provide)
    app.connect("html-page-context", drop_repeated_scripts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
