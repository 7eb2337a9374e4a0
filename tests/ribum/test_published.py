"""The published programme accepts all data: theorem, its one exception, and a second model."""

import cvxpy as cp
import numpy as np
import pytest

from llma.ribum import ChoiceData, experiment_values, nias_slack, published


def agents(name, rng):
    """Choice tables (3, 3, 3) of agents that should, and should not, pass a test."""
    good = 0.6 * np.eye(3) + 0.4 / 3
    noise = rng.dirichlet(np.ones(3), size=(3, 3))
    mixes = [0.3, 0.6, 0.9]
    return {
        "random": noise,
        "rises": np.array([t * np.eye(3) + (1 - t) / 3 for t in mixes]),
        "inverse": np.array([t * np.eye(3) + (1 - t) / 3 for t in mixes[::-1]]),
        "opposite": np.array([t * np.eye(3)[:, [1, 2, 0]] + (1 - t) / 3 for t in mixes]),
        "identical": np.array([good] * 3),
    }[name]


@pytest.mark.parametrize("name", ["random", "rises", "inverse", "opposite", "identical"])
def test_it_gives_full_marks_to_everything(name):
    found = published.max_margin(agents(name, np.random.default_rng(1)))
    assert found.nias_margin == pytest.approx(10)
    assert found.niac_margin == pytest.approx(10)


def test_its_niac_rows_hold_for_any_data_and_utilities_once_costs_are_large():
    rng = np.random.default_rng(2)
    for _ in range(50):
        m, x, u = rng.integers(2, 5), rng.integers(2, 5), rng.integers(2, 5)
        choice, utility = rng.dirichlet(np.ones(u), size=(m, x)), rng.normal(size=(m, x, u))
        cost = (np.ptp(utility) + 2 * np.abs(utility).max() + 10) / (1 + u) * np.ones(m)
        left = published.niac_left_side(choice, utility, cost)
        assert (left[~np.eye(m, dtype=bool)] <= -10 + 1e-9).all()


def test_proportional_columns_are_the_one_exception():
    choice = [[[0.5, 0.5], [0.5, 0.5]], [[0.7, 0.3], [0.2, 0.8]]]
    found = published.max_margin(choice)
    assert found.nias_margin == pytest.approx(0, abs=1e-9)
    assert found.niac_margin == pytest.approx(10)


def test_the_solution_satisfies_the_rows():
    rng = np.random.default_rng(3)
    choice = rng.dirichlet(np.ones(3), size=(3, 4))
    found = published.max_margin(choice)
    left = published.niac_left_side(choice, found.utility, found.attention_cost)
    assert (left[~np.eye(3, dtype=bool)] <= -found.niac_margin + 1e-6).all()
    for m in range(3):
        for u in range(3):
            for v in set(range(3)) - {u}:
                gain = choice[m, :, u] @ (found.utility[m, :, u] - found.utility[m, :, v])
                assert gain >= found.nias_margin - 1e-6


def second_model(choice, priors, repaired=()):
    """The same programme in cvxpy with nested maxima: subtract the cost after each candidate action."""
    costs, weights = "costs" in repaired, "weights" in repaired
    n, n_states, n_actions = choice.shape
    marginal = np.einsum("mx,mxu->mu", priors, choice)
    r = [cp.Variable((n_states, n_actions), nonneg=True) for _ in range(n)]
    c, e1, e2 = cp.Variable(n, nonneg=True), cp.Variable(nonneg=True), cp.Variable(nonneg=True)
    rows = [e1 <= 10, e2 <= 10]
    for m in range(n):
        for u in range(n_actions):
            for v in set(range(n_actions)) - {u}:
                rows.append(choice[m, :, u] @ (r[m][:, v] - r[m][:, u]) + e1 <= 0)
        for k in set(range(n)) - {m}:
            total = 0
            for u in range(n_actions):
                eta = choice[k, :, u] * priors[k] / marginal[k, u]
                if costs:
                    best = cp.max(eta @ r[m]) - c[k]
                else:
                    best = eta @ r[m][:, 0] - c[k]
                    for v in range(1, n_actions):
                        best = cp.maximum(best, eta @ r[m][:, v]) - c[k]
                own = priors[m] * choice[m, :, u] if weights else marginal[m, u] * choice[m, :, u]
                total += marginal[k if weights else m, u] * best - own @ r[m][:, u]
                total -= 0 if costs else c[m]
            rows.append(total + (c[m] if costs else 0) + e2 <= 0)
    problem = cp.Problem(cp.Maximize(e1 + e2), rows)
    problem.solve(solver=cp.CLARABEL)
    return e1.value, e2.value


@pytest.mark.parametrize("seed", range(2))
def test_parity_with_a_second_model(seed):
    rng = np.random.default_rng(seed)
    choice = rng.dirichlet(np.ones(2), size=(2, 3))
    priors = rng.dirichlet(np.ones(3), size=2)
    if seed:  # where the programme does not give full marks
        choice[0] = [0.4, 0.6]
    found = published.max_margin(choice, priors)
    margins = second_model(choice, priors)
    assert (found.nias_margin, found.niac_margin) == pytest.approx(margins, abs=1e-5)


@pytest.mark.parametrize("repaired", [["costs"], ["weights"], ["costs", "weights"]])
def test_parity_of_the_repairs(repaired):
    # The same experiment twice, with unequal and with equal shares, and two experiments.
    uneven, even = [[0.8, 0.2], [0.3, 0.7]], [[0.8, 0.2], [0.2, 0.8]]
    for choice in ([uneven] * 2, [even] * 2, [uneven, even]):
        table = np.array(choice)
        found = published.max_margin(table, repaired=repaired)
        margins = second_model(table, np.full((2, 2), 0.5), repaired)
        assert (found.nias_margin, found.niac_margin) == pytest.approx(margins, abs=1e-5)
    with pytest.raises(ValueError, match="repaired"):
        published.max_margin(table, repaired=["sign"])


def test_repaired_costs_and_weights_are_nias_and_niac():
    choice = np.random.default_rng(5).dirichlet(np.ones(3), size=(3, 3))
    found = published.max_margin(choice, repaired=["costs", "weights"])
    data = ChoiceData(np.full(3, 1 / 3), choice)
    slack = nias_slack(data, found.utility)[:, ~np.eye(3, dtype=bool)]
    assert 3 * slack.min() >= found.nias_margin - 1e-6
    values = experiment_values(data, found.utility)
    net = np.diag(values)[:, None] - values
    net -= found.attention_cost[:, None] - found.attention_cost[None]
    assert net[~np.eye(3, dtype=bool)].min() >= found.niac_margin - 1e-6


def test_unused_actions_are_refused_as_they_are_in_the_original():
    with pytest.raises(ValueError, match="action 1 is never used in environment 0"):
        published.max_margin([[[1, 0], [1, 0]]])
    with pytest.raises(ValueError, match="attention_cost: have shapes"):
        published.niac_left_side([[[0.5, 0.5], [0.4, 0.6]]], np.zeros((1, 2, 2)), [0, 0])
