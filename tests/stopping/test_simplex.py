"""More than two states: bounds against the exact lines, a triangular grid, closed forms, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.stopping import CentralControl, SimplexSolution, solve_simplex
from llma.stopping.certified import looked_ahead
from llma.stopping.planes import distinct, least, needed, regions
from llma.stopping.simplex import controller_planes
from tests.stopping.oracle import lower_on_simplex
from tests.strategies import costs, seeds, stochastic_matrices

SENSOR = [[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]
DRIFT = [[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.0, 0.0, 1.0]]
CASES = {
    "one way": CentralControl(SENSOR, [0.1, 0.3, 0.6], [10, 4, 0], 0.9),
    "three ways": CentralControl(SENSOR, [0.5, 0.5, 0.5], 8 * (1 - np.eye(3)), 0.8),
    "moving": CentralControl(SENSOR, [0, 0.5, 1], [10, 5, 0], 0.9, transition=DRIFT),
}


def some_beliefs(n_states: int, n: int = 400) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.vstack([rng.dirichlet(np.full(n_states, a), n // 2) for a in (0.3, 1.0)])


@pytest.mark.parametrize("name", CASES)
def test_bounds_against_a_triangular_grid(name: str) -> None:
    """Interpolation of a concave function lies below it, so that the grid is a lower bound of its own."""
    problem = CASES[name]
    solution = problem.solve(0.02)
    assert solution.converged
    grid, below = lower_on_simplex(problem, 80, 200)
    assert (below <= solution.upper(grid) + 1e-9).all()
    assert (solution.upper(grid) - below).max() < 0.08
    assert (solution.upper(grid) - solution.lower(grid)).max() <= solution.error_bound <= 0.02


@pytest.mark.parametrize("name", CASES)
def test_decisions_against_a_triangular_grid(name: str) -> None:
    problem = CASES[name]
    solution = problem.solve(0.02)
    grid, below = lower_on_simplex(problem, 80, 200)
    answer = solution.stop(grid)
    at_once = (grid @ problem.stop_cost).min(axis=1)
    assert set(answer) <= {"stop", "continue", "undecided"}
    assert (answer == "undecided").mean() < 0.06
    # The grid is below the value: where even it stops, one stops for sure.
    assert not (answer[below >= at_once - 1e-12] == "continue").any()
    assert (below[answer == "stop"] >= at_once[answer == "stop"] - 0.08).all()
    assert min((answer == "stop").mean(), (answer == "continue").mean()) > 0.02


@settings(max_examples=15)
@given(stochastic_matrices(2, 3), costs(2, 1), costs(2, 2), st.floats(0.1, 0.9), stochastic_matrices(2, 2))
def test_two_states_against_the_exact_lines(
    likelihood: np.ndarray, running: np.ndarray, final: np.ndarray, discount: float, transition: np.ndarray
) -> None:
    q = np.linspace(0, 1, 101)
    beliefs = np.stack([1 - q, q], axis=1)
    for matrix in (np.eye(2), transition):
        problem = CentralControl(likelihood, running[:, 0], 4 * final, discount, transition=matrix)
        exact, bounds = problem.solve(1e-9), solve_simplex(problem, 1e-5)
        assert bounds.converged
        value = exact.value(beliefs)
        assert (bounds.upper(beliefs) >= value - 1e-8).all()
        assert (bounds.lower(beliefs) <= value + 1e-8).all()
        answer = bounds.stop(beliefs)
        for k in np.flatnonzero(answer != "undecided"):
            if np.abs(exact.continue_value(beliefs[k]) - exact.stop_value(beliefs[k])) > 1e-8:
                assert (answer[k] == "stop") == exact.stops_at(q[k])


def test_states_that_look_alike_are_one_state() -> None:
    """Closed form by reduction: two states with the same row and the same costs are one."""
    two = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], 0.9)
    split = CentralControl([[0.7, 0.3], [0.3, 0.7], [0.3, 0.7]], [0.1, 0.6, 0.6], [10, 0, 0], 0.9)
    solution, exact = split.solve(1e-6), two.solve(1e-10)
    beliefs = some_beliefs(3)
    merged = exact.value(np.stack([beliefs[:, 0], 1 - beliefs[:, 0]], axis=1))
    assert solution.converged
    np.testing.assert_allclose(solution.upper(beliefs), merged, atol=1.1e-6)
    assert (solution.lower(beliefs) <= merged + 1e-12).all()


@pytest.mark.parametrize("n_states", [3, 4, 6])
def test_a_perfect_and_a_useless_sensor(n_states: int) -> None:
    """One look tells all, or nothing: the value is known."""
    rng = np.random.default_rng(n_states)
    running, final, rho = rng.random(n_states), 5 * rng.random((n_states, 2)), 0.8
    beliefs = some_beliefs(n_states)
    at_once, never = (beliefs @ final).min(axis=1), beliefs @ running / (1 - rho)
    at_vertices = np.minimum(final.min(axis=1), running / (1 - rho))
    perfect = CentralControl(np.eye(n_states), running, final, rho).solve(1e-6)
    expected = np.minimum(at_once, beliefs @ (running + rho * at_vertices))
    np.testing.assert_allclose(perfect.upper(beliefs), expected, atol=1e-6)
    useless = CentralControl(np.full((n_states, 2), 0.5), running, final, rho).solve(1e-6)
    np.testing.assert_allclose(useless.upper(beliefs), np.minimum(at_once, never), atol=1e-6)


@settings(max_examples=12)
@given(seeds, st.integers(3, 4), st.booleans())
def test_the_bounds_are_bounds(seed: int, n_states: int, moves: bool) -> None:
    """Plans are followed to their end from above; from below, the Bellman step cannot leave the bounds."""
    rng = np.random.default_rng(seed)
    transition = rng.dirichlet(np.ones(n_states), n_states) if moves else None
    problem = CentralControl(
        rng.dirichlet(np.ones(2), n_states),
        rng.random(n_states),
        3 * rng.random((n_states, 2)),
        rng.uniform(0.3, 0.95),
        transition=transition,
    )
    solution = solve_simplex(problem, 1e-3, 150)
    beliefs = some_beliefs(n_states, 200)
    low, high = solution.lower(beliefs), solution.upper(beliefs)
    assert (low <= high).all()
    assert (high - low).max() <= solution.error_bound + 1e-12
    # The least plane and the bound of its residual, away from the corners that were looked at.
    following, _ = looked_ahead(problem, solution.planes, beliefs)
    stepped = np.minimum(following, (beliefs @ problem.stop_cost).min(axis=1))
    residual = least(solution.planes, beliefs)[0] - stepped
    assert residual.max() <= solution.error_bound
    fine = solve_simplex(problem, solution.error_bound / 4, 500)
    assert (fine.upper(beliefs) <= high + 1e-9).all()
    assert (fine.upper(beliefs) >= low - 1e-9).all()


def test_a_budget_is_kept_and_said() -> None:
    problem = CASES["three ways"]
    solution = solve_simplex(problem, 1e-9, 100)
    assert not solution.converged
    assert solution.error_bound > 1e-9
    assert 100 < solution.n_pieces < 400
    finer = solve_simplex(problem, 1e-9, 400)
    assert finer.error_bound < solution.error_bound
    assert isinstance(problem.solve(), SimplexSolution)


def test_a_controller_costs_what_a_simulation_of_it_costs() -> None:
    """Each node's plane against the truncated sum of its own costs."""
    problem = CASES["moving"]
    planes, inside, _ = needed(problem.solve(0.1).planes)
    exact = controller_planes(problem, planes, inside)
    following, after = looked_ahead(problem, planes, inside)
    at_once = inside @ problem.stop_cost
    halts = at_once.min(axis=1) <= following
    value = np.zeros_like(planes)
    for _ in range(300):
        step = np.tile(problem.continue_cost, (len(planes), 1))
        for y in range(problem.n_observations):
            step += problem.discount * (value[after[:, y]] * problem.likelihood[:, y]) @ problem.transition.T
        value = np.where(halts[:, None], problem.stop_cost.T[at_once.argmin(axis=1)], step)
    np.testing.assert_allclose(exact, value, atol=1e-9)


@settings(max_examples=25)
@given(seeds, st.integers(2, 4), st.integers(1, 12))
def test_corners_hold_the_maximum_of_a_convex_function(seed: int, n_states: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    planes = rng.random((n, n_states))
    corners, owners = regions(planes)
    values, _ = least(planes, corners)
    for corner, value, facet in zip(corners, values, owners, strict=True):
        np.testing.assert_allclose(planes[facet] @ corner, value, atol=1e-8)
    line = rng.random(n_states)
    inside = rng.dirichlet(np.ones(n_states), 200)
    gap = least(planes, inside)[0] - inside @ line  # concave: its least value lies at a vertex
    assert gap.min() >= (values - corners @ line).min() - 1e-9
    rival = rng.random((3, n_states))
    over = least(planes, inside)[0] - least(rival, inside)[0]  # convex on each region
    assert over.max() <= (values - least(rival, corners)[0]).max() + 1e-9


def test_planes_that_are_nowhere_least_are_dropped() -> None:
    planes = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0]])
    kept, inside, corners = needed(planes)
    np.testing.assert_array_equal(kept, planes[:2])
    assert len(distinct(planes)) == 3
    np.testing.assert_array_equal(least(kept, inside)[1], [0, 1])
    assert len(corners) == 5


def test_what_cannot_be_solved_is_refused() -> None:
    crowd = CentralControl(
        SENSOR, [0, 0, 1], [1, 0, 0], 0.9, continuation="social", cost=[[0, 1], [1, 0], [1, 0]]
    )
    with pytest.raises(ValueError, match="continuation: is 'social'; with more than two states"):
        crowd.solve()
    with pytest.raises(ValueError, match="solve: the problem has 1 state"):
        CentralControl([[1.0]], [1], [2], 0.5).solve()
    with pytest.raises(ValueError, match="tolerance: is 0; expected a positive number"):
        CASES["one way"].solve(0)
    with pytest.raises(ValueError, match="tolerance: is -1; expected a positive number"):
        solve_simplex(CASES["one way"], -1)
    with pytest.raises(ValueError, match="beliefs: has 2 states; expected 3"):
        CASES["one way"].solve(0.5).upper([0.5, 0.5])


def test_shapes() -> None:
    solution = CASES["one way"].solve(0.1)
    stack = some_beliefs(3, 24).reshape(4, 6, 3)
    for answer in (
        solution.lower(stack),
        solution.upper(stack),
        solution.stop(stack),
        solution.stop_action(stack),
    ):
        assert answer.shape == (4, 6)
    assert solution.stop([0.0, 0.0, 1.0]).item() == "stop"
    assert float(solution.value([1.0, 0.0, 0.0])) == pytest.approx(1.0)
