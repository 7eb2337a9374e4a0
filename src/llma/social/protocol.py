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

All functions take the model first and a stack of beliefs, shape (N, X). They are the one place where a
decision is made: `simulate`, `exact` and `cascade_region` ask here.
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
    weights : ndarray, shape (N, U, Y)
        Probability of action u given observation y: 0 or 1, or 1/2 where a coin is tossed.
    public_likelihood : ndarray, shape (N, U, X)
        Probability of action u given state x.
    cascade : ndarray of bool, shape (N,)
        Whether the law of the action is the same after every observation of positive probability.
    """

    weights: Floats
    public_likelihood: Floats
    cascade: NDArray[np.bool_]


def choice_weights(model: SocialLearning, beliefs: Floats, previous: Ints) -> Floats:
    """Return the probability of each action after each observation, shape (N, U, Y).

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
    ndarray, shape (N, U, Y)
    """
    n_actions, n_observations = model.n_actions, model.n_observations
    actions = np.arange(n_actions)[:, None]  # (U, 1)
    regret = (beliefs @ model.joint_regret).reshape(-1, n_actions, n_observations)  # (N, U, Y)
    tied = regret <= regret.min(axis=1, keepdims=True) * (1 + TIE_TOLERANCE)
    if model.tie == "low":
        return np.asarray(tied.argmax(axis=1)[:, None, :] == actions, dtype=np.float64)
    if model.tie == "coin":
        return np.asarray(tied / tied.sum(axis=1, keepdims=True))
    favoured = np.broadcast_to(model.favoured, (len(beliefs), n_observations))  # (N, Y)
    if model.tie == "follow":
        favoured = np.where(previous[:, None] == FIRST_AGENT, favoured, previous[:, None])
    chosen = np.where(tied.all(axis=1, keepdims=True), favoured[:, None, :] == actions, tied)
    return np.asarray(chosen, dtype=np.float64)


def step(model: SocialLearning, beliefs: Floats, previous: Ints) -> Step:
    """Return what can happen at each of N public beliefs.

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
    Step
    """
    weights = choice_weights(model, beliefs, previous)
    possible = beliefs @ model.likelihood > 0  # (N, Y)
    reference = np.take_along_axis(weights, possible.argmax(axis=1)[:, None, None], axis=2)  # (N, U, 1)
    cascade = ~((weights != reference) & possible[:, None, :]).any(axis=(1, 2))
    n_rows = len(beliefs) * model.n_actions
    likelihood = weights.reshape(n_rows, model.n_observations) @ model.likelihood.T
    likelihood = likelihood.reshape(-1, model.n_actions, model.n_states)
    # In a cascade the action says nothing: its likelihood is one number for all states, not sums near it.
    likelihood[cascade] = reference[cascade]
    return Step(weights, likelihood, cascade)


def updated(model: SocialLearning, beliefs: Floats, likelihood: Floats) -> Floats:
    """Return the public beliefs after actions of the given likelihood, shape (N, X).

    An action that is impossible in every state leaves the belief as it is; callers that can meet one must
    check.

    Parameters
    ----------
    model : SocialLearning
        The model; its `update` says whether the likelihood is used as it is or with the identity added.
    beliefs : ndarray, shape (N, X)
        Public beliefs before the actions.
    likelihood : ndarray, shape (N, X)
        Probability of the action taken, in each state.

    Returns
    -------
    ndarray, shape (N, X)
    """
    joint = beliefs * (likelihood + model.identity_weight)
    total = joint.sum(axis=1, keepdims=True)
    # A likelihood that is the same in every state leaves the belief as it is, to the last bit.
    flat = np.ptp(likelihood, axis=1) == 0
    return np.where(
        flat[:, None], beliefs, np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)
    )
