"""Cycles: against all cycles listed one by one, and against a linear programme for the costs."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from llma.ribum.cycles import (
    cost_bounds,
    cycle_means,
    negative_cycle,
    potentials,
    shortest_paths,
    worst_cycle,
)


@st.composite
def weight_matrices(draw, max_size=5):
    """Eighths, so that sums are exact and zero cycles occur; some edges are missing."""
    n = draw(st.integers(1, max_size))
    entries = st.integers(-8, 16).map(lambda i: i / 8) | st.just(np.inf)
    return draw(hnp.arrays(np.float64, (n, n), elements=entries))


def every_cycle(n):
    for size in range(2, n + 1):
        for members in combinations(range(n), size):
            for rest in permutations(members[1:]):
                yield (members[0], *rest)


def total(weights, cycle):
    return sum(weights[m, k] for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True))


@given(weight_matrices())
def test_the_worst_and_the_shortest_of_all_cycles(weights):
    sums = {cycle: total(weights, cycle) for cycle in every_cycle(len(weights))}
    least = min((s / len(c) for c, s in sums.items()), default=np.inf)
    mean, cycle = worst_cycle(weights)
    assert mean == pytest.approx(least)
    assert cycle_means(weights) == pytest.approx(least)
    assert cycle == () if least == np.inf else sums[cycle] / len(cycle) == pytest.approx(least)
    negative = [(len(c), s) for c, s in sums.items() if s < 0]
    found = negative_cycle(weights)
    assert (found is None) == (not negative)
    if found is not None:
        assert (len(found), sums[found]) == min(negative)


def extreme_difference(weights, m, k):
    """The largest c[m] - c[k] by a linear programme; None if there are no costs, inf if no bound."""
    n = len(weights)
    rows, bounds = [], []
    for i, j in permutations(range(n), 2):
        if np.isfinite(weights[i, j]):
            rows.append(np.eye(n)[i] - np.eye(n)[j])
            bounds.append(weights[i, j])
    goal = np.eye(n)[k] - np.eye(n)[m]
    # One cost is fixed: only differences matter.
    limits = [(0, 0) if i == m else (None, None) for i in range(n)]
    solved = linprog(goal, np.array(rows).reshape(-1, n), bounds, bounds=limits)
    return {0: -solved.fun if solved.success else None, 2: None, 3: np.inf}[solved.status]


@given(weight_matrices(4), st.data())
def test_costs_exist_exactly_without_a_negative_cycle(weights, data):
    n = len(weights)
    m, k = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    best = extreme_difference(weights, m, k)
    if negative_cycle(weights) is not None:
        # HiGHS may call an infeasible programme unbounded, but never solves it.
        assert best in (None, np.inf)
        with pytest.raises(ValueError, match=r"weights: the cycle .* sums to -"):
            potentials(weights)
        return
    lower, upper = cost_bounds(weights)
    assert upper[m, k] == pytest.approx(best)
    assert lower[k, m] == pytest.approx(-best)
    costs = potentials(weights)
    off = ~np.eye(n, dtype=bool)
    assert (costs[:, None] - costs[None] <= weights + 1e-12)[off].all()
    assert costs.min() == 0


@given(weight_matrices(), st.data())
def test_potentials_are_the_least(weights, data):
    """Any other non-negative solution is at least as large: make one from another shortest-path tree."""
    if negative_cycle(weights) is not None:
        return
    paths = shortest_paths(weights)
    start = data.draw(hnp.arrays(np.float64, len(weights), elements=st.integers(0, 4)))
    # c_m = min over k of (D[m, k] + start_k) is another solution, for any start.
    other = (paths + start[None]).min(axis=1)
    other -= min(other.min(), 0)
    off = ~np.eye(len(weights), dtype=bool)
    assert (other[:, None] - other[None] <= weights + 1e-12)[off].all()
    assert (potentials(weights) <= other + 1e-12).all()


def test_batches_are_loops():
    weights = np.random.default_rng(0).normal(size=(3, 7, 4, 4))
    means = cycle_means(weights)
    assert means.shape == (3, 7)
    assert means[1, 2] == pytest.approx(worst_cycle(weights[1, 2])[0])


def test_three_cycle_although_no_pair_is_negative():
    weights = np.array([[0, 0, 0], [7 / 13, 0, 27 / 26], [0, -12 / 13, 0]])
    assert negative_cycle(weights) == (0, 2, 1)
    mean, cycle = worst_cycle(weights)
    assert cycle == (0, 2, 1)
    assert 3 * mean == pytest.approx(-5 / 13)


def test_rounding_is_no_violation_but_more_is():
    weights = np.array([[0, 0.1 + 0.2], [-0.3 - 1e-16, 0]])
    assert negative_cycle(weights) is None
    np.testing.assert_allclose(potentials(weights), [0.3, 0])
    assert negative_cycle([[0, 0.3], [-0.3 - 1e-9, 0]]) == (0, 1)
    assert negative_cycle([[0, 0.3], [-0.3 - 1e-9, 0]], allowance=1e-9) is None
    assert negative_cycle([[0, 0.3], [-0.3 - 1e-9, 0]], allowance=[1e-9, 0]) is None
    # Many environments around zero cycles: the rounding must not be walked again and again.
    rng = np.random.default_rng(0)
    c = rng.normal(size=60)
    np.testing.assert_allclose(potentials(c[:, None] - c[None]), c - c.min(), atol=1e-12)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[0, 1]], r"weights: expected a square matrix, got shape \(1, 2\)"),
        ([[0, np.nan], [0, 0]], r"weights: entry \(0, 1\) is nan"),
        ([[0, 1], [-np.inf, 0]], r"weights: entry \(1, 0\) is -inf"),
    ],
)
def test_bad_weights_are_named(weights, message):
    for function in (worst_cycle, negative_cycle, potentials, cost_bounds):
        with pytest.raises(ValueError, match=message):
            function(weights)


def test_a_negative_cycle_is_spelled_out():
    with pytest.raises(ValueError, match="the cycle 0 -> 2 -> 0 sums to -2; costs of attention exist only"):
        cost_bounds([[0, 1, -3], [1, 0, 1], [1, 1, 0]])
