"""Explorers of tables that are given: two questions that hang together, and a broken order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma import bayes
from llma.explore import Explorer, Slider, explore
from llma.explorers.likelihood.laws import belief_regret, divergence, pair_law, product_law, three_flags

NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke", columns=1)
RATIOS = (0.25, 0.5, 1.0, 2.0, 4.0, 16.0, 64.0)
EVEN = np.array([0.5, 0.5])


def hanging() -> Explorer:
    """Return the explorer of two questions that hang together, read as if they did not."""
    sheets = ("no, no", "one yes", "yes, yes")

    def read(low: float, high: float, ratio_0: float, ratio_1: float) -> Mapping[str, Any]:
        truth = np.array([pair_law(low, low, ratio_0), pair_law(high, high, ratio_1)])
        naive = product_law(truth)
        right, wrong = ((table / table.sum(axis=0))[1, [0, 1, 3]] for table in (truth, naive))
        return {
            "belief": np.concatenate([right, wrong]),
            "yes, yes: true": float(right[2]),
            "yes, yes: independent": float(wrong[2]),
            "yes, yes is read": _verdict(right[2], wrong[2]),
            "nats, tables apart": (divergence(truth[0], naive[0]) + divergence(truth[1], naive[1])) / 2,
            "nats, beliefs apart": belief_regret(EVEN, truth, naive),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=alt.OverlayMarkDef(size=70), strokeWidth=2.5)
        .encode(
            x=alt.X("answers:N", title="two answers", sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("belief:Q", title="belief in a good product", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("table:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("table:N", title=None, sort=None, legend=STROKE),
        )
    )
    return explore(
        read,
        [
            Slider("low", "P(yes), bad product", (0.1, 0.2, 0.3, 0.4, 0.5), 0.3),
            Slider("high", "P(yes), good product", (0.5, 0.6, 0.7, 0.8, 0.9), 0.7),
            Slider("ratio_0", "odds ratio, bad product", RATIOS, 16.0),
            Slider("ratio_1", "odds ratio, good product", RATIOS, 16.0),
        ],
        chart,
        fixed={"answers": sheets * 2, "table": ["true table"] * 3 + ["independent bits"] * 3},
        title="Two questions that hang together",
        alt="Belief in a good product after two answers from an even prior, for no and no, one yes, and yes "
        "and yes. One line uses the true table, the other the product of its shares. Both questions have the "
        "same shares. With odds ratios of 1 the two lines agree.",
    )


def _verdict(right: float, wrong: float) -> str:
    """Say on which side of the truth a belief lies, seen from one half."""
    if abs(right - wrong) < 5e-4:
        return "as it should be"
    if (right - 0.5) * (wrong - 0.5) < 0:
        return "on the wrong side"
    return "too boldly" if abs(wrong - 0.5) > abs(right - 0.5) else "too timidly"


def broken() -> Explorer:
    """Return the explorer of the mean level after each flag, with and without the order."""
    levels = np.arange(3)

    def draw(false_alarms: float, kind: float, split: float) -> Mapping[str, Any]:
        table = three_flags(false_alarms)
        prior = np.array([kind, (1 - kind) * (1 - split), (1 - kind) * split])
        mean = np.array([bayes.posterior(prior, table, y) @ levels for y in range(3)])
        rises = bool((np.diff(mean) >= -1e-12).all())
        return {
            "mean": np.concatenate([mean, np.full(3, prior @ levels)]),
            "after flag 1": float(mean[1]),
            "after flag 2": float(mean[2]),
            "before": float(prior @ levels),
            "mean rises with the flag": "yes" if rises else "no",
            "TP2": "yes" if bayes.is_tp2(table) else "no",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=alt.OverlayMarkDef(size=70), strokeWidth=2.5)
        .encode(
            x=alt.X("flag:Q", title="flag raised", axis=alt.Axis(values=[0, 1, 2], format="d")),
            y=alt.Y("mean:Q", title="mean level believed", scale=alt.Scale(domain=[0, 2])),
            color=alt.Color("line:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("line:N", title=None, sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider(
                "false_alarms",
                "flag 2 among level 0",
                (0.0, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6),
                0.1,
            ),
            Slider("kind", "prior of level 0", (0.1, 0.3333, 0.5, 0.7, 0.9), 0.3333),
            Slider("split", "level 2 among the others", (0.0, 0.1, 0.25, 0.5, 0.75, 0.9), 0.5),
        ],
        chart,
        fixed={"flag": np.tile(levels, 2), "line": ["after the flag"] * 3 + ["before"] * 3},
        title="A higher flag, a lower belief",
        alt="Mean level that is believed after flag 0, 1 and 2, and before any flag. While no comments of "
        "level 0 get flag 2 the line rises. With many it may fall from flag 1 to flag 2.",
    )
