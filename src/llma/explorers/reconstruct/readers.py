"""Readers whose utility is known, and what their choices give away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from llma import ribum
from llma.attention import Menu, shannon
from llma.checks import Floats
from llma.ribum import ChoiceData
from llma.ribum.recovery.restrictions import common

TRUTH = 0.5
"""In the story, missing a good kettle costs half of what recommending a bad one costs."""
PRIOR = (0.4, 0.6)
STAKES = (8.0, 4.0, 2.0, 1.0)
LONG = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5)
STARS = (-1.0, -0.6, -0.1, 0.4, 1.0)
"""The second example: what recommending a product of 1 to 5 stars gains, against keeping silent."""
VOTES = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Share of favourable reviews for each number of stars; the reader reads n reviews and counts them."""
READS = (0, 1, 2, 3, 4, 6, 8)
"""How many reviews the reader may read."""
BATCHES = (
    (0.2, 0.2, 0.2, 0.2, 0.2),
    (0.4, 0.1, 0.1, 0.1, 0.3),
    (0.05, 0.1, 0.6, 0.2, 0.05),
    (0.1, 0.3, 0.2, 0.3, 0.1),
    (0.05, 0.45, 0.1, 0.35, 0.05),
    (0.05, 0.05, 0.6, 0.25, 0.05),
    (0.3, 0.1, 0.1, 0.4, 0.1),
    (0.1, 0.3, 0.1, 0.1, 0.4),
)
"""Priors of the eight environments of the second example: batches of products."""


@dataclass(frozen=True, eq=False)
class Reader:
    """Choices of a reader, and what it is: the stakes and the utility at stake 1."""

    data: ChoiceData
    stakes: Floats
    truth: Floats


def reader(
    ratio: float = TRUTH,
    prior: Sequence[float] = PRIOR,
    price: float = 1.0,
    stakes: Sequence[float] = STAKES,
) -> Reader:
    """Return a Shannon reader: choices p_m(u|x) at each stake.

    Parameters
    ----------
    ratio : float
        Two states, two actions: what a miss in state 1 costs, if one in state 0 costs 1.
    prior : sequence of float
        The same in all environments.
    price : float
        Utility per nat of information.
    stakes : sequence of float
        One an environment.
    """
    utility = np.diag([1.0, ratio])
    tables = [shannon(prior, s * utility, price).choice for s in stakes]
    return Reader(ChoiceData(prior, tables), np.array(stakes, dtype=float), utility)


def stars_reader(price: float = 0.02, count: int = len(BATCHES)) -> Reader:
    """Return a reader of reviews: it chooses how many to read, for each of the first batches.

    The price is per review, whatever the batch, so this is a cost of kernels. State x is the number of stars
    minus one; action 1 recommends.

    >>> stars_reader(count=2).data.choice[:, :, 1].round(2)
    array([[0.1 , 0.28, 0.5 , 0.72, 0.9 ],
           [0.1 , 0.28, 0.5 , 0.72, 0.9 ]])
    """
    kernels = np.zeros((len(READS), len(VOTES), max(READS) + 1))
    for i, n in enumerate(READS):
        kernels[i, :, : n + 1] = binom.pmf(np.arange(n + 1), n, np.array(VOTES)[:, None])
    menu, utility = Menu(kernels, READS), np.column_stack([np.zeros(len(STARS)), STARS])
    priors = BATCHES[:count]
    choice = [menu.optimal(prior, utility, price).choice for prior in priors]
    return Reader(ChoiceData(priors, choice), np.ones(count), utility)


def first(known: Reader, count: int) -> Reader:
    """Return the reader seen in its first environments alone."""
    data = ChoiceData(known.data.priors[:count], known.data.choice[:count])
    return Reader(data, known.stakes[:count], known.truth)


def ratio_bounds(known: Reader) -> tuple[float, float]:
    """Return bounds on the ratio of the two costs, two states and two actions."""
    bounds = ribum.utility_bounds(known.data, (0, 0, 0, 1), common(known.stakes))
    return float(bounds.lower[0, 1, 1]), float(bounds.upper[0, 1, 1])


def ratio_of(utility: Floats) -> float:
    """Return the ratio of the two costs of a utility (X, U) = (2, 2)."""
    return float((utility[1, 1] - utility[1, 0]) / (utility[0, 0] - utility[0, 1]))


def selected(known: Reader) -> tuple[float, float]:
    """Return the ratio that max-margin selects, and the one that sparsest selects; NaN without a margin."""
    widest = ribum.max_margin(known.data, common(known.stakes))
    if widest.bound < 1e-7:
        return np.nan, np.nan
    sparse = ribum.sparsest(known.data, common(known.stakes), margin=widest.bound / 2)
    return ratio_of(widest.utility[0]), ratio_of(sparse.utility[0])
