r"""Central control: when a controller should stop asking.

Model. A state x with belief :math:`\pi`. At each step the controller either continues, pays
:math:`c^\top\pi` and learns something, or stops for ever, with the best of some actions, and pays the total
:math:`\min_a c_a^\top\pi` once. Future costs are discounted by :math:`\rho < 1`:

.. math:: V(\pi) = \min\Bigl\{ \min_a c_a^\top\pi,\;
    c^\top\pi + \rho \sum_y \sigma(\pi, y)\, V(T(\pi, y)) \Bigr\}.

Modules. `model`: the class `CentralControl`. `hinges`: concave piecewise-linear functions. `reveal`: the
exact solution for two states. `solution`: what it hands back.

Reference. Wald, Annals of Mathematical Statistics 16, 1945; Shiryaev, Theory of Probability and its
Applications 8, 1963; Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271).

>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> solution = problem.solve()
>>> round(solution.threshold, 4), [str(part) for part in solution.stop_region]
(0.8344, ['[0.834359, 1]'])
"""

from llma.stopping.model import CentralControl
from llma.stopping.solution import Interval, Solution

__all__ = ["CentralControl", "Interval", "Solution"]
