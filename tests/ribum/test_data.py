"""Choice data: Bayes' rule, unused actions, frequencies, and errors that name the culprit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma import ribum
from tests.strategies import beliefs, stochastic_matrices


@given(st.data())
def test_bayes_plausibility(data):
    n_states, n_actions = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 4))
    priors = np.stack([data.draw(beliefs(n_states)) for _ in range(2)])
    choice = np.stack([data.draw(stochastic_matrices(n_states, n_actions)) for _ in range(2)])
    table = ribum.ChoiceData(priors, choice)
    np.testing.assert_allclose(table.marginal.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(np.einsum("mu,mux->mx", table.marginal, table.posteriors), priors, atol=1e-12)
    assert (table.n_environments, table.n_states, table.n_actions) == choice.shape


def test_unused_actions_have_no_posterior():
    table = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [1, 0]]])
    np.testing.assert_array_equal(table.posteriors[0], [[0.5, 0.5], [np.nan, np.nan]])
    np.testing.assert_array_equal(table.used, [[True, False]])


def test_one_prior_serves_all_environments_and_nothing_can_be_changed():
    choice = np.array([[[1.0, 0], [0, 1]], [[1, 0], [1, 0]]])
    table = ribum.ChoiceData([0.25, 0.75], choice)
    np.testing.assert_array_equal(table.priors, [[0.25, 0.75]] * 2)
    choice[0, 0] = 9
    assert table.choice.max() == 1
    for array in (table.priors, table.choice):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_frequencies():
    table = ribum.from_counts([[[3, 1], [0, 4]], [[2, 2], [5, 0]]], [0.3, 0.7])
    np.testing.assert_array_equal(table.choice, [[[0.75, 0.25], [0, 1]], [[0.5, 0.5], [1, 0]]])
    shares = ribum.from_counts([[[3, 1], [0, 4]], [[2, 2], [6, 0]]]).priors
    np.testing.assert_array_equal(shares, [[0.5, 0.5], [0.4, 0.6]])


def test_utilities_of_one_or_all_environments():
    table = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]] * 3)
    one = ribum.utilities([[1, 0], [0, 2]], table)
    np.testing.assert_array_equal(one, [[[1, 0], [0, 2]]] * 3)
    one[0] = 7  # a fresh array, not a view that repeats one row
    assert one[1].max() == 2
    np.testing.assert_array_equal(ribum.utilities(one, table), one)


TABLE = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ribum.ChoiceData([0.5, 0.5], [[1, 0], [0, 1]]), "choice: expected 3 axes, got 2"),
        (lambda: ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0.5, 0.6]]]), r"choice: row \(0, 1\) is"),
        (lambda: ribum.ChoiceData([0.5, 0.4], [[[1, 0], [0, 1]]]), "priors: is .* sums to 0.9"),
        (lambda: ribum.ChoiceData([0.2, 0.3, 0.5], [[[1, 0], [0, 1]]]), "priors: has 3 states; expected 2"),
        (
            lambda: ribum.ChoiceData([[0.5, 0.5]] * 2, [[[1, 0], [0, 1]]]),
            r"shape \(2, 2\); expected \(1, 2\)",
        ),
        (lambda: ribum.ChoiceData([1, 0], [[[1, 0], [0, 1]]]), "state 1 has probability 0 in environment 0"),
        (lambda: ribum.from_counts([[[1, -1], [0, 1]]]), r"counts: entry \(0, 0, 1\) is -1"),
        (lambda: ribum.from_counts([[[1, 0.5], [0, 1]]]), r"counts: entry \(0, 0, 1\) is 0.5"),
        (lambda: ribum.from_counts([[[1, 0], [0, 0]]]), "state 1 was never shown in environment 0"),
        (lambda: ribum.utilities([[1, 0]], TABLE), r"utility: has shape \(1, 2\); expected \(2, 2\)"),
        (lambda: ribum.utilities([[1, np.nan], [0, 1]], TABLE), r"utility: entry \(0, 1\) is nan"),
    ],
)
def test_errors_name_the_culprit(call, message):
    with pytest.raises(ValueError, match=message):
        call()
