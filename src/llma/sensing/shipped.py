"""The likelihood that ships with the embedded model: p(answers given state), fitted once, with its origin.

A reader whose texts carry no labels still needs a likelihood to turn answers into beliefs. The file
`likelihood.json` beside the weights holds one for each questionnaire: a table with one row a state and one
column an observation, the method of the fit, and the number and kind of the texts. It is only as good as
those texts are like yours, and it belongs to the embedded model alone: another model answers otherwise.

>>> from llma.sensing.questions import PRODUCT_REVIEW
>>> card = shipped_likelihood(PRODUCT_REVIEW)
>>> card.table.shape
(2, 16)

A file of your own has the same shape, a JSON object with one entry per questionnaire:

    {"product_review": {"states": ["bad product", "good product"], "table": [[...], [...]],
                        "method": "counts", "n": 400, "source": "reviews that we labelled"}}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from llma import checks
from llma.checks import Floats
from llma.sensing.questions import Questionnaire
from llma.sensing.tiny import WEIGHTS

# Decimals in a file are rounded. Up to this distance from one a row is rescaled, beyond it is a mistake.
ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class LikelihoodCard:
    """A likelihood with what a reader must know before trusting it.

    Parameters
    ----------
    table : ndarray, shape (X, Y)
        p(y given x); rows sum to one.
    method : str
        How it was fitted.
    n : int
        Number of texts.
    source : str
        Which texts.

    Examples
    --------
    >>> print(LikelihoodCard(np.eye(2), "counts", 30, "our own texts"))
    counts, 30 texts: our own texts
    """

    table: Floats
    method: str
    n: int
    source: str

    def __post_init__(self) -> None:
        """Check the table."""
        object.__setattr__(self, "table", checks.stochastic_matrix(self.table, "likelihood"))

    def __str__(self) -> str:
        """Return method, number of texts and origin on one line."""
        size = f", {self.n} texts" if self.n else ""
        return f"{self.method}{size}: {self.source}"


def read_likelihood(path: str | Path, asked: Questionnaire) -> LikelihoodCard:
    """Read the likelihood of a questionnaire from a JSON file.

    Parameters
    ----------
    path : str or Path
    asked : Questionnaire

    Returns
    -------
    LikelihoodCard

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is no JSON, has no entry for the questionnaire, or differs from the questionnaire in
        states, questions or shape.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON file: {error}") from error
    if not isinstance(entries, dict) or not isinstance(entries.get(asked.name), dict):
        raise ValueError(
            f"{path} has no entry {asked.name!r}; fit the likelihood of that questionnaire first"
        )
    entry: dict[str, Any] = entries[asked.name]
    place = f"{path}, {asked.name!r}"
    for field in ("states", "table"):
        if field not in entry:
            raise ValueError(f"{place}: the field {field!r} is missing")
    for field, ours in (("states", asked.states), ("questions", asked.keys)):
        if tuple(entry.get(field, ours)) != ours:
            raise ValueError(f"{place}: {field} are {entry[field]}, the questionnaire has {list(ours)}")
    table = checks.real_array(entry["table"], f"{place}: table", ndim=2)
    if table.shape != (asked.n_states, asked.n_observations):
        raise ValueError(
            f"{place}: the table has shape {table.shape}; "
            f"{asked.n_states} states and {asked.n_questions} questions need "
            f"({asked.n_states}, {asked.n_observations})"
        )
    total = table.sum(axis=1, keepdims=True)
    if (np.abs(total - 1) <= ROUNDING).all():
        table = table / total
    return LikelihoodCard(
        checks.stochastic_matrix(table, f"{place}: table"),
        str(entry.get("method", "unknown method")),
        int(entry.get("n", 0)),
        str(entry.get("source", "unknown source")),
    )


def shipped_likelihood(asked: Questionnaire) -> LikelihoodCard:
    """Return the likelihood that ships with the embedded model.

    Raises
    ------
    ValueError
        When there is none for this questionnaire.

    Examples
    --------
    >>> from llma.sensing.questions import PRODUCT_REVIEW
    >>> bool((shipped_likelihood(PRODUCT_REVIEW).table > 0).all())
    True
    """
    return read_likelihood(WEIGHTS / "likelihood.json", asked)
