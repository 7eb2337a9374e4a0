r"""One way to stop and a symmetric sensor: the threshold, and the cost of every threshold, in closed form.

Model. Two states that do not move; an observation shows the state with probability p > 1/2; one way to
stop; :math:`\delta_0 < 0 < \delta_1` as in `llma.stopping.structure`, so that one stops at high q. Count the
*lead*: observations 1 minus observations 0. The belief after a lead m has odds :math:`o\,(p/\bar p)^m`, and a
threshold policy stops when the lead first reaches some m.

Theorem. In state x the lead goes up with probability :math:`p_x` (p in state 1, :math:`\bar p = 1 - p` in
state 0). Let

.. math:: \varphi_x = \frac{2\rho p_x}{1 + \sqrt{1 - 4\rho^2 p\bar p}}.

(a) Stopping at lead m >= 0 costs in state x, in total, :math:`c(x)/(1-\rho) - \varphi_x^m\,
\delta_x/(1-\rho)`. (b) It is best to stop if and only if the odds are at least

.. math:: o^* = \frac{-\delta_0}{\delta_1} \cdot \frac{1 - \varphi_0}{1 - \varphi_1}.

The first factor is the myopic odds.

Proof. (a) Let T be the time at which the lead first reaches 1, and :math:`\varphi = E_x[\rho^T]`. Looking one
step ahead, :math:`\varphi = \rho(p_x + (1 - p_x)\varphi^2)`; the root below one is the one given. To reach m
takes m independent such times, so :math:`E_x[\rho^{T_m}] = \varphi_x^m`, and the cost is :math:`c(x)(1 -
\varphi_x^m)/(1 - \rho) + \varphi_x^m c_s(x)`. (b) The cost from odds o is a constant plus
:math:`(-\delta_0)\varphi_0^m - o\,\delta_1\varphi_1^m`, over :math:`(1 - \rho)(1 + o)`. One more step of lead
changes the numerator by :math:`\delta_1(1-\varphi_1)\varphi_1^m\,(o - o^*(\varphi_0/\varphi_1)^m)`, and
:math:`\varphi_0 < \varphi_1`. So it pays to wait for m = 1 if and only if :math:`o < o^*`, and if it does not
pay to wait for 1, it does not pay to wait for more.

>>> round(symmetric_threshold(0.7, [0.1, 0.6], [10, 0], 0.9), 7)
0.8343585
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats


def discounted_first_passage(accuracy: float, discount: float) -> Floats:
    r"""Return :math:`\varphi_x`, the mean of discount**(steps until the lead is 1) in each state, shape (2,).

    Parameters
    ----------
    accuracy : float
        p, above one half and below one.
    discount : float
        Above zero and below one.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> discounted_first_passage(0.7, 0.9).round(4)
    array([0.345 , 0.8049])
    """
    if not 0.5 < accuracy < 1:
        raise ValueError(f"accuracy: is {accuracy}; expected a number between 1/2 and 1, both excluded")
    if checks.discount(discount) == 0:
        raise ValueError("discount: is 0; the closed form needs a positive discount")
    root = np.sqrt(1 - 4 * discount**2 * accuracy * (1 - accuracy))
    return np.asarray(2 * discount * np.array([1 - accuracy, accuracy]) / (1 + root))


def cost_of_lead(
    lead: ArrayLike,
    q: ArrayLike,
    accuracy: float,
    *,
    continue_cost: ArrayLike,
    stop_cost: ArrayLike,
    discount: float,
) -> Floats:
    """Return the total cost of stopping when the lead first reaches a number, from belief[1] = q.

    Parameters
    ----------
    lead : array_like of int
        0 or more; 0 stops at once.
    q : array_like
        Broadcasts against `lead`.
    accuracy, discount : float
        As in `discounted_first_passage`.
    continue_cost, stop_cost : array_like, shape (2,)
        Cost of a step, and total cost of stopping, in each state.

    Raises
    ------
    ValueError
        If a lead is negative, or an argument is outside its range.

    Examples
    --------
    >>> costs = {"continue_cost": [0.1, 0.6], "stop_cost": [10, 0], "discount": 0.9}
    >>> cost_of_lead([0, 1, 2, 3], 0.5, 0.7, **costs).round(4)
    array([5.    , 2.6376, 2.0917, 2.1201])
    """
    leads = np.asarray(lead)
    if (leads < 0).any():
        raise ValueError(f"lead: is {leads.min()}; expected 0 or more")
    share = checks.probabilities(q, "q")
    running, final = _costs(continue_cost, stop_cost)
    passed = discounted_first_passage(accuracy, discount) ** leads[..., None]  # (..., 2)
    by_state = running * (1 - passed) / (1 - discount) + passed * final
    return np.asarray((1 - share) * by_state[..., 0] + share * by_state[..., 1])


def symmetric_threshold(
    accuracy: float, continue_cost: ArrayLike, stop_cost: ArrayLike, discount: float
) -> float:
    """Return the threshold q* above which it is best to stop.

    Raises
    ------
    ValueError
        If not delta[0] < 0 < delta[1]; exchange the names of the states for the mirror case.

    Examples
    --------
    >>> [round(symmetric_threshold(p, [0.1, 0.6], [10, 0], 0.9), 4) for p in (0.55, 0.6, 0.8, 0.9)]
    [0.6767, 0.7422, 0.8874, 0.9183]
    """
    running, final = _costs(continue_cost, stop_cost)
    low, high = running - (1 - discount) * final
    if not low < 0 < high:
        raise ValueError(
            f"delta: is ({low:.6g}, {high:.6g}); the closed form is for a negative and a positive number"
        )
    wait = 1 - discounted_first_passage(accuracy, discount)
    odds = -low / high * wait[0] / wait[1]
    return float(odds / (1 + odds))


def _costs(continue_cost: ArrayLike, stop_cost: ArrayLike) -> tuple[Floats, Floats]:
    costs = []
    for name, values in (("continue_cost", continue_cost), ("stop_cost", stop_cost)):
        array = checks.real_array(values, name, ndim=1)
        if len(array) != 2:
            raise ValueError(f"{name}: has {len(array)} entries; expected 2, one a state")
        costs.append(array)
    return costs[0], costs[1]
