"""Laws under a policy against simulation and enumeration; drifts; payments; the published rule."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from llma.incentives import (
    FusionCentre,
    IncentivisedAgents,
    cheapest_reveal,
    drift,
    exact_law,
    least_payments,
    published,
    simulate,
)
from tests.incentives.test_agents import BASE, agents
from tests.strategies import beliefs, costs, stochastic_matrices

WEAK = IncentivisedAgents([[0.6, 0.4], [0.4, 0.6]], (1, 1), cost_gap=0.2, incentive_gap=0.5)


def test_law_against_enumeration_of_all_histories():
    solution = FusionCentre(WEAK, 5.0, 0.0, 0.95).solve(mesh=64)
    law = exact_law(WEAK, solution.incentive, 0.35, 7)
    for x in (0, 1):
        mean, right = np.zeros(7), np.zeros(7)
        for observations in itertools.product((0, 1), repeat=7):
            q, weight = 0.35, 1.0
            for y in observations:
                weight *= WEAK.likelihood[x, y]
            for k, y in enumerate(observations):
                pay = float(solution.incentive(q))
                chosen = WEAK.decision(q, pay)
                mean[k] += weight * pay
                right[k] += weight * (chosen[y] == x)
                if chosen[0] != chosen[1]:
                    odds = q / (1 - q) * WEAK.likelihood[1, y] / WEAK.likelihood[0, y]
                    q = odds / (1 + odds)
        assert law.incentive[:, x] == pytest.approx(mean, abs=1e-9)
        assert law.p_right[:, x] == pytest.approx(right, abs=1e-9)


def test_law_against_simulation():
    centre = FusionCentre(WEAK, 5.0, 0.0, 0.95)
    solution = centre.solve(mesh=64)
    law = exact_law(WEAK, solution.incentive, 0.35, 25)
    for x in (0, 1):
        runs = simulate(centre, solution.incentive, 0.35, (20_000, 25), np.random.default_rng(5), state=x)
        assert runs.incentives.mean(axis=0) == pytest.approx(law.incentive[:, x], abs=0.03)
        assert (runs.actions == x).mean(axis=0) == pytest.approx(law.p_right[:, x], abs=0.015)
        assert runs.beliefs[:, :-1].mean(axis=0) == pytest.approx(law.belief[:, x], abs=0.01)


def test_the_belief_is_a_martingale_under_every_policy():
    solution = FusionCentre(WEAK, 5.0, 0.0, 0.95).solve(mesh=64)
    for policy in (solution.incentive, lambda q: 0.7 * np.ones_like(q), np.zeros_like):
        law = exact_law(WEAK, policy, 0.35, 60)
        assert law.belief @ [0.65, 0.35] == pytest.approx(0.35 * np.ones(60))


def test_simulation_depends_on_the_generator_alone():
    centre = FusionCentre(WEAK, 5.0, 0.0, 0.95)
    first, second = (
        simulate(centre, WEAK.reveal_incentive, 0.4, (50, 20), np.random.default_rng(8)) for _ in range(2)
    )
    assert (first.actions == second.actions).all()
    assert (first.costs == second.costs).all()


def test_pay_by_action_is_paid_only_then():
    lump, action = (FusionCentre(WEAK, 0.0, 0.0, 0.0, pay=pay) for pay in ("lump", "action"))
    runs = [
        simulate(c, WEAK.reveal_incentive, 0.2, (2000, 1), np.random.default_rng(9)) for c in (lump, action)
    ]
    assert (runs[0].costs == runs[0].incentives[:, 0]).all()
    assert (runs[1].costs == runs[1].incentives[:, 0] * runs[1].actions[:, 0]).all()
    assert 0 < runs[1].costs.mean() < runs[0].costs.mean()


def test_bad_sizes():
    with pytest.raises(ValueError, match="n_agents"):
        exact_law(WEAK, np.zeros_like, 0.5, 0)
    with pytest.raises(ValueError, match="size"):
        simulate(FusionCentre(WEAK, 1, 0, 0.5), np.zeros_like, 0.5, (0, 3), np.random.default_rng(1))


@settings(max_examples=60, deadline=None)
@given(agents())
def test_drifts_have_the_signs_of_the_theorem(model):
    q = np.linspace(0.005, 0.995, 199)
    scale = 1e-12 * (model.regrets.sum() + abs(model.cost_gap)) / model.incentive_gap * 10
    low, high = (drift(model, lambda v, y=y: model.indifference(v, y), q) for y in (0, 1))
    assert (high.mixture >= -scale).all()
    assert (low.mixture <= scale).all()
    for step in (low, high):
        assert (step.given[:, 0] >= -scale).all()
        assert (step.given[:, 1] <= scale).all()

    def payment(v):
        yes = model.likelihood[0, 1] * (1 - v) + model.likelihood[1, 1] * v
        return model.indifference(v, 1) * yes

    assert np.abs(drift(model, payment, q).mixture).max() <= scale
    clipped = drift(model, lambda v: np.maximum(payment(v), 0.0), q)
    assert (clipped.mixture >= -scale).all()


def test_drifts_of_the_base_example():
    q = np.linspace(0.005, 0.995, 199)
    step = drift(BASE, lambda v: BASE.indifference(v, 1), q)
    assert [step.mixture.max(), *step.given.max(axis=0), *step.given.min(axis=0)] == pytest.approx(
        [0.131, 0.387, 0.0, 0.0, -0.387], abs=6e-4
    )


def test_truncation_makes_the_drift_negative():
    solution = FusionCentre(BASE, 1.0, 0.0, 0.9).solve(mesh=64)
    step = drift(
        BASE, lambda v: np.where(v >= solution.threshold, BASE.reveal_incentive(v), 0.0), [0.21, 0.25, 0.38]
    )
    assert step.mixture == pytest.approx([-0.86, -0.65, 0.44], abs=5e-3)


def by_linear_program(belief, likelihood, cost, chosen):
    """Least sum of payments as a linear program, or None if there are no payments."""
    joint = belief[:, None] * likelihood
    expected = (joint / joint.sum(axis=0)).T @ cost
    rows, right = [], []
    for y, a in enumerate(chosen):
        for u in range(cost.shape[1]):
            row = np.zeros(cost.shape[1])
            row[u] += 1
            row[a] -= 1
            rows.append(row)
            right.append(expected[y, u] - expected[y, a])
    weights = np.zeros(cost.shape[1])
    weights[list(chosen)] = joint.sum(axis=0)
    found = linprog(weights, A_ub=np.array(rows), b_ub=right, bounds=(0, None), method="highs")
    assert found.status in (0, 2)
    return found.fun if found.status == 0 else None


@settings(max_examples=25, deadline=None)
@given(beliefs(3), stochastic_matrices(3, 3), costs(3, 4))
def test_payments_against_a_linear_program(belief, likelihood, cost):
    weights = belief @ likelihood
    best = np.inf
    for chosen in itertools.permutations(range(4), 3):
        expected = by_linear_program(belief, likelihood, cost, chosen)
        if expected is None:
            with pytest.raises(ValueError, match="no payments work"):
                least_payments(belief, likelihood, cost, chosen)
            continue
        payments = least_payments(belief, likelihood, cost, chosen)
        assert (payments >= 0).all()
        assert expected == pytest.approx(float(weights @ payments[list(chosen)]), abs=1e-6)
        best = min(best, expected)
    assert cheapest_reveal(belief, likelihood, cost).expected_payment == pytest.approx(best, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(agents("high"))
def test_payments_agree_with_the_closed_form(model):
    cost = np.array([[0.0, model.regrets[0] + model.cost_gap], [model.regrets[1], model.cost_gap]])
    for q in (0.05, 0.3, 0.5, 0.7, 0.95):
        payments = least_payments([1 - q, q], model.likelihood, cost, (0, 1))
        signed = (payments[1] - payments[0]) / model.incentive_gap
        assert signed == pytest.approx(float(model.reveal_incentive(q)), abs=1e-9)


def test_bad_assignments():
    tables = [0.5, 0.5], [[0.7, 0.3], [0.3, 0.7]], [[0, 1, 2], [1, 0, 2]]
    with pytest.raises(ValueError, match="expected 2 different actions"):
        least_payments(*tables, (1, 1))
    with pytest.raises(ValueError, match="lowers the sum of costs"):
        least_payments(*tables, (1, 0))
    with pytest.raises(ValueError, match="an action for each observation"):
        cheapest_reveal([0.5, 0.5], [[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]], [[0, 1], [1, 0]])
    many = np.zeros((2, 40))
    with pytest.raises(ValueError, match="assignments"):
        cheapest_reveal([0.5, 0.5], [[0.3, 0.3, 0.2, 0.2], [0.2, 0.2, 0.3, 0.3]], many)


def test_published_rule_against_simulation():
    """The cell of the notebook, drawn at random: numbers as it computes them."""
    rng, n_paths, q = np.random.default_rng(2), 2000, None
    law = published.exact_law(60)
    for x in (0, 1):
        q = np.full(n_paths, 0.5)
        for k in range(60):
            y = (rng.random(n_paths) < (0.7 if x else 0.3)).astype(int)
            u = np.array([published.action(a, b) for a, b in zip(q, y, strict=True)])
            q = np.array([published.public_update(a, b) for a, b in zip(q, u, strict=True)])
            if k in (0, 4, 59):
                assert q.mean() == pytest.approx(law.belief[k, x], abs=0.015)
                assert q.std() == pytest.approx(law.spread[k, x], abs=0.015)


@pytest.mark.parametrize("q", np.linspace(0.03, 0.97, 48).tolist())
def test_published_rule_in_the_matrices_of_the_notebook(q):
    sensor, gain = np.array([[0.7, 0.3], [0.3, 0.7]]), np.eye(2)
    weights, effort = np.array([0.8, 1.3]), np.array([0.1, 0.5])
    public = np.array([1 - q, q])
    for y in (0, 1):
        joint = sensor[:, y] * public
        paid = (10 * joint[0] - 10 * joint[1]) / 0.5 / joint.sum() if public[0] >= 0.4 else 0.0
        # The divisor of the notebook sums over all observations, so it is one.
        private = joint / (sensor.T @ public).sum()
        assert published.incentive(q, y) == pytest.approx(paid)
        assert published.action(q, y) == int(np.argmax(gain.T @ private + weights * paid - effort))
    for u in (0, 1):
        rise = np.eye(2)
        for y in (0, 1):
            scores = gain.T @ (sensor[:, y] * public)
            rise += np.diag(sensor[:, y]) * float(scores[u] >= scores.max())
        later = rise @ public
        assert published.public_update(q, u) == pytest.approx(later[1] / later.sum())


def test_published_rule():
    law = published.exact_law(100)
    assert law.p_opposite[0] == 1.0
    assert law.belief[-1, 1] == pytest.approx(published.limit_belief(), abs=1e-6)
    assert law.p_believed[-1, 1] < 1e-6
    own = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.4, incentive_gap=0.5, tie="own")
    corrected = exact_law(own, own.reveal_incentive, 0.5, 100)
    assert corrected.p_believed[-1].min() > 0.9999
    assert corrected.p_right == pytest.approx(0.7 * np.ones((100, 2)))
