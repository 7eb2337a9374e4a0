"""A likelihood in hand: the table p(y given x), and what it says about answers with gaps.

The table has one row a state and one column an observation y. Answers with gaps are the set of the
observations that agree with them: `LikelihoodModel.of` adds up their probabilities. A row without any
answer has probability one in every state, so it moves no belief.

>>> model = LikelihoodModel([[0.4, 0.1, 0.3, 0.2], [0.1, 0.2, 0.3, 0.4]], "counts")
>>> model.of([float("nan"), 1])
array([0.5, 0.7])
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.likelihood.answers import agreement, check_bits


@dataclass(frozen=True, eq=False)
class LikelihoodModel:
    """The likelihood of the answers to K questions.

    Attributes
    ----------
    table : ndarray, shape (X, 2**K)
        p(y given x); rows sum to one.
    method : str
        How it was estimated, one of `llma.likelihood.METHODS` other than "auto".
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
        answers = check_bits(np.atleast_2d(np.asarray(bits, dtype=np.float64)), self.n_questions)
        rows = agreement(answers).astype(np.float64) @ self.table.T
        rows[np.isnan(answers).all(axis=1)] = 1.0
        return np.asarray(rows[0] if np.ndim(bits) == 1 else rows)
