"""The explorers: a walk of the public belief, one decision, a sensor being repaired, answers that are copies.

What an explorer computes on its own, `flag_means` and `copied_belief`, stands in front of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from llma import bayes
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, STROKE
from llma.explorers.protocol.story import EVEN, kettle, learning_ends, replay, sensor

NOT_TP2 = ((0.3, 0.1, 0.6), (0.2, 0.6, 0.2), (0.1, 0.45, 0.45))
"""Three levels, three flags; the highest flag lowers the posterior mean under a uniform prior."""

TP2 = ((0.6, 0.3, 0.1), (0.3, 0.4, 0.3), (0.1, 0.3, 0.6))
"""A sensor of the same size with all its minors non-negative."""

ACCURACIES = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


def belief_walk() -> Explorer:
    """Return the explorer of the public belief along six readings of your choice."""
    words = [" ".join(("bad", "good")[y] for y in ys) for ys in product((0, 1), repeat=3)]

    def walk(first: str, then: str, accuracy: float, tie: str) -> Mapping[str, Any]:
        ys = tuple(int(word == "good") for word in (first + " " + then).split())
        model = kettle(accuracy, tie=tie)
        run = replay(model, EVEN, ys)
        shared = bayes.filter_path(EVEN, sensor(accuracy), ys)[:, 1]
        settled = model.is_cascade([1 - run.beliefs[-1], run.beliefs[-1]], previous=run.actions[-1])
        start = next((str(k) for k, inside in enumerate(run.cascade) if inside), None)
        return {
            "belief": np.array([*run.beliefs, *shared]),
            "they say": " ".join(("no", "yes")[u] for u in run.actions),
            "cascade from agent": start or (f"{len(ys)}, the next" if settled else "none so far"),
            "public belief at the end": run.beliefs[-1],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point={"size": 60, "filled": True})
        .encode(
            x=alt.X("agents:Q", title="agents that have acted", axis=alt.Axis(tickCount=6, format="d")),
            y=alt.Y("belief:Q", title="belief in a good kettle", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title="what is public", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title="what is public", sort=None),
        )
    )
    return explore(
        walk,
        [
            Slider("first", "agents 0, 1, 2 read", words, "good good bad"),
            Slider("then", "agents 3, 4, 5 read", words, "bad bad bad"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("tie", "tie rule", ("low", "own", "follow"), "low"),
        ],
        chart,
        fixed={"agents": [*range(7), *range(7)], "curve": ["the actions"] * 7 + ["all reviews"] * 7},
        title="A walk of the public belief",
        alt="Two lines over the number of agents, from 0 to 6. One is the belief of somebody who hears the "
        "actions, the other the belief of somebody who hears all reviews. The first is flat once a "
        "cascade has begun.",
    )


def decision_map() -> Explorer:
    """Return the explorer of one agent's decision, as the public belief runs from 0 to 1."""
    beliefs = np.linspace(0.01, 0.99, 50)

    def decide(accuracy: float, kappa: float) -> Mapping[str, Any]:
        public = np.column_stack([1 - beliefs, beliefs])
        private = [bayes.posterior(public, sensor(accuracy), y)[:, 1] for y in (0, 1)]
        low, high = learning_ends(accuracy, kappa)
        line = kappa / (1 + kappa)
        return {
            "private": np.concatenate([*private, np.full(beliefs.size, line)]),
            "left": np.full(3 * beliefs.size, low),
            "right": np.full(3 * beliefs.size, high),
            "middle": np.full(3 * beliefs.size, (low + high) / 2),
            "learning region": f"{low:.3f} to {high:.3f}",
            "recommend above": line,
        }

    base = alt.Chart(NOW)
    lines = base.mark_line().encode(
        x=alt.X(
            "public:Q",
            title="public belief in a good kettle",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(tickCount=5, format=".1f"),
        ),
        y=alt.Y("private:Q", title="private belief", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("curve:N", title=None, sort=None),
        strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
    )
    region = base.mark_rect(opacity=0.12).encode(x=alt.X("min(left):Q"), x2="min(right)")
    name = base.mark_text(baseline="top", dy=4).encode(
        x=alt.X("min(middle):Q"), y=alt.value(0), text=alt.value("learning region")
    )
    names = ("after a bad review", "after a good review", "recommend above")
    return explore(
        decide,
        [
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("kappa", "cost ratio κ", (0.25, 0.33, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0), 1.0),
        ],
        alt.layer(region, lines, name),
        fixed={
            "public": np.tile(beliefs, 3),
            "curve": [name for name in names for _ in beliefs],
        },
        title="The decision of one agent",
        alt="Private belief against public belief: one rising curve after a bad review, a higher one after a "
        "good review, and a level line above which the agent recommends. The learning region is "
        "shaded, from where the higher curve crosses the line to where the lower one does: there the review "
        "decides.",
    )


def repaired(repair: float) -> NDArray[np.float64]:
    """Return the mixture of `NOT_TP2` and `TP2` with weight `repair` on the latter.

    >>> repaired(1.0).tolist() == [list(row) for row in TP2]
    True
    """
    return (1 - repair) * np.array(NOT_TP2) + repair * np.array(TP2)


def flag_means(repair: float, tilt: float) -> NDArray[np.float64]:
    """Return the posterior mean of the level after each flag, shape (3,); prior proportional to e^(tilt x).

    >>> flag_means(0.0, 0.0).round(3)
    array([0.667, 1.304, 0.88 ])
    """
    prior = np.exp(tilt * np.arange(3))
    beliefs = bayes.posterior(np.tile(prior / prior.sum(), (3, 1)), repaired(repair), np.arange(3))
    return np.asarray(beliefs @ np.arange(3))


def flag_repair() -> Explorer:
    """Return the explorer of a three-flag sensor that is repaired until it is TP2."""

    def flags(repair: float, tilt: float) -> Mapping[str, Any]:
        means = flag_means(repair, tilt)
        return {
            "mean": means,
            "means in order": "yes" if np.all(np.diff(means) >= 0) else "no",
            "TP2": "yes" if bayes.is_tp2(repaired(repair)) else "no",
            "recommends after flags 0, 1, 2": ", ".join("yes" if mean > 1 else "no" for mean in means),
        }

    bars = (
        alt.Chart(NOW)
        .mark_bar(size=44)
        .encode(
            x=alt.X("flag:O", title="flag", axis=alt.Axis(labelAngle=0)),
            y=alt.Y(
                "mean:Q",
                title="posterior mean of the level",
                scale=alt.Scale(domain=[0, 2]),
                axis=alt.Axis(tickCount=5),
            ),
        )
    )
    return explore(
        flags,
        [
            Slider("repair", "repair", np.linspace(0, 1, 21).tolist(), 0.0),
            Slider("tilt", "tilt of the prior", np.linspace(-2, 2, 9).tolist(), 0.0, fmt="{:+.1f}"),
        ],
        bars,
        fixed={"flag": ["0", "1", "2"]},
        title="Repairing a sensor that is not TP2",
        alt="Three bars: the posterior mean of the quality level, between 0 and 2, after flags 0, 1 and 2. "
        "Without repair and tilt they are 0.667, 1.304 and 0.880: the highest flag gives less than flag 1.",
    )


def copied_belief(n_answers: int, share: float, accuracy: float) -> float:
    """Return the belief in state 1 after n answers "good" that are copies with probability `share`.

    >>> round(copied_belief(5, 0.0, 0.7), 3), round(copied_belief(5, 1.0, 0.7), 3)
    (0.986, 0.7)
    """
    chance = [share * p + (1 - share) * p**n_answers for p in (1 - accuracy, accuracy)]
    return chance[1] / (chance[0] + chance[1])


def copies() -> Explorer:
    """Return the explorer of repeated answers of one model that may be copies of each other."""
    answers = range(1, 11)

    def ask(share: float, accuracy: float) -> Mapping[str, Any]:
        curves = [[copied_belief(n, s, accuracy) for n in answers] for s in (0.0, share, 1.0)]
        return {
            "belief": np.concatenate(curves),
            "after five, taken as independent": copied_belief(5, 0.0, accuracy),
            "after five, correct": copied_belief(5, share, accuracy),
        }

    names = ("taken as independent", "correct", "all copies")
    chart = (
        alt.Chart(NOW)
        .mark_line(point={"size": 40, "filled": True})
        .encode(
            x=alt.X("answers:Q", title="equal answers 'good'", axis=alt.Axis(format="d")),
            y=alt.Y("belief:Q", title="belief in a good kettle", scale=alt.Scale(domain=[0.5, 1])),
            color=alt.Color("curve:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        ask,
        [
            Slider("share", "share of copies s", np.linspace(0, 1, 21).tolist(), 0.0),
            Slider("accuracy", "accuracy of one answer", ACCURACIES, 0.7),
        ],
        chart,
        fixed={"answers": [*answers] * 3, "curve": [name for name in names for _ in answers]},
        title="Five answers or one?",
        alt="Belief against the number of equal answers, from 1 to 10. Taken as independent it rises fast "
        "towards 1. If all answers are copies it stays where the first answer put it. The correct curve lies "
        "between; once some answers may be copies it rises, turns and falls back.",
    )
