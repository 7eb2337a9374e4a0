"""The shipped, hand-written texts, one file a questionnaire, with states and answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llma.data.files import read_texts
from llma.rows import read_rows
from llma.sensing.questions import Questionnaire, questionnaire

DATASETS = Path(__file__).parents[1] / "datasets"
SAMPLES = {"product_review": "reviews.csv", "comment_hostility": "comments.csv", "financial_news": "news.csv"}


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
