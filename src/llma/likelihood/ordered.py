r"""Tables that respect the order of the states: the TP2 table of greatest likelihood, and two tests.

Model. Row x of a table of counts, shape (X, Y), is a multinomial sample from row x of a likelihood B. The
hypothesis is that B is TP2 (see `llma.bayes`): no 2 x 2 minor is negative, so that a higher observation never
points to a lower state.

Estimate. A positive table is TP2 if and only if its logarithm is, up to a constant a row,

.. math:: \theta_{xy}=c_y+\sum_{i\le x,\,j\le y}e_{ij},\qquad e_{ij}\ge0,

with e zero in the first row and column: e_ij is the logarithm of the odds ratio of neighbouring cells. The
log-likelihood is concave in c and e, and the constraints are bounds; L-BFGS-B climbs from the uniform
table, and starts again with a fresh memory until the tangent proves that the ratio below is right to 0.001
among the tables of a box, at first 20 around zero. With empty cells the maximum may lie at infinity. So the
sides that hold the search back are doubled, until that gains less than 0.001.

Tests. `OrderedFit.ratio` is twice the log-likelihood that the order costs. Its law under the hypothesis
depends on B; a simulation from the fitted table is an approximation. `smallest_minor` is exact: given the
sums of its rows and columns, the first entry of a 2 x 2 table has a law that rises with the odds ratio, so
the probability at odds ratio one of an entry as small as the one seen is a valid p-value for "at least one".
Multiply the smallest by the number of minors (Bonferroni).

Reference. Dykstra, Kochar and Robertson, Journal of the American Statistical Association 90, 1995 (two rows);
Fisher, Journal of the Royal Statistical Society 98, 1935.

>>> found = fit_ordered([[8, 1, 1], [2, 2, 6], [1, 6, 3]])
>>> found.table.round(3), round(found.ratio, 3)
(array([[0.8  , 0.1  , 0.1  ],
       [0.2  , 0.376, 0.424],
       [0.1  , 0.424, 0.476]]), 3.054)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.stats import hypergeom

from llma import checks
from llma.checks import Floats

LARGEST = 20.0
"""Bound of the parameters at the beginning of the search, in nats."""
DOUBLINGS = 20
STEPS = 20_000
RESTARTS = 30
GAP = 1e-3
"""How far the likelihood ratio may be from its least value, in nats."""


@dataclass(frozen=True, eq=False)
class OrderedFit:
    """The TP2 table of greatest likelihood.

    Attributes
    ----------
    table : ndarray, shape (X, Y)
        Positive, TP2 up to rounding; rows sum to one.
    ratio : float
        Twice the log-likelihood that a table without the order would gain, in nats; not negative.
    """

    table: Floats
    ratio: float


def fit_ordered(counts: ArrayLike) -> OrderedFit:
    """Return the TP2 table of greatest likelihood.

    Parameters
    ----------
    counts : array_like, shape (X, Y)
        How often each observation came in each state; at least two states and two observations, and at least
        one text a state.

    Returns
    -------
    OrderedFit

    Raises
    ------
    ValueError
        If a count is negative or not whole, the table is too small, a state has no texts, or the search does
        not settle.

    Examples
    --------
    >>> fit_ordered([[3, 1], [1, 3]]).table.round(3)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    >>> fit_ordered([[1, 3], [3, 1]]).table.round(3)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    seen = check_counts(counts)
    n_states, n_seen = seen.shape
    texts = seen.sum(axis=1, keepdims=True)

    def downhill(parameters: Floats) -> tuple[float, Floats]:
        log_p = _log_table(parameters, n_states, n_seen)
        slope = seen - texts * np.exp(log_p)
        tails = slope[::-1, ::-1].cumsum(axis=0).cumsum(axis=1)[::-1, ::-1]
        gradient = np.concatenate([slope.sum(axis=0)[1:], tails[1:, 1:].ravel()])
        return -float((seen * log_p).sum() / texts.sum()), -gradient / texts.sum()

    steps = (n_states - 1) * (n_seen - 1)
    low = np.repeat([-LARGEST, 0.0], [n_seen - 1, steps])
    high = np.full(low.size, LARGEST)
    most = float((seen * np.log(np.where(seen > 0, seen / texts, 1.0))).sum())
    point, ratio = np.zeros(low.size), np.inf
    for _ in range(DOUBLINGS):
        last = ratio
        point = _search(downhill, point, low, high, float(texts.sum()))
        ratio = 2 * (most + float(texts.sum()) * downhill(point)[0])
        below, above = (point <= low) & (low < 0), point >= high
        if last - ratio < GAP or not (below | above).any():
            break
        low, high = np.where(below, 2 * low, low), np.where(above, 2 * high, high)
    else:
        raise ValueError(
            f"counts: the likelihood ratio, {ratio:.3g}, still falls in a box of {high.max():.3g}; "
            "merge neighbouring observations that are rare"
        )
    return OrderedFit(np.exp(_log_table(point, n_states, n_seen)), max(ratio, 0.0))


def _search(
    downhill: Callable[[Floats], tuple[float, Floats]], point: Floats, low: Floats, high: Floats, texts: float
) -> Floats:
    """Return where the mean negative log-likelihood is least in a box, up to GAP / (2 texts)."""
    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "gtol": 1e-10, "ftol": 1e-16, "maxcor": 40}
    for _ in range(RESTARTS):
        found = minimize(
            downhill, point, jac=True, bounds=np.column_stack([low, high]), method="L-BFGS-B", options=options
        )
        point, slope = found.x, found.jac
        # A convex function lies above its tangent: no point of the box is lower than this.
        gap = 2 * texts * float(np.maximum(slope * (point - low), slope * (point - high)).sum())
        if gap < GAP:
            return np.asarray(point)
    raise ValueError(
        f"counts: the likelihood ratio may still be off by {gap:.3g} ({found.message}); "
        "merge neighbouring observations that are rare"
    )


def smallest_minor(counts: ArrayLike) -> tuple[float, tuple[int, int], tuple[int, int]]:
    """Return the smallest exact p-value of all 2 x 2 tables, and the rows and columns it belongs to.

    Parameters
    ----------
    counts : array_like, shape (X, Y)
        As for `fit_ordered`.

    Returns
    -------
    p : float
        Probability, at odds ratio one and with the same margins, of a first entry as small as the one seen.
        Not yet corrected for the X (X - 1) Y (Y - 1) / 4 tables that were looked at.
    rows, columns : (int, int)

    Examples
    --------
    >>> p, rows, columns = smallest_minor([[8, 1, 1], [2, 2, 6], [1, 6, 3]])
    >>> round(p, 4), rows, columns  # (2 * 3 against 6 * 6)
    (0.109, (1, 2), (1, 2))
    """
    seen = check_counts(counts)
    (i, j), (k, m) = np.triu_indices(seen.shape[0], 1), np.triu_indices(seen.shape[1], 1)
    a, b = seen[np.ix_(i, k)], seen[np.ix_(i, m)]
    c, d = seen[np.ix_(j, k)], seen[np.ix_(j, m)]
    total = a + b + c + d
    # An empty table shows nothing; at total 0 the law is not defined.
    p = np.where(total > 0, hypergeom.cdf(a, np.maximum(total, 1), a + c, a + b), 1.0)
    row, column = np.unravel_index(int(np.argmin(p)), p.shape)
    return (
        float(p[row, column]),
        (int(i[row]), int(j[row])),
        (int(k[column]), int(m[column])),
    )


def check_counts(counts: ArrayLike) -> Floats:
    """Return a table of counts as floats, or refuse it.

    Examples
    --------
    >>> check_counts([[1, 2], [0, 0]])
    Traceback (most recent call last):
    ...
    ValueError: counts: state 1 has no texts; leave it out
    """
    seen = checks.real_array(counts, "counts", ndim=2)
    if min(seen.shape) < 2:
        raise ValueError(f"counts: has shape {seen.shape}; expected two states and two observations at least")
    bad = (seen < 0) | (seen != np.floor(seen))
    if bad.any():
        x, y = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"counts: entry ({x}, {y}) is {seen[x, y]:.12g}; expected a whole number of texts")
    empty = np.flatnonzero(seen.sum(axis=1) == 0)
    if empty.size:
        raise ValueError(f"counts: state {empty[0]} has no texts; leave it out")
    return seen


def _log_table(parameters: Floats, n_states: int, n_seen: int) -> Floats:
    columns = np.concatenate([[0.0], parameters[: n_seen - 1]])
    steps = np.zeros((n_states, n_seen))
    steps[1:, 1:] = parameters[n_seen - 1 :].reshape(n_states - 1, n_seen - 1)
    theta = columns + steps.cumsum(axis=0).cumsum(axis=1)
    theta -= theta.max(axis=1, keepdims=True)
    return np.asarray(theta - np.log(np.exp(theta).sum(axis=1, keepdims=True)))
