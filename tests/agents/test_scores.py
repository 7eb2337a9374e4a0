from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from llma.agents import controls, scores
from llma.agents.game import HerdGame, bayesian, history, naive, private_log_odds, public_log_odds
from llma.agents.law import population_law
from llma.agents.rules import raw, sampled, step_sizes
from llma.agents.study import interval, naive_beliefs

GAME = HerdGame(0.5, (0.7,), 0.05, n_agents=7)


def exact(game, rule):
    policy = bayesian(game, rule)
    public = public_log_odds(game, policy)
    private = [private_log_odds(game, level) for level in public[: game.n_agents]]
    return policy, population_law(game, policy), public, private


@given(st.floats(0.2, 0.8), st.lists(st.floats(0.55, 0.9), min_size=1, max_size=2), st.floats(0, 0.2))
@settings(max_examples=20)
def test_a_bayesian_passes_every_test(prior, accuracies, tremble):
    game = HerdGame(prior, tuple(accuracies), tremble, n_agents=5)
    policy, law, public, private = exact(game, sampled)
    assert scores.action_drift(game, policy, law, public).largest < 1e-9
    assert scores.signal_drift(game, law, public, private).largest < 1e-9
    assert scores.compare(game, law, private, private).gap < 1e-12
    bins = scores.calibration(game, law, private, private)
    full = bins[:, 2] > 0
    np.testing.assert_allclose(bins[full, 0], bins[full, 1])
    assert bins[:, 2].sum() == pytest.approx(1)


def test_who_never_learns_passes_the_martingale_test_of_actions():
    policy, law, public, private = exact(GAME, raw)
    still = [np.zeros_like(level) for level in public]
    assert scores.action_drift(GAME, policy, law, still).largest < 1e-12
    assert scores.compare(GAME, law, private, [np.zeros_like(level) for level in private]).mean > 0.2


@given(st.floats(0.001, 0.05), st.integers(0, 2**32))
@settings(max_examples=20)
def test_small_errors_make_small_drifts(delta, seed):
    policy, law, public, private = exact(GAME, raw)
    rng = np.random.default_rng(seed)
    near = [logit(np.clip(expit(v) + delta * rng.uniform(-1, 1, v.shape), 1e-9, 1 - 1e-9)) for v in public]
    also = [logit(np.clip(expit(v) + delta * rng.uniform(-1, 1, v.shape), 1e-9, 1 - 1e-9)) for v in private]
    assert scores.action_drift(GAME, policy, law, near).largest <= 2 * delta + 1e-9
    # Here P(y | h) must be the true one, so the public belief is exact: the drift is at most delta.
    assert scores.signal_drift(GAME, law, public, also).largest <= delta + 1e-9


def test_the_naive_fail_it():
    game = HerdGame(0.5, (0.65, 0.9), n_agents=7)
    policy, law, _, _ = exact(game, raw)
    weight = logit(0.775)
    counts = [np.array([weight * (2 * bin(h).count("1") - k) for h in range(1 << k)]) for k in range(8)]
    assert scores.action_drift(game, policy, law, counts).mean > 0.01


def test_the_gap_is_the_excess_of_cross_entropy():
    _, law, _, private = exact(GAME, raw)
    found = [level + 0.3 for level in private]
    weight = scores.prompt_weights

    def loss(said):
        total = 0.0
        for k, level in enumerate(said):
            p, q = expit(private[k]), expit(level)
            total -= (weight(GAME, law, k) * (p * np.log(q) + (1 - p) * np.log(1 - q))).sum()
        return total / GAME.n_agents

    gap = scores.compare(GAME, law, private, found).gap
    assert gap == pytest.approx(loss(found) - loss(private))
    assert gap > 0


def test_differing_counts_prompts_of_positive_weight():
    game = HerdGame(0.5, (0.7,), n_agents=3)
    policy, law, _, _ = exact(game, raw)
    other = [level.copy() for level in policy]
    other[2][history([1, 1]), 0, 0] = 0.0
    count, total, mass = scores.differing(game, law, policy, other)
    assert (count, total) == (1, 2 + 4 + 8)
    assert mass == pytest.approx((0.49 * 0.3 + 0.09 * 0.7) / 2 / 3)


def test_summary():
    found = scores.summarise(np.array([-0.1, 0.3, 9.0]), np.array([3.0, 1.0, 0.0]))
    assert (found.mean, found.largest, found.bias) == pytest.approx((0.15, 0.3, 0.0))
    with pytest.raises(ValueError, match="no weight"):
        scores.summarise(np.zeros(2), np.zeros(2))


def test_controls_on_exact_readers():
    _, law, public, private = exact(GAME, raw)
    assert controls.flip_effect(GAME, law, private).largest < 1e-12
    shifted = [level + 0.5 for level in private]
    assert controls.flip_effect(GAME, law, shifted).mean > 0.05
    assert controls.order_effect(GAME, law, private).mean > 0.005
    secret = HerdGame(0.5, (0.65, 0.9))
    counting = population_law(secret, naive(secret, raw))
    order = controls.order_effect(secret, counting, naive_beliefs())
    assert order.largest < 1e-12
    action = step_sizes(GAME)[1]
    np.testing.assert_allclose(controls.dissent(public, 2), [-2 * action, -2 * action], atol=1e-9)
    np.testing.assert_allclose(controls.dissent(public, 3), [-action, -action, 0], atol=1e-9)
    for n in (4, 5, 6):
        np.testing.assert_allclose(controls.dissent(public, n), 0, atol=1e-9)
    with pytest.raises(ValueError, match="only with 1/2"):
        controls.flip_effect(HerdGame(0.4, (0.7,)), law, private)
    with pytest.raises(ValueError, match="n: 9"):
        controls.dissent(public, 9)


def test_scrambling_keeps_the_actions_and_changes_the_order():
    numbers = controls.scrambled(6, np.random.default_rng(1))
    assert [bin(h).count("1") for h in numbers] == [bin(h).count("1") for h in range(64)]
    assert (numbers != np.arange(64)).mean() > 0.5


def test_the_mean_over_orders_is_that_of_all_permutations():
    game = HerdGame(0.4, (0.7, 0.8), 0.05, n_agents=5)
    _, law, _, _ = exact(game, raw)
    rng = np.random.default_rng(3)
    tables = [rng.normal(size=(1 << k, 2, 2)) for k in range(5)]
    total = 0.0
    for k, table in enumerate(tables):
        weight = scores.prompt_weights(game, law, k)
        for actions in product((0, 1), repeat=k):
            orders = list(permutations(actions))
            here = expit(table[history(actions)])
            change = np.mean([np.abs(expit(table[history(order)]) - here) for order in orders], axis=0)
            total += (weight[history(actions)] * change).sum()
    found = controls.order_effect(game, law, tables)
    assert found.mean == pytest.approx(total / game.n_agents)
    weight = scores.prompt_weights(game, law, 4)
    answers = expit(tables[4])
    draws = [controls.scrambled(4, rng) for _ in range(400)]
    drawn = np.mean([(weight * np.abs(answers[h] - answers)).sum() for h in draws])
    only = [0 * table for table in tables[:4]] + [tables[4]]
    assert drawn == pytest.approx(5 * controls.order_effect(game, law, only).mean, rel=0.05)


def test_interval():
    values = np.random.default_rng(0).normal(3.0, 1.0, (4000, 3))
    inside = [low <= 3 <= high for _, low, high in map(interval, values)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)
    assert all(a < b for a, b in pairwise(sorted(interval([1.0, 2.0]))))
    with pytest.raises(ValueError, match="no spread"):
        interval([1.0])
