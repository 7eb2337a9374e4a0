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

Algorithm. Blahut and Arimoto: start from a base rate without zeros and replace b(u) by b(u) s_b(u). This
never lowers F, and after n steps F is at most ln(U) / n below its maximum. (A zero in b would stay.) Every
second step is extrapolated on the scale of ln b; the result is kept if F is at least as large.

Certificate (the stopping rule). For any b > 0, let p be its softmax as above and m(u) = b(u) s_b(u) the
marginal of p. Then no table is better than p by more than

.. math:: \mathrm{gap} = \lambda \Bigl( \max_u \ln s_b(u) - \sum_u m(u) \ln s_b(u) \Bigr).

Proof. :math:`V(p) = \lambda F(b) + \lambda\,\mathrm{KL}(m \| b)` and the divergence is the last sum. For
the optimal b*, Jensen gives :math:`F(b^*) - F(b) \le \ln \sum_x \pi(x) Z_{b^*}(x) / Z_b(x) =
\ln \sum_u b^*(u) s_b(u) \le \max_u \ln s_b(u)`. The argument allows zeros in b, as long as Z_b > 0.

Dropped actions. Let :math:`\delta = \max_u s_b(u) - 1` and :math:`t(x) = Z_{b^*}(x) / Z_b(x)`. As above,
:math:`\sum_x \pi t \le 1 + \delta`, and :math:`\sum_x \pi \ln t \ge 0` if b* is optimal. So
:math:`\pi(x) (t - 1 - \ln t) \le \delta` and hence :math:`t(x) \ge 1 - \sqrt{2 \delta / \pi(x)}`. If the
score of u, with Z_b replaced by its product with that lower bound, is below one, then the score of u at
*every* optimum is below one, and no optimum uses u. Such actions get probability zero, exactly.

More than one optimum. F is strictly concave in Z, so all optima share Z. They share b as well if the columns
:math:`e^{r(\cdot, u)/\lambda}` of the actions that are left are linearly independent; then `unique` is true.
Two equal columns of r are the simplest exception: any division between the two actions is optimal, and the
algorithm, which starts from equal shares, returns equal shares.

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

from llma import checks
from llma.checks import Floats

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
    steps : int
        Rounds of the algorithm, of two steps each.
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
    steps: int

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
    max_steps: int = 20_000,
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
    max_steps : int
        Rounds after which to give up.

    Returns
    -------
    Shannon

    Raises
    ------
    ValueError
        If the prior has a zero, the price is negative, or shapes do not fit.
    RuntimeError
        If the gap is still too large after `max_steps` rounds.

    Examples
    --------
    Several prices at once:

    >>> shannon([0.5, 0.5], [[1, 0], [0, 1]], [0, 0.5, 1, np.inf]).information.round(4)
    array([0.6931, 0.3278, 0.1109, 0.    ])
    """
    belief, table, cost, shape = _validated(prior, utility, price)
    best = table.max(axis=-1)  # (n, X): the utility of an agent that sees the state
    tilt = _ratio(table - best[..., None], cost)
    base, steps = _no_attention(belief, table, cost), 0
    looks = np.flatnonzero(np.isnan(base[:, 0]))
    if looks.size:
        stake = (best - table.min(axis=-1)).max(axis=-1)[looks]
        allowed = tolerance * np.minimum(1.0, _ratio(stake, cost[looks]))  # in nats
        base[looks], steps = _base_rate(belief[looks], tilt[looks], allowed, max_steps)
    excess, log_mean = _scores(belief, np.expm1(tilt), base)
    log_score = np.log1p(np.maximum(excess, -1 + 1e-15))
    log_likelihood = tilt - log_mean[..., None]
    choice = base[:, None, :] * np.exp(log_likelihood)
    choice /= choice.sum(axis=-1, keepdims=True)
    marginal = (belief[:, None, :] @ choice)[:, 0]
    joint = belief[..., None] * choice
    divergence = (marginal * log_score).sum(axis=-1)
    gain = np.where(joint > 0, joint * np.where(joint > 0, log_likelihood, 0.0), 0.0)
    information = np.maximum(gain.sum(axis=(-1, -2)) - divergence, 0.0)
    paid = np.where(information > 0, np.where(np.isinf(cost), 0.0, cost) * information, 0.0)
    gap = np.maximum(log_score.max(axis=-1) - divergence, 0.0) * np.where(np.isinf(cost), 0.0, cost)
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
        value=((joint * table).sum(axis=(-1, -2)) - paid).reshape(shape),
        gap=gap.reshape(shape),
        dropped=~kept.reshape(*shape, -1),
        unique=(rank == kept.sum(axis=-1)).reshape(shape),
        steps=steps,
    )


def _base_rate(prior: Floats, tilt: Floats, allowed: Floats, max_steps: int) -> tuple[Floats, int]:
    """Maximise F over base rates: (n, U), and the number of rounds."""
    gain = np.expm1(tilt)  # (n, X, U), between -1 and 0
    noise = 1e-13 * np.abs(gain).max(axis=(-1, -2))
    base = np.full((len(prior), tilt.shape[-1]), 1 / tilt.shape[-1])
    live = np.arange(len(prior))
    gap = np.full(len(prior), np.inf)
    for step in range(max_steps):
        here = base[live]
        excess, log_mean = _scores(prior[live], gain[live], here)
        drop = _proved_unused(prior[live], gain[live], log_mean, excess, noise[live]) & (here > 0)
        if drop.any():
            here = np.where(drop, 0.0, here)
            here /= here.sum(axis=-1, keepdims=True)
            excess, log_mean = _scores(prior[live], gain[live], here)
        base[live] = here
        log_score = np.log1p(np.maximum(excess, -1 + 1e-15))
        gap[live] = log_score.max(axis=-1) - (here * (1 + excess) * log_score).sum(axis=-1)
        on = gap[live] > allowed[live]
        live = live[on]
        if not live.size:
            return base, step
        base[live] = _two_steps(prior[live], gain[live], here[on], excess[on], log_score[on])
    worst = live[np.argmax(gap[live])]
    raise RuntimeError(
        f"no certificate after {max_steps} rounds: row {worst} may be {gap[worst]:.3g} nats from the "
        f"optimum, and {allowed[worst]:.3g} are allowed; raise tolerance or max_steps"
    )


def _two_steps(prior: Floats, gain: Floats, base: Floats, excess: Floats, log_score: Floats) -> Floats:
    """Two Blahut-Arimoto steps, or their extrapolation on the scale of ln b if F is no smaller there."""
    used = base > 0
    one = base * (1 + excess)
    one /= one.sum(axis=-1, keepdims=True)
    excess_one, _ = _scores(prior, gain, one)
    two = one * (1 + excess_one)
    two /= two.sum(axis=-1, keepdims=True)
    first = np.where(used, log_score, 0.0)
    change = np.where(used, np.log1p(np.maximum(excess_one, -1 + 1e-15)), 0.0) - first
    size, bend = (np.sqrt((v**2).sum(axis=-1, keepdims=True)) for v in (first, change))
    stretch = np.clip(_ratio(size, bend), 1.0, 1e6)
    far = np.log(np.where(used, base, 1.0)) + 2 * stretch * first + stretch**2 * change
    far -= np.where(used, far, -np.inf).max(axis=-1, keepdims=True)
    jump = np.where(used, np.exp(np.clip(far, -600.0, 0.0)), 0.0)  # never to zero: a zero would stay
    jump /= jump.sum(axis=-1, keepdims=True)
    _, after_two = _scores(prior, gain, two)
    _, after_jump = _scores(prior, gain, jump)
    better = (prior * (after_jump - after_two)).sum(axis=-1) >= 0
    return np.where(better[:, None], jump, two)


def _scores(prior: Floats, gain: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Return s_b - 1, shape (n, U), and ln Z_b, shape (n, X), relative to the best utility in each state.

    Differences are formed before anything is added to one, so that high prices lose no digits.
    """
    shift = (gain @ base[..., None])[..., 0]  # Z - 1
    mean = ((1 + gain) @ base[..., None])[..., 0]
    excess = ((prior / mean)[:, None, :] @ (gain - shift[..., None]))[:, 0]
    log_mean = np.where(shift > -0.5, np.log1p(np.maximum(shift, -0.5)), np.log(mean))
    return excess, log_mean


def _proved_unused(
    prior: Floats, gain: Floats, log_mean: Floats, excess: Floats, noise: Floats
) -> NDArray[np.bool_]:
    """Whether the bound of the module docstring keeps the score of an action below one at every optimum."""
    room = np.maximum(excess.max(axis=-1, keepdims=True), 0.0) + noise[:, None] * 1e-3
    least = 1 - np.sqrt(2 * room / prior)  # lower bound of t(x)
    mean = np.exp(log_mean)
    above = (gain - np.expm1(log_mean)[..., None]) / mean[..., None]  # e^tilt / Z - 1
    margin = above + 1 - least[..., None]
    bound = (prior[..., None] * margin / np.maximum(least, 1e-9)[..., None]).sum(axis=1)
    unused: NDArray[np.bool_] = (bound < -noise[:, None]) & (least > 0).all(axis=-1)[:, None]
    return unused


def _no_attention(prior: Floats, utility: Floats, price: Floats) -> Floats:
    """Return the base rate of the rows whose agent provably never looks, (n, U); NaN in the other rows."""
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
