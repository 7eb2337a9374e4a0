"""The explorers: the tangents of a convex curve, rejection curves, margins, the published answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma import figures
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart
from llma.explorers.power.answers import KINDS, SHARES, WEIGHTS, authors_p, not_rejected
from llma.explorers.power.rejection import EVEN, LEVEL, READERS, SIZES, rates, tracking
from llma.ribum import restrictions
from llma.ribum.data import ChoiceData
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.sampling import stakes


def tangents() -> Explorer:
    """Return the explorer of the tangent inequality: two posteriors, two actions, one curve."""
    q = np.round(np.arange(0, 1.001, 0.02), 2)

    def line(at: float) -> Floats:
        return at**2 + (1 - at) ** 2 + (4 * at - 2) * (q - at)

    def draw(first: float, second: float) -> Mapping[str, Any]:
        lines = {at: line(at) for at in (first, second)}
        return {
            "payoff": np.concatenate([q**2 + (1 - q) ** 2, lines[first], lines[second]]),
            "first action pays in state 0, 1": f"{lines[first][0]:.2f}, {lines[first][-1]:.2f}",
            "second action pays in state 0, 1": f"{lines[second][0]:.2f}, {lines[second][-1]:.2f}",
            "lost by the wrong action": 2 * (first - second) ** 2,
        }

    names = ("curve G", "first action", "second action")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("belief:Q", title="belief in state 1", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("payoff:Q", title="expected utility", scale=alt.Scale(domain=[-1, 1.2], clamp=True)),
            **told_apart("line"),
        )
    )
    stops = np.linspace(0.1, 0.9, 9).tolist()
    return explore(
        draw,
        [
            Slider("first", "posterior of the first action", stops, 0.3),
            Slider("second", "posterior of the second", stops, 0.8),
        ],
        chart,
        fixed={"belief": np.tile(q, 3), "line": [name for name in names for _ in q]},
        title="Tangents make any two actions optimal",
        alt="A U-shaped curve over the belief in state 1, and two straight lines that touch it, each at the "
        "posterior of its action. At this posterior its line is the higher one.",
    )


def curves() -> Explorer:
    """Return the explorer of rejection against the number of texts, for readers and tests."""
    names = ("plug-in", "box", "projection", "NIS, projection")

    def draw(reader: str, level: float) -> Mapping[str, Any]:
        table = np.array([rates(reader, n, level) for n in SIZES])
        row = dict(zip(names, table[SIZES.index(160)], strict=True))
        return {
            "rejected": table.T.ravel(),
            "accuracies": ", ".join(f"{a:.2f}" for a in READERS[reader]),
            "NIAS and NIAC hold": "yes" if stakes.is_rational(READERS[reader]) else "no",
            "NIS holds": "yes" if len(set(READERS[reader])) == 1 and READERS[reader][0] >= 0.5 else "no",
            "plug-in, 160 texts": row["plug-in"],
            "projection, 160 texts": row["projection"],
            "box, 160 texts": row["box"],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "texts:Q",
                title="texts a state, N",
                scale=alt.Scale(type="log", domain=[10, 1280], nice=False),
                axis=alt.Axis(
                    values=list(SIZES),
                    labelExpr="indexof([20, 80, 320], datum.value) < 0 ? datum.label : ''",
                    labelOverlap=False,
                    labelFlush=False,
                    format="d",
                ),
            ),
            y=alt.Y("rejected:Q", title="share rejected", scale=alt.Scale(domain=[0, 1])),
            **told_apart("test", "test"),
        )
    )
    return explore(
        draw,
        [
            Slider("reader", "reader", tuple(READERS), "always alike"),
            Slider("level", "level", (0.01, 0.05, 0.1), 0.05),
        ],
        chart,
        fixed={
            "texts": np.tile(np.array(SIZES), len(names)),
            "test": [name for name in names for _ in SIZES],
        },
        title="Who is rejected, and how soon",
        alt="Share of samples rejected over the number of texts a state, 10 to 1280 on a logarithmic scale, "
        "for four tests: the plug-in, the box, the projection, and the projection for NIS.",
    )


def vacuity() -> Explorer:
    """Return the explorer of margins with free, common and known utilities, two environments."""
    grid = np.round(np.arange(0.05, 0.96, 0.05), 2)
    pay = (1.0, 4.0)
    names = ("free", "one utility, known stakes", "known utility")

    @cache
    def margins(low: float, high: float) -> tuple[float, float, float]:
        data = ChoiceData(EVEN, stakes.choices([low, high]))
        free = max_margin(data, "free").margin
        common = max_margin(data, restrictions.common(pay)).margin
        return free, common, margin_at(data, tracking(pay))

    def draw(low: float, high: float) -> Mapping[str, Any]:
        table = np.array([margins(low, float(a)) for a in grid])
        free, common, known = margins(low, high)
        return {
            "margin": table.T.ravel(),
            "here": np.full(table.size, high),
            "free utilities": free,
            "one utility, known stakes": common,
            "known utility": known,
            "verdict with the known utility": "rational" if known >= -1e-9 else "not rational",
        }

    lines = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("accuracy:Q", title="accuracy at stake 4", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("margin:Q", title="margin", scale=alt.Scale(domain=[-0.6, 0.2], clamp=True)),
            **told_apart("utilities", "utilities"),
        )
    )
    zeros = (
        alt.Chart(NOW)
        .transform_filter("datum.utilities == 'free' && abs(datum.margin) < 1e-3")
        .mark_point(size=60)
        .encode(
            x="accuracy:Q",
            y="margin:Q",
            color=alt.value(figures.variable(0)),
        )
    )
    chart = lines + zeros + alt.Chart(NOW).mark_rule(color="gray").encode(x="here:Q")
    stops = (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    return explore(
        draw,
        [
            Slider("low", "accuracy at stake 1", stops, 0.7),
            Slider("high", "accuracy at stake 4", stops, 0.9),
        ],
        chart,
        fixed={
            "accuracy": np.tile(grid, len(names)),
            "utilities": [name for name in names for _ in grid],
        },
        title="What the margin can see",
        alt="Margin over the accuracy at the higher stake, for three ways to treat utilities, and an upright "
        "line at the accuracy chosen. Circles mark where the margin with free utilities is zero.",
    )


def authors() -> Explorer:
    """Return the explorer of the published answers: which weights of a missed level are rejected."""
    grid = np.array(WEIGHTS)

    def draw(kind: str, share: float) -> Mapping[str, Any]:
        p = np.array([authors_p(kind, w, share) for w in WEIGHTS])
        left = {test: not_rejected(kind, share, test) for test in ("projection", "box")}
        words = {test: f"{pair[0]:.2f} to {pair[1]:.2f}" if pair else "none" for test, pair in left.items()}
        return {
            "p": np.concatenate([p, np.full(grid.size, LEVEL)]),
            "not rejected at 5 %": words["projection"],
            "not rejected by the box": words["box"],
            "largest p-value": float(p.max()),
            "at weight": float(grid[p.argmax()]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("weight:Q", title="weight of a missed level, w", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("p:Q", title="p-value", scale=alt.Scale(domain=[0, 1])),
            **told_apart("line"),
        )
    )
    return explore(
        draw,
        [
            Slider("kind", "what counts as an action", KINDS, "six labels"),
            Slider("share", "prior of the lowest level", SHARES, 1 / 6),
        ],
        chart,
        fixed={
            "weight": np.tile(grid, 2),
            "line": ["p-value of NIAS"] * grid.size + ["5 %"] * grid.size,
        },
        title="The published answers: which weights survive",
        alt="P-value of NIAS over the weight of a missed level of hostility, from 0 to 1, with a line at 5 "
        "per cent. Weights whose p-value is above the line are not rejected.",
    )
