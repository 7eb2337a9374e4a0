"""The two searches of the published notebooks, run again with noise, next to the repaired ones; once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from llma.checks import Floats
from llma.policy_gradient import Gains, Trace, angle_of, spsa
from llma.policy_gradient.published import pay, stopping

RUNS = 8


@dataclass(frozen=True, eq=False)
class StopReplay:
    """Searches for a stopping threshold; the exact cost at the end of each, in the search's own problem."""

    published: Trace
    repaired: Trace
    published_cost: Floats
    repaired_cost: Floats


@dataclass(frozen=True, eq=False)
class PayReplay:
    """Searches for a paying threshold, and the exact objective at the end of each, the search's own."""

    published: Trace
    repaired: Trace
    published_cost: Floats
    repaired_cost: Floats


@cache
def stop_replay() -> StopReplay:
    """Return 8 searches as published, 999 steps, and 8 repaired ones, 300 steps with 40 runs each."""
    start = np.full(RUNS, angle_of(0.5))
    theirs = spsa(
        stopping.published_box(),
        start,
        np.random.default_rng(0),
        iterations=999,
        gains=stopping.PublishedGains(),
        common=False,
        max_step=np.inf,
        bounds=stopping.CLIP,
    )
    gains = Gains(a=0.002, c=0.1, stability=30)
    ours = spsa(stopping.repaired_box(40), start, np.random.default_rng(0), iterations=300, gains=gains)
    cost = stopping.SEARCH_COST
    return StopReplay(
        theirs, ours, stopping.replicate(theirs.final, cost).cost, stopping.repaired(ours.final, cost).cost
    )


@cache
def pay_replay() -> PayReplay:
    """Return 8 searches as published, 999 steps, and 8 repaired ones, 300 steps with 100 runs each."""
    start = np.full(RUNS, angle_of(0.5))
    theirs = spsa(
        pay.published_box(),
        start,
        np.random.default_rng(0),
        iterations=999,
        gains=pay.PublishedGains(),
        common=False,
        max_step=np.inf,
    )
    gains = Gains(a=0.01, c=0.3, stability=30)
    ours = spsa(pay.repaired_box(100, 0.05), start, np.random.default_rng(0), iterations=300, gains=gains)
    return PayReplay(theirs, ours, pay.replicate(theirs.final).paid, pay.repaired(ours.final).objective())
