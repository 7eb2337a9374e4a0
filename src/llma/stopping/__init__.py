r"""Central control: when a controller should stop asking.

Model. A state x with belief :math:`\pi`. At each step the controller either continues, pays
:math:`c^\top\pi` and learns something, or stops for ever, with the best of some actions, and pays the total
:math:`\min_a c_a^\top\pi` once. Future costs are discounted by :math:`\rho < 1`:

.. math:: V(\pi) = \min\Bigl\{ \min_a c_a^\top\pi,\;
    c^\top\pi + \rho \sum_y \sigma(\pi, y)\, V(T(\pi, y)) \Bigr\}.

Modules. `model`: the class `CentralControl`. `reveal`: the exact solution for two states when continuing
reveals observations, with lines (`hinges`) and the plans behind them (`controllers`). `recursion`: the same
where beliefs and values jump, with pieces (`pieces`). `crowd`: social learning as a continuation, and as what
follows a stop. `simplex`: more than two states, bounds from above and below (`planes`, `certified`).
`structure`: what signs say before anything is solved. `monotone`: thresholds on the simplex, and checks of
their hypotheses with witnesses. `closed_forms`: the symmetric sensor.
`detection`: a change to be detected. `policies`, `simulate`, `evaluate`: what one may do instead, and what it
costs. `solution`: what a solver hands back.

Reference. Wald, Annals of Mathematical Statistics 16, 1945; Shiryaev, Theory of Probability and its
Applications 8, 1963; Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271).

>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> solution = problem.solve()
>>> round(solution.threshold, 4), [str(part) for part in solution.stop_region]
(0.8344, ['[0.834359, 1]'])
"""

from llma.stopping.certified import SimplexSolution
from llma.stopping.crowd import HandOver
from llma.stopping.detection import quickest_detection
from llma.stopping.evaluate import policy_cost
from llma.stopping.model import CONTINUATIONS, CentralControl
from llma.stopping.monotone import (
    DeltaViolation,
    FallingValue,
    LeftRegion,
    MonotoneConditions,
    falling_value,
    left_region,
    line_pairs,
    mlr_pairs,
    monotone_conditions,
)
from llma.stopping.policies import (
    AlwaysReveal,
    Exploration,
    MajorityOfFirst,
    NeverReveal,
    Policy,
    StopIn,
    View,
    Wald,
)
from llma.stopping.simplex import solve_simplex
from llma.stopping.simulate import Runs, simulate
from llma.stopping.solution import Interval, Solution
from llma.stopping.structure import (
    SignTable,
    delta,
    delta_signs,
    predicted_region,
    two_thresholds_guaranteed,
)

__all__ = [
    "CONTINUATIONS",
    "AlwaysReveal",
    "CentralControl",
    "DeltaViolation",
    "Exploration",
    "FallingValue",
    "HandOver",
    "Interval",
    "LeftRegion",
    "MajorityOfFirst",
    "MonotoneConditions",
    "NeverReveal",
    "Policy",
    "Runs",
    "SignTable",
    "SimplexSolution",
    "Solution",
    "StopIn",
    "View",
    "Wald",
    "delta",
    "delta_signs",
    "falling_value",
    "left_region",
    "line_pairs",
    "mlr_pairs",
    "monotone_conditions",
    "policy_cost",
    "predicted_region",
    "quickest_detection",
    "simulate",
    "solve_simplex",
    "two_thresholds_guaranteed",
]
