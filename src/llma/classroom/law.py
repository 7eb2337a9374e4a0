r"""What a class of Bayesian players does, exactly: the line against which a real class is drawn.

The law is that of `llma.social` with the tie rule *own*. The urns are alike: it is the same in both states.
A player's guess tells a Bayesian from one who shows the ball only at turns where the two differ: in a right
cascade with a wrong ball, or in a wrong cascade with a right one. At turn k that has the probability

.. math:: P(\text{right cascade at } k)\,\bar p + P(\text{wrong cascade at } k)\,p .

>>> told = law(Game(2 / 3, n_players=6))
>>> told.p_wrong.round(3)
array([0.333, 0.333, 0.259, 0.259, 0.226, 0.226])
>>> round(told.telling_turns, 3)
1.086
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

import numpy as np

from llma.checks import Floats
from llma.classroom.game import Game


@dataclass(frozen=True, eq=False)
class ClassLaw:
    """Probabilities turn by turn, each of shape (n_players,).

    Attributes
    ----------
    p_wrong : ndarray
        The guess at this turn is wrong.
    p_cascade : ndarray
        The player at this turn is in a cascade.
    p_wrong_cascade : ndarray
        The same, on the wrong urn.
    p_against : ndarray
        Bayes' rule tells the player to guess against the ball.
    """

    p_wrong: Floats
    p_cascade: Floats
    p_wrong_cascade: Floats
    p_against: Floats

    @property
    def telling_turns(self) -> float:
        """Expected number of turns in a round at which Bayes and the ball disagree."""
        return float(self.p_against.sum())

    def rounds_to_see_one(self, probability: float) -> int:
        """Return how many rounds are needed to see a wrong cascade with this probability.

        Raises
        ------
        ValueError
            If the probability is not strictly between 0 and 1, or a row is too short for a cascade.

        Examples
        --------
        >>> law(Game(2 / 3, n_players=8)).rounds_to_see_one(0.95)
        15
        """
        if not 0 < probability < 1:
            raise ValueError(f"probability: {probability} must lie strictly between 0 and 1")
        once = float(self.p_wrong_cascade[-1])
        if once == 0:
            raise ValueError(
                f"n_players: {len(self.p_wrong)} players are too few for a cascade; take 3 or more"
            )
        return ceil(log(1 - probability) / log(1 - once))


def law(game: Game) -> ClassLaw:
    """Return the exact law of a class of Bayesian players; a tied player follows the ball."""
    exact = game.model().exact([0.5, 0.5], game.n_players)
    cascade, wrong = exact.p_cascade_by.mean(axis=1), exact.p_wrong_cascade_by.mean(axis=1)
    against = (cascade - wrong) * (1 - game.accuracy) + wrong * game.accuracy
    return ClassLaw(np.asarray(exact.p_wrong_action.mean(axis=1)), cascade, wrong, against)
