r"""Episodes of a smoothed threshold policy: a black box that returns costs, and nothing of the model.

An episode: a hidden state is drawn, and a source that only it knows produces one observation after the other.
The controller adds up *evidence*, a fixed number for each observation, and calls the logistic function of the
sum its belief q. At each step it stops with probability :math:`s_\tau(q) = 1/(1 + e^{-(q-\gamma)/\tau})`. The
box returns the mean of the discounted costs that were paid. It needs no likelihood: if the evidence is not
:math:`\ln p(y|1)/p(y|0)`, then q is a score and no belief, and a threshold on the score can still be learned.

One uniform number u a step decides whether to stop, by :math:`u < s_\tau(q)`. This is the same as

.. math:: q - \tau \ln\frac{u}{1-u} > \gamma,

and the left side does not depend on the threshold. So with the same random numbers a higher threshold never
stops earlier: that is what makes common random numbers strong here.

Score. Along an episode that stops at step t the derivative of the logarithm of its probability in gamma is
:math:`\sum_{k<t} s_\tau(q_k)/\tau - (1 - s_\tau(q_t))/\tau`. Times a cost it estimates the slope (REINFORCE);
`Episodes` holds what the estimators of `llma.policy_gradient.reinforce` need.

Episodes are cut off after `horizon` steps: an episode that has not stopped by then pays nothing more.

>>> from llma.stopping import CentralControl
>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> box = model_box(problem, 0.5, temperature=0.03, episodes=20_000)
>>> bool(abs(box(0.8, np.random.default_rng(0)) - 2.121) < 0.1)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from llma import checks
from llma.checks import Floats, Ints
from llma.policy_gradient.lattice import SNAP
from llma.stopping import CentralControl

Source = Callable[[Ints, int, np.random.Generator], Ints]
"""From true states, shape (n,), and a number of steps: observations, shape (n, steps)."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """What happened in a stack of episodes, each array of shape (..., n).

    Attributes
    ----------
    cost : ndarray
        Total discounted cost.
    score : ndarray
        Derivative of the log-probability of what the policy did, with respect to the threshold.
    to_go : ndarray
        Sum over the steps of their share of the score times the costs from that step on.
    stop_time : ndarray of int
        Steps before the stop, -1 if there was none.
    """

    cost: Floats
    score: Floats
    to_go: Floats
    stop_time: Ints


@dataclass(frozen=True, eq=False)
class ThresholdBox:
    """Mean cost of episodes of a smoothed threshold policy, as a black box.

    Parameters
    ----------
    observe : callable
        The world: from true states (n,), a number of steps and a generator to observations (n, steps).
    evidence : array_like, shape (Y,)
        What the controller adds to its log-odds after each observation.
    continue_cost, stop_cost : array_like, shape (2,)
        Cost of a step, and total cost of stopping, in each state.
    discount : float
        Positive and below 1.
    prior : float
        Probability of state 1, and belief of the controller at the start; strictly between 0 and 1.
    temperature : float
        Zero for a hard threshold.
    episodes : int
        Episodes a call.
    rest : float
        Episodes are cut off when the discount to the power of their length is at most this.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    observe: Source
    evidence: Floats
    continue_cost: Floats
    stop_cost: Floats
    discount: float
    prior: float = 0.5
    temperature: float = 0.03
    episodes: int = 80
    rest: float = 1e-3

    def __post_init__(self) -> None:
        """Check the numbers."""
        object.__setattr__(self, "evidence", checks.real_array(self.evidence, "evidence", ndim=1))
        for name in ("continue_cost", "stop_cost"):
            values = checks.real_array(getattr(self, name), name, ndim=1)
            if len(values) != 2:
                raise ValueError(f"{name}: has {len(values)} entries; expected 2, one a state")
            object.__setattr__(self, name, values)
        if checks.discount(self.discount) == 0:
            raise ValueError("discount: is 0; then no observation is worth waiting for")
        if not 0 < self.prior < 1:
            raise ValueError(f"prior: is {self.prior}; expected a number strictly between 0 and 1")
        if not (self.temperature >= 0 and np.isfinite(self.temperature)):
            raise ValueError(f"temperature: is {self.temperature}; expected a number that is not negative")
        if self.episodes < 1 or not 0 < self.rest < 1:
            raise ValueError(
                f"episodes, rest: are {self.episodes} and {self.rest}; expected at least one episode and a "
                "rest strictly between 0 and 1"
            )

    @property
    def horizon(self) -> int:
        """Steps after which an episode is cut off."""
        return 1 + ceil(log(self.rest) / log(self.discount))

    @property
    def truncation(self) -> float:
        """Bound on what the cut-off leaves out of a mean cost."""
        return float(self.discount**self.horizon * np.abs(self.continue_cost).max() / (1 - self.discount))

    def __call__(self, threshold: ArrayLike, rng: np.random.Generator) -> Floats:
        """Return the mean cost at each threshold, of the same shape; each has episodes of its own.

        A generator in the same state gives the same episodes: common random numbers.
        """
        return self.together([threshold], rng)[0]

    def together(self, thresholds: Sequence[ArrayLike], rng: np.random.Generator) -> list[Floats]:
        """Return the mean costs of several stacks of thresholds of one shape, all on the same episodes.

        What as many calls with generators in the same state return, for the price of one drawing.
        """
        stacks = [checks.probabilities(levels, "threshold") for levels in thresholds]
        if len({levels.shape for levels in stacks}) != 1:
            raise ValueError(f"thresholds: shapes are {[levels.shape for levels in stacks]}; expected one")
        states, mark = self._marks(stacks[0].size, rng)
        costs = []
        for levels in stacks:
            level = levels.reshape(-1, 1, 1)
            stop = _first(mark >= (logit(level) if self.temperature == 0 else level) - SNAP)
            costs.append(np.asarray(self._cost(states, stop).mean(axis=-1).reshape(levels.shape)))
        return costs

    def sample(self, threshold: ArrayLike, rng: np.random.Generator) -> Episodes:
        """Return single episodes at each threshold with their scores; needs a positive temperature.

        Raises
        ------
        ValueError
            If the temperature is zero: a hard threshold has no score.
        """
        if self.temperature == 0:
            raise ValueError("temperature: is 0; a hard threshold has no score, smooth it")
        levels = checks.probabilities(threshold, "threshold")
        states, q, noise = self._draw(levels.size, rng)
        gamma = levels.reshape(-1, 1, 1)
        stop = _first(q - noise >= gamma - SNAP)
        cost = self._cost(states, stop)
        step = np.arange(self.horizon)
        last = np.where(stop < 0, self.horizon, stop)[..., None]  # (T, n, 1)
        soft = expit((q - gamma) / self.temperature)
        push = np.where(step < last, soft, np.where(step == last, soft - 1, 0.0)) / self.temperature
        spent = self.continue_cost[states] / (1 - self.discount)  # (T, n)
        before = spent[..., None] * (1 - self.discount**step)
        to_go = (push * np.where(step <= last, cost[..., None] - before, 0.0)).sum(axis=-1)
        shape = (*levels.shape, self.episodes)
        return Episodes(
            cost.reshape(shape), push.sum(axis=-1).reshape(shape), to_go.reshape(shape), stop.reshape(shape)
        )

    def _walks(self, rows: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Return states (T, n) and log-odds (T, n, horizon)."""
        shape = (rows, self.episodes)
        states = (rng.random(shape) < self.prior).astype(np.int64)
        seen = self.observe(states.ravel(), self.horizon - 1, rng)
        walk = np.zeros((rows * self.episodes, self.horizon))
        np.cumsum(self.evidence[seen], axis=1, out=walk[:, 1:])
        walk += log(self.prior / (1 - self.prior))
        return states, walk.reshape((*shape, self.horizon))

    def _draw(self, rows: int, rng: np.random.Generator) -> tuple[Ints, Floats, Floats]:
        """Return states (T, n), beliefs (T, n, horizon), and what is taken off them before comparing."""
        states, walk = self._walks(rows, rng)
        return states, expit(walk), rng.logistic(scale=self.temperature, size=walk.shape)

    def _marks(self, rows: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Return states and what is compared with a threshold; with its log-odds if it is hard."""
        if self.temperature == 0:
            return self._walks(rows, rng)
        states, q, noise = self._draw(rows, rng)
        return states, q - noise

    def _cost(self, states: Ints, stop: Ints) -> Floats:
        kept = np.where(stop < 0, self.discount**self.horizon, self.discount ** np.maximum(stop, 0))
        paid = self.continue_cost[states] * (1 - kept) / (1 - self.discount)
        return np.asarray(paid + np.where(stop < 0, 0.0, kept * self.stop_cost[states]))


def model_box(
    problem: CentralControl,
    prior: float,
    *,
    temperature: float = 0.03,
    episodes: int = 80,
    rest: float = 1e-3,
) -> ThresholdBox:
    """Return the black box of a stopping problem, whose controller has the right evidence.

    Raises
    ------
    ValueError
        If the problem has not two states at rest and one stop action, if it does not reveal, or if an
        observation is impossible in a state.
    """
    if problem.n_states != 2 or problem.n_stop_actions != 1 or problem.cost is not None:
        raise ValueError("problem: needs two states, one stop action and a continuation that reveals")
    if not np.array_equal(problem.transition, np.eye(2)) or (problem.likelihood == 0).any():
        raise ValueError("problem: needs a state at rest and observations that are all possible")
    edges = problem.likelihood.cumsum(axis=1)[:, :-1]  # (2, Y - 1)

    def observe(states: Ints, steps: int, rng: np.random.Generator) -> Ints:
        draw = rng.random((len(states), steps))
        seen = np.zeros(draw.shape, dtype=np.int64)
        for y in range(edges.shape[1]):
            seen += draw >= edges[states, y][:, None]
        return seen

    return ThresholdBox(
        observe,
        np.log(problem.likelihood[1] / problem.likelihood[0]),
        problem.continue_cost,
        problem.stop_cost[:, 0],
        problem.discount,
        prior,
        temperature,
        episodes,
        rest,
    )


def text_source(yes: Sequence[ArrayLike]) -> Source:
    """Return a source that reads texts: a text of the true state is drawn, and a bit with its P(yes).

    Parameters
    ----------
    yes : two array_like, each of shape (n,)
        What a sensor answered about the texts of state 0, and of state 1.

    Raises
    ------
    ValueError
        If a state has no texts, or an answer is no probability.

    Examples
    --------
    >>> source = text_source([[0.0, 0.0], [1.0]])
    >>> source(np.array([0, 1]), 3, np.random.default_rng(0))
    array([[0, 0, 0],
           [1, 1, 1]])
    """
    pools = [checks.probabilities(answers, f"yes[{x}]").ravel() for x, answers in enumerate(yes)]
    if len(pools) != 2 or any(len(pool) == 0 for pool in pools):
        raise ValueError(f"yes: needs answers for two states, got {[len(pool) for pool in pools]}")

    def observe(states: Ints, steps: int, rng: np.random.Generator) -> Ints:
        place, draw = rng.random((2, len(states), steps))
        chance = np.where(
            states[:, None] == 1,
            pools[1][(place * len(pools[1])).astype(np.int64)],
            pools[0][(place * len(pools[0])).astype(np.int64)],
        )
        return np.asarray(draw < chance, dtype=np.int64)

    return observe


def _first(hit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Ints:
    """Return the first true entry of each row, -1 if there is none."""
    place = hit.argmax(axis=-1)
    return np.where(np.take_along_axis(hit, place[..., None], axis=-1)[..., 0], place, -1)
