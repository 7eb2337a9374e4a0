r"""The study: what is measured on a trained model, in one place, with NumPy and without sampling.

Every function takes a model and returns a flat dictionary of numbers. `python -m training.herd_results`
runs them all on the shipped weights and writes `results.json` beside them; the book's tables are read
from that file by `results`, and tests compute some of them anew.

* `greedy`: a model of careful people whose hands slip (prior 1/2, one accuracy): errors, tests of coherence,
  controls, weights, the law of the population that follows it by the band and by the sign, and at how many
  prompts its log-odds are off by what the band tolerates, or more.
* `by_sampling`: a round of self-play by sampling, beside the exact level of the same number.
* `by_choice`: a round of self-play with a decision.
* `graded`: the model that reads prior and accuracy as graded tokens, at one pair of values.
* `secret`: models of the game with secret accuracies.

Agents are counted from 0, so "wrong at 10" is the eleventh agent.

>>> from llma.agents.model import load
>>> row = greedy(load("greedy-0"), 0.7)
>>> sorted(row)[:4]
['action_drift', 'beyond', 'bias', 'calibration']
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from llma.agents.controls import flip_effect, order_effect
from llma.agents.evidence import Weights, fit_log_odds
from llma.agents.game import (
    HerdGame,
    Policy,
    bayesian,
    levels,
    naive,
    private_log_odds,
    public_log_odds,
    show_signals,
)
from llma.agents.law import PopulationLaw, population_law, prompt_weights
from llma.agents.model import WEIGHTS, HerdAgent
from llma.agents.rules import keep_own, midpoint, raw, sampled, step_sizes
from llma.agents.scores import action_drift, calibration, compare, differing, signal_drift
from llma.checks import Floats

TREMBLE = 0.05
"""How often hands slip in the games of the greedy models."""
SECRET = HerdGame(0.5, (0.65, 0.9))
LATE = 10
"""The agent whose errors are reported."""

Row = dict[str, float]


def exact_beliefs(game: HerdGame, policy: Sequence[Floats]) -> list[Floats]:
    """Return the exact private log-odds of all agents when predecessors follow a policy."""
    public = public_log_odds(game, policy)
    return [private_log_odds(game, level) for level in public[: game.n_agents]]


def regression(
    game: HerdGame, law: PopulationLaw, policy: Sequence[Floats], found: Sequence[Floats]
) -> Weights:
    """Return the weights of own and crowd in a reader's log-odds, prompts counting by the law.

    The crowd's log-odds are the exact ones if predecessors follow `policy`, less the prior's.
    """
    public = public_log_odds(game, policy)
    own, crowd, said, mass = [], [], [], []
    for k in range(game.n_agents):
        shape = found[k].shape
        own.append(np.broadcast_to(private_log_odds(game, np.zeros(1)), shape).ravel())
        crowd.append(np.broadcast_to((public[k] - public[0])[:, None, None], shape).ravel())
        said.append(found[k].ravel())
        mass.append(prompt_weights(game, law, k).ravel())
    return fit_log_odds(*(np.concatenate(column) for column in (own, crowd, said, mass)))


def greedy(agent: HerdAgent, accuracy: float) -> Row:
    """Measure a greedy model at one accuracy; its benchmark is the population whose hands slip."""
    slips, calm = HerdGame(0.5, (accuracy,), TREMBLE), HerdGame(0.5, (accuracy,))
    policy = bayesian(slips, raw)
    law, on_path = population_law(slips, policy), population_law(calm, policy)
    exact, found, public = exact_beliefs(slips, policy), agent.private(slips), agent.public(slips)
    errors, path = compare(slips, law, exact, found), compare(slips, on_path, exact, found)
    band = [keep_own(midpoint(slips))(level, slips) for level in found]
    by_band, by_sign = population_law(calm, band), population_law(calm, [raw(level, calm) for level in found])
    count, total, _ = differing(calm, on_path, band, policy)
    bins = calibration(slips, law, exact, found)
    full = bins[:, 2] > 0
    own, crowd = regression(slips, law, policy, found), regression(slips, law, policy, exact)
    met = np.concatenate([prompt_weights(calm, on_path, k).ravel() > 0 for k in range(calm.n_agents)])
    off = np.concatenate([np.abs(said - right).ravel() for said, right in zip(found, exact, strict=True)])[
        met
    ]
    tolerated = step_sizes(slips)[1] / 2
    return {
        "mean": errors.mean,
        "upper": errors.upper,
        "largest": errors.largest,
        "bias": errors.bias,
        "gap": errors.gap,
        "mean_on_path": path.mean,
        "largest_on_path": path.largest,
        "calibration": float(np.abs(bins[full, 0] - bins[full, 1]) @ bins[full, 2]),
        "action_drift": action_drift(slips, policy, law, public).mean,
        "signal_drift": signal_drift(slips, law, public, found).mean,
        "largest_log_odds": float(off.max()),
        "tolerated": tolerated,
        "beyond": int((off >= tolerated).sum()),
        "differing": count,
        "prompts": total,
        "distance_band": distance(calm, on_path, by_band),
        "differing_mass": differing(slips, law, band, policy)[2],
        "wrong_exact": float(on_path.wrong[LATE]),
        "wrong_band": float(by_band.wrong[LATE]),
        "wrong_sign": float(by_sign.wrong[LATE]),
        "herd_exact": float(on_path.herd[LATE]),
        "herd_band": float(by_band.herd[LATE]),
        "herd_sign": float(by_sign.herd[LATE]),
        "own": float(own.weights[1]),
        "crowd": float(own.weights[2]),
        "r2": own.r2,
        "crowd_exact": float(crowd.weights[2]),
        "flip": flip_effect(slips, law, found).mean,
        "order": order_effect(slips, law, found).mean,
        "order_exact": order_effect(slips, law, exact).mean,
    }


def distance(game: HerdGame, one: PopulationLaw, other: PopulationLaw) -> float:
    """Return the total variation distance between the laws of all actions of two populations.

    Examples
    --------
    >>> game = HerdGame(0.5, (0.7,), n_agents=2)
    >>> law = population_law(game, bayesian(game, raw))
    >>> copies = [np.array([[[0.0, 1.0]]]), np.array([[[0.0, 0.0]], [[1.0, 1.0]]])]
    >>> round(distance(game, law, population_law(game, copies)), 6)
    0.42
    """
    prior = np.array([1 - game.prior, game.prior])
    return float(np.abs((one.histories[-1] - other.histories[-1]) @ prior).sum() / 2)


def sampling_levels(accuracy: float, n: int) -> list[Policy]:
    """Return level 0 (Bayesians who take the crowd for greedy people with slips, acting by sampling) to n."""
    slips, calm = HerdGame(0.5, (accuracy,), TREMBLE), HerdGame(0.5, (accuracy,))
    start = [sampled(level, calm) for level in exact_beliefs(slips, bayesian(slips, raw))]
    return levels(calm, start, sampled, n)


def by_sampling(agent: HerdAgent, before: HerdAgent | None, accuracy: float, number: int) -> Row:
    """Measure round `number` of self-play by sampling.

    `error` is against the exact reply to what the population before it really does (for round 0, to greedy
    people with slips, on their law); `wrong_level` belongs to the exact level of the same number.
    """
    calm, slips = HerdGame(0.5, (accuracy,)), HerdGame(0.5, (accuracy,), TREMBLE)
    found = agent.private(calm)
    game, believed = (slips, bayesian(slips, raw)) if before is None else (calm, before.policy(calm, sampled))
    exact, law = exact_beliefs(game, believed), population_law(game, believed)
    return {
        "error": compare(game, law, exact, found).mean,
        "wrong": float(population_law(calm, [sampled(level, calm) for level in found]).wrong[LATE]),
        "wrong_level": float(population_law(calm, sampling_levels(accuracy, number)[number]).wrong[LATE]),
        "wrong_fixed": float(population_law(calm, bayesian(calm, sampled)).wrong[LATE]),
    }


def by_choice(agent: HerdAgent, accuracy: float, rule: str) -> Row:
    """Measure a round of self-play with the rule "band" or "raw"."""
    slips, calm = HerdGame(0.5, (accuracy,), TREMBLE), HerdGame(0.5, (accuracy,))
    exact = bayesian(slips, raw)
    chosen = agent.policy(calm, keep_own(midpoint(slips)) if rule == "band" else raw)
    law, on_path = population_law(calm, chosen), population_law(calm, exact)
    count, total, mass = differing(calm, on_path, chosen, exact)
    return {
        "differing": count,
        "prompts": total,
        "mass": mass,
        "wrong": float(law.wrong[LATE]),
        "herd_3": float(law.herd[3]),
        "wrong_exact": float(on_path.wrong[LATE]),
    }


def graded(agent: HerdAgent, prior: float, accuracy: float) -> Row:
    """Measure the graded model at one prior and one accuracy; its population samples its actions."""
    game = HerdGame(prior, (accuracy,))
    policy = bayesian(game, sampled)
    law, found = population_law(game, policy), agent.private(game)
    errors = compare(game, law, exact_beliefs(game, policy), found)
    own = population_law(game, [sampled(level, game) for level in found])
    return {
        "mean": errors.mean,
        "largest": errors.largest,
        "gap": errors.gap,
        "wrong": float(own.wrong[LATE]),
        "wrong_exact": float(law.wrong[LATE]),
    }


def secret(agent: HerdAgent) -> Row:
    """Measure a model of the game with secret accuracies; "naive" is compared with the naive exact one."""
    is_naive = agent.name == "naive"
    people = bayesian(SECRET, raw)
    policy = naive(SECRET, raw) if is_naive else people
    law, found = population_law(SECRET, policy), agent.private(SECRET)
    believed = naive_beliefs() if is_naive else exact_beliefs(SECRET, people)
    errors = compare(SECRET, law, believed, found)
    mine = population_law(SECRET, [raw(level, SECRET) for level in found])
    on_people = population_law(SECRET, people)
    weights, right = (regression(SECRET, on_people, people, said) for said in (found, believed))
    return {
        "mean": errors.mean,
        "gap": errors.gap,
        "wrong": float(mine.wrong[LATE]),
        "wrong_exact": float(law.wrong[LATE]),
        "wrong_bayes": float(population_law(SECRET, people).wrong[LATE]),
        "own": float(weights.weights[1]),
        "crowd": float(weights.weights[2]),
        "r2": weights.r2,
        "own_exact": float(right.weights[1]),
        "crowd_exact": float(right.weights[2]),
        "r2_exact": right.r2,
    }


def naive_beliefs() -> list[Floats]:
    """Return the private log-odds, in the game with secret accuracies, of who takes actions for signals."""
    return exact_beliefs(SECRET, show_signals(SECRET))


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Return mean and confidence interval over seeds (Student's t).

    Raises
    ------
    ValueError
        When there are fewer than two values: one seed has no spread.

    Examples
    --------
    >>> [round(v, 3) for v in interval([1.0, 2.0, 3.0])]
    [2.0, -0.484, 4.484]
    """
    x = np.asarray(values, dtype=float)
    if x.size < 2:
        raise ValueError("values: one seed has no spread; give at least two")
    half = student.ppf(0.5 + level / 2, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size)
    return float(x.mean()), float(x.mean() - half), float(x.mean() + half)


def results(folder: str | Path = WEIGHTS) -> dict[str, Any]:
    """Return the shipped results: study -> model -> setting -> row.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    """
    found: dict[str, Any] = json.loads((Path(folder) / "results.json").read_text(encoding="utf-8"))
    return found
