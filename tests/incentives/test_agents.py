"""Theorem 11: the least incentive that makes the action reveal the observation."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.incentives import TIES, IncentivisedAgents
from llma.social import SocialLearning
from tests.incentives.oracle import bayes, reveals_by_brute_force

BASE = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)


@st.composite
def agents(draw, tie=None):
    low = draw(st.floats(0.02, 0.9))
    high = draw(st.floats(low + 0.02, 0.98))
    regrets = draw(st.floats(0.2, 3)), draw(st.floats(0.2, 3))
    gap = draw(st.floats(-0.95, 0.95))
    gap = gap * (regrets[1] if gap > 0 else regrets[0])
    worth = draw(st.floats(0.2, 3))
    rule = tie or draw(st.sampled_from(TIES))
    return IncentivisedAgents([[1 - low, low], [1 - high, high]], regrets, gap, worth, tie=rule)


@settings(max_examples=60, deadline=None)
@given(agents("high"), st.floats(0.02, 0.98))
def test_least_incentive_against_brute_force(model, q):
    step = 1e-4 * float(model.indifference(q, 0) - model.indifference(q, 1) + 1)
    grid = np.arange(-20_000, 20_001) * step
    ok = reveals_by_brute_force(model, q, grid)
    least = float(model.reveal_incentive(q))
    if not ok.any():
        width = float(model.indifference(q, 0) - model.indifference(q, 1))
        assert width < step or abs(least) > grid[-1] - step
        return
    found = grid[ok][np.abs(grid[ok]).argmin()]
    assert abs(found) >= abs(least) - 1e-9
    assert abs(found - least) <= step + 1e-9


@settings(max_examples=100, deadline=None)
@given(agents(), st.floats(0.01, 0.99))
def test_what_is_attained(model, q):
    least = model.reveal_incentive(q)
    if model.attained(q):
        assert model.reveals(q, least)
    else:
        assert not model.reveals(q, least)
        assert model.tie != "own"
        assert (least <= 0) if model.tie == "high" else (least >= 0)
    assert model.reveals(q, model.reveal_incentive(q, slack=1e-6))


@settings(max_examples=100, deadline=None)
@given(agents(), st.floats(0.01, 0.98), st.floats(0.001, 0.01))
def test_indifference_falls_in_the_belief_and_in_the_observation(model, q, step):
    for y in (0, 1):
        assert model.indifference(q + step, y) < model.indifference(q, y)
    assert model.indifference(q, 1) < model.indifference(q, 0)


@settings(max_examples=60, deadline=None)
@given(agents(), st.floats(-2, 2))
def test_learning_region_is_where_the_action_reveals(model, pay):
    region = model.learning_region(pay)
    q = np.linspace(0.005, 0.995, 199)
    near = np.zeros(len(q), dtype=bool)
    if not region.empty:
        near = (np.abs(q - region.lower) < 1e-6) | (np.abs(q - region.upper) < 1e-6)
    inside = np.array([v in region for v in q])
    assert (model.reveals(q, pay) == inside)[~near].all()


@pytest.mark.parametrize("tie", TIES)
def test_without_pay_it_is_social_learning(tie):
    model = IncentivisedAgents([[0.8, 0.2], [0.4, 0.6]], (1.5, 1.0), tie=tie)
    # The tie rule "high" is the mirror image of "low": swap the states, the observations and the actions.
    if tie == "high":
        row = SocialLearning([[0.6, 0.4], [0.2, 0.8]], [[0, 1.0], [1.5, 0]], tie="low")
        region, mine = row.cascade_region(), model.learning_region()
        assert (1 - region.upper, 1 - region.lower) == pytest.approx((mine.lower, mine.upper))
        assert (region.upper_closed, region.lower_closed) == (mine.lower_closed, mine.upper_closed)
    else:
        row = SocialLearning([[0.8, 0.2], [0.4, 0.6]], [[0, 1.5], [1.0, 0]], tie=tie)
        assert str(row.cascade_region()) == str(model.learning_region())


def test_base_example():
    assert str(BASE.learning_region()) == "[0.391304, 0.777778)"
    exercise = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), incentive_gap=0.5)
    eta = bayes(F(1, 5), [[F(7, 10), F(3, 10)], [F(3, 10), F(7, 10)]], 1)
    assert eta == F(7, 19)
    assert float(exercise.reveal_incentive(0.2)) == pytest.approx(float((1 - 2 * eta) * 2))
    assert float(exercise.reveal_incentive(1e-9)) == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize(
    ("tie", "ends"), [("high", (True, False)), ("low", (False, True)), ("own", (True, True))]
)
def test_ends_of_the_learning_region(tie, ends):
    model = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), tie=tie)
    assert tuple(bool(v) for v in model.reveals([0.3, 0.7], 0.0)) == ends


def test_action_likelihood():
    table = BASE.action_likelihood([0.2, 0.2, 0.5, 0.95], [0.5, 1.0, 0.0, 0.0])
    assert table[0].tolist() == [[1, 0], [1, 0]]
    assert table[1] == pytest.approx(BASE.likelihood)
    assert table[2] == pytest.approx(BASE.likelihood)
    assert table[3].tolist() == [[0, 1], [0, 1]]


def test_buy_out():
    for q in (0.1, 0.5, 0.7, 0.9):
        up, down = (float(BASE.buy_out_incentive(q, u)) for u in (1, 0))
        assert BASE.decision(q, up).tolist() == [1, 1]
        assert BASE.decision(q, down - 1e-6).tolist() == [0, 0]
        assert up == 0 or BASE.decision(q, up - 1e-6).tolist() != [1, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"likelihood": [[0.3, 0.7], [0.7, 0.3]]}, "swap the columns"),
        ({"likelihood": [[1.0, 0.0], [0.3, 0.7]]}, r"entry \(0, 1\) is 0"),
        ({"likelihood": [[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]}, "least_payments"),
        ({"regrets": (1, 0)}, "two positive numbers"),
        ({"cost_gap": 1.0}, "strictly between -1 and 1"),
        ({"incentive_gap": 0.0}, "moves nobody"),
        ({"tie": "coin"}, "expected one of 'high', 'low', 'own'"),
    ],
)
def test_bad_input(change, message):
    good = {"likelihood": [[0.7, 0.3], [0.3, 0.7]], "regrets": (1, 1)}
    with pytest.raises(ValueError, match=message):
        IncentivisedAgents(**(good | change))


def test_certain_beliefs_are_refused():
    for q in (0.0, 1.0):
        with pytest.raises(ValueError, match="strictly between 0 and 1"):
            BASE.reveal_incentive(q)
    with pytest.raises(ValueError, match="slack"):
        BASE.reveal_incentive(0.5, slack=1.0)
