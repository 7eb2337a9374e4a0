"""The explorers: the landscape with a search on it, and what the gains do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, STROKE
from llma.explorers.learning_control.models import PRIOR, PROBLEM, excess, search
from llma.policy_gradient import best_threshold, smoothed_cost

LEVELS = np.linspace(0, 1, 101)
STARTS = (0.0, 0.2, 0.5, 0.9, 1.0)
SEEDS = (1, 2, 3)
SHOWN = np.arange(0, 201, 8)
RUNS = 24


@cache
def _curve(temperature: float) -> tuple[Floats, float]:
    """Return the cost at `LEVELS` and the best threshold of a temperature."""
    cost = smoothed_cost(PROBLEM, PRIOR, LEVELS, temperature, 1e-6).cost
    return cost, best_threshold(PROBLEM, PRIOR, temperature)[0]


def landscape() -> Explorer:
    """Return the explorer of the cost against the threshold, with the path of a search."""
    hard = smoothed_cost(PROBLEM, PRIOR, LEVELS, 0.0).cost

    def draw(temperature: float, start: float, noise: str, seed: int) -> Mapping[str, Any]:
        cost, best = _curve(temperature)
        runs = search(temperature, STARTS * len(SEEDS), common=noise == "common")
        path = runs.decoded[:, STARTS.index(start) + len(STARTS) * SEEDS.index(seed)]
        height = np.interp(path[SHOWN], LEVELS, cost)
        off = 100 * excess(path[-1:])[0]
        return {
            "threshold": np.concatenate([LEVELS, LEVELS, path[SHOWN]]),
            "cost": np.concatenate([cost, hard, height]),
            "best smoothed threshold": f"{best:.3f}",
            "its hard cost": f"{float(smoothed_cost(PROBLEM, PRIOR, best, 0.0).cost):.3f}",
            "search ends at": f"{path[-1]:.3f}",
            "excess cost, hard": f"{max(off, 0.0):.1f} %",
        }

    x = alt.X("threshold:Q", title="threshold", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("cost:Q", title="expected cost", scale=alt.Scale(domain=[2, 5.2]))
    color = alt.Color("kind:N", title=None, sort=None, legend=STROKE)
    base = alt.Chart(NOW).encode(x=x, y=y, color=color)
    lines = (
        base.transform_filter("datum.kind != 'search'")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(strokeDash=alt.StrokeDash("kind:N", sort=None, legend=None))
    )
    points = base.transform_filter("datum.kind == 'search'").mark_point(size=45, filled=True, clip=True)
    kinds = ["smoothed"] * len(LEVELS) + ["hard"] * len(LEVELS) + ["search"] * len(SHOWN)
    return explore(
        draw,
        [
            Slider("temperature", "temperature τ", (0.03, 0.1, 0.3), 0.03),
            Slider("start", "start at threshold", STARTS, 0.5),
            Slider("noise", "random numbers", ("common", "independent"), "common"),
            Slider("seed", "seed", SEEDS, 1, fmt="{:.0f}"),
        ],
        alt.layer(lines, points),
        fixed={"kind": kinds},
        title="The landscape, and a search",
        alt="Expected cost over the threshold. The hard cost is a staircase: 5, then 2.64, then a floor at "
        "2.09 between 0.7 and 0.845, then 2.12 and more. The smoothed cost is a smooth valley. Points show "
        "where 200 steps of SPSA went, drawn on the smoothed curve.",
    )


def gains() -> Explorer:
    """Return the explorer of gains: excess costs of 24 runs, from the best to the worst."""
    rank = np.arange(1, RUNS + 1)

    def draw(a: float, c: float, temperature: float, noise: str) -> Mapping[str, Any]:
        runs = search(
            temperature,
            (0.5,) * RUNS,
            iterations=100,
            episodes=20,
            common=noise == "common",
            a=a,
            c=c,
            seed=7,
        )
        off = np.sort(np.maximum(excess(runs.final), 0.0)) * 100
        return {
            "excess": off,
            "runs within 1 %": f"{int((off < 1).sum())} of {RUNS}",
            "median excess": f"{np.median(off):.1f} %",
            "worst excess": f"{off[-1]:.1f} %",
            "spread of thresholds": f"{runs.final.std():.3f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_bar()
        .encode(
            x=alt.X("run:O", title="run, from best to worst", axis=alt.Axis(values=[1, 6, 12, 18, 24])),
            y=alt.Y(
                "excess:Q",
                title="excess cost, % (root scale)",
                scale=alt.Scale(type="sqrt", domain=[0, 150]),
                axis=alt.Axis(values=[0, 1, 5, 20, 50, 100, 150]),
            ),
        )
    )
    return explore(
        draw,
        [
            Slider("a", "step a", (0.02, 0.1), 0.1),
            Slider("c", "width c", (0.02, 0.1, 0.3), 0.1),
            Slider("temperature", "temperature τ", (0.01, 0.03), 0.03),
            Slider("noise", "random numbers", ("common", "independent"), "common"),
        ],
        chart,
        fixed={"run": rank},
        title="What the gains do",
        alt="Bars of the excess cost of 24 runs, sorted, on a square-root scale. With common random "
        "numbers and moderate gains most bars are close to zero.",
    )
