r"""Texts: a reader's own file, the shipped sample, and how a text is shown.

A file is a CSV with a header line. One column holds the texts. Two more are optional: the *state*, that is
the truth about what the texts speak of, and the *group*, for instance the product. All other columns are
left alone.

Reading is strict about the file and patient with its rows. What makes the whole file doubtful (no such
column, an encoding that is not what it claims) is an error. A row that cannot be used is left out, and its
line number and the reason are kept:

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> path = pathlib.Path(folder.name) / "mine.csv"
>>> _ = path.write_text('text,state\nBroke at once.,0\n,1\n"Two\nlines",bad product\nFine.,maybe\n')
>>> found = read_texts(path, states=("bad product", "good product"))
>>> found.texts, found.states, found.lines
(('Broke at once.', 'Two\nlines'), (0, 0), (2, 4))
>>> for row in found.skipped:
...     print(row)
line 3: the text is empty
line 6: state 'maybe' is neither a number from 0 to 1 nor one of 'bad product', 'good product'
>>> folder.cleanup()

Cleaning changes as little as possible: white space at both ends goes, line ends become \n, and letters with
accents get one spelling (Unicode NFC), so that equal texts are equal. Control characters stay in the text,
because the model should read what was written; `shown` makes them visible and harmless on a screen.

The shipped sample was written by hand for this book, without looking at what the embedded model was trained
on; see `datasets/README.md`. So that pages need no language model, one recording ships too: what the embedded
model answered about reviews of its grammar after their first n tokens (`load_reading`). And one
table of counts of another model's answers, published with the paper (`load_published_counts`).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llma.rows import Row, read_rows
from llma.sensing.questions import Questionnaire, questionnaire

DATASETS = Path(__file__).parent / "datasets"
SAMPLES = {"product_review": "reviews.csv", "comment_hostility": "comments.csv", "financial_news": "news.csv"}
# Control, format (invisible or direction-changing), surrogate, private, unassigned; line, paragraph breaks.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class SkippedRow:
    """A row that was left out: its line in the file, counted from 1, and the reason."""

    line: int
    reason: str

    def __str__(self) -> str:
        """Return the line and the reason."""
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Texts:
    """Texts with what is known about them, and the rows that were left out.

    Parameters
    ----------
    name : str
        Where they come from.
    texts : tuple of n str
    lines : tuple of n int
        Line of the file on which each text begins.
    states : tuple of n (int or None)
        The true state, None where it is not known.
    groups : tuple of n str
        The group, "" where there are no groups.
    skipped : tuple of SkippedRow

    Raises
    ------
    ValueError
        When the columns have different lengths.

    Examples
    --------
    >>> len(Texts("two", ("a", "b"), (1, 2), (None, 1), ("", "")))
    2
    """

    name: str
    texts: tuple[str, ...]
    lines: tuple[int, ...]
    states: tuple[int | None, ...]
    groups: tuple[str, ...]
    skipped: tuple[SkippedRow, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is one of everything for each text."""
        for column in ("lines", "states", "groups"):
            if len(getattr(self, column)) != len(self.texts):
                raise ValueError(
                    f"{self.name}: {len(self.texts)} texts, but {len(getattr(self, column))} {column}"
                )

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)


def clean(text: str) -> str:
    r"""Strip a text, spell its line ends \n and its accents in one way (NFC).

    Raises
    ------
    ValueError
        When nothing is left, or when the text holds half of a character (a lone surrogate).

    Examples
    --------
    >>> clean("  Cafe\u0301\r\nopen ")
    'Café\nopen'
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise ValueError("the text is empty")
    for place, letter in enumerate(text):
        if unicodedata.category(letter) == "Cs":
            raise ValueError(f"character {place} is {letter!r}, half of a character; write the text anew")
    return text


def shown(text: str, width: int | None = None) -> str:
    r"""Return a text as it may be shown: on one line, with control characters spelt out.

    A text of a stranger may hold codes that move the cursor, change the colours of a terminal or reverse the
    direction of writing. Each becomes its escape code.

    Parameters
    ----------
    text : str
    width : int, optional
        Longer results are cut and end in "…".

    Returns
    -------
    str

    Examples
    --------
    >>> print(shown("red: \x1b[31m\nend"), shown("abcdef", 4))
    red: \x1b[31m end abc…
    """
    letters = (
        " "
        if letter in "\n\r\t"
        else letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in UNSEEN
        else letter
        for letter in text
    )
    line = "".join(letters)
    return line if width is None or len(line) <= width else line[: max(width - 1, 0)] + "…"


def read_texts(
    path: str | Path,
    *,
    text: str = "text",
    state: str | None = "state",
    group: str | None = None,
    states: Sequence[str] | None = None,
    encoding: str = "utf-8",
) -> Texts:
    """Read a reader's file.

    Parameters
    ----------
    path : str or Path
        A CSV file with a header line. Columns are separated by commas, semicolons or tabs: the header tells.
        A byte order mark, and line ends inside quotation marks, are understood.
    text : str
        The column of the texts.
    state : str, optional
        The column of the true states, if the file has it: a number from 0 to X - 1, a name of a state, or
        an empty cell.
    group : str, optional
        The column of the groups. It must exist if it is named.
    states : sequence of X str, optional
        Names of the states. Without them the column of the states is not read.
    encoding : str
        "utf-8" unless you know better.

    Returns
    -------
    Texts

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is empty, is not in the encoding, or lacks a column. The message names the remedy.

    Examples
    --------
    >>> found = read_texts(DATASETS / "reviews.csv", states=("bad", "good"))
    >>> len(found), found.lines[0], len(found.skipped)
    (40, 2, 0)
    """
    path = Path(path)
    rows = read_rows(path, encoding)
    header = next(rows)
    names = [name.strip() for name in header.cells]
    _require(path, names, text)
    if group is not None:
        _require(path, names, group)
    has_state = state is not None and states is not None and state in names
    kept: list[tuple[str, int, int | None, str]] = []
    skipped: list[SkippedRow] = []
    for row in rows:
        try:
            cells = _cells(row, names)
            value = _state(cells[str(state)], states or ()) if has_state else None
            label = "" if group is None else clean_label(cells[group], group)
            kept.append((clean(cells[text]), row.line, value, label))
        except ValueError as error:
            skipped.append(SkippedRow(row.line, str(error)))
    if not kept and not skipped:
        raise ValueError(f"{path} has a header but no rows; add one text a line")
    columns = list(zip(*kept, strict=True)) if kept else [(), (), (), ()]
    return Texts(path.name, columns[0], columns[1], columns[2], columns[3], tuple(skipped))


def clean_label(label: str, column: str) -> str:
    """Return the name of a group without white space at its ends; an empty one is a ValueError."""
    if not label.strip():
        raise ValueError(f"the cell of column {column!r} is empty; name the group")
    return unicodedata.normalize("NFC", label.strip())


def _require(path: Path, names: list[str], wanted: str) -> None:
    if wanted not in names:
        there = ", ".join(repr(shown(name, 40)) for name in names)
        raise ValueError(f"{path} has no column {wanted!r}; its header has {there}")


def _cells(row: Row, names: list[str]) -> dict[str, str]:
    if row.trouble:
        raise ValueError(row.trouble)
    if len(row.cells) != len(names):
        raise ValueError(
            f"the row has {len(row.cells)} cells and the header has {len(names)}; "
            "put a text that contains the separator in quotation marks"
        )
    return dict(zip(names, row.cells, strict=True))


def _state(cell: str, names: Sequence[str]) -> int | None:
    cell = cell.strip()
    if not cell:
        return None
    known = {str(i): i for i in range(len(names))} | {name.casefold(): i for i, name in enumerate(names)}
    if cell.casefold() not in known:
        raise ValueError(
            f"state {shown(cell, 40)!r} is neither a number from 0 to {len(names) - 1} nor one of "
            + ", ".join(repr(name) for name in names)
        )
    return known[cell.casefold()]


@dataclass(frozen=True, eq=False)
class Sample:
    """The shipped texts for one questionnaire, with states and answers.

    Parameters
    ----------
    questionnaire : Questionnaire
    texts : tuple of n str
    states : ndarray of int, shape (n,)
    answers : ndarray of float, shape (n, K)
        1 yes, 0 no, NaN where the text does not say.

    Raises
    ------
    ValueError
        When shapes disagree or a value is out of range.
    """

    questionnaire: Questionnaire
    texts: tuple[str, ...]
    states: NDArray[np.int64]
    answers: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check shapes and ranges."""
        n, k = len(self.texts), self.questionnaire.n_questions
        if self.states.shape != (n,) or self.answers.shape != (n, k):
            raise ValueError(
                f"{n} texts need states of shape ({n},) and answers of shape ({n}, {k}); "
                f"got {self.states.shape} and {self.answers.shape}"
            )
        if n and not (0 <= self.states.min() and self.states.max() < self.questionnaire.n_states):
            raise ValueError(f"states must lie in 0..{self.questionnaire.n_states - 1}")
        wrong = ~(np.isnan(self.answers) | (self.answers == 0) | (self.answers == 1))
        if wrong.any():
            i, k = np.argwhere(wrong)[0]
            raise ValueError(f"answer {k} of text {i} is {self.answers[i, k]}; it must be 0, 1 or NaN")


def load_sample(name: str = "product_review") -> Sample:
    """Load the shipped, hand-written texts for a questionnaire.

    Raises
    ------
    ValueError
        When there is no such questionnaire, or when a row of the file is damaged.

    Examples
    --------
    >>> sample = load_sample("product_review")
    >>> len(sample.texts), sample.answers.shape, sample.states[:3].tolist()
    (40, (40, 4), [0, 1, 1])
    """
    asked = questionnaire(name)
    path = DATASETS / SAMPLES[name]
    found = read_texts(path, states=asked.states)
    if found.skipped:
        raise ValueError(f"{path}, {found.skipped[0]}")
    rows = list(read_rows(path, "utf-8"))
    column = {key: rows[0].cells.index(key) for key in asked.keys}
    answers = [[float(row.cells[column[key]] or "nan") for key in asked.keys] for row in rows[1:]]
    states = [-1 if state is None else state for state in found.states]
    return Sample(asked, found.texts, np.array(states, dtype=np.int64), np.array(answers))


@dataclass(frozen=True, eq=False)
class RecordedReading:
    """What the embedded model answered about each review after its first n tokens.

    Parameters
    ----------
    texts : tuple of T str
        Reviews from the grammar of `training/`, none of them seen in training.
    states : ndarray of int, shape (T,)
        0 bad product, 1 good product.
    answers : ndarray of int, shape (T, K)
        The true answers to the questions of `PRODUCT_REVIEW`: what the grammar drew, mentioned or not.
    lengths : ndarray of int, shape (T,)
        Tokens of each text.
    budgets : tuple of N int
        The numbers n of tokens that were read.
    probabilities : ndarray of float, shape (T, N + 1, K)
        P(yes) after each budget; the last entry is that after the whole text. Stored in half precision.
    weights : str
        The sha256 of the weights that answered.

    Raises
    ------
    ValueError
        When shapes disagree.
    """

    texts: tuple[str, ...]
    states: NDArray[np.int64]
    answers: NDArray[np.int64]
    lengths: NDArray[np.int64]
    budgets: tuple[int, ...]
    probabilities: NDArray[np.float64]
    weights: str

    def __post_init__(self) -> None:
        """Check shapes."""
        n, k = len(self.texts), self.answers.shape[-1]
        shapes = {
            "states": (n,),
            "answers": (n, k),
            "lengths": (n,),
            "probabilities": (n, len(self.budgets) + 1, k),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(
                    f"{name}: {n} texts, {len(self.budgets)} budgets and {k} questions need shape {shape}; "
                    f"got {getattr(self, name).shape}"
                )

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)


def load_reading(path: str | Path = DATASETS / "reading.npz") -> RecordedReading:
    """Load the recorded answers after the first n tokens; `training/reading.py` makes the file.

    Parameters
    ----------
    path : str or Path
        By default the file that ships with the package.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When shapes disagree.

    Examples
    --------
    >>> reading = load_reading()
    >>> reading.budgets, reading.probabilities.shape
    ((4, 8, 12, 16, 24, 32, 48), (4000, 8, 4))
    >>> bool((reading.lengths > 0).all()), len(reading.weights)
    (True, 64)
    """
    with np.load(path, allow_pickle=False) as stored:
        return RecordedReading(
            tuple(stored["texts"].tobytes().decode("utf-8").split("\n")),
            stored["states"].astype(np.int64),
            stored["answers"].astype(np.int64),
            stored["lengths"].astype(np.int64),
            tuple(stored["budgets"].tolist()),
            stored["probabilities"].astype(np.float64),
            stored["weights"].tobytes().hex(),
        )


@dataclass(frozen=True, eq=False)
class PublishedCounts:
    """How a language model answered about comments of known hostility, published as a table, here as counts.

    Parameters
    ----------
    states : tuple of X str
        Levels of hostility, from low to high.
    actions : tuple of U str
        What counts as an action: the last of the first five questions answered yes, or none.
    questions : tuple of K str
    counts : ndarray of int, shape (X, U)
        Comments by state and action.
    yes : ndarray of int, shape (X, K)
        Comments of each state about which the answer to each question was yes.
    comments_per_state : int
    source : str
        Who asked what, and where the table stands.

    Raises
    ------
    ValueError
        When shapes disagree, or counts do not add up to the comments of a state.
    """

    states: tuple[str, ...]
    actions: tuple[str, ...]
    questions: tuple[str, ...]
    counts: NDArray[np.int64]
    yes: NDArray[np.int64]
    comments_per_state: int
    source: str

    def __post_init__(self) -> None:
        """Check shapes and sums."""
        shapes = {
            "counts": (len(self.states), len(self.actions)),
            "yes": (len(self.states), len(self.questions)),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: has shape {getattr(self, name).shape}; the names need {shape}")
        off = np.flatnonzero(self.counts.sum(axis=1) != self.comments_per_state)
        if off.size:
            raise ValueError(
                f"counts: state {off[0]} has {self.counts[off[0]].sum()} comments; "
                f"expected {self.comments_per_state}"
            )
        wrong = (self.yes < 0) | (self.yes > self.comments_per_state)
        if wrong.any():
            x, k = np.argwhere(wrong)[0]
            raise ValueError(f"yes: entry ({x}, {k}) is {self.yes[x, k]}, not a number of comments")


def load_published_counts(path: str | Path = DATASETS / "authors_counts.json") -> PublishedCounts:
    """Load the counts of the answers of Mistral-7B-Instruct that were published with the paper.

    Parameters
    ----------
    path : str or Path
        By default the file that ships with the package.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When counts do not add up.

    Examples
    --------
    >>> published = load_published_counts()
    >>> published.counts[0].tolist(), published.comments_per_state  # kind comments: 35 of 40 raise no flag
    ([35, 2, 0, 2, 1, 0], 40)
    """
    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    return PublishedCounts(
        tuple(stored["states"]),
        tuple(stored["actions"]),
        tuple(stored["questions"]),
        np.array(stored["action_counts_by_state"], dtype=np.int64),
        np.array(stored["yes_counts_by_state"], dtype=np.int64),
        int(stored["comments_per_state"]),
        str(stored["source"]),
    )
