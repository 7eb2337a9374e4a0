r"""A class that wants many right guesses together, not each player its own.

Dynamic program. The public belief is that of a lead d, the balls shown for urn 1 minus those shown for urn 0;
here it has no bound, because everybody knows the plan. At each turn a strategy may depend on the lead
and on the player's ball. Two choices are left after weak ones are dropped: *show* the ball (right with
probability p, and the lead moves), or *follow* the leading urn (right with probability
:math:`m(d)=p^{|d|}/(p^{|d|}+\bar p^{|d|})`, and the lead stays). With r turns to go,

.. math::

    V_r(d) = \max\{\,p + E\,V_{r-1}(d'),\ m(d) + V_{r-1}(d)\,\}, \qquad V_0 = 0 .

Theorem. The plan that shows the ball wherever that is among the best never shows one after it has begun to
follow. (If *follow, then show* is best with r turns to go, *show, then follow* is at least as good: the last
term is the same and :math:`E\,m(d')\ge m(d)`, because m is convex in the belief and the belief is a
martingale.)

>>> plan = team_plan(Game(2 / 3, n_players=12))
>>> plan.follow_from.tolist()
[3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2]
>>> round(float(plan.p_wrong.mean()), 3)
0.226
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma.checks import Floats, Ints
from llma.classroom.game import Game

TOLERANCE = 1e-12
"""Where the two choices are this close, the ball is shown."""


@dataclass(frozen=True, eq=False)
class TeamPlan:
    """The best plan of a class, and what comes of it.

    Attributes
    ----------
    follow_from : ndarray of int, shape (n_players,)
        The smallest lead (either way) at which the player of this turn follows; below it the ball is shown.
    p_wrong : ndarray, shape (n_players,)
        Probability that the guess at this turn is wrong.
    right_guesses : float
        Expected number of right guesses in a round: the value of the plan.
    """

    follow_from: Ints
    p_wrong: Floats
    right_guesses: float


def team_plan(game: Game) -> TeamPlan:
    """Return the best plan of a class that counts right guesses.

    Parameters
    ----------
    game : Game
        The rules.

    Returns
    -------
    TeamPlan
    """
    n, p = game.n_players, game.accuracy
    lead = np.arange(-n, n + 1)
    belief = 1 / (1 + ((1 - p) / p) ** lead)  # in urn 1
    up = belief * p + (1 - belief) * (1 - p)  # probability of ball 1
    follow_right = np.maximum(belief, 1 - belief)
    value, shown = np.zeros(2 * n + 1), np.zeros((n, 2 * n + 1), dtype=bool)
    for turn in range(n - 1, -1, -1):
        show = np.full(2 * n + 1, -np.inf)  # the lead of n cannot be passed within a round
        show[1:-1] = p + up[1:-1] * value[2:] + (1 - up[1:-1]) * value[:-2]
        follow = follow_right + value
        shown[turn] = show >= follow - TOLERANCE
        value = np.maximum(show, follow)
    follow_from = np.array([int(np.abs(lead[~line]).min()) for line in shown])
    return TeamPlan(follow_from, _wrong(game, shown), float(value[n]))


def _wrong(game: Game, shown: np.ndarray) -> Floats:
    """Return the probability of a wrong guess at each turn, by following the lead forward in state 1."""
    n, p = game.n_players, game.accuracy
    lead = np.arange(-n, n + 1)
    mass, wrong = np.zeros(2 * n + 1), np.zeros(n)
    mass[n] = 1.0
    for turn in range(n):
        moving = mass * shown[turn]
        staying = mass - moving
        wrong[turn] = moving.sum() * (1 - p) + staying @ np.where(lead == 0, 0.5, lead < 0)
        mass = staying
        mass[1:] += p * moving[:-1]
        mass[:-1] += (1 - p) * moving[1:]
    return wrong
