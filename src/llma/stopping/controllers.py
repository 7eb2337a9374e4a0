r"""The plan behind the lines, and what it costs: policy iteration for two states.

Plan. A piece of the value stands for a plan: stop with some action, or pay c and go on with the piece that
holds the next belief. Choose one belief in each piece, and let the plan follow the pieces that are reached
from there. That is a *finite-state controller*: from piece j it stops, or after observation y moves to piece
s(j, y). Its cost from each piece is linear in the belief, with coefficients that solve

.. math:: \alpha_j = c + \rho \sum_y P B_y\, \alpha_{s(j, y)}, \qquad \alpha_j = c_a \text{ where it stops.}

Why. Each :math:`\alpha_j^\top\pi` is the cost of something that one can do, so it is an upper bound of the
value at *every* belief, and so is the minimum of all of them. Value iteration looks one step further in each
step; a controller looks to the end. Between the two, a few steps settle the pieces and the equation does the
rest.

Reference. Hansen, "Solving POMDPs by Searching in Policy Space", Uncertainty in Artificial Intelligence 14,
1998.
"""

from __future__ import annotations

import numpy as np

from llma.checks import Floats
from llma.stopping.hinges import Hinges, merged

MOST_PIECES = 160
"""A controller has at most so many pieces; a value with more is simplified before its plan is read off."""


def improved(
    value: Hinges, following: Hinges, stop: Floats, maps: Floats, running: Floats, *, height: float
) -> Hinges:
    """Return the minimum of a value and of the cost of the controller behind it.

    Parameters
    ----------
    value : Hinges
        An upper bound of the value: the minimum of `following` and of the stop lines.
    following : Hinges
        Cost of continuing.
    stop : ndarray, shape (U, 2)
        Stop lines.
    maps : ndarray, shape (Y, 2, 2)
        Discount times P diag(B[:, y]).
    running : ndarray, shape (2,)
        Cost of a step.
    height : float
        Where simplification begins if there are too many pieces.

    Returns
    -------
    Hinges
    """
    plan = value
    for _ in range(20):
        if len(plan.hinges) < MOST_PIECES:
            break
        height *= 4
        plan = merged(plan, height, 4)
    else:
        return value
    alpha = controller_cost(plan, following, stop, maps, running)
    return envelope(np.concatenate([value.lines, alpha]))


def controller_cost(plan: Hinges, following: Hinges, stop: Floats, maps: Floats, running: Floats) -> Floats:
    """Return the cost of the controller from each piece of the plan, as lines, shape (n, 2)."""
    points, _ = plan.corners()
    q = (points[:-1] + points[1:]) / 2
    belief = np.stack([1 - q, q], axis=1)
    at_once = belief @ stop.T  # (n, U)
    action = at_once.argmin(axis=1)
    halts = at_once.min(axis=1) <= following.at(q)
    joint = np.einsum("nx,yxz->nyz", belief, maps)  # discounted p(next state, y), shape (n, Y, 2)
    chance = joint.sum(axis=2)
    seen = np.divide(joint[..., 1], chance, out=np.zeros_like(chance), where=chance > 0)
    after = np.searchsorted(points[1:-1], seen)  # (n, Y)
    n, go = len(q), np.flatnonzero(~halts)
    system = np.zeros((2, n, 2, n))  # [x, j, z, i]: what line j at state x takes of line i at state z
    for y, table in enumerate(maps):
        for x, z in zip(*np.nonzero(table), strict=True):
            system[x, go, z, after[go, y]] += table[x, z]
    constant = np.where(halts[:, None], stop[action], running)  # (n, 2)
    if not system[0, :, 1].any() and not system[1, :, 0].any():
        alone = [np.linalg.solve(np.eye(n) - system[x, :, x], constant[:, x]) for x in (0, 1)]
        return np.asarray(np.stack(alone, axis=1))
    matrix = np.eye(2 * n) - system.reshape(2 * n, 2 * n)
    return np.asarray(np.linalg.solve(matrix, constant.T.ravel()).reshape(2, n).T)


def envelope(lines: Floats) -> Hinges:
    """Return the minimum of many lines, given by their values at q = 0 and q = 1, shape (n, 2).

    Sorted by slope, each line is compared with the last one kept only: n log n in all.

    Examples
    --------
    >>> envelope(np.array([[0.0, 2.0], [2.0, 0.0], [1.5, 1.5], [0.9, 0.9]])).cuts
    array([0.45, 0.55])
    """
    slope = lines[:, 1] - lines[:, 0]
    kept: list[tuple[float, float]] = []
    cuts: list[float] = []
    for low, high in lines[np.lexsort((lines[:, 0], -slope))].tolist():
        begins = 0.0
        while kept:
            before = kept[-1]
            fall = (before[1] - before[0]) - (high - low)
            if fall <= 0:  # parallel, and the line kept is the lower one
                begins = 1.0
                break
            begins = (low - before[0]) / fall
            if begins > (cuts[-1] if cuts else 0.0):
                break
            kept.pop()
            if cuts:
                cuts.pop()
            begins = 0.0
        if begins >= 1:
            continue
        if kept:
            cuts.append(begins)
        kept.append((low, high))
    pieces = np.array(kept)
    hinges = np.diff(pieces, axis=0)
    proper = (hinges[:, 0] > 0) & (hinges[:, 1] < 0)
    if not proper.all():  # corners at 0 or 1 within rounding
        falling = (hinges[:, 0] <= 0) & (hinges[:, 1] <= 0)
        return Hinges(pieces[0] + hinges[falling].sum(axis=0), hinges[proper])
    return Hinges(pieces[0], hinges)
