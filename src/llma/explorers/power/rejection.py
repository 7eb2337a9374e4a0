"""How often the tests reject seven readers in the laboratory `llma.ribum.sampling.stakes`.

One yes-or-no task at five stakes. What is simulated says so, with its number of runs; seeds are fixed, and
simulations are kept for the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from llma.checks import Floats, Ints
from llma.ribum.sampling import stakes
from llma.ribum.sampling.power import power

EVEN = (0.5, 0.5)
LEVEL = 0.05
SIZES = (10, 20, 40, 80, 160, 320, 640, 1280)
READERS: dict[str, tuple[float, ...]] = {
    "reads more": (0.60, 0.70, 0.80, 0.87, 0.90),
    "two levels": (0.70, 0.70, 0.70, 0.90, 0.90),
    "always alike": (0.80, 0.80, 0.80, 0.80, 0.80),
    "one swap": (0.60, 0.80, 0.70, 0.87, 0.90),
    "inverse": (0.90, 0.87, 0.80, 0.70, 0.60),
    "opposite": (0.40, 0.30, 0.20, 0.13, 0.10),
    "coin": (0.50, 0.50, 0.50, 0.50, 0.50),
}
"""Accuracy at each of the five stakes, in rising order; the same in both states."""
STAKES = (1.0, 2.0, 4.0, 8.0, 16.0)


def tracking(pay: Sequence[float], n_states: int = 2) -> Floats:
    """Return utilities, shape (M, X, X): the right action pays the stake, scaled to at most 1.

    >>> tracking([1, 4])[:, 0]
    array([[0.25, 0.  ],
           [1.  , 0.  ]])
    """
    s = np.asarray(pay, dtype=np.float64)
    return np.asarray(s[:, None, None] / s.max() * np.eye(n_states))


@cache
def sample(reader: str, n: int, runs: int = 2000) -> Ints:
    """Return right answers of a reader in simulated samples of n texts a state, shape (runs, 5, 2)."""
    rng = np.random.default_rng([list(READERS).index(reader), n])
    return stakes.draw(READERS[reader], n, runs, rng)


@cache
def p_values(reader: str, n: int) -> tuple[Floats, Floats]:
    """Return the p-values of the samples: projection test of NIAS and NIAC, and of NIS."""
    right = sample(reader, n)
    return stakes.projection_p_values(right, n), stakes.capacity_p_values(right, n)


def rates(reader: str, n: int, level: float = LEVEL) -> tuple[float, float, float, float]:
    """Return rejection rates: plug-in (exact), box, projection, and NIS by projection.

    The last three come from 2000 simulated samples: standard error at most 0.011.

    >>> [round(rate, 2) for rate in rates("always alike", 40)]
    [0.98, 0.0, 0.06, 0.06]
    """
    price, capacity = p_values(reader, n)
    return (
        stakes.plugin_rejection(READERS[reader], n),
        float(stakes.box_rejects(sample(reader, n), n, level).mean()),
        float((price < level).mean()),
        float((capacity < level).mean()),
    )


@cache
def bootstrap_rate(reader: str, n: int, runs: int = 200) -> float:
    """Return the rejection rate of the naive bootstrap at level 0.05 (standard error at most 0.036).

    >>> bootstrap_rate("always alike", 40) > 0.8
    True
    """
    rng = np.random.default_rng(n)
    return float(stakes.bootstrap_rejects(sample(reader, n)[:runs], n, rng).mean())


@cache
def split_rate(reader: str, n: int, runs: int = 400) -> float:
    """Return the rejection rate of the split test at level 0.05 (standard error at most 0.025).

    >>> split_rate("one swap", 40) < rates("one swap", 40)[2]
    True
    """
    rng = np.random.default_rng(n)
    found = power(
        stakes.choices(READERS[reader]),
        EVEN,
        tracking(STAKES),
        n,
        rng,
        runs=runs,
        method="split",
        level=LEVEL,
    )
    return found.rate


def price_pattern(reader: str, n: int, level: float = LEVEL) -> float:
    """Return the share of samples in which the projection does not reject NIAC and does reject NIS.

    >>> price_pattern("reads more", 160) > 0.95
    True
    """
    price, capacity = p_values(reader, n)
    return float(((price >= level) & (capacity < level)).mean())


def rates_table(n: int) -> str:
    """Return the rejection rates of every reader and test with n texts a state, at level 0.05.

    >>> print(rates_table(40).splitlines()[3])
    always alike 0.98 0.94 0.00 0.04 0.06 0.06
    """
    lines = ["reader       plug boot  box splt proj  NIS"]
    for reader in READERS:
        plug, box, projection, capacity = rates(reader, n)
        row = (plug, bootstrap_rate(reader, n), box, split_rate(reader, n), projection, capacity)
        lines.append(f"{reader:12}" + "".join(f"{rate:5.2f}" for rate in row))
    return "\n".join(lines)
