"""Recordings that ship with the book, so that pages need no language model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llma.data.sample import DATASETS


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
    sheets : ndarray of int, shape (X, 2**K)
        Comments by state and by all answers at once, as the sum of 2^k over the questions k answered yes.

    Raises
    ------
    ValueError
        When shapes disagree, or counts do not add up to the comments of a state or to the answers.
    """

    states: tuple[str, ...]
    actions: tuple[str, ...]
    questions: tuple[str, ...]
    counts: NDArray[np.int64]
    yes: NDArray[np.int64]
    comments_per_state: int
    source: str
    sheets: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check shapes and sums."""
        shapes = {
            "counts": (len(self.states), len(self.actions)),
            "yes": (len(self.states), len(self.questions)),
            "sheets": (len(self.states), 2 ** len(self.questions)),
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
        answers = np.arange(self.sheets.shape[1])[:, None] >> np.arange(len(self.questions)) & 1
        differs = self.sheets @ answers != self.yes
        if differs.any():
            x, k = np.argwhere(differs)[0]
            raise ValueError(
                f"sheets: in state {x} they hold {(self.sheets @ answers)[x, k]} yes to question {k}; "
                f"yes says {self.yes[x, k]}"
            )


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
    sheets = np.zeros((len(stored["states"]), 2 ** len(stored["questions"])), dtype=np.int64)
    for sheet, by_state in stored["sheet_counts_by_state"].items():
        sheets[:, int(sheet)] = by_state
    return PublishedCounts(
        tuple(stored["states"]),
        tuple(stored["actions"]),
        tuple(stored["questions"]),
        np.array(stored["action_counts_by_state"], dtype=np.int64),
        np.array(stored["yes_counts_by_state"], dtype=np.int64),
        int(stored["comments_per_state"]),
        str(stored["source"]),
        sheets,
    )
