"""Bayes' rule: closed forms, laws of averages, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.bayes import filter_path, filter_step, merge_observations, posterior, predict
from tests import strategies


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_posterior_is_a_belief_and_averages_to_the_prior(n_states, n_observations, data):
    belief = data.draw(strategies.beliefs(n_states))
    likelihood = data.draw(strategies.stochastic_matrices(n_states, n_observations))
    after = posterior(belief, likelihood, np.arange(n_observations))
    np.testing.assert_allclose(after.sum(axis=1), 1.0)
    np.testing.assert_allclose((belief @ likelihood) @ after, belief)


def test_posterior_broadcasts():
    likelihood = [[0.7, 0.3], [0.3, 0.7]]
    beliefs = np.array([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]])
    together = posterior(beliefs, likelihood, [0, 1, 1])
    np.testing.assert_array_equal(
        together, [posterior(b, likelihood, y) for b, y in zip(beliefs, (0, 1, 1), strict=True)]
    )
    assert posterior([0.5, 0.5], likelihood, [[0, 1, 0]]).shape == (1, 3, 2)


def test_impossible_observation_is_named():
    with pytest.raises(ValueError, match="y: observation 1 has probability 0"):
        posterior([[0.5, 0.5], [1.0, 0.0]], [[1.0, 0.0], [0.5, 0.5]], [0, 1])


def test_filter_is_prediction_then_bayes():
    transition, likelihood = np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([[0.8, 0.2], [0.4, 0.6]])
    prior = np.array([0.6, 0.4])
    ahead = prior @ transition
    np.testing.assert_allclose(predict(prior, transition), ahead)
    expected = likelihood[:, 1] * ahead / (likelihood[:, 1] @ ahead)
    np.testing.assert_allclose(filter_step(prior, likelihood, 1, transition), expected)
    np.testing.assert_allclose(filter_path(prior, likelihood, [1], transition), [prior, expected])


def test_transition_that_is_not_tp2_turns_the_order_round():
    """Prior .2 ends at .87 and prior .8 at .45."""
    after = filter_step([[0.8, 0.2], [0.2, 0.8]], [[0.7, 0.3], [0.3, 0.7]], 1, [[0.1, 0.9], [0.9, 0.1]])
    np.testing.assert_allclose(after[:, 1].round(2), [0.87, 0.45])


def test_merging_needs_a_partition():
    with pytest.raises(ValueError, match=r"each of 0\.\.2 must stand in exactly one group"):
        merge_observations([[0.2, 0.3, 0.5]], [[0, 1], [1]])


def test_echoes_taken_for_independent_answers():
    """Five copies of one answer with p = .7 give belief .986 instead of .70."""
    belief = filter_path([0.5, 0.5], [[0.7, 0.3], [0.3, 0.7]], [1] * 5)[-1, 1]
    assert round(belief, 3) == 0.986
