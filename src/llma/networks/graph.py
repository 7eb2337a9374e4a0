r"""Who sees whom: agents act in the order 0, 1, 2, ..., and each sees the actions of some earlier ones.

Model. The *neighbourhood* of agent n is a set :math:`S(n) \subseteq \{0, \dots, n - 1\}`. Edges point the way
information flows: the edge (j, n) says that agent n sees what agent j did. Since j < n always, the graph has
no cycle. The *depth* of an agent is the number of edges of the longest path that ends at it: 0 for an agent
who sees nobody.

A list of edges that is not such a network is refused with the first error that `llma.networks.diagnosis`
finds. If edges point backwards but there is no cycle, `renumbered` lets the agents act in another order.

>>> network = Network.from_edges(4, [(0, 1), (0, 2), (1, 3), (2, 3)])
>>> network.neighbours
((), (0,), (0,), (1, 2))
>>> network.depth
(0, 1, 1, 2)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import index

import numpy as np
from numpy.typing import ArrayLike

from llma.networks.diagnosis import Diagnosis, Edge, diagnose, pair

__all__ = ["Diagnosis", "Edge", "Network", "diagnose", "renumbered"]


@dataclass(frozen=True)
class Network:
    """An observation network; make it with `from_edges`, `from_matrix` or a builder.

    Parameters
    ----------
    neighbours : sequence of sequences of int
        Entry n lists the agents whom agent n sees, all of them earlier. They are stored in rising order.

    Raises
    ------
    ValueError
        With the first of the errors of `diagnose`.

    Examples
    --------
    >>> Network([[], [0], [0, 1]]).edges
    ((0, 1), (0, 2), (1, 2))
    >>> Network([[], [2], []])
    Traceback (most recent call last):
    ...
    ValueError: edge (2, 1): agent 1 acts before agent 2 and cannot see it; let the agents act in another \
order: 0, 2, 1 (see renumbered)
    """

    neighbours: tuple[tuple[int, ...], ...]

    def __init__(self, neighbours: Sequence[Iterable[int]]) -> None:
        lists = [list(seen) for seen in neighbours]
        edges = [(j, n) for n, seen in enumerate(lists) for j in seen]
        found = diagnose(len(lists), edges)
        if found.errors:
            remedy = ""
            if found.order is not None:
                remedy = f"; let the agents act in another order: {', '.join(map(str, found.order))}"
                remedy += " (see renumbered)"
            raise ValueError(found.errors[0] + remedy)
        object.__setattr__(self, "neighbours", tuple(tuple(sorted(map(index, seen))) for seen in lists))

    @classmethod
    def from_edges(cls, n_agents: int, edges: Iterable[Edge]) -> Network:
        """Return the network of the edges (j, n): agent n sees agent j.

        Raises
        ------
        ValueError
            Naming the first edge that is wrong.
        """
        pairs = [pair(edge) for edge in edges]
        lists: list[list[int]] = [[] for _ in range(n_agents)]
        outside = [edge for edge in pairs if not 0 <= edge[1] < n_agents]
        if outside:
            raise ValueError(diagnose(n_agents, outside).errors[0])
        for j, n in pairs:
            lists[n].append(j)
        return cls(lists)

    @classmethod
    def from_matrix(cls, sees: ArrayLike) -> Network:
        """Return the network of a square table of 0 and 1: entry [n, j] says whether agent n sees agent j.

        Examples
        --------
        >>> Network.from_matrix([[0, 0], [1, 0]]).neighbours
        ((), (0,))
        """
        table = np.asarray(sees)
        if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) == 0:
            raise ValueError(f"sees: expected a square table, one row an agent, got shape {table.shape}")
        if not np.isin(table, (0, 1)).all():
            n, j = np.argwhere(~np.isin(table, (0, 1)))[0]
            raise ValueError(f"sees: entry ({n}, {j}) is {table[n, j]}; expected 0 or 1")
        return cls([np.flatnonzero(line).tolist() for line in table])

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return len(self.neighbours)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges (j, n), agent by agent."""
        return tuple((j, n) for n, seen in enumerate(self.neighbours) for j in seen)

    @cached_property
    def depth(self) -> tuple[int, ...]:
        """Edges of the longest path that ends at each agent."""
        deep: list[int] = []
        for seen in self.neighbours:
            deep.append(1 + max((deep[j] for j in seen), default=-1))
        return tuple(deep)

    @cached_property
    def last_viewer(self) -> tuple[int, ...]:
        """The last agent who sees each agent, -1 if nobody does."""
        last = [-1] * self.n_agents
        for j, n in self.edges:
            last[j] = n
        return tuple(last)

    @cached_property
    def width(self) -> int:
        """The most actions that have to be remembered at once: those taken and still to be seen."""
        waiting = [sum(self.last_viewer[j] >= n for j in range(n)) for n in range(self.n_agents)]
        return max(waiting, default=0)

    def ancestors(self, n: int) -> frozenset[int]:
        """Return the agents from whom a path leads to agent n: whose readings can reach it."""
        found: set[int] = set()
        waiting = list(self.neighbours[n])
        while waiting:
            j = waiting.pop()
            if j not in found:
                found.add(j)
                waiting += self.neighbours[j]
        return frozenset(found)

    def with_edges(self, *edges: Edge) -> Network:
        """Return the network with further edges.

        Examples
        --------
        >>> Network([[], [], [0]]).with_edges((0, 1)).edges
        ((0, 1), (0, 2))
        """
        return Network.from_edges(self.n_agents, [*self.edges, *edges])

    def without_edges(self, *edges: Edge) -> Network:
        """Return the network without some of its edges."""
        absent = [edge for edge in edges if edge not in self.edges]
        if absent:
            raise ValueError(f"edge {absent[0]}: is not in the network")
        return Network.from_edges(self.n_agents, [edge for edge in self.edges if edge not in edges])


def renumbered(n_agents: int, edges: Iterable[Edge]) -> tuple[Network, tuple[int, ...]]:
    """Return a network in which the agents act in an order that fits the edges, and that order.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    edges : iterable of pairs of int
        Edges (j, n) of a graph without cycles, in the reader's own numbers.

    Returns
    -------
    network : Network
        Agent k of it is agent ``order[k]`` of the edges.
    order : tuple of int

    Raises
    ------
    ValueError
        If there is a cycle, or an edge is wrong in another way.

    Examples
    --------
    >>> network, order = renumbered(3, [(2, 0), (0, 1)])
    >>> order, network.edges
    ((2, 0, 1), ((0, 1), (1, 2)))
    """
    pairs = [pair(edge) for edge in edges]
    found = diagnose(n_agents, pairs)
    if found.errors and found.order is None:
        worst = next((text for text in found.errors if "acts before" not in text), found.errors[0])
        raise ValueError(worst)
    order = found.order if found.order is not None else tuple(range(n_agents))
    place = {agent: k for k, agent in enumerate(order)}
    return Network.from_edges(n_agents, [(place[j], place[n]) for j, n in pairs]), order
