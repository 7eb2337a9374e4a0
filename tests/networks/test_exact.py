"""The exact law on a network against brute force, the complete network, closed forms and independence."""

import numpy as np
import pytest

from llma.networks import (
    Network,
    NetworkLearning,
    complete,
    empty,
    last,
    line,
    random,
    symmetric_error,
)
from llma.social import TIE_RULES, SocialLearning
from tests.networks import oracle

EVEN = [0.5, 0.5]
SENSOR = [[0.7, 0.3], [0.3, 0.7]]
ERRORS = [[0, 1], [1, 0]]


def drawn(seed, n_agents, shape, alike=True):
    """A random network with integer tables; the oracle's form and the library's."""
    rng = np.random.default_rng(seed)
    n_states, n_readings, n_actions = shape
    network = random(n_agents, rng.uniform(0.2, 0.9), rng)
    count = 1 if alike else n_agents
    tables = [oracle.integers(rng, n_states, n_readings) for _ in range(count)] * (n_agents // count)
    costs = [rng.integers(0, 7, (n_states, n_actions)).tolist() for _ in range(count)] * (n_agents // count)
    prior = rng.integers(1, 6, n_states).tolist()
    truth = oracle.law(network.neighbours, tables, costs, prior)
    model = NetworkLearning(network, np.array(tables) / oracle.SCALE, np.array(costs))
    return np.array(truth, dtype=float), model.exact(np.array(prior) / sum(prior)), model, prior


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("n_agents", "shape"), [(8, (2, 2, 2)), (6, (2, 3, 2)), (6, (3, 2, 3)), (5, (3, 3, 2)), (5, (4, 3, 4))]
)
def test_brute_force(seed, n_agents, shape):
    truth, law, _, _ = drawn(seed, n_agents, shape)
    np.testing.assert_allclose(law.joint, truth, atol=1e-13)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 3)])
def test_brute_force_when_everybody_differs(seed, shape):
    truth, law, model, prior = drawn(100 + seed, 6, shape, alike=False)
    np.testing.assert_allclose(law.joint, truth, atol=1e-13)
    costs = np.array([agent.cost for agent in model.agents])
    np.testing.assert_allclose(law.expected_cost, (truth * costs).sum(axis=(1, 2)), atol=1e-12)
    np.testing.assert_allclose(law.joint.sum(axis=2), np.tile(np.array(prior) / sum(prior), (6, 1)))


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("q", [0.5, 0.45, 0.3])
def test_the_complete_network_is_the_row(tie, q):
    prior = [1 - q, q]
    law = NetworkLearning(complete(30), SENSOR, ERRORS, tie).exact(prior)
    row = SocialLearning(SENSOR, ERRORS, tie).exact(prior, 30)
    np.testing.assert_allclose(law.p_action, row.p_action, atol=1e-12)
    np.testing.assert_allclose(law.p_ignores, row.p_cascade_by, atol=1e-12)
    np.testing.assert_allclose(law.p_wrong_action, row.p_wrong_action, atol=1e-12)


def test_the_complete_network_is_the_row_with_three_readings_and_unequal_costs():
    sensor, cost = [[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]]
    law = NetworkLearning(complete(12), sensor, cost).exact([0.55, 0.45])
    row = SocialLearning(sensor, cost).exact([0.55, 0.45], 12)
    np.testing.assert_allclose(law.p_action, row.p_action, atol=1e-12)


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("p", [0.55, 0.7, 0.95])
def test_the_line_in_closed_form(tie, p):
    law = NetworkLearning(line(25), [[p, 1 - p], [1 - p, p]], ERRORS, tie).exact(EVEN)
    np.testing.assert_allclose(law.error, symmetric_error(p, 25, tie), atol=1e-13)
    assert law.n_histories == 2


def test_nobody_sees_anybody():
    law = NetworkLearning(empty(4), SENSOR, ERRORS).exact(EVEN)
    np.testing.assert_allclose(law.error, 0.3)
    assert (law.p_ignores == 0).all()


def test_rules_add_up():
    law = NetworkLearning(last(6, 2), SENSOR, ERRORS).exact([0.4, 0.6])
    for n, rule in enumerate(law.rules):
        np.testing.assert_allclose(rule.probability.sum(axis=0), [0.4, 0.6])
        np.testing.assert_allclose(rule.choice.sum(axis=2), 1)
        action = np.einsum("gx,xy,gyu->xu", rule.probability, np.array(SENSOR), rule.choice)
        np.testing.assert_allclose(action, law.joint[n], atol=1e-15)


@pytest.mark.parametrize("seed", range(25))
def test_an_agent_does_at_least_as_well_as_those_it_sees(seed):
    rng = np.random.default_rng(seed)
    network = random(7, 0.5, rng)
    sensors = list(rng.dirichlet(np.ones(3), (7, 3)))
    cost = rng.random((3, 3))
    law = NetworkLearning(network, sensors, cost).exact(rng.dirichlet(np.ones(3)))
    for j, n in network.edges:
        assert law.expected_cost[n] <= law.expected_cost[j] + 1e-12


def test_a_moving_state_by_hand():
    """Two agents: the second predicts with the chain before it reads."""
    chain = np.array([[0.9, 0.1], [0.2, 0.8]])
    prior = np.array([0.6, 0.4])
    law = NetworkLearning(line(2), SENSOR, ERRORS, transition=chain).exact(prior)
    table = np.array(SENSOR)
    after = np.stack([(prior * table[:, u]) @ chain for u in (0, 1)])  # agent 0 plays its reading
    expected = np.zeros((2, 2))
    for u in (0, 1):
        for y in (0, 1):
            weight = after[u] * table[:, y]
            expected[:, int(weight[1] > weight[0])] += weight
    np.testing.assert_allclose(law.joint[1], expected, atol=1e-15)
    np.testing.assert_allclose(law.joint[1].sum(axis=1), prior @ chain)


def test_a_chain_that_stands_still_changes_nothing():
    network = random(7, 0.6, np.random.default_rng(5))
    still = NetworkLearning(network, SENSOR, ERRORS).exact([0.45, 0.55])
    moved = NetworkLearning(network, SENSOR, ERRORS, transition=np.eye(2)).exact([0.45, 0.55])
    np.testing.assert_array_equal(still.joint, moved.joint)


def test_naive_agents_agree_where_nothing_is_hidden():
    """Each agent sees agents who see nobody: the naive belief is Bayes' rule."""
    network = Network([[], [], [], [0, 1], [0, 2], [1, 2]])
    laws = [
        NetworkLearning(network, SENSOR, ERRORS, kind=kind).exact([0.45, 0.55]) for kind in ("bayes", "naive")
    ]
    np.testing.assert_allclose(laws[0].joint, laws[1].joint, atol=1e-15)


def test_naive_agents_count_by_hand():
    """A naive agent adds up the votes of those it sees and its own."""
    network = random(6, 0.7, np.random.default_rng(2))
    law = NetworkLearning(network, SENSOR, ERRORS, kind="naive").exact([0.45, 0.55])
    for n, rule in enumerate(law.rules):
        for seen, choice in zip(rule.seen, rule.choice, strict=True):
            for y in (0, 1):
                lead = sum(2 * u - 1 for u in seen) + 2 * y - 1
                assert choice[y].argmax() == (lead >= 0)
        assert rule.seen.shape[1] == len(network.neighbours[n])


def test_an_impossible_action_says_nothing_to_a_naive_agent():
    """Agent 0 alone always plays 0 (its costs say so); seeing it is no news, whatever it reads."""
    costs = [[[0, 9], [1, 0]], ERRORS]
    law = NetworkLearning(line(2), SENSOR, costs, kind="naive").exact(EVEN)
    np.testing.assert_allclose(law.rules[1].belief, [[0.5, 0.5]])


def test_too_many_histories():
    model = NetworkLearning(Network([[]] * 12 + [range(12)]), SENSOR, ERRORS)
    assert model.exact(EVEN).n_histories == 2**12
    with pytest.raises(ValueError, match=r"agent 6 leaves 128 histories of the 7 actions.*use sample"):
        model.exact(EVEN, max_histories=100)


def test_histories_too_long_for_one_integer():
    law = NetworkLearning(complete(80), SENSOR, ERRORS, "follow").exact(EVEN)
    np.testing.assert_allclose(law.error, 0.3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"likelihood": [SENSOR] * 2}, "2 tables for 3 agents"),
        ({"likelihood": [SENSOR, SENSOR, [[0.5, 0.5]] * 3]}, "agent 2"),
        ({"cost": [ERRORS, ERRORS, [[0, 1, 2], [1, 0, 2]]]}, "agent 2: has 3 actions, agent 0 has 2"),
        ({"likelihood": [SENSOR, [[0.7, 0.2], [0.3, 0.7]], SENSOR]}, "agent 1: likelihood: row 0"),
        ({"kind": "stubborn"}, "kind"),
        ({"kind": "naive", "likelihood": [[1, 0], [0.5, 0.5]]}, "without zeros"),
        ({"kind": "naive", "transition": np.eye(2)}, "does not move"),
        ({"transition": np.eye(3)}, "transition"),
    ],
)
def test_bad_models(change, message):
    with pytest.raises(ValueError, match=message):
        NetworkLearning(line(3), **{"likelihood": SENSOR, "cost": ERRORS, **change})


def test_bad_priors():
    model = NetworkLearning(line(3), SENSOR, ERRORS)
    with pytest.raises(ValueError, match="state 1 has probability 0"):
        model.exact([1, 0])
    with pytest.raises(ValueError, match="one belief"):
        model.exact([[0.5, 0.5]])
