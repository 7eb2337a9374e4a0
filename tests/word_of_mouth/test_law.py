"""Many rounds: against enumeration of broadcasts, `SocialLearning.exact`, closed forms, and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from llma.social import SocialLearning
from llma.word_of_mouth import (
    BROADCASTS,
    WordOfMouth,
    exact,
    flips,
    learning_region,
    public_histories,
    relayed_accuracy,
    simulate,
    wrong_blind_probability,
)
from tests.word_of_mouth.test_chain import TRACKING, symmetric

EVEN = [0.5, 0.5]


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("kappa", [1.0, 1.7])
@pytest.mark.parametrize("tie", ["own", "low", "coin"])
@pytest.mark.parametrize("prior", [(0.45, 0.55), (0.5, 0.5), (0.2, 0.8), (0.26, 0.74)])
def test_action_broadcast_is_a_row_of_a_worse_sensor(n, kappa, tie, prior):
    """The theorem of the closed forms, for several cost ratios, tie rules, and priors at which agents tie."""
    p = float(relayed_accuracy(0.8, 0.1, n - 1))
    cost = [[0, kappa], [1, 0]]
    plain = SocialLearning([[p, 1 - p], [1 - p, p]], cost, tie).exact(prior, 40)
    row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], cost, n, flips(0.1), tie=tie)
    law = exact(row, prior, 40)
    np.testing.assert_allclose(law.p_blind_by, plain.p_cascade_by, atol=1e-12)
    np.testing.assert_allclose(law.p_wrong_blind_by, plain.p_wrong_cascade_by, atol=1e-12)
    np.testing.assert_allclose(law.p_wrong_action[:, -1], plain.p_wrong_action, atol=1e-12)


@pytest.mark.parametrize("broadcast", BROADCASTS)
@pytest.mark.parametrize("d", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_closed_forms(n, d, broadcast):
    row = symmetric(d=d, n=n, broadcast=broadcast)
    law = exact(row, EVEN, 4000 if d == 0.3 and n == 5 else 800)
    assert law.p_blind_by[-1].min() > 1 - 1e-9
    expected = wrong_blind_probability(0.8, d, n, broadcast)
    np.testing.assert_allclose(law.p_wrong_blind_by[-1], expected, atol=1e-9)
    low, high = learning_region(0.8, d, n, broadcast)
    for q in (low + 1e-6, high - 1e-6, low - 1e-6, high + 1e-6):
        assert row.is_blind([1 - q, q]) == (not low <= q <= high)


def test_the_table_of_chain_lengths():
    values = wrong_blind_probability(0.8, 0.1, [1, 2, 3, 5, 10])
    assert values.round(3).tolist() == [0.059, 0.11, 0.165, 0.268, 0.42]
    assert wrong_blind_probability(0.8, 0.3, 2, "posterior").round(3) == 0.187
    assert wrong_blind_probability(0.8, 0.1, 1, "posterior") == 0


def test_posterior_of_the_witness_learns_the_truth():
    law = exact(symmetric(n=1, broadcast="posterior"), EVEN, 60)
    assert law.p_blind_by.max() == 0
    assert law.p_wrong_action[-1].max() < 1e-5


@pytest.mark.parametrize("broadcast", BROADCASTS)
@pytest.mark.parametrize("seed", range(8))
def test_random_models_equal_enumeration_of_broadcasts(seed, broadcast):
    rng = np.random.default_rng(seed)
    relay = rng.dirichlet(np.ones(2), size=(2, 3))
    row = WordOfMouth(
        rng.dirichlet(np.ones(3), size=2), rng.uniform(size=(3, 2, 3)), 3, relay, broadcast=broadcast
    )
    prior, n_rounds = rng.dirichlet([3, 3]), 4
    law = exact(row, prior, n_rounds)
    wrong = row.cost > row.cost.min(axis=2, keepdims=True)
    for k in range(n_rounds):
        errors, blind = np.zeros((3, 2)), np.zeros(2)
        for joint in public_histories(row, prior, k).values():
            now = row.round(joint / joint.sum())
            blind += now.blind * joint / prior
            errors += [(joint / prior) * (a * w).sum(axis=1) for a, w in zip(now.actions, wrong, strict=True)]
        np.testing.assert_allclose(law.p_wrong_action[k], errors, atol=1e-12)
        np.testing.assert_allclose(law.p_blind_by[k], blind, atol=1e-12)


@pytest.mark.parametrize("broadcast", BROADCASTS)
def test_simulation_agrees(broadcast):
    row, n_paths = symmetric(d=0.1, n=3, broadcast=broadcast), 4000
    runs = simulate(row, EVEN, 25, n_paths, np.random.default_rng(1))
    law = exact(row, EVEN, 25)
    for k in (0, 3, 24):
        for i in range(3):
            expected = law.p_wrong_action[k, i].mean()
            error = np.sqrt(expected * (1 - expected) / n_paths)
            assert abs((runs.actions[:, k, i] != runs.states).mean() - expected) < 4.5 * error
    assert abs((runs.blind_time >= 0).mean() - law.p_blind_by[-1].mean()) < 0.02
    # Calibration: a belief is the frequency of the state given it.
    q = runs.beliefs[:, -1, 1]
    gap = (q - runs.states).mean() / (runs.states - q).std() * np.sqrt(n_paths)
    assert abs(gap) < 4.5


def test_simulation_of_three_states():
    rng = np.random.default_rng(5)
    row = WordOfMouth(rng.dirichlet(np.ones(4), size=3), rng.uniform(size=(3, 3)), 2, np.eye(3) * 0.7 + 0.1)
    runs = simulate(row, np.ones(3) / 3, 6, 6000, rng)
    counted = np.zeros(3)
    now = row.round(np.ones(3) / 3)
    for a in range(3):
        counted[a] = (runs.actions[:, 0, 1] == a).mean()
    np.testing.assert_allclose(counted, now.actions[1].mean(axis=0), atol=4.5 * np.sqrt(0.25 / 6000))
    drift = (runs.beliefs[:, -1] - 1 / 3).mean(axis=0)
    assert (np.abs(drift) < 4.5 * runs.beliefs[:, -1].std(axis=0) / np.sqrt(6000)).all()


def test_pruning_is_counted():
    row = WordOfMouth([[0.5, 0.3, 0.2], [0.2, 0.35, 0.45]], TRACKING, 1, broadcast="posterior")
    full = exact(row, EVEN, 8, prune=0)
    cut = exact(row, EVEN, 8, prune=1e-3)
    assert full.error_bound < 1e-12
    assert 0 < np.abs(full.p_wrong_action - cut.p_wrong_action).max() <= cut.error_bound
    few = exact(row, EVEN, 8, max_points=10)
    assert np.abs(full.p_wrong_action - few.p_wrong_action).max() <= few.error_bound


def test_bad_calls_are_named():
    row = symmetric()
    with pytest.raises(ValueError, match="n_rounds"):
        exact(row, EVEN, 0)
    with pytest.raises(ValueError, match="n_paths"):
        simulate(row, EVEN, 3, 0, np.random.default_rng(0))
    three = WordOfMouth(np.ones((3, 2)) / 2, np.ones((3, 2)), 1)
    with pytest.raises(ValueError, match="two states"):
        exact(three, np.ones(3) / 3, 3)
    for bad in ({"accuracy": 0.5}, {"noise": 0.5}, {"hops": -1}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            relayed_accuracy(**{"accuracy": 0.8, "noise": 0.1, "hops": 1} | bad)
    with pytest.raises(ValueError, match="n_agents"):
        learning_region(0.8, 0.1, 0)
    with pytest.raises(ValueError, match="kappa"):
        learning_region(0.8, 0.1, 2, kappa=0)
    with pytest.raises(ValueError, match="n_agents"):
        wrong_blind_probability(0.8, 0.1, 0)
