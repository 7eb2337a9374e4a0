"""The explorers and tables of the chapter "Reading the utility back: max-margin and sparsest".

Every number here comes from readers whose utility is known: Shannon readers, who pay a price for each nat of
information, at different stakes. The library then reads their utility back from their choices alone.

>>> low, high = ratio_bounds(reader(stakes=(8.0, 4.0, 2.0, 1.0)))
>>> print(round(low, 3), round(high, 3))
0.229 1.026
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from scipy.stats import binom

from llma import ribum
from llma.attention import Menu, shannon
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.ribum import ChoiceData
from llma.ribum.recovery.restrictions import common, free, monotone

NOW = alt.NamedData("now")
TRUTH = 0.5
"""In the story, missing a good kettle costs half of what recommending a bad one costs."""

PRIOR = (0.4, 0.6)
STAKES = (8.0, 4.0, 2.0, 1.0)
LONG = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5)

COUNT = ((0.6, 0.4, 0.0), (0.8, 0.0, 0.2), (0.2, 0.3, 0.5))
"""Choices (rows: states, even prior) whose smallest sum has more non-zero utilities than needed."""

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


def ratio_explorer() -> Explorer:
    """Return the explorer of bounds and selections of one ratio, as environments are added."""
    counts = np.arange(1, len(LONG) + 1)
    low_end, high_end = 0.01, 100.0

    def draw(ratio: float, price: float, prior: float) -> Mapping[str, Any]:
        known = reader(ratio, (1 - prior, prior), price, LONG)
        bounds, rules = [], []
        for count in counts:
            part = first(known, int(count))
            bounds.append(ratio_bounds(part))
            rules.append(selected(part))
        low, high = np.clip(np.array(bounds).T, low_end, high_end)
        widest, sparse = np.array(rules).T
        return {
            "low": np.tile(low, 3),
            "high": np.tile(high, 3),
            "value": np.clip(
                np.concatenate([np.full(len(counts), ratio), widest, sparse]), low_end, high_end
            ),
            "bounds at six stakes": f"{bounds[-1][0]:.3f} to {bounds[-1][1]:.3f}",
            "max-margin, one stake and six": f"{_picked(widest[0])}, {_picked(widest[-1])}",
            "sparsest, one stake and six": f"{_picked(sparse[0])}, {_picked(sparse[-1])}",
        }

    scale = alt.Scale(domain=[low_end, high_end], type="log")
    base = alt.Chart(NOW).encode(
        x=alt.X("count:O", title="environments (stakes 16, 8, 4, 2, 1, ½)", axis=alt.Axis(labelAngle=0))
    )
    bar = base.mark_bar(opacity=0.25, size=18).encode(
        y=alt.Y("low:Q", title="δ, ratio of the two costs", scale=scale), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        y=alt.Y("value:Q", scale=scale),
        color=alt.Color("rule:N", title=None, sort=None),
        shape=alt.Shape("rule:N", title=None, sort=None),
    )
    return explore(
        draw,
        [
            Slider("ratio", "true δ", (0.2, 0.5, 0.8, 1.25, 2.0), 0.5),
            Slider("price", "price of a nat", (0.5, 1.0, 2.0), 1.0),
            Slider("prior", "share of good kettles", (0.5, 0.6), 0.6),
        ],
        bar + points,
        fixed={
            "count": np.tile(counts, 3),
            "rule": [name for name in ("truth", "max-margin", "sparsest") for _ in counts],
        },
        title="Bounds, and what two rules select",
        alt="Bars show the interval of ratios that fit, on a logarithmic scale, for one to six environments. "
        "They shrink as lower stakes are added, and the true ratio lies in all of them. The points of the "
        "rules max-margin and sparsest wander inside the bars, often far from the truth.",
    )


def bounds_map() -> Explorer:
    """Return the heat map of bounds on the gain of recommending a product, by its stars."""
    columns = ("least", "truth", "most")
    limit = 2.0
    restrictions = {"one utility": common(), "and rising with stars": monotone()}

    def fill(count: int, price: float, known: str) -> Mapping[str, Any]:
        shown, restriction = stars_reader(price, int(count)), restrictions[known]
        bounds = ribum.utility_bounds(shown.data, (0, 4, 1, 0), restriction)
        table = np.stack([bounds.lower[0, :, 1], STARS, bounds.upper[0, :, 1]], axis=1)
        width = (table[:, 2] - table[:, 0])[:4]
        return {
            "value": np.clip(table, -limit, limit).ravel(),
            "text": [_short(value) for value in table.ravel()],
            "states with finite bounds": f"{int(np.isfinite(width).sum())} of 4",
            "narrowest interval": f"{width.min():.2f}",
            "largest margin": f"{max(ribum.max_margin(shown.data, restriction).margin, 0.0):.4f}",
        }

    base = alt.Chart(NOW).encode(
        x=alt.X("column:N", title=None, sort=list(columns), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("stars:N", title="stars", sort=["5", "4", "3", "2", "1"]),
    )
    cells = base.mark_rect().encode(
        color=alt.Color("value:Q", title="gain", scale=alt.Scale(domain=[-limit, limit], scheme="blueorange"))
    )
    labels = base.mark_text(fontSize=12).encode(
        text="text:N",
        color=alt.condition("abs(datum.value) > 1.2", alt.value("white"), alt.value("black")),
    )
    return explore(
        fill,
        [
            Slider("count", "batches", tuple(range(1, 9)), 3, fmt="{:.0f}"),
            Slider("price", "price of a review", (0.01, 0.02, 0.03, 0.04), 0.02),
            Slider("known", "what is known", tuple(restrictions), "one utility"),
        ],
        cells + labels,
        fixed={
            "column": list(columns) * 5,
            "stars": [str(stars) for stars in range(1, 6) for _ in columns],
        },
        title="What the choices say about each utility",
        alt="A table of cells. Rows: one to five stars. Columns: the least gain of recommending that fits, "
        "the true gain, and the largest that fits. With few environments most bounds are infinite. With more "
        "of them both sides approach the truth.",
    )


def _picked(ratio: float) -> str:
    """Return a ratio for a read-out."""
    return "no margin" if np.isnan(ratio) else f"{ratio:.3f}"


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
