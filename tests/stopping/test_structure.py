"""Theorem 9 (A) and (B): predicted regions on random problems, and what happens without the hypotheses."""

from __future__ import annotations

import numpy as np
import pytest

from llma.stopping import CentralControl, delta, delta_signs, predicted_region, two_thresholds_guaranteed
from tests.stopping.oracle import by_recursion

SENSOR = [[0.7, 0.3], [0.3, 0.7]]


def observed_region(problem: CentralControl, tolerance: float) -> tuple[str, float | None]:
    solution = problem.solve(tolerance)
    names = {
        "it is best to stop at every belief": "everywhere",
        "it is never best to stop": "nowhere",
    }
    return names.get(solution.reason, solution.side or solution.reason), solution.threshold


def random_one_sided(rng: np.random.Generator) -> CentralControl:
    discount = rng.uniform(0.3, 0.98)
    n_observations = rng.integers(2, 5)
    return CentralControl(
        rng.dirichlet(np.ones(n_observations), 2),
        rng.uniform(0, 1, 2),
        rng.uniform(0, 1, 2) / (1 - discount),
        discount,
    )


def check_one_sided(n: int) -> None:
    rng = np.random.default_rng(20250101)
    seen = dict.fromkeys(("everywhere", "nowhere", "upper", "lower"), 0)
    for _ in range(n):
        problem = random_one_sided(rng)
        table = delta_signs(problem)
        region, threshold = observed_region(problem, 1e-6)
        assert region == table.region
        if threshold is not None:
            low, high = table.threshold_range
            assert low - 1e-7 <= threshold <= high + 1e-7
        seen[region] += 1
    assert min(seen.values()) > n / 10


def test_signs_predict_the_region() -> None:
    check_one_sided(100)


@pytest.mark.slow
def test_signs_predict_the_region_of_a_thousand_problems() -> None:
    check_one_sided(1000)


def random_two_sided(rng: np.random.Generator) -> CentralControl:
    discount = rng.uniform(0.3, 0.98)
    right, wrong = rng.uniform(0, 0.5, 2), rng.uniform(0.5, 1, 2)
    stop = np.array([[right[0], wrong[0]], [wrong[1], right[1]]]) / (1 - discount)
    running = right + rng.uniform(0, 0.3, 2)
    return CentralControl(rng.dirichlet(np.ones(rng.integers(2, 5)), 2), running, stop, discount)


def check_two_sided(n: int) -> None:
    rng = np.random.default_rng(7)
    gaps = 0
    for _ in range(n):
        problem = random_two_sided(rng)
        assert two_thresholds_guaranteed(problem)
        solution = problem.solve(1e-6)
        low, high = (parts[0] for parts in solution.stop_regions_by_action)
        assert low.lower == 0
        assert high.upper == 1
        assert low.upper <= high.lower + 1e-9
        gaps += low.upper < high.lower - 1e-6
    assert n / 4 < gaps < n  # the interval of continuation is there, and sometimes it is empty


def test_two_thresholds() -> None:
    check_two_sided(60)


@pytest.mark.slow
def test_two_thresholds_of_a_thousand_problems() -> None:
    check_two_sided(1000)


def check_by_recursion(problem: CentralControl, edges: list[float]) -> None:
    """On either side of each edge the recursion from one belief stops, or continues, as the solution says."""
    solution = problem.solve()
    for edge in edges:
        inside = []
        for q in (edge - 1e-3, edge + 1e-3):
            at_once = float((np.array([1 - q, q]) @ problem.stop_cost).min())
            inside.append(by_recursion(problem, q, 150) >= at_once - 1e-13)
            assert inside[-1] == solution.stops_at(q)
        assert inside[0] != inside[1]


def test_three_ways_to_stop_break_the_interval() -> None:
    problem = CentralControl(SENSOR, [0.5, 0.5], np.array([[0, 1, 0.25], [1, 0, 0.25]]) / 0.1, 0.9)
    parts = problem.solve(1e-9).stop_region
    expected = [[0, 0.1773], [0.4193, 0.5807], [0.8227, 1]]
    np.testing.assert_allclose([tuple(part) for part in parts], expected, atol=5e-5)
    check_by_recursion(problem, [0.1773, 0.4193, 0.5807, 0.8227])
    with pytest.raises(ValueError, match="stop_cost: has 3 actions; the theorem is for two"):
        two_thresholds_guaranteed(problem)


def test_a_cheap_vertex_breaks_the_interval() -> None:
    weak = [[0.55, 0.45], [0.45, 0.55]]
    stop = np.array([[0.1, 1], [1, 0.1]]) / 0.1
    problem = CentralControl(weak, [0.08, 1.2], stop, 0.9)
    assert not two_thresholds_guaranteed(problem)
    parts = problem.solve(1e-9).stop_region
    expected = [[0.1225, 0.4213], [0.5439, 1]]
    np.testing.assert_allclose([tuple(part) for part in parts], expected, atol=5e-5)
    check_by_recursion(problem, [0.1225, 0.4213, 0.5439])
    never = CentralControl(weak, [0.05, 0.05], stop, 0.9)
    assert not two_thresholds_guaranteed(never)
    assert never.solve().stop_region == ()


def test_delta_of_a_moving_state() -> None:
    problem = CentralControl(SENSOR, [0, 1], [10, 0], 0.95, transition=[[0.95, 0.05], [0, 1]])
    np.testing.assert_allclose(delta(problem), [-10 * (1 - 0.95 * 0.95), 1], atol=1e-12)


def test_problems_outside_the_theorem_are_refused() -> None:
    with pytest.raises(ValueError, match="transition: the theorem is for a state that does not move"):
        delta_signs(CentralControl(SENSOR, [0, 1], [1, 0], 0.9, transition=[[0.9, 0.1], [0, 1]]))
    with pytest.raises(ValueError, match="stop_cost: has 2 actions; delta is defined for one"):
        delta_signs(CentralControl(SENSOR, [0, 1], [[1, 0], [0, 1]], 0.9))
    with pytest.raises(ValueError, match="continuation: is 'social', which breaks the theorem"):
        predicted_region(
            CentralControl(SENSOR, [0, 1], [1, 0], 0.9, continuation="social", cost=[[0, 1], [1, 0]])
        )
    three = CentralControl(np.eye(3), [0, 1, 1], [1, 0, 0], 0.9)
    with pytest.raises(ValueError, match="problem: has 3 states; the theorem is for two"):
        delta_signs(three)
