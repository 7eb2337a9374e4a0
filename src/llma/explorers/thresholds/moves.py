"""The explorers: a channel revealed or watched, and the threshold curve of three states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart
from llma.explorers.stopping.models import written
from llma.explorers.thresholds.curves import entries
from llma.explorers.thresholds.models import channel, three_levels
from llma.stopping import CentralControl, Interval

STROKE = alt.Legend(symbolType="stroke", columns=2)
Q = np.linspace(0, 1, 201)
BELIEFS = np.stack([1 - Q, Q], axis=1)
EDGE = np.linspace(0, 1, 33)
NAMES = ("W, readings seen", "W, verdicts seen", "off: readings", "off: verdicts")


def watching() -> Explorer:
    """Return the explorer of W and of the stop regions, for readings and for verdicts."""

    def draw(accuracy: float, zero: float, discount: float) -> Mapping[str, Any]:
        seen = channel(accuracy, zero, discount).solve(1e-6)
        watched = channel(accuracy, zero, discount, watched=True).solve(1e-6)
        strips = [_strip(solution.stop_region, level) for solution, level in ((seen, 0.25), (watched, 0.5))]
        worth = [np.maximum(solution.value(BELIEFS), -5.5) for solution in (seen, watched)]
        return {
            "W": np.concatenate([*worth, *strips]),
            "off, readings seen": written(seen.stop_region),
            "off, verdicts seen": written(watched.stop_region),
            "parts": len(watched.stop_region),
            "verdicts teach in": f"({1 - accuracy:g}, {accuracy:g}]",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X("q:Q", title="belief in hate", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("W:Q", title="W: cost beyond taking it off now", scale=alt.Scale(domain=[-5, 0.7])),
            **told_apart("line", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", (0.6, 0.65, 0.7, 0.75, 0.8, 0.9), 0.7),
            Slider("zero", "a step is free at belief", (0.1, 0.2, 0.25, 0.28, 0.35, 0.5, 0.8), 0.25),
            Slider("discount", "discount", (0.5, 0.8, 0.9, 0.95, 0.98), 0.9),
        ],
        chart,
        fixed={"q": np.tile(Q, len(NAMES)), "line": [name for name in NAMES for _ in Q]},
        title="Readings seen, or only verdicts",
        alt="W over the belief in hate. With readings it is concave and joins zero at one threshold. With "
        "verdicts it lies above, jumps, and may touch zero in several intervals. Two strips above show "
        "where the channel is taken off the air.",
    )


def curve() -> Explorer:
    """Return the explorer of the threshold curve on the simplex of three states."""

    def draw(sharpness: float, middle: float, discount: float) -> Mapping[str, Any]:
        problem = three_levels(sharpness, middle, discount)
        solution = problem.solve(0.01)
        first, last = entries(solution, EDGE)
        share = (first + last) / 2
        foot = np.minimum(-(1 - EDGE) + middle * EDGE, 0.0)
        myopic = np.abs(foot) / (3.0 - foot)
        lines = [_place(EDGE, share), _place(EDGE, myopic)]
        return {
            "x": np.concatenate([line[0] for line in lines]),
            "y": np.concatenate([line[1] for line in lines]),
            "off from, clean or hateful": f"{_off_from(problem, 0):.3f}",
            "off from, rude or hateful": f"{_off_from(problem, 1):.3f}",
            "myopic, clean or hateful": f"{myopic[0]:.3f}",
            "myopic, rude or hateful": f"{myopic[-1]:.3f}",
            "band in which the proof is open": f"{float((last - first).max()):.4f}",
        }

    shape = _own([{"u": u, "v": v, "k": k} for k, (u, v) in enumerate(_OUTLINE)])
    names = _own(
        [
            {"u": 0.02, "v": -0.06, "name": "clean"},
            {"u": 0.98, "v": -0.06, "name": "hateful"},
            {"u": 0.5, "v": 0.93, "name": "rude"},
            {"u": 0.88, "v": 0.06, "name": "off"},
        ]
    )
    across = alt.Scale(domain=[-0.05, 1.05])
    upwards = alt.Scale(domain=[-0.1, 1.0])
    outline = (
        alt.Chart(shape)
        .mark_line(strokeWidth=1, color="gray")
        .encode(
            x=alt.X("u:Q", scale=across, axis=None), y=alt.Y("v:Q", scale=upwards, axis=None), order="k:Q"
        )
    )
    labels = (
        alt.Chart(names)
        .mark_text(fontSize=12, color="gray")
        .encode(
            x=alt.X("u:Q", scale=across, axis=None), y=alt.Y("v:Q", scale=upwards, axis=None), text="name:N"
        )
    )
    lines = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("x:Q", title=None, scale=across, axis=None),
            y=alt.Y("y:Q", title=None, scale=upwards, axis=None),
            order="step:Q",
            **told_apart("line", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("sharpness", "sharpness of the sensor", (0.25, 0.5, 1.0, 1.5, 2.0), 1.0),
            Slider("middle", "cost of a step if rude", (-1.0, -0.5, -0.2, 0.5, 1.5), -0.5),
            Slider("discount", "discount", (0.5, 0.8, 0.9), 0.9),
        ],
        alt.layer(outline, lines, labels),
        fixed={
            "step": np.tile(np.arange(len(EDGE)), 2),
            "line": [name for name in ("off from here on", "myopic line") for _ in EDGE],
        },
        title="A threshold curve",
        alt="The triangle of beliefs with corners clean, rude and hateful. A curve separates the corner "
        "hateful, where the channel is taken off the air, from the rest. A straight line, the myopic one, "
        "lies on the other side of the curve, away from hateful.",
    )


def _off_from(problem: CentralControl, low: int) -> float:
    """Return the threshold on the edge between state `low` and state 2, by the solver of two states."""
    states = [low, 2]
    edge = CentralControl(
        problem.likelihood[states], problem.continue_cost[states], [0, 0], discount=problem.discount
    )
    return float(edge.solve(1e-6).stop_region[0].lower)


_HEIGHT = float(np.sqrt(3) / 2)
_OUTLINE = ((0.0, 0.0), (1.0, 0.0), (0.5, _HEIGHT), (0.0, 0.0))


def _own(rows: list[dict[str, Any]]) -> Any:
    """Return rows as data of a layer's own, which no slider moves."""
    make: Any = alt.InlineData
    return make(values=rows)


def _place(edge: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return where the belief on each ray stands in the triangle: clean left, hateful right, rude on top."""
    rude = (1 - share) * edge
    return np.asarray(share + rude / 2), np.asarray(_HEIGHT * rude)


def _strip(region: tuple[Interval, ...], level: float) -> Floats:
    return np.where([any(q in part for part in region) for q in Q.round(10)], level, np.nan)
