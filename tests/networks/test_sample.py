"""Simulation against the exact law."""

import numpy as np
import pytest

from llma.networks import NetworkLearning, complete, last, line, random

SENSOR = [[0.7, 0.3], [0.3, 0.7]]
ERRORS = [[0, 1], [1, 0]]


def close(share, exact, n_paths):
    return np.abs(share - exact) < 4.5 * np.sqrt(exact * (1 - exact) / n_paths) + 1e-3


@pytest.mark.parametrize("transition", [None, [[0.9, 0.1], [0.2, 0.8]]])
def test_runs_follow_the_exact_law(transition):
    rng = np.random.default_rng(1)
    network = random(7, 0.5, rng)
    sensors = list(rng.dirichlet(2 * np.ones(3), (7, 2)))
    model = NetworkLearning(network, sensors, ERRORS, transition=transition)
    law = model.exact([0.45, 0.55])
    runs = model.simulate([0.45, 0.55], 20_000, rng)
    wrong = (runs.actions != runs.states).mean(axis=0)
    assert close(wrong, law.error, 20_000).all()
    assert (runs.observations.max(axis=0) == 2).all()
    if transition is None:
        assert (runs.states == runs.states[:, :1]).all()


def test_every_decision_of_a_run_is_the_rule():
    model = NetworkLearning(last(6, 2), SENSOR, ERRORS)
    law = model.exact([0.45, 0.55])
    runs = model.simulate([0.45, 0.55], 300, np.random.default_rng(2), state=1)
    assert (runs.states == 1).all()
    for actions, seen in zip(runs.actions, runs.observations, strict=True):
        for n, rule in enumerate(law.rules):
            row = (rule.seen == actions[list(model.network.neighbours[n])]).all(axis=1).argmax()
            assert rule.choice[row, seen[n], actions[n]] == 1


def test_coins_are_tossed():
    model = NetworkLearning(line(2), SENSOR, ERRORS, tie="coin")
    runs = model.simulate([0.5, 0.5], 20_000, np.random.default_rng(3))
    tied = runs.actions[:, 0] != runs.observations[:, 1]
    assert close(runs.actions[tied, 1].mean(), 0.5, tied.sum())


@pytest.mark.parametrize("network", [line(20), last(12, 3), complete(7)])
def test_sampled_errors(network):
    model = NetworkLearning(network, SENSOR, ERRORS)
    exact = model.exact([0.42, 0.58]).error
    found = model.sample([0.42, 0.58], 40_000, np.random.default_rng(4))
    assert (np.abs(found.error - exact) < 4.5 * found.standard_error + 1e-3).all()
    assert (found.coverage > 0.99).all()


def test_coverage_warns():
    """Twenty agents who see everybody: few combinations are met twice."""
    sensor = np.random.default_rng(5).dirichlet(np.ones(4), 2)
    model = NetworkLearning(complete(16), sensor, [[0, 1.3], [1, 0]])
    found = model.sample([0.5, 0.5], 300, np.random.default_rng(5))
    assert found.coverage[0] == 1
    assert (np.diff(found.coverage[:3]) <= 0).all()


def test_a_moving_state_is_sampled_too():
    chain = [[0.9, 0.1], [0.2, 0.8]]
    model = NetworkLearning(line(8), SENSOR, ERRORS, transition=chain)
    found = model.sample([0.5, 0.5], 40_000, np.random.default_rng(6))
    exact = model.exact([0.5, 0.5]).error
    assert (np.abs(found.error - exact) < 4.5 * found.standard_error + 1e-3).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"n_paths": 0}, "n_paths"), ({"prior": [1, 0]}, "probability 0"), ({"kind": "naive"}, "naive")],
)
def test_bad_input(change, message):
    model = NetworkLearning(line(3), SENSOR, ERRORS, kind=change.pop("kind", "bayes"))
    with pytest.raises(ValueError, match=message):
        model.sample(**{"prior": [0.5, 0.5], "n_paths": 10, "rng": np.random.default_rng(0), **change})
