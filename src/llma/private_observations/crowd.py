r"""The crowd: who reveals what it saw, and what the public hears of the others.

Model. Agent k reveals with probability :math:`\varepsilon_k`, independently of everything else. Everybody
sees that it does (the reveal is *flagged*) and what it saw: the public belief is multiplied by :math:`B_y`.
The agent's own action is then the one it would have played alone, at the prior: it follows its own
observation. An agent that does not reveal listens: it plays the best action at its private belief, and the
public hears v with probability :math:`C_{uv}`. With the decision rule :math:`\mu` of the tie rule,

.. math:: R'_v(x) = \sum_u C_{uv} \sum_y B_{xy}\, \mu(u \mid \pi, y).

Everybody knows the schedule and the channel, so that the public belief is the Bayesian posterior. The
decision at a given public belief is as in the plain protocol: noise moves the *steps*, not the learning
region.

Schedules. `forced`: one for the first K agents, then zero. `constant`: the same for all. `harmonic`:
:math:`\min(1, c/(k+1))`, the rate of Peres, Racz, Sly and Stuhl (2020). Their agents are not flagged; ours
are.

>>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="own")
>>> law = Crowd(model).exact([0.5, 0.5], 60, reveal=forced(5, 60))
>>> law.p_wrong_cascade_by[-1].round(4)
array([0.0992, 0.0992])
>>> law = Crowd(model, binary_channel(0.2)).exact([0.5, 0.5], 400)
>>> law.p_wrong_cascade_by[-1].round(4)
array([0.2731, 0.2731])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.private_observations.law import CrowdLaw, exact
from llma.private_observations.simulate import CrowdPaths, simulate
from llma.social import SocialLearning


def forced(n_reveal: int, n_agents: int) -> Floats:
    """Return the schedule in which the first agents reveal and the others do not, shape (n_agents,).

    Examples
    --------
    >>> forced(2, 4)
    array([1., 1., 0., 0.])
    """
    if not 0 <= n_reveal <= n_agents:
        raise ValueError(f"n_reveal: is {n_reveal}; expected a number of agents from 0 to {n_agents}")
    return np.asarray((np.arange(n_agents) < n_reveal).astype(np.float64))


def constant(chance: float, n_agents: int) -> Floats:
    """Return the schedule in which every agent reveals with the same probability, shape (n_agents,).

    Examples
    --------
    >>> constant(0.1, 3)
    array([0.1, 0.1, 0.1])
    """
    return np.full(n_agents, float(checks.probabilities(chance, "chance")))


def harmonic(rate: float, n_agents: int) -> Floats:
    """Return the schedule min(1, rate / (k + 1)) for agents k = 0, 1, ..., shape (n_agents,).

    Examples
    --------
    >>> harmonic(2, 4).round(2)
    array([1.  , 1.  , 0.67, 0.5 ])
    """
    if not 0 <= rate < np.inf:
        raise ValueError(f"rate: is {rate}; expected a finite number at least 0")
    return np.minimum(1.0, rate / np.arange(1.0, n_agents + 1))


def binary_channel(noise: float) -> Floats:
    """Return the binary symmetric channel that turns each of two actions into the other with chance `noise`.

    Raises
    ------
    ValueError
        If the noise is not in [0, 1/2): at one half nothing is heard, above it the two words have changed
        places.

    Examples
    --------
    >>> binary_channel(0.1)
    array([[0.9, 0.1],
           [0.1, 0.9]])
    """
    d = float(checks.real_array(noise, "noise", ndim=0))
    if not 0 <= d < 0.5:
        raise ValueError(
            f"noise: is {d:.12g}; expected at least 0 and less than 0.5 (above it, swap the two words: "
            "the noise is then one minus this)"
        )
    return np.array([[1 - d, d], [d, 1 - d]])


@dataclass(frozen=True, eq=False)
class Crowd:
    """A row of agents, some of whom reveal what they saw, and a channel between them and the public.

    Parameters
    ----------
    social : SocialLearning
        The agents: `SocialLearning` or `ManyReadings`, with any tie rule except "follow".
    channel : array_like, shape (U, V), optional
        Probability that the public hears v when the action is u; None publishes the action itself.

    Raises
    ------
    ValueError
        If the channel is not a stochastic matrix with one row an action, or the agents follow their
        predecessor or update by another rule than that of Bayes.

    Examples
    --------
    >>> agents = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="own")
    >>> Crowd(agents, binary_channel(0.1)).public_likelihood([0.5, 0.5]).round(2)
    array([[0.66, 0.34],
           [0.34, 0.66]])
    """

    social: SocialLearning
    channel: Floats

    def __init__(self, social: SocialLearning, channel: ArrayLike | None = None) -> None:
        if social.tie == "follow":
            raise ValueError(
                "social: the tie rule 'follow' copies the predecessor's action, which the public of a crowd "
                "may not know; use 'low', 'own' or 'coin'"
            )
        if social.update != "bayes":
            raise ValueError(f"social: the update is {social.update!r}; a crowd needs 'bayes'")
        table = np.eye(social.n_actions) if channel is None else checks.stochastic_matrix(channel, "channel")
        if table.shape[0] != social.n_actions:
            raise ValueError(
                f"channel: has {table.shape[0]} rows; expected {social.n_actions}, one an action"
            )
        table.setflags(write=False)
        object.__setattr__(self, "social", social)
        object.__setattr__(self, "channel", table)

    def public_likelihood(self, belief: ArrayLike) -> Floats:
        """Return the probability that the public hears v from an agent who listens, shape (..., X, V)."""
        return np.asarray(self.social.public_likelihood(belief) @ self.channel)

    def exact(
        self,
        prior: ArrayLike,
        n_agents: int,
        *,
        reveal: ArrayLike = 0.0,
        truth: ArrayLike | None = None,
        prune: float = 1e-15,
        max_points: int = 5000,
    ) -> CrowdLaw:
        """Return the law of the crowd for two states, without sampling.

        Parameters
        ----------
        prior : array_like, shape (2,)
            Public belief before the first agent.
        n_agents : int
            Number of agents.
        reveal : float or array_like, shape (n_agents,)
            Probability that each agent reveals its observation.
        truth : array_like, shape (2, Y), optional
            The law of the observations, if it is not the one that the crowd believes in. The crowd goes on
            deciding and updating with its own likelihood.
        prune : float
            Beliefs of smaller probability (in both states) are dropped; `error_bound` counts them.
        max_points : int
            So many beliefs are kept at most, the likeliest.

        Returns
        -------
        CrowdLaw

        Raises
        ------
        ValueError
            If there are more than two states, a chance lies outside [0, 1], or the truth makes an
            observation possible that the crowd thinks impossible.

        Examples
        --------
        >>> agents = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="own")
        >>> law = Crowd(agents).exact([0.5, 0.5], 101, reveal=0.1)
        >>> law.p_wrong_cascade_by[[20, 100], 1].round(3)
        array([0.094, 0.025])
        """
        return exact(self, prior, n_agents, reveal=reveal, truth=truth, prune=prune, max_points=max_points)

    def simulate(
        self,
        prior: ArrayLike,
        n_agents: int,
        n_paths: int,
        rng: np.random.Generator,
        *,
        reveal: ArrayLike = 0.0,
        state: ArrayLike | None = None,
        truth: ArrayLike | None = None,
    ) -> CrowdPaths:
        """Return independent runs, for any number of states; `reveal` and `truth` as in `exact`.

        Parameters
        ----------
        prior : array_like, shape (X,)
            Public belief before the first agent; the state is drawn from it unless `state` is given.
        n_agents, n_paths : int
            Agents in a run, and number of runs.
        rng : numpy.random.Generator
            Source of all randomness.
        reveal : float or array_like, shape (n_agents,)
            Probability that each agent reveals its observation.
        state : int or array_like of int, shape (n_paths,), optional
            True state of every run.
        truth : array_like, shape (X, Y), optional
            The law of the observations, if it is not the crowd's likelihood.

        Returns
        -------
        CrowdPaths

        Examples
        --------
        >>> agents = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="own")
        >>> runs = Crowd(agents).simulate([0.5, 0.5], 101, 4000, np.random.default_rng(1), reveal=0.1)
        >>> float(runs.wrong_cascade[:, 100].mean().round(2))
        0.03
        """
        return simulate(self, prior, n_agents, n_paths, rng, reveal=reveal, state=state, truth=truth)
