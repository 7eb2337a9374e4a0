from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from llma.agents import game as games
from llma.agents.game import (
    HerdGame,
    actions_of,
    bayesian,
    best_reply,
    history,
    levels,
    naive,
    public_log_odds,
)
from llma.agents.law import population_law, prompt_weights, simulate
from llma.agents.rules import keep_own, midpoint, raw, sampled, step_sizes
from llma.social import SocialLearning

accuracies = st.floats(0.55, 0.95)
some_games = st.builds(
    HerdGame,
    prior=st.floats(0.1, 0.9),
    accuracies=st.lists(accuracies, min_size=1, max_size=2, unique=True).map(tuple),
    tremble=st.floats(0, 0.2),
    n_agents=st.integers(1, 5),
)


def random_policy(game, seed):
    rng = np.random.default_rng(seed)
    return [rng.random((1 << k, len(game.accuracies), 2)) for k in range(game.n_agents)]


@pytest.mark.parametrize("accuracy", [0.6, 0.7, 0.8])
@pytest.mark.parametrize("prior", [0.5, 0.42])
def test_greedy_population_equals_social_learning(accuracy, prior):
    game = HerdGame(prior, (accuracy,))
    law = population_law(game, bayesian(game, raw))
    likelihood = [[accuracy, 1 - accuracy], [1 - accuracy, accuracy]]
    other = SocialLearning(likelihood, [[0, 1], [1, 0]], tie="own").exact([1 - prior, prior], 12)
    weights = np.array([1 - prior, prior])
    np.testing.assert_allclose(law.wrong, other.p_wrong_action @ weights, atol=1e-12)
    np.testing.assert_allclose(law.herd, other.p_cascade_by @ weights, atol=1e-12)
    np.testing.assert_allclose(law.wrong_herd, other.p_wrong_cascade_by @ weights, atol=1e-12)


@given(some_games, st.integers(0, 2**32))
@settings(max_examples=25)
def test_beliefs_are_bayes_rule_on_the_joint_law(game, seed):
    policy = random_policy(game, seed)
    joint = np.zeros((1 << game.n_agents, 2))
    seen = list(product(range(len(game.accuracies)), (0, 1)))
    for x in (0, 1):
        for h in range(1 << game.n_agents):
            chance = [1 - game.prior, game.prior][x]
            for k, action in enumerate(actions_of(h, game.n_agents)):
                node = history(actions_of(h, game.n_agents)[:k])
                one = sum(
                    (game.accuracies[i] if s == x else 1 - game.accuracies[i])
                    / len(game.accuracies)
                    * policy[k][node, i, s]
                    for i, s in seen
                )
                one = one * (1 - game.tremble) + (1 - one) * game.tremble
                chance *= one if action else 1 - one
            joint[h, x] = chance
    found = public_log_odds(game, policy)[-1]
    np.testing.assert_allclose(expit(found), joint[:, 1] / joint.sum(axis=1), atol=1e-9)
    law = population_law(game, policy).histories[-1] * [1 - game.prior, game.prior]
    np.testing.assert_allclose(law, joint, atol=1e-12)


def test_a_deviation_in_a_herd_says_nothing():
    game = HerdGame(0.5, (0.7,))
    public = public_log_odds(game, bayesian(game, raw))
    assert public[3][history([1, 1, 0])] == public[2][history([1, 1])]


@given(some_games, st.integers(0, 2**32))
@settings(max_examples=15)
def test_level_r_is_exact_for_agents_0_to_r(game, seed):
    start = random_policy(game, seed)
    target = bayesian(game, sampled)
    start[0] = target[0]
    for r, policy in enumerate(levels(game, start, sampled, game.n_agents - 1)):
        for k in range(r + 1):
            np.testing.assert_allclose(policy[k], target[k], atol=1e-9)


def test_the_level_theorem_cannot_be_improved():
    game = HerdGame(0.5, (0.7,))
    slips = replace(game, tremble=0.05)
    start = best_reply(slips, bayesian(slips, raw), sampled)
    target = bayesian(game, sampled)
    for r, policy in enumerate(levels(game, start, sampled, 3)):
        exact = [k for k in range(12) if np.allclose(policy[k], target[k], atol=1e-9)]
        assert exact == list(range(r + 1))


def test_naive_agents_count():
    game = HerdGame(0.5, (0.65, 0.9))
    weight = logit(0.775)
    belief = games.private_log_odds(game, np.array([0.0]))
    policy = naive(game, raw)
    lead = 2 * 3 - 5  # three of five actions were 1
    expected = raw(belief + lead * weight, game)
    np.testing.assert_array_equal(policy[5][history([1, 0, 0, 1, 1])], expected[0])


def test_naive_actions_are_bayesian_when_accuracy_is_common():
    for accuracy in (0.6, 0.7, 0.8):
        game = HerdGame(0.5, (accuracy,))
        one, other = bayesian(game, raw), naive(game, raw)
        np.testing.assert_allclose(population_law(game, one).wrong, population_law(game, other).wrong)
    secret = HerdGame(0.5, (0.65, 0.9))
    bayes, count = (population_law(secret, rule(secret, raw)).wrong[10] for rule in (bayesian, naive))
    assert (round(bayes, 4), round(count, 4)) == (0.0854, 0.1439)


@given(accuracies, st.floats(0, 0.1), st.integers(0, 2**32))
@settings(max_examples=40)
def test_the_band_theorem(accuracy, tremble, seed):
    game = HerdGame(0.5, (accuracy,), tremble, n_agents=7)
    signal, action = step_sizes(game)
    if 3 * action < 2 * signal:
        with pytest.raises(ValueError, match="slips are too frequent"):
            midpoint(game)
        return
    policy = bayesian(game, raw)
    rng = np.random.default_rng(seed)
    rule = keep_own(midpoint(game))
    for k, public in enumerate(public_log_odds(game, policy)[:7]):
        exact = games.private_log_odds(game, public)
        for_own = exact * np.array([-1.0, 1.0])
        assert not ((for_own > signal - 2 * action + 1e-9) & (for_own < signal - action - 1e-9)).any()
        noise = rng.choice([-0.999, 0.999], exact.shape) * action / 2
        np.testing.assert_array_equal(rule(exact + noise, game), policy[k])


def test_the_margin_of_the_band_theorem_is_sharp():
    game = HerdGame(0.5, (0.7,), 0.05, n_agents=4)
    action = step_sizes(game)[1]
    policy = bayesian(game, raw)
    exact = [games.private_log_odds(game, public) for public in public_log_odds(game, policy)[:4]]
    rule, own = keep_own(midpoint(game)), np.array([-1.0, 1.0])
    for sign in (-1, 1):
        moved = [rule(level + sign * own * 0.501 * action, game) for level in exact]
        assert any((one != other).any() for one, other in zip(moved, policy, strict=True))


@given(some_games, st.integers(0, 2**32))
@settings(max_examples=5, deadline=None)
def test_enumeration_equals_simulation(game, seed):
    policy = random_policy(game, seed)
    law = population_law(game, policy)

    def intend(k, actions, number, signal):
        node = (actions @ (1 << np.arange(k)[::-1])).astype(int) if k else np.zeros(len(number), int)
        return policy[k][node, number, signal]

    runs = simulate(game, intend, 20_000, np.random.default_rng(seed))
    error = np.sqrt(law.wrong * (1 - law.wrong) / 20_000)
    assert (np.abs(runs.wrong - law.wrong) < 5 * error).all()


def test_prompt_weights_sum_to_one():
    game = HerdGame(0.3, (0.65, 0.9), 0.1, n_agents=5)
    law = population_law(game, bayesian(game, sampled))
    for k in range(5):
        assert prompt_weights(game, law, k).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prior": 1.0}, "prior: 1.0"),
        ({"accuracies": ()}, "accuracies: is empty"),
        ({"accuracies": (0.7, 0.5)}, "accuracies: 0.5"),
        ({"tremble": 0.5}, "tremble: 0.5"),
        ({"n_agents": 17}, "n_agents: 17"),
    ],
)
def test_bad_games_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        HerdGame(**({"prior": 0.5, "accuracies": (0.7,)} | fields))


def test_bad_input_is_refused():
    game = HerdGame(0.5, (0.7,))
    with pytest.raises(ValueError, match="table 0 has shape"):
        public_log_odds(game, [np.zeros((1, 2, 2))])
    with pytest.raises(ValueError, match="does not have length 2"):
        actions_of(4, 2)
    with pytest.raises(ValueError, match="width: -1"):
        keep_own(-1)
    with pytest.raises(ValueError, match="only for prior 1/2"):
        midpoint(HerdGame(0.4, (0.7,)))
    with pytest.raises(ValueError, match="the lattice needs one"):
        midpoint(HerdGame(0.5, (0.7, 0.8)))
