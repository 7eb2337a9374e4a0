r"""The incentive rule of the published notebooks, reimplemented for study. Not to be used.

What the rule does, in our symbols. At a public belief where state 0 has probability at least 0.4, it posts

.. math:: p = \frac{10\,\eta_y(0) - 10\,\eta_y(1)}{\omega_1 - \omega_0},

with :math:`\eta_y` the belief of the agent *after its private observation y*, which nobody else can know. It
is not clipped, so it can be negative. The agent gains one, not ten, from a right action: it plays 1 if and
only if

.. math::
    \sigma\,(\eta_y(1) - \eta_y(0)) &+ (\omega_1 - \omega_0)\,p \\
    &- (\delta_1 - \delta_0) > 0,

where :math:`\sigma`, the probability of y, is there because the private belief is not normalised. The public
update ignores the incentive, and multiplies by 1 + R in the place of R.

Consequence. With the numbers of the notebook the pay outweighs the belief. From the even prior an agent that
saw 0 is paid to play 1, and one that saw 1 is fined for it and plays 0: the action is the *opposite* of the
observation, and the public reads it as the observation itself. In state 1 the public belief goes to 0.255
with a probability that tends to one. There the public takes everybody for herding on 0; in truth everybody
plays 1, whatever was seen, because of the pay.

`exact_law` carries the law of the belief forward, like `llma.incentives.paths`; the update adds
ln((1 + R_u(1)) / (1 + R_u(0))).

Source. incentivizedherding.ipynb of the repository published with Jain and Krishnamurthy (2025), second
code cell; read, and written anew.

>>> law = exact_law(100)
>>> float(law.p_opposite[0]), round(float(law.belief[-1, 1]), 3), round(float(law.p_believed[-1, 1]), 3)
(1.0, 0.255, 0.0)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np

from llma.checks import Floats
from llma.incentives.paths import EVEN

ACCURACY = 0.7
SCALE = 10.0
OMEGA = (0.8, 1.3)
ACTION_COST = (0.1, 0.5)
PAYS_WHILE = 0.4
"""The rule pays while the public belief in state 0 is at least this."""


@dataclass(frozen=True, eq=False)
class PublishedLaw:
    """The law of what happens under the published rule, given each state.

    Attributes
    ----------
    belief, spread : ndarray, shape (n, 2)
        Mean and standard deviation of the public belief in state 1 after agent k.
    incentive : ndarray, shape (n, 2)
        Mean incentive.
    p_right : ndarray, shape (n, 2)
        Probability that agent k plays the action of the true state.
    p_believed : ndarray, shape (n, 2)
        Probability that the public belief after agent k favours the true state (half where it is even).
    p_opposite : ndarray, shape (n,)
        Probability, with an even prior, that agent k plays the opposite of what it observed.
    """

    belief: Floats
    spread: Floats
    incentive: Floats
    p_right: Floats
    p_believed: Floats
    p_opposite: Floats


def incentive(q: float, y: int) -> float:
    """Return what the rule pays at belief q in state 1 to an agent that saw y.

    >>> round(incentive(0.5, 0), 6), round(incentive(0.5, 1), 6)
    (8.0, -8.0)
    """
    if 1 - q < PAYS_WHILE:
        return 0.0
    low, high = (1 - q) * _chance(0, y), q * _chance(1, y)
    return SCALE * (low - high) / (low + high) / (OMEGA[1] - OMEGA[0])


def action(q: float, y: int) -> int:
    """Return what the agent of the notebook does at belief q in state 1 after it saw y."""
    low, high = (1 - q) * _chance(0, y), q * _chance(1, y)
    gain = high - low + (OMEGA[1] - OMEGA[0]) * incentive(q, y) - (ACTION_COST[1] - ACTION_COST[0])
    return int(gain > 0)


def public_update(q: float, u: int) -> float:
    """Return the public belief after action u: as if nobody were paid, and with 1 + R."""
    odds = q / (1 - q)
    rise = [1.0, 1.0]
    for y in (0, 1):
        # Without pay the agent compares the two costs; where they tie, both actions count as chosen.
        edge = q * _chance(1, y) - (1 - q) * _chance(0, y)
        if (edge >= 0) if u else (edge <= 0):
            for x in (0, 1):
                rise[x] += _chance(x, y)
    later = odds * rise[1] / rise[0]
    return later / (1 + later)


def exact_law(n_agents: int, prior: float = 0.5) -> PublishedLaw:
    """Return the exact law under the published rule, from a prior belief in state 1.

    Beliefs whose log-odds agree within 1e-9 are one.
    """
    mass: dict[int, tuple[float, Floats]] = {0: (prior, np.ones(2))}
    rows: list[list[Floats]] = []
    opposite = []
    for _ in range(n_agents):
        later: dict[int, tuple[float, Floats]] = {}
        paid, right, against = np.zeros(2), np.zeros(2), 0.0
        for q, weight in mass.values():
            for y in (0, 1):
                flow = weight * np.array([_chance(0, y), _chance(1, y)])
                u = action(q, y)
                paid += flow * incentive(q, y)
                right[u] += flow[u]
                against += float(flow.mean()) * (u != y)
                new = public_update(q, u)
                key = round(log(new / (1 - new)) * 1e9)
                before = later.get(key, (new, np.zeros(2)))
                later[key] = (before[0], before[1] + flow)
        mass = later
        beliefs = np.array([q for q, _ in mass.values()])
        weights = np.array([weight for _, weight in mass.values()])
        mean = beliefs @ weights
        variance = np.maximum(beliefs**2 @ weights - mean**2, 0.0)
        up = np.where(np.abs(beliefs - 0.5) <= EVEN, 0.5, beliefs > 0.5) @ weights
        rows.append([mean, np.sqrt(variance), paid, right, np.array([1 - up[0], up[1]])])
        opposite.append(against)
    table = np.array(rows)
    return PublishedLaw(table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], np.array(opposite))


def limit_belief() -> float:
    """Return the belief at which the rule leaves state 1: odds of (1.3 / 1.7) to the fourth power.

    >>> round(limit_belief(), 3)
    0.255
    """
    lead = 4 * (log(2 - ACCURACY) - log(1 + ACCURACY))
    return 1 / (1 + exp(-lead))


def _chance(x: int, y: int) -> float:
    return ACCURACY if x == y else 1 - ACCURACY
