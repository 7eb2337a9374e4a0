"""The moderator of the chapter at many prices, as text, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from llma.attention import blahut_arimoto, separable, shannon, softmax, tracking
from llma.checks import Floats
from llma.ribum import ChoiceData, nias_slack

FINE = 0.8
"""Share of fine comments in the story."""
TRACK = ((1.0, 0.0), (0.0, 1.0))
"""Utility of being right: one for allowing a fine comment, one for removing a hostile one."""


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
