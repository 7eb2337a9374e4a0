"""Tables of the chapter as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma import ribum
from llma.explorers.reconstruct.readers import Reader, first, ratio_bounds, reader, selected
from llma.ribum import ChoiceData
from llma.ribum.recovery.restrictions import free

COUNT = ((0.6, 0.4, 0.0), (0.8, 0.0, 0.2), (0.2, 0.3, 0.5))
"""Choices (rows: states, even prior) whose smallest sum has more non-zero utilities than needed."""


def choices_table(known: Reader | None = None) -> str:
    """Return how often the reader of the story is right, in each state, at each stake.

    >>> print(choices_table())
    stake  bad: rejects  good: recommends
        8         1.000             0.988
        4         0.978             0.900
        2         0.896             0.699
        1         0.845             0.451
    """
    shown = known or reader()
    lines = ["stake  bad: rejects  good: recommends"]
    for s, table in zip(shown.stakes, shown.data.choice, strict=True):
        lines.append(f"{s:5g}{table[0, 0]:14.3f}{table[1, 1]:18.3f}")
    return "\n".join(lines)


def selection_table(known: Reader | None = None) -> str:
    """Return bounds on the ratio, and what the rules select, as environments are added.

    >>> print(selection_table())
    stakes    lower  upper  max-m.  sparsest
    8         0.000   53.6   0.667     0.667
    8,4       0.016    6.5   1.000     4.477
    8,4,2     0.099    2.0   1.000     1.502
    8,4,2,1   0.229    1.0   0.812     0.812
    """
    shown = known or reader()
    lines = ["stakes    lower  upper  max-m.  sparsest"]
    for count in range(1, len(shown.stakes) + 1):
        part = first(shown, count)
        (low, high), (widest, sparse) = ratio_bounds(part), selected(part)
        name = ",".join(f"{s:g}" for s in part.stakes)
        lines.append(f"{name:9}{low:6.3f}{high:7.1f}{widest:8.3f}{sparse:10.3f}")
    return "\n".join(lines)


def prior_table(ratios: Sequence[float] = (0.3, 0.5, 0.9)) -> str:
    """Return what max-margin selects from one environment, for true ratios and prior odds of state 0.

    >>> print(prior_table())
     true  odds 0.43  odds 0.67  odds 1.00
     0.30      0.429      0.667      1.000
     0.50      0.429      0.667      1.000
     0.90      0.429      0.667      1.000
    """
    priors = ((0.3, 0.7), (0.4, 0.6), (0.5, 0.5))
    lines = [" true" + "".join(f"  odds {p / q:.2f}" for p, q in priors)]
    for ratio in ratios:
        row = [selected(reader(ratio, prior, stakes=(4.0,)))[0] for prior in priors]
        lines.append(f"{ratio:5.2f}" + "".join(f"{value:11.3f}" for value in row))
    return "\n".join(lines)


def scaling_table(factors: Sequence[float] = (0.05, 0.2, 0.4, 0.6, 1.0, 2.0, 5.0)) -> str:
    """Return the margin when the utility of one environment (stake 2) is multiplied by a factor.

    >>> print(scaling_table((1.0, 5.0)))
    factor    margin  fits
     1    0.0475  yes
     5   -0.2788  no
    """
    known = reader(stakes=(4.0, 2.0, 1.0))
    utility = known.stakes[:, None, None] * known.truth
    lines = ["factor    margin  fits"]
    for factor in factors:
        margin = ribum.margin_at(known.data, utility * np.array([1.0, factor, 1.0])[:, None, None])
        lines.append(f"{factor:6g}{margin:10.4f}  {'yes' if margin >= -1e-9 else 'no'}")
    return "\n".join(lines)


def count_table() -> str:
    """Return the utility of smallest sum, and one with fewest non-zero entries, at half the largest margin.

    >>> print(count_table())
    smallest sum       fewest entries
    0.37  0.64     .      .  0.90     .
    0.44     .     .   0.87     .     .
       .  0.18  0.50      .     .  0.67
    5 entries, sum 2.12   3 entries, sum 2.44
    """
    data = ChoiceData(np.full(3, 1 / 3), [COUNT])
    found = [ribum.sparsest(data, "common", exact=exact) for exact in (False, True)]
    lines = ["smallest sum       fewest entries"]
    for x in range(3):
        rows = ["".join(f"{v:6.2f}" if v > 1e-6 else "     ." for v in one.utility[0, x]) for one in found]
        lines.append((rows[0] + " " + rows[1])[2:])
    last = [f"{int((one.utility > 1e-6).sum())} entries, sum {one.utility.sum():.2f}" for one in found]
    lines.append("   ".join(last))
    return "\n".join(lines)


def cuts_table(sizes: Sequence[int] = (5, 10, 20)) -> str:
    """Return what cutting planes certify for data drawn at random, X = U = 4, and how many rows there are."""
    lines = [" M  rows in full   margin       gap"]
    for size in sizes:
        rng = np.random.default_rng(size)
        data = ChoiceData(rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4), (size, 4)))
        found = ribum.max_margin_by_cuts(data)
        lines.append(
            f"{size:2d}{size * (size - 1) * 16:14d}{found.margin:9.5f}{found.bound - found.margin:10.0e}"
        )
    return "\n".join(lines)


def _short(value: float) -> str:
    """Return a number for a cell."""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value + 0.0:.2f}".replace("-", "−")


def free_table() -> str:
    """Return bounds on the ratio in each environment when utilities are free.

    >>> print(free_table())
    stake  lower   upper
        4  0.016   6.508
        2  0.000   1.987
        1  0.000   1.026
    """
    known = reader(stakes=(4.0, 2.0, 1.0))
    bounds = ribum.utility_bounds(known.data, (0, 0, 0, 1), free())
    lines = ["stake  lower   upper"]
    for m, s in enumerate(known.stakes):
        lines.append(f"{s:5g}{bounds.lower[m, 1, 1]:7.3f}{bounds.upper[m, 1, 1]:8.3f}")
    return "\n".join(lines)
