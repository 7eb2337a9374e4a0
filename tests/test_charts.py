"""Specifications: what is the house's, and what is the chart's own."""

import altair as alt

from llma import charts, figures


def test_the_chart_keeps_its_own_configuration():
    chart = alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q").configure_axis(grid=False)
    spec = charts.specification(chart, figures.ALTAIR_PAGE)
    assert spec["config"]["axis"]["grid"] is False
    assert spec["config"]["axis"]["labelColor"] == "currentColor"
    assert "continuousWidth" not in spec["config"]["view"]


def test_dashes_are_the_houses_unless_the_chart_says():
    base = alt.Chart(alt.NamedData("now")).mark_line()
    theirs = base.encode(strokeDash=alt.StrokeDash("c:N").scale(range=[[1, 1]]))
    ours = base.encode(strokeDash=alt.StrokeDash("c:N").scale(domain=["a"]))
    spec = charts.specification(ours + theirs, figures.ALTAIR)
    scales = [layer["encoding"]["strokeDash"]["scale"] for layer in spec["layer"]]
    assert scales[0] == {"domain": ["a"], "range": [list(stroke) for stroke in figures.STROKES]}
    assert scales[1] == {"range": [[1, 1]]}
