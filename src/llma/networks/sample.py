r"""Sampling: runs with exact decisions, and errors on networks that are too wide to be listed.

Two things are offered, and they are not the same.

`draw` needs the exact law. Every decision in its runs is the exact one; only the runs are random.

`sample` does without. It runs the agents in two populations. In the first, agent n counts how often each
combination h of its neighbours' actions occurred with each state, and takes

.. math:: \hat P(x \mid h) = \frac{\#(h, x) + P(x)}{\#(h) + 1}

for its belief, where P(x) is the prior probability of the state at its time. All decide by that. The second
population decides by the same table and is counted for the errors: it is fresh, so the error of the agents
*with these tables* is estimated without bias, and its standard error is that of a share. Two things are
sampled, then: the tables, and the errors. The tables are close to Bayes' rule where a combination was met
often. `coverage` is the share of the second population that met a combination which the first had met at
least 30 times. Where it is low, the agents are not Bayesian, only cautious: an unknown combination leaves
them with the prior and their own reading.

Ties. An exact tie becomes a matter of luck when a belief is estimated. Choose a prior without ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.networks.exact import NetworkLaw, check_prior, latest, merged, summed
from llma.social.protocol import choices

if TYPE_CHECKING:
    from llma.networks.model import NetworkLearning

OFTEN = 30
"""A combination met so often counts as known."""


@dataclass(frozen=True, eq=False)
class NetworkPaths:
    """Runs on a network.

    Attributes
    ----------
    states, observations, actions : ndarray of int, shape (n_paths, n_agents)
        The state at each agent's time, what it read, what it did.
    """

    states: Ints
    observations: Ints
    actions: Ints


@dataclass(frozen=True, eq=False)
class SampledLaw:
    """Errors by simulation.

    Attributes
    ----------
    error : ndarray, shape (n,)
        Share of the fresh runs in which agent k played an action that is not optimal.
    standard_error : ndarray, shape (n,)
        Of these shares, for the agents with the tables that were learned.
    coverage : ndarray, shape (n,)
        Share of the fresh runs in which what agent k saw had been met at least 30 times while learning.
    """

    error: Floats
    standard_error: Floats
    coverage: Floats


def draw(
    model: NetworkLearning, law: NetworkLaw, n_paths: int, rng: np.random.Generator, state: int | None = None
) -> NetworkPaths:
    """Return runs with exact decisions; see `NetworkLearning.simulate`."""
    prior = law.joint[0].sum(axis=1)
    states = _states(model, prior, n_paths, rng, state)
    seen = _readings(model, states, rng)
    actions = np.zeros(states.shape, dtype=np.int64)
    for n, neighbours in enumerate(model.network.neighbours):
        rule = law.rules[n]
        # Stacked under the rule's own combinations, equal rows share a place.
        rows = np.concatenate([rule.seen, actions[:, list(neighbours)]])
        _, place = merged(rows, model.n_actions)
        where = np.zeros(place.max() + 1, dtype=np.int64)
        where[place[: len(rule.seen)]] = np.arange(len(rule.seen))
        law_of_action = rule.choice[where[place[len(rule.seen) :]], seen[:, n]]  # (n_paths, U)
        actions[:, n] = _choose(law_of_action, rng)
    return NetworkPaths(states, seen, actions)


def sample(model: NetworkLearning, prior: ArrayLike, n_paths: int, rng: np.random.Generator) -> SampledLaw:
    """Return errors by simulation; see `NetworkLearning.sample`."""
    start = check_prior(model, prior)
    if model.kind == "naive":
        raise ValueError("sample: is for Bayesian agents; use exact for naive ones")
    if n_paths < 1:
        raise ValueError(f"n_paths: is {n_paths}; expected 1 or more")
    states = _states(model, start, 2 * n_paths, rng, None)
    seen = _readings(model, states, rng)
    actions = np.zeros(states.shape, dtype=np.int64)
    error, coverage = np.empty(model.n_agents), np.empty(model.n_agents)
    now = start
    for n, (agent, neighbours) in enumerate(zip(model.agents, model.network.neighbours, strict=True)):
        combinations, group = merged(actions[:, list(neighbours)], model.n_actions)
        truth = np.eye(model.n_states)[states[:n_paths, n]]
        counts = summed(truth, group[:n_paths], len(combinations))
        belief = (counts + now) / (counts.sum(axis=1, keepdims=True) + 1)
        halves = choices(agent, belief, latest(combinations))  # (U, Y, G)
        actions[:, n] = _choose(halves[:, seen[:, n], group].T / 2, rng)
        fresh = slice(n_paths, None)
        wrong = agent.regret[states[fresh, n], actions[fresh, n]] > 0
        error[n] = wrong.mean()
        coverage[n] = (counts.sum(axis=1)[group[fresh]] >= OFTEN).mean()
        now = now if model.transition is None else now @ model.transition
    return SampledLaw(error, np.sqrt(error * (1 - error) / n_paths), coverage)


def _states(
    model: NetworkLearning, prior: Floats, n_paths: int, rng: np.random.Generator, state: int | None
) -> Ints:
    if n_paths < 1:
        raise ValueError(f"n_paths: is {n_paths}; expected 1 or more")
    first = prior if state is None else np.eye(model.n_states)[checks.indices(state, "state", model.n_states)]
    states = np.empty((n_paths, model.n_agents), dtype=np.int64)
    states[:, 0] = _choose(np.broadcast_to(first, (n_paths, model.n_states)), rng)
    for n in range(1, model.n_agents):
        before = states[:, n - 1]
        states[:, n] = before if model.transition is None else _choose(model.transition[before], rng)
    return states


def _readings(model: NetworkLearning, states: Ints, rng: np.random.Generator) -> Ints:
    drawn = [_choose(agent.likelihood[states[:, n]], rng) for n, agent in enumerate(model.agents)]
    return np.stack(drawn, axis=1)


def _choose(law: Floats, rng: np.random.Generator) -> Ints:
    """Return one draw from each row of a table of probabilities, shape (N,)."""
    bounds = law.cumsum(axis=1)
    uniform = rng.random(len(law)) * bounds[:, -1]
    return np.asarray((uniform[:, None] >= bounds[:, :-1]).sum(axis=1), dtype=np.int64)
