r"""The identified set: what the choices say about the utilities, difference by difference.

Utilities that fit form a convex cone, and shifts that depend on the state alone change nothing. So what can
be learned are differences :math:`r_m(x,u) - r_m(x,v)` between actions, state by state, up to one factor. Name
one difference that is certainly positive and call it 1: the rest of the cone is then cut down to a
convex polyhedron, and the smallest and the largest value of every other difference on it are two linear
programmes. No rule selects anything.

Two states and two actions, one utility for all environments. With :math:`r(0,0) - r(0,1) = 1`, NIAS alone
says that :math:`r(1,1) - r(1,0)` lies between the posterior odds of state 0 after action 1 and after action
0. With one prior and both actions used, an environment whose choices are a garbling of another's has odds
between those of the other, and says at least as much.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
>>> bounds = utility_bounds(data, unit=(0, 0, 0, 1))
>>> print(bounds.lower[0, 1, 1].round(3), bounds.upper[0, 1, 1].round(3))
0.333 3.0
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from llma import checks
from llma.checks import Floats
from llma.ribum.data import ChoiceData
from llma.ribum.recovery import programs
from llma.ribum.recovery.programs import Layout
from llma.ribum.recovery.reconstruct import admissible
from llma.ribum.recovery.restrictions import Family, Restriction, restriction_of
from llma.ribum.recovery.solver import Program, UnboundedError, solve


@dataclass(frozen=True, eq=False)
class UtilityBounds:
    """The identified set, difference by difference.

    Attributes
    ----------
    lower, upper : ndarray, shape (M, X, U)
        Smallest and largest r_m(x, u) - r_m(x, base) over all utilities that fit, in units of the named
        difference; infinite where nothing bounds it; 0 for u = base.
    base : int
        The action that all others are compared with.
    unit : tuple of int
        (m, x, u, v): r_m(x, u) - r_m(x, v) counts as 1.
    restriction : str
        Which utilities were admitted.
    """

    lower: Floats
    upper: Floats
    base: int
    unit: tuple[int, int, int, int]
    restriction: str

    def contains(self, utility: ArrayLike, tolerance: float = 1e-6) -> bool:
        """Return whether a utility, shape (M, X, U), lies inside when measured in the same unit."""
        values = np.broadcast_to(checks.real_array(utility, "utility"), self.lower.shape)
        m, x, u, v = self.unit
        one = values[m, x, u] - values[m, x, v]
        if one <= 0:
            return False
        difference = (values - values[:, :, [self.base]]) / one
        above = difference >= self.lower - tolerance * (1 + np.abs(difference))
        below = difference <= self.upper + tolerance * (1 + np.abs(difference))
        return bool((above & below).all())


def utility_bounds(
    data: ChoiceData,
    unit: tuple[int, int, int, int],
    restriction: Restriction | str = "common",
    cost: str = "kernel",
    *,
    base: int = 0,
    margin: float = 0.0,
) -> UtilityBounds:
    """Return bounds on every utility difference over all utilities that satisfy NIAS and NIAC.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    unit : tuple of int
        (m, x, u, v): the difference r_m(x, u) - r_m(x, v) is set to 1, which fixes the scale. Choose one
        that is certainly positive: in state x of environment m, action u is better than v.
    restriction : Restriction or {"free", "common"}
        Admissible utilities. With "free" most bounds are infinite or zero.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.
    base : int
        Differences are taken from this action.
    margin : float
        Slack required of every row, in the same unit. Zero: the weak conditions, all that rationality asks.

    Returns
    -------
    UtilityBounds

    Notes
    -----
    Two linear programmes for each difference. Each bound is attained (or approached) by some utility, but
    not all by the same one: the box of the bounds contains the identified set and is larger.

    Raises
    ------
    ValueError
        If an index of `unit` or `base` is out of range, or if no admissible utility that fits makes the unit
        positive.

    Examples
    --------
    A second environment with higher stakes, in which the agent looks closer:

    >>> from llma.ribum.recovery.restrictions import common
    >>> rows = [[[0.75, 0.25], [0.25, 0.75]], [[0.9, 0.1], [0.1, 0.9]]]
    >>> bounds = utility_bounds(ChoiceData([0.5, 0.5], rows), (0, 0, 0, 1), common([1, 2]))
    >>> print(bounds.lower[0, 1, 1].round(3), bounds.upper[0, 1, 1].round(3))
    0.333 3.0
    """
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    sizes = (*data.choice.shape, data.n_actions)
    for index, size, name in zip(unit, sizes, ("environment", "state", "action", "action"), strict=True):
        checks.indices([index], f"unit ({name})", size)
    checks.indices([base], "base", data.n_actions)
    program, layout = programs.at_margin(programs.margin_program(data, family, cost, np.inf), margin)
    program = _in_units(program, layout, family, unit)
    m, x, u, v = unit
    solve(
        replace(program, objective=np.zeros(layout.size)),
        f"no admissible utility that fits makes action {u} better than {v} in state {x} of environment {m}; "
        "name another difference as the unit",
        "a constant objective is bounded",
    )
    lower, upper = np.zeros(data.choice.shape), np.zeros(data.choice.shape)
    environments = [0] if family.scale is not None else range(data.n_environments)
    for place in np.ndindex(len(environments), data.n_states, data.n_actions):
        if place[2] == base:
            continue
        objective, constant = _difference(family, layout, (*place, base))
        for bound, sign in ((lower, -1.0), (upper, 1.0)):
            try:
                value = solve(
                    replace(program, objective=sign * objective), "no utility fits", "no bound"
                ).value
            except UnboundedError:
                value = np.inf
            bound[place] = sign * value + constant
    if family.scale is not None:
        for bound in (lower, upper):
            bound[:] = bound[0] * (family.scale / family.scale[0])[:, None, None]
    return UtilityBounds(lower, upper, base, unit, rule.name)


def _difference(family: Family, layout: Layout, place: tuple[int, ...]) -> tuple[Floats, float]:
    """Return r_m(x, u) - r_m(x, v) as a form in all variables, and its constant."""
    m, x, u, v = place
    signs = np.zeros(family.shape)
    signs[m, x, u] += 1
    signs[m, x, v] -= 1
    form = np.zeros(layout.size)
    form[layout.theta] = signs.ravel() @ family.matrix
    return form, float(signs.ravel() @ family.offset)


def _in_units(program: Program, layout: Layout, family: Family, unit: tuple[int, int, int, int]) -> Program:
    form, constant = _difference(family, layout, unit)
    rows = sparse.csr_array(sparse.vstack([program.rows, sparse.csr_array(np.array([form, -form]))]))
    bound = np.concatenate([program.bound, [1 - constant, constant - 1]])
    return replace(program, rows=rows, bound=bound)
