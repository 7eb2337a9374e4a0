r"""Shannon's price of attention: the Blahut-Arimoto algorithm with a certificate.

Model. A state x has prior :math:`\pi(x) > 0`. An agent chooses the probabilities p(u | x) of its actions, is
paid r(x, u), and pays a price :math:`\lambda` for each nat of information between state and action:

.. math:: V(p) = \sum_{x, u} \pi(x) p(u \mid x) r(x, u) - \lambda I_p(x; u).

Theorem. With a base rate b, put :math:`Z_b(x) = \sum_u b(u) e^{r(x, u)/\lambda}` and the *score*
:math:`s_b(u) = \sum_x \pi(x) e^{r(x, u)/\lambda} / Z_b(x)`. A table p is optimal if and only if

.. math:: p(u \mid x) = b(u) e^{r(x, u)/\lambda} / Z_b(x), \qquad s_b \le 1, \quad s_b(u) = 1
    \text{ where } b(u) > 0,

for some b, which is then the marginal of p. The best value is :math:`\max_b \lambda F(b)`, where
:math:`F(b) = \sum_x \pi(x) \ln Z_b(x)` is concave.

Algorithm. `llma.attention.blahut_arimoto` maximises F, and stops by the certificate.

Certificate. For any b, let p be its softmax as above and m(u) = b(u) s_b(u) the marginal of p. Then no table
is better than p by more than

.. math:: \mathrm{gap} = \lambda \Bigl( \max_u \ln s_b(u) - \sum_u m(u) \ln s_b(u) \Bigr).

Proof. :math:`\lambda \max_b F(b) \le \lambda F(b) + \lambda \max_u \ln s_b(u)`, and :math:`V(p) =
\lambda F(b) + \lambda\,\mathrm{KL}(m \| b)`, where the divergence is the last sum.

Dropped actions get probability zero, exactly, where the same module proves that no optimum uses them.

More than one optimum. F is strictly concave in Z, so all optima share Z. They share b as well if the columns
:math:`e^{r(\cdot, u)/\lambda}` of the actions that are left are linearly independent; then `unique` is true.
Two equal columns of r are the simplest exception: any division between the two actions is optimal, and equal
shares are returned.

Limits. Price 0 is the limit :math:`\lambda \downarrow 0`: the least informative among the tables that choose
a best action in every state. At an infinite price nobody looks, and the action is best at the prior (in equal
shares, if several are).

Reference. R. Blahut, "Computation of Channel Capacity and Rate-Distortion Functions", IEEE Transactions on
Information Theory 18, 1972; F. Matejka and A. McKay, "Rational Inattention to Discrete Choices", American
Economic Review 105, 2015; A. Caplin, M. Dean and J. Leahy, "Rational Inattention, Optimal Consideration Sets
and Stochastic Choice", Review of Economic Studies 86, 2019.

>>> reader = shannon([0.8, 0.2], [[1, 0], [0, 1]], price=0.5)
>>> reader.choice.round(4)
array([[0.9842, 0.0158],
       [0.5328, 0.4672]])
>>> round(float(reader.information), 4), round(float(reader.value), 4), bool(reader.gap < 1e-12)
(0.1351, 0.8133, True)
>>> shannon([0.8, 0.2], [[1, 0], [0, 1]], price=0.8).dropped
array([False,  True])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from llma import checks
from llma.attention.blahut_arimoto import best_base_rate, scores, spread
from llma.checks import Floats
from llma.experiments import information

RANK_TOLERANCE = 1e-9
"""Relative size of a singular value that still counts as linear independence."""


@dataclass(frozen=True)
class Shannon:
    """An optimal choice table of an agent that pays a price for each nat, and its certificate.

    Leading axes (...) are those of prior, utility and price, broadcast against each other.

    Attributes
    ----------
    prior : ndarray, shape (..., X)
    utility : ndarray, shape (..., X, U)
    price : ndarray, shape (...)
        In units of utility for a nat.
    choice : ndarray, shape (..., X, U)
        Probability of each action in each state.
    marginal : ndarray, shape (..., U)
        Probability of each action: ``prior @ choice``.
    information : ndarray, shape (...)
        Mutual information of state and action, in nats.
    value : ndarray, shape (...)
        Expected utility minus price times information.
    gap : ndarray, shape (...)
        No choice table has a value above ``value + gap`` (up to rounding). In units of utility.
    dropped : ndarray of bool, shape (..., U)
        Actions that are proved to be unused by every optimal table.
    unique : ndarray of bool, shape (...)
        Whether the optimal table is certified to be the only one.
    rounds : int
        Of the algorithm.
    """

    prior: Floats
    utility: Floats
    price: Floats
    choice: Floats
    marginal: Floats
    information: Floats
    value: Floats
    gap: Floats
    dropped: NDArray[np.bool_]
    unique: NDArray[np.bool_]
    rounds: int

    @property
    def posteriors(self) -> Floats:
        """The belief that each action reveals, shape (..., U, X); NaN for an action that is never used."""
        joint = np.swapaxes(self.prior[..., :, None] * self.choice, -1, -2)  # (..., U, X)
        used = self.marginal[..., :, None] > 0
        return np.where(used, joint / np.where(used, self.marginal[..., :, None], 1.0), np.nan)


def shannon(
    prior: ArrayLike,
    utility: ArrayLike,
    price: ArrayLike,
    tolerance: float = 1e-12,
    max_rounds: int = 2_000,
) -> Shannon:
    """Return the choices of an agent that pays `price` for each nat of information about the state.

    Parameters
    ----------
    prior : array_like, shape (..., X)
        Positive in every state.
    utility : array_like, shape (..., X, U)
        What each action pays in each state.
    price : array_like, shape (...)
        Non-negative; zero and infinity are the limits.
    tolerance : float
        The gap allowed, as a share of the smaller of the price and the stake (the largest difference that the
        action makes in a state).
    max_rounds : int
        Rounds after which to give up.

    Returns
    -------
    Shannon

    Raises
    ------
    ValueError
        If the prior has a zero, the price is negative, or shapes do not fit.
    RuntimeError
        If the gap is still too large after `max_rounds` rounds.

    Examples
    --------
    Several prices at once:

    >>> shannon([0.5, 0.5], [[1, 0], [0, 1]], [0, 0.5, 1, np.inf]).information.round(4)
    array([0.6931, 0.3278, 0.1109, 0.    ])
    """
    belief, table, cost, shape = _validated(prior, utility, price)
    best = table.max(axis=-1)  # (n, X): the utility of an agent that sees the state
    tilt = _ratio(table - best[..., None], cost)
    gain = np.expm1(tilt)
    base, rounds = _no_attention(belief, table, cost), 0
    looks = np.flatnonzero(np.isnan(base[:, 0]))
    if looks.size:
        stake = (best - table.min(axis=-1)).max(axis=-1)[looks]
        allowed = tolerance * np.minimum(1.0, _ratio(stake, cost[looks]))  # in nats
        base[looks], rounds = best_base_rate(belief[looks], gain[looks], allowed, max_rounds)
    same = (table[:, :, :, None] == table[:, :, None, :]).all(axis=1)  # (n, U, U): equal columns
    base = (same @ base[..., None])[..., 0] / same.sum(axis=-1)
    excess, log_mean = scores(belief, gain, base)
    log_score = np.log1p(np.maximum(excess, -1 + 1e-15))
    log_likelihood = tilt - log_mean[..., None]
    choice = base[:, None, :] * np.exp(log_likelihood)
    choice /= choice.sum(axis=-1, keepdims=True)
    marginal = (belief[:, None, :] @ choice)[:, 0]
    joint = belief[..., None] * choice
    divergence = (marginal * log_score).sum(axis=-1)
    nats = joint * np.where(joint > 0, log_likelihood, 0.0)
    information = np.maximum(nats.sum(axis=(-1, -2)) - divergence, 0.0)
    information[(base > 0).sum(axis=-1) == 1] = 0.0  # exactly: one action only
    unit = np.where(np.isinf(cost), 0.0, cost)  # at an infinite price nothing is bought, and nothing is paid
    gap = unit * spread(base, excess)
    kept = base > 0
    columns = np.where(kept[:, None, :], np.exp(log_likelihood), 0.0)
    singular = np.linalg.svd(columns, compute_uv=False)
    rank = (singular > RANK_TOLERANCE * singular[:, :1]).sum(axis=-1)
    return Shannon(
        prior=belief.reshape(*shape, -1),
        utility=table.reshape(*shape, *table.shape[1:]),
        price=cost.reshape(shape),
        choice=choice.reshape(*shape, *table.shape[1:]),
        marginal=marginal.reshape(*shape, -1),
        information=information.reshape(shape),
        value=((joint * table).sum(axis=(-1, -2)) - unit * information).reshape(shape),
        gap=gap.reshape(shape),
        dropped=~kept.reshape(*shape, -1),
        unique=(rank == kept.sum(axis=-1)).reshape(shape),
        rounds=rounds,
    )


def optimality_gap(prior: ArrayLike, utility: ArrayLike, price: float, choice: ArrayLike) -> float:
    r"""Return a number by which no table is better than `choice`: the certificate for any table whatever.

    With b the marginal of the table p, the bound is :math:`\lambda F(b) + \lambda \max_u \ln s_b(u) - V(p)`.

    Parameters
    ----------
    prior : array_like, shape (X,)
    utility : array_like, shape (X, U)
    price : float
        Positive and finite.
    choice : array_like, shape (X, U)

    Returns
    -------
    float
        In units of utility, up to rounding.

    Raises
    ------
    ValueError
        If a shape or an entry is wrong.

    Examples
    --------
    An agent that ignores its text, at a price at which reading pays:

    >>> round(optimality_gap([0.8, 0.2], [[1, 0], [0, 1]], 0.5, [[1, 0], [1, 0]]), 4)
    0.2306
    """
    belief, table, cost, shape = _validated(prior, utility, price)
    if shape != () or not 0 < cost[0] < np.inf:
        raise ValueError("optimality_gap takes one prior, one utility and one positive finite price")
    p = checks.stochastic_matrix(choice, "choice", n_rows=belief.shape[1])
    checks.cost_matrix(p, "choice", n_actions=table.shape[2])
    base = (belief @ p)[0]
    tilt = table[0] / cost[0]
    with np.errstate(divide="ignore"):
        log_base = np.log(base)
    log_mean = logsumexp(tilt + log_base, axis=1)  # in logarithms throughout: no weight overflows
    log_score = logsumexp(np.log(belief[0])[:, None] + tilt - log_mean[:, None], axis=0)
    bound = cost[0] * (belief[0] @ log_mean + log_score.max())
    value = (belief[0] * (p * table[0]).sum(axis=1)).sum() - cost[0] * float(information(belief[0], p))
    return max(float(bound - value), 0.0)


def _no_attention(prior: Floats, utility: Floats, price: Floats) -> Floats:
    """Return the base rate of the rows whose agent provably never looks, (n, U); NaN in the other rows.

    Whether one action alone is optimal can be read off the scores at that vertex, without a loop.
    """
    expected = (prior[..., None] * utility).sum(axis=1)
    tied = expected >= expected.max(axis=-1, keepdims=True)
    first = tied.argmax(axis=-1)
    tilt = _ratio(utility - np.take_along_axis(utility, first[:, None, None], axis=-1), price)
    excess = (prior[..., None] * np.expm1(np.minimum(tilt, 700.0))).sum(axis=1)  # s - 1 at that vertex
    noise = 1e-13 * np.abs(np.expm1(np.minimum(tilt, 700.0))).max(axis=(-1, -2))
    only = np.arange(utility.shape[-1]) == first[:, None]
    alone = np.where(only, -np.inf, excess).max(axis=-1) < -noise
    base = np.where(np.isinf(price)[:, None], tied / tied.sum(axis=-1, keepdims=True), only.astype(float))
    return np.where((alone | np.isinf(price))[:, None], base, np.nan)


def _ratio(difference: Floats, price: Floats) -> Floats:
    """Divide along the first axis; zero over zero is zero."""
    divisor = price.reshape(-1, *(1,) * (difference.ndim - 1)) if price.ndim == 1 else price
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(difference == 0, 0.0, difference / divisor))


def _validated(
    prior: ArrayLike, utility: ArrayLike, price: ArrayLike
) -> tuple[Floats, Floats, Floats, tuple[int, ...]]:
    """Check and broadcast: (n, X), (n, X, U), (n,), and the leading shape."""
    belief = checks.belief(prior, "prior")
    if (belief <= 0).any():
        where = tuple(int(i) for i in np.argwhere(belief <= 0)[0])
        raise ValueError(f"prior: entry {where} is 0; leave out the states that cannot occur")
    table = checks.real_array(utility, "utility")
    if table.ndim < 2 or table.shape[-2] != belief.shape[-1]:
        raise ValueError(
            f"utility: has shape {table.shape}; expected (..., {belief.shape[-1]}, U), a row for each state"
        )
    cost = np.array(price, dtype=np.float64)
    if not (cost >= 0).all():
        raise ValueError(f"price: is {cost[~(cost >= 0)].ravel()[0]}; expected zero or more, or infinity")
    try:
        shape = np.broadcast_shapes(belief.shape[:-1], table.shape[:-2], cost.shape)
    except ValueError:
        raise ValueError(
            f"prior, utility and price have leading shapes {belief.shape[:-1]}, {table.shape[:-2]} and "
            f"{cost.shape}, which do not broadcast"
        ) from None
    return (
        np.broadcast_to(belief, (*shape, belief.shape[-1])).reshape(-1, belief.shape[-1]).copy(),
        np.broadcast_to(table, (*shape, *table.shape[-2:])).reshape(-1, *table.shape[-2:]).copy(),
        np.broadcast_to(cost, shape).reshape(-1).copy(),
        shape,
    )
