"""Budget data: what is read off the tables, and what is refused."""

import numpy as np
import pytest

from llma.afriat import BudgetData, from_shares, revealed


def test_costs_gaps_and_ratios_by_hand():
    data = BudgetData([[1, 2], [2, 1]], [[3, 1], [0, 4]])
    assert data.costs.tolist() == [[5, 8], [7, 4]]
    assert data.spent.tolist() == [5, 4]
    assert data.gaps.tolist() == [[0, 3], [3, 0]]
    assert data.ratios == pytest.approx(np.array([[1, 8 / 5], [7 / 4, 1]]))
    assert (data.n_observations, data.n_goods) == (2, 2)


def test_nothing_bought():
    data = BudgetData([[1, 1], [1, 2]], [[0, 0], [1, 1]])
    assert data.ratios.tolist() == [[1, np.inf], [0, 1]]
    weak, strict = revealed(data)
    assert weak.tolist() == [[True, False], [True, True]]
    assert strict.tolist() == [[False, False], [True, False]]


def test_the_tables_cannot_be_changed_afterwards():
    prices = np.ones((1, 2))
    data = BudgetData(prices, [[1, 1]])
    prices[0, 0] = 9
    assert data.prices[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        data.prices[0, 0] = 2


def test_tolerance_is_a_share_of_what_was_spent():
    for money in (1e-6, 1.0, 1e6):
        near = BudgetData([[money, money], [money, money]], [[1, 1], [1, 1 + 1e-11]])
        far = BudgetData([[money, money], [money, money]], [[1, 1], [1, 1 + 1e-7]])
        assert not revealed(near)[1].any()
        assert revealed(far)[1].any()
        assert revealed(near, tolerance=0.0)[1].any()


def test_from_shares_spends_the_income():
    rng = np.random.default_rng(0)
    prices, incomes = rng.uniform(0.5, 2, (4, 3)), rng.uniform(1, 9, 4)
    assert from_shares(prices, incomes, rng.dirichlet(np.ones(3), 4)).spent == pytest.approx(incomes)


@pytest.mark.parametrize(
    ("prices", "bundles", "message"),
    [
        ([[1, 0]], [[1, 1]], r"prices: entry \(0, 1\) is 0; every price must be positive \(leave"),
        ([[1, -2]], [[1, 1]], r"prices: entry \(0, 1\) is -2"),
        ([[1, 2]], [[1, -0.5]], r"bundles: entry \(0, 1\) is -0.5; a quantity cannot be negative"),
        ([[1, 2], [2, 1]], [[1, 1]], r"bundles: have shape \(1, 2\) and prices \(2, 2\)"),
        ([1, 2], [1, 1], r"prices: expected 2 axes"),
        ([[1, np.inf]], [[1, 1]], r"prices: entry \(0, 1\) is inf"),
        ([[1, 2]], [[1, np.nan]], r"bundles: entry \(0, 1\) is nan"),
        (np.ones((0, 2)), np.ones((0, 2)), r"prices: is empty"),
    ],
)
def test_bad_tables(prices, bundles, message):
    with pytest.raises(ValueError, match=message):
        BudgetData(prices, bundles)


@pytest.mark.parametrize(
    ("efficiency", "tolerance", "message"),
    [
        (1.1, 0, "efficiency: is 1.1; expected a share between 0 and 1"),
        ([0.5, -0.1], 0, "efficiency: is -0.1"),
        ([1, 1, 1], 0, r"efficiency: has shape \(3,\)"),
        (1, -1e-9, "tolerance: is -1e-09"),
    ],
)
def test_bad_efficiency(efficiency, tolerance, message):
    with pytest.raises(ValueError, match=message):
        revealed(BudgetData(np.ones((2, 2)), np.ones((2, 2))), efficiency, tolerance)


@pytest.mark.parametrize(
    ("incomes", "shares", "message"),
    [
        ([1, 0], [0.5, 0.5], "incomes: entry 1 is 0; every income must be positive"),
        ([1, 1, 1], [0.5, 0.5], r"incomes: have shape \(3,\)"),
        (1, [0.5, 0.6], "shares: is"),
        (1, [[0.5, 0.5]] * 3, r"shares: have shape \(3, 2\)"),
        (1, [0.5, 0.25, 0.25], "shares: has 3 states"),
    ],
)
def test_bad_shares(incomes, shares, message):
    with pytest.raises(ValueError, match=message):
        from_shares([[1, 2], [2, 1]], incomes, shares)
