"""The softmax with a fixed base rate, and Proposition 5."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.attention import shannon
from llma.attention.closed_forms import switch_off_price
from llma.attention.softmax import at_temperature, own_base, softmax, uniform_base_limit
from llma.experiments import information
from llma.ribum import ChoiceData, nias_slack
from tests.strategies import seeds, simplex_points

positive = st.floats(0.05, 5)


@given(seeds, positive)
@settings(max_examples=40)
def test_maximises_utility_minus_divergence(seed, price):
    rng = np.random.default_rng(seed)
    prior, utility, base = rng.dirichlet(np.ones(3)), rng.random((3, 4)), rng.dirichlet(np.ones(4))
    agent = softmax(prior, utility, price, base)
    for _ in range(5):
        other = rng.dirichlet(np.ones(4), 3)
        divergence = prior @ (other * np.log(other / base)).sum(axis=1)
        assert prior @ (other * utility).sum(axis=1) - price * divergence <= agent.value + 1e-9
    excess = (agent.marginal * np.log(agent.marginal / base)).sum()
    assert agent.divergence == pytest.approx(float(information(prior, agent.choice)) + excess, abs=1e-9)


@given(simplex_points(4), positive)
@settings(max_examples=60)
def test_uniform_base_fails_nias_exactly_above_its_limit(prior, price):
    limit = uniform_base_limit(prior)
    data = ChoiceData(prior, softmax(prior, np.eye(4), price).choice[None])
    slack = nias_slack(data, np.eye(4)).min()
    if price > limit * (1 + 1e-6):
        assert slack < 0
    if price < limit * (1 - 1e-6):
        assert slack >= -1e-15


def test_two_states_fail_exactly_where_attention_ends():
    for q in (0.6, 0.8, 0.95):
        prior = [q, 1 - q]
        assert uniform_base_limit(prior) == pytest.approx(switch_off_price(prior, np.eye(2)), rel=1e-10)
    # With three states an attentive agent gives an action up before the softmax fails.
    prior = np.array([0.5, 0.3, 0.2])
    price = 0.95 * uniform_base_limit(prior)
    assert shannon(prior, np.eye(3), price).dropped.any()


@given(seeds, positive)
@settings(max_examples=30, deadline=None)
def test_own_base_is_rational_and_a_fixed_point(seed, price):
    rng = np.random.default_rng(seed)
    prior, utility = 0.9 * rng.dirichlet(np.ones(3)) + 0.1 / 3, rng.random((3, 3))
    agent = own_base(prior, utility, price)
    again = softmax(prior, utility, price, agent.marginal)
    assert again.choice == pytest.approx(agent.choice, abs=1e-5)
    assert nias_slack(ChoiceData(prior, agent.choice[None]), utility).min() > -1e-10


@given(seeds, positive, positive)
@settings(max_examples=40)
def test_temperature_turns_two_knobs(seed, price, temperature):
    rng = np.random.default_rng(seed)
    prior, utility, base = rng.dirichlet(np.ones(3)), rng.random((3, 4)), rng.dirichlet(np.ones(4))
    sharp = at_temperature(softmax(prior, utility, price, base).choice, temperature)
    tilted = base ** (1 / temperature)
    expected = softmax(prior, utility, price * temperature, tilted / tilted.sum()).choice
    assert sharp == pytest.approx(expected, abs=1e-12)


def test_extremes():
    assert softmax([0.5, 0.5], 1e6 * np.eye(2), 1e-3).choice.tolist() == np.eye(2).tolist()
    assert at_temperature([[1.0, 0.0]], 3).tolist() == [[1, 0]]
    assert uniform_base_limit([0.5, 0.5]) == np.inf
    assert softmax([0.5, 0.5], np.eye(2), 1, [1, 0]).choice.tolist() == [[1, 0], [1, 0]]


def test_bad_input():
    with pytest.raises(ValueError, match="price: is 0"):
        softmax([0.5, 0.5], np.eye(2), 0)
    with pytest.raises(ValueError, match="base: has 3"):
        softmax([0.5, 0.5], np.eye(2), 1, [0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="temperature: is -1"):
        at_temperature([[0.5, 0.5]], -1)
    with pytest.raises(ValueError, match="positive numbers"):
        uniform_base_limit([1.0, 0.0])
