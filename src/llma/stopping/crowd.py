r"""Social learning as a continuation, and social learning as what follows a stop.

Rule. Agents who act in turn (`llma.social`) send their actions. Which observation leads to which action
changes with the public belief only where, after some observation, two actions tie. These points cut q =
belief[1] into cells; on each the law :math:`R_u(x)` of the action is constant, and at the points it is what
the tie rule says. In a cascade R is the same for all states and the belief is frozen.

Continuation "social". The controller pays :math:`c^\top\pi` a step and lets the next agent act on its own. A
frozen belief stays frozen, so that in a cascade exactly :math:`V = \min\{C_s, c^\top\pi/(1 - \rho)\}`. Where
agents still learn, the recursion of `llma.stopping.recursion` is used. V is in general neither concave nor
continuous.

Hand-over. Here the controller reveals while it continues, and by stopping leaves the agents to themselves:
each of them costs the controller w(x, u). The stop cost is then the value S of a crowd,

.. math:: S(\pi) = \sum_x \pi(x) \sum_u R_u(x) w(x, u) + \rho \sum_u \sigma_u(\pi) S(R_u\pi/\sigma_u),

in a cascade on u exactly :math:`w_u^\top\pi/(1 - \rho)`. It jumps at the ends of the learning region.

Reference. Krishnamurthy, "Quickest Detection POMDPs with Social Learning", IEEE Transactions on Information
Theory 58, 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats
from llma.social import SocialLearning
from llma.stopping.hinges import Hinges, hinges_of_minimum
from llma.stopping.pieces import Pieces, cells, crossings, ends, intervals, linear, partition, refined
from llma.stopping.recursion import Motion, cheaper, continued, everywhere, iterate
from llma.stopping.solution import Solution, threshold_of

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

TIE = 1e-12
"""Continuing counts as no better than stopping if it saves less than this share of the cost scale."""

ROUNDING = 1e-11
"""At an end of a part of the stop region, a difference that is a smaller share of the cost scale is a tie."""


@dataclass(frozen=True, eq=False)
class HandOver:
    """A controller who reveals at a cost, or stops and leaves the agents to learn from each other.

    Parameters
    ----------
    crowd : SocialLearning
        The agents: two states, any tie rule but "follow".
    continue_cost : array_like, shape (2,)
        Cost of one revealing step in each state.
    action_cost : array_like, shape (2, U)
        What each action of an agent costs the controller in each state, *per agent*.
    discount : float
        Between 0 and 1 (1 excluded).

    Raises
    ------
    ValueError
        If the crowd has more than two states or follows predecessors, or the tables do not fit.

    Examples
    --------
    The cost of leaving a crowd to itself jumps down where agents begin to learn.

    >>> crowd = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
    >>> problem = HandOver(crowd, [0.5, 0.5], [[0, 1], [1, 0]], discount=0.95)
    >>> problem.stop_value(1e-9)[0].at([0.299, 0.3015]).round(3)
    array([5.98 , 4.039])
    """

    crowd: SocialLearning
    continue_cost: Floats
    action_cost: Floats
    discount: float

    def __init__(
        self, crowd: SocialLearning, continue_cost: ArrayLike, action_cost: ArrayLike, discount: float
    ) -> None:
        check_crowd(crowd)
        running = checks.real_array(continue_cost, "continue_cost", ndim=1)
        if len(running) != 2:
            raise ValueError(f"continue_cost: has {len(running)} entries; expected 2, one a state")
        values = {
            "crowd": crowd,
            "continue_cost": running,
            "action_cost": checks.cost_matrix(action_cost, "action_cost", 2, crowd.n_actions),
            "discount": checks.discount(discount),
        }
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    def stop_value(self, tolerance: float = 1e-9) -> tuple[Pieces, float]:
        """Return the total cost of leaving the crowd to itself, and a bound on its error."""
        motion = crowd_motion(self.crowd, self.action_cost)
        frozen = self.action_cost.T / (1 - self.discount)  # (U, 2)
        start = as_pieces(hinges_of_minimum(frozen))
        value, bound, _ = iterate(
            lambda after: continued(after, motion, self.discount),
            start,
            self.discount,
            tolerance,
            float(np.ptp(frozen)),
        )
        return value, bound

    def solve(self, tolerance: float = 1e-8) -> Solution:
        """Return the value and where to hand over; half of the tolerance goes to the crowd's own value."""
        stop, off = self.stop_value(tolerance / 2)
        motion = everywhere(self.crowd.likelihood, self.continue_cost)
        never = linear(self.continue_cost / (1 - self.discount))
        return solve_with_jumps(stop, never, motion, self.discount, tolerance / 2, stop_error=off)


def solve_social(problem: CentralControl, cost: Floats, tolerance: float) -> Solution:
    """Return the solution of a two-state problem with ``continuation="social"`` and these agents' cost."""
    crowd = SocialLearning(problem.likelihood, cost, tie=problem.tie)
    motion = crowd_motion(crowd, np.tile(problem.continue_cost[:, None], crowd.n_actions))
    stop = as_pieces(hinges_of_minimum(problem.stop_cost.T))
    never = linear(problem.never_stop_cost)
    return solve_with_jumps(stop, never, motion, problem.discount, tolerance, stop_lines=problem.stop_cost.T)


def solve_with_jumps(
    stop: Pieces,
    never: Pieces,
    motion: Motion,
    discount: float,
    tolerance: float,
    *,
    stop_error: float = 0.0,
    stop_lines: Floats | None = None,
) -> Solution:
    """Return the solution of a stopping problem whose stop cost or whose filter may jump.

    Parameters
    ----------
    stop, never : Pieces
        Cost of stopping at once, and of never stopping.
    motion : Motion
        How the belief moves while the controller continues, and what a step costs.
    discount, tolerance : float
        The discount, and the error of the value that is allowed.
    stop_error : float
        How far `stop` itself may be off; it is added to the error bound.
    stop_lines : ndarray, shape (U, 2), optional
        The lines of which `stop` is the minimum, if it is one.
    """
    scale = max(float(np.abs(stop.lines).max()), float(np.abs(never.lines).max()))
    value, bound, steps = iterate(
        lambda after: cheaper(continued(after, motion, discount), stop),
        cheaper(never, stop),
        discount,
        tolerance,
        scale,
    )
    following = continued(value, motion, discount, stop.points)
    bound += stop_error
    off = discount * bound + stop_error
    points, halts = _stops(following, stop, TIE * scale, ROUNDING * scale)
    region = intervals(points, halts)
    threshold, side, reason = threshold_of(region)
    actions = [np.ones(len(halts), dtype=np.bool_)]
    if stop_lines is not None:
        loss = [refined(stop, points) - line for line in stop_lines]
        actions = [np.minimum(*ends(points, off)) >= -TIE * scale for off in loss]
    return Solution(
        value=value,
        continue_value=following,
        stop_value=stop,
        stop_region=region,
        certain_stop_region=intervals(*_stops(following, stop, -off, ROUNDING * scale)),
        possible_stop_region=intervals(*_stops(following, stop, off + TIE * scale, ROUNDING * scale)),
        stop_regions_by_action=tuple(intervals(points, halts & best) for best in actions),
        threshold=threshold,
        side=side,
        reason=reason,
        error_bound=bound,
        steps=steps,
        n_pieces=len(value.points) - 1,
    )


def crowd_motion(crowd: SocialLearning, action_cost: Floats) -> Motion:
    """Return how the public belief of social learners moves, when action u in state x costs w(x, u)."""
    weight = crowd.likelihood[:, :, None] * crowd.regret[:, None, :]  # (2, Y, U)
    gap = (weight[:, :, :, None] - weight[:, :, None, :]).reshape(2, -1)
    low, high = gap[:, gap[0] * gap[1] < 0]
    points = partition(low / (low - high))
    q = cells(points)
    rule = crowd.public_likelihood(np.stack([1 - q, q], axis=1))  # (cells, 2, U)
    same = (np.abs(rule[1:-2:2] - rule[2:-1:2]) + np.abs(rule[3::2] - rule[2:-1:2])).max(axis=(1, 2)) == 0
    kept = np.ones(len(q), dtype=np.bool_)
    kept[2:-1:2][same] = kept[3::2][same] = False
    points = points[np.concatenate([[True], ~same, [True]])]
    return Motion(points, rule[kept], (rule[kept] * action_cost).sum(axis=2))


def as_pieces(function: Hinges) -> Pieces:
    """Return a concave piecewise-linear function in the form that allows jumps."""
    points = partition(function.cuts)
    q = cells(points)
    return Pieces(points, function.lines[np.searchsorted(function.cuts, q)])


def check_crowd(crowd: SocialLearning) -> None:
    """Refuse a crowd whose public belief is not one number.

    Raises
    ------
    ValueError
        If it has more than two states, or follows predecessors.
    """
    if crowd.n_states != 2:
        raise ValueError(f"crowd: has {crowd.n_states} states; expected 2")
    if crowd.tie == "follow":
        raise ValueError(
            "tie: with 'follow' the last action is part of the state; use 'low', 'own' or 'coin'"
        )
    if crowd.update != "bayes":
        raise ValueError(
            f"update: is {crowd.update!r}; the controller's belief follows Bayes' rule ('bayes')"
        )


def _stops(
    following: Pieces, stop: Pieces, slack: float, rounding: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a partition, and on which of its cells stopping costs at most `slack` more than continuing.

    Where the two costs cross, the difference is zero up to `rounding`, a tie, which stops: such a point
    belongs to the part that it ends, and a gap between two parts that is nowhere larger is none.
    """
    points = partition(following.points, stop.points)
    gap = refined(following, points) - refined(stop, points) + slack
    points = partition(points, crossings(points, gap))
    gap = refined(following, points) - refined(stop, points) + slack
    saved = np.add(*ends(points, gap)) / 2
    halts, close = saved >= 0, saved >= -rounding
    beside = np.concatenate([[False], halts[1::2]]) | np.concatenate([halts[1::2], [False]])
    halts[::2] |= close[::2] & beside
    halts[1::2] |= close[1::2] & halts[:-1:2] & halts[2::2]
    return points, halts
