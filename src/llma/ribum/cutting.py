r"""Max-margin with many environments: cutting planes, an environment at a time, with a certified gap.

The programme of `llma.ribum.programs` compares M (M - 1) pairs of environments, each with U signals and U
replies. With M = 100 and X = U = 10 that is a million rows with ten entries each. Two ideas make it small.

*Cuts.* K[m, k] is the largest of :math:`U^U` linear forms, one for each map from signals to replies. Few of
them matter. Solve with some, compute the best replies in closed form, add the forms that are violated, and
repeat.

*Blocks.* Environments with no parameter in common meet in the costs of attention alone. For fixed costs c
each block b has a programme of its own, whose value :math:`\varphi_b(c)` is concave in c. The margin is

.. math:: \max_{c \ge 0} \min_b \varphi_b(c), \qquad
    \varphi_b(c') \le \varphi_b(c) - \sum_{m \in b, k} \lambda_{mk}\,[(c'_m - c'_k) - (c_m - c_k)],

where :math:`\lambda` are the multipliers of the rows of b. A *master* programme in c alone collects these
upper estimates. (With a common utility there is one block, which holds the costs itself.)

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

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from llma.checks import Floats, Ints
from llma.ribum import programs
from llma.ribum.data import ChoiceData
from llma.ribum.programs import Layout
from llma.ribum.reconstruct import Reconstruction, admissible, margin_at, outcome
from llma.ribum.restrictions import Family, Restriction, restriction_of
from llma.ribum.solver import Program, solve

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
        If the gap is not positive, or if there is nothing to compare.
    RuntimeError
        If the gap is not closed in `max_rounds`; the message has both bounds.
    """
    if not gap > 0:
        raise ValueError(f"gap: is {gap:.3g}; it must be positive")
    rule = restriction_of(restriction)
    family = admissible(data, rule, cost)
    n_environments = data.n_environments
    groups = _components(family)
    blocks = [_Block(data, family, members, cost, whole=len(groups) == 1) for members in groups]
    master = _Master(n_environments)
    best, lower = np.zeros(data.choice.shape), -np.inf
    query = np.zeros(n_environments)
    for block in blocks:
        block.relax(query)
    for _ in range(max_rounds):
        utility = np.zeros(data.choice.shape)
        for block in blocks:
            block.settle(query, min(master.bound, *(other.bound for other in blocks)), gap / 4)
            master.add(block, query)
            utility += block.utility
        margin = margin_at(data, utility, cost)
        if margin > lower:
            best, lower = utility, margin
        master.solve()
        if master.bound - lower <= gap:
            return outcome(data, rule, cost, best, bound=master.bound, rule="max-margin")
        query = master.costs
    raise RuntimeError(f"the margin is between {lower:.9g} and {master.bound:.9g} after {max_rounds} rounds")


class _Block:
    """The programme of environments that share parameters: the largest margin at fixed costs of attention.

    If the block is the whole problem, the costs are variables of its own. For costs c near the last `costs`
    the margin of the block is at most bound - gradient @ (c - costs).
    """

    def __init__(self, data: ChoiceData, family: Family, members: Ints, cost: str, whole: bool) -> None:
        self.data, self.whole = data, whole
        self.family = _part(family, members)
        self.layout = Layout(self.family.n_parameters, data.n_environments if whole else 0, 0)
        pairs = programs.compared_pairs(data, cost)
        self.m, self.k = pairs[np.isin(pairs[:, 0], members)].T
        forms, which = programs.nias_rows(data)
        self.nias = forms[np.isin(which[:, 0], members)]
        self.own = programs.own_rows(data)
        self.cuts = sparse.csr_array((0, data.choice.size))
        self.cut_pairs = np.zeros((0, 2), dtype=np.int64)
        self.utility = np.zeros(data.choice.shape)
        self.bound, self.gradient = np.inf, np.zeros(data.n_environments)

    def settle(self, costs: Floats, target: float, tolerance: float) -> None:
        """Add cuts until the block attains the target, or all that it can, at these costs."""
        while True:
            self.relax(costs)
            worth, reply = _best_replies(self.data, self.utility, self.m, self.k)
            own = self.own @ self.utility.ravel()
            slack = own[self.m] - worth - (self.costs[self.m] - self.costs[self.k])
            goal = min(target, self.bound)
            bad = np.flatnonzero(slack < goal - tolerance)
            if not len(bad):
                return
            forms = programs.map_rows(self.data, self.m[bad], self.k[bad], reply[bad]) - self.own[self.m[bad]]
            self.cuts = sparse.csr_array(sparse.vstack([self.cuts, forms]))
            self.cut_pairs = np.concatenate([self.cut_pairs, np.column_stack([self.m[bad], self.k[bad]])])

    def relax(self, costs: Floats) -> None:
        """Maximise the margin subject to the cuts found so far."""
        layout, n_nias, n_cuts = self.layout, self.nias.shape[0], self.cuts.shape[0]
        if self.whole:
            others = programs.cost_columns(self.cut_pairs, layout)
        else:
            others = programs.margin_column(n_cuts, layout)
        rows = [(-self.nias, programs.margin_column(n_nias, layout)), (self.cuts, others)]
        program = programs.assemble(self.family, layout, rows)
        own_cuts = slice(n_nias, n_nias + n_cuts)
        if not self.whole:
            m, k = self.cut_pairs.T
            program.bound[own_cuts] -= costs[m] - costs[k]
        solution = solve(program, NEVER, NEVER)
        self.utility = self.family.utility(solution.point[layout.theta])
        self.costs = solution.point[layout.cost] if self.whole else costs
        self.bound, self.gradient = solution.value, np.zeros(len(costs))
        if not self.whole:
            np.add.at(self.gradient, m, solution.multipliers[own_cuts])
            np.subtract.at(self.gradient, k, solution.multipliers[own_cuts])


class _Master:
    """Upper estimates of the margin as a function of the costs alone, and their maximum."""

    def __init__(self, n_environments: int) -> None:
        self.layout = Layout(0, n_environments, 0)
        self.rows: list[Floats] = []
        self.right: list[float] = []
        self.bound, self.costs = np.inf, np.zeros(n_environments)

    def add(self, block: _Block, costs: Floats) -> None:
        """Add margin + gradient @ c <= bound + gradient @ costs."""
        self.rows.append(np.append(block.gradient, 1.0))
        self.right.append(block.bound + float(block.gradient @ costs))

    def solve(self) -> None:
        """Find the costs at which the smallest estimate is largest."""
        size = self.layout.size
        lower, upper = np.zeros(size), np.ones(size)
        lower[-1], upper[-1] = -np.inf, np.inf
        objective = np.append(np.zeros(size - 1), 1.0)
        program = Program(
            objective, sparse.csr_array(np.array(self.rows)), np.array(self.right), lower, upper
        )
        solution = solve(program, NEVER, NEVER)
        self.bound, self.costs = solution.value, solution.point[:-1]


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
