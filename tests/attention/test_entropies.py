"""The family of entropies, and the belief that a linear function picks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from llma.attention.entropies import entropy, peak
from tests.strategies import seeds


def test_entropies():
    eta = np.array([[0.5, 0.5], [1.0, 0.0], [0.2, 0.8]])
    assert entropy(eta, 2) == pytest.approx((eta**2).sum(axis=1) - 1)
    assert entropy(eta, 1 + 1e-6) == pytest.approx(entropy(eta, 1), abs=1e-5)
    assert entropy(eta, 0.5)[1] == 0
    with pytest.raises(ValueError, match="order: is inf"):
        entropy(eta, np.inf)


@given(seeds, st.sampled_from([0.4, 0.7, 1.0, 1.5, 2.0, 3.0]))
@settings(max_examples=40, deadline=None)
def test_nothing_beats_the_peak(seed, order):
    rng = np.random.default_rng(seed)
    v = rng.normal(scale=2.0, size=4)
    best = peak(v, order)
    assert best.sum() == pytest.approx(1)
    assert best.min() >= 0
    near = (1 - 1e-3) * best + 1e-3 * rng.dirichlet(np.ones(4), size=50)
    others = np.concatenate([rng.dirichlet(np.ones(4), size=200), np.eye(4), near])
    worth = others @ v - entropy(others, order)
    assert worth.max() <= v @ best - entropy(best, order) + 1e-9


def test_the_peak_is_a_softmax_or_sparse():
    v = np.array([1.0, 0.5, -1.0])
    np.testing.assert_allclose(peak(v, 1.0), softmax(v))
    np.testing.assert_allclose(peak(v, 1 + 1e-6), softmax(v), atol=1e-5)
    assert peak(v, 2.0)[2] == 0
    assert peak(v, 0.5).min() > 0
