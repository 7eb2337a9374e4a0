r"""The exact law of many rounds for two states, and simulation for any number of states.

Algorithm. A state of the law is a public belief together with its probability given each state of the world.
A blind belief keeps its mass for ever. Any other one is replaced by its successors, one for each broadcast.
Beliefs whose log-odds agree within `SAME_BELIEF` count as one, so that symmetric models need few points.

Error. Points of probability below `prune` in both states are dropped, and the lightest of more than
`max_points`. `error_bound` is the mass dropped, in the state where it is larger, plus an allowance for
rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, log

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.word_of_mouth.chain import Round, WordOfMouth

SAME_BELIEF = 1e-10
"""Log-odds closer than about this are one belief: ten times finer than the tolerance that decides ties."""


@dataclass(frozen=True, eq=False)
class RoundLaw:
    """The law of blind rounds and of mistakes given each of two states.

    Attributes
    ----------
    p_blind_by : ndarray, shape (n, 2)
        Entry [k, x]: the probability, given x, that round k is blind.
    p_wrong_blind_by : ndarray, shape (n, 2)
        The same, and the last agent plays a wrong action.
    p_wrong_action : ndarray, shape (n, N, 2)
        Entry [k, i, x]: the probability, given x, that agent i of round k plays a wrong action.
    error_bound : float
        No entry is off by more.
    """

    p_blind_by: Floats
    p_wrong_blind_by: Floats
    p_wrong_action: Floats
    error_bound: float


def exact(
    model: WordOfMouth, prior: ArrayLike, n_rounds: int, prune: float = 1e-14, max_points: int = 5000
) -> RoundLaw:
    """Return the law of `n_rounds` rounds for two states.

    Raises
    ------
    ValueError
        If there are not two states, or a number is out of range.

    Examples
    --------
    >>> from llma.word_of_mouth import flips
    >>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], 3, flips(0.1), tie="own")
    >>> exact(row, [0.5, 0.5], 80).p_wrong_blind_by[-1].round(3)
    array([0.165, 0.165])
    """
    start = checks.belief(prior, "prior", model.n_states)
    if model.n_states != 2 or start.ndim != 1:
        raise ValueError(f"exact: needs two states and one prior, got {model.n_states} states; use simulate")
    if n_rounds < 1 or prune < 0 or max_points < 1:
        raise ValueError(
            "exact: expected n_rounds >= 1, prune >= 0 and max_points >= 1, "
            f"got {n_rounds}, {prune} and {max_points}"
        )
    wrong = _wrong(model)  # (N, X, U)
    known: dict[int | float, tuple[Floats, Round]] = {}
    points: dict[int | float, tuple[Floats, Floats]] = {_key(start): (start, np.ones(2))}
    settled, settled_bad = np.zeros(2), np.zeros((model.n_agents, 2))
    blind, bad = np.empty((n_rounds, 2)), np.empty((n_rounds, 2))
    errors = np.empty((n_rounds, model.n_agents, 2))
    dropped = np.zeros(2)
    for k in range(n_rounds):
        following: dict[int | float, tuple[Floats, Floats]] = {}
        errors[k] = 0.0
        for key, (belief, mass) in points.items():
            if key not in known:
                known[key] = (belief, model.round(belief))
            now = known[key][1]
            mistakes = np.stack([(a * w).sum(axis=1) for a, w in zip(now.actions, wrong, strict=True)]) * mass
            if now.blind:
                settled, settled_bad = settled + mass, settled_bad + mistakes
                continue
            errors[k] += mistakes
            for likelihood in now.broadcast.T:
                joint = belief * likelihood
                if joint.sum() == 0:
                    continue
                after = joint / joint.sum()
                place = _key(after)
                seen = following.get(place, (after, np.zeros(2)))
                following[place] = (seen[0], seen[1] + mass * likelihood)
        blind[k], bad[k] = settled, settled_bad[-1]
        errors[k] += settled_bad
        points, lost = _kept(following, prune, max_points)
        dropped += lost
    width = model.likelihood.shape[1] + model.n_actions + model.relay.shape[2]
    rounding = 2.3e-16 * (n_rounds + 1) * model.n_agents * width
    return RoundLaw(blind, bad, errors, float(dropped.max() + rounding))


@dataclass(frozen=True, eq=False)
class RoundPaths:
    """Simulated rounds.

    Attributes
    ----------
    states : ndarray of int, shape (n_paths,)
        True states.
    actions : ndarray of int, shape (n_paths, n_rounds, N)
        What every agent of every round did.
    beliefs : ndarray, shape (n_paths, n_rounds + 1, X)
        Public beliefs, the prior first.
    blind_time : ndarray of int, shape (n_paths,)
        Index of the first blind round, -1 if there is none.
    """

    states: Ints
    actions: Ints
    beliefs: Floats
    blind_time: Ints


def simulate(
    model: WordOfMouth, prior: ArrayLike, n_rounds: int, n_paths: int, rng: np.random.Generator
) -> RoundPaths:
    """Return independent runs; the state of each is drawn from the prior.

    Every path is followed agent by agent: observation, messages through the relays, actions, broadcast.

    Examples
    --------
    >>> from llma.word_of_mouth import flips
    >>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], 3, flips(0.1), tie="own")
    >>> runs = simulate(row, [0.5, 0.5], 30, 2000, np.random.default_rng(0))
    >>> bool(abs((runs.actions[:, -1, -1] != runs.states).mean() - 0.165) < 0.03)
    True
    """
    start = checks.belief(prior, "prior", model.n_states)
    if start.ndim != 1 or n_rounds < 1 or n_paths < 1:
        raise ValueError(
            "simulate: expected one prior, n_rounds >= 1 and n_paths >= 1, "
            f"got a prior of shape {start.shape}, {n_rounds} and {n_paths}"
        )
    states = _draw(np.broadcast_to(start, (n_paths, len(start))), rng)
    beliefs = np.empty((n_paths, n_rounds + 1, model.n_states))
    beliefs[:, 0] = start
    actions = np.empty((n_paths, n_rounds, model.n_agents), dtype=np.int64)
    blind_time = np.full(n_paths, -1, dtype=np.int64)
    for k in range(n_rounds):
        distinct, row = np.unique(beliefs[:, k].round(12), axis=0, return_index=True, return_inverse=True)[1:]
        row = row.reshape(-1)
        for j, first in enumerate(distinct):
            here = np.flatnonzero(row == j)
            belief = beliefs[first, k]
            now = model.round(belief)
            received = _draw(model.likelihood[states[here]], rng)
            for i in range(model.n_agents):
                if i:
                    received = _draw(model.relay[i - 1][actions[here, k, i - 1]], rng)
                actions[here, k, i] = _draw(now.rules[i][received], rng)
            if now.blind:
                blind_time[here[blind_time[here] < 0]] = k
                beliefs[here, k + 1] = belief
                continue
            public = actions[here, k, -1] if model.broadcast == "action" else received
            joint = belief * now.broadcast[:, public].T
            beliefs[here, k + 1] = joint / joint.sum(axis=1, keepdims=True)
    return RoundPaths(states, actions, beliefs, blind_time)


def _wrong(model: WordOfMouth) -> Floats:
    """Return 1 where an action is not optimal in a state, shape (N, X, U)."""
    return np.asarray(model.cost > model.cost.min(axis=2, keepdims=True), dtype=np.float64)


def _key(belief: Floats) -> int | float:
    low, high = float(belief[0]), float(belief[1])
    if low == 0 or high == 0:
        return inf if low == 0 else -inf
    return round(log(high / low) / SAME_BELIEF)


def _kept(
    points: Mapping[int | float, tuple[Floats, Floats]], prune: float, max_points: int
) -> tuple[dict[int | float, tuple[Floats, Floats]], Floats]:
    heavy = sorted(points.items(), key=lambda item: -float(item[1][1].max()))
    kept = {key: value for key, value in heavy[:max_points] if value[1].max() >= prune}
    lost = np.zeros(2)
    for key, (_, mass) in heavy:
        if key not in kept:
            lost = lost + mass
    return kept, lost


def _draw(probabilities: Floats, rng: np.random.Generator) -> Ints:
    """Return one index for each row of probabilities, shape (n,)."""
    uniform = rng.random(len(probabilities)) * probabilities.sum(axis=1)
    drawn = (probabilities.cumsum(axis=1) <= uniform[:, None]).sum(axis=1)
    return np.asarray(np.minimum(drawn, probabilities.shape[1] - 1), dtype=np.int64)
