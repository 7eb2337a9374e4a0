r"""Thresholds with many states: what is to be checked, and a witness where it fails.

One way to stop, continuing reveals. With :math:`\delta = c - c_s + \rho P c_s` and
:math:`W = V - c_s^\top\pi`, one stops where W = 0. States are named so that one would stop in high ones.
Write :math:`\pi \ge_r \pi'` for the monotone likelihood ratio (MLR) order. A set is an *up-set* if with
:math:`\pi'` it has every :math:`\pi \ge_r \pi'`.

Theorem (any transition). If :math:`\delta(0) \le \dots \le \delta(X-1)`, and likelihood and transition are
TP2, then W does not fall in the MLR order, and the stop region is an up-set.

Theorem (the state never falls). Let P be TP2 with no entry below the diagonal; the identity is one. If every
state with :math:`\delta < 0` has a lower number than every state with :math:`\delta \ge 0`, the stop region
is an up-set. Nothing is asked of the likelihood, nor of the order of :math:`\delta` on either side of zero.

Proof of the second, if the state does not move (in general: the chapter "Why thresholds"). A rule that stops
at time :math:`\tau` costs, beyond stopping at once, :math:`\sum_x \pi(x)\alpha(x)` with :math:`\alpha(x) =
\delta(x)\,E_x[1 - \rho^\tau]/(1 - \rho)`: whatever the rule, :math:`\alpha(x) \ge 0` where
:math:`\delta(x) \ge 0`, and at most 0 elsewhere. One stops at :math:`\pi'` iff the sum is at least 0 for
every rule. Then every tail :math:`\sum_{x \ge j} \pi'(x)\alpha(x)` is at least 0 too: either all its terms
are, or all terms left out are at most 0. A belief :math:`\pi \ge_r \pi'` is proportional to :math:`w\pi'`
with w increasing, plus mass on states above the support of :math:`\pi'`. The first part costs :math:`w(0)`
times the sum plus :math:`w(j) - w(j-1) \ge 0` times the tails; on the others :math:`\delta \ge 0`, because
some state of the support has :math:`\delta \ge 0`.

Lines. From :math:`e_0` to a belief without state 0, and from a belief without state X - 1 to
:math:`e_{X-1}`, beliefs rise in the MLR order. So an up-set is entered at most once on each, and not left.

Reference. Lovejoy, Operations Research 35, 1987; Krishnamurthy, *Partially Observed Markov Decision
Processes*, 2016, chapters 11 and 12.

>>> from llma.stopping import CentralControl
>>> sensor = [[1, 0], [0, 1], [1, 0]]
>>> problem = CentralControl(sensor, [-1, -1, 3], [0, 0, 0], 0.9)
>>> found = monotone_conditions(problem)
>>> found.likelihood
TP2Violation(rows=(1, 2), columns=(0, 1), minor=-1.0)
>>> found.value_rises, found.stops_upwards
(False, True)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.bayes import TP2Violation, tp2_violation
from llma.checks import Floats
from llma.stopping.certified import ANSWERS, SimplexSolution
from llma.stopping.model import CentralControl
from llma.stopping.structure import SIGN_TOLERANCE, delta


@dataclass(frozen=True)
class DeltaViolation:
    """Two states whose deltas stand in the wrong order.

    Attributes
    ----------
    states : tuple of int
        x < z.
    delta : tuple of float
        Of x and of z; the first is the larger one.
    """

    states: tuple[int, int]
    delta: tuple[float, float]


@dataclass(frozen=True, eq=False)
class MonotoneConditions:
    """The hypotheses of the two theorems, each with the first place where it fails, or None.

    Attributes
    ----------
    delta : ndarray, shape (X,)
    order : DeltaViolation or None
        Two states with delta(x) > delta(z).
    crossing : DeltaViolation or None
        Two states x < z with delta(x) >= 0 > delta(z).
    likelihood, transition : TP2Violation or None
        A negative minor.
    never_falls : bool
        Whether the state never moves to one with a lower number.
    """

    delta: Floats
    order: DeltaViolation | None
    crossing: DeltaViolation | None
    likelihood: TP2Violation | None
    transition: TP2Violation | None
    never_falls: bool

    @property
    def value_rises(self) -> bool:
        """Whether the first theorem applies: W does not fall in the MLR order."""
        return self.order is None and self.likelihood is None and self.transition is None

    @property
    def stops_upwards(self) -> bool:
        """Whether one of the theorems says that the stop region is an up-set."""
        upwards = self.never_falls and self.transition is None and self.crossing is None
        return self.value_rises or upwards


def monotone_conditions(problem: CentralControl) -> MonotoneConditions:
    """Return which hypotheses hold, with witnesses against those that do not.

    Parameters
    ----------
    problem : CentralControl
        One way to stop, ``continuation="reveal"``; any number of states.

    Raises
    ------
    ValueError
        If there is more than one way to stop, or agents learn from each other.

    Examples
    --------
    >>> swap = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0, 1], [2, 0], 0.9, transition=[[0, 1], [1, 0]])
    >>> found = monotone_conditions(swap)
    >>> found.order
    >>> found.delta, found.transition
    (array([-2. ,  2.8]), TP2Violation(rows=(0, 1), columns=(0, 1), minor=-1.0))
    """
    if problem.continuation != "reveal":
        raise ValueError("continuation: is 'social', which breaks the theorems; they need 'reveal'")
    values = delta(problem)
    return MonotoneConditions(
        values,
        _falling(values, _slack(problem)),
        _falling(np.where(values >= -_slack(problem), 1.0, 0.0), 0.0, values),
        tp2_violation(problem.likelihood),
        tp2_violation(problem.transition),
        not np.tril(problem.transition, -1).any(),
    )


@dataclass(frozen=True, eq=False)
class FallingValue:
    """Two beliefs in MLR order between which W is proved to fall.

    Attributes
    ----------
    lower, upper : ndarray, shape (X,)
        Beliefs; `upper` is at least `lower` in the MLR order.
    at_least, at_most : float
        W at `lower` is at least the first number, W at `upper` at most the second, and the second is smaller.
    """

    lower: Floats
    upper: Floats
    at_least: float
    at_most: float


@dataclass(frozen=True, eq=False)
class LeftRegion:
    """Two beliefs in MLR order, of which only the lower one is in the stop region: proved.

    Attributes
    ----------
    lower, upper : ndarray, shape (X,)
        One stops at `lower` and continues at `upper`, which is at least `lower` in the MLR order.
    """

    lower: Floats
    upper: Floats


def falling_value(solution: SimplexSolution, lower: ArrayLike, upper: ArrayLike) -> FallingValue | None:
    """Return the first pair of beliefs between which W falls for sure, or None.

    Parameters
    ----------
    solution : SimplexSolution
        With one way to stop.
    lower, upper : array_like, shape (n, X)
        Row by row in MLR order, as from `mlr_pairs`.

    Raises
    ------
    ValueError
        If a pair is not in that order, or there is more than one way to stop.

    Examples
    --------
    A sensor that tells state 1 from the others, and those not from each other:

    >>> from llma.stopping import CentralControl
    >>> problem = CentralControl([[1, 0], [0, 1], [1, 0]], [-1, -1, 3], [0, 0, 0], 0.9)
    >>> found = falling_value(problem.solve(1e-9), [[0.25, 0.25, 0.5]], [[0, 1 / 3, 2 / 3]])
    >>> round(found.at_least, 4), round(found.at_most, 4)
    (-1.25, -1.3333)
    """
    low, high = _ordered(lower, upper, solution.problem.n_states)
    if solution.problem.n_stop_actions != 1:
        raise ValueError(f"stop_cost: has {solution.problem.n_stop_actions} actions; W is defined for one")
    least = solution.lower(low) - solution.stop_value(low)
    most = solution.upper(high) - solution.stop_value(high)
    falls = np.flatnonzero(most < least)
    if not len(falls):
        return None
    k = falls[0]
    return FallingValue(low[k], high[k], float(least[k]), float(most[k]))


def left_region(solution: SimplexSolution, lower: ArrayLike, upper: ArrayLike) -> LeftRegion | None:
    """Return the first pair of beliefs of which only the MLR-lower one is in the stop region, or None.

    Parameters
    ----------
    solution : SimplexSolution
    lower, upper : array_like, shape (n, X)
        Row by row in MLR order, as from `mlr_pairs` or `line_pairs`.

    Raises
    ------
    ValueError
        If a pair is not in that order.

    Examples
    --------
    With delta = (1, -1, 1) one stops in state 0 and goes on in state 1.

    >>> from llma.stopping import CentralControl
    >>> sensor = [[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]
    >>> solution = CentralControl(sensor, [1, -1, 1], [0, 0, 0], 0.9).solve(0.01)
    >>> found = left_region(solution, [[1, 0, 0], [0.9, 0.1, 0]], [[0, 1, 0], [0, 1, 0]])
    >>> found.lower, found.upper
    (array([1., 0., 0.]), array([0., 1., 0.]))
    """
    low, high = _ordered(lower, upper, solution.problem.n_states)
    left = np.flatnonzero((solution.stop(low) == ANSWERS[0]) & (solution.stop(high) == ANSWERS[1]))
    return LeftRegion(low[left[0]], high[left[0]]) if len(left) else None


def mlr_pairs(n_states: int, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return n pairs of random beliefs in MLR order, shape (n, X) each.

    The lower one is uniform on the simplex, the upper one proportional to it times random increasing weights.

    Examples
    --------
    >>> from llma.bayes import mlr_dominates
    >>> low, high = mlr_pairs(3, 50, np.random.default_rng(0))
    >>> all(mlr_dominates(b, a) for a, b in zip(low, high))
    True
    """
    lower = rng.dirichlet(np.ones(n_states), n)
    steps = rng.exponential(size=(n, n_states)) * (rng.random((n, n_states)) < 0.5)
    upper = lower * np.exp(steps.cumsum(axis=1))
    return lower, upper / upper.sum(axis=1, keepdims=True)


def line_pairs(start: ArrayLike, end: ArrayLike, n: int) -> tuple[Floats, Floats]:
    """Return all pairs (earlier, later) of n equidistant beliefs on a line, shape (n (n - 1) / 2, X) each.

    Examples
    --------
    >>> line_pairs([1, 0, 0], [0, 0.5, 0.5], 3)[1]
    array([[0.5 , 0.25, 0.25],
           [0.  , 0.5 , 0.5 ],
           [0.  , 0.5 , 0.5 ]])
    """
    first, last = checks.belief(start, "start"), checks.belief(end, "end")
    share = np.linspace(0, 1, n)[:, None]
    points = (1 - share) * first + share * last
    earlier, later = np.triu_indices(n, 1)
    return points[earlier], points[later]


def _slack(problem: CentralControl) -> float:
    return SIGN_TOLERANCE * float(np.abs(np.append(problem.stop_cost, problem.continue_cost)).max())


def _falling(values: Floats, slack: float, shown: Floats | None = None) -> DeltaViolation | None:
    """Return the first pair x < z with values[x] > values[z] + slack, or None."""
    x, z = np.triu_indices(len(values), 1)
    bad = np.flatnonzero(values[x] > values[z] + slack)
    if not len(bad):
        return None
    pair = (int(x[bad[0]]), int(z[bad[0]]))
    deltas = values if shown is None else shown
    return DeltaViolation(pair, (float(deltas[pair[0]]), float(deltas[pair[1]])))


def _ordered(lower: ArrayLike, upper: ArrayLike, n_states: int) -> tuple[Floats, Floats]:
    """Return the beliefs if each pair is in MLR order."""
    low = np.atleast_2d(checks.belief(lower, "lower", n_states=n_states))
    high = np.atleast_2d(checks.belief(upper, "upper", n_states=n_states))
    if low.shape != high.shape:
        raise ValueError(f"lower, upper: have shapes {low.shape} and {high.shape}; expected the same")
    x, z = np.triu_indices(n_states, 1)
    bad = np.argwhere(high[:, x] * low[:, z] > high[:, z] * low[:, x] + SIGN_TOLERANCE)
    if len(bad):
        row, pair = bad[0]
        raise ValueError(
            f"lower, upper: pair {row} is not in MLR order: from state {x[pair]} to state {z[pair]} the "
            "ratio upper / lower falls; exchange the two beliefs, or take comparable ones"
        )
    return low, high
