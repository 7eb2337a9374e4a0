r"""The herding game on its whole tree: beliefs, rules and populations as tables over all histories.

Model. A state x in {0, 1} that does not move, P(x = 1) = `prior`. Agents act one after the other. Agent k
(counted from 0) draws an accuracy from `accuracies`, all equally likely, and a signal that equals x with
this probability; both are its own secret. It sees all earlier actions and plays 0 or 1. With probability
`tremble` its hand slips and the other action is played. All this is common knowledge.

Histories. The history of k actions is a number below 2^k, the first action being its highest bit; behind
history h come 2h and 2h + 1. A *policy* is a list with one table per agent, ``policy[k][h, i, s]``: the
intended probability of action 1 after history h, with accuracy number i and signal s.

Beliefs. Let :math:`\lambda(h)` be the public log-odds of state 1 when predecessors follow a policy. Then

.. math:: \lambda(ha) = \lambda(h) + \ln \frac{P(a \mid h, 1)}{P(a \mid h, 0)}

and an agent of accuracy p with signal s has :math:`\lambda(h) + (2s - 1) \ln \frac{p}{1-p}`. Where both
probabilities are zero (nobody's hand slips, and nobody would do this) the belief stays: the limit of small
slips.

Populations. `bayesian` is found agent by agent, because the belief of agent k needs the policies of
agents 0..k-1 only. `best_reply` plays by what predecessors are *believed* to do: a naive agent believes
that each of them showed its signal.

>>> from llma.agents.rules import keep_own
>>> game = HerdGame(prior=0.5, accuracies=(0.7,))
>>> policy = bayesian(game, keep_own(0.0))
>>> [int(a) for a in policy[2][0b11, 0]]  # after 1, 1 both signals lead to action 1
[1, 1]
>>> public_log_odds(game, policy)[2].round(3)
array([-1.695,  0.   ,  0.   ,  1.695])

Reference. Bikhchandani, Hirshleifer and Welch, Journal of Political Economy 100, 1992.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from llma import checks
from llma.checks import Floats

Policy = list[Floats]
Rule = Callable[[Floats, "HerdGame"], Floats]
"""Turns private log-odds (..., A, 2) into the intended probability of action 1, of the same shape."""

MAX_AGENTS = 16
"""The tree doubles with every agent: 16 of them are 65,535 histories."""


@dataclass(frozen=True)
class HerdGame:
    """Who knows what.

    Parameters
    ----------
    prior : float
        P(x = 1), strictly between 0 and 1.
    accuracies : tuple of A floats
        What an agent's accuracy is drawn from, all equally likely; each strictly between one half and one.
        One number: everybody has the same, and all know it.
    tremble : float
        Probability that a hand slips, at least 0 and below one half.
    n_agents : int
        Length of the line, 1 to 16.

    Raises
    ------
    ValueError
        Naming the field.

    Examples
    --------
    >>> HerdGame(0.5, (0.7, 0.4))
    Traceback (most recent call last):
    ...
    ValueError: accuracies: 0.4 is not strictly between 0.5 and 1
    """

    prior: float
    accuracies: tuple[float, ...]
    tremble: float = 0.0
    n_agents: int = 12

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not 0 < self.prior < 1:
            raise ValueError(f"prior: {self.prior} is not strictly between 0 and 1")
        if not self.accuracies:
            raise ValueError("accuracies: is empty; give at least one")
        for accuracy in self.accuracies:
            if not 0.5 < accuracy < 1:
                raise ValueError(f"accuracies: {accuracy} is not strictly between 0.5 and 1")
        if not 0 <= self.tremble < 0.5:
            raise ValueError(f"tremble: {self.tremble} is not in [0, 0.5)")
        if not 1 <= self.n_agents <= MAX_AGENTS:
            raise ValueError(f"n_agents: {self.n_agents} is not between 1 and {MAX_AGENTS}")

    @property
    def weights(self) -> Floats:
        """Return the log-odds that a signal of each accuracy carries, shape (A,)."""
        return np.asarray(logit(np.array(self.accuracies)))

    @property
    def signal_law(self) -> Floats:
        """Return P(accuracy number i, signal s given state x), shape (2, A, 2)."""
        right = np.array(self.accuracies) / len(self.accuracies)
        wrong = (1 - np.array(self.accuracies)) / len(self.accuracies)
        return np.stack([np.stack([right, wrong], axis=-1), np.stack([wrong, right], axis=-1)])


def history(actions: Sequence[int]) -> int:
    """Return the number of a history.

    Examples
    --------
    >>> history([1, 0, 1]), history([])
    (5, 0)
    """
    number = 0
    for action in checks.indices(list(actions), "actions", 2).tolist() if len(actions) else []:
        number = 2 * number + action
    return number


def actions_of(number: int, length: int) -> tuple[int, ...]:
    """Return the actions of a history, the first one first.

    Examples
    --------
    >>> actions_of(5, 4)
    (0, 1, 0, 1)
    """
    if not 0 <= number < 1 << length:
        raise ValueError(f"history {number} does not have length {length}")
    return tuple(number >> (length - 1 - k) & 1 for k in range(length))


def action_law(game: HerdGame, table: Floats) -> Floats:
    """Return P(action 1 given history and state), slips included, shape (histories, 2)."""
    intended = np.einsum("his,xis->hx", table, game.signal_law)
    return np.asarray(game.tremble + (1 - 2 * game.tremble) * intended)


def after_action(public: Floats, one: Floats) -> Floats:
    """Return the public log-odds one action later: entry 2h + a follows entry h.

    Parameters
    ----------
    public : ndarray, shape (H,)
    one : ndarray, shape (H, 2)
        P(action 1 given history and state).
    """
    with np.errstate(divide="ignore"):
        logs = np.log(np.stack([1 - one, one], axis=1))  # (H, action, state)
    never = np.isneginf(logs).all(axis=2)
    step = np.where(
        never, 0.0, np.subtract(logs[..., 1], logs[..., 0], where=~never, out=np.zeros_like(never, float))
    )
    return np.asarray((public[:, None] + step).reshape(-1))


def private_log_odds(game: HerdGame, public: Floats) -> Floats:
    """Return the log-odds of every agent that could stand at these public log-odds, shape (..., A, 2)."""
    evidence = game.weights[:, None] * np.array([-1.0, 1.0])
    return np.asarray(public[..., None, None] + evidence)


def public_log_odds(game: HerdGame, policy: Sequence[Floats]) -> list[Floats]:
    """Return the public log-odds before each agent acts, entry k of shape (2^k,), by Bayes' rule.

    One entry more than agents in the policy: the last is what the line has taught.

    Raises
    ------
    ValueError
        When the policy is for another number of accuracies or its tables are out of order.
    """
    public = [np.array([logit(game.prior)])]
    for k, table in enumerate(policy):
        wanted = (1 << k, len(game.accuracies), 2)
        if table.shape != wanted:
            raise ValueError(f"policy: table {k} has shape {table.shape}; this game needs {wanted}")
        public.append(after_action(public[-1], action_law(game, table)))
    return public


def bayesian(game: HerdGame, rule: Rule) -> Policy:
    """Return the population in which all are Bayesians, know it, and act by one rule."""
    policy: Policy = []
    public = np.array([logit(game.prior)])
    for _ in range(game.n_agents):
        policy.append(rule(private_log_odds(game, public), game))
        public = after_action(public, action_law(game, policy[-1]))
    return policy


def best_reply(game: HerdGame, believed: Sequence[Floats], rule: Rule) -> Policy:
    """Return how agents act by a rule who believe that their predecessors follow `believed`."""
    public = public_log_odds(game, believed)
    return [rule(private_log_odds(game, level), game) for level in public[: game.n_agents]]


def show_signals(game: HerdGame) -> Policy:
    """Return the population in which everybody plays its signal."""
    shown = np.array([0.0, 1.0])
    return [np.broadcast_to(shown, (1 << k, len(game.accuracies), 2)).copy() for k in range(game.n_agents)]


def naive(game: HerdGame, rule: Rule) -> Policy:
    """Return the population in which everybody believes that the predecessors played their signals."""
    return best_reply(game, show_signals(game), rule)


def levels(game: HerdGame, start: Sequence[Floats], rule: Rule, n: int) -> list[Policy]:
    """Return level 0 (`start`) to level n: level r best-replies, by the rule, to level r - 1.

    Theorem. If agent 0 of `start` acts by the rule on its own signal, the policy of level r agrees with
    `bayesian(game, rule)` for agents 0..r. Proof: by induction. What agent k believes depends on the
    policies of agents 0..k-1 only; if those of level r - 1 are the Bayesian ones for k <= r, agent k of
    level r is.
    """
    found = [list(start)]
    for _ in range(n):
        found.append(best_reply(game, found[-1], rule))
    return found
