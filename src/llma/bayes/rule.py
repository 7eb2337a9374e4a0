r"""Bayes' rule for a finite state: posterior, filter, and observations made coarser.

Model. A state x in 0..X-1 with belief :math:`\pi` (a probability vector), a transition matrix P (the identity
when the state does not move) and an observation y in 0..Y-1 with likelihood :math:`B_{xy} = p(y \mid x)`.

Filter. :math:`T(\pi, y) = B_y P^\top \pi / \sigma(\pi, y)`, where :math:`B_y` is the diagonal matrix of
column y and :math:`\sigma(\pi, y) = \mathbf 1^\top B_y P^\top \pi` is the probability of seeing y.

Garbling. If observations are merged into groups, the likelihood of a group is the sum of their columns.

Reference. Krishnamurthy, *Partially Observed Markov Decision Processes*, Cambridge University Press, 2016,
chapter 2.

>>> posterior([0.5, 0.5], [[0.8, 0.2], [0.3, 0.7]], 1).round(4)
array([0.2222, 0.7778])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats


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
