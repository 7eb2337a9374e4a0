r"""Model collapse in its smallest exact case: a Gaussian, fitted to samples of its predecessor.

Model. Generation 0 is N(mu_0, v_0), the truth. Generation k + 1 is fitted to n observations, m = n - f drawn
from generation k and f fresh ones from the truth: :math:`\mu_{k+1}` is their mean, :math:`v_{k+1}` the mean
of their squared deviations from it (maximum likelihood). Let :math:`\alpha = m/n`, :math:`s_k = E[v_k]` and
:math:`D_k = E[(\mu_k - \mu_0)^2]`.

Theorem (nothing is lost on average, it moves). For every n and f, :math:`s_k + D_k = v_0`, and

.. math:: D_{k+1} &= \frac{v_0}{n} + \alpha\Big(\alpha - \frac1n\Big) D_k, \\
          D_\infty &= \frac{v_0}{n(1 - \alpha^2) + \alpha}.

Without fresh data :math:`s_k = (1 - 1/n)^k v_0`: the spread of the model goes to zero (almost surely, too)
and turns into error of its mean. With a fixed share of fresh data it does not, and :math:`D_\infty` is of
the order 1/n.

Theorem (the unbiased variance collapses as well). Without fresh data and with n - 1 in the place of n in
the variance, :math:`E[v_k] = v_0` for every k, and yet :math:`v_k \to 0` almost surely, for ln v_k is a
random walk with negative drift :math:`\psi(\tfrac{n-1}2) + \ln\tfrac2{n-1}` (psi is the digamma function).

Reference. Shumailov et al., Nature 631, 2024 (model collapse; there with discrete laws and neural networks
as well).

>>> moments(n=50, generations=100).spread[-1].round(4), round((1 - 1 / 50) ** 100, 4)
(np.float64(0.1326), 0.1326)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from llma.checks import Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean spread and mean wandering of each generation, in units of the true variance.

    Attributes
    ----------
    spread : ndarray, shape (generations + 1,)
        Mean variance of the fitted model.
    wander : ndarray, shape (generations + 1,)
        Mean squared distance of its mean from the true one.
    """

    spread: Floats
    wander: Floats


def moments(n: int, generations: int, fresh: int = 0) -> Moments:
    """Return the exact mean spread and wandering, generation by generation.

    Parameters
    ----------
    n : int
        Observations a generation is fitted to, 2 or more.
    generations : int
        Generations after the truth.
    fresh : int
        How many of the n are fresh draws from the truth.

    Examples
    --------
    >>> law = moments(n=50, generations=400, fresh=5)
    >>> law.spread[-1].round(3), law.wander[-1].round(3)
    (np.float64(0.904), np.float64(0.096))
    """
    a = _share(n, fresh)
    if generations < 0:
        raise ValueError(f"generations: is {generations}; expected 0 or more")
    spread, wander = np.empty(generations + 1), np.empty(generations + 1)
    s, d = 1.0, 0.0
    for k in range(generations + 1):
        spread[k], wander[k] = s, d
        mixed = a * s + (1 - a)
        s, d = (1 - 1 / n) * mixed + a * (1 - a) * d, a * a * d + mixed / n
    return Moments(spread, wander)


def limiting_wander(n: int, fresh: int = 0) -> float:
    """Return the limit of the mean squared distance of the mean, in units of the true variance.

    >>> limiting_wander(50), round(limiting_wander(50, 5), 3)
    (1.0, 0.096)
    """
    a = _share(n, fresh)
    return 1 / (n * (1 - a * a) + a)


def log_drift(n: int, unbiased: bool = False) -> float:
    """Return the mean change of the log variance in one generation without fresh data: it is negative.

    >>> round(log_drift(50), 4), round(log_drift(50, unbiased=True), 4)
    (-0.0407, -0.0205)
    """
    _share(n, 0)
    return float(digamma((n - 1) / 2) + np.log(2 / (n - 1 if unbiased else n)))


def simulate(
    n: int,
    generations: int,
    n_paths: int,
    rng: np.random.Generator,
    *,
    fresh: int = 0,
    unbiased: bool = False,
) -> tuple[Floats, Floats]:
    """Return means and variances of fitted models, each of shape (n_paths, generations + 1).

    The truth is the standard normal law. All n observations of every generation are drawn.

    Examples
    --------
    >>> mean, variance = simulate(20, 200, 500, np.random.default_rng(0))
    >>> bool(variance[:, -1].max() < 0.1)
    True
    """
    _share(n, fresh)
    mean, variance = np.zeros((n_paths, generations + 1)), np.ones((n_paths, generations + 1))
    for k in range(generations):
        drawn = rng.standard_normal((n_paths, n))
        drawn[:, fresh:] = mean[:, k, None] + np.sqrt(variance[:, k, None]) * drawn[:, fresh:]
        mean[:, k + 1] = drawn.mean(axis=1)
        variance[:, k + 1] = drawn.var(axis=1, ddof=int(unbiased))
    return mean, variance


def _share(n: int, fresh: int) -> float:
    """Return the share of the observations that come from the predecessor."""
    if int(n) != n or n < 2:
        raise ValueError(f"n: is {n}; expected an integer, 2 or more")
    if int(fresh) != fresh or not 0 <= fresh <= n:
        raise ValueError(f"fresh: is {fresh}; expected an integer from 0 to {n}")
    return (n - fresh) / n
