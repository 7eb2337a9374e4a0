r"""What is measured on the herd agent that reads: errors, reading, and rows of readers.

`errors` compares its answers with the exact posterior on reviews that were drawn for testing. There are too
many texts to enumerate, so this is sampling. Every review gets the same number of games; its error is the
mean over them and over agents 0 to 11; the interval is over reviews, which are independent draws. (Student
or normal is the same with 400 reviews or more.)

`reading` is the share of reviews whose clause is taken the right way at the token "means".

`played` is a row of readers, played action by action with reviews drawn from the known sort, by one of two
rules. *Sampling*: 1 with the probability that is given to state 1. *Band*: keep what you read in your own
review, unless the log-odds speak against it by more than the band. The own signal is what the model *reads*;
nobody tells it. The exact rows are enumerated.

>>> from llma.agents.texts import load_reader
>>> row = reading(load_reader(), "known")
>>> bool(row["right"] > 0.9)
True
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from llma.agents.game import HerdGame, Policy, action_law, bayesian, public_log_odds
from llma.agents.law import Runs, population_law, simulate
from llma.agents.rules import TIE, midpoint, raw
from llma.agents.scores import divergence
from llma.agents.study import LATE, TREMBLE, Row, sampling_levels
from llma.agents.texts import TextAgent, reviews
from llma.checks import Floats, Ints

GAMES = 4
"""Games for every review."""
RUNS = 4000
Z = 1.959964
SHOWN = (0, 3, 7, LATE)
"""Agents whose errors are reported."""


def play_to(game: HerdGame, policy: Policy, states: Ints, rng: np.random.Generator) -> Ints:
    """Draw the actions of a population in given states, shape (n, n_agents)."""
    actions = np.empty((states.size, game.n_agents), dtype=np.int64)
    node = np.zeros(states.size, dtype=np.int64)
    for k, table in enumerate(policy):
        actions[:, k] = rng.random(states.size) < action_law(game, table)[node, states]
        node = 2 * node + actions[:, k]
    return actions


def exact_along(game: HerdGame, policy: Policy, signal: Ints, actions: Ints) -> tuple[Floats, Floats]:
    """Return the exact private and public log-odds of agents 0..n-1 in drawn games, (n, n_agents) each."""
    public = public_log_odds(game, policy)
    node = np.zeros(signal.size, dtype=np.int64)
    crowd = np.empty((signal.size, game.n_agents))
    for k in range(game.n_agents):
        crowd[:, k] = public[k][node]
        node = 2 * node + actions[:, k]
    return crowd + ((2 * signal - 1) * game.weights[0])[:, None], crowd


def errors(agent: TextAgent, accuracy: float, sort: str, seed: int = 0, games: int = GAMES) -> Row:
    """Measure errors against the exact posterior, hands slipping as in training.

    Parameters
    ----------
    agent : TextAgent
    accuracy : float
    sort : str
        Of reviews, see `llma.agents.texts.reviews`.
    seed : int
        Of the games.
    games : int
        Games for every review.

    Returns
    -------
    dict
        `mean` error, `half` width of its 95 % interval, `upper` 99 % quantile, `gap` in nats, `deaf` error of
        who is exact about the crowd and cannot read, `read`, the mean error on reviews that are taken the
        right way, and `mean_k`, the error of agent k.
    """
    rng = np.random.default_rng([seed, 41])
    game = HerdGame(0.5, (accuracy,), TREMBLE)
    policy = bayesian(game, raw)
    against, speaking_for = reviews(sort)
    n = len(against) + len(speaking_for)
    texts = [text for text in (*against, *speaking_for) for _ in range(games)]
    signal = np.repeat(np.arange(2), [len(against) * games, len(speaking_for) * games])
    states = np.where(rng.random(signal.size) < accuracy, signal, 1 - signal)
    actions = play_to(game, policy, states, rng)
    exact, crowd = exact_along(game, policy, signal, actions)
    found = agent.along(accuracy, texts, actions[:, :-1])
    size = np.abs(expit(found) - expit(exact))
    by_review = size.reshape(n, -1).mean(axis=1)
    right = (agent.reading([*against, *speaking_for]) > 0) == signal[::games]
    row = {
        "mean": float(by_review.mean()),
        "read": float(by_review[right].mean()),
        "half": float(Z * by_review.std(ddof=1) / np.sqrt(n)),
        "upper": float(np.quantile(size, 0.99)),
        "gap": float(divergence(exact, found).mean()),
        "deaf": float(np.abs(expit(crowd) - expit(exact)).mean()),
    }
    return row | {f"mean_{k}": float(size[:, k].mean()) for k in range(game.n_agents)}


def reading(agent: TextAgent, sort: str) -> Row:
    """Measure how often a clause is taken the right way, with a 95 % interval.

    The interval (`low`, `high`) is Wilson's: it does not shrink to nothing when all are right.
    """
    against, speaking_for = reviews(sort)
    right = np.concatenate([agent.reading(against) < 0, agent.reading(speaking_for) > 0])
    low, high = wilson(int(right.sum()), right.size)
    return {"right": float(right.mean()), "low": low, "high": high}


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval for a probability.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(10, 10)]
    [0.722, 1.0]
    """
    share, z2 = count / n, Z * Z / n
    middle = (share + z2 / 2) / (1 + z2)
    half = Z / (1 + z2) * np.sqrt(share * (1 - share) / n + z2 / (4 * n))
    return float(middle - half), float(middle + half)


def play(agent: TextAgent, accuracy: float, rule: str, n_runs: int, rng: np.random.Generator) -> Runs:
    """Play a row of readers without slips; everybody gets a review of its own.

    Parameters
    ----------
    agent : TextAgent
    accuracy : float
    rule : str
        "sampling" or "band".
    n_runs : int
    rng : numpy.random.Generator

    Returns
    -------
    Runs
        Of agents 0 to 10.

    Raises
    ------
    ValueError
        When there is no such rule.
    """
    if rule not in ("sampling", "band"):
        raise ValueError(f"rule {rule!r} is not one of sampling, band")
    width = midpoint(HerdGame(0.5, (accuracy,), TREMBLE)) * float(logit(accuracy))
    texts = reviews("known")

    def intend(
        k: int, actions: NDArray[np.int64], number: NDArray[np.int64], signal: NDArray[np.int64]
    ) -> Floats:
        mine = [texts[s][int(rng.integers(len(texts[s])))] for s in signal]
        said = agent.log_odds(accuracy, mine, actions)
        if rule == "sampling":
            return np.asarray(expit(said))
        own = np.where(agent.reading(mine) > 0, 1, -1)
        return np.asarray(np.where(-said * own > width + TIE, own < 0, own > 0).astype(float))

    return simulate(HerdGame(0.5, (accuracy,), n_agents=LATE + 1), intend, n_runs, rng)


def played(agent: TextAgent, accuracy: float, rule: str, seed: int = 0, n_runs: int = RUNS) -> Row:
    """Measure a row of readers: how often agents err, with 95 % intervals, beside the exact row.

    The exact row of "band" is greedy without slips; that of "sampling" samples its exact posteriors, which,
    like the model, take the crowd for greedy people whose hands slip.
    """
    runs = play(agent, accuracy, rule, n_runs, np.random.default_rng([seed, 43]))
    game = HerdGame(0.5, (accuracy,))
    policy = bayesian(game, raw) if rule == "band" else sampling_levels(accuracy, 0)[0]
    law = population_law(game, policy)
    row: Row = {}
    for k in SHOWN:
        low, high = wilson(int((runs.actions[:, k] != runs.states).sum()), n_runs)
        row |= {
            f"wrong_{k}": float(runs.wrong[k]),
            f"low_{k}": low,
            f"high_{k}": high,
            f"exact_{k}": float(law.wrong[k]),
        }
    return row
