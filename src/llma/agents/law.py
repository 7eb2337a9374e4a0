r"""What a population does, exactly: the law of all histories, errors, and herds.

A policy says how every agent acts after every history, so the probability of a history given the state is a
product, and all 2^n of them are enumerated. Nothing is sampled. The policy may be the exact one of
`llma.agents.game`, or a model's own decisions.

>>> from llma.agents.game import HerdGame, bayesian
>>> from llma.agents.rules import raw
>>> game = HerdGame(0.5, (0.7,))
>>> law = population_law(game, bayesian(game, raw))
>>> law.wrong[[0, 2, 10]].round(4), law.wrong_herd[-1].round(4)
(array([0.3   , 0.216 , 0.1571]), np.float64(0.1531))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llma.agents.game import HerdGame, action_law
from llma.checks import Floats


@dataclass(frozen=True, eq=False)
class PopulationLaw:
    """The law of a population of n agents.

    Attributes
    ----------
    histories : list of ndarray, entry k of shape (2^k, 2)
        P(history of k actions given state), k = 0..n.
    wrong : ndarray, shape (n,)
        Probability that agent k's action is not the state.
    herd, wrong_herd : ndarray, shape (n,)
        Probability that agent k would do the same with every signal, and that this is the wrong action.
    """

    histories: list[Floats]
    wrong: Floats
    herd: Floats
    wrong_herd: Floats


def population_law(game: HerdGame, policy: Sequence[Floats]) -> PopulationLaw:
    """Enumerate what a population does.

    Parameters
    ----------
    game : HerdGame
        Its tremble is the one with which they act.
    policy : sequence of ndarray, entry k of shape (2^k, A, 2)

    Returns
    -------
    PopulationLaw
    """
    prior = np.array([1 - game.prior, game.prior])
    histories, columns = [np.ones((1, 2))], []
    for table in policy:
        here, one = histories[-1], action_law(game, table)
        joint = here * prior
        wrong = np.stack([one[:, 0], 1 - one[:, 1]], axis=1)
        flat = table.reshape(len(table), -1)
        ignores = (flat == flat[:, :1]).all(axis=1)
        columns.append([(joint * wrong).sum(), joint[ignores].sum(), (joint * wrong)[ignores].sum()])
        histories.append(np.stack([here * (1 - one), here * one], axis=1).reshape(-1, 2))
    wrong_k, herd, wrong_herd = np.array(columns).T
    return PopulationLaw(histories, wrong_k, herd, wrong_herd)


def prompt_weights(game: HerdGame, law: PopulationLaw, k: int) -> Floats:
    """Return the probability that agent k meets (history, accuracy number, signal), shape (2^k, A, 2)."""
    prior = np.array([1 - game.prior, game.prior])
    return np.asarray(np.einsum("hx,x,xis->his", law.histories[k], prior, game.signal_law))


@dataclass(frozen=True, eq=False)
class Runs:
    """Sampled runs: states (n,) and actions (n, agents)."""

    states: NDArray[np.int64]
    actions: NDArray[np.int64]

    @property
    def wrong(self) -> Floats:
        """Share of runs in which agent k is wrong, shape (agents,)."""
        return np.asarray((self.actions != self.states[:, None]).mean(axis=0))


def simulate(
    game: HerdGame,
    intend: Callable[[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], Floats],
    n_runs: int,
    rng: np.random.Generator,
) -> Runs:
    """Play the game action by action; the independent check of `population_law`.

    Parameters
    ----------
    game : HerdGame
    intend : callable
        ``intend(k, actions, number, signal)``: the probability of action 1 for agent k, shape (n,), from
        the actions so far (n, k), the number of its accuracy (n,) and its signal (n,).
    n_runs : int
    rng : numpy.random.Generator

    Returns
    -------
    Runs
    """
    if n_runs < 1:
        raise ValueError(f"n_runs: {n_runs} is not at least 1")
    states = (rng.random(n_runs) < game.prior).astype(np.int64)
    actions = np.empty((n_runs, game.n_agents), dtype=np.int64)
    for k in range(game.n_agents):
        number = rng.integers(len(game.accuracies), size=n_runs)
        right = rng.random(n_runs) < np.array(game.accuracies)[number]
        signal = np.where(right, states, 1 - states)
        chance = intend(k, actions[:, :k], number, signal)
        slip = rng.random(n_runs) < game.tremble
        actions[:, k] = (rng.random(n_runs) < chance) ^ slip
    return Runs(states, actions)
