"""From a plan to herds: sense, draw, learn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from llma import checks
from llma.checks import Floats
from llma.data import SkippedRow, Texts
from llma.herd import report
from llma.herd.learn import Herd, learn
from llma.herd.planning import Plan, labelled_elsewhere, members, plan, some, truth
from llma.likelihood import fit
from llma.sensing.questions import Questionnaire, UnreadableText
from llma.sensing.sensor import Sensor, draw

TEXTS_PER_CALL = 16


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
    ready = plan(
        source,
        questions,
        prior,
        cost,
        tie,
        likelihood=likelihood,
        sensor=sensor,
        group=group,
        text=text,
        state=state,
        encoding=encoding,
    )
    return perform(ready, seed, progress)


def perform(ready: Plan, seed: int = 0, progress: bool = False) -> HerdRun:
    """Carry out a plan: sense, draw, learn.

    Parameters
    ----------
    ready : Plan
        See `llma.herd.planning.plan`.
    seed, progress
        As in `run`.

    Returns
    -------
    HerdRun

    Raises
    ------
    ValueError
        When the sensor can read no text, or too few labels for a likelihood.
    """
    asked, card = ready.questionnaire, ready.likelihood
    texts, answers = sense(ready.texts, asked, ready.sensor, progress)
    groups = members(some(texts))
    streams = dict(zip(groups, np.random.default_rng(seed).spawn(len(groups)), strict=True))
    bits = np.empty_like(answers)
    for name, rows in groups.items():
        bits[rows] = draw(answers[rows], streams[name])
    herds = []
    for name, rows in groups.items():
        if card is None:
            elsewhere, states = labelled_elsewhere(texts, name, asked)
            table = fit(bits[elsewhere], states, n_states=asked.n_states).table
        else:
            table = card.table
        herd = learn(bits[rows], table, ready.prior, ready.cost, tie=ready.tie, rng=streams[name])
        herds.append(
            replace(
                herd,
                states=asked.states,
                texts=tuple(texts.texts[i] for i in rows),
                lines=tuple(texts.lines[i] for i in rows),
                probabilities=answers[rows],
                keys=asked.keys,
                group=name,
                truth=truth(texts, rows),
            )
        )
    origin = "fitted for each herd on the labels of the other groups" if card is None else str(card)
    return HerdRun(
        texts.name,
        asked,
        tuple(herds),
        texts.skipped,
        ready.cost,
        ready.tie,
        seed,
        ready.sensor.name,
        likelihood=origin,
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
    announce = getattr(sensor, "announce", None)
    if announce is not None:
        # Once for all texts, not once for each batch.
        announce(texts.texts, asked)
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
