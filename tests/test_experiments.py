"""Information, Bayes risk and garblings: closed forms, the theorem, and both kinds of counterexample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.experiments import bayes_risk, garbling, information

seeds = st.integers(0, 2**32 - 1)


def random_rows(rng, *shape):
    return rng.dirichlet(np.ones(shape[-1]), size=shape[:-1])


def test_information_of_a_perfect_and_of_a_useless_sensor():
    prior = [0.2, 0.3, 0.5]
    entropy = -np.dot(prior, np.log(prior))
    assert information(prior, np.eye(3)) == pytest.approx(entropy, abs=1e-12)
    assert information(prior, np.tile([0.4, 0.6], (3, 1))) == pytest.approx(0, abs=1e-15)


def test_information_of_a_belief_at_a_vertex_is_zero_even_for_a_perfect_sensor():
    assert information([[1.0, 0.0], [0.0, 1.0]], np.eye(2)).tolist() == [0.0, 0.0]


def test_information_of_a_signal_that_underflows():
    # 0.1 * 1e-323 is zero in floating point: the signal counts for nothing, and not for infinity.
    assert information([0.1, 0.9], [[1.0, 1e-323], [1.0, 0.0]]) == 0
    sharp = information([0.1, 0.9], np.eye(2))
    assert information([0.1, 0.9], [[1.0, 0.0, 1e-323], [0.0, 1.0, 0.0]]) == sharp


def test_information_equals_the_fall_of_entropy():
    rng = np.random.default_rng(0)
    prior, beta = random_rows(rng, 3), random_rows(rng, 3, 4)
    joint = prior[:, None] * beta
    sigma = joint.sum(axis=0)
    posterior = joint / sigma
    entropy = -(posterior * np.log(posterior)).sum(axis=0)
    expected = -(prior * np.log(prior)).sum() - sigma @ entropy
    assert information(prior, beta) == pytest.approx(expected, abs=1e-12)


def test_bayes_risk_by_hand():
    # Accuracy .7: at prior .5 wrong with probability .3; at .9 the signal is ignored, wrong with .1.
    beta, cost = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]
    assert bayes_risk([[0.5, 0.5], [0.1, 0.9]], beta, cost) == pytest.approx([0.3, 0.1])


@given(seeds)
def test_a_garbling_never_has_more_information_nor_less_risk(seed):
    rng = np.random.default_rng(seed)
    states, signals, coarse, actions = rng.integers(2, 5, size=4)
    prior, beta, noise = (
        random_rows(rng, states),
        random_rows(rng, states, signals),
        random_rows(rng, signals, coarse),
    )
    cost = rng.normal(size=(states, actions))
    assert information(prior, beta @ noise) <= information(prior, beta) + 1e-12
    assert bayes_risk(prior, beta @ noise, cost) >= bayes_risk(prior, beta, cost) - 1e-12


@given(seeds)
def test_a_garbling_is_found_and_reproduces_the_coarse_experiment(seed):
    rng = np.random.default_rng(seed)
    states, signals, coarse = rng.integers(2, 5, size=3)
    beta, noise = random_rows(rng, states, signals), random_rows(rng, signals, coarse)
    found = garbling(beta @ noise, beta, tolerance=1e-7)
    assert found is not None
    assert np.allclose(found.sum(axis=1), 1)
    assert np.allclose(beta @ found, beta @ noise, atol=1e-7)


def test_two_experiments_that_cannot_be_compared():
    shy, bold = np.array([[0.98, 0.02], [0.9, 0.1]]), np.array([[0.875, 0.125], [0.75, 0.25]])
    assert garbling(bold, shy) is None
    assert garbling(shy, bold) is None


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="coarse: row 0"):
        garbling([[0.5, 0.6], [0.5, 0.5]], np.eye(2))
    with pytest.raises(ValueError, match="fine: has 3 rows; expected 2"):
        garbling(np.eye(2), np.eye(3))
    with pytest.raises(ValueError, match="has 3 states; expected 2"):
        information([0.2, 0.3, 0.5], np.eye(2))
