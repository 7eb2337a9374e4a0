"""The efficiency index: closed forms, three independent methods, and whether it is attained."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings

from llma.afriat import BudgetData, ccei, ccei_stack, closure, garp, observation_efficiency, revealed
from tests.afriat.oracle import continuous, forbidden_cycle, small_integers
from tests.strategies import seeds


def by_bisection(data, steps=45):
    """The largest efficiency at which the transitive closure shows no violation."""

    def holds(e):
        weak, strict = revealed(data, e, tolerance=0.0)
        return not (closure(weak) & strict.T).any()

    if holds(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_three_ways_to_the_index(seed):
    rng = np.random.default_rng(seed)
    make = small_integers if seed % 2 else continuous
    data = make(rng, int(rng.integers(1, 8)), int(rng.integers(2, 4)))
    index = ccei(data)
    assert index.value == pytest.approx(by_bisection(data), abs=1e-9)
    assert index.value == pytest.approx(float(ccei_stack(data.ratios)), abs=1e-12)
    assert index.value == pytest.approx(observation_efficiency(data).min(), abs=1e-8)
    assert index.value in {1.0, *data.ratios.ravel().tolist()}


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_attained_or_not(seed):
    rng = np.random.default_rng(seed)
    data = small_integers(rng, int(rng.integers(2, 6)), 2)
    index = ccei(data)
    # Small whole numbers: the literal definition is exact up to the tolerance of the index itself.
    assert index.attained == garp(data, index.value).holds
    if index.value > 0.01:
        assert not forbidden_cycle(data, index.value - 1e-6)
    if index.value < 1:
        assert forbidden_cycle(data, index.value + 1e-6)
        assert index.certificate is not None
        ratios = np.array(index.certificate.costs) / np.array(index.certificate.budgets)
        assert ratios.max() == pytest.approx(index.value)


def test_two_observations():
    rng = np.random.default_rng(3)
    for _ in range(200):
        data = continuous(rng, 2, 3)
        expected = min(1.0, max(data.ratios[0, 1], data.ratios[1, 0]))
        assert ccei(data).value == pytest.approx(expected, abs=1e-15)


def test_the_example_with_four_fifths():
    index = ccei(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]]))
    assert index.value == float(F(4, 5))
    assert index.attained
    assert index.certificate.observations == (0, 1)


def test_a_supremum_that_is_not_attained():
    index = ccei(BudgetData([[1, 2], [2, 1]], [[1, 2], [1.9, 1.1]]))
    assert index.value == pytest.approx(0.82)
    assert not index.attained
    assert str(index).startswith("0.82, not attained: 0 spent 5 and could have had bundle 1 for 4.1;")


def test_an_index_of_one_does_not_imply_garp():
    data = BudgetData([[1, 1], [2, 1]], [[2, 0], [1, 1]])
    assert data.gaps.tolist() == [[0, 0], [1, 0]]
    assert garp(data).holds
    data = BudgetData([[1, 1], [2, 1]], [[1, 1], [2, 0]])
    assert data.gaps.tolist() == [[0, 0], [-1, 0]]
    assert not garp(data).holds
    index = ccei(data)
    assert index.value == 1.0
    assert not index.attained
    assert index.certificate is not None


def test_an_index_of_one_without_cycles():
    index = ccei(BudgetData([[1, 2], [2, 1]], [[2, 1], [1, 2]]))
    assert (index.value, index.attained, index.certificate) == (1.0, True, None)
    assert str(index) == "1, attained"


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_where_the_inefficiency_sits(seed):
    rng = np.random.default_rng(seed)
    data = small_integers(rng, 5, 3)
    own = observation_efficiency(data)
    for t in range(5):
        # Just above its own efficiency t lies on a cycle of strict arrows, just below on none.
        for e, expected in ((own[t] + 1e-6, True), (own[t] - 1e-6, False)):
            if 0 < e < 1:
                _, strict = revealed(data, e)
                assert closure(strict)[t, t] == expected


def test_a_stack_is_what_its_members_are():
    rng = np.random.default_rng(8)
    sets = [continuous(rng, 5, 2) for _ in range(30)]
    stacked = ccei_stack(np.stack([data.ratios for data in sets]))
    assert stacked == pytest.approx([ccei(data).value for data in sets], abs=1e-12)
