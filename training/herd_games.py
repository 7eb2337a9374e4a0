"""Games for the herd agents: who is told what, and what the predecessors played.

A *source* draws a batch of fresh games. `from_tables` plays a policy given as tables over all histories
(`llma.agents.game`), exact or a model's own. `graded` draws prior and accuracy anew for every game,
outside two gaps that are kept for testing, and carries the public belief along.

>>> batch = graded(np.random.default_rng(0), 4)
>>> batch.actions.shape, bool(np.isnan(batch.accuracy).any())
((4, 12), False)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from llma.agents import prompts
from llma.agents.game import HerdGame, Policy

PUBLIC_SHARE = 0.25
PRIOR_RANGE, PRIOR_GAP = (0.3, 0.7), (0.47, 0.53)
ACCURACY_RANGE, ACCURACY_GAP = (0.55, 0.9), (0.67, 0.73)


@dataclass(frozen=True, eq=False)
class Games:
    """A batch of n games: what a reader is told, what it saw, and the state."""

    prior: np.ndarray  # (n,)
    accuracy: np.ndarray  # (n,), NaN where it is not stated
    signal: np.ndarray  # (n,), 0, 1 or NO_SIGNAL
    actions: np.ndarray  # (n, 12)
    states: np.ndarray  # (n,)


Source = Callable[[np.random.Generator, int], Games]


def readers(
    states: np.ndarray, accuracy: np.ndarray, secret: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return what each reader is told of its accuracy, and its signal; a quarter have none."""
    n = states.size
    signal = np.where(rng.random(n) < accuracy, states, 1 - states)
    public = rng.random(n) < PUBLIC_SHARE
    stated = np.where(public & secret, np.nan, accuracy)
    return stated, np.where(public, prompts.NO_SIGNAL, signal)


def from_tables(games: Sequence[HerdGame], policies: Sequence[Policy]) -> Source:
    """Return a source that plays one of several games, chosen at random for every sequence."""

    def draw(rng: np.random.Generator, n: int) -> Games:
        which = rng.integers(len(games), size=n)
        states = (rng.random(n) < np.array([game.prior for game in games])[which]).astype(int)
        table = np.array([game.accuracies for game in games])
        tremble = np.array([game.tremble for game in games])[which]
        actions = np.empty((n, prompts.MAX_ACTIONS), dtype=int)
        node = np.zeros(n, dtype=int)
        for k in range(prompts.MAX_ACTIONS):
            number = rng.integers(table.shape[1], size=n)
            signal = np.where(rng.random(n) < table[which, number], states, 1 - states)
            chance = np.stack([policy[k] for policy in policies])[which, node, number, signal]
            chance = tremble + (1 - 2 * tremble) * chance
            actions[:, k] = rng.random(n) < chance
            node = 2 * node + actions[:, k]
        accuracy = table[which, rng.integers(table.shape[1], size=n)]
        stated, seen = readers(states, accuracy, table.shape[1] > 1, rng)
        return Games(np.array([game.prior for game in games])[which], stated, seen, actions, states)

    return draw


def outside(
    gap: tuple[float, float], whole: tuple[float, float], rng: np.random.Generator, n: int
) -> np.ndarray:
    """Draw n numbers uniformly from an interval without its gap."""
    left, width = whole[0], whole[1] - whole[0] - (gap[1] - gap[0])
    value = left + width * rng.random(n)
    return np.where(value < gap[0], value, value + gap[1] - gap[0])


def graded(rng: np.random.Generator, n: int) -> Games:
    """Draw games of Bayesians who act by sampling; prior and accuracy are anywhere outside the gaps."""
    prior = outside(PRIOR_GAP, PRIOR_RANGE, rng, n)
    accuracy = outside(ACCURACY_GAP, ACCURACY_RANGE, rng, n)
    states = (rng.random(n) < prior).astype(int)
    weight, public = logit(accuracy), logit(prior)
    actions = np.empty((n, prompts.MAX_ACTIONS), dtype=int)
    for k in range(prompts.MAX_ACTIONS):
        play = np.stack([expit(public - weight), expit(public + weight)])  # P(1 | signal)
        signal = np.where(rng.random(n) < accuracy, states, 1 - states)
        actions[:, k] = rng.random(n) < play[signal, np.arange(n)]
        one = np.stack(
            [accuracy * play[0] + (1 - accuracy) * play[1], (1 - accuracy) * play[0] + accuracy * play[1]]
        )
        public = public + np.where(
            actions[:, k] == 1, np.log(one[1] / one[0]), np.log((1 - one[1]) / (1 - one[0]))
        )
    stated, seen = readers(states, accuracy, False, rng)
    return Games(prior, stated, seen, actions, states)
