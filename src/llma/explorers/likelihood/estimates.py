"""Explorers of tables that are estimated: few texts or many, and one coupling for two states."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.likelihood.laws import (
    belief_regret,
    divergence,
    even_law,
    group_law,
    product_law,
    shared_fit,
)
from llma.likelihood import HALF, expected_divergence, fit_ising, patterns

NOW = alt.NamedData("now")
STROKE = alt.Legend(symbolType="stroke", columns=1)
SIZES = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)
SAMPLES = 8
GROUP = 4
EVEN = np.array([0.5, 0.5])


@functools.cache
def _ising_curve(k: int, coupling: float) -> tuple[float, ...]:
    """Return the mean divergence of Ising fits to samples of each size."""
    law = even_law(k, coupling)
    curve = []
    for n in SIZES:
        rng = np.random.default_rng(n)
        fits = [
            fit_ising(patterns(k)[rng.choice(2**k, n, p=law)], np.zeros(n, dtype=np.int64)).table()[0]
            for _ in range(SAMPLES)
        ]
        curve.append(float(np.mean([divergence(law, fitted) for fitted in fits])))
    return tuple(curve)


def sample_curves(k: int, coupling: float, added: float) -> tuple[Floats, Floats, Floats]:
    """Return the expected divergence of counts, independent bits and Ising, each shape (len(SIZES),).

    The first two are exact, the third is the mean of a few samples.

    >>> counts, bits, ising = sample_curves(2, 0.0, 1.0)
    >>> bool((bits < counts).all())
    True
    """
    law = even_law(k, coupling)
    product = product_law(law)
    shares = law @ patterns(k)
    counts = [expected_divergence(law, n, added) for n in SIZES]
    bits = [
        divergence(law, product) + sum(expected_divergence([1 - p, p], n, HALF) for p in shares)
        for n in SIZES
    ]
    return np.array(counts), np.array(bits), np.array(_ising_curve(k, coupling))


def texts() -> Explorer:
    """Return the explorer of the error of three estimates against the number of texts."""

    def draw(k: int, coupling: float, added: float) -> Mapping[str, Any]:
        counts, bits, ising = sample_curves(k, coupling, added)
        worse = np.flatnonzero(counts >= bits)
        ahead = 0 if not worse.size else int(worse[-1]) + 1
        law = even_law(k, coupling)
        return {
            "nats": np.clip(np.concatenate([counts, bits, ising]), 1e-4, 10),
            "numbers: counts": 2**k - 1,
            "numbers: independent, Ising": f"{k}, {k + k * (k - 1) // 2}",
            "total correlation, nats": divergence(law, product_law(law)),
            "counts overtake": _between(ahead),
            "at 40 texts: counts": float(counts[SIZES.index(40)]),
            "at 40 texts: independent": float(bits[SIZES.index(40)]),
            "at 40 texts: Ising": float(ising[SIZES.index(40)]),
        }

    names = ("counts", "independent bits", "Ising")
    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X(
                "texts:Q",
                title="labelled texts of the state",
                scale=alt.Scale(type="log", domain=[5, 2560]),
                axis=alt.Axis(values=[5, 40, 320, 2560]),
            ),
            y=alt.Y(
                "nats:Q",
                title="expected divergence, nats",
                scale=alt.Scale(type="log", domain=[0.0003, 3]),
                axis=alt.Axis(values=[0.001, 0.01, 0.1, 1]),
            ),
            color=alt.Color("method:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("method:N", title=None, sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("k", "questions K", (2, 4, 6), 6),
            Slider("coupling", "coupling of each pair", (0.0, 0.25, 0.5, 1.0), 0.5),
            Slider("added", "added to each count", (0.05, 0.25, 0.5, 1.0), 1.0),
        ],
        chart,
        fixed={"texts": np.tile(SIZES, 3), "method": [name for name in names for _ in SIZES]},
        title="Few texts or many",
        alt="Expected divergence of an estimated law from the truth against the number of texts, both on "
        "logarithmic scales, for counts, independent bits and the Ising model. Counts and Ising fall without "
        "end. Independent bits level off at the total correlation, if the pairs are coupled.",
    )


def _between(ahead: int) -> str:
    """Name the sizes between which one curve falls below another for good, given the first below."""
    if ahead == len(SIZES):
        return f"not up to {SIZES[-1]} texts"
    return f"at {SIZES[ahead - 1]} to {SIZES[ahead]} texts" if ahead else f"before {SIZES[0]} texts"


def shared() -> Explorer:
    """Return the explorer of the log-odds of two states against the number of yes."""
    yes = np.arange(GROUP + 1)

    def draw(low: float, high: float, coupling_0: float, coupling_1: float) -> Mapping[str, Any]:
        truth = np.array([group_law(low, coupling_0, GROUP), group_law(high, coupling_1, GROUP)])
        fitted = shared_fit((low, high), (coupling_0, coupling_1), GROUP)
        share = truth @ yes / GROUP
        logit = np.log(share / (1 - share))
        lines = [np.log(table[1] / table[0]) for table in (truth, fitted)]
        naive = yes * logit[1] + GROUP * np.log1p(-share[1]) - yes * logit[0] - GROUP * np.log1p(-share[0])
        bend = np.diff(lines[0], 2)
        odds = [1 / (1 + np.exp(-line)) for line in (*lines, naive)]
        return {
            "odds": np.concatenate([*lines, naive]),
            "bend of the true line": round(float(bend.mean()), 9) + 0.0,  # no "-0.000"
            "all yes: true": float(odds[0][-1]),
            "all yes: one coupling": float(odds[1][-1]),
            "all yes: independent": float(odds[2][-1]),
            "nats lost, one coupling": belief_regret(EVEN, truth, fitted),
        }

    names = ("true", "one coupling for both", "independent bits")
    chart = (
        alt.Chart(NOW)
        .mark_line(point=alt.OverlayMarkDef(size=50), strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X(
                "yes:Q", title="yes among four answers", axis=alt.Axis(values=[0, 1, 2, 3, 4], format="d")
            ),
            y=alt.Y("odds:Q", title="log-odds of state 1", scale=alt.Scale(domain=[-12.5, 12.5])),
            color=alt.Color("table:N", title=None, sort=None, legend=STROKE),
            strokeDash=alt.StrokeDash("table:N", title=None, sort=None, legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("low", "lean, state 0", (-1.0, -0.5, 0.0), -0.5),
            Slider("high", "lean, state 1", (0.0, 0.5, 1.0), 0.5),
            Slider("coupling_0", "coupling, state 0", (0.0, 0.5, 1.0, 2.0), 1.0),
            Slider("coupling_1", "coupling, state 1", (0.0, 0.5, 1.0, 2.0), 1.0),
        ],
        chart,
        fixed={"yes": np.tile(yes, 3), "table": [name for name in names for _ in yes]},
        title="Shared couplings make a straight line",
        alt="Log-odds of state 1 from an even prior against the number of yes among four equal questions. "
        "With equal couplings the true line is straight and the fitted one lies on it. With different "
        "couplings the true line bends, and the fitted one stays straight.",
    )
