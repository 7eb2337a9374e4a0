"""The two searches of the published notebooks, run again with noise, next to the repaired ones; once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from llma.checks import Floats
from llma.policy_gradient import Gains, GainSequence, Objective, Trace, angle_of, spsa
from llma.policy_gradient.published import pay, stopping

RUNS = 8


@dataclass(frozen=True, eq=False)
class Replay:
    """Searches for a threshold, and the exact objective at the end of each, the search's own."""

    published: Trace
    repaired: Trace
    published_cost: Floats
    repaired_cost: Floats


@cache
def stop_replay() -> Replay:
    """Return searches for a stopping threshold as published, and repaired ones with 40 runs a step."""
    theirs = _published(stopping.published_box(), stopping.PublishedGains(), stopping.CLIP)
    ours = _repaired(stopping.repaired_box(40), Gains(a=0.002, c=0.1, stability=30))
    cost = stopping.SEARCH_COST
    return Replay(
        theirs, ours, stopping.replicate(theirs.final, cost).cost, stopping.repaired(ours.final, cost).cost
    )


@cache
def pay_replay() -> Replay:
    """Return searches for a paying threshold as published, and repaired ones with 100 runs a step."""
    theirs = _published(pay.published_box(), pay.PublishedGains())
    ours = _repaired(pay.repaired_box(100, 0.05), Gains(a=0.01, c=0.3, stability=30))
    return Replay(theirs, ours, pay.replicate(theirs.final).paid, pay.repaired(ours.final).objective())


def _published(
    objective: Objective, gains: GainSequence, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> Trace:
    """Return 8 searches of 999 steps from one half, each end of a step with noise of its own."""
    start, rng = np.full(RUNS, angle_of(0.5)), np.random.default_rng(0)
    return spsa(
        objective, start, rng, iterations=999, gains=gains, common=False, max_step=np.inf, bounds=bounds
    )


def _repaired(objective: Objective, gains: GainSequence) -> Trace:
    """Return 8 searches of 300 steps from one half, with common random numbers."""
    start, rng = np.full(RUNS, angle_of(0.5)), np.random.default_rng(0)
    return spsa(objective, start, rng, iterations=300, gains=gains)
