"""Plans behind the lines: envelopes, and costs that can be had."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from llma.stopping import CentralControl
from llma.stopping.controllers import controller_cost, envelope
from llma.stopping.hinges import hinges_of_minimum, images, minimum
from tests.strategies import costs, stochastic_matrices

GRID = np.linspace(0, 1, 201)
numbers = st.integers(-64, 64).map(lambda k: k / 16)


@given(st.integers(1, 12).flatmap(lambda n: hnp.arrays(np.float64, (n, 2), elements=numbers)))
def test_envelope_is_the_minimum(lines: np.ndarray) -> None:
    lowest = envelope(lines)
    expected = (np.outer(1 - GRID, lines[:, 0]) + np.outer(GRID, lines[:, 1])).min(axis=1)
    np.testing.assert_allclose(lowest.at(GRID), expected, atol=1e-12)
    assert (np.diff(lowest.cuts) >= 0).all()
    assert (lowest.hinges[:, 0] > 0).all()
    assert (lowest.hinges[:, 1] < 0).all()


@settings(max_examples=40)
@given(
    stochastic_matrices(2, 3),
    stochastic_matrices(2, 2),
    costs(2, 1),
    costs(2, 2),
    st.floats(0.1, 0.95),
    st.booleans(),
)
def test_controllers_cost_at_least_the_value(
    likelihood: np.ndarray,
    transition: np.ndarray,
    running: np.ndarray,
    final: np.ndarray,
    discount: float,
    moving: bool,
) -> None:
    """After few steps the plan is poor, but what it costs can be had: no line lies below the value."""
    problem = CentralControl(
        likelihood, running[:, 0], 3 * final, discount, transition=transition if moving else None
    )
    exact = problem.solve(1e-7)
    maps = discount * np.stack([problem.transition @ np.diag(likelihood[:, y]) for y in range(3)])
    stop = problem.stop_cost.T
    plan = hinges_of_minimum(np.vstack([stop, problem.never_stop_cost]))
    for _ in range(3):
        following = images(plan, maps, problem.continue_cost)
        plan = following
        for line in stop:
            plan = minimum(plan, line)
    lines = controller_cost(plan, following, stop, maps, problem.continue_cost)
    beliefs = np.stack([1 - GRID, GRID], axis=1)
    assert ((beliefs @ lines.T).min(axis=1) >= exact.value(beliefs) - 2e-7).all()
    assert len(lines) == len(plan.hinges) + 1


def test_an_exact_plan_is_evaluated_exactly() -> None:
    """Two sides, symmetric sensor: the plan has few pieces, and one evaluation ends the iteration."""
    problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.35, 0.35], [[0, 20], [20, 0]], 0.999)
    solution = problem.solve(1e-8)
    assert solution.steps <= 24
    assert solution.n_pieces <= 40
