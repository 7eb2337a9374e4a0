"""The explorers of data incest: private priors, a rumour with couriers, models trained on models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma import word_of_mouth as wom
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart
from llma.explorers.word_of_mouth.moves import STROKE

COURIERS = np.arange(1, 16)
GENERATIONS = np.arange(0, 201, 4)
"""Generations at which the explorer of model collapse draws a point."""

MEMORIES = ("own prior, exact", "common prior", "own prior, naive", "what the naive claim")


def who_gains() -> Explorer:
    """Return the explorer of error variances agent by agent, for three ways to remember."""

    def draw(transition: float, drift: float, relay: float) -> Mapping[str, Any]:
        model = wom.Tracking(transition, drift, 1.0, relay, 4)
        naive = wom.private_naive(model)
        own, common = wom.private_exact(model, 200)[-1], wom.common_prior(model)
        return {
            "variance": np.concatenate([own, common, naive.actual, naive.claimed]),
            "agent 0: own prior": own[0],
            "agent 0: common prior": common[0],
            "agent 3: own prior, exact": own[3],
            "agent 3: common prior": common[3],
            "agent 3: naive": naive.actual[3],
            "agent 3: naive, claimed": naive.claimed[3],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X("agent:Q", title="agent", axis=alt.Axis(values=[0, 1, 2, 3], format="d")),
            y=alt.Y("variance:Q", title="error variance", scale=alt.Scale(type="log", domain=[0.04, 20])),
            **told_apart("memory", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("transition", "factor a of the state", (0.5, 0.8, 0.95, 1.0), 0.95),
            Slider("drift", "variance W of its steps", (0.1, 1.0), 1.0),
            Slider("relay", "relay noise Q", (0.02, 0.1, 0.3, 1.0, 3.0), 0.1),
        ],
        chart,
        fixed={
            "agent": np.tile(np.arange(4), 4),
            "memory": [name for name in MEMORIES for _ in range(4)],
        },
        title="Who gains from a common prior?",
        alt="Error variance of agents 0 to 3 for three ways to remember, and the variance that naive agents "
        "claim. At the first setting exact filters with private priors are lowest, a common prior slightly "
        "higher, and the naive agents' variance rises along the row while what they claim falls.",
    )


def rumour() -> Explorer:
    """Return the explorer of a rumour that several couriers bring."""

    def draw(accuracy: float, couriers: int) -> Mapping[str, Any]:
        naive = [wom.vote([k] + [1] * (k + 1), accuracy) for k in COURIERS]
        exact = [wom.vote([1] * (k + 2), accuracy).p_wrong for k in COURIERS]
        here = couriers - COURIERS[0]
        return {
            "error": [law.p_wrong for law in naive] + [law.p_admitted for law in naive] + exact,
            "naive: wrong": naive[here].p_wrong,
            "naive: admits": naive[here].p_admitted,
            "counted once: wrong": exact[here],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X("couriers:Q", title="couriers", scale=alt.Scale(domain=[1, 15])),
            y=alt.Y("error:Q", title="probability", scale=alt.Scale(domain=[0, 0.45])),
            **told_apart("kind", legend=STROKE),
        )
    )
    kinds = ("naive: wrong", "naive: admits", "counted once")
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of an observation", (0.55, 0.6, 0.7, 0.8, 0.9), 0.7),
            Slider("couriers", "read off at couriers", COURIERS.tolist(), 4, fmt="{:d}"),
        ],
        chart,
        fixed={
            "couriers": np.tile(COURIERS, 3),
            "kind": [kind for kind in kinds for _ in COURIERS],
        },
        title="One rumour, many couriers",
        alt="Three curves over the number of couriers, 1 to 15. The error of a listener who counts every "
        "observation once falls at every second one. The error of the naive listener rises from two couriers "
        "on towards that of a single observation, while the error it admits falls.",
    )


def collapse() -> Explorer:
    """Return the explorer of models trained on models, with a share of fresh data."""

    def draw(n: int, share: float) -> Mapping[str, Any]:
        fresh = round(share * n)
        law = wom.moments(n, int(GENERATIONS[-1]), fresh)
        return {
            "variance": np.concatenate([law.spread[GENERATIONS], law.wander[GENERATIONS]]),
            "fresh observations a generation": fresh,
            "spread after 200 generations": float(law.spread[-1]),
            "error of the mean after 200": float(law.wander[-1]),
            "its limit": wom.limiting_wander(n, fresh),
            "the two together": float(law.spread[-1] + law.wander[-1]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("generation:Q", title="generation", scale=alt.Scale(domain=[0, 200])),
            y=alt.Y("variance:Q", title="in units of the true variance", scale=alt.Scale(domain=[0, 1])),
            **told_apart("what", legend=STROKE),
        )
    )
    names = ("spread of the model", "error of its mean")
    return explore(
        draw,
        [
            Slider("n", "observations n", (10, 20, 50, 100, 200), 50, fmt="{:d}"),
            Slider("share", "share of them that is fresh", (0.0, 0.1, 0.2, 0.5, 1.0), 0.0),
        ],
        chart,
        fixed={
            "generation": np.tile(GENERATIONS, 2),
            "what": [name for name in names for _ in GENERATIONS],
        },
        title="Models trained on models",
        alt="Mean variance of the fitted model and mean squared error of its mean over 200 generations. "
        "Without fresh data the first falls towards zero and the second rises towards the true variance, the "
        "later the larger the sample; with fresh data both level off. Their sum is always one.",
    )
