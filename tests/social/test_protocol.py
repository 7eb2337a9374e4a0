"""One step of the protocol: against fractions, tie by tie, and its properties."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.bayes import is_tp2, mlr_dominates, posterior
from llma.social import TIE_RULES, TIE_TOLERANCE, SocialLearning
from tests import strategies
from tests.social.oracle import as_floats, binary, random_oracle

SENSOR, COST = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]


def walk(oracle, model, belief, previous, n_agents):
    """Compare decisions, cascades and updates at every history of up to `n_agents` actions."""
    q = [float(v) for v in belief]
    assert bool(model.is_cascade(q, previous)) == oracle.is_cascade(belief, previous)
    rule = model.decision_rule(q, previous)
    laws = oracle.rule(belief, previous)
    for y, law in enumerate(laws):
        expected = [float(law.get(u, 0)) for u in range(model.n_actions)]
        np.testing.assert_array_equal(rule[y], expected)
    if n_agents == 0:
        return
    for u in sorted({u for law in laws for u in law}):
        after = oracle.update(belief, u, previous)
        np.testing.assert_allclose(model.public_update(q, u, previous), [float(v) for v in after], atol=1e-12)
        walk(oracle, model, after, u, n_agents - 1)


@pytest.mark.parametrize("seed", range(30))
def test_random_models_equal_fractions(seed):
    """Ties to the lowest index, any number of states, observations and actions."""
    rng = np.random.default_rng(100 + seed)
    n_states, n_observations, n_actions = (int(v) for v in rng.integers(2, 6, 3))
    oracle = random_oracle(rng, n_states, n_observations, n_actions)
    model = SocialLearning(as_floats(oracle.likelihood), as_floats(oracle.cost))
    weights = rng.integers(1, 9, n_states)
    walk(oracle, model, [Fraction(int(w), int(weights.sum())) for w in weights], None, 3)


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("prior", [Fraction(1, 2), Fraction(3, 10), Fraction(7, 10)])
def test_tie_rules_equal_fractions(tie, prior):
    oracle = binary(70, Fraction(1), tie)
    walk(oracle, SocialLearning(as_floats(oracle.likelihood), COST, tie), [1 - prior, prior], None, 6)


def test_each_tie_rule_at_a_tie():
    """At belief (.7, .3) an agent that sees 1 is exactly indifferent."""
    tied = [0.7, 0.3]
    assert SocialLearning(SENSOR, COST, "low").action(tied, 1) == 0
    assert SocialLearning(SENSOR, COST, "own").action(tied, 1) == 1
    follow = SocialLearning(SENSOR, COST, "follow")
    assert [int(follow.action(tied, 1, previous=u)) for u in (None, 0, 1)] == [1, 0, 1]
    coin = SocialLearning(SENSOR, COST, "coin")
    tosses = coin.action(np.tile(tied, (4000, 1)), 1, rng=np.random.default_rng(0))
    assert abs(tosses.mean() - 0.5) < 5 * 0.5 / 4000**0.5
    with pytest.raises(ValueError, match=r"pass a numpy\.random\.Generator"):
        coin.action(tied, 1)
    assert coin.action([0.5, 0.5], 1) == 1


def test_rounding_noise_does_not_pick_the_tie_rule():
    """The trap: beliefs equal on paper differ in the last bit, and a bare argmin obeys the noise."""
    cost = np.array(COST, dtype=float)
    naive, ours = set(), set()
    for p in np.linspace(0.55, 0.95, 81):
        likelihood = np.array([[p, 1 - p], [1 - p, p]])
        belief = np.array([0.5, 0.5])
        for y in (0, 0, 0, 1, 1):
            belief = posterior(belief, likelihood, y)
        # Three signals 0 and two signals 1: on paper a tie for an agent that sees 1.
        naive.add(int((posterior(belief, likelihood, 1) @ cost).argmin()))
        for tie in ("low", "own"):
            ours.add((tie, int(SocialLearning(likelihood, cost, tie).action(belief, 1))))
    assert naive == {0, 1}
    assert ours == {("low", 0), ("own", 1)}


def test_tolerance_is_the_one_stated():
    model = SocialLearning(SENSOR, COST, "own")
    for distance, expected in ((0.1 * TIE_TOLERANCE, 1), (10 * TIE_TOLERANCE, 0)):
        odds = 3 / 7 * (1 - distance)  # just below the tie: action 0 is better by this relative amount
        assert model.action([1 / (1 + odds), odds / (1 + odds)], 1) == expected


def test_ties_are_seen_at_extreme_beliefs():
    """A tolerance on costs instead of on their ratio would call everything a tie here."""
    tiny = 1e-12
    model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, tiny], [1, 0]])
    belief = [1 - tiny, tiny]
    assert model.action(belief, 0) == 0
    assert model.action(belief, 1) == 1
    assert not model.is_cascade(belief)


def test_zero_regret_in_one_state_makes_a_cascade_everywhere():
    """Equal costs in state 0 give kappa = 0: action 1 weakly dominates, agent 0 is already in a cascade."""
    model = SocialLearning(SENSOR, [[1, 1], [1, 0]])
    q = np.array([1e-6, 0.1, 0.5, 0.9])
    assert model.is_cascade(np.stack([1 - q, q], axis=1)).all()
    np.testing.assert_array_equal(model.action(np.stack([1 - q, q], axis=1), 0), 1)


def test_cascade_under_a_moving_state_need_not_end():
    """An irreducible chain whose stationary belief lies in a cascade region keeps the herd for ever."""
    transition = np.array([[0.99, 0.01], [0.19, 0.81]])
    assert is_tp2(transition)
    model = SocialLearning(SENSOR, COST)
    belief, path = np.array([0.9, 0.1]), []
    for _ in range(500):
        assert model.is_cascade(belief)
        assert model.action(belief, 1) == 0
        belief = model.public_update(belief, 0) @ transition
        path.append(belief[1])
    assert np.all(np.diff(path) <= 1e-15)
    np.testing.assert_allclose(path[-1], 0.05, atol=1e-9)


def test_cascade_under_a_moving_state_ends_if_the_stationary_belief_learns():
    """With the stationary belief inside the learning region every cascade ends after a bounded time."""
    transition = np.array([[0.9, 0.1], [0.1, 0.9]])
    model = SocialLearning(SENSOR, COST)
    belief, steps = np.array([0.999, 0.001]), 0
    while model.is_cascade(belief):
        belief, steps = model.public_update(belief, 0) @ transition, steps + 1
    # q_k = 1/2 - .499 * .8**k first exceeds .3 at k = 5.
    assert steps == 5


@settings(max_examples=100, deadline=None)
@given(strategies.social_models(), st.data())
def test_public_belief_is_a_martingale(model, data):
    belief = data.draw(strategies.beliefs(model.n_states))
    likelihood = model.public_likelihood(belief)
    chance = belief @ likelihood
    after = [chance[u] * model.public_update(belief, u) for u in range(model.n_actions) if chance[u] > 0]
    np.testing.assert_allclose(np.sum(after, axis=0), belief, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(strategies.social_models(), st.data())
def test_a_cascade_freezes_the_belief(model, data):
    belief = data.draw(strategies.beliefs(model.n_states))
    if model.is_cascade(belief):
        u = int(model.action(belief, 0))
        np.testing.assert_array_equal(model.public_update(belief, u), belief)
        np.testing.assert_array_equal(model.action(belief, np.arange(model.n_observations)), u)
    else:
        rule = model.decision_rule(belief)
        assert np.any(rule != rule[0])


@settings(max_examples=50, deadline=None)
@given(strategies.binary_models(), strategies.beliefs(), strategies.seeds)
def test_cascades_absorb(model, prior, seed):
    runs = model.simulate(prior, 25, 20, np.random.default_rng(seed))
    for path, start in enumerate(runs.cascade_time):
        if start >= 0:
            assert len(set(runs.actions[path, start:])) == 1
            assert np.all(runs.beliefs[path, start:] == runs.beliefs[path, start])


@settings(max_examples=50, deadline=None)
@given(strategies.tp2_matrices(3, 4), strategies.beliefs(3))
def test_tp2_signals_give_monotone_actions_and_beliefs(likelihood, belief):
    """With TP2 signals and costs |x - u| a higher signal never lowers the action, nor that the belief."""
    cost = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    model = SocialLearning(likelihood, cost)
    actions = model.action(belief, np.arange(4))
    assert np.all(np.diff(actions) >= 0)
    seen = sorted(set(actions.tolist()))
    after = [model.public_update(belief, u) for u in seen]
    assert all(mlr_dominates(high, low, 1e-9) for low, high in pairwise(after))


def test_coin_with_useless_signals_is_a_cascade():
    model = SocialLearning([[0.5, 0.5], [0.5, 0.5]], COST, "coin")
    assert model.is_cascade([0.5, 0.5])
    np.testing.assert_array_equal(model.public_update([0.5, 0.5], 1), [0.5, 0.5])


def test_rounding_noise_makes_no_signal_informative():
    """The two rows are equal on paper: neither observation favours a state, so "own" takes action 0."""
    noisy = SocialLearning([[0.1 + 0.2, 0.7], [0.3, 0.7]], [[1, 0], [0, 1]], "own")
    np.testing.assert_array_equal(noisy.action([0.5, 0.5], [0, 1]), 0)


def test_identity_start_moves_the_odds_by_one_plus():
    model = SocialLearning(SENSOR, COST, "own", update="identity-start")
    odds = np.divide(*model.public_update([0.5, 0.5], 1)[::-1])
    np.testing.assert_allclose(odds, 1.7 / 1.3)
    np.testing.assert_array_equal(model.public_update([0.8, 0.2], 0), [0.8, 0.2])


def test_models_are_validated_and_immutable():
    with pytest.raises(ValueError, match=r"row 1 is \[0.4, 0.5\]"):
        SocialLearning([[0.7, 0.3], [0.4, 0.5]], COST)
    with pytest.raises(ValueError, match="cost: has 3 rows; expected 2"):
        SocialLearning(SENSOR, np.eye(3))
    with pytest.raises(ValueError, match="tie: is 'high'"):
        SocialLearning(SENSOR, COST, "high")
    with pytest.raises(ValueError, match="'coin' needs two states"):
        SocialLearning(np.full((2, 3), 1 / 3), COST, "coin")
    with pytest.raises(ValueError, match="read-only"):
        SocialLearning(SENSOR, COST).likelihood[0, 0] = 1.0
