r"""The exact solution for two states when continuing reveals every observation.

Problem. Value iteration :math:`V_{n+1} = \mathcal T V_n`,

.. math:: \mathcal T V(\pi) = \min\Bigl\{ \min_a c_a^\top\pi,\;
    c^\top\pi + \rho \sum_y \sigma(\pi, y) V(T(\pi, y)) \Bigr\}.

Every :math:`V_n` is a minimum of finitely many lines (`llma.stopping.hinges`): no grid is laid.

Start. :math:`V_0` is the minimum of the stop lines and of the cost of never stopping,
:math:`((I - \rho P)^{-1} c)^\top\pi`. Both are costs of policies, so :math:`V_0 \ge V`, and all later
iterates stay above V. With a state that does not move, :math:`V_0` is already exact at q = 0 and q = 1: what
is left to learn is learnt at the speed of the filter, and value iteration does not slow down as the discount
goes to one.

Policy iteration. Every few steps the plan behind the lines is evaluated to its end (`controllers`). That too
is the cost of a policy, hence an upper bound.

Merging. After each step, corners of height below a small number are cut off upwards, so that the iterates
remain upper bounds.

Stopping rule and error bound. Let :math:`\hat V` be the last iterate and :math:`r = (\hat V - \mathcal T\hat
V)^+` its residual. Two bounds hold, whatever was merged on the way.

(i) Always: :math:`\hat V - \max r / (1 - \rho) \le V \le \hat V`.

(ii) If the state does not move: let :math:`g(q) = \sqrt{q(1 - q)}` and :math:`\beta = \sum_y \sqrt{B_{0y}
B_{1y}} \le 1`, the Bhattacharyya coefficient of the sensor. If :math:`r \le \varepsilon + k g`, then
:math:`\hat V - V \le \varepsilon/(1 - \rho) + k g/(1 - \rho\beta)`.

Proof. :math:`\sum_y \sigma(\pi, y)\, g(T(\pi, y)) = \beta g(\pi)`, because :math:`\sigma g(T)` is the square
root of the product of the two joint probabilities. The operator is monotone, and it subtracts at most
:math:`\rho\beta k' g` if its argument is lowered by :math:`k' g`. So with :math:`k' = k/(1 - \rho\beta)`,
:math:`\mathcal T(\hat V - k'g) \ge \hat V - k g - \rho\beta k' g = \hat V - k' g`; iterating, the left-hand
side goes to V. Bound (i) is the same with g = 1 and 1 for :math:`\beta`; add the two.

Both are computed at the corners of :math:`\hat V` alone: between two of them r is convex and g concave, so
that r/g is largest at an end. An allowance for rounding is added: a few units for each term of a step. Bound
(ii) does not blow up as the discount goes to one: what limits the controller's ignorance is then the sensor.

Regions. The true cost of continuing lies between :math:`\hat Q - \rho r/(1-\rho)` and :math:`\hat Q`. Where
the upper one is below the stop cost it is certainly best to continue; where the lower one is not, certainly
best to stop. Both sets are intervals for each action, because their differences are concave.

Reference. Smallwood and Sondik, Operations Research 21, 1973 (finitely many lines); Krishnamurthy, *Partially
Observed Markov Decision Processes*, 2016, chapter 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, log2
from typing import TYPE_CHECKING

import numpy as np

from llma.checks import Floats
from llma.stopping.controllers import MOST_PIECES, improved
from llma.stopping.hinges import Hinges, above, hinges_of_minimum, images, merged, minimum
from llma.stopping.solution import Interval, Solution, threshold_of, union

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

TIE = 1e-12
"""Continuing counts as no better than stopping if it saves less than this share of the cost scale."""

CHECK_EVERY = 3
"""Steps between two computations of the error bound and of the plan behind the lines."""

ROUNDING = 4
"""Units of rounding allowed for each term of a Bellman step."""

RARELY = 4
"""Plans with many pieces are evaluated once in so many times."""

COARSE = 0.05
"""Corners as high as this share of the present residual may be cut off."""


def solve_reveal(problem: CentralControl, tolerance: float) -> Solution:
    """Return the solution of a two-state problem with a revealing continuation.

    Parameters
    ----------
    problem : CentralControl
        Two states, ``continuation="reveal"``.
    tolerance : float
        The error bound that is wanted, in units of cost.

    Raises
    ------
    ValueError
        If the tolerance is not reached because it is finer than the rounding of float64.
    """
    stop = problem.stop_cost.T  # (U, 2)
    value, following, bound, steps = _iterated(problem, stop, tolerance)
    slack = TIE * float(np.abs(np.vstack([stop, problem.never_stop_cost])).max())
    by_action = _stop_regions(following, stop, slack)
    certain = _stop_regions(_lowered(following, problem.discount * bound), stop, slack)
    region = union([part for parts in by_action for part in parts], gap=TIE)
    threshold, side, reason = threshold_of(region)
    return Solution(
        value=value,
        continue_value=following,
        stop_value=hinges_of_minimum(stop),
        stop_region=region,
        certain_stop_region=union([part for parts in certain for part in parts], gap=TIE),
        possible_stop_region=region,
        stop_regions_by_action=by_action,
        threshold=threshold,
        side=side,
        reason=reason,
        error_bound=bound,
        steps=steps,
        n_pieces=len(value.hinges) + 1,
    )


def _iterated(problem: CentralControl, stop: Floats, tolerance: float) -> tuple[Hinges, Hinges, float, int]:
    """Return the value, the cost of continuing, the error bound, and the number of steps."""
    maps = problem.discount * (problem.transition @ _diagonals(problem.likelihood))  # (Y, 2, 2)
    running = problem.continue_cost
    value = hinges_of_minimum(np.vstack([stop, problem.never_stop_cost]))
    factors = _BoundFactors.of(problem)
    floor = factors.plain * factors.rounding
    if floor >= tolerance:
        raise ValueError(
            f"tolerance: is {tolerance:g}; rounding alone may be {floor:.1e}: ask for twice that, or more"
        )
    gap = max(1.0, float(np.ptp(value.corners()[1])))
    most = 3 * CHECK_EVERY
    if problem.discount > 0:
        finest = tolerance * (1 - problem.discount) / (8 * gap)
        most += 2 * max(0, ceil(log(finest) / log(problem.discount)))
    passes = 2 + ceil(log2(problem.n_observations))  # a step multiplies the hinges by the observations
    share, bound = COARSE, np.inf
    height = share * gap
    for steps in range(1, most + 1):
        following = images(value, maps, running)
        after = _stopped(following, stop)
        if steps % CHECK_EVERY:
            value = merged(after, height, passes)
            continue
        before = gap
        bound, gap = factors.bound(value, after)
        if bound <= tolerance:
            return value, following, bound, steps
        # Early steps need not be more precise than what they still miss, as long as they get somewhere.
        share = share / 2 if gap >= before else share
        height = share * gap
        value = merged(after, height, passes)
        if len(value.hinges) < MOST_PIECES or steps % (RARELY * CHECK_EVERY) == 0:
            value = improved(value, following, stop, maps, running, height=height)
    raise ValueError(
        f"tolerance: {tolerance:g} is not reached; the bound is {bound:.2g} after {most} steps; ask for less"
    )


def _diagonals(likelihood: Floats) -> Floats:
    return np.asarray(likelihood.T[:, :, None] * np.eye(2))


def _stopped(following: Hinges, stop: Floats) -> Hinges:
    after = following
    for line in stop:
        after = minimum(after, line)
    return after


@dataclass(frozen=True)
class _BoundFactors:
    """What turns a residual into an error bound.

    Attributes
    ----------
    plain : float
        1/(1 - rho).
    sharp : float or None
        1/(2 (1 - rho beta)) if the state does not move; one half is the largest value of g.
    rounding : float
        Allowance for the rounding of one Bellman step.
    """

    plain: float
    sharp: float | None
    rounding: float

    @classmethod
    def of(cls, problem: CentralControl) -> _BoundFactors:
        """Return the factors of a problem."""
        largest = float(np.abs(np.column_stack([problem.stop_cost, problem.never_stop_cost])).max())
        rounding = ROUNDING * (problem.n_observations + 4) * np.finfo(np.float64).eps * largest
        sharp = None
        if np.array_equal(problem.transition, np.eye(2)):
            coefficient = min(1.0, float(np.sqrt(problem.likelihood.prod(axis=0)).sum()))
            sharp = 0.5 / (1 - problem.discount * coefficient)
        return cls(1 / (1 - problem.discount), sharp, rounding)

    def bound(self, value: Hinges, after: Hinges) -> tuple[float, float]:
        """Return the error bound of a value, and its largest residual."""
        points, values = value.corners()
        residual = np.maximum(values - np.interp(points, *after.corners()), 0.0)
        largest = float(residual.max())
        error = self.plain * largest
        if self.sharp is not None:
            at_vertices = float(max(residual[0], residual[-1]))
            inner = points[1:-1]
            weighted = (residual[1:-1] - at_vertices) / np.sqrt(inner * (1 - inner))
            better = self.plain * at_vertices + self.sharp * max(0.0, float(weighted.max(initial=0.0)))
            error = min(error, better)
        return error + self.plain * self.rounding, largest


def _lowered(function: Hinges, amount: float) -> Hinges:
    return Hinges(function.line - amount, function.hinges)


def _stop_regions(following: Hinges, stop: Floats, slack: float) -> tuple[tuple[Interval, ...], ...]:
    regions = []
    for a, line in enumerate(stop):
        rival = following
        for other, rival_line in enumerate(stop):
            if other != a:
                rival = minimum(rival, rival_line)
        part = above(rival, line, slack)
        regions.append(() if part is None else (Interval(*part),))
    return tuple(regions)
