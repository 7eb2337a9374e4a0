r"""The threshold curve on the simplex of three states, between two proved curves.

Rays. From a belief :math:`(1 - a, a, 0)` on the edge without state 2 a ray runs to :math:`e_2`. If the state
does not move and :math:`\delta(2) > 0`, the stop region is convex and contains :math:`e_2`: each ray enters
it once.

Bounds. Where :math:`\hat Q - C < 0` one continues, where :math:`\hat Q - C \ge \rho w` one stops
(`llma.stopping.certified`). Both differences are concave on a ray and positive at its end, so bisection finds
where each sign changes; the true curve lies between.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from llma.checks import Floats
from llma.stopping import SimplexSolution

HALVINGS = 30


def entries(solution: SimplexSolution, edge: Floats) -> tuple[Floats, Floats]:
    """Return shares of state 2 between which each ray enters the stop region.

    Parameters
    ----------
    solution : SimplexSolution
        Three states at rest, one way to stop, delta(2) above the error bound.
    edge : ndarray, shape (n,)
        Shares a of state 1 at the foot of the rays.

    Returns
    -------
    first, last : ndarray, shape (n,)
        It is best to continue below `first` and to stop from `last` on.

    >>> from llma.explorers.thresholds.models import three_levels
    >>> first, last = entries(three_levels().solve(0.01), np.array([0.0, 1.0]))
    >>> first.round(2), last.round(2)
    (array([0.65, 0.34]), array([0.65, 0.34]))
    """

    def at(share: Floats) -> Floats:
        return np.stack([(1 - share) * (1 - edge), (1 - share) * edge, share], axis=1)

    def ahead(share: Floats) -> NDArray[np.bool_]:
        return np.asarray(solution.continue_bounds(at(share))[1] < solution.stop_value(at(share)))

    def unsure(share: Floats) -> NDArray[np.bool_]:
        return np.asarray(solution.continue_bounds(at(share))[0] < solution.stop_value(at(share)))

    return _last(ahead, len(edge)), _last(unsure, len(edge))


def _last(before: Callable[[Floats], NDArray[np.bool_]], n: int) -> Floats:
    """Return the share at which a condition turns from true to false; 0 if it is never true."""
    low, high = np.zeros(n), np.ones(n)
    never = ~before(low)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        holds = before(middle)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return np.where(never, 0.0, high)
