r"""Learning a threshold from costs alone.

Problem. A controller stops when its belief reaches a threshold, but knows neither the likelihood nor the
costs: it can only run episodes and see what they cost. What it minimises is a black box,
``objective(threshold, rng)``.

Modules. `parameter`: a threshold as a point on a circle. `gains`: how far and how wide. `spsa`: two
evaluations make a step, also annealed and for many replications at once. `reinforce`: one evaluation and the
score of the policy. `grid`: all thresholds on the same random numbers. `episodes`: black boxes, from a model
or from texts. `lattice`: the exact cost, by which all of them are judged. `published`: the experiments of the
notebooks published with the paper, replicated, for study.

A learned threshold is judged by the exact cost of the *hard* threshold, never by its distance from the best
one: whole intervals of thresholds cost the same.

Reference. Spall, IEEE Transactions on Automatic Control 37, 1992; Jain and Krishnamurthy, IEEE Access, 2025
(arXiv 2411.01271).

>>> from llma.stopping import CentralControl
>>> import numpy as np
>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> box = model_box(problem, 0.5, temperature=0.03, episodes=20)
>>> trace = spsa(box, angle_of(0.5), np.random.default_rng(1))
>>> float(excess_cost(problem, 0.5, trace.final).round(6)) + 0.0
0.0
"""

from llma.policy_gradient.episodes import Episodes, ThresholdBox, model_box, text_source
from llma.policy_gradient.gains import Gains, GainSequence
from llma.policy_gradient.grid import GridSearch, grid_search
from llma.policy_gradient.lattice import SmoothedCost, best_threshold, excess_cost, smoothed_cost
from llma.policy_gradient.parameter import angle_of, threshold_of
from llma.policy_gradient.reinforce import ESTIMATORS, reinforce, slope
from llma.policy_gradient.spsa import Objective, Trace, annealed, spsa

__all__ = [
    "ESTIMATORS",
    "Episodes",
    "GainSequence",
    "Gains",
    "GridSearch",
    "Objective",
    "SmoothedCost",
    "ThresholdBox",
    "Trace",
    "angle_of",
    "annealed",
    "best_threshold",
    "excess_cost",
    "grid_search",
    "model_box",
    "reinforce",
    "slope",
    "smoothed_cost",
    "spsa",
    "text_source",
    "threshold_of",
]
