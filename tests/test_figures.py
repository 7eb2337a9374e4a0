"""The palette, the page's SVG and the alt text."""

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from llma import figures

STYLES = Path(__file__).resolve().parents[1] / "book" / "_static" / "book.css"
DARK_PAGE = "#121212"  # the background of the theme

# Severity 1 of Machado, Oliveira and Fernandes (2009), Table 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    code = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    low, high = sorted(RGB_TO_XYZ[1] @ linear(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour, vision):
    xyz = RGB_TO_XYZ @ np.clip(vision @ linear(colour), 0, 1) / (RGB_TO_XYZ @ np.ones(3))
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("palette", "page"), [(figures.LIGHT, "#ffffff"), (figures.DARK, DARK_PAGE)])
def test_colours_stand_out_and_stay_apart(palette, page):
    assert min(contrast(colour, page) for colour in palette) >= 3
    for vision in VISION.values():
        seen = [lab(colour, np.array(vision)) for colour in palette]
        assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 15


def test_the_style_sheet_has_the_same_palette():
    css = STYLES.read_text()
    blocks = re.findall(r"(?s)\{([^{}]*--llma-0[^{}]*)\}", css)
    found = [tuple(re.findall(r"--llma-\d: (#\w{6})", block)) for block in blocks]
    assert found == [figures.LIGHT, figures.DARK, figures.LIGHT]  # light, dark, print


def drawn():
    figure, axes = figures.new()
    for k in range(6):
        axes.plot([0, 1], [k, k + 1], label=f"curve {k}")
    axes.set(title="Title here", xlabel="$t$")
    axes.fill_between([0, 1], [0, 0], [1, 1], color="white")
    axes.legend()
    return figure


def test_page_markup_takes_its_colours_from_the_page():
    markup = figures.markup(drawn(), 'Six "lines" <rise>.')
    for k in range(6):
        assert f"var(--llma-{k}, {figures.LIGHT[k]})" in markup
    assert "currentColor" in markup
    assert "var(--llma-paper, #ffffff)" in markup
    assert "#000000" not in markup
    assert ">Title here</text>" in markup
    plt.close("all")


def test_page_markup_is_one_image_with_its_text():
    markup = figures.markup(drawn(), 'Six "lines"\n <rise>.')
    svg = ET.fromstring(re.search(r"(?s)<svg.*</svg>", markup)[0])
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == 'Six "lines" <rise>.'
    assert svg.get("width") is None
    assert svg.get("viewBox")
    plt.close("all")


def test_two_figures_share_no_id_and_refer_to_their_own():
    markups = [figures.markup(drawn(), "a"), figures.markup(drawn(), "a")]
    ids = [set(re.findall(r'\bid="([^"]+)"', markup)) for markup in markups]
    assert not ids[0] & ids[1]
    for markup, own in zip(markups, ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', markup)) <= own
    plt.close("all")


def test_the_same_figure_gives_the_same_page(monkeypatch):
    texts = []
    for _ in range(2):
        monkeypatch.setattr(figures, "_shown", type(figures._shown)())
        texts.append(figures.markup(drawn(), "a"))
    assert texts[0] == texts[1]
    plt.close("all")


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_alt_text_is_mandatory(alt):
    with pytest.raises(ValueError, match="a figure needs alt text"):
        figures.show(drawn(), alt=alt)
    plt.close("all")


@pytest.mark.parametrize("build", [True, False])
def test_show_displays_once_and_closes(monkeypatch, build):
    seen = []
    monkeypatch.setattr(figures, "put", lambda content, raw=False: seen.append((content, raw)))
    monkeypatch.setenv("BOOK_BUILD", "1" if build else "0")
    figure = drawn()
    figures.show(figure.axes[0], alt="Six lines.")
    ((content, raw),) = seen
    assert raw is build
    assert content["text/plain"] == "Six lines." if build else content is figure
    assert not plt.fignum_exists(figure.number)
