"""The chapter's networks by name, its models, and two laws that need no enumeration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isqrt
from types import MappingProxyType

import numpy as np
from scipy.stats import binom

from llma import networks
from llma.checks import Floats
from llma.explorers import readings
from llma.networks import Network, NetworkLearning

EVEN = (0.5, 0.5)
LEAN = (0.45, 0.55)
"""A prior that leans towards state 1: with accuracies 0.6 to 0.9 no two opposite readings ever tie."""

ERRORS = ((0.0, 1.0), (1.0, 0.0))

APART = Network([[], [], [0, 1]])
"""Agent 2 sees agents 0 and 1, who see nobody."""

LINKED = Network([[], [0], [0, 1]])
"""The same with one link more."""

SHAPES: MappingProxyType[str, Callable[[int], Network]] = MappingProxyType(
    {
        "nobody": networks.empty,
        "line": networks.line,
        "last 2": lambda n: networks.last(n, 2),
        "last 4": lambda n: networks.last(n, 4),
        "random, sparse": lambda n: networks.random(n, 0.25, np.random.default_rng(8)),
        "random, dense": lambda n: networks.random(n, 0.6, np.random.default_rng(8)),
        "3 celebrities": lambda n: networks.celebrities(n, min(3, n)),
        "celebrities and line": lambda n: networks.celebrities(n, min(3, n), line=True),
        "much-seen seen more": lambda n: networks.preferential(n, 2, np.random.default_rng(8)),
        "guinea pigs": lambda n: networks.guinea_pigs(n, range(0, n, 2), all_see_all=True),
        "everybody": networks.complete,
    }
)
"""Networks by name; those drawn at random are drawn once, with a fixed seed."""

PIGS: MappingProxyType[str, Callable[[int], bool]] = MappingProxyType(
    {
        "the first ten": lambda n: n < 10,
        "every tenth": lambda n: n % 10 == 0,
        "the squares": lambda n: isqrt(n) ** 2 == n,
        "0 and powers of two": lambda n: n & (n - 1) == 0,
    }
)
"""Which agents are guinea pigs: they see nobody and act on their own reading."""


def shape(name: str, n_agents: int) -> Network:
    """Return one of the named networks.

    >>> shape("last 2", 4).neighbours
    ((), (0,), (0, 1), (1, 2))
    """
    return SHAPES[name](n_agents)


def symmetric(accuracy: float) -> Floats:
    """Return the sensor that is right with a given probability in either state, shape (2, 2)."""
    return np.array(readings.symmetric(accuracy))


def tell(
    name: str, accuracy: float = 0.7, n_agents: int = 12, tie: str = "low", kind: str = "bayes"
) -> NetworkLearning:
    """Return the model of agents on a named network, each with a symmetric sensor; an error costs 1.

    >>> tell("everybody", n_agents=3).network.edges
    ((0, 1), (0, 2), (1, 2))
    """
    return NetworkLearning(shape(name, n_agents), symmetric(accuracy), ERRORS, tie, kind=kind)


def all_readings(accuracy: float, n_readings: int, q: float = 0.5) -> float:
    """Return the least error of one who knows so many readings, with prior probability q of state 1.

    >>> round(all_readings(0.7, 3), 4)
    0.216
    """
    count = np.arange(n_readings + 1)
    in_0, in_1 = binom.pmf(count, n_readings, 1 - accuracy), binom.pmf(count, n_readings, accuracy)
    return float(np.minimum((1 - q) * in_0, q * in_1).sum())


def pigs_error(
    accuracy: float, is_pig: Callable[[int], bool], n_agents: int, q: float = 0.5
) -> tuple[Floats, int]:
    """Return every agent's error when the others see all earlier guinea pigs, and the number of these.

    A guinea pig sees nobody. Its reading decides, so its action shows its reading: everybody else has one
    reading for each guinea pig before it, and its own. (For 1 - accuracy < q < accuracy.)

    >>> pigs_error(0.7, PIGS["the first ten"], 12)[0][[0, 10, 11]].round(4)
    array([0.3   , 0.0782, 0.0782])
    """
    pigs = np.array([is_pig(n) for n in range(n_agents)])
    before = np.cumsum(pigs) - pigs
    sizes = {int(m): all_readings(accuracy, int(m) + 1, q) for m in _distinct(before)}
    alone = all_readings(accuracy, 1, q)
    error = np.array([alone if pig else sizes[int(m)] for pig, m in zip(pigs, before, strict=True)])
    return error, int(pigs.sum())


def _distinct(values: Iterable[int]) -> set[int]:
    return {int(value) for value in values}
