"""Noise: who passes and who fails, in the population."""

import numpy as np
import pytest

from llma.ribum import agents
from llma.ribum.sampling.polytope import Polytope

STAKES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])[:, None, None] * np.eye(2)
PRIOR = np.array([0.65, 0.35])
MENU = np.array([[[0.5, 0.5], [0.5, 0.5]], *([[a, 1 - a], [1 - a, a]] for a in (0.7, 0.8, 0.88, 0.93, 0.95))])
PRICED = Polytope(np.tile(PRIOR, (5, 1)), STAKES)


def test_softmax_fails_unless_its_base_rates_are_its_own():
    which = np.full(5, 2)
    temperature = STAKES[:, 0, 0]
    uniform = agents.softmax_reader([0.8, 0.2], STAKES, MENU, which, temperature=temperature)
    own = agents.softmax_reader([0.8, 0.2], STAKES, MENU, which, temperature=temperature, own_base=True)
    polytope = Polytope(np.tile([0.8, 0.2], (5, 1)), STAKES)
    assert polytope.switch_slacks(uniform).min() < -0.01
    assert polytope.switch_slacks(own).min() >= -1e-9


def test_fixed_softmax_breaks_nias_exactly_above_its_temperature():
    # Proposition 5: prior (.8, .2), uniform base: the turn is at 1 / ln 4.
    polytope = Polytope([[0.8, 0.2]], np.eye(2))
    turn = 1 / np.log(4)
    assert polytope.contains(agents.fixed_softmax([np.eye(2)], 0.999 * turn))
    assert not polytope.contains(agents.fixed_softmax([np.eye(2)], 1.001 * turn))
    assert polytope.switch_slacks(agents.fixed_softmax([np.eye(2)], turn))[0, 1, 0] == pytest.approx(
        0, abs=1e-12
    )


def test_own_base_rates_are_those_of_shannon():
    # One signal a state: it is Shannon's agent, whose base rate has a closed form for two states.
    b = np.exp(1 / 0.6)
    table = agents.softmax_reader([[0.8, 0.2]], np.eye(2), [np.eye(2)], [0], temperature=0.6, own_base=True)
    assert [0.8, 0.2] @ table[0, :, 0] == pytest.approx((0.8 * b - 0.2) / (b - 1), abs=1e-10)


def test_opposite_errors_and_random():
    table = agents.reader(PRIOR, STAKES, MENU, np.full(5, 4))
    assert not PRICED.contains(agents.opposite(table))
    np.testing.assert_array_equal(agents.opposite(agents.opposite(table)), table)
    np.testing.assert_array_equal(agents.near_rational(table, 0.0), table)
    inside = agents.near_rational(table, 0.1)
    assert PRICED.contains(inside, 1e-12)  # the same error everywhere is a garbling that is used alike
    late = table.copy()
    late[4] = late[4, :, ::-1]
    assert not PRICED.contains(agents.near_rational(table, 0.05, late))  # it errs where most is at stake
    drawn = agents.random_agent((5, 2, 2), np.random.default_rng(0))
    assert drawn.shape == (5, 2, 2)
    assert not PRICED.contains(drawn)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="temperature"):
        agents.fixed_softmax(STAKES, 0.0)
    with pytest.raises(ValueError, match="reference"):
        agents.fixed_softmax(STAKES, 1.0, [1.0, 0.0])
    with pytest.raises(ValueError, match="error: is 2"):
        agents.near_rational(np.full((1, 2, 2), 0.5), 2)
    with pytest.raises(ValueError, match="instead: has shape"):
        agents.near_rational(np.full((1, 2, 2), 0.5), 0.1, np.full((2, 2, 2), 0.5))
