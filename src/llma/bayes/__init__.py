r"""Bayes' rule for a finite state: posterior, filter, and the orders that make it monotone.

Model. A state x in 0..X-1 with belief :math:`\pi` (a probability vector), a transition matrix P (the identity
when the state does not move) and an observation y in 0..Y-1 with likelihood :math:`B_{xy} = p(y \mid x)`.

Filter. :math:`T(\pi, y) = B_y P^\top \pi / \sigma(\pi, y)`, where :math:`B_y` is the diagonal matrix of
column y and :math:`\sigma(\pi, y) = \mathbf 1^\top B_y P^\top \pi` is the probability of seeing y.

Monotone likelihood ratio (MLR) order. :math:`\pi` dominates :math:`\pi'` if
:math:`\pi(i)\,\pi'(j) \le \pi(j)\,\pi'(i)` for all i < j: the ratio :math:`\pi/\pi'` increases with the
state. A matrix is totally positive of order 2 (TP2) if none of its 2 x 2 minors is negative.

Theorem (monotone filter). (a) If B is TP2, then :math:`T(\pi, y)` is MLR-increasing in y wherever y has
positive probability. (b) If P is TP2, then it is MLR-increasing in :math:`\pi`. (c) If both are, then
:math:`\sigma(\pi, \cdot)` increases with :math:`\pi` in the sense of first-order stochastic dominance.

Modules. `rule`: posterior and filter. `orders`: MLR and TP2.

Reference. Krishnamurthy, *Partially Observed Markov Decision Processes*, Cambridge University Press, 2016,
chapters 2 and 10; Karlin and Rinott, Journal of Multivariate Analysis 10, 1980.

>>> likelihood = [[0.8, 0.2], [0.3, 0.7]]
>>> posterior([0.5, 0.5], likelihood, 1).round(4)
array([0.2222, 0.7778])
>>> is_tp2(likelihood)
True
"""

from llma.bayes.orders import (
    TP2_TOLERANCE,
    TP2Violation,
    is_tp2,
    mlr_dominates,
    tp2_minors,
    tp2_violation,
)
from llma.bayes.rule import (
    filter_path,
    filter_step,
    merge_observations,
    posterior,
    predict,
)

__all__ = [
    "TP2_TOLERANCE",
    "TP2Violation",
    "filter_path",
    "filter_step",
    "is_tp2",
    "merge_observations",
    "mlr_dominates",
    "posterior",
    "predict",
    "tp2_minors",
    "tp2_violation",
]
