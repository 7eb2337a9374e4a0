r"""Networks to try: from nobody sees anybody to everybody sees everybody.

=============  ===================================================================================
builder        agent n sees
=============  ===================================================================================
`empty`        nobody
`line`         its predecessor n - 1 only
`last`         the last k agents
`complete`     all earlier agents: the protocol of `llma.social`
`random`       each earlier agent with probability p, independently
`celebrities`  the first k agents, who see nobody; and, if wanted, its predecessor
`guinea_pigs`  all earlier agents of a set of agents who see nobody
`preferential` k earlier agents, drawn with weights 1 + the number of agents who see them already
=============  ===================================================================================

A random network is drawn once, before anybody acts, and is then known to all.

Reference. Acemoglu, Dahleh, Lobel and Ozdaglar, Review of Economic Studies 78, 2011.

>>> last(5, 2).neighbours
((), (0,), (0, 1), (1, 2), (2, 3))
>>> guinea_pigs(6, [0, 1, 4]).neighbours
((), (), (0, 1), (0, 1), (), (0, 1, 4))
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index

import numpy as np

from llma import checks
from llma.networks.graph import Network


def empty(n_agents: int) -> Network:
    """Return the network in which nobody sees anybody."""
    return Network([[]] * n_agents)


def line(n_agents: int) -> Network:
    """Return the network in which agent n sees agent n - 1 only.

    Examples
    --------
    >>> line(3).neighbours
    ((), (0,), (1,))
    """
    return last(n_agents, 1)


def last(n_agents: int, k: int) -> Network:
    """Return the network in which everybody sees the last k agents (all of them while there are fewer)."""
    if k < 0:
        raise ValueError(f"k: is {k}; expected 0 or more")
    return Network([range(max(0, n - k), n) for n in range(n_agents)])


def complete(n_agents: int) -> Network:
    """Return the network in which everybody sees all earlier agents.

    Examples
    --------
    >>> complete(3).neighbours
    ((), (0,), (0, 1))
    """
    return last(n_agents, n_agents)


def random(n_agents: int, probability: float, rng: np.random.Generator) -> Network:
    """Return a network in which each agent sees each earlier one with a probability, independently.

    Examples
    --------
    >>> random(4, 0.5, np.random.default_rng(1)).neighbours
    ((), (0,), (1,), (0, 2))
    """
    chance = float(checks.probabilities(probability, "probability"))
    drawn = rng.random((n_agents, n_agents)) < chance
    return Network([np.flatnonzero(drawn[n, :n]).tolist() for n in range(n_agents)])


def celebrities(n_agents: int, k: int, *, line: bool = False) -> Network:
    """Return the network in which all later agents see the first k, who see nobody.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    k : int
        Number of celebrities.
    line : bool
        Whether every later agent sees its predecessor as well.

    Examples
    --------
    >>> celebrities(5, 2).neighbours
    ((), (), (0, 1), (0, 1), (0, 1))
    >>> celebrities(5, 2, line=True).neighbours
    ((), (), (0, 1), (0, 1, 2), (0, 1, 3))
    """
    if not 0 <= k <= n_agents:
        raise ValueError(f"k: is {k}; expected 0 to {n_agents}")
    before = [{n - 1} if line and n else set() for n in range(n_agents)]
    return Network([sorted({*range(k), *before[n]}) if n >= k else [] for n in range(n_agents)])


def guinea_pigs(n_agents: int, pigs: Iterable[int], *, all_see_all: bool = False) -> Network:
    """Return the network in which some agents see nobody, and the others see all earlier ones of these.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    pigs : iterable of int
        The agents who see nobody.
    all_see_all : bool
        Whether the others see every earlier agent, not only the guinea pigs.
    """
    alone = {index(n) for n in pigs}
    bad = sorted(n for n in alone if not 0 <= n < n_agents)
    if bad:
        raise ValueError(f"pigs: there is no agent {bad[0]}; expected 0 to {n_agents - 1}")
    return Network(
        [[] if n in alone else [j for j in range(n) if all_see_all or j in alone] for n in range(n_agents)]
    )


def preferential(n_agents: int, k: int, rng: np.random.Generator) -> Network:
    """Return a network in which agent n sees k earlier agents, the much-seen ones more readily.

    They are drawn one after the other without replacement, each with a weight of one plus the number of
    agents who see it already. While there are fewer than k earlier agents, all of them are seen.

    Examples
    --------
    >>> preferential(6, 1, np.random.default_rng(3)).neighbours
    ((), (0,), (0,), (2,), (2,), (0,))
    """
    if k < 0:
        raise ValueError(f"k: is {k}; expected 0 or more")
    seen = np.zeros(n_agents)
    lists: list[list[int]] = []
    for n in range(n_agents):
        weight = 1 + seen[:n]
        size = min(k, n)
        chosen = rng.choice(n, size, replace=False, p=weight / weight.sum()).tolist() if size else []
        lists.append(sorted(chosen))
        seen[chosen] += 1
    return Network(lists)
