r"""Symmetric word of mouth in closed form: binary signals, flipping relays, ties to what was received.

Model. A witness of accuracy p > 1/2; every hop flips the message with probability d < 1/2; all agents have
the same ratio of regrets :math:`\kappa`; ties go to what was received ("own").

Theorem. At a public belief inside the learning region of the last agent, what agent i receives is right with
probability

.. math:: p_i = \tfrac12 + (p - \tfrac12)(1 - 2d)^i, \qquad i = 0, \dots, N - 1.

*Action broadcast.* The public belief has the law of ordinary social learning with one agent a round, of
accuracy :math:`p_{N-1}`: the round is blind exactly outside the odds interval from
:math:`\kappa(1-p_{N-1})/p_{N-1}` to :math:`\kappa p_{N-1}/(1-p_{N-1})`. From even odds and
:math:`\kappa = 1` the broadcast ends wrong with probability :math:`r^2/(1 + r^2)`, where
:math:`r = (1 - p_{N-1})/p_{N-1}`.

*Posterior broadcast.* For N = 1 no round is ever blind. For N > 1 the last agent passes on what it received
whether or not it would act on it. So the *last but one* agent decides when rounds are blind, and the belief
moves by the steps of the last: from even odds and :math:`\kappa = 1` the answer is
:math:`r^m/(1 + r^m)`, where m is one more than the integer part of the ratio of the log-odds of
:math:`p_{N-2}` and :math:`p_{N-1}`.

>>> wrong_blind_probability(0.8, 0.1, [1, 2, 3, 5, 10]).round(3)
array([0.059, 0.11 , 0.165, 0.268, 0.42 ])
>>> wrong_blind_probability(0.8, 0.3, 2, "posterior").round(3)
np.float64(0.187)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.word_of_mouth.chain import BROADCASTS

ON_THE_LATTICE = 1e-9
"""Log-odds within this distance of the end of the region are at its end, which belongs to it."""


def relayed_accuracy(accuracy: ArrayLike, noise: ArrayLike, hops: ArrayLike) -> Floats:
    """Return the probability that a bit is still right after some hops.

    Parameters
    ----------
    accuracy : array_like
        Probability p that the witness is right, between one half and one (both excluded).
    noise : array_like
        Probability d that a hop flips the bit, from 0 to 1/2, the latter excluded.
    hops : array_like of int
        Number of hops; agent i has i of them behind it.

    Examples
    --------
    >>> relayed_accuracy(0.8, 0.1, [0, 1, 2]).round(3)
    array([0.8  , 0.74 , 0.692])
    """
    p, d = _checked(accuracy, noise)
    h = checks.real_array(hops, "hops")
    if (h < 0).any() or (h != np.floor(h)).any():
        raise ValueError(f"hops: expected integers, 0 or more, got {h}")
    return np.asarray(0.5 + (p - 0.5) * (1 - 2 * d) ** h)[()]


def learning_region(
    accuracy: float, noise: float, n_agents: int, broadcast: str = "action", kappa: float = 1.0
) -> tuple[float, float]:
    """Return the closed interval of belief[1] in which the public learns from a round (ties "own").

    With posterior broadcast and one agent it is (0, 1), and the ends are excluded.

    Examples
    --------
    >>> tuple(round(end, 3) for end in learning_region(0.8, 0.1, 3))
    (0.308, 0.692)
    """
    last = _last(n_agents, broadcast)
    if last < 0:
        return 0.0, 1.0
    if not 0 < kappa < np.inf:
        raise ValueError(f"kappa: is {kappa}; expected a positive number")
    odds = float(_odds(relayed_accuracy(accuracy, noise, last)))
    return kappa / (kappa + odds), kappa * odds / (1 + kappa * odds)


def wrong_blind_probability(
    accuracy: ArrayLike, noise: ArrayLike, n_agents: ArrayLike, broadcast: str = "action"
) -> Floats:
    """Return the probability that the blind rounds end on the wrong action (even prior, kappa = 1, "own").

    Parameters
    ----------
    accuracy, noise : array_like
        As in `relayed_accuracy`.
    n_agents : array_like of int
        Lengths N of the row.
    broadcast : {"action", "posterior"}
        What the last agent tells everybody. Posterior broadcast with one agent gives 0.

    Examples
    --------
    >>> wrong_blind_probability(0.8, 0.1, 1, "posterior")
    np.float64(0.0)
    """
    n = checks.real_array(n_agents, "n_agents")
    if (n < 1).any():
        raise ValueError(f"n_agents: expected 1 or more, got {n}")
    checks.one_of(broadcast, "broadcast", BROADCASTS)
    odds = _odds(relayed_accuracy(accuracy, noise, n - 1))
    lead: Floats = np.full_like(np.asarray(odds), 2.0)
    if broadcast == "posterior":
        before = _odds(relayed_accuracy(accuracy, noise, np.maximum(n - 2, 0)))
        lead = np.floor(np.log(before) / np.log(odds) + ON_THE_LATTICE) + 1
    wrong = 1 / (1 + odds**lead)
    return np.asarray(np.where((n == 1) & (broadcast == "posterior"), 0.0, wrong))[()]


def _odds(p: Floats) -> Floats:
    return np.asarray(p / (1 - p))


def _last(n_agents: int, broadcast: str) -> int:
    """Return the number of hops before the agent whose decision can make a round blind."""
    checks.one_of(broadcast, "broadcast", BROADCASTS)
    if n_agents < 1:
        raise ValueError(f"n_agents: is {n_agents}; expected 1 or more")
    return n_agents - (1 if broadcast == "action" else 2)


def _checked(accuracy: ArrayLike, noise: ArrayLike) -> tuple[Floats, Floats]:
    p, d = checks.real_array(accuracy, "accuracy"), checks.real_array(noise, "noise")
    if ((p <= 0.5) | (p >= 1)).any():
        raise ValueError(f"accuracy: is {p}; expected numbers between 0.5 and 1, both excluded")
    if ((d < 0) | (d >= 0.5)).any():
        raise ValueError(f"noise: is {d}; expected numbers from 0 to 0.5, the latter excluded")
    return p, d
