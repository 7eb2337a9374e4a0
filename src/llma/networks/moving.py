r"""A state that moves: cascades on the complete network may end.

Model. Everybody sees all earlier actions; between agents the state moves by a chain with transition matrix A.
The *predicted* public belief of agent k is what it combines with its reading; after action u the belief is
updated as in `llma.social` and then moved by A.

Theorem (two states). Let :math:`\lambda = 1 - A_{01} - A_{10}` and :math:`\bar q = A_{01}/(A_{01} + A_{10})`.
While a cascade lasts, :math:`q_{k+1} - \bar q = \lambda (q_k - \bar q)`. If :math:`|\lambda| < 1` and
:math:`\bar q` lies inside the learning region, at distance d from its nearer end, every cascade ends after at
most N agents, N the smallest integer with :math:`|\lambda|^N < d`. If :math:`\lambda \ge 0` and
:math:`\bar q` lies outside the closed region, a cascade on that side never ends. If :math:`0 < \lambda < 1`
and :math:`\bar q` is an end of the region, a cascade beyond that end never ends either: the belief comes near
the end and does not reach it.

A chain on any other network, or the exact law of few agents, is `NetworkLearning` with `transition`.

>>> from llma.social import SocialLearning
>>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
>>> cascade_length(model, [[0.95, 0.05], [0.05, 0.95]], 0.1)
7
>>> cascade_length(model, [[0.99, 0.01], [0.19, 0.81]], 0.1)
inf
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social import SocialLearning
from llma.social.protocol import FIRST_AGENT, step, updated

CLOSE = 1e-12
"""A belief this close to the long-run one counts as having arrived."""


@dataclass(frozen=True, eq=False)
class MovingPaths:
    """Runs of the protocol with a moving state.

    Attributes
    ----------
    states, actions : ndarray of int, shape (n_paths, n_agents)
        The state at each agent's time, and what it did.
    beliefs : ndarray, shape (n_paths, n_agents, X)
        Predicted public beliefs: what each agent combines with its reading.
    cascade : ndarray of bool, shape (n_paths, n_agents)
        Whether the action of the agent does not depend on its reading.
    """

    states: Ints
    actions: Ints
    beliefs: Floats
    cascade: NDArray[np.bool_]


def long_run(transition: ArrayLike) -> tuple[float, float]:
    """Return the long-run probability of state 1, and the factor by which beliefs approach it.

    Raises
    ------
    ValueError
        If the chain has not two states, or never moves.

    Examples
    --------
    >>> q, factor = long_run([[0.99, 0.01], [0.19, 0.81]])
    >>> round(q, 9), round(factor, 9)
    (0.05, 0.8)
    """
    matrix = checks.stochastic_matrix(transition, "transition", 2, square=True)
    up, down = matrix[0, 1], matrix[1, 0]
    if up + down == 0:
        raise ValueError("transition: the state never moves; use llma.social")
    return float(up / (up + down)), float(1 - up - down)


def cascade_length(model: SocialLearning, transition: ArrayLike, q: float) -> float:
    """Return how many agents act in the cascade at predicted belief[1] = q.

    Parameters
    ----------
    model : SocialLearning
        Two states and two actions; the tie rule must not be "follow".
    transition : array_like, shape (2, 2)
        Law of the next state given the present one.
    q : float
        Predicted public belief in state 1.

    Returns
    -------
    int or inf
        0 if there is no cascade at q; `inf` if it never ends.

    Raises
    ------
    ValueError
        If the model, the chain or the belief does not fit.
    """
    target, factor = long_run(transition)
    if model.tie == "follow":
        raise ValueError("tie: under 'follow' the region depends on the last action; use another rule")
    if not 0 <= q <= 1:
        raise ValueError(f"q: is {q}; expected a number from 0 to 1")
    region = model.cascade_region()
    if region.empty:
        return inf
    below, above = q < region.lower - CLOSE, q > region.upper + CLOSE
    end = region.lower if below else region.upper
    if (below or above) and abs(target - end) <= CLOSE and CLOSE < factor < 1:
        return inf
    length = 0
    while not _inside(model, q):
        # Past this point q stays on its side of the region (or, with factor -1, comes back).
        if abs(q - target) < CLOSE or (factor == -1 and length == 2):
            return inf
        q = target + factor * (q - target)
        length += 1
    return length


def longest_cascade(model: SocialLearning, transition: ArrayLike) -> float:
    """Return a number of agents that no cascade exceeds; `inf` if the theorem gives none.

    Examples
    --------
    >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
    >>> longest_cascade(model, [[0.95, 0.05], [0.05, 0.95]])
    16
    """
    target, factor = long_run(transition)
    region = model.cascade_region()
    distance = min(target - region.lower, region.upper - target)
    if region.empty or distance <= CLOSE or abs(factor) == 1:
        return inf
    if factor == 0:
        return 1
    steps = log(distance) / log(abs(factor))
    # At a whole number of steps the belief may land on the end of the region: one more agent is safe.
    return ceil(steps + 1e-9)


def simulate_moving(
    model: SocialLearning,
    transition: ArrayLike,
    prior: ArrayLike,
    rng: np.random.Generator,
    *,
    n_agents: int,
    n_paths: int,
) -> MovingPaths:
    """Return independent runs of the protocol with a moving state; every decision is exact.

    Parameters
    ----------
    model : SocialLearning
        Sensor, costs and tie rule (not "coin", not "follow"); any number of states.
    transition : array_like, shape (X, X)
        Law of the next state given the present one.
    prior : array_like, shape (X,)
        Law of the first state.
    rng : numpy.random.Generator
        Source of all randomness.
    n_agents, n_paths : int
        Agents in a run, and number of runs.

    Returns
    -------
    MovingPaths

    Examples
    --------
    >>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
    >>> chain = [[0.99, 0.01], [0.19, 0.81]]
    >>> rng = np.random.default_rng(1)
    >>> runs = simulate_moving(model, chain, [0.9, 0.1], rng, n_agents=200, n_paths=3)
    >>> bool(runs.cascade.all()), bool((runs.states == 1).any())
    (True, True)
    """
    matrix = checks.stochastic_matrix(transition, "transition", model.n_states, square=True)
    start = checks.belief(prior, "prior", model.n_states)
    if model.tie in {"coin", "follow"}:
        raise ValueError(f"tie: is {model.tie!r}; use 'low' or 'own'")
    if start.ndim != 1 or n_agents < 1 or n_paths < 1:
        raise ValueError(f"expected one prior, n_agents and n_paths >= 1, got {n_agents} and {n_paths}")
    states, actions = (np.empty((n_paths, n_agents), dtype=np.int64) for _ in range(2))
    beliefs = np.empty((n_paths, n_agents, model.n_states))
    cascade = np.empty((n_paths, n_agents), dtype=np.bool_)
    belief = np.tile(start, (n_paths, 1))
    state = _draw(belief, rng)
    rows, first = np.arange(n_paths), np.full(n_paths, FIRST_AGENT)
    for k in range(n_agents):
        now = step(model, belief, first)
        seen = _draw(model.likelihood[state], rng)
        action = now.halves[:, seen, rows].argmax(axis=0)
        states[:, k], actions[:, k], beliefs[:, k], cascade[:, k] = state, action, belief, now.cascade
        belief = updated(model, belief, now, rows, action) @ matrix
        state = _draw(matrix[state], rng)
    return MovingPaths(states, actions, beliefs, cascade)


def _inside(model: SocialLearning, q: float) -> bool:
    return not bool(model.is_cascade([1 - q, q]))


def _draw(law: Floats, rng: np.random.Generator) -> Ints:
    bounds = law.cumsum(axis=1)
    uniform = rng.random(len(law)) * bounds[:, -1]
    return np.asarray((uniform[:, None] >= bounds[:, :-1]).sum(axis=1), dtype=np.int64)
