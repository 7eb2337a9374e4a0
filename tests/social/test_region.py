"""The learning region: the closed form, its ends, its degenerate cases, and agreement with `is_cascade`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.social import TIE_RULES, SocialLearning
from tests import strategies

SENSOR, COST = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("tie", "previous", "expected"),
    [
        ("low", None, "(0.3, 0.7]"),
        ("own", None, "[0.3, 0.7]"),
        ("coin", None, "[0.3, 0.7]"),
        ("follow", None, "[0.3, 0.7]"),
        ("follow", 0, "(0.3, 0.7]"),
        ("follow", 1, "[0.3, 0.7)"),
    ],
)
def test_ends_belong_by_tie_rule(tie, previous, expected):
    assert str(SocialLearning(SENSOR, COST, tie).cascade_region(previous)) == expected


def test_ties_to_the_other_state_mirror_the_ends():
    """If action 0 is right in state 1, ties to the lowest index go the other way."""
    region = SocialLearning(SENSOR, [[1, 0], [0, 1]]).cascade_region()
    assert str(region) == "[0.3, 0.7)"
    assert (region.below, region.above) == (1, 0)


def test_three_signals_and_a_cost_ratio():
    """The region is (.2958, .8077) for kappa = 1.4."""
    region = SocialLearning([[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]]).cascade_region()
    np.testing.assert_allclose([region.lower, region.upper], [0.2958, 0.8077], atol=5e-5)


def test_exercise_cost_ratio_two():
    """With kappa = 2, p = .8: herd on action 0 below 1/3, on action 1 above .889."""
    region = SocialLearning([[0.8, 0.2], [0.2, 0.8]], [[0, 2], [1, 0]]).cascade_region()
    np.testing.assert_allclose([region.lower, region.upper], [1 / 3, 8 / 9])
    assert (region.below, region.above) == (0, 1)


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize(
    ("cost", "action"),
    [([[0, 1], [0, 1]], 0), ([[1, 0], [2, 0]], 1), ([[1, 0], [1, 1]], 1), ([[0, 0], [0, 2]], 0)],
)
def test_a_dominant_action_leaves_nothing_to_learn(tie, cost, action):
    region = SocialLearning(SENSOR, cost, tie).cascade_region()
    assert region.empty or region.width == 0.0
    assert (region.below, region.above) == (action, action)
    assert 0.5 not in region


def test_useless_signals_leave_nothing_to_learn():
    region = SocialLearning([[0.4, 0.6], [0.4, 0.6]], COST, "coin").cascade_region()
    assert region.empty
    assert str(region) == "empty"
    assert (region.below, region.above) == (0, 1)


def test_excluding_observations_open_the_region():
    """An observation that excludes a state overturns any belief short of certainty."""
    one = SocialLearning([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]], COST).cascade_region()
    assert (one.lower, one.lower_closed, one.upper_closed) == (0.0, False, True)
    both = SocialLearning([[1.0, 0.0], [0.0, 1.0]], COST).cascade_region()
    assert str(both) == "(0, 1)"


@settings(max_examples=200, deadline=None)
@given(strategies.social_models(max_size=2) | strategies.binary_models(), st.floats(0.001, 0.999))
def test_region_agrees_with_is_cascade(model, q):
    for previous in (None, 0, 1) if model.tie == "follow" else (None,):
        region = model.cascade_region(previous)
        ends = [] if region.empty else [region.lower, region.upper]
        for point in [q, *ends]:
            assert (point in region) != bool(model.is_cascade([1 - point, point], previous))
        if not region.empty and not model.is_cascade([1 - q, q], previous):
            continue
        if not region.empty and q < region.lower:
            assert model.action([1 - q, q], 0, previous, np.random.default_rng(0)) == region.below
        if not region.empty and q > region.upper:
            assert model.action([1 - q, q], 0, previous, np.random.default_rng(0)) == region.above


def test_more_states_or_actions_are_refused():
    with pytest.raises(ValueError, match="needs two states and two actions"):
        SocialLearning(np.full((2, 2), 0.5), np.ones((2, 3))).cascade_region()
