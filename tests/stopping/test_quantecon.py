"""An independent dynamic programme on a grid: QuantEcon's policy iteration."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.control import discrete_dp
from llma.stopping import CentralControl

SENSOR = [[0.7, 0.3], [0.3, 0.7]]
CASES = {
    "one way": CentralControl(SENSOR, [0.1, 0.6], [10, 0], 0.9),
    "two ways": CentralControl(SENSOR, [0.35, 0.35], [[0, 20], [20, 0]], 0.95),
    "three observations": CentralControl(
        [[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]], [0.2, 0.4], [[0, 8, 3], [9, 0, 3]], 0.9
    ),
    "moving state": CentralControl(SENSOR, [0, 1], [10, 0], 0.95, transition=[[0.95, 0.05], [0, 1]]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("n", [1001, 10_001])
def test_the_grid_lies_below_by_what_the_theorem_allows(name: str, n: int) -> None:
    problem = CASES[name]
    q, programme = discrete_dp(problem, n)
    on_grid = -programme.solve(method="policy_iteration").v[:-1]
    exact = problem.solve(1e-8)
    gap = exact.value(np.stack([1 - q, q], axis=1)) - on_grid
    slopes = exact.value.lines[:, 1] - exact.value.lines[:, 0]
    bend = float(np.ptp(slopes)) / (n - 1) / 4
    assert gap.min() >= -1e-8
    assert gap.max() <= problem.discount / (1 - problem.discount) * bend + 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_decisions_agree_away_from_the_thresholds(name: str) -> None:
    problem = CASES[name]
    q, programme = discrete_dp(problem, 2001)
    stops = programme.solve(method="policy_iteration").sigma[:-1] == 1
    solution = problem.solve(1e-8)
    ends = np.array([end for part in solution.stop_region for end in part])
    away = np.abs(q[:, None] - ends).min(axis=1) > 5e-3
    away &= (q > 0) & (q < 1)
    exact = np.array([solution.stops_at(float(point)) for point in q])
    np.testing.assert_array_equal(stops[away], exact[away])
