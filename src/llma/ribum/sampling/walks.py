r"""Cycles of environments: all of them, whether one is negative, and cheap ones among many.

Weights (M, M) are what environment m loses with the attention of k; plus infinity where the two are not
compared. The diagonal plays no part here: a cycle has two members or more.

`all_cycles` lists the elementary cycles of a few environments. `no_negative_cycle` answers for stacks of
weights, by the recursion of Floyd and Warshall. `cheap_cycles` finds the cheapest closed walk with
2, 3, ..., M steps through each environment (Bellman and Ford's recursion, as in Karp) and splits each into
elementary cycles. If some cycle is negative, then so is the cheapest closed walk of its length through one of
its members, and a closed walk with a negative sum splits into cycles of which one is negative. So
`cheap_cycles` contains a negative cycle whenever there is one.

Reference. Floyd, Communications of the ACM 5, 1962; Karp, Discrete Mathematics 23, 1978.

>>> weights = np.array([[0.0, 1.0, 5.0], [-2.0, 0.0, 1.0], [1.0, 4.0, 0.0]])
>>> bool(no_negative_cycle(weights, 0.0)), cheap_cycles(weights)[0]
(False, (0, 1))
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from llma.checks import Floats


@lru_cache(maxsize=8)
def all_cycles(n: int) -> tuple[tuple[tuple[int, ...], ...], Floats]:
    """Return the elementary cycles of length two or more, and which of the n * n edges each uses."""
    cycles = tuple(
        cycle
        for length in range(2, n + 1)
        for cycle in permutations(range(n), length)
        if cycle[0] == min(cycle)
    )
    incidence = np.zeros((len(cycles), n * n))
    for row, cycle in zip(incidence, cycles, strict=True):
        for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            row[m * n + k] = 1
    incidence.setflags(write=False)
    return cycles, incidence


def no_negative_cycle(weights: Floats, least: float) -> NDArray[np.bool_]:
    """Return whether no cycle of two or more environments sums to less than `least` (Floyd and Warshall)."""
    shortest = np.array(weights)
    n = shortest.shape[-1]
    diagonal = np.arange(n)
    shortest[..., diagonal, diagonal] = 0.0
    for k in range(n):
        np.minimum(shortest, shortest[..., :, k, None] + shortest[..., None, k, :], out=shortest)
    return np.asarray((np.diagonal(shortest, axis1=-2, axis2=-1) >= least).all(axis=-1))


def cheap_cycles(weights: Floats) -> tuple[tuple[int, ...], ...]:
    """Return elementary cycles in the cheapest closed walks of each length through each environment."""
    n = len(weights)
    one = np.array(weights)
    np.fill_diagonal(one, np.inf)  # a cycle of environments has two members or more
    cost, via = one, []
    found: dict[tuple[int, ...], None] = {}
    for length in range(2, n + 1):
        through = cost[:, :, None] + one[None]  # (from, last but one, to)
        step = through.argmin(axis=1)
        cost = np.take_along_axis(through, step[:, None], axis=1)[:, 0]
        via.append(step)
        for start in np.flatnonzero(np.isfinite(np.diagonal(cost))):
            walk = [int(start)]
            for back in range(length - 2, -1, -1):
                walk.append(int(via[back][start, walk[-1]]))
            found.update(dict.fromkeys(_split([int(start), *walk[:0:-1]])))
    return tuple(found)


def _split(walk: list[int]) -> list[tuple[int, ...]]:
    """Return the elementary cycles of a closed walk, each from its least member."""
    cycles: list[tuple[int, ...]] = []
    path: list[int] = []
    for m in [*walk, walk[0]]:
        if m in path:
            at = path.index(m)
            cycle = path[at:]
            del path[at + 1 :]
            turn = cycle.index(min(cycle))
            cycles.append(tuple(cycle[turn:] + cycle[:turn]))
        else:
            path.append(m)
    return cycles
