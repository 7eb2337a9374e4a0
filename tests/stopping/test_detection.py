"""Quickest detection: the theorem on random problems, and a recursion of its own."""

from __future__ import annotations

import numpy as np
import pytest

from llma.stopping import StopIn, delta, quickest_detection, simulate
from tests.stopping.oracle import lower_by_grid

SENSOR = [[0.7, 0.3], [0.3, 0.7]]


def test_one_threshold_beyond_the_myopic_point() -> None:
    rng = np.random.default_rng(11)
    for _ in range(40):
        problem = quickest_detection(
            rng.dirichlet(np.ones(3), 2), *rng.uniform([0.001, 0.1, 1], [0.3, 2, 20]), rng.uniform(0.3, 0.95)
        )
        solution = problem.solve(1e-5)
        low, high = delta(problem)
        assert low < 0 < high
        assert solution.side == "upper"
        assert solution.threshold >= low / (low - high) - 1e-9


def test_value_between_grid_and_itself() -> None:
    problem = quickest_detection(SENSOR, 0.05, 1.0, 10.0, 0.95)
    solution = problem.solve(1e-7)
    q, lower = lower_by_grid(problem, 4001, 600)
    gap = solution.value(np.stack([1 - q, q], axis=1)) - lower
    assert gap.min() > -1e-7
    assert gap.max() < 2e-4  # what is left is the grid's
    assert solution.threshold == pytest.approx(0.7253, abs=5e-5)


def test_simulated_cost_with_a_moving_state() -> None:
    problem = quickest_detection(SENSOR, 0.05, 1.0, 10.0, 0.95)
    solution = problem.solve(1e-6)
    runs = simulate(problem, StopIn.optimal(solution), [1.0, 0.0], 20_000, np.random.default_rng(2))
    assert abs(runs.mean - float(solution.value([1.0, 0.0]))) < 4 * runs.standard_error


def test_without_a_hazard_the_state_does_not_move() -> None:
    still = quickest_detection(SENSOR, 0.0, 1.0, 10.0, 0.9)
    np.testing.assert_array_equal(still.transition, np.eye(2))


def test_bad_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"hazard: .*1\.2; a probability lies between"):
        quickest_detection(SENSOR, 1.2, 1, 1, 0.9)
    with pytest.raises(ValueError, match="delay_cost: is 0; expected a positive number"):
        quickest_detection(SENSOR, 0.1, 0, 1, 0.9)
    with pytest.raises(ValueError, match="false_alarm_cost: is -1"):
        quickest_detection(SENSOR, 0.1, 1, -1, 0.9)
    with pytest.raises(ValueError, match="likelihood: has 3 rows; expected 2"):
        quickest_detection(np.eye(3), 0.1, 1, 1, 0.9)
