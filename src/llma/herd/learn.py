r"""The protocol over observations that were made: beliefs, actions, and where the cascade begins.

`llma.social` knows the law of the protocol. This module runs it once, on bits that a sensor drew from real
texts, some of which may be missing.

A missing bit is summed out of the likelihood: with the set A of answered questions,
$B^A_{x, a} = \sum_{y: y_A = a} B_{xy}$. An agent with answers to A acts and is read with the table $B^A$.
The herd is said to be in a cascade when even an agent with all K answers would not be moved; then an agent
with fewer is not moved either, because its private belief is a mixture of theirs.

>>> learn(
...     bits=[[1.0], [1.0], [np.nan], [0.0]],
...     likelihood=[[0.6, 0.4], [0.3, 0.7]], prior=[0.5, 0.5], cost=regrets(1, 1, 2),
... ).beliefs[:, 1].round(3).tolist()
[0.5, 0.636, 0.754, 0.754, 0.754]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import bayes, checks
from llma.checks import Floats, Ints
from llma.social import SocialLearning


@dataclass(frozen=True, eq=False)
class Herd:
    """One run of the protocol with n agents, X states and K questions.

    Attributes
    ----------
    bits : ndarray, shape (n, K)
        Answers: 0, 1 or NaN.
    private : ndarray, shape (n, X)
        Private belief of each agent, after its own observation.
    actions : ndarray of int, shape (n,)
    beliefs : ndarray, shape (n + 1, X)
        Public beliefs; row 0 is the prior, row k + 1 holds after the action of agent k.
    cascade_start : int
        Index of the first agent in a cascade, -1 if there is none.
    likelihood : ndarray, shape (X, 2**K)
        The table that the herd used.
    states : tuple of X str
        Names of the states, which are also the names of the actions.
    texts : tuple of n str
    lines : tuple of n int
        Where the texts stand in the file.
    probabilities : ndarray, shape (n, K)
        What the sensor said.
    keys : tuple of K str
    group : str
        Name of the herd, "" if there are no groups.
    truth : int or None
        The true state, if it is known.
    """

    bits: Floats
    private: Floats
    actions: Ints
    beliefs: Floats
    cascade_start: int
    likelihood: Floats
    states: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    probabilities: Floats | None = None
    keys: tuple[str, ...] = ()
    group: str = ""
    truth: int | None = None

    def __post_init__(self) -> None:
        """Check the lengths against each other."""
        n = len(self.actions)
        if self.beliefs.shape != (n + 1, self.private.shape[1]) or len(self.private) != n:
            raise ValueError(
                f"{n} agents need beliefs of shape ({n + 1}, X) and private beliefs of shape ({n}, X); "
                f"got {self.beliefs.shape} and {self.private.shape}"
            )
        if not -1 <= self.cascade_start < n:
            raise ValueError(f"cascade_start is {self.cascade_start}; it must be -1 or one of the {n} agents")

    def in_cascade(self, agent: int) -> bool:
        """Whether the agent with this index acts in a cascade."""
        return 0 <= self.cascade_start <= agent


def regrets(over: float, under: float, n_states: int) -> Floats:
    r"""Return the cost $c(x, u) = a (u - x)^+ + b (x - u)^+$ of guessing state u when it is x.

    Parameters
    ----------
    over : float
        a, the cost of each step by which the guess is too high.
    under : float
        b, the cost of each step by which it is too low.
    n_states : int

    Returns
    -------
    ndarray, shape (X, X)

    Raises
    ------
    ValueError
        When a cost is not positive.

    Examples
    --------
    >>> regrets(1, 3, 2)
    array([[0., 1.],
           [3., 0.]])
    """
    if not (np.isfinite([over, under]).all() and min(over, under) > 0):
        raise ValueError(f"the costs are {over:g} and {under:g}; both must be positive numbers")
    gap = np.arange(n_states)[None, :] - np.arange(n_states)[:, None]  # (X, U): u - x
    return np.where(gap > 0, over * gap, -under * gap) + 0.0


def marginal(likelihood: ArrayLike, answered: ArrayLike) -> Floats:
    """Sum the unanswered questions out of a likelihood.

    Parameters
    ----------
    likelihood : array_like, shape (X, 2**K)
    answered : array_like of bool, shape (K,)

    Returns
    -------
    ndarray, shape (X, 2**A)
        A is the number of answered questions; they keep their order.

    Raises
    ------
    ValueError
        When the table does not have 2**K columns.

    Examples
    --------
    >>> marginal([[0.1, 0.2, 0.3, 0.4]], [False, True])
    array([[0.3, 0.7]])
    """
    table = checks.stochastic_matrix(likelihood, "likelihood")
    seen = np.asarray(answered, dtype=bool)
    if table.shape[1] != 2**seen.size:
        raise ValueError(
            f"likelihood: has {table.shape[1]} columns; {seen.size} questions need {2**seen.size}"
        )
    # Axis K - k of this cube is bit k, because bit 0 is the lowest of the column number.
    cube = table.reshape(-1, *([2] * seen.size))
    unseen = tuple(int(seen.size - k) for k in np.flatnonzero(~seen))
    return np.asarray(cube.sum(axis=unseen)).reshape(len(table), -1)


def learn(
    bits: ArrayLike,
    likelihood: ArrayLike,
    prior: ArrayLike,
    cost: ArrayLike,
    *,
    tie: str = "low",
    rng: np.random.Generator | None = None,
) -> Herd:
    """Run the protocol once over given observations.

    Parameters
    ----------
    bits : array_like, shape (n, K)
        Row k is what agent k observes: 0, 1, or NaN for no answer.
    likelihood : array_like, shape (X, 2**K)
    prior : array_like, shape (X,)
    cost : array_like, shape (X, U)
    tie : str
        Tie rule of `llma.social.SocialLearning`. An agent without any answer has no signal to follow and
        takes the lowest index.
    rng : numpy.random.Generator, optional
        Needed for the tie rule "coin".

    Returns
    -------
    Herd

    Raises
    ------
    ValueError
        When an argument is malformed, or when an agent's answers are impossible under the likelihood.

    Examples
    --------
    A cascade, from the agent with index 2 on: one more "no" no longer outweighs two "yes".

    >>> herd = learn([[1], [1], [0], [0]], [[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5], regrets(1, 1, 2))
    >>> herd.actions.tolist(), herd.cascade_start
    ([1, 1, 1, 1], 2)
    """
    observed = checks.probabilities(bits, "bits", allow_nan=True)
    if observed.ndim != 2 or observed.size == 0:
        raise ValueError(f"bits: has shape {observed.shape}; expected a row an agent, a column a question")
    wrong = ~(np.isnan(observed) | (observed == 0) | (observed == 1))
    if wrong.any():
        i, k = (int(j) for j in np.argwhere(wrong)[0])
        raise ValueError(f"bits: entry ({i}, {k}) is {observed[i, k]}; draw the answers first, 0 or 1 or NaN")
    belief = checks.belief(prior, "prior")
    models = _models(likelihood, cost, tie)
    full = models((True,) * observed.shape[1])
    private = np.empty((len(observed), full.n_states))
    actions = np.empty(len(observed), dtype=np.int64)
    beliefs = np.empty((len(observed) + 1, full.n_states))
    beliefs[0] = belief
    cascade = np.zeros(len(observed), dtype=bool)
    previous: int | None = None
    for k, row in enumerate(observed):
        answered = ~np.isnan(row)
        model = models(tuple(answered.tolist()))
        given = row[answered].astype(np.int64)
        y = int(given @ (1 << np.arange(given.size)))
        before = previous if model.tie == "follow" else None
        try:
            private[k] = bayes.posterior(beliefs[k], model.likelihood, y)
        except ValueError as error:
            raise ValueError(f"agent {k}: answers {given.tolist()} are impossible here: {error}") from error
        cascade[k] = bool(full.is_cascade(beliefs[k], previous if full.tie == "follow" else None))
        actions[k] = int(model.action(beliefs[k], y, before, rng))
        beliefs[k + 1] = model.public_update(beliefs[k], actions[k], before)
        previous = int(actions[k])
    start = int(cascade.argmax()) if cascade.any() else -1
    return Herd(observed, private, actions, beliefs, start, full.likelihood)


def _models(likelihood: ArrayLike, cost: ArrayLike, tie: str) -> Callable[[tuple[bool, ...]], SocialLearning]:
    @cache
    def model(answered: tuple[bool, ...]) -> SocialLearning:
        return SocialLearning(marginal(likelihood, answered), cost, tie if any(answered) else "low")

    return model


def bits_of(herd: Herd, agent: int) -> NDArray[np.str_]:
    """Return an agent's answers as letters: "1" yes, "0" no, "?" no answer.

    Examples
    --------
    >>> herd = learn([[1, np.nan]], np.full((2, 4), 0.25), [0.5, 0.5], regrets(1, 1, 2))
    >>> "".join(bits_of(herd, 0))
    '1?'
    """
    row = herd.bits[agent]
    return np.where(np.isnan(row), "?", np.where(row == 1, "1", "0"))
