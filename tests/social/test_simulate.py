"""Simulation: every run obeys the protocol, and frequencies match the exact law."""

from __future__ import annotations

import numpy as np
import pytest

from llma.social import TIE_RULES, SocialLearning
from llma.social.simulate import draw_observations

HALF = [0.5, 0.5]


def symmetric(tie: str) -> SocialLearning:
    """Return the symmetric binary model."""
    return SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie)


def replay(model, runs):
    """Check each agent of each run against one step of the model."""
    n_paths, n_agents = runs.actions.shape
    for path in range(n_paths):
        previous = None
        for k in range(n_agents):
            belief, y, u = runs.beliefs[path, k], runs.observations[path, k], runs.actions[path, k]
            assert model.decision_rule(belief, previous)[y, u] > 0
            in_cascade = bool(model.is_cascade(belief, previous))
            assert in_cascade == (0 <= runs.cascade_time[path] <= k)
            after = model.public_update(belief, u, previous)
            np.testing.assert_allclose(runs.beliefs[path, k + 1], after, atol=1e-12)
            previous = int(u)


@pytest.mark.parametrize("tie", TIE_RULES)
def test_binary_runs_obey_the_protocol(tie):
    model = symmetric(tie)
    replay(model, model.simulate(HALF, 12, 40, np.random.default_rng(5)))


@pytest.mark.parametrize("seed", range(10))
def test_random_runs_obey_the_protocol(seed):
    rng = np.random.default_rng(seed)
    n_states, n_observations, n_actions = (int(v) for v in rng.integers(2, 7, 3))
    model = SocialLearning(
        rng.dirichlet(np.ones(n_observations), n_states), rng.random((n_states, n_actions))
    )
    replay(model, model.simulate(rng.dirichlet(np.ones(n_states)), 15, 15, rng))


def test_identity_start_runs_obey_the_protocol():
    model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], "own", update="identity-start")
    replay(model, model.simulate(HALF, 15, 20, np.random.default_rng(2)))


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("state", [0, 1])
def test_frequencies_match_the_exact_law(tie, state):
    model, n_paths, n_agents = symmetric(tie), 40_000, 12
    runs = model.simulate(HALF, n_agents, n_paths, np.random.default_rng(11), state=state)
    law = model.exact(HALF, n_agents)
    played = (runs.actions == 1).mean(axis=0)
    expected = law.p_action[:, state, 1]
    error = np.sqrt(expected * (1 - expected) / n_paths)
    assert np.all(np.abs(played - expected) <= 5 * error + 1e-12)
    cascade = (runs.cascade_time[:, None] >= 0) & (runs.cascade_time[:, None] <= np.arange(n_agents))
    expected = law.p_cascade_by[:, state]
    error = np.sqrt(np.clip(expected * (1 - expected), 0, None) / n_paths)
    assert np.all(np.abs(cascade.mean(axis=0) - expected) <= 5 * error + 1e-12)


def test_three_signals_match_the_exact_law():
    model, n_paths = SocialLearning([[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]]), 40_000
    law = model.exact([0.55, 0.45], 20)
    for state in (0, 1):
        runs = model.simulate([0.55, 0.45], 20, n_paths, np.random.default_rng(7), state=state)
        expected = law.p_action[:, state, 1]
        error = np.sqrt(expected * (1 - expected) / n_paths)
        assert np.all(np.abs((runs.actions == 1).mean(axis=0) - expected) <= 5 * error)


def test_coin_that_ignores_the_signal_keeps_being_tossed():
    model = SocialLearning([[0.5, 0.5], [0.5, 0.5]], [[0, 1], [1, 0]], "coin")
    runs = model.simulate(HALF, 50, 400, np.random.default_rng(0))
    assert abs(runs.actions.mean() - 0.5) < 5 * 0.5 / 20_000**0.5
    np.testing.assert_array_equal(runs.cascade_time, 0)
    np.testing.assert_array_equal(runs.beliefs, 0.5)


def test_six_states_always_reach_a_cascade():
    """Cascades start in finite time on a generic model of six states, six observations, six actions."""
    rng = np.random.default_rng(4)
    model = SocialLearning(rng.dirichlet(np.ones(6) * 2, 6), rng.random((6, 6)))
    runs = model.simulate(np.full(6, 1 / 6), 400, 500, rng)
    assert np.all(runs.cascade_time >= 0)


def test_actions_tied_in_one_state_do_not_prevent_a_cascade():
    """With three states and two actions that cost the same in one of them, all runs still cascade."""
    rng = np.random.default_rng(9)
    cost = [[0.3, 0.3, 0.9], [0.0, 1.0, 0.5], [1.0, 0.2, 0.0]]
    model = SocialLearning(rng.dirichlet(np.full(4, 2.0), 3), cost)
    for state in range(3):
        runs = model.simulate(np.full(3, 1 / 3), 2000, 200, rng, state=state)
        assert np.all(runs.cascade_time >= 0)


def test_five_states_and_a_flag_always_reach_a_cascade():
    """Two observations and pairwise distinct rows suffice; the rank condition cannot hold."""
    rng = np.random.default_rng(8)
    flag = np.linspace(0.1, 0.9, 5)
    model = SocialLearning(np.stack([1 - flag, flag], axis=1), rng.random((5, 5)))
    runs = model.simulate(np.full(5, 0.2), 400, 150, rng)
    assert np.all(runs.cascade_time >= 0)


def test_states_are_drawn_from_the_prior():
    runs = symmetric("low").simulate([0.2, 0.8], 1, 20_000, np.random.default_rng(1))
    assert abs(runs.states.mean() - 0.8) < 5 * 0.4 / 20_000**0.5
    given = np.arange(30) % 2
    runs = symmetric("low").simulate(HALF, 2, 30, np.random.default_rng(1), state=given)
    np.testing.assert_array_equal(runs.states, given)


def test_same_generator_same_runs():
    first, second = (symmetric("coin").simulate(HALF, 9, 50, np.random.default_rng(3)) for _ in range(2))
    for name in ("states", "observations", "actions", "beliefs", "cascade_time"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_observations_follow_the_likelihood():
    likelihood = np.array([[0.5, 0.0, 0.3, 0.2, 0.0], [0.0, 0.1, 0.0, 0.0, 0.9]])
    states = np.repeat([0, 1], 5000)
    drawn = draw_observations(likelihood, states, 20, np.random.default_rng(6))
    for state in (0, 1):
        share = np.bincount(drawn[:, states == state].ravel(), minlength=5) / 100_000
        error = np.sqrt(likelihood[state] * (1 - likelihood[state]) / 100_000)
        assert np.all(np.abs(share - likelihood[state]) <= 5 * error)


def test_a_tail_without_mass_is_never_drawn():
    """The cumulative sum of this row ends below one by rounding; the last one must stay impossible."""
    row = np.array([[0.1] * 10 + [0.0]])
    assert row.cumsum()[-2] < 1

    class Extreme:
        """A generator whose uniforms are as large as they can be."""

        def random(self, out):
            out[:] = np.nextafter(1.0, 0.0)

    assert draw_observations(row, np.zeros(3, dtype=int), 1, Extreme()).max() == 9


def test_rejects_impossible_requests():
    model = symmetric("low")
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="state: 1 has prior probability 0"):
        model.simulate([1.0, 0.0], 5, 5, rng, state=1)
    with pytest.raises(ValueError, match="expected one state or 5 of them"):
        model.simulate(HALF, 5, 5, rng, state=[0, 1])
    with pytest.raises(ValueError, match="n_agents >= 1"):
        model.simulate(HALF, 0, 5, rng)
