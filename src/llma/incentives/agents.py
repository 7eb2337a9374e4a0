r"""Agents who are paid: what they do at each incentive, and the least one that makes them reveal.

Model. Two states, two observations, two actions. An agent with private belief :math:`\eta` loses

.. math:: \sum_x \eta(x)\, c(x, a) + \delta_a - \omega_a\, p

by action a when the incentive p has been posted. Only differences matter: the regrets
:math:`\Delta_0 = c(0,1) - c(0,0)` and :math:`\Delta_1 = c(1,0) - c(1,1)`, the cost gap
:math:`d = \delta_1 - \delta_0` and the incentive gap :math:`\delta\omega = \omega_1 - \omega_0 > 0`. The
agent that saw y at public belief q is indifferent at the incentive

.. math:: g(q, y) = \frac{\Delta_0\,\eta_y(0) - \Delta_1\,\eta_y(1) + d}{\delta\omega},

plays 1 above it and 0 below it. Observations are labelled so that 1 speaks for state 1, hence
:math:`g(q,1) < g(q,0)`: the action reveals the observation exactly between the two.

Sign. A positive incentive pays for action 1, a negative one for action 0 (or taxes action 1).

Ties. "high": an indifferent agent plays 1, and reveals for :math:`g(q,1) \le p < g(q,0)`. "low": it plays
0, and reveals for :math:`g(q,1) < p \le g(q,0)`. "own": it plays its observation, and both ends belong.
Agents are indifferent within 1e-9 of the distance between the two.

>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), incentive_gap=0.5)
>>> round(float(agents.reveal_incentive(0.2)), 3), str(agents.learning_region())
(0.526, '[0.3, 0.7)')
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.social import LearningRegion

TIES = ("high", "low", "own")
INDIFFERENT = 1e-9
"""Share of the distance between the two types within which an agent counts as indifferent."""


@dataclass(frozen=True, eq=False)
class IncentivisedAgents:
    r"""Agents who weigh what they believe against what they are paid.

    Parameters
    ----------
    likelihood : array_like, shape (2, 2)
        p(y given x), positive, with p(1 given 1) larger than p(1 given 0).
    regrets : array_like, shape (2,)
        What a wrong action costs in each state: :math:`\Delta_0` for 1 in state 0, :math:`\Delta_1` for 0
        in state 1.
    cost_gap : float
        d: by how much action 1 costs the agent more than action 0, whatever the state. Strictly between
        :math:`-\Delta_0` and :math:`\Delta_1`, else one action is never worth while without pay.
    incentive_gap : float
        :math:`\delta\omega > 0`: worth to the agent of one unit of incentive, on action 1 over action 0.
    tie : {"high", "low", "own"}
        What an indifferent agent does.

    Raises
    ------
    ValueError
        If the likelihood is not positive or points the wrong way, or a number is outside its range.

    Examples
    --------
    >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
    >>> str(agents.learning_region())
    '[0.391304, 0.777778)'
    >>> agents.decision(0.2, 0.9), agents.decision(0.2, 1.0)
    (array([0, 0]), array([0, 1]))
    """

    likelihood: Floats
    regrets: Floats
    cost_gap: float
    incentive_gap: float
    tie: str

    def __init__(
        self,
        likelihood: ArrayLike,
        regrets: ArrayLike,
        cost_gap: float = 0.0,
        incentive_gap: float = 1.0,
        tie: str = "high",
    ) -> None:
        table = checks.stochastic_matrix(likelihood, "likelihood", n_rows=2)
        if table.shape != (2, 2):
            raise ValueError(
                f"likelihood: has {table.shape[1]} observations; expected 2, one for each action "
                "(use least_payments for more)"
            )
        if (table == 0).any():
            x, y = (int(i) for i in np.argwhere(table == 0)[0])
            raise ValueError(f"likelihood: entry ({x}, {y}) is 0; every observation must be possible")
        if table[1, 1] <= table[0, 1]:
            raise ValueError(
                f"likelihood: p(1 given 1) is {table[1, 1]:.6g}, not above p(1 given 0) = {table[0, 1]:.6g}; "
                "swap the columns, or use a sensor that says something"
            )
        stakes = checks.real_array(regrets, "regrets", ndim=1)
        if len(stakes) != 2 or (stakes <= 0).any():
            raise ValueError(f"regrets: are {stakes.tolist()}; expected two positive numbers, one a state")
        gap = float(checks.real_array(cost_gap, "cost_gap", ndim=0))
        if not -stakes[0] < gap < stakes[1]:
            raise ValueError(
                f"cost_gap: is {gap:.6g}; expected a number strictly between {-stakes[0]:.6g} and "
                f"{stakes[1]:.6g}, else one action is never chosen without pay"
            )
        worth = float(checks.real_array(incentive_gap, "incentive_gap", ndim=0))
        if worth <= 0:
            raise ValueError(
                f"incentive_gap: is {worth:.6g}; expected a positive number, else pay moves nobody"
            )
        checks.one_of(tie, "tie", TIES)
        table.setflags(write=False)
        stakes.setflags(write=False)
        values = (table, stakes, gap, worth, tie)
        for name, value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, name, value)

    @property
    def log_ratios(self) -> Floats:
        """Logarithm of p(y given 1) / p(y given 0) for y = 0 (negative) and y = 1 (positive), shape (2,)."""
        return np.asarray(np.log(self.likelihood[1] / self.likelihood[0]))

    def indifference(self, q: ArrayLike, y: int) -> Floats:
        """Return g(q, y), the incentive at which the agent that saw y is indifferent, shape of q.

        Raises
        ------
        ValueError
            If a q is not strictly between 0 and 1.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), incentive_gap=0.5)
        >>> [round(float(agents.indifference(0.5, y)), 3) for y in (0, 1)]
        [0.8, -0.8]
        """
        belief = open_belief(q)
        (seen,) = checks.indices([y], "y", 2)
        low, high = (1 - belief) * self.likelihood[0, seen], belief * self.likelihood[1, seen]
        regret = (self.regrets[0] * low - self.regrets[1] * high) / (low + high)
        return np.asarray((regret + self.cost_gap) / self.incentive_gap)

    def decision(self, q: ArrayLike, incentive: ArrayLike) -> Ints:
        """Return the action after each observation, shape (..., 2); q and incentive broadcast.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), tie="own")
        >>> agents.decision([0.2, 0.5, 0.9], 0.0)
        array([[0, 0],
               [0, 1],
               [1, 1]])
        """
        pay = checks.real_array(incentive, "incentive")
        types = np.stack(np.broadcast_arrays(self.indifference(q, 0), self.indifference(q, 1)), axis=-1)
        surplus = pay[..., None] - types
        slack = INDIFFERENT * (types[..., :1] - types[..., 1:])
        tied = np.array({"high": (1, 1), "low": (0, 0), "own": (0, 1)}[self.tie])
        return np.asarray(np.where(np.abs(surplus) <= slack, tied, surplus > 0), dtype=np.int64)

    def action_likelihood(self, q: ArrayLike, incentive: ArrayLike) -> Floats:
        """Return the probability of each action in each state at an incentive, shape (..., 2, 2).

        Entry [x, u]; it is what an outsider who sees the incentive can infer from the action.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1))
        >>> agents.action_likelihood(0.2, 0.0)
        array([[1., 0.],
               [1., 0.]])
        """
        up = self.decision(q, incentive)[..., None, :] * self.likelihood
        return np.stack([1 - up.sum(axis=-1), up.sum(axis=-1)], axis=-1)

    def reveals(self, q: ArrayLike, incentive: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Return whether the action reveals the observation at this belief and incentive."""
        chosen = self.decision(q, incentive)
        return np.asarray(chosen[..., 0] != chosen[..., 1])

    def reveal_incentive(self, q: ArrayLike, slack: float = 0.0) -> Floats:
        r"""Return the incentive nearest to zero that makes the action reveal the observation.

        Zero in the learning region, :math:`g(q,1)` where agents herd on 0, :math:`g(q,0)`, a payment of
        :math:`-g(q,0)` for action 0, where they herd on 1. With ties to 1 the last is an infimum: at the
        incentive itself all play 1. With ties to 0 the first one is. With ties to one's own observation both
        are attained. `attained` tells which.

        Parameters
        ----------
        q : array_like
            Public beliefs in state 1, strictly between 0 and 1.
        slack : float
            Where the infimum is not attained, go this share of the way to the other type.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1))
        >>> agents.reveal_incentive([0.2, 0.5, 0.9]).round(3)
        array([ 0.263,  0.   , -0.588])
        >>> agents.attained([0.2, 0.5, 0.9])
        array([ True,  True, False])
        """
        if not 0 <= slack < 1:
            raise ValueError(f"slack: is {slack}; expected a share, at least 0 and less than 1")
        upper, lower = self.indifference(q, 0), self.indifference(q, 1)
        least = np.where(self.reveals(q, 0.0), 0.0, np.where(lower >= 0, lower, np.minimum(upper, 0.0)))
        inside = np.where(least >= lower + (upper - lower) / 2, -1.0, 1.0) * (upper - lower)
        return np.asarray(np.where(self.reveals(q, least), least, least + slack * inside))

    def attained(self, q: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Return whether agents reveal at the incentive itself, not only at more than it."""
        return self.reveals(q, self.reveal_incentive(q))

    def buy_out_incentive(self, q: ArrayLike, action: int = 1) -> Floats:
        """Return the incentive nearest to zero at which everybody plays `action`, whatever was observed.

        It is g(q, 0) or zero for action 1, and g(q, 1) or zero for action 0. With ties to the other action,
        or to one's own observation, it is an infimum.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1))
        >>> agents.buy_out_incentive([0.2, 0.5, 0.9]).round(3)
        array([0.806, 0.4  , 0.   ])
        """
        (target,) = checks.indices([action], "action", 2)
        if target:
            return np.asarray(np.maximum(self.indifference(q, 0), 0.0))
        return np.asarray(np.minimum(self.indifference(q, 1), 0.0))

    def learning_region(self, incentive: float = 0.0) -> LearningRegion:
        r"""Return the beliefs at which agents reveal at a fixed incentive.

        An incentive p acts as the cost ratio

        .. math:: k(p) = \frac{\Delta_0 + d - \delta\omega p}{\Delta_1 - d + \delta\omega p};

        the ends are :math:`k / (k + L(y))`. Empty if p outweighs every regret.

        Examples
        --------
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1))
        >>> str(agents.learning_region(0.5)), str(agents.learning_region(1.0))
        ('[0.125, 0.4375)', 'empty')
        """
        pay = self.incentive_gap * float(checks.real_array(incentive, "incentive", ndim=0))
        against, towards = self.regrets[0] + self.cost_gap - pay, self.regrets[1] - self.cost_gap + pay
        if against <= 0 or towards <= 0:
            everybody = int(against <= 0)
            return LearningRegion(nan, nan, False, False, everybody, everybody)
        ratio = against / towards
        lower, upper = (float(ratio / (ratio + np.exp(lam))) for lam in self.log_ratios[::-1])
        return LearningRegion(lower, upper, self.tie != "low", self.tie != "high", 0, 1)

    @property
    def log_odds_ends(self) -> tuple[float, float]:
        """Ends of the learning region without incentives, in log-odds of state 1."""
        ratio = np.log((self.regrets[0] + self.cost_gap) / (self.regrets[1] - self.cost_gap))
        return float(ratio - self.log_ratios[1]), float(ratio - self.log_ratios[0])


def open_belief(q: ArrayLike) -> Floats:
    """Return beliefs in state 1 that leave some doubt: strictly between 0 and 1.

    Raises
    ------
    ValueError
        Naming the first q that is not.
    """
    belief = checks.real_array(q, "q")
    outside = ~((belief > 0) & (belief < 1)) | (np.abs(belief) == inf)
    if outside.any():
        raise ValueError(
            f"q: has the entry {belief[outside].flat[0]:.12g}; expected beliefs strictly between 0 and 1 "
            "(a certain belief cannot be taught anything)"
        )
    return belief
