"""Revealed preference: GARP, Afriat's numbers, efficiency, and the power of a set of budgets.

Prices and bundles go in. Out come a verdict that can be checked by hand, a utility that explains the data if
there is one, and otherwise how far they are from having one.

>>> data = BudgetData(prices=[[1, 2], [2, 1]], bundles=[[4, 0.5], [1, 3]])
>>> garp(data).holds, ccei(data).value
(True, 1.0)
>>> u = construct(data)
>>> u(data.bundles)
array([0., 0.])
"""

from llma.afriat.data import TOLERANCE, BudgetData, from_shares, revealed
from llma.afriat.efficiency import EfficiencyIndex, ccei, ccei_stack, observation_efficiency
from llma.afriat.garp import AxiomResult, PreferenceCycle, classes, closure, garp, sarp, shortest_cycle, warp
from llma.afriat.numbers import AfriatUtility, construct, solve
from llma.afriat.power import PowerEstimate, bronars, two_budgets
from llma.afriat.quasilinear import potentials, quasilinear

__all__ = [
    "TOLERANCE",
    "AfriatUtility",
    "AxiomResult",
    "BudgetData",
    "EfficiencyIndex",
    "PowerEstimate",
    "PreferenceCycle",
    "bronars",
    "ccei",
    "ccei_stack",
    "classes",
    "closure",
    "construct",
    "from_shares",
    "garp",
    "observation_efficiency",
    "potentials",
    "quasilinear",
    "revealed",
    "sarp",
    "shortest_cycle",
    "solve",
    "two_budgets",
    "warp",
]
