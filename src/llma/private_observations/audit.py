r"""What is wrong with a model of one's own: findings, not exceptions.

`check_crowd` takes raw tables and looks for two kinds of trouble. An *error* makes the model meaningless: a
row that does not sum to one, a chance above one. A *warning* leaves it meaningful but breaks a hypothesis
of a theorem of the chapter, or makes the question empty: a zero in the likelihood, two states that look the
same, an action that is never worth playing, a channel that says nothing, a first agent already in a
cascade. Each finding says where, what, and what to do about it.

>>> for finding in check_crowd([[0.7, 0.3], [0.7, 0.3]], [[0, 1], [1, 0]], [0.5, 0.5]):
...     print(finding)
warning, likelihood: rows 0 and 1 are equal: readings do not tell these states apart; ask another question
warning, prior: agent 0 is in a cascade at once; move the prior or the costs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.private_observations.readings import ManyReadings

SAME = 1e-9
"""Rows that differ by less are reported as equal."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a model.

    Attributes
    ----------
    level : str
        "error" (no model) or "warning" (a hypothesis of a theorem fails).
    where : str
        The table or number.
    what : str
        What is wrong there, and what to do.
    """

    level: str
    where: str
    what: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.level}, {self.where}: {self.what}"


def check_crowd(
    likelihood: ArrayLike,
    cost: ArrayLike,
    prior: ArrayLike,
    *,
    n_readings: int = 1,
    reveal: ArrayLike = 0.0,
    channel: ArrayLike | None = None,
    tie: str = "low",
) -> tuple[Finding, ...]:
    """Return what is wrong with a model, the most serious first; nothing, if all hypotheses hold.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of one reading.
    cost : array_like, shape (X, U)
        Cost of each action in each state.
    prior : array_like, shape (X,)
        Public belief before the first agent.
    n_readings : int
        Readings of an agent.
    reveal : float or array_like, shape (n,)
        Probability that each agent reveals its readings.
    channel : array_like, shape (U, V), optional
        Probability that the public hears v when the action is u.
    tie : str
        Tie rule.

    Returns
    -------
    tuple of Finding

    Examples
    --------
    >>> noisy = [[0.4, 0.6], [0.6, 0.4]]
    >>> for finding in check_crowd([[0.7, 0.3], [0.3, 0.6]], [[0, 1], [1, 0]], [0.5, 0.5], channel=noisy):
    ...     print(finding)
    error, likelihood: row 1 is [0.3, 0.6] and sums to 0.9; each row must sum to 1
    warning, channel: action 0 is heard as 1 more often than as 0; swap the columns, unless this is meant
    """
    found = list(
        _errors(likelihood, cost, prior, n_readings=n_readings, reveal=reveal, channel=channel, tie=tie)
    )
    if not any(finding.where in {"likelihood", "channel"} for finding in found):
        found += _sensor(checks.stochastic_matrix(likelihood))
    if channel is not None and not any(finding.where == "channel" for finding in found):
        found += _channel(checks.stochastic_matrix(channel, "channel"))
    if not any(finding.level == "error" for finding in found):
        found += _decision(ManyReadings(likelihood, cost, n_readings, tie), checks.belief(prior))
    return tuple(sorted(found, key=lambda finding: finding.level != "error"))


def _errors(
    likelihood: ArrayLike,
    cost: ArrayLike,
    prior: ArrayLike,
    *,
    n_readings: int,
    reveal: ArrayLike,
    channel: ArrayLike | None,
    tie: str,
) -> Iterator[Finding]:
    tables: list[tuple[str, Callable[[], Floats]]] = [
        ("likelihood", lambda: checks.stochastic_matrix(likelihood, "likelihood")),
        ("cost", lambda: checks.cost_matrix(cost, "cost")),
        ("prior", lambda: checks.belief(prior, "prior")),
        ("reveal", lambda: checks.probabilities(reveal, "reveal")),
    ]
    if channel is not None:
        tables.append(("channel", lambda: checks.stochastic_matrix(channel, "channel")))
    shapes: dict[str, tuple[int, ...]] = {}
    for name, validate in tables:
        try:
            shapes[name] = validate().shape
        except ValueError as error:
            yield Finding("error", name, str(error).removeprefix(f"{name}: "))
    n_states = shapes["likelihood"][0] if "likelihood" in shapes else None
    for name in ("cost", "prior"):
        if n_states is not None and name in shapes and shapes[name][0] != n_states:
            yield Finding(
                "error",
                name,
                f"is for {shapes[name][0]} states, the likelihood for {n_states}; make them equal",
            )
    if len(shapes.get("prior", (1,))) != 1:
        yield Finding("error", "prior", f"has shape {shapes['prior']}; give one belief")
    if "cost" in shapes and "channel" in shapes and shapes["channel"][0] != shapes["cost"][1]:
        yield Finding(
            "error",
            "channel",
            f"has {shapes['channel'][0]} rows for {shapes['cost'][1]} actions; give one row an action",
        )
    if "likelihood" in shapes and {"cost", "likelihood"} <= shapes.keys():
        if shapes["cost"][0] == n_states:
            try:
                ManyReadings(likelihood, cost, n_readings, tie)
            except ValueError as error:
                where, _, what = str(error).partition(": ")
                yield Finding("error", where, what)


def _sensor(table: Floats) -> Iterator[Finding]:
    for x, y in np.argwhere(table == 0):
        yield Finding(
            "warning",
            "likelihood",
            f"entry ({x}, {y}) is 0: observation {y} excludes state {x}, and a cascade may never begin; "
            "smooth the counts",
        )
    pairs = [(i, j) for i in range(len(table)) for j in range(i + 1, len(table))]
    equal = [(i, j) for i, j in pairs if np.abs(table[i] - table[j]).max() < SAME]
    for i, j in equal:
        yield Finding(
            "warning",
            "likelihood",
            f"rows {i} and {j} are equal: readings do not tell these states apart; ask another question",
        )


def _channel(table: Floats) -> Iterator[Finding]:
    if np.ptp(table, axis=0).max() < SAME:
        yield Finding(
            "warning",
            "channel",
            "all rows are equal: the public hears nothing of the actions; lower the noise",
        )
    elif table.shape == (2, 2) and table[0, 0] < table[1, 0]:
        yield Finding(
            "warning",
            "channel",
            "action 0 is heard as 1 more often than as 0; swap the columns, unless this is meant"
            if table[0, 0] < 0.5
            else "word 0 speaks for action 1; swap the columns, unless this is meant",
        )


def _decision(model: ManyReadings, prior: Floats) -> Iterator[Finding]:
    for x in np.flatnonzero(prior == 0):
        yield Finding(
            "warning", "prior", f"state {x} has probability 0: no reading can ever revive it; drop it"
        )
    for u in range(model.n_actions):
        others = [v for v in range(model.n_actions) if v != u]
        if any((model.regret[:, v] <= model.regret[:, u]).all() for v in others):
            better = next(v for v in others if (model.regret[:, v] <= model.regret[:, u]).all())
            yield Finding(
                "warning",
                "cost",
                f"action {better} is never worse than action {u}; drop {u} or change its cost",
            )
    if model.is_cascade(prior):
        yield Finding("warning", "prior", "agent 0 is in a cascade at once; move the prior or the costs")
