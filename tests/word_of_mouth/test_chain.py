"""One round of word of mouth: against enumeration in fractions, its two protocols, its inputs."""

from __future__ import annotations

import numpy as np
import pytest

from llma.social import SocialLearning
from llma.word_of_mouth import BROADCASTS, WordOfMouth, flips
from tests.word_of_mouth import oracle

TRACKING = [[0, 1], [1, 0]]


def symmetric(p=0.8, d=0.1, n=2, broadcast="action", tie="own"):
    return WordOfMouth([[p, 1 - p], [1 - p, p]], TRACKING, n, flips(d), broadcast=broadcast, tie=tie)


@pytest.mark.parametrize("broadcast", BROADCASTS)
@pytest.mark.parametrize("seed", range(20))
def test_a_round_equals_enumeration(seed, broadcast):
    rng = np.random.default_rng(seed)
    n_states, n_seen, n_actions, n_heard = rng.integers(2, 4, size=4)
    n = int(rng.integers(1, 5))
    prior = oracle.table(rng, 1, n_states)[0]
    likelihood = oracle.table(rng, n_states, n_seen)
    costs = [oracle.table(rng, n_states, n_actions) for _ in range(n)]
    relays = [oracle.table(rng, n_actions, n_heard) for _ in range(n - 1)]
    law = oracle.paths(prior, likelihood, costs, relays)
    as_floats = [np.array(t, dtype=float) for t in (likelihood, costs, relays)]
    relay = as_floats[2] if n > 1 else None
    model = WordOfMouth(as_floats[0], as_floats[1], n, relay, broadcast=broadcast)
    start = np.array(prior, dtype=float)
    now = model.round(start)
    for i in range(n):
        for kind, tables in ((2 * i + 1, now.messages), (2 * i + 2, now.actions)):
            expected = np.zeros_like(tables[i])
            for path, mass in law.items():
                expected[path[0], path[kind]] += float(mass)
            np.testing.assert_allclose(start[:, None] * tables[i], expected, atol=1e-13)
    for signal, joint in oracle.public_posteriors(law, prior, broadcast).items():
        posterior = np.array([float(v / sum(joint)) for v in joint])
        np.testing.assert_allclose(model.update(start, signal), posterior, atol=1e-12)


def test_one_agent_is_social_learning():
    rng = np.random.default_rng(3)
    for _ in range(50):
        likelihood, cost = rng.dirichlet(np.ones(3), size=2), rng.uniform(size=(2, 3))
        q = rng.uniform()
        row, agent = WordOfMouth(likelihood, cost, 1), SocialLearning(likelihood, cost)
        np.testing.assert_allclose(
            row.round([1 - q, q]).actions[0], agent.public_likelihood([1 - q, q]), atol=1e-14
        )


def test_own_tie_at_the_end_of_the_region():
    row = symmetric(n=2)
    assert not row.is_blind([0.26, 0.74])
    assert row.is_blind([0.2599, 0.7401])
    told = symmetric(n=2, broadcast="posterior")
    assert not told.is_blind([0.2, 0.8])
    assert told.is_blind([0.1999, 0.8001])


def test_posterior_of_the_witness_is_never_blind():
    row = symmetric(n=1, broadcast="posterior")
    for q in (1e-6, 0.01, 0.5, 0.99, 1 - 1e-6):
        assert not row.is_blind([1 - q, q])
        assert row.update([1 - q, q], 1)[1] == pytest.approx(0.8 * q / (0.8 * q + 0.2 * (1 - q)))


def test_a_useless_relay_is_blind_and_freezes_the_belief():
    row = symmetric(d=0.5)
    assert row.is_blind([0.4, 0.6])
    assert row.update([0.4, 0.6], 1).tolist() == [0.4, 0.6]


def test_one_relay_a_hop():
    row = WordOfMouth(np.eye(2) * 0.6 + 0.2, TRACKING, 3, [flips(0.1), flips(0.3)], tie="own")
    assert row.round([0.5, 0.5]).messages[2][1, 1] == pytest.approx(0.5 + 0.3 * 0.8 * 0.4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_agents": 0}, "n_agents: is 0"),
        ({"n_agents": 1.5}, "n_agents: is 1.5"),
        ({"relay": [[0.9, 0.2], [0.1, 0.9]]}, "relay 0: row 0"),
        ({"relay": np.ones((3, 2, 2)) / 2}, "relay: has shape"),
        ({"relay": np.ones((3, 2)) / 2}, "relay 0: has 3 rows; expected 2"),
        ({"cost": np.zeros((3, 2, 2))}, "cost: has 3 tables"),
        ({"cost": np.zeros((3, 2))}, "cost of agent 0: has 3 rows"),
        ({"broadcast": "rumour"}, "broadcast: is 'rumour'"),
        ({"tie": "follow"}, "tie: is 'follow'"),
        ({"tie": "own", "relay": np.ones((2, 3)) / 3}, "two messages at each hop"),
    ],
)
def test_bad_models_are_named(arguments, message):
    given = {"likelihood": [[0.8, 0.2], [0.2, 0.8]], "cost": TRACKING, "n_agents": 2} | arguments
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        WordOfMouth(**given)


def test_bad_beliefs_and_signals_are_named():
    row = WordOfMouth([[1.0, 0.0], [0.5, 0.5]], TRACKING, 1)
    with pytest.raises(ValueError, match="sums to"):
        row.round([0.5, 0.6])
    with pytest.raises(ValueError, match="expected one belief"):
        row.round([[0.5, 0.5]])
    with pytest.raises(ValueError, match="signal: entry"):
        row.update([0.5, 0.5], 2)
    with pytest.raises(ValueError, match="probability 0"):
        row.update([1.0, 0.0], 1)
