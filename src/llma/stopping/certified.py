r"""What a solved problem with many states hands back: two bounds of the value, and a three-way stop test.

Bounds. Let :math:`\hat V \ge V` be a minimum of planes with :math:`\hat V - V \le w`, and :math:`\hat Q` the
cost of one step and of :math:`\hat V` after it. Then

.. math:: \hat Q - \rho w \le Q \le \hat Q, \qquad \min\{C, \hat Q - \rho w\} \le V \le \min\{C, \hat Q\},

because the Bellman step is monotone and adding a constant to its argument adds :math:`\rho` times as much.

Test. Where :math:`\hat Q < C` it is certainly best to continue; where :math:`\hat Q - \rho w \ge C` it is
certainly best to stop, and both bounds of V are C. In between, in a narrow band, the bounds do not tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.stopping.planes import least

if TYPE_CHECKING:
    from llma.stopping.model import CentralControl

ANSWERS = ("stop", "continue", "undecided")

CHUNK = 2_000_000
"""Numbers in the largest table made at a time, when many beliefs are asked for."""


@dataclass(frozen=True, eq=False)
class SimplexSolution:
    """Bounds of the value of a stopping problem with any number of states.

    Attributes
    ----------
    problem : CentralControl
    planes : ndarray, shape (n, X)
        Each is the expected cost of a plan in each state; the least of them bounds the value from above.
    error_bound : float
        The value is nowhere more than this below the upper bound: proved, with an allowance for rounding.
    converged : bool
        Whether the gap that was asked for is reached.
    rounds : int
        Rounds of the search.
    """

    problem: CentralControl = field(repr=False)
    planes: Floats = field(repr=False)
    error_bound: float
    converged: bool
    rounds: int

    @property
    def n_pieces(self) -> int:
        """Number of planes."""
        return len(self.planes)

    def stop_value(self, beliefs: ArrayLike) -> Floats:
        """Return C, the cost of stopping at once, shape (..., X) -> (...)."""
        return np.asarray((self._checked(beliefs) @ self.problem.stop_cost).min(axis=-1))

    def continue_bounds(self, beliefs: ArrayLike) -> tuple[Floats, Floats]:
        """Return a lower and an upper bound of Q, the least cost if the first step is to continue."""
        where = self._checked(beliefs)
        flat = where.reshape(-1, where.shape[-1])
        rows = max(1, CHUNK // (len(self.planes) * self.problem.n_observations))
        parts = [flat[k : k + rows] for k in range(0, len(flat), rows)]
        high = np.concatenate([looked_ahead(self.problem, self.planes, part)[0] for part in parts])
        high = high.reshape(where.shape[:-1])
        return np.asarray(high - self.problem.discount * self.error_bound), np.asarray(high)

    def lower(self, beliefs: ArrayLike) -> Floats:
        """Return a lower bound of the value, shape (..., X) -> (...)."""
        return np.minimum(self.stop_value(beliefs), self.continue_bounds(beliefs)[0])

    def upper(self, beliefs: ArrayLike) -> Floats:
        """Return an upper bound of the value: what a plan costs, shape (..., X) -> (...)."""
        return np.minimum(self.stop_value(beliefs), self.continue_bounds(beliefs)[1])

    def value(self, beliefs: ArrayLike) -> Floats:
        """Return the upper bound, as with two states: the value is not above it."""
        return self.upper(beliefs)

    def stop(self, beliefs: ArrayLike) -> NDArray[np.str_]:
        """Return "stop", "continue" or "undecided" for each belief, shape (..., X) -> (...).

        "stop" and "continue" are proved. "undecided": the bounds are too far apart to tell; ask for a
        smaller tolerance. Ties stop, as with two states, but a tie can only be proved in the limit.
        """
        at_once = self.stop_value(beliefs)
        low, high = self.continue_bounds(beliefs)
        answer = np.where(low >= at_once, ANSWERS[0], ANSWERS[2])
        return np.asarray(np.where(high < at_once, ANSWERS[1], answer))

    def stop_action(self, beliefs: ArrayLike) -> Ints:
        """Return the action that is best if one stops, shape (..., X) -> (...)."""
        return np.asarray((self._checked(beliefs) @ self.problem.stop_cost).argmin(axis=-1), dtype=np.int64)

    def _checked(self, beliefs: ArrayLike) -> Floats:
        return checks.belief(beliefs, "beliefs", n_states=self.problem.n_states)


def looked_ahead(problem: CentralControl, planes: Floats, beliefs: Floats) -> tuple[Floats, Ints]:
    """Return the cost of one step and of the least plane after it, and which plane that is.

    Parameters
    ----------
    problem : CentralControl
    planes : ndarray, shape (n, X)
    beliefs : ndarray, shape (m, X)

    Returns
    -------
    cost : ndarray, shape (m,)
    after : ndarray of int, shape (m, Y)
        A minimum of planes is homogeneous, so the joint probabilities of state and observation are compared
        as they are, without a division by the probability of the observation.
    """
    ahead = beliefs @ problem.transition
    joint = ahead[:, None, :] * problem.likelihood.T  # (m, Y, X)
    values, after = least(planes, joint)
    return beliefs @ problem.continue_cost + problem.discount * values.sum(axis=1), after
