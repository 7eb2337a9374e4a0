r"""Shannon's agent in closed form: two states and two actions, and tracking of any number of states.

Two states, two actions. Let action x be the better one in state x, by :math:`g_0 = r(0, 0) - r(0, 1) > 0` and
:math:`g_1 = r(1, 1) - r(1, 0) > 0`. Put :math:`a = e^{-g_0/\lambda}`, :math:`c = e^{-g_1/\lambda}` and

.. math:: h = \frac{1 - c}{1 - ac}, \qquad l = a h .

Theorem. If l < pi(0) < h, the agent ends with belief h in state 0 after action 0, and with belief l after
action 1; action 0 has probability (pi(0) - l) / (h - l). If pi(0) >= h it always plays 0, and if pi(0) <=
l always 1: it does not look. The interval shrinks as the price grows, to the belief :math:`g_1 / (g_0 +
g_1)` at which both actions are equally good.

Proof. Where both actions are used, Theorem 4 (`llma.attention.shannon`) makes the ratio of the two
posteriors of a state equal to the ratio of its two weights: h = l / a and (1 - h) = (1 - l) c. Solve. The
marginal has to be a probability, and the scores decide the rest.

Tracking. Let r(x, u) be one if u = x, and zero otherwise, with X states, and :math:`\delta =
e^{1/\lambda} - 1`.

Theorem. Put the prior in decreasing order. The agent uses the K most likely actions, where K is the
largest number with :math:`\pi_K (K + \delta) > \pi_1 + \dots + \pi_K`, with base rates :math:`b_k =
(\pi_k (K + \delta) / (\pi_1 + \dots + \pi_K) - 1) / \delta`.

Proof. With Z(x) = 1 + delta b(x) the score of u is :math:`\sum_x \pi(x) / Z(x) + \delta \pi(u) / Z(u)`.
So pi / Z is the same number for all actions used, :math:`(\pi_1 + \dots + \pi_K) / (K + \delta)`, and pi
is at most that number for the others.

Switching off, any number of states and actions. Let u be best at the prior. Always playing u is optimal if
and only if no score exceeds one there, :math:`g_v(1/\lambda) \le 1` with :math:`g_v(s) = \sum_x \pi(x)
e^{s (r(x, v) - r(x, u))}` (`llma.attention.shannon`). Each :math:`g_v` is convex, is one at zero and does not
rise there. So it is at most one from zero up to some :math:`s_v`, and the agent looks below the price
:math:`\max_v 1/s_v` and not from there on.

Reference. A. Caplin, M. Dean and J. Leahy, "Rational Inattention, Optimal Consideration Sets and Stochastic
Choice", Review of Economic Studies 86, 2019, for tracking.

>>> binary([0.8, 0.2], [[1, 0], [0, 1]], price=0.5).base.round(4)
array([0.8939, 0.1061])
>>> tracking([0.6, 0.3, 0.1], price=0.5).round(4)
array([0.7188, 0.2812, 0.    ])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from llma import checks
from llma.checks import Floats


@dataclass(frozen=True)
class Binary:
    """The optimum of Shannon's agent with two states and two actions, action x better in state x.

    Attributes
    ----------
    low, high : float
        The agent looks if and only if the prior of state 0 lies strictly between; these are then its beliefs
        in state 0 after action 1 and after action 0.
    base : ndarray, shape (2,)
        Probability of each action.
    choice : ndarray, shape (2, 2)
        Probability of each action in each state.
    looks : bool
        Whether both actions are used.
    """

    low: float
    high: float
    base: Floats
    choice: Floats
    looks: bool


def binary(prior: ArrayLike, utility: ArrayLike, price: float) -> Binary:
    """Return the optimum for two states and two actions.

    Parameters
    ----------
    prior : array_like, shape (2,)
        Positive.
    utility : array_like, shape (2, 2)
        Action x strictly better than the other one in state x.
    price : float
        Positive, in units of utility for a nat; infinity is allowed.

    Returns
    -------
    Binary

    Raises
    ------
    ValueError
        If shapes or labels do not fit.

    Examples
    --------
    Stakes 1 in state 0 and 3 in state 1: the agent looks although state 0 is likely.

    >>> answer = binary([0.8, 0.2], [[1, 0], [0, 3]], price=1)
    >>> answer.looks, round(answer.low, 4), round(answer.high, 4)
    (True, 0.3561, 0.9679)
    """
    belief, gains = _two_by_two(prior, utility)
    if not price > 0:
        raise ValueError(f"price: is {price}; expected a positive number or infinity")
    low, high = _interval(gains, price)
    first = float(np.clip((belief[0] - low) / (high - low), 0.0, 1.0)) if high > low else _best(belief, gains)
    base = np.array([first, 1 - first])
    looks = 0 < first < 1
    # p(0 | x) = b(0) P(x | 0) / pi(x) with the posteriors that were found.
    choice = np.tile(base, (2, 1))
    if looks:
        choice[:, 0] = first * np.array([high, 1 - high]) / belief
        choice[:, 1] = 1 - choice[:, 0]
    return Binary(low=low, high=high, base=base, choice=choice, looks=looks)


def switch_off_price(prior: ArrayLike, utility: ArrayLike) -> float:
    r"""Return the price from which on the agent need not look; infinity if it always gains by looking.

    For r equal to the identity and prior (q, 1 - q), q > 1/2, it is :math:`1 / \ln(q / (1 - q))`. It is
    infinite if two actions that differ are equally good, and best, at the prior; and zero if one action
    is best in every state.

    Parameters
    ----------
    prior : array_like, shape (X,)
        Positive.
    utility : array_like, shape (X, U)

    Returns
    -------
    float
        In units of utility for a nat.

    Raises
    ------
    ValueError
        If the prior has a zero or shapes do not fit.

    Examples
    --------
    >>> round(switch_off_price([0.8, 0.2], [[1, 0], [0, 1]]), 4)
    0.7213

    A third action that pays 0.8 in both states:

    >>> round(switch_off_price([0.7, 0.3], [[1, 0.8, 0], [0, 0.8, 1]]), 4)
    0.875
    """
    belief = checks.belief(prior, "prior")
    if belief.ndim != 1 or (belief <= 0).any():
        raise ValueError(f"prior: is {belief.tolist()}; expected one vector of positive numbers")
    table = checks.cost_matrix(utility, "utility", n_states=belief.size)
    best = table[:, np.argmax(belief @ table)]
    return max(_price_of_interest(belief, rival - best) for rival in table.T)


def _price_of_interest(belief: Floats, excess: Floats) -> float:
    """Return the price below which an action is worth looking for; `excess` is what it pays more."""
    mean, scale = float(belief @ excess), float(np.abs(excess).max())
    if (excess <= 0).all():
        return 0.0
    if mean > -1e-12 * scale:
        return float("inf")
    rises = excess > 0
    end = float(np.min(-np.log(belief[rises]) / excess[rises]))  # one term alone makes the score one here

    def slope(s: float) -> float:
        # (g(s) - 1) / s: it rises with s, and loses no digits where s is small.
        return float(belief @ np.expm1(np.minimum(s * excess, 700.0))) / s if s > 0 else mean

    return 1 / float(brentq(slope, 0.0, 2 * end, xtol=1e-300, rtol=1e-15))


def tracking(prior: ArrayLike, price: float) -> Floats:
    """Return the base rates of an agent that earns one for naming the state, any number of states.

    Parameters
    ----------
    prior : array_like, shape (X,)
        Positive.
    price : float
        Positive, in units of utility for a nat.

    Returns
    -------
    ndarray, shape (X,)

    Raises
    ------
    ValueError
        If the prior has a zero or the price is not positive and finite.

    Examples
    --------
    >>> tracking([0.5, 0.5], 0.5)
    array([0.5, 0.5])
    """
    belief = checks.belief(prior, "prior")
    if belief.ndim != 1 or (belief <= 0).any():
        raise ValueError(f"prior: is {belief.tolist()}; expected one vector of positive numbers")
    if not 0 < price < np.inf:
        raise ValueError(f"price: is {price}; expected a positive finite number")
    order = np.argsort(-belief, kind="stable")
    ranked, count = belief[order], np.arange(1, belief.size + 1)
    # Everything is divided by delta, which overflows at low prices; its inverse does not.
    inverse = float(np.exp(-1 / price) / -np.expm1(-1 / price))
    mass = np.cumsum(ranked)
    kept = int(np.flatnonzero(ranked * (count * inverse + 1) > mass * inverse)[-1]) + 1
    base = np.zeros_like(belief)
    base[order[:kept]] = ranked[:kept] * (kept * inverse + 1) / mass[kept - 1] - inverse
    return base


def _interval(gains: Floats, price: float) -> tuple[float, float]:
    if np.isinf(price):
        indifferent = float(gains[1] / gains.sum())
        return indifferent, indifferent
    a, c = np.exp(-gains / price)
    # expm1 keeps the digits at high prices, where numerator and denominator are both small.
    high = float(np.expm1(-gains[1] / price) / np.expm1(-gains.sum() / price))
    return float(a) * high, high if c > 0 else 1.0


def _best(belief: Floats, gains: Floats) -> float:
    edge = belief[0] * gains[0] - belief[1] * gains[1]
    return 0.5 if abs(edge) < 1e-12 * gains.max() else float(edge > 0)


def _two_by_two(prior: ArrayLike, utility: ArrayLike) -> tuple[Floats, Floats]:
    belief = checks.belief(prior, "prior", n_states=2)
    if belief.ndim != 1 or (belief <= 0).any():
        raise ValueError(f"prior: is {belief.tolist()}; expected two positive numbers")
    table = checks.cost_matrix(utility, "utility", n_states=2, n_actions=2)
    gains = np.array([table[0, 0] - table[0, 1], table[1, 1] - table[1, 0]])
    if (gains <= 0).any():
        x = int(np.argmax(gains <= 0))
        raise ValueError(
            f"utility: in state {x} action {x} is not better than action {1 - x} (row {table[x].tolist()}); "
            "number the actions so that action x is the better one in state x"
        )
    return belief, gains
