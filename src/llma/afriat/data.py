r"""Prices, bundles, and what they reveal.

Observation :math:`t` is a price vector :math:`p_t>0` and the bundle :math:`x_t\ge0` that was bought at these
prices. What was spent is :math:`p_t^\top x_t`; the other bundles would have cost :math:`p_t^\top x_s`. Only
these numbers matter for the tests of revealed preference:

- :math:`t` is *directly revealed preferred* to :math:`s` when :math:`p_t^\top x_s\le e_t\,p_t^\top x_t`: the
  chooser could afford :math:`x_s` with the share :math:`e_t` of the money, and took :math:`x_t`;
- *strictly* so when :math:`<` holds.

The efficiency :math:`e_t` is one in Afriat's theorem. Smaller values forgive a waste of :math:`1-e_t`.

Tolerance. Money is compared in units of what was spent: :math:`\le` means up to
:math:`(e_t+10^{-9})\,p_t^\top x_t`, and :math:`<` means below :math:`(e_t-10^{-9})\,p_t^\top x_t`. So bundles
that lie on a budget line in exact arithmetic lie on it here.

>>> data = BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]])
>>> data.costs
array([[5., 4.],
       [4., 5.]])
>>> data.gaps
array([[ 0., -1.],
       [-1.,  0.]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma.checks import Floats, belief, real_array

TOLERANCE = 1e-9
"""Two amounts of money within this share of what was spent are the same amount."""

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class BudgetData:
    """Purchases: one price vector and one bundle an observation.

    Parameters
    ----------
    prices : array_like, shape (T, N)
        Price of each of N goods at each of T observations, in money; all positive.
    bundles : array_like, shape (T, N)
        Quantity bought of each good; none negative.

    Raises
    ------
    ValueError
        If a price is not positive, a quantity is negative, or the shapes differ; the error names the entry.

    Examples
    --------
    >>> BudgetData([[1, 2], [2, 0]], [[1, 2], [2, 1]])
    Traceback (most recent call last):
    ...
    ValueError: prices: entry (1, 1) is 0; every price must be positive (leave a free good out of the data)
    """

    prices: Floats
    bundles: Floats

    def __init__(self, prices: ArrayLike, bundles: ArrayLike) -> None:
        """Check the two tables."""
        p, x = positive_prices(prices), real_array(bundles, "bundles", ndim=2)
        if p.shape != x.shape:
            raise ValueError(
                f"bundles: have shape {x.shape} and prices {p.shape}; "
                "expected one row an observation and one column a good in both"
            )
        negative = np.argwhere(x < 0)
        if negative.size:
            t, i = (int(k) for k in negative[0])
            raise ValueError(f"bundles: entry ({t}, {i}) is {x[t, i]:.12g}; a quantity cannot be negative")
        for table in (p, x):
            table.setflags(write=False)
        object.__setattr__(self, "prices", p)
        object.__setattr__(self, "bundles", x)

    @property
    def n_observations(self) -> int:
        """T, the number of purchases."""
        return int(self.prices.shape[0])

    @property
    def n_goods(self) -> int:
        """N, the number of goods."""
        return int(self.prices.shape[1])

    @property
    def costs(self) -> Floats:
        """What bundle s costs at the prices of observation t, shape (T, T); entry [t, s]."""
        return np.asarray(self.prices @ self.bundles.T)

    @property
    def spent(self) -> Floats:
        """What each observation spent, shape (T,)."""
        return np.asarray((self.prices * self.bundles).sum(axis=1))

    @property
    def gaps(self) -> Floats:
        """The numbers a_ts of Afriat's theorem, cost of bundle s less what t spent, shape (T, T)."""
        gaps = self.costs - self.spent[:, None]
        np.fill_diagonal(gaps, 0.0)
        return gaps

    @property
    def ratios(self) -> Floats:
        """Cost of bundle s as a share of what t spent, shape (T, T).

        The diagonal is one. If t spent nothing, a bundle that costs nothing has ratio one, others infinity.
        """
        costs, spent = self.costs, self.spent[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.where(spent > 0, costs / spent, np.where(costs > 0, np.inf, 1.0))
        np.fill_diagonal(ratios, 1.0)
        return ratios


def from_shares(prices: ArrayLike, incomes: ArrayLike, shares: ArrayLike) -> BudgetData:
    """Return the purchases of a chooser who splits an income between goods.

    Parameters
    ----------
    prices : array_like, shape (T, N)
        Positive prices.
    incomes : array_like, shape (T,) or a number
        Positive money to be spent.
    shares : array_like, shape (T, N) or (N,)
        Share of the income spent on each good; each row sums to one.

    Returns
    -------
    BudgetData
        With quantities share times income over price.

    Raises
    ------
    ValueError
        If an income is not positive, or a row of shares is no probability vector.

    Examples
    --------
    >>> from_shares([[1, 2], [2, 1]], 8, [0.25, 0.75]).bundles
    array([[2., 3.],
           [1., 6.]])
    """
    p = positive_prices(prices)
    money = positive_incomes(incomes, p.shape[0])
    split = belief(shares, "shares", p.shape[1])
    if split.ndim > 2 or (split.ndim == 2 and split.shape[0] != p.shape[0]):
        raise ValueError(f"shares: have shape {split.shape}; expected {p.shape} or ({p.shape[1]},)")
    return BudgetData(p, split * money[:, None] / p)


def revealed(
    data: BudgetData, efficiency: ArrayLike = 1.0, tolerance: float = TOLERANCE
) -> tuple[Booleans, Booleans]:
    """Return which bundles are directly revealed preferred to which, weakly and strictly.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    efficiency : array_like, a number or shape (T,)
        The share e_t of its money with which t must be able to afford s; between 0 and 1.
    tolerance : float
        As a share of what was spent.

    Returns
    -------
    weak, strict : ndarray of bool, shape (T, T)
        Entry [t, s]: bundle t is revealed preferred to bundle s. The diagonal of `weak` is true, that of
        `strict` false.

    Raises
    ------
    ValueError
        If an efficiency lies outside [0, 1], or the tolerance outside [0, 1).

    Examples
    --------
    >>> weak, strict = revealed(BudgetData([[1, 1], [1, 1]], [[2, 0], [0, 1]]))
    >>> strict
    array([[False,  True],
           [False, False]])
    """
    share = real_array(efficiency, "efficiency")
    if share.ndim > 1 or (share.ndim == 1 and share.shape != (data.n_observations,)):
        raise ValueError(
            f"efficiency: has shape {share.shape}; expected a number or one an observation, "
            f"({data.n_observations},)"
        )
    if ((share < 0) | (share > 1)).any():
        bad = float(share[(share < 0) | (share > 1)].flat[0])
        raise ValueError(f"efficiency: is {bad:.12g}; expected a share between 0 and 1")
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance: is {tolerance:.12g}; expected a share of the money spent, in [0, 1)")
    costs, spent = data.costs, data.spent
    weak = costs <= ((share + tolerance) * spent)[:, None]
    strict = costs < ((share - tolerance) * spent)[:, None]
    np.fill_diagonal(weak, True)
    np.fill_diagonal(strict, False)
    return weak, strict


def positive_prices(prices: ArrayLike) -> Floats:
    """Return a fresh table of positive prices, shape (T, N), or say which entry is not positive.

    Examples
    --------
    >>> positive_prices([[1, 2]])
    array([[1., 2.]])
    """
    p = real_array(prices, "prices", ndim=2)
    bad = np.argwhere(p <= 0)
    if bad.size:
        t, i = (int(k) for k in bad[0])
        raise ValueError(
            f"prices: entry ({t}, {i}) is {p[t, i]:.12g}; every price must be positive "
            "(leave a free good out of the data)"
        )
    return p


def positive_incomes(incomes: ArrayLike, n_observations: int) -> Floats:
    """Return one positive income an observation, shape (T,); a single number is used for all.

    Examples
    --------
    >>> positive_incomes(3, 2)
    array([3., 3.])
    """
    given = real_array(incomes, "incomes")
    if given.ndim > 1 or (given.ndim == 1 and given.shape != (n_observations,)):
        raise ValueError(
            f"incomes: have shape {given.shape}; expected a number or one an observation, ({n_observations},)"
        )
    money = np.broadcast_to(given, (n_observations,)).copy()
    bad = np.flatnonzero(money <= 0)
    if bad.size:
        t = int(bad[0])
        raise ValueError(f"incomes: entry {t} is {money[t]:.12g}; every income must be positive")
    return money
