"""A network drawn on an arc, one run on it, and who is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW
from llma.explorers.networks.shapes import ERRORS, LEAN, SHAPES, shape, symmetric
from llma.networks import NetworkLearning, NetworkPaths

N = 9
LINKS = N * (N - 1) // 2
OUTCOMES = (
    "right, as it read",
    "right, against its reading",
    "wrong, as it read",
    "wrong, against its reading",
)
SYMBOLS = ("circle", "diamond", "square", "cross")
RUNS = 12


@cache
def _run(name: str, kind: str) -> NetworkPaths:
    """Return a dozen runs in state 0; the readings are the same for every network and kind of agent."""
    model = NetworkLearning(shape(name, N), symmetric(0.7), ERRORS, kind=kind)
    return model.simulate(LEAN, RUNS, np.random.default_rng(17), state=0)


def _places() -> tuple[list[float], list[float]]:
    angle = np.linspace(np.pi, 0, N)
    return np.cos(angle).tolist(), np.sin(angle).tolist()


def drawn() -> Explorer:
    """Return the explorer of one run on a drawn network: who is wrong, and against its own reading."""
    x, y = _places()

    def draw(network: str, kind: str, run: int) -> Mapping[str, Any]:
        paths = _run(network, kind.lower())
        actions, seen = paths.actions[run], paths.observations[run]
        edges = shape(network, N).edges
        blank = LINKS - len(edges)
        link = np.array([[x[j], y[j], x[n], y[n]] for j, n in edges]).reshape(-1, 4)
        link = np.concatenate([link, np.full((blank, 4), np.nan)])
        outcome = [OUTCOMES[2 * int(u != 0) + int(u != r)] for u, r in zip(actions, seen, strict=True)]
        nothing = np.full(LINKS, np.nan)
        return {
            "x": np.concatenate([link[:, 0], nothing[:N]]),
            "y": np.concatenate([link[:, 1], nothing[:N]]),
            "x2": np.concatenate([link[:, 2], nothing[:N]]),
            "y2": np.concatenate([link[:, 3], nothing[:N]]),
            "across": np.concatenate([nothing, x]),
            "up": np.concatenate([nothing, y]),
            "agent": ["" for _ in range(LINKS)] + [str(n) for n in range(N)],
            "outcome": [OUTCOMES[0] for _ in range(LINKS)] + outcome,
            "links": len(edges),
            "readings": " ".join(map(str, seen)),
            "actions": " ".join(map(str, actions)),
            "wrong readings": int((seen != 0).sum()),
            "wrong actions": int((actions != 0).sum()),
        }

    scale = alt.Scale(domain=[-1.15, 1.15])
    high = alt.Scale(domain=[-0.15, 1.2])
    lines = (
        alt.Chart(NOW)
        .mark_rule(opacity=0.45)
        .encode(
            x=alt.X("x:Q", scale=scale, axis=None),
            y=alt.Y("y:Q", scale=high, axis=None),
            x2="x2:Q",
            y2="y2:Q",
        )
    )
    points = (
        alt.Chart(NOW)
        .mark_point(filled=True, size=260, opacity=1)
        .encode(
            x=alt.X("across:Q", scale=scale, axis=None),
            y=alt.Y("up:Q", scale=high, axis=None),
            color=alt.Color(
                "outcome:N",
                title=None,
                scale=alt.Scale(domain=list(OUTCOMES)),
                legend=alt.Legend(columns=1, orient="bottom"),
            ),
            shape=alt.Shape(
                "outcome:N",
                title=None,
                scale=alt.Scale(domain=list(OUTCOMES), range=list(SYMBOLS)),
                legend=alt.Legend(columns=1, orient="bottom"),
            ),
        )
    )
    names = (
        alt.Chart(NOW)
        .mark_text(dy=-18)
        .encode(x=alt.X("across:Q", scale=scale), y=alt.Y("up:Q", scale=high), text="agent:N")
    )
    return explore(
        draw,
        [
            Slider("network", "who sees whom", tuple(SHAPES), "line"),
            Slider("kind", "agents", ("Bayes", "naive"), "Bayes"),
            Slider("run", "which run", range(RUNS), 0, fmt="{:d}"),
        ],
        alt.layer(lines, points, names),
        title="One run on a network (state 0, prior 0.55, accuracy 0.7)",
        alt="Nine agents, numbered from 0, stand on an arc from left to right. A straight line joins two of "
        "them if the right one sees the left one. The shape and the colour of an agent say whether it is "
        "right, and whether it acts as it read.",
    )
