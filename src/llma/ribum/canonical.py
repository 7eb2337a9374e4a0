r"""The canonical cost of attention: the least one that explains the data.

Data that satisfy NIAS and NIAC come with costs c of the observed experiments,
:math:`c_m - c_k \le w_{mk}`. Every other experiment :math:`\beta` then costs just enough to be unattractive
everywhere,

.. math:: C^*(\beta) = \max\{0,\ \max_m\, J_m(\beta) - K_{mm} + c_m\} ,

with :math:`J_m(\beta) = \sum_y \max_v \sum_x \pi_m(x)\,\beta(y \mid x)\,r_m(x, v)`. Theorem: with this cost
the data are optimal in every environment; it is zero at no information, never falls with information, and is
convex; :math:`C^*(p_m) = c_m`; and no other non-negative cost with these c that explains the data is smaller
anywhere.

Reference. Caplin and Dean, American Economic Review 105, 2015.

>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
>>> canonical_cost(data, [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])([[1, 0], [1, 0]]).item()
0.0
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.ribum.conditions import niac_weights, relative, value_matrix
from llma.ribum.costs import allowances, information_values
from llma.ribum.cycles import potentials
from llma.ribum.data import ChoiceData, utilities


@dataclass(frozen=True, eq=False)
class CanonicalCost:
    """The least cost of attention that explains the data, given what the observed experiments cost.

    Call it with an experiment, shape (..., X, Y), to get its cost, shape (...).

    Attributes
    ----------
    weighted : ndarray, shape (M, X, U)
        Prior times utility.
    values : ndarray, shape (M,)
        K[m, m].
    costs : ndarray, shape (M,)
        What the experiments of the data cost.
    """

    weighted: Floats
    values: Floats
    costs: Floats

    def __call__(self, experiment: ArrayLike) -> Floats:
        """Return the cost of an experiment p(y given x), shape (..., X, Y), or a stack of them.

        Raises
        ------
        ValueError
            If a row of the experiment is not a probability vector, or its number of states is wrong.
        """
        table = checks.belief(experiment, "experiment")
        if table.ndim < 2 or table.shape[-2] != self.weighted.shape[1]:
            raise ValueError(
                f"experiment: has shape {table.shape}; expected (..., {self.weighted.shape[1]}, Y), one row "
                "a state"
            )
        worth = np.einsum("...xy,mxv->...myv", table, self.weighted).max(axis=-1).sum(axis=-1)
        return np.asarray(np.maximum((worth - self.values + self.costs).max(axis=-1), 0.0))


def canonical_cost(data: ChoiceData, utility: ArrayLike, costs: ArrayLike | None = None) -> CanonicalCost:
    """Return the canonical cost, a function of experiments (kernel cost).

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments that satisfy NIAC.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.
    costs : array_like, shape (M,), optional
        Costs of the observed experiments; None takes the least ones that the data allow.

    Returns
    -------
    CanonicalCost

    Raises
    ------
    ValueError
        If NIAC fails, or the given costs do not explain the data.

    Notes
    -----
    A cost that depends on posteriors is, within a group of equal priors, the same thing. Take one group at a
    time.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    >>> cost = canonical_cost(data, [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> [float(cost(p)) for p in data.choice]
    [0.0, 0.25]
    >>> float(cost([[0.9, 0.1], [0.1, 0.9]]))
    0.15
    """
    r = relative(utilities(utility, data))
    weights = niac_weights(data, r)
    tolerance = allowances(r)
    if costs is None:
        c = potentials(weights, tolerance)
    else:
        c = checks.real_array(costs, "costs", ndim=1)
        if c.shape != (data.n_environments,):
            raise ValueError(f"costs: have shape {c.shape}; expected ({data.n_environments},)")
        _check(c, weights, information_values(data, r), tolerance)
    values = np.diagonal(value_matrix(data.priors, data.choice, r))
    return CanonicalCost(data.priors[:, :, None] * r, values, c)


def _check(costs: Floats, weights: Floats, information: Floats, tolerance: Floats) -> None:
    gap = weights - (costs[:, None] - costs[None]) + tolerance[:, None]
    if (gap < 0).any():
        m, k = (int(i) for i in np.argwhere(gap < 0)[0])
        raise ValueError(
            f"costs: environment {m} would rather pay {costs[k]:.6g} for the attention of {k} than "
            f"{costs[m]:.6g} for its own; costs[{m}] - costs[{k}] must be at most {weights[m, k]:.6g}"
        )
    bad = (costs < -tolerance) | (costs > information + tolerance)
    if bad.any():
        m = int(bad.argmax())
        raise ValueError(
            f"costs: entry {m} is {costs[m]:.6g}; it must lie between 0 and {information[m]:.6g}, what the "
            "information is worth there"
        )
