r"""Piecewise-linear functions of a two-state belief that may jump.

Where the public sees actions rather than observations, or where stopping hands over to agents who herd, the
value of a stopping problem is still linear on pieces, but it is neither concave nor continuous, and its value
*at* a point where it jumps depends on the tie rule. Points :math:`0 = t_0 < \dots < t_m = 1` cut the
interval of q = belief[1] into 2m + 1 cells: the point :math:`t_0`, the open interval :math:`(t_0, t_1)`, the
point :math:`t_1`, and so on. On each cell the function is a line :math:`\alpha^\top\pi`; here
:math:`\alpha(x)` is the cost, given the state x, of what is done from there on.

Points that differ by less than `SNAP` in log-odds are one point. With symmetric signals beliefs do come back
to where they were, and rounding must not decide on which side of a jump they land.

>>> step = Pieces(np.array([0.0, 0.5, 1.0]), np.array([[0, 0], [0, 0], [1, 1], [2, 2], [2, 2.0]]))
>>> step.at([0.2, 0.5, 0.5 + 1e-14, 0.7])
array([0., 1., 1., 2.])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.stopping.solution import Interval

SNAP = 1e-11
"""Beliefs closer than this in log-odds are the same."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """A piecewise-linear function of q = belief[1] with jumps.

    Attributes
    ----------
    points : ndarray, shape (m + 1,)
        Increasing, from 0 to 1.
    lines : ndarray, shape (2m + 1, 2)
        Values at q = 0 and q = 1 of the line on each cell, points and open intervals in turn.
    """

    points: Floats
    lines: Floats

    def at(self, q: ArrayLike) -> Floats:
        """Return the function at q = belief[1], same shape as `q`."""
        where = checks.probabilities(q, "q")
        line = self.lines[locate(self.points, where)]
        return np.asarray(line[..., 0] * (1 - where) + line[..., 1] * where)

    def __call__(self, belief: ArrayLike) -> Floats:
        """Return the function at a belief, shape (..., 2) -> (...)."""
        return self.at(checks.belief(belief, "belief", n_states=2)[..., 1])


def linear(line: Floats) -> Pieces:
    """Return a function that is one line on the whole interval."""
    return Pieces(np.array([0.0, 1.0]), np.tile(line, (3, 1)))


def cells(points: Floats) -> Floats:
    """Return a q in each cell: the points, and the middle of each open interval, shape (2m + 1,)."""
    inside = np.empty(2 * len(points) - 1)
    inside[::2] = points
    inside[1::2] = (points[:-1] + points[1:]) / 2
    return inside


def locate(points: Floats, q: Floats, snap: float = SNAP) -> Ints:
    """Return the cell of each q: 2i for the point i (or closer to it than `snap`), 2i + 1 right of it."""
    right = np.clip(np.searchsorted(points, q), 1, len(points) - 1)
    below, above = points[right - 1], points[right]
    width = snap * q * (1 - q)
    cell = 2 * right - 1
    cell = np.where(q - below <= width, 2 * right - 2, cell)
    return np.asarray(np.where(above - q <= width, 2 * right, cell), dtype=np.int64)


def partition(*parts: Floats) -> Floats:
    """Return all points, sorted, with 0 and 1, those within `SNAP` of each other taken once.

    Examples
    --------
    >>> partition(np.array([0.5, 0.2]), np.array([0.5 + 1e-14]))
    array([0. , 0.2, 0.5, 1. ])
    """
    points = np.sort(np.concatenate([np.array([0.0, 1.0]), *parts]))
    new = np.diff(points, prepend=-1.0) > SNAP * points * (1 - points)
    points = points[new]
    return np.asarray(points[(points == 0) | (points == 1) | (np.minimum(points, 1 - points) > SNAP)])


def refined(function: Pieces, points: Floats) -> Floats:
    """Return the lines of a function on the cells of a finer partition, shape (2m + 1, 2)."""
    inside = cells(points)
    where = locate(function.points, inside, snap=0.0)
    where[::2] = locate(function.points, inside[::2])
    return np.asarray(function.lines[where])


def ends(points: Floats, lines: Floats) -> tuple[Floats, Floats]:
    """Return the limits of a function at the left and right end of each cell, shape (2m + 1,) each."""
    left, right = np.repeat(points, 2)[:-1], np.repeat(points, 2)[1:]
    return (
        np.asarray(lines[:, 0] * (1 - left) + lines[:, 1] * left),
        np.asarray(lines[:, 0] * (1 - right) + lines[:, 1] * right),
    )


def distance(f: Pieces, g: Pieces) -> float:
    """Return the largest difference of two functions, their limits at jumps included."""
    points = partition(f.points, g.points)
    return float(np.abs(ends(points, refined(f, points) - refined(g, points))).max())


def crossings(points: Floats, gap: Floats) -> Floats:
    """Return the points inside open cells where a difference, given by its lines on the cells, is zero."""
    left, right = ends(points, gap)
    changes = np.flatnonzero(left * right < 0)
    low, high = np.repeat(points, 2)[:-1][changes], np.repeat(points, 2)[1:][changes]
    return np.asarray(low + left[changes] / (left[changes] - right[changes]) * (high - low))


def simplified(function: Pieces, height: float, passes: int = 6) -> Pieces:
    """Return a function with fewer pieces that differs by at most ``passes * height``.

    An interval takes over its right neighbour, and the point between them, where its own line is within
    `height` of what stands there. As with hinges, no two neighbouring pairs are joined in one pass.
    """
    points, lines = function.points, function.lines
    for k in range(passes):
        n = len(points) - 1
        first = np.arange(k % 2, n - 1, 2)  # open cells first and first + 1, and the point between them
        if not len(first):
            continue
        mine, point, next_one = lines[2 * first + 1], lines[2 * first + 2], lines[2 * first + 3]
        at, end = points[first + 1], points[first + 2]
        off = np.abs(_at(mine - point, at))
        off = np.maximum(off, np.abs(_at(mine - next_one, at)))
        off = np.maximum(off, np.abs(_at(mine - next_one, end)))
        joined = first[off <= height]
        if not len(joined) and k:
            break
        kept = np.ones(2 * n + 1, dtype=np.bool_)
        kept[2 * joined + 2] = kept[2 * joined + 3] = False
        lines, points = lines[kept], np.delete(points, joined + 1)
    return Pieces(points, lines)


def intervals(points: Floats, chosen: NDArray[np.bool_]) -> tuple[Interval, ...]:
    """Return the union of the chosen cells as intervals, with the right ends.

    Examples
    --------
    >>> [str(part) for part in intervals(np.array([0, 0.3, 1]), np.array([True, True, False, False, True]))]
    ['[0, 0.3)', '[1, 1]']
    """
    edge = np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8))
    found = []
    for begin, end in zip(np.flatnonzero(edge == 1), np.flatnonzero(edge == -1) - 1, strict=True):
        found.append(
            Interval(
                float(points[begin // 2]),
                float(points[(end + 1) // 2]),
                lower_closed=bool(begin % 2 == 0),
                upper_closed=bool(end % 2 == 0),
            )
        )
    return tuple(found)


def inside(q: Floats, region: tuple[Interval, ...]) -> NDArray[np.bool_]:
    """Whether each q lies in one of the intervals, whose ends count within `SNAP`.

    Examples
    --------
    >>> inside(np.array([0.2, 0.3 - 1e-15, 0.4]), (Interval(0.3, 0.35),))
    array([False,  True, False])
    """
    slack = SNAP * q * (1 - q)
    found = np.zeros(q.shape, dtype=np.bool_)
    for part in region:
        low = q >= part.lower - slack if part.lower_closed else q > part.lower + slack
        found |= low & (q <= part.upper + slack if part.upper_closed else q < part.upper - slack)
    return found


def _at(lines: Floats, q: Floats) -> Floats:
    return np.asarray(lines[:, 0] * (1 - q) + lines[:, 1] * q)
