r"""Exact one-step drifts: whether a function of the belief is a martingale, and under which law.

While agents reveal, the next belief is Bayes' rule after the observation, so the drift of a function f at q
is a sum over two observations:

.. math:: \sum_y p(y)\, f(q_y) - f(q), \qquad q_y = \frac{q B_{1y}}{q B_{1y} + (1 - q) B_{0y}},

with p(y) the probability under the public belief (mixture law) or in one state. Nothing is simulated.

Theorem. Let g(q, y) be the incentive at which the agent that saw y is indifferent. While agents reveal, both
have non-negative drift in state 0 and non-positive drift in state 1. Under the mixture law the drift of
g(q, 1) is non-negative, that of g(q, 0) non-positive, and that of the expected payment g(q, 1) p(1), not
clipped at zero, is zero.

>>> from llma.incentives import IncentivisedAgents
>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
>>> step = drift(agents, lambda q: agents.indifference(q, 1), [0.2, 0.5])
>>> step.mixture.round(4), step.given.round(4).tolist()
(array([0.1014, 0.1103]), [[0.2219, -0.3804], [0.3862, -0.1655]])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from llma.checks import Floats
from llma.incentives.agents import IncentivisedAgents, open_belief
from llma.incentives.recursion import log_odds_of


@dataclass(frozen=True, eq=False)
class Drift:
    """The expected change of a function of the belief in one step.

    Attributes
    ----------
    mixture : ndarray, shape (...)
        Under the public belief itself.
    given : ndarray, shape (..., 2)
        In each state.
    """

    mixture: Floats
    given: Floats


def drift(agents: IncentivisedAgents, function: Callable[[Floats], Floats], q: ArrayLike) -> Drift:
    """Return the exact drift of a function of the belief when the next action reveals its observation.

    Parameters
    ----------
    agents : IncentivisedAgents
        Their likelihood is used.
    function : callable
        Beliefs in state 1 to numbers, elementwise.
    q : array_like
        Public beliefs, strictly between 0 and 1.

    Returns
    -------
    Drift
    """
    belief = open_belief(q)
    later = expit(log_odds_of(belief)[..., None] + agents.log_ratios)  # (..., 2): after y = 0 and 1
    change = np.asarray(function(later)) - np.asarray(function(belief))[..., None]
    given = change @ agents.likelihood.T  # (..., X)
    weights = np.stack([1 - belief, belief], axis=-1)
    return Drift(np.asarray((given * weights).sum(axis=-1)), np.asarray(given))
