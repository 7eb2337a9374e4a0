"""The polytope: its forms against NIAS and NIAC in closed form, an LP, and a complete list."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from llma.ribum.conditions import niac_weights, nias_slack, nis_slack
from llma.ribum.data import ChoiceData
from llma.ribum.sampling.polytope import Polytope
from tests.strategies import seeds

SHAPES = [(1, 2, 2), (2, 2, 2), (3, 2, 2), (2, 3, 3), (3, 3, 2), (4, 2, 2), (7, 2, 2)]


def case(seed, shape=None, sharp=True):
    """Return a polytope and a table; sharp tables are nearly rational, so both verdicts occur."""
    rng = np.random.default_rng(seed)
    m, x, u = shape or SHAPES[rng.integers(len(SHAPES))]
    priors = rng.dirichlet(np.full(x, 5.0), size=m)
    if not sharp:
        return Polytope(priors, rng.normal(size=(m, x, u))), rng.dirichlet(np.ones(u), size=(m, x))
    target = np.eye(u)[np.arange(x) % u]
    stakes = np.sort(rng.uniform(1, 10, m))[:, None, None]
    accuracy = rng.uniform(0.7, 1, m)
    if rng.random() < 0.7:
        accuracy = np.sort(accuracy)
    table = accuracy[:, None, None] * target + (1 - accuracy)[:, None, None] / u
    return Polytope(np.full((m, x), 1 / x), stakes * target), table


def by_definition(polytope, table, condition="niac"):
    """NIAS, and the weight of every cycle, from the library's closed forms."""
    data = ChoiceData(polytope.priors, table)
    if (nias_slack(data, polytope.utility) < -1e-10).any():
        return False
    if condition == "nis":
        return bool((nis_slack(data, polytope.utility) >= -1e-10).all())
    weights = niac_weights(data, polytope.utility)
    return all(
        sum(weights[m, k] for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True)) >= -1e-10
        for length in range(2, len(table) + 1)
        for cycle in permutations(range(len(table)), length)
        if cycle[0] == min(cycle)
    )


def by_programme(polytope, table):
    """Costs exist with own_m - c_m >= K_mk - c_k for all m and k, k = m included."""
    weights = polytope.weights(table)
    n = len(weights)
    rows, right = [], []
    for m in range(n):
        for k in range(n):
            row = np.zeros(n)
            row[m] += 1
            row[k] -= 1
            rows.append(row)
            right.append(weights[m, k] + 1e-10)
    found = linprog(np.zeros(n), A_ub=rows, b_ub=right, bounds=[(None, None)] * n)
    assert found.status in (0, 2)
    return found.status == 0


def test_membership_agrees_with_the_definition_and_with_a_programme():
    verdicts = []
    for seed in range(120):
        polytope, table = case(seed, sharp=seed % 3 > 0)
        verdict = polytope.contains(table, 1e-10)
        assert verdict == by_definition(polytope, table) == by_programme(polytope, table)
        assert (not polytope.worst(table)) == verdict
        verdicts.append(verdict)
    assert 0.1 < np.mean(verdicts) < 0.9


def test_the_list_of_all_forms_is_the_polytope():
    verdicts = []
    for seed in range(40):
        for condition in ("niac", "nis"):
            base, table = case(seed, (*SHAPES[seed % 6][:1], 2, 2), sharp=seed % 3 > 0)
            polytope = Polytope(base.priors, base.utility, condition)
            least = min(form.value(table) for form in polytope.forms())
            assert (least >= -1e-10) == by_definition(polytope, table, condition)
            assert polytope.contains(table, 1e-10) == (least >= -1e-10)
            verdicts.append(least >= -1e-10)
    assert 0.1 < np.mean(verdicts) < 0.9


@pytest.mark.parametrize("n_environments", [6, 8, 12])
def test_the_search_by_walks_never_misses_a_violation(n_environments):
    verdicts = []
    for seed in range(40):
        polytope, table = case(seed, (n_environments, 2, 2))
        found = polytope.worst(table, count=1000)
        assert bool(found) != polytope.contains(table)
        for violation in found:
            assert len(set(violation.form.environments)) == len(violation.form.environments)
            np.testing.assert_allclose(violation.form.value(table), violation.value)
            assert violation.value < 0
        verdicts.append(bool(found))
    assert 0.1 < np.mean(verdicts) < 0.9


@settings(max_examples=60)
@given(seeds, st.floats(0, 1))
def test_mixtures_of_rational_tables_are_rational(seed, weight):
    rng = np.random.default_rng(seed)
    n_environments, n_states, n_actions, n_signals = 3, 3, 3, 4
    utility = rng.normal(size=(n_environments, n_states, n_actions))
    polytope = Polytope(rng.dirichlet(np.ones(n_states), size=n_environments), utility)
    tables = []
    for _ in range(2):  # two readers, each with one experiment of its own
        kernel = rng.dirichlet(np.ones(n_signals), size=n_states)
        worth = np.einsum("mx,xy,mxu->myu", polytope.priors, kernel, utility)
        tables.append(np.einsum("xy,myu->mxu", kernel, np.eye(n_actions)[worth.argmax(axis=2)]))
    assert polytope.contains(tables, 1e-12).all()
    assert polytope.contains(weight * tables[0] + (1 - weight) * tables[1], 1e-12)


@settings(max_examples=60)
@given(seeds)
def test_capacity_is_part_of_price(seed):
    base, table = case(seed)
    if Polytope(base.priors, base.utility, "nis").contains(table, 1e-12):
        assert base.contains(table, 1e-10)


def test_the_agent_that_never_looks_is_inside():
    for seed in range(30):
        polytope, _ = case(seed, sharp=False)
        best = polytope.weighted.sum(axis=1).argmax(axis=1)
        table = np.broadcast_to(np.eye(polytope.shape[2])[best][:, None], polytope.shape)
        for condition in ("niac", "nis"):
            assert Polytope(polytope.priors, polytope.utility, condition).contains(table, 1e-12)


def test_a_stack_is_judged_table_by_table():
    polytope, _ = case(3, (3, 2, 2))
    tables = np.random.default_rng(0).dirichlet([1, 1], size=(50, 3, 2))
    assert polytope.contains(tables).tolist() == [polytope.contains(table) for table in tables]


def test_posterior_costs_compare_equal_priors_only():
    stakes = [[[4, 0], [0, 4]], [[1, 0], [0, 1]], [[1, 0], [0, 1]]]
    priors = [[0.5, 0.5], [0.4, 0.6], [0.5, 0.5]]
    noise, good = [[0.6, 0.4], [0.4, 0.6]], [[0.9, 0.1], [0.1, 0.9]]
    across = [noise, good, noise]  # only the environment with another prior looks more
    assert not Polytope(priors, stakes).contains(across)
    assert Polytope(priors, stakes, cost="posterior").contains(across)
    within = Polytope(priors, stakes, cost="posterior").worst([noise, noise, good])
    assert within[0].form.environments == (0, 2)
    listed = Polytope(priors, stakes, cost="posterior").forms()
    assert {form.environments for form in listed} == {(0,), (1,), (2,), (0, 2)}
    many = Polytope(priors * 3, stakes * 3, cost="posterior")
    assert bool(many.worst([noise, noise, good] * 3))
    assert not many.worst(across * 3)


def test_utility_constants_do_not_matter():
    polytope, table = case(5, (3, 2, 2), sharp=False)
    shifted = Polytope(polytope.priors, polytope.utility + 1e8 * np.arange(1, 3)[:, None])
    np.testing.assert_allclose(shifted.weights(table), polytope.weights(table), atol=1e-6)


def test_a_certificate_can_be_recomputed_from_its_maps():
    for seed in range(40):
        base, table = case(seed, SHAPES[seed % 7], sharp=False)
        polytope = Polytope(base.priors, base.utility, ("niac", "nis")[seed % 2])
        for violation in polytope.worst(table, count=5):
            cycle, total = violation.form.environments, 0.0
            pairs = [cycle] if violation.form.envy else zip(cycle, (*cycle[1:], cycle[0]), strict=True)
            pairs = [(cycle[0], cycle[0])] if len(cycle) == 1 else pairs
            for (m, k), replies in zip(pairs, violation.form.maps, strict=True):
                own = (polytope.priors[m][:, None] * table[m] * base.utility[m]).sum()
                other = (polytope.priors[m][:, None] * table[k] * base.utility[m][:, list(replies)]).sum()
                total += own - other
            assert total == pytest.approx(violation.value)


def test_a_signal_that_never_comes_keeps_its_action():
    polytope = Polytope([[0.5, 0.5]] * 2, [np.eye(2), 2 * np.eye(2)])
    never = np.array([[[0.9, 0.1], [0.1, 0.9]], [[1.0, 0.0], [1.0, 0.0]]])
    _, maps = polytope.edges(never)
    np.testing.assert_array_equal(maps, np.broadcast_to([0, 1], (2, 2, 2)))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="state 1 has probability 0 in environment 0"):
        Polytope([[1.0, 0.0]], np.eye(2))
    with pytest.raises(ValueError, match="condition: is 'ria'"):
        Polytope([[0.5, 0.5]], np.eye(2), "ria")
    with pytest.raises(ValueError, match=r"choice: has shape \(1, 2, 3\)"):
        Polytope([[0.5, 0.5]], np.eye(2)).contains(np.ones((1, 2, 3)) / 3)
    with pytest.raises(ValueError, match="use `candidates`"):
        Polytope(np.full((6, 2), 0.5), np.eye(2)).forms()
