"""The chapter's problems: a channel that may spread hate, revealed, watched or handed over; three levels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from llma.checks import Floats
from llma.explorers.readings import symmetric
from llma.social import SocialLearning
from llma.stopping import CentralControl, HandOver

ERROR = ((0, 1), (1, 0))
"""What an agent loses: 1 for a wrong verdict."""

SLOPE = 4.0
"""A step costs SLOPE (q - zero) at belief q."""


def channel(
    accuracy: float = 0.7,
    zero: float = 0.25,
    discount: float = 0.9,
    watched: bool = False,
    tie: str = "low",
) -> CentralControl:
    """Return the channel: a step on air costs 4 (q - zero), taking it off the air costs nothing.

    Parameters
    ----------
    watched : bool
        Whether the controller only watches verdicts of agents with 0-1 loss who hear each other, in the place
        of the readings.

    >>> channel().solve().threshold.__round__(4)
    0.5282
    """
    running = [-SLOPE * zero, SLOPE * (1 - zero)]
    if watched:
        return CentralControl(
            symmetric(accuracy), running, [0, 0], discount, continuation="social", cost=ERROR, tie=tie
        )
    return CentralControl(symmetric(accuracy), running, [0, 0], discount)


def random_channel(rng: Generator) -> CentralControl:
    """Return a watched channel with accuracy in (0.55, 0.95), zero in (0, 1), discount in (0.3, 0.97)."""
    return channel(rng.uniform(0.55, 0.95), rng.uniform(), rng.uniform(0.3, 0.97), watched=True)


def handed_over(step: float = 0.5) -> HandOver:
    """Return the problem whose stop leaves the agents to themselves; each wrong verdict of theirs costs 1."""
    return HandOver(SocialLearning(symmetric(0.7), ERROR), [step, step], ERROR, 0.95)


def graded(sharpness: float) -> Floats:
    """Return a sensor of three levels, p(y given x) proportional to exp(sharpness (x - 1)(y - 1)): TP2.

    >>> graded(1.0).round(3)
    array([[0.665, 0.245, 0.09 ],
           [0.333, 0.333, 0.333],
           [0.09 , 0.245, 0.665]])
    """
    level = np.array([-1.0, 0.0, 1.0])
    table = np.exp(sharpness * np.outer(level, level))
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def three_levels(sharpness: float = 1.0, middle: float = -0.5, discount: float = 0.9) -> CentralControl:
    """Return the channel with three levels: a step costs -1 if clean, `middle` if rude, 3 if hateful."""
    return CentralControl(graded(sharpness), [-1.0, middle, 3.0], [0, 0, 0], discount)
