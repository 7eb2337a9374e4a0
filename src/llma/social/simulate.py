r"""Simulation: many independent runs of the protocol, at the price of the distinct histories among them.

Algorithm. The public belief is a function of the actions so far, so runs with the same actions share it. At
every agent the distinct public histories of the live runs are collected; decision rule and public update
are computed once for each; each run then only looks up its action and its next history. A run that reaches
an information cascade is dropped: the state does not move, so that its belief and its action stay as they
are for ever.

Runs are kept in the smallest integers that hold them, one row an agent, and the beliefs as a table of
distinct beliefs and the row each run is at. `Paths` writes out the full arrays when they are first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social.protocol import FIRST_AGENT, Step, step, updated

if TYPE_CHECKING:
    from llma.social.model import SocialLearning

BLOCK = 4096
"""Runs whose observations are drawn together: their thresholds then stay in the cache."""


MOST_VALUES = 2**14
"""More observations or actions do not fit the small integers that runs are kept in."""

Small = NDArray[np.int8] | NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Paths:
    """Runs of the protocol.

    Attributes
    ----------
    states : ndarray of int, shape (n_paths,)
        True state of every run.
    observations, actions : ndarray of int64, shape (n_paths, n_agents)
        What every agent saw and did.
    cascade_time : ndarray of int, shape (n_paths,)
        Index of the first agent in a cascade, -1 if there is none.
    beliefs : ndarray, shape (n_paths, n_agents + 1, X)
        Public beliefs; ``beliefs[:, 0]`` is the prior and ``beliefs[:, k]`` what agent k starts from.
    """

    states: Ints
    cascade_time: Ints
    _seen: Small = field(repr=False)
    _done: Small = field(repr=False)
    _table: Floats = field(repr=False)
    _rows: NDArray[np.int32] = field(repr=False)

    @cached_property
    def observations(self) -> Ints:
        """What every agent saw, shape (n_paths, n_agents)."""
        return self._seen.T.astype(np.int64)

    @cached_property
    def actions(self) -> Ints:
        """What every agent did, shape (n_paths, n_agents)."""
        return self._done.T.astype(np.int64)

    @cached_property
    def beliefs(self) -> Floats:
        """Public beliefs, shape (n_paths, n_agents + 1, X)."""
        return np.take(self._table, self._rows, axis=0).swapaxes(0, 1)


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
    states = draw_states(start, n_paths, rng, state)
    observations = draw_observations(model.likelihood, states, n_agents, rng)  # (n_agents, n_paths)
    return _walk(model, start, states, observations, rng)


def draw_observations(likelihood: Floats, states: Ints, n_agents: int, rng: np.random.Generator) -> Small:
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
    ndarray of int8 (int16 if there are more than 127 observations), shape (n_agents, n_paths)
    """
    thresholds = likelihood.cumsum(axis=1)[:, :-1]
    # Where nothing is left, no rounding of the sum may let the uniform slip past.
    thresholds[likelihood[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] == 0] = 2.0
    drawn: Small = np.zeros((n_agents, len(states)), dtype=_smallest(likelihood.shape[1]))
    for first in range(0, len(states), BLOCK):
        block = slice(first, first + BLOCK)
        bounds = thresholds[states[block]].T.copy()  # (Y - 1, block)
        uniform, above = np.empty(bounds.shape[1]), np.empty(bounds.shape[1], dtype=np.bool_)
        for k in range(n_agents):
            rng.random(out=uniform)
            count = drawn[k, block]
            for bound in bounds:
                count += np.greater_equal(uniform, bound, out=above)
    return drawn


def draw_states(prior: Floats, n_paths: int, rng: np.random.Generator, state: ArrayLike | None) -> Ints:
    """Return the state of every run, drawn from the prior unless given, shape (n_paths,).

    Raises
    ------
    ValueError
        If a given state is excluded by the prior, or there are neither one nor `n_paths` of them.
    """
    if state is None:
        drawn = draw_observations(prior[None, :], np.zeros(n_paths, dtype=np.int64), 1, rng)[0]
        return np.asarray(drawn, dtype=np.int64)
    given = checks.indices(state, "state", len(prior))
    if given.shape not in {(), (n_paths,)}:
        raise ValueError(f"state: expected one state or {n_paths} of them, got shape {given.shape}")
    excluded = prior[given] == 0
    if excluded.any():
        raise ValueError(f"state: {given[excluded].ravel()[0]} has prior probability 0; use another prior")
    return np.broadcast_to(given, n_paths).copy()


def _walk(
    model: SocialLearning, prior: Floats, states: Ints, observations: Small, rng: np.random.Generator
) -> Paths:
    n_agents, n_paths = observations.shape
    n_actions = model.n_actions
    actions: Small = np.empty((n_agents, n_paths), dtype=_smallest(n_actions))
    rows = np.zeros((n_agents + 1, n_paths), dtype=np.int32)
    cascade_time = np.full(n_paths, -1, dtype=np.int64)
    last_row, last_action = rows[0].copy(), np.zeros(n_paths, dtype=actions.dtype)
    beliefs, previous = prior[None, :], np.array([FIRST_AGENT])
    table, n_rows = [beliefs], 1
    live, node = np.arange(n_paths), np.zeros(n_paths, dtype=np.int64)  # learning runs, their histories
    for k in range(n_agents):
        if len(live):
            now = step(model, beliefs, previous)
            if now.cascade.any():
                entered = live[now.cascade.take(node) & (cascade_time.take(live) < 0)]
                cascade_time[entered] = k
                # A coin tossed whatever is seen goes on being tossed; every other cascade is settled.
                settled = now.cascade & (now.reference != 1).all(axis=0)
                stays = settled.take(node)
                last_action[live[stays]] = now.reference.argmax(axis=0).take(node[stays])
                live, node = live[~stays], node[~stays]
        if len(live):
            chosen = _choose(now, node, observations[k].take(live).astype(np.int64), rng)
            last_action[live] = chosen
            child = node * n_actions + chosen
            used = np.flatnonzero(np.bincount(child))
            relabel = np.empty(used[-1] + 1, dtype=np.int64)
            relabel[used] = np.arange(len(used))
            node = relabel.take(child)
            parent, previous = used // n_actions, used % n_actions
            beliefs = updated(model, beliefs, now, parent, previous)
            table.append(beliefs)
            last_row[live] = n_rows + node
            n_rows += len(beliefs)
        actions[k] = last_action
        rows[k + 1] = last_row
    return Paths(states, cascade_time, observations, actions, np.concatenate(table), rows)


def _choose(now: Step, node: Ints, seen: Ints, rng: np.random.Generator) -> Ints:
    """Return the actions of runs at histories `node` after observations `seen`."""
    place = seen * len(now.cascade) + node
    if len(now.halves) == 2:  # only here can there be coins
        half = now.halves[1].ravel().take(place)
        if np.any(half == 1):
            return np.asarray(2 * rng.random(len(node)) < half, dtype=np.int64)
        return np.asarray(half // 2, dtype=np.int64)
    table = np.zeros(now.halves.shape[1:], dtype=np.int16)
    for u in range(1, len(now.halves)):
        table += now.halves[u] * np.int16(u)
    return np.asarray(table.ravel().take(place) // 2, dtype=np.int64)


def _smallest(n_values: int) -> np.dtype[np.int8] | np.dtype[np.int16]:
    if n_values > MOST_VALUES:
        raise ValueError(f"expected at most {MOST_VALUES} observations and actions, got {n_values}")
    return np.dtype(np.int8) if n_values <= np.iinfo(np.int8).max else np.dtype(np.int16)
