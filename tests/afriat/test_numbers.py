"""Afriat's theorem: GARP and the inequalities agree, both methods solve them, the utility explains."""

import numpy as np
import pytest
from hypothesis import given, settings

from llma.afriat import BudgetData, ccei, construct, from_shares, garp, solve
from llma.afriat.numbers import _best_first
from tests.afriat.oracle import best_value, continuous, small_integers
from tests.strategies import seeds


def check_theorem(data):
    if not garp(data).holds:
        for method in (construct, solve):
            with pytest.raises(ValueError, match="no utility rationalises these data"):
                method(data)
        return False
    for method in (construct, solve):
        utility = method(data)
        assert utility.slopes.min() >= 1 - 1e-9
        assert utility.residual < 1e-8
        assert utility(data.bundles) == pytest.approx(utility.levels, rel=1e-7, abs=1e-7)
    return True


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_afriats_theorem(seed):
    rng = np.random.default_rng(seed)
    make = small_integers if seed % 2 else continuous
    check_theorem(make(rng, int(rng.integers(1, 8)), int(rng.integers(2, 5))))


@pytest.mark.slow
def test_afriats_theorem_in_3000_data_sets():
    rng, passed = np.random.default_rng(2025), 0
    for k in range(3000):
        make = small_integers if k % 2 else continuous
        passed += check_theorem(make(rng, int(rng.integers(2, 9)), int(rng.integers(2, 5))))
    assert 500 < passed < 2500


@pytest.mark.parametrize("method", [construct, solve])
def test_bought_bundles_are_best_on_their_budgets(method):
    rng, checked = np.random.default_rng(4), 0
    while checked < 20:
        data = continuous(rng, 5, 3)
        if not garp(data).holds:
            continue
        checked += 1
        utility = method(data)
        scale = utility.slopes.max()
        for t in range(5):
            best = best_value(utility, data.prices[t], data.spent[t])
            assert best == pytest.approx(utility.levels[t], abs=1e-7 * scale)


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_the_utility_is_increasing_and_concave(seed):
    rng = np.random.default_rng(seed)
    data = from_shares(rng.uniform(0.5, 2, (6, 3)), rng.uniform(1, 5, 6), rng.dirichlet(np.ones(3)))
    utility = construct(data)
    a, b = rng.uniform(0, 5, (2, 40, 3))
    mean = (utility(a) + utility(b)) / 2
    assert (utility((a + b) / 2) >= mean - 1e-9 * utility.slopes.max()).all()
    more = a.copy()
    more[:, rng.integers(3)] += 0.1
    assert (utility(more) > utility(a)).all()


def test_the_construction_by_hand():
    # 0 -> 1 -> 2, and 0 -> 2: three classes in a row.
    data = BudgetData([[1, 1], [1, 1], [1, 1]], [[3, 1], [2, 0], [0, 1]])
    utility = construct(data)
    assert utility.levels.tolist() == [0, -2, -3]
    assert utility.slopes.tolist() == [1, 1, 1]
    # A class of two: both bundles lie on both budget lines, and share one level.
    same = construct(BudgetData([[1, 1], [1, 1]], [[2, 0], [0, 2]]))
    assert same.levels.tolist() == [0, 0]


def test_a_steep_slope_where_it_is_needed():
    # Bundle 1 is worse by 9 units of money at prices 0, and bundle 0 costs only 1 more at prices 1.
    data = BudgetData([[10, 1], [1, 1]], [[1, 1], [0, 1]])
    utility = construct(data)
    assert data.gaps.tolist() == [[0, -10], [1, 0]]
    assert utility.levels.tolist() == [0, -10]
    assert utility.slopes.tolist() == [1, 10]
    assert utility.residual == 0


def test_the_programme_keeps_its_numbers_small():
    rng = np.random.default_rng(1)
    data = from_shares(rng.uniform(0.5, 2, (100, 3)), rng.uniform(1, 10, 100), rng.dirichlet(np.ones(3)))
    proof, programme = construct(data), solve(data)
    assert max(proof.residual, programme.residual) < 1e-12
    assert programme.slopes.min() == pytest.approx(1)
    assert programme.slopes.max() < 5 < 100 < proof.slopes.max()
    assert programme.slopes.sum() < proof.slopes.sum()


def test_of_the_free_classes_the_one_with_the_smallest_number_comes_next():
    # All purchases are free at first: no bundle is within the budget of another one.
    free = BudgetData([[1, 3], [2, 2], [3, 1]], [[6, 0.5], [2, 2], [0.5, 6]])
    assert [members.tolist() for members in _best_first(free.gaps <= 0)] == [[0], [1], [2]]
    # 3 -> 0 and 2 -> 1: first 2, which frees 1; then 1, before 3, and 0 last.
    arrows = np.eye(4, dtype=bool)
    arrows[3, 0] = arrows[2, 1] = True
    assert [members.tolist() for members in _best_first(arrows)] == [[2], [1], [3], [0]]


def test_nothing_bought_is_no_obstacle():
    data = BudgetData([[1, 1], [1, 2]], [[0, 0], [1, 1]])
    for method in (construct, solve):
        assert method(data).residual < 1e-12


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_up_to_some_waste_everything_has_a_utility(seed):
    rng = np.random.default_rng(seed)
    make = small_integers if seed % 2 else continuous
    data = make(rng, int(rng.integers(2, 6)), 2)
    index = ccei(data)
    if index.value < 0.02:
        return
    waste = index.value - 0.01
    for method in (construct, solve):
        utility = method(data, efficiency=waste)
        assert utility.efficiency == waste
        assert utility.residual < 1e-7
        assert (utility(data.bundles) >= utility.levels - 1e-7 * utility.slopes * data.spent - 1e-9).all()
        for t in range(data.n_observations):
            best = best_value(utility, data.prices[t], waste * data.spent[t])
            assert best <= utility(data.bundles)[t] + 1e-6 * utility.slopes.max()
    if index.value < 0.98:
        for method in (construct, solve):
            with pytest.raises(ValueError, match="no utility"):
                method(data, efficiency=index.value + 0.01)


def test_wrong_number_of_goods():
    utility = construct(BudgetData([[1, 2]], [[1, 1]]))
    with pytest.raises(ValueError, match="expected 2 goods in the last axis"):
        utility([1, 2, 3])


def test_against_cvxpy():
    cvxpy = pytest.importorskip("cvxpy")
    rng, seen = np.random.default_rng(6), set()
    for _ in range(30):
        money = rng.uniform(1, 10, (4, 1))
        data = continuous(rng, 4, 3)
        data = BudgetData(data.prices, data.bundles * money)
        level, slope = cvxpy.Variable(4), cvxpy.Variable(4)
        rows = [
            level[s] - level[t] <= slope[t] * data.gaps[t, s] for t in range(4) for s in range(4) if s != t
        ]
        problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(slope)), [*rows, slope >= 1])
        problem.solve(solver="CLARABEL")
        assert (problem.status == "optimal") == garp(data).holds
        seen.add(problem.status)
        if problem.status == "optimal":
            assert solve(data).slopes.sum() == pytest.approx(problem.value, rel=1e-5)
    assert len(seen) == 2
