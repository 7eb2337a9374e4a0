"""The symmetric sensor in closed form, against the exact solver and exact policy costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.stopping import CentralControl, Interval, policy_cost
from llma.stopping.closed_forms import cost_of_lead, discounted_first_passage, symmetric_threshold


@settings(max_examples=25)
@given(st.floats(0.52, 0.95), st.floats(0.1, 0.97), st.floats(0, 0.5), st.floats(0.05, 2), st.floats(1.1, 30))
def test_threshold_and_value_against_the_solver(
    p: float, discount: float, cheap: float, extra: float, wrong: float
) -> None:
    running, final = [cheap, cheap + extra], [cheap / (1 - discount) + wrong, 0.0]
    problem = CentralControl([[p, 1 - p], [1 - p, p]], running, final, discount)
    solution = problem.solve(1e-7)
    exact = symmetric_threshold(p, running, final, discount)
    low, high = solution.threshold_bounds
    assert low - 1e-9 <= exact <= high + 1e-9
    q = np.linspace(0.05, 0.95, 10)
    costs = {"continue_cost": running, "stop_cost": final, "discount": discount}
    best = cost_of_lead(np.arange(300)[:, None], q, p, **costs).min(axis=0)
    np.testing.assert_allclose(solution.value(np.stack([1 - q, q], axis=1)), best, atol=2e-7)


def test_every_lead_against_the_cost_of_its_region() -> None:
    p, running, final = 0.7, [0.1, 0.6], [10, 0]
    problem = CentralControl([[p, 1 - p], [1 - p, p]], running, final, 0.9)
    for lead in range(5):
        odds = (p / (1 - p)) ** (lead - 0.5)
        cost, _ = policy_cost(problem, (Interval(odds / (1 + odds), 1.0),))
        exact = cost_of_lead(lead, 0.5, p, continue_cost=running, stop_cost=final, discount=0.9)
        assert float(cost.at(0.5)) == pytest.approx(float(exact), abs=2e-8)


def test_limits_of_the_sensor() -> None:
    """Useless: the myopic point. Perfect: the myopic odds over 1 - discount."""
    assert symmetric_threshold(0.5 + 1e-9, [0.1, 0.6], [10, 0], 0.9) == pytest.approx(0.6, abs=1e-6)
    assert symmetric_threshold(1 - 1e-12, [0.1, 0.6], [10, 0], 0.9) == pytest.approx(15 / 16, abs=1e-9)


def test_first_passage_solves_its_equation() -> None:
    for p in (0.55, 0.7, 0.95):
        for rho in (0.2, 0.9, 0.999):
            phi = discounted_first_passage(p, rho)
            for x, up in ((0, 1 - p), (1, p)):
                assert phi[x] == pytest.approx(rho * (up + (1 - up) * phi[x] ** 2), abs=1e-12)
                assert 0 < phi[x] < 1


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match=r"accuracy: is 0\.5; expected a number between"):
        discounted_first_passage(0.5, 0.9)
    with pytest.raises(ValueError, match="discount: is 0; the closed form needs"):
        discounted_first_passage(0.7, 0.0)
    with pytest.raises(ValueError, match="lead: is -1; expected 0 or more"):
        cost_of_lead(-1, 0.5, 0.7, continue_cost=[0, 1], stop_cost=[1, 0], discount=0.9)
    with pytest.raises(ValueError, match=r"delta: is \(0.5, 1\)"):
        symmetric_threshold(0.7, [0.5, 1], [0, 0], 0.9)
    with pytest.raises(ValueError, match="stop_cost: has 3 entries; expected 2"):
        symmetric_threshold(0.7, [0.5, 1], [0, 0, 1], 0.9)
