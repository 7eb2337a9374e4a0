"""The exact cost of smoothed thresholds: linear system, histories, closed form, recursion, simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from llma.policy_gradient import best_threshold, excess_cost, model_box, smoothed_cost
from llma.stopping import CentralControl, Interval, policy_cost
from llma.stopping.closed_forms import cost_of_lead

BASE = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)


def by_linear_system(problem, prior, gamma, tau, leads=150):
    """(I - rho S)^-1 b on the leads of a symmetric sensor, given each state; runs that leave are lost."""
    p, rho = problem.likelihood[1, 1], problem.discount
    lead = np.arange(-leads, leads + 1)
    halt = expit((expit(np.log(prior / (1 - prior)) + lead * np.log(p / (1 - p))) - gamma) / tau)
    found = []
    for x, up in enumerate((1 - p, p)):
        moves = np.diag(np.full(2 * leads, up), 1) + np.diag(np.full(2 * leads, 1 - up), -1)
        matrix = (1 - halt)[:, None] * moves
        paid = halt * problem.stop_cost[x, 0] + (1 - halt) * problem.continue_cost[x]
        found.append(np.linalg.solve(np.eye(len(lead)) - rho * matrix, paid)[leads])
    return (1 - prior) * found[0] + prior * found[1]


@pytest.mark.parametrize("tau", [0.01, 0.03, 0.1, 1.0])
@pytest.mark.parametrize(("prior", "gamma"), [(0.5, 0.83), (0.2, 0.6), (0.7, 0.0)])
def test_against_the_linear_system(prior, gamma, tau):
    found = smoothed_cost(BASE, prior, gamma, tau)
    assert float(found.cost) == pytest.approx(by_linear_system(BASE, prior, gamma, tau), abs=1e-8)


sensors = st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)).map(lambda b: [[1 - v, v] for v in b])
numbers = st.floats(0.05, 0.95)


@given(sensors, numbers, numbers, st.sampled_from([0.0, 0.02, 0.2]), st.floats(0.1, 0.5))
@settings(max_examples=25)
def test_against_all_histories(sensor, prior, gamma, tau, discount):
    """Eight steps by enumeration; what is left out is at most the discount to the eighth power."""
    problem = CentralControl(sensor, [0.4, 1.0], [3.0, -1.0], discount)
    found = smoothed_cost(problem, prior, gamma, tau)
    weights = np.array([1 - prior, prior])
    passage, n = np.zeros(2), 7
    beliefs, alive = {(): weights}, {(): np.ones(2)}
    for k in range(n + 1):
        for history in itertools.product((0, 1), repeat=k):
            joint, mass = beliefs[history], alive[history]
            q = joint[1] / joint.sum()
            halt = float(q >= gamma - 1e-9) if tau == 0 else expit((q - gamma) / tau)
            passage += discount**k * mass * halt
            for y in (0, 1):
                beliefs[(*history, y)] = joint * problem.likelihood[:, y]
                alive[(*history, y)] = mass * (1 - halt) * problem.likelihood[:, y]
    assert found.passage == pytest.approx(passage, abs=discount ** (n + 1) + 1e-9)
    total = problem.never_stop_cost * (1 - found.passage) + found.passage * problem.stop_cost[:, 0]
    assert float(found.cost) == pytest.approx(float(weights @ total), abs=1e-8)


@given(sensors, numbers, numbers, st.floats(0.02, 0.5))
@settings(max_examples=25)
def test_the_slope_is_the_derivative(sensor, prior, gamma, tau):
    problem = CentralControl(sensor, [0.4, 1.0], [3.0, -1.0], 0.6)
    step = 1e-5
    ends = smoothed_cost(problem, prior, [gamma - step, gamma + step], tau, 1e-13).cost
    found = smoothed_cost(problem, prior, gamma, tau).slope
    assert float(found) == pytest.approx((ends[1] - ends[0]) / (2 * step), abs=1e-5)


def test_hard_thresholds_against_the_recursion_and_the_closed_form():
    levels = [0.55, 0.72, 0.9]
    found = smoothed_cost(BASE, 0.5, levels, 0.0)
    for level, cost in zip(levels, found.cost, strict=True):
        exact = policy_cost(BASE, (Interval(level, 1.0),))[0].at(0.5)
        assert cost == pytest.approx(float(exact), abs=1e-7)
    costs = {"continue_cost": [0.1, 0.6], "stop_cost": [10, 0], "discount": 0.9}
    assert found.cost == pytest.approx(cost_of_lead([1, 2, 3], 0.5, 0.7, **costs), abs=1e-7)
    skew = CentralControl([[0.6, 0.4], [0.25, 0.75]], [0.1, 0.6], [10, 0], 0.9)
    exact = policy_cost(skew, (Interval(0.8, 1.0),))[0].at(0.4)
    assert float(smoothed_cost(skew, 0.4, 0.8, 0.0).cost) == pytest.approx(float(exact), abs=1e-6)


def test_a_low_temperature_is_nearly_hard_and_a_high_one_ignores_the_threshold():
    inside = [0.75, 0.8]
    hard = smoothed_cost(BASE, 0.5, inside, 0.0).cost
    assert smoothed_cost(BASE, 0.5, inside, 1e-3).cost == pytest.approx(hard, abs=1e-6)
    hot = smoothed_cost(BASE, 0.5, [0.0, 1.0], 1e4)
    assert hot.cost[0] == pytest.approx(hot.cost[1], abs=1e-3)
    assert hot.passage[0] == pytest.approx([0.5 / (1 - 0.9 * 0.5)] * 2, abs=1e-4)


def test_a_hard_threshold_of_one_never_stops():
    assert float(smoothed_cost(BASE, 0.5, 1.0, 0.0).cost) == pytest.approx(0.5 * (0.1 + 0.6) / 0.1)
    box = model_box(BASE, 0.5, temperature=0.0, episodes=50)
    odds = np.log(0.7 / 0.3)
    assert smoothed_cost(BASE, 0.5, expit(40 * odds), 0.0).passage[1] == pytest.approx(0, abs=1e-3)
    states = (np.random.default_rng(3).random((1, 50)) < 0.5).astype(int)
    paid = np.array([0.1, 0.6])[states].mean() * (1 - 0.9**box.horizon) / 0.1
    assert float(box(1.0, np.random.default_rng(3))) == pytest.approx(paid)


def test_against_simulation():
    for tau in (0.0, 0.05):
        box = model_box(BASE, 0.4, temperature=tau, episodes=40_000, rest=1e-5)
        exact = smoothed_cost(BASE, 0.4, 0.75, tau).cost
        assert float(box(0.75, np.random.default_rng(3))) == pytest.approx(float(exact), abs=0.06)


def test_no_discount_is_one_step():
    problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.2, 0.2], [1, 0], 0.0)
    found = smoothed_cost(problem, 0.5, [0.4, 0.6], 0.0)
    assert found.cost.tolist() == [0.5, 0.2]
    assert found.error_bound == 0


def test_excess_is_zero_on_a_whole_interval_and_nowhere_negative():
    grid = np.linspace(0, 1, 201)
    excess = excess_cost(BASE, 0.5, grid)
    assert excess.min() >= -1e-12
    best = grid[excess < 1e-9]
    assert (best.min(), best.max()) == pytest.approx((0.705, 0.84))


def test_best_thresholds():
    for tau, place in ((0.1, 0.9521), (0.03, 0.8301)):
        gamma, cost = best_threshold(BASE, 0.5, tau)
        assert gamma == pytest.approx(place, abs=5e-5)
        assert cost <= smoothed_cost(BASE, 0.5, np.linspace(0, 1, 57), tau).cost.min() + 1e-9
        assert float(smoothed_cost(BASE, 0.5, gamma, tau).slope) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"likelihood": [[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]}, "3 observations"),
        ({"likelihood": [[1.0, 0.0], [0.3, 0.7]]}, "zero"),
        ({"stop_cost": [[0, 1], [1, 0]]}, "2 stop actions"),
        ({"transition": [[0.9, 0.1], [0, 1]]}, "at rest"),
        ({"continuation": "social", "cost": [[0, 1], [1, 0]]}, "reveals"),
    ],
)
def test_problems_of_another_kind_are_refused(change, complaint):
    arguments = {
        "likelihood": [[0.7, 0.3], [0.3, 0.7]],
        "continue_cost": [0.1, 0.6],
        "stop_cost": [10, 0],
        "discount": 0.9,
    } | change
    problem = CentralControl(**arguments)
    with pytest.raises(ValueError, match=complaint):
        smoothed_cost(problem, 0.5, 0.5, 0.1)


@pytest.mark.parametrize(
    ("prior", "gamma", "tau", "tolerance", "complaint"),
    [
        (0.0, 0.5, 0.1, 1e-9, "prior"),
        (0.5, 1.2, 0.1, 1e-9, "threshold"),
        (0.5, 0.5, -0.1, 1e-9, "temperature"),
        (0.5, 0.5, np.inf, 1e-9, "temperature"),
        (0.5, 0.5, 0.1, 0.0, "tolerance"),
    ],
)
def test_numbers_outside_their_range_are_refused(prior, gamma, tau, tolerance, complaint):
    with pytest.raises(ValueError, match=complaint):
        smoothed_cost(BASE, prior, gamma, tau, tolerance)


def test_refusals_of_the_helpers():
    with pytest.raises(ValueError, match="temperature"):
        best_threshold(BASE, 0.5, 0.0)
    free = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [0, 0], discount=0.9)
    with pytest.raises(ValueError, match="optimum costs"):
        excess_cost(free, 0.5, 0.5)
