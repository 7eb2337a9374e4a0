r"""A grid of thresholds with common random numbers: the method to beat.

All thresholds are judged on the same episodes. The difference of two costs is then an average over those
episodes only in which the two thresholds act differently, which is why a grid of a hundred thresholds can be
ranked with few episodes. In one dimension this is hard to beat; in d dimensions a grid of m points a side
needs m to the power d of them, and SPSA still needs two a step.

>>> bowl = lambda u, rng: (u - 0.3) ** 2 + rng.standard_normal()
>>> round(grid_search(bowl, np.linspace(0, 1, 11), np.random.default_rng(0)).best, 6)
0.3
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.policy_gradient.spsa import Objective, noisy_cost, on_same_numbers


@dataclass(frozen=True, eq=False)
class GridSearch:
    """The costs of a grid of thresholds on the same random numbers.

    Attributes
    ----------
    thresholds, cost : ndarray, shape (n,)
    best : float
        Threshold of least cost; of several, the middle one of the first run of equal costs.
    evaluations : int
        Calls of the black box.
    """

    thresholds: Floats
    cost: Floats
    best: float
    evaluations: int


def grid_search(
    objective: Objective, thresholds: ArrayLike, rng: np.random.Generator, *, common: bool = True
) -> GridSearch:
    """Return the costs of a grid of thresholds, and the best one.

    Parameters
    ----------
    objective : callable
        ``objective(threshold, rng)`` returns a noisy cost.
    thresholds : array_like, shape (n,)
        In rising order.
    rng : numpy.random.Generator
        Source of all randomness.
    common : bool
        Whether all thresholds are judged on the same random numbers.

    Raises
    ------
    ValueError
        If the thresholds are not in rising order, or the black box answers with something else than a number.
    """
    grid = checks.real_array(thresholds, "thresholds", ndim=1)
    if len(grid) == 0 or (np.diff(grid) <= 0).any():
        raise ValueError("thresholds: expected at least one, in strictly rising order")
    points = [float(level) for level in grid]
    if common:
        raw = on_same_numbers(objective, points, int(rng.integers(2**63)))
    else:
        seeds = rng.integers(2**63, size=len(grid))
        raw = [objective(at, np.random.default_rng(seed)) for at, seed in zip(points, seeds, strict=True)]
    cost = np.array([noisy_cost(answer, ()) for answer in raw])
    low = int(cost.argmin())
    level = np.flatnonzero(cost[low:] > cost[low])
    high = low + int(level[0]) if len(level) else len(grid)
    return GridSearch(grid, cost, float(grid[(low + high - 1) // 2]), len(grid))
