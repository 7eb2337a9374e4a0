"""Policies and their simulation against exact costs."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.stopping import (
    AlwaysReveal,
    CentralControl,
    Exploration,
    Interval,
    MajorityOfFirst,
    NeverReveal,
    StopIn,
    View,
    Wald,
    policy_cost,
    simulate,
)

SENSOR = [[0.7, 0.3], [0.3, 0.7]]
SPRT = CentralControl(SENSOR, [0.35, 0.35], [[0, 20], [20, 0]], 0.95)
BASE = CentralControl(SENSOR, [0.1, 0.6], [10, 0], 0.9)


def mean_of(policy: object, problem: CentralControl = SPRT, prior: tuple[float, float] = (0.5, 0.5)) -> tuple:
    runs = simulate(problem, policy, prior, 6000, np.random.default_rng(17))
    return runs.mean, runs.standard_error, runs


def test_always_and_never() -> None:
    mean, error, runs = mean_of(AlwaysReveal())
    assert mean == pytest.approx(7, abs=2e-6)
    assert runs.truncation < 2e-6
    assert (runs.stop_time == -1).all()
    mean, error, runs = mean_of(NeverReveal(), prior=(0.8, 0.2))
    assert abs(mean - 4) < 4 * error
    assert (runs.stop_time == 0).all()
    assert (runs.stop_action == 0).all()
    assert runs.truncation == 0


def test_threshold_against_its_exact_cost() -> None:
    for threshold in (0.5, 0.8344, 0.95):
        mean, error, _ = mean_of(StopIn.at_least(threshold), BASE)
        cost, bound = policy_cost(BASE, (Interval(threshold, 1.0),))
        assert bound <= 1e-8
        assert abs(mean - float(cost.at(0.5))) < 4 * error


@settings(max_examples=12)
@given(st.floats(0.05, 0.45), st.floats(0.55, 0.95))
def test_no_interval_is_cheaper_than_the_optimum(low: float, high: float) -> None:
    cost, _ = policy_cost(SPRT, StopIn.outside(low, high).region, 1e-6)
    q = np.linspace(0, 1, 101)
    best = SPRT.solve(1e-6).value(np.stack([1 - q, q], axis=1))
    assert (cost.at(q) >= best - 2e-6).all()


def test_cost_of_the_optimal_region_is_the_value() -> None:
    for problem in (SPRT, BASE):
        solution = problem.solve(1e-9)
        cost, _ = policy_cost(problem, solution.stop_region, 1e-8)
        q = np.linspace(0, 1, 201)
        np.testing.assert_allclose(cost.at(q), solution.value(np.stack([1 - q, q], axis=1)), atol=2e-8)


def test_wald_bounds_hold() -> None:
    _, _, runs = mean_of(Wald(0.1, 0.2))
    wrong = runs.stop_action != runs.states
    for state, bound in ((0, 0.1 / 0.8), (1, 0.2 / 0.9)):
        share = wrong[runs.states == state].mean()
        assert 0 < share < bound + 0.02


def test_wald_is_exact_on_the_lattice() -> None:
    """Bounds at exactly two net observations: the walk stops at +-2, with odds of error (3/7)^2."""
    p = 0.49 / (0.49 + 0.09)
    _, _, runs = mean_of(Wald(1 - p, 1 - p))
    wrong = (runs.stop_action != runs.states).mean()
    assert wrong == pytest.approx(1 - p, abs=0.02)
    assert runs.stop_time.min() == 2
    assert (runs.stop_time % 2 == 0).all()


def test_majority_of_the_first() -> None:
    """Closed form: n revealing steps, then a wrong herd with a binomial probability."""
    for n in (0, 1, 4, 5):
        mean, error, runs = mean_of(MajorityOfFirst(n), prior=(0.45, 0.55))
        wrong = {}
        for state, p in ((0, 0.3), (1, 0.7)):
            chance = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
            says_one = sum(c for k, c in enumerate(chance) if 2 * k >= n)  # a draw goes to the prior's side
            wrong[state] = says_one if state == 0 else 1 - says_one
        exact = 7 * (1 - 0.95**n) + 0.95**n * 20 * (0.45 * wrong[0] + 0.55 * wrong[1])
        assert abs(mean - exact) < 4 * error
        assert (runs.stop_time == n).all()


def test_exploration_costs_what_its_schedule_says() -> None:
    """With an uninformative sensor nothing is learnt: each step costs c or the herd's share by a coin."""
    blind = CentralControl([[0.5, 0.5], [0.5, 0.5]], [0.35, 0.35], [[0, 20], [20, 0]], 0.95)
    mean, error, runs = mean_of(Exploration(2.0), blind)
    t = np.arange(1, 800)
    chance = np.minimum(1, 2 / t)
    exact = float(0.95 ** (t - 1) @ (0.35 * chance + 0.05 * 10 * (1 - chance)))
    assert abs(mean - exact) < 4 * error
    assert (runs.stop_time == -1).all()


def test_costs_add_up_run_by_run() -> None:
    _, _, runs = mean_of(StopIn.optimal(SPRT.solve()))
    paid = 7 * (1 - 0.95**runs.stop_time) + 0.95**runs.stop_time * 20 * (runs.stop_action != runs.states)
    np.testing.assert_allclose(runs.cost, paid, atol=1e-9)


def test_three_states() -> None:
    rng = np.random.default_rng(0)
    problem = CentralControl(rng.dirichlet(np.ones(4), 3), [1, 1, 1], 10 * (1 - np.eye(3)), 0.9)
    runs = simulate(problem, MajorityOfFirst(3), np.ones(3) / 3, 4000, rng)
    assert set(runs.stop_action) == {0, 1, 2}
    assert runs.mean < simulate(problem, AlwaysReveal(), np.ones(3) / 3, 100, rng).mean


def test_bad_policies_are_refused() -> None:
    for make, message in (
        (lambda: StopIn.at_least(1.5), "threshold: is 1.5; expected a number between 0 and 1"),
        (lambda: StopIn.outside(0.6, 0.4), "lower, upper: 0.6 is above 0.4"),
        (lambda: Wald(0.5, 0.5), "false_one, false_zero: are 0.5 and 0.5"),
        (lambda: Exploration(0), "rate: is 0; expected a positive number"),
        (lambda: MajorityOfFirst(-1), "n: is -1; expected 0 or more"),
        (lambda: mean_of(Wald(), BASE), "Wald's test says 0 or 1 and needs two"),
        (lambda: mean_of(AlwaysReveal(), prior=(0.5, 0.4)), "prior: is"),
        (
            lambda: simulate(SPRT, AlwaysReveal(), [0.5, 0.5], 1, np.random.default_rng(0)),
            "expected n_paths >= 2",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            make()
    moving = CentralControl(SENSOR, [0, 1], [1, 0], 0.9, transition=[[0.9, 0.1], [0, 1]])
    with pytest.raises(ValueError, match="policy: herding for one step at a time"):
        mean_of(Exploration(), moving)
    with pytest.raises(ValueError, match="policy_cost: needs two states and a state that does not move"):
        policy_cost(moving, (Interval(0.5, 1.0),))


def test_a_view_knows_the_best_action() -> None:
    view = View(SPRT, 0, np.array([[0.9, 0.1], [0.2, 0.8]]), np.zeros((2, 2), dtype=np.int64))
    np.testing.assert_array_equal(view.best_action, [0, 1])
