r"""The exact law of all actions on a network: every history listed, equal ones merged.

Model. :math:`W_n(g, x)` is the probability that the state is x when agent n acts, and that the actions taken
so far which are still to be seen are g. Agent n sees the part h of g that belongs to its neighbourhood. Its
belief before its own reading is

.. math:: P(x \mid h) \propto \sum_{g \to h} W_n(g, x),

a sum over everything it does not see. With its reading it decides as in `llma.social.protocol`; action a then
has probability :math:`R_a(x \mid h) = \sum_y B_{xy}\, p(a \mid h, y)` in state x, and

.. math:: W_{n+1}(g a, x') = \sum_x W_n(g, x)\, R_a(x \mid h)\, P_{xx'} .

Algorithm. W is a table with one row a history of positive probability. An action that nobody will see any
more is forgotten: its column is dropped and rows that have become equal are merged. So the price is not
:math:`U^n`, but the number of histories of the actions still to be seen: 2 on a line of any length,
:math:`2^k` if everybody sees the last k, and often only some dozens on the complete network, where most
histories are impossible once a cascade has begun. There is no sampling and no pruning; the error is rounding
alone: every number is a sum of products of non-negative terms.

Naive agents multiply the likelihoods :math:`R^{\text{alone}}_{u_j}(x)` of the actions that they see, as if
each had been taken on a reading alone. Only their beliefs differ; the law is propagated as above.

>>> from llma.networks import NetworkLearning, Network
>>> network = Network([[], [], [0, 1]])
>>> law = NetworkLearning(network, [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]).exact([0.45, 0.55])
>>> law.error.round(4), law.n_histories
(array([0.3  , 0.3  , 0.216]), 4)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social.protocol import FIRST_AGENT, public_likelihood, step

if TYPE_CHECKING:
    from llma.networks.model import NetworkLearning

MAX_HISTORIES = 200_000
"""Histories kept at most, unless the caller says otherwise."""

PACKED_BITS = 62
"""A history of so many bits is told apart by one integer."""


@dataclass(frozen=True, eq=False)
class Rule:
    """How one agent decides.

    Attributes
    ----------
    seen : ndarray of int, shape (G, B)
        What it can see: one row for each combination of its neighbours' actions, in their order.
    belief : ndarray, shape (G, X)
        Its belief after that, before its own reading.
    probability : ndarray, shape (G, X)
        Probability of the combination and of the state at this agent's time.
    choice : ndarray, shape (G, Y, U)
        Probability of each action after each reading: 0 or 1, or 1/2 where a coin is tossed.
    ignores : ndarray of bool, shape (G,)
        Whether its action does not depend on its reading.
    """

    seen: Ints
    belief: Floats
    probability: Floats
    choice: Floats
    ignores: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NetworkLaw:
    """The law of all actions.

    Attributes
    ----------
    joint : ndarray, shape (n, X, U)
        Entry [k, x, u]: the probability that the state is x when agent k acts, and that it plays u.
    cost : ndarray, shape (n, X, U)
        Every agent's cost table.
    p_ignores : ndarray, shape (n, X)
        Entry [k, x]: the probability, given x, that what agent k sees fixes its action.
    rules : tuple of Rule
        How every agent decides.
    n_histories : int
        The most histories kept at once.
    """

    joint: Floats
    cost: Floats
    p_ignores: Floats
    rules: tuple[Rule, ...]
    n_histories: int

    @property
    def p_action(self) -> Floats:
        """Probability of action u of agent k given the state at its time, shape (n, X, U)."""
        total = self.joint.sum(axis=2, keepdims=True)
        return np.asarray(np.divide(self.joint, total, out=np.zeros_like(self.joint), where=total > 0))

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which actions are not optimal, for each agent and state, shape (n, X, U)."""
        least = self.cost.min(axis=2, keepdims=True)
        slack = 4 * np.finfo(np.float64).eps * np.abs(self.cost).max(axis=2, keepdims=True)
        return np.asarray(self.cost - least > slack)

    @property
    def p_wrong_action(self) -> Floats:
        """Probability, given the state, that agent k plays an action that is not optimal, shape (n, X)."""
        return np.asarray((self.p_action * self.wrong).sum(axis=2))

    @property
    def error(self) -> Floats:
        """Probability that agent k plays an action that is not optimal, shape (n,)."""
        return np.asarray((self.joint * self.wrong).sum(axis=(1, 2)))

    @property
    def expected_cost(self) -> Floats:
        """Expected cost of agent k, shape (n,)."""
        return np.asarray((self.joint * self.cost).sum(axis=(1, 2)))


def exact(model: NetworkLearning, prior: ArrayLike, max_histories: int = MAX_HISTORIES) -> NetworkLaw:
    """Return the law of all actions; see `NetworkLearning.exact`."""
    start = check_prior(model, prior)
    n_states, n_actions = model.n_states, model.n_actions
    shape = (model.n_agents, n_states, n_actions)
    joint, p_ignores, rules, most = np.empty(shape), np.empty(shape[:2]), [], 1
    columns: list[int] = []
    table, weight = np.zeros((1, 0), dtype=np.int64), start[None, :].copy()
    for n, (agent, seen_agents) in enumerate(zip(model.agents, model.network.neighbours, strict=True)):
        seen, group = merged(table[:, [columns.index(j) for j in seen_agents]], n_actions)
        mass = summed(weight, group, len(seen))
        belief = _naive(model, start, n, seen) if model.kind == "naive" else _normalised(mass)
        now = step(agent, belief, latest(seen))
        flow = weight[:, :, None] * public_likelihood(agent, now)[group]  # (histories, X, U)
        joint[n] = flow.sum(axis=0)
        total = weight.sum(axis=0)
        ignored = mass[now.cascade].sum(axis=0)
        p_ignores[n] = np.divide(ignored, total, out=np.zeros(n_states), where=total > 0)
        rules.append(Rule(seen, belief, mass, now.halves.T / 2, now.cascade))
        table, weight, columns = _forget(model, n, table, flow, columns)
        if len(table) > max_histories:
            raise ValueError(
                f"exact: agent {n} leaves {len(table)} histories of the {len(columns)} actions still to be "
                f"seen, more than max_histories = {max_histories}; use sample, or a sparser network"
            )
        most = max(most, len(table))
        if model.transition is not None:
            weight = weight @ model.transition
    costs = np.stack([agent.cost for agent in model.agents])
    return NetworkLaw(joint, costs, p_ignores, tuple(rules), most)


def merged(rows: Ints, n_actions: int) -> tuple[Ints, Ints]:
    """Return the distinct rows of a table of actions, and for each row its place among them."""
    digits = rows.shape[1]
    if digits * np.log2(max(n_actions, 2)) <= PACKED_BITS:
        codes = rows @ np.asarray([n_actions**k for k in range(digits)], dtype=np.int64)
        _, first, place = np.unique(codes, return_index=True, return_inverse=True)
        return rows[first], place.reshape(-1)
    distinct, place = np.unique(rows, axis=0, return_inverse=True)
    return distinct, place.reshape(-1)


def summed(weight: Floats, group: Ints, size: int) -> Floats:
    """Return the sums of the rows of `weight` over groups, shape (size, X)."""
    return np.stack([np.bincount(group, column, size) for column in weight.T], axis=1)


def latest(seen: Ints) -> Ints:
    """Return the action of the latest neighbour in each combination, for the tie rule "follow"."""
    return seen[:, -1] if seen.shape[1] else np.full(len(seen), FIRST_AGENT)


def check_prior(model: NetworkLearning, prior: ArrayLike) -> Floats:
    """Return the prior as an array; every state must be possible."""
    start = checks.belief(prior, "prior", model.n_states)
    if start.ndim != 1:
        raise ValueError(f"prior: expected one belief, got shape {start.shape}")
    if not np.all(start > 0):
        raise ValueError(
            f"prior: state {int(np.argmin(start))} has probability 0; leave that state out of the model"
        )
    return start


def _forget(
    model: NetworkLearning, n: int, table: Ints, flow: Floats, columns: list[int]
) -> tuple[Ints, Floats, list[int]]:
    """Return the histories after agent n, without the actions that nobody will see any more."""
    last = model.network.last_viewer
    kept = [c for c, j in enumerate(columns) if last[j] > n]
    after = [columns[c] for c in kept]
    old = table[:, kept]
    if last[n] > n:
        old = np.concatenate([np.insert(old, len(kept), u, axis=1) for u in range(model.n_actions)], axis=0)
        weight = np.concatenate([flow[:, :, u] for u in range(model.n_actions)], axis=0)
        after.append(n)
    else:
        weight = flow.sum(axis=2)
    possible = weight.any(axis=1)
    distinct, place = merged(old[possible], model.n_actions)
    return distinct, summed(weight[possible], place, len(distinct)), after


def _normalised(mass: Floats) -> Floats:
    return np.asarray(mass / mass.sum(axis=1, keepdims=True))


def _naive(model: NetworkLearning, prior: Floats, n: int, seen: Ints) -> Floats:
    """Return what a naive agent believes after each combination of actions."""
    belief = np.broadcast_to(prior, (len(seen), len(prior))).copy()
    for column, j in enumerate(model.network.neighbours[n]):
        agent = model.agents[j]
        alone = public_likelihood(agent, step(agent, prior[None, :], np.array([FIRST_AGENT])))[0]  # (X, U)
        said = alone.T[seen[:, column]]
        said[~said.any(axis=1)] = 1.0
        belief = _normalised(belief * said)
    return belief
