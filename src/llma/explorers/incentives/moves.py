"""The explorers: the bands of the incentive, the centre's regions, mean incentives by state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, agent_axis, told_apart
from llma.explorers.incentives.models import agents, centre, reveal_only, solved
from llma.incentives import exact_law


def bands() -> Explorer:
    """Return the explorer of the two indifference curves and the band between them."""
    q = np.linspace(0.01, 0.99, 99)

    def draw(accuracy: float, kappa: float, cost_gap: float, bonus: float) -> Mapping[str, Any]:
        model = agents(accuracy, cost_gap, kappa)
        least = model.reveal_incentive(q)
        lines = [model.indifference(q, 0), model.indifference(q, 1), least, np.full_like(q, bonus)]
        region = model.learning_region(bonus)
        return {
            "incentive": np.concatenate(lines),
            "agents reveal without pay": str(model.learning_region()),
            "agents reveal at this incentive": str(region),
            "least incentive at belief 0.2": float(model.reveal_incentive(0.2)),
            "least incentive at belief 0.9": float(model.reveal_incentive(0.9)),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X("belief:Q", title="public belief in state 1", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("incentive:Q", title="incentive", scale=alt.Scale(domain=[-3, 5])),
            **told_apart("line"),
        )
    )
    names = ("g(q, 0): saw 0", "g(q, 1): saw 1", "least that reveals", "posted")
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", (0.55, 0.6, 0.7, 0.8, 0.9), 0.7),
            Slider("kappa", "cost ratio κ", (0.5, 1.0, 2.0), 1.0),
            Slider("cost_gap", "extra cost of action 1", (-0.4, -0.2, 0.0, 0.2, 0.4), 0.2),
            Slider("bonus", "incentive posted", np.arange(-2.0, 3.01, 0.5).tolist(), 0.0, fmt="{:.1f}"),
        ],
        chart,
        fixed={"belief": np.tile(q, 4), "line": [name for name in names for _ in q]},
        title="Between the two curves",
        alt="Two falling curves over the public belief: the incentive at which an agent that saw 0, and one "
        "that saw 1, is indifferent. The least revealing incentive runs on the lower one, on zero, and then "
        "on the upper one. A level line is the incentive posted. Where it runs between the curves the action "
        "shows the observation.",
    )


def regions() -> Explorer:
    """Return the explorer of the centre's value: best policy against leaving everybody on 0."""
    q = np.linspace(0.01, 0.99, 99)

    def draw(miss: float, discount: float, accuracy: float, pay: str) -> Mapping[str, Any]:
        solution = solved(centre(miss, discount, accuracy, pay), 1e-5, 24)
        value, silent = solution.value(q), miss * q / (1 - discount)
        bought = [r for r in solution.regions if r.name == "buy out 1"]
        cheapest = solution.centre.agents.learning_region()
        return {
            "cost": np.concatenate([value, silent]) / (miss / (1 - discount)),
            "pays from belief": f"{solution.threshold:.3f}",
            "agents reveal by themselves": f"{cheapest.lower:.3f} to {cheapest.upper:.3f}",
            "buys out action 1": f"{bought[0].lower:.3f} to {bought[-1].upper:.3f}" if bought else "never",
            "cost at belief 0.35": float(solution.value(0.35)),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("belief:Q", title="public belief in state 1", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("cost:Q", title="cost, in units of f/(1 - ρ)", scale=alt.Scale(domain=[0, 1])),
            **told_apart("policy"),
        )
    )
    return explore(
        draw,
        [
            Slider("miss", "loss from a miss", (0.3, 0.5, 1.0, 2.0, 5.0), 1.0),
            Slider("discount", "discount", (0.5, 0.8, 0.9, 0.95), 0.9),
            Slider("accuracy", "accuracy of a reading", (0.6, 0.7, 0.8), 0.7),
            Slider("pay", "who is paid", ("lump", "action"), "lump"),
        ],
        chart,
        fixed={"belief": np.tile(q, 2), "policy": [n for n in ("best policy", "all on 0") for _ in q]},
        title="When it pays to pay",
        alt="Cost over the public belief. A straight line rises from zero: everybody stays on action 0. The "
        "cost of the best policy lies on it up to the threshold, then below it, falls in steps, and is zero "
        "where all play 1.",
    )


def paths() -> Explorer:
    """Return the explorer of mean incentives by state under four policies (weak sensor)."""
    agent = np.arange(33)

    def draw(prior: float, miss: float, policy: str) -> Mapping[str, Any]:
        solution = solved(centre(miss, 0.95, 0.6), 1e-5, 40)
        # To pay for ever, on either side, needs agents who do what is wanted when they are indifferent.
        model = agents(0.6, tie="own") if policy == "never stop" else solution.centre.agents
        chosen = {
            "best": solution.incentive,
            "reveal only": reveal_only(solution),
            "never stop": model.reveal_incentive,
        }[policy]
        law = exact_law(model, chosen, prior, len(agent))
        mean = law.mean_incentive(prior)
        return {
            "incentive": np.concatenate([law.incentive[:, 0], mean, law.incentive[:, 1]]),
            "pays from belief": f"{solution.threshold:.3f}",
            "highest mean": f"{mean.max():.3f}, agent {int(mean.argmax())}",
            "agent 32 still reveals, x = 0": float(law.p_reveal[-1, 0]),
            "agent 32 still reveals, x = 1": float(law.p_reveal[-1, 1]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=agent_axis(32),
            y=alt.Y("incentive:Q", title="mean incentive", scale=alt.Scale(domain=[-2.0, 2.5])),
            **told_apart("law"),
        )
    )
    return explore(
        draw,
        [
            Slider("prior", "prior of state 1", (0.15, 0.25, 0.35, 0.45, 0.55), 0.35),
            Slider("miss", "loss from a miss", (1.0, 2.0, 5.0, 10.0), 5.0),
            Slider("policy", "policy", ("reveal only", "best", "never stop"), "reveal only"),
        ],
        chart,
        fixed={
            "agent": np.tile(agent, 3),
            "law": [name for name in ("state 0", "mixture", "state 1") for _ in agent],
        },
        title="Mean incentives, agent by agent",
        alt="Three curves over the number of the agent, 0 to 32: the mean incentive in state 0, in state 1, "
        "and under the mixture. With a threshold all three fall in the end.",
    )
