"""Cycles: how many there are, and that the search by walks finds a negative one whenever there is one."""

from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given, settings

from llma.ribum.sampling.walks import all_cycles, cheap_cycles, no_negative_cycle
from tests.strategies import seeds


def weight(weights, cycle):
    return sum(weights[m, k] for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_list_is_complete(n):
    cycles, incidence = all_cycles(n)
    assert len(set(cycles)) == sum(comb(n, k) * factorial(k - 1) for k in range(2, n + 1))
    assert all(len(set(cycle)) == len(cycle) and cycle[0] == min(cycle) for cycle in cycles)
    weights = np.random.default_rng(0).normal(size=(n, n))
    np.testing.assert_allclose(incidence @ weights.ravel(), [weight(weights, cycle) for cycle in cycles])


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_walks_and_floyd_agree_with_the_list(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    weights = rng.normal(size=(n, n)) + rng.uniform(0, 1.5)
    weights[rng.random((n, n)) < 0.2] = np.inf
    totals = [weight(weights, cycle) for cycle in all_cycles(n)[0]]
    negative = min(totals) < 0
    assert bool(no_negative_cycle(weights, 0.0)) == (not negative)
    found = cheap_cycles(weights)
    assert all(len(set(cycle)) == len(cycle) >= 2 for cycle in found)
    assert all(np.isfinite(weight(weights, cycle)) for cycle in found)
    assert any(weight(weights, cycle) < 0 for cycle in found) == negative


def test_stacks_are_judged_one_by_one():
    weights = np.random.default_rng(1).normal(0.4, 1, size=(50, 4, 4))
    together = no_negative_cycle(weights, 0.0)
    assert together.tolist() == [bool(no_negative_cycle(one, 0.0)) for one in weights]
    assert 0 < together.mean() < 1
