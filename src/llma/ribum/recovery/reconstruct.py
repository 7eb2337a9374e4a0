r"""Reading the utility back: max-margin, sparsest, and the set of all utilities that fit.

Choices never determine a utility. If :math:`(r, c)` satisfy NIAS and NIAC, so do

1. :math:`r_m(x,u) + b_m(x)` for any shift that depends on the environment and the state alone;
2. :math:`(\alpha r, \alpha c)` for one common factor :math:`\alpha > 0`;
3. :math:`c_m + \text{const}`;

and usually many others: the solutions form a convex cone. (A factor of its own for each environment is *not*
an invariance.) So a programme that returns one utility shows its selection rule as much as the data:

- `max_margin` makes the smallest slack of all conditions as large as the box 0 <= r <= 1 permits;
- `llma.ribum.recovery.sparse_utility` holds the margin fixed and makes the sum of utilities as small as
  possible, a linear surrogate for the number of utilities that are not zero, or that number itself;
- `llma.ribum.recovery.identified` selects nothing: it returns the smallest and the largest value of each
  difference :math:`r_m(x,u) - r_m(x,v)` over all solutions, in units of one difference that you name.

Margin. NIAS and NIAC rows are unconditional, 0 <= r <= 1, c >= 0, and one margin is common to all rows (for
one environment: to the NIAS rows). `margin` of a result is recomputed in closed form at the utility returned;
`bound` is what the solver says no utility exceeds.

With utilities of its own for each environment (`free`) a positive margin means next to nothing; the result
says so. A margin of 0 means that no admissible utility makes all conditions strict. It does not mean that the
agent is irrational: constant utilities always fit, and so may others, with ties.

Reference. Caplin and Dean, American Economic Review 105, 2015; Jain and Krishnamurthy, IEEE Access, 2025
(arXiv 2411.01271), whose max-margin and sparsest estimators these are, with the rows corrected.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
>>> found = max_margin(data, "common")
>>> found.margin, found.utility[0].round(3)
(0.25, array([[1., 0.],
       [0., 1.]]))
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.ribum.conditions import COSTS, nias_slack, own_values, relative, same_prior, value_matrix
from llma.ribum.cycles import cycle_means, potentials
from llma.ribum.data import ChoiceData, utilities
from llma.ribum.recovery import programs
from llma.ribum.recovery.restrictions import VACUOUS, Family, Restriction, restriction_of
from llma.ribum.recovery.solver import solve

NEGLIGIBLE = 1e-7
"""Margins that differ from zero by less are zero for the solver."""

ROUNDING = 1e-8
"""Sums around cycles that rounding may have made negative."""

MAX_DIRECT = 30_000
"""Epigraph rows up to which the programme is solved in one piece."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """One utility that fits, chosen by a rule.

    Attributes
    ----------
    utility : ndarray, shape (M, X, U)
        In the box 0 <= r <= 1, unless it was given.
    attention_cost : ndarray, shape (M,)
        The least costs of attention that go with it, in units of utility; only differences matter.
    margin : float
        Smallest slack of all NIAS and NIAC rows at this utility, in closed form.
    bound : float
        Upper bound on the margin of every admissible utility.
    rule : str
        What was optimised.
    restriction : str
        Which utilities were admitted.
    vacuous : bool
        Whether they were free.
    """

    utility: Floats
    attention_cost: Floats
    margin: float
    bound: float
    rule: str
    restriction: str
    vacuous: bool = False

    def __str__(self) -> str:
        """Return the result in words."""
        text = f"{self.rule} with {self.restriction}: margin {self.margin:.6g}, at most {self.bound:.6g}"
        return f"{text}; {VACUOUS}" if self.vacuous else text


def max_margin(
    data: ChoiceData,
    restriction: Restriction | str = "free",
    cost: str = "kernel",
    box: bool = True,
) -> Reconstruction:
    """Return a utility whose smallest slack is largest.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    restriction : Restriction or {"free", "common"}
        Admissible utilities. With "free" the margin means next to nothing.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.
    box : bool
        Whether utilities are at most 1. Without the box the margin is 0 or unbounded.

    Returns
    -------
    Reconstruction

    Raises
    ------
    ValueError
        If there is nothing to compare, if the restriction excludes every utility, or if the margin has no
        bound because the box was dropped.
    RuntimeError
        If the solver gives up.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
    >>> max_margin(data, box=False)
    Traceback (most recent call last):
    ...
    llma.ribum.recovery.solver.UnboundedError: the margin has no bound: with the box 0 <= r <= 1 dropped,
    utilities and costs can be multiplied by any factor, and every slack with them; keep the box
    """
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    if box and family.contains_zero and programs.n_reply_rows(data, cost) > MAX_DIRECT:
        from llma.ribum.recovery.cutting import max_margin_by_cuts  # noqa: PLC0415  (it builds on this module)

        return max_margin_by_cuts(data, rule, cost)
    program, layout = programs.margin_program(data, family, cost, 1.0 if box else np.inf)
    solution = solve(
        program,
        f"no utility in the box 0 <= r <= 1 satisfies the restriction ({rule.name}); check its inequalities, "
        "and write them on differences between actions",
        "the margin has no bound: with the box 0 <= r <= 1 dropped, utilities and costs can be multiplied by "
        "any factor, and every slack with them; keep the box",
    )
    utility = family.utility(solution.point[layout.theta])
    return outcome(data, rule, cost, utility, bound=solution.value, rule="max-margin")


def most_at_stake(
    data: ChoiceData, restriction: Restriction | str = "common", cost: str = "kernel"
) -> Reconstruction:
    """Return a utility that fits weakly and gives the agent most to lose from a wrong action.

    Maximises the sum of all NIAS slacks subject to the weak conditions. If the largest sum is zero, the
    only utilities that fit leave the agent indifferent about everything it does: they explain any data, and
    nothing. `bound` is the largest sum.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    restriction : Restriction or {"free", "common"}
        Admissible utilities.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.

    Returns
    -------
    Reconstruction

    Examples
    --------
    Whoever reads the same whatever is at stake fits weakly, with a margin of zero:

    >>> from llma.ribum.recovery.restrictions import common
    >>> same = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]] * 2)
    >>> found = most_at_stake(same, common([1, 2]))
    >>> round(found.margin, 9) + 0.0, round(found.bound, 9)
    (0.0, 0.75)
    """
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    program, layout = programs.at_margin(programs.margin_program(data, family, cost), 0.0)
    forms = programs.nias_rows(data)[0].sum(axis=0)
    objective = np.zeros(layout.size)
    objective[layout.theta] = forms @ family.matrix
    solution = solve(
        replace(program, objective=objective),
        f"no utility in the box 0 <= r <= 1 satisfies the restriction ({rule.name}) and fits the data",
        "a sum of slacks in a box is bounded",
    )
    utility = family.utility(solution.point[layout.theta])
    total = solution.value + float(forms @ family.offset)
    return outcome(data, rule, cost, utility, bound=total, rule="most at stake")


def margin_at(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> float:
    """Return the largest margin that costs of attention leave to a utility, in closed form.

    It is the smaller of the least NIAS slack and the least mean, over cycles of environments, of
    own value of m minus K[m, k].

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Utilities.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.

    Returns
    -------
    float
        Negative if a condition fails; infinite if there is none.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    >>> margin_at(data, [[[1, 0], [0, 1]], [[2, 0], [0, 2]]])
    0.125
    """
    values = utilities(utility, data)
    slack = nias_slack(data, values)[data.used[:, :, None] & ~np.eye(data.n_actions, dtype=bool)]
    return min(float(slack.min(initial=np.inf)), float(cycle_means(_gaps(data, values, cost))))


def _gaps(data: ChoiceData, values: Floats, cost: str) -> Floats:
    """Return own value of m minus K[m, k], infinite where m and k are not compared, shape (M, M)."""
    shifted = relative(values)
    gap = own_values(data, shifted)[:, None] - value_matrix(data.priors, data.choice, shifted)
    return np.asarray(gap if cost == "kernel" else np.where(same_prior(data), gap, np.inf))


def admissible(data: ChoiceData, restriction: Restriction, cost: str) -> Family:
    """Return the family of utilities for these data, after checking that there is something to compare."""
    checks.one_of(cost, "cost", COSTS)
    if data.n_actions == 1 and not len(programs.compared_pairs(data, cost)):
        raise ValueError(
            "nothing to compare: one action, and no two environments whose attention can be compared"
        )
    return restriction.family((data.n_environments, data.n_states, data.n_actions))


def outcome(
    data: ChoiceData, restriction: Restriction, cost: str, utility: Floats, *, bound: float, rule: str
) -> Reconstruction:
    """Return a result with its margin in closed form, and the least costs that go with it."""
    margin = margin_at(data, utility, cost)
    gap = _gaps(data, utility, cost)
    price = np.zeros(len(gap))
    if np.isfinite(cycle_means(gap)):  # the margin is at most every mean weight of a cycle
        price = potentials(gap - margin, np.full(len(gap), ROUNDING))
    return Reconstruction(utility, price, margin, bound, rule, restriction.name, restriction.vacuous)
