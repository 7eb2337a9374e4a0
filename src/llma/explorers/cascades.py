"""The explorers and tables of the chapter "Information cascades: when, how soon, how wrong".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. Nothing here is simulated: all numbers come from `SocialLearning.exact` and
`llma.social.gaussian`.

>>> law = row(0.7).exact((0.5, 0.5), 60)
>>> law.p_wrong_cascade_by[-1].round(4)
array([0.1139, 0.3797])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, ndtr, ndtri

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.social import TIE_RULES, UPDATES, SocialLearning, closed_forms, gaussian

EVEN = (0.5, 0.5)
PRIORS = (0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke")
ERROR = "probability that agent k is wrong"
MANY = 60
"""Agents after whom a symmetric sensor of accuracy 0.55 or more leaves no mass outside cascades."""

FINE = ((0.8, 0.1, 0.1), (0.2, 0.3, 0.5))
"""A sensor with three answers. Merging the last two gives the symmetric sensor of accuracy 0.8."""

COARSE = ((0.8, 0.2), (0.2, 0.8))
"""`FINE` with its last two answers merged."""

GENERAL = ((0.6, 0.25, 0.15), (0.2, 0.3, 0.5))
"""The chapter's asymmetric sensor with three answers; its prior is (0.55, 0.45) and its cost ratio 1.4."""

PAPER = ((35 / 40, 5 / 40), (12 / 200, 188 / 200))
"""Does the model raise any flag (columns: no, yes) on comments without and with hostility (rows)?

Counted from the answers published with Jain and Krishnamurthy (2025): 40 comments of the lowest of six
levels of hostility, 200 of the five others."""


def row(accuracy: float, kappa: float = 1.0, tie: str = "low", update: str = "bayes") -> SocialLearning:
    """Return the row of agents of the story: a symmetric sensor, and costs with ratio of regrets `kappa`.

    >>> row(0.75, kappa=2.0).cascade_region().lower
    0.4
    """
    likelihood = ((accuracy, 1 - accuracy), (1 - accuracy, accuracy))
    return SocialLearning(likelihood, ((0.0, kappa), (1.0, 0.0)), tie=tie, update=update)


def tracking(likelihood: ArrayLike, tie: str = "low") -> SocialLearning:
    """Return the model with a given likelihood in which action x is right in state x; an error costs 1."""
    return SocialLearning(likelihood, ((0.0, 1.0), (1.0, 0.0)), tie=tie)


def wrong(model: SocialLearning, q: float, n_agents: int = MANY) -> float:
    """Return the probability of a wrong cascade by agent `n_agents`, averaged over the prior (1 - q, q).

    >>> round(wrong(row(0.7, tie="own"), 0.5), 4)
    0.1552
    """
    return float(np.array([1 - q, q]) @ model.exact((1 - q, q), n_agents).p_wrong_cascade_by[-1])


def agents_that_count(model: SocialLearning, q: float, n_agents: int = MANY) -> Floats:
    """Return the expected number of agents whose action depends on their reading, in each state, shape (2,).

    >>> agents_that_count(row(0.7, tie="own"), 0.5).round(3)
    array([3.448, 3.448])
    """
    return np.asarray((1 - model.exact((1 - q, q), n_agents).p_cascade_by).sum(axis=0))


def last_agent_table(accuracy: float, n_agents: int) -> str:
    """Return, for each tie rule, how wrong the last agent is and how many readings counted (even prior).

    >>> print(last_agent_table(0.7, 1000))
    tie rule  wrong  readings
    low       0.247       1.9
    own       0.155       3.4
    coin      0.247       2.5
    follow    0.300       1.0
    """
    lines = ["tie rule  wrong  readings"]
    for tie in TIE_RULES:
        model = row(accuracy, tie=tie)
        last = model.exact(EVEN, n_agents).p_wrong_action[-1].mean()
        lines.append(f"{tie:8}{last:7.3f}{agents_that_count(model, 0.5).mean():10.1f}")
    return "\n".join(lines)


def rules_table(accuracies: Sequence[float], q: float = 0.5) -> str:
    """Return the probability of a wrong cascade under each tie rule, averaged over the prior (1 - q, q).

    >>> print(rules_table((0.6, 0.7)))
      p    own   coin    low  follow
    0.6  0.308  0.368  0.368   0.400
    0.7  0.155  0.247  0.247   0.300
    """
    lines = ["  p    own   coin    low  follow"]
    for p in accuracies:
        own, coin, low, follow = (wrong(row(p, tie=tie), q) for tie in ("own", "coin", "low", "follow"))
        lines.append(f"{p:.1f}{own:7.3f}{coin:7.3f}{low:7.3f}{follow:8.3f}")
    return "\n".join(lines)


def near_even_table(accuracy: float, priors: Sequence[float]) -> str:
    """Return the probability of a wrong cascade in each state and on average, for priors near one half.

    >>> print(near_even_table(0.7, (0.5, 0.5001)))
     prior    rule    x=0    x=1   mean
    0.5000     low  0.114  0.380  0.247
    0.5000     own  0.155  0.155  0.155
    0.5000    coin  0.247  0.247  0.247
    0.5000  follow  0.300  0.300  0.300
    0.5001     any  0.380  0.114  0.247
    """
    lines = [" prior    rule    x=0    x=1   mean"]
    for q in priors:
        laws = {
            tie: row(accuracy, tie=tie).exact((1 - q, q), MANY).p_wrong_cascade_by[-1] for tie in TIE_RULES
        }
        if np.ptp(np.array(list(laws.values())), axis=0).max() < 1e-9:
            laws = {"any": laws["low"]}
        for tie, by_state in laws.items():
            mean = (1 - q) * by_state[0] + q * by_state[1]
            lines.append(f"{q:.4f}{tie:>8}{by_state[0]:7.3f}{by_state[1]:7.3f}{mean:7.3f}")
    return "\n".join(lines)


def curves() -> Explorer:
    """Return the explorer of how soon and how wrong, with prior, accuracy, cost ratio and tie rule."""
    agents = np.arange(21)

    def draw(prior: float, accuracy: float, kappa: float, tie: str) -> Mapping[str, Any]:
        model = row(accuracy, kappa, tie)
        law = model.exact((1 - prior, prior), MANY)
        by, bad = law.p_cascade_by, law.p_wrong_cascade_by
        return {
            "chance": np.concatenate([by[:21, 0], by[:21, 1], bad[:21, 0], bad[:21, 1]]),
            "wrong in state 0": bad[-1, 0],
            "wrong in state 1": bad[-1, 1],
            "wrong on average": (1 - prior) * bad[-1, 0] + prior * bad[-1, 1],
            "agents that count, on average": float((1 - by).sum(axis=0) @ [1 - prior, prior]),
            "learning region of agent 0": str(model.cascade_region()),
        }

    names = ("a cascade", "a cascade", "a wrong cascade", "a wrong cascade")
    chart = (
        alt.Chart(NOW)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, 20]), axis=alt.Axis(format="d")),
            y=alt.Y("chance:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("state:N", title="true state", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("kind:N", title="agent k acts in", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("prior", "prior of state 1", PRIORS, 0.5),
            Slider("accuracy", "accuracy of a reading", (0.55, 0.6, 0.7, 0.8, 0.9), 0.7),
            Slider("kappa", "cost ratio κ", (0.33, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0), 1.0),
            Slider("tie", "tie rule", TIE_RULES, "low"),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 4),
            "state": [state for state in ("0, bad", "1, good") * 2 for _ in agents],
            "kind": [name for name in names for _ in agents],
        },
        title="How soon, and how wrong",
        alt="Four step curves over the number of the agent, 0 to 20, two for each state: the probability "
        "that this agent acts in a cascade, which rises towards 1, and the probability that it acts in a "
        "wrong cascade, which rises and levels off below.",
    )


def region_map() -> Explorer:
    """Return the heat map of the learning region over prior and cost ratio."""
    mesh = 0.125
    half = 0.51 * mesh  # cells overlap a little: hairlines between them would show
    log_odds, log_kappa = (
        grid.ravel() for grid in np.meshgrid(np.arange(-24, 25) * mesh, np.arange(-16, 17) * mesh)
    )
    # The law in each state depends on odds / kappa alone, so a few dozen laws fill the whole map.
    offset = np.rint((log_odds - log_kappa) / mesh).astype(int)
    offsets = np.arange(offset.min(), offset.max() + 1)

    def fill(accuracy: float, tie: str) -> Mapping[str, Any]:
        model = row(accuracy, tie=tie)
        by_offset = np.array([agents_that_count(model, float(q)) for q in expit(offsets * mesh)])
        by_state = by_offset[offset - offsets[0]]
        q = expit(log_odds)
        count = (1 - q) * by_state[:, 0] + q * by_state[:, 1]
        return {
            "agents": count,
            "learning region at κ = 1": f"{1 - accuracy:.2f} to {accuracy:.2f}",
            "most agents that count": float(count.max()),
        }

    chart = (
        alt.Chart(NOW)
        .mark_rect()
        .encode(
            x=alt.X(
                "left:Q",
                title="prior of state 1 (log-odds scale)",
                scale=alt.Scale(domain=[-3 - mesh / 2, 3 + mesh / 2], nice=False),
                axis=alt.Axis(
                    values=logit([0.1, 0.3, 0.5, 0.7, 0.9]).tolist(),
                    labelExpr="format(1 / (1 + exp(-datum.value)), '.1f')",
                    grid=False,
                ),
            ),
            x2="right:Q",
            y=alt.Y(
                "low:Q",
                title="cost ratio κ (log scale)",
                scale=alt.Scale(domain=[-2 - mesh / 2, 2 + mesh / 2], nice=False),
                axis=alt.Axis(
                    values=np.log([0.25, 0.5, 1, 2, 4]).tolist(),
                    labelExpr="format(exp(datum.value), '.2f')",
                    grid=False,
                ),
            ),
            y2="high:Q",
            color=alt.Color(
                "agents:Q", title="agents that count", scale=alt.Scale(domain=[0, 4], scheme="viridis")
            ),
        )
    )
    return explore(
        fill,
        [
            Slider("accuracy", "accuracy of a reading", (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9), 0.7),
            Slider("tie", "tie rule", TIE_RULES, "low"),
        ],
        chart,
        fixed={
            "left": log_odds - half,
            "right": log_odds + half,
            "low": log_kappa - half,
            "high": log_kappa + half,
        },
        title="The learning region",
        alt="A map over prior and cost ratio, both on logarithmic scales. A diagonal band is the learning "
        "region: inside it agents use their readings, outside there is a cascade from agent 0 on. The band "
        "is wider for a better sensor. Only on its middle line and at its edges does the tie rule matter.",
    )


def discount() -> Explorer:
    """Return the explorer of Bayes' rule against the update that starts at the identity matrix."""
    agents = np.arange(41)

    def draw(accuracy: float, tie: str) -> Mapping[str, Any]:
        laws = [row(accuracy, tie=tie, update=update).exact(EVEN, 400) for update in UPDATES]
        errors = [law.p_wrong_action.mean(axis=1) for law in laws]
        return {
            "error": np.concatenate([error[:41] for error in errors]),
            "last agents wrong, Bayes' rule": errors[0][-1],
            "last agents wrong, identity start": errors[1][-1],
            "agent 2 wrong, Bayes' rule": errors[0][2],
            "agent 2 wrong, identity start": errors[1][2],
            "lead for a cascade, identity start": int(closed_forms.identity_start_lead(accuracy)),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, 40]), axis=alt.Axis(format="d")),
            y=alt.Y(
                "error:Q",
                title=ERROR,
                scale=alt.Scale(domain=[0, 0.45], nice=False),
            ),
            color=alt.Color("update:N", title="public update", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("update:N", title="public update", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", np.linspace(0.56, 0.94, 20).tolist(), 0.7),
            Slider("tie", "tie rule", ("own", "coin", "low", "follow"), "own"),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "update": [name for name in ("Bayes' rule", "identity start") for _ in agents],
        },
        title="Bayes' rule and the identity start",
        alt="Probability of a wrong action over the number of the agent, 0 to 40. With Bayes' rule it falls "
        "and levels off after a few agents. With the identity start it stays high for longer, then falls "
        "below the other curve and levels off much lower.",
    )


def identity_table(accuracies: Sequence[float]) -> str:
    """Return what the identity start changes, under rule "own" and an even prior.

    "wrong" is the probability of a wrong cascade, "reads" the readings that count, and "admits" the error
    that the public belief admits when it freezes.

    >>> print(identity_table((0.7,)))
      p  update    wrong  reads  admits
    0.7  Bayes     0.155    3.4   0.155
    0.7  identity  0.033    9.3   0.255
    """
    lines = ["  p  update    wrong  reads  admits"]
    for p in accuracies:
        for update, name in zip(UPDATES, ("Bayes", "identity"), strict=True):
            model = row(p, tie="own", update=update)
            belief = np.array(EVEN)
            while not model.is_cascade(belief):
                belief = model.public_update(belief, 1)
            reads = agents_that_count(model, 0.5, 400)[0]
            lines.append(f"{p:.1f}  {name:8}{wrong(model, 0.5, 400):7.3f}{reads:7.1f}{belief[0]:8.3f}")
    return "\n".join(lines)


def general_table() -> str:
    """Return the law of the chapter's asymmetric example with three observations.

    >>> print(general_table())
    state    on 0    on 1  readings
        0  0.9049  0.0951     2.597
        1  0.3231  0.6769     2.975
    agents: 50, beliefs met: 2211
    error at most 2e-12
    """
    model = SocialLearning(GENERAL, ((0.0, 1.4), (1.0, 0.0)))
    law = model.exact((0.55, 0.45), 50)
    lines = ["state    on 0    on 1  readings"]
    for x in (0, 1):
        on_0, on_1 = law.p_cascade_on[-1, x]
        lines.append(f"{x:5d}{on_0:8.4f}{on_1:8.4f}{(1 - law.p_cascade_by[:, x]).sum():10.3f}")
    lines += [f"agents: 50, beliefs met: {law.n_points}", f"error at most {law.error_bound:.0e}"]
    return "\n".join(lines)


def better_sensor_table(q: float = 2 / 9) -> str:
    """Return what a finer sensor does to agent 0 and to the row, for the prior (1 - q, q).

    >>> print(better_sensor_table())
    sensor         agent 0     row
    three answers   0.1889  0.1349
    two merged      0.2000  0.0899
    """
    lines = ["sensor         agent 0     row"]
    for name, table in (("three answers", FINE), ("two merged", COARSE)):
        law = tracking(table).exact((1 - q, q), MANY)
        alone, crowd = (np.array([1 - q, q]) @ law.p_wrong_action[k] for k in (0, -1))
        lines.append(f"{name:13}{alone:9.4f}{crowd:8.4f}")
    return "\n".join(lines)


def gaussian_table(agents: Sequence[int]) -> str:
    """Return the errors of some agents with Gaussian readings, and with signs of readings (rule "low").

    >>> print(gaussian_table((0, 1, 9)))
    agent  Gaussian    sign
        0    0.1587  0.1587
        1    0.0969  0.1587
        9    0.0144  0.1061
    """
    unbounded = gaussian.wrong_action_probabilities(max(agents) + 1, spacing=2e-3).p_wrong_action.mean(axis=1)
    sign = tracking(cut(2, 1.0)).exact(EVEN, max(agents) + 1).p_wrong_action.mean(axis=1)
    lines = ["agent  Gaussian    sign"]
    return "\n".join(lines + [f"{k:5d}{unbounded[k]:10.4f}{sign[k]:8.4f}" for k in agents])


def cut(levels: int, sigma: float) -> Floats:
    """Return the likelihood of a Gaussian reading that is reported in a number of levels, shape (2, levels).

    The inner cuts lie at 1.5 sigma times the quantiles j / levels of the standard normal law.

    >>> cut(2, 1.0).round(4)
    array([[0.8413, 0.1587],
           [0.1587, 0.8413]])
    """
    edges = np.concatenate([[-np.inf], 1.5 * sigma * ndtri(np.arange(1, levels) / levels), [np.inf]])
    return np.array([np.diff(ndtr((edges - mean) / sigma)) for mean in (-1.0, 1.0)])


@cache
def _gaussian(sigma: float) -> Floats:
    return np.asarray(
        gaussian.wrong_action_probabilities(31, sigma, spacing=2e-3).p_wrong_action.mean(axis=1)
    )


def levels() -> Explorer:
    """Return the explorer of a Gaussian reading that is reported in a few levels only (rule "low")."""
    agents = np.arange(31)

    def draw(levels: int, sigma: float) -> Mapping[str, Any]:
        law = tracking(cut(levels, sigma)).exact(EVEN, 31, prune=1e-7)
        errors = law.p_wrong_action.mean(axis=1)
        return {
            "error": np.concatenate([errors, _gaussian(sigma)]),
            "agent 30 in a cascade": float(law.p_cascade_by[-1].mean()),
            "agent 30 wrong, in levels": float(errors[-1]),
            "agent 0 wrong, in levels": float(errors[0]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("agent:Q", title="agent k", scale=alt.Scale(domain=[0, 30]), axis=alt.Axis(format="d")),
            y=alt.Y(
                "error:Q",
                title=ERROR,
                scale=alt.Scale(domain=[0, 0.35], nice=False),
            ),
            color=alt.Color("sensor:N", title="reading", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("sensor:N", title="reading", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("levels", "levels", (2, 3, 4, 5, 6, 7, 8), 2, fmt="{:d}"),
            Slider("sigma", "standard deviation of a reading", (0.75, 1.0, 1.5, 2.0), 1.0),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "sensor": [name for name in ("in levels", "Gaussian") for _ in agents],
        },
        title="Bounded and unbounded readings (rule low)",
        alt="Probability of a wrong action over the number of the agent, 0 to 30. With Gaussian readings it "
        "keeps falling. With readings reported in a few levels it levels off.",
    )
