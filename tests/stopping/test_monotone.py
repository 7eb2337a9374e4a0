"""Theorem 9 (C) and the states that never fall: random problems, witnesses, true counterexamples."""

from __future__ import annotations

import numpy as np
import pytest

from llma.bayes import TP2Violation, mlr_dominates
from llma.stopping import (
    CentralControl,
    DeltaViolation,
    falling_value,
    left_region,
    line_pairs,
    mlr_pairs,
    monotone_conditions,
    solve_simplex,
)


def tp2(rng: np.random.Generator, n_rows: int, n_columns: int) -> np.ndarray:
    rows, columns = (np.cumsum(1.5 * rng.random(n)) for n in (n_rows, n_columns))
    table = np.exp(np.outer(rows, columns)) * rng.dirichlet(np.ones(n_columns))
    return table / table.sum(axis=1, keepdims=True)


def never_falling(rng: np.random.Generator, n_states: int) -> np.ndarray:
    """A product of matrices that stay or go up by one: each is TP2, so the product is."""
    matrix = np.eye(n_states)
    for _ in range(rng.integers(0, 3)):
        up = np.append(rng.choice([0, 0.1, 0.5, 1], n_states - 1), 0)
        matrix = matrix @ (np.diag(1 - up) + np.diag(up[:-1], 1))
    return matrix


def pairs(rng: np.random.Generator, n_states: int) -> tuple[np.ndarray, np.ndarray]:
    low, high = mlr_pairs(n_states, 150, rng)
    bottom, top = np.eye(n_states)[[0, -1]]
    for _ in range(3):
        face = rng.dirichlet(np.ones(n_states - 1))
        for line in (
            line_pairs(np.append(face, 0), top, 10),
            line_pairs(bottom, np.append(0, face), 10),
        ):
            low, high = np.vstack([low, line[0]]), np.vstack([high, line[1]])
    return low, high


def check_rising_values(n: int) -> None:
    rng, proper = np.random.default_rng(11), 0
    for _ in range(n):
        n_states = int(rng.integers(2, 5))
        problem = CentralControl(
            tp2(rng, n_states, int(rng.integers(2, 5))),
            np.sort(rng.uniform(-1, 1, n_states)),
            np.zeros(n_states),
            rng.uniform(0.3, 0.95),
            transition=tp2(rng, n_states, n_states) if rng.random() < 0.7 else None,
        )
        assert monotone_conditions(problem).value_rises
        solution = solve_simplex(problem, 0.01, 150)
        low, high = pairs(rng, n_states)
        assert falling_value(solution, low, high) is None
        assert left_region(solution, low, high) is None
        proper += len(set(solution.stop(low)) & {"stop", "continue"}) == 2
    assert proper > n / 10


def check_rising_regions(n: int) -> None:
    """Any likelihood, states that never fall, one change of sign."""
    rng, proper, not_tp2 = np.random.default_rng(12), 0, 0
    for _ in range(n):
        n_states = int(rng.integers(3, 5))
        k = int(rng.integers(1, n_states))
        signs = np.repeat([-1, 1], [k, n_states - k])
        problem = CentralControl(
            rng.dirichlet(np.full(int(rng.integers(2, 4)), 0.4), n_states),
            signs * rng.random(n_states),
            np.zeros(n_states),
            rng.uniform(0.3, 0.95),
            transition=never_falling(rng, n_states),
        )
        conditions = monotone_conditions(problem)
        assert conditions.stops_upwards
        not_tp2 += not conditions.value_rises
        solution = solve_simplex(problem, 0.01, 150)
        low, high = pairs(rng, n_states)
        assert left_region(solution, low, high) is None
        proper += len(set(solution.stop(low)) & {"stop", "continue"}) == 2
    assert proper > n / 10
    assert not_tp2 > n / 2


def test_the_value_rises() -> None:
    check_rising_values(25)


def test_the_region_is_entered_once() -> None:
    check_rising_regions(25)


@pytest.mark.slow
def test_the_value_of_a_thousand_problems_rises() -> None:
    check_rising_values(1000)


@pytest.mark.slow
def test_the_regions_of_a_thousand_problems_are_entered_once() -> None:
    check_rising_regions(1000)


def test_without_tp2_the_value_may_fall() -> None:
    """By hand: state 1 shows itself, states 0 and 2 look alike; -5/4 at one belief, -4/3 higher up."""
    problem = CentralControl([[1, 0], [0, 1], [1, 0]], [-1, -1, 3], [0, 0, 0], 0.9)
    conditions = monotone_conditions(problem)
    assert conditions.likelihood == TP2Violation(rows=(1, 2), columns=(0, 1), minor=-1.0)
    assert (conditions.order, conditions.crossing, conditions.transition) == (None, None, None)
    solution = problem.solve(1e-9)
    lower, upper = [0.25, 0.25, 0.5], [0, 1 / 3, 2 / 3]
    assert mlr_dominates(upper, lower)
    by_hand = 0.25 * -1 + 0.25 * -1 + 0.5 * 3 + 0.9 * (0.25 * -10)
    assert float(solution.value(lower)) == pytest.approx(by_hand)
    assert float(solution.value(upper)) == pytest.approx(-1 / 3 + 2 + 0.9 * (1 / 3 * -10))
    assert falling_value(solution, [lower], [upper]) is not None
    assert falling_value(solution, [lower], [lower]) is None
    low, high = mlr_pairs(3, 2000, np.random.default_rng(0))
    assert left_region(solution, low, high) is None  # the state is at rest: the region is an up-set


def test_without_tp2_of_the_transition_the_region_may_be_left() -> None:
    """By hand: the highest state turns into the lowest, the middle one stays; no observation helps."""
    fall = [[1, 0, 0], [0, 1, 0], [1, 0, 0]]
    problem = CentralControl(np.full((3, 2), 0.5), [-1, 0.1, 0.5], [0, 0, 0], 0.9, transition=fall)
    conditions = monotone_conditions(problem)
    assert (conditions.order, conditions.likelihood) == (None, None)
    assert conditions.transition == TP2Violation(rows=(1, 2), columns=(0, 1), minor=-1.0)
    assert not conditions.stops_upwards
    solution = problem.solve(1e-9)
    assert solution.stop(np.eye(3)).tolist() == ["continue", "stop", "continue"]
    assert float(solution.value([0, 0, 1])) == pytest.approx(0.5 - 9)
    found = left_region(solution, [[0, 1, 0]], [[0, 0, 1]])
    assert found is not None
    np.testing.assert_array_equal([found.lower, found.upper], np.eye(3)[1:])


def test_without_order_the_region_may_be_left() -> None:
    problem = CentralControl([[0.7, 0.3]] * 3, [1, -1, 1], [0, 0, 0], 0.9)
    conditions = monotone_conditions(problem)
    assert conditions.order == DeltaViolation((0, 1), (1.0, -1.0)) == conditions.crossing
    solution = problem.solve(1e-6)
    assert solution.stop(np.eye(3)).tolist() == ["stop", "continue", "stop"]


def test_an_order_within_a_sign_does_not_matter() -> None:
    conditions = monotone_conditions(CentralControl(np.eye(3), [-1, -2, 1], [0, 0, 0], 0.9))
    assert conditions.order == DeltaViolation((0, 1), (-1.0, -2.0))
    assert conditions.crossing is None
    assert conditions.stops_upwards
    assert not conditions.value_rises
    tie = CentralControl(np.eye(2), [0, -1], [0, 0], 0.9)
    assert monotone_conditions(tie).crossing == DeltaViolation((0, 1), (0.0, -1.0))
    assert tie.solve().stop_region[0].upper < 1e-9
    moved = CentralControl(np.eye(2), [-1, 1], [0, 0], 0.9, transition=[[1, 0], [0.5, 0.5]])
    assert monotone_conditions(moved).value_rises
    assert not monotone_conditions(moved).never_falls


def test_pairs_are_in_order() -> None:
    rng = np.random.default_rng(3)
    for low, high in zip(*pairs(rng, 4), strict=True):
        assert mlr_dominates(high, low)


def test_bad_pairs_are_refused() -> None:
    solution = CentralControl(np.eye(3), [-1, 0, 1], [0, 0, 0], 0.5).solve(0.1)
    with pytest.raises(ValueError, match="pair 0 is not in MLR order: from state 0 to state 1"):
        left_region(solution, [0.2, 0.3, 0.5], [0.3, 0.2, 0.5])
    with pytest.raises(ValueError, match="have shapes"):
        left_region(solution, [[0.2, 0.3, 0.5]], [[0.2, 0.3, 0.5]] * 2)
    two = CentralControl(np.eye(3), [1, 1, 1], [[0, 1], [1, 0], [1, 1]], 0.5)
    with pytest.raises(ValueError, match="stop_cost: has 2 actions; W is defined for one"):
        falling_value(two.solve(0.1), [0, 0, 1], [0, 0, 1])
    with pytest.raises(ValueError, match="stop_cost: has 2 actions; delta is defined for one"):
        monotone_conditions(two)
    crowd = CentralControl(
        [[0.7, 0.3], [0.3, 0.7]], [0, 1], [1, 0], 0.9, continuation="social", cost=[[0, 1], [1, 0]]
    )
    with pytest.raises(ValueError, match="continuation: is 'social', which breaks the theorems"):
        monotone_conditions(crowd)
