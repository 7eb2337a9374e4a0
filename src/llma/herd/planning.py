"""What a run of herds needs, examined before a model reads a single text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from llma import checks, data
from llma.checks import Floats, Ints
from llma.data import SkippedRow, Texts
from llma.herd.learn import regrets
from llma.sensing.questions import Questionnaire, questionnaire
from llma.sensing.sensor import Sensor, open_sensor
from llma.sensing.shipped import LikelihoodCard, read_likelihood, shipped_likelihood
from llma.social import SocialLearning

LABELS_PER_STATE = 10


@dataclass(frozen=True, eq=False)
class Plan:
    """A run whose arguments and texts fit together.

    Attributes
    ----------
    texts : Texts
        At least one.
    questionnaire : Questionnaire
    prior : ndarray, shape (X,)
    cost : ndarray, shape (X, U)
    tie : str
    likelihood : LikelihoodCard or None
        None: one is fitted for each herd on the labels of the other groups.
    sensor : Sensor
    """

    texts: Texts
    questionnaire: Questionnaire
    prior: Floats
    cost: Floats
    tie: str
    likelihood: LikelihoodCard | None
    sensor: Sensor


def plan(
    source: str | Path | Sequence[str] | Texts,
    questions: Questionnaire | str = "product_review",
    prior: ArrayLike | None = None,
    cost: ArrayLike = (1.0, 1.0),
    tie: str = "low",
    *,
    likelihood: ArrayLike | str | Path = "shipped",
    sensor: Sensor | str = "tiny",
    group: str | None = None,
    text: str = "text",
    state: str | None = "state",
    encoding: str = "utf-8",
) -> Plan:
    """Examine arguments and texts; no model reads, nothing is written.

    Parameters
    ----------
    source, questions, prior, cost, tie, likelihood, sensor, group, text, state, encoding
        As in `llma.herd.run`.

    Returns
    -------
    Plan

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When an argument is malformed, when no row has a text, when states disagree within a herd, or when
        too few labels are left to fit a likelihood.

    Examples
    --------
    >>> ready = plan(["Broke at once.", " "])
    >>> ready.texts.texts, [str(row) for row in ready.texts.skipped]
    (('Broke at once.',), ['line 2: the text is empty'])
    """
    asked = questionnaire(questions) if isinstance(questions, str) else questions
    texts = some(_texts(source, asked, text=text, state=state, group=group, encoding=encoding))
    for rows in members(texts).values():
        truth(texts, rows)
    start, costs = _prior(prior, asked), _cost(cost, asked)
    opened = open_sensor(sensor) if isinstance(sensor, str) else sensor
    card = None if _is_labels(likelihood) else _likelihood(likelihood, asked, opened)
    if card is None:
        if group is None and not any(texts.groups):
            raise ValueError(
                "likelihood 'labels' needs groups: one is fitted for each herd on the labels of the others; "
                "name the column of the groups, or use the shipped likelihood"
            )
        for name in members(texts):
            labelled_elsewhere(texts, name, asked)
    table = np.full((asked.n_states, asked.n_observations), 1 / asked.n_observations)
    SocialLearning(table if card is None else card.table, costs, tie)  # refuses what does not fit together
    return Plan(texts, asked, start, costs, tie, card, opened)


def some(texts: Texts) -> Texts:
    """Return texts if there are any.

    Raises
    ------
    ValueError
        When there are none; it names the first reason.
    """
    if not len(texts):
        first = f"; the first reason: {texts.skipped[0]}" if texts.skipped else ""
        raise ValueError(f"{texts.name}: none of the rows can be read{first}")
    return texts


def members(texts: Texts) -> dict[str, list[int]]:
    """Return the rows of each group, in order of first appearance.

    >>> members(Texts("three", ("a", "b", "c"), (1, 2, 3), (None, 1, 0), ("pan", "pot", "pan")))
    {'pan': [0, 2], 'pot': [1]}
    """
    names = dict.fromkeys(texts.groups)
    return {name: [i for i, g in enumerate(texts.groups) if g == name] for name in names}


def truth(texts: Texts, rows: Sequence[int]) -> int | None:
    """Return the state that the labelled ones among some rows agree on, None if none is labelled.

    Raises
    ------
    ValueError
        When two rows disagree; it names both.
    """
    known = [i for i in rows if texts.states[i] is not None]
    for i in known[1:]:
        if texts.states[i] != texts.states[known[0]]:
            raise ValueError(
                f"{texts.name}: line {texts.lines[known[0]]} has state {texts.states[known[0]]} and line "
                f"{texts.lines[i]} has state {texts.states[i]}, but a herd speaks of one thing; name a "
                "column of groups (the column of states itself will do)"
            )
    return texts.states[known[0]] if known else None


def labelled_elsewhere(texts: Texts, name: str, asked: Questionnaire) -> tuple[list[int], Ints]:
    """Return the labelled rows outside a group, and their states.

    Raises
    ------
    ValueError
        When a state has fewer than `LABELS_PER_STATE` of them.
    """
    rows = [i for i, g in enumerate(texts.groups) if g != name and texts.states[i] is not None]
    states = np.array([texts.states[i] for i in rows], dtype=np.int64)
    count = np.bincount(states, minlength=asked.n_states)
    if count.min() < LABELS_PER_STATE:
        short = int(count.argmin())
        raise ValueError(
            f"{texts.name}: outside group {data.shown(name, 40)!r} there are {count[short]} texts with state "
            f"{short} ({asked.states[short]}); a likelihood needs {LABELS_PER_STATE}. Label more texts, or "
            "use the shipped likelihood"
        )
    return rows, states


def _texts(
    source: str | Path | Sequence[str] | Texts,
    asked: Questionnaire,
    *,
    text: str,
    state: str | None,
    group: str | None,
    encoding: str,
) -> Texts:
    if isinstance(source, Texts):
        return source
    if isinstance(source, (str, Path)):
        return data.read_texts(
            source, text=text, state=state, group=group, states=asked.states, encoding=encoding
        )
    kept, skipped = [], []
    for line, item in enumerate(source, 1):
        try:
            kept.append((data.clean(item), line))
        except ValueError as error:
            skipped.append(SkippedRow(line, str(error)))
    n = len(kept)
    texts, lines = tuple(item for item, _ in kept), tuple(line for _, line in kept)
    return Texts("texts", texts, lines, (None,) * n, ("",) * n, tuple(skipped))


def _prior(prior: ArrayLike | None, asked: Questionnaire) -> Floats:
    if prior is None:
        return np.full(asked.n_states, 1 / asked.n_states)
    given = np.atleast_1d(checks.real_array(prior, "prior"))
    if given.shape == (1,):
        if asked.n_states != 2:
            raise ValueError(f"prior: {asked.name} has {asked.n_states} states; give that many numbers")
        given = np.array([1 - given[0], given[0]])
    return checks.belief(given, "prior", asked.n_states)


def _cost(cost: ArrayLike, asked: Questionnaire) -> Floats:
    given = checks.real_array(cost, "cost")
    if given.shape == (2,):
        return regrets(float(given[0]), float(given[1]), asked.n_states)
    if given.shape != (asked.n_states, asked.n_states):
        raise ValueError(
            f"cost: has shape {given.shape}; expected two numbers or a matrix of shape "
            f"({asked.n_states}, {asked.n_states})"
        )
    return given


def _is_labels(likelihood: ArrayLike | str | Path) -> bool:
    return isinstance(likelihood, str) and likelihood == "labels"


def _likelihood(likelihood: ArrayLike | str | Path, asked: Questionnaire, sensor: Sensor) -> LikelihoodCard:
    if isinstance(likelihood, str) and likelihood == "shipped":
        if sensor.name != "tiny":
            raise ValueError(
                f"the shipped likelihood belongs to the embedded model, not to {sensor.name!r}; "
                "use likelihood 'labels' or a file of your own"
            )
        return shipped_likelihood(asked)
    if isinstance(likelihood, (str, Path)):
        return read_likelihood(likelihood, asked)
    table = checks.stochastic_matrix(likelihood, "likelihood")
    if table.shape != (asked.n_states, asked.n_observations):
        raise ValueError(
            f"likelihood: has shape {table.shape}; {asked.name} needs "
            f"({asked.n_states}, {asked.n_observations})"
        )
    return LikelihoodCard(table, "given", 0, "a table of your own")
