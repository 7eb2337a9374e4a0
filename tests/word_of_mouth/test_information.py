"""Data processing along the row, and noiseless relays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.word_of_mouth import WordOfMouth, along_the_row, mutual_information


@given(st.integers(0, 10**6))
def test_information_falls_and_risk_rises(seed):
    rng = np.random.default_rng(seed)
    x, y, u, z, n = (int(v) for v in rng.integers(2, 5, size=5))
    relay = rng.dirichlet(np.ones(z), size=(n - 1, u))
    row = WordOfMouth(rng.dirichlet(np.ones(y), size=x), rng.uniform(size=(x, u)), n, relay)
    report = along_the_row(row, rng.dirichlet(np.ones(x)))
    order = np.column_stack([report.received, report.told]).ravel()
    assert (np.diff(order) <= 1e-12).all()
    assert (np.diff(report.risk) >= -1e-12).all()


@given(st.integers(0, 10**6))
def test_noiseless_relays_are_free(seed):
    rng = np.random.default_rng(seed)
    x, y, u, n = (int(v) for v in rng.integers(2, 5, size=4))
    # Entries in tenths make exact ties common.
    cost = rng.integers(0, 4, size=(x, u))
    likelihood = rng.integers(1, 4, size=(x, y)).astype(float)
    likelihood /= likelihood.sum(axis=1, keepdims=True)
    prior = rng.integers(1, 4, size=x) * 1.0
    report = along_the_row(WordOfMouth(likelihood, cost, n), prior / prior.sum())
    assert report.repeats
    np.testing.assert_allclose(report.risk, report.risk[0], atol=1e-12)


@pytest.mark.parametrize("q", [0.2, 0.3, 0.5, 0.7, 0.8])
def test_own_repeats_and_a_coin_need_not(q):
    def repeats(tie):
        row = WordOfMouth([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], 2, tie=tie)
        return along_the_row(row, [1 - q, q]).repeats

    assert repeats("own")
    assert repeats("low")
    assert repeats("coin") == (q not in {0.3, 0.7})


def test_different_costs_need_not_repeat():
    costs = [[[0, 1], [1, 0]], [[0, 9], [1, 0]]]
    row = WordOfMouth([[0.7, 0.3], [0.3, 0.7]], costs, 2)
    assert not along_the_row(row, [0.5, 0.5]).repeats


def test_mutual_information_of_a_symmetric_bit():
    p = 0.8
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert mutual_information([0.5, 0.5], [[p, 1 - p], [1 - p, p]]) == pytest.approx(np.log(2) - entropy)
