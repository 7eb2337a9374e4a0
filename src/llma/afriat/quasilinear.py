r"""Money that is worth the same everywhere: the quasi-linear case, and the condition of no negative cycle.

A chooser who values bundles by :math:`u` and money by itself buys the :math:`x_t` that maximises
:math:`u(z)-p_t^\top z`. Write :math:`a_{ts}=p_t^\top(x_s-x_t)`.

Theorem. Purchases come from one such :math:`u` if and only if no cycle has
:math:`a_{t_1t_2}+a_{t_2t_3}+\dots+a_{t_nt_1}<0`; if and only if there are :math:`U_t` with
:math:`U_s-U_t\le a_{ts}`: Afriat's inequalities with all slopes equal to one. It is stronger than GARP. With
attention in the place of money it is the condition NIAC.

Algorithm. Bellman and Ford: start from zero potentials and lower them along the arrow that demands most.
Without a negative cycle it ends within T rounds, and the potentials are the :math:`U_t`. Otherwise the arrows
used last lead back round such a cycle.

Tolerance: a potential is lowered only by more than :math:`10^{-9}` times the largest sum of money spent, so
the inequalities hold up to that.

References: Rochet (1987), Journal of Mathematical Economics 16(2); Brown and Calsamiglia (2007), Economic
Theory 31(1).

>>> quasilinear(BudgetData([[1, 2], [2, 1]], [[4, 0.5], [1, 3]])).levels
array([0., 0.])
>>> quasilinear(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]]))
Traceback (most recent call last):
...
ValueError: no utility that is linear in money explains these data: the gaps of cycle 0 -> 1 -> 0 sum to -2
"""

from __future__ import annotations

import numpy as np

from llma.afriat.data import TOLERANCE, BudgetData
from llma.afriat.numbers import AfriatUtility
from llma.checks import Floats


def quasilinear(data: BudgetData, tolerance: float = TOLERANCE) -> AfriatUtility:
    """Return the utility of a chooser whose money is worth the same at all observations.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    tolerance : float
        As a share of the largest sum spent.

    Returns
    -------
    AfriatUtility
        With all slopes equal to one; each bundle bought maximises it less what the bundle costs.

    Raises
    ------
    ValueError
        If some cycle has negative total; the error names it.

    Examples
    --------
    >>> quasilinear(BudgetData([[2.0], [1.0]], [[1.0], [2.0]])).levels  # a demand curve that falls
    array([-1.,  0.])
    """
    gaps = data.gaps
    levels, cycle = potentials(gaps, tolerance * float(data.spent.max(initial=0.0)))
    if cycle is not None:
        total = float(gaps[np.array(cycle), np.roll(cycle, -1)].sum())
        path = " -> ".join(map(str, [*cycle, cycle[0]]))
        raise ValueError(
            f"no utility that is linear in money explains these data: the gaps of cycle {path} "
            f"sum to {total:.6g}"
        )
    return AfriatUtility(data, levels, np.ones(data.n_observations))


def potentials(weights: Floats, tolerance: float = 0.0) -> tuple[Floats, tuple[int, ...] | None]:
    """Return numbers U with U_s - U_t <= w_ts, or a cycle of negative weight.

    Parameters
    ----------
    weights : ndarray, shape (T, T)
        The diagonal is not used.
    tolerance : float
        A step that lowers a potential by less is not taken.

    Returns
    -------
    levels : ndarray, shape (T,)
        None is positive; meaningless if there is a cycle.
    cycle : tuple of int or None

    Examples
    --------
    >>> potentials(np.array([[0.0, -1.0], [2.0, 0.0]]))
    (array([ 0., -1.]), None)
    >>> potentials(np.array([[0.0, -1.0], [0.5, 0.0]]))[1]
    (0, 1)
    """
    n = weights.shape[0]
    levels, before = np.zeros(n), np.full(n, -1)
    for _ in range(n + 1):
        reached = levels[:, None] + weights
        np.fill_diagonal(reached, np.inf)
        better = reached.argmin(axis=0)
        lower = reached[better, np.arange(n)]
        moved = lower < levels - tolerance
        if not moved.any():
            return levels, None
        levels, before = np.where(moved, lower, levels), np.where(moved, better, before)
    at = int(np.flatnonzero(moved)[0])
    for _ in range(n):  # far enough back to be on the cycle
        at = int(before[at])
    cycle = [at]
    while (at := int(before[at])) != cycle[0]:
        cycle.append(at)
    forward = cycle[::-1]
    first = forward.index(min(forward))
    return levels, tuple(forward[first:] + forward[:first])
