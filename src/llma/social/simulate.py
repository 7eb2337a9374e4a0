r"""Simulation: many independent runs of the protocol, at the price of the distinct histories among them.

Algorithm. The public belief is a function of the actions so far, so runs with the same actions share it. At
every agent the distinct public histories of the live runs are collected; decision rule and public update
are computed once for each; each run then only looks up its action and its next history. A run that reaches
an information cascade is dropped: the state does not move, so that its belief and its action stay as they
are for ever.

The beliefs are kept as one table of distinct beliefs and the row each run is at; `Paths.beliefs` writes
them out when it is first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social.protocol import FIRST_AGENT, step, updated

if TYPE_CHECKING:
    from llma.social.model import SocialLearning

BLOCK = 4096
"""Runs whose observations are drawn together: their thresholds then stay in the cache."""


@dataclass(frozen=True, eq=False)
class Paths:
    """Runs of the protocol.

    Attributes
    ----------
    states : ndarray of int, shape (n_paths,)
        True state of every run.
    observations, actions : ndarray of int, shape (n_paths, n_agents)
        What every agent saw and did.
    cascade_time : ndarray of int, shape (n_paths,)
        Index of the first agent in a cascade, -1 if there is none.
    beliefs : ndarray, shape (n_paths, n_agents + 1, X)
        Public beliefs; ``beliefs[:, 0]`` is the prior and ``beliefs[:, k]`` what agent k starts from.
    """

    states: Ints
    observations: Ints
    actions: Ints
    cascade_time: Ints
    table: Floats = field(repr=False)
    rows: NDArray[np.int32] = field(repr=False)

    @cached_property
    def beliefs(self) -> Floats:
        """Public beliefs, shape (n_paths, n_agents + 1, X)."""
        return np.take(self.table, self.rows, axis=0).swapaxes(0, 1)


def simulate(
    model: SocialLearning,
    prior: ArrayLike,
    n_agents: int,
    n_paths: int,
    rng: np.random.Generator,
    *,
    state: ArrayLike | None = None,
) -> Paths:
    """Return independent runs of the protocol; see `SocialLearning.simulate`."""
    start = checks.belief(prior, "prior", model.n_states)
    if start.ndim != 1 or n_agents < 1 or n_paths < 1:
        raise ValueError(
            "simulate: expected one prior, n_agents >= 1 and n_paths >= 1, "
            f"got a prior of shape {start.shape}, n_agents = {n_agents}, n_paths = {n_paths}"
        )
    states = _states(start, n_paths, rng, state)
    observations = draw_observations(model.likelihood, states, n_agents, rng)  # (n_agents, n_paths)
    return _walk(model, start, states, observations, rng)


def draw_observations(
    likelihood: Floats, states: Ints, n_agents: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return independent observations given the states, shape (n_agents, n_paths), by inversion.

    Parameters
    ----------
    likelihood : ndarray, shape (X, Y)
        p(y given x).
    states : ndarray of int, shape (n_paths,)
        True state of every run.
    n_agents : int
        Observations for each run.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int64, shape (n_agents, n_paths)
    """
    thresholds = likelihood.cumsum(axis=1)[:, :-1]
    # Where nothing is left, no rounding of the sum may let the uniform slip past.
    thresholds[likelihood[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] == 0] = 2.0
    drawn = np.empty((n_agents, len(states)), dtype=np.int64)
    small = np.dtype(np.int8 if likelihood.shape[1] < 128 else np.int64)
    for first in range(0, len(states), BLOCK):
        block = slice(first, first + BLOCK)
        bounds = thresholds[states[block]].T.copy()  # (Y - 1, block)
        for k in range(n_agents):
            uniform = rng.random(bounds.shape[1])
            count = np.zeros(bounds.shape[1], dtype=small)
            for bound in bounds:
                np.add(count, uniform >= bound, out=count)
            drawn[k, block] = count
    return drawn


def _states(prior: Floats, n_paths: int, rng: np.random.Generator, state: ArrayLike | None) -> Ints:
    if state is None:
        drawn = draw_observations(prior[None, :], np.zeros(n_paths, dtype=np.int64), 1, rng)[0]
        return np.asarray(drawn)
    given = checks.indices(state, "state", len(prior))
    if given.shape not in {(), (n_paths,)}:
        raise ValueError(f"state: expected one state or {n_paths} of them, got shape {given.shape}")
    excluded = prior[given] == 0
    if excluded.any():
        raise ValueError(f"state: {given[excluded].ravel()[0]} has prior probability 0; use another prior")
    return np.broadcast_to(given, n_paths).copy()


def _walk(
    model: SocialLearning, prior: Floats, states: Ints, observations: Ints, rng: np.random.Generator
) -> Paths:
    n_agents, n_paths = observations.shape
    n_actions = model.n_actions
    actions = np.empty((n_agents, n_paths), dtype=np.int64)
    rows = np.empty((n_agents + 1, n_paths), dtype=np.int32)
    cascade_time = np.full(n_paths, -1, dtype=np.int64)
    current_row = np.zeros(n_paths, dtype=np.int32)
    current_action = np.zeros(n_paths, dtype=np.int64)
    rows[0] = 0
    tables = [prior[None, :]]
    beliefs, previous = tables[0], np.array([FIRST_AGENT])
    live, node = (
        np.arange(n_paths),
        np.zeros(n_paths, dtype=np.int64),
    )  # live runs, and the history each is at
    n_rows = 1
    for k in range(n_agents):
        if len(live):
            now = step(model, beliefs, previous)
            in_cascade = now.cascade[node]
            entered = live[in_cascade]
            cascade_time[entered] = np.where(cascade_time[entered] < 0, k, cascade_time[entered])
            # Only a coin that ignores the observation keeps a cascade moving; all others are settled.
            settled = (now.cascade & (now.public_likelihood.max(axis=(1, 2)) == 1))[node]
            current_action[live[settled]] = now.public_likelihood[node[settled], :, 0].argmax(axis=1)
            live, node = live[~settled], node[~settled]
        if len(live):
            chosen = _choose(now.weights, node, observations[k, live], rng)
            current_action[live] = chosen
            child = node * n_actions + chosen
            used = np.flatnonzero(np.bincount(child, minlength=len(beliefs) * n_actions))
            relabel = np.zeros(len(beliefs) * n_actions, dtype=np.int64)
            relabel[used] = np.arange(len(used))
            node = relabel[child]
            parent, previous = used // n_actions, used % n_actions
            beliefs = updated(model, beliefs[parent], now.public_likelihood[parent, previous])
            tables.append(beliefs)
            current_row[live] = n_rows + node
            n_rows += len(beliefs)
        actions[k] = current_action
        rows[k + 1] = current_row
    return Paths(states, observations.T, actions.T, cascade_time, np.concatenate(tables), rows)


def _choose(weights: Floats, node: Ints, seen: Ints, rng: np.random.Generator) -> Ints:
    """Return the actions of live runs at histories `node` after observations `seen`."""
    if not np.any(weights == 0.5):
        return np.asarray(weights.argmax(axis=1)[node, seen])
    upto = weights.cumsum(axis=1)[node, :-1, seen]  # (live, U - 1)
    return np.asarray((rng.random(len(node))[:, None] >= upto).sum(axis=1))
