r"""More than two states, continuing reveals: a value from above and from below, with a proved gap.

Problem. :math:`V = \mathcal T V` for any number X of states and any transition P, where

.. math::

    \mathcal T f(\pi) = \min\Big\{&\min_a c_a^\top\pi,\\
    &c^\top\pi + \rho \sum_y \sigma(\pi, y) f(T(\pi, y))\Big\} .

With two states `llma.stopping.reveal` is faster and finer.

From above. :math:`\hat V(\pi) = \min_i \alpha_i^\top\pi`, where each plane is the cost of a plan: stop with
a; never stop; pay c and follow plane s(y) after observation y, which costs

.. math:: \alpha = c + \rho \sum_y P B_y\, \alpha_{s(y)};

or a finite-state controller that goes on by such a rule for ever. What a plan costs is an upper bound of V at
*every* belief, whatever the belief for which it was made. So :math:`\hat V \ge V`.

From below. Let :math:`r = (\hat V - \mathcal T\hat V)^+`.

(i) If :math:`r \le \varepsilon` everywhere, then :math:`V \ge \hat V - \varepsilon/(1-\rho)`.

(ii) If the state does not move, put :math:`g(\pi) = \sum_{x<z} \sqrt{\pi(x)\pi(z)}` and :math:`\beta` = the
largest :math:`\sum_y \sqrt{B_{xy}B_{zy}}` of two states x < z. If :math:`r \le \varepsilon + \mu g`, then
:math:`V \ge \hat V - \varepsilon/(1-\rho) - \mu g/(1-\rho\beta)`, and :math:`g \le (X-1)/2`.

Proof. (ii) :math:`\sqrt{\pi(x)\pi(z)}` times :math:`\sqrt{B_{xy}B_{zy}}` is :math:`\sigma(\pi, y)` times the
same root at :math:`T(\pi, y)`; sum over y and over pairs: :math:`\sum_y \sigma\, g(T) \le \beta g`. So
lowering the argument of :math:`\mathcal T` by :math:`w = \varepsilon/(1-\rho) + \mu g/(1-\rho\beta)` lowers
the result by at most :math:`w - \varepsilon - \mu g`, and :math:`\mathcal T(\hat V - w) \ge \hat V - w`.
Iterating, the left-hand side goes to V. (i) is :math:`\mu = 0`, and needs nothing of P. Last,
:math:`2g + 1 = (\sum_x \sqrt{\pi(x)})^2 \le X`.

Finitely many looks. On a region where one plane is least, :math:`\hat V` is linear and :math:`\mathcal T\hat
V` concave, so r is convex and :math:`r - \varepsilon - \mu g` too: the hypotheses hold everywhere if they
hold at the corners of the regions (`llma.stopping.planes`).

Algorithm. Until the gap is below the tolerance or the planes are too many: list the corners; add the one-step
plans of corners where r is large; add the controller that follows the planes (policy iteration); drop planes
that are nowhere least. It may stop at any time: the gap is proved from the planes at hand.

Rounding. The corners come from Qhull in floating point. An allowance for that is part of the gap.

Reference. Cheng, "Algorithms for partially observable Markov decision processes", PhD thesis, University of
British Columbia, 1988; Hansen, Uncertainty in Artificial Intelligence 14, 1998.

>>> from llma.stopping import CentralControl
>>> sensor = [[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]
>>> solution = solve_simplex(CentralControl(sensor, [0.1, 0.3, 0.6], [10, 4, 0], 0.9), 0.01)
>>> solution.converged, round(float(solution.upper([0.4, 0.3, 0.3])), 1)
(True, 2.0)
>>> solution.stop([[0.2, 0.2, 0.6], [0.0, 0.1, 0.9]]).tolist()
['continue', 'stop']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from llma.checks import Floats
from llma.stopping.certified import SimplexSolution, looked_ahead
from llma.stopping.planes import least, needed

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

SHARE = 1e-3
"""The gap asked for if none is named, as a share of the largest cost."""

MOST_PLANES = 1500
"""The search ends after the round in which more planes than these are needed."""

MOST_ROUNDS = 200
"""Rounds of a search that is not yet over."""

WORTH = 0.02
"""A corner gets a plane if its residual is this share of the largest one."""

ROUNDING = 1e-12
"""Allowance for the rounding of corners and of one step, relative to the largest cost."""

VERTEX = 1 - 1e-12
"""A belief above this in one state is certain of it."""


def solve_simplex(
    problem: CentralControl, tolerance: float | None = None, most_planes: int = MOST_PLANES
) -> SimplexSolution:
    """Return bounds of the value and a three-way stop test, for any number of states.

    Parameters
    ----------
    problem : CentralControl
        ``continuation="reveal"``; any transition.
    tolerance : float, optional
        Gap between the bounds at which the search ends, in units of cost; `SHARE` of the largest cost if it
        is not given.
    most_planes : int
        Budget: the search also ends after the round in which more planes than these are needed.

    Returns
    -------
    SimplexSolution
        Its `error_bound` is the gap that was reached, and `converged` says whether the tolerance was.

    Raises
    ------
    ValueError
        If there is only one state, the continuation is "social", or the tolerance is not positive.
    """
    if problem.n_states == 1:
        raise ValueError("solve: the problem has 1 state, so there is nothing to learn; it needs two or more")
    if problem.continuation != "reveal":
        raise ValueError("continuation: is 'social'; with more than two states only 'reveal' is solved")
    largest = float(np.abs(np.column_stack([problem.stop_cost, problem.never_stop_cost])).max())
    wanted = SHARE * largest if tolerance is None else tolerance
    if not wanted > 0:
        raise ValueError(f"tolerance: is {wanted}; expected a positive number")
    stop = problem.stop_cost.T
    planes = np.vstack([stop, problem.never_stop_cost])
    rounds = 0
    while True:
        planes, inside, corners = needed(planes)
        following, after = looked_ahead(problem, planes, corners)
        now = np.minimum(following, (corners @ stop.T).min(axis=1))
        residual = np.maximum(least(planes, corners)[0] - now, 0.0)
        gap = _gap(problem, corners, residual, ROUNDING * largest)
        rounds += 1
        if gap <= wanted or len(planes) > most_planes or rounds == MOST_ROUNDS:
            return SimplexSolution(problem, planes, gap, bool(gap <= wanted), rounds)
        worst = residual.argsort()[::-1][: max(20, len(planes) // 2)]
        worst = worst[residual[worst] > WORTH * residual.max()]
        looks = problem.continue_cost + np.einsum("yxz,nyz->nx", step_maps(problem), planes[after[worst]])
        planes = np.vstack([planes, looks, controller_planes(problem, planes, inside)])


def controller_planes(problem: CentralControl, planes: Floats, beliefs: Floats) -> Floats:
    """Return the cost of following the planes for ever, from each of n nodes, shape (n, X).

    Node i stands for plane i and decides as is best at its belief: stop, or continue, and go after each
    observation to the node whose plane is least there.

    Parameters
    ----------
    problem : CentralControl
    planes, beliefs : ndarray, shape (n, X)
    """
    n, n_states = planes.shape
    following, after = looked_ahead(problem, planes, beliefs)
    at_once = beliefs @ problem.stop_cost  # (n, U)
    halts = at_once.min(axis=1) <= following
    go = np.flatnonzero(~halts)
    final = problem.stop_cost.T[at_once.argmin(axis=1)]
    constant = np.where(halts[:, None], final, problem.continue_cost)
    maps = step_maps(problem)
    y, x, z = np.nonzero(maps)
    rows = go[:, None] * n_states + x  # (nodes that go on, entries)
    columns = after[go][:, y] * n_states + z
    entries = np.broadcast_to(maps[y, x, z], rows.shape)
    size = n * n_states
    jump = sparse.csc_matrix((entries.ravel(), (rows.ravel(), columns.ravel())), (size, size))
    solved = spsolve(sparse.identity(size, format="csc") - jump, constant.ravel())
    return np.asarray(solved.reshape(n, n_states))


def step_maps(problem: CentralControl) -> Floats:
    """Return the discount times P diag(B[:, y]), shape (Y, X, X)."""
    shown = problem.likelihood.T[:, :, None] * np.eye(problem.n_states)
    return np.asarray(problem.discount * (problem.transition @ shown))


def _gap(problem: CentralControl, corners: Floats, residual: Floats, rounding: float) -> float:
    plain = 1 / (1 - problem.discount)
    gap = plain * float(residual.max())
    if np.array_equal(problem.transition, np.eye(problem.n_states)):
        x, z = np.triu_indices(problem.n_states, 1)
        roots = np.sqrt(problem.likelihood)
        beta = min(1.0, float((roots[x] * roots[z]).sum(axis=1).max()))
        certain = corners.max(axis=1) > VERTEX
        at_vertices = float(residual[certain].max(initial=0.0))
        doubt = np.sqrt(corners[~certain][:, x] * corners[~certain][:, z]).sum(axis=1)
        slope = max(0.0, float(((residual[~certain] - at_vertices) / doubt).max(initial=0.0)))
        half = (problem.n_states - 1) / 2
        gap = min(gap, plain * at_vertices + slope * half / (1 - problem.discount * beta))
    return gap + plain * rounding
