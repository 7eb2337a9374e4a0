"""Likelihoods from answers: the truth recovered, missing answers, the choice of a method, input checks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.likelihood import LikelihoodModel, encode, fit, patterns

NAN = float("nan")


def independent(rng, n, p):
    """Return answers that are independent given the state, and the states."""
    states = rng.integers(0, len(p), n)
    return (rng.random((n, p.shape[1])) < p[states]).astype(float), states


def echoes(rng, n):
    """Return three copies of one answer, and the states."""
    states = rng.integers(0, 2, n)
    echo = (rng.random(n) < 0.2 + 0.6 * states).astype(float)
    return np.stack([echo] * 3, axis=1), states


def test_counts_add_one_to_each_cell():
    model = fit([[1, 0], [1, 0], [0, 0]], [0, 0, 1], method="counts")
    np.testing.assert_allclose(model.table, [[1 / 6, 3 / 6, 1 / 6, 1 / 6], [2 / 5, 1 / 5, 1 / 5, 1 / 5]])


def test_bernoulli_multiplies_shares():
    model = fit([[1, 0], [1, 1], [0, NAN]], [0, 0, 0], method="bernoulli")
    yes = np.array([2.5 / 4, 1.5 / 3])
    expected = np.prod(np.where(patterns(2) == 1, yes, 1 - yes), axis=1)
    np.testing.assert_allclose(model.table, [expected])


def test_both_methods_find_the_truth_in_many_independent_answers():
    rng, p = np.random.default_rng(0), np.array([[0.2, 0.7, 0.5], [0.6, 0.4, 0.9]])
    bits, states = independent(rng, 60_000, p)
    truth = np.prod(np.where(patterns(3)[None] == 1, p[:, None], 1 - p[:, None]), axis=2)
    for method in ("counts", "bernoulli"):
        np.testing.assert_allclose(fit(bits, states, method=method).table, truth, atol=0.01)


def test_auto_takes_the_method_that_predicts_unseen_texts():
    rng = np.random.default_rng(1)
    independent_model = fit(*independent(rng, 60, np.array([[0.2, 0.7, 0.5, 0.4], [0.6, 0.4, 0.9, 0.3]])))
    assert independent_model.method == "bernoulli"
    echo_model = fit(*echoes(rng, 300))
    assert echo_model.method == "counts"
    assert echo_model.scores["counts"] > echo_model.scores["bernoulli"]
    assert fit(*echoes(rng, 300), rng=np.random.default_rng(2)).method == "counts"


def test_independence_is_overconfident_about_echoes():
    """Three copies of one answer count three times if they are taken to be independent."""
    bits, states = echoes(np.random.default_rng(3), 4000)
    odds = [
        float(np.divide(*fit(bits, states, method=m).of([1, 1, 1])[::-1])) for m in ("counts", "bernoulli")
    ]
    assert 3.0 < odds[0] < 5.0
    assert 40.0 < odds[1] < 90.0


def test_missing_answers_are_marginalised_not_counted_as_no():
    table = np.array([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    model = LikelihoodModel(table, "counts")
    np.testing.assert_allclose(model.of([NAN, 1]), table[:, 2] + table[:, 3])
    np.testing.assert_allclose(model.of([1, NAN]), table[:, 1] + table[:, 3])
    np.testing.assert_array_equal(model.of([NAN, NAN]), [1, 1])
    np.testing.assert_allclose(model.of(patterns(2)), table.T)


@pytest.mark.parametrize("method", ["counts", "bernoulli"])
def test_answers_missing_at_random_do_not_bias(method):
    rng, p = np.random.default_rng(4), np.array([[0.2, 0.7], [0.6, 0.4]])
    bits, states = independent(rng, 40_000, p)
    full = fit(bits, states, method=method).table
    bits[rng.random(bits.shape) < 0.3] = NAN
    np.testing.assert_allclose(fit(bits, states, method=method).table, full, atol=0.012)


def test_expectation_maximisation_reaches_its_fixed_point():
    rng = np.random.default_rng(5)
    bits, states = independent(rng, 80, np.array([[0.2, 0.7, 0.4], [0.6, 0.4, 0.8]]))
    bits[rng.random(bits.shape) < 0.2] = NAN
    table = fit(bits, states, method="counts").table
    total = np.ones_like(table)
    for row, x in zip(bits, states, strict=True):
        fits = (np.isnan(row) | (patterns(3) == row)).all(axis=1)
        total[x] += fits * table[x] / (fits * table[x]).sum()
    np.testing.assert_allclose(table, total / total.sum(axis=1, keepdims=True), atol=1e-8)


def test_a_state_without_texts_says_nothing():
    model = fit([[1], [0]], [0, 0], n_states=2, method="counts")
    np.testing.assert_allclose(model.table[1], 0.5)
    assert model.n_states == 2
    assert model.n_questions == 1


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_encoding_matches_patterns(n_questions, seed):
    every = patterns(n_questions)
    np.testing.assert_array_equal(encode(every), np.arange(2**n_questions))
    rng = np.random.default_rng(seed)
    bits, states = independent(rng, 30, rng.random((2, n_questions)))
    for method in ("counts", "bernoulli"):
        model = fit(bits, states, n_states=2, method=method)
        np.testing.assert_allclose(model.of(bits), model.table.T[encode(bits)], rtol=1e-12)
        np.testing.assert_allclose(model.table.sum(axis=1), 1.0)
        assert np.all(model.table > 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit([[0.5]], [0]), "row 0, question 0 is 0.5"),
        (lambda: fit([[1], [0]], [0]), "expected one state for each of 2 texts"),
        (lambda: fit([[1], [0]], [0, 2], n_states=2), "states: entry 1 is 2"),
        (lambda: fit([[1]], [0]), "'auto' needs at least two texts"),
        (lambda: fit([[1]], [0], method="boltzmann"), "method: is 'boltzmann'"),
        (lambda: fit(np.zeros((2, 13)), [0, 1]), "holds at most 12"),
        (lambda: encode([[1, 0], [NAN, 1]]), "bits: row 1 has no answer somewhere"),
        (lambda: LikelihoodModel([[0.2, 0.3, 0.5]], "counts"), "a power of two"),
        (lambda: LikelihoodModel([[0.5, 0.5]], "counts").of([[0, 1]]), "has 2 questions; expected 1"),
    ],
)
def test_errors_name_the_culprit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_simpler_of_two_equal_methods_is_taken():
    """With one question the Ising model is the independent model."""
    rng = np.random.default_rng(6)
    bits, states = independent(rng, 50, np.array([[0.2], [0.8]]))
    model = fit(bits, states, candidates=("bernoulli", "ising"))
    assert model.scores["ising"] == pytest.approx(model.scores["bernoulli"], abs=1e-6)
    assert model.method == "bernoulli"
    assert set(fit(bits, states).scores) == {"bernoulli", "ising", "counts"}


def test_auto_compares_what_it_is_asked_to():
    bits, states = echoes(np.random.default_rng(7), 60)
    bits[::7, 1] = NAN
    model = fit(bits, states, candidates=["counts", "bernoulli"])
    assert list(model.scores) == ["counts", "bernoulli"]
    for candidates, message in (([], "candidates: is empty"), (["rbm"], "candidates: is 'rbm'")):
        with pytest.raises(ValueError, match=message):
            fit(bits, states, candidates=candidates)


def test_the_score_is_the_held_out_log_probability():
    bits, states = echoes(np.random.default_rng(8), 50)
    order = np.argsort(states, kind="stable")
    fold = np.empty(50, dtype=int)
    fold[order] = np.arange(50) % 5
    for name, score in fit(bits, states).scores.items():
        total = 0.0
        for f in range(5):
            table = fit(bits[fold != f], states[fold != f], n_states=2, method=name).table
            total += np.log(table[states[fold == f], encode(bits[fold == f])]).sum()
        assert score == pytest.approx(total / 50, rel=1e-9)
