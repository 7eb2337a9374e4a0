"""Costs that explain the data: Theorem 2 on random experiments, bounds that contain the truth, prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from llma import ribum
from tests.ribum.oracle import menu_agents
from tests.strategies import seeds


def value(prior, experiment, utility):
    return np.einsum("x,...xy,xv->...yv", prior, experiment, utility).max(axis=-1).sum(axis=-1)


def rational_data(seed, **sizes):
    rng = np.random.default_rng(seed)
    priors, choice, r, _ = menu_agents(rng, 1, **sizes)
    return rng, ribum.ChoiceData(priors[0], choice[0]), r[0]


@settings(max_examples=40)
@given(seeds)
def test_the_canonical_cost_rationalises(seed):
    rng, data, r = rational_data(seed)
    for costs in (None, ribum.cost_levels(data, r)[1]):  # the least costs, and the largest
        cost = ribum.canonical_cost(data, r, costs)
        np.testing.assert_allclose(cost(data.choice), cost.costs, atol=1e-9)
        experiments = rng.dirichlet(np.full(4, 0.3), (200, 3))
        for m in range(3):
            net = value(data.priors[m], experiments, r[m]) - cost(experiments)
            own = ribum.own_values(data, r)[m] - cost.costs[m]
            assert net.max() <= own + 1e-9


@settings(max_examples=40)
@given(seeds)
def test_the_canonical_cost_is_normalised_monotone_and_convex(seed):
    rng, data, r = rational_data(seed)
    cost = ribum.canonical_cost(data, r)
    assert float(cost(np.full((3, 2), 0.5))) == pytest.approx(0, abs=1e-9)
    one, two = rng.dirichlet(np.full(4, 0.3), (2, 50, 3))
    garbling = rng.dirichlet(np.ones(3), 4)
    assert (cost(one @ garbling) <= cost(one) + 1e-12).all()
    assert cost(one).min() >= 0
    # Tossing a coin between two experiments, and telling which, mixes their laws of posteriors.
    coin = np.concatenate([0.3 * one, 0.7 * two], axis=-1)
    assert (cost(coin) <= 0.3 * cost(one) + 0.7 * cost(two) + 1e-12).all()


@settings(max_examples=40)
@given(seeds)
def test_no_cost_that_explains_the_data_is_smaller(seed):
    """The true costs of the menu are at least the canonical cost that charges the same for the data."""
    rng = np.random.default_rng(seed)
    menu = rng.dirichlet(np.full(3, 0.5), (4, 2))
    menu[0] = np.eye(3)[0]
    prices = np.append(0.0, rng.exponential(0.1, 3))
    priors, r = rng.dirichlet(np.ones(2), 3), rng.normal(size=(3, 2, 3))
    worth = np.einsum("mx,kxy,mxv->mkyv", priors, menu, r)
    best = (worth.max(axis=-1).sum(axis=-1) - prices).argmax(axis=1)
    reply = np.eye(3)[worth.argmax(axis=-1)[np.arange(3), best]]
    data = ribum.ChoiceData(priors, menu[best] @ reply)
    low, high = ribum.cost_levels(data, r)
    assert (low - 1e-9 <= prices[best]).all()
    assert (prices[best] <= high + 1e-9).all()
    assert (ribum.canonical_cost(data, r, prices[best])(menu) <= prices + 1e-9).all()


def test_levels_are_attained_and_no_wider():
    """Beyond either end the given costs are refused."""
    data = ribum.ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    r = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
    lower, upper = ribum.cost_levels(data, r)
    np.testing.assert_allclose([lower, upper], [[0, 0.25], [0.25, 1.25]])
    for costs in (lower, upper):
        ribum.canonical_cost(data, r, costs)
    for costs, message in [
        ([0.0, 0.2], r"costs: environment 0 would rather pay 0.2 for the attention of 1 than 0 for its own"),
        ([0.3, 1.0], r"costs: entry 0 is 0.3; it must lie between 0 and 0.25"),
        ([0.0, 1.1], r"costs\[1\] - costs\[0\] must be at most 1"),
        ([0.0], r"costs: have shape \(1,\); expected \(2,\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            ribum.canonical_cost(data, r, costs)


def test_levels_under_costs_of_posteriors():
    """Environments of different priors still share that looking at nothing is free."""
    full = [[1, 0], [0, 1]]
    data = ribum.ChoiceData([[0.5, 0.5], [0.8, 0.2]], [full, full])
    lower, upper = ribum.cost_levels(data, np.eye(2), "posterior")
    np.testing.assert_allclose([lower, upper], [[0, 0], [0.5, 0.2]])


def test_irrational_data_have_no_costs():
    swapped = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]], [[0.75, 0.25], [0.25, 0.75]]])
    r = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
    for function in (ribum.canonical_cost, ribum.cost_levels):
        with pytest.raises(ValueError, match=r"the cycle 0 -> 1 -> 0 sums to -0.75"):
            function(swapped, r)


def scaled_reader(price, stakes, accuracy, tokens):
    """A reader of a symmetric text that chooses how many tokens to read."""
    chosen = (stakes[:, None] * accuracy[None] - price * tokens[None]).argmax(axis=1)
    p = accuracy[chosen]
    choice = np.stack([np.stack([p, 1 - p], axis=1), np.stack([1 - p, p], axis=1)], axis=1)
    return ribum.ChoiceData([0.5, 0.5], choice), tokens[chosen]


def test_the_price_interval_contains_the_price_and_shrinks():
    tokens = np.arange(0, 33.0)
    accuracy = 1 - 0.5 * np.exp(-tokens / 8)
    widths = []
    for n in (3, 9, 33):
        stakes = np.geomspace(1, 16, n)
        data, read = scaled_reader(0.02, stakes, accuracy, tokens)
        interval = ribum.price_interval(data, stakes[:, None, None] * np.eye(2), read)
        assert not interval.empty
        assert interval.lower <= 0.02 <= interval.upper
        widths.append(interval.upper - interval.lower)
        for end, pair in ((interval.lower, interval.lower_pair), (interval.upper, interval.upper_pair)):
            weight = ribum.niac_weights(data, stakes[:, None, None] * np.eye(2))[pair]
            assert end == pytest.approx(weight / (read[pair[0]] - read[pair[1]]))
    assert widths[0] > widths[1] > widths[2]


def test_a_price_that_is_no_price():
    """Quantities that are equal for different attention, or read backwards."""
    half, full = [[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]
    data = ribum.ChoiceData([0.5, 0.5], [half, full])
    r = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
    equal = ribum.price_interval(data, r, [7, 7])
    assert equal.empty
    assert str(equal) == "no price: environment 0 prefers the attention of 1, which has the same quantity"
    backwards = ribum.price_interval(data, r, [9, 7])
    assert backwards.empty
    assert str(backwards) == "no price: at least 0 and at most -0.125 (environments 0, 1)"
    fixed = ribum.price_interval(ribum.ChoiceData([0.5, 0.5], [half, half]), r, [7, 7])
    assert str(fixed) == "price between 0 and inf"
    for wrong in ([1], [1, -1]):
        with pytest.raises(ValueError, match=r"quantity: is .*; expected 2 numbers >= 0, one for each"):
            ribum.price_interval(data, r, wrong)


def test_experiments_are_checked():
    data = ribum.ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]])
    cost = ribum.canonical_cost(data, np.eye(2))
    with pytest.raises(ValueError, match=r"experiment: is .* sums to 1.1"):
        cost([0.5, 0.6])
    with pytest.raises(ValueError, match=r"experiment: has shape \(3, 2\); expected \(..., 2, Y\)"):
        cost(np.full((3, 2), 0.5))
