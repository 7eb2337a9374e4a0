r"""The shortest vector that satisfies linear inequalities: a dual active-set method.

Problem. :math:`\min \frac12 \|z\|^2` such that :math:`Gz \ge h`, rows of G of length one. The solution is
characterised by multipliers: :math:`z = G^\top \lambda`, :math:`\lambda \ge 0`, and :math:`\lambda_i = 0`
wherever :math:`(Gz)_i > h_i`.

Algorithm. Keep a set A of independent rows that hold with equality, with multipliers :math:`\lambda_A \ge 0`;
at the start A is empty and z = 0. While a row q is violated, take the most violated and raise its multiplier.
To keep the rows of A tight, their multipliers fall at the rates r, where r solves
:math:`\min \|g_q - G_A^\top r\|`, and z moves along the residual :math:`d = g_q - G_A^\top r`, until q is
tight, and add it to A; or until a multiplier of A reaches zero, and drop that row from A. If d = 0 and no
multiplier falls, the inequalities exclude each other. Every tightening increases :math:`\|z\|`, which is
determined by A; no A comes twice and the method ends.

After each change of A the point and the multipliers are solved anew from A, so rounding does not add up. Rows
that arrive later (cutting planes) start from the set reached so far.

Reference. Goldfarb and Idnani, Mathematical Programming 27, 1983.

>>> z, multipliers = least_distance(np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([1.0, 2.0]))
>>> z, multipliers
(array([1.2, 1.6]), array([0., 2.]))
"""

from __future__ import annotations

import numpy as np

from llma.checks import Floats

VIOLATED = 1e-9
"""A row is satisfied if it is short of its level by no more than this (rows have length one)."""

DEPENDENT = 1e-7
"""A row whose distance from the span of the tight rows is smaller counts as lying in it."""

STEPS = 100
"""Steps allowed, as a multiple of the number of rows."""


def least_distance(gradients: Floats, levels: Floats, start: Floats | None = None) -> tuple[Floats, Floats]:
    """Return the shortest z with ``gradients @ z >= levels``, and its multipliers.

    Parameters
    ----------
    gradients : ndarray, shape (F, n)
        Rows of length one.
    levels : ndarray, shape (F,)
    start : ndarray, shape (E,), optional
        Multipliers returned for the first E rows; the search starts from them.

    Returns
    -------
    z : ndarray, shape (n,)
    multipliers : ndarray, shape (F,)
        Non-negative, with ``gradients.T @ multipliers = z``, and zero where a row is not tight.

    Raises
    ------
    RuntimeError
        If no z satisfies the inequalities, or the steps run out.

    Examples
    --------
    >>> least_distance(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0]))
    Traceback (most recent call last):
    ...
    RuntimeError: least distance: no point satisfies the inequalities
    """
    active = [] if start is None else [int(i) for i in np.flatnonzero(start > 0)]
    z, weights = _solve(gradients, levels, active)
    if (weights < 0).any():  # rounding has spoiled the start
        active = []
        z, weights = _solve(gradients, levels, active)
    steps = STEPS * max(len(levels), 1)
    while True:
        slack = gradients @ z - levels
        entering = int(slack.argmin()) if len(slack) else 0
        if not len(slack) or slack[entering] >= -VIOLATED:
            break
        raised = 0.0
        while True:
            steps -= 1
            if steps < 0:
                raise RuntimeError(f"least distance: not solved in {STEPS} steps a row")
            row = gradients[entering]
            rates = np.linalg.lstsq(gradients[active].T, row, rcond=None)[0] if active else np.zeros(0)
            direction = row - rates @ gradients[active] if active else row
            falling = np.flatnonzero(rates > 0)
            ratios = weights[falling] / rates[falling]
            first = int(ratios.argmin()) if len(ratios) else -1
            dropping = float(ratios[first]) if len(ratios) else np.inf
            square = float(direction @ direction)
            needed = (levels[entering] - row @ z) / square if square > DEPENDENT**2 else np.inf
            if not np.isfinite(min(dropping, needed)):
                raise RuntimeError("least distance: no point satisfies the inequalities")
            step = min(dropping, needed)
            weights = weights - step * rates
            raised += step
            if square > DEPENDENT**2:
                z = z + step * direction
            if needed <= dropping:
                active.append(entering)
                z, weights = _solve(gradients, levels, active)
                weights = np.maximum(weights, 0.0)
                break
            gone = int(falling[first])
            del active[gone]
            weights = np.maximum(np.delete(weights, gone), 0.0)
    multipliers = np.zeros(len(levels))
    multipliers[active] = np.maximum(weights, 0.0)
    return z, multipliers


def _solve(gradients: Floats, levels: Floats, active: list[int]) -> tuple[Floats, Floats]:
    """Return the shortest z on which the active rows are tight, and their multipliers."""
    if not active:
        return np.zeros(gradients.shape[1]), np.zeros(0)
    rows = gradients[active]
    q, r = np.linalg.qr(rows.T)
    inner = np.linalg.solve(r.T, levels[active])
    return np.asarray(q @ inner), np.asarray(np.linalg.solve(r, inner))
