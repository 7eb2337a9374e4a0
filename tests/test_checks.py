"""Validators: what passes comes back as float64, what fails names its first bad row and value."""

from __future__ import annotations

import numpy as np
import pytest

from llma import checks


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: checks.real_array([1, "a"], "cost"), "cost: expected an array of numbers"),
        (lambda: checks.real_array([[1, 2], [3]], "cost"), "rows of equal length"),
        (lambda: checks.real_array([1, np.nan], "cost"), "cost: entry 1 is nan"),
        (lambda: checks.real_array([[1.0, np.inf]], "cost"), r"cost: entry \(0, 1\) is inf"),
        (lambda: checks.real_array([], "cost"), r"cost: is empty \(shape \(0,\)\)"),
        (lambda: checks.real_array([1.0], "cost", ndim=2), "cost: expected 2 axes, got 1"),
        (lambda: checks.belief([0.5, 0.6]), r"belief: is \[0.5, 0.6\] and sums to 1.1"),
        (lambda: checks.belief([[0.5, 0.5], [0.5, 0.4]]), r"belief: row 1 is \[0.5, 0.4\] and sums to 0.9"),
        (lambda: checks.belief([1.5, -0.5]), "belief: entry 1 is -0.5; a probability cannot be negative"),
        (lambda: checks.belief(1.0), "expected a vector"),
        (lambda: checks.belief([0.5, 0.5], "prior", 3), "prior: has 2 states; expected 3"),
        (
            lambda: checks.stochastic_matrix([[0.5, 0.5], [0.2, 0.7]]),
            r"row 1 is \[0.2, 0.7\] and sums to 0.9",
        ),
        (lambda: checks.stochastic_matrix([[0.5, 0.5]], square=True), "expected a square matrix"),
        (lambda: checks.stochastic_matrix([[0.5, 0.5]], n_rows=2), "has 1 rows; expected 2"),
        (lambda: checks.cost_matrix([[1, 2]], n_states=2), "cost: has 1 rows; expected 2, one a state"),
        (lambda: checks.cost_matrix([[1, 2]], n_actions=3), "cost: has 2 columns; expected 3, one an action"),
        (lambda: checks.choice_table([[[0.5, 0.5], [0.5, 0.6]]]), r"choice: row \(0, 1\) is \[0.5, 0.6\]"),
        (
            lambda: checks.probabilities([0.5, 1.5]),
            "probabilities: entry 1 is 1.5; a probability lies between",
        ),
        (lambda: checks.probabilities([0.5, np.nan]), "entry 1 is nan"),
        (lambda: checks.probabilities([np.nan, -1.0], allow_nan=True), "entry 1 is -1"),
        (lambda: checks.indices([0, 2], "y", 2), "y: entry 1 is 2; expected an integer in 0..1"),
        (lambda: checks.indices([-1], "y", 2), "y: entry 0 is -1"),
        (lambda: checks.indices([0.5], "y", 2), r"y: expected integers in 0..1, got \[0.5\]"),
        (lambda: checks.indices(["a"], "y", 2), "y: expected integers"),
        (lambda: checks.one_of("x", "tie", ("a", "b")), "tie: is 'x'; expected one of 'a', 'b'"),
    ],
)
def test_errors_name_the_culprit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_input_is_copied_and_never_changed():
    original = np.array([[0.5, 0.5], [0.25, 0.75]])
    checked = checks.stochastic_matrix(original)
    checked[0, 0] = 9.0
    np.testing.assert_array_equal(original, [[0.5, 0.5], [0.25, 0.75]])
    assert checks.belief([1, 0]).dtype == np.float64
    assert checks.indices([0.0, 1.0], "y", 2).dtype == np.int64
    assert checks.indices(np.bool_(True), "y", 2) == 1


def test_missing_answers_pass_where_allowed():
    np.testing.assert_array_equal(checks.probabilities([0.5, np.nan], allow_nan=True), [0.5, np.nan])


def test_sums_are_judged_with_the_stated_tolerance():
    checks.belief([0.5, 0.5 + 0.9 * checks.TOLERANCE])
    with pytest.raises(ValueError, match="sums to"):
        checks.belief([0.5, 0.5 + 2 * checks.TOLERANCE])
