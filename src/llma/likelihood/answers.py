r"""Answers to K yes-or-no questions: their numbering, their checks, and what a sample of them holds.

One text gives K bits, b_k = 1 for yes. Together they are one observation, the integer
:math:`y = \sum_k b_k 2^k` in 0..2^K - 1. A bit is NaN where there was no answer. A row with missing bits
is the *set* of the observations that agree with it, and every method takes the probability of that set, so a
question without an answer is summed out and never counted as a no.

`Evidence` is what is left of a sample once order is forgotten: how often each complete observation occurred
in each state, and each distinct incomplete row with its state and number.

>>> encode([[1, 0, 1], [0, 1, 1]])
array([5, 6])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints

MAX_QUESTIONS = 12
"""The largest K: a table has 2^K columns, and sums over all of them are exact."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Answers of labelled texts, tallied.

    Attributes
    ----------
    counts : ndarray, shape (X, 2**K)
        Texts of each state with each complete observation.
    agrees : ndarray of bool, shape (m, 2**K)
        Distinct incomplete rows: which observations agree with each.
    labels : ndarray of int64, shape (m,)
        Their states.
    weights : ndarray, shape (m,)
        How many texts gave that row in that state.
    """

    counts: Floats
    agrees: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    labels: Ints
    weights: Floats

    @property
    def n_texts(self) -> float:
        """Number of texts."""
        return float(self.counts.sum() + self.weights.sum())

    @property
    def n_questions(self) -> int:
        """Number of questions K."""
        return int(self.counts.shape[1]).bit_length() - 1

    def of_state(self, x: int) -> Evidence:
        """Return the evidence of state x alone, as a sample with one state."""
        here = self.labels == x
        zeros = np.zeros(int(here.sum()), dtype=np.int64)
        return Evidence(self.counts[x : x + 1], self.agrees[here], zeros, self.weights[here])


def tally(answers: Floats, labels: Ints, n_states: int) -> Evidence:
    """Return the evidence in checked answers, shape (n, K), with states, shape (n,).

    Examples
    --------
    >>> sample = tally(np.array([[1.0], [1.0], [np.nan]]), np.array([0, 1, 1]), 2)
    >>> sample.counts, sample.labels, sample.weights
    (array([[0., 1.],
           [0., 1.]]), array([1]), array([1.]))
    """
    complete = ~np.isnan(answers).any(axis=1)
    counts = np.zeros((n_states, 2 ** answers.shape[1]))
    np.add.at(counts, (labels[complete], _number(answers[complete])), 1.0)
    coded = np.column_stack([labels[~complete], np.where(np.isnan(answers), 2, answers)[~complete]])
    distinct, weights = np.unique(coded, axis=0, return_counts=True)
    rows = np.where(distinct[:, 1:] == 2, np.nan, distinct[:, 1:])
    return Evidence(counts, agreement(rows), distinct[:, 0].astype(np.int64), weights.astype(np.float64))


def patterns(n_questions: int) -> Floats:
    """Return all answers to K questions in the order of y, shape (2**K, K).

    Examples
    --------
    >>> patterns(2)
    array([[0., 0.],
           [1., 0.],
           [0., 1.],
           [1., 1.]])
    """
    return np.asarray(np.arange(2**n_questions)[:, None] >> np.arange(n_questions) & 1, dtype=np.float64)


def encode(bits: ArrayLike) -> Ints:
    """Return the observation y, the sum of bit_k 2^k, of each row of complete answers.

    Parameters
    ----------
    bits : array_like, shape (..., K)
        0 or 1.

    Returns
    -------
    ndarray of int64, shape (...)

    Raises
    ------
    ValueError
        If a bit is missing: the row is then not one observation; use `LikelihoodModel.of`.

    Examples
    --------
    >>> encode([[1, 0, 1], [0, 1, 1]])
    array([5, 6])
    """
    answers = np.asarray(bits, dtype=np.float64)
    flat = check_bits(answers.reshape(-1, answers.shape[-1]) if answers.ndim else answers)
    missing = np.isnan(flat).any(axis=1)
    if missing.any():
        raise ValueError(
            f"bits: row {int(missing.argmax())} has no answer somewhere, so it is not one observation; "
            "use LikelihoodModel.of, which marginalises it out"
        )
    return np.asarray(_number(flat).reshape(answers.shape[:-1]))


def agreement(answers: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return whether each observation agrees with each row on the questions it answers, shape (n, 2**K).

    Examples
    --------
    >>> agreement(np.array([[np.nan, 1.0]]))
    array([[False, False,  True,  True]])
    """
    every = patterns(answers.shape[1])
    yes, no = np.nan_to_num(answers), np.nan_to_num(1 - answers)
    return np.asarray(yes @ (1 - every).T + no @ every.T == 0)


def check_sample(bits: ArrayLike, states: ArrayLike, n_states: int | None) -> tuple[Floats, Ints, int]:
    """Return answers, shape (n, K), states, shape (n,), and X, or refuse them.

    Raises
    ------
    ValueError
        If a bit is neither 0, 1 nor NaN, there are more than `MAX_QUESTIONS` questions, a state is out of
        range, or the lengths differ.

    Examples
    --------
    >>> check_sample([[1], [0]], [0, 2], n_states=2)
    Traceback (most recent call last):
    ...
    ValueError: states: entry 1 is 2; expected an integer in 0..1
    """
    answers = check_bits(np.asarray(bits, dtype=np.float64))
    if n_states is not None and n_states < 1:
        raise ValueError(f"n_states: is {n_states}; expected at least one state")
    labels = checks.indices(states, "states", n_states or 2**31)
    if labels.shape != answers.shape[:1]:
        raise ValueError(
            f"states: has shape {labels.shape}; expected one state for each of {len(answers)} texts"
        )
    return answers, labels, n_states or int(labels.max()) + 1


def check_bits(answers: Floats, n_questions: int | None = None) -> Floats:
    """Return a table of answers, shape (n, K), or refuse it, naming the first bad bit.

    Examples
    --------
    >>> check_bits(np.array([[0.5]]))
    Traceback (most recent call last):
    ...
    ValueError: bits: row 0, question 0 is 0.5; expected 0, 1 or NaN
    """
    if answers.ndim != 2 or 0 in answers.shape:
        raise ValueError(
            f"bits: expected a table with a row a text and a column a question, got {answers.shape}"
        )
    if n_questions is not None and answers.shape[1] != n_questions:
        raise ValueError(f"bits: has {answers.shape[1]} questions; expected {n_questions}")
    if answers.shape[1] > MAX_QUESTIONS:
        raise ValueError(
            f"bits: has {answers.shape[1]} questions; a table holds at most {MAX_QUESTIONS}, because it has "
            "2**K columns. Keep the questions that tell the states apart best"
        )
    bad = ~(np.isnan(answers) | (answers == 0) | (answers == 1))
    if bad.any():
        row, question = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"bits: row {row}, question {question} is {answers[row, question]:.12g}; expected 0, 1 or NaN"
        )
    return answers


def _number(answers: Floats) -> Ints:
    return np.asarray((answers @ 2.0 ** np.arange(answers.shape[1])).astype(np.int64))
