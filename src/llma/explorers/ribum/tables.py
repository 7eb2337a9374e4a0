"""The tables of the chapter as text, at most 40 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from numpy.typing import ArrayLike

from llma import checks
from llma.explorers.ribum.examples import STAKES, paying_reader, token_cost
from llma.ribum import ChoiceData, cost_levels, test

WIDTH = 40


def matrix_table(matrix: ArrayLike, corner: str) -> str:
    """Return an M x M matrix with its environments; rows m, columns k.

    >>> print(matrix_table([[1, 0.5], [1, 0.9]], "K"))
    K       k=0     k=1
    m=0   1.000   0.500
    m=1   1.000   0.900
    """
    values = checks.real_array(matrix, "matrix", ndim=2)
    lines = [f"{corner:3}" + "".join(f"{'k=' + str(k):>8}" for k in range(values.shape[1]))]
    lines += [f"m={m}" + "".join(f"{v:8.3f}" for v in row) for m, row in enumerate(values)]
    return "\n".join(lines)


def verdict(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> str:
    """Return what the test says, in lines that fit a phone.

    >>> from llma.explorers.ribum.examples import tracker
    >>> print(verdict(*tracker((0.60, 0.90, 0.75))))
    not rational (margin -0.15)
    Let 1 take the attention of 2, 2 that of
    1: they lose 0.3, -0.6 of utility, -0.3
    together, and the bill for attention
    stays the same.
    """
    return "\n".join(fill(line, WIDTH) for line in str(test(data, utility, cost=cost)).splitlines())


def story_table(accuracies: Sequence[float], stakes: Sequence[float] = STAKES) -> str:
    """Return stakes, accuracies and the value of each decision.

    >>> print(story_table((0.6, 0.75, 0.9)))
    stake  right  utility
        1   0.60     0.60
        2   0.75     1.50
        4   0.90     3.60
    """
    lines = ["stake  right  utility"]
    lines += [f"{s:5g}{a:7.2f}{s * a:9.2f}" for s, a in zip(stakes, accuracies, strict=True)]
    return "\n".join(lines)


def bounds_table(n_stakes: int, law: str = "by token") -> str:
    """Return what choices alone say about the cost of reading, beside the truth.

    >>> print(bounds_table(4))
    stake tokens  least   true   most
     0.25      0  0.000  0.000  0.000
     1.00      9  0.074  0.180  0.297
     4.00     23  0.227  0.460  0.909
    16.00     37  0.378  0.740  1.514
    """
    data, utility, tokens = paying_reader(n_stakes, law)
    lower, upper = cost_levels(data, utility)
    lines = ["stake tokens  least   true   most"]
    for m, n in enumerate(tokens):
        lines.append(f"{utility[m, 0, 0]:5.2f}{n:7d}{lower[m]:7.3f}{token_cost(law)[n]:7.3f}{upper[m]:7.3f}")
    return "\n".join(lines)
