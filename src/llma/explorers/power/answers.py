"""The published answers of a model about hostility: which losses they rule out."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.stats import chi2

from llma.checks import Floats, Ints
from llma.data import load_published_counts
from llma.explorers.power.rejection import LEVEL
from llma.ribum.sampling.counts import test_counts as counts_test
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import project
from llma.ribum.sampling.sample import Sample


def losses(weight: float, n: int = 6) -> Floats:
    """Return utilities (n, n): minus `weight` a level of hostility missed, minus 1 - weight a level too many.

    >>> losses(0.25, 3)
    array([[ 0.  , -0.75, -1.5 ],
           [-0.25,  0.  , -0.75],
           [-0.5 , -0.25,  0.  ]])
    """
    over = np.subtract.outer(np.arange(n), np.arange(n)).T  # (x, u): u - x
    return np.asarray(np.where(over > 0, -(1 - weight) * over, weight * over), dtype=np.float64) + 0.0


def flags(weight: float, start: int, n: int = 6) -> Floats:
    """Return utilities (n, 2) of leaving (0) or flagging (1) a comment.

    It deserves a flag from level `start` on. A missed comment costs `weight`, a wrong flag 1 - weight.

    >>> flags(0.75, 1, 3)
    array([[ 0.  , -0.25],
           [-0.75,  0.  ],
           [-0.75,  0.  ]])
    """
    deserves = np.arange(n) >= start
    return np.where(deserves[:, None], [[-weight, 0.0]], [[0.0, weight - 1]])


def lowest_share(share: float, n: int = 6) -> Floats:
    """Return the prior with this probability of the lowest level and equal shares of the others.

    >>> lowest_share(0.5)
    array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    """
    return np.array([share, *[(1 - share) / (n - 1)] * (n - 1)])


def authors_task(kind: str, weight: float) -> tuple[Ints, Floats]:
    """Return the published counts (1, 6, U) and a utility.

    `kind` is "six labels" (`losses`) or "flag from k" (`flags`).

    >>> authors_task("flag from 1", 0.5)[0][0, 0]
    array([35,  5])
    """
    counts = load_published_counts().counts
    if kind == "six labels":
        return counts[None], losses(weight)
    merged = np.column_stack([counts[:, 0], counts[:, 1:].sum(axis=1)])
    return merged[None], flags(weight, int(kind.rsplit(" ", 1)[1]))


@cache
def authors_p(kind: str, weight: float, share: float, every_row: bool = False) -> float:
    """Return the p-value of NIAS for the published answers and one utility (projection).

    With `every_row` the degrees of freedom count all inequalities that bind at the nearest table, also
    p >= 0 of the cells that are empty in the sample; without it these are taken out (`projection`).

    >>> [round(authors_p("six labels", 0.45, 1 / 6, every), 2) for every in (False, True)]
    [0.38, 0.8]
    """
    counts, utility = authors_task(kind, weight)
    near = project(Sample(counts), Polytope(lowest_share(share), utility))
    freedom = near.df + near.fixed * every_row
    return float(chi2.sf(near.statistic, freedom)) if near.df else 1.0


@cache
def authors_box(kind: str, weight: float, share: float) -> bool:
    """Return whether the box test rejects NIAS for the published answers and one utility at 5 %.

    >>> authors_box("six labels", 0.45, 1 / 6), authors_box("six labels", 0.9, 1 / 6)
    (False, True)
    """
    counts, utility = authors_task(kind, weight)
    return counts_test(counts, lowest_share(share), utility, LEVEL, "box").rejected


WEIGHTS = tuple(i / 100 for i in range(1, 100))
"""The weights that are tried: hundredths."""


def not_rejected(kind: str, share: float, test: str = "projection") -> tuple[float, float] | None:
    """Return the smallest interval of weights that holds all weights not rejected at 5 %, on a grid.

    `test` is "projection", "every row" (see `authors_p`) or "box". None if all are rejected. Between the ends
    there may be gaps: the degrees of freedom are whole numbers, so the p-value jumps where another form
    begins to bind.

    >>> [not_rejected("six labels", 1 / 6, test) for test in ("projection", "every row", "box")]
    [(0.34, 0.51), (0.32, 0.57), (0.15, 0.84)]
    """
    if test == "box":
        kept = [w for w in WEIGHTS if not authors_box(kind, w, share)]
    else:
        kept = [w for w in WEIGHTS if authors_p(kind, w, share, test == "every row") >= LEVEL]
    return (kept[0], kept[-1]) if kept else None


KINDS = ("six labels", "flag from 1", "flag from 2")
SHARES = (1 / 6, 0.5, 0.8, 0.95)


def in_sample(kind: str, share: float) -> tuple[float, float] | None:
    """Return the weights under which the published frequencies themselves satisfy NIAS, or None.

    With `losses` the best label is the `weight`-quantile of the level, so each label gives an interval. With
    `flags` the ends are the shares of comments below `start` among those flagged and those left.

    >>> print(in_sample("six labels", 1 / 6))
    None
    >>> [round(end, 3) for end in in_sample("flag from 1", 1 / 6)]
    [0.026, 0.745]
    """
    counts = load_published_counts().counts
    joint = lowest_share(share)[:, None] * counts / counts.sum(axis=1, keepdims=True)
    if kind == "six labels":
        below = np.cumsum(joint, axis=0) / joint.sum(axis=0)  # P(level <= x given label)
        low = max(float(below[u - 1, u]) for u in range(1, 6))
        high = min(float(below[u, u]) for u in range(5))
    else:
        start = int(kind.rsplit(" ", 1)[1])
        left, flagged = joint[:, 0], joint[:, 1:].sum(axis=1)
        low, high = (float(column[:start].sum() / column.sum()) for column in (flagged, left))
    return (low, high) if low <= high else None


def authors_table() -> str:
    """Return the weights of a missed level that the published answers allow, uniform prior.

    >>> print(authors_table())
                 sample   proj.    box
    six labels   none     .34-.51  .15-.84
    flag from 1  .03-.74  .01-.90  .01-.93
    flag from 2  .20-.89  .17-.99  .14-.98
    """
    lines = ["             sample   proj.    box"]
    for kind in KINDS:
        ends = (in_sample(kind, 1 / 6), *(not_rejected(kind, 1 / 6, test) for test in ("projection", "box")))
        lines.append(f"{kind:13}" + "  ".join(f"{_span(pair):7}" for pair in ends).rstrip())
    return "\n".join(lines)


def _span(ends: tuple[float, float] | None) -> str:
    return f"{ends[0]:.2f}-{ends[1]:.2f}".replace("0.", ".") if ends else "none"


def counts_table() -> str:
    """Return the published counts: a row for each level of hostility, a column for each action.

    >>> print(counts_table().splitlines()[1])
    level 0   35   2   0   2   1   0
    """
    lines = ["action     0   1   2   3   4   5"]
    for level, row in enumerate(load_published_counts().counts):
        lines.append(f"level {level}" + "".join(f"{n:{5 if u == 0 else 4}d}" for u, n in enumerate(row)))
    return "\n".join(lines)
