"""Bayes' rule and its orders: closed forms, the monotone filter on random models, counterexamples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llma.bayes import (
    filter_path,
    filter_step,
    is_tp2,
    merge_observations,
    mlr_dominates,
    posterior,
    predict,
    tp2_minors,
    tp2_violation,
)
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


@settings(max_examples=200, deadline=None)
@given(strategies.tp2_matrices(3, 4), strategies.beliefs(3))
def test_tp2_likelihood_makes_the_posterior_increase(likelihood, belief):
    """Monotone filter (a)."""
    assert is_tp2(likelihood)
    after = posterior(belief, likelihood, np.arange(4))
    assert all(mlr_dominates(after[y + 1], after[y]) for y in range(3))


@settings(max_examples=200, deadline=None)
@given(strategies.stochastic_matrices(3, 3), st.data())
def test_tp2_is_necessary(likelihood, data):
    """Monotone filter (a), converse: a two-point belief on the rows of a negative minor shows it."""
    violation = tp2_violation(likelihood, tolerance=1e-6)
    assume(violation is not None)
    belief = np.zeros(3)
    belief[list(violation.rows)] = 0.5
    low, high = posterior(belief, likelihood, list(violation.columns))
    assert not mlr_dominates(high, low)


@settings(max_examples=200, deadline=None)
@given(strategies.tp2_matrices(3, 3), strategies.tp2_matrices(3, 4), st.data())
def test_tp2_transition_keeps_the_order_of_beliefs(transition, likelihood, data):
    """Monotone filter (b) and (c)."""
    low, high = data.draw(strategies.tp2_matrices(2, 3))
    y = data.draw(st.integers(0, 3))
    assert mlr_dominates(
        filter_step(high, likelihood, y, transition), filter_step(low, likelihood, y, transition)
    )
    seen = np.cumsum([predict(b, transition) @ likelihood for b in (low, high)], axis=1)
    assert np.all(seen[1] <= seen[0] + 1e-12)


def test_highest_flag_may_lower_the_estimate():
    """The means E[x | y] are .667, 1.304, .880 for a likelihood that is not TP2."""
    likelihood = [[0.3, 0.1, 0.6], [0.2, 0.6, 0.2], [0.1, 0.45, 0.45]]
    mean = posterior(np.full(3, 1 / 3), likelihood, [0, 1, 2]) @ np.arange(3)
    np.testing.assert_allclose(mean.round(3), [0.667, 1.304, 0.880])
    violation = tp2_violation(likelihood)
    assert (violation.rows, violation.columns) == ((0, 1), (0, 2))
    np.testing.assert_allclose(violation.minor, 0.3 * 0.2 - 0.6 * 0.2)


def test_transition_that_is_not_tp2_turns_the_order_round():
    """Prior .2 ends at .87 and prior .8 at .45."""
    after = filter_step([[0.8, 0.2], [0.2, 0.8]], [[0.7, 0.3], [0.3, 0.7]], 1, [[0.1, 0.9], [0.9, 0.1]])
    np.testing.assert_allclose(after[:, 1].round(2), [0.87, 0.45])


def test_violations_are_reported_in_order():
    matrix = [[0.5, 0.5], [0.4, 0.6], [0.6, 0.4]]
    assert tp2_violation(matrix).rows == (0, 2)
    np.testing.assert_allclose(tp2_minors(matrix)[:, 0], [0.1, -0.1, -0.2])
    assert tp2_violation([[0.5, 0.5], [0.4, 0.6]]) is None


def test_mlr_is_partial_and_reflexive():
    one, other = [0.4, 0.2, 0.4], [0.3, 0.4, 0.3]
    assert not mlr_dominates(one, other)
    assert not mlr_dominates(other, one)
    assert mlr_dominates(one, one)
    with pytest.raises(ValueError, match="two vectors of one length"):
        mlr_dominates(one, [0.5, 0.5])


@settings(max_examples=50, deadline=None)
@given(strategies.tp2_matrices(3, 4))
def test_merging_neighbours_keeps_tp2(likelihood):
    """Merging adjacent columns preserves the sign of every minor."""
    assert is_tp2(merge_observations(likelihood, [[0], [1, 2], [3]]))


def test_merging_needs_a_partition():
    with pytest.raises(ValueError, match=r"each of 0\.\.2 must stand in exactly one group"):
        merge_observations([[0.2, 0.3, 0.5]], [[0, 1], [1]])


def test_echoes_taken_for_independent_answers():
    """Five copies of one answer with p = .7 give belief .986 instead of .70."""
    belief = filter_path([0.5, 0.5], [[0.7, 0.3], [0.3, 0.7]], [1] * 5)[-1, 1]
    assert round(belief, 3) == 0.986
