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
