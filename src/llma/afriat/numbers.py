r"""Afriat's numbers, and the utility that rationalises the data.

Write :math:`a_{ts}=p_t^\top(x_s-x_t)`. **Afriat's theorem**: data satisfy GARP if and only if there are
:math:`U_t` and :math:`\lambda_t\ge1` with

.. math:: U_s-U_t\le\lambda_ta_{ts}\quad\text{for all }t,s,

and then :math:`u(z)=\min_t\{U_t+\lambda_tp_t^\top(z-x_t)\}`, which is continuous, strictly increasing and
concave, rationalises them: :math:`x_t` is best among all that cost at most :math:`p_t^\top x_t`.

At efficiency :math:`e` the same holds with :math:`a_{ts}=p_t^\top x_s-e\,p_t^\top x_t`, GARP(e), and
:math:`u(z)=\min_t\{U_t+\lambda_t(p_t^\top z-e\,p_t^\top x_t)\}`: then :math:`x_t` is at least as good as all
that cost at most :math:`e\,p_t^\top x_t`.

Two ways to the numbers. `construct` follows the proof of Fostel, Scarf and Todd (2004): classes of mutually
revealed preferred bundles are worked off from the best to the worst, each bundle of a class gets the same
level, low enough for the slopes that are there, and slopes are chosen steep enough for the levels that are
there. The proof leaves open which class comes next when several are free; here it is the one that holds the
purchase with the smallest number. It takes :math:`O(T^2)` steps. `solve` minimises the sum of the
:math:`\lambda_t\ge1` by a linear programme (HiGHS).

Rounding. Gaps within the tolerance of zero count as zero; the inequality then holds up to :math:`\lambda_t`
times `TOLERANCE` times what was spent. The slopes of the proof can grow geometrically with the number of
classes, and by powers of ten with another order of the free classes; those of the programme are the smallest
in sum: use `solve` when you want to look at the numbers. `AfriatUtility.residual` says how well the
inequalities hold.

References: Afriat (1967), International Economic Review 8(1); Fostel, Scarf and Todd (2004), Economic Theory
24(1); Varian (1982), Econometrica 50(4).

>>> u = construct(BudgetData([[1, 2], [2, 1]], [[4, 0.5], [1, 3]]))
>>> u.levels, u.slopes
(array([0., 0.]), array([1., 1.]))
>>> float(u([1, 1]))
-2.0
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from llma.afriat.data import TOLERANCE, BudgetData, revealed
from llma.afriat.garp import classes, garp
from llma.checks import Floats, Ints, real_array

INFEASIBLE = 2
"""The status with which `scipy.optimize.linprog` says that no point satisfies the constraints."""


@dataclass(frozen=True, eq=False)
class AfriatUtility:
    """The utility u(z) = min over t of U_t + lambda_t (p_t z - e p_t x_t), and the numbers it is made of.

    Parameters
    ----------
    data : BudgetData
        T purchases of N goods.
    levels : ndarray, shape (T,)
        The numbers U_t: at efficiency one the utilities of the bundles bought, else lower bounds of them.
    slopes : ndarray, shape (T,)
        The numbers lambda_t, at least one: utility per unit of money.
    efficiency : float
        The share e of each budget within which the bundle bought is best.

    Examples
    --------
    >>> u = construct(BudgetData([[1, 1]], [[1, 1]]))
    >>> u([[1, 1], [3, 0], [0, 0]])
    array([ 0.,  1., -2.])
    """

    data: BudgetData
    levels: Floats
    slopes: Floats
    efficiency: float = 1.0

    def __call__(self, bundles: ArrayLike) -> Floats:
        """Return the utility of bundles of shape (..., N), shape (...)."""
        z = real_array(bundles, "bundles")
        if z.ndim == 0 or z.shape[-1] != self.data.n_goods:
            raise ValueError(
                f"bundles: have shape {z.shape}; expected {self.data.n_goods} goods in the last axis"
            )
        extra = z @ self.data.prices.T - self.efficiency * self.data.spent  # (..., T)
        return np.asarray((self.levels + self.slopes * extra).min(axis=-1))

    @property
    def slack(self) -> Floats:
        """The room in Afriat's inequalities, U_t + lambda_t a_ts - U_s, shape (T, T); none is negative."""
        gaps = self.data.gaps + (1 - self.efficiency) * self.data.spent[:, None]
        return self.levels[:, None] + self.slopes[:, None] * gaps - self.levels[None, :]

    @property
    def residual(self) -> float:
        """Largest violation of an inequality, as a share of the largest number in it (at least 1)."""
        level = np.maximum(np.abs(self.levels[:, None]), np.abs(self.levels[None, :]))
        paid = self.slopes[:, None] * np.maximum(self.data.costs, self.data.spent[:, None])
        scale = np.maximum(1.0, np.maximum(level, paid))
        return float(np.maximum(-self.slack / scale, 0.0).max())


def construct(data: BudgetData, efficiency: float = 1.0, tolerance: float = TOLERANCE) -> AfriatUtility:
    """Return Afriat's numbers by the proof of Fostel, Scarf and Todd.

    Parameters
    ----------
    data : BudgetData
        T purchases that satisfy GARP at this efficiency.
    efficiency : float
        Share of each budget that counts; one for Afriat's theorem.
    tolerance : float
        As a share of what was spent.

    Returns
    -------
    AfriatUtility
        With level 0 and slope 1 on the first, best class. Of several classes that could come next, the one
        that holds the purchase with the smallest number does.

    Raises
    ------
    ValueError
        If the data violate GARP; the error shows the cycle.

    Examples
    --------
    >>> u = construct(BudgetData([[1, 1], [1, 2]], [[2, 2], [1, 1]]))
    >>> u.levels, u.slopes
    (array([ 0., -2.]), array([1., 1.]))
    """
    verdict = garp(data, efficiency, tolerance)
    if not verdict.holds:
        raise ValueError(f"no utility rationalises these data: {verdict}")
    gaps = _rounded_gaps(data, efficiency, tolerance)
    levels, slopes = np.zeros(data.n_observations), np.ones(data.n_observations)
    earlier = np.zeros(data.n_observations, dtype=bool)
    for members in _best_first(gaps <= 0):
        if earlier.any():
            affine = levels[earlier, None] + slopes[earlier, None] * gaps[np.ix_(earlier, members)]
            level = min(levels[earlier].min(), affine.min())
            # No arrow leads from a later class to an earlier one: these gaps are positive.
            rise = (levels[earlier] - level) / gaps[np.ix_(members, earlier)]
            levels[members], slopes[members] = level, np.maximum(1.0, rise.max(axis=1))
        earlier[members] = True
    return AfriatUtility(data, levels, slopes, float(efficiency))


def solve(data: BudgetData, efficiency: float = 1.0, tolerance: float = TOLERANCE) -> AfriatUtility:
    """Return Afriat's numbers, slopes of at least one, with the least sum of slopes, by a linear programme.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    efficiency : float
        Share of each budget that counts; one for Afriat's theorem.
    tolerance : float
        Bundles that cost what was spent, up to this share of it, count as on the budget line.

    Returns
    -------
    AfriatUtility

    Raises
    ------
    ValueError
        If the inequalities have no solution. By Afriat's theorem the data then violate GARP.
    RuntimeError
        If the solver stops for another reason; the message is the solver's.

    Examples
    --------
    >>> u = solve(BudgetData([[1, 1], [1, 2]], [[2, 2], [1, 1]]))
    >>> bool((u.slack > -1e-9).all())
    True
    """
    n = data.n_observations
    money = np.where(data.spent > 0, data.spent, 1.0)
    unit = money.min()
    # Variables U_t / unit and lambda_t money_t / unit: the table then holds shares of what was spent.
    inequalities = _inequalities(_rounded_gaps(data, efficiency, tolerance) / money[:, None])
    done = linprog(
        np.concatenate([np.zeros(n), unit / money]),
        A_ub=inequalities,
        b_ub=np.zeros(inequalities.shape[0]),
        bounds=[(0, 0)] + [(None, None)] * (n - 1) + [(m / unit, None) for m in money],
        method="highs",
    )
    if done.status == INFEASIBLE:
        raise ValueError(
            "no utility rationalises these data: Afriat's inequalities have no solution; "
            "`garp` names a cycle that shows why"
        )
    if not done.success:
        raise RuntimeError(f"Afriat's inequalities: the solver stopped ({done.message})")
    levels, slopes = done.x[:n] * unit, done.x[n:] * unit / money
    return AfriatUtility(data, levels, slopes, float(efficiency))


def _inequalities(shares: Floats) -> csr_array:
    """Return the rows U_s - U_t - lambda_t a_ts <= 0 for t != s, in the variables (U, lambda)."""
    n = shares.shape[0]
    t, s = np.nonzero(~np.eye(n, dtype=bool))
    row = np.arange(t.size)
    entries = np.concatenate([np.ones(t.size), -np.ones(t.size), -shares[t, s]])
    columns = np.concatenate([s, t, n + t])
    return coo_array((entries, (np.tile(row, 3), columns)), shape=(t.size, 2 * n)).tocsr()


def _rounded_gaps(data: BudgetData, efficiency: float, tolerance: float) -> Floats:
    """Return the gaps a_ts, with those that count as zero set to zero."""
    weak, strict = revealed(data, efficiency, tolerance)
    return np.where(weak & ~strict, 0.0, data.gaps + (1 - efficiency) * data.spent[:, None])


def _best_first(weak: np.ndarray) -> list[Ints]:
    """Return the members of each class, so that no arrow leads from a later class to an earlier one.

    Of the classes that could come next, the one with the smallest member does.
    """
    count, label = classes(weak)
    t, s = np.nonzero(weak & (label[:, None] != label[None, :]))
    between = np.zeros((count, count), dtype=bool)
    between[label[t], label[s]] = True
    incoming = between.sum(axis=0)
    smallest = [int(np.flatnonzero(label == c)[0]) for c in range(count)]
    ready = [(smallest[c], c) for c in range(count) if incoming[c] == 0]
    heapify(ready)
    order = []
    while ready:
        _, best = heappop(ready)
        order.append(np.flatnonzero(label == best))
        incoming -= between[best]
        for c in np.flatnonzero(between[best] & (incoming == 0)):
            heappush(ready, (smallest[c], int(c)))
    return order
