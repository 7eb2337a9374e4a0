import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.herd import Herd, learn, regrets
from llma.herd.learn import marginal
from llma.social import SocialLearning

SYMMETRIC = np.array([[0.7, 0.3], [0.3, 0.7]])
HALF = [0.5, 0.5]
ONE = regrets(1, 1, 2)


def tables(n_states, n_questions):
    def normalised(cells):
        table = np.reshape(cells, (n_states, -1))
        return table / table.sum(axis=1, keepdims=True)

    size = n_states * 2**n_questions
    return st.lists(st.floats(0.05, 1), min_size=size, max_size=size).map(normalised)


def by_hand(bits, likelihood, prior, cost):
    """The protocol by enumeration over all 2**K answers, without `llma.social`."""
    k = bits.shape[1]
    every = np.array([[(y >> j) & 1 for j in range(k)] for y in range(2**k)], dtype=float)
    belief, beliefs, actions, cascade = np.array(prior), [np.array(prior)], [], []

    def best(private):
        expected = private @ cost
        return int(np.argmax(expected <= expected.min() * (1 + 1e-9)))

    def chance(pattern, answered):
        agree = (every[:, answered] == pattern).all(axis=1)
        return likelihood[:, agree].sum(axis=1)

    for row in bits:
        seen = ~np.isnan(row)
        cascade.append(len({best(belief * likelihood[:, y]) for y in range(2**k)}) == 1)
        action = best(belief * chance(row[seen], seen))
        alternatives = [chance(pattern, seen) for pattern in np.unique(every[:, seen], axis=0)]
        likely = sum(likely for likely in alternatives if best(belief * likely) == action)
        belief = belief * likely / (belief * likely).sum()
        actions.append(action)
        beliefs.append(belief)
    return actions, np.array(beliefs), cascade


@given(
    tables(3, 2),
    st.lists(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=2, max_size=2), min_size=1, max_size=6),
    st.floats(0.3, 3),
)
def test_equal_to_the_protocol_by_enumeration(likelihood, bits, under):
    cost = regrets(1, under, 3)
    prior = [0.2, 0.5, 0.3]
    herd = learn(bits, likelihood, prior, cost)
    actions, beliefs, cascade = by_hand(np.array(bits), likelihood, prior, cost)
    assert herd.actions.tolist() == actions
    np.testing.assert_allclose(herd.beliefs, beliefs, atol=1e-9)
    assert herd.cascade_start == (cascade.index(True) if any(cascade) else -1)


def test_two_equal_answers_start_a_cascade_of_symmetric_agents():
    herd = learn([[1], [1], [0], [0]], SYMMETRIC, HALF, ONE)
    assert herd.actions.tolist() == [1, 1, 1, 1]
    assert herd.cascade_start == 2
    np.testing.assert_allclose(herd.beliefs[2:], np.tile(herd.beliefs[2], (3, 1)))
    assert [herd.in_cascade(k) for k in range(4)] == [False, False, True, True]


@given(tables(2, 2), st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, np.nan])] * 2), min_size=1, max_size=8))
def test_after_the_start_of_a_cascade_actions_and_beliefs_stand_still(likelihood, bits):
    herd = learn(bits, likelihood, HALF, ONE)
    if herd.cascade_start >= 0:
        start = herd.cascade_start
        assert len(set(herd.actions[start:].tolist())) == 1
        assert (herd.beliefs[start:] == herd.beliefs[start]).all()


def test_an_agent_without_answers_acts_on_the_public_belief_and_teaches_nothing():
    herd = learn([[1.0], [np.nan]], [[0.6, 0.4], [0.3, 0.7]], HALF, ONE)
    np.testing.assert_allclose(herd.private[1], herd.beliefs[1], atol=1e-15)
    np.testing.assert_array_equal(herd.beliefs[2], herd.beliefs[1])
    assert herd.actions[1] == 1


def test_private_belief_is_the_posterior_given_the_answered_questions():
    likelihood = np.array([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    herd = learn([[np.nan, 1.0]], likelihood, HALF, ONE)
    np.testing.assert_allclose(herd.private[0], [0.7, 0.3])


def test_marginal_keeps_the_order_of_the_bits():
    likelihood = np.arange(1, 9)[None] / 36
    np.testing.assert_allclose(marginal(likelihood, [True, False, True]) * 36, [[1 + 3, 2 + 4, 5 + 7, 6 + 8]])
    np.testing.assert_allclose(marginal(likelihood, [True] * 3), likelihood)
    np.testing.assert_allclose(marginal(likelihood, [False] * 3), [[1.0]])


@pytest.mark.parametrize("tie", ["own", "follow", "coin"])
def test_other_tie_rules_work_for_one_question_and_survive_a_refusal(tie):
    herd = learn([[1], [np.nan], [0]], SYMMETRIC, HALF, ONE, tie=tie, rng=np.random.default_rng(0))
    assert herd.actions[0] == 1
    assert herd.actions[1] == 1


def test_a_coin_is_tossed_with_the_given_generator():
    def last(seed):
        bits = [[1], [0]]
        return int(learn(bits, SYMMETRIC, HALF, ONE, tie="coin", rng=np.random.default_rng(seed)).actions[1])

    assert {last(seed) for seed in range(20)} == {0, 1}
    assert last(3) == last(3)


def test_follow_uses_the_predecessors_action():
    herd = learn([[1], [0], [0]], SYMMETRIC, HALF, ONE, tie="follow")
    model = SocialLearning(SYMMETRIC, ONE, tie="follow")
    wanted = [HALF]
    previous = None
    for y, u in zip([1, 0, 0], herd.actions, strict=True):
        assert u == model.action(wanted[-1], y, previous)
        wanted.append(model.public_update(wanted[-1], u, previous))
        previous = u
    np.testing.assert_allclose(herd.beliefs, wanted)


@given(st.integers(2, 6), st.floats(0.1, 9), st.floats(0.1, 9))
def test_regrets_are_piecewise_linear(n, over, under):
    cost = regrets(over, under, n)
    for x, u in np.ndindex(n, n):
        assert cost[x, u] == pytest.approx(over * max(u - x, 0) + under * max(x - u, 0))


@pytest.mark.parametrize(("over", "under"), [(0, 1), (1, -2), (np.inf, 1), (np.nan, 1)])
def test_costs_must_be_positive(over, under):
    with pytest.raises(ValueError, match="both must be positive"):
        regrets(over, under, 2)


@pytest.mark.parametrize(
    ("bits", "message"),
    [
        ([[0.5]], r"entry \(0, 0\) is 0.5"),
        ([[2.0]], "between 0 and 1"),
        ([1.0, 0.0], "a row an agent"),
        (np.empty((0, 1)), "a row an agent"),
        ([[1, 0]], "2 questions need 4"),
    ],
)
def test_bits_that_are_no_answers_are_refused(bits, message):
    with pytest.raises(ValueError, match=message):
        learn(bits, SYMMETRIC, HALF, ONE)


def test_impossible_answers_name_the_agent():
    with pytest.raises(ValueError, match=r"agent 1: answers \[1\] are impossible"):
        learn([[0], [1]], [[1.0, 0.0], [1.0, 0.0]], HALF, ONE)


def test_a_herd_with_wrong_lengths_is_refused():
    good = learn([[1]], SYMMETRIC, HALF, ONE)
    with pytest.raises(ValueError, match=r"beliefs of shape \(2, X\)"):
        Herd(good.bits, good.private, good.actions, good.beliefs[:1], -1, SYMMETRIC)
    with pytest.raises(ValueError, match="cascade_start is 1"):
        Herd(good.bits, good.private, good.actions, good.beliefs, 1, SYMMETRIC)
