"""Drawn answers of a language model as experiments: its kernel of bits, and the menu of reading for so long.

>>> menu = menu_of_answers([[[0.4], [0.1]], [[0.6], [0.9]]], [0, 1], [4, 8])
>>> menu.optimal([0.5, 0.5], [[1, 0], [0, 1]], price=0.01).chosen
2
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.attention.menu import Menu
from llma.checks import Floats
from llma.likelihood import patterns


def answer_kernel(probabilities: ArrayLike, states: ArrayLike, n_states: int | None = None) -> Floats:
    r"""Return p(y given x) of K drawn answers about a text that is drawn from a finite population.

    Text z of state x is drawn with equal chances, then bit k is 1 with probability P[z, k], independently:

    .. math:: \beta(y \mid x) = \frac1{|Z_x|} \sum_{z \in Z_x} \prod_k P_{zk}^{y_k} (1 - P_{zk})^{1 - y_k} .

    The average over texts and draws is exact. Given the state, the bits are in general dependent.

    Parameters
    ----------
    probabilities : array_like, shape (T, K)
        P(yes) for each text and question.
    states : array_like of int, shape (T,)
        State of each text.
    n_states : int, optional
        X; by default the largest state plus one.

    Returns
    -------
    ndarray, shape (X, 2**K)
        Columns in the order of y, the sum of bit_k 2^k.

    Raises
    ------
    ValueError
        If an entry is no probability, the lengths differ, or a state has no text.

    Examples
    --------
    >>> answer_kernel([[0.1], [0.3], [0.9]], [0, 0, 1])
    array([[0.8, 0.2],
           [0.1, 0.9]])
    """
    yes = checks.probabilities(probabilities)
    if yes.ndim != 2:
        raise ValueError(f"probabilities: expected one row a text, got {yes.ndim} axes (shape {yes.shape})")
    size = n_states if n_states is not None else int(np.max(states, initial=-1)) + 1
    labels = checks.indices(states, "states", size)
    if labels.shape != yes.shape[:1]:
        raise ValueError(f"states: has shape {labels.shape} for {yes.shape[0]} texts; give one for each")
    number = np.bincount(labels, minlength=size)
    if (number == 0).any():
        raise ValueError(f"states: no text has state {int(number.argmin())}, so its row is not defined")
    bits = patterns(yes.shape[1])[:, None, :]  # (Y, 1, K)
    chance = np.where(bits == 1, yes, 1 - yes).prod(axis=2)  # (Y, T)
    member = np.equal.outer(labels, np.arange(size)) / number  # (T, X)
    return np.asarray((chance @ member).T)


def menu_of_answers(probabilities: ArrayLike, states: ArrayLike, tokens: ArrayLike) -> Menu:
    """Return the menu of a reader that stops after so many tokens, "read nothing" included at index 0.

    Parameters
    ----------
    probabilities : array_like, shape (T, N, K)
        P(yes) for each text, budget and question.
    states : array_like of int, shape (T,)
    tokens : array_like, shape (N,)
        What each budget consumes.

    Returns
    -------
    Menu
        N + 1 experiments with 2**K signals.

    Examples
    --------
    >>> menu = menu_of_answers([[[0.4], [0.1]], [[0.6], [0.9]]], [0, 1], [4, 8])
    >>> menu.tokens.tolist(), menu.values([0.5, 0.5], [[1, 0], [0, 1]]).round(2).tolist()
    ([0.0, 4.0, 8.0], [0.5, 0.6, 0.9])
    """
    yes = checks.probabilities(probabilities)
    if yes.ndim != 3:
        raise ValueError(f"probabilities: expected axes text, budget, question; got shape {yes.shape}")
    kernels = [answer_kernel(yes[:, n], states) for n in range(yes.shape[1])]
    nothing = np.zeros_like(kernels[0])
    nothing[:, 0] = 1.0
    return Menu([nothing, *kernels], [0.0, *checks.real_array(tokens, "tokens", ndim=1)])
