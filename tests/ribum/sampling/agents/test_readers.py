"""Readers: each passes what it must pass and fails what it must fail, in the population."""

import numpy as np
import pytest
from hypothesis import given, settings

from llma.ribum import agents
from llma.ribum.sampling.polytope import Polytope
from tests.strategies import seeds

STAKES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])[:, None, None] * np.eye(2)
PRIOR = np.array([0.65, 0.35])
MENU = np.array([[[0.5, 0.5], [0.5, 0.5]], *([[a, 1 - a], [1 - a, a]] for a in (0.7, 0.8, 0.88, 0.93, 0.95))])
COSTS = np.array([0.0, 0.1, 0.3, 0.6, 1.0, 1.3])
PRICED = Polytope(np.tile(PRIOR, (5, 1)), STAKES)
CAPACITY = Polytope(np.tile(PRIOR, (5, 1)), STAKES, "nis")
WHICH = agents.attention(PRIOR, STAKES, MENU, COSTS)


def economy(seed):
    rng = np.random.default_rng(seed)
    m, x, u, y, n = (int(k) for k in rng.integers(2, 5, size=5))
    priors = rng.dirichlet(np.ones(x) * 2, size=m)
    return (
        priors,
        rng.normal(size=(m, x, u)),
        rng.dirichlet(np.ones(y), size=(n, x)),
        rng.uniform(0, 0.3, n),
        rng,
    )


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_rational_readers_pass(seed):
    priors, utility, menu, costs, rng = economy(seed)
    priced, capacity = Polytope(priors, utility), Polytope(priors, utility, "nis")
    chosen = agents.attention(priors, utility, menu, costs)
    assert priced.contains(agents.reader(priors, utility, menu, chosen), 1e-10)
    fixed = agents.fixed_reader(priors, utility, menu, int(rng.integers(len(menu))))
    assert priced.contains(fixed, 1e-10)
    assert capacity.contains(fixed, 1e-10)
    # Whatever it looks at, a Bayesian's actions fit what it sees.
    any_attention = rng.integers(len(menu), size=len(utility))
    assert priced.switch_slacks(agents.reader(priors, utility, menu, any_attention)).min() >= -1e-10


def test_attention_is_optimal_and_grows_with_the_stakes():
    assert WHICH.tolist() == [0, 0, 3, 3, 5]
    assert (np.diff(WHICH) >= 0).all()
    for m in range(5):
        values = [sum(max(PRIOR * MENU[n][:, y] @ STAKES[m]) for y in range(2)) - COSTS[n] for n in range(6)]
        assert WHICH[m] == np.argmax(values)


def test_the_priced_reader_fails_capacity():
    table = agents.reader(PRIOR, STAKES, MENU, WHICH)
    assert PRICED.contains(table)
    assert not CAPACITY.contains(table)


def test_inverse_attention_fails():
    table = agents.inverse_reader(PRIOR, STAKES, MENU, COSTS)
    np.testing.assert_array_equal(table, agents.reader(PRIOR, STAKES, MENU, WHICH[::-1]))
    assert PRICED.switch_slacks(table).min() >= 0
    assert not PRICED.contains(table)


def test_all_cycles_of_a_fixed_reader_are_zero():
    table = agents.fixed_reader(PRIOR, STAKES, MENU, 3)
    np.testing.assert_allclose(PRICED.weights(table), 0, atol=1e-12)


def test_neglect_and_overconfidence_need_a_design():
    # Signals that outweigh the prior: forgetting it changes no action. Signals that do not: it does.
    strong, weak = np.full(5, 5), np.full(5, 0)
    assert PRICED.contains(agents.neglectful(PRIOR, STAKES, MENU, strong))
    skewed = Polytope(np.tile([0.9, 0.1], (5, 1)), STAKES)
    assert not skewed.contains(agents.neglectful([0.9, 0.1], STAKES, MENU, np.full(5, 2)))
    assert PRICED.contains(agents.overconfident(PRIOR, STAKES, MENU, strong, believed=5))
    blind = agents.neglectful(PRIOR, STAKES, MENU, weak)
    np.testing.assert_array_equal(
        blind[0], [[1, 0], [1, 0]]
    )  # the tie goes to action 0, by luck the right one


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"menu\[1\]: row 0"):
        agents.reader(PRIOR, STAKES, [np.eye(2), np.ones((2, 2))], np.zeros(5))
    with pytest.raises(ValueError, match=r"which: has shape \(2,\)"):
        agents.reader(PRIOR, STAKES, MENU, [0, 1])
    with pytest.raises(ValueError, match="costs: there are 2; expected 6"):
        agents.attention(PRIOR, STAKES, MENU, [0, 1])
    with pytest.raises(ValueError, match="experiments have 3 states; expected 2"):
        agents.reader(PRIOR, STAKES, [np.eye(3)], np.zeros(5))
