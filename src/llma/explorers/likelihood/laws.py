"""Small laws of answers: two questions that hang together, equal questions in a group, three flags."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from llma.checks import Floats
from llma.likelihood import Ising
from llma.likelihood.exact import maximise, softmax


def pair_law(first: float, second: float, odds_ratio: float) -> Floats:
    """Return the law of two bits with given shares of yes and a given odds ratio, shape (4,).

    Parameters
    ----------
    first, second : float
        Probabilities of yes, strictly between 0 and 1.
    odds_ratio : float
        P(00) P(11) / (P(01) P(10)), positive: 1 is independent.

    Notes
    -----
    P(11) solves a quadratic (Plackett, Journal of the American Statistical Association 60, 1965).

    Examples
    --------
    >>> pair_law(0.5, 0.5, 1.0)
    array([0.25, 0.25, 0.25, 0.25])
    >>> pair_law(0.5, 0.5, 9.0)
    array([0.375, 0.125, 0.125, 0.375])
    """
    if odds_ratio == 1:
        both = first * second
    else:
        s = 1 + (first + second) * (odds_ratio - 1)
        root = np.sqrt(s * s - 4 * odds_ratio * (odds_ratio - 1) * first * second)
        both = (s - root) / (2 * (odds_ratio - 1))
    return np.array([1 - first - second + both, first - both, second - both, both])


def product_law(law: Floats) -> Floats:
    """Return the product of the marginals of laws of K bits, shape (..., 2**K).

    >>> product_law(np.array([0.375, 0.125, 0.125, 0.375]))
    array([0.25, 0.25, 0.25, 0.25])
    """
    k = law.shape[-1].bit_length() - 1
    every = (np.arange(2**k)[:, None] >> np.arange(k)) & 1
    yes = law @ every  # (..., K)
    return np.asarray(np.where(every == 1, yes[..., None, :], 1 - yes[..., None, :]).prod(axis=-1))


def divergence(truth: Floats, other: Floats) -> float:
    """Return KL(truth, other) in nats, for laws of the same shape (M,); 0 ln 0 = 0.

    >>> round(divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    used = truth > 0
    return max(float(truth[used] @ np.log(truth[used] / other[used])), 0.0)


def belief_regret(prior: Floats, truth: Floats, believed: Floats) -> float:
    """Return how much log score a belief loses, in nats, when the table `believed` stands for `truth`.

    >>> table = np.array([[0.8, 0.2], [0.3, 0.7]])
    >>> belief_regret(np.array([0.5, 0.5]), table, table)
    0.0
    """
    right, wrong = prior[:, None] * truth, prior[:, None] * believed
    used = right > 0
    right, wrong = right / right.sum(axis=0), wrong / wrong.sum(axis=0)
    gap = np.where(used, np.log(np.where(used, right, 1)) - np.log(np.where(used, wrong, 1)), 0.0)
    return max(float((prior[:, None] * truth * gap).sum()), 0.0)


def group_law(lean: float, coupling: float, size: int) -> Floats:
    """Return the law of the number of yes among equal questions, shape (size + 1,).

    Each question has the field `lean`, each pair the coupling; bits are centred, as in `Ising`.

    >>> group_law(0.0, 0.0, 2)
    array([0.25, 0.5 , 0.25])
    """
    return np.asarray(np.exp(_group(np.array([lean]), np.array([coupling]), size))[0])


def shared_fit(leans: Sequence[float], couplings: Sequence[float], size: int) -> Floats:
    """Return the closest laws of the number of yes with one coupling for both states, shape (2, size + 1).

    Closest: smallest sum of the divergences of the two states, that is greatest likelihood with equally many
    texts of each state, as many as one likes.

    >>> fitted = shared_fit((-0.5, 0.5), (1.0, 1.0), 3)
    >>> bool(np.allclose(fitted, [group_law(-0.5, 1, 3), group_law(0.5, 1, 3)], atol=1e-6))
    True
    """
    truth = np.exp(_group(np.array(leans), np.array(couplings), size))
    m = np.arange(size + 1) - size / 2
    pairs = (m * m - size / 4) / 2

    def score(parameters: Floats) -> tuple[float, Floats]:
        log_p = _group(parameters[:2], np.full(2, parameters[2]), size)
        gap = truth - np.exp(log_p)
        return float((truth * log_p).sum()), np.append(gap @ m, (gap @ pairs).sum())

    found = maximise(score, np.zeros(3), "shared coupling")
    return np.exp(_group(found[:2], np.full(2, found[2]), size))


def even_law(k: int, coupling: float) -> Floats:
    """Return a law of K bits with fields from -2 to 2 and one coupling for all pairs, shape (2**K,).

    >>> even_law(2, 0.0).round(3)
    array([0.105, 0.014, 0.776, 0.105])
    """
    couplings = np.full((k, k), float(coupling))
    np.fill_diagonal(couplings, 0.0)
    return np.asarray(Ising(np.linspace(-2, 2, k)[None], couplings).table()[0])


def three_flags(false_alarms: float) -> Floats:
    """Return a sensor with three levels and three flags, shape (3, 3).

    Parameters
    ----------
    false_alarms : float
        How often a comment of level 0 gets the highest flag, from 0 to 0.9.

    Examples
    --------
    >>> three_flags(0.6)
    array([[0.3 , 0.1 , 0.6 ],
           [0.2 , 0.6 , 0.2 ],
           [0.1 , 0.45, 0.45]])
    """
    return np.array([[0.9 - false_alarms, 0.1, false_alarms], [0.2, 0.6, 0.2], [0.1, 0.45, 0.45]])


def _group(leans: Floats, couplings: Floats, size: int) -> Floats:
    """Return log laws of the number of yes, shape (X, size + 1)."""
    m = np.arange(size + 1) - size / 2
    ways = np.log([comb(size, n) for n in range(size + 1)])
    energy = leans[:, None] * m + couplings[:, None] * (m * m - size / 4) / 2 + ways
    return np.asarray(np.log(softmax(energy)))
