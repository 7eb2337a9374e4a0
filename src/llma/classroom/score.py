r"""Each guess of a class against Bayes' rule.

With two equally likely urns and balls of equal accuracy the public belief depends on one whole number, the
*lead* d: the belief in urn 1 is :math:`p^d/(p^d+\bar p^d)`. As long as :math:`|d|\le1` a guess shows the ball
(a tied player follows it), so a guess moves the lead by one. At :math:`|d|=2` a Bayesian player ignores the
ball: a cascade. A guess that follows the cascade then says nothing.

People do break cascades, and Bayes' rule is silent about a guess that "cannot happen". We read such a guess
as the player's ball: the lead goes back by one. That is a convention, and it is what a player who trusts the
ball would do.

Whether a player *listens* shows only where Bayes and the ball disagree, which happens in a cascade alone:
there `Score.against` counts who followed the row. Whether a player looks at the ball shows outside a cascade:
`Score.outside`. Full marks on both do not prove Bayes' rule: who takes every earlier guess for a ball makes
the same guesses as long as nobody breaks a cascade.

>>> game = Game(accuracy=0.7, n_players=4)
>>> result = score(game, guesses=[[1, 1, 1, 0]], signals=[[1, 1, 0, 0]])
>>> result.lead.tolist(), result.best.tolist()
([[0, 1, 2, 2]], [[1, 1, 1, 1]])
>>> result.against
(1, 2)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from llma import checks
from llma.checks import Floats, Ints
from llma.classroom.game import Game

CASCADE_LEAD = 2
"""From this lead on one ball cannot turn the row."""

TIED = -1
"""What `Score.best` holds where both guesses are equally good."""


@dataclass(frozen=True)
class Advice:
    """What Bayes' rule says: beliefs in urn 1, the better guess (`TIED` if there is none), and the lead."""

    public: float
    private: float
    best: int
    lead: int

    @property
    def cascade(self) -> bool:
        """Whether the better guess is the same after either ball."""
        return abs(self.lead) >= CASCADE_LEAD


@dataclass(frozen=True, eq=False)
class Score:
    """Every guess of every round, compared.

    Attributes
    ----------
    guesses, signals : ndarray of int, shape (n_rounds, n_players)
        What was guessed, and the balls.
    lead : ndarray of int, shape (n_rounds, n_players)
        The public lead before each guess.
    best : ndarray of int, shape (n_rounds, n_players)
        The better guess, `TIED` where there is none.
    """

    guesses: Ints
    signals: Ints
    lead: Ints
    best: Ints

    @property
    def cascade(self) -> NDArray[np.bool_]:
        """Turns at which a Bayesian player ignores the ball, shape (n_rounds, n_players)."""
        return np.abs(self.lead) >= CASCADE_LEAD

    @property
    def consistent(self) -> tuple[int, int]:
        """Guesses that are the better one, and guesses for which there is a better one."""
        decided = self.best != TIED
        return int((decided & (self.guesses == self.best)).sum()), int(decided.sum())

    @property
    def against(self) -> tuple[int, int]:
        """The same, where the better guess is *not* the player's ball: these tell who listens."""
        telling = (self.best != TIED) & (self.best != self.signals)
        return int((telling & (self.guesses == self.best)).sum()), int(telling.sum())

    @property
    def outside(self) -> tuple[int, int]:
        """The same as `consistent`, outside a cascade: these tell who looks at the ball."""
        open_turns = (self.best != TIED) & ~self.cascade
        return int((open_turns & (self.guesses == self.best)).sum()), int(open_turns.sum())

    def wrong_cascade(self, states: ArrayLike) -> NDArray[np.bool_]:
        """Return at which turns the row is in a cascade on the wrong urn, shape (n_rounds, n_players).

        The urn of the cascade counts, not the guess made in it: a player may break a right cascade with a
        wrong guess.

        Raises
        ------
        ValueError
            If there is not one state for each round.

        Examples
        --------
        >>> result = score(Game(0.7, 4), guesses=[[1, 1, 1, 0]], signals=[[1, 1, 0, 0]])
        >>> result.wrong_cascade([1]).any(), result.wrong_cascade([0]).tolist()
        (np.False_, [[False, False, True, True]])
        """
        return np.asarray(self.cascade & ((self.lead > 0) != (self._truth(states)[:, None] == 1)))

    def wrong(self, states: ArrayLike) -> Floats:
        """Return the share of wrong guesses at each turn, shape (n_players,).

        Raises
        ------
        ValueError
            If there is not one state for each round.
        """
        return np.asarray((self.guesses != self._truth(states)[:, None]).mean(axis=0))

    def _truth(self, states: ArrayLike) -> Ints:
        truth = checks.indices(states, "states", 2)
        if truth.shape != self.guesses.shape[:1]:
            raise ValueError(
                f"states: expected {self.guesses.shape[0]}, one a round, got shape {truth.shape}"
            )
        return truth


def advice(game: Game, guesses: ArrayLike, signal: int) -> Advice:
    """Return what Bayes' rule says to the next player.

    Parameters
    ----------
    game : Game
        The rules.
    guesses : array_like of int, shape (k,)
        The earlier guesses of this round; k may be 0.
    signal : int
        The player's own ball, 0 or 1.

    Returns
    -------
    Advice

    Raises
    ------
    ValueError
        If a guess or the ball is not 0 or 1.

    Examples
    --------
    >>> told = advice(Game(2 / 3, 5), guesses=[1, 1], signal=0)
    >>> round(told.private, 3), told.best, told.cascade
    (0.667, 1, True)
    """
    lead = 0
    earlier = np.asarray(guesses).reshape(-1)
    for guess in checks.indices(earlier, "guesses", 2) if earlier.size else ():
        lead = _next_lead(lead, int(guess))
    ball = int(checks.indices(signal, "signal", 2))
    private = lead + 2 * ball - 1
    return Advice(_belief(game, lead), _belief(game, private), _better(private), lead)


def score(game: Game, guesses: ArrayLike, signals: ArrayLike) -> Score:
    """Return each guess of a class compared with Bayes' rule.

    Parameters
    ----------
    game : Game
        The rules; `n_players` gives the number of columns.
    guesses, signals : array_like of int, shape (n_rounds, n_players)
        Finished rounds, and the balls that the players had.

    Returns
    -------
    Score

    Raises
    ------
    ValueError
        If the two tables are not of the same shape, or hold anything but 0 and 1.
    """
    made, balls = checks.indices(guesses, "guesses", 2), checks.indices(signals, "signals", 2)
    if made.ndim != 2 or made.shape[1] != game.n_players or made.shape != balls.shape:
        raise ValueError(
            f"guesses and signals: expected two tables of shape (rounds, {game.n_players}), "
            f"got {made.shape} and {balls.shape}"
        )
    lead = np.zeros_like(made)
    for row, line in zip(lead, made, strict=True):
        for turn in range(1, game.n_players):
            row[turn] = _next_lead(int(row[turn - 1]), int(line[turn - 1]))
    private = lead + 2 * balls - 1
    best = np.where(private > 0, 1, np.where(private < 0, 0, TIED))
    return Score(made, balls, lead, best)


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    r"""Return Wilson's interval for a share, which behaves well for small samples and for 0 and 1.

    It holds the shares x for which the share seen lies within :math:`z\sqrt{x(1-x)/t}` of x, where t is the
    number of trials and z the normal quantile, 1.96 at level 0.95.

    Raises
    ------
    ValueError
        If there is no trial, more successes than trials, or a level that is not strictly between 0 and 1.

    Reference. E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal
    of the American Statistical Association 22(158), 1927.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes: {successes} of {trials} trials; at least one trial is needed")
    if not 0 < level < 1:
        raise ValueError(f"level: {level} must lie strictly between 0 and 1")
    z = float(ndtri((1 + level) / 2))
    share = successes / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def _next_lead(lead: int, guess: int) -> int:
    step = 2 * guess - 1
    return lead if abs(lead) >= CASCADE_LEAD and step * lead > 0 else lead + step


def _better(lead: int) -> int:
    return TIED if lead == 0 else int(lead > 0)


def _belief(game: Game, lead: int) -> float:
    return 1 / (1 + ((1 - game.accuracy) / game.accuracy) ** lead)
