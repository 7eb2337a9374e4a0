r"""A reader's own network: what is wrong with a list of edges, and what is legal but worth knowing.

Model. Agents act in the order 0, 1, 2, ... The edge (j, n) says that agent n sees what agent j did. It is
wrong if one of the two is no agent, if they are the same, if it stands in the list twice, or if j acts after
n. Agents who see nobody, and agents whom nobody sees, are legal; they are noted.

Remedy. An order of the agents in which all edges point forward exists if and only if there is no cycle. It is
found by taking, again and again, the first agent who sees only agents already taken. If nobody is left to
take, everybody left sees somebody left: the walk from viewer to seen comes round, and that is a cycle.

Reference. A. B. Kahn, "Topological sorting of large networks", Communications of the ACM 5, 1962.

>>> print(diagnose(3, [(0, 1), (2, 1), (1, 1)]))
error: edge (2, 1): agent 1 acts before agent 2 and cannot see it
error: edge (1, 1): an agent cannot see itself
note: agents 0, 2 see nobody
note: agent 1 is seen by nobody
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import index
from typing import Any

Edge = tuple[int, int]


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a list of edges, and what is worth knowing about it.

    Attributes
    ----------
    errors : tuple of str
        One line for each bad edge, and one for a cycle; empty if the network can be used as it is.
    notes : tuple of str
        Agents who see nobody, agents whom nobody sees: legal.
    order : tuple of int or None
        If some edges point backwards and nothing else is wrong: an order of the agents in which every
        agent acts after all whom it sees. See `renumbered`.
    """

    errors: tuple[str, ...]
    notes: tuple[str, ...]
    order: tuple[int, ...] | None = None

    def __str__(self) -> str:
        """Return one line for each finding."""
        lines = [f"error: {text}" for text in self.errors] + [f"note: {text}" for text in self.notes]
        if self.order is not None:
            lines.append(f"remedy: let the agents act in the order {', '.join(map(str, self.order))}")
        return "\n".join(lines) or "nothing to report"


def diagnose(n_agents: int, edges: Iterable[Edge]) -> Diagnosis:
    """Say what is wrong with a list of edges (j, n), "agent n sees agent j", and what is worth knowing.

    Parameters
    ----------
    n_agents : int
        Number of agents, who act in the order 0, 1, ..., n_agents - 1.
    edges : iterable of pairs of int
        In any order.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        If there is no agent, or something is not a pair of whole numbers.

    Examples
    --------
    >>> print(diagnose(3, [(0, 1), (1, 2), (2, 0)]))
    error: edge (2, 0): agent 0 acts before agent 2 and cannot see it
    error: cycle 0 -> 1 -> 2 -> 0: each would have to act before the other
    """
    if index(n_agents) < 1:
        raise ValueError(f"n_agents: is {n_agents}; expected 1 or more")
    pairs = [pair(edge) for edge in edges]
    errors, seen, backwards, broken = [], set(), False, False
    for j, n in pairs:
        bad = next((i for i in (j, n) if not 0 <= i < n_agents), None)
        if bad is not None:
            errors.append(f"edge ({j}, {n}): there is no agent {bad}; expected 0 to {n_agents - 1}")
        elif j == n:
            errors.append(f"edge ({j}, {n}): an agent cannot see itself")
        elif (j, n) in seen:
            errors.append(f"edge ({j}, {n}): is listed twice")
        else:
            seen.add((j, n))
            if j > n:
                errors.append(f"edge ({j}, {n}): agent {n} acts before agent {j} and cannot see it")
                backwards = True
            continue
        broken = True
    order = None
    if backwards:
        found, cycle = _sorted(n_agents, seen)
        if cycle:
            errors.append(
                f"cycle {' -> '.join(map(str, [*cycle, cycle[0]]))}: each would have to act before the other"
            )
        elif not broken:
            order = found
    notes = []
    for text, who in (("see nobody", {n for _, n in seen}), ("are seen by nobody", {j for j, _ in seen})):
        alone = [n for n in range(n_agents) if n not in who]
        if alone:
            verb = text if len(alone) > 1 else text.replace("see ", "sees ").replace("are", "is")
            notes.append(f"agent{'s' * (len(alone) > 1)} {', '.join(map(str, alone))} {verb}")
    return Diagnosis(tuple(errors), tuple(notes), order)


def pair(edge: Any) -> Edge:
    """Return an edge as two integers, or say that it is none."""
    try:
        j, n = edge
        return index(j), index(n)
    except (TypeError, ValueError):
        raise ValueError(f"edge {edge!r}: expected a pair of whole numbers (seen, viewer)") from None


def _sorted(n_agents: int, edges: set[Edge]) -> tuple[tuple[int, ...], list[int]]:
    """Return the agents in an order that fits the edges, or a cycle (one of the two is empty)."""
    sees: dict[int, set[int]] = {n: set() for n in range(n_agents)}
    for j, n in edges:
        sees[n].add(j)
    order: list[int] = []
    rest = dict(sees)
    while rest:
        ready = next((n for n in sorted(rest) if not sees[n] - set(order)), None)
        if ready is None:
            # Everybody left sees somebody left: walking from viewer to seen must come round.
            walk = [min(rest)]
            while walk[-1] not in walk[:-1]:
                walk.append(min(sees[walk[-1]] - set(order)))
            cycle = walk[walk.index(walk[-1]) : -1][::-1]
            start = cycle.index(min(cycle))
            return (), cycle[start:] + cycle[:start]
        order.append(ready)
        del rest[ready]
    return tuple(order), []
