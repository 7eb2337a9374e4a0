"""The explorers: more readings, forced reveals, flagged reveals, their bill, noise, and copies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.private.laws import EVEN, copies, ends_wrong, errors, forced_wrong, policy, row
from llma.private_observations import Crowd
from llma.private_observations import closed_forms as forms
from llma.social import TIE_RULES

NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke")
ACCURACIES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
HORIZON = 1000
WAITS = 60
"""Agents drawn by the explorers that follow a row agent by agent."""


def readings() -> Explorer:
    """Return the explorer of m readings an agent: how soon, how wrong, and the bounds."""
    agents = np.arange(WAITS + 1)

    def draw(m: int, accuracy: float, tie: str) -> Mapping[str, Any]:
        model = row(accuracy, m, tie)
        law = model.exact(EVEN, WAITS + 1, prune=1e-7, max_points=1500)
        low, high = forms.wrong_bounds(accuracy, m)
        return {
            "chance": np.concatenate([law.p_cascade_by.mean(axis=1), law.p_wrong_cascade_by.mean(axis=1)]),
            "wrong cascade by agent 60": ends_wrong(law),
            "at most, at any time": float(high),
            "at least, in the end": float(low),
            "agent 0 wrong": float(law.p_wrong_action[0].mean()),
            "learning region of agent 0": str(model.cascade_region()),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=alt.X(
                "agent:Q", title="agent k", scale=alt.Scale(domain=[0, WAITS]), axis=alt.Axis(format="d")
            ),
            y=alt.Y("chance:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("kind:N", title="agent k acts in", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("kind:N", title="agent k acts in", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("m", "readings of an agent", (1, 2, 3, 4), 1, fmt="{:d}"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("tie", "tie rule", TIE_RULES, "coin"),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "kind": [name for name in ("a cascade", "a wrong cascade") for _ in agents],
        },
        title="More readings (even prior, mean over the states)",
        alt="Two step curves over the number of the agent, 0 to 60: the probability that it acts in a "
        "cascade, which rises towards 1, and in a wrong one, which levels off. With more readings an "
        "agent the first rises later and the second ends lower.",
    )


def reveals() -> Explorer:
    """Return the explorer of K forced reveals: the wrong cascades for every K, and the exponential bound."""
    numbers = np.arange(41)

    def draw(n_reveal: int, accuracy: float, tie: str) -> Mapping[str, Any]:
        wrong = forced_wrong(accuracy, numbers, tie)
        beta = forms.bhattacharyya(((accuracy, 1 - accuracy), (1 - accuracy, accuracy)))
        return {
            "wrong": np.concatenate([wrong, 0.5 * beta**numbers]),
            "K reveals": n_reveal,
            "ends wrong": f"{wrong[n_reveal]:.4f}",
            "with one reveal fewer": f"{wrong[max(n_reveal - 1, 0)]:.4f}",
            "without reveals": f"{wrong[0]:.4f}",
            "exponent, per reveal": f"{-np.log(beta):.4f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X("number:Q", title="forced reveals K", scale=alt.Scale(domain=[0, 40])),
            y=alt.Y(
                "wrong:Q",
                title="probability of a wrong cascade",
                scale=alt.Scale(type="log", domain=[1e-6, 1], clamp=True),
                axis=alt.Axis(format=".0e", values=[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]),
            ),
            color=alt.Color("curve:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None, legend=STROKE),
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
        sensor = ((accuracy, 1 - accuracy), (1 - accuracy, accuracy))
        wrong, bound = law.p_wrong_cascade_by.mean(axis=1), forms.listener_bound(EVEN, sensor, law.reveal)
        slope = (law.mean_log_odds[400, 1] - law.mean_log_odds[300, 1]) / 100
        return {
            "wrong": np.concatenate([wrong[shown], bound[shown]]),
            "wrong cascade at k = 20": f"{wrong[20]:.4f}",
            "at k = 100": f"{wrong[100]:.4f}",
            "at k = 400": f"{wrong[400]:.2e}",
            "log-odds an agent, k from 300 to 400": f"{slope:.4f}",
            "ε times KL": f"{chance * forms.divergence(sensor)[1]:.4f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, 400])),
            y=alt.Y(
                "wrong:Q",
                title="probability",
                scale=alt.Scale(type="log", domain=[1e-6, 1], clamp=True),
                axis=alt.Axis(format=".0e", values=[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]),
            ),
            color=alt.Color("curve:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None, legend=STROKE),
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
        curves = [
            total("nobody", 0),
            total("first K", first),
            total("share ε", chance),
            total("c / t", rate),
        ]
        at_100 = int(np.searchsorted(marks, 100))
        return {
            "errors": np.concatenate(curves),
            "nobody / K / ε / c, at 100": " / ".join(f"{curve[at_100]:.1f}" for curve in curves),
            "the same, at 1000": " / ".join(f"{curve[-1]:.1f}" for curve in curves),
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
            color=alt.Color("who:N", title="who reveals", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("who:N", title="who reveals", sort=None, legend=STROKE),
        )
    )
    names = ("nobody", "first K", "share ε", "c / t")
    return explore(
        draw,
        [
            Slider("first", "forced reveals K", (0, 5, 9, 15, 21, 31, 41, 61), 15, fmt="{:d}"),
            Slider("chance", "chance of a reveal ε", (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2), 0.05),
            Slider("rate", "rate c of c / t", (1, 2, 3, 4, 6, 8, 12, 16), 4, fmt="{:d}"),
        ],
        chart,
        fixed={"agents": np.tile(marks, 4), "who": [name for name in names for _ in marks]},
        title="The bill (accuracy 0.7, rule own)",
        alt="Expected number of wrong actions among the first n agents, n from 1 to 1000, both scales "
        "logarithmic, for four policies: nobody reveals, the first K, each with chance epsilon, agent "
        "t with chance c over t.",
    )


def noise() -> Explorer:
    """Return the explorer of noisy publication: the saw-tooth."""
    base, leads = np.linspace(0, 0.46, 93), range(2, 32)

    @cache
    def curve(accuracy: float) -> tuple[Floats, Floats]:
        jumps = np.array([forms.jump_of_noise(accuracy, lead) for lead in leads])
        fine = np.concatenate([base, jumps - 1e-6, jumps])
        fine.sort()
        return fine, np.asarray(forms.wrong_after_noise(accuracy, fine))

    def draw(accuracy: float, d: float) -> Mapping[str, Any]:
        at, wrong = curve(accuracy)
        here = float(forms.wrong_after_noise(accuracy, d))
        return {
            "d": np.concatenate([at, [d]]),
            "wrong": np.concatenate([wrong, [here]]),
            "wrong cascade": f"{here:.4f}",
            "without noise": f"{float(forms.wrong_after_noise(accuracy, 0)):.4f}",
            "alone": f"{1 - accuracy:.4f}",
            "lead that starts a cascade": int(forms.lead_of_noise(accuracy, d)),
            "agents that count": f"{float(forms.agents_after_noise(accuracy, d)):.2f}",
        }

    x = alt.X("d:Q", title="noise d of the publication", scale=alt.Scale(domain=[0, 0.5]))
    y = alt.Y("wrong:Q", title="probability of a wrong cascade", scale=alt.Scale(domain=[0, 0.45]))
    lines = alt.Chart(NOW).mark_line().transform_filter("datum.kind == 'curve'").encode(x=x, y=y)
    dot = (
        alt.Chart(NOW)
        .mark_point(size=110, filled=True, color="#d95f02")
        .transform_filter("datum.kind == 'here'")
        .encode(x=x, y=y)
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", (0.6, 0.65, 0.7, 0.75, 0.8, 0.9), 0.7),
            Slider(
                "d",
                "noise d",
                (
                    0.0,
                    0.05,
                    0.1,
                    0.15,
                    0.2,
                    0.22,
                    0.239,
                    0.2395,
                    0.25,
                    0.27,
                    0.3,
                    0.32,
                    0.33,
                    0.36,
                    0.4,
                    0.45,
                ),
                0.239,
                fmt="{:.4g}",
            ),
        ],
        lines + dot,
        fixed={"kind": ["curve"] * (len(base) + 2 * len(leads)) + ["here"]},
        title="Noisy publication (rule own, even prior)",
        alt="Probability of a wrong cascade against the noise of the publication: it rises from its value "
        "without noise to that of a single reading, falls at once, rises again, and so on, with "
        "smaller and smaller falls.",
    )


def repeats() -> Explorer:
    """Return the explorer of answers that are copies: what a row believes to happen, and what happens."""
    agents = np.arange(31)

    def draw(m: int, share: float, accuracy: float) -> Mapping[str, Any]:
        crowd = Crowd(row(accuracy, m))
        claim = crowd.exact(EVEN, 31, prune=1e-7)
        fact = crowd.exact(EVEN, 31, truth=copies(accuracy, m, share), prune=1e-7)
        promised, found = (law.p_wrong_action.mean(axis=1) for law in (claim, fact))
        return {
            "error": np.concatenate([promised, found]),
            "agent 0 errs, promised": float(promised[0]),
            "agent 0 errs": float(found[0]),
            "agent 30 errs, promised": float(promised[30]),
            "agent 30 errs": float(found[30]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, 30]), axis=alt.Axis(format="d")),
            y=alt.Y("error:Q", title="probability that agent k is wrong", scale=alt.Scale(domain=[0, 0.42])),
            color=alt.Color("law:N", title="answers", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("law:N", title="answers", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("m", "answers of an agent", (1, 2, 3), 3, fmt="{:d}"),
            Slider("share", "chance that they are copies", (0.0, 0.25, 0.5, 0.75, 1.0), 1.0),
            Slider("accuracy", "accuracy of an answer", (0.6, 0.7, 0.8), 0.7),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "law": [name for name in ("as promised", "as they are") for _ in agents],
        },
        title="Answers that may be copies (rule own, even prior)",
        alt="Probability of a wrong action over the number of the agent, 0 to 30: as promised by a row "
        "that takes its answers for independent, and as it is when they may be copies of one answer.",
    )
