r"""Bayes' rule for a finite state: posterior, filter, and the orders that make it monotone.

Model. A state x in 0..X-1 with belief :math:`\pi` (a probability vector), a transition matrix P (the identity
when the state does not move) and an observation y in 0..Y-1 with likelihood :math:`B_{xy} = p(y \mid x)`.

Filter. :math:`T(\pi, y) = B_y P^\top \pi / \sigma(\pi, y)`, where :math:`B_y` is the diagonal matrix of
column y and :math:`\sigma(\pi, y) = \mathbf 1^\top B_y P^\top \pi` is the probability of seeing y.

Monotone likelihood ratio (MLR) order. :math:`\pi` dominates :math:`\pi'` if
:math:`\pi(i)\,\pi'(j) \le \pi(j)\,\pi'(i)` for all i < j: the ratio :math:`\pi/\pi'` increases with the
state. A matrix is totally positive of order 2 (TP2) if none of its 2 x 2 minors is negative.

Theorem (monotone filter). (a) If B is TP2, then :math:`T(\pi, y)` is MLR-increasing in y wherever y has
positive probability. (b) If P is TP2, then it is MLR-increasing in :math:`\pi`. (c) If both are, then
:math:`\sigma(\pi, \cdot)` increases with :math:`\pi` in the sense of first-order stochastic dominance.

Reference. Krishnamurthy, *Partially Observed Markov Decision Processes*, Cambridge University Press, 2016,
chapters 2 and 10; Karlin and Rinott, Journal of Multivariate Analysis 10, 1980.

>>> likelihood = [[0.8, 0.2], [0.3, 0.7]]
>>> posterior([0.5, 0.5], likelihood, 1).round(4)
array([0.2222, 0.7778])
>>> is_tp2(likelihood)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats

TP2_TOLERANCE = 1e-12
"""A minor above minus this number counts as non-negative: it is rounding, not a violation."""


def posterior(belief: ArrayLike, likelihood: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the belief after observing y.

    Parameters
    ----------
    belief : array_like, shape (..., X)
        Prior belief, or a stack of them.
    likelihood : array_like, shape (X, Y)
        p(y given x).
    y : int or array_like of int, shape (...)
        Observation; its shape broadcasts against the leading axes of `belief`.

    Returns
    -------
    ndarray, shape (..., X)

    Raises
    ------
    ValueError
        If an observation has probability zero under its belief: Bayes' rule is then silent.

    Notes
    -----
    Bayes' rule with a static state, :math:`B_y\pi/\sigma(\pi, y)`.

    Examples
    --------
    >>> posterior([0.5, 0.5], [[0.75, 0.25], [0.25, 0.75]], [0, 1])
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    table = checks.stochastic_matrix(likelihood, "likelihood")
    prior = checks.belief(belief, "belief", table.shape[0])
    seen = checks.indices(y, "y", table.shape[1])
    joint = prior * table.T[seen]  # (..., X)
    total = joint.sum(axis=-1, keepdims=True)
    if not np.all(total > 0):
        first = np.argwhere(total[..., 0] <= 0)[0]
        value = np.broadcast_to(seen, total.shape[:-1])[tuple(first)]
        raise ValueError(
            f"y: observation {value} has probability 0 under the belief; "
            "give every state that can produce it a positive prior, or smooth the likelihood"
        )
    return np.asarray(joint / total)


def predict(belief: ArrayLike, transition: ArrayLike) -> Floats:
    """Return the belief one step ahead, before anything is observed.

    Parameters
    ----------
    belief : array_like, shape (..., X)
        Belief about the present state.
    transition : array_like, shape (X, X)
        Row x holds the law of the next state given the present state x.

    Returns
    -------
    ndarray, shape (..., X)

    Examples
    --------
    >>> predict([1.0, 0.0], [[0.9, 0.1], [0.2, 0.8]])
    array([0.9, 0.1])
    """
    matrix = checks.stochastic_matrix(transition, "transition", square=True)
    return np.asarray(checks.belief(belief, "belief", matrix.shape[0]) @ matrix)


def filter_step(
    belief: ArrayLike, likelihood: ArrayLike, y: ArrayLike, transition: ArrayLike | None = None
) -> Floats:
    """Return T(belief, y): predict with the transition matrix (if there is one), then apply Bayes' rule.

    Parameters
    ----------
    belief : array_like, shape (..., X)
        Belief about the previous state.
    likelihood : array_like, shape (X, Y)
        p(y given x).
    y : int or array_like of int, shape (...)
        Observation of the present state.
    transition : array_like, shape (X, X), optional
        None means a state that does not move.

    Returns
    -------
    ndarray, shape (..., X)

    Raises
    ------
    ValueError
        If the observation has probability zero.

    Examples
    --------
    A transition that is not TP2 turns the order round: the lower prior ends with the higher belief.

    >>> swap, sensor = [[0.1, 0.9], [0.9, 0.1]], [[0.7, 0.3], [0.3, 0.7]]
    >>> filter_step([[0.8, 0.2], [0.2, 0.8]], sensor, 1, swap)[:, 1].round(2)
    array([0.87, 0.45])
    """
    prior = checks.belief(belief, "belief") if transition is None else predict(belief, transition)
    return posterior(prior, likelihood, y)


def filter_path(
    prior: ArrayLike, likelihood: ArrayLike, observations: ArrayLike, transition: ArrayLike | None = None
) -> Floats:
    """Return the beliefs along a sequence of observations, the prior first.

    Parameters
    ----------
    prior : array_like, shape (X,)
        Belief before the first observation.
    likelihood : array_like, shape (X, Y)
        p(y given x).
    observations : array_like of int, shape (n,)
        In order of arrival.
    transition : array_like, shape (X, X), optional
        None means a state that does not move.

    Returns
    -------
    ndarray, shape (n + 1, X)

    Examples
    --------
    >>> filter_path([0.5, 0.5], [[0.75, 0.25], [0.25, 0.75]], [1, 0])
    array([[0.5 , 0.5 ],
           [0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    table = checks.stochastic_matrix(likelihood, "likelihood")
    seen = checks.indices(observations, "observations", table.shape[1])
    beliefs = [checks.belief(prior, "prior", table.shape[0])]
    for y in seen:
        beliefs.append(filter_step(beliefs[-1], table, y, transition))
    return np.stack(beliefs)


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


def merge_observations(likelihood: ArrayLike, groups: Sequence[Sequence[int]]) -> Floats:
    """Return the likelihood of a coarser observation: column g is the sum of the columns in ``groups[g]``.

    Merging is a garbling: it can never help one agent, yet it may help a crowd of social learners.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x).
    groups : sequence of sequences of int
        Each observation 0..Y-1 stands in exactly one group.

    Returns
    -------
    ndarray, shape (X, len(groups))

    Raises
    ------
    ValueError
        If the groups leave out an observation or hold one twice.

    Examples
    --------
    >>> merge_observations([[0.17, 0.23, 0.6], [0.03, 0.2, 0.77]], [[0], [1, 2]])
    array([[0.17, 0.83],
           [0.03, 0.97]])
    """
    table = checks.stochastic_matrix(likelihood, "likelihood")
    members = sorted(y for group in groups for y in group)
    if members != list(range(table.shape[1])):
        raise ValueError(
            f"groups: hold the observations {members}; "
            f"each of 0..{table.shape[1] - 1} must stand in exactly one group"
        )
    return np.stack([table[:, list(group)].sum(axis=1) for group in groups], axis=1)
