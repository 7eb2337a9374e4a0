"""Sliders and explorers: what they accept, what they compute, and which face they show."""

import altair as alt
import numpy as np
import pytest
from ipywidgets import HTML, SelectionSlider

from llma import figures
from llma.explore import Explorer, Slider, explore


@pytest.fixture
def chart():
    return alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q", y="y:Q")


def wave(rate, kind="sine"):
    x = np.linspace(0, 1, 5)
    y = np.sin(rate * x) if kind == "sine" else np.cos(rate * x)
    return {"x": x, "y": y, "last": y[-1], "low": bool(y[-1] < 0), "kind_shown": kind}


def make(chart, function=wave, **more):
    sliders = [
        Slider("rate", "Rate", [1.0, 2.0, 4.0], 2.0),
        Slider("kind", "Kind", ["sine", "cosine"], "sine"),
    ]
    return explore(function, sliders, chart, **({"title": "Waves", "alt": "A wave."} | more))


def test_grid_is_the_product_last_slider_fastest(chart):
    grid = list(make(chart).grid())
    assert len(grid) == make(chart).settings == 6
    assert grid[:3] == [
        {"rate": 1.0, "kind": "sine"},
        {"rate": 1.0, "kind": "cosine"},
        {"rate": 2.0, "kind": "sine"},
    ]


def test_table_and_readouts_are_what_the_function_gives(chart):
    explorer = make(chart, formats={"last": ("Last value", "{:+.1f}")})
    table = explorer.table(rate=4.0, kind="cosine")
    np.testing.assert_allclose([row["y"] for row in table], np.cos(4 * np.linspace(0, 1, 5)))
    assert explorer.readouts(rate=4.0, kind="cosine") == {
        "Last value": "-0.7",
        "low": "yes",
        "kind shown": "cosine",
    }


def test_fixed_columns_texts_and_gaps(chart):
    explorer = make(
        chart,
        lambda rate, kind: {"y": np.array([[rate, np.nan]]), "none": None},
        fixed={"x": [0, 1], "name": ["a", "b"]},
    )
    assert explorer.table(**explorer.start) == [
        {"x": 0.0, "name": "a", "y": 2.0},
        {"x": 1.0, "name": "b", "y": None},
    ]
    assert explorer.readouts(**explorer.start) == {"none": "none"}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda rate, kind: {"y": 1 / (rate - rate)}, r"failed at rate=2.0, kind='sine': ZeroDivisionError"),
        (lambda rate, kind: {"x": [1, 2], "y": [1]}, r"different lengths \{'x': 2, 'y': 1\}"),
        (lambda rate, kind: {"x": [1, 2], "y": [1, np.inf]}, r"column 'y' is inf in row 1; clip it"),
        (lambda rate, kind: {"x": [1], "z": [1]}, r"the chart draws \['y'\], the table has \['x', 'z'\]"),
    ],
)
def test_a_function_that_fails_names_the_setting(chart, function, message):
    with pytest.raises(ValueError, match=message):
        make(chart, function).evaluate(rate=2.0, kind="sine")


@pytest.mark.parametrize("missing", ["title", "alt"])
def test_title_and_alt_are_mandatory(chart, missing):
    with pytest.raises(ValueError, match=f"needs {missing} text"):
        make(chart, **{missing: " "})


def test_too_many_settings_are_refused(chart):
    sliders = [Slider(name, name, range(50), 0, "{:d}") for name in "ab"]
    with pytest.raises(ValueError, match=r"50 \(a\) x 50 \(b\) = 2,500 settings; reduce the stops to 2,000"):
        explore(lambda a, b: {}, sliders, chart, title="t", alt="a")


def test_charts_that_cannot_be_drawn_are_refused(chart):
    with pytest.raises(ValueError, match="HConcatChart: give one Chart or layered charts"):
        make(chart | chart)
    with pytest.raises(ValueError, match=r'make it from alt\.NamedData\("now"\)'):
        make(alt.Chart(alt.Data(values=[])).mark_line())


def test_sliders_need_distinct_names(chart):
    twin = Slider("rate", "Rate", [1, 2], 1)
    with pytest.raises(ValueError, match="distinct names"):
        Explorer(wave, (twin, twin), chart, {}, "t", "a")


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(figures, "put", lambda content, raw=False: seen.append(content))
    return seen


def test_the_build_shows_the_page(chart, shown, monkeypatch):
    monkeypatch.setenv("BOOK_BUILD", "1")
    make(chart)._ipython_display_()
    (content,) = shown
    assert content["text/html"].startswith('<figure class="explorer"')
    assert content["text/plain"] == "Waves. A wave."


def test_a_kernel_shows_the_widget(chart, shown, monkeypatch):
    monkeypatch.delenv("BOOK_BUILD", raising=False)
    make(chart)._ipython_display_()
    (face,) = shown
    assert [type(child) for child in face.children] == [HTML, SelectionSlider, SelectionSlider, HTML]
