"""The agents and centres of the chapter: base example, weak sensor, counterexample, repaired notebook."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from llma.checks import Floats
from llma.explorers.readings import symmetric
from llma.incentives import CentreSolution, FusionCentre, IncentivisedAgents


def agents(
    accuracy: float = 0.7, cost_gap: float = 0.2, kappa: float = 1.0, tie: str = "high"
) -> IncentivisedAgents:
    """Return the agents of the story: a symmetric sensor, reporting costs 0.2, one unit of pay is worth 0.5.

    >>> str(agents().learning_region())
    '[0.391304, 0.777778)'
    """
    return IncentivisedAgents(symmetric(accuracy), (kappa, 1.0), cost_gap, 0.5, tie=tie)


@cache
def centre(
    miss_cost: float = 1.0, discount: float = 0.9, accuracy: float = 0.7, pay: str = "lump"
) -> FusionCentre:
    """Return the safety office of the story: a missed fault costs 1 an agent, a false report nothing."""
    return FusionCentre(agents(accuracy), miss_cost, 0.0, discount, pay=pay)


@cache
def solved(problem: FusionCentre, tolerance: float = 1e-8, mesh: int = 96) -> CentreSolution:
    """Return the solution of a centre's problem, computed once."""
    return problem.solve(tolerance=tolerance, mesh=mesh, threshold_tolerance=max(tolerance, 1e-9))


WEAK = centre(5.0, 0.95, 0.6)
"""A weak sensor, dear misses, and patience: buying out covers a good part of the learning region."""

COUNTER = FusionCentre(
    IncentivisedAgents(((0.91, 0.09), (0.3985, 0.6015)), (2.306, 2.8), 0.185, 1.284),
    3.515,
    2.452,
    0.794,
    pay="action",
)
"""With a loss from false alarms there need not be a threshold."""


def corrected() -> IncentivisedAgents:
    """Return the agents of the published notebook, who do what is wanted when they are indifferent.

    Its numbers: sensor 0.7, a right action gains 1, the weights of pay differ by 0.5, action costs by 0.4.
    """
    return agents(0.7, 0.4, tie="own")


def reveal_only(solution: CentreSolution) -> Callable[[Floats], Floats]:
    """Return the policy with the same threshold that never buys out the pooled action.

    >>> policy = reveal_only(solved(centre()))
    >>> policy(np.array([0.1, 0.3, 0.77])).round(3)
    array([0. , 0.4, 0. ])
    """
    model, threshold = solution.centre.agents, solution.threshold
    if threshold is None:
        raise ValueError(f"solution: has no threshold ({solution.reason})")

    def posted(q: Floats) -> Floats:
        pays = (q >= threshold) & (model.indifference(q, 0) > 0)
        return np.where(pays, model.reveal_incentive(q), 0.0)

    return posted
