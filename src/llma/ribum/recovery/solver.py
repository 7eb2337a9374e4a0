"""A linear programme, and its solution by HiGHS with every status checked.

A programme can fail in two honest ways: no point satisfies its rows, or the objective grows for ever. Both
raise, with an explanation that the caller supplies, because only the caller knows what the rows mean.
Anything else that is not an optimum is an error of the solver.

>>> import numpy as np
>>> one = np.ones(1)
>>> solve(Program(one, sparse.csr_array([[2.0]]), one, 0 * one, one), "", "").value
0.5
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from llma.checks import Floats

TOLERANCE = 1e-9
"""Feasibility tolerance asked of the solver."""


DENSE = 20_000
"""Entries up to which rows go to the solver as a full table, which has less to be checked on the way."""


class InfeasibleError(ValueError):
    """No point satisfies the rows."""


class UnboundedError(ValueError):
    """The objective grows for ever."""


@dataclass(frozen=True, eq=False)
class Program:
    """Maximise objective @ v subject to rows @ v <= bound and lower <= v <= upper.

    Parameters
    ----------
    objective : ndarray, shape (N,)
        What is maximised.
    rows : sparse array, shape (R, N)
        Left sides.
    bound : ndarray, shape (R,)
        Right sides.
    lower, upper : ndarray, shape (N,)
        Bounds of the variables, possibly infinite.
    """

    objective: Floats
    rows: sparse.csr_array
    bound: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """An optimum: its value, the point (N,), and the multipliers of the rows (R,), non-negative."""

    value: float
    point: Floats
    multipliers: Floats


def solve(program: Program, infeasible: str, unbounded: str) -> Solution:
    """Return an optimum.

    Parameters
    ----------
    program : Program
        What to solve.
    infeasible, unbounded : str
        Why this can happen and what helps; the text of the error.

    Raises
    ------
    InfeasibleError
        If no point satisfies the rows.
    UnboundedError
        If the objective has no bound.
    RuntimeError
        If the solver gives up.

    Examples
    --------
    >>> one = np.ones(1)
    >>> solve(Program(one, sparse.csr_array([[2.0]]), one, 0 * one, one), "", "").value
    0.5
    """
    small = program.rows.shape[0] * program.rows.shape[1] <= DENSE
    # Presolve finds little in programmes of this size, and it can end without saying whether a programme is
    # infeasible or unbounded; so it comes second, when the simplex method has stopped without an answer.
    for method, presolve in (("highs", False), ("highs", True), ("highs-ipm", True)):
        result = linprog(
            -program.objective,
            A_ub=program.rows.toarray() if small else program.rows,
            b_ub=program.bound,
            bounds=np.column_stack([program.lower, program.upper]),
            method=method,
            options={
                "presolve": presolve,
                "primal_feasibility_tolerance": TOLERANCE,
                "dual_feasibility_tolerance": TOLERANCE,
            },
        )
        if result.status == 0:
            multipliers = np.asarray(-result.ineqlin.marginals)
            return Solution(0.0 - float(result.fun), np.asarray(result.x), multipliers)
        if result.status == 2:
            raise InfeasibleError(infeasible)
        if result.status == 3:
            raise UnboundedError(unbounded)
    raise RuntimeError(f"the solver gave up: {result.message}")
