"""The chapter's examples: a reader with stakes, the cycle of three, two priors, a reader that pays."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from llma.attention import Menu
from llma.checks import Floats, Ints
from llma.ribum import ChoiceData

STAKES = (1.0, 2.0, 4.0)
"""Dollars at stake in the story."""

THREE_CHOICE = (
    ((0, Fraction(1, 3), Fraction(2, 3)), (0, 0, 1)),
    ((1, 0, 0), (Fraction(5, 13), 0, Fraction(8, 13))),
    ((1, 0, 0), (1, 0, 0)),
)
THREE_UTILITY = (
    ((-1, 1, 1), (-3, 0, 1)),
    ((2, -1, -3), (-2, 2, 3)),
    ((3, -3, 0), (-2, 1, -2)),
)
"""Two states, even prior: no pair of environments improves by an exchange, a cycle of three does."""


def tracker(
    accuracies: Sequence[float], stakes: Sequence[float] = STAKES, prior: float = 0.5
) -> tuple[ChoiceData, Floats]:
    """Return a reader who is right with a given chance in either state, and the stakes as utility.

    Parameters
    ----------
    accuracies : sequence of M numbers
        Chance of the right decision, the same in both states.
    stakes : sequence of M numbers
        What the right decision is worth.
    prior : float
        Probability of state 0 in every environment.

    >>> data, utility = tracker((0.6, 0.9), (1, 4))
    >>> data.choice[1]
    array([[0.9, 0.1],
           [0.1, 0.9]])
    >>> utility[1]
    array([[4., 0.],
           [0., 4.]])
    """
    a = np.asarray(accuracies, dtype=np.float64)[:, None, None]
    choice = a * np.eye(2) + (1 - a) * np.eye(2)[::-1]
    return ChoiceData([prior, 1 - prior], choice), np.asarray(stakes, dtype=np.float64)[
        :, None, None
    ] * np.eye(2)


def three_cycle(first: float = 1.0, second: float = 1.0) -> tuple[ChoiceData, Floats]:
    """Return the cycle of three, with the utilities of environments 1 and 2 multiplied by two stakes.

    >>> from llma.ribum import experiment_values
    >>> experiment_values(*three_cycle()).round(3)
    array([[1.   , 1.   , 1.   ],
           [1.   , 1.538, 0.5  ],
           [0.5  , 1.423, 0.5  ]])
    """
    stakes = np.array([1.0, first, second])[:, None, None]
    return ChoiceData([0.5, 0.5], np.array(THREE_CHOICE, dtype=np.float64)), stakes * np.array(
        THREE_UTILITY, dtype=np.float64
    )


def two_priors(prior: float, stake: float, cost: float, accuracy: float = 0.9) -> tuple[ChoiceData, Floats]:
    """Return a rational reader in two environments, whose priors differ.

    One text can be read, at a cost; it is right with chance `accuracy` in either state. Environment 0 has an
    even prior and stake 1, environment 1 the prior (`prior`, 1 - `prior`) and the given stake. The reader
    reads where that pays, decides at its best, and prefers not to read when undecided.

    >>> data, utility = two_priors(0.9, 0.5, cost=0.5)
    >>> data.choice[:, 1].tolist()  # it never reads, and always does 0
    [[1.0, 0.0], [1.0, 0.0]]
    """
    kernels = [[[1.0, 0.0], [1.0, 0.0]], [[accuracy, 1 - accuracy], [1 - accuracy, accuracy]]]
    menu = Menu(kernels, [0.0, 1.0])
    laws = np.array([[0.5, 0.5], [prior, 1 - prior]])
    utility = np.array([1.0, stake])[:, None, None] * np.eye(2)
    plans = [menu.optimal(law, table, cost) for law, table in zip(laws, utility, strict=True)]
    return ChoiceData(laws, [plan.choice for plan in plans]), utility


def naive_values(data: ChoiceData, utility: Floats) -> Floats:
    """Return the matrix that carries posteriors to another prior. It convicts rational agents.

    Entry [m, k]: the posteriors of environment k, with the weights that they have there, valued in m.

    >>> data, utility = two_priors(0.9, 0.5, cost=0.5)
    >>> naive_values(data, utility).round(3)
    array([[0.5 , 0.9 ],
           [0.25, 0.45]])
    """
    worth = np.einsum("kux,mxv->mkuv", np.nan_to_num(data.posteriors), utility).max(axis=3)
    return np.asarray((data.marginal[None] * worth).sum(axis=2))


def ups_example() -> tuple[ChoiceData, Floats]:
    """Return two environments with different priors that no posterior-separable cost explains.

    >>> ups_example()[0].posteriors[:, :, 0]
    array([[0.6, 0.4],
           [0.9, 0.1]])
    """
    choice = [[[0.6, 0.4], [0.4, 0.6]], [[0.9375, 0.0625], [0.15625, 0.84375]]]
    return ChoiceData([[0.5, 0.5], [0.6, 0.4]], choice), np.array([2 * np.eye(2), np.eye(2)])


TOKENS = np.arange(41)
"""How much of a text can be read: 0 to 40 tokens."""


def accuracy_after(tokens: Floats | Ints) -> Floats:
    """Return the chance of a right decision after so many tokens, at an even prior.

    >>> accuracy_after(np.array([0, 10, 40])).round(3)
    array([0.5  , 0.816, 0.991])
    """
    return np.asarray(1 - 0.5 * np.exp(-np.asarray(tokens) / 10))


def token_cost(law: str) -> Floats:
    """Return what reading 0 to 40 tokens costs, in dollars: by the token, with a fee, or rising.

    >>> [token_cost(law)[[0, 1, 40]].round(4).tolist() for law in ("by token", "fee", "rising")]
    [[0.0, 0.02, 0.8], [0.0, 0.21, 0.6], [0.0, 0.0005, 0.8]]
    """
    n = TOKENS.astype(np.float64)
    laws = {"by token": 0.02 * n, "fee": 0.2 * (n > 0) + 0.01 * n, "rising": 0.0005 * n**2}
    return laws[law]


def paying_reader(n_stakes: int, law: str) -> tuple[ChoiceData, Floats, Ints]:
    """Return a reader who chooses how many tokens to read, at stakes from 25 cents to 16 dollars.

    Returns
    -------
    data, utility, tokens
        Its choices, the stakes as utility, and how many tokens it read in each environment (which the
        observer does not see).

    >>> data, utility, tokens = paying_reader(4, "by token")
    >>> tokens.tolist()
    [0, 9, 23, 37]
    """
    stakes = np.geomspace(0.25, 16, n_stakes)
    accuracy = accuracy_after(TOKENS)
    tokens = (stakes[:, None] * accuracy - token_cost(law)).argmax(axis=1)
    data, utility = tracker(accuracy[tokens].tolist(), stakes.tolist())
    return data, utility, tokens
