"""The explorers: bounds on a ratio with two selections, and a map of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma import ribum
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW
from llma.explorers.reconstruct.readers import (
    LONG,
    STARS,
    first,
    ratio_bounds,
    reader,
    selected,
    stars_reader,
)
from llma.explorers.reconstruct.tables import _short
from llma.ribum.recovery.restrictions import common, monotone


def ratio_explorer() -> Explorer:
    """Return the explorer of bounds and selections of one ratio, as environments are added."""
    counts = np.arange(1, len(LONG) + 1)
    low_end, high_end = 0.01, 100.0

    def draw(ratio: float, price: float, prior: float) -> Mapping[str, Any]:
        known = reader(ratio, (1 - prior, prior), price, LONG)
        bounds, rules = [], []
        for count in counts:
            part = first(known, int(count))
            bounds.append(ratio_bounds(part))
            rules.append(selected(part))
        low, high = np.clip(np.array(bounds).T, low_end, high_end)
        widest, sparse = np.array(rules).T
        return {
            "low": np.tile(low, 3),
            "high": np.tile(high, 3),
            "value": np.clip(
                np.concatenate([np.full(len(counts), ratio), widest, sparse]), low_end, high_end
            ),
            "bounds at six stakes": f"{bounds[-1][0]:.3f} to {bounds[-1][1]:.3f}",
            "max-margin, one stake and six": f"{_picked(widest[0])}, {_picked(widest[-1])}",
            "sparsest, one stake and six": f"{_picked(sparse[0])}, {_picked(sparse[-1])}",
        }

    scale = alt.Scale(domain=[low_end, high_end], type="log")
    base = alt.Chart(NOW).encode(
        x=alt.X("count:O", title="environments (stakes 16, 8, 4, 2, 1, ½)", axis=alt.Axis(labelAngle=0))
    )
    bar = base.mark_bar(opacity=0.25, size=18).encode(
        y=alt.Y("low:Q", title="δ, ratio of the two costs", scale=scale), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=alt.Y("value:Q", scale=scale),
        color=alt.Color("rule:N", title=None, sort=None),
        shape=alt.Shape("rule:N", title=None, sort=None),
    )
    return explore(
        draw,
        [
            Slider("ratio", "true δ", (0.2, 0.5, 0.8, 1.25, 2.0), 0.5),
            Slider("price", "price of a nat", (0.5, 1.0, 2.0), 1.0),
            Slider("prior", "share of good kettles", (0.5, 0.6), 0.6),
        ],
        bar + points,
        fixed={
            "count": np.tile(counts, 3),
            "rule": [name for name in ("truth", "max-margin", "sparsest") for _ in counts],
        },
        title="Bounds, and what two rules select",
        alt="Bars show the interval of ratios that fit, on a logarithmic scale, for one to six environments. "
        "They shrink as lower stakes are added, and the true ratio lies in all of them. The points of the "
        "rules max-margin and sparsest wander inside the bars, often far from the truth.",
    )


def bounds_map() -> Explorer:
    """Return the heat map of bounds on the gain of recommending a product, by its stars."""
    columns = ("least", "truth", "most")
    limit = 2.0
    restrictions = {"one utility": common(), "and rising with stars": monotone()}

    def fill(count: int, price: float, known: str) -> Mapping[str, Any]:
        shown, restriction = stars_reader(price, int(count)), restrictions[known]
        bounds = ribum.utility_bounds(shown.data, (0, 4, 1, 0), restriction)
        table = np.stack([bounds.lower[0, :, 1], STARS, bounds.upper[0, :, 1]], axis=1)
        width = (table[:, 2] - table[:, 0])[:4]
        return {
            "value": np.clip(table, -limit, limit).ravel(),
            "text": [_short(value) for value in table.ravel()],
            "states with finite bounds": f"{int(np.isfinite(width).sum())} of 4",
            "narrowest interval": f"{width.min():.2f}",
            "largest margin": f"{max(ribum.max_margin(shown.data, restriction).margin, 0.0):.4f}",
        }

    base = alt.Chart(NOW).encode(
        x=alt.X("column:N", title=None, sort=list(columns), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("stars:N", title="stars", sort=["5", "4", "3", "2", "1"]),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("value:Q", title="gain", scale=alt.Scale(domain=[-limit, limit], scheme="blueorange"))
    )
    labels = base.mark_text(fontSize=12).encode(
        text="text:N",
        color=alt.condition("abs(datum.value) > 1.2", alt.value("white"), alt.value("black")),
    )
    return explore(
        fill,
        [
            Slider("count", "batches", tuple(range(1, 9)), 3, fmt="{:.0f}"),
            Slider("price", "price of a review", (0.01, 0.02, 0.03, 0.04), 0.02),
            Slider("known", "what is known", tuple(restrictions), "one utility"),
        ],
        cells + labels,
        fixed={
            "column": list(columns) * 5,
            "stars": [str(stars) for stars in range(1, 6) for _ in columns],
        },
        title="What the choices say about each utility",
        alt="A table of cells. Rows: one to five stars. Columns: the least gain of recommending that fits, "
        "the true gain, and the largest that fits. With few environments most bounds are infinite. With more "
        "of them both sides approach the truth.",
    )


def _picked(ratio: float) -> str:
    """Return a ratio for a read-out."""
    return "no margin" if np.isnan(ratio) else f"{ratio:.3f}"
