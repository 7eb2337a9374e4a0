"""Which method comes closest to the truth: three truths, 40 texts a state, mean of twelve samples.

The bands leave room for other samples of the same size.
"""

from __future__ import annotations

import numpy as np
import pytest

from llma.likelihood import fit
from tests.likelihood.truths import TRUTHS, divergence, sample

BANDS = {
    ("independent", "counts"): (0.50, 0.56),
    ("independent", "bernoulli"): (0.06, 0.09),
    ("independent", "ising"): (0.065, 0.10),
    ("independent", "auto"): (0.06, 0.095),
    ("latent", "counts"): (0.39, 0.46),
    ("latent", "bernoulli"): (0.26, 0.32),
    ("latent", "ising"): (0.09, 0.14),
    ("latent", "auto"): (0.09, 0.14),
    ("pairwise", "counts"): (0.54, 0.61),
    ("pairwise", "bernoulli"): (0.11, 0.16),
    ("pairwise", "ising"): (0.075, 0.115),
    ("pairwise", "auto"): (0.075, 0.125),
}
MACHINES = {
    ("independent", "rbm"): (0.06, 0.09),
    ("independent", "conditional-rbm"): (0.06, 0.09),
    ("latent", "rbm"): (0.13, 0.19),
    ("latent", "conditional-rbm"): (0.09, 0.14),
    ("latent", "conditional-rbm-cd1"): (0.16, 0.24),
    ("pairwise", "rbm"): (0.11, 0.16),
    ("pairwise", "conditional-rbm"): (0.09, 0.13),
}


def divergences(name, method):
    """Return the divergence from the truth for each of twelve samples."""
    found = []
    for seed in range(12):
        rng = np.random.default_rng(1000 + seed)
        bits, states = sample(TRUTHS[name], 40, rng)
        found.append(divergence(TRUTHS[name], fit(bits, states, n_states=6, method=method, rng=rng).table))
    return np.array(found)


def mean_divergence(name, method):
    """Return the mean over twelve samples of the divergence from the truth."""
    return divergences(name, method).mean()


@pytest.mark.parametrize(("name", "method"), list(BANDS))
def test_divergence_from_the_truth(name, method):
    low, high = BANDS[name, method]
    assert low < mean_divergence(name, method) < high


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), list(MACHINES))
def test_divergence_of_machines(name, method):
    low, high = MACHINES[name, method]
    assert low < mean_divergence(name, method) < high
