r"""The public beliefs that a crowd with two states can meet, told apart by integers.

Algorithm. A public belief is its log-odds: the prior's plus the increments so far, one for each word heard
:math:`\ln R'_v(1)/R'_v(0)` and one for each reading revealed :math:`\ln B_{1y}/B_{0y}`. Each increment is
counted by a digit of one integer, so that the order of the words does not matter and no two beliefs are
confused by rounding. An increment that is a small whole multiple of another one, up to 1e-12, counts as
that many of it: reveals of several readings and actions of symmetric sensors then walk on one lattice.

The decision rule at a belief, and with it its moves, is computed once, when the belief is first expanded.

Reference. The lattice is ours; decisions are those of `llma.social.protocol.step`.
"""

from __future__ import annotations

from math import inf, isinf, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from llma.checks import Floats
from llma.social.exact import SAME_INCREMENT
from llma.social.protocol import FIRST_AGENT, public_likelihood, step

if TYPE_CHECKING:
    from llma.private_observations.crowd import Crowd

MULTIPLES = 64
"""Whole multiples of an increment up to this one are recognised."""


class Points:
    """The public beliefs met so far, each with its moves, found by an integer key."""

    def __init__(self, crowd: Crowd, prior: Floats, observed: Floats, n_agents: int) -> None:
        self._crowd, self._observed = crowd, observed
        self._radix = 2 * MULTIPLES * n_agents + 1  # digits lie in -64n..64n: they cannot collide
        self._units: list[float] = []
        with np.errstate(divide="ignore"):
            odds = float(np.log(prior[1]) - np.log(prior[0]))
        self._keys: list[int | float] = [odds if isinf(odds) else 0]
        self._odds: list[float] = [odds]
        self._index: dict[int | float, int] = {self._keys[0]: 0}
        self._by_pattern: dict[bytes, tuple[Floats, Floats, list[tuple[float, int | float]]]] = {}
        # The smallest increments first, so that the larger ones can be multiples of them.
        believed = crowd.social.likelihood
        steps = [_log_ratio(low, high) for low, high in believed.T]
        for increment in sorted(steps, key=abs):
            self._weight(increment)
        self._reveals = [(increment, self._weight(increment)) for increment in steps]
        n_values, n_words = believed.shape[1], crowd.channel.shape[1]
        self._expanded = np.zeros(1, dtype=np.bool_)
        self.cascade = np.zeros(1, dtype=np.bool_)
        self.actions = np.zeros((1, 2, crowd.social.n_actions))
        self.hears = np.zeros((1, 2, n_words))
        self.heard = np.zeros((1, n_words), dtype=np.int64)
        self.shown = np.zeros((1, n_values), dtype=np.int64)
        self.log_odds = np.array([odds])

    @property
    def size(self) -> int:
        """Number of points known."""
        return len(self._keys)

    def expand(self, here: NDArray[np.intp]) -> None:
        """Make sure that the moves from these points are known."""
        new = here[~self._expanded[here]]
        if not len(new):
            return
        social, odds = self._crowd.social, self.log_odds[new]
        now = step(social, np.stack([expit(-odds), expit(odds)], axis=1), np.full(len(new), FIRST_AGENT))
        believed = public_likelihood(social, now) @ self._crowd.channel  # (new, X, V)
        patterns = np.ascontiguousarray(now.halves.transpose(2, 0, 1))  # (new, U, Y)
        self.cascade[new] = now.cascade
        for row, i in enumerate(new):
            self.actions[i], self.hears[i], moves = self._moves(patterns[row], believed[row])
            self.heard[i] = [self._successor(i, move) for move in moves]
            self.shown[i] = [self._successor(i, move) for move in self._reveals]
        self._expanded[new] = True
        self._grow()

    def _moves(
        self, pattern: NDArray[np.int8], believed: Floats
    ) -> tuple[Floats, Floats, list[tuple[float, int | float]]]:
        """Return the true laws of action and word under a decision rule, and the move for each word."""
        known = self._by_pattern.get(pattern.tobytes())
        if known is None:
            actions = self._observed @ pattern.T / 2  # (X, U)
            moves = []
            for low, high in believed.T:
                increment = _log_ratio(low, high)
                moves.append((increment, self._weight(increment)))
            known = actions, actions @ self._crowd.channel, moves
            self._by_pattern[pattern.tobytes()] = known
        return known

    def _successor(self, i: int, move: tuple[float, int | float]) -> int:
        increment, weight = move
        if isinf(self._odds[i]):
            return i
        key = weight if isinf(weight) else self._keys[i] + weight
        found = self._index.setdefault(key, self.size)
        if found == self.size:
            self._keys.append(key)
            self._odds.append(self._odds[i] + increment)
        return found

    def _weight(self, increment: float) -> int | float:
        """Return the integer that counts an increment."""
        if isinf(increment):
            return increment
        if abs(increment) < SAME_INCREMENT:
            return 0
        place = 1
        for known in self._units:
            times = round(increment / known)
            if 0 < abs(times) <= MULTIPLES and abs(increment - times * known) < SAME_INCREMENT:
                return times * place
            place *= self._radix
        self._units.append(increment)
        return place

    def _grow(self) -> None:
        missing = self.size - len(self.cascade)
        if missing > 0:
            for name in ("_expanded", "cascade", "actions", "hears", "heard", "shown"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros((missing, *old.shape[1:]), old.dtype)]))
            self.log_odds = np.array(self._odds)


def _log_ratio(low: float, high: float) -> float:
    if low == high:  # both zero as well: what cannot happen moves nothing
        return 0.0
    return inf if low == 0 else -inf if high == 0 else log(high / low)
