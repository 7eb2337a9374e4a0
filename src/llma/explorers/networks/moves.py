"""The explorers: error by agent, lines with Gaussian readings, guinea pigs, a state that moves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, agent_axis, told_apart
from llma.explorers.networks.shapes import (
    EVEN,
    PIGS,
    SHAPES,
    all_readings,
    pigs_error,
    shape,
    tell,
)
from llma.explorers.readings import gaussian_errors, symmetric
from llma.networks import cascade_length, gaussian_line, long_run, longest_cascade, symmetric_error
from llma.social import SocialLearning

STROKE = alt.Legend(symbolType="stroke", orient="bottom", columns=1)
ERROR = "probability that agent k is wrong"
ACCURACIES = (0.6, 0.7, 0.8, 0.9)


def _small(error: float) -> str:
    """Return an error as text that never rounds a positive number to zero."""
    return f"{error:.4f}" if error >= 1e-4 else "below 0.0001"


def errors() -> Explorer:
    """Return the explorer of the error by agent, with network, accuracy and prior."""
    n_agents = 12
    agents = np.arange(n_agents)

    def draw(network: str, accuracy: float, prior: float) -> Mapping[str, Any]:
        start = (1 - prior, prior)
        bayes, naive = (
            tell(network, accuracy, n_agents, kind=kind).exact(start).error for kind in ("bayes", "naive")
        )
        everything = np.array([all_readings(accuracy, k + 1, prior) for k in range(n_agents)])
        return {
            "error": np.concatenate([bayes, naive, everything]),
            "links": len(shape(network, n_agents).edges),
            "agent 11, Bayes": bayes[-1],
            "agent 11, naive": naive[-1],
            "average agent, Bayes": bayes.mean(),
            "average agent, naive": naive.mean(),
        }

    names = ("Bayes", "naive", "hears all readings")
    chart = (
        alt.Chart(NOW)
        .mark_line(point=alt.OverlayMarkDef(size=40))
        .encode(
            x=agent_axis(11),
            y=alt.Y("error:Q", title=ERROR, scale=alt.Scale(domain=[0, 0.5], nice=False)),
            **told_apart("who", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("network", "who sees whom", tuple(SHAPES), "line"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("prior", "prior of state 1", (0.5, 0.52, 0.55, 0.58), 0.55),
        ],
        chart,
        fixed={"agent": np.tile(agents, 3), "who": [name for name in names for _ in agents]},
        title="Error by agent (rule low)",
        alt="Probability of a wrong action over the number of the agent, 0 to 11, for three kinds of agents: "
        "Bayesian and naive ones on the chosen network, and one who hears all readings up to its own, whose "
        "error is the lowest.",
    )


def lines() -> Explorer:
    """Return the explorer of the line and the row with Gaussian readings, and with their signs alone."""
    n_agents = 200
    shown = np.unique(np.round(np.geomspace(1, n_agents, 40)).astype(int))

    def draw(sigma: float, tie: str) -> Mapping[str, Any]:
        line, row = gaussian_line(n_agents, sigma).mean(axis=1), gaussian_errors(sigma, n_agents)
        sign = symmetric_error(1 - float(line[0]), n_agents, tie)
        return {
            "exponent": np.log10(np.concatenate([curve[shown - 1] for curve in (row, line, sign)])),
            "agent 0": _small(line[0]),
            "agent 199, sees all": _small(row[-1]),
            "agent 199, sees one": _small(line[-1]),
            "agent 199, sees one, signs only": _small(sign[-1]),
        }

    names = ("sees all", "sees one", "sees one, signs only")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "agents:Q",
                title="agents so far, k + 1 (log scale)",
                scale=alt.Scale(type="log", domain=[1, 200], nice=False),
                axis=alt.Axis(values=[1, 2, 5, 10, 20, 50, 100, 200], format="d"),
            ),
            y=alt.Y(
                "exponent:Q",
                title="error of agent k (log scale)",
                scale=alt.Scale(domain=[-5, -0.3], nice=False),
                axis=alt.Axis(values=[-5, -4, -3, -2, -1], labelExpr="format(pow(10, datum.value), '~g')"),
            ),
            **told_apart("who", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("sigma", "standard deviation of a reading", (0.75, 1.0, 1.5, 2.0), 1.0),
            Slider("tie", "tie rule for signs", ("low", "own"), "low"),
        ],
        chart,
        fixed={"agents": np.tile(shown, 3), "who": [name for name in names for _ in shown]},
        title="Gaussian readings: to see all, to see one",
        alt="Error over the number of agents so far, both on logarithmic scales. With Gaussian readings it "
        "falls for ever, faster for agents who see all than for those who see one; with signs only it "
        "levels off.",
    )


def guinea_pigs() -> Explorer:
    """Return the explorer of guinea pigs: the error of the average agent so far, against a row."""
    n_agents = 400
    agents = np.arange(n_agents)
    shown = np.concatenate([np.arange(20), np.arange(20, n_agents, 5)])

    @cache
    def row(accuracy: float) -> Floats:
        start = tell("everybody", accuracy, 40).exact(EVEN).error
        return np.concatenate([start, np.full(n_agents - 40, start[-1])])

    def draw(pigs: str, accuracy: float) -> Mapping[str, Any]:
        error, count = pigs_error(accuracy, PIGS[pigs], n_agents)
        is_pig = np.array([PIGS[pigs](n) for n in range(n_agents)])
        before = np.cumsum(is_pig) - is_pig
        others = np.array([all_readings(accuracy, m + 1) for m in range(count + 1)])[before]
        means = [curve.cumsum() / (agents + 1) for curve in (error, row(accuracy))]
        return {
            "error": np.concatenate([others[shown], means[0][shown], means[1][shown]]),
            "guinea pigs among 400": count,
            "last agent, no guinea pig": _small(others[~is_pig][-1]),
            "average of 400 agents": error.mean(),
            "average in a row of 400": row(accuracy).mean(),
        }

    names = ("agent k, if no guinea pig", "average up to agent k", "average in a row (low)")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "agent:Q",
                title="agent k",
                scale=alt.Scale(domain=[0, 400]),
                axis=alt.Axis(values=[0, 100, 200, 300, 400], format="d"),
            ),
            y=alt.Y("error:Q", title="probability of a wrong action", scale=alt.Scale(domain=[0, 0.45])),
            **told_apart("who", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("pigs", "guinea pigs", tuple(PIGS), "the squares"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
        ],
        chart,
        fixed={"agent": np.tile(shown, 3), "who": [name for name in names for _ in shown]},
        title="Guinea pigs (even prior; row: rule low)",
        alt="Three curves over the number of the agent, 0 to 400: the error of agents who see all guinea "
        "pigs before them, the average error of all agents so far, and the average error in a row where "
        "everybody sees everybody.",
        formats={name: (name, "{:.4f}") for name in ("average of 400 agents", "average in a row of 400")},
    )


def moving() -> Explorer:
    """Return the explorer of a cascade under a moving state: how long it lasts, and whether it ends."""
    steps = np.arange(31)
    rates = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)

    def draw(up: float, down: float, accuracy: float, start: float) -> Mapping[str, Any]:
        model = SocialLearning(symmetric(accuracy), ((0.0, 1.0), (1.0, 0.0)), tie="own")
        chain = ((1 - up, up), (down, 1 - down))
        target, factor = long_run(chain)
        length = cascade_length(model, chain, start)
        most = longest_cascade(model, chain)
        path = target + (start - target) * factor**steps
        path = np.where(steps <= length, path, np.nan)
        flat = np.ones(len(steps))
        return {
            "belief": np.concatenate([path, (1 - accuracy) * flat, accuracy * flat, target * flat]),
            "agents in this cascade": "it never ends" if length == np.inf else str(length),
            "longest cascade there can be": "no bound"
            if most == np.inf
            else "one agent"
            if most == 1
            else f"at most {most} agents",
            "factor λ": factor,
            "long-run belief": target,
        }

    names = ("public belief", "ends of the learning region", "ends of the learning region", "long-run belief")
    curves = ("path", "lower", "upper", "target")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "step:Q",
                title="agents since the cascade began",
                scale=alt.Scale(domain=[0, 30]),
                axis=alt.Axis(format="d"),
            ),
            y=alt.Y("belief:Q", title="public belief in state 1", scale=alt.Scale(domain=[0, 1])),
            **told_apart("what", legend=STROKE),
            detail="curve:N",
        )
    )
    return explore(
        draw,
        [
            Slider("up", "chance that bad turns good", rates, 0.05),
            Slider("down", "chance that good turns bad", rates, 0.05),
            Slider("accuracy", "accuracy of a reading", (0.6, 0.7, 0.8), 0.7),
            Slider("start", "belief at which it begins", (0.02, 0.1, 0.15, 0.85, 0.9, 0.98), 0.1),
        ],
        chart,
        fixed={
            "step": np.tile(steps, 4),
            "what": [name for name in names for _ in steps],
            "curve": [name for name in curves for _ in steps],
        },
        title="A cascade while the state moves (everybody sees everybody, rule own)",
        alt="The public belief over the number of agents since a cascade began. It moves towards the "
        "long-run belief, and the curve stops with the first agent for whom it lies in the learning region, "
        "which is marked by two level lines.",
    )
