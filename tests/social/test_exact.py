"""The exact law against enumeration in fractions, closed forms, and its own error bound."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from llma.social import TIE_RULES, SocialLearning
from llma.social.closed_forms import (
    expected_agents_before_cascade,
    identity_start_expected_agents,
    identity_start_wrong_cascade_probability,
    no_cascade_probability,
    wrong_cascade_probability,
)
from tests import strategies
from tests.social.oracle import as_floats, binary, random_oracle

HALF = [0.5, 0.5]


def symmetric(p: float, tie: str = "low", **options: str) -> SocialLearning:
    """Return the symmetric binary model with equal costs."""
    return SocialLearning([[p, 1 - p], [1 - p, p]], [[0, 1], [1, 0]], tie, **options)


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("ratio", [Fraction(1), Fraction(7, 3), Fraction(3, 7), Fraction(5, 4), Fraction(40)])
@pytest.mark.parametrize("prior", [Fraction(1, 2), Fraction(3, 10), Fraction(7, 10), Fraction(16, 25)])
def test_binary_model_equals_enumeration(tie, ratio, prior):
    oracle = binary(70, ratio, tie)
    model = SocialLearning(as_floats(oracle.likelihood), as_floats(oracle.cost), tie)
    law = model.exact([float(1 - prior), float(prior)], 8)
    cascade_on, action = oracle.law([1 - prior, prior], 8)
    np.testing.assert_allclose(law.p_cascade_on, cascade_on, atol=1e-10, rtol=0)
    np.testing.assert_allclose(law.p_action, action, atol=1e-10, rtol=0)
    assert law.error_bound < 1e-12


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("mirror", ["observations", "costs", "both"])
def test_mirrored_binary_model_equals_enumeration(tie, mirror):
    """The tie rules mean the same when observations or actions are numbered the other way round."""
    oracle = binary(60, Fraction(1), tie)
    likelihood = tuple(row[::-1] for row in oracle.likelihood) if mirror != "costs" else oracle.likelihood
    cost = tuple(row[::-1] for row in oracle.cost) if mirror != "observations" else oracle.cost
    oracle = type(oracle)(likelihood, cost, tie)
    law = SocialLearning(as_floats(likelihood), as_floats(cost), tie).exact(HALF, 7)
    cascade_on, action = oracle.law([Fraction(1, 2)] * 2, 7)
    np.testing.assert_allclose(law.p_cascade_on, cascade_on, atol=1e-10, rtol=0)
    np.testing.assert_allclose(law.p_action, action, atol=1e-10, rtol=0)


@pytest.mark.parametrize("seed", range(24))
def test_random_model_equals_enumeration(seed):
    """Ties to the lowest index, two states, up to four observations and actions."""
    rng = np.random.default_rng(seed)
    n_observations, n_actions = (int(v) for v in rng.integers(2, 5, 2))
    n_agents = {2: 8, 3: 6, 4: 5}[n_observations]
    oracle = random_oracle(rng, 2, n_observations, n_actions)
    prior = Fraction(int(rng.integers(1, 20)), 20)
    law = SocialLearning(as_floats(oracle.likelihood), as_floats(oracle.cost)).exact(
        [float(1 - prior), float(prior)], n_agents
    )
    cascade_on, action = oracle.law([1 - prior, prior], n_agents)
    np.testing.assert_allclose(law.p_cascade_on, cascade_on, atol=1e-10, rtol=0)
    np.testing.assert_allclose(law.p_action, action, atol=1e-10, rtol=0)


@pytest.mark.parametrize("p", [0.55, 0.6, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("tie", TIE_RULES)
def test_closed_forms_of_wrong_cascades(p, tie):
    n_agents = 2000
    law = symmetric(p, tie).exact(HALF, n_agents)
    wrong = law.p_wrong_cascade_by[-1]
    survives = 1 - law.p_cascade_by
    for state in (0, 1):
        np.testing.assert_allclose(
            wrong[state], wrong_cascade_probability(p, tie, state), atol=1e-12 + law.error_bound, rtol=0
        )
        np.testing.assert_allclose(
            survives[:, state].sum(), expected_agents_before_cascade(p, tie, state), rtol=1e-9
        )
        for n in range(12):
            expected = no_cascade_probability(p, n, tie, state)
            np.testing.assert_allclose(survives[n, state], expected, atol=1e-12, rtol=0)
    np.testing.assert_allclose(wrong.mean(), wrong_cascade_probability(p, tie), atol=1e-12, rtol=0)


@pytest.mark.parametrize("p", [0.55, 0.6, 0.7, 0.8, 0.9])
def test_identity_start_update_has_its_closed_form(p):
    law = symmetric(p, "own", update="identity-start").exact(HALF, 6000)
    wrong = identity_start_wrong_cascade_probability(p)
    np.testing.assert_allclose(law.p_wrong_cascade_by[-1], wrong, atol=1e-11, rtol=0)
    np.testing.assert_allclose(
        (1 - law.p_cascade_by).sum(axis=0), identity_start_expected_agents(p), rtol=1e-9
    )


def test_identity_start_understates_wrong_cascades():
    """The chance .155 becomes .033 and 3.45 agents become 9.35 at p = .7."""
    assert wrong_cascade_probability(0.7, "own").round(3) == 0.155
    assert identity_start_wrong_cascade_probability(0.7).round(3) == 0.033
    assert expected_agents_before_cascade(0.7, "own").round(2) == 3.45
    assert identity_start_expected_agents(0.7).round(2) == 9.35


def test_three_signals_with_unequal_costs():
    """The herd matrix for B = [.6, .25, .15; .2, .3, .5], kappa = 1.4, prior .45."""
    model = SocialLearning([[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]])
    law = model.exact([0.55, 0.45], 100)
    np.testing.assert_allclose(law.p_cascade_on[-1], [[0.9049, 0.0951], [0.3231, 0.6769]], atol=5e-5)


def test_better_sensor_herds_worse():
    """Merging two observations, a garbling, lowers the probability of a wrong cascade."""
    fine = [[0.17, 0.23, 0.60], [0.03, 0.20, 0.77]]
    coarse = [[0.17, 0.83], [0.03, 0.97]]
    cost = [[0, 1], [1, 0]]
    wrong = [SocialLearning(sensor, cost).exact(HALF, 2000) for sensor in (fine, coarse)]
    assert all(law.error_bound < 1e-9 for law in wrong)
    np.testing.assert_allclose(
        [law.p_wrong_cascade_by[-1].mean() for law in wrong], [0.25499, 0.20011], atol=5e-6
    )


def test_error_bound_covers_what_is_pruned():
    rng = np.random.default_rng(3)
    for _ in range(5):
        likelihood = rng.dirichlet(np.full(4, 4.0), 2)
        model = SocialLearning(likelihood, [[0, 1], [1, 0]])
        reference = model.exact(HALF, 25, prune=0.0, max_points=10**6)
        for options in ({"prune": 1e-4}, {"max_points": 8}):
            law = model.exact(HALF, 25, **options)
            off = np.abs(law.p_cascade_by - reference.p_cascade_by).max()
            assert off <= law.error_bound + reference.error_bound
            assert np.abs(law.p_action - reference.p_action).max() <= law.error_bound + reference.error_bound


def test_points_merge_exactly():
    """Symmetric signals need a handful of points however many agents there are."""
    assert symmetric(0.7, "own").exact(HALF, 1000).n_points == 5
    # An asymmetric signal with irrational increments still has at most two live points at a time.
    law = SocialLearning([[0.8, 0.2], [0.45, 0.55]], [[0, 1], [1, 0]]).exact(HALF, 300)
    assert law.n_points < 4 * 300
    assert law.error_bound < 1e-11


def test_impossible_observation_rules_out_a_state():
    """L_max is infinite: no cascade on action 0 is possible, one on action 1 starts above .778."""
    model = SocialLearning([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]], [[0, 1], [1, 0]])
    region = model.cascade_region()
    assert region.lower == 0.0
    np.testing.assert_allclose(region.upper, 0.7 / 0.9)
    law = model.exact(HALF, 40)
    assert law.p_wrong_cascade_by[-1, 1] == 0.0
    assert law.p_cascade_by[-1, 0] == pytest.approx(law.p_wrong_cascade_by[-1, 0])


def test_certain_prior_is_a_cascade_at_once():
    law = symmetric(0.7).exact([1.0, 0.0], 3)
    np.testing.assert_array_equal(law.p_cascade_by, 1.0)
    np.testing.assert_array_equal(law.p_wrong_cascade_by, [[0, 1]] * 3)


@settings(max_examples=60, deadline=None)
@given(strategies.binary_models(), strategies.beliefs())
def test_cascades_only_accumulate(model, prior):
    law = model.exact(prior, 30)
    assert np.all(np.diff(law.p_cascade_by, axis=0) >= -1e-15)
    np.testing.assert_allclose(law.p_action.sum(axis=2), 1.0, atol=1e-12)
    assert np.all(law.p_cascade_on <= law.p_action + 1e-15)


def test_rejects_what_it_cannot_do():
    three = SocialLearning(np.full((3, 2), 0.5), np.eye(3))
    with pytest.raises(ValueError, match="needs two states"):
        three.exact([0.2, 0.3, 0.5], 5)
    with pytest.raises(ValueError, match="n_agents >= 1"):
        symmetric(0.7).exact(HALF, 0)
