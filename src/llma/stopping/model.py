r"""The stopping problem: a likelihood, what a step costs, what stopping costs, and a discount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.stopping.crowd import solve_social
from llma.stopping.reveal import solve_reveal
from llma.stopping.simplex import solve_simplex

CONTINUATIONS = ("reveal", "social")
TIES = ("low", "own", "coin")


@dataclass(frozen=True, eq=False)
class CentralControl:
    r"""A controller who decides at each step whether to go on asking, or to stop for ever.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of the observation that a step brings.
    continue_cost : array_like, shape (X,)
        Cost of one step in each state, *paid at each step* at which the controller continues.
    stop_cost : array_like, shape (X,) or (X, U)
        *Total* cost of stopping in each state, paid once. With U columns, the controller also chooses the
        action with which to stop. A cost of c at each step for ever is the total c / (1 - discount): divide
        before you pass it.
    discount : float
        Between 0 and 1 (1 excluded).
    continuation : {"reveal", "social"}
        What the public belief sees while the controller continues. "reveal": the observation itself.
        "social": only the action of an agent who minimises `cost` given the public belief and its own
        observation.
    cost : array_like, shape (X, A), optional
        Cost of the agents' actions to the agents; with ``continuation="social"`` only.
    transition : array_like, shape (X, X), optional
        Law of the next state; None for a state that does not move. The state moves before the observation.
        With ``continuation="social"`` the state must not move.
    tie : {"low", "own", "coin"}
        What agents do when two actions are equally good, as in `llma.social.SocialLearning`; with
        ``continuation="social"`` only.

    Raises
    ------
    ValueError
        If the tables do not fit each other, or an argument is given that the continuation does not use.

    Notes
    -----
    Bellman's equation is

    .. math::
        V(\pi) = \min\Big\{&\min_a c_a^\top\pi,\; c^\top\pi \\
        &+ \rho\sum_y \sigma(\pi, y)\,V(T(\pi, y))\Big\}.

    Where both are equal, the controller stops.

    Examples
    --------
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> solution = problem.solve()
    >>> round(solution.threshold, 4), solution.side
    (0.8344, 'upper')
    >>> round(float(solution.value([0.5, 0.5])), 4)
    2.0917
    """

    likelihood: Floats
    continue_cost: Floats
    stop_cost: Floats
    discount: float
    continuation: str
    cost: Floats | None
    transition: Floats
    tie: str

    def __init__(
        self,
        likelihood: ArrayLike,
        continue_cost: ArrayLike,
        stop_cost: ArrayLike,
        discount: float,
        *,
        continuation: str = "reveal",
        cost: ArrayLike | None = None,
        transition: ArrayLike | None = None,
        tie: str = "low",
    ) -> None:
        table = checks.stochastic_matrix(likelihood, "likelihood")
        n_states = len(table)
        running = checks.real_array(continue_cost, "continue_cost", ndim=1)
        if len(running) != n_states:
            raise ValueError(f"continue_cost: has {len(running)} entries; expected {n_states}, one a state")
        final = checks.real_array(stop_cost, "stop_cost")
        if final.ndim == 1:
            final = final[:, None]
        final = checks.cost_matrix(final, "stop_cost", n_states=n_states)
        checks.one_of(continuation, "continuation", CONTINUATIONS)
        matrix = (
            np.eye(n_states)
            if transition is None
            else checks.stochastic_matrix(transition, "transition", n_rows=n_states, square=True)
        )
        values = {
            "likelihood": table,
            "continue_cost": running,
            "stop_cost": final,
            "discount": checks.discount(discount),
            "continuation": continuation,
            "cost": _agents_cost(cost, continuation, n_states),
            "transition": matrix,
            "tie": checks.one_of(tie, "tie", TIES),
        }
        if continuation == "social" and not np.array_equal(matrix, np.eye(n_states)):
            raise ValueError("transition: with continuation 'social' the state must not move; leave it out")
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return int(self.likelihood.shape[0])

    @property
    def n_observations(self) -> int:
        """Number of observations Y."""
        return int(self.likelihood.shape[1])

    @property
    def n_stop_actions(self) -> int:
        """Number of actions U with which one can stop."""
        return int(self.stop_cost.shape[1])

    @property
    def never_stop_cost(self) -> Floats:
        r"""Total expected cost of never stopping from each state, shape (X,): :math:`(I - \rho P)^{-1}c`."""
        system = np.eye(self.n_states) - self.discount * self.transition
        return np.asarray(np.linalg.solve(system, self.continue_cost))

    def solve(self, tolerance: float | None = None) -> Any:
        """Return the value and where to stop, with a proved error bound.

        Parameters
        ----------
        tolerance : float, optional
            The error of the value, in units of cost, that is allowed. If it is not given: 1e-8 for two
            states, a thousandth of the largest cost for more.

        Returns
        -------
        Solution or SimplexSolution
            For two states a `Solution`: intervals, threshold, value. For more a `SimplexSolution`: bounds of
            the value and a three-way stop test; if its budget of planes ends before the tolerance is reached,
            it says so (`converged`) and gives the gap that is proved (`error_bound`).

        Raises
        ------
        ValueError
            If agents learn from each other and there are more than two states, or the tolerance is not
            positive or, for two states, finer than rounding allows.

        Examples
        --------
        >>> sprt = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.35, 0.35], [[0, 20], [20, 0]], 0.95)
        >>> solution = sprt.solve()
        >>> [str(part) for part in solution.stop_region], solution.threshold
        (['[0, 0.0709782]', '[0.929022, 1]'], None)

        Three states, of which the middle one is as bad to stop in as the first:

        >>> sensor = [[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]]
        >>> solution = CentralControl(sensor, [0.1, 0.1, 0.6], [10, 10, 0], 0.9).solve(0.01)
        >>> solution.stop([[0.05, 0.05, 0.9], [0.2, 0.2, 0.6]]).tolist()
        ['stop', 'continue']
        """
        if tolerance is not None and not tolerance > 0:
            raise ValueError(f"tolerance: is {tolerance}; expected a positive number")
        if self.n_states != 2:
            return solve_simplex(self, tolerance)
        allowed = 1e-8 if tolerance is None else tolerance
        if self.cost is not None:
            return solve_social(self, self.cost, allowed)
        return solve_reveal(self, allowed)


def _agents_cost(cost: ArrayLike | None, continuation: str, n_states: int) -> Floats | None:
    if continuation == "social":
        if cost is None:
            raise ValueError("cost: continuation 'social' needs the cost of the agents, shape (X, A)")
        return checks.cost_matrix(cost, "cost", n_states=n_states)
    if cost is not None:
        raise ValueError("cost: only continuation 'social' uses it; leave it out")
    return None
