r"""What a signal is worth: information, Bayes risk, and garblings.

Model. An experiment is a matrix of signal probabilities :math:`\beta(s \mid x)`, one row for each state, and
:math:`\sigma(s) = \sum_x \pi(x) \beta(s \mid x)`. It gives the *information* in nats

.. math:: I(x; s) = \sum_{x, s} \pi(x) \beta(s \mid x) \ln \frac{\beta(s \mid x)}{\sigma(s)}

and the *Bayes risk*, the expected cost of an agent that sees the signal and then chooses,

.. math:: \rho(\beta) = \sum_s \min_u \sum_x \pi(x) \beta(s \mid x) c(x, u).

A *garbling* replaces each signal s by a random t that depends on s alone:
:math:`\beta'(t \mid x) = \sum_s \beta(s \mid x) g(t \mid s)`.

Theorem (data processing; the easy half of Blackwell's theorem). A garbling never has more information, and
never a smaller Bayes risk, whatever the prior and the cost.

Algorithm. `garbling` looks for the matrix g by a linear programme: minimise the largest entry of
:math:`|\beta g - \beta'|` over row-stochastic g. The programme is always feasible and bounded, so its
optimum is reached; a deviation above the tolerance means that there is no such g.

Reference. D. Blackwell, "Equivalent Comparisons of Experiments", Annals of Mathematical Statistics 24, 1953;
T. Cover and J. Thomas, *Elements of Information Theory*, 2nd edition, Wiley 2006, chapter 2.

>>> sharp, dull = [[0.8, 0.2], [0.1, 0.9]], [[0.6, 0.4], [0.4, 0.6]]
>>> round(float(information([0.5, 0.5], sharp)), 4), round(float(information([0.5, 0.5], dull)), 4)
(0.2754, 0.0201)
>>> garbling(dull, sharp) is not None, garbling(sharp, dull) is not None
(True, False)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.special import rel_entr

from llma import checks
from llma.checks import Floats

GARBLING_TOLERANCE = 1e-9
"""Largest entry of the residual that still counts as equality."""


def information(belief: ArrayLike, likelihood: ArrayLike) -> Floats:
    """Return the mutual information of state and signal, in nats.

    Parameters
    ----------
    belief : array_like, shape (..., X)
        Prior belief, or a stack of them.
    likelihood : array_like, shape (X, Y)
        Probability of each signal in each state.

    Returns
    -------
    ndarray, shape (...)
        Between 0 and the entropy of the prior.

    Raises
    ------
    ValueError
        If a row is not a probability vector or the numbers of states differ.

    Examples
    --------
    >>> float(information([0.5, 0.5], [[1, 0], [0, 1]]))
    0.6931
    """
    beta = checks.stochastic_matrix(likelihood)
    prior = checks.belief(belief, n_states=beta.shape[0])
    mean = prior @ beta
    # The mixture lacks a signal that only a state of probability zero sends, or whose probability has
    # underflowed. Its true share of the sum is zero, or below 1e-300.
    heard = np.where(mean[..., None, :] > 0, beta, 0.0)
    gain = rel_entr(heard, mean[..., None, :]).sum(axis=-1)  # (..., X): KL of each row to the mixture
    total: Floats = np.asarray(np.maximum((prior * gain).sum(axis=-1), 0.0))
    return total


def bayes_risk(belief: ArrayLike, likelihood: ArrayLike, cost: ArrayLike) -> Floats:
    """Return the expected cost of an agent that sees the signal and then chooses the cheapest action.

    Parameters
    ----------
    belief : array_like, shape (..., X)
        Prior belief, or a stack of them.
    likelihood : array_like, shape (X, Y)
        Probability of each signal in each state.
    cost : array_like, shape (X, U)
        Cost of each action in each state.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If a row is not a probability vector or the numbers of states differ.

    Examples
    --------
    >>> float(bayes_risk([0.5, 0.5], [[0.8, 0.2], [0.1, 0.9]], [[0, 1], [1, 0]]))
    0.15
    """
    beta = checks.stochastic_matrix(likelihood)
    prior = checks.belief(belief, n_states=beta.shape[0])
    table = checks.cost_matrix(cost, n_states=beta.shape[0])
    joint = prior[..., :, None] * beta  # (..., X, Y)
    risk: Floats = np.asarray((np.swapaxes(joint, -1, -2) @ table).min(axis=-1).sum(axis=-1))
    return risk


def garbling(coarse: ArrayLike, fine: ArrayLike, tolerance: float = GARBLING_TOLERANCE) -> Floats | None:
    """Return the noise that turns one experiment into another, or None if there is none.

    Parameters
    ----------
    coarse : array_like, shape (X, T)
        The experiment that may be a garbling.
    fine : array_like, shape (X, S)
        The experiment that it may be a garbling of.
    tolerance : float
        Largest entry of ``abs(fine @ noise - coarse)`` that counts as equality.

    Returns
    -------
    ndarray, shape (S, T), or None
        Row-stochastic `noise` with ``fine @ noise`` equal to `coarse`.

    Raises
    ------
    ValueError
        If a row is not a probability vector or the numbers of states differ.
    RuntimeError
        If the linear programme is not solved.

    Examples
    --------
    >>> garbling([[0.5, 0.5], [0.5, 0.5]], [[0.8, 0.2], [0.1, 0.9]]).round(3).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    target = checks.stochastic_matrix(coarse, "coarse")
    source = checks.stochastic_matrix(fine, "fine", n_rows=target.shape[0])
    s, t = source.shape[1], target.shape[1]
    # Unknowns: the entries of g, row by row, then the deviation d. Minimise d.
    image = np.kron(source, np.eye(t))  # (X * T, S * T): the entries of source @ g
    ones = np.ones((image.shape[0], 1))
    result = linprog(
        c=np.r_[np.zeros(s * t), 1.0],
        A_ub=np.block([[image, -ones], [-image, -ones]]),
        b_ub=np.r_[target.ravel(), -target.ravel()],
        A_eq=np.c_[np.kron(np.eye(s), np.ones(t)), np.zeros(s)],
        b_eq=np.ones(s),
        bounds=(0, None),
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"the linear programme for the garbling was not solved: {result.message}")
    noise: Floats = np.asarray(result.x[:-1]).reshape(s, t)
    noise /= noise.sum(axis=1, keepdims=True)  # the solver keeps the rows to its own tolerance only
    return noise if np.abs(source @ noise - target).max() <= tolerance else None
