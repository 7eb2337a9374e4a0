r"""The learning region: the public beliefs between which agents still reveal what they saw.

Two states, two actions, any number of observations. Let d(x) = c(x, 0) - c(x, 1). If d(0) and d(1) have the
same sign, one action is better in both states and nobody ever reveals anything. Otherwise the agent with
observation y is indifferent at

.. math:: q_y = \frac{|d(0)|\,B_{0y}}{|d(0)|\,B_{0y} + |d(1)|\,B_{1y}} = \frac{\kappa}{\kappa + L(y)},

where :math:`\kappa = |d(0)/d(1)|` is the cost ratio and :math:`L(y) = B_{1y}/B_{0y}`. Below all :math:`q_y`
everybody plays the action of state 0, above all of them the action of state 1: information cascades.
Between the smallest and the largest the action depends on the observation. At the two ends somebody is
indifferent, and the tie rule decides: both ends belong to the region for "own" and "coin"; with ties to the
action of state 0 it is (lower, upper], with ties to that of state 1 it is [lower, upper). An end at 0 or 1
(some observation excludes a state) never belongs to it unless the costs tie there too.

Rather than list every degenerate case, the ends are put to `step`, which also decides in simulations: the
region and the simulation cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from llma.social.protocol import FIRST_AGENT, step

if TYPE_CHECKING:
    from llma.social.model import SocialLearning


@dataclass(frozen=True)
class LearningRegion:
    """The interval of belief[1] in which the action still depends on the observation.

    Attributes
    ----------
    lower, upper : float
        Ends of the interval; both NaN if it is empty.
    lower_closed, upper_closed : bool
        Whether the end belongs to the region.
    below, above : int
        The action of everybody below, and above, the region (both the dominant action if it is empty).

    Examples
    --------
    >>> region = LearningRegion(0.3, 0.7, False, True, below=0, above=1)
    >>> 0.3 in region, 0.7 in region, str(region)
    (False, True, '(0.3, 0.7]')
    """

    lower: float
    upper: float
    lower_closed: bool
    upper_closed: bool
    below: int
    above: int

    @property
    def empty(self) -> bool:
        """Whether agents never reveal anything."""
        return isnan(self.lower)

    @property
    def width(self) -> float:
        """Length of the interval, 0 if it is empty."""
        return 0.0 if self.empty else self.upper - self.lower

    def __contains__(self, q: float) -> bool:
        """Whether agents at belief[1] = q still reveal what they saw."""
        above = q >= self.lower if self.lower_closed else q > self.lower
        return bool(above and (q <= self.upper if self.upper_closed else q < self.upper))

    def __str__(self) -> str:
        """Return the interval as it is written on paper."""
        if self.empty:
            return "empty"
        left, right = "[" if self.lower_closed else "(", "]" if self.upper_closed else ")"
        return f"{left}{self.lower:.6g}, {self.upper:.6g}{right}"


def cascade_region(model: SocialLearning, previous: int | None = None) -> LearningRegion:
    """Return the beliefs at which agents still learn; see `SocialLearning.cascade_region`."""
    if (model.n_states, model.n_actions) != (2, 2):
        raise ValueError(
            f"cascade_region: needs two states and two actions, got {model.n_states} and {model.n_actions}; "
            "ask is_cascade at the beliefs of interest instead"
        )
    before = np.array([FIRST_AGENT if previous is None else previous])

    def learning(q: float) -> bool:
        return not step(model, np.array([[1 - q, q]]), before).cascade[0]

    lower, upper = _ends(model)
    below, above = _herd_actions(model)
    if not learning((lower + upper) / 2):
        return LearningRegion(nan, nan, False, False, below, above)
    return LearningRegion(lower, upper, learning(lower), learning(upper), below, above)


def _herd_actions(model: SocialLearning) -> tuple[int, int]:
    best = model.regret.argmin(axis=1)
    indifferent = model.regret.max(axis=1) == 0
    # Where the costs tie in one state, the action that is better in the other one is weakly dominant.
    return int(best[1] if indifferent[0] else best[0]), int(best[0] if indifferent[1] else best[1])


def _ends(model: SocialLearning) -> tuple[float, float]:
    gap = np.abs(model.regret[:, 0] - model.regret[:, 1])  # (X,)
    weight = gap[:, None] * model.likelihood  # (X, Y)
    total = weight.sum(axis=0)
    # An observation without weight is indifferent at every belief: it opens the whole interval.
    always = (total == 0) & (model.likelihood.sum(axis=0) > 0)
    if always.any():
        return 0.0, 1.0
    indifferent = weight[0, total > 0] / total[total > 0]
    return float(indifferent.min()), float(indifferent.max())
