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

Stopping rule and error bound. Let :math:`\hat V` be the last iterate and :math:`r = \max_q (\hat V - \mathcal
T\hat V)^+`, computed at the corners of :math:`\hat V`, where the largest value of a difference of two concave
piecewise-linear functions is attained. Then

.. math:: \hat V - \frac{r}{1 - \rho} \le V \le \hat V.

Proof. :math:`\mathcal T` is monotone, and :math:`\mathcal T(\hat V - k) \ge \mathcal T \hat V - \rho k` for
:math:`k \ge 0`. With :math:`k = r/(1-\rho)`: :math:`\mathcal T(\hat V - k) \ge \hat V - r - \rho k = \hat V -
k`. Iterating, the left-hand side goes to V. The bound holds whatever was merged on the way. It stops when the
bound is below the tolerance.

Regions. The true cost of continuing lies between :math:`\hat Q - \rho r/(1-\rho)` and :math:`\hat Q`. Where
the upper one is below the stop cost it is certainly best to continue; where the lower one is not, certainly
best to stop. Both sets are intervals for each action, because their differences are concave.

Reference. Smallwood and Sondik, Operations Research 21, 1973 (finitely many lines); Krishnamurthy, *Partially
Observed Markov Decision Processes*, 2016, chapter 12.
"""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np

from llma.checks import Floats
from llma.stopping.hinges import MERGE_PASSES, Hinges, above, hinges_of_minimum, images, merged, minimum
from llma.stopping.solution import Interval, Solution, threshold_of, union

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

TIE = 1e-12
"""Continuing counts as no better than stopping if it saves less than this share of the cost scale."""

CHECK_EVERY = 6
"""Steps between two computations of the error bound, which costs about as much as a step."""

COARSE = 0.01
"""In early steps, corners as high as this share of the present error (over the passes) may be cut off."""


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
    residual = tolerance * (1 - problem.discount)
    value = hinges_of_minimum(np.vstack([stop, problem.never_stop_cost]))
    scale = max(1.0, float(np.ptp(value.corners()[1])))
    most = 2 * CHECK_EVERY
    if problem.discount > 0:
        most += max(0, ceil(log(residual / (8 * scale)) / log(problem.discount)))
    steps, gap = 0, scale
    while gap > residual and steps <= most:
        # Early steps need not be more precise than what they still miss.
        height = max(COARSE * gap, residual / 2) / MERGE_PASSES
        for _ in range(CHECK_EVERY):
            value = merged(_bellman(value, maps, problem.continue_cost, stop), height)
        steps += CHECK_EVERY
        gap = _residual(value, _bellman(value, maps, problem.continue_cost, stop))
    if gap > residual:
        raise ValueError(
            f"tolerance: {tolerance:g} is not reached; the bound is {gap / (1 - problem.discount):.2g} after "
            f"{steps} steps, which is rounding; ask for less"
        )
    bound = gap / (1 - problem.discount)
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


def _residual(value: Hinges, after: Hinges) -> float:
    points, values = value.corners()
    return max(0.0, float((values - np.interp(points, *after.corners())).max()))


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
