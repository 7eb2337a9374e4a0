r"""What is left of the witness's observation at each place in the row: information and risk.

Theorem (data processing). Given the public belief, state -> observation -> action of agent 0 -> message ->
action of agent 1 -> ... is a Markov chain. So the mutual information with the state can only fall along the
row, and, if all have the same costs, so that each could copy what it hears, the expected cost of the
best decision can only rise.

Theorem (noiseless relays are free). If all have the same costs, messages arrive unchanged and ties go to the
lowest index or to what was received, every agent repeats agent 0.

>>> from llma.word_of_mouth import WordOfMouth, flips
>>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], 3, flips(0.1), tie="own")
>>> report = along_the_row(row, [0.5, 0.5])
>>> report.received.round(3), report.risk.round(3)
(array([0.193, 0.12 , 0.076]), array([0.2  , 0.26 , 0.308]))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.word_of_mouth.chain import Round, WordOfMouth

NEGLIGIBLE = 1e-12
"""A deviation from agent 0's action of less than this probability is rounding."""


@dataclass(frozen=True, eq=False)
class RowReport:
    """Information and risk along the row, in one round.

    Attributes
    ----------
    received : ndarray, shape (N,)
        Mutual information of the state and what agent i receives, in nats.
    told : ndarray, shape (N,)
        The same for the action of agent i.
    risk : ndarray, shape (N,)
        Expected cost of agent i's decision.
    repeats : bool
        Whether every agent plays, with certainty, the action that agent 0 played.
    """

    received: Floats
    told: Floats
    risk: Floats
    repeats: bool


def along_the_row(model: WordOfMouth, belief: ArrayLike) -> RowReport:
    """Return information, risk and whether everybody repeats, at one public belief of shape (X,)."""
    start = checks.belief(belief, "belief", model.n_states)
    now = model.round(start)
    received = np.array([mutual_information(start, h) for h in now.messages])
    told = np.array([mutual_information(start, a) for a in now.actions])
    risk = np.array(
        [float((start[:, None] * a * c).sum()) for a, c in zip(now.actions, model.cost, strict=True)]
    )
    return RowReport(received, told, risk, _repeats(model, start, now))


def mutual_information(prior: ArrayLike, likelihood: ArrayLike) -> float:
    """Return the mutual information of state and observation, in nats.

    >>> round(mutual_information([0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]]), 4)
    0.6931
    """
    start = checks.belief(prior, "prior")
    table = checks.stochastic_matrix(likelihood, n_rows=len(start))
    joint = start[:, None] * table
    apart = start[:, None] * joint.sum(axis=0)
    some = joint > 0
    return max(0.0, float((joint[some] * np.log(joint[some] / apart[some])).sum()))


def _repeats(model: WordOfMouth, start: Floats, now: Round) -> bool:
    # The joint law of agent 0's action and agent i's: all of it must lie on the diagonal.
    carried = np.diag(start @ now.actions[0])
    for i in range(1, model.n_agents):
        carried = carried @ model.relay[i - 1] @ now.rules[i]
        if carried.sum() - np.trace(carried) > NEGLIGIBLE:
            return False
    return True
