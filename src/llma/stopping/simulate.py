r"""Runs of a policy: total discounted costs, with their standard error.

At step k a run either continues, pays :math:`\rho^k c(x)` and sees something, or it stops with action a and
pays :math:`\rho^k c_a(x)` once. A policy that does not stop for ever pays, for each step in which it herds,
the share :math:`(1 - \rho)\rho^k c_a(x)` instead; this needs a state that does not move.

Runs are cut off when the discount has made the rest smaller than `rest`; `truncation` bounds what is left out
of the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.social import SocialLearning
from llma.stopping.model import CentralControl
from llma.stopping.policies import Policy, View


@dataclass(frozen=True, eq=False)
class Runs:
    """Independent runs of a policy.

    Attributes
    ----------
    states : ndarray of int, shape (n,)
        True state at the start of each run.
    cost : ndarray, shape (n,)
        Total discounted cost of each run.
    stop_time : ndarray of int, shape (n,)
        Steps before the run stopped for ever, -1 if it did not.
    stop_action : ndarray of int, shape (n,)
        The action it stopped with, -1 if it did not.
    truncation : float
        Bound on what the cut-off leaves out of `mean`.
    """

    states: Ints
    cost: Floats
    stop_time: Ints
    stop_action: Ints
    truncation: float

    @property
    def mean(self) -> float:
        """Mean total discounted cost."""
        return float(self.cost.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return float(self.cost.std(ddof=1) / sqrt(len(self.cost)))


def simulate(
    problem: CentralControl,
    policy: Policy,
    prior: ArrayLike,
    n_paths: int,
    rng: np.random.Generator,
    *,
    rest: float = 1e-6,
) -> Runs:
    """Return independent runs of a policy.

    Parameters
    ----------
    problem : CentralControl
        Any number of states.
    policy : Policy
        From `llma.stopping.policies`, or your own.
    prior : array_like, shape (X,)
        Belief at the start; the state is drawn from it.
    n_paths : int
        Number of runs, 2 or more.
    rng : numpy.random.Generator
        Source of all randomness.
    rest : float
        Runs are cut off when the rest of their cost is surely smaller, in units of cost.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If fewer than two runs are asked for, the prior does not fit, or a policy that does not stop for ever
        meets a state that moves.

    Examples
    --------
    >>> from llma.stopping import StopIn
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> runs = simulate(problem, StopIn.at_least(0.8344), [0.5, 0.5], 20_000, np.random.default_rng(0))
    >>> round(runs.mean, 2), round(runs.standard_error, 2)
    (2.1, 0.01)
    """
    start = checks.belief(prior, "prior", problem.n_states)
    if start.ndim != 1:
        raise ValueError(f"prior: expected one belief, got shape {start.shape}")
    if n_paths < 2 or not rest > 0:
        raise ValueError(f"simulate: expected n_paths >= 2 and rest > 0, got {n_paths} and {rest}")
    moves = not np.array_equal(problem.transition, np.eye(problem.n_states))
    if moves and not policy.absorbing:
        raise ValueError("policy: herding for one step at a time needs a state that does not move")
    states = _draw(np.tile(start, (n_paths, 1)), rng)
    cost, stop_time, stop_action = np.zeros(n_paths), np.full(n_paths, -1), np.full(n_paths, -1)
    live, now = np.arange(n_paths), states.copy()
    belief = np.tile(start, (n_paths, 1))
    counts = np.zeros((n_paths, _messages(problem)), dtype=np.int64)
    learn = _learner(problem, rng)
    largest = max(
        float(np.abs(problem.continue_cost).max()) / (1 - problem.discount),
        float(np.abs(problem.stop_cost).max()),
        rest,
    )
    horizon = 1 if problem.discount == 0 else 1 + ceil(log(rest / largest) / log(problem.discount))
    weight = 1.0
    for k in range(horizon):
        view = View(problem, k, belief[live], counts[live])
        go = rng.random(len(live)) < policy.continues(view)
        halted = live[~go]
        if len(halted):
            action = policy.stop_action(View(problem, k, view.belief[~go], view.counts[~go]))
            share = 1.0 if policy.absorbing else 1 - problem.discount
            cost[halted] += weight * share * problem.stop_cost[now[halted], action]
            if policy.absorbing:
                stop_time[halted], stop_action[halted] = k, action
        going = live[go]
        cost[going] += weight * problem.continue_cost[now[going]]
        if policy.absorbing:
            live = going
        if not len(live):
            break
        if moves:
            now[live] = _draw(problem.transition[now[live]], rng)
        if len(going):
            message, belief[going] = learn(belief[going], now[going])
            counts[going, message] += 1
        weight *= problem.discount
    left = len(live) / n_paths if len(live) else 0.0
    return Runs(states, cost, stop_time, stop_action, left * weight * largest)


def _messages(problem: CentralControl) -> int:
    return problem.n_observations if problem.cost is None else int(problem.cost.shape[1])


def _learner(
    problem: CentralControl, rng: np.random.Generator
) -> Callable[[Floats, Ints], tuple[Ints, Floats]]:
    """Return a function of beliefs and states that draws what is seen and returns it with the new beliefs."""
    if problem.cost is not None:
        crowd = SocialLearning(problem.likelihood, problem.cost, tie=problem.tie)

        def watch(belief: Floats, states: Ints) -> tuple[Ints, Floats]:
            action = crowd.action(belief, _draw(problem.likelihood[states], rng), rng=rng)
            return action, crowd.public_update(belief, action)

        return watch

    def ask(belief: Floats, states: Ints) -> tuple[Ints, Floats]:
        y = _draw(problem.likelihood[states], rng)
        joint = belief @ problem.transition * problem.likelihood.T[y]
        return y, joint / joint.sum(axis=1, keepdims=True)

    return ask


def _draw(chances: Floats, rng: np.random.Generator) -> Ints:
    """Return one draw from each row of probabilities."""
    edges = chances.cumsum(axis=1)
    edges[:, -1] = 1.0
    return np.asarray((rng.random((len(chances), 1)) >= edges).sum(axis=1), dtype=np.int64)
