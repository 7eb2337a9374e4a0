r"""The published experiment on stopping, replicated exactly, and the same experiment repaired.

What the cell does. Sensor [[.7, .3], [.1, .9]], 100 steps, discount .99; the true state is drawn evenly, the
belief starts at (.4, .6). At belief :math:`\pi` an agent "stops" if :math:`\pi(0) < \gamma`: it then plays
its best action. Else it shows what it saw, and a delay cost that grows from 1 to 100 is charged, times its
private belief in state 0. A cost of classification is charged at each step. After 100 steps 700 is charged,
times the last private belief in state 1, times the discount to the number of steps that did not stop.

Four things to know. A stop is not for ever. The public belief is updated as if the agent had herded, with
1 + R in the place of R. Private beliefs are not normalised. And the rule points the wrong way: delay costs in
state 0, stopping costs in state 1, yet it stops where state 0 is *unlikely*.

Repaired. A stop is for ever and is paid when it happens; while agents show what they saw the belief is
filtered; beliefs are normalised; the state has the law of the prior. `side` is "published" (stop if
:math:`\pi(0) < \gamma`) or "turned" (stop if :math:`\pi(0) \ge \gamma`). Costs, sensor and horizon are
theirs.

Both are computed exactly, with the law of the belief carried forward; `optimum` is the least cost of any rule
for the repaired problem, by backward induction.

Source. optimalstopping.ipynb of the repository published with Jain and Krishnamurthy (2025); read, and
written anew.

>>> theirs = replicate([0.0, 0.5, 1.0])
>>> theirs.cost.round(), theirs.accuracy.round(3)
(array([798., 917., 330.]), array([0.8  , 0.846, 0.994]))
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from llma import checks
from llma.checks import Floats
from llma.policy_gradient.lattice import SNAP
from llma.policy_gradient.published.chain import Chain, follow, gather
from llma.policy_gradient.spsa import Objective

SENSOR = np.array([[0.7, 0.3], [0.1, 0.9]])
PRIOR = 0.6
"""Public belief in state 1 at the start."""
DISCOUNT = 0.99
STEPS = 100
DELAY = np.linspace(1.0, 100.0, STEPS)
WRONG = 700.0
SWEEP_COST = np.array([[1.0, 2.0], [2.0, 1.0]])
SEARCH_COST = np.array([[0.0, 1.0], [1.0, 0.0]])
SIDES = ("published", "turned")


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a stack of thresholds leads to, each array of shape (n,).

    Attributes
    ----------
    cost : ndarray
        Mean total cost.
    steps : ndarray
        Mean number of steps at which an agent showed what it saw.
    accuracy : ndarray
        Probability that the last action is right.
    """

    cost: Floats
    steps: Floats
    accuracy: Floats


def replicate(thresholds: ArrayLike, cost: Floats = SWEEP_COST) -> Sweep:
    """Return the exact means of the published experiment, which estimates them from 1,000 runs."""
    levels = _levels(thresholds)
    chain = Chain(SENSOR, PRIOR, STEPS)
    n = len(chain.belief)
    halts = (1 - chain.belief)[:, None] < levels  # (N, G)
    mass = np.zeros((n, len(levels), 2))
    mass[0] = 0.5
    kept = mass.copy()
    total, shown, right = (np.zeros(len(levels)) for _ in range(3))
    masks = {halt: (halts == halt)[..., None].astype(np.float64) for halt in (True, False)}
    masks_kept = {True: masks[True], False: DISCOUNT * masks[False]}
    for t in range(STEPS):
        later, saved = np.zeros_like(mass), np.zeros_like(kept)
        for y in (0, 1):
            flow = mass * SENSOR[:, y]
            left = kept * SENSOR[:, y]
            private = chain.private[:, y]  # (N, 2)
            for halt, action in ((True, chain.best[:, y]), (False, np.full(n, y))):
                part = flow * masks[halt]
                rest = left * masks_kept[halt]
                weight = part[..., 0] + part[..., 1]  # (N, G)
                price = (cost[:, action].T * private).sum(axis=1)
                if not halt:
                    price = price + DELAY[t] * private[:, 0]
                    shown += weight.sum(axis=0)
                total += DISCOUNT**t * (price @ weight)
                if t == STEPS - 1:
                    total += WRONG * (rest.sum(axis=2) * private[:, 1:]).sum(axis=0)
                    right += part[np.arange(n), :, action].sum(axis=0)
                target = chain.after[np.arange(n), action]
                later += gather(target, part)
                saved += gather(target, rest)
        mass, kept = later, saved
    return Sweep(total, shown, right)


def repaired(thresholds: ArrayLike, cost: Floats = SWEEP_COST, side: str = "turned") -> Sweep:
    """Return the exact means of the repaired experiment."""
    levels = _levels(thresholds)
    checks.one_of(side, "side", SIDES)
    steps = np.log(SENSOR[1] / SENSOR[0])
    mass = np.zeros((len(levels), 1, 2))
    mass[:] = [1 - PRIOR, PRIOR]
    total, shown, right = (np.zeros(len(levels)) for _ in range(3))
    for t in range(STEPS + 1):
        q = _beliefs(t, steps)  # (t + 1,)
        halts = _halts(q, levels, side) if t < STEPS else np.ones((len(levels), 1), dtype=bool)
        out = mass * halts[..., None]
        best = (np.stack([1 - q, q], axis=1) @ cost).argmin(axis=1)
        herd = _herd(t) * cost[:, best].T  # (t + 1, 2)
        herd[:, 1] += WRONG * DISCOUNT**t
        total += (out * herd).sum(axis=(1, 2))
        if t == STEPS:
            # Nobody has stopped: the last action was what the last agent saw.
            right += (out.sum(axis=1) * np.diag(SENSOR)).sum(axis=1)
            break
        right += out[:, np.arange(t + 1), best].sum(axis=1)
        mass = mass - out
        shown += mass.sum(axis=(1, 2))
        now = (SENSOR * cost).sum(axis=1) + np.array([DELAY[t], 0.0])
        total += DISCOUNT**t * (mass * now).sum(axis=(1, 2))
        wider = np.zeros((len(levels), t + 2, 2))
        wider[:, :-1] += mass * SENSOR[:, 0]
        wider[:, 1:] += mass * SENSOR[:, 1]
        mass = wider
    return Sweep(total, shown, right)


def optimum(cost: Floats = SWEEP_COST) -> float:
    """Return the least cost of any rule for the repaired problem, which may depend on time."""
    steps = np.log(SENSOR[1] / SENSOR[0])
    value = WRONG * DISCOUNT**STEPS * _beliefs(STEPS, steps)
    for t in range(STEPS - 1, -1, -1):
        q = _beliefs(t, steps)
        belief = np.stack([1 - q, q], axis=1)
        stop = _herd(t) * (belief @ cost).min(axis=1) + WRONG * DISCOUNT**t * q
        chance = belief @ SENSOR
        now = belief @ ((SENSOR * cost).sum(axis=1) + np.array([DELAY[t], 0.0]))
        value = np.minimum(stop, DISCOUNT**t * now + chance[:, 0] * value[:-1] + chance[:, 1] * value[1:])
    return float(value[0])


def published_box(episodes: int = 10, cost: Floats = SEARCH_COST) -> Objective:
    """Return the noisy cost of the published experiment: the mean of so many runs, a hard threshold."""
    chain = Chain(SENSOR, PRIOR, STEPS)
    stay = np.stack([np.array([[0, 1]] * len(chain.belief)), chain.best], axis=-1)  # (N, Y, halt)
    node = np.arange(len(chain.belief))[:, None, None]
    after = chain.after[node, stay].ravel()
    private = chain.private[:, :, None, :]  # (N, Y, 1, X)
    classify = (cost[:, stay].transpose(1, 2, 3, 0) * private).sum(axis=-1).ravel()
    delay = (private[..., 0] * np.array([1.0, 0.0])).ravel()
    wrong = np.broadcast_to(private[..., 1], stay.shape).ravel()
    price = DISCOUNT ** np.arange(STEPS)[:, None] * (classify + DELAY[:, None] * delay)  # (STEPS, 4 N)
    step = np.arange(STEPS)[:, None, None]

    def objective(threshold: ArrayLike, rng: np.random.Generator) -> Floats:
        levels = checks.probabilities(threshold, "threshold")
        size = (levels.size, episodes)
        chance = SENSOR[rng.integers(2, size=size), 1]
        bits = rng.random((STEPS, *size)) < chance
        halts = (1 - chain.belief) < levels.reshape(-1, 1)  # (R, N)
        place = follow(after, halts, bits)
        total = price[step, place].sum(axis=0)
        shown = (place % 2 == 0).sum(axis=0)
        total += WRONG * DISCOUNT**shown * wrong[place[-1]]
        return np.asarray(total.mean(axis=1).reshape(levels.shape))

    return objective


def repaired_box(
    episodes: int = 10, temperature: float = 0.03, cost: Floats = SEARCH_COST, side: str = "turned"
) -> Objective:
    """Return the noisy cost of the repaired experiment under a smoothed threshold."""
    checks.one_of(side, "side", SIDES)
    steps = np.log(SENSOR[1] / SENSOR[0])
    sign = 1.0 if side == "turned" else -1.0
    herd = np.array([_herd(t) for t in range(STEPS + 1)])
    fines = WRONG * DISCOUNT ** np.arange(STEPS + 1)

    def objective(threshold: ArrayLike, rng: np.random.Generator) -> Floats:
        levels = checks.probabilities(threshold, "threshold")
        size = (levels.size, episodes)
        states = (rng.random(size) < PRIOR).astype(np.int64)
        seen = (rng.random((*size, STEPS)) < SENSOR[states, 1][..., None]).astype(np.int64)
        walk = np.zeros((*size, STEPS + 1))
        np.cumsum(steps[seen], axis=-1, out=walk[..., 1:])
        q = expit(walk + log(PRIOR / (1 - PRIOR)))
        if temperature:
            # sign * (pi(0) - gamma) is what speaks for stopping.
            noise = rng.logistic(scale=temperature, size=q.shape)
            hit = sign * (1 - q - levels.reshape(-1, 1, 1)) - noise >= 0
        else:
            hit = _halts(q, levels.reshape(-1, 1), side)
        hit[..., -1] = True
        stop = hit.argmax(axis=-1)
        last = np.take_along_axis(q, stop[..., None], axis=-1)[..., 0]
        best = (np.stack([1 - last, last], axis=-1) @ cost).argmin(axis=-1)
        total = herd[stop] * cost[states, best] + fines[stop] * states
        now = cost[states[..., None], seen] + DELAY * (1 - states[..., None])
        spent = DISCOUNT ** np.arange(STEPS) * now * (np.arange(STEPS) < stop[..., None])
        return np.asarray((total + spent.sum(axis=-1)).mean(axis=1).reshape(levels.shape))

    return objective


CLIP = (-2 * np.pi, 2 * np.pi)
"""The published search holds its angle between these; at both ends the threshold is 0."""


@dataclass(frozen=True)
class PublishedGains:
    """The gains of the published search: steps that fall in a straight line, widths like .99**k.

    The ratio a_k / c_k, by which noise is multiplied, grows from .05 to 42.
    """

    n: int = 1000
    first: float = 0.05
    last: float = 0.00005
    shrink: float = 0.99

    def step(self, k: int) -> float:
        """Return a_k."""
        return float(self.first + (self.last - self.first) * (k + 1) / (self.n - 1))

    def width(self, k: int) -> float:
        """Return c_k."""
        return float(self.shrink**k)


def _beliefs(t: int, steps: Floats) -> Floats:
    """Return the beliefs in state 1 after t observations, by how many of them were 1."""
    ones = np.arange(t + 1)
    return np.asarray(expit(log(PRIOR / (1 - PRIOR)) + (t - ones) * steps[0] + ones * steps[1]))


def _halts(q: Floats, levels: Floats, side: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    # In log-odds, so that the threshold 1 is one that no belief ever reaches.
    below = -logit(q) < logit(levels)[..., None] - SNAP
    return np.asarray(below if side == "published" else ~below)


def _herd(t: int) -> float:
    """Return the discounted number of steps from t to the end."""
    return float((DISCOUNT**t - DISCOUNT**STEPS) / (1 - DISCOUNT))


def _levels(thresholds: ArrayLike) -> Floats:
    levels = checks.probabilities(thresholds, "thresholds")
    if levels.ndim != 1:
        raise ValueError(f"thresholds: expected a list of numbers, got shape {levels.shape}")
    return levels
