r"""Can the test fail? Bronars' power of a set of budgets.

GARP says something about a chooser only if the budgets could have shown a violation. Bronars (1987) asks how
often choices made *at random* violate it. The design here, stated because the number depends on it:

- the budgets, prices :math:`p_t` and incomes :math:`m_t`, are given and fixed;
- on each budget, independently, the shares of the income spent on the goods are uniform on the simplex (for
  two goods: the bundle is uniform on the budget line), and all of the income is spent.

*Power at efficiency e* is the probability that such choices have :math:`\mathrm{CCEI}<e`. At :math:`e=1` this
is the probability of violating GARP: between different budgets a ratio of exactly one has probability zero,
and equal budgets can be merged in a cycle, so that almost surely CCEI = 1 and GARP are the same.

Closed form for two budgets: the product of two probabilities, that the first bundle lies inside the second
budget and that the second lies inside the first (`two_budgets`, for two goods). Nested budgets have power 0.

Error. A share :math:`\hat P` of n draws has standard error :math:`\sqrt{\hat P(1-\hat P)/n}`; `PowerEstimate`
also holds the exact (Clopper and Pearson) 95 % interval, which means something when the share is 0 or 1.

Reference: Bronars (1987), Econometrica 55(3).

>>> power = bronars([[1, 2], [2, 1]], 5, 4000, np.random.default_rng(1))
>>> low, high = power.interval()
>>> low < two_budgets([[1, 2], [2, 1]], 5) < high
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from llma.afriat.data import TOLERANCE, positive_incomes, positive_prices
from llma.afriat.efficiency import ccei_stack
from llma.checks import Floats

CHUNK = 2_000_000
"""Entries of the table of ratios that are held at a time."""


@dataclass(frozen=True, eq=False)
class PowerEstimate:
    """Critical cost efficiency indices of random choices on given budgets.

    Parameters
    ----------
    efficiencies : ndarray, shape (n,)
        The index of each random data set.
    """

    efficiencies: Floats

    def rate(self, efficiency: float = 1.0) -> float:
        """Return the share of random data sets with an index below `efficiency`."""
        return self._violations(efficiency) / self.efficiencies.size

    def standard_error(self, efficiency: float = 1.0) -> float:
        """Return the standard error of `rate`."""
        share = self.rate(efficiency)
        return float(np.sqrt(share * (1 - share) / self.efficiencies.size))

    def interval(self, efficiency: float = 1.0, level: float = 0.95) -> tuple[float, float]:
        """Return Clopper and Pearson's interval for the power."""
        done = binomtest(self._violations(efficiency), self.efficiencies.size)
        found = done.proportion_ci(confidence_level=level, method="exact")
        return float(found.low), float(found.high)

    def _violations(self, efficiency: float) -> int:
        if not 0 < efficiency <= 1:
            raise ValueError(f"efficiency: is {efficiency:.12g}; expected a share in (0, 1]")
        return int((self.efficiencies < efficiency - TOLERANCE).sum())


def bronars(prices: ArrayLike, incomes: ArrayLike, n_draws: int, rng: np.random.Generator) -> PowerEstimate:
    """Return the power of GARP on given budgets against choices that are uniform on them.

    Parameters
    ----------
    prices : array_like, shape (T, N)
        Positive prices.
    incomes : array_like, shape (T,) or a number
        Positive incomes, all spent.
    n_draws : int
        Number of random data sets.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PowerEstimate

    Raises
    ------
    ValueError
        If a price or an income is not positive, or there are no draws.

    Examples
    --------
    >>> bronars([[1, 1], [1, 1]], [1, 2], 100, np.random.default_rng(0)).rate()
    0.0
    """
    p = positive_prices(prices)
    money = positive_incomes(incomes, p.shape[0])
    if n_draws < 1:
        raise ValueError(f"n_draws: is {n_draws}; expected at least 1")
    n_budgets, n_goods = p.shape
    unit = p / money[:, None]  # prices in units of income
    relative = unit[:, None, :] / unit[None, :, :]  # [t, s, i]: how dear good i is at t, seen from s
    step, parts = max(1, CHUNK // n_budgets**2), []
    for start in range(0, n_draws, step):
        shares = rng.dirichlet(np.ones(n_goods), size=(min(step, n_draws - start), n_budgets))
        parts.append(ccei_stack(np.einsum("tsi,dsi->dts", relative, shares)))
    return PowerEstimate(np.concatenate(parts))


def two_budgets(prices: ArrayLike, incomes: ArrayLike) -> float:
    """Return the exact power of two budgets for two goods, against uniform choices on the two lines.

    Parameters
    ----------
    prices : array_like, shape (2, 2)
        Positive prices.
    incomes : array_like, shape (2,) or a number
        Positive incomes.

    Returns
    -------
    float
        The product of the shares of each line that lie strictly inside the other budget.

    Raises
    ------
    ValueError
        If there are not two budgets for two goods, or a price or an income is not positive.

    Examples
    --------
    >>> two_budgets([[1, 2], [2, 1]], 5)
    0.1111
    >>> two_budgets([[1, 1], [1, 1]], [1, 2])
    0.0
    """
    p = positive_prices(prices)
    if p.shape != (2, 2):
        raise ValueError(f"prices: have shape {p.shape}; expected two budgets for two goods, (2, 2)")
    unit = p / positive_incomes(incomes, 2)[:, None]
    inside = []
    for here, there in ((0, 1), (1, 0)):
        # With the share w of the income on good 0 the bundle costs w a + (1 - w) b on the other budget.
        a, b = unit[there] / unit[here]
        cut = np.clip((1 - b) / (a - b), 0, 1) if a != b else 0.0
        inside.append(cut if b < 1 <= a else 1 - cut if a < 1 <= b else float(max(a, b) < 1))
    return float(inside[0] * inside[1])
