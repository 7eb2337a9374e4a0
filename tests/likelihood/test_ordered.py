"""TP2 tables by maximum likelihood, exact tests of minors, and the expected divergence of smoothed shares."""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize
from scipy.stats import fisher_exact

from llma.bayes import is_tp2
from llma.likelihood import expected_divergence, fit_ordered, smallest_minor

TP2 = np.array([[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]])


def counts(seed, n=30, shape=(3, 4)):
    rng = np.random.default_rng(seed)
    return np.stack([rng.multinomial(n, rng.dirichlet(np.ones(shape[1]))) for _ in range(shape[0])])


def test_a_sample_that_is_tp2_is_fitted_exactly():
    found = fit_ordered(100 * TP2)
    np.testing.assert_allclose(found.table, TP2, atol=1e-5)
    assert found.ratio < 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_parity_with_a_constrained_search_in_other_coordinates(seed):
    """Free log-probabilities, with the log odds ratios of neighbours as linear constraints."""
    table = counts(seed) + 1
    found = fit_ordered(table)
    assert is_tp2(found.table, 1e-7)
    rows = []
    for x, y in itertools.product(range(2), range(3)):
        row = np.zeros((3, 4))
        row[x, y] = row[x + 1, y + 1] = 1
        row[x, y + 1] = row[x + 1, y] = -1
        rows.append(row.ravel())

    def minus(theta):
        t = theta.reshape(3, 4)
        log_z = np.log(np.exp(t).sum(axis=1))
        p = np.exp(t - log_z[:, None])
        total = table.sum(axis=1)
        return -float((table * t).sum() - total @ log_z), (total[:, None] * p - table).ravel()

    other = minimize(
        minus,
        np.zeros(12),
        jac=True,
        method="SLSQP",
        constraints=[LinearConstraint(np.array(rows), 0, np.inf)],
        options={"maxiter": 500, "ftol": 1e-12},
    )
    mine = float((table * np.log(found.table)).sum())
    assert mine == pytest.approx(-other.fun, abs=1e-4)
    free = float((table * np.log(table / table.sum(axis=1, keepdims=True))).sum())
    assert found.ratio == pytest.approx(2 * (free - mine), abs=1e-6)


@pytest.mark.parametrize("states", [2, 3, 4, 6])
def test_perfect_answers_are_ordered_and_cost_nothing(states):
    """A diagonal table is TP2; its logarithm is infinite, and the search must not stop short of that."""
    found = fit_ordered(1000 * np.eye(states))
    assert found.ratio < 1e-3
    np.testing.assert_allclose(found.table, np.eye(states), atol=2e-6)
    assert is_tp2(found.table, 1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_band_of_counts_that_is_ordered_costs_nothing(seed):
    """Products of TP2 matrices are TP2: here of bidiagonal ones, whole numbers with many empty cells."""
    rng = np.random.default_rng(seed)
    table = np.eye(5)
    for _ in range(2):
        table = table @ (np.diag(rng.integers(1, 9, 5)) + np.diag(rng.integers(0, 9, 4), 1))
    assert (table == 0).sum() > 5
    found = fit_ordered(table)
    assert found.ratio < 1e-3
    np.testing.assert_allclose(found.table, table / table.sum(axis=1, keepdims=True), atol=1e-2)


def test_an_order_upside_down_pools_all_states():
    found = fit_ordered(100 * TP2[::-1])
    np.testing.assert_allclose(found.table, np.tile(TP2.mean(axis=0), (3, 1)), atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_minor_is_fishers(seed):
    table = counts(seed)
    p, rows, columns = smallest_minor(table)
    every = {
        (i, k): fisher_exact(table[np.ix_(i, k)], alternative="less")[1]
        for i in itertools.combinations(range(3), 2)
        for k in itertools.combinations(range(4), 2)
    }
    assert p == pytest.approx(min(every.values()), rel=1e-9)
    assert every[rows, columns] == pytest.approx(p, rel=1e-9)


def test_empty_tables_show_nothing():
    p, rows, columns = smallest_minor([[5, 0, 0], [3, 0, 0], [2, 1, 4]])
    assert 0 < p <= 1
    assert rows[0] < rows[1]
    assert columns[0] < columns[1]


def test_the_exact_test_keeps_its_level():
    """At odds ratio one, by enumeration of all pairs of binomial counts: P(p <= level) <= level."""
    n, share = 8, 0.4
    law = np.array([comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)])
    for level in (0.05, 0.2):
        chance = sum(
            law[a] * law[c]
            for a, c in itertools.product(range(n + 1), repeat=2)
            if smallest_minor([[a, n - a], [c, n - c]])[0] <= level
        )
        assert 0 < chance <= level


def enumerated(p, n, added):
    """Return the expected divergence by summing over all samples."""
    total = 0.0
    for sample in itertools.product(range(len(p)), repeat=n):
        seen = np.bincount(sample, minlength=len(p))
        estimate = (seen + added) / (n + added * len(p))
        total += np.prod(p[list(sample)]) * float((p * np.log(p / estimate)).sum())
    return total


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 4), st.integers(1, 5), st.sampled_from([0.25, 1.0, 2.0]), st.integers(0, 2**32 - 1))
def test_expected_divergence_by_enumeration(size, n, added, seed):
    p = np.random.default_rng(seed).dirichlet(np.ones(size)) * 0.9 + 0.1 / size
    assert expected_divergence(p, n, added) == pytest.approx(enumerated(p, n, added), rel=1e-9)


def test_expected_divergence_in_the_limit_and_at_the_edges():
    p = np.array([0.1, 0.2, 0.3, 0.4])
    assert 2 * 20_000 * expected_divergence(p, 20_000) == pytest.approx(3, rel=2e-3)
    assert expected_divergence(p, 0) == pytest.approx(float((p * np.log(p / 0.25)).sum()))
    assert expected_divergence(p, 50, added=0) == np.inf
    assert expected_divergence([1.0, 0.0], 3) == pytest.approx(np.log(5 / 4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_ordered([[1, 2]]), "expected two states"),
        (lambda: fit_ordered([[1, 2], [3, -1]]), r"entry \(1, 1\) is -1"),
        (lambda: fit_ordered([[1, 2], [0.5, 1]]), r"entry \(1, 0\) is 0.5"),
        (lambda: smallest_minor([[1, 2], [0, 0]]), "state 1 has no texts"),
        (lambda: expected_divergence([0.5, 0.5], 0, added=0), "not both zero"),
        (lambda: expected_divergence([[0.5, 0.5]], 1), "expected one row"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
