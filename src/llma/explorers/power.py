"""The explorers and tables of the chapter "Can this test fail?".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. What is simulated says so, with its number of runs; seeds are fixed.

The laboratory is `llma.ribum.sampling.stakes`: one yes-or-no task at five stakes, 1, 2, 4, 8 and 16.

>>> print(story_table())
reader      published  free   known
optimal         10+10  0.014   0.006
inverse         10+10  0.014  -0.131
opposite        10+10  0.014  -0.525
dice            10+10  0.025  -0.204
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import numpy as np
from scipy.stats import chi2

from llma import figures
from llma.attention.softmax import own_base
from llma.checks import Floats, Ints
from llma.data import load_published_counts
from llma.explore import Explorer, Slider, explore
from llma.ribum import agents, published, restrictions
from llma.ribum.conditions import slacks
from llma.ribum.data import ChoiceData
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.recovery.restrictions import Restriction
from llma.ribum.sampling import stakes
from llma.ribum.sampling.counts import test_counts as counts_test
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.power import power
from llma.ribum.sampling.projection import project
from llma.ribum.sampling.sample import Sample

NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke")
EVEN = (0.5, 0.5)
UNEVEN = (0.8, 0.2)
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

STORY_STAKES = (1.0, 2.0, 4.0, 8.0)
STAKES = (1.0, 2.0, 4.0, 8.0, 16.0)


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


def tracking(pay: Sequence[float], n_states: int = 2) -> Floats:
    """Return utilities, shape (M, X, X): the right action pays the stake, scaled to at most 1.

    >>> tracking([1, 4])[:, 0]
    array([[0.25, 0.  ],
           [1.  , 0.  ]])
    """
    s = np.asarray(pay, dtype=np.float64)
    return np.asarray(s[:, None, None] / s.max() * np.eye(n_states))


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


def counts_table() -> str:
    """Return the published counts: a row for each level of hostility, a column for each action.

    >>> print(counts_table().splitlines()[1])
    level 0   35   2   0   2   1   0
    """
    lines = ["action     0   1   2   3   4   5"]
    for level, row in enumerate(load_published_counts().counts):
        lines.append(f"level {level}" + "".join(f"{n:{5 if u == 0 else 4}d}" for u, n in enumerate(row)))
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


def tangents() -> Explorer:
    """Return the explorer of the tangent inequality: two posteriors, two actions, one curve."""
    q = np.round(np.arange(0, 1.001, 0.02), 2)

    def line(at: float) -> Floats:
        return at**2 + (1 - at) ** 2 + (4 * at - 2) * (q - at)

    def draw(first: float, second: float) -> Mapping[str, Any]:
        lines = {at: line(at) for at in (first, second)}
        return {
            "payoff": np.concatenate([q**2 + (1 - q) ** 2, lines[first], lines[second]]),
            "first action pays in state 0, 1": f"{lines[first][0]:.2f}, {lines[first][-1]:.2f}",
            "second action pays in state 0, 1": f"{lines[second][0]:.2f}, {lines[second][-1]:.2f}",
            "lost by the wrong action": 2 * (first - second) ** 2,
        }

    names = ("curve G", "first action", "second action")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("belief:Q", title="belief in state 1", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("payoff:Q", title="expected utility", scale=alt.Scale(domain=[-1, 1.2], clamp=True)),
            color=alt.Color("line:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("line:N", title=None, sort=None, legend=STROKE),
        )
    )
    stops = np.linspace(0.1, 0.9, 9).tolist()
    return explore(
        draw,
        [
            Slider("first", "posterior of the first action", stops, 0.3),
            Slider("second", "posterior of the second", stops, 0.8),
        ],
        chart,
        fixed={"belief": np.tile(q, 3), "line": [name for name in names for _ in q]},
        title="Tangents make any two actions optimal",
        alt="A U-shaped curve over the belief in state 1, and two straight lines that touch it, each at the "
        "posterior of its action. At this posterior its line is the higher one.",
    )


def curves() -> Explorer:
    """Return the explorer of rejection against the number of texts, for readers and tests."""
    names = ("plug-in", "box", "projection", "NIS, projection")

    def draw(reader: str, level: float) -> Mapping[str, Any]:
        table = np.array([rates(reader, n, level) for n in SIZES])
        row = dict(zip(names, table[SIZES.index(160)], strict=True))
        return {
            "rejected": table.T.ravel(),
            "accuracies": ", ".join(f"{a:.2f}" for a in READERS[reader]),
            "NIAS and NIAC hold": "yes" if stakes.is_rational(READERS[reader]) else "no",
            "NIS holds": "yes" if len(set(READERS[reader])) == 1 and READERS[reader][0] >= 0.5 else "no",
            "plug-in, 160 texts": row["plug-in"],
            "projection, 160 texts": row["projection"],
            "box, 160 texts": row["box"],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "texts:Q",
                title="texts a state, N",
                scale=alt.Scale(type="log", domain=[10, 1280], nice=False),
                axis=alt.Axis(
                    values=list(SIZES),
                    labelExpr="indexof([20, 80, 320], datum.value) < 0 ? datum.label : ''",
                    labelOverlap=False,
                    labelFlush=False,
                    format="d",
                ),
            ),
            y=alt.Y("rejected:Q", title="share rejected", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("test:N", title="test", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("test:N", title="test", sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("reader", "reader", tuple(READERS), "always alike"),
            Slider("level", "level", (0.01, 0.05, 0.1), 0.05),
        ],
        chart,
        fixed={
            "texts": np.tile(np.array(SIZES), len(names)),
            "test": [name for name in names for _ in SIZES],
        },
        title="Who is rejected, and how soon",
        alt="Share of samples rejected over the number of texts a state, 10 to 1280 on a logarithmic scale, "
        "for four tests: the plug-in, the box, the projection, and the projection for NIS.",
    )


def vacuity() -> Explorer:
    """Return the explorer of margins with free, common and known utilities, two environments."""
    grid = np.round(np.arange(0.05, 0.96, 0.05), 2)
    pay = (1.0, 4.0)
    names = ("free", "one utility, known stakes", "known utility")

    @cache
    def margins(low: float, high: float) -> tuple[float, float, float]:
        data = ChoiceData(EVEN, stakes.choices([low, high]))
        free = max_margin(data, "free").margin
        common = max_margin(data, restrictions.common(pay)).margin
        return free, common, margin_at(data, tracking(pay))

    def draw(low: float, high: float) -> Mapping[str, Any]:
        table = np.array([margins(low, float(a)) for a in grid])
        free, common, known = margins(low, high)
        return {
            "margin": table.T.ravel(),
            "here": np.full(table.size, high),
            "free utilities": free,
            "one utility, known stakes": common,
            "known utility": known,
            "verdict with the known utility": "rational" if known >= -1e-9 else "not rational",
        }

    lines = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("accuracy:Q", title="accuracy at stake 4", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("margin:Q", title="margin", scale=alt.Scale(domain=[-0.6, 0.2], clamp=True)),
            color=alt.Color("utilities:N", title="utilities", sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("utilities:N", title="utilities", sort=None, legend=STROKE),
        )
    )
    zeros = (
        alt.Chart(NOW)
        .transform_filter("datum.utilities == 'free' && abs(datum.margin) < 1e-3")
        .mark_point(size=60)
        .encode(
            x="accuracy:Q",
            y="margin:Q",
            color=alt.value(figures.variable(0)),
        )
    )
    chart = lines + zeros + alt.Chart(NOW).mark_rule(color="gray").encode(x="here:Q")
    stops = (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    return explore(
        draw,
        [
            Slider("low", "accuracy at stake 1", stops, 0.7),
            Slider("high", "accuracy at stake 4", stops, 0.9),
        ],
        chart,
        fixed={
            "accuracy": np.tile(grid, len(names)),
            "utilities": [name for name in names for _ in grid],
        },
        title="What the margin can see",
        alt="Margin over the accuracy at the higher stake, for three ways to treat utilities, and an upright "
        "line at the accuracy chosen. Circles mark where the margin with free utilities is zero.",
    )


def authors() -> Explorer:
    """Return the explorer of the published answers: which weights of a missed level are rejected."""
    grid = np.array(WEIGHTS)

    def draw(kind: str, share: float) -> Mapping[str, Any]:
        p = np.array([authors_p(kind, w, share) for w in WEIGHTS])
        left = {test: not_rejected(kind, share, test) for test in ("projection", "box")}
        words = {test: f"{pair[0]:.2f} to {pair[1]:.2f}" if pair else "none" for test, pair in left.items()}
        return {
            "p": np.concatenate([p, np.full(grid.size, LEVEL)]),
            "not rejected at 5 %": words["projection"],
            "not rejected by the box": words["box"],
            "largest p-value": float(p.max()),
            "at weight": float(grid[p.argmax()]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("weight:Q", title="weight of a missed level, w", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("p:Q", title="p-value", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("line:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("line:N", title=None, sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("kind", "what counts as an action", KINDS, "six labels"),
            Slider("share", "prior of the lowest level", SHARES, 1 / 6),
        ],
        chart,
        fixed={
            "weight": np.tile(grid, 2),
            "line": ["p-value of NIAS"] * grid.size + ["5 %"] * grid.size,
        },
        title="The published answers: which weights survive",
        alt="P-value of NIAS over the weight of a missed level of hostility, from 0 to 1, with a line at 5 "
        "per cent. Weights whose p-value is above the line are not rejected.",
    )
