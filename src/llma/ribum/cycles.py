r"""Cycles of environments: the worst one, a negative one, and the costs that exist when there is none.

The weights :math:`w_{mk}` form a directed graph on environments. A cost of attention has to satisfy
:math:`c_m - c_k \le w_{mk}` for every edge. Add the inequalities around a cycle: the costs cancel, so no
cycle may be negative. Conversely, without a negative cycle shortest paths exist, and

.. math:: c_k = -\min_m D_{mk} \ge 0

solves all inequalities, D being the lengths of shortest paths and :math:`D_{kk} = 0`. No other
non-negative solution has a smaller entry anywhere. The difference :math:`c_m - c_k` ranges over exactly
:math:`[-D_{km}, D_{mk}]`.

Algorithms. *Minimum cycle mean* by Karp: with :math:`D_j(v)` the least weight of a walk of j edges that ends
in v, the least mean weight of a cycle is :math:`\min_v \max_j (D_n(v) - D_j(v)) / (n - j)`. It is the largest
number that can be subtracted from all weights at once, hence the margin of NIAC. *Shortest negative cycle* by
walks of 2, 3, ... edges: the first closed walk that is negative has no shorter negative part, so it visits
nobody twice. *Shortest paths* by Floyd and Warshall.

The diagonal is ignored. Plus infinity means "no edge".

Reference. Karp, Discrete Mathematics 23, 1978; Ahuja, Magnanti and Orlin, *Network Flows*, Prentice Hall,
1993, chapter 5.

>>> weights = np.array([[0, 0, 0], [0.5, 0, 1], [0, -0.9, 0]])
>>> worst_cycle(weights)
(-0.1333333333333333, (0, 2, 1))
>>> negative_cycle(weights)
(0, 2, 1)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints

ROUNDING = 1e-12
"""A cycle is negative if it is so by more than this share of the largest weight per edge."""


def cycle_means(weights: Floats) -> Floats:
    """Return the least mean weight of a cycle, for weights with any leading axes.

    Parameters
    ----------
    weights : ndarray, shape (..., M, M)
        Not validated; the diagonal is ignored.

    Returns
    -------
    ndarray, shape (...)
        Plus infinity where there is no cycle of two or more environments.

    Examples
    --------
    >>> cycle_means(np.array([[[0.0, 1.0], [-3.0, 0.0]], [[0.0, 1.0], [2.0, 0.0]]]))
    array([-1. ,  1.5])
    """
    edges = _without_diagonal(weights)
    n = edges.shape[-1]
    lengths = [np.zeros(edges.shape[:-1])]  # D_j, each (..., M)
    for _ in range(n):
        lengths.append((lengths[-1][..., :, None] + edges).min(axis=-2))
    last = lengths[-1]
    reached = np.isfinite(last)
    finite = np.where(reached, last, 0.0)
    # Where a walk of n edges ends, walks of all shorter lengths end too: no difference of infinities.
    means = np.full(last.shape, -np.inf)
    for j, length in enumerate(lengths[:-1]):
        means = np.maximum(means, (finite - np.where(reached, length, 0.0)) / (n - j))
    return np.asarray(np.where(reached, means, np.inf).min(axis=-1))


def worst_cycle(weights: ArrayLike) -> tuple[float, tuple[int, ...]]:
    """Return the least mean weight of a cycle, and a cycle that has it.

    Parameters
    ----------
    weights : array_like, shape (M, M)
        Weights of the edges m -> k; the diagonal is ignored, plus infinity is no edge.

    Returns
    -------
    mean : float
        Plus infinity if there is no cycle.
    cycle : tuple of int
        Environments in order, the smallest first; the last leads back to the first. Empty if there is none.

    Examples
    --------
    >>> worst_cycle([[0, 2, 5], [2, 0, 0], [1, 4, 0]])
    (1.0, (0, 1, 2))
    """
    edges = _without_diagonal(_weights(weights))
    n = len(edges)
    if not np.isfinite(cycle_means(edges)):
        return np.inf, ()
    length, history, tails = np.zeros(n), [np.zeros(n)], []
    for _ in range(n):
        steps = length[:, None] + edges
        tails.append(steps.argmin(axis=0))
        length = steps.min(axis=0)
        history.append(length)
    reached = np.flatnonzero(np.isfinite(length))
    before = np.array(history[:-1])[:, reached]
    ends = ((length[reached] - before) / (n - np.arange(n))[:, None]).max(axis=0)
    walk = [int(reached[ends.argmin()])]
    for tail in reversed(tails):
        walk.append(int(tail[walk[-1]]))
    # A walk of n edges visits somebody twice. All its cycles have the least mean, up to rounding.
    cycles = _cycles_of(walk[::-1])
    return min((_total(edges, cycle) / len(cycle), _rotated(cycle)) for cycle in cycles)


def negative_cycle(weights: ArrayLike, allowance: ArrayLike | None = None) -> tuple[int, ...] | None:
    """Return a negative cycle with the fewest environments, or None if no cycle is negative.

    Parameters
    ----------
    weights : array_like, shape (M, M)
        Weights of the edges m -> k; the diagonal is ignored, plus infinity is no edge.
    allowance : array_like, shape () or (M,), optional
        A cycle counts as negative if its sum is below minus the allowances of its members. The default
        forgives rounding: 1e-12 times the largest weight.

    Returns
    -------
    tuple of int or None
        Among the negative cycles with the fewest members one with the smallest sum; smallest index first.

    Examples
    --------
    >>> negative_cycle([[0, 1, -3], [1, 0, 1], [1, 1, 0]])
    (0, 2)
    >>> negative_cycle([[0, 1], [-1, 0]]) is None
    True
    """
    matrix = _weights(weights)
    edges = _without_diagonal(matrix + _allowance(matrix, allowance)[:, None])
    if cycle_means(edges) >= 0:
        return None
    walks, tails = edges, []
    for _ in range(len(edges) - 1):
        steps = walks[:, :, None] + edges[None]  # (from, over, to)
        tails.append(steps.argmin(axis=1))
        walks = steps.min(axis=1)
        closed = np.diagonal(walks)
        if closed.min() < 0:
            start = int(closed.argmin())
            walk = [start]
            for tail in reversed(tails):
                walk.append(int(tail[start, walk[-1]]))
            return _rotated([start, *walk[:0:-1]])
    return None  # the least mean was negative by rounding only


def shortest_paths(weights: ArrayLike, allowance: ArrayLike | None = None) -> Floats:
    """Return the length of the shortest path from m to k, shape (M, M); the diagonal is 0.

    Parameters
    ----------
    weights, allowance
        As in `negative_cycle`.

    Returns
    -------
    ndarray, shape (M, M)
        Plus infinity where no path leads from m to k.

    Raises
    ------
    ValueError
        If there is a negative cycle: walking around it, paths have no shortest length.

    Examples
    --------
    >>> shortest_paths([[0, 1, 5], [9, 0, 1], [-1, 9, 0]])
    array([[ 0.,  1.,  2.],
           [ 0.,  0.,  1.],
           [-1.,  0.,  0.]])
    """
    matrix = _weights(weights)
    cycle = negative_cycle(matrix, allowance)
    if cycle is not None:
        around = " -> ".join(map(str, (*cycle, cycle[0])))
        raise ValueError(
            f"weights: the cycle {around} sums to {_total(matrix, cycle):.6g}; costs of attention exist only "
            "if no cycle is negative"
        )
    edges = _without_diagonal(matrix)
    level = np.zeros(len(edges))
    for _ in range(len(edges) - 1):  # Bellman and Ford: the shortest walk from m to anywhere
        level = np.minimum(level, (edges + level[None]).min(axis=1))
    # In these units no edge is negative, except by rounding, which would grow if it were walked in circles.
    paths = np.maximum(edges - level[:, None] + level[None], 0.0)
    np.fill_diagonal(paths, 0.0)
    for over in range(len(paths)):  # Floyd and Warshall
        np.minimum(paths, paths[:, over, None] + paths[None, over], out=paths)
    return np.asarray(paths + level[:, None] - level[None])


def potentials(weights: ArrayLike, allowance: ArrayLike | None = None) -> Floats:
    """Return the least costs c >= 0 with c[m] - c[k] <= weights[m, k] for all m and k, shape (M,).

    Parameters
    ----------
    weights, allowance
        As in `negative_cycle`.

    Returns
    -------
    ndarray, shape (M,)
        Every other non-negative solution is at least as large in every entry. The smallest entry is 0; where
        weights are infinite, the smallest entry of every connected group.

    Raises
    ------
    ValueError
        If there is a negative cycle.

    Examples
    --------
    >>> potentials([[0, -0.25], [1, 0]])
    array([0.  , 0.25])
    """
    return np.asarray(-shortest_paths(weights, allowance).min(axis=0) + 0.0)


def cost_bounds(weights: ArrayLike, allowance: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return the least and the largest difference of costs that the weights allow.

    Parameters
    ----------
    weights, allowance
        As in `negative_cycle`.

    Returns
    -------
    lower, upper : ndarray, shape (M, M)
        Every solution has lower[m, k] <= c[m] - c[k] <= upper[m, k], and both ends are attained. Infinite
        where nothing compares m with k.

    Raises
    ------
    ValueError
        If there is a negative cycle.

    Examples
    --------
    >>> lower, upper = cost_bounds([[0, -0.25], [1, 0]])
    >>> float(lower[1, 0]), float(upper[1, 0])
    (0.25, 1.0)
    """
    paths = shortest_paths(weights, allowance)
    return np.asarray(-paths.T + 0.0), paths


def _weights(weights: ArrayLike) -> Floats:
    matrix = np.array(weights, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"weights: expected a square matrix, got shape {matrix.shape}")
    bad = np.isnan(matrix) | (matrix == -np.inf)
    if bad.any():
        m, k = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"weights: entry ({m}, {k}) is {matrix[m, k]}; expected a number, or +inf for no edge"
        )
    return matrix


def _allowance(matrix: Floats, allowance: ArrayLike | None) -> Floats:
    if allowance is None:
        finite = np.abs(matrix[np.isfinite(matrix)])
        allowance = ROUNDING * finite.max(initial=0.0)
    return np.broadcast_to(checks.real_array(allowance, "allowance"), len(matrix))


def _without_diagonal(weights: Floats) -> Floats:
    edges = np.array(weights, dtype=np.float64)
    each: Ints = np.arange(edges.shape[-1])
    edges[..., each, each] = np.inf
    return edges


def _cycles_of(walk: list[int]) -> list[list[int]]:
    """Return the simple cycles into which a walk falls, leaving out the path that remains."""
    path: list[int] = []
    cycles = []
    for node in walk:
        if node in path:
            first = path.index(node)
            cycles.append(path[first:])
            del path[first:]
        path.append(node)
    return cycles


def _total(weights: Floats, cycle: list[int] | tuple[int, ...]) -> float:
    return float(sum(weights[m, k] for m, k in zip(cycle, [*cycle[1:], cycle[0]], strict=True)))


def _rotated(cycle: list[int]) -> tuple[int, ...]:
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first])
