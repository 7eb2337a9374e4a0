r"""A test with a proof for every sample size: a table in a confidence box.

The box. Each share gets its Clopper-Pearson interval at level :math:`\alpha / n`, where n is the number of
intervals (Bonferroni): one a row for two actions, since the second share is one minus the first, and one a
cell for more. The true table lies in the box with probability at least :math:`1 - \alpha`, for every number
of texts. A row without texts is left free and costs nothing.

The test. Reject if no table of the box is rational. If the true table is rational and lies in the box, this
cannot happen; so the chance of rejecting a rational agent is at most :math:`\alpha`. No approximation.

The programme. Variables are the table p, costs c, and bounds z on what each signal is worth:

.. math::
    \max t \quad \text{such that} \quad
    \mathrm{own}_m(p) - c_m \ge \sum_u z_{mku} - c_k + t \ (k \ne m), \quad
    z_{mku} \ge \sum_x \pi_m(x) p_k(u \mid x) r_m(x, v) \ \forall v,

NIAS slacks at least t, p in the box, rows summing to one, :math:`t \le 0`. (For NIS the costs are left out.)
Each z appears only where a smaller one helps, so at the optimum it may be taken equal to the maximum over v.
The box contains a rational table if and only if the optimum is t = 0. One sparse linear programme (HiGHS);
it counts as negative below 1e-7 of the largest utility difference, which is the solver's own tolerance and
errs on the side of not rejecting.

Reference. Clopper and Pearson, Biometrika 26, 1934.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix
from scipy.special import betaincinv

from llma.checks import Floats, Ints
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import studentised_worst
from llma.ribum.sampling.sample import CountsTest, Sample

NEGATIVE = 1e-7
"""An optimum further below zero, in units of the largest utility difference, rejects."""


@dataclass(frozen=True, eq=False)
class BoxFit:
    """The table of a box that comes nearest to being rational.

    Attributes
    ----------
    slack : float
        The optimum t: zero if the box contains a rational table, else negative. Units of utility.
    table : ndarray, shape (M, X, U)
    cost : ndarray, shape (M,)
        The costs of attention that go with it, the least of them zero; zeros for NIS.
    """

    slack: float
    table: Floats
    cost: Floats


def clopper_pearson(sample: Sample, level: float) -> tuple[Floats, Floats]:
    """Return lower and upper ends of intervals that all hold with probability 1 - level, (M, X, U) each.

    Examples
    --------
    >>> lower, upper = clopper_pearson(Sample([[[0, 20]]]), 0.05)
    >>> lower.round(4), upper.round(4)
    (array([[[0.    , 0.8316]]]), array([[[0.1684, 1.    ]]]))
    """
    totals = np.broadcast_to(sample.totals[:, :, None], sample.counts.shape)
    n_actions = sample.counts.shape[2]
    rows = int((sample.totals > 0).sum())
    tail = level / (2 * max(rows, 1) * (1 if n_actions == 2 else n_actions))
    hit, miss = sample.counts, totals - sample.counts
    lower = np.where(hit > 0, betaincinv(np.maximum(hit, 1), miss + 1, tail), 0.0)
    upper = np.where(miss > 0, betaincinv(hit + 1, np.maximum(miss, 1), 1 - tail), 1.0)
    return lower, upper


def fit_box(polytope: Polytope, lower: Floats, upper: Floats) -> BoxFit:
    """Return the table between two bounds that comes nearest to being rational.

    Parameters
    ----------
    polytope : Polytope
    lower, upper : ndarray, shape (M, X, U)
        Bounds on the choice probabilities.

    Returns
    -------
    BoxFit

    Raises
    ------
    ValueError
        If no table lies between the bounds.
    RuntimeError
        If the solver reports anything but an optimum; the message carries its own words.

    Examples
    --------
    >>> polytope = Polytope([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> exact = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.8, 0.2], [0.2, 0.8]]])
    >>> round(fit_box(polytope, exact, exact).slack, 3)  # the two cycle edges share a loss of 0.3
    -0.15
    >>> fit_box(polytope, exact - 0.1, np.minimum(exact + 0.1, 1)).slack
    0.0
    """
    if (
        (lower.sum(axis=2) > 1 + 1e-12).any()
        or (upper.sum(axis=2) < 1 - 1e-12).any()
        or (lower > upper).any()
    ):
        raise ValueError("box: no choice table lies between these bounds; check lower <= upper, row by row")
    n_environments, n_states, n_actions = polytope.shape
    size = polytope.utility.size
    pairs = [(m, k) for m in range(n_environments) for k in range(n_environments) if polytope.compared[m, k]]
    pairs = [(m, k) for m, k in pairs if m != k]
    builder = _Rows(polytope, pairs)
    builder.signals()
    builder.pairs()
    builder.switches()
    matrix = coo_matrix(
        (builder.values, (builder.rows, builder.columns)), shape=(builder.count, builder.width)
    ).tocsr()
    sums = coo_matrix(
        (np.ones(size), (np.arange(size) // n_actions, np.arange(size))),
        shape=(n_environments * n_states, builder.width),
    ).tocsr()
    objective = np.zeros(builder.width)
    objective[-1] = -1.0
    n_free = builder.width - size - 1
    bounds = [
        *zip(lower.ravel(), upper.ravel(), strict=True),
        *([(None, None)] * n_free),
        (None, 0.0),
    ]
    result = linprog(
        objective,
        A_ub=matrix,
        b_ub=np.zeros(builder.count),
        A_eq=sums,
        b_eq=np.ones(n_environments * n_states),
        bounds=bounds,
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"box: the linear programme ended with status {result.status}: {result.message}")
    cost = np.zeros(n_environments)
    if polytope.condition == "niac":
        cost = result.x[size : size + n_environments] * polytope.scale
    slack = min(0.0, float(result.x[-1])) * polytope.scale
    return BoxFit(slack + 0.0, result.x[:size].reshape(polytope.shape), cost - cost.min())


def box_test(sample: Sample, polytope: Polytope, level: float) -> CountsTest:
    """Return the test that rejects if no table of the box is rational; see the module."""
    fit = fit_box(polytope, *clopper_pearson(sample, level))
    rejected = fit.slack < -NEGATIVE * polytope.scale
    certificate = studentised_worst(sample, polytope) if rejected else None
    if rejected and certificate is None:
        certificate = next(iter(polytope.worst(fit.table / fit.table.sum(axis=2, keepdims=True))), None)
    return CountsTest(
        method="box",
        condition=polytope.condition,
        level=level,
        rejected=rejected,
        p_value=None,
        statistic=fit.slack,
        certificate=certificate,
        table=fit.table,
    )


def box_p_value(sample: Sample, polytope: Polytope, digits: int = 3) -> float:
    """Return the smallest level at which the box rejects, found by bisection on its logarithm.

    Boxes shrink as the level grows, so there is one such level. The value returned is an upper end: the box
    rejects at it (unless it is 1), and `digits` says to how many digits of the logarithm to base 10 it is
    sharp. Levels below 1e-12 are reported as 1e-12.

    Examples
    --------
    >>> sample = Sample([[[90, 10], [10, 90]], [[70, 30], [30, 70]]])
    >>> polytope = Polytope([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> p = box_p_value(sample, polytope)
    >>> box_test(sample, polytope, p).rejected, box_test(sample, polytope, 0.98 * p).rejected
    (True, False)
    """

    def rejects(level: float) -> bool:
        return box_test(sample, polytope, level).rejected

    low, high = -12.0, 0.0
    if not rejects(0.999999):
        return 1.0
    if rejects(10**low):
        return float(10**low)
    while high - low > 10.0**-digits:
        middle = (low + high) / 2
        low, high = (low, middle) if rejects(10**middle) else (middle, high)
    return float(10**high)


class _Rows:
    """Inequalities "row @ variables <= 0" in triplets; variables p, c (for NIAC), z, t; utility scaled."""

    def __init__(self, polytope: Polytope, pairs: list[tuple[int, int]]) -> None:
        self.polytope = polytope
        self.n_environments, self.n_states, self.n_actions = polytope.shape
        self.weighted = polytope.weighted / polytope.scale
        self.index = np.arange(polytope.utility.size).reshape(polytope.shape)
        self.first_z = polytope.utility.size + (self.n_environments if polytope.condition == "niac" else 0)
        self.m = np.array([m for m, _ in pairs], dtype=np.int64)
        self.k = np.array([k for _, k in pairs], dtype=np.int64)
        self.width = self.first_z + len(pairs) * self.n_actions + 1
        self.rows = np.zeros(0, dtype=np.int64)
        self.columns = np.zeros(0, dtype=np.int64)
        self.values = np.zeros(0)
        self.count = 0

    def _add(self, rows: Ints, columns: Ints | int, values: Floats | float) -> None:
        parts = np.broadcast_arrays(rows, columns, values)
        self.rows = np.append(self.rows, parts[0])
        self.columns = np.append(self.columns, parts[1])
        self.values = np.append(self.values, parts[2])

    def _z(self) -> Ints:
        return self.first_z + np.arange(len(self.m) * self.n_actions).reshape(len(self.m), self.n_actions)

    def signals(self) -> None:
        """Add sum_x w_m(x, v) p_k(u given x) - z_mku <= 0 for all pairs, u and v."""
        shape = (len(self.m), self.n_actions, self.n_actions)  # (pair, u, v)
        row = self.count + np.arange(int(np.prod(shape))).reshape(shape)
        spread = self.weighted[self.m][:, :, None, :]  # (pair, x, u, v)
        self._add(row[:, None], self.index[self.k][:, :, :, None], spread)
        self._add(row, self._z()[:, :, None], -1.0)
        self.count += row.size

    def pairs(self) -> None:
        """Add sum_u z_mku - c_k + t - own_m + c_m <= 0 for all pairs."""
        row = self.count + np.arange(len(self.m))
        self._add(row[:, None], self._z(), 1.0)
        self._add(row[:, None, None], self.index[self.m], -self.weighted[self.m])
        self._add(row, self.width - 1, 1.0)
        if self.polytope.condition == "niac":
            self._add(row, self.polytope.utility.size + self.m, 1.0)
            self._add(row, self.polytope.utility.size + self.k, -1.0)
        self.count += len(row)

    def switches(self) -> None:
        """Add t - (NIAS slack) <= 0 for all m and u != v."""
        which = np.array(self.polytope.switches[0], dtype=np.int64).reshape(-1, 3)
        m, u, v = which.T
        row = self.count + np.arange(len(which))
        loss = self.weighted[m, :, v] - self.weighted[m, :, u]
        self._add(row[:, None], self.index[m, :, u], loss)
        self._add(row, self.width - 1, 1.0)
        self.count += len(row)
