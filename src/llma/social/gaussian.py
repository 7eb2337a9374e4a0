r"""Signals of unbounded strength: no cascade ever, and learning that is complete but very slow.

Model. Two states; agent k sees y drawn from the normal law with mean -1 in state 0 and +1 in state 1 and
standard deviation sigma; a wrong action costs 1. At public log-odds l the agent plays 1 if l + 2 y /
sigma^2 > 0, so that

.. math:: P(u = 1 \mid x) = \Phi\Big(\frac{\pm 1 + l \sigma^2/2}{\sigma}\Big), \qquad
          l \mapsto l + \ln\frac{P(u \mid 1)}{P(u \mid 0)}.

Some signal is strong enough to overturn any public belief: the action always says something, l never
freezes. It says less and less: along correct actions :math:`l_k / \sqrt{\ln k} \to 2\sqrt2/\sigma`.

Algorithm for the law of actions. The first agents have few histories: all of them are listed (exact). After
that the law of l is carried on a grid, twice: every new value rounded down, and every new value rounded up.
The map :math:`l \mapsto l + \text{increment}` increases for either action (the inverse Mills ratio has
slope above -1), so with the same signals a smaller l stays smaller, and in state 1 it makes a wrong action
more likely. The two runs therefore enclose the truth; half their distance is the error bound.

Reference. Smith and Sorensen, Econometrica 68, 2000; Hann-Caruthers, Martynov and Tamuz, Journal of Economic
Theory 173, 2018 (the rate).

>>> wrong_action_probabilities(3).p_wrong_action[:, 1].round(4)
array([0.1587, 0.0969, 0.0657])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import expit, log_ndtr, logit, ndtr

from llma import checks
from llma.checks import Floats

EXACT_AGENTS = 12
"""Agents whose histories (at most 2 ** 12) are all listed."""

NEGLIGIBLE = 1e-100
"""Grid masses below this are set to zero: numbers near the smallest float are slow to compute with."""

RECURSION_AGENTS = 1000
"""Agents after whom the sum over agents is replaced by an integral."""


def increment(log_odds: ArrayLike, action: int, sigma: float = 1.0) -> Floats:
    """Return how far an action moves the public log-odds: positive for action 1, negative for action 0.

    Parameters
    ----------
    log_odds : array_like
        Public log-odds of state 1 before the action.
    action : {0, 1}
        The action.
    sigma : float
        Standard deviation of the signal.

    Returns
    -------
    ndarray, shape of `log_odds`

    Examples
    --------
    >>> increment(0.0, 1).round(4)
    np.float64(1.6683)
    """
    shift = np.asarray(log_odds, dtype=np.float64) * _positive(sigma) / 2
    if action == 1:
        return np.asarray(log_ndtr(shift + 1 / sigma) - log_ndtr(shift - 1 / sigma))[()]
    return np.asarray(log_ndtr(-shift - 1 / sigma) - log_ndtr(-shift + 1 / sigma))[()]


def correct_run(n_agents: int, sigma: float = 1.0, prior: float = 0.5) -> Floats:
    """Return the public log-odds while every agent plays the right action 1, the prior first.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    sigma : float
        Standard deviation of the signal.
    prior : float
        Prior probability of state 1.

    Returns
    -------
    ndarray, shape (n_agents + 1,)

    Examples
    --------
    >>> correct_run(3).round(3)
    array([0.   , 1.668, 2.469, 2.979])
    """
    path = np.empty(n_agents + 1)
    path[0] = logit(_inside(prior))
    for k in range(n_agents):
        path[k + 1] = path[k] + increment(path[k], 1, sigma)
    return path


def correct_run_far(n_agents: ArrayLike, sigma: float = 1.0, prior: float = 0.5) -> Floats:
    """Return the public log-odds after very many right actions, as many as 1e39 of them.

    The first thousand agents are followed one by one. From there l moves so little an agent that the number
    of agents between two values is the integral of 1/increment, plus half the logarithm of the ratio of the
    increments (the first Euler-Maclaurin term).

    Parameters
    ----------
    n_agents : array_like
        Numbers of agents, at least 1000, as floats.
    sigma, prior : float
        As in `correct_run`.

    Returns
    -------
    ndarray, shape of `n_agents`

    Examples
    --------
    The ratio of l to the root of ln k falls slowly towards 2 sqrt 2.

    >>> agents = np.array([1e6, 1e20, 1e39])
    >>> (correct_run_far(agents) / np.sqrt(np.log(agents))).round(2)
    array([3.19, 3.07, 3.01])
    """
    agents = checks.real_array(n_agents, "n_agents")
    if np.any((agents < RECURSION_AGENTS) | (agents > 1e60)):
        raise ValueError(f"n_agents: expected numbers between {RECURSION_AGENTS} and 1e60, got {agents}")
    start = correct_run(RECURSION_AGENTS, sigma, prior)[-1]
    # At 1e60 agents the ratio to sqrt(ln k) is below 3.5 / sigma for every prior the start can still feel.
    grid = np.linspace(start, start + 3.5 * np.sqrt(np.log(1e60)) / sigma, 200_001)
    moves = increment(grid, 1, sigma)
    slices = np.diff(grid) * (1 / moves[1:] + 1 / moves[:-1]) / 2
    count = RECURSION_AGENTS + np.concatenate([[0.0], slices.cumsum()]) + np.log(moves / moves[0]) / 2
    return np.asarray(np.interp(np.log(agents), np.log(count), grid))[()]


@dataclass(frozen=True, eq=False)
class GaussianLaw:
    """How often agents err under Gaussian signals.

    Attributes
    ----------
    p_wrong_action : ndarray, shape (n, 2)
        Entry [k, x]: the probability, given x, that the agent with index k plays the wrong action.
    error_bound : ndarray, shape (n, 2)
        How far each entry can be off.
    """

    p_wrong_action: Floats
    error_bound: Floats


def wrong_action_probabilities(
    n_agents: int, sigma: float = 1.0, prior: float = 0.5, spacing: float = 2e-4
) -> GaussianLaw:
    """Return the probability that agent k plays the wrong action, for each agent and state.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    sigma : float
        Standard deviation of the signal.
    prior : float
        Prior probability of state 1.
    spacing : float
        Distance of the grid points of the log-odds; used beyond the first 12 agents.

    Returns
    -------
    GaussianLaw

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> law = wrong_action_probabilities(20)
    >>> law.p_wrong_action[[0, 1, 9], 1].round(4), bool(law.error_bound.max() < 1e-5)
    (array([0.1587, 0.0969, 0.0144]), True)
    """
    if n_agents < 1 or not spacing > 0:
        raise ValueError(f"expected n_agents >= 1 and spacing > 0, got {n_agents} and {spacing}")
    _positive(sigma)
    odds = float(logit(_inside(prior)))
    high = _enclosed(n_agents, sigma, odds, spacing)
    # State 0 seen from the other side is state 1 with the prior turned round.
    low = high if odds == 0 else _enclosed(n_agents, sigma, -odds, spacing)
    law = np.stack([low, high], axis=2)  # (bounds, n, X)
    return GaussianLaw(law.mean(axis=0), np.ptp(law, axis=0) / 2 + n_agents * 1e-15)


def _enclosed(n_agents: int, sigma: float, start: float, spacing: float) -> Floats:
    """Return an upper and a lower bound on the wrong-action probability in state 1, shape (2, n)."""
    bounds = np.empty((2, n_agents))
    odds, mass = np.array([start]), np.ones(1)
    for k in range(min(n_agents, EXACT_AGENTS)):
        wrong, right = _choice(odds, sigma)
        bounds[:, k] = mass @ wrong
        odds = np.concatenate([odds + increment(odds, 0, sigma), odds + increment(odds, 1, sigma)])
        mass = np.concatenate([mass * wrong, mass * right])
    if n_agents > EXACT_AGENTS:
        # Nobody is more confident than after a run of equal actions: the grid needs to reach no further.
        end = correct_run(n_agents, sigma, float(expit(abs(start))))[-1]
        grid = np.arange(-np.ceil(end / spacing), np.ceil(end / spacing) + 1) * spacing
        for row, rounding in enumerate((np.floor, np.ceil)):
            bounds[row, EXACT_AGENTS:] = _on_grid(
                odds, mass, sigma, n_agents=n_agents - EXACT_AGENTS, grid=grid, rounding=rounding
            )
    return bounds


def _on_grid(
    odds: Floats, mass: Floats, sigma: float, *, n_agents: int, grid: Floats, rounding: np.ufunc
) -> Floats:
    """Return the wrong-action probability agent by agent when each new value is rounded to the grid."""
    spacing = grid[1] - grid[0]

    def place(values: Floats) -> NDArray[np.int64]:
        return np.asarray(np.clip(rounding((values - grid[0]) / spacing), 0, len(grid) - 1), dtype=np.int64)

    wrong, right = _choice(grid, sigma)
    to = np.concatenate([place(grid + increment(grid, action, sigma)) for action in (0, 1)])
    here = np.tile(np.arange(len(grid)), 2)
    move = csr_array((np.concatenate([wrong, right]), (to, here)), shape=(len(grid), len(grid)))
    law = np.bincount(place(odds), mass, len(grid))
    total = np.empty(n_agents)
    for k in range(n_agents):
        total[k] = law @ wrong
        law = move @ law
        law[law < NEGLIGIBLE] = 0.0
    return total


def _choice(log_odds: Floats, sigma: float) -> tuple[Floats, Floats]:
    """Return the probabilities of actions 0 and 1 in state 1."""
    reach = log_odds * sigma / 2 + 1 / sigma
    return np.asarray(ndtr(-reach)), np.asarray(ndtr(reach))


def _positive(sigma: float) -> float:
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma: is {sigma}; expected a positive number")
    return sigma


def _inside(prior: float) -> float:
    if not 0 < prior < 1:
        raise ValueError(f"prior: is {prior}; expected a number between 0 and 1, both excluded")
    return prior
