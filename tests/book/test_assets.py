"""Third-party files are written whole, once, with their licences."""

import pytest
import vl_convert
from sphinx.application import Sphinx

from book._ext import assets


def test_vega_is_wrapped_and_cached(tmp_path):
    script = assets.write_vega(tmp_path / "vega")
    text = script.read_text()
    assert text.startswith("(() => {")
    assert text.rstrip().endswith("})();")
    assert "window.vegaEmbed" in text
    script.write_text("kept")
    assert assets.write_vega(tmp_path / "vega").read_text() == "kept"
    (script.parent / "VERSION").write_text("another")
    assert assets.write_vega(tmp_path / "vega").read_text() == text


def test_licences_name_the_versions_of_the_bundle(tmp_path):
    folder = assets.write_vega(tmp_path / "vega").parent
    licence = (folder / "LICENSE.txt").read_text()
    vega, embed = vl_convert.get_vega_version(), vl_convert.get_vega_embed_version()
    lite = max(
        vl_convert.get_vegalite_versions(), key=lambda version: [int(part) for part in version.split(".")]
    )
    for name, version in (("Vega", vega), ("Vega-Lite", lite), ("Vega-Embed", embed)):
        assert f"{name} {version}" in " ".join(licence.split()), "compare the licences with the new packages"
    assert "Apache License" in (folder / "Apache-2.0.txt").read_text()
    # What packages print when they fail tells that they are in the bundle.
    script = (folder / "vega.js").read_text()
    for name, words in (("semver", "Invalid SemVer"), ("fast-json-patch", "OPERATION_NOT_AN_OBJECT")):
        assert words in script
        assert name in licence


def test_mathjax_brings_fonts_extensions_and_licence(tmp_path):
    script = assets.write_mathjax(tmp_path / "mathjax")
    folder = script.parent
    assert script.stat().st_size > 1_000_000
    assert (folder / "output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff").is_file()
    assert (folder / "input/tex/extensions/cancel.js").is_file()
    assert "Apache License" in (folder / "LICENSE.txt").read_text()
    assert "MathJax Consortium" in (folder / "NOTICE.txt").read_text()
    assert not (folder / "tex-svg.js").exists()


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    source = tmp_path / "source"
    source.mkdir()
    (source / "conf.py").write_text(
        "extensions = ['sphinx.ext.mathjax', 'book._ext.assets']\nhtml_theme = 'basic'\n"
        "def setup(app):\n"
        "    app.add_js_file(None, body='const once = 1')\n"
        "    app.add_js_file(None, body='const once = 1', priority=600)\n"
    )
    (source / "index.rst").write_text("Title\n=====\n\n:math:`x`\n")
    return Sphinx(source, source, tmp_path / "out", tmp_path / "trees", "html", status=None)


def test_a_built_page_finds_its_files_and_asks_nobody_else(app):
    app.build()
    out = app.outdir
    page = (out / "index.html").read_text()
    assert page.count("const once = 1") == 1
    assert "mathjax/tex-chtml.js" in page
    assert "https://" not in page.split("<body")[0]
    for name in ("explorer.js", "print.js", "explorer.css", "book.css", "theorems.css"):
        assert f"_static/{name}" in page
        assert (out / "_static" / name).is_file()
    assert (out / "_static/vega/vega.js").is_file()
    assert (out / "_static/mathjax/tex-chtml.js").is_file()
