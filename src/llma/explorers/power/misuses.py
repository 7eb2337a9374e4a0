"""Readers that track the state under one prior: how far from NIAS each is, and how often it is found out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from llma.attention.softmax import own_base
from llma.checks import Floats
from llma.explorers.power.rejection import EVEN
from llma.ribum import agents
from llma.ribum.conditions import slacks
from llma.ribum.sampling import stakes
from llma.ribum.sampling.power import power

UNEVEN = (0.8, 0.2)
MISUSES = ("attentive", "forgets prior", "softmax", "own base rate", "trembles")


def misuse(name: str, prior: Sequence[float]) -> Floats:
    """Return the choices (1, 2, 2) of a reader that tracks the state under a prior.

    *attentive* follows a reading of accuracy 0.9. *forgets prior* follows one of accuracy 0.7. *softmax* sees
    the state and answers with temperature 1 from uniform base rates; *own base rate* is the rationally
    inattentive agent with a price of 1. *trembles* is attentive and errs at random one time in ten.

    >>> misuse("softmax", EVEN)[0].round(3)
    array([[0.731, 0.269],
           [0.269, 0.731]])
    """
    if name == "own base rate":
        return np.asarray(own_base(prior, np.eye(2), 1.0).choice)[None]
    return {
        "attentive": stakes.choices([0.9]),
        "forgets prior": stakes.choices([0.7]),
        "softmax": agents.fixed_softmax(np.eye(2)[None], 1.0),
        "trembles": agents.near_rational(stakes.choices([0.9]), 0.1),
    }[name]


@cache
def misuse_rates(texts: int = 100, runs: int = 400) -> dict[str, tuple[float, float, float, float]]:
    """Return, for each reader, the worst NIAS slack and the power, under an even and an uneven prior.

    The slack is the smallest over used actions: an action that is never taken has no inequality.

    >>> misuse_rates(100, 50)["forgets prior"][2] < 0
    True
    """
    found = {}
    for name in MISUSES:
        line: list[float] = []
        for prior in (EVEN, UNEVEN):
            choice = misuse(name, prior)
            slack = slacks(np.asarray(prior)[:, None] * choice[0], np.eye(2))
            used = choice[0].sum(axis=0)[:, None] > 0
            line.append(float(slack[~np.eye(2, dtype=bool) & used].min()))
            line.append(power(choice, prior, np.eye(2), texts, np.random.default_rng(8), runs=runs).rate)
        found[name] = (line[0], line[1], line[2], line[3])
    return found


def misuse_table() -> str:
    """Return `misuse_rates` as text.

    >>> print(misuse_table().splitlines()[1])
    reader          slack rate   slack rate
    """
    lines = ["prior             .5 .5       .8 .2", "reader          slack rate   slack rate"]
    for name, (even, even_rate, uneven, uneven_rate) in misuse_rates().items():
        lines.append(f"{name:14}{even:7.3f}{even_rate:5.2f}{uneven:8.3f}{uneven_rate:5.2f}")
    return "\n".join(lines)
