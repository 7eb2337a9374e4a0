"""What the charts of many chapters share: the table that moves, curves told apart, the row of agents.

The house draws every curve with a colour and a dash of its own, so that nobody has to tell colours apart.
A chart asks for both at once with `told_apart`; which dashes they are is decided in `llma.charts`.

>>> import altair as alt
>>> chart = alt.Chart(NOW).mark_line().encode(x=agent_axis(20), y="error:Q", **told_apart("who"))
>>> sorted(chart.to_dict()["encoding"])
['color', 'strokeDash', 'x', 'y']
"""

from __future__ import annotations

from typing import Any, Final

import altair as alt

NOW: Final = alt.NamedData("now")
"""The table of an explorer, which its sliders move."""

STROKE: Final = alt.Legend(symbolType="stroke")
"""A legend that shows lines, so that its dashes can be seen."""


def told_apart(column: str, title: str | None = None, legend: alt.Legend = STROKE) -> dict[str, Any]:
    """Return the encodings of curves by the names in a column: colour and dash together, one legend.

    Parameters
    ----------
    column : str
        Names of the curves; they keep the order in which the table has them.
    title : str, optional
        Above the legend.
    legend : altair.Legend
        Where the legend stands; it should show strokes.

    Returns
    -------
    dict
        Keyword arguments for ``encode``.

    Examples
    --------
    >>> told_apart("who", "who acts")["strokeDash"].to_dict()["title"]
    'who acts'
    """
    same: dict[str, Any] = {"title": title, "sort": None, "legend": legend}
    return {"color": alt.Color(f"{column}:N", **same), "strokeDash": alt.StrokeDash(f"{column}:N", **same)}


def agent_axis(last: int) -> alt.X:
    """Return the horizontal axis of agents, from 0 to the last, the column "agent" of the table.

    Examples
    --------
    >>> agent_axis(30).to_dict()["scale"]
    {'domain': [0, 30]}
    """
    return alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, last]), axis=alt.Axis(format="d"))
