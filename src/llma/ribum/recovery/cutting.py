r"""Max-margin with many environments: cutting planes, an environment at a time, with a certified gap.

The programme of `llma.ribum.recovery.programs` compares M (M - 1) pairs of environments, each with U signals
and U replies. With M = 100 and X = U = 10 that is a million rows with ten entries each. Two ideas make it
small.

*Cuts.* K[m, k] is the largest of :math:`U^U` linear forms, one for each map from signals to replies. Few of
them matter. Solve with some, compute the best replies in closed form, add the forms that are violated, and
repeat.

*Blocks.* Environments with no parameter in common meet in the costs of attention alone. For fixed costs c
each block b has a programme of its own, whose value :math:`\varphi_b(c)` is concave in c. The margin is

.. math:: \max_{c \ge 0} \min_b \varphi_b(c), \qquad
    \varphi_b(c') \le \varphi_b(c) - \sum_{m \in b, k} \lambda_{mk}\,[(c'_m - c'_k) - (c_m - c_k)],

where :math:`\lambda` are the multipliers of the rows of b. A *master* programme in c collects these upper
estimates; among its optimal costs it takes those of smallest sum, which ask least of the environments. A
block that keeps falling short joins the master with its own rows, as long as the master stays small: few
environments bind, and for them estimates alone converge slowly. (With a common utility there is one block,
which is in the master from the start.)

Certificate. Every value of the master, and of a relaxed block, is an upper bound on the margin of every
admissible utility. Every utility met on the way has a margin in closed form (`margin_at`), a lower bound.
Stopping rule: the two differ by at most `gap`.

Costs may be taken between 0 and 1. A margin of 0 is always attained by a constant utility, so only margins
that are not negative matter; then :math:`c_m - c_k \le K_{mm} - K_{mk} \le 1` in the box, and the smallest
cost of each compared group can be shifted to 0.

Reference. Kelley, Journal of the SIAM 8, 1960; Benders, Numerische Mathematik 4, 1962.

>>> from llma.ribum.data import ChoiceData
>>> rng = np.random.default_rng(0)
>>> data = ChoiceData(rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), (4, 3)))
>>> found = max_margin_by_cuts(data)
>>> bool(found.bound - found.margin < 1e-6)
True
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from llma.checks import Floats, Ints
from llma.ribum.data import ChoiceData
from llma.ribum.recovery import programs
from llma.ribum.recovery.programs import Layout
from llma.ribum.recovery.reconstruct import Reconstruction, admissible, margin_at, outcome
from llma.ribum.recovery.restrictions import Family, Restriction, restriction_of
from llma.ribum.recovery.solver import Program, solve

PATIENCE = 3
"""Upper estimates after which an environment that falls short joins the master."""

LARGEST = 100
"""Parameters in the master from which no further environment joins it."""

NEVER = "a margin of 0 is feasible and the box bounds it"


def max_margin_by_cuts(
    data: ChoiceData,
    restriction: Restriction | str = "free",
    cost: str = "kernel",
    gap: float = 1e-6,
    max_rounds: int = 200,
) -> Reconstruction:
    """Return a utility whose smallest slack is largest up to a certified gap.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    restriction : Restriction or {"free", "common"}
        Admissible utilities; they must contain a constant one.
    cost : {"kernel", "posterior"}
        Whether NIAC compares all environments or those with equal priors.
    gap : float
        Largest difference of upper and lower bound.
    max_rounds : int
        Masters to solve before giving up.

    Returns
    -------
    Reconstruction
        With `bound - margin <= gap`.

    Raises
    ------
    ValueError
        If the gap is not positive, if there is nothing to compare, or if the restriction excludes r = 0.
    RuntimeError
        If the gap is not closed in `max_rounds`; the message has both bounds.
    """
    if not gap > 0:
        raise ValueError(f"gap: is {gap:.3g}; it must be positive")
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    if not family.contains_zero:
        raise ValueError(
            f"restriction: {rule.name} excludes r = 0, so the costs have no known bound; use max_margin"
        )
    groups = _components(family)
    blocks = [] if len(groups) == 1 else [_Block(data, family, group, cost) for group in groups]
    core = _Core(data, family, cost, groups[0] if len(groups) == 1 else groups[0][:0])
    for block in blocks:
        block.relax(np.zeros(data.n_environments))
        core.add(block, np.zeros(data.n_environments))
    best, lower = np.zeros(data.choice.shape), -np.inf
    for _ in range(max_rounds):
        core.settle(gap / 4)
        utility = core.utility.copy()
        for block in blocks:
            block.settle(core.costs, core.bound, gap / 4)
            utility += block.utility
        margin = margin_at(data, utility, cost)
        if margin > lower:
            best, lower = utility, margin
        short = [block for block in blocks if block.bound < core.bound - gap / 4]
        for block in short:
            core.add(block, core.costs)
        core.relax()
        if core.bound - lower <= gap:
            return outcome(data, rule, cost, best, bound=core.bound, rule="max-margin")
        for block in short:
            if block.falls >= PATIENCE and core.family.n_parameters <= LARGEST:
                core.join(block)
                blocks.remove(block)
    raise RuntimeError(f"the margin is between {lower:.9g} and {core.bound:.9g} after {max_rounds} rounds")


class _Rows:
    """NIAS rows and cuts of some environments, with the parameters that belong to them."""

    def __init__(self, data: ChoiceData, family: Family, members: Ints, cost: str) -> None:
        self.data, self.whole_family, self.cost, self.members = data, family, cost, members
        self.family = _part(family, members)
        pairs = programs.compared_pairs(data, cost)
        self.m, self.k = pairs[np.isin(pairs[:, 0], members)].T
        forms, which = programs.nias_rows(data)
        self.nias = forms[np.isin(which[:, 0], members)]
        self.own = programs.own_rows(data)
        self.cuts = sparse.csr_array((0, data.choice.size))
        self.cut_pairs = np.zeros((0, 2), dtype=np.int64)
        self.utility, self.costs = np.zeros(data.choice.shape), np.zeros(data.n_environments)
        self.bound = np.inf

    def cut(self, goal: float) -> bool:
        """Add the best replies of all pairs whose slack is below the goal; return whether there are any."""
        worth, reply = _best_replies(self.data, self.utility, self.m, self.k)
        own = self.own @ self.utility.ravel()
        slack = own[self.m] - worth - (self.costs[self.m] - self.costs[self.k])
        bad = np.flatnonzero(slack < goal)
        if not len(bad):
            return False
        forms = programs.map_rows(self.data, self.m[bad], self.k[bad], reply[bad]) - self.own[self.m[bad]]
        self.cuts = sparse.csr_array(sparse.vstack([self.cuts, forms]))
        self.cut_pairs = np.concatenate([self.cut_pairs, np.column_stack([self.m[bad], self.k[bad]])])
        return True

    def program(self, layout: Layout) -> Program:
        """Return the programme with the cuts found so far; costs are variables if the layout has them."""
        n_nias, n_cuts = self.nias.shape[0], self.cuts.shape[0]
        if layout.n_environments:
            others = programs.cost_columns(self.cut_pairs, layout)
        else:
            others = programs.margin_column(n_cuts, layout)
        rows = [(-self.nias, programs.margin_column(n_nias, layout)), (self.cuts, others)]
        return programs.assemble(self.family, layout, rows)


class _Block(_Rows):
    """Environments on their own, at fixed costs of attention.

    For costs c near the last `costs` their margin is at most bound - gradient @ (c - costs).
    """

    gradient: Floats
    falls: int = 0

    def settle(self, costs: Floats, target: float, tolerance: float) -> None:
        """Add cuts until the block attains the target, or all that it can, at these costs."""
        self.relax(costs)
        while self.cut(min(target, self.bound) - tolerance):
            self.relax(costs)

    def relax(self, costs: Floats) -> None:
        """Maximise the margin subject to the cuts found so far."""
        layout, m, k = Layout(self.family.n_parameters, 0, 0), *self.cut_pairs.T
        program = self.program(layout)
        mine = slice(self.nias.shape[0], self.nias.shape[0] + len(m))
        program.bound[mine] -= costs[m] - costs[k]
        solution = solve(program, NEVER, NEVER)
        self.utility = self.family.utility(solution.point[layout.theta])
        self.costs, self.bound, self.gradient = costs, solution.value, np.zeros(len(costs))
        np.add.at(self.gradient, m, solution.multipliers[mine])
        np.subtract.at(self.gradient, k, solution.multipliers[mine])


class _Core(_Rows):
    """The costs, the environments that bind, and upper estimates of the margin of all others."""

    def __init__(self, data: ChoiceData, family: Family, cost: str, members: Ints) -> None:
        super().__init__(data, family, members, cost)
        self.estimates = np.zeros((0, data.n_environments + 1))
        self.right = np.zeros(0)

    def add(self, block: _Block, costs: Floats) -> None:
        """Add margin + gradient @ c <= bound + gradient @ costs."""
        block.falls += 1
        self.estimates = np.vstack([self.estimates, np.append(block.gradient, 1.0)])
        self.right = np.append(self.right, block.bound + float(block.gradient @ costs))

    def join(self, block: _Block) -> None:
        """Take a block in, with its cuts."""
        self.members = np.sort(np.concatenate([self.members, block.members]))
        both = _Rows(self.data, self.whole_family, self.members, self.cost)
        self.family, self.nias, self.m, self.k = both.family, both.nias, both.m, both.k
        self.cuts = sparse.csr_array(sparse.vstack([self.cuts, block.cuts]))
        self.cut_pairs = np.concatenate([self.cut_pairs, block.cut_pairs])

    def settle(self, tolerance: float) -> None:
        """Add cuts until the environments of the core attain what the estimates allow."""
        self.relax()
        while self.cut(self.bound - tolerance):
            self.relax()

    def relax(self) -> None:
        """Maximise the margin over utilities of the core and costs; then take the smallest costs.

        Many costs are optimal as a rule. Large ones would ask environments for the impossible.
        """
        layout = Layout(self.family.n_parameters, self.data.n_environments, 0)
        program = self.program(layout)
        wide = sparse.csr_array((len(self.right), layout.n_parameters))
        rows = sparse.vstack([program.rows, sparse.hstack([wide, sparse.csr_array(self.estimates)])])
        upper = np.where(np.arange(layout.size) < layout.margin, 1.0, np.inf)
        program = replace(
            program,
            rows=sparse.csr_array(rows),
            bound=np.concatenate([program.bound, self.right]),
            upper=upper,
        )
        self.bound = solve(program, NEVER, NEVER).value
        total, lower = np.zeros(layout.size), program.lower.copy()
        total[layout.cost] = -1.0
        lower[layout.margin] = self.bound - 1e-8
        point = solve(replace(program, objective=total, lower=lower), NEVER, NEVER).point
        self.utility, self.costs = self.family.utility(point[layout.theta]), point[layout.cost]


def _components(family: Family) -> list[Ints]:
    """Return groups of environments without a parameter or an inequality in common."""
    n_environments = family.shape[0]
    utilities_of = np.ones((1, family.matrix.shape[0] // n_environments))
    touches = sparse.kron(sparse.eye_array(n_environments), utilities_of)
    links = sparse.vstack([touches @ abs(family.matrix), abs(family.rows)])
    nodes = n_environments + family.rows.shape[0]
    graph = sparse.block_array([[sparse.csr_array((nodes, nodes)), links], [links.T, None]])
    _, label = connected_components(graph, directed=False)
    return [np.flatnonzero(label[:n_environments] == which) for which in np.unique(label[:n_environments])]


def _part(family: Family, members: Ints) -> Family:
    """Return the family with the parameters of these environments alone; utilities elsewhere are zero."""
    inside = np.zeros(family.shape)
    inside[members] = 1.0
    mine = np.flatnonzero(abs(family.matrix).T @ inside.ravel())
    rows = family.rows[:, mine]
    touched = np.diff(rows.indptr) > 0
    return Family(
        family.shape,
        sparse.csr_array(family.matrix[:, mine]),
        family.offset * inside.ravel(),
        sparse.csr_array(rows[touched]),
        family.bound[touched],
    )


def _best_replies(data: ChoiceData, utility: Floats, m: Ints, k: Ints) -> tuple[Floats, Ints]:
    """Return K[m, k] for each pair, and the map from signals to replies that attains it."""
    joint = data.priors[m][:, :, None] * data.choice[k]  # (N, X, U)
    worth = joint.swapaxes(1, 2) @ utility[m]  # (N, U, V)
    return worth.max(axis=2).sum(axis=1), worth.argmax(axis=2)
