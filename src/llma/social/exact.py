r"""The exact law of cascades for two states: no sampling, and a bound on every error.

Algorithm. With two states the public belief is one number, its log-odds, and an action adds an increment
:math:`\ln (R_u(1)/R_u(0))` that depends only on *which observations lead to it*. Only finitely many
increments occur. The law of the public belief is therefore carried by finitely many points, propagated
agent by agent given each state; a point in an information cascade keeps its mass for ever.

Equal beliefs must merge. Adding floating-point increments in different orders gives sums that differ in the
last bit, so the points are told apart by integers: how often each distinct increment occurred, an increment
and its negative counting +1 and -1. The counts are packed into one Python integer, exact however long it
is. Symmetric binary signals then need three live points for any number of agents, and the successors of a
point are computed once.

Increments within 1e-12 count as the same. That is a thousand times finer than the tolerance which decides
ties, so that merging never changes a decision at the points where ties occur.

Error. With three or more observations the number of points can grow geometrically. Points whose probability
is below `prune` in both states are dropped, and so are the lightest when more than `max_points` are live.
`error_bound` is the dropped mass, in the state where it is larger, plus an allowance for rounding: every
number here is a sum of products of non-negative terms, so its relative error is at most the number of
operations times the unit round-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from llma import checks
from llma.checks import Floats
from llma.social.protocol import FIRST_AGENT, public_likelihood, step

if TYPE_CHECKING:
    from llma.social.model import SocialLearning

SAME_INCREMENT = 1e-12
"""Increments of the log-odds closer than this are one increment."""


@dataclass(frozen=True, eq=False)
class CascadeLaw:
    """The law of actions and cascades given each of two states.

    Attributes
    ----------
    p_cascade_on : ndarray, shape (n, 2, U)
        Entry [k, x, u]: the probability, given x, that agent k acts in a cascade and plays u.
    p_action : ndarray, shape (n, 2, U)
        Entry [k, x, u]: the probability, given x, that agent k plays u, in a cascade or not.
    optimal : ndarray of bool, shape (2, U)
        Which actions have the least cost in each state; the others are wrong there.
    error_bound : float
        No entry of the two tables, and no sum of entries for one k and x, is off by more.
    n_points : int
        Distinct public beliefs met.
    """

    p_cascade_on: Floats
    p_action: Floats
    optimal: NDArray[np.bool_]
    error_bound: float
    n_points: int

    @property
    def p_cascade_by(self) -> Floats:
        """Probability, given x, that agent k acts in a cascade, shape (n, 2)."""
        return np.asarray(self.p_cascade_on.sum(axis=2))

    @property
    def p_wrong_cascade_by(self) -> Floats:
        """Probability, given x, that agent k acts in a cascade on a wrong action, shape (n, 2)."""
        return on_wrong(self.p_cascade_on, self.optimal)

    @property
    def p_wrong_action(self) -> Floats:
        """Probability, given x, that agent k plays a wrong action, in a cascade or not, shape (n, 2)."""
        return on_wrong(self.p_action, self.optimal)


def exact(
    model: SocialLearning, prior: ArrayLike, n_agents: int, prune: float = 1e-15, max_points: int = 5000
) -> CascadeLaw:
    """Return the law of cascades for two states; see `SocialLearning.exact`."""
    start = start_of(model, prior, n_agents, prune, max_points)
    points = _Points(model, start, n_agents)
    here: NDArray[np.intp] = np.zeros(1, dtype=np.intp)
    mass: Floats = np.ones((1, 2))
    settled = np.zeros((2, model.n_actions))
    p_cascade_on = np.empty((n_agents, 2, model.n_actions))
    p_action = np.empty((n_agents, 2, model.n_actions))
    dropped, most = np.zeros(2), 1
    for k in range(n_agents):
        if not len(here):
            p_cascade_on[k:] = p_action[k:] = settled
            break
        points.expand(here)
        flow = mass[:, :, None] * points.likelihood[here]  # (points, X, U)
        done = points.cascade[here]
        settled = settled + flow[done].sum(axis=0)
        flow = flow[~done]
        p_cascade_on[k] = settled
        p_action[k] = settled + flow.sum(axis=0)
        arrived = arrivals(points.child[here[~done]], flow, points.size)
        kept = worth_keeping(arrived, prune, max_points)
        dropped += arrived[~kept].sum(axis=0)
        here, mass = np.flatnonzero(kept), arrived[kept]
        most = max(most, len(here))
    operations = n_agents * (model.n_observations + model.n_actions * most + 4)
    bound = float(dropped.max() + operations * np.finfo(np.float64).eps)
    return CascadeLaw(p_cascade_on, p_action, model.regret == 0, bound, points.size)


def on_wrong(table: Floats, optimal: NDArray[np.bool_]) -> Floats:
    """Return how much of a table of actions (n, X, U) lies on wrong ones, shape (n, X).

    Examples
    --------
    >>> on_wrong(np.array([[[0.7, 0.3], [0.4, 0.6]]]), np.eye(2, dtype=bool))
    array([[0.3, 0.4]])
    """
    return np.asarray((table * ~optimal).sum(axis=2))


def start_of(model: SocialLearning, prior: ArrayLike, n_agents: int, prune: float, max_points: int) -> Floats:
    """Return the prior as a belief if an exact law can start from it, with these limits."""
    start = checks.belief(prior, "prior", model.n_states)
    if model.n_states != 2 or start.ndim != 1:
        raise ValueError(
            f"exact: needs two states and one prior, got {model.n_states} states and a prior of shape "
            f"{start.shape}; use simulate"
        )
    if n_agents < 1 or prune < 0 or max_points < 1:
        raise ValueError(
            "exact: expected n_agents >= 1, prune >= 0 and max_points >= 1, "
            f"got {n_agents}, {prune} and {max_points}"
        )
    return start


def arrivals(child: NDArray[np.int64], flow: Floats, size: int) -> Floats:
    """Return the mass that reaches each of `size` points, shape (size, 2), given each state.

    Parameters
    ----------
    child : ndarray of int64, shape (N, K)
        Where the K moves from each point lead.
    flow : ndarray, shape (N, 2, K)
        The mass that makes each move, given each state.
    size : int

    Examples
    --------
    >>> arrivals(np.array([[1, 2], [2, 2]]), np.full((2, 2, 2), 0.25), 3)[:, 0]
    array([0.  , 0.25, 0.75])
    """
    columns = [np.bincount(child.ravel(), flow[:, x].ravel(), size) for x in (0, 1)]
    return np.asarray(np.stack(columns, axis=1), dtype=np.float64)


def worth_keeping(mass: Floats, prune: float, max_points: int) -> NDArray[np.bool_]:
    """Return which points stay: above `prune` in a state, and no more than `max_points`, the likeliest.

    Examples
    --------
    >>> worth_keeping(np.array([[0.5, 0.1], [0.0, 0.2], [0.4, 0.6], [0.0, 0.0]]), prune=0.0, max_points=2)
    array([ True, False,  True, False])
    """
    likeliest = mass.max(axis=1, initial=0.0)
    kept = likeliest > prune
    if np.count_nonzero(kept) > max_points:
        kept = likeliest > max(prune, np.partition(likeliest, -max_points - 1)[-max_points - 1])
    return np.asarray(kept)


class _Points:
    """The public beliefs met so far, each with its successors, found by an integer key."""

    def __init__(self, model: SocialLearning, prior: Floats, n_agents: int) -> None:
        self._model = model
        self._radix = 2 * n_agents + 1  # counts lie in -n..n: digits of this radix cannot collide
        self._increments: list[float] = []
        self._by_pattern: dict[bytes, tuple[float, int | float]] = {}
        with np.errstate(divide="ignore"):
            odds = float(np.log(prior[1]) - np.log(prior[0]))
        self._keys: list[int | float] = [odds if isinf(odds) else 0]
        self._log_odds: list[float] = [odds]
        self._previous: list[int] = [FIRST_AGENT]
        self._index: dict[tuple[int | float, int], int] = {(self._keys[0], FIRST_AGENT): 0}
        self._expanded = np.zeros(1, dtype=np.bool_)
        self.child = np.zeros((1, model.n_actions), dtype=np.int64)
        self.likelihood = np.zeros((1, 2, model.n_actions))
        self.cascade = np.zeros(1, dtype=np.bool_)

    @property
    def size(self) -> int:
        """Number of points known."""
        return len(self._keys)

    def expand(self, here: NDArray[np.intp]) -> None:
        """Make sure that the successors of these points are known."""
        new = here[~self._expanded[here]]
        if not len(new):
            return
        odds = np.array([self._log_odds[i] for i in new])
        previous = np.array([self._previous[i] for i in new])
        now = step(self._model, np.stack([expit(-odds), expit(odds)], axis=1), previous)
        likelihood = public_likelihood(self._model, now)
        self.likelihood[new] = likelihood
        self.cascade[new] = now.cascade
        self._expanded[new] = True
        patterns = np.ascontiguousarray(now.halves.transpose(2, 0, 1))  # (new, U, Y)
        for row, i in enumerate(new):
            if not now.cascade[row]:
                for u in range(self._model.n_actions):
                    self.child[i, u] = self._successor(
                        i, u, patterns[row, u].tobytes(), likelihood[row, :, u]
                    )
        self._grow()

    def _successor(self, i: int, u: int, pattern: bytes, likelihood: Floats) -> int:
        increment, weight = self._increment(pattern, likelihood)
        if isinf(self._log_odds[i]) or not likelihood.any():
            return i
        key = weight if isinf(weight) else self._keys[i] + weight
        previous = u if self._model.tie == "follow" else FIRST_AGENT
        found = self._index.setdefault((key, previous), self.size)
        if found == self.size:
            self._keys.append(key)
            self._log_odds.append(self._log_odds[i] + increment)
            self._previous.append(previous)
        return found

    def _increment(self, pattern: bytes, likelihood: Floats) -> tuple[float, int | float]:
        """Return the increment of the log-odds, and the integer that counts it."""
        if pattern not in self._by_pattern:
            low, high = (float(p) + self._model.identity_weight for p in likelihood)
            increment = inf if low == 0 else -inf if high == 0 else log(high / low)
            self._by_pattern[pattern] = (increment, self._weight(increment))
        return self._by_pattern[pattern]

    def _weight(self, increment: float) -> int | float:
        if isinf(increment):
            return increment
        if abs(increment) < SAME_INCREMENT:
            return 0
        unit = 1
        for known in self._increments:
            for sign in (1, -1):
                if abs(increment - sign * known) < SAME_INCREMENT:
                    return sign * unit
            unit *= self._radix
        self._increments.append(increment)
        return unit

    def _grow(self) -> None:
        missing = self.size - len(self.cascade)
        if missing > 0:
            self._expanded = np.concatenate([self._expanded, np.zeros(missing, dtype=np.bool_)])
            self.cascade = np.concatenate([self.cascade, np.zeros(missing, dtype=np.bool_)])
            self.child = np.concatenate(
                [self.child, np.zeros((missing, self.child.shape[1]), dtype=np.int64)]
            )
            self.likelihood = np.concatenate(
                [self.likelihood, np.zeros((missing, *self.likelihood.shape[1:]))]
            )
