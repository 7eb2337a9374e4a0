r"""Choice data: what an agent did in each state of each environment, and how likely the states were.

An *environment* m is a decision problem that we, the observers, set: a prior :math:`\pi_m(x)` and, if it is
known, a utility :math:`r_m(x, u)`. We never see what the agent looked at. We see its choices,
:math:`p_m(u \mid x)`. Everything in this package is computed from three tables:

- the joint law :math:`\pi_m(x)\,p_m(u \mid x)`;
- the marginal :math:`p_m(u) = \sum_x \pi_m(x)\,p_m(u \mid x)`;
- the revealed posterior :math:`p_m(x \mid u)`, defined where :math:`p_m(u) > 0`: what an observer believes
  who knows the prior and sees the action.

Every environment has the same states and the same actions. An action that is never chosen in an environment
is allowed (it has no posterior). A state of prior probability zero is not: its choices were never seen.

>>> data = ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]], [[0.75, 0.25], [0.25, 0.75]]])
>>> data.marginal
array([[0.5, 0.5],
       [0.5, 0.5]])
>>> data.posteriors[1]
array([[0.75, 0.25],
       [0.25, 0.75]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats


@dataclass(frozen=True, eq=False)
class ChoiceData:
    """State-dependent choices in M environments with common states and actions.

    Parameters
    ----------
    priors : array_like, shape (M, X) or (X,)
        Prior of each environment; a single prior is shared by all. Every entry is positive.
    choice : array_like, shape (M, X, U)
        p_m(u given x).

    Raises
    ------
    ValueError
        Naming the first row that is not a probability vector, the first state of prior probability zero, or
        the numbers of environments or states that disagree.

    Examples
    --------
    >>> data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
    >>> data.n_environments, data.n_states, data.n_actions
    (2, 2, 2)
    >>> data.used
    array([[ True,  True],
           [ True, False]])
    """

    priors: Floats
    choice: Floats

    def __init__(self, priors: ArrayLike, choice: ArrayLike) -> None:
        table = checks.choice_table(choice, "choice")
        n_environments, n_states, _ = table.shape
        law = checks.belief(priors, "priors", n_states)
        if law.ndim == 1:
            law = np.tile(law, (n_environments, 1))
        if law.shape != (n_environments, n_states):
            raise ValueError(
                f"priors: have shape {law.shape}; expected ({n_environments}, {n_states}), one row an "
                f"environment of `choice`, or one prior for all"
            )
        if (law <= 0).any():
            m, x = (int(i) for i in np.argwhere(law <= 0)[0])
            raise ValueError(
                f"priors: state {x} has probability 0 in environment {m}, so its choices were never seen; "
                "drop the state, or give it a positive prior"
            )
        for name, value in (("priors", law), ("choice", table)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def n_environments(self) -> int:
        """Number of environments M."""
        return int(self.choice.shape[0])

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return int(self.choice.shape[1])

    @property
    def n_actions(self) -> int:
        """Number of actions U."""
        return int(self.choice.shape[2])

    @property
    def joint(self) -> Floats:
        """pi_m(x) p_m(u given x), shape (M, X, U)."""
        return np.asarray(self.priors[:, :, None] * self.choice)

    @property
    def marginal(self) -> Floats:
        """p_m(u), shape (M, U)."""
        return np.asarray(self.joint.sum(axis=1))

    @property
    def used(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether action u is ever chosen in environment m, shape (M, U)."""
        return np.asarray(self.marginal > 0)

    @property
    def posteriors(self) -> Floats:
        """p_m(x given u), shape (M, U, X); the row of an action that is never chosen is NaN."""
        marginal = self.marginal[:, :, None]
        out = np.full((self.n_environments, self.n_actions, self.n_states), np.nan)
        np.divide(self.joint.swapaxes(1, 2), marginal, out=out, where=marginal > 0)
        return out


def from_counts(counts: ArrayLike, priors: ArrayLike | None = None) -> ChoiceData:
    """Return relative frequencies as choice data.

    Frequencies are estimates. A verdict on them is a verdict on the sample: an agent that satisfies a
    condition with equality can fail it in the sample, by chance alone.

    Parameters
    ----------
    counts : array_like of int, shape (M, X, U)
        How often action u was chosen in state x of environment m.
    priors : array_like, shape (M, X) or (X,), optional
        The priors that the agent was told. None takes the shares of the states among the counts.

    Returns
    -------
    ChoiceData

    Raises
    ------
    ValueError
        If a count is negative or not whole, or if a state was never shown in an environment.

    Examples
    --------
    >>> from_counts([[[8, 2], [1, 4]]], priors=[0.5, 0.5]).choice
    array([[[0.8, 0.2],
            [0.2, 0.8]]])
    >>> from_counts([[[8, 2], [1, 4]]]).priors.round(4)
    array([[0.6667, 0.3333]])
    """
    numbers = checks.real_array(counts, "counts", ndim=3)
    wrong = (numbers < 0) | (numbers != np.floor(numbers))
    if wrong.any():
        m, x, u = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"counts: entry ({m}, {x}, {u}) is {numbers[m, x, u]:.12g}; expected a whole number of choices"
        )
    shown = numbers.sum(axis=2)  # (M, X)
    if (shown == 0).any():
        m, x = (int(i) for i in np.argwhere(shown == 0)[0])
        raise ValueError(
            f"counts: state {x} was never shown in environment {m}; collect choices there, or drop the state"
        )
    law = shown / shown.sum(axis=1, keepdims=True) if priors is None else priors
    return ChoiceData(law, numbers / shown[:, :, None])


def utilities(utility: ArrayLike, data: ChoiceData) -> Floats:
    """Return the utility of every environment, shape (M, X, U).

    Parameters
    ----------
    utility : array_like, shape (X, U) or (M, X, U)
        One utility for all environments, or one for each.
    data : ChoiceData
        Gives the numbers of environments, states and actions.

    Returns
    -------
    ndarray, shape (M, X, U)

    Raises
    ------
    ValueError
        If the shape does not match the data or an entry is not finite.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
    >>> utilities([[1, 0], [0, 1]], data).shape
    (2, 2, 2)
    """
    values = checks.real_array(utility, "utility")
    shape = data.choice.shape
    if values.shape not in (shape, shape[1:]):
        raise ValueError(
            f"utility: has shape {values.shape}; expected {shape[1:]} (one for all environments) or {shape}"
        )
    return np.array(np.broadcast_to(values, shape))
