"""The explorers: cycles of three environments, a prior that convicts, stakes that reveal a cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma import ribum
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, STROKE, told_apart
from llma.explorers.ribum.examples import (
    TOKENS,
    accuracy_after,
    naive_values,
    paying_reader,
    three_cycle,
    token_cost,
    two_priors,
)

CYCLES = ((0, 1), (0, 2), (1, 2), (0, 1, 2), (0, 2, 1))
GRIDS = (2, 3, 4, 5, 6, 7, 13, 25, 49)
"""Numbers of environments of the explorer of bounds."""

LAWS = ("by token", "fee", "rising")
"""What reading costs."""


def around(weights: Floats, cycle: tuple[int, ...]) -> float:
    """Return the sum of weights around a cycle.

    >>> around(np.array([[0.0, 1.0], [-3.0, 0.0]]), (0, 1))
    -2.0
    """
    return float(sum(weights[m, k] for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True)))


def spelled(cycle: tuple[int, ...]) -> str:
    """Return a cycle as text.

    >>> spelled((0, 2, 1))
    '0→2→1→0'
    """
    return "→".join(map(str, (*cycle, cycle[0])))


def cycles() -> Explorer:
    """Return the explorer of the five cycles of three environments, two of whose stakes move."""

    def draw(first: float, second: float) -> Mapping[str, Any]:
        result = ribum.test(*three_cycle(first, second))
        sums = np.array([around(result.weights, cycle) for cycle in CYCLES])
        w = result.weights
        return {
            "sum": sums,
            "sign": ["improves: violation" if s < -1e-9 else "does not improve" for s in sums],
            "verdict": "rational" if result.rational else "not rational",
            "certificate": "none" if result.cycle is None else spelled(result.cycle.environments),
            "weights 0→2, 2→1, 1→0": f"{w[0, 2] + 0:.3f}, {w[2, 1]:.3f}, {w[1, 0]:.3f}",
            "least costs of 0, 1, 2": "none"
            if result.cycle is not None
            else ", ".join(f"{c:.3f}" for c in result.attention_cost),
        }

    names = ["does not improve", "improves: violation"]
    bars = (
        alt.Chart(NOW)
        .mark_bar()
        .encode(
            x=alt.X("sum:Q", title="sum of weights", scale=alt.Scale(domain=[-3, 3.2], nice=False)),
            y=alt.Y("cycle:N", title=None, sort=None),
            color=alt.Color("sign:N", title=None, scale=alt.Scale(domain=names)),
        )
    )
    ends = (
        alt.Chart(NOW)
        .mark_tick(thickness=3, height=18)
        .encode(x="sum:Q", y=alt.Y("cycle:N", sort=None), color=alt.Color("sign:N"))
    )
    zero = alt.Chart(NOW).mark_rule().encode(x=alt.datum(0))
    stops = np.arange(2, 25) / 8
    return explore(
        draw,
        [
            Slider("first", "stake of environment 1", stops, 1.0, fmt="{:.3f}"),
            Slider("second", "stake of environment 2", stops, 1.0, fmt="{:.3f}"),
        ],
        bars + ends + zero,
        fixed={"cycle": [spelled(cycle) for cycle in CYCLES]},
        title="Five cycles of three environments",
        alt="Five horizontal bars, one for each cycle of three environments: the sum of its weights. Bars to "
        "the left of zero are improving cycles. Ticks mark the ends of bars, also of those of length zero.",
    )


def priors() -> Explorer:
    """Return the explorer of carried posteriors: the same rational agent, judged in two ways."""
    stakes = np.arange(1, 61) / 20

    def draw(prior: float, cost: float) -> Mapping[str, Any]:
        sums: dict[str, list[float]] = {"right": [], "naive": []}
        reads = []
        for stake in stakes:
            data, utility = two_priors(prior, float(stake), cost)
            sums["right"].append(around(ribum.niac_weights(data, utility), (0, 1)))
            naive = naive_values(data, utility)
            sums["naive"].append(around(np.diagonal(naive)[:, None] - naive, (0, 1)))
            reads.append((data.choice[:, 1, 1] > 0).tolist())
        convicts = stakes[np.array(sums["naive"]) < -1e-9]
        first, second = (any(column) for column in zip(*reads, strict=True))
        return {
            "cycle": np.concatenate([sums["right"], sums["naive"]]),
            "convicted by carried posteriors": f"{convicts.size} of {stakes.size} stakes",
            "at stakes": f"{convicts.min():.2f} to {convicts.max():.2f}" if convicts.size else "none",
            "environment 0 reads": first,
            "environment 1 reads": "from some stake on" if second else "at no stake shown",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("stake:Q", title="stake of environment 1", scale=alt.Scale(domain=[0, 3], nice=False)),
            y=alt.Y("cycle:Q", title="sum of weights, 0→1→0", scale=alt.Scale(domain=[-0.5, 1], nice=False)),
            **told_apart("matrix"),
        )
    )
    zero = alt.Chart(NOW).mark_rule().encode(y=alt.datum(0))
    return explore(
        draw,
        [
            Slider("prior", "prior of state 0 in environment 1", np.arange(10, 20) / 20, 0.9),
            Slider("cost", "cost of reading", (0.05, 0.1, 0.2, 0.3, 0.5), 0.5),
        ],
        chart + zero,
        fixed={
            "stake": np.tile(stakes, 2),
            "matrix": [name for name in ("kernels kept", "posteriors carried over") for _ in stakes],
        },
        title="A rational agent before two judges",
        alt="Sum of the weights of the cycle of two environments, over the stake of environment 1: "
        "one line for kernels, one for posteriors carried over. Below zero an agent is convicted.",
    )


def bounds() -> Explorer:
    """Return the explorer of what a grid of stakes reveals about the cost of reading."""

    def draw(environments: int, law: str) -> Mapping[str, Any]:
        data, utility, read = paying_reader(int(environments), law)
        lower, upper = ribum.cost_levels(data, utility)
        low, high = np.full(2 * TOKENS.size, np.nan), np.full(2 * TOKENS.size, np.nan)
        low[read], high[read] = lower, upper
        accuracy = accuracy_after(TOKENS)[:, None, None]
        kernels = accuracy * np.eye(2) + (1 - accuracy) * np.eye(2)[::-1]
        least = ribum.canonical_cost(data, utility)(kernels)
        true = token_cost(law)
        observed = np.unique(read)
        return {
            "low": low,
            "high": high,
            "cost": np.concatenate([true, least]),
            "different amounts read": observed.size,
            "widest interval": float((high - low)[observed].max()),
            "true costs inside": bool(
                (low[observed] <= true[observed] + 1e-9).all()
                and (true[observed] <= high[observed] + 1e-9).all()
            ),
            "true cost of the most read": float(true[read.max()]),
            "its interval": f"{low[read.max()]:.3f} to {high[read.max()]:.3f}",
        }

    x = alt.X("tokens:Q", title="tokens read", scale=alt.Scale(domain=[0, 40], nice=False))
    y = alt.Y("cost:Q", title="cost, dollars", scale=alt.Scale(domain=[0, 2], nice=False, clamp=True))
    names = ("true cost", "least canonical cost", "interval that choices allow")
    dashes = alt.Scale(domain=names, range=[[1, 0], [4, 3], [1, 0]])
    lines = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=x,
            y=y,
            color=alt.Color("curve:N", title=None, scale=alt.Scale(domain=names), legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title=None, scale=dashes, legend=STROKE),
        )
    )
    intervals = (
        alt.Chart(NOW)
        .mark_rule(strokeWidth=3, opacity=0.6)
        .encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=alt.datum(names[2]))
    )
    return explore(
        draw,
        [
            Slider("environments", "stakes from 0.25 to 16: how many", GRIDS, 4, fmt="{:d}"),
            Slider("law", "reading costs", LAWS, "by token"),
        ],
        lines + intervals,
        fixed={
            "tokens": np.tile(TOKENS, 2),
            "curve": [name for name in names[:2] for _ in TOKENS],
        },
        title="What stakes reveal about the cost of reading",
        alt="Cost of reading over the number of tokens read. A line is the true cost. Vertical bars are the "
        "intervals that choices allow, one for each amount that was read. A second line is the least cost "
        "that explains the choices.",
    )
