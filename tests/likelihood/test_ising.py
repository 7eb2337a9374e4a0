"""The Ising model: closed forms, an independent Newton method, gradients, gaps, edge cases, many texts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import logsumexp

from llma.likelihood import Ising, fit, fit_ising, patterns
from llma.likelihood.answers import tally
from llma.likelihood.ising import penalised
from tests.likelihood.truths import TRUTHS, divergence, sample

NAN = float("nan")


def answers(seed, n_states=3, k=4, n=60, gaps=0.0):
    """Return correlated bits and states."""
    rng = np.random.default_rng(seed)
    states = rng.integers(0, n_states, n)
    mood = rng.normal(size=(n, 1))
    bits = (rng.normal(size=(n, k)) + mood + 0.5 * states[:, None] > 0.4).astype(float)
    bits[rng.random(bits.shape) < gaps] = NAN
    return bits, states


def design(n_states, k):
    """Return the features of every (state, observation) pair, entry by entry, shape (X, 2**K, D)."""
    pairs = [(a, b) for a in range(k) for b in range(a + 1, k)]
    out = np.zeros((n_states, 2**k, n_states * k + len(pairs)))
    for x in range(n_states):
        for y in range(2**k):
            c = [(y >> q & 1) - 0.5 for q in range(k)]
            out[x, y, x * k : (x + 1) * k] = c
            out[x, y, n_states * k :] = [c[a] * c[b] for a, b in pairs]
    return out


def minus_posterior(parameters, bits, states, features, n_fields):
    """Return minus log-likelihood minus log-prior, text by text."""
    energies = features @ parameters
    k = bits.shape[1]
    total = 0.0
    for row, x in zip(bits, states, strict=True):
        inside = [y for y in range(2**k) if all(np.isnan(b) or b == (y >> q & 1) for q, b in enumerate(row))]
        total -= logsumexp(energies[x, inside]) - logsumexp(energies[x])
    h, j = parameters[:n_fields], parameters[n_fields:]
    prior = -0.5 * np.log1p(np.exp(-h)).sum() - 0.5 * np.log1p(np.exp(h)).sum() - 2.0 * (j @ j)
    return total - prior


def newton(bits, states, n_states):
    """Maximise the posterior of complete answers by Newton's method with exact Hessians."""
    k = bits.shape[1]
    features = design(n_states, k)
    n_fields = n_states * k
    t = np.zeros(features.shape[2])
    seen = (bits @ 2 ** np.arange(k)).astype(int)
    for _ in range(50):
        law = np.exp(features @ t - logsumexp(features @ t, axis=1, keepdims=True))
        slope, curve = np.zeros_like(t), np.zeros((t.size, t.size))
        for y, x in zip(seen, states, strict=True):
            mean = law[x] @ features[x]
            slope += features[x, y] - mean
            curve += (features[x] * law[x][:, None]).T @ features[x] - np.outer(mean, mean)
        p = 1 / (1 + np.exp(-t[:n_fields]))
        slope += np.concatenate([0.5 - p, -4 * t[n_fields:]])
        curve += np.diag(np.concatenate([p * (1 - p), np.full(t.size - n_fields, 4.0)]))
        step = np.linalg.solve(curve, slope)
        t = t + step
        if np.abs(step).max() < 1e-12:
            return t, law
    raise AssertionError("Newton's method did not settle")


def parameters_of(law):
    return np.concatenate([law.fields.ravel(), law.couplings[np.triu_indices(law.fields.shape[1], 1)]])


@pytest.mark.parametrize("seed", range(4))
def test_parity_with_newton(seed):
    bits, states = answers(seed)
    law = fit_ising(bits, states)
    expected, table = newton(bits, states, 3)
    np.testing.assert_allclose(parameters_of(law), expected, atol=2e-5)
    np.testing.assert_allclose(law.table(), table, atol=1e-6)
    np.testing.assert_allclose(fit(bits, states, method="ising").table, table, atol=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_parity_with_scipy_on_the_explicit_softmax_with_gaps(seed):
    bits, states = answers(seed, n_states=2, k=3, n=40, gaps=0.25)
    law = fit_ising(bits, states)
    features = design(2, 3)
    found = minimize(minus_posterior, parameters_of(law) * 0, args=(bits, states, features, 6), method="BFGS")
    np.testing.assert_allclose(parameters_of(law), found.x, atol=1e-3)
    assert minus_posterior(parameters_of(law), bits, states, features, 6) <= found.fun + 1e-8


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_gradient_against_finite_differences(gaps):
    bits, states = answers(5, gaps=gaps)
    evidence = tally(bits, states, 3)
    point = np.random.default_rng(0).normal(size=3 * 4 + 6)
    numeric = approx_fprime(point, lambda t: penalised(t, evidence, 0.5)[0], 1e-7)
    np.testing.assert_allclose(penalised(point, evidence, 0.5)[1], numeric, atol=1e-6)
    value = penalised(point, evidence, 0.5)[0] * (len(bits) + 1)
    assert value == pytest.approx(-minus_posterior(point, bits, states, design(3, 4), 12), rel=1e-10)


def test_without_couplings_it_is_the_independent_model():
    bits, states = answers(6, gaps=0.2)
    expected = fit(bits, states, method="bernoulli").table
    np.testing.assert_allclose(fit_ising(bits, states, scale=1e-4).table(), expected, atol=1e-5)
    one = fit(bits[:, :1], states, method="bernoulli").table
    np.testing.assert_allclose(fit_ising(bits[:, :1], states).table(), one, atol=1e-7)


def test_a_coupling_is_the_log_odds_ratio():
    """Two questions, one state, many texts: the table of counts is fitted exactly, up to the prior."""
    counts = np.array([400, 100, 200, 300])
    law = fit_ising(np.repeat(patterns(2), 1000 * counts, axis=0), np.zeros(10**6, dtype=int))
    ratio = np.log(400 * 300 / (100 * 200))
    assert law.couplings[0, 1] == pytest.approx(ratio, abs=1e-3)
    np.testing.assert_allclose(law.table()[0], counts / 1000, atol=1e-4)


def test_a_missing_question_says_nothing():
    """A row without answers, or a question nobody answered, changes no other estimate."""
    bits, states = answers(7)
    law = fit_ising(bits, states)
    more = fit_ising(np.vstack([bits, [[NAN] * 4]]), np.append(states, 0))
    np.testing.assert_allclose(more.table(), law.table(), atol=1e-6)
    wider = fit_ising(np.column_stack([bits, np.full(len(bits), NAN)]), states)
    np.testing.assert_allclose(wider.couplings[4], 0, atol=1e-5)
    np.testing.assert_allclose(wider.table()[:, :16], law.table() / 2, atol=1e-6)


def test_a_constant_question_and_a_state_without_texts():
    bits, states = answers(8)
    bits[:, 2] = 1
    law = fit_ising(bits, states, n_states=4)
    table = law.table()
    assert np.all(np.isfinite(law.fields))
    assert np.all(table > 0)
    assert np.all(table @ patterns(4)[:, 2] > 0.5 - 1e-6)
    np.testing.assert_allclose(law.fields[3], 0, atol=1e-5)
    np.testing.assert_allclose(table[3] @ patterns(4), 0.5, atol=1e-5)
    assert abs(table[3] - 1 / 16).max() > 1e-3  # the couplings are borrowed


def test_the_truth_is_found_in_many_texts():
    table = TRUTHS["pairwise"]
    bits, states = sample(table, 20_000, np.random.default_rng(9))
    assert divergence(table, fit(bits, states, method="ising").table) < 1e-3
    assert divergence(table, fit(bits, states, method="bernoulli").table) > 0.02


def test_twelve_questions():
    bits, states = answers(10, n_states=2, k=12, n=50)
    table = fit(bits, states, method="ising").table
    assert table.shape == (2, 4096)
    np.testing.assert_allclose(table.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_ising([[1], [2]], [0, 0]), "row 1, question 0 is 2"),
        (lambda: fit_ising([[1]], [0], scale=0), "scale: is 0; expected a positive number"),
        (lambda: fit_ising([[1]], [0], n_states=0), "n_states: is 0"),
        (lambda: Ising([[0, 0]], [[0, 1], [2, 0]]), r"entry \(0, 1\) is 1; expected a symmetric"),
        (lambda: Ising([[0, 0]], [[1, 0], [0, 0]]), r"entry \(0, 0\) is 1; .*zero diagonal"),
        (lambda: Ising([[0, 0]], [[0]]), r"expected \(2, 2\)"),
        (lambda: Ising(np.zeros((1, 13)), np.zeros((13, 13))), "at most 12"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
