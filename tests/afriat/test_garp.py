"""GARP, SARP and WARP: by hand, against every cycle and the transitive closure, and their certificates."""

import numpy as np
import pytest
from hypothesis import given, settings

from llma.afriat import BudgetData, ccei, closure, from_shares, garp, revealed, sarp, warp
from tests.afriat.oracle import continuous, forbidden_cycle, small_integers
from tests.strategies import seeds

THREE = BudgetData([[2, 1, 3], [3, 2, 1], [1, 3, 2]], np.eye(3))


def by_closure(data, efficiency=1.0):
    weak, strict = revealed(data, efficiency)
    return not (closure(weak) & strict.T).any()


@given(seeds)
@settings(max_examples=120, deadline=None)
def test_three_ways_to_garp(seed):
    rng = np.random.default_rng(seed)
    n, goods = int(rng.integers(1, 6)), int(rng.integers(2, 4))
    make = small_integers if seed % 2 else continuous
    data = make(rng, n, goods)
    efficiency = rng.choice([1.0, 0.75, 0.5])
    verdict = garp(data, efficiency).holds
    assert verdict == (not forbidden_cycle(data, efficiency))
    assert verdict == by_closure(data, efficiency)


def check_certificate(data, result, efficiency=1.0):
    cycle = result.certificate
    t = np.array(cycle.observations)
    s = np.roll(t, -1)
    assert len(set(cycle.observations)) == len(t) >= 2
    assert cycle.budgets == pytest.approx(efficiency * data.spent[t])
    assert cycle.costs == pytest.approx(np.einsum("kn,kn->k", data.prices[t], data.bundles[s]))
    assert (np.array(cycle.costs) <= np.array(cycle.budgets) * (1 + 1e-9)).all()
    return cycle


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_the_certificate_is_a_violation(seed):
    rng = np.random.default_rng(seed)
    data = small_integers(rng, int(rng.integers(2, 9)), int(rng.integers(2, 4)))
    for test in (garp, sarp, warp):
        result = test(data)
        assert result.holds == (result.certificate is None)
        if not result.holds:
            cycle = check_certificate(data, result)
            strict = np.array(cycle.costs) < np.array(cycle.budgets)
            different = len({tuple(data.bundles[t]) for t in cycle.observations}) > 1
            assert strict.any() if test is garp else different
            assert test is not warp or len(cycle.observations) == 2


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_axioms_imply_one_another(seed):
    rng = np.random.default_rng(seed)
    data = small_integers(rng, int(rng.integers(2, 7)), int(rng.integers(2, 4)))
    if sarp(data).holds:
        assert garp(data).holds
        assert warp(data).holds
    if data.n_goods == 2:
        # Rose (1958) for WARP; Banerjee and Murphy (2006) for GARP.
        assert warp(data).holds == sarp(data).holds
        weak, strict = revealed(data)
        assert garp(data).holds == (not (weak & strict.T).any())


def test_a_cycle_of_three_that_no_pair_shows():
    assert warp(THREE).holds
    assert garp(THREE).certificate.observations == (0, 1, 2)
    assert garp(THREE).certificate == sarp(THREE).certificate
    assert ccei(THREE).value == 0.5


def test_a_ring_without_pairs_has_a_shortest_certificate():
    rng, found = np.random.default_rng(5), 0
    while found < 5:
        data = small_integers(rng, 6, 3)
        weak, strict = revealed(data)
        if garp(data).holds or (weak & strict.T).any():
            continue
        found += 1
        cycle = garp(data).certificate.observations
        assert len(cycle) >= 3
        check_certificate(data, garp(data))
        for size in (2, len(cycle) - 1):
            smaller = closure_of_length(weak, size)
            assert not (smaller & strict.T).any()


def closure_of_length(weak, size):
    """Paths of at most size - 1 arrows: with one strict arrow back they would be a shorter cycle."""
    reach = np.eye(len(weak), dtype=bool)
    for _ in range(size - 1):
        reach = reach | (reach.astype(int) @ weak.astype(int) > 0)
    return reach


def test_equal_expenditure_shares_always_pass():
    rng = np.random.default_rng(1)
    for _ in range(50):
        prices = rng.uniform(0.1, 10, (30, 4))
        data = from_shares(prices, rng.uniform(1, 100, 30), rng.dirichlet(np.ones(4)))
        assert garp(data).holds
        assert sarp(data).holds


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_the_verdict_does_not_depend_on_units_or_order(seed):
    rng = np.random.default_rng(seed)
    data = small_integers(rng, 6, 3)
    order = rng.permutation(6)
    units = rng.choice([0.25, 0.5, 2.0, 4.0], 3)
    money = rng.choice([0.25, 0.5, 2.0, 4.0], (6, 1))
    other = BudgetData((data.prices / units * money)[order], (data.bundles * units)[order])
    for test in (garp, sarp, warp):
        assert test(other).holds == test(data).holds


def test_printing():
    bad = garp(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]]), efficiency=0.9)
    assert str(bad) == (
        "GARP fails: 0 spent 4.5 and could have had bundle 1 for 4; "
        "1 spent 4.5 and could have had bundle 0 for 4"
    )
    assert str(garp(BudgetData([[1, 2]], [[1, 2]]))) == "GARP holds"
