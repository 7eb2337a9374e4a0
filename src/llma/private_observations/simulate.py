r"""Simulation of a crowd: any number of states, reveals and a channel.

Algorithm. All runs are moved together, agent by agent. Decisions are those of `llma.social.protocol.step`,
so that simulation and exact law cannot disagree on ties. The public belief is kept as the logarithm of its
weights: reveals go on for ever, and a probability of 1e-300 is still to be told from zero. Runs at the same
history differ by rounding only, far below the tolerance of ties.

Reference. The protocol of `llma.private_observations.crowd`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from llma import checks
from llma.checks import Floats, Ints
from llma.private_observations.law import schedule, true_law
from llma.social.protocol import FIRST_AGENT, public_likelihood, step
from llma.social.simulate import draw_observations, draw_states

if TYPE_CHECKING:
    from llma.private_observations.crowd import Crowd


@dataclass(frozen=True, eq=False)
class CrowdPaths:
    """Runs of a crowd.

    Attributes
    ----------
    states : ndarray of int, shape (n_paths,)
        True state of every run.
    observations, actions, words : ndarray of int, shape (n_paths, n_agents)
        What every agent saw and did, and what the public heard; the word is -1 where the agent revealed.
    revealed : ndarray of bool, shape (n_paths, n_agents)
        Whether the agent revealed its observation.
    cascade, wrong_cascade : ndarray of bool, shape (n_paths, n_agents)
        Whether the public belief before the agent is a cascade, and whether it is one without an optimal
        action.
    beliefs : ndarray, shape (n_paths, n_agents + 1, X)
        Public beliefs.
    """

    states: Ints
    observations: Ints
    actions: Ints
    words: Ints
    revealed: NDArray[np.bool_]
    cascade: NDArray[np.bool_]
    wrong_cascade: NDArray[np.bool_]
    beliefs: Floats


def simulate(
    crowd: Crowd,
    prior: ArrayLike,
    n_agents: int,
    n_paths: int,
    rng: np.random.Generator,
    *,
    reveal: ArrayLike = 0.0,
    state: ArrayLike | None = None,
    truth: ArrayLike | None = None,
) -> CrowdPaths:
    """Return independent runs of a crowd; see `Crowd.simulate`."""
    social = crowd.social
    start = checks.belief(prior, "prior", social.n_states)
    if start.ndim != 1 or n_agents < 1 or n_paths < 1:
        raise ValueError(
            "simulate: expected one prior, n_agents >= 1 and n_paths >= 1, "
            f"got a prior of shape {start.shape}, n_agents = {n_agents}, n_paths = {n_paths}"
        )
    chances = schedule(reveal, n_agents)
    states = draw_states(start, n_paths, rng, state)
    observations = draw_observations(true_law(crowd, truth), states, n_agents, rng).astype(np.int64)
    revealed = rng.random((n_agents, n_paths)) < chances[:, None]
    with np.errstate(divide="ignore"):
        log_weight = np.tile(np.log(start), (n_paths, 1))
        log_likelihood = np.log(social.likelihood.T)  # (Y, X)
    alone, rows = social.decision_rule(start), np.arange(n_paths)
    first, regret = np.full(n_paths, FIRST_AGENT), social.regret[states]  # (n_paths, U)
    actions, words = (np.empty((n_agents, n_paths), dtype=np.int64) for _ in range(2))
    cascade, wrong = (np.empty((n_agents, n_paths), dtype=np.bool_) for _ in range(2))
    beliefs = np.empty((n_agents + 1, n_paths, social.n_states))
    beliefs[0] = start
    for k in range(n_agents):
        now, seen, shows = step(social, beliefs[k], first), observations[k], revealed[k]
        rule = np.where(shows[:, None], alone[seen], now.halves[:, seen, rows].T / 2)
        actions[k] = _draw(rule, rng)
        words[k] = _draw(crowd.channel[actions[k]], rng)
        cascade[k] = now.cascade
        wrong[k] = now.cascade & ~(now.reference.T * (regret == 0)).any(axis=1)
        heard = (public_likelihood(social, now) @ crowd.channel)[rows, :, words[k]]  # (n_paths, X)
        with np.errstate(divide="ignore"):
            log_weight = log_weight + np.where(shows[:, None], log_likelihood[seen], np.log(heard))
        # In a cascade the word is as likely in every state: the belief stays, to the last bit.
        still = now.cascade & ~shows
        beliefs[k + 1] = np.where(still[:, None], beliefs[k], softmax(log_weight, axis=1))
        words[k, shows] = -1
    return CrowdPaths(
        states=states,
        observations=observations.T,
        actions=actions.T,
        words=words.T,
        revealed=revealed.T,
        cascade=cascade.T,
        wrong_cascade=wrong.T,
        beliefs=beliefs.swapaxes(0, 1),
    )


def _draw(chances: Floats, rng: np.random.Generator) -> Ints:
    """Return one index for each row of probabilities (N, size), shape (N,)."""
    bounds = chances.cumsum(axis=1)[:, :-1]
    # Where nothing is left, no rounding of the sum may let the uniform slip past.
    bounds[chances[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] == 0] = 2.0
    return np.asarray((rng.random((len(chances), 1)) >= bounds).sum(axis=1), dtype=np.int64)
