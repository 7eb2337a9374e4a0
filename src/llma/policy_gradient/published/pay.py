r"""The published experiment on incentives with a threshold, replicated exactly, and the same one repaired.

What the cell does. Sensor [[.6, .4], [.2, .8]], 40 agents, an even prior, the true state drawn evenly. While
the public belief in state 0 is at least the threshold, the agent that saw y is paid

.. math:: p = \frac{\eta_y(0) - \eta_y(1)}{\omega_1 - \omega_0}, \qquad \omega = (.4, .2),

with :math:`\eta_y` its *private* belief; p can be negative. It plays the action with the largest
:math:`\pi(u) p(y|u) + \omega_u p`, and the public belief is updated with 1 + R in the place of R, as if
nobody were paid. The search minimises the sum of the p alone, with widths of one radian that never shrink.

The private belief enters the choice not normalised, and the payment normalised. So the agent that is paid
always acts *against* its private belief, unless that is even. And the sum of the incentives is negative:
money flows from the agents to the centre.

Repaired. The incentive is set before the observation: the least one that makes the action show it
(`llma.incentives`), for whichever action has to be paid for. Agents who are indifferent show what they saw.
The belief is updated with the true likelihood of the actions. The objective is what is paid, in absolute
value, plus a fine if the public belief is on the wrong side at the end.

Source. incentivizedherding.ipynb of the repository published with Jain and Krishnamurthy (2025); read, and
written anew.

>>> theirs = replicate([0.0, 1.0])
>>> theirs.right.round(2), repaired([0.0, 1.0]).right.round(2)
(array([0.17, 0.95]), array([1.  , 0.78]))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from llma import checks
from llma.checks import Floats, Ints
from llma.incentives import IncentivisedAgents
from llma.policy_gradient.published.chain import Chain, follow, gather
from llma.policy_gradient.spsa import Objective

SENSOR = np.array([[0.6, 0.4], [0.2, 0.8]])
OMEGA = (0.4, 0.2)
AGENTS = 40
FINE = 500.0
"""What the wrong belief at the end costs, in the repaired objective; the published one has no such cost."""


@dataclass(frozen=True, eq=False)
class Paid:
    """What a stack of thresholds leads to, each array of shape (n,).

    Attributes
    ----------
    paid : ndarray
        Mean sum of the incentives: as published, with their sign; repaired, in absolute value.
    right : ndarray
        Probability that the public belief favours the true state at the end (published: state 0 wins a tie).
    """

    paid: Floats
    right: Floats

    def objective(self, fine: float = FINE) -> Floats:
        """Return what is paid plus the fine for a wrong belief at the end."""
        return self.paid + fine * (1 - self.right)


def replicate(thresholds: ArrayLike) -> Paid:
    """Return the exact means of the published experiment."""
    levels = _levels(thresholds)
    chain, pay, act = _published()
    n = len(chain.belief)
    on = (1 - chain.belief)[:, None] >= levels  # (N, G)
    mass = np.zeros((n, len(levels), 2))
    mass[0] = 0.5
    total = np.zeros(len(levels))
    for _ in range(AGENTS):
        later = np.zeros_like(mass)
        for y in (0, 1):
            flow = mass * SENSOR[:, y]
            total += (flow.sum(axis=2) * pay[:, y, None] * on).sum(axis=0)
            for paid in (0, 1):
                part = flow * (on == paid)[..., None]
                later += gather(chain.after[np.arange(n), act[:, y, paid]], part)
        mass = later
    favours = (chain.belief > 1 - chain.belief).astype(np.int64)
    right = np.where(favours[:, None] == 1, mass[..., 1], mass[..., 0]).sum(axis=0)
    return Paid(total, right)


def repaired(thresholds: ArrayLike) -> Paid:
    """Return the exact means of the repaired experiment: pay while the belief in state 0 is high enough."""
    levels = _levels(thresholds)
    agents = _agents()
    steps = np.log(SENSOR[1] / SENSOR[0])
    mass = np.zeros((len(levels), 1, 2))
    mass[:] = 0.5
    total, right = np.zeros(len(levels)), np.zeros(len(levels))
    for k in range(AGENTS + 1):
        ones = np.arange(k + 1)
        ell = np.clip((k - ones) * steps[0] + ones * steps[1], -30.0, 30.0)
        q = expit(ell)  # belief in state 1
        share = np.where(ell[:, None] == 0, 0.5, (ell[:, None] > 0) == [False, True])  # (k + 1, 2)
        if k == AGENTS:
            right += (mass * share).sum(axis=(1, 2))
            break
        cost = np.abs(agents.reveal_incentive(1 - q))
        moves = (cost == 0) | (1 - q >= levels[:, None])  # (G, k + 1)
        still = mass * ~moves[..., None]
        right += (still * share).sum(axis=(1, 2))
        mass = mass * moves[..., None]
        total += (mass.sum(axis=2) * cost).sum(axis=1)
        wider = np.zeros((len(levels), k + 2, 2))
        wider[:, :-1] += mass * SENSOR[:, 0]
        wider[:, 1:] += mass * SENSOR[:, 1]
        mass = wider
    return Paid(total, right)


def published_box(episodes: int = 10) -> Objective:
    """Return the noisy objective of the published search: the mean sum of incentives, nothing else."""
    chain, pay, act = _published()
    node = np.arange(len(chain.belief))[:, None, None]
    after = chain.after[node, act].ravel()
    worth = (pay[..., None] * np.array([0.0, 1.0])).ravel()

    def objective(threshold: ArrayLike, rng: np.random.Generator) -> Floats:
        levels = checks.probabilities(threshold, "threshold")
        size = (levels.size, episodes)
        chance = SENSOR[rng.integers(2, size=size), 1]
        draws = rng.random((AGENTS, *size))
        on = (1 - chain.belief) >= levels.reshape(-1, 1)
        total = worth[follow(after, on, draws < chance)].sum(axis=0)
        return np.asarray(total.mean(axis=1).reshape(levels.shape))

    return objective


def repaired_box(episodes: int = 10, temperature: float = 0.03, fine: float = FINE) -> Objective:
    """Return the noisy objective of the repaired experiment, with a threshold that is drawn anew a run.

    Each run has the threshold plus logistic noise of this temperature. That is smooth, and needs to know
    nothing of what happens within a run.
    """
    agents = _agents()
    steps = np.log(SENSOR[1] / SENSOR[0])

    def objective(threshold: ArrayLike, rng: np.random.Generator) -> Floats:
        levels = checks.probabilities(threshold, "threshold")
        size = (levels.size, episodes)
        states = rng.integers(2, size=size)
        seen = (rng.random((*size, AGENTS)) < SENSOR[states, 1][..., None]).astype(np.int64)
        walk = np.zeros((*size, AGENTS + 1))
        np.cumsum(steps[seen], axis=-1, out=walk[..., 1:])
        walk = np.clip(walk, -30.0, 30.0)
        ones = np.zeros((*size, AGENTS + 1), dtype=np.int64)
        np.cumsum(seen, axis=-1, out=ones[..., 1:])
        high = expit(-walk)
        cost = np.abs(agents.reveal_incentive(high))[..., :AGENTS]
        noise = rng.logistic(scale=temperature, size=size) if temperature else np.zeros(size)
        level = (levels.reshape(-1, 1) + noise)[..., None]
        quits = (cost > 0) & (high[..., :AGENTS] < level)
        end = np.where(quits.any(axis=-1), quits.argmax(axis=-1), AGENTS)
        paid = (cost * (np.arange(AGENTS) < end[..., None])).sum(axis=-1)
        last = np.take_along_axis(walk, end[..., None], axis=-1)[..., 0]
        wrong = np.where(last == 0, 0.5, (last > 0) != (states == 1))
        return np.asarray((paid + fine * wrong).mean(axis=1).reshape(levels.shape))

    return objective


def best_repaired(fine: float = FINE) -> tuple[float, float]:
    """Return a best threshold of the repaired experiment, in the middle of its interval, and its cost."""
    grid = np.linspace(0, 1, 2001)
    cost = repaired(grid).objective(fine)
    best = grid[cost <= cost.min() + 1e-9]
    return float(best[0] + best[-1]) / 2, float(cost.min())


@dataclass(frozen=True)
class PublishedGains:
    """The gains of the published search: steps from .5 to .05 in a straight line, a width of 1 that stays."""

    n: int = 1000

    def step(self, k: int) -> float:
        """Return a_k."""
        return 0.5 - 0.45 * (k + 1) / (self.n - 1)

    def width(self, k: int) -> float:
        """Return c_k: one radian."""
        return 1.0


def _published() -> tuple[Chain, Floats, Ints]:
    """Return the chain, what an agent that saw y is paid, and what it does without and with pay."""
    chain = Chain(SENSOR, 0.5, AGENTS)
    shares = chain.private / chain.private.sum(axis=2, keepdims=True)
    pay = (shares[..., 0] - shares[..., 1]) / (OMEGA[1] - OMEGA[0])
    gain = chain.private[..., 1] - chain.private[..., 0]  # (N, Y)
    with_pay = (gain + (OMEGA[1] - OMEGA[0]) * pay > 0).astype(np.int64)
    return chain, pay, np.stack([chain.best, with_pay], axis=-1)


def _agents() -> IncentivisedAgents:
    """Return the repaired agents with the names of states and actions exchanged: pay is worth more with 0."""
    table = SENSOR[::-1, ::-1]
    return IncentivisedAgents(table, (1.0, 1.0), 0.0, OMEGA[0] - OMEGA[1], tie="own")


def _levels(thresholds: ArrayLike) -> Floats:
    levels = checks.probabilities(thresholds, "thresholds")
    if levels.ndim != 1:
        raise ValueError(f"thresholds: expected a list of numbers, got shape {levels.shape}")
    return levels
