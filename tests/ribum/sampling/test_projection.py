"""The projection: against a quadratic programme in cvxpy, isotonic regression, and lists of all forms."""

import cvxpy
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import isotonic_regression
from scipy.stats import chi2

from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import degrees_of_freedom, project, projection_test, studentised_worst
from llma.ribum.sampling.sample import Sample
from tests.strategies import seeds

EYE = np.eye(2)


def case(seed, shape, condition="niac", texts=30):
    rng = np.random.default_rng(seed)
    m, x, u = shape
    polytope = Polytope(rng.dirichlet(np.full(x, 5.0), size=m), rng.normal(size=shape), condition)
    return polytope, Sample(rng.multinomial(texts, rng.dirichlet(np.ones(u), size=(m, x))))


def by_quadratic_programme(sample, polytope):
    """Epigraph form with costs c, no cycles: the programme of the definition."""
    n, n_states, n_actions = polytope.shape
    weighted = polytope.weighted
    tables = [cvxpy.Variable((n_states, n_actions), nonneg=True) for _ in range(n)]
    cost = cvxpy.Variable(n)
    own = [cvxpy.sum(cvxpy.multiply(weighted[m], tables[m])) for m in range(n)]
    conditions = [cvxpy.sum(table, axis=1) == 1 for table in tables] + [cost[0] == 0]
    for m in range(n):
        for k in range(n):
            worth = sum(cvxpy.max(weighted[m].T @ tables[k][:, u]) for u in range(n_actions))
            priced = polytope.condition == "niac"
            conditions.append(own[m] - priced * cost[m] >= worth - priced * cost[k])
    distance = sum(
        cvxpy.sum_squares(
            np.linalg.inv(sample.factors[m, x]) @ (tables[m][x, :-1] - sample.shares[m, x, :-1])
        )
        for m in range(n)
        for x in range(n_states)
    )
    programme = cvxpy.Problem(cvxpy.Minimize(distance), conditions)
    programme.solve(solver=cvxpy.CLARABEL)
    assert programme.status == cvxpy.OPTIMAL
    return programme.value, np.array([table.value for table in tables])


@pytest.mark.parametrize("condition", ["niac", "nis"])
@pytest.mark.parametrize("shape", [(1, 2, 2), (2, 3, 3), (3, 2, 2), (5, 2, 2), (7, 2, 3)])
def test_agrees_with_a_quadratic_programme(shape, condition):
    for seed in range(2):
        polytope, sample = case(seed, shape, condition)
        near = project(sample, polytope)
        distance, table = by_quadratic_programme(sample, polytope)
        assert near.statistic == pytest.approx(distance, rel=1e-6, abs=1e-6)
        np.testing.assert_allclose(near.table, table, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_the_nearest_table_is_rational_and_duality_holds(seed):
    shapes = [(1, 2, 2), (2, 2, 3), (3, 3, 2), (6, 2, 2)]
    polytope, sample = case(seed, shapes[seed % 4], ("niac", "nis")[seed % 2], texts=8)
    near = project(sample, polytope)
    assert near.table.min() >= 0
    np.testing.assert_allclose(near.table.sum(axis=2), 1)
    assert polytope.contains(near.table, 1e-6)
    assert (near.statistic > 1e-12) == (not polytope.contains(sample.shares, 1e-9)) == (near.df > 0)
    if near.df and near.table.min() > 1e-6:
        # The combination of forms is violated by sqrt(T) standard errors; no form alone by more.
        combined = sum(
            weight * form.coefficients / sample.standard_errors(form.coefficients)
            for form, weight in zip(near.forms, near.multipliers, strict=True)
        )
        value = (combined * sample.shares).sum() / sample.standard_errors(combined)
        assert -value == pytest.approx(np.sqrt(near.statistic), rel=1e-5)
        worst = studentised_worst(sample, polytope)
        assert worst.value / worst.standard_error >= value - 1e-6


def test_tracking_with_equal_texts_is_isotonic_regression():
    # Symmetric tracking: NIAC says that accuracy does not fall as stakes rise.
    rng = np.random.default_rng(4)
    stakes = np.array([1.0, 2.0, 3.0, 5.0, 8.0])
    polytope = Polytope(np.full((5, 2), 0.5), stakes[:, None, None] * EYE)
    for _ in range(20):
        hits = rng.integers(60, 95, size=5)
        counts = np.stack(
            [np.stack([hits, 100 - hits], axis=1), np.stack([100 - hits, hits], axis=1)], axis=1
        )
        sample = Sample(counts)
        variance = sample.factors[:, 0, 0, 0] ** 2  # of one share; the two rows of an environment are alike
        fitted = isotonic_regression(hits / 100, weights=1 / variance).x
        near = project(sample, polytope)
        np.testing.assert_allclose(near.table[:, 0, 0], fitted, atol=1e-7)
        assert near.statistic == pytest.approx((2 * (hits / 100 - fitted) ** 2 / variance).sum(), abs=1e-7)
        pooled = (np.diff(fitted) < 1e-9).sum()  # an equality between neighbours is one binding inequality
        assert near.df == (pooled if near.statistic > 0 else 0)


def test_the_p_value_is_that_of_chi_square():
    polytope, sample = case(1, (3, 2, 2))
    near, result = project(sample, polytope), projection_test(sample, polytope, 0.05)
    assert result.p_value == pytest.approx(chi2.sf(near.statistic, near.df))
    assert result.rejected
    np.testing.assert_array_equal(result.table, near.table)
    assert result.certificate.value < 0


@pytest.mark.parametrize("condition", ["niac", "nis"])
def test_degrees_of_freedom_are_the_rank_of_all_binding_forms(condition):
    found = []
    for seed in range(25):
        shape = [(2, 2, 2), (3, 2, 2), (2, 3, 2), (2, 2, 3)][seed % 4]
        polytope, sample = case(seed, shape, condition, texts=100)
        near = project(sample, polytope)
        table = near.table
        listed = [form for form in polytope.forms() if abs(form.value(table)) < 1e-7]
        rows = [sample.whiten(form.coefficients) for form in listed]
        zero = table.ravel() < 1e-7
        rank = np.linalg.matrix_rank(np.array([*rows, *sample.cells[zero]]), tol=1e-6)
        idle = sample.cells[zero & (sample.counts.ravel() == 0)]
        fixed = np.linalg.matrix_rank(idle, tol=1e-6) if len(idle) else 0
        assert degrees_of_freedom(sample, polytope, table) == rank - fixed
        assert near.fixed == fixed
        found.append(rank - fixed)
    assert len(set(found)) > 3


def test_ties_of_best_replies_bind():
    # The signal of environment 1 is worthless in environment 0: two replies to it tie, and both maps bind.
    polytope = Polytope([[0.5, 0.5]] * 2, [EYE, 2 * EYE])
    counts = np.array([[[50, 50], [50, 50]]] * 2)
    sample = Sample(counts)
    forms = [form for form in polytope.forms() if abs(form.value(sample.shares)) < 1e-9]
    rank = np.linalg.matrix_rank(sample.whiten(np.array([form.coefficients for form in forms])), tol=1e-6)
    assert degrees_of_freedom(sample, polytope, sample.shares) == rank == 2


def test_rational_shares_are_at_distance_zero():
    counts = [[[80, 20], [20, 80]], [[90, 10], [10, 90]]]
    polytope = Polytope([[0.5, 0.5]] * 2, [EYE, 4 * EYE])
    near = project(Sample(counts), polytope)
    assert (near.statistic, near.df, near.rounds, near.forms) == (0.0, 0, 0, ())
    np.testing.assert_array_equal(near.table, Sample(counts).shares)
    assert projection_test(Sample(counts), polytope, 0.05).p_value == 1.0


def test_an_action_never_used_is_no_violation_and_costs_no_degree_of_freedom():
    stakes = np.array([1.0, 2.0, 4.0])[:, None, None] * EYE
    used = np.array([[[80, 20], [20, 80]], [[70, 30], [30, 70]]])
    blind = np.array([[[100, 0], [100, 0]]])
    with_blind = project(Sample(np.concatenate([blind, used])), Polytope([[0.65, 0.35]] * 3, stakes))
    without = project(Sample(used), Polytope([[0.65, 0.35]] * 2, stakes[1:]))
    assert with_blind.df == without.df == 1
    assert (with_blind.fixed, without.fixed) == (2, 0)
    assert with_blind.statistic == pytest.approx(without.statistic)
    np.testing.assert_allclose(with_blind.table[0], [[1, 0], [1, 0]], atol=1e-9)


def test_empty_cells_small_rows_and_one_action():
    stakes = np.array([1.0, 4.0])[:, None, None] * EYE
    for counts in ([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], [[[2, 0], [0, 3]], [[1, 1], [1, 0]]]):
        result = projection_test(Sample(counts), Polytope([[0.5, 0.5]] * 2, stakes), 0.05)
        assert 0 < result.p_value <= 1
        assert result.table.min() >= 0
    single = projection_test(Sample([[[5], [4]]] * 2), Polytope([[0.5, 0.5]] * 2, np.ones((2, 2, 1))), 0.05)
    assert (single.statistic, single.p_value) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no text in state 1 of environment 0"):
        project(Sample([[[3, 1], [0, 0]]]), Polytope([[0.5, 0.5]], EYE))


def test_many_environments():
    stakes = np.geomspace(1, 16, 20)[:, None, None] * EYE
    sample = Sample(
        np.random.default_rng(0).multinomial(100, np.tile([[0.9, 0.1], [0.15, 0.85]], (20, 1, 1)))
    )
    polytope = Polytope(np.tile([0.65, 0.35], (20, 1)), stakes)
    near = project(sample, polytope)
    assert polytope.contains(near.table, 1e-6)
    accuracy = near.table[:, [0, 1], [0, 1]] @ [0.65, 0.35]
    assert (np.diff(accuracy) > -1e-7).all()
    assert near.df == (np.diff(accuracy) < 1e-7).sum()
