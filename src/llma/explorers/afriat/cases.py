"""The weeks of the chapter, what the tests say of them, and budgets of one fan."""

from __future__ import annotations

import numpy as np

from llma.afriat import BudgetData, PowerEstimate, bronars, from_shares, garp, quasilinear
from llma.checks import Floats

OFFICE = BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]])
"""The story: prices and purchases of coffee and tea in week 0 and week 1."""
RING = BudgetData([[2, 1, 3], [3, 2, 1], [1, 3, 2]], np.eye(3))
"""Three goods, three purchases: every pair is consistent, the three together are not."""
MONEY = 5.0
"""Income of each week in the explorer of two budgets."""
TRIPLE = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])
"""Prices of the three weeks in the explorer of the utility; the income is 12."""


def two_weeks(first: float, second: float, ratio: float = 2.0) -> BudgetData:
    """Return two purchases of 5 euros: prices (1, ratio) and (ratio, 1), given shares spent on coffee.

    >>> two_weeks(0.2, 0.8).bundles.tolist()
    [[1.0, 2.0], [2.0, 1.0]]
    """
    return from_shares([[1, ratio], [ratio, 1]], MONEY, [[first, 1 - first], [second, 1 - second]])


def diary(n_purchases: int) -> BudgetData:
    """Return purchases of three goods at random prices, with fixed shares of random incomes (seed 1).

    >>> garp(diary(40)).holds
    True
    """
    rng = np.random.default_rng(1)
    prices = rng.uniform(0.5, 2.0, (n_purchases, 3))
    return from_shares(prices, rng.uniform(1, 10, n_purchases), (0.2, 0.3, 0.5))


def fan(n_budgets: int, spread: float, growth: float = 0.0) -> tuple[Floats, Floats]:
    """Return budgets whose lines fan out through the bundle (1, 1), and incomes that grow.

    Prices are (s, 1 - s), with s evenly spaced over an interval of length `spread` around one half; income t
    is (1 + growth)**t. Without growth all lines meet in (1, 1).

    >>> prices, incomes = fan(3, 0.5)
    >>> prices.tolist(), incomes.tolist()
    ([[0.25, 0.75], [0.5, 0.5], [0.75, 0.25]], [1.0, 1.0, 1.0])
    """
    s = np.linspace(0.5 - spread / 2, 0.5 + spread / 2, n_budgets)
    return np.column_stack([s, 1 - s]), np.asarray((1.0 + growth) ** np.arange(n_budgets))


def power_of(n_budgets: int, spread: float, growth: float = 0.0, n_draws: int = 5_000) -> PowerEstimate:
    """Return the power of a fan of budgets against uniform choices on the lines (seed 0).

    >>> power_of(6, 0.6, growth=1.0, n_draws=500).rate() < power_of(6, 0.6, n_draws=500).rate()
    True
    """
    return bronars(*fan(n_budgets, spread, growth), n_draws, np.random.default_rng(0))


def verdict(data: BudgetData) -> str:
    """Return a short word for a read-out.

    >>> verdict(OFFICE), verdict(BudgetData([[1, 2]], [[1, 1]]))
    ('violated', 'holds')
    """
    return "holds" if garp(data).holds else "violated"


def bronars_two(ratio: float) -> float:
    """Return the exact power of the two budgets of the explorer: 1 / (1 + ratio)**2.

    >>> round(bronars_two(2.0), 4)
    0.1111
    """
    return 1 / (1 + ratio) ** 2


def three_weeks(first: float, second: float, third: float) -> BudgetData:
    """Return three purchases of 12 euros at the prices `TRIPLE`, given the shares spent on coffee.

    >>> three_weeks(0.5, 0.5, 0.5).bundles.tolist()
    [[6.0, 2.0], [3.0, 3.0], [2.0, 6.0]]
    """
    shares = np.array([first, second, third])
    return from_shares(TRIPLE, 12.0, np.column_stack([shares, 1 - shares]))


def linear_in_money(data: BudgetData) -> bool:
    """Return whether one utility that is linear in money explains the data.

    >>> linear_in_money(OFFICE)
    False
    """
    try:
        quasilinear(data)
    except ValueError:
        return False
    return True
