r"""Orders of beliefs and of likelihoods: the monotone likelihood ratio, total positivity of order 2.

Model. Beliefs are probability vectors over the states 0..X-1, which are taken to be ordered.

Monotone likelihood ratio (MLR) order. :math:`\pi` dominates :math:`\pi'` if
:math:`\pi(i)\,\pi'(j) \le \pi(j)\,\pi'(i)` for all i < j: the ratio :math:`\pi/\pi'` increases with the
state. A matrix is totally positive of order 2 (TP2) if none of its 2 x 2 minors is negative.

Algorithm. All 2 x 2 minors, :math:`R(R-1)C(C-1)/4` of them for R rows and C columns. One belief dominates
another if and only if the two, stacked, the lower first, are TP2.

Reference. Krishnamurthy, *Partially Observed Markov Decision Processes*, Cambridge University Press, 2016,
chapter 10; Karlin and Rinott, Journal of Multivariate Analysis 10, 1980.

>>> is_tp2([[0.8, 0.2], [0.3, 0.7]])
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats

TP2_TOLERANCE = 1e-12
"""A minor above minus this number counts as non-negative: it is rounding, not a violation."""


def mlr_dominates(upper: ArrayLike, lower: ArrayLike, tolerance: float = TP2_TOLERANCE) -> bool:
    """Whether belief `upper` is at least `lower` in the monotone likelihood ratio order.

    Parameters
    ----------
    upper, lower : array_like, shape (X,)
        Two beliefs.
    tolerance : float
        Slack allowed for rounding in each product.

    Returns
    -------
    bool
        True if ``upper[i] * lower[j] <= upper[j] * lower[i]`` for all i < j. The order is partial: it may be
        that neither of two beliefs dominates the other.

    Examples
    --------
    >>> mlr_dominates([0.2, 0.3, 0.5], [0.5, 0.3, 0.2])
    True
    >>> mlr_dominates([0.4, 0.2, 0.4], [0.3, 0.4, 0.3])
    False
    """
    high, low = checks.belief(upper, "upper"), checks.belief(lower, "lower")
    if high.shape != low.shape or high.ndim != 1:
        raise ValueError(
            f"upper, lower: expected two vectors of one length, got {high.shape} and {low.shape}"
        )
    return is_tp2(np.stack([low, high]), tolerance)


@dataclass(frozen=True)
class TP2Violation:
    """A negative 2 x 2 minor.

    Attributes
    ----------
    rows, columns : tuple of int
        The two rows and the two columns, both in increasing order.
    minor : float
        ``m[i, y] * m[j, z] - m[i, z] * m[j, y]``, negative.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    minor: float


def tp2_minors(matrix: ArrayLike) -> Floats:
    """Return all 2 x 2 minors of a matrix, shape (row pairs, column pairs), pairs in lexicographic order.

    Examples
    --------
    >>> tp2_minors([[0.75, 0.25], [0.25, 0.75]])
    array([[0.5]])
    """
    table = checks.real_array(matrix, "matrix", ndim=2)
    i, j = np.triu_indices(table.shape[0], 1)
    y, z = np.triu_indices(table.shape[1], 1)
    return np.asarray(table[np.ix_(i, y)] * table[np.ix_(j, z)] - table[np.ix_(i, z)] * table[np.ix_(j, y)])


def tp2_violation(matrix: ArrayLike, tolerance: float = TP2_TOLERANCE) -> TP2Violation | None:
    """Return the first negative 2 x 2 minor, or None if the matrix is TP2.

    Parameters
    ----------
    matrix : array_like, shape (R, C)
        A likelihood or a transition matrix.
    tolerance : float
        A minor above ``-tolerance`` counts as non-negative.

    Returns
    -------
    TP2Violation or None

    Examples
    --------
    The highest flag is here weaker evidence for the highest state than the middle one.

    >>> tp2_violation([[0.3, 0.1, 0.6], [0.2, 0.6, 0.2], [0.1, 0.45, 0.45]])
    TP2Violation(rows=(0, 1), columns=(0, 2), minor=-0.06)
    """
    table = checks.real_array(matrix, "matrix", ndim=2)
    minors = tp2_minors(table)
    bad = np.argwhere(minors < -tolerance)
    if not len(bad):
        return None
    i, j = np.triu_indices(table.shape[0], 1)
    y, z = np.triu_indices(table.shape[1], 1)
    row, column = bad[0]
    return TP2Violation(
        rows=(int(i[row]), int(j[row])),
        columns=(int(y[column]), int(z[column])),
        minor=float(minors[row, column]),
    )


def is_tp2(matrix: ArrayLike, tolerance: float = TP2_TOLERANCE) -> bool:
    """Whether no 2 x 2 minor is negative; `tp2_violation` shows the first that is.

    Examples
    --------
    >>> is_tp2([[0.9, 0.1], [0.2, 0.8]]), is_tp2([[0.1, 0.9], [0.8, 0.2]])
    (True, False)
    """
    return tp2_violation(matrix, tolerance) is None
