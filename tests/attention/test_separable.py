"""Posterior-separable costs: Shannon inside the family, certificates, invariance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from llma.attention import shannon
from llma.attention.entropies import entropy
from llma.attention.separable import at_weights, posterior_shift, separable
from llma.ribum import ChoiceData, nias_slack
from tests.strategies import seeds, simplex_points

orders = st.sampled_from([0.4, 0.7, 1.0, 1.5, 2.0, 3.0])


def draw(seed, n_states, n_actions):
    rng = np.random.default_rng(seed)
    return 0.9 * rng.dirichlet(np.ones(n_states)) + 0.1 / n_states, rng.random((n_states, n_actions))


@given(seeds)
@settings(max_examples=6, deadline=None)
def test_order_one_is_shannon(seed):
    prior, utility = draw(seed, 3, 4)
    mine, theirs = separable(prior, utility, 0.2), shannon(prior, utility, 0.2)
    assert mine.value == pytest.approx(float(theirs.value), abs=2e-9)
    assert mine.information == pytest.approx(float(theirs.information), abs=1e-3)
    near = separable(prior, utility, 0.2, 1 + 1e-4)
    assert near.value == pytest.approx(mine.value, abs=1e-4)


def concave_hull_at(points, heights, where):
    """The upper hull of points on a line, by scipy's convex hull: an independent concavification."""
    hull = ConvexHull(np.c_[points, heights])
    upper = hull.equations[hull.equations[:, 1] > 1e-12]
    return min(-(a * where + c) / b for a, b, c in upper)


@given(seeds, orders)
@settings(max_examples=8, deadline=None)
def test_concavification_on_a_grid(seed, order):
    prior, utility = draw(seed, 2, 3)
    t = np.linspace(0, 1, 4001)
    beliefs = np.c_[t, 1 - t]
    net = (beliefs @ utility).max(axis=1) - 0.3 * entropy(beliefs, order)
    grid = concave_hull_at(t, net, prior[0]) + 0.3 * float(entropy(prior, order))
    agent = separable(prior, utility, 0.3, order)
    assert agent.value >= grid - 1e-9
    assert agent.value == pytest.approx(grid, abs=1e-5)


@given(seeds, orders)
@settings(max_examples=6, deadline=None)
def test_nothing_beats_the_certificate(seed, order):
    prior, utility = draw(seed, 3, 3)
    agent = separable(prior, utility, 0.3, order)
    assert 0 <= agent.gap <= 1e-9
    rng = np.random.default_rng(seed)
    for scale in (1e-4, 1e-2, 1.0):
        choice = np.abs(agent.choice + scale * rng.normal(size=agent.choice.shape))
        choice /= choice.sum(axis=1, keepdims=True)
        marginal = prior @ choice
        posteriors = (prior[:, None] * choice / marginal).T
        cost = 0.3 * (marginal @ entropy(posteriors, order) - entropy(prior, order))
        assert (prior @ (choice * utility)).sum() - cost <= agent.value + agent.gap + 1e-12
    assert nias_slack(ChoiceData(prior, agent.choice[None]), utility).min() > -1e-8


@given(seeds, orders, simplex_points(3))
@settings(max_examples=8, deadline=None)
def test_locally_invariant_posteriors(seed, order, weights):
    prior, utility = draw(seed, 3, 3)
    agent = separable(prior, utility, 0.1, order)
    rate = np.where(agent.marginal > 1e-6, weights, 0)
    if (rate > 0).sum() < 3:
        return
    moved = at_weights(agent, rate / rate.sum())
    assert moved.gap < 1e-5
    assert moved.value == pytest.approx(separable(moved.prior, utility, 0.1, order).value, abs=1e-5)


def test_quadratic_in_closed_form():
    # N(t) = max(t, 1 - t) - 2 price (t^2 - t) has its peak at 1/2 + 1/(4 price), if that is below one.
    for price in (0.6, 0.8, 1.5):
        agent = separable([0.5, 0.5], np.eye(2), price, order=2)
        assert agent.posteriors[0, 0] == pytest.approx(0.5 + 1 / (4 * price), abs=1e-5)
    # Below price 1/2 the agent is certain, which Shannon's agent never is.
    assert separable([0.6, 0.4], np.eye(2), 0.45, order=2).choice == pytest.approx(np.eye(2), abs=1e-12)


def test_shift_sees_what_moved():
    first = separable([0.5, 0.5], np.eye(2), 0.5)
    second = separable([0.5, 0.5], np.eye(2), 0.7)
    assert posterior_shift(first.posteriors, second.posteriors) > 0.05
    quiet = separable([0.99, 0.01], np.eye(2), 5.0)
    assert np.isnan(quiet.posteriors[1]).all()
    assert posterior_shift(quiet.posteriors, quiet.posteriors) == 0


def test_bad_input():
    with pytest.raises(ValueError, match="order: is 0"):
        separable([0.5, 0.5], np.eye(2), 1, 0)
    with pytest.raises(ValueError, match="price: is 0"):
        separable([0.5, 0.5], np.eye(2), 0)
    with pytest.raises(ValueError, match="positive numbers"):
        separable([1.0, 0.0], np.eye(2), 1)
    quiet = separable([0.99, 0.01], np.eye(2), 5.0)
    with pytest.raises(ValueError, match="never uses it"):
        at_weights(quiet, [0.5, 0.5])
    with pytest.raises(ValueError, match="rules a state out"):
        at_weights(separable([0.6, 0.4], np.eye(2), 0.3, order=2), [1, 0])
    with pytest.raises(ValueError, match="shape"):
        posterior_shift(np.eye(2), np.eye(3))
    with pytest.raises(RuntimeError, match="no certificate after 1 linear"):
        separable([0.6, 0.4], np.eye(2), 0.7, max_rounds=1)
