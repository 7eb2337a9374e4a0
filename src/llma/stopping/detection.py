r"""Quickest detection: something changes at an unknown time, and you want to know soon, but not too soon.

Model. The state is 0 before the change and 1 after it. At each step it changes with probability h, the
*hazard*, and never changes back. An observation follows. As long as you continue, each step after the change
costs d (delay). Stopping raises the alarm: a false one, in state 0, costs f, once.

.. math:: P = \begin{pmatrix} 1 - h & h \\ 0 & 1 \end{pmatrix},\qquad c = (0, d),\qquad c_s = (f, 0).

Theorem. The alarm is raised if and only if q >= q*, for some 0 < q* <= 1, and q* is at least the myopic point
:math:`f(1 - \rho(1-h)) / (f(1 - \rho(1-h)) + d)`.

Proof. As before W = V - :math:`c_s^\top\pi` is concave and the stop region is an interval. The vertex
:math:`e_1` is still frozen, and :math:`W(e_1) = \min(0, d/(1-\rho)) = 0`: the interval contains it. At
:math:`e_0` beliefs do move, but :math:`W \le 0` everywhere gives :math:`W(e_0) \le \delta_0 = -f(1 - \rho
(1-h)) < 0`. Stopping implies :math:`\delta^\top\pi \ge 0`, which is the last claim.

Reference. Shiryaev, Theory of Probability and its Applications 8, 1963.

>>> problem = quickest_detection([[0.7, 0.3], [0.3, 0.7]], 0.05, 1.0, 10.0, 0.95)
>>> solution = problem.solve()
>>> round(solution.threshold, 4), solution.side
(0.7253, 'upper')
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from llma import checks
from llma.stopping.model import CentralControl


def quickest_detection(
    likelihood: ArrayLike, hazard: float, delay_cost: float, false_alarm_cost: float, discount: float
) -> CentralControl:
    """Return the problem of detecting a change.

    Parameters
    ----------
    likelihood : array_like, shape (2, Y)
        p(y given before), p(y given after).
    hazard : float
        Probability that the change happens in a step in which it has not happened yet; between 0 and 1.
    delay_cost : float
        Cost of each step after the change without an alarm; positive.
    false_alarm_cost : float
        Cost, once, of an alarm before the change; positive.
    discount : float
        Between 0 and 1 (1 excluded).

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> quickest_detection([[0.7, 0.3], [0.3, 0.7]], 0.05, 1.0, 10.0, 0.95).transition
    array([[0.95, 0.05],
           [0.  , 1.  ]])
    """
    h = float(checks.probabilities(hazard, "hazard"))
    for name, value in (("delay_cost", delay_cost), ("false_alarm_cost", false_alarm_cost)):
        if not value > 0:
            raise ValueError(f"{name}: is {value}; expected a positive number")
    return CentralControl(
        checks.stochastic_matrix(likelihood, "likelihood", n_rows=2),
        [0.0, delay_cost],
        [false_alarm_cost, 0.0],
        discount,
        transition=[[1 - h, h], [0.0, 1.0]],
    )
