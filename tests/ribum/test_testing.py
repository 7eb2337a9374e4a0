"""The test of a known utility: who must pass passes, who must fail fails, and certificates hold by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from llma import ribum
from llma.attention import shannon
from llma.ribum import conditions
from llma.ribum.cycles import cycle_means
from tests.ribum.oracle import (
    HALF,
    THREE_CYCLE_CHOICE,
    THREE_CYCLE_UTILITY,
    exact_value,
    menu_agents,
)
from tests.strategies import seeds


def test_ten_thousand_rational_agents_pass():
    """Kernel costs, priors that differ, random finite menus: all replicates in one call."""
    for n_environments, n_states, n_actions in [(2, 2, 2), (3, 3, 3), (5, 2, 3), (4, 4, 2)]:
        rng = np.random.default_rng(n_environments)
        priors, choice, r, costs = menu_agents(rng, 2500, n_environments, n_states, n_actions)
        values = conditions.value_matrix(priors, choice, r)
        weights = np.diagonal(values, axis1=1, axis2=2)[:, :, None] - values
        assert conditions.slacks(priors[..., None] * choice, r).min() > -1e-12
        assert cycle_means(weights).min() > -1e-12
        # The very costs that the agents paid satisfy every inequality.
        assert (weights - (costs[:, :, None] - costs[:, None])).min() > -1e-12


@settings(max_examples=60)
@given(seeds)
def test_the_result_of_a_rational_agent(seed):
    rng = np.random.default_rng(seed)
    priors, choice, r, costs = menu_agents(rng, 1)
    data = ribum.ChoiceData(priors[0], choice[0])
    result = ribum.test(data, r[0])
    assert result.rational
    assert result.certificate is None
    c = result.attention_cost
    assert (c[:, None] - c[None] <= result.weights + 1e-9).all()
    lower, upper = ribum.cost_bounds(result.weights)
    difference = costs[0][:, None] - costs[0][None]
    assert (lower - 1e-9 <= difference).all()
    assert (difference <= upper + 1e-9).all()
    low, high = ribum.cost_levels(data, r[0])  # no information is on the menu, perhaps at a cost
    assert (low <= high + 1e-9).all()
    np.testing.assert_allclose(low, c, atol=1e-9)


def test_shannon_agents_pass():
    rng = np.random.default_rng(0)
    for _ in range(60):
        prior, price = rng.dirichlet(np.full(3, 2.0)), rng.uniform(0.1, 1.0)
        r = rng.normal(size=(3, 3, 3))
        choice = np.stack([shannon(prior, table, price).choice for table in r])
        data = ribum.ChoiceData(prior, choice / choice.sum(axis=2, keepdims=True))
        result = ribum.test(data, r, cost="posterior")
        assert result.margin > -1e-6  # the forward solver is exact to its own gap
        information = np.array([mutual_information(prior, table) for table in choice])
        difference = price * (information[:, None] - information[None])
        assert (difference <= result.weights + 1e-6).all()


def mutual_information(prior, choice):
    joint = prior[:, None] * choice
    product = prior[:, None] * joint.sum(axis=0)
    some = joint > 0
    return float((joint[some] * np.log(joint[some] / product[some])).sum())


def exists_cost(data, r):
    """Whether costs explain the data, by a linear programme instead of cycles; own values, not K[m, m]."""
    own, values = ribum.own_values(data, r), ribum.experiment_values(data, r)
    n = len(own)
    rows = [np.eye(n)[m] - np.eye(n)[k] for m in range(n) for k in range(n)]
    limits = [own[m] - values[m, k] + 1e-9 for m in range(n) for k in range(n)]
    return linprog(np.zeros(n), np.array(rows), limits).status == 0


def test_verdicts_agree_with_a_linear_programme():
    rng = np.random.default_rng(1)
    verdicts = []
    for _ in range(60):
        priors, choice, r, _ = menu_agents(rng, 1, n_environments=3, n_states=2, n_actions=2)
        if rng.random() < 0.5:
            choice = choice[:, rng.permutation(3)]  # somebody else's attention
        data = ribum.ChoiceData(priors[0], choice[0])
        verdicts.append(ribum.test(data, r[0]).rational)
        assert verdicts[-1] == exists_cost(data, r[0])
    assert 10 < sum(verdicts) < 55


def test_swapped_attention_fails_exactly_when_the_values_say_so():
    """Two rational environments change places, each using the other's experiment as well as it can."""
    rng = np.random.default_rng(2)
    priors, choice, r, _ = menu_agents(rng, 1000, n_environments=2, n_states=2, n_actions=3)
    rejected = differ = 0
    for prior, rows, table in zip(priors, choice, r, strict=True):
        worth = np.einsum("mx,mxu,mxv->muv", prior, rows[::-1], table)
        swapped = rows[::-1] @ np.eye(3)[worth.argmax(axis=2)]  # signals with one best reply merge
        value = [[exact_value(prior[m], swapped[k], table[m]) for k in (0, 1)] for m in (0, 1)]
        gain = value[0][1] + value[1][0] - value[0][0] - value[1][1]
        result = ribum.test(ribum.ChoiceData(prior, swapped), table)
        assert result.switch is None
        assert result.rational == (gain < 1e-8)
        if not result.rational:
            assert result.cycle.total == pytest.approx(-gain)
        rejected += not result.rational
        differ += bool(np.abs(result.weights).max() > 1e-9)
    # In most pairs the experiments, as used after the swap, are worth the same in both environments.
    assert (rejected, differ) == (107, 151)


def test_three_cycle_although_every_pair_passes():
    data = ribum.ChoiceData([0.5, 0.5], np.array(THREE_CYCLE_CHOICE, dtype=float))
    result = ribum.test(data, THREE_CYCLE_UTILITY)
    expected = [[1, 1, 1], [1, 20 / 13, 0.5], [0.5, 37 / 26, 0.5]]
    np.testing.assert_allclose(ribum.experiment_values(data, THREE_CYCLE_UTILITY), expected)
    assert not result.rational
    assert result.switch is None
    assert result.cycle.environments == (0, 2, 1)
    for m, k in [(0, 1), (0, 2), (1, 2)]:
        assert result.weights[m, k] + result.weights[k, m] >= 0
    # The same with fractions, from nothing but the tables.
    prior = [HALF, HALF]
    exact = [
        [exact_value(prior, choice, table) for choice in THREE_CYCLE_CHOICE] for table in THREE_CYCLE_UTILITY
    ]
    losses = [exact[m][m] - exact[m][k] for m, k in pairwise((0, 2, 1, 0))]
    assert sum(losses) == Fraction(-5, 13)
    assert result.cycle.total == pytest.approx(-5 / 13)
    np.testing.assert_allclose(result.cycle.weights, [float(loss) for loss in losses], atol=1e-15)
    assert str(result.cycle) == (
        "Let 0 take the attention of 2, 2 that of 1, 1 that of 0: they lose 0, -0.923077, 0.538462 of "
        "utility, -0.384615 together, and the bill for attention stays the same."
    )
    assert np.isnan(result.attention_cost).all()


@settings(max_examples=60)
@given(seeds)
def test_certificates_hold_by_hand(seed):
    """Random choices are usually irrational. Whatever the result names is checked with exact fractions."""
    rng = np.random.default_rng(seed)
    shares = rng.integers(1, 9, (3, 2, 2))
    priors = [[Fraction(int(a), 10), 1 - Fraction(int(a), 10)] for a in rng.integers(1, 10, 3)]
    choice = [[[Fraction(int(c), int(row.sum())) for c in row] for row in table] for table in shares]
    r = [[[int(v) for v in row] for row in table] for table in rng.integers(-3, 4, (3, 2, 2))]
    data = ribum.ChoiceData(np.array(priors, dtype=float), np.array(choice, dtype=float))
    result = ribum.test(data, r)
    if result.switch is not None:
        m, u, v = result.switch.environment, result.switch.action, result.switch.instead
        loss = sum(priors[m][x] * choice[m][x][u] * (r[m][x][u] - r[m][x][v]) for x in range(2))
        assert loss < 0
        assert result.switch.slack == pytest.approx(float(loss))
    if result.cycle is not None:
        around = (*result.cycle.environments, result.cycle.environments[0])
        losses = [
            exact_value(priors[m], choice[m], r[m]) - exact_value(priors[m], choice[k], r[m])
            for m, k in pairwise(around)
        ]
        assert sum(losses) < 0
        assert result.cycle.total == pytest.approx(float(sum(losses)))
    assert result.rational == (result.switch is None and result.cycle is None)
    assert result.rational == (result.margin >= -1e-9)


def naive_matrix(data, r):
    """Carry the posteriors of k to m with the weights they had in k, whatever the prior of m."""
    posteriors = np.nan_to_num(data.posteriors)
    worth = np.einsum("kux,mxv->mkuv", posteriors, r).max(axis=-1)
    return (data.marginal[None] * worth).sum(axis=-1)


def test_posteriors_must_not_be_carried_to_another_prior():
    """An agent that never looks, and never should, is convicted by the naive matrix."""
    r = np.array([np.eye(2), np.eye(2) / 2])
    data = ribum.ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1, 0], [1, 0]]] * 2)
    naive = naive_matrix(data, r)
    cycle = naive[0, 0] - naive[0, 1] + naive[1, 1] - naive[1, 0]
    assert cycle == pytest.approx(-0.2)
    for cost in ("kernel", "posterior"):
        result = ribum.test(data, r, cost=cost)
        assert result.rational
        np.testing.assert_array_equal(result.attention_cost, [0, 0])


def test_how_often_the_naive_matrix_convicts_rational_agents():
    rng = np.random.default_rng(3)
    priors, choice, r, _ = menu_agents(rng, 300, n_environments=3, n_states=2, n_actions=2)
    naive = 0
    for prior, rows, table in zip(priors, choice, r, strict=True):
        data = ribum.ChoiceData(prior, rows)
        assert ribum.test(data, table).rational
        matrix = naive_matrix(data, table)
        naive += float(cycle_means(np.diagonal(matrix)[:, None] - matrix)) < -1e-9
    assert naive > 100


def test_equality_is_no_violation():
    """Always the same experiment, at every stake: all cycles are zero, up to rounding."""
    rng = np.random.default_rng(4)
    for scale in (1e-6, 1.0, 1e6):
        for _ in range(20):
            n_environments = 6
            stakes = scale * rng.uniform(0.1, 10, (n_environments, 1, 1))
            p, q = rng.uniform(0.5, 1, 2)
            data = ribum.ChoiceData([0.5, 0.5], [[[p, 1 - p], [1 - q, q]]] * n_environments)
            result = ribum.test(data, stakes * np.eye(2))
            assert result.rational
            np.testing.assert_allclose(result.attention_cost, 0, atol=1e-12 * scale)
            assert len([line for line in result.notes if "same experiment" in line]) == 15
            bad = ribum.ChoiceData([0.5, 0.5], [[[1 - p, p], [q, 1 - q]]] * n_environments)
            assert not ribum.test(bad, stakes * np.eye(2)).rational


def test_a_small_environment_is_not_forgiven_for_a_large_one():
    """Tolerances go with the stake of each environment."""
    look, guess = [[1, 0], [0, 1]], [[0, 1], [1, 0]]
    data = ribum.ChoiceData([0.5, 0.5], [look, guess])
    result = ribum.test(data, np.array([1e9, 1e-3])[:, None, None] * np.eye(2))
    assert not result.rational
    assert result.switch.environment == 1


def test_with_one_environment_only_nias_counts():
    data = ribum.ChoiceData([0.8, 0.2], [[[0.5, 0.5], [0.0, 1.0]]])
    result = ribum.test(data, np.eye(2))
    assert str(result.certificate) == "In environment 0, doing 0 whenever 1 was done would gain 0.2."
    assert result.margin == pytest.approx(-0.2)
    assert "With one environment NIAC is empty." in result.notes
    assert str(result).startswith("not rational (margin -0.2)\nIn environment 0")
    alone = ribum.test(ribum.ChoiceData([1.0], [[[1.0]]]), [[0.0]])
    assert alone.rational
    assert alone.margin == np.inf


def test_prior_groups():
    """With costs on posteriors, environments of different priors are not compared; NIAS always counts."""
    full, none = [[1, 0], [0, 1]], [[1, 0], [1, 0]]
    r = np.array([4.0, 1.0])[:, None, None] * np.eye(2)
    priors = [[0.5, 0.5], [0.55, 0.45]]
    data = ribum.ChoiceData(priors, [none, full])  # reads where little is at stake
    assert not ribum.test(data, r).rational
    apart = ribum.test(data, r, cost="posterior")
    assert apart.rational
    assert apart.notes[1:] == (
        "No environment has the prior of environment 0: NIAC says nothing about it.",
        "No environment has the prior of environment 1: NIAC says nothing about it.",
    )
    together = ribum.ChoiceData([0.5, 0.5], [none, full])
    assert not ribum.test(together, r, cost="posterior").rational


@settings(max_examples=60)
@given(seeds)
def test_fixed_capacity_agents_pass_nis(seed):
    """Free choice from one menu. The best item may differ between environments."""
    rng = np.random.default_rng(seed)
    priors, utility = rng.dirichlet(np.ones(2), 4), rng.normal(size=(4, 2, 3))
    menu = rng.dirichlet(np.full(3, 0.5), (3, 2))
    worth = np.einsum("mx,kxy,mxv->mkyv", priors, menu, utility)
    best = worth.max(axis=-1).sum(axis=-1).argmax(axis=1)
    reply = np.eye(3)[worth.argmax(axis=-1)[np.arange(4), best]]  # (M, Y, U)
    data = ribum.ChoiceData(priors, menu[best] @ reply)
    result = ribum.nis(data, utility)
    assert result.rational
    assert result.certificate is None
    assert ribum.test(data, utility).rational  # a capacity is a cost that is 0 or infinite


@settings(max_examples=60)
@given(seeds)
def test_what_nis_names_is_envy(seed):
    rng = np.random.default_rng(seed)
    priors, choice, r, _ = menu_agents(rng, 1)
    data = ribum.ChoiceData(priors[0], choice[0])
    result = ribum.nis(data, r[0])
    own, values = ribum.own_values(data, r[0]), ribum.experiment_values(data, r[0])
    assert result.rational == bool((own[:, None] >= values - 1e-8).all())
    if not result.rational:
        m, k = result.certificate.environment, result.certificate.envied
        assert own[m] - values[m, k] == pytest.approx(result.certificate.slack)
        assert result.certificate.slack < 0


def test_nis_includes_nias():
    data = ribum.ChoiceData([0.8, 0.2], [[[0.5, 0.5], [0.0, 1.0]]] * 2)
    result = ribum.nis(data, np.eye(2))
    assert str(result).splitlines() == [
        "does not fit a fixed capacity (margin -0.2)",
        "In environment 0, doing 0 whenever 1 was done would gain 0.2.",
    ]
