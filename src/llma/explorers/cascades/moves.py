"""The explorers: how soon and how wrong, the learning region, the identity start, readings in levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
from scipy.special import expit, logit

from llma.explore import Explorer, Slider, explore
from llma.explorers.cascades.laws import EVEN, MANY, agents_that_count, cut, row, tracking
from llma.explorers.encodings import NOW, STROKE, agent_axis, told_apart
from llma.explorers.readings import gaussian_errors
from llma.social import TIE_RULES, UPDATES, closed_forms

PRIORS = (0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
ERROR = "probability that agent k is wrong"


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
            x=agent_axis(20),
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
            x=agent_axis(40),
            y=alt.Y(
                "error:Q",
                title=ERROR,
                scale=alt.Scale(domain=[0, 0.45], nice=False),
            ),
            **told_apart("update", "public update"),
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


def levels() -> Explorer:
    """Return the explorer of a Gaussian reading that is reported in a few levels only (rule "low")."""
    agents = np.arange(31)

    def draw(levels: int, sigma: float) -> Mapping[str, Any]:
        law = tracking(cut(levels, sigma)).exact(EVEN, 31, prune=1e-7)
        errors = law.p_wrong_action.mean(axis=1)
        return {
            "error": np.concatenate([errors, gaussian_errors(sigma, 31)]),
            "agent 30 in a cascade": float(law.p_cascade_by[-1].mean()),
            "agent 30 wrong, in levels": float(errors[-1]),
            "agent 0 wrong, in levels": float(errors[0]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=agent_axis(30),
            y=alt.Y(
                "error:Q",
                title=ERROR,
                scale=alt.Scale(domain=[0, 0.35], nice=False),
            ),
            **told_apart("sensor", "reading"),
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
