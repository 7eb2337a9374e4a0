"""Degenerate data: unused actions, duplicated posteriors, equal experiments, utilities without a stake.

None of these is a violation. Each makes some condition hold with equality, or empty, and a reader who sees a
margin of exactly zero wants to know why. These functions find them; `llma.ribum.test` puts them in words.

>>> from llma.ribum.data import ChoiceData
>>> half = [[0.5, 0.5], [0.5, 0.5]]
>>> data = ChoiceData([0.5, 0.5], [half, [[1, 0], [1, 0]]])
>>> for line in notes(data, [[1, 0], [0, 1]]):
...     print(line)
Environment 1 never chooses action 1: NIAS asks nothing of it.
Environment 0: actions 0 and 1 have the same posterior, so both must be optimal there.
Environments 0 and 1 reveal the same experiment: NIAC between them holds with equality.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma.checks import Floats
from llma.ribum.conditions import same_prior
from llma.ribum.data import ChoiceData, utilities

SAME = 1e-9
"""Posteriors, and weights of posteriors, that differ by no more in any entry count as equal."""


def duplicated_posteriors(data: ChoiceData) -> list[tuple[int, int, int]]:
    """Return (m, u, v), u < v, wherever two used actions have the same revealed posterior.

    Examples
    --------
    >>> duplicated_posteriors(ChoiceData([0.3, 0.7], [[[0.2, 0.8], [0.2, 0.8]]]))
    [(0, 0, 1)]
    """
    posteriors = data.posteriors
    return [
        (m, u, v)
        for m in range(data.n_environments)
        for u, v in combinations(np.flatnonzero(data.used[m]).tolist(), 2)
        if np.abs(posteriors[m, u] - posteriors[m, v]).max() <= SAME
    ]


def equal_experiments(data: ChoiceData) -> list[tuple[int, int]]:
    """Return the pairs (m, k), m < k, whose choices are the same experiment.

    Two experiments are the same if, under one and the same prior, they lead to the same posteriors with the
    same probabilities: they differ by the names of signals, and by signals split in two, only. The priors of
    the environments play no part.

    Examples
    --------
    >>> rows = [[0.8, 0.2], [0.3, 0.7]]
    >>> equal_experiments(ChoiceData([[0.5, 0.5], [0.9, 0.1]], [rows, [r[::-1] for r in rows]]))
    [(0, 1)]
    """
    tables = [_law(table) for table in data.choice]
    return [
        (m, k)
        for m, k in combinations(range(data.n_environments), 2)
        if _covers(tables[m], tables[k]) and _covers(tables[k], tables[m])
    ]


def without_stakes(utility: Floats) -> NDArray[np.bool_]:
    """Return for each environment whether the utility does not depend on the action, shape (M,).

    Examples
    --------
    >>> without_stakes(np.array([[[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]]))
    array([ True, False])
    """
    return np.asarray(np.ptp(utility, axis=-1).max(axis=-1) == 0)


def notes(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> tuple[str, ...]:
    """Return what is degenerate about the data, in sentences.

    Examples
    --------
    >>> notes(ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]]), [[0, 0], [0, 0]])
    ('Environment 0 has nothing at stake: any choices pass.', 'With one environment NIAC is empty.')
    """
    r = utilities(utility, data)
    lines = [
        f"Environment {m} has nothing at stake: any choices pass." for m in np.flatnonzero(without_stakes(r))
    ]
    lines += [
        f"Environment {m} never chooses action {u}: NIAS asks nothing of it."
        for m, u in np.argwhere(~data.used).tolist()
    ]
    lines += [
        f"Environment {m}: actions {u} and {v} have the same posterior, so both must be optimal there."
        for m, u, v in duplicated_posteriors(data)
    ]
    comparable = same_prior(data) if cost == "posterior" else np.ones((data.n_environments,) * 2, dtype=bool)
    lines += [
        f"Environments {m} and {k} reveal the same experiment: NIAC between them holds with equality."
        for m, k in equal_experiments(data)
        if comparable[m, k]
    ]
    if data.n_environments == 1:
        lines.append("With one environment NIAC is empty.")
    elif cost == "posterior" and not comparable.all():
        lines += [
            f"No environment has the prior of environment {m}: NIAC says nothing about it."
            for m in np.flatnonzero(comparable.sum(axis=1) == 1)
        ]
    return tuple(lines)


def _law(table: Floats) -> tuple[Floats, Floats]:
    """Return posteriors under a uniform prior, (U', X), and weights, (U',), of the signals that occur."""
    weight = table.mean(axis=0)
    seen = weight > 0
    return (table[:, seen] / (len(table) * weight[seen])).T, weight[seen]


def _covers(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> bool:
    """Whether every posterior of one has, close by, the same weight in one as in the other."""
    here = np.abs(one[0][:, None] - one[0][None]).max(axis=2) <= SAME
    there = np.abs(one[0][:, None] - other[0][None]).max(axis=2) <= SAME
    return bool(np.abs(here @ one[1] - there @ other[1]).max() <= SAME)
