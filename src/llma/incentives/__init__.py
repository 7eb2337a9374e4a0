r"""Paying agents to think: incentives that break a cascade, and when they are worth their cost.

Model. Two states, two observations, two actions. Before an agent acts, a fusion centre that knows only the
public belief posts an incentive for action 1. The agent weighs what it believes against what it is paid.
Between two incentives, one for each observation, its action reveals what it saw; the centre pays for that,
and loses when the action is wrong.

Modules. `agents`: what agents do, the least revealing incentive. `centre`: the centre's problem. `recursion`:
its value, exact on counts. `solution`: value, regions, thresholds. `paths`: the exact law of beliefs and
payments under a policy, and simulation. `drift`: exact one-step drifts. `payments`: any number of states,
observations and actions. `published`: the rule of the notebooks published with the paper, for study.

Reference. Bhatt and Krishnamurthy, IEEE Transactions on Automatic Control 66, 2021; Jain and Krishnamurthy,
IEEE Access, 2025 (arXiv 2411.01271).

>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
>>> solution = FusionCentre(agents, miss_cost=1.0, false_alarm_cost=0.0, discount=0.9).solve()
>>> round(solution.threshold, 3), str(agents.learning_region())
(0.207, '[0.391304, 0.777778)')
"""

from llma.incentives.agents import TIES, IncentivisedAgents
from llma.incentives.centre import FusionCentre
from llma.incentives.drift import Drift, drift
from llma.incentives.paths import IncentiveLaw, IncentiveRuns, exact_law, simulate
from llma.incentives.payments import CheapestReveal, cheapest_reveal, least_payments
from llma.incentives.solution import CentreSolution, Region

__all__ = [
    "TIES",
    "CentreSolution",
    "CheapestReveal",
    "Drift",
    "FusionCentre",
    "IncentiveLaw",
    "IncentiveRuns",
    "IncentivisedAgents",
    "Region",
    "cheapest_reveal",
    "drift",
    "exact_law",
    "least_payments",
    "simulate",
]
