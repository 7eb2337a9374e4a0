r"""A check for a belief of a reader's own making: whether it is what Bayes' rule gives.

A rule for forming beliefs is a function from what was heard, the *history*, to a belief. `audit` compares it
with the exact posterior after every history that can occur, and names the history where it is furthest off.
It also compares the error the rule admits with the error it makes. Data incest shows as a rule that admits
less than it makes.

The exact law of the histories is a table: history -> joint probability with each state. `public_histories`
writes it for the broadcasts of a `WordOfMouth`, `observation_histories` for observations that are independent
given the state, and a reader may write one of any kind.

>>> law = observation_histories([[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5], n=2)
>>> def twice(history):  # counts the first observation twice
...     odds = np.prod([7 / 3 if y else 3 / 7 for y in (history[0], *history)])
...     return [1 / (1 + odds), odds / (1 + odds)]
>>> found = audit(twice, law)
>>> found.exact_rule, found.history, found.claimed.round(3), found.posterior.round(3)
(False, (1, 0), array([0.3, 0.7]), array([0.5, 0.5]))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.word_of_mouth.chain import WordOfMouth

History = tuple[int, ...]

MOST_HISTORIES = 2**18
"""More histories than this are not listed."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit found.

    Attributes
    ----------
    exact_rule : bool
        Whether the rule gives the posterior after every history.
    gap : float
        Largest distance of an entry of the claimed belief from the posterior.
    history : tuple of int
        Where that is.
    claimed, posterior : ndarray, shape (X,)
        The two beliefs there.
    p_admitted : float
        Mean of one minus the largest entry of the claimed belief: the error the rule admits.
    p_wrong : float
        Probability that the state with the largest entry (the lowest of several) is not the true one.
    """

    exact_rule: bool
    gap: float
    history: History
    claimed: Floats
    posterior: Floats
    p_admitted: float
    p_wrong: float


def audit(
    claim: Callable[[History], ArrayLike], law: Mapping[History, ArrayLike], tolerance: float = 1e-9
) -> Audit:
    """Return how far a rule for beliefs is from Bayes' rule.

    Parameters
    ----------
    claim : callable
        Takes a history, returns a belief of shape (X,).
    law : mapping
        History -> joint probabilities with each state, shape (X,). All of them sum to one.
    tolerance : float
        How far an entry may be off.

    Raises
    ------
    ValueError
        If the law does not sum to one, or the rule returns something that is no belief; the message names
        the history.
    """
    joint = {history: checks.probabilities(p, f"law at {history}") for history, p in law.items()}
    total = sum(float(p.sum()) for p in joint.values())
    if not joint or abs(total - 1) > checks.TOLERANCE:
        raise ValueError(f"law: {len(joint)} histories with total probability {total:.12g}; expected 1")
    worst, gap = None, -1.0
    admitted = wrong = 0.0
    for history, p in joint.items():
        mass = float(p.sum())
        if mass == 0:
            continue
        claimed = checks.belief(claim(history), f"claim at {history}", len(p))
        if claimed.ndim != 1:
            raise ValueError(f"claim at {history}: expected one belief, got shape {claimed.shape}")
        posterior = p / mass
        admitted += mass * float(1 - claimed.max())
        # Entries that agree to rounding are one maximum.
        wrong += mass - float(p[int((claimed >= claimed.max() - 1e-12).argmax())])
        off = float(np.abs(claimed - posterior).max())
        if off > gap:
            worst, gap = (history, claimed, posterior), off
    if worst is None:
        raise ValueError("law: no history has positive probability")
    return Audit(gap <= tolerance, gap, *worst, admitted, wrong)


def observation_histories(likelihood: ArrayLike, prior: ArrayLike, n: int) -> dict[History, Floats]:
    """Return the joint law of n observations, independent given the state, and the state.

    >>> observation_histories([[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5], 2)[1, 1].round(3)
    array([0.045, 0.245])
    """
    table = checks.stochastic_matrix(likelihood)
    start = checks.belief(prior, "prior", len(table))
    _listed(table.shape[1] ** n)
    return {
        history: np.asarray(start * table[:, list(history)].prod(axis=1))
        for history in product(range(table.shape[1]), repeat=n)
    }


def public_histories(model: WordOfMouth, prior: ArrayLike, n_rounds: int) -> dict[History, Floats]:
    """Return the joint law of the broadcasts of some rounds and the state, for any number of states.

    >>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], 2, tie="own")
    >>> {history: p.round(2).tolist() for history, p in public_histories(row, [0.5, 0.5], 1).items()}
    {(0,): [0.4, 0.1], (1,): [0.1, 0.4]}
    """
    start = checks.belief(prior, "prior", model.n_states)
    law: dict[History, Floats] = {(): start}
    for _ in range(n_rounds):
        new: dict[History, Floats] = {}
        for history, joint in law.items():
            likelihood = model.round(joint / joint.sum()).broadcast
            for s, column in enumerate(likelihood.T):
                if (joint * column).sum() > 0:
                    new[(*history, s)] = joint * column
        _listed(len(new))
        law = new
    return law


def _listed(size: int) -> None:
    if size > MOST_HISTORIES:
        raise ValueError(f"{size} histories are too many to list; expected at most {MOST_HISTORIES}")
