"""The explorers of the row: relay noise and length, and precision on logarithmic axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma import word_of_mouth as wom
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart

STROKE = alt.Legend(symbolType="stroke", orient="top", columns=2)
LENGTHS = np.arange(1, 13)
ROUNDS = np.unique(np.logspace(0, 4, 41).round().astype(int))
"""Rounds at which the explorer of precision draws a point."""

WEIGHTS: Mapping[str, Callable[[Floats], Floats] | None] = {
    "full": None,
    "square root": wom.discounted(0.5),
    "at most 1": wom.discounted(1.0),
    "none": np.zeros_like,
}
"""Precisions that relaying agents give the prior: all of it, its root (if above 1), at most 1, nothing."""


def relays() -> Explorer:
    """Return the explorer of relay noise and length of the row, for both protocols."""

    def draw(accuracy: float, noise: float, length: int) -> Mapping[str, Any]:
        action = wom.wrong_blind_probability(accuracy, noise, LENGTHS)
        posterior = wom.wrong_blind_probability(accuracy, noise, LENGTHS, "posterior")
        low, high = wom.learning_region(accuracy, noise, length)
        return {
            "wrong": np.concatenate([action, posterior]),
            "the last message is right": float(wom.relayed_accuracy(accuracy, noise, length - 1)),
            "learning region, action": f"[{low:.3f}, {high:.3f}]",
            "ends wrong, action": float(action[length - 1]),
            "ends wrong, posterior": float(posterior[length - 1]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X("length:Q", title="agents in the row, N", scale=alt.Scale(domain=[1, 12])),
            y=alt.Y("wrong:Q", title="probability of ending wrong", scale=alt.Scale(domain=[0, 0.5])),
            **told_apart("broadcast", "the last agent tells", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of the witness", (0.6, 0.7, 0.8, 0.9, 0.99), 0.8),
            Slider("noise", "a hop flips with probability", (0.0, 0.02, 0.05, 0.1, 0.2, 0.3), 0.1),
            Slider("length", "read off at N", LENGTHS.tolist(), 3, fmt="{:d}"),
        ],
        chart,
        fixed={
            "length": np.tile(LENGTHS, 2),
            "broadcast": [name for name in ("its action", "its posterior") for _ in LENGTHS],
        },
        title="A longer row",
        alt="Probability of ending wrong over the number of agents in the row, 1 to 12, for two protocols. "
        "With the action broadcast and noise it rises with every agent towards one half. With the posterior "
        "it starts at zero and stays below or equal; without noise both are level from two agents on.",
    )


@cache
def _paths(relay: float, weight: str) -> tuple[Floats, Floats]:
    """Return precisions at `ROUNDS` for 1 to 4 agents, shape (4, rounds), and local slopes at the end."""
    used, last = WEIGHTS[weight], int(ROUNDS[-1])
    paths = [wom.precision(last, n, relay=relay, weight=used)[ROUNDS] for n in (1, 2, 3, 4)]
    slopes = []
    for n, path in enumerate(paths, start=1):
        tau = path[-1]
        told = tau if used is None else used(tau)
        slopes.append(last / (tau * wom.effective_noise(told, n, relay=relay)[-1]))
    return np.stack(paths), np.array(slopes)


def precision_paths() -> Explorer:
    """Return the explorer of the precision of the public belief, on logarithmic axes."""

    def draw(relay: float, weight: str) -> Mapping[str, Any]:
        paths, slopes = _paths(relay, weight)
        return {
            "magnitude": np.log10(paths).ravel(),
            "slope at the end, N = 2": float(slopes[1]),
            "slope at the end, N = 3": float(slopes[2]),
            "slope at the end, N = 4": float(slopes[3]),
            "precision at the end, N = 2": float(paths[1, -1]),
            "precision at the end, N = 4": float(paths[3, -1]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("round:Q", title="rounds k", scale=alt.Scale(type="log", domain=[1, 10_000])),
            # Logarithms are packed more evenly than the numbers themselves.
            y=alt.Y(
                "magnitude:Q",
                title="precision of the belief",
                scale=alt.Scale(domain=[0, 4.1], nice=False),
                axis=alt.Axis(values=[0, 1, 2, 3, 4], labelExpr="format(pow(10, datum.value), ',')"),
            ),
            **told_apart("agents", "agents in the row", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("relay", "relay noise Q", (0.01, 0.1, 0.3, 1.0, 3.0), 1.0),
            Slider("weight", "weight of the prior", tuple(WEIGHTS), "full"),
        ],
        chart,
        fixed={
            "round": np.tile(ROUNDS, 4),
            "agents": [f"N = {n}" for n in (1, 2, 3, 4) for _ in ROUNDS],
        },
        title="Precision, round by round",
        alt="Precision of the public belief over the rounds, both on logarithmic scales, for rows of one to "
        "four agents. One agent gives a straight line of slope one. With the full weight of the prior each "
        "further agent makes the line much flatter; with a bounded weight all lines become parallel in the "
        "long run.",
    )
