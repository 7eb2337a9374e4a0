r"""Wrong cascades in closed form: symmetric binary signals, equal costs, prior one half.

Model. A signal shows the state with probability p (one half < p < 1), q = 1 - p, costs are 0 for the right
action and 1 for the wrong one, and the prior is one half.

Theorem. Let r = q/p. The chance of a wrong cascade (averaged over the state), the chance that none has
started after the first 2j agents, and the mean number of agents before the first one in a cascade are

=========  ================================  ==============  ==========================
tie rule   wrong cascade                     none after 2j   agents before the cascade
=========  ================================  ==============  ==========================
own        q^2 / (p^2 + q^2)                 (2pq)^j         2 / (p^2 + q^2)
coin       q (2 - p) / (2 (1 - pq))          (pq)^j          2 / (1 - pq)
low        the same average; state 0:        (pq)^j          state 0: (2 - p)/(1 - pq),
           q^2/(1 - pq), 1: q/(1 - pq)                       state 1: (1 + p)/(1 - pq)
follow     q                                 0 (j >= 1)      1
=========  ================================  ==============  ==========================

Idea of the proof. "own": the lead of one action over the other is a random walk stopped at 2 or -2. "coin"
and "low": two agents either settle the matter or cancel; sum the geometric series. "follow": the second
agent already copies.

Identity-start update. A program that multiplies the public odds by (1 + R(1))/(1 + R(0)) instead of
R(1)/R(0) moves them by s = ln((1 + p)/(2 - p)) an action. Cascades begin at the same beliefs, so that a
lead of k = floor(ln(p/q)/s) + 1 is needed, and the walk gives r^k/(1 + r^k): fewer wrong cascades than
there are.

Reference. Bikhchandani, Hirshleifer and Welch, Journal of Political Economy 100, 1992 ("coin").

>>> wrong_cascade_probability(0.7, "own").round(4), wrong_cascade_probability(0.7, "coin").round(4)
(np.float64(0.1552), np.float64(0.2468))
>>> identity_start_wrong_cascade_probability(0.7).round(4)
np.float64(0.0326)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.social.model import TIE_RULES


def wrong_cascade_probability(accuracy: ArrayLike, tie: str, state: int | None = None) -> Floats:
    """Return the probability that the cascade is on the wrong action.

    Parameters
    ----------
    accuracy : array_like
        Probability p that a signal shows the state, between one half and one (both excluded).
    tie : {"low", "own", "coin", "follow"}
        Tie rule, as in `SocialLearning`.
    state : {0, 1}, optional
        Given this state; None averages over the two. It matters only for "low".

    Returns
    -------
    ndarray, shape of `accuracy`

    Raises
    ------
    ValueError
        If an accuracy is outside (1/2, 1).

    Examples
    --------
    >>> wrong_cascade_probability(0.7, "low", state=1).round(4)
    np.float64(0.3797)
    """
    p, q = _signal(accuracy, tie, state)
    if tie == "own":
        return np.asarray(q**2 / (p**2 + q**2))[()]
    if tie == "follow":
        return q
    by_state = {0: q**2, 1: q, None: q * (2 - p) / 2}
    return np.asarray(by_state[state if tie == "low" else None] / (1 - p * q))[()]


def no_cascade_probability(accuracy: ArrayLike, n_agents: int, tie: str, state: int | None = None) -> Floats:
    """Return the probability that no cascade has started once `n_agents` have acted.

    In the terms of `CascadeLaw`: one minus ``p_cascade_by[n_agents]``.

    Parameters
    ----------
    accuracy : array_like
        Probability p that a signal shows the state.
    n_agents : int
        Agents who have acted, even or odd.
    tie : {"low", "own", "coin", "follow"}
        Tie rule.
    state : {0, 1}, optional
        Given this state; None averages. It matters only for "low" and an odd number of agents.

    Returns
    -------
    ndarray, shape of `accuracy`

    Examples
    --------
    >>> no_cascade_probability(0.7, 4, "own").round(4), no_cascade_probability(0.7, 4, "coin").round(4)
    (np.float64(0.1764), np.float64(0.0441))
    """
    p, q = _signal(accuracy, tie, state)
    if n_agents < 0:
        raise ValueError(f"n_agents: is {n_agents}; expected 0 or more")
    pairs, odd = divmod(n_agents, 2)
    if tie == "follow":
        return np.asarray(np.full_like(p, float(n_agents == 0)))[()]
    if tie == "own":
        return np.asarray((2 * p * q) ** pairs)[()]
    # Ties to action 0: after an even number without a cascade, one signal for state 0 starts one at once.
    last = {0: q, 1: p, None: (p + q) / 2}[state] if tie == "low" and odd else 1.0
    return np.asarray((p * q) ** pairs * last)[()]


def expected_agents_before_cascade(accuracy: ArrayLike, tie: str, state: int | None = None) -> Floats:
    """Return the mean number of agents who act before the first one in a cascade.

    Parameters
    ----------
    accuracy : array_like
        Probability p that a signal shows the state.
    tie : {"low", "own", "coin", "follow"}
        Tie rule.
    state : {0, 1}, optional
        Given this state; None averages. It matters only for "low".

    Returns
    -------
    ndarray, shape of `accuracy`

    Examples
    --------
    >>> expected_agents_before_cascade(0.7, "own").round(4)
    np.float64(3.4483)
    """
    p, q = _signal(accuracy, tie, state)
    if tie == "follow":
        return np.asarray(np.ones_like(p))[()]
    if tie == "own":
        return np.asarray(2 / (p**2 + q**2))[()]
    agents = {0: 2 - p, 1: 1 + p, None: 1.5 + 0 * p}[state] if tie == "low" else 2.0
    return np.asarray(agents / (1 - p * q))[()]


def identity_start_lead(accuracy: ArrayLike) -> Floats:
    """Return the lead of one action that starts a cascade under the identity-start update (ties "own").

    With Bayes' rule the lead is 2 at every accuracy.

    Examples
    --------
    >>> identity_start_lead([0.6, 0.7, 0.8])
    array([4., 4., 4.])
    """
    p, q = _signal(accuracy, "own", None)
    # A lead that lands on the end of the learning region is a tie, not yet a cascade.
    return np.asarray(np.floor(np.log(p / q) / np.log((1 + p) / (2 - p)) + 1e-9) + 1)[()]


def identity_start_wrong_cascade_probability(accuracy: ArrayLike) -> Floats:
    """Return the probability of a wrong cascade under the identity-start update (ties "own").

    Examples
    --------
    >>> identity_start_wrong_cascade_probability([0.6, 0.7, 0.8]).round(3)
    array([0.165, 0.033, 0.004])
    """
    p, q = _signal(accuracy, "own", None)
    odds = (q / p) ** identity_start_lead(p)
    return np.asarray(odds / (1 + odds))[()]


def identity_start_expected_agents(accuracy: ArrayLike) -> Floats:
    """Return the mean number of agents before a cascade under the identity-start update (ties "own").

    The walk on the lead has drift p - q and stops at k or -k: Wald's identity.

    Examples
    --------
    >>> identity_start_expected_agents(0.7).round(2)
    np.float64(9.35)
    """
    p, q = _signal(accuracy, "own", None)
    return np.asarray(
        identity_start_lead(p) * (1 - 2 * identity_start_wrong_cascade_probability(p)) / (p - q)
    )[()]


def _signal(accuracy: ArrayLike, tie: str, state: int | None) -> tuple[Floats, Floats]:
    p = checks.real_array(accuracy, "accuracy")
    bad = (p <= 0.5) | (p >= 1)
    if bad.any():
        raise ValueError(
            f"accuracy: is {p[bad].ravel()[0]:.12g}; expected a number between 0.5 and 1, both excluded"
        )
    checks.one_of(tie, "tie", TIE_RULES)
    if state not in {None, 0, 1}:
        raise ValueError(f"state: is {state}; expected 0, 1 or None")
    return np.asarray(p)[()], np.asarray(1 - p)[()]
