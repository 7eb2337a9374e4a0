"""The laboratory of stakes: closed forms against the general conditions, enumeration, other solvers."""

import itertools
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear, minimize
from scipy.stats import beta, binom

from llma.ribum import ChoiceData, niac_weights, nias_slack, nis_slack
from llma.ribum.sampling import counts as general
from llma.ribum.sampling import stakes


def general_verdict(accuracy, pay):
    """NIAS and all cycles of NIAC by the general conditions, and NIS."""
    data = ChoiceData([0.5, 0.5], stakes.choices(accuracy))
    utility = np.array([s * np.eye(2) for s in pay])
    weights = niac_weights(data, utility)
    n = len(pay)
    cycles = (
        sum(weights[c[i], c[(i + 1) % len(c)]] for i in range(len(c)))
        for size in range(2, n + 1)
        for c in itertools.permutations(range(n), size)
    )
    switches = nias_slack(data, utility).min() >= -1e-12
    return switches and min(cycles, default=0) >= -1e-12, nis_slack(data, utility).min() >= -1e-12


@given(st.lists(st.sampled_from([0.3, 0.5, 0.6, 0.75, 1.0]), min_size=1, max_size=4), st.integers(0, 99))
def test_order_of_accuracies_is_all_that_matters(accuracy, seed):
    pay = np.cumsum(np.random.default_rng(seed).uniform(0.1, 5, len(accuracy)))
    rational, capacity = general_verdict(accuracy, pay)
    assert rational == stakes.is_rational(accuracy)
    assert capacity == (len(set(accuracy)) == 1 and accuracy[0] >= 0.5)


def test_plugin_rejection_by_enumeration():
    accuracy, n = [0.6, 0.8, 0.7], 2
    passes = 0.0
    for counts in itertools.product(range(2 * n + 1), repeat=3):
        if stakes.is_rational(np.array(counts) / (2 * n)):
            passes += np.prod([binom.pmf(k, 2 * n, a) for k, a in zip(counts, accuracy, strict=True)])
    assert stakes.plugin_rejection(accuracy, n) == pytest.approx(1 - passes, abs=1e-12)


def test_plugin_rejection_has_its_limit():
    for m in (2, 3, 5):
        assert stakes.plugin_rejection([0.8] * m, 20_000) == pytest.approx(1 - 1 / factorial(m), abs=0.005)
    assert stakes.plugin_rejection([0.5] * 3, 20_000) == pytest.approx(1 - 1 / (8 * 6), abs=0.005)
    assert stakes.plugin_rejection([0.6, 0.7], 20_000) == pytest.approx(0, abs=1e-12)


def test_plugin_rejection_by_simulation():
    rng = np.random.default_rng(0)
    accuracy, n = [0.7, 0.7, 0.75, 0.9], 40
    seen = stakes.draw(accuracy, n, 20_000, rng).mean(axis=-1) / n
    share = 1 - ((seen[:, 0] >= 0.5) & (np.diff(seen, axis=1) >= 0).all(axis=1)).mean()
    assert share == pytest.approx(stakes.plugin_rejection(accuracy, n), abs=4.5 * 0.5 / np.sqrt(20_000))


def test_isotonic_regression_against_a_solver():
    rng = np.random.default_rng(1)
    values, weights = rng.uniform(0.3, 1, size=(30, 4)), rng.uniform(0.5, 4, size=(30, 4))
    fitted = stakes.isotonic(values, weights)
    for seen, weight, mine in zip(values, weights, fitted, strict=True):
        # Steps above one half, all non-negative: a bounded least-squares problem.
        design = np.sqrt(weight)[:, None] * np.tri(4)
        answer = lsq_linear(design, np.sqrt(weight) * (seen - 0.5), bounds=(0, np.inf), tol=1e-14)
        assert mine == pytest.approx(0.5 + np.cumsum(answer.x), abs=1e-6)


def test_the_projection_is_the_nearest_table():
    # Over all 2M probabilities, not only over accuracies.
    right, n = np.array([[30, 33], [22, 25], [35, 20]]), 40
    smooth = (right + 0.5) / (n + 1)
    variance = smooth * (1 - smooth) / n

    def distance(p):
        return (((p.reshape(3, 2) - right / n) ** 2) / variance).sum()

    order = [
        {"type": "ineq", "fun": lambda p, i=i: p.reshape(3, 2).sum(1)[i + 1] - p.reshape(3, 2).sum(1)[i]}
        for i in (0, 1)
    ]
    best = minimize(distance, (right / n).ravel(), constraints=order, options={"ftol": 1e-14}).fun
    seen, weights = right.mean(axis=1) / n, 4 / variance.sum(axis=1)
    fitted = stakes.isotonic(seen[None], weights[None])
    assert (weights * (seen - fitted) ** 2).sum() == pytest.approx(best, rel=1e-5)


@pytest.mark.parametrize("accuracy", [[0.8] * 5, [0.5] * 5, [0.7, 0.7, 0.9, 0.9], [0.6, 0.7, 0.8]])
def test_the_projection_keeps_its_level(accuracy):
    right = stakes.draw(accuracy, 300, 8000, np.random.default_rng(2))
    assert (stakes.projection_p_values(right, 300) < 0.05).mean() <= 0.05 + 4.5 * np.sqrt(
        0.05 * 0.95 / 8000
    ) + 0.005


def test_the_test_of_capacity_keeps_its_level_and_finds_a_price():
    rng = np.random.default_rng(3)
    level = (stakes.capacity_p_values(stakes.draw([0.8] * 5, 300, 8000, rng), 300) < 0.05).mean()
    assert abs(level - 0.05) < 4.5 * np.sqrt(0.05 * 0.95 / 8000) + 0.003
    assert (stakes.capacity_p_values(stakes.draw([0.6, 0.7, 0.8], 200, 500, rng), 200) < 0.05).mean() > 0.99


@pytest.mark.parametrize("n", [1, 5, 40])
def test_the_box_keeps_its_level_in_small_samples(n):
    right = stakes.draw([0.8] * 5, n, 4000, np.random.default_rng(4))
    assert stakes.box_rejects(right, n).mean() <= 0.05


def test_the_box_holds_clopper_pearson_intervals():
    # Rejected exactly if an earlier lower bound exceeds a later upper bound.
    right, n, tail = np.array([[[36, 36], [30, 30], [21, 21]]]), 40, 0.05 / 12
    low = beta.ppf(tail, 36, 5)
    high = beta.ppf(1 - tail, 22, 19)
    assert bool(stakes.box_rejects(right, n)[0]) == (low > high)
    assert not stakes.box_rejects(np.array([[[0, 40], [40, 0]]]), n)[0]


def test_the_naive_bootstrap_has_the_wrong_size():
    rng = np.random.default_rng(5)
    right = stakes.draw([0.8] * 5, 200, 300, rng)
    assert stakes.bootstrap_rejects(right, 200, rng).mean() > 0.9


@pytest.mark.parametrize("method", ["plugin", "projection", "box"])
def test_parity_with_the_general_tests(method):
    rng, n = np.random.default_rng(6), 40
    pay = np.array([s * np.eye(2) for s in (1, 2, 4, 8)])
    right = np.concatenate(
        [stakes.draw(a, n, 15, rng) for a in ([0.8] * 4, [0.85, 0.8, 0.7, 0.6], [0.6, 0.5, 0.5, 0.4])]
    )
    mine = {
        "plugin": lambda: ~np.array([stakes.is_rational(r.mean(axis=1) / n) for r in right]),
        "projection": lambda: stakes.projection_p_values(right, n) < 0.05,
        "box": lambda: stakes.box_rejects(right, n),
    }[method]()
    for answers, verdict in zip(right, mine, strict=True):
        table = np.where(np.eye(2, dtype=bool), answers[:, :, None], n - answers[:, :, None])
        assert general.test_counts(table, [0.5, 0.5], pay, method=method).rejected == verdict


def test_the_test_of_capacity_agrees_with_the_general_one():
    rng, n = np.random.default_rng(7), 40
    pay = np.array([s * np.eye(2) for s in (1, 2, 4)])
    right = np.concatenate([stakes.draw(a, n, 15, rng) for a in ([0.8] * 3, [0.6, 0.7, 0.8], [0.5] * 3)])
    for answers, verdict in zip(right, (stakes.capacity_p_values(right, n) < 0.05), strict=True):
        table = np.where(np.eye(2, dtype=bool), answers[:, :, None], n - answers[:, :, None])
        assert general.nis_counts(table, [0.5, 0.5], pay).rejected == verdict


def test_bad_input():
    with pytest.raises(ValueError, match=r"accuracy: entry 1 is 1\.2"):
        stakes.plugin_rejection([0.5, 1.2], 10)
    with pytest.raises(ValueError, match="n: is 0"):
        stakes.plugin_rejection([0.5], 0)
