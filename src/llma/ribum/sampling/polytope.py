r"""The set of rational choice tables is a convex polytope, when the utilities are known.

Write :math:`p = (p_m(u \mid x))` for the choices in all environments. A *map* v from actions to actions says:
do v(u) whenever the data did u. Define

.. math::
    \mathrm{own}_m(p) = \sum_{x,u} \pi_m(x) p_m(u \mid x) r_m(x, u), \qquad
    K^v_{mk}(p) = \sum_{x,u} \pi_m(x) p_k(u \mid x) r_m(x, v(u)) .

Both are linear in p, and :math:`K_{mk} = \max_v K^v_{mk}`, because a map may be chosen signal by signal.

**Proposition.** Let priors and utilities be known. The set P of tables p that satisfy NIAS and NIAC is the
set of choice tables with :math:`L(p) \ge 0` for finitely many linear forms: one for every cycle of distinct
environments :math:`m_1 \to \dots \to m_n \to m_1`, :math:`n \ge 1`, and maps :math:`v_1, \dots, v_n`,

.. math:: L(p) = \sum_{i=1}^n \mathrm{own}_{m_i}(p) - K^{v_i}_{m_i m_{i+1}}(p) .

Cycles of length one are NIAS. So P is a convex polytope; it is never empty.

*Proof.* For n = 1, :math:`\mathrm{own}_m - K^v_{mm} = \sum_u s_m(u, v(u))` is a sum of slacks of NIAS, one
an action. All forms with n = 1 are non-negative if and only if all slacks are: a sum of non-negative numbers
is one, and the map that changes only u singles out :math:`s_m(u, v(u))`. Suppose this holds. Then no map
beats the identity, so :math:`\mathrm{own}_m = K_{mm}`, and the least of the forms of a cycle over its maps is
:math:`\sum_i K_{m_i m_i} - K_{m_i m_{i+1}}`, the weight of the cycle. All are non-negative if and only if
NIAC holds. The choice tables are a product of simplices, which is bounded, so finitely many linear
inequalities cut a polytope out of it. It contains the agent that never looks: in every environment one best
action under the prior, whatever the state. There :math:`\mathrm{own}_m = K_{mk}` for all k. ∎

Consequences. A mixture of rational tables (environment by environment, with the same weights) is rational.
To test a hypothesis "the true table lies in P" over a convex confidence set is a convex programme: no grid.
And every form is non-negative under the hypothesis, so one form that is found in one half of the data may be
tested in the other half, without a correction for the search.

*Fixed capacity.* The tables that satisfy NIS, :math:`\mathrm{own}_m \ge K_{mk}` for all m and k, are a
polytope by the same argument: one form :math:`\mathrm{own}_m - K^v_{mk}` a pair and map. It is part of P,
since the form of a cycle is a sum of forms of pairs. `condition="nis"` selects it.

*Finding a violated form.* The best maps at p come in closed form. What remains is a negative cycle of the
weights :math:`\mathrm{own}_m - K_{mk}`. Up to `ENUMERATED` environments all cycles are listed. For more, the
cheapest closed walks of each length are searched (`walks`), which never misses a negative cycle.

Reference. Caplin and Martin, Economic Journal 125, 2015 (NIAS, NIAC).

>>> polytope = Polytope([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
>>> good, noise = [[0.9, 0.1], [0.1, 0.9]], [[0.6, 0.4], [0.4, 0.6]]
>>> polytope.contains([noise, good]), polytope.contains([good, noise])
(True, False)
>>> print(polytope.worst([good, noise])[0])
environment 0 takes the attention of 1, and 1 that of 0: total utility changes by +0.9
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats
from llma.ribum.conditions import COSTS, relative, same_prior, slacks, value_matrix
from llma.ribum.data import ChoiceData, utilities
from llma.ribum.sampling.forms import Candidates, LinearForm, Violation
from llma.ribum.sampling.walks import all_cycles, cheap_cycles, no_negative_cycle

CONDITIONS = ("niac", "nis")
"""With a price of attention (NIAS and NIAC), or with a fixed capacity (NIAS and NIS)."""

ENUMERATED = 5
"""Up to so many environments all cycles are listed (84 for five)."""

TOLERANCE = 1e-12
"""A form above minus this times the largest utility difference counts as non-negative."""


@dataclass(frozen=True, eq=False)
class Polytope:
    """The tables that are rational for known priors and utilities.

    Parameters
    ----------
    priors : array_like, shape (M, X) or (X,)
        Prior of each environment; every entry positive.
    utility : array_like, shape (M, X, U) or (X, U)
        Known utility. One (X, U) table serves all environments; then the priors must have M rows.
    condition : {"niac", "nis"}
        Attention with a price common to all environments, or with a fixed capacity.
    cost : {"kernel", "posterior"}
        What the price depends on; "posterior" compares environments with equal priors only.

    Raises
    ------
    ValueError
        Naming the first bad row of either argument.

    Examples
    --------
    >>> polytope = Polytope([[0.65, 0.35]], [[1, 0], [0, 1]])
    >>> len(polytope.forms())
    2
    """

    priors: Floats
    utility: Floats
    condition: str
    cost: str

    def __init__(
        self, priors: ArrayLike, utility: ArrayLike, condition: str = "niac", cost: str = "kernel"
    ) -> None:
        checks.one_of(condition, "condition", CONDITIONS)
        checks.one_of(cost, "cost", COSTS)
        law, rewards = np.asarray(priors, dtype=np.float64), checks.real_array(utility, "utility")
        n_environments = len(law) if law.ndim == 2 else (len(rewards) if rewards.ndim == 3 else 1)
        shape = (n_environments, law.shape[-1], rewards.shape[-1])
        uniform = ChoiceData(law, np.full(shape, 1 / shape[-1]))  # checks the priors
        for name, value in (("priors", uniform.priors), ("utility", relative(utilities(rewards, uniform)))):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "condition", condition)
        object.__setattr__(self, "cost", cost)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Environments, states and actions (M, X, U)."""
        n_environments, n_states, n_actions = self.utility.shape
        return n_environments, n_states, n_actions

    @cached_property
    def weighted(self) -> Floats:
        """Prior times utility, shape (M, X, U); each state's best action has 0."""
        return np.asarray(self.priors[:, :, None] * self.utility)

    @cached_property
    def scale(self) -> float:
        """Largest utility difference within a state; the unit of tolerances."""
        return float(max(-self.utility.min(), np.finfo(float).tiny))

    @cached_property
    def compared(self) -> NDArray[np.bool_]:
        """Which attentions are compared, shape (M, M): all, or those under equal priors."""
        if self.cost == "kernel":
            return np.ones((len(self.priors),) * 2, dtype=np.bool_)
        return same_prior(ChoiceData(self.priors, np.full(self.shape, 1 / self.shape[2])))

    def switch_slacks(self, choice: ArrayLike) -> Floats:
        """Return the slacks of NIAS, (..., M, U, U), of one table or a stack of tables."""
        return slacks(self.priors[..., None] * np.asarray(choice, dtype=np.float64), self.utility)

    def weights(self, choice: ArrayLike) -> Floats:
        """Return own value minus K, (..., M, M), of one table or a stack; +inf where not compared."""
        table = np.asarray(choice, dtype=np.float64)
        own = (table * self.weighted).sum(axis=(-2, -1))
        weights = own[..., :, None] - value_matrix(self.priors, table, self.utility)
        return np.where(self.compared, weights, np.inf)

    def contains(self, choice: ArrayLike, tolerance: float | None = None) -> NDArray[np.bool_] | bool:
        """Return whether one table, or each table of a stack (..., M, X, U), lies in the polytope.

        Parameters
        ----------
        choice : array_like, shape (..., M, X, U)
        tolerance : float, optional
            How far below zero a form may be, in units of utility; by default 1e-12 of the largest utility
            difference.
        """
        table = np.asarray(choice, dtype=np.float64)
        if table.shape[-3:] != self.shape:
            raise ValueError(f"choice: has shape {table.shape}; expected (..., M, X, U) = {self.shape}")
        least = -(TOLERANCE * self.scale if tolerance is None else tolerance)
        inside = (self.switch_slacks(table) >= least).all(axis=(-3, -2, -1))
        weights = self.weights(table)
        if self.condition == "nis":
            inside &= (weights >= least).all(axis=(-2, -1))
        elif self.shape[0] > 1:
            inside &= no_negative_cycle(weights, least)
        return bool(inside) if table.ndim == 3 else np.asarray(inside)

    def candidates(self, choice: ArrayLike) -> Candidates:
        """Return forms that include a violated one whenever the table violates any.

        All switches; and all cycles at their best maps, or for many environments the cheapest closed walks.
        """
        table = np.asarray(choice, dtype=np.float64)
        edges, maps = self.edges(table)
        n_environments, n_states, n_actions = self.shape
        cycles: tuple[tuple[int, ...], ...]
        if self.condition == "nis":
            cycles = tuple((m, k) for m, k in permutations(range(n_environments), 2) if self.compared[m, k])
            where = np.array(cycles, dtype=np.intp).reshape(-1, 2)
            forms = edges[where[:, 0], where[:, 1]]
        elif n_environments <= ENUMERATED:
            cycles, incidence = all_cycles(n_environments)
            if not self.compared.all():
                kept = np.flatnonzero(~incidence[:, ~self.compared.ravel()].any(axis=1))
                cycles, incidence = tuple(cycles[i] for i in kept), incidence[kept]
            flat = edges.reshape(n_environments**2, -1)
            forms = (incidence @ flat).reshape(-1, n_environments, n_states, n_actions)
        else:
            cycles = cheap_cycles(self.weights(table))
            forms = np.array([_along(edges, cycle) for cycle in cycles])
            forms = forms.reshape(-1, n_environments, n_states, n_actions)
        switches, rows = self.switches
        return Candidates(np.concatenate([rows, forms]), cycles, switches, maps, self.condition == "nis")

    @cached_property
    def switches(self) -> tuple[tuple[tuple[int, int, int], ...], Floats]:
        """The forms of NIAS: which (m, u, v), and coefficients (M U (U - 1), M, X, U)."""
        n_environments, _, n_actions = self.shape
        which = tuple((m, u, v) for m in range(n_environments) for u, v in permutations(range(n_actions), 2))
        rows = np.zeros((len(which), *self.shape))
        weighted = self.weighted
        for row, (m, u, v) in zip(rows, which, strict=True):
            row[m, :, u] = weighted[m, :, u] - weighted[m, :, v]
        return which, rows

    def edges(self, choice: Floats) -> tuple[Floats, NDArray[np.intp]]:
        """Return own_m - K_mk at the best maps of a table: forms (M, M, M, X, U) and maps (M, M, U).

        Where the action taken is as good as any, as after a signal that never comes, the map keeps it.
        """
        weighted, n_environments = self.weighted, self.shape[0]
        worth = np.einsum("kxu,mxv->mkuv", choice, weighted, optimize=True)
        same = np.diagonal(worth, axis1=2, axis2=3) >= worth.max(axis=3) - TOLERANCE * self.scale
        maps = np.where(same, np.arange(self.shape[2]), worth.argmax(axis=3))
        forms = np.zeros((n_environments, *([n_environments] * 2), *self.shape[1:]))
        m, k = np.indices((n_environments, n_environments))
        forms[m, k, m] += weighted[:, None]
        forms[m, k, k] -= np.take_along_axis(weighted[:, None], maps[:, :, None, :], axis=3)
        return forms, maps

    def worst(self, choice: ArrayLike, count: int = 1) -> list[Violation]:
        """Return the most violated candidates, worst first; an empty list for a rational table."""
        table = checks.choice_table(choice, "choice")
        found = self.candidates(table)
        values = (found.coefficients * table).sum(axis=(1, 2, 3))
        order = np.argsort(values, kind="stable")[:count]
        least = -TOLERANCE * self.scale
        return [Violation(found.form(int(i)), float(values[i])) for i in order if values[i] < least]

    def forms(self, limit: int = 100_000) -> list[LinearForm]:
        """Return every form: NIAS switch by switch, and every cycle (or pair) with every map.

        Raises
        ------
        ValueError
            If there are more than `limit`; the tests need no list, they generate the forms they use.
        """
        n_environments, _, n_actions = self.shape
        if self.condition == "nis":
            cycles: tuple[tuple[int, ...], ...] = tuple(permutations(range(n_environments), 2))
        else:
            cycles = all_cycles(n_environments)[0] if n_environments <= ENUMERATED else ()
        switches, rows = self.switches
        n_maps = n_actions**n_actions
        envy = self.condition == "nis"
        count = len(rows) + sum(n_maps ** (1 if envy else len(cycle)) for cycle in cycles)
        if count > limit or (not envy and n_environments > ENUMERATED):
            raise ValueError(f"forms: there are {count} or more forms, above {limit}; use `candidates`")
        every = list(product(range(n_actions), repeat=n_actions))
        empty = Candidates(rows, (), switches, np.zeros((1, 1, n_actions), dtype=np.intp), envy)
        found = [empty.form(i) for i in range(len(rows))]
        for cycle in cycles:
            pairs = [cycle] if envy else list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
            if not all(self.compared[m, k] for m, k in pairs):
                continue
            for maps in product(every, repeat=len(pairs)):
                table = np.zeros(self.shape)
                for (m, k), to in zip(pairs, maps, strict=True):
                    table[m] += self.weighted[m]
                    table[k] -= self.weighted[m][:, list(to)]
                found.append(LinearForm(cycle, maps, table, envy))
        return found


def _along(edges: Floats, cycle: tuple[int, ...]) -> Floats:
    return np.asarray(sum(edges[m, k] for m, k in zip(cycle, (*cycle[1:], cycle[0]), strict=True)))
