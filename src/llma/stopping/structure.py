r"""What the signs of two numbers say about the stop region, before anything is solved.

One way to stop. With a single stop cost :math:`c_s^\top\pi` put :math:`W = V - c_s^\top\pi \le 0`. Then

.. math:: W = \min\Bigl\{0,\; \delta^\top\pi + \rho \sum_y \sigma W(T)\Bigr\},\qquad
    \delta = c - c_s + \rho P c_s,

and :math:`\delta^\top\pi` is what it costs to stop one step later, if one is then sure to stop. With a state
that does not move, :math:`\delta = c - (1 - \rho) c_s`.

Theorem (two states, the state does not move, continuing reveals). The stop region is

=====================  ===========================================================
signs                  stop
=====================  ===========================================================
both at least 0        at every belief
both negative          at none
only state 0 negative  if and only if q >= q*, a threshold with q* >= the myopic point
only state 1 negative  if and only if q <= q*, with q* <= the myopic point
=====================  ===========================================================

The myopic point is where :math:`\delta^\top\pi = 0`, at :math:`\delta_0/(\delta_0 - \delta_1)`.

Proof. W is concave, so that the stop region :math:`\{W = 0\}` is an interval. At a vertex the belief is
frozen: :math:`W(e_x) = \min(0, \delta_x/(1 - \rho))`, so the region contains :math:`e_x` if and only if
:math:`\delta_x \ge 0`. And :math:`W \le 0` inside the sum gives: stop only if :math:`\delta^\top\pi \ge 0`.

Two ways to stop. If action 0 is strictly better in state 0, action 1 in state 1, and continuing costs at each
vertex no less than stopping rightly, :math:`c(x) \ge (1-\rho) \min_a c_a(x)`, one stops with 0 on
:math:`[0, a]`, with 1 on :math:`[b, 1]`, and continues in between (perhaps nowhere).

Neither table holds without its hypotheses; the functions refuse problems that violate them.

Reference. Krishnamurthy, *Partially Observed Markov Decision Processes*, 2016, chapter 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma.checks import Floats
from llma.stopping.model import CentralControl

SIGN_TOLERANCE = 1e-12
"""A delta above minus this share of the cost scale counts as zero: it is rounding."""

REGIONS = ("everywhere", "nowhere", "upper", "lower")


@dataclass(frozen=True, eq=False)
class SignTable:
    """The row of the table that applies.

    Attributes
    ----------
    delta : ndarray, shape (2,)
        Cost of stopping one step later, given each state.
    region : {"everywhere", "nowhere", "upper", "lower"}
        Where one stops: "upper" means from a threshold up to q = 1, "lower" from q = 0 up to one.
    myopic : float or None
        Where the two signs balance; the threshold lies on the far side of it (None without a threshold).
    """

    delta: Floats
    region: str
    myopic: float | None

    @property
    def threshold_range(self) -> tuple[float, float] | None:
        """The interval in which the threshold must lie, or None."""
        if self.myopic is None:
            return None
        return (self.myopic, 1.0) if self.region == "upper" else (0.0, self.myopic)


def delta(problem: CentralControl) -> Floats:
    r"""Return :math:`\delta = c - c_s + \rho P c_s`, shape (X,): any number of states, any transition.

    Raises
    ------
    ValueError
        If there is more than one way to stop.

    Examples
    --------
    >>> delta(CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], 0.9)).round(9)
    array([-0.9,  0.6])
    """
    if problem.n_stop_actions != 1:
        raise ValueError(f"stop_cost: has {problem.n_stop_actions} actions; delta is defined for one")
    final = problem.stop_cost[:, 0]
    return np.asarray(problem.continue_cost - final + problem.discount * problem.transition @ final)


def delta_signs(problem: CentralControl) -> SignTable:
    """Return the signs of delta and the stop region that they predict (theorem above).

    Parameters
    ----------
    problem : CentralControl
        Two states that do not move, one way to stop, ``continuation="reveal"``.

    Returns
    -------
    SignTable

    Raises
    ------
    ValueError
        Naming the hypothesis that the problem violates.

    Examples
    --------
    >>> table = delta_signs(CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], 0.9))
    >>> table.region, round(table.myopic, 9), table.threshold_range
    ('upper', 0.6, (0.6, 1.0))
    """
    _check(problem)
    signs = delta(problem)
    scale = float(np.abs(np.append(problem.stop_cost, problem.continue_cost)).max())
    low, high = signs >= -SIGN_TOLERANCE * scale
    if low and high:
        return SignTable(signs, "everywhere", None)
    if not low and not high:
        return SignTable(signs, "nowhere", None)
    myopic = float(np.clip(signs[0] / (signs[0] - signs[1]), 0.0, 1.0))
    return SignTable(signs, "upper" if high else "lower", myopic)


def predicted_region(problem: CentralControl) -> str:
    """Return where one stops, by the theorem: "everywhere", "nowhere", "upper" or "lower".

    Examples
    --------
    >>> predicted_region(CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], 0.9))
    'upper'
    """
    return delta_signs(problem).region


def two_thresholds_guaranteed(problem: CentralControl) -> bool:
    """Whether the second theorem applies: continue on one interval, and stop with 0 below and with 1 above.

    Parameters
    ----------
    problem : CentralControl
        Two states that do not move, two ways to stop, ``continuation="reveal"``.

    Raises
    ------
    ValueError
        If the problem is of another kind. A problem of this kind that violates a condition on the *costs*
        is answered with False.

    Examples
    --------
    >>> sensor = [[0.7, 0.3], [0.3, 0.7]]
    >>> two_thresholds_guaranteed(CentralControl(sensor, [0.35, 0.35], [[0, 20], [20, 0]], 0.95))
    True
    >>> two_thresholds_guaranteed(CentralControl(sensor, [0.1, 0.1], [[4, 20], [20, 4]], 0.95))
    False
    """
    _check(problem)
    if problem.n_stop_actions != 2:
        raise ValueError(f"stop_cost: has {problem.n_stop_actions} actions; the theorem is for two")
    (right0, wrong1), (wrong0, right1) = problem.stop_cost
    cheapest = (1 - problem.discount) * np.array([right0, right1])
    return bool(right0 < wrong1 and right1 < wrong0 and (problem.continue_cost >= cheapest).all())


def _check(problem: CentralControl) -> None:
    if problem.n_states != 2:
        raise ValueError(f"problem: has {problem.n_states} states; the theorem is for two")
    if problem.continuation != "reveal":
        raise ValueError("continuation: is 'social', which breaks the theorem; it needs 'reveal'")
    if not np.array_equal(problem.transition, np.eye(2)):
        raise ValueError(
            "transition: the theorem is for a state that does not move; solve the problem instead"
        )
