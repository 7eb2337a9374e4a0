r"""Axioms of revealed preference, and the cycle that breaks one.

Draw an arrow :math:`t\to s` when bundle :math:`t` is directly revealed preferred to bundle :math:`s` (see
`llma.afriat.data`). The axioms forbid cycles :math:`t_1\to t_2\to\dots\to t_1`:

- **GARP** (generalised axiom): no cycle with a strict arrow;
- **SARP** (strong axiom): no cycle that contains two different bundles;
- **WARP** (weak axiom): no such cycle of length two.

Algorithm. Every cycle lies inside a strongly connected class of arrows, and every arrow inside a class lies
on a cycle. So an axiom fails exactly when a class has a forbidden arrow inside it: for GARP a strict one, for
SARP one between different bundles. Classes are found in :math:`O(T^2)` steps, faster than the transitive
closure (`closure`, :math:`O(T^3)`), which is what the textbook definition asks for. The certificate is a
shortest forbidden cycle.

References: Varian (1982), Econometrica 50(4); Samuelson (1938) for WARP, Houthakker (1950) for SARP.

>>> print(garp(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]])))
GARP fails: 0 spent 5 and could have had bundle 1 for 4; 1 spent 5 and could have had bundle 0 for 4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path

from llma.afriat.data import TOLERANCE, Booleans, BudgetData, revealed
from llma.checks import Ints


@dataclass(frozen=True)
class PreferenceCycle:
    """A cycle of revealed preference; printed as a sentence that can be checked by hand.

    Parameters
    ----------
    observations : tuple of int
        t_1, ..., t_n: each is revealed preferred to the next, the last one to the first.
    budgets : tuple of float
        What each of them spent, times its efficiency.
    costs : tuple of float
        What the next bundle cost at its prices.
    """

    observations: tuple[int, ...]
    budgets: tuple[float, ...]
    costs: tuple[float, ...]

    def __str__(self) -> str:
        """Return the cycle in words and numbers."""
        following = self.observations[1:] + self.observations[:1]
        rows = zip(self.observations, self.budgets, self.costs, following, strict=True)
        return "; ".join(
            f"{t} spent {b:.6g} and could have had bundle {s} for {c:.6g}" for t, b, c, s in rows
        )


@dataclass(frozen=True)
class AxiomResult:
    """The verdict on one axiom.

    Parameters
    ----------
    axiom : str
        "GARP", "SARP" or "WARP".
    holds : bool
        Whether the data satisfy it.
    certificate : PreferenceCycle or None
        A forbidden cycle, of least length, if the axiom fails.
    """

    axiom: str
    holds: bool
    certificate: PreferenceCycle | None = None

    def __str__(self) -> str:
        """Return the verdict as a sentence."""
        return f"{self.axiom} holds" if self.holds else f"{self.axiom} fails: {self.certificate}"


def garp(data: BudgetData, efficiency: ArrayLike = 1.0, tolerance: float = TOLERANCE) -> AxiomResult:
    """Test the generalised axiom: no cycle of revealed preference with a strict arrow.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    efficiency : array_like, a number or shape (T,)
        Share of the money that counts; one for Afriat's theorem.
    tolerance : float
        As a share of what was spent.

    Returns
    -------
    AxiomResult

    Examples
    --------
    >>> garp(BudgetData([[1, 2], [2, 1]], [[2, 1], [1, 2]])).holds
    True
    """
    weak, strict = revealed(data, efficiency, tolerance)
    return _verdict("GARP", data, efficiency, weak, strict)


def sarp(data: BudgetData, tolerance: float = TOLERANCE) -> AxiomResult:
    """Test the strong axiom: no cycle of revealed preference that contains two different bundles.

    It is what a chooser with a *single* best bundle on each budget satisfies, and implies GARP.

    Examples
    --------
    >>> twice = BudgetData([[1, 1], [1, 1]], [[2, 0], [0, 2]])
    >>> sarp(twice).holds, garp(twice).holds
    (False, True)
    """
    weak, _ = revealed(data, 1.0, tolerance)
    return _verdict("SARP", data, 1.0, weak, weak & _different(data, tolerance))


def warp(data: BudgetData, tolerance: float = TOLERANCE) -> AxiomResult:
    """Test the weak axiom: no two different bundles, each revealed preferred to the other.

    Examples
    --------
    >>> warp(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]])).holds
    False
    """
    weak, _ = revealed(data, 1.0, tolerance)
    return _verdict("WARP", data, 1.0, weak & weak.T, weak & weak.T & _different(data, tolerance))


def closure(relation: Booleans) -> Booleans:
    """Return the transitive closure of relations, by Warshall's algorithm.

    Parameters
    ----------
    relation : ndarray of bool, shape (..., T, T)
        Whether there is an arrow from row to column; a stack of relations is welcome.

    Returns
    -------
    ndarray of bool, shape (..., T, T)
        Whether there is a path of arrows.

    Examples
    --------
    >>> closure(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)).astype(int)
    array([[0, 1, 1],
           [0, 0, 1],
           [0, 0, 0]])
    """
    reach = np.array(relation, dtype=bool)
    for k in range(reach.shape[-1]):
        reach |= reach[..., :, k, None] & reach[..., None, k, :]
    return reach


def classes(weak: Booleans) -> tuple[int, Ints]:
    """Return the number of strongly connected classes of a relation, and the class of each row.

    Examples
    --------
    >>> classes(np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]], dtype=bool))[0]
    2
    """
    count, label = connected_components(csr_array(weak), directed=True, connection="strong")
    return int(count), np.asarray(label, dtype=np.int64)


def shortest_cycle(weak: Booleans, forbidden: Booleans) -> tuple[int, ...] | None:
    """Return a shortest cycle of arrows that begins with a forbidden arrow, or None.

    Parameters
    ----------
    weak : ndarray of bool, shape (T, T)
        All arrows.
    forbidden : ndarray of bool, shape (T, T)
        The arrows of which a cycle must contain one; a part of `weak`, without the diagonal.

    Returns
    -------
    tuple of int or None
        Of all shortest cycles the one whose forbidden arrow comes first in reading order.

    Examples
    --------
    >>> ring = np.roll(np.eye(3, dtype=bool), 1, axis=1)
    >>> shortest_cycle(ring, ring)
    (0, 1, 2)
    """
    _, label = classes(weak)
    inside = forbidden & (label[:, None] == label[None, :])
    if not inside.any():
        return None
    pairs = np.argwhere(inside & weak.T)
    if pairs.size:
        return int(pairs[0, 0]), int(pairs[0, 1])
    rows = np.flatnonzero(np.isin(label, label[inside.any(axis=1)]))
    distance, before = shortest_path(
        csr_array(weak[np.ix_(rows, rows)]), unweighted=True, return_predecessors=True
    )
    candidates = np.argwhere(inside[np.ix_(rows, rows)])
    lengths = distance[candidates[:, 1], candidates[:, 0]]
    first, second = (int(k) for k in candidates[int(lengths.argmin())])
    back = [first]
    while back[-1] != second:
        back.append(int(before[second, back[-1]]))
    return tuple(int(rows[k]) for k in [first, *back[:0:-1]])


def describe(data: BudgetData, cycle: tuple[int, ...], efficiency: ArrayLike = 1.0) -> PreferenceCycle:
    """Return the numbers behind a cycle of observations."""
    t, s = np.array(cycle), np.roll(cycle, -1)
    budgets = np.broadcast_to(np.asarray(efficiency, dtype=np.float64), data.spent.shape) * data.spent
    return PreferenceCycle(cycle, tuple(budgets[t].tolist()), tuple(data.costs[t, s].tolist()))


def _verdict(
    axiom: str, data: BudgetData, efficiency: ArrayLike, weak: Booleans, forbidden: Booleans
) -> AxiomResult:
    cycle = shortest_cycle(weak, forbidden)
    if cycle is None:
        return AxiomResult(axiom, True)
    return AxiomResult(axiom, False, describe(data, cycle, efficiency))


def _different(data: BudgetData, tolerance: float) -> Booleans:
    x = data.bundles
    apart = np.abs(x[:, None] - x[None, :]).max(axis=-1)
    size = np.maximum(x.max(axis=1)[:, None], x.max(axis=1)[None, :])
    return np.asarray(apart > tolerance * size)
