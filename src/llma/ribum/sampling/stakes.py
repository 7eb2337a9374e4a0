r"""A laboratory in which NIAS, NIAC, NIS and their tests have closed forms: one task, many stakes.

Design. Two states, equally likely; two actions; environment m pays :math:`s_m` for the action that matches
the state and nothing otherwise, with stakes :math:`0 < s_0 < \dots < s_{M-1}`. Let
:math:`a_m = \tfrac12 [p_m(0 \mid 0) + p_m(1 \mid 1)]` be the accuracy.

Theorem. NIAS holds if and only if every :math:`a_m \ge \tfrac12`; NIAS and NIAC hold if and only if
:math:`\tfrac12 \le a_0 \le \dots \le a_{M-1}`; NIS holds if and only if
:math:`\tfrac12 \le a_0 = \dots = a_{M-1}`. The size of the stakes plays no part, only their order.

*Plug-in test*: reject if the observed accuracies are not in order. With n texts a state and true accuracies
:math:`a_m`, the same in both states, the numbers of right answers are independent binomials
:math:`B(2n, a_m)`, and the law of the verdict is exact (`plugin_rejection`).

*Projection test*: the squared distance, in standard errors, from the observed accuracies to the ordered
ones is that of a weighted isotonic regression (here by its min-max formula). It is compared with the
chi-squared quantile whose degrees of freedom are the number of binding order relations.

*Box test*: Clopper-Pearson intervals for all 2M probabilities, each at level :math:`\alpha / 2M`; reject if
no ordered sequence of accuracies fits.

*Naive bootstrap*: draw new data from the observed frequencies and reject if fewer than a share
:math:`\alpha` of the draws is rational. It is wrong, and here to be seen failing.

Reference. T. Robertson, F. Wright and R. Dykstra, *Order Restricted Statistical Inference*, Wiley 1988, for
isotonic regression; G. Cox and X. Shi, Review of Economic Studies 90, 2023, for the degrees of freedom.

>>> is_rational([0.6, 0.6, 0.9]), is_rational([0.6, 0.9, 0.8])
(True, False)
>>> round(plugin_rejection([0.8] * 5, 1000), 3)  # an agent that always looks alike: nearly always rejected
0.99
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom, chi2

from llma import checks
from llma.checks import Floats, Ints

Bools = NDArray[np.bool_]


def is_rational(accuracy: ArrayLike) -> bool:
    """Return whether NIAS and NIAC hold: accuracies at least one half that never fall with the stakes.

    Parameters
    ----------
    accuracy : array_like, shape (M,)
        In the order of the stakes.

    Examples
    --------
    >>> is_rational([0.5, 0.5]), is_rational([0.4, 0.9])
    (True, False)
    """
    a = checks.probabilities(accuracy, "accuracy")
    return bool((a >= 0.5).all() and (np.diff(a) >= 0).all())


def choices(accuracy: ArrayLike) -> Floats:
    """Return the choices of an agent with these accuracies, the same in both states, shape (M, 2, 2).

    Examples
    --------
    >>> choices([0.75])
    array([[[0.75, 0.25],
            [0.25, 0.75]]])
    """
    a = checks.probabilities(accuracy, "accuracy")[:, None, None]
    return np.asarray(np.where(np.eye(2) > 0, a, 1 - a))


def plugin_rejection(accuracy: ArrayLike, n: int) -> float:
    """Return the exact probability that observed accuracies violate NIAS or NIAC.

    Parameters
    ----------
    accuracy : array_like, shape (M,)
        True accuracies in the order of the stakes, the same in both states.
    n : int
        Texts a state in each environment.

    Returns
    -------
    float
        1 - P(n <= S_0 <= ... <= S_{M-1}) with independent S_m ~ Binomial(2n, a_m).

    Raises
    ------
    ValueError
        If an accuracy is no probability or n is not positive.

    Examples
    --------
    >>> round(plugin_rejection([0.7, 0.7], 100), 3)  # a half, less a tie now and then
    0.478
    """
    a = checks.probabilities(accuracy, "accuracy")
    if n < 1:
        raise ValueError(f"n: is {n}; expected at least one text a state")
    right = np.arange(2 * n + 1)
    alive = np.ones(2 * n + 1)  # chance that all environments so far are in order and the last S <= index
    alive[:n] = 0.0
    for m, value in enumerate(a):
        mass = binom.pmf(right, 2 * n, value) * (right >= n)
        alive = np.cumsum(mass * (alive if m else 1.0))
    return float(min(1.0, max(0.0, 1.0 - alive[-1])))


def draw(accuracy: ArrayLike, n: int, runs: int, rng: np.random.Generator) -> Ints:
    """Return numbers of right answers, shape (runs, M, 2), out of n in each state.

    Examples
    --------
    >>> draw([0.6, 0.9], 10, 3, np.random.default_rng(0)).shape
    (3, 2, 2)
    """
    a = checks.probabilities(accuracy, "accuracy")
    return rng.binomial(n, a[None, :, None], size=(runs, a.size, 2))


def isotonic(values: Floats, weights: Floats) -> Floats:
    """Return the nearest non-decreasing sequences with entries at least one half, shape (runs, M).

    Parameters
    ----------
    values, weights : ndarray, shape (runs, M)
        Observed accuracies and the inverses of their variances.

    Notes
    -----
    Entry i of the isotonic regression is the largest over j <= i of the smallest over k >= i of the weighted
    mean of entries j to k. A lower bound on all entries then acts by clipping.

    Examples
    --------
    >>> isotonic(np.array([[0.9, 0.7, 0.8]]), np.ones((1, 3)))
    array([[0.8, 0.8, 0.8]])
    """
    n = values.shape[1]
    zero = np.zeros((values.shape[0], 1))
    total = np.concatenate([zero, np.cumsum(weights * values, axis=1)], axis=1)
    mass = np.concatenate([zero, np.cumsum(weights, axis=1)], axis=1)
    out = np.empty_like(values)
    for i in range(n):
        best = [
            np.min(
                [(total[:, k + 1] - total[:, j]) / (mass[:, k + 1] - mass[:, j]) for k in range(i, n)], axis=0
            )
            for j in range(i + 1)
        ]
        out[:, i] = np.max(best, axis=0)
    return np.maximum(out, 0.5)


def _observed(right: Ints, n: int) -> tuple[Floats, Floats]:
    """Return observed accuracies and the inverses of their estimated variances, shape (runs, M)."""
    smooth = (right + 0.5) / (n + 1)  # an observed frequency of 0 or 1 must not have variance zero
    variance = (smooth * (1 - smooth) / n).sum(axis=-1) / 4
    return right.mean(axis=-1) / n, 1 / variance


def projection_p_values(right: Ints, n: int) -> Floats:
    """Return the p-value of each sample in the projection test of NIAS and NIAC, shape (runs,).

    Parameters
    ----------
    right : ndarray of int, shape (runs, M, 2)
        Right answers out of n, by environment and state.
    n : int

    Examples
    --------
    >>> projection_p_values(np.array([[[30, 31], [20, 20]], [[20, 20], [30, 31]]]), 40).round(4)
    array([4.e-04, 1.e+00])
    """
    seen, weights = _observed(right, n)
    fitted = isotonic(seen, weights)
    distance = (weights * (seen - fitted) ** 2).sum(axis=1)
    steps = np.diff(np.concatenate([np.full((fitted.shape[0], 1), 0.5), fitted], axis=1), axis=1)
    binding = (steps < 1e-12).sum(axis=1)
    return np.where(binding > 0, chi2.sf(distance, np.maximum(binding, 1)), 1.0)


def capacity_p_values(right: Ints, n: int) -> Floats:
    """Return the p-value of each sample in the projection test of NIS (equal accuracies), shape (runs,).

    Examples
    --------
    >>> capacity_p_values(np.array([[[30, 31], [31, 30]], [[20, 20], [31, 31]]]), 40).round(4)
    array([1.e+00, 3.e-04])
    """
    seen, weights = _observed(right, n)
    mean = (weights * seen).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
    fitted = np.maximum(mean, 0.5)
    distance = (weights * (seen - fitted) ** 2).sum(axis=1)
    freedom = seen.shape[1] - 1 + (mean[:, 0] < 0.5)
    return np.asarray(chi2.sf(distance, freedom))


def box_rejects(right: Ints, n: int, level: float = 0.05) -> Bools:
    """Return which samples the box test rejects, shape (runs,).

    Examples
    --------
    >>> box_rejects(np.array([[[35, 36], [20, 20]], [[30, 31], [26, 26]]]), 40)
    array([ True, False])
    """
    tail, k = level / (2 * right.shape[1] * 2), np.arange(n)
    lower = np.concatenate([[0.0], beta.ppf(tail, k + 1, n - k)])  # by the number of right answers
    upper = np.concatenate([beta.isf(tail, k + 1, n - k), [1.0]])
    low, high = lower[right].mean(axis=-1), upper[right].mean(axis=-1)
    needed = np.maximum.accumulate(np.maximum(low, 0.5), axis=1)  # the smallest ordered sequence
    return np.asarray((needed > high).any(axis=1))


def bootstrap_rejects(
    right: Ints, n: int, rng: np.random.Generator, draws: int = 200, level: float = 0.05
) -> Bools:
    """Return which samples the naive bootstrap rejects, shape (runs,). Its size is wrong; see the module.

    Parameters
    ----------
    right : ndarray of int, shape (runs, M, 2)
        Right answers out of n.
    n : int
    rng : numpy.random.Generator
    draws : int
        Bootstrap samples for each sample.
    level : float

    Examples
    --------
    >>> right = np.array([[[31, 31], [30, 30], [29, 29], [28, 28], [27, 27]]])  # of 40: nearly level
    >>> bootstrap_rejects(right, 40, np.random.default_rng(0)), projection_p_values(right, 40).round(2)
    (array([ True]), array([0.64]))
    """
    again = rng.binomial(n, right[:, None] / n, size=(right.shape[0], draws, *right.shape[1:]))
    seen = again.sum(axis=-1)
    fine = (seen >= n).all(axis=-1) & (np.diff(seen, axis=-1) >= 0).all(axis=-1)
    return np.asarray(fine.mean(axis=1) < level)
