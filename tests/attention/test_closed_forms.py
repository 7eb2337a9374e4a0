"""The closed forms against each other; their agreement with the general solver is in test_shannon."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.attention import shannon
from llma.attention.closed_forms import binary, switch_off_price, tracking

gains = st.tuples(st.floats(0.1, 10), st.floats(0.1, 10))
chances = st.floats(0.02, 0.98)


@given(chances, gains)
def test_the_switch_off_price_separates(q, stakes):
    prior, utility = [q, 1 - q], np.diag(stakes)
    limit = switch_off_price(prior, utility)
    if np.isfinite(limit) and limit < 1e6:
        assert binary(prior, utility, 0.999 * limit).looks
        assert not binary(prior, utility, 1.001 * limit).looks


@given(chances)
def test_switch_off_of_tracking(q):
    if abs(q - 0.5) > 1e-3:
        expected = 1 / abs(np.log(q / (1 - q)))
        assert switch_off_price([q, 1 - q], np.eye(2)) == pytest.approx(expected, rel=1e-9)
    assert switch_off_price([0.5, 0.5], np.eye(2)) == np.inf


@given(st.integers(0, 10_000))
def test_the_switch_off_price_of_any_problem(seed):
    rng = np.random.default_rng(seed)
    prior, utility = rng.dirichlet(np.ones(3)), rng.random((3, 4))
    limit = switch_off_price(prior, utility)
    if 0 < limit < 1e3 and prior.min() > 1e-3:
        agent = shannon(prior, utility, [0.99 * limit, 1.01 * limit])
        assert agent.information[0] > 0
        assert agent.information[1] == 0


def test_the_switch_off_price_at_its_ends():
    assert switch_off_price([0.3, 0.7], [[1, 0], [1, 0.5]]) == 0
    assert switch_off_price([0.3, 0.7], [[1, 1], [0, 0]]) == 0
    assert switch_off_price([0.8, 0.2], [[1, 0.8, 0], [0, 0.8, 1]]) == np.inf
    # near indifference, against the expansion 1 / ln((1 + d) / (1 - d)) = 1 / (2 d) + ...
    assert switch_off_price([0.5 + 5e-8, 0.5 - 5e-8], np.eye(2)) == pytest.approx(5e6, rel=1e-6)


@given(gains, st.floats(0.05, 5), st.floats(1.05, 3))
def test_the_interval_shrinks_to_indifference(stakes, price, factor):
    narrow, wide = (binary([0.5, 0.5], np.diag(stakes), p) for p in (factor * price, price))
    indifferent = stakes[1] / sum(stakes)
    assert wide.low <= narrow.low + 1e-15
    assert narrow.low <= indifferent + 1e-12
    assert indifferent <= narrow.high + 1e-12
    assert narrow.high <= wide.high + 1e-15


@given(chances, gains, st.floats(0.05, 5))
def test_posteriors_do_not_depend_on_the_prior(q, stakes, price):
    answer = binary([q, 1 - q], np.diag(stakes), price)
    if answer.looks:
        joint = np.array([[q], [1 - q]]) * answer.choice
        assert joint[0] / joint.sum(axis=0) == pytest.approx([answer.high, answer.low], abs=1e-9)


def test_extreme_prices():
    assert binary([0.6, 0.4], np.eye(2), 1e-4).choice == pytest.approx(np.eye(2))
    assert binary([0.6, 0.4], np.eye(2), np.inf).base.tolist() == [1, 0]
    assert binary([0.5, 0.5], np.eye(2), np.inf).base.tolist() == [0.5, 0.5]
    assert binary([0.2, 0.8], [[1, 0], [0, 5]], np.inf).base.tolist() == [0, 1]
    assert tracking([0.6, 0.4], 1e-4) == pytest.approx([0.6, 0.4])


@given(chances, st.floats(0.05, 5))
def test_tracking_of_two_states(q, price):
    assert tracking([q, 1 - q], price) == pytest.approx(binary([q, 1 - q], np.eye(2), price).base, abs=1e-11)


def test_bad_input():
    with pytest.raises(ValueError, match="in state 1 action 1 is not better"):
        binary([0.5, 0.5], [[1, 0], [1, 0.5]], 1)
    with pytest.raises(ValueError, match="price: is 0"):
        binary([0.5, 0.5], np.eye(2), 0)
    with pytest.raises(ValueError, match="positive numbers"):
        switch_off_price([1.0, 0.0], np.eye(2))
    with pytest.raises(ValueError, match="positive finite"):
        tracking([0.5, 0.5], np.inf)
