r"""Tsallis entropies: the family of convex functions behind posterior-separable costs, and its conjugate.

Model. For a belief :math:`\eta` over X states and an order :math:`\alpha > 0`,

.. math:: \Psi_\alpha(\eta) = \frac{\sum_x \eta(x)^\alpha - 1}{\alpha - 1}, \qquad
    \Psi_1(\eta) = \sum_x \eta(x) \ln \eta(x) = \lim_{\alpha \to 1} \Psi_\alpha(\eta) .

It is minus the Tsallis entropy: convex, zero at certainty, least at the uniform belief. For alpha = 2 it is
the sum of squares minus one.

Theorem (the belief that a linear function picks). :math:`\max_\eta v^\top \eta - \Psi_\alpha(\eta)` over all
beliefs has one solution. For alpha = 1 it is the softmax of v. Otherwise there is a level s with

.. math:: \eta(x) = \Bigl( \tfrac{\alpha - 1}{\alpha} (v(x) - s) \Bigr)_+^{1 / (\alpha - 1)} ,

the "entmax" of v: for alpha > 1 it has zeros where v is far below its maximum; for alpha < 1 (then s lies
above every v(x)) it has none.

Algorithm. The sum of the right-hand side falls as s rises: bisection until no number lies between the ends.

Reference. C. Tsallis, "Possible Generalization of Boltzmann-Gibbs Statistics", Journal of Statistical Physics
52, 1988; B. Peters, V. Niculae and A. Martins, "Sparse Sequence-to-Sequence Models", ACL 2019 (entmax).

>>> peak(np.array([1.0, 0.5, -1.0]), 2.0)  # the third state is ruled out
array([0.625, 0.375, 0.   ])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax, xlogy

from llma import checks
from llma.checks import Floats


def entropy(belief: ArrayLike, order: float = 1.0) -> Floats:
    r"""Return the convex function :math:`\Psi_\alpha` at a belief: zero at certainty, negative elsewhere.

    Parameters
    ----------
    belief : array_like, shape (..., X)
    order : float
        Positive.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If a row is not a belief or the order is not positive and finite.

    Examples
    --------
    >>> entropy([0.5, 0.5], 2), entropy([0.5, 0.5], 1).round(4)
    (np.float64(-0.5), np.float64(-0.6931))
    """
    eta, alpha = checks.belief(belief), positive_order(order)
    if alpha == 1:
        return np.asarray(xlogy(eta, eta).sum(axis=-1))[()]
    return np.asarray(((eta**alpha).sum(axis=-1) - 1) / (alpha - 1))[()]


def peak(v: Floats, order: float) -> Floats:
    """Return the belief that maximises v @ eta - Psi(eta): alpha-entmax of v, the softmax for alpha = 1."""
    if order == 1:
        return np.asarray(softmax(v))
    # eta = (t)^(1 / (alpha - 1)) with t linear in v and decreasing in a level; bisect until eta sums to one.
    slope, power = (order - 1) / order, 1 / (order - 1)

    def eta(level: float) -> Floats:
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(np.maximum(slope * (v - level), 0.0) ** power)

    # The sum falls as the level rises. At `low` the largest v alone has mass one, at `high` all at most one.
    top, reach = float(v.max()), 1 / abs(slope)
    low, high = (top - reach, top) if order > 1 else (top + reach, top + reach * v.size ** (1 - order))
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if eta(middle).sum() >= 1 else (low, middle)
    answer = eta(low)
    return np.asarray(answer / answer.sum())


def positive_order(order: float) -> float:
    """Return the order of an entropy if it is positive and finite."""
    if not 0 < order < np.inf:
        raise ValueError(f"order: is {order}; expected a positive finite number (1 is Shannon)")
    return float(order)
