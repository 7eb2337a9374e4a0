"""The explorers of those who reveal: the first agents, each now and then, and their bill."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart
from llma.explorers.private.laws import ACCURACIES, EVEN, POLICIES, errors, forced_wrong, policy, told
from llma.explorers.readings import symmetric
from llma.private_observations import closed_forms as forms

HORIZON = 1000


def reveals() -> Explorer:
    """Return the explorer of K forced reveals: the wrong cascades for every K, and the exponential bound."""
    numbers = np.arange(41)

    def draw(n_reveal: int, accuracy: float, tie: str) -> Mapping[str, Any]:
        wrong = forced_wrong(accuracy, numbers, tie)
        beta = forms.bhattacharyya(symmetric(accuracy))
        return {
            "wrong": np.concatenate([wrong, 0.5 * beta**numbers]),
            "K reveals": n_reveal,
            "ends wrong": told(wrong[n_reveal]),
            "with one reveal fewer": told(wrong[n_reveal - 1]) if n_reveal else "none",
            "without reveals": f"{wrong[0]:.4f}",
            "exponent, per reveal": f"{-np.log(beta):.4f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X("number:Q", title="forced reveals K", scale=alt.Scale(domain=[0, 40])),
            y=_small_chances("probability of a wrong cascade"),
            **told_apart("curve"),
        )
    )
    return explore(
        draw,
        [
            Slider("n_reveal", "forced reveals K", tuple(range(13)), 2, fmt="{:d}"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("tie", "tie rule", ("low", "own", "coin"), "own"),
        ],
        chart,
        fixed={
            "number": np.tile(numbers, 2),
            "curve": [name for name in ("wrong cascade", "bound") for _ in numbers],
        },
        title="The first K agents reveal (even prior)",
        alt="Probability of a wrong cascade against the number of forced reveals, 0 to 40, on a "
        "logarithmic scale, below the straight line of the bound. Under the rule own it is a "
        "staircase with steps of two.",
    )


def waves() -> Explorer:
    """Return the explorer of flagged reveals: errors of those who listen, agent by agent."""
    n = 401
    shown = np.unique(np.concatenate([np.arange(0, 60, 3), np.arange(60, n, 10)]))

    def draw(chance: float, accuracy: float) -> Mapping[str, Any]:
        law = policy("share ε", chance, n, accuracy)
        sensor = symmetric(accuracy)
        wrong, bound = law.p_wrong_cascade_by.mean(axis=1), forms.listener_bound(EVEN, sensor, law.reveal)
        slope = (law.mean_log_odds[400, 1] - law.mean_log_odds[300, 1]) / 100
        return {
            "wrong": np.concatenate([wrong[shown], bound[shown]]),
            "wrong cascade at k = 20": told(wrong[20]),
            "at k = 100": told(wrong[100]),
            "at k = 400": told(wrong[400]),
            "log-odds an agent, k from 300 to 400": f"{slope:.4f}",
            "ε times D": f"{chance * forms.divergence(sensor)[1]:.4f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "agent:Q",
                title="agent k",
                scale=alt.Scale(domain=[0, 400]),
                axis=alt.Axis(values=[0, 100, 200, 300, 400]),
            ),
            y=_small_chances("probability"),
            **told_apart("curve"),
        )
    )
    return explore(
        draw,
        [
            Slider("chance", "chance of a reveal ε", (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5), 0.02),
            Slider("accuracy", "accuracy of a reading", (0.6, 0.7, 0.8), 0.7),
        ],
        chart,
        fixed={
            "agent": np.tile(shown, 2),
            "curve": [name for name in ("in a wrong cascade", "bound for listeners") for _ in shown],
        },
        title="Each agent reveals with chance ε (rule own, even prior)",
        alt="Probability that the public belief before agent k is a wrong cascade, on a logarithmic "
        "scale, for k up to 400, and the bound for the error of a listener. Without reveals it is "
        "level; with reveals both fall in nearly straight lines.",
    )


def bill() -> Explorer:
    """Return the explorer of what reveals cost: wrong actions so far, under four policies."""
    marks = np.unique(np.append(np.geomspace(1, HORIZON, 45).astype(int), 100))

    @cache
    def total(name: str, amount: float) -> Floats:
        return np.asarray(errors(policy(name, amount, HORIZON))[marks - 1])

    def draw(first: int, chance: float, rate: int) -> Mapping[str, Any]:
        curves = {name: total(name, amount) for name, amount in zip(POLICIES, (0, first, chance, rate))}
        at_100 = int(np.searchsorted(marks, 100))
        told = {name: f"{curve[at_100]:.1f} and {curve[-1]:.1f}" for name, curve in curves.items()}
        return {
            "errors": np.concatenate(list(curves.values())),
            "at 100 and 1000 agents, nobody": told["nobody"],
            **{name: told[name] for name in POLICIES[1:]},
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("agents:Q", title="agents so far", scale=alt.Scale(type="log", domain=[1, HORIZON])),
            y=alt.Y(
                "errors:Q",
                title="expected wrong actions so far",
                scale=alt.Scale(type="log", domain=[0.3, 200], clamp=True),
            ),
            **told_apart("who", "who reveals"),
        )
    )
    return explore(
        draw,
        [
            Slider("first", "forced reveals K", (0, 5, 9, 15, 21, 31, 39, 61), 5, fmt="{:d}"),
            Slider("chance", "chance of a reveal ε", (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2), 0.01),
            Slider("rate", "rate c of c / t", (1, 2, 3, 4, 6, 8, 12, 16), 12, fmt="{:d}"),
        ],
        chart,
        fixed={"agents": np.tile(marks, 4), "who": [name for name in POLICIES for _ in marks]},
        title="The bill (accuracy 0.7, rule own)",
        alt="Expected number of wrong actions among the first n agents, n from 1 to 1000, both scales "
        "logarithmic, for four policies: nobody reveals, the first K, each with chance epsilon, agent "
        "t with chance c over t.",
    )


def _small_chances(title: str) -> alt.Y:
    """Return the axis of the column "wrong", logarithmic down to one in a million."""
    return alt.Y(
        "wrong:Q",
        title=title,
        scale=alt.Scale(type="log", domain=[1e-6, 1], clamp=True),
        axis=alt.Axis(format=".0e", values=[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]),
    )
