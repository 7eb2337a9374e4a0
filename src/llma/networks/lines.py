r"""The line: everybody sees its predecessor only. Closed forms for yes-no readings, a recursion for Gaussian.

Theorem (symmetric yes-no readings of accuracy p, costs 0 and 1, prior one half, q = 1 - p). Under "own",
"coin" and "follow" every agent errs with probability q. Under "low" the agents 2j and 2j + 1 err, averaged
over the two states, with

.. math:: e^* + (q - e^*)(pq)^j, \qquad e^* = \frac{q(2 - p)}{2(1 - pq)},

the limit of the complete network under the same rule. Proof: even agents say yes if the predecessor or the
reading does, odd ones if both do; sum the geometric series.

Gaussian readings (mean -1 or +1, standard deviation sigma). Let m and f be the probabilities that an agent
misses state 1 and that it gives a false alarm in state 0. Its successor starts from the log-odds

.. math:: l_1 = l_0 + \ln\frac{1 - m}{f} \quad\text{or}\quad l_0' = l_0 + \ln\frac{m}{1 - f}

and its own m and f follow in closed form: two numbers for each agent, exact to rounding, for any length.

Reference. Acemoglu, Dahleh, Lobel and Ozdaglar, Review of Economic Studies 78, 2011 (learning on networks).

>>> symmetric_error(0.7, 6, "low").round(5)
array([0.3    , 0.3    , 0.258  , 0.258  , 0.24918, 0.24918])
>>> gaussian_line(4).mean(axis=1).round(4)
array([0.1587, 0.0969, 0.0684, 0.0523])
"""

from __future__ import annotations

import numpy as np
from scipy.special import logit, ndtr

from llma import checks
from llma.checks import Floats
from llma.social import TIE_RULES
from llma.social.closed_forms import wrong_cascade_probability


def symmetric_error(accuracy: float, n_agents: int, tie: str = "low") -> Floats:
    """Return the error of every agent on the line, averaged over an even prior.

    Parameters
    ----------
    accuracy : float
        Probability p that a reading shows the state, between one half and one.
    n_agents : int
        Number of agents.
    tie : {"low", "own", "coin", "follow"}
        Tie rule.

    Returns
    -------
    ndarray, shape (n_agents,)

    Raises
    ------
    ValueError
        If the accuracy is outside (1/2, 1) or there is no agent.

    Examples
    --------
    >>> symmetric_error(0.7, 3, "own").round(4)
    array([0.3, 0.3, 0.3])
    """
    checks.one_of(tie, "tie", TIE_RULES)
    if n_agents < 1:
        raise ValueError(f"n_agents: is {n_agents}; expected 1 or more")
    limit = float(wrong_cascade_probability(accuracy, "low"))
    first = 1 - accuracy
    if tie != "low":
        return np.full(n_agents, first)
    return np.asarray(limit + (first - limit) * (accuracy * first) ** (np.arange(n_agents) // 2))


def gaussian_line(n_agents: int, sigma: float = 1.0, prior: float = 0.5, kappa: float = 1.0) -> Floats:
    """Return the probability that each agent of a line errs, with Gaussian readings.

    Parameters
    ----------
    n_agents : int
        Number of agents.
    sigma : float
        Standard deviation of a reading; its mean is -1 in state 0 and +1 in state 1.
    prior : float
        Prior probability of state 1.
    kappa : float
        Cost of a wrong action 1 (in state 0) over that of a wrong action 0 (in state 1).

    Returns
    -------
    ndarray, shape (n_agents, 2)
        Entry [k, x]: the probability, given x, that agent k plays the wrong action.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    The error falls for ever, but slowly.

    >>> gaussian_line(10_000)[[9, 99, 999, 9999], 1].round(5)
    array([0.02053, 0.00218, 0.00039, 0.0001 ])
    """
    for name, value in (("sigma", sigma), ("kappa", kappa)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: is {value}; expected a positive number")
    if not 0 < prior < 1 or n_agents < 1:
        raise ValueError(f"expected 0 < prior < 1 and n_agents >= 1, got {prior} and {n_agents}")
    start = float(logit(prior) - np.log(kappa))
    law = np.empty((n_agents, 2))
    law[0] = _errors(np.array(start), sigma)
    for k in range(1, n_agents):
        alarm, miss = law[k - 1]
        seen = start + np.array([np.log(miss) - np.log1p(-alarm), np.log1p(-miss) - np.log(alarm)])
        errors = _errors(seen, sigma)  # (2 states, 2 actions of the predecessor)
        law[k] = errors[0] @ [1 - alarm, alarm], errors[1] @ [miss, 1 - miss]
    return law


def _errors(log_odds: Floats, sigma: float) -> Floats:
    """Return the probabilities of a wrong action in states 0 and 1 at some log-odds over the cost ratio."""
    shift = log_odds * sigma / 2
    return np.stack([ndtr(shift - 1 / sigma), ndtr(-shift - 1 / sigma)])
