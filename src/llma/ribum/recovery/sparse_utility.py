r"""The sparsest utility: a fixed margin, and as little utility as possible.

With the margin of all NIAS and NIAC rows fixed at :math:`\varepsilon > 0`, minimise the sum of
:math:`r_m(x,u)` over the box 0 <= r <= 1. This is a linear programme. Subtracting the smallest utility of a
state changes no row, so a minimiser has a zero in every state (whenever the restriction allows such shifts).

What it is not. Statisticians call a solution sparse if few entries differ from zero. The sum is a *surrogate*
for that number: it often has many zeros, not always the most. `exact=True` counts, by an integer programme
with one binary for each parameter, :math:`\theta_i \le b_i`; among the supports with fewest entries one is
found, and on it the sum is made smallest.

And sparse is not true: a utility with few entries is easy to read, and nothing in the data prefers it.

Reference. Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271), for the sparsest estimator.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
>>> sparsest(data, "common", margin=0.125).utility[0].round(3)
array([[0.5, 0. ],
       [0. , 0.5]])
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from llma.checks import Floats
from llma.ribum.data import ChoiceData
from llma.ribum.recovery import programs
from llma.ribum.recovery.programs import Layout
from llma.ribum.recovery.reconstruct import NEGLIGIBLE, Reconstruction, admissible, max_margin, outcome
from llma.ribum.recovery.restrictions import Restriction, restriction_of
from llma.ribum.recovery.solver import InfeasibleError, Program, solve

MAX_EXACT = 64
"""Parameters up to which the exact count of non-zero utilities is attempted."""


def sparsest(
    data: ChoiceData,
    restriction: Restriction | str = "free",
    cost: str = "kernel",
    *,
    margin: float | None = None,
    exact: bool = False,
) -> Reconstruction:
    """Return the utility of smallest sum, or with fewest non-zero parameters, at a fixed margin.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    restriction : Restriction or {"free", "common"}
        Admissible utilities.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.
    margin : float, optional
        Slack of every row, positive; half of the largest if omitted. It sets the scale.
    exact : bool
        Count non-zero parameters (an integer programme, at most `MAX_EXACT` parameters) in the place of the
        sum. The sum is a surrogate: its minimiser often has many zeros, not always the most.

    Returns
    -------
    Reconstruction

    Raises
    ------
    ValueError
        If the margin is not positive, larger than any utility in the box attains, or if no margin is
        positive at all; with `exact`, if there are too many parameters.
    RuntimeError
        If the solver gives up.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
    >>> sparsest(data, margin=0.3)
    Traceback (most recent call last):
    ...
    llma.ribum.recovery.solver.InfeasibleError: no utility in the box 0 <= r <= 1 has margin 0.3; the largest
    is 0.25
    """
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    largest = max_margin(data, rule, cost)
    if margin is None:
        if largest.bound <= NEGLIGIBLE:
            raise InfeasibleError(
                "no admissible utility makes all conditions strict (the largest margin is "
                f"{largest.bound:.2g}), so there is nothing to choose the sparsest from"
            )
        margin = largest.bound / 2
    if not margin > 0:
        raise ValueError(f"margin: is {margin:.6g}; it must be positive, or r = 0 is the sparsest")
    program, layout = programs.at_margin(programs.margin_program(data, family, cost), margin)
    impossible = (
        f"no utility in the box 0 <= r <= 1 has margin {margin:.6g}; the largest is {largest.bound:.6g}"
    )
    if exact:
        program = replace(program, upper=_fewest(program, layout, impossible))
    total = np.zeros(layout.size)
    total[layout.theta] = -family.matrix.sum(axis=0)
    program = replace(program, objective=total)
    solution = solve(program, impossible, "the sum of utilities in a box is bounded")
    name = "fewest non-zero parameters" if exact else "smallest sum of utilities"
    utility = family.utility(solution.point[layout.theta])
    return outcome(data, rule, cost, utility, bound=largest.bound, rule=name)


def _fewest(program: Program, layout: Layout, impossible: str) -> Floats:
    """Return upper bounds that are zero for all parameters outside a smallest support."""
    n = layout.n_parameters
    if n > MAX_EXACT:
        raise ValueError(f"exact: {n} parameters, at most {MAX_EXACT}; use the surrogate (exact=False)")
    # One binary a parameter: theta <= binary.
    pick = sparse.eye_array(n, layout.size)
    rows = sparse.vstack(
        [
            sparse.hstack([program.rows, sparse.csr_array((program.rows.shape[0], n))]),
            sparse.hstack([pick, -sparse.eye_array(n)]),
        ]
    )
    result = milp(
        np.concatenate([np.zeros(layout.size), np.ones(n)]),
        constraints=LinearConstraint(rows, ub=np.concatenate([program.bound, np.zeros(n)])),
        bounds=Bounds(
            np.concatenate([program.lower, np.zeros(n)]), np.concatenate([program.upper, np.ones(n)])
        ),
        integrality=np.concatenate([np.zeros(layout.size), np.ones(n)]),
        options={"mip_rel_gap": 0.0},
    )
    if result.status == 2:
        raise InfeasibleError(impossible)
    if result.status != 0:
        raise RuntimeError(f"the integer solver gave up: {result.message}")
    upper = program.upper.copy()
    upper[:n] = np.where(result.x[layout.size :] > 0.5, upper[:n], 0.0)
    return upper
