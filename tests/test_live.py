"""The live face: what a move does, what a failure does, and what kernels and clients are asked for."""

import html
import json
import re

import altair as alt
import ipywidgets
import numpy as np
import pytest

from llma import live
from llma.explore import Slider, explore


@pytest.fixture
def chart():
    return alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q", y="y:Q")


def wave(rate, kind):
    x = np.linspace(0, 1, 5)
    y = np.sin(rate * x) if kind == "sine" else np.cos(rate * x)
    return {"x": x, "y": y, "kind shown": f"<{kind}>"}


def make(chart, function=wave):
    sliders = [
        Slider("rate", "Rate", [1.0, 2.0, 4.0], 2.0),
        Slider("kind", "Kind", ["sine", "cosine"], "sine"),
    ]
    return explore(function, sliders, chart, title="Waves & more", alt='A "wave".')


@pytest.fixture
def counted():
    """The wave, and the settings at which it was evaluated."""
    seen = []

    def function(rate, kind):
        seen.append((rate, kind))
        return wave(rate, kind)

    return function, seen


def test_each_move_evaluates_once_and_draws_again(chart, counted):
    function, seen = counted
    _, rate, kind, picture = make(chart, function).widget().children
    pictures = [picture.value]
    rate.value = 4.0
    pictures.append(picture.value)
    kind.value = "cosine"
    pictures.append(picture.value)
    assert seen == [(2.0, "sine"), (4.0, "sine"), (4.0, "cosine")]
    curves = [
        re.search(r'<path aria-label[^>]* d="([^"]*)"|class="mark-line.*?d="([^"]*)"', p) for p in pictures
    ]
    assert len({curve.group(0) for curve in curves}) == 3
    assert "<b>&lt;sine&gt;</b>" in pictures[1]
    assert "<b>&lt;cosine&gt;</b>" in pictures[2]
    assert 'aria-label="A &quot;wave&quot;."' in pictures[2]


def test_sliders_start_where_they_should(chart):
    heading, rate, kind, _ = make(chart).widget().children
    assert heading.value == "<b>Waves &amp; more</b>"
    assert (rate.value, rate.description, rate.options[2]) == (2.0, "Rate", ("4.00", 4.0))
    assert (kind.value, kind.description) == ("sine", "Kind")


def test_no_output_widget_is_made(chart, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("an Output widget can make a client miss the reply of the cell")

    monkeypatch.setattr(ipywidgets.Output, "__init__", refuse)
    face = make(chart).widget()
    face.children[1].value = 4.0


def test_a_function_that_fails_at_the_start_fails_the_cell(chart):
    def broken(rate, kind):
        raise KeyError("no such thing")

    with pytest.raises(ValueError, match=r"failed at rate=2\.0, kind='sine': KeyError"):
        make(chart, broken)._ipython_display_()


def test_a_function_that_fails_later_is_seen_and_raised_and_recovers(chart):
    def fragile(rate, kind):
        if rate > 2:
            raise KeyError("<too fast>")
        return wave(rate, kind)

    _, rate, _, picture = make(chart, fragile).widget().children
    with pytest.raises(ValueError, match=r"failed at rate=4\.0, kind='sine': KeyError"):
        rate.value = 4.0
    assert picture.value.startswith(
        '<p role="alert">explorer &#x27;Waves &amp; more&#x27; failed at rate=4.0'
    )
    assert "&lt;too fast&gt;" in picture.value
    rate.value = 1.0
    assert "<svg" in picture.value


def test_without_vl_convert_a_frame_draws(chart, monkeypatch):
    monkeypatch.setattr(live.importlib.util, "find_spec", lambda name: None)
    for drawn in (chart, chart + chart.mark_point()):
        explorer = make(drawn)
        content = live.markup(explorer, **explorer.start)
        source = re.search(r'<iframe title="A &quot;wave&quot;\." srcdoc="([^"]*)"', content).group(1)
        page = html.unescape(source)
        spec, _ = json.JSONDecoder().raw_decode(page[page.index("var spec = ") + len("var spec = ") :])
        assert spec["datasets"]["now"] == explorer.table(**explorer.start)
        assert ("layer" in spec) == isinstance(drawn, alt.LayerChart)
        assert page.index("ResizeObserver") < page.index("</body>")
        assert "kind shown: <b>&lt;sine&gt;</b>" in content
