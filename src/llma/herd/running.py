"""From texts to herds: read, sense, draw, learn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from llma import checks, data
from llma.checks import Floats
from llma.data import SkippedRow, Texts
from llma.herd import report
from llma.herd.learn import Herd, learn, regrets
from llma.likelihood import fit
from llma.sensing.questions import Questionnaire, UnreadableText, questionnaire
from llma.sensing.sensor import Sensor, draw, open_sensor
from llma.sensing.shipped import LikelihoodCard, read_likelihood, shipped_likelihood

TEXTS_PER_CALL = 16
LABELS_PER_STATE = 10


@dataclass(frozen=True, eq=False, repr=False)
class HerdRun:
    """The herds of one file, with everything that is needed to repeat the run.

    Attributes
    ----------
    name : str
        Where the texts come from.
    questionnaire : Questionnaire
    herds : tuple of Herd
        One, or one for each group, in order of first appearance.
    skipped : tuple of SkippedRow
        Rows that were left out, with line and reason.
    cost : ndarray, shape (X, U)
    tie : str
    seed : int
    sensor : str
    likelihood : str
        Where the likelihood comes from.
    """

    name: str
    questionnaire: Questionnaire
    herds: tuple[Herd, ...]
    skipped: tuple[SkippedRow, ...]
    cost: Floats
    tie: str
    seed: int
    sensor: str
    likelihood: str

    def __repr__(self) -> str:
        """Return one line; `print` shows the table."""
        return f"HerdRun({self.name!r}, {self.questionnaire.name}, {len(self.herds)} herds, seed {self.seed})"

    def _repr_html_(self) -> str:
        """Show the table in a notebook. All texts are escaped."""
        return report.html_page(self)

    def __str__(self) -> str:
        """Return the table as plain text."""
        return "\n".join(report.lines(self))


def run(
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
    seed: int = 0,
    progress: bool = False,
) -> HerdRun:
    """Let a herd of LLM agents read texts.

    Parameters
    ----------
    source : path, sequence of str, or Texts
        A CSV file (see `llma.data.read_texts`), or the texts themselves.
    questions : Questionnaire or str
        A questionnaire, or the name of a shipped one.
    prior : float or array_like, shape (X,), optional
        Public belief before the first agent. A single number, for two states, is the probability of state 1.
        By default all states are equally likely.
    cost : array_like
        Two numbers a, b: each step of guessing too high costs a, each step too low costs b. Or a whole
        matrix, shape (X, X).
    tie : str
        See `llma.social.SocialLearning`. With more than one question only "low" is possible.
    likelihood : "shipped", "labels", path or array_like, shape (X, 2**K)
        "shipped" is for the embedded model only. "labels" fits one for each herd on the labelled texts of the
        other groups. A path names a JSON file as described in `llma.sensing.shipped`.
    sensor : Sensor or str
        A sensor, or a name for `llma.sensing.open_sensor`.
    group, text, state : str
        Columns of the file.
    encoding : str
        Of the file.
    seed : int
        Of the generator that draws the answers.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    HerdRun

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When an argument is malformed, when no text can be read, or when states disagree within a herd.

    Examples
    --------
    >>> found = run(["Broke at once.", " ", "Broke again."], seed=1)
    >>> len(found.herds[0].actions), [str(row) for row in found.skipped]
    (2, ['line 2: the text is empty'])
    """
    asked = questionnaire(questions) if isinstance(questions, str) else questions
    start = _prior(prior, asked)
    costs = _cost(cost, asked)
    opened = open_sensor(sensor) if isinstance(sensor, str) else sensor
    table = None if _is_labels(likelihood) else _likelihood(likelihood, asked, opened)
    texts = _texts(source, asked, text=text, state=state, group=group, encoding=encoding)
    if table is None and group is None and not any(texts.groups):
        raise ValueError(
            "likelihood 'labels' needs groups: one is fitted for each herd on the labels of the others; "
            "name the column of the groups, or use the shipped likelihood"
        )
    texts, answers = sense(texts, asked, opened, progress)
    if not len(texts):
        first = f"; the first reason: {texts.skipped[0]}" if texts.skipped else ""
        raise ValueError(f"{texts.name}: none of the rows can be read{first}")
    names = list(dict.fromkeys(texts.groups))
    members = {name: [i for i, g in enumerate(texts.groups) if g == name] for name in names}
    truth = {name: _truth(texts, members[name]) for name in names}
    streams = dict(zip(names, np.random.default_rng(seed).spawn(len(names)), strict=True))
    bits = np.empty_like(answers)
    for name in names:
        bits[members[name]] = draw(answers[members[name]], streams[name])
    herds = []
    for name in names:
        rows = members[name]
        used = _fit_elsewhere(bits, texts, name, asked) if table is None else table.table
        herd = learn(bits[rows], used, start, costs, tie=tie, rng=streams[name])
        herds.append(
            replace(
                herd,
                states=asked.states,
                texts=tuple(texts.texts[i] for i in rows),
                lines=tuple(texts.lines[i] for i in rows),
                probabilities=answers[rows],
                keys=asked.keys,
                group=name,
                truth=truth[name],
            )
        )
    origin = "fitted for each herd on the labels of the other groups" if table is None else str(table)
    return HerdRun(
        texts.name, asked, tuple(herds), texts.skipped, costs, tie, seed, opened.name, likelihood=origin
    )


def sense(texts: Texts, asked: Questionnaire, sensor: Sensor, progress: bool = False) -> tuple[Texts, Floats]:
    """Ask a sensor about every text; leave out, with the reason, those that it cannot read.

    Returns
    -------
    Texts
        The texts that were read.
    ndarray, shape (n, K)
        Their probabilities of "yes".
    """
    kept: list[int] = []
    skipped = list(texts.skipped)
    answers = [np.empty((0, asked.n_questions))]
    bar = tqdm(total=len(texts), desc="reading", unit="text", file=sys.stderr, disable=not progress)
    with bar:
        for first in range(0, len(texts), TEXTS_PER_CALL):
            batch = list(range(first, min(first + TEXTS_PER_CALL, len(texts))))
            size = len(batch)
            while batch:
                try:
                    answers.append(sensor.probabilities([texts.texts[i] for i in batch], asked))
                    kept += batch
                    break
                except UnreadableText as error:
                    skipped.append(SkippedRow(texts.lines[batch[error.index]], error.reason))
                    del batch[error.index]
            bar.update(size)
    return (
        Texts(
            texts.name,
            tuple(texts.texts[i] for i in kept),
            tuple(texts.lines[i] for i in kept),
            tuple(texts.states[i] for i in kept),
            tuple(texts.groups[i] for i in kept),
            tuple(sorted(skipped, key=lambda row: row.line)),
        ),
        checks.probabilities(np.concatenate(answers), "answers of the sensor", allow_nan=True),
    )


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


def _truth(texts: Texts, rows: list[int]) -> int | None:
    known = [i for i in rows if texts.states[i] is not None]
    for i in known[1:]:
        if texts.states[i] != texts.states[known[0]]:
            raise ValueError(
                f"{texts.name}: line {texts.lines[known[0]]} has state {texts.states[known[0]]} and line "
                f"{texts.lines[i]} has state {texts.states[i]}, but a herd speaks of one thing; name a "
                "column of groups (the column of states itself will do)"
            )
    return texts.states[known[0]] if known else None


def _fit_elsewhere(bits: Floats, texts: Texts, name: str, asked: Questionnaire) -> Floats:
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
    return checks.stochastic_matrix(fit(bits[rows], states, n_states=asked.n_states).table, "likelihood")
