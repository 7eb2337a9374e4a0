r"""One step of the protocol: who plays what, what the others learn from it, and when they learn nothing.

At public belief :math:`\pi` the agent with observation y has private belief :math:`\eta_y =
B_y\pi/\sigma(\pi, y)` and plays an action of least expected cost. Write the cost as a regret, r(x, u) =
c(x, u) - min over v of c(x, v): the best action is the same, and every term of an expected regret is
non-negative, so that the sum is exact to a few units in the last place. Two actions *tie* when their
expected regrets agree within the factor ``1 + TIE_TOLERANCE``. For two states and two actions this says
that the private log-odds and the log of the cost ratio differ by less than 1e-9, at every belief, however
close to certainty.

The tolerance is part of the model, not a detail. Exact ties are the rule when signals are symmetric (two
opposite signals cancel), and a program without a tolerance lets rounding noise choose its tie rule.

All functions take the model first and a stack of N beliefs. They are the one place where a decision is made:
`simulate`, `exact` and `cascade_region` ask here. Inside, the stack is the last axis, where arithmetic on
arrays is fastest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from llma.checks import Floats, Ints

if TYPE_CHECKING:
    from llma.social.model import SocialLearning

TIE_TOLERANCE = 1e-9
"""Two expected regrets within this relative distance are a tie."""

FIRST_AGENT = -1
"""The predecessor of an agent that has none."""


@dataclass(frozen=True, eq=False)
class Step:
    """What can happen at each of N public beliefs.

    Attributes
    ----------
    halves : ndarray of int8, shape (U, Y, N)
        Twice the probability of action u given observation y: 0 or 2, or 1 where a coin is tossed.
    reference : ndarray of int8, shape (U, N)
        The same, after the first observation of positive probability.
    cascade : ndarray of bool, shape (N,)
        Whether the law of the action is the same after every observation of positive probability.
    """

    halves: NDArray[np.int8]
    reference: NDArray[np.int8]
    cascade: NDArray[np.bool_]


def choices(model: SocialLearning, beliefs: Floats, previous: Ints) -> NDArray[np.int8]:
    """Return twice the probability of each action after each observation, shape (U, Y, N).

    Parameters
    ----------
    model : SocialLearning
        The model.
    beliefs : ndarray, shape (N, X)
        Public beliefs.
    previous : ndarray of int, shape (N,)
        The predecessor's action, `FIRST_AGENT` where there is none.

    Returns
    -------
    ndarray of int8, shape (U, Y, N)
    """
    shape = (model.n_actions, model.n_observations, len(beliefs))
    regret = (model.joint_regret @ beliefs.T).reshape(shape)
    tied = regret <= regret.min(axis=0) * (1 + TIE_TOLERANCE)
    if model.tie == "low":
        taken = tied[0].copy()
        for u in range(1, model.n_actions):
            tied[u] &= ~taken
            taken |= tied[u]
        return np.asarray(tied * np.int8(2))
    both = tied.all(axis=0)  # (Y, N); the other tie rules are for two actions
    if model.tie == "coin":
        return np.where(both, np.int8(1), tied * np.int8(2))
    favoured = np.broadcast_to(model.favoured[:, None], shape[1:])
    if model.tie == "follow":
        favoured = np.where(previous == FIRST_AGENT, favoured, previous)
    return np.asarray(np.where(both, favoured == np.arange(2)[:, None, None], tied) * np.int8(2))


def step(model: SocialLearning, beliefs: Floats, previous: Ints) -> Step:
    """Return what can happen at each of N public beliefs; arguments as in `choices`."""
    halves = choices(model, beliefs, previous)
    if model.all_possible:
        reference = halves[:, 0]
        return Step(halves, reference, (halves == reference[:, None]).all(axis=(0, 1)))
    possible = model.likelihood.T @ beliefs.T > 0  # (Y, N)
    first = np.broadcast_to(possible.argmax(axis=0), (model.n_actions, 1, len(beliefs)))
    reference = np.take_along_axis(halves, first, axis=1)[:, 0]
    return Step(halves, reference, ((halves == reference[:, None]) | ~possible).all(axis=(0, 1)))


def public_likelihood(model: SocialLearning, now: Step) -> Floats:
    """Return the probability of action u given state x at each of N public beliefs, shape (N, X, U)."""
    rows = now.halves.transpose(2, 0, 1).reshape(-1, model.n_observations)  # (N * U, Y)
    table = (rows @ model.likelihood.T / 2).reshape(-1, model.n_actions, model.n_states).swapaxes(1, 2)
    # In a cascade the action says nothing: its likelihood is one number for all states, not sums near it.
    table[now.cascade] = now.reference.T[now.cascade][:, None, :] / 2
    return np.asarray(table)


def updated(model: SocialLearning, beliefs: Floats, now: Step, at: Ints, actions: Ints) -> Floats:
    """Return the public beliefs after actions, shape (M, X).

    Parameters
    ----------
    model : SocialLearning
        The model; its `update` says whether the likelihood is used as it is or with the identity added.
    beliefs : ndarray, shape (N, X)
        Public beliefs before the actions.
    now : Step
        What can happen at them.
    at, actions : ndarray of int, shape (M,)
        For each result, the row of `beliefs` it starts from and the action taken, of positive probability.

    Returns
    -------
    ndarray, shape (M, X)
        In a cascade the belief itself, unchanged to the last bit.
    """
    before = beliefs[at]
    joint = before * (now.halves[actions, :, at] @ model.likelihood.T / 2 + model.identity_weight)
    return np.where(now.cascade[at, None], before, joint / joint.sum(axis=1, keepdims=True))
