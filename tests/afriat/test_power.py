"""Power: the closed form for two budgets, nested budgets, the error of the estimate."""

import numpy as np
import pytest
from hypothesis import given, settings

from llma.afriat import PowerEstimate, bronars, ccei, from_shares, garp, two_budgets
from tests.strategies import seeds


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_two_budgets_against_simulation(seed):
    rng = np.random.default_rng(seed)
    prices, incomes = rng.uniform(0.5, 2, (2, 2)), rng.uniform(0.8, 1.2, 2)
    estimate, exact = bronars(prices, incomes, 4000, rng), two_budgets(prices, incomes)
    assert abs(estimate.rate() - exact) < 6 * np.sqrt(exact * (1 - exact) / 4000) + 1e-12


def test_two_budgets_by_hand():
    assert two_budgets([[1, 2], [2, 1]], 5) == pytest.approx(1 / 9)
    assert two_budgets([[1, 2], [2, 1]], [1, 100]) == 0
    assert two_budgets([[1, 2], [1, 2]], [3, 3]) == 0
    assert two_budgets([[1, 1], [1, 2]], [1, 1]) == 0  # the lines meet on an axis


def test_the_chance_of_a_violation_is_the_chance_of_an_index_below_one():
    rng = np.random.default_rng(2)
    prices, shares = rng.uniform(0.5, 2, (5, 3)), rng.dirichlet(np.ones(3), (300, 5))
    sets = [from_shares(prices, 1.0, split) for split in shares]
    assert all(garp(data).holds == (ccei(data).value == 1) for data in sets)
    share = np.mean([not garp(data).holds for data in sets])
    estimate = bronars(prices, 1.0, 20_000, rng)
    assert abs(estimate.rate() - share) < 5 * np.sqrt(share * (1 - share) / 300)


def test_nested_budgets_have_no_power():
    rng = np.random.default_rng(3)
    prices = rng.uniform(1, 2, (6, 3))
    # The dearest bundle of budget t costs at most 2 / 1 of its income at other prices.
    incomes = 2.1 ** np.arange(6)
    estimate = bronars(prices, incomes, 2000, rng)
    assert estimate.rate() == 0
    assert (estimate.efficiencies == 1).all()
    assert estimate.interval()[0] == 0
    assert estimate.interval()[1] == pytest.approx(1 - 0.025 ** (1 / 2000))


def test_power_falls_with_the_efficiency_that_is_asked_for():
    estimate = bronars([[1, 2], [2, 1], [1, 1]], [1, 1, 0.6], 2000, np.random.default_rng(4))
    rates = [estimate.rate(e) for e in (1.0, 0.95, 0.9, 0.8, 0.6)]
    assert rates == sorted(rates, reverse=True)
    assert estimate.standard_error() == pytest.approx(np.sqrt(rates[0] * (1 - rates[0]) / 2000))


def test_the_interval_covers():
    rng, covered = np.random.default_rng(5), 0
    for _ in range(200):
        low, high = bronars([[1, 2], [2, 1]], 1.0, 200, rng).interval()
        covered += low <= 1 / 9 <= high
    assert covered >= 182  # 0.95 exact or more; 182 is four standard deviations below 95 %


def test_chunks_do_not_change_the_draws(monkeypatch):
    prices = np.random.default_rng(0).uniform(1, 2, (3, 2))
    whole = bronars(prices, 1.0, 50, np.random.default_rng(1)).efficiencies
    monkeypatch.setattr("llma.afriat.power.CHUNK", 7 * 9)
    parts = bronars(prices, 1.0, 50, np.random.default_rng(1)).efficiencies
    assert parts.shape == (50,)
    assert parts.tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bronars([[1, 0]], 1, 5, np.random.default_rng(0)), r"prices: entry \(0, 1\) is 0"),
        (lambda: bronars([[1, 1]], 0, 5, np.random.default_rng(0)), "incomes: entry 0 is 0"),
        (lambda: bronars([[1, 1]], 1, 0, np.random.default_rng(0)), "n_draws: is 0; expected at least 1"),
        (lambda: two_budgets([[1, 1]], 1), r"expected two budgets for two goods, \(2, 2\)"),
        (lambda: PowerEstimate(np.ones(3)).rate(0), "efficiency: is 0; expected a share"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
