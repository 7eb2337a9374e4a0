r"""What a controller may do instead of the optimum: rules that look at the belief, the data or the clock.

A policy says, for a stack of runs, with which probability it continues, and with which action it stops. Most
stop for ever. *Exploration* does not: between two revealing steps the crowd herds for one step, which costs
one step's share :math:`(1-\rho)` of the stop cost.

Wald's test continues while the likelihood ratio :math:`\Lambda` of state 1 over state 0 lies strictly between
:math:`b/(1-a)` and :math:`(1-b)/a`. It then wrongly says 1 with probability at most :math:`a/(1-b)` and
wrongly says 0 with probability at most :math:`b/(1-a)`. It knows neither the prior, nor costs, nor a
discount.

Reference. Wald, Annals of Mathematical Statistics 16, 1945; Peres, Racz, Sly and Stuhl, Annals of Applied
Probability 30, 2020 (exploration with probability c/t).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Protocol

import numpy as np

from llma.checks import Floats, Ints
from llma.stopping.model import CentralControl
from llma.stopping.pieces import SNAP, inside
from llma.stopping.solution import Interval, Solution


@dataclass(frozen=True, eq=False)
class View:
    """What a policy may look at: n runs after the same number of steps.

    Attributes
    ----------
    problem : CentralControl
    step : int
        Steps taken so far, from 0.
    belief : ndarray, shape (n, X)
    counts : ndarray of int, shape (n, Y)
        How often each observation has been seen (each action, with social learning).
    """

    problem: CentralControl
    step: int
    belief: Floats
    counts: Ints

    @property
    def best_action(self) -> Ints:
        """The stop action of least expected cost, shape (n,)."""
        return np.asarray((self.belief @ self.problem.stop_cost).argmin(axis=1), dtype=np.int64)


class Policy(Protocol):
    """When to continue, and how to stop."""

    @property
    def absorbing(self) -> bool:
        """Whether a stop is for ever."""

    def continues(self, view: View) -> Floats:
        """Return the probability of continuing, shape (n,)."""

    def stop_action(self, view: View) -> Ints:
        """Return the action with which to stop, shape (n,)."""


@dataclass(frozen=True)
class _Absorbing:
    @property
    def absorbing(self) -> bool:
        """A stop is for ever."""
        return True

    def stop_action(self, view: View) -> Ints:
        """Stop with the action of least expected cost."""
        return view.best_action


@dataclass(frozen=True)
class StopIn(_Absorbing):
    """Stop if belief[1] lies in one of the intervals, whose ends count within rounding.

    Examples
    --------
    >>> StopIn.at_least(0.8).region
    (Interval(lower=0.8, upper=1.0, lower_closed=True, upper_closed=True),)
    """

    region: tuple[Interval, ...]

    @classmethod
    def optimal(cls, solution: Solution) -> StopIn:
        """Return the policy of a solution."""
        return cls(solution.stop_region)

    @classmethod
    def at_least(cls, threshold: float) -> StopIn:
        """Return the policy that stops if and only if belief[1] >= threshold."""
        return cls((Interval(_share(threshold, "threshold"), 1.0),))

    @classmethod
    def at_most(cls, threshold: float) -> StopIn:
        """Return the policy that stops if and only if belief[1] <= threshold."""
        return cls((Interval(0.0, _share(threshold, "threshold")),))

    @classmethod
    def outside(cls, lower: float, upper: float) -> StopIn:
        """Return the policy that continues if and only if lower < belief[1] < upper."""
        if _share(lower, "lower") > _share(upper, "upper"):
            raise ValueError(f"lower, upper: {lower} is above {upper}; expected them in order")
        return cls((Interval(0.0, lower), Interval(upper, 1.0)))

    def continues(self, view: View) -> Floats:
        """Continue outside the region."""
        return np.asarray(~inside(view.belief[:, 1], self.region), dtype=np.float64)


@dataclass(frozen=True)
class AlwaysReveal(_Absorbing):
    """Never stop."""

    def continues(self, view: View) -> Floats:
        """Continue always."""
        return np.ones(len(view.belief))


@dataclass(frozen=True)
class NeverReveal(_Absorbing):
    """Stop at once, with the action that is best at the prior."""

    def continues(self, view: View) -> Floats:
        """Continue never."""
        return np.zeros(len(view.belief))


@dataclass(frozen=True)
class Wald(_Absorbing):
    """Wald's test with nominal error probabilities; it stops with 1 on a high likelihood ratio, else with 0.

    Parameters
    ----------
    false_one, false_zero : float
        Nominal probability of saying 1 in state 0, and 0 in state 1; their sum is less than one.

    Raises
    ------
    ValueError
        If they are not positive, or their sum is one or more.

    Examples
    --------
    >>> Wald(0.05, 0.05).log_bounds
    (-2.9444389791664403, 2.9444389791664403)
    """

    false_one: float = 0.05
    false_zero: float = 0.05

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not (self.false_one > 0 and self.false_zero > 0 and self.false_one + self.false_zero < 1):
            raise ValueError(
                f"false_one, false_zero: are {self.false_one} and {self.false_zero}; "
                "expected positive numbers whose sum is less than 1"
            )

    @property
    def log_bounds(self) -> tuple[float, float]:
        """Bounds of the log likelihood ratio between which the test continues."""
        return log(self.false_zero / (1 - self.false_one)), log((1 - self.false_zero) / self.false_one)

    def continues(self, view: View) -> Floats:
        """Continue while the likelihood ratio is between the bounds."""
        low, high = self.log_bounds
        ratio = _log_ratio(view)
        return np.asarray((ratio > low + SNAP) & (ratio < high - SNAP), dtype=np.float64)

    def stop_action(self, view: View) -> Ints:
        """Stop with what the test says."""
        if view.problem.n_stop_actions != 2:
            raise ValueError(
                f"stop_cost: has {view.problem.n_stop_actions} actions; Wald's test says 0 or 1 and needs two"
            )
        return np.asarray(_log_ratio(view) > 0, dtype=np.int64)


@dataclass(frozen=True)
class Exploration:
    """Reveal the observation of agent t = 1, 2, ... with probability min(1, rate / t); herd in between.

    Parameters
    ----------
    rate : float
        The c of c/t, positive.
    """

    rate: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not self.rate > 0:
            raise ValueError(f"rate: is {self.rate}; expected a positive number")

    @property
    def absorbing(self) -> bool:
        """Exploration never ends."""
        return False

    def continues(self, view: View) -> Floats:
        """Continue with probability c/t."""
        return np.full(len(view.belief), min(1.0, self.rate / (view.step + 1)))

    def stop_action(self, view: View) -> Ints:
        """Herd on the action of least expected cost."""
        return view.best_action


@dataclass(frozen=True)
class MajorityOfFirst(_Absorbing):
    """Reveal so many observations, then stop with the action that most of them point to.

    An observation points to the stop action that is cheapest if both states were equally likely before it.
    Between actions with as many votes the belief decides.

    Parameters
    ----------
    n : int
        Observations, 0 or more.
    """

    n: int

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.n < 0:
            raise ValueError(f"n: is {self.n}; expected 0 or more")

    def continues(self, view: View) -> Floats:
        """Continue until n observations are in."""
        return np.full(len(view.belief), float(view.step < self.n))

    def stop_action(self, view: View) -> Ints:
        """Stop with the action that has most votes."""
        problem = view.problem
        points_to = (problem.likelihood.T @ problem.stop_cost).argmin(axis=1)  # (Y,)
        votes = view.counts @ np.eye(problem.n_stop_actions)[points_to]  # (n, U)
        ahead = votes >= votes.max(axis=1, keepdims=True)
        expected = np.where(ahead, view.belief @ problem.stop_cost, np.inf)
        return np.asarray(expected.argmin(axis=1), dtype=np.int64)


def _log_ratio(view: View) -> Floats:
    likelihood = view.problem.likelihood
    if likelihood.shape[0] != 2:
        raise ValueError(f"likelihood: has {likelihood.shape[0]} states; Wald's test is for two")
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(likelihood[1]) - np.log(likelihood[0])
        return np.asarray(np.where(view.counts > 0, view.counts * steps, 0.0).sum(axis=1))


def _share(value: float, name: str) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: is {value}; expected a number between 0 and 1")
    return float(value)
