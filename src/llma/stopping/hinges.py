r"""Concave piecewise-linear functions of a two-state belief, as a line minus hinges.

Representation. A function of the belief :math:`\pi = (1-q, q)` that is a minimum of finitely many lines is
written

.. math:: f(\pi) = a^\top\pi + \sum_i \min(0,\, h_i^\top\pi), \qquad h_i(0) > 0 > h_i(1).

The line a is the first piece; hinge i is the difference between the next piece and the one before, and the
two cross where the hinge is zero, at :math:`q_i = h_i(0) / (h_i(0) - h_i(1))`. Sorted by this point, the
pieces are :math:`a + h_0 + \dots + h_i`.

Why hinges. In Bellman's equation :math:`\sum_y \sigma(\pi, y) f(T(\pi, y))` is needed, and
:math:`\sigma(\pi, y)\, h^\top T(\pi, y) = (P B_y h)^\top \pi`: a hinge goes to a hinge, or to something that
is linear on the whole interval. A sum over observations is then the *list* of all images: nothing is
compared, nothing is interpolated, and no grid appears.

Merging. Two neighbouring hinges may be replaced by their sum, which drops the piece between them. The
function then rises, by at most the height of the dropped corner: the value of either hinge, up to sign,
where their sum is zero. Merging therefore keeps an upper bound an upper bound.

>>> tent = hinges_of_minimum([[0.0, 1.0], [1.0, 0.0]])
>>> tent.at([0.0, 0.25, 0.5, 1.0])
array([0.  , 0.25, 0.5 , 0.  ])
>>> tent.cuts
array([0.5])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats


@dataclass(frozen=True, eq=False)
class Hinges:
    """A concave piecewise-linear function of a belief about two states.

    Attributes
    ----------
    line : ndarray, shape (2,)
        Values at q = 0 and q = 1 of the first piece.
    hinges : ndarray, shape (n, 2)
        Values at q = 0 (positive) and at q = 1 (negative) of the n hinges, sorted by the point where they
        are zero.
    """

    line: Floats
    hinges: Floats

    @property
    def cuts(self) -> Floats:
        """Points q where two pieces meet, increasing, shape (n,)."""
        return zeros(self.hinges)

    @property
    def lines(self) -> Floats:
        """Values at q = 0 and q = 1 of the n + 1 pieces, from left to right, shape (n + 1, 2)."""
        pieces = np.empty((len(self.hinges) + 1, 2))
        pieces[0] = self.line
        pieces[1:] = self.hinges
        return np.asarray(pieces.cumsum(axis=0))

    def corners(self) -> tuple[Floats, Floats]:
        """Return all q where a piece begins or ends, 0 and 1 included, and the values, shape (n + 2,)."""
        points = np.empty(len(self.hinges) + 2)
        points[0], points[-1], points[1:-1] = 0.0, 1.0, self.cuts
        pieces = self.lines
        values = np.empty(len(points))
        values[:-1] = pieces[:, 0] + points[:-1] * (pieces[:, 1] - pieces[:, 0])
        values[-1] = pieces[-1, 1]
        return points, values

    def at(self, q: ArrayLike) -> Floats:
        """Return the function at q = belief[1], same shape as `q`.

        Raises
        ------
        ValueError
            If a q lies outside [0, 1].
        """
        where = checks.probabilities(q, "q")
        pieces = self.lines[np.searchsorted(self.cuts, where)]  # (..., 2)
        return np.asarray(pieces[..., 0] * (1 - where) + pieces[..., 1] * where)

    def __call__(self, belief: ArrayLike) -> Floats:
        """Return the function at a belief, shape (..., 2) -> (...)."""
        return self.at(checks.belief(belief, "belief", n_states=2)[..., 1])


def zeros(hinges: Floats) -> Floats:
    """Return the points q where hinges are zero, shape (n, 2) -> (n,)."""
    return np.asarray(hinges[:, 0] / (hinges[:, 0] - hinges[:, 1]))


def hinges_of_minimum(lines: ArrayLike) -> Hinges:
    """Return the minimum of lines, given by their values at q = 0 and q = 1, shape (n, 2).

    Raises
    ------
    ValueError
        If the table is not of that shape.

    Examples
    --------
    >>> hinges_of_minimum([[0, 2], [2, 0], [1.5, 1.5]]).hinges
    array([[ 2., -2.]])
    """
    table = checks.cost_matrix(lines, "lines", n_actions=2)
    lowest = Hinges(table[0], np.empty((0, 2)))
    for row in table[1:]:
        lowest = minimum(lowest, row)
    return lowest


def above(function: Hinges, line: Floats, slack: float = 0.0) -> tuple[float, float] | None:
    """Return the closed interval of q on which the function is at least the line minus `slack`.

    The set is an interval because the difference is concave; None if it is empty.

    Examples
    --------
    >>> above(hinges_of_minimum([[0, 1], [1, 0]]), np.array([0.25, 0.25]))
    (0.25, 0.75)
    """
    points, values = function.corners()
    gap = values - (line[0] + points * (line[1] - line[0])) + slack
    inside = np.flatnonzero(gap >= 0)
    if not len(inside):
        return None
    low, high = int(inside[0]), int(inside[-1])
    left = points[low] if low == 0 else _crossing(points, gap, low - 1)
    right = points[high] if high == len(points) - 1 else _crossing(points, gap, high)
    return float(left), float(right)


def minimum(function: Hinges, line: Floats) -> Hinges:
    """Return the minimum of a function and a line.

    Examples
    --------
    >>> minimum(hinges_of_minimum([[0, 1], [1, 0]]), np.array([0.25, 0.25])).cuts
    array([0.25, 0.75])
    """
    points, values = function.corners()
    higher = np.flatnonzero(values > line[0] + points * (line[1] - line[0]))
    if not len(higher):
        return function
    # Corner k lies between piece k - 1 and piece k; the line replaces all pieces between the two crossings.
    low, high = int(higher[0]), int(higher[-1])
    pieces, hinges = function.lines, function.hinges
    first, parts = line, [np.empty((0, 2))]
    if low > 0:
        first, down = function.line, line - pieces[low - 1]
        parts.append(hinges[: low - 1])
        if down[0] > 0 > down[1]:
            parts.append(down[None, :])
        elif down[0] <= 0 and down[1] <= 0:  # they meet at q = 0, or are the same line up to rounding
            first = first + down
    if high < len(points) - 1:
        up = pieces[high] - line
        if up[0] > 0 > up[1]:
            parts.append(up[None, :])
        parts.append(hinges[high:])
    return Hinges(first, np.concatenate(parts))


def merged(function: Hinges, height: float, passes: int = 2) -> Hinges:
    """Return a function with fewer hinges, nowhere lower and at most ``passes * height`` higher.

    Neighbours are merged in pairs, first (0, 1), (2, 3), ..., in the next pass (1, 2), (3, 4), ...: no piece
    that is dropped in one pass touches another one.

    Parameters
    ----------
    function : Hinges
        The function.
    height : float
        In each pass a piece is dropped if the function rises by no more than this.
    passes : int
        Number of passes; each at most halves the number of hinges.

    Examples
    --------
    >>> cap = hinges_of_minimum([[0, 2], [2, 0], [0.99, 0.99]])
    >>> len(cap.hinges), len(merged(cap, 0.02).hinges), len(merged(cap, 0.001).hinges)
    (2, 1, 2)
    """
    hinges = function.hinges
    for k in range(passes):
        start = k % 2
        both = hinges[start:-1:2] + hinges[start + 1 :: 2]
        if not len(both):
            continue
        low, high = hinges[start:-1:2, 0], hinges[start:-1:2, 1]
        # The first hinge of a pair, at the zero of their sum: minus the height of the corner that goes.
        close = low + zeros(both) * (high - low) >= -height
        if close.any():
            kept = np.ones(len(hinges), dtype=np.bool_)
            kept[start + 1 :: 2] = ~close
            hinges = hinges.copy()
            hinges[start:-1:2][close] = both[close]
            hinges = hinges[kept]
    return Hinges(function.line, hinges)


def images(function: Hinges, maps: Floats, base: Floats) -> Hinges:
    r"""Return ``base`` plus the sum over y of :math:`\sigma(\pi, y) f(T(\pi, y))`, discounted.

    Parameters
    ----------
    function : Hinges
        f.
    maps : ndarray, shape (Y, 2, 2)
        ``maps[y]`` takes a line to the line it becomes: the discount times P diag(B[:, y]).
    base : ndarray, shape (2,)
        A line that is added: the running cost.

    Returns
    -------
    Hinges
    """
    line = base + (maps @ function.line).sum(axis=0)
    moved = (function.hinges @ maps.transpose(0, 2, 1)).reshape(-1, 2)  # (Y * n, 2)
    bent = (moved[:, 0] > 0) & (moved[:, 1] < 0)
    if not bent.all():
        # min(0, h) is 0 where h >= 0 on the whole interval, h where h <= 0 on it, and h + min(0, -h) where
        # the filter turns the order of beliefs round.
        turned = (moved[:, 0] < 0) & (moved[:, 1] > 0)
        line = line + moved[turned | ((moved[:, 0] <= 0) & (moved[:, 1] <= 0))].sum(axis=0)
        moved = np.concatenate([moved[bent], -moved[turned]])
    return Hinges(line, moved[zeros(moved).argsort()])


def _crossing(points: Floats, gap: Floats, k: int) -> Floats:
    """Return where the difference, linear between corners k and k + 1, is zero."""
    share = gap[k] / (gap[k] - gap[k + 1])
    return np.asarray(points[k] + share * (points[k + 1] - points[k]))
