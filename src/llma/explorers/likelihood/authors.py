"""What the published answers of a language model about 240 comments say of a likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from llma import bayes, experiments
from llma.checks import Floats, Ints
from llma.data import load_published_counts
from llma.explorers.likelihood.laws import belief_regret
from llma.likelihood import fit, fit_ordered, patterns, smallest_minor
from llma.likelihood.counts import LAPLACE

LEVELS = np.arange(6)
EVEN = np.full(6, 1 / 6)
METHODS = (("independent", "bernoulli"), ("Ising", "ising"), ("counts", "counts"))


def published_answers() -> tuple[Floats, Ints]:
    """Return the answers, shape (240, 6), and the levels, shape (240,), level by level.

    >>> bits, levels = published_answers()
    >>> bits.shape, bits.sum(axis=0).astype(int).tolist()
    ((240, 6), [193, 121, 153, 92, 16, 39])
    """
    sheets = load_published_counts().sheets
    levels, numbers = np.nonzero(sheets)
    times = sheets[levels, numbers]
    every = patterns(sheets.shape[1].bit_length() - 1)
    return np.repeat(every[numbers], times, axis=0), np.repeat(levels, times)


def written(sheet: int) -> str:
    """Return the six answers of a sheet, question 0 first.

    >>> written(32)
    '000001'
    """
    return "".join(str(sheet >> k & 1) for k in range(6))


def sheets_table() -> str:
    """Return how often each sheet came, most frequent first, one line a sheet."""
    sheets = load_published_counts().sheets
    order = sorted(np.flatnonzero(sheets.sum(axis=0)), key=lambda y: -sheets[:, y].sum())
    lines = ["answers  level 0   1   2   3   4   5"]
    for y in order:
        lines.append(f"{written(int(y)):11}" + "".join(f"{n:4d}" for n in sheets[:, y]))
    return "\n".join(lines)


def beliefs(sheet: int) -> dict[str, Floats]:
    """Return the belief after one sheet, from an even prior: by raw shares and by three methods."""
    bits, levels = published_answers()
    raw = load_published_counts().sheets[:, sheet] / 40
    columns = {"raw shares": raw}
    columns |= {name: fit(bits, levels, method=method).table[:, sheet] for name, method in METHODS}
    return {name: column / column.sum() for name, column in columns.items()}


def belief_table(sheets: Sequence[int]) -> str:
    """Return the belief after some sheets, in per cent, one line a method."""
    lines = []
    for sheet in sheets:
        lines.append(f"{written(sheet):<11} level 0   1   2   3   4   5")
        for name, belief in beliefs(sheet).items():
            lines.append(f"{name:<14}" + "".join(f"{100 * b:4.0f}" for b in belief))
    return "\n".join(lines)


def scores_table(shuffles: int = 5) -> str:
    """Return what cross-validation gives each method, in nats a text: mean and range over ways to deal."""
    bits, levels = published_answers()
    runs = [fit(bits, levels, rng=np.random.default_rng(seed)).scores for seed in range(shuffles)]
    lines = ["method          mean   worst    best"]
    for name, method in METHODS:
        scores = [run[method] for run in runs]
        lines.append(f"{name:<12}{np.mean(scores):8.2f}{min(scores):8.2f}{max(scores):8.2f}")
    return "\n".join(lines)


def row_p_values(rng: np.random.Generator, shuffles: int = 4_000) -> Floats:
    """Return, for neighbouring levels, the permutation p-value of equal laws of the sheet, shape (5,).

    The statistic is Pearson's; the p-value counts the sample itself, so that it is valid at any number of
    shuffles.
    """
    sheets = load_published_counts().sheets
    result = []
    for low, high in pairwise(sheets):
        both = (low + high)[low + high > 0]
        drawn = rng.multivariate_hypergeometric(both, int(low.sum()), size=shuffles)
        seen = _pearson(low[low + high > 0], both)
        result.append((1 + (_pearson(drawn, both) >= seen - 1e-9).sum()) / (shuffles + 1))
    return np.array(result)


def _pearson(low: Ints, both: Ints) -> Floats:
    return np.asarray((4 * (low - both / 2) ** 2 / both).sum(axis=-1))


def rows_table() -> str:
    """Return what tells neighbouring levels apart: overlap of fitted rows, and a permutation p-value."""
    bits, levels = published_answers()
    root = np.sqrt(fit(bits, levels, method="ising").table)
    lines = ["levels  overlap  p (equal laws)"]
    for x, p in enumerate(row_p_values(np.random.default_rng(0))):
        lines.append(f"{x} and {x + 1}{root[x] @ root[x + 1]:10.3f}{p:12.4f}")
    return "\n".join(lines)


def order_table() -> str:
    """Return the mean level after each action, from shares, smoothed shares and the TP2 fit."""
    counts = load_published_counts().counts
    tables = (counts / 40, smoothed(), fit_ordered(counts).table)
    means = [LEVELS @ (table / table.sum(axis=0)) for table in tables]
    lines = ["action   texts shares +1 each  TP2"]
    for u, row in enumerate(zip(*means, strict=True)):
        lines.append(f"{u:<8}{counts[:, u].sum():6d}" + "".join(f"{m:7.2f}" for m in row))
    p, rows, columns = smallest_minor(counts)
    negative = int((bayes.tp2_minors(counts) < 0).sum())
    lines.append(f"negative minors: {negative} of 225")
    lines.append(f"strongest: levels {rows}, actions {columns}")
    lines.append(f"its exact p {p:.3f}, times 225: {min(1.0, 225 * p):.2f}")
    return "\n".join(lines)


def smoothed() -> Floats:
    """Return the law of the action in each level, one text added to every cell, shape (6, 6)."""
    counts = load_published_counts().counts
    return np.asarray((counts + LAPLACE) / (counts + LAPLACE).sum(axis=1, keepdims=True))


def order_ratios(samples: int, rng: np.random.Generator) -> tuple[float, Floats]:
    """Return the likelihood ratio of the order for the published counts, and for samples from the TP2 fit."""
    counts = load_published_counts().counts
    found = fit_ordered(counts)
    drawn = [
        fit_ordered([rng.multinomial(40, row / row.sum()) for row in found.table]).ratio
        for _ in range(samples)
    ]
    return found.ratio, np.array(drawn)


def cumulative(table: Floats) -> Floats:
    """Return the masses up to each column, rows divided by their sums: no likelihood of anything.

    >>> cumulative(np.array([[0.5, 0.5], [0.1, 0.9]])).round(3)
    array([[0.333, 0.667],
           [0.091, 0.909]])
    """
    mass = table.cumsum(axis=1)
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def cumulative_table() -> str:
    """Return the mean level after each action with the law of the action and with cumulative masses."""
    truth = smoothed()
    wrong = cumulative(truth)
    lines = ["action    0    1    2    3    4    5"]
    for name, table in (("law", truth), ("sums", wrong)):
        lines.append(f"{name:<5}" + "".join(f"{m:5.2f}" for m in LEVELS @ (table / table.sum(axis=0))))
    for name, table in (("law", truth), ("sums", wrong)):
        lines.append(f"nats claimed, {name}: {float(experiments.information(EVEN, table)):.3f}")
    lines.append(f"log score lost by sums: {belief_regret(EVEN, truth, wrong):.3f}")
    return "\n".join(lines)
