"""What each rule says of readers and of random data: free, common and known utilities, the published sign."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from llma.checks import Floats
from llma.explorers.power.rejection import EVEN, tracking
from llma.ribum import agents, published, restrictions
from llma.ribum.conditions import slacks
from llma.ribum.data import ChoiceData
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.recovery.restrictions import Restriction
from llma.ribum.sampling import stakes

STORY_STAKES = (1.0, 2.0, 4.0, 8.0)


def story_readers() -> dict[str, Floats]:
    """Return the choices (4, 2, 2) of the readers of the story; the last one throws loaded dice.

    >>> story_readers()["inverse"][0]
    array([[0.9, 0.1],
           [0.1, 0.9]])
    """
    optimal = stakes.choices([0.6, 0.7, 0.8, 0.9])
    return {
        "optimal": optimal,
        "inverse": optimal[::-1],
        "opposite": agents.opposite(optimal),
        "dice": agents.random_agent((4, 2, 2), np.random.default_rng(0)),
    }


def story_table() -> str:
    """Return the verdicts on four readers: published programme, free utilities, known utility."""
    lines = ["reader      published  free   known"]
    for name, choice in story_readers().items():
        fit, data = published.max_margin(choice), ChoiceData(EVEN, choice)
        free = max_margin(data, "free").margin
        known = margin_at(data, tracking(STORY_STAKES))
        marks = f"{fit.nias_margin:.0f}+{fit.niac_margin:.0f}"
        lines.append(f"{name:11}{marks:>10}{free:7.3f}{known:8.3f}")
    return "\n".join(lines)


@cache
def random_shares(runs: int = 100) -> dict[str, tuple[float, float, float]]:
    """Return the shares of random data with a positive margin: free, common up to stakes, known.

    Uniform on the choice tables of three environments with stakes 1, 2, 4, uniform prior; two designs.

    >>> random_shares(20)["3 states"][0]
    1.0
    """
    found = {}
    pay = (1.0, 2.0, 4.0)
    for n in (2, 3):
        rng = np.random.default_rng(n)
        rules: list[Restriction] = [restrictions.free(), restrictions.common(pay)]
        positive = np.zeros(3)
        for _ in range(runs):
            data = ChoiceData(np.full(n, 1 / n), agents.random_agent((3, n, n), rng))
            positive[:2] += [max_margin(data, rule).margin > 1e-7 for rule in rules]
            positive[2] += margin_at(data, tracking(pay, n)) > 1e-7
        free, common, known = (positive / runs).tolist()
        found[f"{n} states"] = (free, common, known)
    return found


def random_table(runs: int = 100) -> str:
    """Return `random_shares` as text.

    >>> print(random_table(20).splitlines()[0])
    utilities           2 states  3 states
    """
    shares = random_shares(runs)
    names = ("free", "one, known stakes", "known")
    lines = ["utilities           2 states  3 states"]
    for i, name in enumerate(names):
        lines.append(f"{name:18}{shares['2 states'][i]:10.3f}{shares['3 states'][i]:10.3f}")
    return "\n".join(lines)


@cache
def forking_shares(tries: tuple[int, ...] = (1, 10, 100, 1000), runs: int = 2000) -> tuple[float, ...]:
    """Return the share of random data that some one of k random utilities makes pass NIAS.

    One environment, three states and actions, uniform prior; utilities uniform on [0, 1].

    >>> forking_shares((1, 10), 200)[0] < forking_shares((1, 10), 200)[1]
    True
    """
    rng = np.random.default_rng(5)
    found = np.zeros(len(tries))
    for _ in range(runs):
        joint = agents.random_agent((1, 3, 3), rng)[0] / 3
        slack = slacks(joint, rng.uniform(size=(max(tries), 3, 3)))
        passed = slack.min(axis=(1, 2)) >= 0
        found += [passed[:k].any() for k in tries]
    return tuple((found / runs).tolist())


def forking_table() -> str:
    """Return `forking_shares` as text.

    >>> print(forking_table().splitlines()[0])
    utilities tried  random data that pass
    """
    tries = (1, 10, 100, 1000)
    lines = ["utilities tried  random data that pass"]
    lines += [f"{k:15d}{share:23.3f}" for k, share in zip(tries, forking_shares(tries), strict=True)]
    return "\n".join(lines)


@cache
def repaired_margins() -> dict[str, dict[str, float]]:
    """Return the NIAC margin of the published programme by repair and by data.

    *Twins*: one experiment, in which the actions are not equally frequent, in two environments. *Even twins*:
    one with equally frequent actions.

    >>> repaired_margins()["costs"]["twins"] > 9.99
    True
    """
    readers = story_readers()
    tables: dict[str, Any] = {
        "dice": readers["dice"],
        "opposite": readers["opposite"],
        "twins": [[[0.8, 0.2], [0.3, 0.7]]] * 2,
        "even twins": [[[0.8, 0.2], [0.2, 0.8]]] * 2,
    }
    steps = {"nothing": (), "costs": ("costs",), "costs, weights": ("costs", "weights")}
    return {
        step: {name: published.max_margin(c, repaired=names).niac_margin for name, c in tables.items()}
        for step, names in steps.items()
    }


def repaired_table() -> str:
    """Return `repaired_margins` as text.

    >>> print(repaired_table())
    repaired        dice opp. twins even tw.
    nothing           10   10    10       10
    costs             10   10    10        0
    costs, weights    10   10     0        0
    """
    lines = ["repaired        dice opp. twins even tw."]
    for step, line in repaired_margins().items():
        cells = zip(line.values(), (6, 5, 6, 9), strict=True)
        lines.append(f"{step:14}" + "".join(f"{abs(round(v)):{width}d}" for v, width in cells))
    return "\n".join(lines)


def sign_table() -> str:
    """Return the left side of the published NIAC row for one experiment in two environments.

    >>> print(sign_table())
    both costs  left side (must be negative)
             0     -0.005
             1     -3.255
            10    -30.255
           100   -300.255
    """
    same = [[[0.7, 0.3], [0.2, 0.8]]] * 2
    lines = ["both costs  left side (must be negative)"]
    for cost in (0, 1, 10, 100):
        left = published.niac_left_side(same, [np.eye(2)] * 2, [cost, cost])[0, 1]
        lines.append(f"{cost:10d}{left:11.3f}")
    return "\n".join(lines)
