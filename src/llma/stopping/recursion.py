r"""Bellman's recursion where beliefs move by rules that change from cell to cell: exact, with jumps.

What moves the belief. On each cell of a partition of q = belief[1] somebody sends a message u with
probability :math:`R_u(x)` in state x: an agent's action, or the observation itself. The belief moves to
:math:`T_u(\pi) \propto R_u \pi`, and the step costs :math:`r^\top\pi`, r constant on the cell.

One step. If V is piecewise linear, so is

.. math:: Q(\pi) = r^\top\pi + \rho \sum_u \sigma_u(\pi)\, V(T_u\pi), \qquad
    \alpha_Q(x) = r(x) + \rho \sum_u R_u(x)\, \alpha_{V, u}(x),

where :math:`\alpha_{V,u}` is the line of V on the cell that holds :math:`T_u\pi`. The cells of Q are cut out
by the points of the rule and by the points that some :math:`T_u` sends to a point of V. A point is sent to a
point: ties are followed exactly.

Error bound. If the Bellman step moves :math:`\hat V` by at most r, the fixed point is within
:math:`r/(1-\rho)` of :math:`\hat V`, because a step is a contraction. Simplification on the way needs no
proof of its own: the last step judges its result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from llma.checks import Floats
from llma.stopping.pieces import (
    SNAP,
    Pieces,
    cells,
    crossings,
    distance,
    ends,
    locate,
    partition,
    refined,
    simplified,
)

CHECK_EVERY = 4
"""Steps between two computations of the error bound."""

ROUNDING = 32
"""Units of rounding allowed for a step, relative to the cost scale."""

COARSE = 0.01
"""In early steps pieces may be joined that differ by this share of the present error (over the passes)."""


@dataclass(frozen=True, eq=False)
class Motion:
    """How the belief moves and what a step costs, cell by cell.

    Attributes
    ----------
    points : ndarray, shape (k + 1,)
        The partition, from 0 to 1.
    likelihood : ndarray, shape (2k + 1, 2, A)
        p(message u given state x) on each cell.
    cost : ndarray, shape (2k + 1, 2)
        What a step costs in each state.
    """

    points: Floats
    likelihood: Floats
    cost: Floats


def everywhere(likelihood: Floats, cost: Floats) -> Motion:
    """Return a motion whose rule and cost are the same at all beliefs."""
    return Motion(np.array([0.0, 1.0]), np.tile(likelihood, (3, 1, 1)), np.tile(cost, (3, 1)))


def continued(value: Pieces, motion: Motion, discount: float, *cuts: Floats) -> Pieces:
    """Return Q: the cost of one step now and of `value` after it; `cuts` are further points it shall have."""
    points = partition(motion.points, *cuts, *_pulled_back(value.points[1:-1], motion))
    q = cells(points)
    here = locate(motion.points, q, snap=0.0)
    here[::2] = locate(motion.points, q[::2])
    rule = motion.likelihood[here]  # (cells, 2, A)
    up, down = q[:, None] * rule[:, 1], (1 - q)[:, None] * rule[:, 0]
    chance = up + down
    next_q = np.divide(up, chance, out=np.zeros_like(up), where=chance > 0)  # (cells, A)
    after = locate(value.points, next_q, snap=0.0)
    after[::2] = locate(value.points, next_q[::2])
    lines = value.lines[after]  # (cells, A, 2)
    return Pieces(points, motion.cost[here] + discount * (rule.transpose(0, 2, 1) * lines).sum(axis=1))


def cheaper(following: Pieces, stop: Pieces) -> Pieces:
    """Return the minimum of the cost of continuing and the cost of stopping."""
    points = partition(following.points, stop.points)
    points = partition(points, crossings(points, refined(following, points) - refined(stop, points)))
    go, halt = refined(following, points), refined(stop, points)
    better = np.add(*ends(points, go - halt)) < 0
    return Pieces(points, np.where(better[:, None], go, halt))


def iterate(
    step: Callable[[Pieces], Pieces], start: Pieces, discount: float, tolerance: float, scale: float
) -> tuple[Pieces, float, int]:
    """Apply a contraction until its fixed point is within the tolerance.

    Returns
    -------
    Pieces, float, int
        The function, the error bound, and the number of steps.

    Raises
    ------
    ValueError
        If the tolerance is finer than rounding allows.
    """
    passes = 6
    residual = tolerance * (1 - discount)
    most = 3 * CHECK_EVERY
    if discount > 0:
        most += max(0, ceil(log(residual / (8 * max(scale, 1.0))) / log(discount)))
    value, steps, gap = start, 0, scale
    while gap > residual and steps <= most:
        height = max(COARSE * gap, residual / 4) / passes
        for _ in range(CHECK_EVERY):
            value = simplified(step(value), height, passes)
        steps += CHECK_EVERY
        gap = distance(value, step(value)) + ROUNDING * np.finfo(np.float64).eps * scale
    if gap > residual:
        raise ValueError(
            f"tolerance: {tolerance:g} is not reached; the bound is {gap / (1 - discount):.2g} after {steps} "
            "steps, which is rounding; ask for less"
        )
    return value, gap / (1 - discount), steps


def _pulled_back(points: Floats, motion: Motion) -> list[Floats]:
    """Return, for each open cell and message, the points of the cell that are sent to `points`."""
    found = []
    for k, (low, high) in enumerate(zip(motion.points[:-1], motion.points[1:], strict=True)):
        for no, yes in motion.likelihood[2 * k + 1].T:
            if no > 0 and yes > 0:
                source = points * no / (points * no + (1 - points) * yes)
                margin = SNAP * source * (1 - source)
                found.append(source[(source > low + margin) & (source < high - margin)])
    return found
