"""The orders behind the monotone filter: the theorem on random models, converses, counterexamples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llma.bayes import (
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
