r"""Closed forms: bounds for m readings, forced reveals, exponents, noisy publication.

Model. Symmetric readings of accuracy p (one half < p < 1), :math:`\bar p = 1 - p`, :math:`r = \bar p/p`,
costs 0 and 1, prior one half; "own" where a tie rule matters. The functions of a likelihood are for any
sensor.

Formulas.

* m readings: a cascade is wrong with probability between :math:`1/(1+r^{-2m})` and :math:`1/(1+r^{-m})`.
* K forced reveals: the lead after them is 2s - K with s binomial; from lead i the walk ends at -2 with
  probability :math:`h(i) = (r^{i+2} - r^4)/(1 - r^4)` for \|i\| <= 2, 1 below and 0 above.
* Reveals with chances :math:`\varepsilon_j`: the mean error of a listener k is at most
  :math:`\sqrt{\pi(0)\pi(1)} \prod_{j<k} (1 - \varepsilon_j(1 - \beta))` with the Bhattacharyya coefficient
  :math:`\beta = \sum_y \sqrt{B_{0y}B_{1y}}`.
* Noise d: a word is right with chance :math:`p_e = p(1-d) + \bar p d`; cascades begin at lead
  :math:`k = \lfloor \ln(p/\bar p)/\ln(p_e/\bar p_e) \rfloor + 1`, are wrong with probability
  :math:`r_e^k/(1+r_e^k)`, and take :math:`\frac{k}{p_e-\bar p_e}\frac{1-r_e^k}{1+r_e^k}` agents on average.

Reference. H. Chernoff, Annals of Mathematical Statistics 23, 1952 (the exponent); the rest is proved in the
chapter.

>>> wrong_after_forced(0.7, [0, 1, 2, 3, 4, 5, 10, 20, 40]).round(4)
array([0.1552, 0.1552, 0.1552, 0.1248, 0.1248, 0.0992, 0.0633, 0.0219,
       0.003 ])
>>> wrong_after_noise(0.7, [0, 0.239, 0.2395]).round(4)
array([0.1552, 0.2999, 0.2194])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from llma import checks
from llma.checks import Floats

AT_THE_END = 1e-9
"""A lead within this share of an end of the learning region is on it: a tie, not yet a cascade."""


def wrong_bounds(accuracy: ArrayLike, n_readings: ArrayLike = 1) -> tuple[Floats, Floats]:
    """Return the bounds of the probability of a wrong cascade with m readings an agent.

    They hold for a prior in the learning region (the upper one for every prior), costs 0 and 1, every tie
    rule, averaged over the states.

    Examples
    --------
    >>> [bound.round(4) for bound in wrong_bounds(0.7, [1, 2, 3, 4])]
    [array([0.1552, 0.0326, 0.0062, 0.0011]), array([0.3   , 0.1552, 0.073 , 0.0326])]
    """
    p = _accuracy(accuracy)
    m = np.asarray(n_readings)
    if (m < 1).any():
        raise ValueError(f"n_readings: is {m.min()}; expected at least one reading")
    odds = (p / (1 - p)) ** m
    return np.asarray(1 / (1 + odds**2)), np.asarray(1 / (1 + odds))


def wrong_from_lead(accuracy: ArrayLike, lead: ArrayLike) -> Floats:
    """Return the probability that a row that starts with this lead of right readings ends wrong (ties "own").

    Examples
    --------
    >>> wrong_from_lead(0.7, [-3, -2, -1, 0, 1, 2, 3]).round(4)
    array([1.    , 1.    , 0.4086, 0.1552, 0.0466, 0.    , 0.    ])
    """
    r = 1 / _accuracy(accuracy) - 1
    i = np.clip(np.asarray(lead, dtype=np.float64), -2, 2)
    return np.asarray((r ** (i + 2) - r**4) / (1 - r**4))


def wrong_after_forced(accuracy: float, n_reveal: ArrayLike) -> Floats:
    """Return the probability of a wrong cascade after K forced reveals (ties "own"), shape of `n_reveal`.

    Examples
    --------
    >>> wrong_after_forced(0.7, [2, 3]).round(4)
    array([0.1552, 0.1248])
    """
    p = float(_accuracy(accuracy))
    reveals = checks.indices(n_reveal, "n_reveal", 10**6)
    flat = []
    for n in reveals.ravel():
        right = np.arange(n + 1)
        flat.append(float(binom.pmf(right, n, p) @ wrong_from_lead(p, 2 * right - n)))
    return np.array(flat).reshape(reveals.shape)


def bhattacharyya(likelihood: ArrayLike) -> float:
    """Return the Bhattacharyya coefficient of two states: 1 if they look the same, 0 if they never do.

    Examples
    --------
    >>> round(bhattacharyya([[0.7, 0.3], [0.3, 0.7]]), 4)
    0.9165
    """
    table = checks.stochastic_matrix(likelihood, "likelihood", n_rows=2)
    return min(1.0, float(np.sqrt(table[0] * table[1]).sum()))


def divergence(likelihood: ArrayLike) -> Floats:
    """Return the Kullback-Leibler divergence of each of two rows from the other, in nats, shape (2,).

    Examples
    --------
    >>> divergence([[0.7, 0.3], [0.3, 0.7]]).round(4)
    array([0.3389, 0.3389])
    """
    table = checks.stochastic_matrix(likelihood, "likelihood", n_rows=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = table * np.log(table / table[::-1])
    return np.asarray(np.where(table > 0, terms, 0.0).sum(axis=1))


def listener_bound(prior: ArrayLike, likelihood: ArrayLike, reveal: ArrayLike) -> Floats:
    """Return bounds of the error of agents who listen, averaged over the prior (costs 0 and 1), shape (n,).

    Parameters
    ----------
    prior : array_like, shape (2,)
        Prior belief.
    likelihood : array_like, shape (2, Y)
        Law of a reading.
    reveal : array_like, shape (n,)
        Probability that each agent reveals its reading; entry k bounds agent k, who hears those before it.

    Examples
    --------
    >>> listener_bound([0.5, 0.5], [[0.7, 0.3], [0.3, 0.7]], [0.1] * 101)[[0, 20, 100]].round(4)
    array([0.5   , 0.4228, 0.2162])
    """
    start = checks.belief(prior, "prior", 2)
    chances = checks.probabilities(reveal, "reveal")
    factors = 1 - chances * (1 - bhattacharyya(likelihood))
    before = np.concatenate([[1.0], np.cumprod(factors)[:-1]])
    return np.asarray(np.sqrt(start.prod()) * before)


def word_accuracy(accuracy: ArrayLike, noise: ArrayLike) -> Floats:
    """Return the probability that a published word shows the state, while the agent follows its reading.

    Examples
    --------
    >>> word_accuracy(0.7, 0.1).round(2)
    np.float64(0.66)
    """
    p, d = _accuracy(accuracy), checks.probabilities(noise, "noise")
    if (d >= 0.5).any():
        raise ValueError(f"noise: is {d.max():.12g}; expected less than 0.5")
    return np.asarray(p * (1 - d) + (1 - p) * d)[()]


def lead_of_noise(accuracy: ArrayLike, noise: ArrayLike) -> Floats:
    """Return the lead of words that starts a cascade under noisy publication (ties "own").

    Examples
    --------
    >>> lead_of_noise(0.7, [0, 0.239, 0.2395, 0.4])
    array([2., 2., 3., 6.])
    """
    p, p_e = _accuracy(accuracy), word_accuracy(accuracy, noise)
    ratio = np.log(p / (1 - p)) / np.log(p_e / (1 - p_e))
    return np.asarray(np.floor(ratio * (1 + AT_THE_END)) + 1)[()]


def wrong_after_noise(accuracy: ArrayLike, noise: ArrayLike) -> Floats:
    """Return the probability of a wrong cascade under noisy publication (ties "own").

    Examples
    --------
    >>> wrong_after_noise(0.7, [0, 0.1, 0.2, 0.3, 0.4]).round(3)
    array([0.155, 0.21 , 0.273, 0.275, 0.276])
    """
    p_e = word_accuracy(accuracy, noise)
    odds = (p_e / (1 - p_e)) ** lead_of_noise(accuracy, noise)
    return np.asarray(1 / (1 + odds))[()]


def agents_after_noise(accuracy: ArrayLike, noise: ArrayLike) -> Floats:
    """Return the mean number of agents before a cascade under noisy publication (ties "own").

    Examples
    --------
    >>> agents_after_noise(0.7, [0, 0.239, 0.2395]).round(2)
    array([3.45, 3.83, 8.09])
    """
    p_e, k = word_accuracy(accuracy, noise), lead_of_noise(accuracy, noise)
    return np.asarray(k * (1 - 2 * wrong_after_noise(accuracy, noise)) / (2 * p_e - 1))[()]


def jump_of_noise(accuracy: float, lead: int) -> float:
    """Return the noise at which the lead that starts a cascade rises from `lead` to one more (ties "own").

    Examples
    --------
    >>> round(jump_of_noise(0.7, 2), 4), round(jump_of_noise(0.7, 3), 4)
    (0.2391, 0.3246)
    """
    p = float(_accuracy(accuracy))
    if lead < 2:
        raise ValueError(f"lead: is {lead}; expected at least 2, the lead without noise")
    odds = (p / (1 - p)) ** (1 / lead)
    return float((p - odds / (1 + odds)) / (2 * p - 1))


def _accuracy(accuracy: ArrayLike) -> Floats:
    p = checks.real_array(accuracy, "accuracy")
    bad = (p <= 0.5) | (p >= 1)
    if bad.any():
        raise ValueError(
            f"accuracy: is {p[bad].ravel()[0]:.12g}; expected a number between 0.5 and 1, both excluded"
        )
    return p
