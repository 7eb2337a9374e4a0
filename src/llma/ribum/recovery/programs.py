r"""The linear programmes behind NIAS and NIAC with unknown utilities, from small named builders.

Unknowns: parameters :math:`\theta` of the utilities (a `Family`), costs of attention :math:`c_m \ge 0`, a
margin :math:`\varepsilon`, and one *epigraph variable* :math:`z_{mku}` for each signal u of each compared
pair of environments. With :math:`w_m(x,u) = \pi_m(x) p_m(u \mid x)` and for all used actions u, v != u, and
compared pairs k != m:

.. math::
    \sum_x w_m(x,u)\,[r_m(x,u) - r_m(x,v)] &\ge \varepsilon, \\
    z_{mku} &\ge \sum_x \pi_m(x)\,p_k(u \mid x)\,r_m(x,v) \quad\text{for all } v, \\
    \sum_{x,u} w_m(x,u)\,r_m(x,u) - c_m &\ge \sum_u z_{mku} - c_k + \varepsilon .

The value :math:`K_{mk}` of a foreign experiment is a sum of maxima, convex in r, and stands on the small side
only. So :math:`z_{mku}` may be set to the maximum itself, and the programme is *exact*: it has the same
solutions :math:`(r, c, \varepsilon)` as the conditions with the maxima written out.

All builders return sparse forms in the utilities, shape (rows, M * X * U). `margin_program` puts
them together; `llma.ribum.recovery.solver` solves the result.

Margins here use the agent's *own* value in the last row, as the programme must (the re-optimised value would
stand, convex, on the large side). The two agree whenever NIAS holds.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]])
>>> forms, which = nias_rows(data)
>>> forms.toarray() @ np.eye(2).ravel(), which[0]
(array([0.25, 0.25]), array([0, 0, 1]))
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from llma.checks import Floats, Ints
from llma.ribum.conditions import same_prior
from llma.ribum.data import ChoiceData
from llma.ribum.recovery.restrictions import Family
from llma.ribum.recovery.solver import Program


def compared_pairs(data: ChoiceData, cost: str = "kernel") -> Ints:
    """Return the pairs (m, k), k != m, that NIAC compares, shape (N, 2).

    With `cost="posterior"` these are the pairs with equal priors.

    Examples
    --------
    >>> data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1], [1]], [[1], [1]]])
    >>> compared_pairs(data).tolist(), compared_pairs(data, "posterior").tolist()
    ([[0, 1], [1, 0]], [])
    """
    allowed = np.ones((data.n_environments,) * 2, dtype=bool) if cost == "kernel" else same_prior(data)
    return np.argwhere(allowed & ~np.eye(data.n_environments, dtype=bool))


def nias_rows(data: ChoiceData) -> tuple[sparse.csr_array, Ints]:
    """Return the NIAS slacks as linear forms in the utilities, and which (m, u, v) each belongs to.

    Only used actions u, and v != u.

    Returns
    -------
    forms : sparse array, shape (R, M * X * U)
    which : ndarray of int, shape (R, 3)
    """
    n_states, n_actions = data.n_states, data.n_actions
    others = ~np.eye(n_actions, dtype=bool)
    m, u, v = np.nonzero(data.used[:, :, None] & others)
    weight = data.joint.swapaxes(1, 2)[m, u]  # (R, X)
    place = (m[:, None] * n_states + np.arange(n_states)) * n_actions  # (R, X): where r_m(x, 0) stands
    columns = np.concatenate([place + u[:, None], place + v[:, None]], axis=1)
    forms = _forms(np.concatenate([weight, -weight], axis=1), columns, data.choice.size)
    return forms, np.column_stack([m, u, v])


def own_rows(data: ChoiceData) -> sparse.csr_array:
    """Return the agent's own expected utilities as linear forms, shape (M, M * X * U)."""
    values = data.joint.reshape(data.n_environments, -1)
    columns = np.arange(data.choice.size).reshape(values.shape)
    return _forms(values, columns, data.choice.size)


def reply_rows(data: ChoiceData, m: Ints, k: Ints, u: Ints, v: Ints) -> sparse.csr_array:
    """Return the worth in m of answering v to the signal u of environment k, as linear forms.

    Form i is sum over x of pi_m(x) p_k(u|x) r_m(x, v) with m[i], k[i], u[i], v[i].

    Returns
    -------
    sparse array, shape (len(m), M * X * U)
    """
    n_states, n_actions = data.n_states, data.n_actions
    weight = data.priors[m] * data.choice.swapaxes(1, 2)[k, u]  # (R, X)
    place = (m[:, None] * n_states + np.arange(n_states)) * n_actions + v[:, None]
    return _forms(weight, place, data.choice.size)


def map_rows(data: ChoiceData, m: Ints, k: Ints, reply: Ints) -> sparse.csr_array:
    """Return the worth in m of the experiment k answered by the map `reply[i, u]`, as linear forms.

    The sum of `reply_rows` over the signals u: a lower estimate of K[m, k], exact for the best map.

    Returns
    -------
    sparse array, shape (len(m), M * X * U)
    """
    n_states, n_actions = data.n_states, data.n_actions
    weight = data.priors[m][:, :, None] * data.choice[k]  # (R, X, U)
    place = (m[:, None] * n_states + np.arange(n_states)) * n_actions
    columns = place[:, :, None] + reply[:, None, :]
    return _forms(weight.reshape(len(m), -1), columns.reshape(len(m), -1), data.choice.size)


def signals(data: ChoiceData, pairs: Ints) -> Ints:
    """Return (pair, u) for each used signal u of the experiment k of each pair (m, k), shape (Z, 2)."""
    return np.argwhere(data.used[pairs[:, 1]])


def n_reply_rows(data: ChoiceData, cost: str = "kernel") -> int:
    """Return how many rows the epigraph has: one for each compared pair, used signal and reply."""
    return int(data.used[compared_pairs(data, cost)[:, 1]].sum()) * data.n_actions


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the variables stand in a programme: theta (P), c (M), margin (1), z (Z), in this order."""

    n_parameters: int
    n_environments: int
    n_signals: int

    @property
    def size(self) -> int:
        """Number of variables."""
        return self.margin + 1 + self.n_signals

    @property
    def theta(self) -> slice:
        """The parameters of the utilities."""
        return slice(0, self.n_parameters)

    @property
    def cost(self) -> slice:
        """The costs of attention."""
        return slice(self.n_parameters, self.margin)

    @property
    def margin(self) -> int:
        """The margin."""
        return self.n_parameters + self.n_environments


def margin_program(
    data: ChoiceData, family: Family, cost: str = "kernel", upper: float = 1.0
) -> tuple[Program, Layout]:
    """Return the programme that maximises the common margin of all NIAS and NIAC rows.

    Parameters
    ----------
    data : ChoiceData
        Choices.
    family : Family
        Admissible utilities.
    cost : {"kernel", "posterior"}
        Which pairs NIAC compares.
    upper : float
        Upper end of the box of the parameters; infinity drops it.

    Returns
    -------
    Program, Layout
        The objective is the margin; change it to ask something else of the same rows.
    """
    pairs = compared_pairs(data, cost)
    pair, signal = signals(data, pairs).T
    n_actions, n_signals = data.n_actions, len(pair)
    layout = Layout(family.n_parameters, data.n_environments, n_signals)
    first_z = layout.margin + 1

    slack, _ = nias_rows(data)
    m, k = np.repeat(pairs[pair], n_actions, axis=0).T
    replies = reply_rows(data, m, k, np.repeat(signal, n_actions), np.tile(np.arange(n_actions), n_signals))
    each_z = first_z + np.repeat(np.arange(n_signals), n_actions)[:, None]
    below_z = _forms(np.full(each_z.shape, -1.0), each_z, layout.size)
    sums = (np.ones(n_signals), (pair, first_z + np.arange(n_signals)))
    adding = sparse.csr_array(sums, shape=(len(pairs), layout.size))

    blocks = [
        (-slack, margin_column(slack.shape[0], layout)),
        (replies, below_z),
        (-own_rows(data)[pairs[:, 0]], adding + cost_columns(pairs, layout)),
    ]
    return assemble(family, layout, blocks, upper), layout


def margin_column(n_rows: int, layout: Layout) -> sparse.csr_array:
    """Return rows that hold a 1 in the column of the margin, shape (n_rows, layout.size)."""
    return _forms(np.ones((n_rows, 1)), np.full((n_rows, 1), layout.margin), layout.size)


def cost_columns(pairs: Ints, layout: Layout) -> sparse.csr_array:
    """Return c_m - c_k + margin for each pair (m, k), as rows on all variables, shape (N, layout.size)."""
    columns = np.column_stack([layout.n_parameters + pairs, np.full(len(pairs), layout.margin)])
    return _forms(np.tile([1.0, -1.0, 1.0], (len(pairs), 1)), columns, layout.size)


def assemble(
    family: Family,
    layout: Layout,
    blocks: list[tuple[sparse.csr_array, sparse.csr_array]],
    upper: float = 1.0,
) -> Program:
    """Return the programme "maximise the margin" with rows forms @ r + others @ v <= 0.

    Parameters
    ----------
    family : Family
        Replaces r by its parameters, and adds its own inequalities.
    layout : Layout
        Where the variables stand.
    blocks : list of (forms, others)
        Forms in the utilities, shape (R, M * X * U), and coefficients of all variables, shape (R, size).
    upper : float
        Upper end of the box of the parameters.
    """
    forms = sparse.csr_array(sparse.vstack([forms for forms, _ in blocks]))
    others = sparse.csr_array(sparse.vstack([others for _, others in blocks]))
    rows = _widened(sparse.csr_array(forms @ family.matrix), layout.size) + others
    bound = -(forms @ family.offset)
    if family.rows.shape[0]:
        rows = sparse.vstack([rows, _widened(family.rows, layout.size)])
        bound = np.concatenate([bound, family.bound])
    lower, top = np.full(layout.size, -np.inf), np.full(layout.size, np.inf)
    lower[: layout.margin] = 0.0  # parameters and costs
    top[layout.theta] = upper
    objective = np.zeros(layout.size)
    objective[layout.margin] = 1.0
    return Program(objective, sparse.csr_array(rows), bound, lower, top)


def at_margin(made: tuple[Program, Layout], margin: float) -> tuple[Program, Layout]:
    """Return a margin programme with its margin fixed.

    At margin 0 each row is divided by its largest entry: an action that is used once in 10^9 times makes a
    row that the solver would take for zero.
    """
    program, layout = made
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[layout.margin] = upper[layout.margin] = margin
    rows, bound = program.rows, program.bound
    if margin == 0:
        keep = np.ones(layout.size)
        keep[layout.margin] = 0.0
        rows = rows @ sparse.diags_array(keep)
        largest = abs(rows).max(axis=1).toarray().ravel()
        factor = 1 / np.where(largest > 0, largest, 1.0)
        rows, bound = sparse.csr_array(sparse.diags_array(factor) @ rows), factor * bound
    return replace(program, rows=rows, bound=bound, lower=lower, upper=upper), layout


def _forms(values: Floats, columns: Ints, size: int) -> sparse.csr_array:
    """Return rows with values[i, j] in column columns[i, j]; columns are distinct within a row."""
    n_rows, width = values.shape
    starts = np.arange(n_rows + 1) * width
    return sparse.csr_array((values.ravel(), columns.ravel(), starts), shape=(n_rows, size))


def _widened(rows: sparse.csr_array, size: int) -> sparse.csr_array:
    """Return the same rows with further, empty columns on the right."""
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], size))
