"""The explorers: temperature and NIAS, what is considered at all, the beliefs that are bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.attention import entropy, separable, shannon, softmax, switch_off_price
from llma.explore import Explorer, Slider, explore
from llma.explorers.attention.tables import TRACK, fixed_base_limit, slack, warning_enters
from llma.explorers.encodings import NOW, told_apart


def temperature() -> Explorer:
    """Return the explorer of temperature against the NIAS slack: a fixed base rate and the agent's own."""
    prices = np.linspace(0.05, 3, 60)

    def draw(fine: float, habit: float) -> Mapping[str, Any]:
        prior, base = (fine, 1 - fine), (1 - habit, habit)
        fixed = np.array([slack(prior, softmax(prior, TRACK, price, base).choice) for price in prices])
        own = np.array([slack(prior, choice) for choice in shannon(prior, TRACK, prices).choice])
        return {
            "slack": np.concatenate([fixed, own]),
            "fixed base fails above": _price(fixed_base_limit(fine, habit)),
            "attention ends at": _price(switch_off_price(prior, TRACK)),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("price:Q", title="temperature = price λ", scale=alt.Scale(domain=[0, 3])),
            y=alt.Y("slack:Q", title="NIAS slack", scale=alt.Scale(domain=[-0.5, 0.5])),
            **told_apart("base", "base rate"),
        )
    )
    zero = alt.Chart(NOW).mark_rule().encode(y=alt.datum(0))
    return explore(
        draw,
        [
            Slider("fine", "share of fine comments", np.linspace(0.5, 0.95, 10).round(2).tolist(), 0.8),
            Slider(
                "habit", "fixed base rate of removing", (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6), 0.5
            ),
        ],
        alt.layer(zero, chart),
        fixed={"price": np.tile(prices, 2), "base": np.repeat(["fixed", "its own"], prices.size)},
        title="Temperature and NIAS",
        alt="NIAS slack against temperature. With the agent's own base rate the curve falls to zero and "
        "stays there. With a fixed uniform base rate it crosses zero where the other one reaches it, and "
        "goes below.",
    )


def consideration() -> Explorer:
    """Return the explorer of price and prior against the probabilities of three actions."""
    even = np.linspace(0.02, 1.5, 75)
    names = ("allow", "warn", "remove")

    def draw(fine: float, warn: float) -> Mapping[str, Any]:
        utility = ((1.0, warn, 0.0), (0.0, warn, 1.0))
        jump = warning_enters(fine, warn)
        # Both sides of the jump are drawn, so that no slanted line suggests prices with three actions.
        prices = np.sort(np.r_[even, jump or (even[-1], even[-1])])
        agents = shannon((fine, 1 - fine), utility, prices)
        used = (agents.marginal > 1e-6).sum(axis=1)
        sides = shannon((fine, 1 - fine), utility, jump).information if jump else None
        return {
            "price": np.tile(prices, 3),
            "chance": agents.marginal.T.ravel(),
            "stops looking at": _price(switch_off_price((fine, 1 - fine), utility)),
            "most actions in use": int(used.max()),
            "warns from": f"{jump[1]:.3f}" if jump else "never (to 1.5)",
            "nats just before, after": "-" if sides is None else f"{sides[0]:.3f}, {sides[1]:.3f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("price:Q", title="price λ of a nat", scale=alt.Scale(domain=[0, 1.5])),
            y=alt.Y("chance:Q", title="probability of the action", scale=alt.Scale(domain=[0, 1])),
            **told_apart("action", "action"),
        )
    )
    return explore(
        draw,
        [
            Slider("fine", "share of fine comments", np.linspace(0.3, 0.95, 14).round(2).tolist(), 0.7),
            Slider("warn", "payoff of warning", np.linspace(0.5, 0.95, 10).round(2).tolist(), 0.8),
        ],
        chart,
        fixed={"action": np.repeat(names, even.size + 2)},
        title="What is considered at all",
        alt="Probabilities of allowing, warning and removing against the price of attention. At a low price "
        "the safe action is unused. Where it comes in, the lines jump: it replaces one of the other two. "
        "At most two lines are above zero at a time.",
    )


def beliefs() -> Explorer:
    """Return the explorer of net utility, its concave envelope, and the beliefs that the agent chooses."""
    grid = np.linspace(0, 1, 81)
    on_grid = np.c_[1 - grid, grid]

    def draw(hostile: float, price: float, order: float) -> Mapping[str, Any]:
        agent = separable((1 - hostile, hostile), TRACK, price, order)
        net = on_grid @ np.array(TRACK) - price * entropy(on_grid, order)[:, None]
        used = agent.marginal > 1e-9
        looks = bool(used.all())
        ends = agent.posteriors[:, 1] if looks else np.array([hostile, hostile])
        level = (agent.plane[0], agent.plane[1] - agent.plane[0])
        heights = level[0] + level[1] * np.r_[ends, hostile]
        return {
            "belief": np.r_[grid, grid, ends, ends, hostile],
            "height": np.r_[net.T.ravel(), heights[:2], heights],
            "belief after allowing": f"{agent.posteriors[0, 1]:.3f}" if used[0] else "not used",
            "belief after removing": f"{agent.posteriors[1, 1]:.3f}" if used[1] else "not used",
            "looks": looks,
            "plane at the prior": heights[2],
            "λΨ(prior)": price * float(entropy([1 - hostile, hostile], order)),
            "value, their sum": agent.value,
        }

    base = alt.Chart(NOW).encode(
        x=alt.X("belief:Q", title="belief that the comment is hostile", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("height:Q", title="net utility", scale=alt.Scale(domain=[-0.05, 2.05])),
    )
    lines = (
        base.transform_filter("datum.mark == 'line'")
        .mark_line(strokeWidth=2.5)
        .encode(
            **told_apart("curve"),
        )
    )
    points = (
        base.transform_filter("datum.mark == 'point'")
        .mark_point(size=130, filled=True, color="#8a6fd1", opacity=1)
        .encode(
            shape=alt.Shape(
                "curve:N",
                title=None,
                scale=alt.Scale(domain=["beliefs", "prior"], range=["circle", "diamond"]),
            )
        )
    )
    names = np.repeat(["allow", "remove", "best plane", "beliefs", "prior"], [81, 81, 2, 2, 1])
    return explore(
        draw,
        [
            Slider(
                "hostile", "share of hostile comments", np.linspace(0.05, 0.95, 19).round(2).tolist(), 0.2
            ),
            Slider("price", "price λ", (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5), 0.5),
            Slider("order", "order α of the entropy", (0.5, 1.0, 1.5, 2.0), 1.0),
        ],
        alt.layer(lines, points),
        fixed={"curve": names, "mark": np.where(np.isin(names, ["beliefs", "prior"]), "point", "line")},
        title="The beliefs that are bought",
        alt="Net utility of allowing and of removing against the belief that the comment is hostile: two "
        "curved lines that cross. A straight segment touches each of them once; the agent's beliefs, two "
        "discs, are there, and the prior, a diamond, lies between, on the segment. Outside, all three "
        "points are one.",
    )


def _price(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "never"
