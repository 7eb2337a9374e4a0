"""Free utilities: the construction, checked by the conditions themselves, also on unfriendly data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.ribum import ChoiceData, experiment_values, nias_slack, own_values
from llma.ribum.recovery.vacuous import obstacle, rationalise


def margin(data, utility, cost):
    """The smallest slack, by the conditions as printed: loops, nothing shared with the module."""
    slack, own = nias_slack(data, utility), own_values(data, utility)
    values = experiment_values(data, utility)
    rows = []
    for m in range(data.n_environments):
        for u in np.flatnonzero(data.used[m]):
            rows += [slack[m, u, v] for v in range(data.n_actions) if v != u]
        rows += [own[m] - cost[m] - values[m, k] + cost[k] for k in range(data.n_environments) if k != m]
    return min(rows)


@given(st.integers(0, 10_000))
def test_random_data_are_strictly_rational_for_some_utilities(seed):
    rng = np.random.default_rng(seed)
    n, n_states, n_actions = rng.integers(1, 5), rng.integers(2, 5), rng.integers(2, 4)
    priors = rng.dirichlet(5 * np.ones(n_states), size=n)
    data = ChoiceData(priors, rng.dirichlet(np.ones(n_actions), size=(n, n_states)))
    found = rationalise(data)
    assert found.margin > 0
    assert found.margin == pytest.approx(margin(data, found.utility, found.attention_cost), abs=1e-13)
    assert found.utility.min() >= 0
    assert found.utility.max() <= 1 + 1e-12
    assert found.attention_cost.min() == 0


@given(st.integers(0, 10_000))
def test_unused_actions_are_no_obstacle(seed):
    rng = np.random.default_rng(seed)
    choice = rng.dirichlet(np.ones(4), size=(3, 3))
    choice[rng.integers(3), :, rng.integers(4)] = 0
    choice /= choice.sum(axis=2, keepdims=True)
    data = ChoiceData(rng.dirichlet(5 * np.ones(3), size=3), choice)
    found = rationalise(data)
    assert found.margin > 0
    assert margin(data, found.utility, found.attention_cost) > 0


def test_equal_mean_squares_are_separated_by_the_exponential():
    # Same kernel up to the names of the states: |eta|^2 has the same mean in both environments.
    flip = np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.4, 0.6], [0.9, 0.1]]])
    data = ChoiceData([0.5, 0.5], flip)
    squares = [(data.posteriors[m] ** 2).sum(axis=1) @ data.marginal[m] for m in (0, 1)]
    assert squares[0] == pytest.approx(squares[1])
    assert rationalise(data).margin > 0


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ([[[0.5, 0.5], [0.5, 0.5]]], "actions 0 and 1 reveal the same posterior"),
        ([[[0.8, 0.2], [0.3, 0.7]]] * 2, "0 and 1 are the same experiment"),
        (
            [[[0.8, 0.2], [0.3, 0.7]], [[0.2, 0.8], [0.7, 0.3]]],
            "0 and 1 are the same experiment",
        ),
        ([[[0, 0.8, 0.2], [0, 0.3, 0.7]], [[0.2, 0, 0.8], [0.7, 0, 0.3]]], "the same experiment"),
    ],
)
def test_the_two_exceptions(choice, reason):
    data = ChoiceData([0.6, 0.4], choice)
    assert reason in obstacle(data)
    with pytest.raises(ValueError, match=reason):
        rationalise(data)


def test_equal_priors_play_no_part():
    # One kernel under two priors: the laws of posteriors differ, and still no margin is possible.
    kernel = np.random.default_rng(0).dirichlet(np.ones(3), size=3)
    data = ChoiceData([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]], [kernel, kernel])
    assert not np.allclose(data.posteriors[0], data.posteriors[1])
    assert obstacle(data) is not None


def test_nearly_equal_environments_say_so():
    choice = np.array([[[0.8, 0.2], [0.3, 0.7]]] * 2)
    choice[1, 0] += [2e-9, -2e-9]
    with pytest.raises(ValueError, match="too nearly the same"):
        rationalise(ChoiceData([0.5, 0.5], choice))


def test_no_information_at_all():
    data = ChoiceData([0.5, 0.5], [[[1.0, 0.0], [1.0, 0.0]]])
    assert rationalise(data).margin > 0  # the used action is best, the unused one bad
