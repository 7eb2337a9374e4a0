r"""Readers who pay for tokens: the menu, two designs, seven ways to behave.

>>> [int(t) for t in behaviour(design_a()).tokens]
[0, 8, 24, 32, 48]
>>> [int(t) for t in behaviour(design_b()).tokens]
[8, 24, 16, 0, 32, 48]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import softmax

from llma import ribum
from llma.attention import Menu, Plan, answer_kernel, best_actions, menu_of_answers
from llma.checks import Floats, Ints
from llma.data import RecordedReading, load_reading
from llma.sensing.sensor import tempered

PRICE = 0.02
"""Dollars a token, unless a slider says otherwise."""

PRIOR = (0.65, 0.35)
"""Design A: probability of a bad and of a good product."""

TRACK = ((1.0, 0.0), (0.0, 1.0))
"""Utility of reject and buy, in units of the stake: one for the right decision, nothing for the wrong one."""

SAMPLE = ((0.0, -0.3, -1.0), (0.0, 0.55, 1.0))
"""Utility of reject, order a sample, buy, in units of the stake."""

GOOD = (0.5, 0.2, 0.35, 0.1, 0.5, 0.2)
"""Design B: probability of a good product in each environment."""

STAKES_B = (2.0, 8.0, 4.0, 8.0, 8.0, 16.0)
"""Design B: dollars at stake."""

FIXED = 16
"""Tokens of the reader that always reads the same."""

NOISE = 0.25
"""Temperature of the softmax reader, in units of the stake."""

READERS = ("optimal", "fixed", "inverse", "neglect", "sure", "softmax", "opposite")


@dataclass(frozen=True, eq=False)
class Design:
    """Environments: what is likely, and what is at stake.

    Attributes
    ----------
    name : str
    priors : ndarray, shape (M, X)
    stakes : ndarray, shape (M,)
        Dollars.
    utility : ndarray, shape (M, X, U)
        Stakes times one common table.
    """

    name: str
    priors: Floats
    stakes: Floats
    utility: Floats


def design_a(n_environments: int = 5) -> Design:
    """Return design A: one prior, stakes in geometric progression from 1 to 16 dollars.

    >>> design_a().stakes
    array([ 1.,  2.,  4.,  8., 16.])
    """
    stakes = 16.0 ** (np.arange(n_environments) / (n_environments - 1))
    utility = stakes[:, None, None] * np.array(TRACK)
    return Design("A", np.tile(PRIOR, (n_environments, 1)), stakes, utility)


def design_b() -> Design:
    """Return design B: three actions, priors and stakes that differ."""
    good, stakes = np.array(GOOD), np.array(STAKES_B)
    utility = stakes[:, None, None] * np.array(SAMPLE)
    return Design("B", np.column_stack([1 - good, good]), stakes, utility)


@cache
def reading() -> RecordedReading:
    """Return the recorded reading, loaded once."""
    return load_reading()


@cache
def menu() -> Menu:
    """Return what the reader may do: read nothing, or 4, 8, 12, 16, 24, 32, 48 tokens.

    >>> menu().tokens.astype(int).tolist()
    [0, 4, 8, 12, 16, 24, 32, 48]
    """
    recorded = reading()
    return menu_of_answers(recorded.probabilities[:, :-1], recorded.states, recorded.budgets)


def hard_kernel(n: int) -> Floats:
    """Return p(y given x) after the n-th budget when each answer is the more probable one, not drawn."""
    recorded = reading()
    return answer_kernel(tempered(recorded.probabilities[:, n], 0), recorded.states)


def plans(design: Design, price: float = PRICE, offer: Menu | None = None) -> list[Plan]:
    """Return the optimal plan of each environment."""
    table = menu() if offer is None else offer
    return [table.optimal(p, r, price) for p, r in zip(design.priors, design.utility, strict=True)]


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What a reader does in the environments of a design.

    Attributes
    ----------
    chosen : ndarray of int, shape (M,)
        Index of what it reads, in `menu`.
    choice : ndarray, shape (M, X, U)
        p_m(u given x).
    """

    chosen: Ints
    choice: Floats

    @property
    def tokens(self) -> Floats:
        """Tokens read, shape (M,)."""
        return np.asarray(menu().tokens[self.chosen])


def behaviour(design: Design, reader: str = "optimal", price: float = PRICE) -> Behaviour:
    """Return what a reader reads and does.

    Parameters
    ----------
    design : Design
    reader : str
        "optimal"; "fixed": always `FIXED` tokens; "inverse": reads most where the optimal reader reads
        least; "neglect": believes that all states are equally likely; "sure": reads like the optimal reader,
        and takes its answers for those after the longest reading; "softmax": reads like the optimal reader,
        then draws its action from a softmax of the expected utilities; "opposite": reads like the optimal
        reader and plays the actions in reverse order.
    price : float
        Dollars a token.

    Examples
    --------
    >>> behaviour(design_a(), "inverse").tokens.astype(int).tolist()
    [48, 32, 24, 8, 0]
    """
    if reader not in READERS:
        raise ValueError(f"reader: is {reader!r}; expected one of {', '.join(READERS)}")
    even = np.full_like(design.priors, 1 / design.priors.shape[1])
    believed = even if reader == "neglect" else design.priors
    best = [menu().optimal(p, r, price).chosen for p, r in zip(believed, design.utility, strict=True)]
    chosen = np.array(best, dtype=np.int64)
    if reader == "fixed":
        chosen[:] = menu().tokens.tolist().index(FIXED)
    if reader == "inverse":
        chosen[np.argsort(best, kind="stable")] = np.sort(best)[::-1]
    rows = []
    for n, p, r, s in zip(chosen, believed, design.utility, design.stakes, strict=True):
        if reader == "softmax":
            rows.append(_noisy(menu().kernels[n], p, r, s))
        elif reader == "sure" and n > 0:
            actions = best_actions(p, menu().kernels[-1], r)
            rows.append(menu().kernels[n] @ np.eye(r.shape[1])[actions])
        else:
            rows.append(menu().plan(int(n), p, r).choice)
    table = np.array(rows)
    return Behaviour(chosen, table[:, :, ::-1] if reader == "opposite" else table)


def _noisy(kernel: Floats, prior: Floats, utility: Floats, stake: float) -> Floats:
    """Return p(u given x) when u is drawn from a softmax of expected utilities with temperature `NOISE`."""
    joint = prior[:, None] * kernel  # (X, Y)
    total = joint.sum(axis=0)
    posterior = np.divide(joint, total, out=np.tile(prior[:, None], (1, total.size)), where=total > 0)
    return np.asarray(kernel @ softmax(posterior.T @ utility / (NOISE * stake), axis=1))


def data(design: Design, reader: str = "optimal", price: float = PRICE) -> ribum.ChoiceData:
    """Return what an observer sees of a reader."""
    return ribum.ChoiceData(design.priors, behaviour(design, reader, price).choice)
