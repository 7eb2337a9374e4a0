"""What a solved stopping problem hands back: intervals, the value, a threshold or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from numpy.typing import ArrayLike

from llma.checks import Floats

Value = Callable[[ArrayLike], Floats]
"""A function of beliefs, shape (..., 2) -> (...)."""


@dataclass(frozen=True)
class Interval:
    """An interval of q = belief[1]; closed unless it says otherwise. It unpacks as ``lower, upper``.

    Examples
    --------
    >>> part = Interval(0.25, 0.3, upper_closed=False)
    >>> lower, upper = part
    >>> str(part), 0.25 in part, upper in part
    ('[0.25, 0.3)', True, False)
    """

    lower: float
    upper: float
    lower_closed: bool = True
    upper_closed: bool = True

    def __iter__(self) -> Iterator[float]:
        """Return the two ends."""
        return iter((self.lower, self.upper))

    def __contains__(self, q: float) -> bool:
        """Whether q lies in the interval, its own ends included where they belong to it."""
        above = q >= self.lower if self.lower_closed else q > self.lower
        return bool(above and (q <= self.upper if self.upper_closed else q < self.upper))

    def __str__(self) -> str:
        """Return the interval as it is written on paper."""
        left, right = "[" if self.lower_closed else "(", "]" if self.upper_closed else ")"
        return f"{left}{self.lower:.6g}, {self.upper:.6g}{right}"


@dataclass(frozen=True, eq=False)
class Solution:
    """The solution of a stopping problem with two states.

    Attributes
    ----------
    value : callable, beliefs (..., 2) -> (...)
        Least expected discounted cost. The true value is within `error_bound` of it (and, when continuing
        reveals, not above it), up to rounding.
    continue_value : callable
        The same if the first step is to continue.
    stop_value : callable
        The cost of stopping at once.
    stop_region : tuple of Interval
        Beliefs q = belief[1] at which it is best to stop, from left to right. Ties stop.
    certain_stop_region, possible_stop_region : tuple of Interval
        The true stop region contains the one and is contained in the other: the error bound, applied to
        the decision.
    stop_regions_by_action : tuple of tuple of Interval
        Entry a: where stopping with action a is best (they may touch and, where two actions tie, overlap).
    threshold : float or None
        The q at which the decision changes, if the stop region is one interval that reaches exactly one of
        the ends 0 and 1.
    side : {"upper", "lower"} or None
        "upper": stop if and only if q >= threshold. "lower": stop if and only if q <= threshold. (With
        social learning the end itself may not belong to the stop region; `stop_region` says so.)
    reason : str
        Why there is no threshold; empty if there is one.
    error_bound : float
        Proved bound on the error of the value, in units of cost.
    steps : int
        Applications of Bellman's operator.
    n_pieces : int
        Linear pieces of the value.
    """

    value: Value
    continue_value: Value
    stop_value: Value
    stop_region: tuple[Interval, ...]
    certain_stop_region: tuple[Interval, ...]
    possible_stop_region: tuple[Interval, ...]
    stop_regions_by_action: tuple[tuple[Interval, ...], ...]
    threshold: float | None
    side: str | None
    reason: str
    error_bound: float
    steps: int
    n_pieces: int

    @property
    def threshold_bounds(self) -> tuple[float, float] | None:
        """Two numbers between which the true threshold is proved to lie; None without a threshold.

        They are exact up to rounding in the value, which moves a threshold by about 1e-12 of the cost scale
        over the slope at which the two costs cross.
        """
        if self.threshold is None:
            return None
        surest, widest = self.certain_stop_region, self.possible_stop_region
        if self.side == "upper":
            return widest[-1].lower, surest[-1].lower if surest else 1.0
        return surest[0].upper if surest else 0.0, widest[0].upper

    def stops_at(self, q: float) -> bool:
        """Whether it is best to stop at q = belief[1]."""
        return any(q in part for part in self.stop_region)


def union(parts: list[Interval], gap: float = 0.0) -> tuple[Interval, ...]:
    """Return the union of closed intervals, from left to right; parts less than `gap` apart are joined.

    Examples
    --------
    >>> [str(part) for part in union([Interval(0.5, 1.0), Interval(0.0, 0.2), Interval(0.2, 0.3)])]
    ['[0, 0.3]', '[0.5, 1]']
    """
    joined: list[Interval] = []
    for part in sorted(parts, key=lambda interval: (interval.lower, interval.upper)):
        if joined and part.lower <= joined[-1].upper + gap:
            joined[-1] = Interval(joined[-1].lower, max(joined[-1].upper, part.upper))
        else:
            joined.append(part)
    return tuple(joined)


def threshold_of(region: tuple[Interval, ...]) -> tuple[float | None, str | None, str]:
    """Return the threshold of a stop region, its side, and the reason if there is none.

    Examples
    --------
    >>> threshold_of((Interval(0.8, 1.0),))
    (0.8, 'upper', '')
    >>> threshold_of((Interval(0.0, 0.1), Interval(0.9, 1.0)))[2]
    'the stop region has 2 parts: [0, 0.1] and [0.9, 1]'
    """
    if not region:
        return None, None, "it is never best to stop"
    if len(region) > 1:
        parts = " and ".join(str(part) for part in region)
        return None, None, f"the stop region has {len(region)} parts: {parts}"
    low, high = region[0]
    if low <= 0 and high >= 1:
        return None, None, "it is best to stop at every belief"
    if high >= 1:
        return low, "upper", ""
    if low <= 0:
        return high, "lower", ""
    return None, None, f"the stop region {region[0]} reaches neither 0 nor 1: two thresholds"
