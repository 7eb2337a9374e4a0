"""A moving state: how long cascades last, and which never end."""

from math import inf

import numpy as np
import pytest

from llma.networks import (
    NetworkLearning,
    cascade_length,
    complete,
    long_run,
    longest_cascade,
    simulate_moving,
)
from llma.social import SocialLearning

ROW = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])


def chain(up, down):
    return np.array([[1 - up, up], [down, 1 - down]])


def counted(model, matrix, q, most=2000):
    """Walk the belief by matrix products until it leaves the cascade."""
    belief = np.array([1 - q, q])
    for length in range(most):
        if not model.is_cascade(belief):
            return length
        belief = belief @ matrix
    return inf


@pytest.mark.parametrize("seed", range(4))
def test_length_against_a_walk(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        matrix, q = chain(*rng.uniform(0.01, 0.99, 2)), rng.random()
        length = cascade_length(ROW, matrix, q)
        assert length == counted(ROW, matrix, q)
        if length != inf:
            assert length <= longest_cascade(ROW, matrix)


@pytest.mark.parametrize(
    ("up", "down", "q", "length"),
    [
        (0.05, 0.05, 0.1, 7),
        (0.1, 0.1, 0.1, 4),
        (0.01, 0.19, 0.1, inf),
        (0.19, 0.01, 0.9, inf),
        (0.05, 0.05, 0.5, 0),
        (1.0, 1.0, 0.1, inf),
        (0.5, 0.5, 0.1, 1),
    ],
)
def test_lengths_by_hand(up, down, q, length):
    assert cascade_length(ROW, chain(up, down), q) == length


def test_where_the_long_run_is_the_end_of_the_region():
    # lambda = 0 lands on 0.3 at once, which is a cascade under "low" and none under "own".
    own = SocialLearning(ROW.likelihood, ROW.cost, tie="own")
    assert cascade_length(ROW, chain(0.3, 0.7), 0.1) == inf
    assert cascade_length(own, chain(0.3, 0.7), 0.1) == 1
    # Between 0 and 1 the belief comes near the end and never reaches it, exactly: q_k = 0.2 - 0.1 * 2 ** -k.
    sharp = SocialLearning([[0.8, 0.2], [0.2, 0.8]], ROW.cost, tie="own")
    for model in (sharp, SocialLearning(sharp.likelihood, ROW.cost)):
        for up, down in ((0.1, 0.4), (0.05, 0.2)):
            assert cascade_length(model, chain(up, down), 0.1) == inf
            assert cascade_length(model, chain(down, up), 0.9) == inf
        assert cascade_length(model, chain(0.1, 0.4), 0.85) == 1
    # Below 0 it jumps over the end into the region.
    for up, down in ((0.22, 0.88), (0.24, 0.96)):
        assert cascade_length(sharp, chain(up, down), 0.1) == 1


def test_no_learning_region_no_end():
    deaf = SocialLearning([[0.5, 0.5], [0.5, 0.5]], [[0, 1], [1, 0]])
    assert cascade_length(deaf, chain(0.1, 0.1), 0.4) == inf
    assert longest_cascade(deaf, chain(0.1, 0.1)) == inf


def test_runs_obey_the_bound_and_the_filter():
    matrix = chain(0.05, 0.05)
    runs = simulate_moving(ROW, matrix, [0.5, 0.5], np.random.default_rng(1), n_agents=300, n_paths=200)
    most = longest_cascade(ROW, matrix)
    seen = 0
    for cascade in runs.cascade:
        length = 0
        for now in cascade:
            length = length + 1 if now else 0
            seen = max(seen, length)
    assert 0 < seen <= most
    for k in range(20):
        for path in range(20):
            belief = ROW.public_update(runs.beliefs[path, k], runs.actions[path, k]) @ matrix
            np.testing.assert_allclose(runs.beliefs[path, k + 1], belief, atol=1e-14)


def test_runs_against_the_exact_law_of_the_complete_network():
    matrix = chain(0.1, 0.2)
    law = NetworkLearning(complete(10), ROW.likelihood, ROW.cost, transition=matrix).exact([0.45, 0.55])
    runs = simulate_moving(ROW, matrix, [0.45, 0.55], np.random.default_rng(2), n_agents=10, n_paths=40_000)
    wrong = (runs.actions != runs.states).mean(axis=0)
    assert (np.abs(wrong - law.error) < 4.5 * np.sqrt(law.error / 40_000)).all()
    share = law.joint.sum(axis=2)
    ignores = (law.p_ignores * share).sum(axis=1)
    assert (np.abs(runs.cascade.mean(axis=0) - ignores) < 0.012).all()


def test_three_states():
    matrix = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    model = SocialLearning([[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]], 1 - np.eye(3))
    runs = simulate_moving(model, matrix, [0.3, 0.3, 0.4], np.random.default_rng(3), n_agents=50, n_paths=50)
    np.testing.assert_allclose(runs.beliefs.sum(axis=2), 1)
    assert set(np.unique(runs.states)) == {0, 1, 2}


def test_long_run():
    assert long_run(chain(0.01, 0.19)) == pytest.approx((0.05, 0.8))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: long_run(np.eye(2)), "never moves"),
        (lambda: long_run(np.eye(3)), "transition"),
        (lambda: cascade_length(ROW, chain(0.1, 0.1), 1.5), "q"),
        (
            lambda: cascade_length(
                SocialLearning(ROW.likelihood, ROW.cost, tie="follow"), chain(0.1, 0.1), 0.1
            ),
            "follow",
        ),
        (
            lambda: simulate_moving(
                SocialLearning(ROW.likelihood, ROW.cost, tie="coin"),
                chain(0.1, 0.1),
                [0.5, 0.5],
                np.random.default_rng(0),
                n_agents=3,
                n_paths=3,
            ),
            "coin",
        ),
        (
            lambda: simulate_moving(
                ROW, chain(0.1, 0.1), [0.5, 0.5], np.random.default_rng(0), n_agents=0, n_paths=3
            ),
            "n_agents",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
