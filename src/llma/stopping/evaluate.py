r"""The exact cost of a given stop region, optimal or not, at every belief.

If one stops where q = belief[1] lies in a given set and continues elsewhere, the cost is the fixed point of

.. math:: J(\pi) = \begin{cases} \min_a c_a^\top\pi & \text{in the set},\\
    c^\top\pi + \rho \sum_u \sigma_u(\pi) J(T_u\pi) & \text{elsewhere,} \end{cases}

which is piecewise linear and jumps, in general, at the ends of the set and wherever a message can throw the
belief on the other side of one. It is computed by `llma.stopping.recursion`, with a proved error bound. No
simulation is needed to compare two thresholds.
"""

from __future__ import annotations

import numpy as np

from llma.social import SocialLearning
from llma.stopping.crowd import as_pieces, crowd_motion
from llma.stopping.hinges import hinges_of_minimum
from llma.stopping.model import CentralControl
from llma.stopping.pieces import Pieces, cells, inside, linear, partition, refined
from llma.stopping.recursion import continued, everywhere, iterate
from llma.stopping.solution import Interval


def policy_cost(
    problem: CentralControl, region: tuple[Interval, ...], tolerance: float = 1e-8
) -> tuple[Pieces, float]:
    """Return the cost of stopping in a region and continuing elsewhere, and a bound on its error.

    Parameters
    ----------
    problem : CentralControl
        Two states that do not move.
    region : tuple of Interval
        Where to stop.
    tolerance : float
        The error that is allowed, in units of cost.

    Returns
    -------
    Pieces, float

    Raises
    ------
    ValueError
        If the problem has more than two states, or the state moves.

    Examples
    --------
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> for threshold in (0.6, 0.8344, 0.95):
    ...     print(threshold, policy_cost(problem, (Interval(threshold, 1.0),))[0].at(0.5).round(4))
    0.6 2.6376
    0.8344 2.0917
    0.95 2.3043
    """
    if problem.n_states != 2 or not np.array_equal(problem.transition, np.eye(problem.n_states)):
        raise ValueError(
            "policy_cost: needs two states and a state that does not move; simulate the policy instead"
        )
    stop, never = as_pieces(hinges_of_minimum(problem.stop_cost.T)), linear(problem.never_stop_cost)
    motion = everywhere(problem.likelihood, problem.continue_cost)
    if problem.cost is not None:
        crowd = SocialLearning(problem.likelihood, problem.cost, tie=problem.tie)
        motion = crowd_motion(crowd, np.tile(problem.continue_cost[:, None], crowd.n_actions))
    edges = np.array([end for part in region for end in part])

    def imposed(following: Pieces) -> Pieces:
        points = partition(following.points, stop.points, edges)
        halts = inside(cells(points), region)
        return Pieces(points, np.where(halts[:, None], refined(stop, points), refined(following, points)))

    value, bound, _ = iterate(
        lambda after: imposed(continued(after, motion, problem.discount)),
        imposed(never),
        problem.discount,
        tolerance,
        float(np.abs(np.concatenate([stop.lines, never.lines])).max()),
    )
    return value, bound
