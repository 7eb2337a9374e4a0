"""The model: a likelihood, a cost, a tie rule. Its methods delegate to the modules of this package."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social import stacks
from llma.social.exact import CascadeLaw, exact
from llma.social.protocol import TIE_TOLERANCE
from llma.social.region import LearningRegion, cascade_region
from llma.social.simulate import Paths, simulate

TIE_RULES = ("low", "own", "coin", "follow")
UPDATES = ("bayes", "identity-start")


@dataclass(frozen=True, eq=False)
class SocialLearning:
    """Agents who act in turn on a common state, each on its own observation and on all earlier actions.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of the private observations.
    cost : array_like, shape (X, U)
        Cost of action u in state x, the same for all agents.
    tie : {"low", "own", "coin", "follow"}
        What an agent does when two actions are equally good: when their expected regrets agree within the
        factor 1 + 1e-9 (see `llma.social.protocol`).

        * "low": the lowest index. Works for every model. The other three need two states, observations and
          actions.
        * "own": the action that is best in the state which its own observation makes more likely (the
          lowest index if the observation is uninformative).
        * "coin": a fair coin. The public knows this and gives the action probability 1/2.
        * "follow": the predecessor's action. The first agent has none and follows its own observation
          ("own").
    update : {"bayes", "identity-start"}
        How the public belief reacts to an action. "bayes" multiplies by p(action given state).
        "identity-start" multiplies by one plus that number: the slip of a program that starts a sum at the
        identity matrix instead of at zero. It is here so that its effect can be computed exactly, not to be
        used.

    Raises
    ------
    ValueError
        If the tables are not a likelihood and a cost of the same states, or the tie rule does not fit them.

    Notes
    -----
    `belief` arguments have shape (..., X); `y`, `u` and `previous` broadcast against the leading axes.
    `previous` is the predecessor's action; None means the first agent. Only "follow" uses it.

    Examples
    --------
    >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
    >>> model.action([0.5, 0.5], 1)
    array(1)
    >>> model.public_update([0.5, 0.5], 1)
    array([0.3, 0.7])
    >>> str(model.cascade_region())
    '(0.3, 0.7]'
    >>> model.exact([0.5, 0.5], 100).p_wrong_cascade_by[-1].round(4)
    array([0.1139, 0.3797])
    """

    likelihood: Floats
    cost: Floats
    tie: str = "low"
    update: str = "bayes"
    regret: Floats = field(init=False, repr=False)
    joint_regret: Floats = field(init=False, repr=False)
    favoured: Ints = field(init=False, repr=False)
    all_possible: bool = field(init=False, repr=False)

    def __init__(
        self, likelihood: ArrayLike, cost: ArrayLike, tie: str = "low", update: str = "bayes"
    ) -> None:
        table = checks.stochastic_matrix(likelihood, "likelihood")
        costs = checks.cost_matrix(cost, "cost", n_states=table.shape[0])
        checks.one_of(tie, "tie", TIE_RULES)
        checks.one_of(update, "update", UPDATES)
        shape = (*table.shape, costs.shape[1])
        if tie != "low" and shape != (2, 2, 2):
            raise ValueError(
                f"tie: {tie!r} needs two states, two observations and two actions, got {shape}; use 'low'"
            )
        regret = _regret(costs)
        values = {
            "likelihood": table,
            "cost": costs,
            "tie": tie,
            "update": update,
            "regret": regret,
            # Row u * Y + y holds B[x, y] r(x, u): one product with a belief gives every expected regret.
            "joint_regret": (regret.T[:, None, :] * table.T[None, :, :]).reshape(-1, shape[0]),
            "all_possible": bool(np.all(table > 0)),
            # Rows that differ by rounding alone favour nobody.
            "favoured": regret[table.argmax(axis=0)].argmin(axis=1)
            * (np.ptp(table, axis=0).max() > TIE_TOLERANCE),
        }
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return int(self.likelihood.shape[0])

    @property
    def n_observations(self) -> int:
        """Number of observations Y."""
        return int(self.likelihood.shape[1])

    @property
    def n_actions(self) -> int:
        """Number of actions U."""
        return int(self.cost.shape[1])

    @property
    def identity_weight(self) -> float:
        """What the update adds to the likelihood of an action: 0 for Bayes' rule."""
        return float(self.update == "identity-start")

    def decision_rule(self, belief: ArrayLike, previous: ArrayLike | None = None) -> Floats:
        """Return the probability of each action after each observation, shape (..., Y, U).

        Entries are 0 or 1, or 1/2 where a coin is tossed. The row of an observation that has probability
        zero under the belief has no meaning.

        Examples
        --------
        >>> SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="coin").decision_rule([0.7, 0.3])
        array([[1. , 0. ],
               [0.5, 0.5]])
        """
        return stacks.decision_rule(self, belief, previous)

    def action(
        self,
        belief: ArrayLike,
        y: ArrayLike,
        previous: ArrayLike | None = None,
        rng: np.random.Generator | None = None,
    ) -> Ints:
        """Return the action of an agent that sees the public belief and its own observation y.

        Parameters
        ----------
        belief : array_like, shape (..., X)
            Public belief before the agent acts.
        y : int or array_like of int, shape (...)
            The agent's own observation.
        previous : int or array_like of int, optional
            The predecessor's action; None for the first agent.
        rng : numpy.random.Generator, optional
            Needed only when a coin has to be tossed.

        Returns
        -------
        ndarray of int64, shape (...)

        Raises
        ------
        ValueError
            If an observation has probability zero under its belief, or a coin is needed and `rng` is None.

        Examples
        --------
        >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
        >>> model.action([[0.5, 0.5], [0.8, 0.2]], 1)
        array([1, 0])
        """
        return stacks.action(self, belief, y, previous, rng)

    def public_likelihood(self, belief: ArrayLike, previous: ArrayLike | None = None) -> Floats:
        """Return p(action u given state x) at a public belief, shape (..., X, U); rows sum to one.

        Examples
        --------
        >>> SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]).public_likelihood([0.5, 0.5])
        array([[0.7, 0.3],
               [0.3, 0.7]])
        """
        return stacks.action_likelihood(self, belief, previous)

    def public_update(self, belief: ArrayLike, u: ArrayLike, previous: ArrayLike | None = None) -> Floats:
        """Return the public belief after an action is seen.

        Parameters
        ----------
        belief : array_like, shape (..., X)
            Public belief before the action.
        u : int or array_like of int, shape (...)
            The action.
        previous : int or array_like of int, optional
            The action before it; None if `u` is the first agent's.

        Returns
        -------
        ndarray, shape (..., X)
            In a cascade the belief itself, unchanged to the last bit.

        Raises
        ------
        ValueError
            If no observation of positive probability leads to action u.

        Examples
        --------
        >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
        >>> model.public_update([0.8, 0.2], 1)
        Traceback (most recent call last):
        ...
        ValueError: u: action 1 has probability 0 at belief [0.8, 0.2]
        """
        return stacks.public_update(self, belief, u, previous)

    def is_cascade(self, belief: ArrayLike, previous: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Whether the action does not depend on the observation, among observations of positive probability.

        From such a belief on nobody learns anything: the public belief stays where it is for ever.

        Examples
        --------
        >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
        >>> model.is_cascade([[0.5, 0.5], [0.7, 0.3], [0.3, 0.7]])
        array([False,  True, False])
        """
        return stacks.is_cascade(self, belief, previous)

    def cascade_region(self, previous: int | None = None) -> LearningRegion:
        """Return the interval of belief[1] in which agents still learn (two states, two actions).

        Parameters
        ----------
        previous : int, optional
            The predecessor's action, for "follow": the ends of the interval depend on it.

        Returns
        -------
        LearningRegion

        Raises
        ------
        ValueError
            If there are more than two states or actions.

        Examples
        --------
        >>> sensor, cost = [[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]]
        >>> str(SocialLearning(sensor, cost).cascade_region())
        '(0.295775, 0.807692]'
        """
        return cascade_region(self, previous)

    def simulate(
        self,
        prior: ArrayLike,
        n_agents: int,
        n_paths: int,
        rng: np.random.Generator,
        state: ArrayLike | None = None,
    ) -> Paths:
        """Return independent runs of the protocol.

        Parameters
        ----------
        prior : array_like, shape (X,)
            Public belief before the first agent; the state is drawn from it unless `state` is given.
        n_agents, n_paths : int
            Agents in a run, and number of runs.
        rng : numpy.random.Generator
            Source of all randomness.
        state : int or array_like of int, shape (n_paths,), optional
            True state of every run.

        Returns
        -------
        Paths

        Raises
        ------
        ValueError
            If the given state has prior probability zero: no agent could make sense of what it sees.

        Examples
        --------
        >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
        >>> runs = model.simulate([0.5, 0.5], 30, 4000, np.random.default_rng(1), state=1)
        >>> float((runs.actions[:, -1] == 0).mean().round(2))
        0.38
        """
        return simulate(self, prior, n_agents, n_paths, rng, state=state)

    def exact(
        self, prior: ArrayLike, n_agents: int, prune: float = 1e-15, max_points: int = 5000
    ) -> CascadeLaw:
        """Return the law of cascades for two states, without sampling.

        Parameters
        ----------
        prior : array_like, shape (2,)
            Public belief before the first agent.
        n_agents : int
            Number of agents.
        prune : float
            Public beliefs of smaller probability (in both states) are dropped; `error_bound` counts them.
        max_points : int
            So many public beliefs are kept at most, the likeliest. With three or more observations a model
            that learns slowly has more; a larger number then gives a smaller `error_bound`, at a price in
            time.

        Returns
        -------
        CascadeLaw

        Raises
        ------
        ValueError
            If there are more than two states.

        Examples
        --------
        >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="own")
        >>> law = model.exact([0.5, 0.5], 60)
        >>> law.p_wrong_cascade_by[-1].round(6)
        array([0.155172, 0.155172])
        """
        return exact(self, prior, n_agents, prune, max_points)


def _regret(cost: Floats) -> Floats:
    regret = np.asarray(cost - cost.min(axis=1, keepdims=True))
    # 0.1 + 0.2 and 0.3 are meant to be the same cost: a difference of rounding size is none.
    regret[regret <= 4 * np.finfo(np.float64).eps * np.abs(cost).max(axis=1, keepdims=True)] = 0.0
    return regret
