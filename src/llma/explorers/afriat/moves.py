"""The explorers: two budgets, the utility that the theorem builds, the power of a design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.afriat import AfriatUtility, ccei, construct, garp
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.afriat.cases import MONEY, bronars_two, power_of, three_weeks, two_weeks, verdict
from llma.explorers.encodings import NOW

STROKE = alt.Legend(symbolType="stroke", title=None)
WEEKS = alt.Legend(title=None)
PLACES = tuple(round(0.05 * k, 2) for k in range(21))
FINER = tuple(sorted({*PLACES, 0.66, 0.67, 0.68, 0.69}))
GROWTHS = (0, 0.1, 0.2, 0.4, 0.5, 0.55, 0.6, 0.65, 0.8, 1.6)


def two_budgets() -> Explorer:
    """Return the explorer of two budget lines and a basket on each."""

    def draw(first: float, second: float, ratio: float) -> Mapping[str, Any]:
        data = two_weeks(first, second, ratio)
        index = ccei(data)
        gaps = data.gaps
        ends = MONEY / data.prices  # (2, 2): all on coffee, all on tea
        lines = [[(0.0, ends[t, 1]), (ends[t, 0], 0.0)] for t in (0, 1)]
        shrunk = [[(x * index.value, y * index.value) for x, y in line] for line in lines]
        points = [xy for part in (*lines, *shrunk) for xy in part] + [tuple(b) for b in data.bundles]
        return {
            "coffee": np.array([p[0] for p in points]),
            "tea": np.array([p[1] for p in points]),
            "left over in week 0": round(-float(gaps[0, 1]), 9) + 0.0,
            "left over in week 1": round(-float(gaps[1, 0]), 9) + 0.0,
            "GARP": verdict(data),
            "efficiency index (CCEI)": index.value,
            "chance of a violation at random": bronars_two(ratio),
        }

    names = ["week 0", "week 1"]
    weeks = ["week 0", "week 0", "week 1", "week 1"]
    base = alt.Chart(NOW).encode(
        x=alt.X("coffee:Q", title="coffee", scale=alt.Scale(domain=[0, 5])),
        y=alt.Y("tea:Q", title="tea", scale=alt.Scale(domain=[0, 5])),
        color=alt.Color("week:N", scale=alt.Scale(domain=names), legend=WEEKS),
    )
    dash = alt.StrokeDash(
        "kind:N",
        scale=alt.Scale(domain=["budget", "CCEI times budget"], range=[[1, 0], [4, 4]]),
        legend=STROKE,
    )
    lines = base.transform_filter("datum.kind != 'basket'").mark_line(strokeWidth=2).encode(strokeDash=dash)
    dots = (
        base.transform_filter("datum.kind == 'basket'")
        .mark_point(filled=True, size=160, opacity=1)
        .encode(shape=alt.Shape("week:N", scale=alt.Scale(domain=names), legend=WEEKS))
    )
    return explore(
        draw,
        [
            Slider("first", "week 0: share spent on coffee", PLACES, 0.2),
            Slider("second", "week 1: share spent on coffee", FINER, 0.8),
            Slider("ratio", "price of the dear good (cheap: 1)", (1.25, 2.0, 4.0), 2.0),
        ],
        lines + dots,
        fixed={
            "week": weeks * 2 + ["week 0", "week 1"],
            "kind": ["budget"] * 4 + ["CCEI times budget"] * 4 + ["basket"] * 2,
        },
        title="Two budgets and a basket on each",
        alt="Two crossing budget lines in the plane of coffee and tea, with one basket on each, and below "
        "each line a dashed one: the budget times the efficiency index. When each basket lies strictly below "
        "the other line, the baskets reveal a cycle and the dashed lines fall below the budgets.",
    )


def indifference(utility: AfriatUtility, level: float, coffee: Floats) -> Floats:
    """Return the tea that, with each amount of coffee, gives utility `level` (may be negative).

    >>> from llma.afriat import BudgetData, construct
    >>> u = construct(BudgetData([[1, 2]], [[1, 2]]))
    >>> indifference(u, 0.0, np.array([1.0, 3.0]))
    array([2., 1.])
    """
    money = (level - utility.levels) / utility.slopes + utility.efficiency * utility.data.spent
    prices = utility.data.prices
    return np.asarray(((money - np.outer(coffee, prices[:, 0])) / prices[:, 1]).max(axis=1))


def window(utility: AfriatUtility, level: float, most: float) -> tuple[float, float]:
    """Return between which amounts of coffee an indifference curve runs inside the square up to `most`.

    >>> from llma.afriat import BudgetData, construct
    >>> u = construct(BudgetData([[1, 2]], [[1, 2]]))
    >>> window(u, 0.0, 2.0), window(u, 0.0, 12.0)
    ((1.0, 2.0), (0.0, 5.0))
    """
    money = (level - utility.levels) / utility.slopes + utility.efficiency * utility.data.spent
    prices = utility.data.prices
    low, high = (float(((money - tea * prices[:, 1]) / prices[:, 0]).max()) for tea in (most, 0.0))
    return max(low, 0.0), min(high, most)


def built_utility() -> Explorer:
    """Return the explorer of the utility that Afriat's theorem builds from three purchases."""
    n_points = 49

    def draw(first: float, second: float, third: float) -> Mapping[str, Any]:
        data = three_weeks(first, second, third)
        index = ccei(data)
        holds = garp(data).holds
        efficiency = 1.0 if holds else index.value if index.attained else index.value - 0.005
        utility = construct(data, efficiency)
        values = utility(data.bundles)
        parts = []
        for value in values:
            coffee = np.linspace(*window(utility, value, 12.0), n_points)
            parts.append(np.column_stack([coffee, np.clip(indifference(utility, value, coffee), 0, 12)]))
        for p in data.prices:
            coffee = np.linspace(0, 12 / p[0], n_points)
            parts.append(np.column_stack([coffee, (12 - p[0] * coffee) / p[1]]))
        points = np.concatenate([*parts, data.bundles])
        return {
            "coffee": points[:, 0],
            "tea": points[:, 1],
            "GARP": verdict(data),
            "efficiency index, see below": index.value,
            "utility of the baskets": numbers(values - values.max()) if holds else "no Afriat numbers",
            "utility per euro": numbers(utility.slopes) if holds else "no Afriat numbers",
            "curves that coincide": together(values),
        }

    names = ["week 0", "week 1", "week 2"]
    base = alt.Chart(NOW).encode(
        x=alt.X("coffee:Q", title="coffee", scale=alt.Scale(domain=[0, 12])),
        y=alt.Y("tea:Q", title="tea", scale=alt.Scale(domain=[0, 12])),
        color=alt.Color("week:N", scale=alt.Scale(domain=names), legend=WEEKS),
    )
    dash = alt.StrokeDash(
        "kind:N",
        scale=alt.Scale(domain=["indifference curve", "budget"], range=[[1, 0], [4, 4]]),
        legend=STROKE,
    )
    budgets = base.transform_filter("datum.kind == 'budget'").mark_line(strokeWidth=2)
    # Of curves that coincide the later is drawn thinner, on top: all are seen.
    lines = budgets.encode(strokeDash=dash)
    for name, width in zip(names, (7, 4.6, 2), strict=True):
        curve = f"datum.kind == 'indifference curve' && datum.week == '{name}'"
        lines += base.transform_filter(curve).mark_line(strokeWidth=width).encode(strokeDash=dash)
    dots = (
        base.transform_filter("datum.kind == 'basket'")
        .mark_point(filled=True, size=160, opacity=1)
        .encode(shape=alt.Shape("week:N", scale=alt.Scale(domain=names), legend=WEEKS))
    )
    tenths = tuple(round(0.1 * k, 1) for k in range(11))
    return explore(
        draw,
        [
            Slider("first", "week 0: share spent on coffee", tenths, 0.5),
            Slider("second", "week 1: share spent on coffee", tenths, 0.7),
            Slider("third", "week 2: share spent on coffee", tenths, 0.3),
        ],
        lines + dots,
        fixed={
            "week": [name for name in names * 2 for _ in range(n_points)] + names,
            "kind": ["indifference curve"] * (3 * n_points) + ["budget"] * (3 * n_points) + ["basket"] * 3,
        },
        title="The utility that the theorem builds",
        alt="Three dashed budget lines with a basket on each, and through each basket an indifference curve "
        "made of straight pieces, bent towards the origin. While GARP holds, no part of a budget lies above "
        "the curve through its own basket. When it is violated the curves allow for some waste.",
    )


def numbers(values: Floats) -> str:
    """Return numbers with two decimals, in one line, without a sign on zero.

    >>> numbers(np.array([-0.001, -2.4]))
    '0.00, -2.40'
    """
    return ", ".join(f"{round(float(v), 2) + 0.0:.2f}" for v in values)


def together(values: Floats) -> str:
    """Return the weeks whose baskets have the same utility, so that their curves are one.

    >>> together(np.array([0.0, -2.4, -2.4])), together(np.array([0.0, -1.0, -2.0]))
    ('weeks 1, 2', 'none')
    """
    for value in values:
        weeks = np.flatnonzero(np.isclose(values, value, rtol=0, atol=1e-9))
        if weeks.size > 1:
            return "weeks " + ", ".join(str(t) for t in weeks)
    return "none"


def power() -> Explorer:
    """Return the explorer of the power of a fan of budgets."""
    e = np.round(np.linspace(0.5, 1.0, 51), 2)

    def draw(n_budgets: int, spread: float, growth: float) -> Mapping[str, Any]:
        estimate = power_of(int(n_budgets), spread, growth)
        return {
            "share": np.array([estimate.rate(float(level)) for level in e]),
            "power: violates GARP": estimate.rate(),
            "index below 0.95": estimate.rate(0.95),
            "index below 0.90": estimate.rate(0.9),
            "95 % interval of the power": "{:.3f} to {:.3f}".format(*estimate.interval()),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("e:Q", title="efficiency e", scale=alt.Scale(domain=[0.5, 1])),
            y=alt.Y("share:Q", title="random choosers with CCEI < e", scale=alt.Scale(domain=[0, 1])),
        )
    )
    return explore(
        draw,
        [
            Slider("n_budgets", "number of budgets", (2, 3, 4, 6, 8, 10), 6, fmt="{:.0f}"),
            Slider("spread", "spread (largest minus smallest s)", (0.1, 0.2, 0.4, 0.6, 0.8), 0.6),
            Slider("growth", "growth of income per budget", GROWTHS, 0),
        ],
        chart,
        fixed={"e": e},
        title="Power against design",
        alt="The share of random choosers whose efficiency index is below e, against e from 0.5 to 1: an "
        "increasing curve, higher for more budgets, and zero throughout when the test cannot fail.",
    )
