r"""Word of mouth among Gaussian estimates of a number that does not move: learning slows to a crawl.

Model. The number x has the public belief N(m, 1/tau). In every round agent 0 sees y = x + v with v of
variance R > 0. Agent i > 0 hears the estimate of agent i - 1 plus noise of variance Q >= 0. All of them start
from the public belief, and everybody knows R, Q and tau. The last agent's estimate is broadcast, without
noise, and becomes the public belief of the next round. All noises are independent.

Effective noise. The estimate of an agent is m + K (s - m), where s is x plus a noise of variance g and
K = 1/(1 + tau g). Who hears it with noise of variance Q recovers s with noise Q/K^2 more:

.. math:: g_0 &= R, \\
          g_i &= g_{i-1} + Q\,(1 + \tau g_{i-1})^2, \\
          \tau_{k+1} &= \tau_k + 1/g_{N-1}(\tau_k).

Theorem (word of mouth is slow). :math:`g_i` is a polynomial in tau of degree :math:`2^{i+1} - 2` with leading
coefficient :math:`Q^{2^i - 1} R^{2^i}`. With :math:`M = 2^N - 1` therefore

.. math:: \frac{\tau_k^{M}}{k} \longrightarrow \frac{M}{Q^{2^{N-1} - 1} R^{2^{N-1}}},

so the precision grows like :math:`k^{1/M}`: exponents 1, 1/3, 1/7, 1/15.

Theorem (re-weighting). Let agents 0 to N - 2 compute *the estimate they pass on* with a prior of precision
s(tau) <= tau in the place of tau, known to all. Then :math:`\tau_{k+1} = \tau_k + 1/g_{N-1}(s(\tau_k))`. If
s stays bounded by b, the variance is between :math:`1/(\tau_0 + k/(R + (N-1)Q))` and
:math:`1/(\tau_0 + k/g_{N-1}(b))`: the rate 1/k is back. If :math:`s = \tau^{1-\beta}` with 0 <= beta <= 1,
the exponent is :math:`1/(1 + (1-\beta)(2^N - 2))`.

Reference. Vives, 1993 (two agents); Krishnamurthy and Rojas, 2024 (arXiv 2410.08447; abstract).

>>> precision(10_000, n_agents=2)[-1].round(2), constant(2)
(np.float64(30.05), 3.0)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats

EXACT_ROUNDS = 1000
"""Rounds that `precision_far` follows one by one before it turns to an integral."""


def effective_noise(tau: ArrayLike, n_agents: int, noise: float = 1.0, relay: float = 1.0) -> Floats:
    """Return the variance of the noise with which each agent of the row learns x, shape (N, ...).

    Parameters
    ----------
    tau : array_like, shape (...)
        Precision of the prior with which the agents compute the estimates they pass on.
    n_agents : int
        Length N of the row.
    noise : float
        Variance R of the witness's observation.
    relay : float
        Variance Q of the noise at each hop.

    Examples
    --------
    >>> effective_noise(1.0, 3)
    array([ 1.,  5., 41.])
    """
    precision_of_prior = checks.real_array(tau, "tau")
    if (precision_of_prior < 0).any():
        raise ValueError(f"tau: expected precisions, 0 or more, got {precision_of_prior}")
    _checked(n_agents, noise, relay)
    rows = [np.full_like(precision_of_prior, noise)]
    for _ in range(n_agents - 1):
        rows.append(rows[-1] + relay * (1 + precision_of_prior * rows[-1]) ** 2)
    return np.stack(rows)


def noise_polynomial(n_agents: int, noise: float = 1.0, relay: float = 1.0) -> Polynomial:
    """Return the effective noise of the last agent as a polynomial in tau.

    >>> noise_polynomial(2).coef
    array([2., 2., 1.])
    """
    _checked(n_agents, noise, relay)
    g, tau = Polynomial([noise]), Polynomial([0.0, 1.0])
    for _ in range(n_agents - 1):
        g = g + relay * (1 + tau * g) ** 2
    return g


def discounted(beta: float) -> Callable[[Floats], Floats]:
    """Return the re-weighting tau -> min(tau, tau ** (1 - beta)): 0 keeps the prior, 1 bounds it by 1."""
    if not 0 <= beta <= 1:
        raise ValueError(f"beta: is {beta}; expected a number from 0 to 1")

    def weight(tau: Floats) -> Floats:
        return np.asarray(np.minimum(tau, tau ** (1 - beta)))

    return weight


def precision(
    n_rounds: int,
    n_agents: int,
    noise: float = 1.0,
    relay: float = 1.0,
    start: float = 1.0,
    *,
    weight: Callable[[Floats], Floats] | None = None,
) -> Floats:
    """Return the precision of the public belief before each round and after the last, shape (n_rounds + 1,).

    Parameters
    ----------
    n_rounds, n_agents : int
        Rounds to play, agents in the row.
    noise, relay : float
        Variances R and Q.
    start : float
        Precision of the first public belief.
    weight : callable, optional
        Re-weighting: maps the true precision to the one with which the relaying agents compute what they
        pass on. It must not exceed its argument. None: no re-weighting.

    Raises
    ------
    ValueError
        If a number is out of range, or the re-weighting returns one that is.

    Examples
    --------
    >>> precision(3, 2).round(4)
    array([1.    , 1.2   , 1.3712, 1.5222])
    >>> precision(1000, 2, weight=discounted(1.0))[-1]
    np.float64(201.0)
    """
    if n_rounds < 0 or not 0 < start < np.inf:
        raise ValueError(f"expected n_rounds >= 0 and a positive start, got {n_rounds} and {start}")
    _checked(n_agents, noise, relay)
    path = np.empty(n_rounds + 1)
    path[0] = tau = float(start)
    for k in range(n_rounds):
        used = tau if weight is None else _used(weight, tau)
        g = noise
        for _ in range(n_agents - 1):
            g += relay * (1 + used * g) ** 2
        tau += 1 / g
        path[k + 1] = tau
    return path


def precision_far(
    n_rounds: ArrayLike, n_agents: int, noise: float = 1.0, relay: float = 1.0, start: float = 1.0
) -> Floats:
    """Return the precision after very many rounds, without re-weighting.

    The first thousand rounds are followed one by one. From there the number of rounds between two precisions
    is the integral of g minus half the logarithm of the ratio of the g (the first Euler-Maclaurin term).

    Parameters
    ----------
    n_rounds : array_like
        Numbers of rounds, at least 1000, as floats.
    n_agents, noise, relay, start :
        As in `precision`.

    Examples
    --------
    Two agents: the exponent is one third, and tau^3 / 3k tends to one, slowly.

    >>> rounds = np.array([1e4, 1e6, 1e9])
    >>> (precision_far(rounds, 2) ** 3 / (3 * rounds)).round(3)
    array([0.904, 0.979, 0.998])
    """
    rounds = checks.real_array(n_rounds, "n_rounds")
    if ((rounds < EXACT_ROUNDS) | (rounds > 1e60)).any():
        raise ValueError(f"n_rounds: expected numbers from {EXACT_ROUNDS} to 1e60, got {rounds}")
    tau0 = precision(EXACT_ROUNDS, n_agents, noise, relay, start)[-1]
    g = noise_polynomial(n_agents, noise, relay)
    total = g.integ()

    def count(tau: Floats) -> Floats:
        return np.asarray(EXACT_ROUNDS + total(tau) - total(tau0) - np.log(g(tau) / g(tau0)) / 2)

    low, high = np.full(rounds.shape, tau0), np.full(rounds.shape, tau0)
    while (short := count(high) < rounds).any():
        high = np.where(short, 2 * high, high)
    for _ in range(200):
        middle = (low + high) / 2
        below = count(middle) < rounds
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)[()]


def passed_on_variance(
    tau: ArrayLike, used: ArrayLike, n_agents: int, noise: float = 1.0, relay: float = 1.0
) -> Floats:
    """Return the mean squared error of the estimate each relaying agent passes on, shape (N - 1, ...).

    Parameters
    ----------
    tau : array_like, shape (...)
        True precision of the public belief, positive.
    used : array_like, shape (...)
        Precision with which the relaying agents weigh it, at most tau.
    n_agents, noise, relay :
        As in `effective_noise`.

    Notes
    -----
    With gain K = 1/(1 + used g) the error is (1 - K)^2 / tau + K^2 g. If `used` is tau it is the variance of
    the posterior, 1/(tau + 1/g). If `used` stays bounded while tau grows, it does not go to zero: who keeps
    the crowd learning says something imprecise.

    Examples
    --------
    >>> passed_on_variance(100.0, [100.0, 1.0], 2).round(4)
    array([[0.0099, 0.2525]])
    """
    true, prior = np.broadcast_arrays(checks.real_array(tau, "tau"), checks.real_array(used, "used"))
    if (true <= 0).any() or (prior > true * (1 + 1e-12)).any():
        raise ValueError(f"expected 0 <= used <= tau and tau > 0, got used = {prior} and tau = {true}")
    g = effective_noise(prior, n_agents, noise, relay)[:-1]
    gain = 1 / (1 + prior * g)
    return np.asarray((1 - gain) ** 2 / true + gain**2 * g)


def local_exponent(tau: ArrayLike, n_rounds: ArrayLike, n_agents: int, noise: float, relay: float) -> Floats:
    """Return the slope d ln(tau) / d ln(k) of the limiting differential equation tau' = 1/g(tau).

    >>> tau = precision_far(1e9, 3)
    >>> local_exponent(tau, 1e9, 3, 1.0, 1.0).round(4)
    np.float64(0.1468)
    """
    t = checks.real_array(tau, "tau")
    return np.asarray(
        checks.real_array(n_rounds, "n_rounds") / (t * noise_polynomial(n_agents, noise, relay)(t))
    )[()]


def exponent(n_agents: int, beta: float = 0.0) -> float:
    """Return the exponent of the precision, 1/(1 + (1 - beta)(2^N - 2)).

    >>> [round(exponent(n), 4) for n in (1, 2, 3, 4)]
    [1.0, 0.3333, 0.1429, 0.0667]
    """
    _checked(n_agents, 1.0, 1.0)
    discounted(beta)
    return 1 / (1 + (1 - beta) * float(2**n_agents - 2))


def constant(n_agents: int, noise: float = 1.0, relay: float = 1.0) -> float:
    """Return the limit of tau^M / k without re-weighting, M = 2^N - 1; for N > 1 it needs Q > 0.

    >>> constant(3, noise=2.0)
    0.4375
    """
    _checked(n_agents, noise, relay)
    if n_agents > 1 and relay == 0:
        raise ValueError("relay: is 0; without relay noise the precision grows like k / R for every N")
    half = int(2 ** (n_agents - 1))
    return float((2**n_agents - 1) / (relay ** (half - 1) * noise**half))


def _used(weight: Callable[[Floats], Floats], tau: float) -> float:
    used = float(weight(np.asarray(tau)))
    if not 0 <= used <= tau * (1 + 1e-12):
        raise ValueError(
            f"weight: returned {used:.12g} at precision {tau:.12g}; expected 0 up to the precision"
        )
    return used


def _checked(n_agents: int, noise: float, relay: float) -> None:
    if n_agents < 1 or int(n_agents) != n_agents:
        raise ValueError(f"n_agents: is {n_agents}; expected an integer, 1 or more")
    if not 0 < noise < np.inf:
        raise ValueError(f"noise: is {noise}; expected a positive variance")
    if not 0 <= relay < np.inf:
        raise ValueError(f"relay: is {relay}; expected a variance, 0 or more")
