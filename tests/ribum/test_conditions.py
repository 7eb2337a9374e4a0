"""NIAS, NIAC and NIS: definitions by explicit loops, invariances, batches, and the prior."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma import ribum
from llma.ribum import conditions
from tests.strategies import seeds


def random_data(rng, shape=(3, 3, 3), common_prior=False):
    n_environments, n_states, n_actions = shape
    priors = rng.dirichlet(np.ones(n_states), () if common_prior else n_environments)
    choice = rng.dirichlet(np.ones(n_actions), (n_environments, n_states))
    return ribum.ChoiceData(priors, choice), rng.normal(size=shape)


shapes = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))


@given(seeds, shapes)
def test_every_number_is_its_definition(seed, shape):
    data, r = random_data(np.random.default_rng(seed), shape)
    n_environments, n_states, n_actions = shape
    pi, p = data.priors, data.choice
    states, actions = range(n_states), range(n_actions)
    slack, own = ribum.nias_slack(data, r), ribum.own_values(data, r)
    values, nis = ribum.experiment_values(data, r), ribum.nis_slack(data, r)
    weights = ribum.niac_weights(data, r)
    for m in range(n_environments):
        mine = sum(pi[m, x] * p[m, x, u] * r[m, x, u] for x, u in product(states, actions))
        assert own[m] == pytest.approx(mine)
        for u, v in product(actions, actions):
            loss = sum(pi[m, x] * p[m, x, u] * (r[m, x, u] - r[m, x, v]) for x in states)
            assert slack[m, u, v] == pytest.approx(loss, abs=1e-12)
        for k in range(n_environments):
            # Every map from signals to actions, instead of one maximum a signal.
            best = max(
                sum(pi[m, x] * p[k, x, u] * r[m, x, reply[u]] for x, u in product(states, actions))
                for reply in product(actions, repeat=n_actions)
            )
            assert values[m, k] == pytest.approx(best)
            assert nis[m, k] == pytest.approx(mine - best, abs=1e-12)
            assert weights[m, k] == pytest.approx(values[m, m] - values[m, k], abs=1e-12)


@given(seeds)
def test_what_a_prize_for_the_state_and_a_large_constant_change(seed):
    rng = np.random.default_rng(seed)
    data, r = random_data(rng)
    shifted = r + rng.normal(size=(3, 3, 1)) + 1e8
    for function in (ribum.nias_slack, ribum.niac_weights, ribum.nis_slack):
        np.testing.assert_allclose(function(data, shifted), function(data, r), atol=1e-7)
        np.testing.assert_allclose(function(data, 3 * r), 3 * function(data, r), atol=1e-12)


@given(seeds)
def test_own_value_and_nias(seed):
    """K[m, m] exceeds the own value by what the best switches would gain, so NIAS says that they agree."""
    data, r = random_data(np.random.default_rng(seed))
    gains = -ribum.nias_slack(data, r).min(axis=2)  # >= 0 because v = u is among them
    excess = np.diagonal(ribum.experiment_values(data, r)) - ribum.own_values(data, r)
    np.testing.assert_allclose(excess, gains.sum(axis=1), atol=1e-12)


@given(seeds)
def test_relabelled_signals_are_the_same_experiment(seed):
    rng = np.random.default_rng(seed)
    data, r = random_data(rng)
    order = rng.permutation(3)
    moved = ribum.ChoiceData(data.priors, data.choice[:, :, order])
    np.testing.assert_allclose(ribum.niac_weights(moved, r), ribum.niac_weights(data, r), atol=1e-12)


def test_batches_are_loops():
    rng = np.random.default_rng(0)
    choice = rng.dirichlet(np.ones(3), (6, 4, 2))
    priors, r = rng.dirichlet(np.ones(2), 4), rng.normal(size=(4, 2, 3))
    values = conditions.value_matrix(priors, choice, r)
    slack = conditions.slacks(priors[:, :, None] * choice, r)
    for i, table in enumerate(choice):
        data = ribum.ChoiceData(priors, table)
        np.testing.assert_allclose(values[i], ribum.experiment_values(data, r), atol=1e-14)
        np.testing.assert_allclose(slack[i], ribum.nias_slack(data, r), atol=1e-14)
    many = conditions.value_matrix(priors, table, rng.normal(size=(5, 4, 2, 3)))  # utilities vary instead
    assert many.shape == (5, 4, 4)


@given(seeds)
def test_equal_values_give_weights_of_exactly_zero(seed):
    """The same experiment with its signals renamed, in random order of summation, at any scale."""
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(4), 3)
    choice = np.stack([rows[:, rng.permutation(4)] for _ in range(4)])
    data = ribum.ChoiceData(rng.dirichlet(np.ones(3), 4), choice)
    utility = 10.0 ** rng.integers(-6, 7) * rng.normal(size=(4, 3, 4))
    np.testing.assert_array_equal(ribum.niac_weights(data, utility), np.zeros((4, 4)))


def test_unused_actions_are_no_violation():
    data = ribum.ChoiceData([0.9, 0.1], [[[1, 0], [1, 0]]])
    np.testing.assert_allclose(ribum.nias_slack(data, np.eye(2))[0], [[0, 0.8], [0, 0]])


def test_posterior_costs_compare_within_groups_of_equal_priors():
    priors = [[0.5, 0.5], [0.9, 0.1], [0.5 + 4e-10, 0.5 - 4e-10]]
    data = ribum.ChoiceData(priors, [[[1, 0], [0, 1]], [[1, 0], [1, 0]], [[1, 0], [1, 0]]])
    groups = [[True, False, True], [False, True, False], [True, False, True]]
    np.testing.assert_array_equal(ribum.same_prior(data), groups)
    kernel, posterior = (ribum.niac_weights(data, np.eye(2), cost) for cost in ("kernel", "posterior"))
    assert np.isfinite(kernel).all()
    np.testing.assert_array_equal(posterior, np.where(groups, kernel, np.inf))
    values = ribum.experiment_values(data, np.eye(2), "posterior")
    np.testing.assert_array_equal(np.isfinite(values), groups)


@pytest.mark.parametrize("function", [ribum.niac_weights, ribum.experiment_values])
def test_unknown_costs_are_refused(function):
    data = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]])
    with pytest.raises(ValueError, match="cost: is 'shannon'; expected one of 'kernel', 'posterior'"):
        function(data, np.eye(2), cost="shannon")
