"""The exact solution: closed forms, two independent methods, Theorem 9's predictions, errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.stopping import CentralControl
from tests.stopping.oracle import by_recursion, lower_by_grid
from tests.strategies import costs, stochastic_matrices


def base(p: float = 0.7, discount: float = 0.9) -> CentralControl:
    return CentralControl([[p, 1 - p], [1 - p, p]], [0.1, 0.6], [10, 0], discount)


@pytest.mark.parametrize(
    ("p", "threshold"), [(0.55, 0.6767), (0.6, 0.7422), (0.7, 0.8344), (0.8, 0.8874), (0.9, 0.9183)]
)
def test_thresholds_of_the_base_example(p: float, threshold: float) -> None:
    solution = base(p).solve(1e-9)
    assert solution.threshold == pytest.approx(threshold, abs=5e-5)
    assert solution.side == "upper"
    low, high = solution.threshold_bounds
    assert low <= high < low + 1e-8


@pytest.mark.parametrize("discount", [0.3, 0.9, 0.97])
@pytest.mark.parametrize("q", [0.1, 0.5, 0.8])
def test_value_against_recursion_from_one_belief(discount: float, q: float) -> None:
    problem = CentralControl([[0.6, 0.4], [0.25, 0.75]], [0.2, 0.5], [[0, 8], [6, 0]], discount)
    solution = problem.solve(1e-10)
    assert float(solution.value([1 - q, q])) == pytest.approx(by_recursion(problem, q, 150), abs=1e-9)


def test_thresholds_by_recursion_on_either_side() -> None:
    """Just inside it stops, just outside it continues: by a recursion that knows no line."""
    for p in (0.6, 0.7, 0.9):
        problem = base(p)
        edge = problem.solve(1e-9).threshold
        for q, stops in ((edge - 2e-6, False), (edge + 2e-6, True)):
            at_once = 10 * (1 - q)
            assert (by_recursion(problem, q, 200) >= at_once - 1e-13) == stops


@settings(max_examples=20)
@given(
    stochastic_matrices(2, 3),
    stochastic_matrices(2, 2),
    costs(2, 1),
    costs(2, 3),
    st.floats(0.0, 0.95),
    st.booleans(),
)
def test_value_between_a_grid_from_below_and_itself_from_above(
    likelihood: np.ndarray,
    transition: np.ndarray,
    running: np.ndarray,
    final: np.ndarray,
    discount: float,
    moving: bool,
) -> None:
    problem = CentralControl(
        likelihood, running[:, 0], 4 * final, discount, transition=transition if moving else None
    )
    solution = problem.solve(1e-7)
    q, lower = lower_by_grid(problem, 201, 200)
    value = solution.value(np.stack([1 - q, q], axis=1))
    assert (value >= lower - 1e-9).all()
    assert solution.error_bound <= 1e-7
    # One Bellman step by plain evaluation of the returned value returns it, up to the error bound.
    joint = (np.stack([1 - q, q], axis=1) @ problem.transition)[:, None, :] * likelihood.T
    chance = joint.sum(axis=2)
    after = np.stack([1 - q, q], axis=1) @ problem.continue_cost + discount * (
        chance * solution.value(joint / chance[..., None])
    ).sum(axis=1)
    stop = (np.stack([1 - q, q], axis=1) @ problem.stop_cost).min(axis=1)
    np.testing.assert_allclose(solution.continue_value(np.stack([1 - q, q], axis=1)), after, atol=1e-10)
    assert (value - np.minimum(stop, after)).max() <= 1e-7 * (1 - discount) + 1e-12
    # Values of concave functions: the middle is at least the average of the neighbours.
    assert (2 * value[1:-1] - value[:-2] - value[2:] > -1e-10).all()
    for point in q[::10]:
        if solution.stops_at(point):
            here = np.array([1 - point, point])
            assert (
                float(here @ problem.stop_cost @ np.eye(3)[(here @ problem.stop_cost).argmin()])
                <= float(solution.continue_value(here)) + 1e-9
            )


def test_stopping_at_once_never_and_without_a_threshold() -> None:
    sensor = [[0.7, 0.3], [0.3, 0.7]]
    always = CentralControl(sensor, [1, 1], [1, 2], 0.9).solve()
    assert always.threshold is None
    assert always.reason == "it is best to stop at every belief"
    assert [tuple(part) for part in always.stop_region] == [(0.0, 1.0)]
    never = CentralControl(sensor, [0.01, 0.01], [1, 2], 0.9).solve()
    assert never.reason == "it is never best to stop"
    assert never.stop_region == ()
    np.testing.assert_allclose(never.value([[1, 0], [0.5, 0.5]]), 0.1, atol=1e-9)
    two = CentralControl(sensor, [0.35, 0.35], [[0, 20], [20, 0]], 0.95).solve()
    assert two.threshold is None
    assert two.reason == "the stop region has 2 parts: [0, 0.0709782] and [0.929022, 1]"
    assert [len(parts) for parts in two.stop_regions_by_action] == [1, 1]
    lower = CentralControl(sensor, [0.6, 0.1], [0, 10], 0.9).solve()
    assert lower.side == "lower"
    assert lower.threshold == pytest.approx(1 - 0.8343585, abs=1e-6)


def test_a_touching_vertex_is_kept() -> None:
    """One delta is exactly zero: stopping ties with continuing at the vertex and nowhere else."""
    solution = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.5], [10, 5], 0.9).solve()
    assert solution.threshold == pytest.approx(1.0, abs=1e-9)
    assert solution.stops_at(1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"likelihood": [[0.7, 0.3], [0.3, 0.6]]}, "likelihood: row 1 is"),
        ({"continue_cost": [1, 2, 3]}, "continue_cost: has 3 entries; expected 2, one a state"),
        ({"continue_cost": [[1, 2]]}, "continue_cost: expected 1 axes"),
        ({"stop_cost": [1, 2, 3]}, "stop_cost: has 3 rows; expected 2"),
        ({"stop_cost": [1, np.inf]}, "stop_cost: entry 1 is inf"),
        ({"discount": 1.0}, "discount: is 1; expected a number at least 0 and less than 1"),
        ({"discount": -0.1}, "discount: is -0.1"),
        ({"continuation": "herd"}, "continuation: is 'herd'; expected one of 'reveal'"),
        ({"transition": [[1, 0]]}, "transition: has 1 rows; expected 2"),
        ({"transition": [[0.5, 0.5], [0.5, 0.6]]}, "transition: row 1 is"),
    ],
)
def test_bad_models_are_refused(change: dict[str, object], message: str) -> None:
    good = {
        "likelihood": [[0.7, 0.3], [0.3, 0.7]],
        "continue_cost": [0.1, 0.6],
        "stop_cost": [10, 0],
        "discount": 0.9,
    }
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        CentralControl(**{**good, **change})


def test_bad_tolerances_are_refused() -> None:
    with pytest.raises(ValueError, match="tolerance: is 0; expected a positive number"):
        base().solve(0)
    with pytest.raises(ValueError, match="tolerance: is 1e-18; rounding alone may be"):
        base().solve(1e-18)
