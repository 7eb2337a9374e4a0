"""Three truths with six states and six questions, to compare the methods on, and samples from them."""

from __future__ import annotations

import numpy as np

from llma.likelihood import patterns

EVERY = patterns(6)
YES = np.array(
    [  # a row a question, a column a state: how often a text of that state would be answered with yes
        [0.04, 0.25, 0.65, 0.80, 0.88, 0.92],
        [0.01, 0.04, 0.15, 0.50, 0.70, 0.85],
        [0.02, 0.10, 0.40, 0.55, 0.65, 0.75],
        [0.01, 0.02, 0.06, 0.20, 0.75, 0.85],
        [0.005, 0.01, 0.02, 0.06, 0.20, 0.80],
        [0.85, 0.50, 0.20, 0.08, 0.04, 0.02],
    ]
).T
SHARES = 0.05 + 0.9 * YES  # one answer in ten is a coin
ODDS = np.log(SHARES / (1 - SHARES))
MOOD = 1.3 * np.array([1, 1, 1, 1, 1, -1])
COUPLINGS = np.triu(np.random.default_rng(5).normal(0, 0.8, (6, 6)), 1)


def product(odds):
    """Return the law of independent answers with the given log-odds, shape (X, 64)."""
    return np.exp(odds @ EVERY.T - np.logaddexp(0, odds).sum(axis=1, keepdims=True))


def pairwise():
    """Return the law with the log-odds as fields and shared couplings, shape (X, 64)."""
    weights = np.exp(ODDS @ EVERY.T + ((EVERY @ COUPLINGS) * EVERY).sum(axis=1))
    return weights / weights.sum(axis=1, keepdims=True)


TRUTHS = {
    "independent": product(ODDS),
    "latent": 0.5 * (product(ODDS + MOOD) + product(ODDS - MOOD)),  # a mood shifts all answers of a text
    "pairwise": pairwise(),
}


def sample(table, n, rng):
    """Return n texts a state, bits (X n, K) and states (X n,)."""
    k = table.shape[1].bit_length() - 1
    y = np.concatenate([rng.choice(table.shape[1], n, p=row) for row in table])
    return patterns(k)[y], np.repeat(np.arange(len(table)), n)


def divergence(truth, table):
    """Return the mean over states of KL(truth, table), in nats."""
    return float((truth * np.log(truth / table)).sum(axis=1).mean())
