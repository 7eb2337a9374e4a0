r"""How far data are from GARP: the critical cost efficiency index.

GARP(e) is GARP with only the share :math:`e` of each budget: an arrow :math:`t\to s` needs
:math:`p_t^\top x_s\le e\,p_t^\top x_t`. Afriat's (1973) **critical cost efficiency index** is

.. math:: \mathrm{CCEI}=\sup\{e\in[0,1]:\text{GARP}(e)\text{ holds}\}.

Closed form. Put :math:`r_{ts}=p_t^\top x_s/p_t^\top x_t`. At efficiency :math:`e` an arrow
needs :math:`r_{ts}\le e`. Above the largest ratio of a cycle all its arrows are strict, below it one is
missing. So

.. math:: \mathrm{CCEI}=\min\Big\{1,\ \min_{\text{cycles}}\ \max_{t\to s\text{ on the cycle}}r_{ts}\Big\},

the smallest bottleneck (largest ratio) of a cycle, or one: no other value than the :math:`T(T-1)` ratios and
one. `ccei` searches the sorted ratios by bisection, with one pass for strongly connected classes at each
step; `ccei_stack` runs Floyd and Warshall's recursion on many small data sets at once. Both are exact up to
the rounding of the ratios.

The supremum may not be attained: `EfficiencyIndex.attained` says whether GARP(CCEI) holds. In particular an
index of one does not imply GARP.

References: Afriat (1973), International Economic Review 14(2); Varian (1990), Journal of Econometrics 46.

>>> ccei(BudgetData([[1, 2], [2, 1]], [[1, 2], [2, 1]])).value
0.8
>>> index = ccei(BudgetData([[1, 2], [2, 1]], [[1, 2], [1.9, 1.1]]))
>>> index.value, index.attained
(0.82, False)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma.afriat.data import TOLERANCE, BudgetData
from llma.afriat.garp import PreferenceCycle, classes, describe, garp, shortest_cycle
from llma.checks import Floats


@dataclass(frozen=True)
class EfficiencyIndex:
    """The critical cost efficiency index.

    Parameters
    ----------
    value : float
        Between 0 and 1.
    attained : bool
        Whether GARP holds at this efficiency; below it it always does.
    certificate : PreferenceCycle or None
        A cycle whose largest ratio is the index; None if no cycle has ratios of at most one.
    """

    value: float
    attained: bool
    certificate: PreferenceCycle | None

    def __str__(self) -> str:
        """Return the index with the cycle that keeps it from being larger."""
        how = "attained" if self.attained else "not attained"
        return f"{self.value:.6g}, {how}" + (f": {self.certificate}" if self.certificate else "")


def ccei(data: BudgetData, tolerance: float = TOLERANCE) -> EfficiencyIndex:
    """Return the critical cost efficiency index of T purchases.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    tolerance : float
        As a share of what was spent; decides only whether the index is attained, and when it is one.

    Returns
    -------
    EfficiencyIndex

    Examples
    --------
    >>> ccei(BudgetData([[1, 2], [2, 1]], [[2, 1], [1, 2]])).value
    1.0
    """
    ratios = _arrows(data.ratios)
    # A data set may hold the same ratio twice; the bisection is over values.
    candidates = np.unique(ratios[ratios <= 1 + tolerance])
    low, high = 0, candidates.size  # the least candidate at which there is a cycle lies in low..high
    while low < high:
        middle = (low + high) // 2
        if classes(ratios <= candidates[middle])[0] < data.n_observations:
            high = middle
        else:
            low = middle + 1
    if low == candidates.size:
        return EfficiencyIndex(1.0, True, None)
    arrows = ratios <= candidates[low]
    cycle = shortest_cycle(arrows, arrows)
    if cycle is None:
        raise RuntimeError("a class of several members without a cycle")
    value = float(candidates[low]) if candidates[low] < 1 - tolerance else 1.0
    attained = garp(data, efficiency=value, tolerance=tolerance).holds
    return EfficiencyIndex(value, attained, describe(data, cycle))


def ccei_stack(ratios: Floats) -> Floats:
    """Return the indices of many data sets with the same number of observations.

    Parameters
    ----------
    ratios : ndarray, shape (..., T, T)
        Cost of bundle s at the prices of t, as a share of what t spent; the diagonal is not used.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> ccei_stack(np.array([[[1, 0.8], [0.8, 1]], [[1, 0.9], [1.2, 1]]]))
    array([0.8, 1. ])
    """
    bottleneck = _arrows(np.asarray(ratios, dtype=np.float64))
    for k in range(bottleneck.shape[-1]):
        through = np.maximum(bottleneck[..., :, k, None], bottleneck[..., None, k, :])
        np.minimum(bottleneck, through, out=bottleneck)
    cycles = np.diagonal(bottleneck, axis1=-2, axis2=-1)
    return np.asarray(np.minimum(cycles.min(axis=-1), 1.0))


def observation_efficiency(data: BudgetData, tolerance: float = TOLERANCE) -> Floats:
    """Return, for each observation, the largest common efficiency at which it is in no cycle.

    It shows *where* data are inefficient: the smallest entry is the CCEI, an observation outside all cycles
    has 1. It is not Varian's (1990) index, which lowers the efficiencies of single observations as little as
    possible and is hard to compute.

    Parameters
    ----------
    data : BudgetData
        T purchases.
    tolerance : float
        As a share of what was spent: cycles with a larger ratio above one are ignored.

    Returns
    -------
    ndarray, shape (T,)

    Examples
    --------
    >>> data = BudgetData([[1, 2], [2, 1], [1, 1]], [[1, 2], [2, 1], [9, 9]])
    >>> observation_efficiency(data)
    array([0.8, 0.8, 1. ])
    """
    bottleneck = _arrows(data.ratios)
    for k in range(data.n_observations):
        np.minimum(bottleneck, np.maximum(bottleneck[:, k, None], bottleneck[None, k, :]), out=bottleneck)
    own = np.diagonal(bottleneck).copy()
    own[own > 1 - tolerance] = 1.0
    return own


def _arrows(ratios: Floats) -> Floats:
    """Return a copy of the ratios without the arrows from an observation to itself."""
    copy = np.array(ratios, dtype=np.float64)
    n = copy.shape[-1]
    copy[..., np.arange(n), np.arange(n)] = np.inf
    return copy
