"""The chapter's stopping problems, and a value iteration on a grid to compare with."""

from __future__ import annotations

import numpy as np

from llma.checks import Floats
from llma.explorers.readings import symmetric
from llma.stopping import CentralControl, Interval, quickest_detection

EVEN = (0.5, 0.5)


def flagging(
    accuracy: float = 0.7, false_flag: float = 10.0, harm: float = 0.5, discount: float = 0.9
) -> CentralControl:
    """Return the story: a reading costs 0.1, a day of hate `harm`, flagging the innocent `false_flag` once.

    >>> round(flagging().solve().threshold, 4)
    0.8344
    """
    return CentralControl(symmetric(accuracy), [0.1, 0.1 + harm], [false_flag, 0.0], discount)


def flag_or_clear(
    accuracy: float = 0.7, step: float = 0.35, wrong: float = 20.0, discount: float = 0.95
) -> CentralControl:
    """Return the two-sided story: stop by clearing (0) or by flagging (1); a wrong end costs `wrong` once."""
    return CentralControl(symmetric(accuracy), [step, step], [[0.0, wrong], [wrong, 0.0]], discount)


def three_ways(refer: float = 2.5) -> CentralControl:
    """Return a problem with a third way to stop that costs the same in both states."""
    return CentralControl(symmetric(0.7), [0.5, 0.5], [[0.0, 10.0, refer], [10.0, 0.0, refer]], 0.9)


def cheap_vertex() -> CentralControl:
    """Return a problem with two ways to stop in which a certain controller would rather continue."""
    return CentralControl(symmetric(0.55), [0.08, 1.2], [[1.0, 10.0], [10.0, 1.0]], 0.9)


def alarm(
    hazard: float = 0.05, accuracy: float = 0.7, delay: float = 1.0, discount: float = 0.95
) -> CentralControl:
    """Return the problem of the account that may turn: a false alarm costs 10."""
    return quickest_detection(symmetric(accuracy), hazard, delay, 10.0, discount)


def grid_value(problem: CentralControl, n: int, tolerance: float = 1e-10) -> tuple[Floats, Floats]:
    """Return n equidistant points and the fixed point of value iteration that interpolates between them.

    It starts below the value, at the cost of a controller who knows the state, and stays below it: the chords
    of a concave function lie under it. The state must not move.

    >>> points, value = grid_value(flagging(), 101)
    >>> bool(value[50] < flagging().solve().value(EVEN))
    True
    """
    q = np.linspace(0, 1, n)
    belief = np.stack([1 - q, q], axis=1)
    joint = belief[:, None, :] * problem.likelihood.T  # (n, Y, 2)
    chance = joint.sum(axis=2)
    following = joint[..., 1] / chance
    stop = (belief @ problem.stop_cost).min(axis=1)
    running = belief @ problem.continue_cost
    value = belief @ np.minimum(problem.stop_cost.min(axis=1), problem.never_stop_cost)
    while True:
        after = running + problem.discount * (chance * np.interp(following, q, value)).sum(axis=1)
        after = np.minimum(stop, after)
        if np.abs(after - value).max() <= tolerance * (1 - problem.discount):
            return q, after
        value = after


def written(region: tuple[Interval, ...], digits: int = 3) -> str:
    """Return a stop region as text.

    >>> written((Interval(0.0, 0.25), Interval(0.5, 1.0)))
    '[0, 0.25] and [0.5, 1]'
    """
    parts = []
    for part in region:
        low, high = (f"{round(end, digits):g}" for end in part)
        left, right = "[" if part.lower_closed else "(", "]" if part.upper_closed else ")"
        parts.append(f"{left}{low}, {high}{right}")
    return " and ".join(parts) or "nowhere"
