"""The team of the chapter on central control, who now sees bills only; searches that are run once."""

from __future__ import annotations

from functools import cache

import numpy as np

from llma.checks import Floats
from llma.data import load_reading
from llma.policy_gradient import (
    Gains,
    ThresholdBox,
    Trace,
    angle_of,
    annealed,
    model_box,
    smoothed_cost,
    spsa,
    text_source,
)
from llma.sensing import PRODUCT_REVIEW
from llma.stopping import CentralControl

PRIOR = 0.5
COSTS = ([0.1, 0.6], [10.0, 0.0], 0.9)
PROBLEM = CentralControl([[0.7, 0.3], [0.3, 0.7]], *COSTS)
"""A reading is right with probability 0.7; the searches never look at it."""
STAGES = (0.1, 0.05, 0.025, 0.0125)
"""Temperatures of the annealed search."""
GUESS = (-0.8472978603872037, 0.8472978603872037)
"""Evidence of a controller who takes its sensor for one of accuracy 0.7: the logarithm of 7/3."""


def box(temperature: float = 0.03, episodes: int = 80) -> ThresholdBox:
    """Return the black box of the story: the mean bill of some cases."""
    return model_box(PROBLEM, PRIOR, temperature=temperature, episodes=episodes)


@cache
def search(
    temperature: float,
    starts: tuple[float, ...],
    *,
    iterations: int = 200,
    episodes: int = 40,
    common: bool = True,
    a: float = 0.1,
    c: float = 0.1,
    seed: int = 0,
) -> Trace:
    """Return SPSA runs from these thresholds, one replication each."""
    gains = Gains(a=a, c=c, stability=0.1 * iterations)
    return spsa(
        box(temperature, episodes),
        angle_of(starts),
        np.random.default_rng(seed),
        iterations=iterations,
        gains=gains,
        common=common,
    )


@cache
def annealed_search(runs: int = 40, iterations: int = 400, episodes: int = 80, seed: int = 2026) -> Trace:
    """Return annealed SPSA runs from the threshold one half."""
    boxes = [box(temperature, episodes) for temperature in STAGES]
    gains = Gains(a=0.1, c=0.15, stability=0.1 * iterations)
    start = np.full(runs, angle_of(0.5))
    return annealed(boxes, start, np.random.default_rng(seed), iterations=iterations, gains=gains)


@cache
def optimum() -> float:
    """Return the least cost of the story."""
    return float(PROBLEM.solve(1e-10).value([1 - PRIOR, PRIOR]))


def excess(thresholds: Floats) -> Floats:
    """Return by how much hard thresholds cost more than the optimum, as a share of it."""
    return smoothed_cost(PROBLEM, PRIOR, thresholds, 0.0, 1e-9).cost / optimum() - 1


@cache
def answers() -> tuple[Floats, Floats]:
    """Return what the embedded model answered about defects: reviews of good products, and of bad ones.

    Its answers are P(yes) after the first four tokens of a review, recorded with the package: a weak sensor.
    """
    reading = load_reading()
    keys = [question.key for question in PRODUCT_REVIEW.questions]
    yes = reading.probabilities[:, 0, keys.index("defects")]
    return yes[reading.states == 1], yes[reading.states == 0]


def readers(temperature: float = 0.03, episodes: int = 80) -> ThresholdBox:
    """Return the black box whose observations are bits drawn with the embedded model's answers.

    State 1 is a bad product. The controller takes each answer for right with probability 0.7.
    """
    return ThresholdBox(
        text_source(answers()),
        np.array(GUESS),
        np.array(COSTS[0]),
        np.array(COSTS[1]),
        COSTS[2],
        PRIOR,
        temperature,
        episodes,
    )


@cache
def judge() -> CentralControl:
    """Return the problem behind `readers`: the mean answers are its likelihood. Only the judge knows it."""
    good, bad = (float(yes.mean()) for yes in answers())
    return CentralControl([[1 - good, good], [1 - bad, bad]], *COSTS)
