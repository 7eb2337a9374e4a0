"""The chapter's rows of agents, and what is read off their exact laws."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from llma.checks import Floats
from llma.explorers.readings import symmetric
from llma.private_observations import Crowd, CrowdLaw, ManyReadings, constant, forced, harmonic
from llma.social import CascadeLaw

EVEN = (0.5, 0.5)
ACCURACIES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
"""Stops of the sliders."""

ERRORS = ((0.0, 1.0), (1.0, 0.0))
"""A wrong action costs 1, a right one nothing."""

POLICIES = ("nobody", "first K", "share ε", "c / t")
"""Who reveals: nobody, the first K agents, each with a chance, or agent k with min(1, c / (k + 1))."""


def row(accuracy: float, n_readings: int = 1, tie: str = "own", kappa: float = 1.0) -> ManyReadings:
    """Return a row of agents with symmetric readings, and costs with ratio of regrets `kappa`.

    >>> str(row(0.7, 2).cascade_region())
    '[0.155172, 0.844828]'
    """
    return ManyReadings(symmetric(accuracy), ((0.0, kappa), (1.0, 0.0)), n_readings, tie)


def ends_wrong(law: CascadeLaw | CrowdLaw) -> float:
    """Return the probability of a wrong cascade at the last agent, the mean over the states."""
    return float(law.p_wrong_cascade_by[-1].mean())


@cache
def policy(name: str, amount: float, n_agents: int, accuracy: float = 0.7) -> CrowdLaw:
    """Return the law of a row under one of `POLICIES`, one reading an agent, rule "own".

    >>> round(ends_wrong(policy("first K", 5, 100)), 4)
    0.0992
    """
    schedules = {
        "nobody": lambda: constant(0.0, n_agents),
        "first K": lambda: forced(int(amount), n_agents),
        "share ε": lambda: constant(amount, n_agents),
        "c / t": lambda: harmonic(amount, n_agents),
    }
    return Crowd(row(accuracy)).exact(EVEN, n_agents, reveal=schedules[name](), prune=1e-13)


def told(chance: float, digits: int = 4) -> str:
    """Return a probability as text: so many digits, or two that count where those would say next to nothing.

    Below a millionth what `policy` has pruned may matter, and the charts end there.

    >>> told(0.15517), told(0.000152), told(3e-31), told(0.0)
    ('0.1552', '0.00015', 'below 1e-6', '0.0000')
    """
    if 0 < chance < 1e-6:
        return "below 1e-6"
    return f"{chance:.2g}" if 0 < chance < 10 ** (1 - digits) else f"{chance:.{digits}f}"


def errors(law: CrowdLaw) -> Floats:
    """Return the expected number of wrong actions among the first 1, 2, ... agents, shape (n,)."""
    return np.asarray(law.p_wrong_action.mean(axis=1).cumsum())


@cache
def _from_lead(accuracy: float, tie: str) -> Floats:
    """Return the probability of ending wrong in state 1 and 0 from leads -2, ..., 2, shape (5, 2)."""
    table = []
    for lead in range(-2, 3):
        odds = (accuracy / (1 - accuracy)) ** lead
        law = row(accuracy, 1, tie).exact((1 / (1 + odds), odds / (1 + odds)), 200)
        table.append(law.p_wrong_cascade_by[-1])
    return np.array(table)


def forced_wrong(accuracy: float, n_reveal: ArrayLike, tie: str = "own") -> Floats:
    """Return the probability of a wrong cascade after K forced reveals, averaged over the states.

    >>> forced_wrong(0.7, [0, 2], "coin").round(4)
    array([0.2468, 0.1937])
    """
    ends, numbers = _from_lead(accuracy, tie), np.asarray(n_reveal)
    wrong = []
    for n in numbers.ravel():
        ones = np.arange(n + 1)
        place = np.clip(2 * ones - n, -2, 2) + 2
        by_state = [
            binom.pmf(ones, n, chance) @ ends[place, x] for x, chance in enumerate((1 - accuracy, accuracy))
        ]
        wrong.append(np.mean(by_state))
    return np.array(wrong).reshape(numbers.shape)


def copies(accuracy: float, n_answers: int, share: float) -> Floats:
    """Return the law of the number of "yes" among answers that are copies of one with probability `share`.

    >>> copies(0.7, 2, 1.0)
    array([[0.7, 0. , 0.3],
           [0.3, 0. , 0.7]])
    """
    table = []
    for chance in (1 - accuracy, accuracy):
        same = np.zeros(n_answers + 1)
        same[[0, -1]] += 1 - chance, chance
        table.append((1 - share) * binom.pmf(np.arange(n_answers + 1), n_answers, chance) + share * same)
    return np.array(table)
