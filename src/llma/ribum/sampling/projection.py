r"""Is the table rational, up to sampling error? Distance from the shares to the polytope.

Statistic. In whitened coordinates (`sampling`) the shares are z = 0 and the rational tables are a polytope
:math:`\{z : Gz \ge h\}`. The statistic is the squared distance, in standard errors,

.. math:: T = \min \{\|z\|^2 : Gz \ge h\} .

By duality its root is the largest *studentised violation*: :math:`\sqrt T` is the maximum, over all
non-negative combinations L of the forms, of :math:`-L(\hat p)` divided by the standard error of L (zero if no
form is violated).

Algorithm. Forms are generated when they are needed (cutting planes): solve the programme with the forms so
far; find forms that its solution violates; stop when none is violated by more than 1e-8 standard errors.
There are finitely many forms, and a form in the programme is not violated again, so this ends. Each
programme is a problem of least distance (`least_distance`), which starts where the last one ended.

Degrees of freedom. The test of Cox and Shi compares T with a chi-square whose degrees of freedom are the
rank of the inequalities that *bind at the nearest rational table*: the more ways the table could have left
the polytope there, the farther it leaves by chance. If none binds, T = 0 and nothing is rejected. As N grows,
the chance of rejecting a table of the polytope whose shares stay away from 0 and 1 is at most the level.
Fewer than all forms are listed, so which bind is computed from the weights: an edge m, k lies on a binding
cycle exactly if its reduced weight is zero and both ends lie in one strongly connected component of such
edges. The binding cycles span the cycle space of these components. Where two actions tie as best replies to
one signal, the difference of the two maps binds as well.

Cells without counts. A share must stay non-negative, so p >= 0 are inequalities like the others. A cell
that is empty in the sample and in the nearest rational table has not moved; it says nothing and is taken
out: the degrees of freedom are the rank of the other binding forms once these cells are fixed. This
rule is ours and no part of Cox and Shi's theorem, which counts these cells, too (`Projection.fixed` says how
many): without it the p-value is larger.

What is asymptotic here: the shares are taken as normal with a known covariance; if they were, the level
would hold for every sample. In the studies of `tests/ribum/sampling/test_studies.py`, at nominal .05, agents
at the least favourable points of the edge are rejected with frequency .04 to .06 for 50, 200 and 1,000 texts
a row, and agents elsewhere on the edge less often; with 30 texts a row it came to .07 in one design with 17
binding forms. Where a cell expects about one text or fewer, the half text added to the covariance makes the
test cautious (.00). If a single form binds, it rejects with frequency level / 2 at most: Cox and Shi's
refinement for that case, which needs the distance to all other forms, is not built. For proof instead of a
limit, use the box.

Reference. Cox and Shi, Review of Economic Studies 90, 2023 (arXiv 1907.06317).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2

from llma.checks import Floats
from llma.ribum.sampling.forms import LinearForm, Violation
from llma.ribum.sampling.least_distance import least_distance
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.sample import CountsTest, Sample

VIOLATED = 1e-8
"""A form further below zero, in standard errors, is added to the programme."""

BINDS = 1e-5
"""A form within this of zero, in standard errors, counts as binding."""

ROUNDS = 500
"""Rounds of cutting planes before the programme is given up."""

PER_ROUND = 60
"""Forms that are added in one round at most, the most violated first."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The rational table nearest to the shares.

    Attributes
    ----------
    statistic : float
        Squared distance in standard errors.
    table : ndarray, shape (M, X, U)
    df : int
        Rank of the binding forms, cells that are empty in the sample and here held fixed.
    fixed : int
        How many cells are held fixed. If the shares are not rational, df + fixed is the rank of everything
        that binds.
    forms : tuple of LinearForm
        Those that hold the table back, the largest multiplier first.
    multipliers : ndarray
        Their multipliers in standardised units; the combination of the forms with these weights, each form
        divided by its standard error, is the largest studentised violation.
    rounds : int
        Rounds of cutting planes.
    """

    statistic: float
    table: Floats
    df: int
    fixed: int
    forms: tuple[LinearForm, ...]
    multipliers: Floats
    rounds: int


def project(sample: Sample, polytope: Polytope) -> Projection:
    """Return the rational table nearest to the shares, in standard errors.

    Parameters
    ----------
    sample : Sample
        Counts, at least one text a row.
    polytope : Polytope

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        Naming a row without texts.
    RuntimeError
        If the programme is not solved to its tolerance.

    Examples
    --------
    Environment 1 has four times the stakes and looks less. The nearest rational reader looks equally much.

    >>> sample = Sample([[[90, 10], [10, 90]], [[80, 20], [20, 80]]])
    >>> polytope = Polytope([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> near = project(sample, polytope)
    >>> near.table[:, 0].round(3), round(near.statistic, 2), near.df
    (array([[0.863, 0.137],
           [0.863, 0.137]]), 7.85, 1)
    >>> print(near.forms[0])
    environment 0 takes the attention of 1, and 1 that of 0
    """
    sample.require_texts("projection")
    size = sample.factors.shape[0] * sample.factors.shape[1] * sample.factors.shape[2]
    gradients, levels = np.zeros((0, size)), np.zeros(0)
    forms: list[LinearForm | None] = []
    z, multipliers, table = np.zeros(size), np.zeros(0), sample.shares
    for rounds in range(ROUNDS):
        rows, below, made = _violated(sample, polytope, table, z)
        if not len(rows):
            break
        gradients, levels = np.concatenate([gradients, rows]), np.concatenate([levels, below])
        forms.extend(made)
        z, multipliers = least_distance(gradients, levels, multipliers)
        table = sample.table(z)
    else:
        raise RuntimeError(f"projection: forms are still violated after {ROUNDS} rounds of cutting planes")
    if forms:  # shares short of zero by rounding are zero
        table = np.maximum(table, 0.0)
        table = table / table.sum(axis=2, keepdims=True)
    order = [int(i) for i in np.argsort(-multipliers, kind="stable") if multipliers[i] > 0]
    kept = [(form, multipliers[i]) for i in order if (form := forms[i]) is not None]
    return Projection(
        statistic=float(z @ z),
        table=table,
        df=degrees_of_freedom(sample, polytope, table) if forms else 0,
        fixed=len(_binding_cells(sample, table)[1]),
        forms=tuple(form for form, _ in kept),
        multipliers=np.array([weight for _, weight in kept]),
        rounds=rounds,
    )


def projection_test(sample: Sample, polytope: Polytope, level: float) -> CountsTest:
    """Return the conditional chi-square test; see the module."""
    near = project(sample, polytope)
    p_value = float(chi2.sf(near.statistic, near.df)) if near.df else 1.0
    rejected = p_value < level
    return CountsTest(
        method="projection",
        condition=polytope.condition,
        level=level,
        rejected=rejected,
        p_value=p_value,
        statistic=near.statistic,
        df=near.df,
        certificate=studentised_worst(sample, polytope) if rejected else None,
        table=near.table,
    )


def studentised_worst(sample: Sample, polytope: Polytope) -> Violation | None:
    """Return the candidate form that the shares violate most, in standard errors, or None.

    Forms that involve a row without texts are left out.

    Examples
    --------
    >>> sample = Sample([[[90, 10], [10, 90]], [[80, 20], [20, 80]]])
    >>> polytope = Polytope([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> print(studentised_worst(sample, polytope))
    environment 0 takes the attention of 1, and 1 that of 0: total utility changes by +0.3 (s.e. 0.107)
    """
    seen = sample.totals > 0
    shares = np.where(seen[:, :, None], sample.shares, 1 / sample.counts.shape[2])
    found = polytope.candidates(shares)
    values = (found.coefficients * shares).sum(axis=(1, 2, 3))
    values[found.coefficients[:, ~seen].any(axis=(1, 2))] = 0.0
    errors = sample.standard_errors(found.coefficients)
    scores = np.divide(values, errors, out=np.zeros(len(values)), where=errors > 1e-12 * polytope.scale)
    if not len(scores) or scores.min() >= -VIOLATED:
        return None
    best = int(scores.argmin())
    return Violation(found.form(best), float(values[best]), float(errors[best]))


def degrees_of_freedom(sample: Sample, polytope: Polytope, table: Floats) -> int:
    """Return the rank of the forms that bind at a rational table, in whitened coordinates.

    Examples
    --------
    Three environments with the same attention: all five cycles bind, and together they say that three
    accuracies are in order, which is two inequalities.

    >>> sample = Sample([[[80, 20], [20, 80]]] * 3)
    >>> stakes = [[[1, 0], [0, 1]], [[2, 0], [0, 2]], [[4, 0], [0, 4]]]
    >>> degrees_of_freedom(sample, Polytope([0.5, 0.5], stakes), sample.shares)
    2
    """
    rows = [_binding_switches(sample, polytope, table), *_binding_edges(sample, polytope, table)]
    cells, idle = _binding_cells(sample, table)
    binding = np.concatenate([*rows, cells, idle])
    return _rank(binding) - _rank(idle)


def _violated(
    sample: Sample, polytope: Polytope, table: Floats, z: Floats
) -> tuple[Floats, Floats, list[LinearForm | None]]:
    """Return unit gradients and levels of forms, and of cells p >= 0, that a table violates."""
    found = polytope.candidates(table)
    values = (found.coefficients * table).sum(axis=(1, 2, 3))
    gradients = sample.whiten(found.coefficients)
    errors = np.linalg.norm(gradients, axis=1)
    scores = np.divide(values, errors, out=np.zeros(len(values)), where=errors > 1e-12 * polytope.scale)
    chosen = [int(i) for i in np.argsort(scores, kind="stable")[:PER_ROUND] if scores[i] < -VIOLATED]
    unit = gradients[chosen] / errors[chosen, None]
    made: list[LinearForm | None] = [found.form(i) for i in chosen]
    cells = sample.cells
    lengths = np.linalg.norm(cells, axis=1)
    low = np.flatnonzero(table.ravel() < -VIOLATED * lengths)
    cell_rows = cells[low] / lengths[low, None]
    rows = np.concatenate([unit, cell_rows])
    here = np.concatenate([scores[chosen], table.ravel()[low] / lengths[low]])
    return rows, rows @ z - here, [*made, *([None] * len(low))]


def _binding_switches(sample: Sample, polytope: Polytope, table: Floats) -> Floats:
    _, forms = polytope.switches
    values = (forms * table).sum(axis=(1, 2, 3))
    rows = sample.whiten(forms)
    return np.asarray(rows[values <= BINDS * np.linalg.norm(rows, axis=1)])


def _binding_edges(sample: Sample, polytope: Polytope, table: Floats) -> list[Floats]:
    """Return gradients that span the binding cycles (or pairs), the ties of best replies included."""
    n_environments = len(table)
    weights = polytope.weights(table)
    np.fill_diagonal(weights, np.inf)
    edges, maps = polytope.edges(table)
    rows = sample.whiten(edges)  # (M, M, n)
    near = BINDS * np.linalg.norm(rows, axis=2)
    if polytope.condition == "nis":
        binding = weights <= near
        spanning = rows[binding]
    else:
        potentials = _potentials(weights)
        tight = weights + potentials[None, :] - potentials[:, None] <= near
        _, component = connected_components(tight, directed=True, connection="strong")
        binding = tight & (component[:, None] == component[None])
        spanning = _cycle_space(binding, n_environments) @ rows[binding]
    ties = []
    worth = np.einsum("kxu,mxv->mkuv", table, polytope.weighted, optimize=True)
    short = worth.max(axis=3, keepdims=True) - worth
    for m, k in np.argwhere(binding):
        for u, v in np.argwhere(short[m, k] <= near[m, k]):
            if v != maps[m, k, u]:
                tie = np.zeros(table.shape)
                tie[k, :, u] = polytope.weighted[m, :, maps[m, k, u]] - polytope.weighted[m, :, v]
                ties.append(tie)
    return [spanning, sample.whiten(np.array(ties).reshape(len(ties), *table.shape))]


def _potentials(weights: Floats) -> Floats:
    """Return c with w[m, k] >= c[m] - c[k] up to rounding: cheapest walks from each environment."""
    cost = np.zeros(len(weights))
    for _ in range(len(weights)):
        cost = np.minimum(cost, (weights + cost[None, :]).min(axis=1))
    return cost


def _cycle_space(edges: Floats, n: int) -> Floats:
    """Return a basis of the circulations on the given edges, shape (dimension, edges)."""
    ends = np.argwhere(edges)
    incidence = np.zeros((n, len(ends)))
    incidence[ends[:, 0], np.arange(len(ends))] += 1
    incidence[ends[:, 1], np.arange(len(ends))] -= 1
    if not len(ends):
        return np.zeros((0, 0))
    _, values, basis = np.linalg.svd(incidence)
    return np.asarray(basis[int((values > 1e-9).sum()) :])


def _binding_cells(sample: Sample, table: Floats) -> tuple[Floats, Floats]:
    """Return gradients of cells at zero: those that moved there, and those without counts."""
    rows = sample.cells
    zero = table.ravel() <= BINDS * np.linalg.norm(rows, axis=1)
    idle = zero & (sample.counts.ravel() == 0)
    return rows[zero & ~idle], rows[idle]


def _rank(rows: Floats) -> int:
    lengths = np.linalg.norm(rows, axis=1)
    kept = lengths > 1e-12 * lengths.max(initial=0)
    return int(np.linalg.matrix_rank(rows[kept] / lengths[kept, None], tol=1e-6)) if kept.any() else 0
