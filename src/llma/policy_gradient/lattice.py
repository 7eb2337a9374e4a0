r"""The exact cost of a threshold policy that is smoothed, and its exact slope.

Model. Two states that do not move, two observations, one way to stop, as in `llma.stopping`. At belief q =
belief[1] the policy stops with probability

.. math:: s_\tau(q) = \frac{1}{1 + e^{-(q - \gamma)/\tau}},

and with certainty from q = gamma on if the temperature :math:`\tau` is 0 (a *hard* threshold; gamma = 1 never
stops).

Method. Let T be the time of the stop and :math:`\phi_x = E_x[\rho^T]`. Whatever the policy, it costs

.. math:: J = \sum_x \pi(x) \Bigl( \frac{c(x)}{1-\rho} - \frac{\delta(x)}{1-\rho}\phi_x \Bigr),
    \qquad \delta = c - (1-\rho) c_s.

After k observations, j of them 1, the log-odds are :math:`\ell + (k-j)\lambda_0 + j\lambda_1`: k + 1 numbers
carry the law of the runs that have not stopped. With S the matrix of moves that do not stop and b the vector
of :math:`s_\tau`, this is the series of :math:`\phi = (I - \rho S)^{-1} b`, summed until the discounted
mass that has not stopped is at most the tolerance. What is left out of :math:`\phi_x` is at most that mass.

Slope. With respect to gamma, :math:`\partial_\gamma s_\tau = -s_\tau(1 - s_\tau)/\tau`. The same sums are
carried along, differentiated term by term. A hard threshold has slope zero wherever it has one.

>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> hard = smoothed_cost(problem, 0.5, [0.6, 0.8344, 0.95], 0.0)
>>> hard.cost.round(4), hard.slope
(array([2.6376, 2.0917, 2.3043]), array([0., 0., 0.]))
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from llma import checks
from llma.checks import Floats
from llma.stopping import CentralControl, delta

SNAP = 1e-9
"""A belief whose log-odds are this close to those of a hard threshold counts as on it.

In log-odds, so that the threshold 1 is one that no belief ever reaches.
"""


@dataclass(frozen=True, eq=False)
class SmoothedCost:
    """What a stack of smoothed threshold policies costs.

    Attributes
    ----------
    cost : ndarray
        Total expected discounted cost at each threshold.
    slope : ndarray
        Its derivative with respect to the threshold.
    passage : ndarray, shape (..., 2)
        Mean of discount**(time of the stop) in each state.
    error_bound : float
        Bound on the error of `cost` from the steps left out (rounding excepted).
    """

    cost: Floats
    slope: Floats
    passage: Floats
    error_bound: float


def smoothed_cost(
    problem: CentralControl,
    prior: float,
    threshold: ArrayLike,
    temperature: float,
    tolerance: float = 1e-10,
    *,
    evidence: ArrayLike | None = None,
) -> SmoothedCost:
    """Return the exact cost and slope of smoothed threshold policies.

    Parameters
    ----------
    problem : CentralControl
        Two states at rest, two observations, both possible in both, one stop action, continuing reveals.
    prior : float
        Belief in state 1 at the start, strictly between 0 and 1.
    threshold : array_like
        Any shape, numbers between 0 and 1.
    temperature : float
        Zero for a hard threshold.
    tolerance : float
        Largest discounted mass that is left out.
    evidence : array_like, shape (2,), optional
        What the controller adds to its log-odds after each observation; the true log-likelihood ratios if
        left out. With other numbers its q is a score, and no belief.

    Raises
    ------
    ValueError
        If the problem is not of this kind, or a number is outside its range.

    Examples
    --------
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> found = smoothed_cost(problem, 0.5, 0.8, 0.03)
    >>> float(found.cost.round(4)), bool(found.error_bound < 1e-8)
    (2.121, True)
    """
    _check(problem)
    levels = checks.probabilities(threshold, "threshold")
    if not 0 < prior < 1:
        raise ValueError(f"prior: is {prior}; expected a belief strictly between 0 and 1")
    if not (temperature >= 0 and np.isfinite(temperature)):
        raise ValueError(f"temperature: is {temperature}; expected a number that is not negative")
    if not tolerance > 0:
        raise ValueError(f"tolerance: is {tolerance}; expected a positive number")
    gamma = levels.reshape(-1, 1)  # (T, 1)
    rho, table = problem.discount, problem.likelihood
    steps = np.log(table[1] / table[0]) if evidence is None else checks.real_array(evidence, "evidence")
    if steps.shape != (2,):
        raise ValueError(f"evidence: has shape {steps.shape}; expected two numbers, one an observation")
    start = log(prior / (1 - prior))
    mass = np.ones((gamma.size, 1, 2))
    tilt = np.zeros_like(mass)
    passage, change = np.zeros((gamma.size, 2)), np.zeros((gamma.size, 2))
    weight, limit = 1.0, 1 if rho == 0 else 2 + ceil(log(tolerance) / log(rho))
    for k in range(limit):
        ones = np.arange(k + 1)
        odds = start + (k - ones) * steps[0] + ones * steps[1]  # (k + 1,), logarithms
        halt, bend = _stops(odds, gamma, temperature)
        passage += weight * (mass * halt).sum(axis=1)
        change += weight * (tilt * halt + mass * bend).sum(axis=1)
        tilt = tilt * (1 - halt) - mass * bend
        mass = mass * (1 - halt)
        weight *= rho
        if weight * float(mass.sum(axis=1).max()) <= tolerance:
            break
        mass, tilt = _spread(mass, table), _spread(tilt, table)
    left = weight * float(mass.sum(axis=1).max())
    signs = delta(problem) / (1 - rho)  # (2,)
    share = np.array([1 - prior, prior])
    cost = share @ problem.never_stop_cost - passage @ (share * signs)
    slope = -change @ (share * signs)
    bound = left * float(np.abs(signs) @ share)
    return SmoothedCost(
        cost.reshape(levels.shape), slope.reshape(levels.shape), passage.reshape((*levels.shape, 2)), bound
    )


def best_threshold(problem: CentralControl, prior: float, temperature: float) -> tuple[float, float]:
    """Return the best threshold at a positive temperature, and what it costs (smoothed).

    A grid of 201 thresholds, then a search between the neighbours of the best one, to 1e-7.

    Examples
    --------
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> [round(number, 4) for number in best_threshold(problem, 0.5, 0.1)]
    [0.9521, 2.3104]
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature: is {temperature}; with a hard threshold a whole interval may be best, use solve()"
        )
    grid = np.linspace(0, 1, 201)
    i = int(smoothed_cost(problem, prior, grid, temperature, 1e-6).cost.argmin())
    best = float(smoothed_cost(problem, prior, grid[i], temperature).cost)
    found = minimize_scalar(
        lambda g: float(smoothed_cost(problem, prior, g, temperature).cost),
        bounds=(grid[max(i - 1, 0)], grid[min(i + 1, 200)]),
        method="bounded",
        options={"xatol": 1e-7},
    )
    if found.fun <= best:
        return float(found.x), float(found.fun)
    return float(grid[i]), best


def excess_cost(
    problem: CentralControl, prior: float, threshold: ArrayLike, evidence: ArrayLike | None = None
) -> Floats:
    """Return by how much hard thresholds cost more than the optimum, as a share of the optimum.

    Raises
    ------
    ValueError
        If the optimum does not cost a positive amount.

    Examples
    --------
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> excess_cost(problem, 0.5, [0.72, 0.8344, 0.95]).round(4) + 0.0
    array([0.    , 0.    , 0.1016])
    """
    best = float(problem.solve(1e-10).value([1 - prior, prior]))
    if not best > 0:
        raise ValueError(f"problem: the optimum costs {best:.6g}; a share of it needs a positive cost")
    return np.asarray(smoothed_cost(problem, prior, threshold, 0.0, evidence=evidence).cost / best - 1)


def _check(problem: CentralControl) -> None:
    if problem.n_states != 2 or problem.n_observations != 2 or problem.n_stop_actions != 1:
        raise ValueError(
            f"problem: has {problem.n_states} states, {problem.n_observations} observations and "
            f"{problem.n_stop_actions} stop actions; the lattice needs 2, 2 and 1 (else simulate)"
        )
    if not np.array_equal(problem.transition, np.eye(2)) or problem.cost is not None:
        raise ValueError("problem: needs a state at rest and a continuation that reveals (else simulate)")
    if (problem.likelihood == 0).any():
        raise ValueError("problem: the likelihood has a zero; log-odds would be infinite")


def _stops(odds: Floats, gamma: Floats, temperature: float) -> tuple[Floats, Floats]:
    """Return the probability of stopping and its derivative in gamma, each of shape (T, k + 1, 1)."""
    if temperature == 0:
        halt = np.asarray(odds >= logit(gamma) - SNAP, dtype=np.float64)
        return halt[..., None], np.zeros_like(halt)[..., None]
    q = expit(odds)
    halt = expit((q - gamma) / temperature)
    bend = -halt * expit((gamma - q) / temperature) / temperature
    return halt[..., None], bend[..., None]


def _spread(mass: Floats, table: Floats) -> Floats:
    """Return the mass on the next comb, shape (T, k + 2, 2)."""
    wider = np.zeros((mass.shape[0], mass.shape[1] + 1, 2))
    wider[:, :-1] += mass * table[:, 0]
    wider[:, 1:] += mass * table[:, 1]
    return wider
