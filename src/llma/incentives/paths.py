r"""What happens under a policy: the exact law of beliefs and payments, and simulation.

A policy is a function that takes an array of public beliefs q in state 1 to the incentives it posts there.
Agents act on it, and everybody updates the belief with the true action likelihood. Where the action does not
reveal the observation, the belief stays, and with it the incentive and the action: for ever.

Exact law. After k agents who all revealed, the log-odds are
:math:`\ell_0 + (k - j)\lambda_0 + j\lambda_1` when j of them saw 1. So k + 1 numbers carry the law of those
still revealing; the others have stopped moving. Nothing is sampled and nothing is dropped. A policy is asked
at log-odds of at most 30 in absolute value: beyond, a double cannot tell the belief from certainty.

>>> from llma.incentives import FusionCentre, IncentivisedAgents
>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
>>> solution = FusionCentre(agents, 1.0, 0.0, 0.9).solve()
>>> law = exact_law(agents, solution.incentive, 0.3, 8)
>>> law.mean_incentive(0.3).round(3)
array([0.4  , 0.   , 0.084, 0.   , 0.035, 0.   , 0.015, 0.   ])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from llma import checks
from llma.checks import Floats, Ints
from llma.incentives.agents import IncentivisedAgents, open_belief
from llma.incentives.recursion import log_odds_of

if TYPE_CHECKING:
    from llma.incentives.centre import FusionCentre

Policy = Callable[[Floats], Floats]
EVEN = 1e-9
"""A belief this close to one half favours neither state: it counts half for each."""
CERTAIN = 30.0
"""A policy is asked at log-odds no further from zero than this."""


@dataclass(frozen=True, eq=False)
class IncentiveLaw:
    """The law of incentives and actions under a policy, given each state; all arrays have shape (n, 2).

    Attributes
    ----------
    incentive : ndarray
        Entry [k, x]: mean incentive posted to agent k in state x (negative ones pay for action 0).
    p_reveal : ndarray
        Probability that the action of agent k reveals its observation.
    p_action_1 : ndarray
        Probability that agent k plays 1.
    belief : ndarray
        Mean public belief in state 1 before agent k acts.
    p_believed : ndarray
        Probability that this belief favours the true state (half where it is even).
    """

    incentive: Floats
    p_reveal: Floats
    p_action_1: Floats
    belief: Floats
    p_believed: Floats

    def mean_incentive(self, prior: float) -> Floats:
        """Return the mean incentive of each agent under the mixture law, shape (n,)."""
        return np.asarray(self.incentive @ [1 - prior, prior])

    @property
    def p_right(self) -> Floats:
        """Probability that agent k plays the action of the true state, shape (n, 2)."""
        return np.stack([1 - self.p_action_1[:, 0], self.p_action_1[:, 1]], axis=1)


def exact_law(agents: IncentivisedAgents, policy: Policy, prior: float, n_agents: int) -> IncentiveLaw:
    """Return the exact law of incentives and actions for `n_agents` agents from a prior q of state 1.

    Parameters
    ----------
    agents : IncentivisedAgents
        Those who act.
    policy : callable
        Beliefs in state 1, shape (n,), to incentives, shape (n,).
    prior : float
        Public belief in state 1 before agent 0, strictly between 0 and 1.
    n_agents : int
        Number of agents, at least 1.

    Returns
    -------
    IncentiveLaw
    """
    start = float(log_odds_of(open_belief(prior)))
    if n_agents < 1:
        raise ValueError(f"n_agents: is {n_agents}; expected at least 1")
    down, up = agents.log_ratios
    mass = np.ones((1, 2))
    still = np.zeros((5, 2))  # what those who no longer move add to each table
    out = np.empty((5, n_agents, 2))
    for k in range(n_agents):
        seen = np.arange(k + 1)
        q = expit(np.clip(start + (k - seen) * down + seen * up, -CERTAIN, CERTAIN))
        posted = np.asarray(policy(q), dtype=np.float64)
        chosen = agents.decision(q, posted)
        moving = chosen[:, 0] != chosen[:, 1]
        yes = np.where(moving[:, None], agents.likelihood[:, 1], chosen[:, :1])  # (k + 1, 2)
        up_side = np.where(np.abs(q - 0.5) <= EVEN, 0.5, q > 0.5)
        sides = np.stack([1 - up_side, up_side], axis=1)
        parts = (posted[:, None], moving[:, None], yes, q[:, None], sides)
        table = np.stack([mass * part for part in parts])  # (5, k + 1, 2)
        out[:, k] = still + table.sum(axis=1)
        still = still + table[:, ~moving].sum(axis=1)
        flow = mass * moving[:, None]
        mass = np.zeros((k + 2, 2))
        mass[:-1] += flow * agents.likelihood[:, 0]
        mass[1:] += flow * agents.likelihood[:, 1]
    return IncentiveLaw(*out)


@dataclass(frozen=True, eq=False)
class IncentiveRuns:
    """Simulated runs under a policy.

    Attributes
    ----------
    states : ndarray, shape (n_paths,)
    observations, actions : ndarray of int, shape (n_paths, n_agents)
    incentives : ndarray, shape (n_paths, n_agents)
    beliefs : ndarray, shape (n_paths, n_agents + 1)
        Public belief in state 1; the first column is the prior.
    costs : ndarray, shape (n_paths,)
        Discounted losses and payments of the centre over these agents.
    """

    states: Ints
    observations: Ints
    actions: Ints
    incentives: Floats
    beliefs: Floats
    costs: Floats


def simulate(
    centre: FusionCentre,
    policy: Policy,
    prior: float,
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    state: int | None = None,
) -> IncentiveRuns:
    """Simulate agents who are paid by a policy.

    Parameters
    ----------
    centre : FusionCentre
        Agents, losses, discount, and who is paid.
    policy : callable
        Beliefs in state 1 to incentives.
    prior : float
        Public belief in state 1 before agent 0.
    size : (int, int)
        Number of paths, and of agents on each.
    rng : numpy.random.Generator
        Source of all randomness.
    state : int, optional
        The state; None draws it from the prior for each path.

    Returns
    -------
    IncentiveRuns

    Examples
    --------
    >>> from llma.incentives import FusionCentre, IncentivisedAgents
    >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
    >>> centre = FusionCentre(agents, 1.0, 0.0, 0.9)
    >>> runs = simulate(centre, centre.solve().incentive, 0.45, (2000, 100), np.random.default_rng(1))
    >>> bool(abs(runs.costs.mean() - 1.3115) < 0.2)
    True
    """
    agents = centre.agents
    start = float(log_odds_of(open_belief(prior)))
    n_paths, n_agents = size
    if n_agents < 1 or n_paths < 1:
        raise ValueError(f"size: is {size}; expected at least one path and one agent")
    if state is None:
        states = (rng.random(n_paths) < prior).astype(np.int64)
    else:
        states = np.full(n_paths, checks.indices([state], "state", 2)[0])
    seen = np.zeros(n_paths, dtype=np.int64)
    told = np.zeros(n_paths, dtype=np.int64)
    down, up = agents.log_ratios
    observations, actions = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    incentives, beliefs = np.empty(size), np.empty((n_paths, n_agents + 1))
    costs, weight = np.zeros(n_paths), 1.0
    beliefs[:, 0] = prior
    for k in range(n_agents):
        pairs, back = np.unique(np.stack([told, seen]), axis=1, return_inverse=True)
        ell = np.clip(start + (pairs[0] - pairs[1]) * down + pairs[1] * up, -CERTAIN, CERTAIN)
        q = expit(ell)
        posted = np.asarray(policy(q), dtype=np.float64)
        chosen = agents.decision(q, posted)
        back = back.ravel()
        drawn = (rng.random(n_paths) < agents.likelihood[states, 1]).astype(np.int64)
        act = chosen[back, drawn]
        pay = posted[back]
        observations[:, k], actions[:, k], incentives[:, k] = drawn, act, pay
        paid = np.abs(pay)
        if centre.pay == "action":
            paid = paid * (act == (pay > 0))
        loss = np.where(states == 1, centre.miss_cost * (act == 0), centre.false_alarm_cost * (act == 1))
        costs += weight * (loss + paid)
        weight *= centre.discount
        reveals = (chosen[:, 0] != chosen[:, 1])[back]
        told, seen = told + reveals, seen + reveals * drawn
        beliefs[:, k + 1] = expit(start + (told - seen) * down + seen * up)
    return IncentiveRuns(states, observations, actions, incentives, beliefs, costs)
