r"""Exact maximum likelihood for laws known up to their normalisation.

Model. Row x of an *energy* table E, shape (X, 2^K), gives :math:`p(y\mid x)=e^{E_{xy}}/Z_x` with
:math:`Z_x=\sum_y e^{E_{xy}}`. With K up to 12 the sum has at most 4096 terms: it is computed, not sampled.

Gradient. A text whose answers leave the set S of observations adds :math:`\ln\sum_{y\in S}p(y\mid x)`,
whose derivative in :math:`E_{xy}` is :math:`p(y\mid x,S)-p(y\mid x)`: what the text says about y, less what
the model expected. For a complete row it is the familiar "data less model". Gaps are thereby marginalised
exactly.

Algorithm. L-BFGS from a stated start, on the mean over texts of log-likelihood plus log-prior. It stops
when no entry of the gradient exceeds 1e-7 or the value no longer rises in floating point; the answer is
refused unless the gradient is then below 1e-4.

Reference. Byrd, Lu, Nocedal and Zhu, SIAM Journal on Scientific Computing 16, 1995.

>>> from llma.likelihood.answers import tally
>>> sample = tally(np.array([[1.0], [0.0], [1.0]]), np.array([0, 0, 0]), 1)
>>> value, slope = log_likelihood(np.zeros((1, 2)), sample)
>>> round(value, 4), slope
(-2.0794, array([[-0.5,  0.5]]))
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from llma.checks import Floats
from llma.likelihood.answers import Evidence

STEPS = 5_000
STOP = 1e-7
ACCEPT = 1e-4

Objective = Callable[[Floats], tuple[float, Floats]]
"""Maps parameters, shape (D,), to a value and its gradient, shape (D,)."""


def softmax(energies: Floats) -> Floats:
    """Return the laws with the given energies, shape (X, 2**K); rows sum to one.

    Examples
    --------
    >>> softmax(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    weights = np.exp(energies - energies.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def log_likelihood(energies: Floats, evidence: Evidence) -> tuple[float, Floats]:
    """Return the log-likelihood of a sample, and its gradient in the energies.

    Parameters
    ----------
    energies : ndarray, shape (X, 2**K)
        Log-probabilities up to a constant a row.
    evidence : Evidence
        The sample.

    Returns
    -------
    value : float
        In nats, summed over texts.
    slope : ndarray, shape (X, 2**K)
        Its rows sum to zero.

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> log_likelihood(np.zeros((1, 4)), tally(np.array([[1.0, np.nan]]), np.array([0]), 1))[1]
    array([[-0.25,  0.25, -0.25,  0.25]])
    """
    top = energies.max(axis=1, keepdims=True)
    log_p = energies - top - np.log(np.exp(energies - top).sum(axis=1, keepdims=True))
    p = np.exp(log_p)
    value = float((evidence.counts * log_p).sum())
    slope = evidence.counts - evidence.counts.sum(axis=1, keepdims=True) * p
    if len(evidence.labels):
        inside = np.where(evidence.agrees, log_p[evidence.labels], -np.inf)  # (m, 2**K)
        top = inside.max(axis=1, keepdims=True)
        share = np.exp(inside - top)
        total = share.sum(axis=1, keepdims=True)
        value += float(evidence.weights @ (top + np.log(total))[:, 0])
        np.add.at(slope, evidence.labels, evidence.weights[:, None] * (share / total - p[evidence.labels]))
    return value, slope


def maximise(objective: Objective, start: Floats, what: str) -> Floats:
    """Return parameters at which the gradient of a function vanishes, found by climbing from a start.

    Parameters
    ----------
    objective : callable
        Parameters to value and gradient, of the order of one (a mean over texts).
    start : ndarray, shape (D,)
        Where to begin.
    what : str
        Names the fit in an error.

    Returns
    -------
    ndarray, shape (D,)
        For a concave function the maximum; otherwise a point no worse than the start.

    Raises
    ------
    ValueError
        If the gradient has not fallen below 1e-4.

    Examples
    --------
    >>> maximise(lambda t: (float(-((t - 2) ** 2).sum()), -2 * (t - 2)), np.zeros(1), "parabola").round(6)
    array([2.])
    """

    def downhill(parameters: Floats) -> tuple[float, Floats]:
        value, slope = objective(parameters)
        return -value, -slope

    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "gtol": STOP, "ftol": 1e-15, "maxcor": 20}
    found = minimize(downhill, start, jac=True, method="L-BFGS-B", options=options)
    steepest = float(np.abs(found.jac).max())
    if not steepest < ACCEPT:
        raise ValueError(
            f"{what}: after {found.nit} steps an entry of the gradient is still {steepest:.3g} "
            f"({found.message}); use 'bernoulli' or 'counts', which need no search"
        )
    return np.asarray(found.x, dtype=np.float64)
