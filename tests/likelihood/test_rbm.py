"""Boltzmann machines: hidden units by enumeration, gradients, closed forms, gaps, contrastive divergence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from llma.likelihood import Machine, fit, patterns
from llma.likelihood.answers import tally
from llma.likelihood.rbm import conditional_machine, penalised
from tests.likelihood.test_ising import answers

NAN = float("nan")
MACHINES = ("rbm", "conditional-rbm", "rbm-cd1", "conditional-rbm-cd1")


def enumerated(machine):
    """Return the table by summing over every pattern of hidden units, one by one."""
    n_states, k = machine.visible.shape
    table = np.zeros((n_states, 2**k))
    for x in range(n_states):
        for y, bits in enumerate(patterns(k)):
            for hidden in itertools.product((0, 1), repeat=len(machine.hidden)):
                h = np.array(hidden)
                table[x, y] += np.exp(
                    machine.visible[x] @ bits + h @ (machine.weights @ bits + machine.hidden)
                )
    return table / table.sum(axis=1, keepdims=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_table_is_the_sum_over_hidden_units(k, n_hidden, seed):
    rng = np.random.default_rng(seed)
    machine = Machine(rng.normal(0, 2, (2, k)), rng.normal(0, 2, (n_hidden, k)), rng.normal(0, 2, n_hidden))
    np.testing.assert_allclose(machine.table(), enumerated(machine), rtol=1e-10)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_gradient_against_finite_differences(gaps):
    bits, states = answers(1, gaps=gaps)
    evidence = tally(bits, states, 3)
    point = np.random.default_rng(2).normal(size=3 * 4 + 2 * 4 + 2)
    numeric = approx_fprime(point, lambda t: penalised(t, evidence, 2)[0], 1e-7)
    np.testing.assert_allclose(penalised(point, evidence, 2)[1], numeric, atol=1e-6)


def test_the_value_is_the_log_probability_of_the_answers():
    bits, states = answers(3, gaps=0.3)
    rng = np.random.default_rng(4)
    machine = Machine(rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=2))
    table = enumerated(machine)
    expected = 0.0
    for row, x in zip(bits, states, strict=True):
        inside = (np.isnan(row) | (patterns(4) == row)).all(axis=1)
        expected += np.log(table[x, inside].sum())
    h = machine.visible
    expected -= 0.5 * (np.log1p(np.exp(h)) + np.log1p(np.exp(-h))).sum()
    expected -= (machine.weights**2).sum() / 2 + (machine.hidden**2).sum() / 18
    flat = np.concatenate([machine.visible.ravel(), machine.weights.ravel(), machine.hidden])
    value = penalised(flat, tally(bits, states, 3), 2)[0] * (len(bits) + 1)
    assert value == pytest.approx(expected, rel=1e-10)


def test_a_hidden_unit_learns_an_echo_and_few_texts_are_shrunk_to_independence():
    echo = np.repeat([[0.0] * 3, [1.0] * 3], 300, axis=0)
    zeros = np.zeros(600, dtype=int)
    table = fit(echo, zeros, method="conditional-rbm", rng=np.random.default_rng(0), n_hidden=1).table
    assert table[0, 0] + table[0, 7] > 0.9
    few, none = echo[::150], zeros[::150]
    table = fit(few, none, method="conditional-rbm", rng=np.random.default_rng(0), n_hidden=1).table
    np.testing.assert_allclose(table, fit(few, none, method="bernoulli").table, atol=1e-4)


def test_the_fit_is_a_stationary_point_and_beats_its_start():
    bits, states = answers(5, n=200)
    evidence = tally(bits, states, 3)
    machine = conditional_machine(evidence, 3, np.random.default_rng(6))
    flat = np.concatenate([machine.visible.ravel(), machine.weights.ravel(), machine.hidden])
    value, slope = penalised(flat, evidence, 3)
    assert np.abs(slope).max() < 1e-4
    independent = np.concatenate([machine.visible.ravel(), np.zeros(3 * 4 + 3)])
    assert value >= penalised(independent, evidence, 3)[0]


def test_one_machine_a_state_sees_its_own_texts_only():
    bits, states = answers(7, n=120)
    other = bits.copy()
    other[states == 2] = 1 - other[states == 2]
    tables = [fit(b, states, method="rbm", rng=np.random.default_rng(0)).table for b in (bits, other)]
    np.testing.assert_allclose(tables[0][:2], tables[1][:2])
    assert np.abs(tables[0][2] - tables[1][2]).max() > 0.05


@pytest.mark.parametrize("method", MACHINES)
def test_edges(method):
    """A question that all answer alike, and a state without texts; the same seed gives the same table."""
    bits, states = answers(8)
    bits[:, 1] = 0
    first, second = (
        fit(bits, states, n_states=4, method=method, rng=np.random.default_rng(3)) for _ in range(2)
    )
    np.testing.assert_array_equal(first.table, second.table)
    assert first.method == method
    assert np.all(first.table > 0)
    np.testing.assert_allclose(first.table.sum(axis=1), 1)
    assert np.all(first.table[:3] @ patterns(4)[:, 1] < 0.1)
    if method == "rbm":
        np.testing.assert_allclose(first.table[3], 1 / 16, atol=1e-3)


@pytest.mark.parametrize("method", ["rbm", "conditional-rbm"])
def test_a_row_without_answers_changes_nothing(method):
    bits, states = answers(9)
    tables = [
        fit(b, x, method=method, rng=np.random.default_rng(1)).table
        for b, x in ((bits, states), (np.vstack([bits, [[NAN] * 4]]), np.append(states, 0)))
    ]
    np.testing.assert_allclose(tables[0], tables[1], atol=1e-3)


def test_contrastive_divergence_learns_an_echo():
    echo = np.repeat([[0.0] * 3, [1.0] * 3], 200, axis=0)
    rng = np.random.default_rng(0)
    table = fit(echo, np.zeros(400, dtype=int), method="conditional-rbm-cd1", rng=rng).table
    assert table[0, 0] + table[0, 7] > 0.8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit([[1]], [0], method="rbm"), "rng: method 'rbm' starts at random; pass a generator"),
        (
            lambda: fit([[1, 0], [1, NAN]], [0, 0], method="rbm-cd1", rng=np.random.default_rng(0)),
            "no answer to question 1; contrastive divergence needs complete rows",
        ),
        (
            lambda: fit([[1]], [0], method="rbm", rng=np.random.default_rng(0), n_hidden=0),
            "n_hidden: is 0; expected at least 1",
        ),
        (lambda: Machine([[0, 0]], [[0]], [0]), r"weights: has shape \(1, 1\); expected \(1, 2\)"),
        (lambda: Machine(np.zeros((1, 13)), np.zeros((1, 13)), [0]), "at most 12"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
