r"""Is it Bayesian? Errors against the exact posterior, calibration, and two martingale tests.

Proper score. Let q(h, y) be a reader's probability of state 1 at a prompt, and P the posterior. The
expected cross-entropy exceeds its minimum by the mean Kullback-Leibler divergence :math:`E\,D(P \| q)`,
which is zero only for q = P (almost surely). Trained on states alone, a flexible enough model is drawn to
the posterior; the *gap* measures what is missing, in nats.

Calibration. Among all prompts at which a reader says 0.7, the state should be 1 in seven of ten. Here the
law of the prompts is known, so that the curve has no sampling error.

Martingales. For a Bayesian observer with public belief b(h),

.. math:: \sum_a P(a \mid h)\, b(ha) = b(h), \qquad \sum_s P(s \mid h)\, P(x = 1 \mid h, s) = b(h),

whatever the population does. The first needs P(a | h) of the population that is really there; P(s | h)
follows from the belief itself. Both are tests of coherence: they need no posterior to compare with.
Passing them does not prove a reader Bayesian: one who keeps its first belief for ever passes.

>>> from llma.agents.game import HerdGame, bayesian, private_log_odds, public_log_odds
>>> from llma.agents.law import population_law
>>> from llma.agents.rules import raw
>>> game = HerdGame(0.5, (0.7,), tremble=0.05, n_agents=6)
>>> policy = bayesian(game, raw)
>>> law = population_law(game, policy)
>>> public = public_log_odds(game, policy)
>>> private = [private_log_odds(game, level) for level in public[:6]]
>>> score = compare(game, law, private, private)
>>> score.mean, round(action_drift(game, policy, law, public).mean, 6)
(0.0, 0.0)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from llma.agents.game import HerdGame, action_law
from llma.agents.law import PopulationLaw, prompt_weights
from llma.checks import Floats


@dataclass(frozen=True)
class Errors:
    """How far probabilities are from what they should be.

    Attributes
    ----------
    mean, upper, largest : float
        Of the absolute error: mean and 99 % quantile under the law, maximum over prompts of positive
        weight.
    bias : float
        Mean error with its sign.
    gap : float
        Mean Kullback-Leibler divergence in nats, NaN where it has no meaning.
    """

    mean: float
    upper: float
    largest: float
    bias: float
    gap: float


def summarise(error: Floats, weight: Floats, gap: float = float("nan")) -> Errors:
    """Return the summary of errors under weights."""
    size, total = np.abs(error), weight.sum()
    if not total > 0:
        raise ValueError("the law gives no weight to any of these prompts")
    order = np.argsort(size)
    share = np.cumsum(weight[order]) / total
    return Errors(
        mean=float((size * weight).sum() / total),
        upper=float(size[order][np.searchsorted(share, 0.99)]),
        largest=float(size[weight > 0].max()),
        bias=float((error * weight).sum() / total),
        gap=gap,
    )


def divergence(exact: Floats, found: Floats) -> Floats:
    """Return D(P || q) in nats for two arrays of log-odds."""
    p = expit(exact)
    gap = p * (log_expit(exact) - log_expit(found)) + (1 - p) * (log_expit(-exact) - log_expit(-found))
    return np.asarray(np.maximum(gap, 0.0))


def compare(
    game: HerdGame, law: PopulationLaw, exact: Sequence[Floats], found: Sequence[Floats], first: int = 0
) -> Errors:
    """Return the errors of a reader's private log-odds, all agents from `first` on weighing the same.

    Parameters
    ----------
    game : HerdGame
    law : PopulationLaw
        Which prompts are met.
    exact, found : sequence of ndarray, entry k of shape (2^k, A, 2)
        Log-odds of state 1.
    first : int
        Agents before this one are left out.
    """
    levels = range(first, game.n_agents)
    weight = np.concatenate([prompt_weights(game, law, k).ravel() for k in levels])
    right = np.concatenate([exact[k].ravel() for k in levels])
    said = np.concatenate([found[k].ravel() for k in levels])
    gap = float((divergence(right, said) * weight).sum() / weight.sum())
    return summarise(expit(said) - expit(right), weight, gap)


def differing(
    game: HerdGame, law: PopulationLaw, one: Sequence[Floats], other: Sequence[Floats]
) -> tuple[int, int, float]:
    """Return in how many prompts of positive weight two policies differ, of how many, with which weight."""
    count, total, mass = 0, 0, 0.0
    for k in range(game.n_agents):
        weight = prompt_weights(game, law, k)
        here = (one[k] != other[k]) & (weight > 0)
        count, total, mass = (
            count + int(here.sum()),
            total + int((weight > 0).sum()),
            mass + weight[here].sum(),
        )
    return count, total, float(mass / game.n_agents)


def calibration(
    game: HerdGame, law: PopulationLaw, exact: Sequence[Floats], found: Sequence[Floats], n_bins: int = 10
) -> Floats:
    """Return for each bin what the reader says on average, how often the state is 1, and the bin's weight.

    Returns
    -------
    ndarray, shape (n_bins, 3)
        NaN in the first two columns of an empty bin.
    """
    levels = range(game.n_agents)
    weight = np.concatenate([prompt_weights(game, law, k).ravel() for k in levels]) / game.n_agents
    said = expit(np.concatenate([found[k].ravel() for k in levels]))
    right = expit(np.concatenate([exact[k].ravel() for k in levels]))
    place = np.minimum((said * n_bins).astype(int), n_bins - 1)
    mass, says, holds = (np.bincount(place, weight * v, n_bins) for v in (np.ones_like(said), said, right))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([says / mass, holds / mass, mass], axis=1)


def action_drift(
    game: HerdGame, policy: Sequence[Floats], law: PopulationLaw, public: Sequence[Floats]
) -> Errors:
    """Return how far a reader's public belief is expected to move when the next action is seen.

    Parameters
    ----------
    game : HerdGame
    policy : sequence of ndarray
        What the population does.
    law : PopulationLaw
        Its law.
    public : sequence of ndarray, entry k of shape (2^k,), k = 0..n
        The reader's log-odds without a signal.
    """
    prior = np.array([1 - game.prior, game.prior])
    drift, weight = [], []
    for k, table in enumerate(policy):
        joint = law.histories[k] * prior
        mass = joint.sum(axis=1)
        one = (joint * action_law(game, table)).sum(axis=1) / np.where(mass > 0, mass, 1.0)
        after = expit(public[k + 1]).reshape(-1, 2)
        drift.append((1 - one) * after[:, 0] + one * after[:, 1] - expit(public[k]))
        weight.append(mass)
    return summarise(np.concatenate(drift), np.concatenate(weight))


def signal_drift(
    game: HerdGame, law: PopulationLaw, public: Sequence[Floats], private: Sequence[Floats]
) -> Errors:
    """Return how far a reader's belief is expected to move when its own signal is seen."""
    drift, weight = [], []
    for k in range(game.n_agents):
        belief = expit(public[k])
        chance = np.einsum("hx,xis->his", np.stack([1 - belief, belief], axis=1), game.signal_law)
        drift.append((chance * expit(private[k])).sum(axis=(1, 2)) - belief)
        weight.append((law.histories[k] * np.array([1 - game.prior, game.prior])).sum(axis=1))
    return summarise(np.concatenate(drift), np.concatenate(weight))
