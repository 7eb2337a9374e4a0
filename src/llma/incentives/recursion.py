r"""The centre's value by an exact recursion on counts: no grid, and a proved error bound.

Idea. While agents reveal, an observation y adds :math:`\lambda_y = \ln L(y)` to the log-odds. After n
agents, j of whom saw 1, the log-odds are :math:`\ell + n\lambda_0 + j s` with
:math:`s = \lambda_1 - \lambda_0`. So the beliefs that can be met after n agents form a comb of spacing s,
and the two successors of tooth j are teeth j and j + 1 of the next comb. Bellman's equation is solved on
combs, backwards, for a whole array of starting beliefs at once.

Few teeth. Far below, being left on 0 costs less than the incentive alone would, and far above the same holds
for 1; `window` computes both ends. Outside the window the value is known in closed form, so a comb has
:math:`\lceil (\bar\ell - \underline\ell) / s \rceil` teeth, however many agents there are.

Error. The recursion starts from the cost U of the better option that freezes the belief, which can really be
had. So the result is the cost of a real policy, and never below the value V. One step shrinks the
distance by the factor rho, hence after N steps the result exceeds V by at most
:math:`\rho^N \max_\ell U`.
"""

from __future__ import annotations

from math import ceil, inf, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from llma.checks import Floats, Ints

if TYPE_CHECKING:
    from llma.incentives.centre import FusionCentre

MARGIN = 1e-6
"""The window is wider than it need be by this much, in log-odds."""

BLOCK = 200_000
"""Costs are computed for so many beliefs at once."""


def window(centre: FusionCentre) -> tuple[float, float]:
    """Return log-odds outside which the belief is best left where it is, without pay.

    Examples
    --------
    >>> from llma.incentives import FusionCentre, IncentivisedAgents
    >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
    >>> low, high = window(FusionCentre(agents, 1.0, 0.0, 0.9))
    >>> round(float(expit(low)), 3), round(float(expit(high)), 3)
    (0.134, 0.778)
    """
    start, end = centre.agents.log_odds_ends
    low = _balance(centre, start, 0) - MARGIN
    high = (_balance(centre, end, 1) if centre.two_sided else end) + MARGIN
    return low, high


def _balance(centre: FusionCentre, end: float, action: int) -> float:
    """Return where the incentive to reveal costs as much as an eternal herd on `action`."""
    agents, discount = centre.agents, centre.discount
    loss = centre.false_alarm_cost if action else centre.miss_cost
    if loss == 0:
        return end
    direction = 1.0 if action else -1.0
    share = agents.likelihood[:, 1 - action]

    def surplus(ell: float) -> float:
        q, doubt = float(expit(ell)), float(expit(-ell))
        low, high = doubt * agents.likelihood[0, 1 - action], q * agents.likelihood[1, 1 - action]
        regret = (agents.regrets[0] * low - agents.regrets[1] * high) / (low + high)
        price = -direction * (regret + agents.cost_gap) / agents.incentive_gap
        if centre.pay == "action":
            price *= share[1] * q + share[0] * doubt
        return float(price) - loss * (doubt if action else q) / (1 - discount)

    far = end
    while surplus(far) <= 0:
        far += direction
    return float(brentq(surplus, far - direction if far != end else far, far)) if far != end else end


def horizon(centre: FusionCentre, tolerance: float) -> tuple[int, float]:
    """Return the number of steps for this tolerance, and the error bound that they give.

    Raises
    ------
    ValueError
        If the tolerance is below 1e-13 of the largest cost: rounding would be larger.
    """
    grid = np.array([centre.agents.log_odds_ends[0]])
    q = expit(grid)
    dear = np.maximum(centre.agents.indifference(q, 0), 0.0) + centre.false_alarm_cost * (1 - q)
    largest = float(max(dear[0], centre.miss_cost * q[0])) / (1 - centre.discount)
    if tolerance < 1e-13 * max(largest, 1.0):
        raise ValueError(f"tolerance: is {tolerance:.3g}; expected at least {1e-13 * max(largest, 1.0):.1g}")
    if largest <= tolerance or centre.discount == 0:
        return 1, centre.discount * largest
    steps = max(1, ceil(log(tolerance / largest) / log(centre.discount)))
    return steps, centre.discount**steps * largest


def options(centre: FusionCentre, log_odds: Floats, steps: int) -> Floats:
    """Return the cost of each option at these log-odds, followed by the best policy, shape (3, n).

    The options are those of `FusionCentre.stage`: leave, reveal, buy out.
    """
    start = np.atleast_1d(np.asarray(log_odds, dtype=np.float64))
    combs = _Combs(centre, start)
    value, first = combs.freeze(steps)
    most = max(1, BLOCK // (len(start) * combs.teeth))
    for stop in range(steps, 1, -most):
        begin = max(1, stop - most)
        here = combs.first_tooth(np.arange(begin, stop))
        fixed, base, weights = combs.costs(np.arange(begin, stop), here)
        lower, upper = combs.successors(here, np.concatenate([here[1:], first[None]]))
        for k in range(stop - begin - 1, -1, -1):
            later = weights[0, k] * value.take(lower[k]) + weights[1, k] * value.take(upper[k])
            value = np.minimum(fixed[k], base[k] + later)
        first = here[0]
    leave, reveal, buy_out = centre.stage(start)
    weights = combs.weights(start)
    for rise, step in enumerate(combs.steps):
        ell = start + step
        index = np.clip(rise - first, 0, combs.teeth - 1).astype(np.int64)
        read = np.take_along_axis(value, index[:, None], axis=1)[:, 0]
        reveal = reveal + weights[rise] * np.where(combs.outside(ell), combs.known(ell), read)
    return np.stack([leave, reveal, buy_out])


class _Combs:
    """The beliefs that can be met from an array of starts, as combs with one tooth beyond each end."""

    def __init__(self, centre: FusionCentre, start: Floats) -> None:
        self._centre, self._start = centre, start
        self._low, self._high = window(centre)
        self.steps = tuple(float(v) for v in centre.agents.log_ratios)
        self._spacing = self.steps[1] - self.steps[0]
        self.teeth = ceil((self._high - self._low) / self._spacing) + 3
        self._position = np.arange(self.teeth)

    def first_tooth(self, n: Ints) -> Floats:
        """Return how many saw 1 at the first tooth after n agents, shape (n, starts)."""
        offset = self._low - self._start - n[:, None] * self.steps[0]
        return np.asarray(np.ceil(offset / self._spacing) - 1)

    def outside(self, ell: Floats) -> NDArray[np.bool_]:
        """Return which log-odds lie outside the window."""
        return np.asarray((ell < self._low) | (ell > self._high))

    def known(self, ell: Floats) -> Floats:
        """Return the value outside the window: everybody herds, without pay."""
        centre = self._centre
        below = ell < 0.5 * (self._low + self._high)
        loss = np.where(below, centre.miss_cost * expit(ell), centre.false_alarm_cost * expit(-ell))
        return np.asarray(loss / (1 - centre.discount))

    def weights(self, ell: Floats) -> Floats:
        """Return discount times probability of each observation, shape (2, ...)."""
        b = self._centre.agents.likelihood[:, 1]
        yes = b[1] * expit(ell) + b[0] * expit(-ell)
        return self._centre.discount * np.stack([1 - yes, yes])

    def costs(self, n: Ints, first: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the least cost without revealing, what one step of revealing costs, and the weights."""
        seen = first[..., None] + self._position
        ell = self._start[:, None] + n[:, None, None] * self.steps[0] + seen * self._spacing
        leave, reveal, buy_out = self._centre.stage(ell)
        outside = self.outside(ell)
        fixed = np.where(outside, self.known(ell), np.minimum(leave, buy_out))
        return fixed, np.where(outside, inf, reveal), self.weights(ell)

    def freeze(self, n: int) -> tuple[Floats, Floats]:
        """Return the upper bound from which the recursion starts, and the first teeth."""
        first = self.first_tooth(np.array([n]))
        return self.costs(np.array([n]), first)[0][0], first[0]

    def successors(self, here: Floats, later: Floats) -> tuple[Ints, Ints]:
        """Return where, in the raveled comb after, the successors of each tooth stand, for y = 0 and 1.

        Outside the window nobody reveals, so the index of a tooth out there does not matter.
        """
        index = self._position + (here - later).astype(np.int64)[..., None]
        row = np.arange(len(self._start))[:, None] * self.teeth
        last = self.teeth - 1
        return np.clip(index, 0, last) + row, np.clip(index + 1, 0, last) + row


def log_odds_of(q: Floats) -> Floats:
    """Return the log-odds of beliefs strictly between 0 and 1."""
    return np.asarray(logit(q))
