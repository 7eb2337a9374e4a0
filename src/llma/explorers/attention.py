"""The explorers and tables of the chapter "Rational inattention: the price of looking".

State 0 is a fine comment and state 1 a hostile one; action 0 allows it and action 1 removes it. Being right
pays one. Each explorer is a function without arguments; the tables are text, short enough for a
phone. Nothing is simulated: every number comes from `llma.attention`.

>>> print(story_table((0.3, 0.5, 0.7)))
price  removes  rem|fine  rem|host   nats
  0.3    0.178     0.008     0.858  0.351
  0.5    0.106     0.016     0.467  0.135
  0.7    0.011     0.003     0.044  0.009
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

from llma.attention import (
    blahut_arimoto,
    entropy,
    separable,
    shannon,
    softmax,
    switch_off_price,
    tracking,
)
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.ribum import ChoiceData, nias_slack

FINE = 0.8
"""Share of fine comments in the story."""

TRACK = ((1.0, 0.0), (0.0, 1.0))
"""Utility of being right: one for allowing a fine comment, one for removing a hostile one."""

NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke")


def slack(prior: ArrayLike, choice: ArrayLike, utility: ArrayLike = TRACK) -> float:
    """Return the NIAS slack of one choice table: what the worst switch of an action would lose.

    Negative: some action should always be replaced by another one.

    >>> round(slack((0.8, 0.2), softmax((0.8, 0.2), TRACK, 1.0).choice), 4)
    -0.0689
    """
    data = ChoiceData(np.asarray(prior, dtype=float), np.asarray(choice, dtype=float)[None])
    gains = nias_slack(data, utility)[0]
    return float(gains[~np.eye(len(gains), dtype=bool)].min())


def story_table(prices: Sequence[float], fine: float = FINE) -> str:
    """Return what the attentive moderator does at several prices of attention.

    >>> print(story_table((0.8,)))
    price  removes  rem|fine  rem|host   nats
      0.8    0.000     0.000     0.000  0.000
    """
    lines = ["price  removes  rem|fine  rem|host   nats"]
    for price in prices:
        agent = shannon((fine, 1 - fine), TRACK, price)
        lines.append(
            f"{price:5.1f}{agent.marginal[1]:9.3f}{agent.choice[0, 1]:10.3f}"
            f"{agent.choice[1, 1]:10.3f}{float(agent.information):7.3f}"
        )
    return "\n".join(lines)


def decoder_table(prices: Sequence[float], fine: float = FINE) -> str:
    """Return the uniform-base softmax at several temperatures, and its NIAS slack.

    "fine|rem" is the share of fine comments among those that it removes.

    >>> print(decoder_table((0.5, 1.0)))
    temp.  removes  fine|rem   slack
      0.5    0.272     0.351   0.081
      1.0    0.361     0.595  -0.069
    """
    lines = ["temp.  removes  fine|rem   slack"]
    for price in prices:
        agent = softmax((fine, 1 - fine), TRACK, price)
        wrong = fine * agent.choice[0, 1] / agent.marginal[1]
        lines.append(
            f"{price:5.1f}{agent.marginal[1]:9.3f}{wrong:10.3f}{slack((fine, 1 - fine), agent.choice):8.3f}"
        )
    return "\n".join(lines)


def steps_table(price: float, steps: Sequence[int], fine: float = FINE) -> str:
    """Return the progress of Blahut and Arimoto: base rate of removing, distance to the best value, bound.

    >>> print(steps_table(0.5, (0, 1, 10)))
    step  base rate  distance    bound
       0     0.5000   9.6e-02  3.5e-01
       1     0.2715   2.0e-02  1.7e-01
      10     0.1078   2.6e-06  3.2e-02
    """
    prior = np.array([fine, 1 - fine])
    path = blahut_arimoto(prior, TRACK, price, n_steps=max(steps))
    best = shannon(prior, TRACK, price)
    lines = ["step  base rate  distance    bound"]
    for n in steps:
        value = price * float(prior @ np.log(np.exp(np.array(TRACK) / price) @ path[n]))
        lines.append(
            f"{n:4d}{path[n, 1]:11.4f}{float(best.value) - value:10.1e}{price * np.log(2) / (n + 1):9.1e}"
        )
    return "\n".join(lines)


def order_table(orders: Sequence[float], price: float, fine: float = FINE) -> str:
    """Return the beliefs (of "hostile") behind the two actions under entropies of several orders.

    >>> print(order_table((1.0, 2.0), 0.5))
    order  host|all  host|rem  removes
      1.0    0.1192    0.8808   0.1061
      2.0    0.0000    1.0000   0.2000
    """
    lines = ["order  host|all  host|rem  removes"]
    for order in orders:
        agent = separable((fine, 1 - fine), TRACK, price, order)
        lines.append(
            f"{order:5.1f}{agent.posteriors[0, 1]:10.4f}{agent.posteriors[1, 1]:10.4f}"
            f"{agent.marginal[1]:9.4f}"
        )
    return "\n".join(lines)


def tracking_table(prior: Sequence[float], prices: Sequence[float]) -> str:
    """Return the base rates of an agent that names the state, and the slack of the uniform-base softmax.

    >>> print(tracking_table((0.5, 0.3, 0.2), (0.5, 1.0)))
    price    u=0    u=1    u=2   softmax
      0.5  0.578  0.284  0.137     0.104
      1.0  0.770  0.230  0.000     0.009
    """
    lines = ["price    u=0    u=1    u=2   softmax"]
    for price in prices:
        base = tracking(prior, price)
        gap = slack(prior, softmax(prior, np.eye(len(prior)), price).choice, np.eye(len(prior)))
        lines.append(f"{price:5.1f}" + "".join(f"{b:7.3f}" for b in base) + f"{gap:10.3f}")
    return "\n".join(lines)


def fixed_base_limit(fine: float, habit: float) -> float:
    r"""Return the temperature above which the softmax with a fixed base rate of removing fails NIAS.

    At least half of the comments are fine. With :math:`e = e^{1/\lambda}`, q fine comments and the base rate
    h of removing, what fails first is to allow what is removed. It fails if and only if :math:`(1 - q) e
    ((1 - h) e + h) < q (h e + 1 - h)`, that is below the positive root of a quadratic polynomial in e.

    >>> round(fixed_base_limit(0.8, 0.5), 4), round(fixed_base_limit(0.8, 0.2), 4), fixed_base_limit(0.5, 0.3)
    (0.7213, 1.137, inf)
    """
    square, linear, constant = (1 - fine) * (1 - habit), (1 - 2 * fine) * habit, -fine * (1 - habit)
    root = (-linear + np.sqrt(linear**2 - 4 * square * constant)) / (2 * square)
    return float(1 / np.log(root)) if root > 1 + 1e-12 else float("inf")


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
            color=alt.Color("base:N", title="base rate", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("base:N", title="base rate", sort=None, legend=STROKE),
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


def warning_enters(fine: float, warn: float) -> tuple[float, float] | None:
    """Return two prices, less than 0.00002 apart, between which the agent begins to use a safe action.

    None, if the safe action (the same payoff `warn` in both states) is unused up to the price 1.5.

    >>> [round(price, 3) for price in warning_enters(0.7, 0.8)], warning_enters(0.7, 0.5)
    ([0.305, 0.305], None)
    """
    grid = np.linspace(0.02, 1.5, 75)
    for _ in range(3):
        agents = shannon((fine, 1 - fine), ((1.0, warn, 0.0), (0.0, warn, 1.0)), grid)
        inside = agents.marginal[:, 1] > 1e-6
        first = int(inside.argmax())
        if first == 0:
            return None
        before, after = float(grid[first - 1]), float(grid[first])
        grid = np.linspace(before, after, 41)
    return before, after


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
            color=alt.Color("action:N", title="action", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("action:N", title="action", sort=None, legend=STROKE),
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
            color=alt.Color("curve:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None, legend=STROKE),
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


def capacity_price(prior: ArrayLike, nats: float) -> float:
    """Return the price at which Shannon's agent with two states, paid for being right, buys `nats`.

    >>> round(capacity_price((0.5, 0.5), 0.2), 4)
    0.7047
    """
    low, high = 1e-3, 50.0
    for _ in range(60):
        middle = np.sqrt(low * high)
        low, high = (
            (middle, high) if float(shannon(prior, TRACK, middle).information) > nats else (low, middle)
        )
    return float(high)


def capacity_table(fines: Sequence[float], nats: float) -> str:
    """Return the beliefs of an agent with a fixed capacity, at several priors: they move.

    >>> print(capacity_table((0.5, 0.7), 0.2))
    share  price  host|all  host|rem
      0.5  0.705    0.1948    0.8052
      0.7  0.559    0.1433    0.8567
    """
    lines = ["share  price  host|all  host|rem"]
    for fine in fines:
        price = capacity_price((fine, 1 - fine), nats)
        beliefs: Floats = shannon((fine, 1 - fine), TRACK, price).posteriors
        lines.append(f"{fine:5.1f}{price:7.3f}{beliefs[0, 1]:10.4f}{beliefs[1, 1]:10.4f}")
    return "\n".join(lines)
