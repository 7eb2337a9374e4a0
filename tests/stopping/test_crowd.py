"""Social learning in the loop: exact examples, a recursion from one belief, and hand-over."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.social import SocialLearning
from llma.stopping import CentralControl, HandOver, StopIn, policy_cost, simulate
from llma.stopping.crowd import crowd_motion
from llma.stopping.pieces import cells
from tests.strategies import costs, stochastic_matrices

SENSOR, ERROR = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]


def social(discount: float, tie: str = "low") -> CentralControl:
    """With delta(q) = 4 q - 1."""
    return CentralControl(SENSOR, [-1, 3], [0, 0], discount, continuation="social", cost=ERROR, tie=tie)


def test_the_double_threshold() -> None:
    solution = social(0.9).solve(1e-9)
    np.testing.assert_allclose(
        [tuple(part) for part in solution.stop_region], [[0.25, 0.3], [0.3967, 1]], atol=5e-5
    )
    assert solution.threshold is None
    assert solution.reason.startswith("the stop region has 2 parts")
    assert float(solution.continue_value([0.68, 0.32])) == pytest.approx(-1.412, abs=5e-4)
    revealing = CentralControl(SENSOR, [-1, 3], [0, 0], 0.9).solve(1e-9)
    assert revealing.threshold == pytest.approx(0.5282, abs=5e-5)


def test_ties_decide_which_ends_belong_to_the_stop_region() -> None:
    low = social(0.9, "low").solve().stop_region[0]
    assert (low.lower, low.upper) == pytest.approx((0.25, 0.3), abs=1e-12)
    assert low.upper_closed
    own = social(0.9, "own").solve().stop_region[0]
    assert (own.lower, own.upper) == pytest.approx((0.25, 0.3), abs=1e-12)
    assert not own.upper_closed


def test_three_intervals() -> None:
    parts = social(0.95).solve(1e-9).stop_region
    np.testing.assert_allclose(
        [tuple(part) for part in parts], [[0.25, 0.3], [0.4157, 0.5], [0.5463, 1]], atol=5e-5
    )


@pytest.mark.parametrize("discount", [0.916, 0.98, 0.99])
def test_where_two_costs_cross_is_a_tie_which_stops(discount: float) -> None:
    parts = social(discount).solve(1e-7).stop_region
    assert len(parts) == 3
    assert all(part.lower_closed and part.upper_closed for part in parts)


def test_ends_of_a_hand_over_that_are_ties_belong_to_it() -> None:
    """At a price of 1/2 both ends are crossings; at 1 the middle part ends where the stop cost jumps."""
    crowd = SocialLearning(SENSOR, ERROR)
    two = HandOver(crowd, [0.5, 0.5], ERROR, 0.95).solve(1e-8).stop_region
    assert [(part.lower_closed, part.upper_closed) for part in two] == [(True, True)] * 2
    three = HandOver(crowd, [1, 1], ERROR, 0.95).solve(1e-8).stop_region
    assert [(part.lower_closed, part.upper_closed) for part in three] == [
        (True, True),
        (False, True),
        (True, True),
    ]


def by_recursion(problem: CentralControl, q: float, depth: int) -> float:
    """V by following the crowd's own protocol from one belief; at `depth` it must stop."""
    crowd = SocialLearning(problem.likelihood, problem.cost, tie=problem.tie)
    known: dict[tuple[float, int], float] = {}

    def value(q: float, depth: int) -> float:
        key = (round(log(q / (1 - q)), 9), depth)
        if key not in known:
            belief = np.array([1 - q, q])
            stop = float((belief @ problem.stop_cost).min())
            if depth == 0:
                return stop
            if crowd.is_cascade(belief):
                never = float(belief @ problem.never_stop_cost)
                return min(stop, never)
            after = float(belief @ problem.continue_cost)
            law = belief @ crowd.public_likelihood(belief)
            for u in np.flatnonzero(law > 0):
                after += (
                    problem.discount * law[u] * value(float(crowd.public_update(belief, u)[1]), depth - 1)
                )
            known[key] = min(stop, after)
        return known[key]

    return value(q, depth)


@pytest.mark.parametrize("tie", ["low", "own", "coin"])
@pytest.mark.parametrize("q", [0.3, 0.32, 0.5, 0.66, 0.7])
def test_value_against_recursion_on_the_lattice(tie: str, q: float) -> None:
    problem = social(0.95, tie)
    solution = problem.solve(1e-9)
    assert float(solution.value([1 - q, q])) == pytest.approx(by_recursion(problem, q, 60), abs=1e-8)


@settings(max_examples=15)
@given(
    stochastic_matrices(2, 3), costs(2, 2), costs(2, 3), costs(2, 1), st.floats(0.1, 0.9), st.floats(0.1, 0.9)
)
def test_any_crowd_against_recursion(
    likelihood: np.ndarray,
    final: np.ndarray,
    agents: np.ndarray,
    running: np.ndarray,
    q: float,
    discount: float,
) -> None:
    problem = CentralControl(
        likelihood, running[:, 0], 3 * final, discount, continuation="social", cost=agents
    )
    solution = problem.solve(1e-7)
    expected = by_recursion(problem, q, 9)
    left = discount**9 * 6
    assert -1e-6 - left <= float(solution.value([1 - q, q])) - expected <= 1e-6


@given(stochastic_matrices(2, 3), costs(2, 3))
def test_rules_of_the_cells_are_those_of_the_crowd(likelihood: np.ndarray, agents: np.ndarray) -> None:
    crowd = SocialLearning(likelihood, agents)
    motion = crowd_motion(crowd, agents)
    inside = cells(motion.points)
    q = np.sort(np.random.default_rng(0).random(200))
    q = q[np.abs(q[:, None] - motion.points).min(axis=1) > 1e-6]
    where = 2 * np.searchsorted(motion.points, q) - 1
    np.testing.assert_allclose(
        motion.likelihood[where], crowd.public_likelihood(np.stack([1 - q, q], axis=1)), atol=1e-12
    )
    assert len(inside) == len(motion.likelihood)


def test_social_learning_is_dearer_at_equal_running_cost() -> None:
    """Theorem 10 (i) with its hypothesis: the same running cost for both."""
    q = np.linspace(0, 1, 301)
    beliefs = np.stack([1 - q, q], axis=1)
    rng = np.random.default_rng(3)
    for _ in range(8):
        table = rng.dirichlet(np.ones(3), 2)
        running, final, agents = rng.random(2), 5 * rng.random((2, 2)), rng.random((2, 2))
        reveal = CentralControl(table, running, final, 0.9).solve(1e-7)
        crowd = CentralControl(table, running, final, 0.9, continuation="social", cost=agents).solve(1e-7)
        assert (crowd.value(beliefs) >= reveal.value(beliefs) - 1e-6).all()


def test_a_crowd_left_to_itself() -> None:
    """Value of a crowd with 0-1 loss against the exact law of its wrong actions."""
    crowd = SocialLearning(SENSOR, ERROR)
    stop, bound = HandOver(crowd, [0.5, 0.5], ERROR, 0.95).stop_value(1e-9)
    assert bound <= 1e-9
    np.testing.assert_allclose(stop.at([0.299, 0.3015, 0.3]), [5.980, 4.039, 6.0], atol=5e-4)
    for q in (0.3015, 0.5, 0.69):
        law = crowd.exact([1 - q, q], 600).p_wrong_action @ np.array([1 - q, q])
        assert float(stop.at(q)) == pytest.approx(float(0.95 ** np.arange(600) @ law), abs=1e-7)


def test_hand_over_stops_at_the_ends() -> None:
    """Where agents would learn by themselves, leaving them to it is cheaper than in a cascade."""
    problem = HandOver(SocialLearning(SENSOR, ERROR), [0.5, 0.5], ERROR, 0.95)
    solution = problem.solve(1e-7)
    low, high = solution.stop_region
    assert low.lower == 0
    assert high.upper == 1
    value, stop = solution.value, solution.stop_value
    q = np.linspace(0, 1, 501)
    beliefs = np.stack([1 - q, q], axis=1)
    joint = beliefs[:, None, :] * np.array(SENSOR).T
    chance = joint.sum(axis=2)
    after = 0.5 + 0.95 * (chance * value(joint / chance[..., None])).sum(axis=1)
    np.testing.assert_allclose(value(beliefs), np.minimum(after, stop(beliefs)), atol=1e-6)


def test_simulated_cost_of_the_social_optimum() -> None:
    problem = social(0.9)
    solution = problem.solve()
    runs = simulate(problem, StopIn.optimal(solution), [0.68, 0.32], 3000, np.random.default_rng(5))
    assert abs(runs.mean - float(solution.value([0.68, 0.32]))) < 4 * runs.standard_error
    cost, _ = policy_cost(problem, solution.stop_region)
    q = np.linspace(0, 1, 101)
    np.testing.assert_allclose(cost.at(q), solution.value(np.stack([1 - q, q], axis=1)), atol=1e-6)


def test_bad_crowds_are_refused() -> None:
    with pytest.raises(ValueError, match="cost: continuation 'social' needs the cost of the agents"):
        CentralControl(SENSOR, [0, 1], [1, 0], 0.9, continuation="social")
    with pytest.raises(ValueError, match="cost: only continuation 'social' uses it"):
        CentralControl(SENSOR, [0, 1], [1, 0], 0.9, cost=ERROR)
    with pytest.raises(ValueError, match="transition: with continuation 'social' the state must not move"):
        CentralControl(
            SENSOR,
            [0, 1],
            [1, 0],
            0.9,
            continuation="social",
            cost=ERROR,
            transition=[[0.9, 0.1], [0, 1]],
        )
    with pytest.raises(ValueError, match="tie: is 'follow'; expected one of 'low', 'own', 'coin'"):
        social(0.9, "follow")
    with pytest.raises(ValueError, match="tie: with 'follow' the last action is part of the state"):
        HandOver(SocialLearning(SENSOR, ERROR, tie="follow"), [0, 1], ERROR, 0.9)
    with pytest.raises(ValueError, match="crowd: has 3 states; expected 2"):
        HandOver(SocialLearning(np.eye(3), np.eye(3)), [0, 1], ERROR, 0.9)
    with pytest.raises(ValueError, match="update: is 'identity-start'"):
        HandOver(SocialLearning(SENSOR, ERROR, update="identity-start"), [0, 1], ERROR, 0.9)
    with pytest.raises(ValueError, match="continue_cost: has 3 entries; expected 2"):
        HandOver(SocialLearning(SENSOR, ERROR), [0, 1, 2], ERROR, 0.9)
