r"""What an answer tells about the state: p(y given x) from labelled answers to K yes-or-no questions.

Model. A text in state x gives K bits, b_k = 1 for yes. They are one observation, the integer
:math:`y = \sum_k b_k 2^k` in 0..2^K - 1. A bit is NaN where there was no answer; it is marginalised out
(its likelihood ratio is 1), never counted as a no. Answers are taken to be missing at random.

Methods.

* "counts": the share of each y among the texts in state x, with one text added to each cell (Laplace). It
  knows how answers hang together and needs many texts: 2^K numbers a state. Where bits are missing, the
  text is spread over the cells that agree with it in proportion to the current estimate, until nothing
  moves by 1e-10 (expectation maximisation).
* "bernoulli": the questions are independent given the state, K numbers a state, with half a yes and half a
  no added to each. Unanswered questions are left out. It is wrong when answers repeat each other, and then
  far too sure.
* "auto": the one that gives texts it has not seen the larger probability, by five-fold cross-validation
  with the states spread evenly over the folds.

Both keep every entry of the table positive, so that no answer ever excludes a state.

Reference. Laplace, *Essai philosophique sur les probabilites*, 1814; Dempster, Laird and Rubin, Journal of
the Royal Statistical Society B 39, 1977; Stone, same journal, 36, 1974 (choice by cross-validation).

>>> bits = [[1, 1], [1, 1], [1, 0], [0, 0], [0, 0], [0, 1]]
>>> model = fit(bits, states=[1, 1, 1, 0, 0, 0], method="counts")
>>> model.table.round(3)
array([[0.429, 0.143, 0.286, 0.143],
       [0.143, 0.286, 0.143, 0.429]])
>>> model.of([[1, float("nan")]]).round(3)
array([[0.286, 0.714]])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints

METHODS = ("auto", "counts", "bernoulli")
FOLDS = 5
MAX_QUESTIONS = 12
LAPLACE = 1.0
HALF = 0.5
EM_TOLERANCE = 1e-10
EM_STEPS = 10_000


@dataclass(frozen=True, eq=False)
class LikelihoodModel:
    """The likelihood of the answers to K questions.

    Attributes
    ----------
    table : ndarray, shape (X, 2**K)
        p(y given x); rows sum to one.
    method : {"counts", "bernoulli"}
        How it was estimated.
    scores : dict of str to float
        For "auto": mean log-probability (nats a text) that each method gave to unseen texts; else empty.
    """

    table: Floats
    method: str
    scores: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the table."""
        table = checks.stochastic_matrix(self.table, "table")
        if table.shape[1] & (table.shape[1] - 1):
            raise ValueError(
                f"table: has {table.shape[1]} columns; expected a power of two, one a pattern of bits"
            )
        table.setflags(write=False)
        object.__setattr__(self, "table", table)

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return int(self.table.shape[0])

    @property
    def n_questions(self) -> int:
        """Number of questions K."""
        return int(self.table.shape[1]).bit_length() - 1

    def of(self, bits: ArrayLike) -> Floats:
        """Return the probability of the given answers in each state, unanswered questions marginalised out.

        Parameters
        ----------
        bits : array_like, shape (n, K) or (K,)
            0, 1, or NaN for no answer.

        Returns
        -------
        ndarray, shape (n, X) or (X,)
            A row of ones where nothing was answered.

        Raises
        ------
        ValueError
            Naming the first bit that is neither 0, 1 nor NaN.

        Examples
        --------
        >>> model = LikelihoodModel([[0.4, 0.1, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4]], "counts")
        >>> model.of([[1, 1], [float("nan"), 1], [float("nan"), float("nan")]])
        array([[0.2, 0.4],
               [0.5, 0.7],
               [1. , 1. ]])
        """
        answers = _bits(np.atleast_2d(np.asarray(bits, dtype=np.float64)), self.n_questions)
        rows = _agrees(answers) @ self.table.T
        rows[np.isnan(answers).all(axis=1)] = 1.0
        return np.asarray(rows[0] if np.ndim(bits) == 1 else rows)


def fit(
    bits: ArrayLike,
    states: ArrayLike,
    n_states: int | None = None,
    method: str = "auto",
    rng: np.random.Generator | None = None,
) -> LikelihoodModel:
    """Return the likelihood estimated from labelled answers.

    Parameters
    ----------
    bits : array_like, shape (n, K)
        Answers: 1 yes, 0 no, NaN none.
    states : array_like of int, shape (n,)
        State of each text.
    n_states : int, optional
        X; by default one more than the largest state. A state without texts gets the smoothing alone.
    method : {"auto", "counts", "bernoulli"}
        See the module.
    rng : numpy.random.Generator, optional
        For "auto": shuffles the texts before they are dealt to the folds. None deals them in the order
        given, so that the result is the same every time.

    Returns
    -------
    LikelihoodModel

    Raises
    ------
    ValueError
        If a bit is neither 0, 1 nor NaN, a state is out of range, the lengths differ, or there are fewer
        than two texts to choose between methods with.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> states = rng.integers(0, 2, 400)
    >>> echo = (rng.random(400) < 0.2 + 0.6 * states).astype(float)  # the same answer three times
    >>> fit(np.stack([echo, echo, echo], axis=1), states).method
    'counts'
    """
    checks.one_of(method, "method", METHODS)
    answers = _bits(np.asarray(bits, dtype=np.float64))
    labels = checks.indices(states, "states", n_states or 2**31)
    if labels.shape != answers.shape[:1]:
        raise ValueError(
            f"states: has shape {labels.shape}; expected one state for each of {len(answers)} texts"
        )
    size = n_states or int(labels.max()) + 1
    if method != "auto":
        return LikelihoodModel(_ESTIMATORS[method](answers, labels, size), method)
    if len(answers) < 2:
        raise ValueError("method: 'auto' needs at least two texts; name 'counts' or 'bernoulli'")
    fold = _folds(labels, rng)
    scores = {}
    for name, estimate in _ESTIMATORS.items():
        held_out = np.empty(len(answers))
        for f in range(FOLDS):
            test = fold == f
            if test.any():
                model = LikelihoodModel(estimate(answers[~test], labels[~test], size), name)
                held_out[test] = np.log(model.of(answers[test])[np.arange(test.sum()), labels[test]])
        scores[name] = float(held_out.mean())
    best = max(scores, key=lambda name: scores[name])
    return LikelihoodModel(_ESTIMATORS[best](answers, labels, size), best, scores)


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
    flat = _bits(answers.reshape(-1, answers.shape[-1]) if answers.ndim else answers)
    missing = np.isnan(flat).any(axis=1)
    if missing.any():
        raise ValueError(
            f"bits: row {int(missing.argmax())} has no answer somewhere, so it is not one observation; "
            "use LikelihoodModel.of, which marginalises it out"
        )
    return np.asarray((flat @ 2.0 ** np.arange(flat.shape[1])).astype(np.int64).reshape(answers.shape[:-1]))


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


def _counts(answers: Floats, labels: Ints, n_states: int) -> Floats:
    agrees = _agrees(answers)
    member = np.equal.outer(np.arange(n_states), labels).astype(np.float64)  # (X, n)
    complete = agrees.sum(axis=1) == 1
    known = member[:, complete] @ agrees[complete] + LAPLACE
    table = known / known.sum(axis=1, keepdims=True)
    if complete.all():
        return np.asarray(table)
    for _ in range(EM_STEPS):
        share = agrees[~complete] * table[labels[~complete]]
        total = known + member[:, ~complete] @ (share / share.sum(axis=1, keepdims=True))
        before, table = table, total / total.sum(axis=1, keepdims=True)
        if np.abs(table - before).max() < EM_TOLERANCE:
            return np.asarray(table)
    raise ValueError(
        f"bits: expectation maximisation has not settled after {EM_STEPS} steps; use 'bernoulli'"
    )


def _bernoulli(answers: Floats, labels: Ints, n_states: int) -> Floats:
    member = np.equal.outer(np.arange(n_states), labels).astype(np.float64)  # (X, n)
    yes, no = member @ (answers == 1), member @ (answers == 0)  # (X, K)
    p = (yes + HALF) / (yes + no + 2 * HALF)
    every = patterns(answers.shape[1])
    table = np.exp(np.log(p) @ every.T + np.log1p(-p) @ (1 - every).T)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


_ESTIMATORS: dict[str, Callable[[Floats, Ints, int], Floats]] = {"counts": _counts, "bernoulli": _bernoulli}


def _folds(labels: Ints, rng: np.random.Generator | None) -> Ints:
    """Deal the texts to the folds state by state, so that each fold has its share of every state."""
    order = np.arange(len(labels)) if rng is None else rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold


def _agrees(answers: Floats) -> Floats:
    """Return whether each pattern y agrees with each row on the questions it answers, shape (n, 2**K)."""
    every = patterns(answers.shape[1])
    yes, no = np.nan_to_num(answers), np.nan_to_num(1 - answers)
    return np.asarray(yes @ (1 - every).T + no @ every.T == 0, dtype=np.float64)


def _bits(answers: Floats, n_questions: int | None = None) -> Floats:
    if answers.ndim != 2 or 0 in answers.shape:
        raise ValueError(
            f"bits: expected a table with a row a text and a column a question, got {answers.shape}"
        )
    if n_questions is not None and answers.shape[1] != n_questions:
        raise ValueError(f"bits: has {answers.shape[1]} questions; expected {n_questions}")
    if answers.shape[1] > MAX_QUESTIONS:
        raise ValueError(f"bits: has {answers.shape[1]} questions; a table holds at most {MAX_QUESTIONS}")
    bad = ~(np.isnan(answers) | (answers == 0) | (answers == 1))
    if bad.any():
        row, question = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"bits: row {row}, question {question} is {answers[row, question]:.12g}; expected 0, 1 or NaN"
        )
    return answers
