"""The box: against cvxpy, exact binomial intervals, and what a confidence box must do."""

import cvxpy
import numpy as np
import pytest
from scipy.stats import binomtest

from llma.ribum.sampling.box import box_p_value, box_test, clopper_pearson, fit_box
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.sample import Sample

EYE = np.eye(2)


def by_cvxpy(polytope, lower, upper):
    """Largest common slack, at most zero, over the tables between the bounds."""
    n, n_states, n_actions = polytope.shape
    weighted = polytope.weighted
    tables = [cvxpy.Variable((n_states, n_actions)) for _ in range(n)]
    cost, slack = cvxpy.Variable(n), cvxpy.Variable()
    own = [cvxpy.sum(cvxpy.multiply(weighted[m], tables[m])) for m in range(n)]
    conditions = [slack <= 0, cost[0] == 0]
    for m in range(n):
        conditions += [tables[m] >= lower[m], tables[m] <= upper[m], cvxpy.sum(tables[m], axis=1) == 1]
        for u in range(n_actions):
            for v in range(n_actions):
                if u != v:
                    conditions.append(tables[m][:, u] @ (weighted[m][:, u] - weighted[m][:, v]) >= slack)
        for k in range(n):
            if k != m:
                worth = sum(cvxpy.max(weighted[m].T @ tables[k][:, u]) for u in range(n_actions))
                priced = polytope.condition == "niac"
                conditions.append(own[m] - priced * cost[m] >= worth - priced * cost[k] + slack)
    programme = cvxpy.Problem(cvxpy.Maximize(slack), conditions)
    programme.solve(solver=cvxpy.CLARABEL)
    assert programme.status == cvxpy.OPTIMAL
    return programme.value


@pytest.mark.parametrize("condition", ["niac", "nis"])
@pytest.mark.parametrize("shape", [(1, 2, 2), (2, 2, 3), (3, 3, 2), (5, 2, 2)])
def test_agrees_with_cvxpy(shape, condition):
    negative = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        m, x, u = shape
        polytope = Polytope(rng.dirichlet(np.full(x, 5.0), size=m), rng.normal(size=shape), condition)
        bounds = clopper_pearson(Sample(rng.multinomial(60, rng.dirichlet(np.ones(u), size=(m, x)))), 0.3)
        fit = fit_box(polytope, *bounds)
        assert fit.slack == pytest.approx(by_cvxpy(polytope, *bounds), abs=1e-6)
        assert (fit.table >= bounds[0] - 1e-9).all()
        assert (fit.table <= bounds[1] + 1e-9).all()
        np.testing.assert_allclose(fit.table.sum(axis=2), 1)
        weights = polytope.weights(fit.table)
        reduced = weights - fit.cost[:, None] + fit.cost[None]
        off = ~np.eye(m, dtype=bool)
        assert reduced[off].min(initial=0) >= fit.slack - 1e-6
        assert polytope.switch_slacks(fit.table).min() >= fit.slack - 1e-6
        negative.append(fit.slack < -1e-6)
    assert any(negative)


def test_one_point_boxes_agree_with_membership():
    verdicts = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        accuracy = rng.uniform(0.6, 1, 3)
        accuracy = np.sort(accuracy) if seed % 2 else accuracy
        table = np.stack([np.stack([accuracy, 1 - accuracy], 1), np.stack([1 - accuracy, accuracy], 1)], 1)
        for condition in ("niac", "nis"):
            stakes = np.array([1.0, 2.0, 4.0])[:, None, None] * EYE
            polytope = Polytope(np.full((3, 2), 0.5), stakes, condition)
            inside = fit_box(polytope, table, table).slack > -1e-8
            assert inside == polytope.contains(table, 1e-7)
            verdicts.append(inside)
    assert 0.1 < np.mean(verdicts) < 0.9


@pytest.mark.parametrize("n_actions", [2, 3])
def test_the_intervals_are_exact_binomial_intervals(n_actions):
    counts = np.random.default_rng(3).multinomial(20, np.ones(n_actions) / n_actions, size=(2, 2))
    counts[0, 0] = [20, *([0] * (n_actions - 1))]
    lower, upper = clopper_pearson(Sample(counts), 0.05)
    share = 4 if n_actions == 2 else 4 * n_actions
    for where in np.ndindex(counts.shape):
        expected = binomtest(int(counts[where]), 20).proportion_ci(1 - 0.05 / share, method="exact")
        assert (lower[where], upper[where]) == pytest.approx((expected.low, expected.high), abs=1e-10)


def test_the_box_holds_the_table_at_its_level():
    rng = np.random.default_rng(0)
    table = np.array([[[0.97, 0.02, 0.01], [0.3, 0.3, 0.4]]])
    inside = 0
    for _ in range(2000):
        lower, upper = clopper_pearson(Sample(rng.multinomial(25, table)), 0.1)
        inside += bool(((lower <= table) & (table <= upper)).all())
    assert inside / 2000 >= 0.9 - 3 * np.sqrt(0.09 / 2000)


def test_rows_without_texts_are_free():
    counts = np.array([[[95, 5], [5, 95]], [[65, 35], [35, 65]], [[0, 0], [0, 0]]])
    lower, upper = clopper_pearson(Sample(counts), 0.05)
    assert not lower[2].any()
    assert (upper[2] == 1).all()
    two = clopper_pearson(Sample(counts[:2]), 0.05)
    np.testing.assert_array_equal(lower[:2], two[0])  # they take no share of the level
    np.testing.assert_array_equal(upper[:2], two[1])
    stakes = np.array([1.0, 4.0, 2.0])[:, None, None] * EYE
    result = box_test(Sample(counts), Polytope(np.full((3, 2), 0.5), stakes), 0.05)
    assert result.rejected
    assert set(result.certificate.form.environments) == {0, 1}
    silent = box_test(Sample(np.zeros((3, 2, 2))), Polytope(np.full((3, 2), 0.5), stakes), 0.05)
    assert not silent.rejected


def test_the_p_value_is_where_the_verdict_turns():
    sample = Sample([[[90, 10], [10, 90]], [[75, 25], [25, 75]]])
    polytope = Polytope(np.full((2, 2), 0.5), np.array([1.0, 4.0])[:, None, None] * EYE)
    p = box_p_value(sample, polytope)
    assert 1e-6 < p < 0.5
    verdicts = [box_test(sample, polytope, level).rejected for level in (p / 10, p * 0.99, p * 1.01, 0.9)]
    assert verdicts == [False, False, True, True]
    assert box_p_value(Sample([[[9, 1], [1, 9]]] * 2), polytope) == 1.0
    far = Sample([[[0, 2000], [2000, 0]]] * 2)
    assert box_p_value(far, polytope) == 1e-12


def test_bad_bounds_are_named():
    polytope = Polytope([[0.5, 0.5]], EYE)
    with pytest.raises(ValueError, match="no choice table lies between"):
        fit_box(polytope, np.full((1, 2, 2), 0.6), np.ones((1, 2, 2)))
