"""Altair charts of explorers: the house style laid under, the table put in, the columns that are drawn.

A chart of an explorer draws the data ``"now"``. `specification` turns it into a Vega-Lite program for a page,
where the browser fills the data and decides the width, or for a picture, which has both.

>>> import altair as alt
>>> from llma import figures
>>> chart = alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q", y="y:Q")
>>> program = specification(chart, figures.ALTAIR, rows=[{"x": 0.0, "y": 1.0}], width=300)
>>> program["width"], program["height"], program["datasets"]["now"], sorted(fields(program))
(300, 260, [{'x': 0.0, 'y': 1.0}], ['x', 'y'])
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from llma import figures

HEIGHT: Final = 260
"""Pixels down, for a chart that does not say."""


def specification(
    chart: Any,
    config: Mapping[str, Any],
    rows: list[dict[str, Any]] | None = None,
    width: int | None = None,
) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart under a configuration.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
    config : mapping
        `figures.ALTAIR` or `figures.ALTAIR_PAGE`; what the chart configures itself comes first.
    rows : list of dict, optional
        The table. Without it the data ``"now"`` is left for the browser to fill.
    width : int, optional
        Pixels; without it the browser decides.

    Returns
    -------
    dict
    """
    spec: dict[str, Any] = chart.to_dict()
    own = spec.pop("config", {})
    for theirs in ("continuousWidth", "continuousHeight"):  # Altair's default theme
        own.get("view", {}).pop(theirs, None)
    _dash(spec)
    spec |= {"config": _merged(config, own), "autosize": {"type": "fit-x", "contains": "padding"}}
    spec.setdefault("height", HEIGHT)
    if width is not None:
        spec["width"] = width
    if rows is not None:
        spec["datasets"] = {**spec.get("datasets", {}), "now": rows}
    return spec


def fields(node: Any) -> Iterator[str]:
    """Yield the columns that a specification draws as they are in the table.

    Parts with data of their own, or with transforms, which make new columns, are passed over.

    Examples
    --------
    >>> list(fields({"encoding": {"x": {"field": "agent"}, "y": {"aggregate": "count"}}}))
    ['agent']
    """
    if isinstance(node, list):
        for child in node:
            yield from fields(child)
    elif isinstance(node, dict):
        if "transform" in node or node.get("data", {"name": "now"}) != {"name": "now"}:
            return
        name = node.get("field")
        if isinstance(name, str) and name.isidentifier():
            yield name
        for key, child in node.items():
            if key not in {"datasets", "config", "params"}:
                yield from fields(child)


def svg(spec: Mapping[str, Any], uid: str) -> str:
    """Return the picture of a specification; `uid` keeps its clip paths apart from those of others."""
    drawn: str = importlib.import_module("vl_convert").vegalite_to_svg(spec)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{uid}-", drawn)


def _dash(node: dict[str, Any]) -> None:
    """Give the house's dashes to every encoding that asks for dashes without saying which."""
    dashed = node.get("encoding", {}).get("strokeDash", {})
    if "field" in dashed:
        dashed["scale"] = {"range": [list(stroke) for stroke in figures.STROKES]} | dashed.get("scale", {})
    for layer in node.get("layer", []):
        _dash(layer)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the entries of `over` laid on top, level by level."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
