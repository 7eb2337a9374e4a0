r"""Be the agent: the urn game for a class, on one machine, through a shared file, or by pasted codes.

Game. One of two urns is chosen. Player k draws one ball in private (it shows the urn's colour with
probability p, the accuracy), sees the guesses of all earlier players, and guesses the urn in public. That is
the protocol of `llma.social` with people in the place of agents. A *round* is one such row; the state and
the signals of each round are drawn afresh.

Modules. `game`: the rules, and `deal`, which draws everything beforehand and *commits* to it. `codes`: what
is handed round, short texts with a check against slips of the pen. `rows`: the public record of a round,
which travels as one code or in a shared file. `score`: each guess against Bayes' rule. `law`: what a class
of Bayesian players would do, exactly. `team`: what a class would do that wants the largest number of right
guesses.

The codes keep honest players honest, no more: who reads this package can open a ticket it was not given.
What nobody can do is change the draw afterwards: `Deal.commitment` is published before the first guess.

Reference. L. R. Anderson and C. A. Holt, "Information Cascades in the Laboratory", American Economic Review
87(5), 1997, who played it first.

>>> import numpy as np
>>> game = Game(accuracy=2 / 3, n_players=4, n_rounds=1)
>>> dealt = deal(game, np.random.default_rng(1))
>>> row = Row(dealt.name, game.n_players)
>>> row = row.play(dealt.ticket(0, 0), guess=1)
>>> row.guesses
(1,)
"""

from llma.classroom.game import Deal, Game, deal
from llma.classroom.law import ClassLaw, law
from llma.classroom.rows import Row, post, read_rows
from llma.classroom.score import Score, advice, score, wilson
from llma.classroom.team import TeamPlan, team_plan

__all__ = [
    "ClassLaw",
    "Deal",
    "Game",
    "Row",
    "Score",
    "TeamPlan",
    "advice",
    "deal",
    "law",
    "post",
    "read_rows",
    "score",
    "team_plan",
    "wilson",
]
