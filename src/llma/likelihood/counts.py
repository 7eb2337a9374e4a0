r"""Smoothed counts: the share of each observation among the texts in a state.

Model. Nothing is assumed about how answers hang together: p(y given x) is any law. One text is added to every
cell (Laplace), so that no answer ever excludes a state, and a state without texts gets the uniform law. The
price is 2^K - 1 numbers a state.

Gaps. A text with missing bits is spread over the observations that agree with it, in proportion to the
current table, and the table is recomputed, until nothing moves by 1e-10 (expectation maximisation). Each
step raises the likelihood times the prior. The prior, Dirichlet with every parameter two, is what the added
text stands for.

Reference. Laplace, *Essai philosophique sur les probabilites*, 1814; Dempster, Laird and Rubin, Journal of
the Royal Statistical Society B 39, 1977.

>>> from llma.likelihood.answers import tally
>>> counts_table(tally(np.array([[1.0], [1.0], [0.0]]), np.array([0, 0, 1]), 2))
array([[0.25 , 0.75 ],
       [0.667, 0.333]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from llma import checks
from llma.checks import Floats
from llma.likelihood.answers import Evidence

LAPLACE = 1.0
EM_TOLERANCE = 1e-10
EM_STEPS = 10_000


def counts_table(evidence: Evidence) -> Floats:
    """Return smoothed shares, shape (X, 2**K).

    Parameters
    ----------
    evidence : Evidence
        The sample; see `llma.likelihood.answers.tally`.

    Returns
    -------
    ndarray, shape (X, 2**K)
        Positive; rows sum to one.

    Raises
    ------
    ValueError
        If expectation maximisation has not settled after 10,000 steps.

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> rows = np.array([[1.0, 1.0], [1.0, np.nan]])
    >>> counts_table(tally(rows, np.array([0, 0]), 1)).round(3)
    array([[0.167, 0.222, 0.167, 0.444]])
    """
    known = evidence.counts + LAPLACE
    table = known / known.sum(axis=1, keepdims=True)
    if not len(evidence.labels):
        return np.asarray(table)
    for _ in range(EM_STEPS):
        share = evidence.agrees * table[evidence.labels]
        share *= (evidence.weights / share.sum(axis=1))[:, None]
        total = known.copy()
        np.add.at(total, evidence.labels, share)
        before, table = table, total / total.sum(axis=1, keepdims=True)
        if np.abs(table - before).max() < EM_TOLERANCE:
            return np.asarray(table)
    raise ValueError(
        f"bits: expectation maximisation has not settled after {EM_STEPS} steps; use 'bernoulli'"
    )


def expected_divergence(law: ArrayLike, n: int, added: float = LAPLACE) -> float:
    r"""Return the expected divergence of smoothed shares of n texts from the law that the texts have.

    The mean over samples of :math:`\sum_y p_y\ln(p_y/\hat p_y)` with :math:`\hat p_y=(N_y+a)/(n+aM)`, in
    nats. Exact: each count N_y is binomial, and the logarithms are averaged one by one. It tends to zero like
    (M - 1) / (2 n) if all M entries are positive.

    Parameters
    ----------
    law : array_like, shape (M,)
        One row of a likelihood.
    n : int
        Texts of that state, not negative.
    added : float
        The a that is added to each count, not negative. With a = 0 the result is infinite as soon as a cell
        of positive probability may stay empty.

    Raises
    ------
    ValueError
        If the law is not one, or n or `added` is negative, or both are zero.

    Examples
    --------
    >>> round(expected_divergence([0.5, 0.5], 1), 4)  # ln(1/2) - (ln 2/3 + ln 1/3) / 2
    0.0589
    >>> expected_divergence([0.5, 0.5], 40, added=0)
    inf
    """
    p = checks.belief(law, "law")
    if p.ndim != 1:
        raise ValueError(f"law: has shape {p.shape}; expected one row")
    if n < 0 or not 0 <= added < np.inf or n + added == 0:
        raise ValueError(f"n, added: are {n} and {added}; expected numbers >= 0, not both zero")
    p = p[p > 0]
    size = np.size(law)
    seen = np.arange(n + 1)
    with np.errstate(divide="ignore"):
        log_share = np.log((seen + added) / (n + added * size))
    chance = binom.pmf(seen, n, p[:, None])  # (M, n + 1)
    means = np.where(chance > 0, chance * log_share, 0.0).sum(axis=1)
    return float(p @ (np.log(p) - means))
