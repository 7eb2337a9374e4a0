r"""Independent answers: a share a question and a state, multiplied.

Model. Given the state, the K bits are independent: :math:`p(y\mid x)=\prod_k
p_{kx}^{b_k}(1-p_{kx})^{1-b_k}`. There are K numbers a state. Each is the share of yes among the texts *that
answered*, with half a yes and half a no added, so that a question which everybody in a state answers alike
still leaves the other answer possible. Where bits are missing nothing else is needed: under independence a
gap drops out of the product.

The model is wrong where answers repeat each other, and then it is usually far too sure.

>>> from llma.likelihood.answers import tally
>>> bernoulli_table(tally(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([0, 0]), 1)).round(3)
array([[0.083, 0.417, 0.083, 0.417]])
"""

from __future__ import annotations

import numpy as np

from llma.checks import Floats
from llma.likelihood.answers import Evidence, patterns

HALF = 0.5
"""Answers of each kind that are added to each question in each state."""


def bernoulli_table(evidence: Evidence) -> Floats:
    """Return the product of smoothed shares, shape (X, 2**K).

    Parameters
    ----------
    evidence : Evidence
        The sample; see `llma.likelihood.answers.tally`.

    Returns
    -------
    ndarray, shape (X, 2**K)
        Positive; rows sum to one.

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> bernoulli_table(tally(np.array([[1.0], [np.nan]]), np.array([0, 1]), 2))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    p = smoothed_shares(evidence)
    every = patterns(evidence.n_questions)
    table = np.exp(np.log(p) @ every.T + np.log1p(-p) @ (1 - every).T)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def smoothed_shares(evidence: Evidence) -> Floats:
    """Return the smoothed share of yes to each question in each state, shape (X, K).

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> smoothed_shares(tally(np.array([[1.0], [1.0], [0.0]]), np.array([0, 0, 0]), 1))
    array([[0.625]])
    """
    every = patterns(evidence.n_questions)
    yes, no = evidence.counts @ every, evidence.counts @ (1 - every)  # (X, K)
    always_yes = ~(evidence.agrees.astype(np.float64) @ (1 - every) > 0)  # (m, K): no pattern with a no
    always_no = ~(evidence.agrees.astype(np.float64) @ every > 0)
    np.add.at(yes, evidence.labels, evidence.weights[:, None] * always_yes)
    np.add.at(no, evidence.labels, evidence.weights[:, None] * always_no)
    return np.asarray((yes + HALF) / (yes + no + 2 * HALF))
