r"""Word of mouth about a moving number: one prior for all, a prior for each, and agents who believe hearsay.

Model. :math:`x_k = a x_{k-1} + \omega_k` with :math:`\omega_k` of variance W. In round k agent 0 sees
:math:`x_k` plus noise of variance R, agent i > 0 hears the estimate of agent i - 1 plus noise of variance Q.
All noises are independent and Gaussian. Three ways to remember:

* *common prior* (word of mouth): the last agent's estimate is broadcast, and everybody starts the next round
  from it. With prior variance P agent i has error variance :math:`P g_i/(P + g_i)`, where :math:`g_i` is the
  effective noise of `llma.word_of_mouth.estimates` at precision 1/P, and the next P is
  :math:`a^2 P g_{N-1}/(P + g_{N-1}) + W`. For W > 0 that map has exactly one fixed point, and every start
  leads to it.
* *private priors, exact*: every agent runs the optimal filter on all it ever heard. What it hears is coloured
  noise, because the predecessor remembers; the filter of agent i has the filters of its predecessors in its
  state, 2^i numbers in all.
* *private priors, naive*: agent i takes what it hears for x plus fresh white noise, of the variance which its
  predecessor claims plus Q. So it counts old observations again and again: data incest. It claims
  :math:`V_i = \mathrm{ric}(V_{i-1} + Q)`, :math:`V_0 = \mathrm{ric}(R)`, where ric(S) is the error variance
  of the stationary Kalman filter with observation noise S. The truth is found from the covariance of the
  whole linear system.

Theorem. Agent 0 is never better off with the common prior than with its own. If :math:`V_0 + Q < R`, every
naive agent i > 0 claims less than :math:`V_{i-1}`, and its true error variance is at least :math:`V_0`.

Reference. Da Col, Rojas and Krishnamurthy, 2025 (arXiv 2504.02913; abstract). Anderson and Moore, *Optimal
Filtering*, 1979.

>>> model = Tracking(transition=0.95, drift=1.0, noise=1.0, relay=0.1, n_agents=4)
>>> common_prior(model).round(4)
array([0.6469, 0.7391, 0.8307, 0.9216])
>>> private_exact(model, 100)[-1].round(4)
array([0.6076, 0.6987, 0.7897, 0.8807])
>>> law = private_naive(model)
>>> law.claimed.round(3), law.actual.round(3)
(array([0.608, 0.473, 0.404, 0.365]), array([0.608, 0.772, 1.011, 1.26 ]))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma.checks import Floats
from llma.word_of_mouth.estimates import effective_noise

STILL = 1e-13
"""Relative change below which an iteration has settled."""

MOST_ROUNDS = 100_000
"""Iterations after which a filter that has not settled is given up."""


@dataclass(frozen=True)
class Tracking:
    """A number that moves, a witness, and a row of agents.

    Parameters
    ----------
    transition : float
        Factor a of the state from one round to the next.
    drift : float
        Variance W of what is added, 0 or more.
    noise : float
        Variance R of the witness's observation, positive.
    relay : float
        Variance Q of the noise at each hop, 0 or more.
    n_agents : int
        Length N of the row.
    """

    transition: float
    drift: float
    noise: float
    relay: float
    n_agents: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not np.isfinite(self.transition):
            raise ValueError(f"transition: is {self.transition}; expected a finite number")
        for name in ("drift", "noise", "relay"):
            value = getattr(self, name)
            if not (0 < value if name == "noise" else 0 <= value) or not np.isfinite(value):
                bound = "a positive variance" if name == "noise" else "a variance, 0 or more"
                raise ValueError(f"{name}: is {value}; expected {bound}")
        if self.n_agents < 1 or int(self.n_agents) != self.n_agents:
            raise ValueError(f"n_agents: is {self.n_agents}; expected an integer, 1 or more")


def riccati(transition: float, drift: float, noise: float) -> float:
    """Return the stationary error variance of the Kalman filter of a scalar state, in closed form.

    Parameters
    ----------
    transition, drift, noise : float
        Factor a, variance W > 0 of the state's steps, variance of the observation noise.

    Examples
    --------
    >>> round(riccati(0.95, 1.0, 1.0), 4)
    0.6076
    """
    if not (drift > 0 and noise > 0):
        raise ValueError(f"drift and noise: are {drift} and {noise}; expected positive variances")
    # The prior variance P solves P^2 + P (S (1 - a^2) - W) - W S = 0.
    half = (noise * (1 - transition**2) - drift) / 2
    prior = float(np.sqrt(half**2 + drift * noise)) - half
    return prior * noise / (prior + noise)


def common_prior(model: Tracking) -> Floats:
    """Return the stationary error variance of every agent when all start from the broadcast, shape (N,).

    Raises
    ------
    ValueError
        If the state has no drift (the variance then goes to a limit which says nothing about the rate).
    """
    _moving(model)
    prior = model.drift
    for _ in range(MOST_ROUNDS):
        noises = effective_noise(1 / prior, model.n_agents, model.noise, model.relay)
        errors = prior * noises / (prior + noises)
        following = model.transition**2 * float(errors[-1]) + model.drift
        if abs(following - prior) <= STILL * prior:
            return np.asarray(errors)
        prior = following
    raise ValueError(f"common_prior: no fixed point within {MOST_ROUNDS} iterations for {model}")


def private_exact(model: Tracking, n_rounds: int, start: float = 0.0) -> Floats:
    """Return the error variance of every agent in every round, each with its own exact filter.

    Parameters
    ----------
    model : Tracking
        The model; a static state (a = 1, W = 0) is welcome here.
    n_rounds : int
        Rounds to play.
    start : float
        Variance of the state one step before round 0, with mean zero. It is known to all.

    Returns
    -------
    ndarray, shape (n_rounds, N)
    """
    if n_rounds < 1 or not 0 <= start < np.inf:
        raise ValueError(f"expected n_rounds >= 1 and start >= 0, got {n_rounds} and {start}")
    errors = np.empty((n_rounds, model.n_agents))
    sizes = [2**i for i in range(model.n_agents)]
    # Agent i filters s = (x, filters of agents 0..i-1); its covariance is kept from round to round.
    filtered = [np.zeros((size, size)) for size in sizes]
    for covariance in filtered:
        covariance[0, 0] = start
    for k in range(n_rounds):
        step = np.array([[model.transition]])
        # Noise enters s through one column an independent source, each of variance one.
        noise = np.array([[np.sqrt(model.drift)]])
        heard = np.array([[1.0]])  # what the agent hears is heard @ s plus noise
        for i, size in enumerate(sizes):
            predicted = step @ filtered[i] @ step.T + noise @ noise.T
            variance = float((heard @ predicted @ heard.T).item()) + (model.relay if i else model.noise)
            gain = predicted @ heard.T / variance if variance > 0 else np.zeros((size, 1))
            keep = np.eye(size) - gain @ heard
            own = model.relay if i else model.noise
            filtered[i] = keep @ predicted @ keep.T + own * gain @ gain.T
            errors[k, i] = filtered[i][0, 0]
            through = gain @ heard
            step = np.block([[step, np.zeros((size, size))], [through @ step, keep @ step]])
            noise = np.block([[noise, np.zeros((size, 1))], [through @ noise, np.sqrt(own) * gain]])
            heard = np.zeros((1, 2 * size))
            heard[0, size] = 1.0
    return errors


@dataclass(frozen=True, eq=False)
class NaiveLaw:
    """What naive agents claim, and what is true.

    Attributes
    ----------
    claimed, actual : ndarray, shape (N,)
        Stationary error variance that agent i believes it has, and that it has.
    gains : ndarray, shape (N,)
        Gain of each agent's filter.
    """

    claimed: Floats
    actual: Floats
    gains: Floats


def private_naive(model: Tracking) -> NaiveLaw:
    """Return claimed and actual stationary error variances of agents who take hearsay for fresh news.

    Raises
    ------
    ValueError
        If the state has no drift: then there is no stationary filter.
    """
    _moving(model)
    claimed, gains, noise = [], [], model.noise
    for _ in range(model.n_agents):
        claimed.append(riccati(model.transition, model.drift, noise))
        gains.append(claimed[-1] / noise)  # V = P S/(P + S), so V/S is the gain P/(P + S)
        noise = claimed[-1] + model.relay
    return NaiveLaw(np.array(claimed), _actual(model, gains), np.array(gains))


def _actual(model: Tracking, gains: list[float]) -> Floats:
    """Return the true error variances of a row of scalar filters with these gains.

    The errors e_i = (estimate of agent i) - x follow e_i' = (1 - K_i)(a e_i - omega) + K_i (e_{i-1}' + w_i),
    with the witness's noise in the place of e_{-1}' + w_0. The covariance of this linear system is summed by
    doubling.
    """
    n, a = len(gains), model.transition
    keep = np.diag([1 - g for g in gains])
    pull = np.diag(gains[1:], -1)
    solve = np.linalg.inv(np.eye(n) - pull)
    step = solve @ (a * keep)
    drive = solve @ np.column_stack(
        [
            -np.sqrt(model.drift) * keep.sum(axis=1),
            np.diag([g * np.sqrt(model.relay if i else model.noise) for i, g in enumerate(gains)]),
        ]
    )
    covariance = drive @ drive.T
    # X = A X A' + D: after j doublings the sum of the first 2^j terms.
    for _ in range(60):
        more = step @ covariance @ step.T
        covariance, step = covariance + more, step @ step
        if np.abs(more).max() <= STILL * np.abs(covariance).max():
            return np.asarray(np.diag(covariance).copy())
    raise ValueError(f"private_naive: the errors have no stationary law for {model}")


def _moving(model: Tracking) -> None:
    if model.drift == 0:
        raise ValueError(
            "drift: is 0; a static state has no stationary filter, see llma.word_of_mouth.precision"
        )
