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
that r/g is largest at an end. Bound (ii) does not blow up as the discount goes to one: what limits the
controller's ignorance is then the sensor.

Regions. The true cost of continuing lies between :math:`\hat Q - \rho r/(1-\rho)` and :math:`\hat Q`. Where
the upper one is below the stop cost it is certainly best to continue; where the lower one is not, certainly
best to stop. Both sets are intervals for each action, because their differences are concave.

Reference. Smallwood and Sondik, Operations Research 21, 1973 (finitely many lines); Krishnamurthy, *Partially
Observed Markov Decision Processes*, 2016, chapter 12.
"""

from __future__ import annotations

from math import ceil, log, log2
from typing import TYPE_CHECKING

import numpy as np

from llma.checks import Floats
from llma.stopping.hinges import Hinges, above, hinges_of_minimum, images, merged, minimum
from llma.stopping.solution import Interval, Solution, threshold_of, union

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

TIE = 1e-12
"""Continuing counts as no better than stopping if it saves less than this share of the cost scale."""

CHECK_EVERY = 6
"""Steps between two computations of the error bound, which costs about as much as a step."""

COARSE = 0.02
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
    maps = problem.discount * (problem.transition @ _diagonals(problem.likelihood))  # (Y, 2, 2)
    stop = problem.stop_cost.T  # (U, 2)
    value = hinges_of_minimum(np.vstack([stop, problem.never_stop_cost]))
    scale = max(1.0, float(np.ptp(value.corners()[1])))
    finest = tolerance * (1 - problem.discount)
    most = 3 * CHECK_EVERY
    if problem.discount > 0:
        most += max(0, ceil(log(finest / (8 * scale)) / log(problem.discount)))
    residual_to_bound = _bound_factors(problem)
    height, bound = COARSE * scale, np.inf
    passes = 2 + ceil(log2(problem.n_observations))  # a step multiplies the hinges by the observations
    for steps in range(1, most + 1):
        after = _bellman(value, maps, problem.continue_cost, stop)
        if steps % CHECK_EVERY == 0:
            bound, gap = _bound(value, after, *residual_to_bound)
            if bound <= tolerance:
                break
            # Early steps need not be more precise than what they still miss.
            height = COARSE * gap * max(1.0, tolerance / bound)
        value = merged(after, height, passes)
    else:
        raise ValueError(
            f"tolerance: {tolerance:g} is not reached; the bound is {bound:.2g} after {most} steps, which is "
            "rounding; ask for less"
        )
    following = images(value, maps, problem.continue_cost)
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


def _diagonals(likelihood: Floats) -> Floats:
    return np.asarray(likelihood.T[:, :, None] * np.eye(2))


def _bellman(value: Hinges, maps: Floats, running: Floats, stop: Floats) -> Hinges:
    after = images(value, maps, running)
    for line in stop:
        after = minimum(after, line)
    return after


def _bound_factors(problem: CentralControl) -> tuple[float, float | None]:
    """Return 1/(1 - rho), and 1/(2 (1 - rho beta)) if the state does not move."""
    plain = 1 / (1 - problem.discount)
    if not np.array_equal(problem.transition, np.eye(2)):
        return plain, None
    coefficient = min(1.0, float(np.sqrt(problem.likelihood.prod(axis=0)).sum()))
    return plain, 0.5 / (1 - problem.discount * coefficient)


def _bound(value: Hinges, after: Hinges, plain: float, sharp: float | None) -> tuple[float, float]:
    """Return the error bound of `value`, and its largest residual."""
    points, values = value.corners()
    residual = np.maximum(values - np.interp(points, *after.corners()), 0.0)
    largest = float(residual.max())
    if sharp is None:
        return plain * largest, largest
    at_vertices = max(residual[0], residual[-1])
    inner = points[1:-1]
    weighted = (residual[1:-1] - at_vertices) / np.sqrt(inner * (1 - inner))
    better = plain * at_vertices + sharp * max(0.0, float(weighted.max(initial=0.0)))
    return min(plain * largest, better), largest


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
