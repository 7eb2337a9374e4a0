"""The explorers and tables of the chapter "Be the agent: a classroom game".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

>>> read_the_row().readouts(history="BB", ball="A", accuracy=0.7)["Bayes' rule says"]
'guess B'
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

import altair as alt
import numpy as np

from llma.classroom import Game, advice, law, team_plan
from llma.classroom.score import TIED
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart

STROKE = alt.Legend(symbolType="stroke", orient="bottom", columns=1)
URNS = "AB"
"""Names of the two urns, state 0 and state 1."""

ACCURACIES = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
SIZES = (4, 6, 8, 10, 12, 16, 20, 25, 30, 40)
LONGEST = 5
"""Guesses in the longest history of the first explorer."""

HISTORIES = tuple("".join(h) for n in range(LONGEST + 1) for h in product(URNS, repeat=n))
NOBODY = "none yet"


def size_table(accuracy: float = 2 / 3, sizes: tuple[int, ...] = (6, 7, 8, 12, 20, 40)) -> str:
    """Return right guesses a round: everybody shows the ball, everybody for itself, the best plan.

    >>> print(size_table(2 / 3, (6, 20)))
    players  ball  Bayes   team
          6   4.0   4.36   4.36
         20  13.3  15.52  16.27
    """
    lines = ["players  ball  Bayes   team"]
    for n in sizes:
        game = Game(accuracy, n)
        alone = n - float(law(game).p_wrong.sum())
        lines.append(f"{n:7d}{n * accuracy:6.1f}{alone:7.2f}{team_plan(game).right_guesses:7.2f}")
    return "\n".join(lines)


def law_table(accuracy: float = 2 / 3, n_players: int = 8) -> str:
    """Return the law of a Bayesian class turn by turn.

    >>> print(law_table(2 / 3, 3))
    turn  wrong  cascade  against
       0   .333     .000     .000
       1   .333     .000     .000
       2   .259     .556     .222
    """
    told = law(Game(accuracy, n_players))
    columns = zip(told.p_wrong, told.p_cascade, told.p_against, strict=True)
    rows = [f"{turn:4d}{_short(w):>7}{_short(c):>9}{_short(a):>9}" for turn, (w, c, a) in enumerate(columns)]
    return "\n".join(["turn  wrong  cascade  against", *rows])


def read_the_row() -> Explorer:
    """Return the explorer of one player's view: the guesses so far, the ball, and what Bayes' rule says."""
    turns = np.arange(LONGEST + 2)

    def view(history: str, ball: str, accuracy: float) -> Mapping[str, Any]:
        game = Game(accuracy, LONGEST + 1)
        guesses = [URNS.index(guess) for guess in history.replace(NOBODY, "")]
        signal = URNS.index(ball)
        seen = [advice(game, guesses[:k], signal) for k in range(len(guesses) + 1)]
        now, n = seen[-1], len(guesses)
        # Beyond the player's own view nothing is drawn: the last belief stands still.
        path = [told.public for told in seen] + [now.public] * (LONGEST + 1 - n)
        position = np.minimum(turns, n)
        position[-1], path[-1] = n, now.private
        starts = [k for k, told in enumerate(seen) if told.cascade and not (k and seen[k - 1].cascade)]
        return {
            "turn": position,
            "belief": np.array(path),
            "you are player": n,
            "public belief in urn B": f"{now.public:.3f}",
            "with your ball": f"{now.private:.3f}",
            "Bayes' rule says": "either" if now.best == TIED else f"guess {URNS[now.best]}",
            "a cascade": "not yet"
            if not starts
            else f"from player {starts[-1]}" + ("" if now.cascade else ", broken"),
        }

    base = alt.Chart(NOW).encode(
        x=alt.X(
            "turn:Q",
            title="guesses seen",
            scale=alt.Scale(domain=[0, LONGEST]),
            axis=alt.Axis(format="d", tickCount=LONGEST),
        ),
        y=alt.Y("belief:Q", title="belief in urn B", scale=alt.Scale(domain=[0, 1])),
    )
    public = base.transform_filter("datum.kind == 'public'")
    chart = (
        public.mark_line(strokeWidth=2.5)
        + public.mark_point(filled=True, size=60, opacity=1)
        + base.transform_filter("datum.kind != 'public'").mark_point(
            shape="diamond", filled=True, size=170, opacity=1
        )
    ).encode(
        color=alt.Color("kind:N", title=None, sort=None, legend=alt.Legend(orient="bottom", columns=1)),
    )
    return explore(
        view,
        [
            Slider("history", "guesses so far", (NOBODY, *HISTORIES[1:]), "BB"),
            Slider("ball", "your ball", tuple(URNS), "A"),
            Slider("accuracy", "accuracy of a ball", (0.6, 0.7, 0.8, 0.9), 0.7),
        ],
        chart,
        fixed={"kind": ["public"] * (LONGEST + 1) + ["with your ball"]},
        title="Read the row",
        alt="The public belief in urn B after each guess seen so far, a broken line that moves up with a "
        "guess of B and down with a guess of A and stays level where a guess follows a cascade, and one "
        "diamond at the end: the belief of the next player, who also has a ball.",
    )


def class_and_team() -> Explorer:
    """Return the explorer of wrong guesses turn by turn: show the ball, everybody for itself, the team."""
    names = ("everybody shows the ball", "everybody for itself (Bayes)", "the team's best plan")
    most = max(SIZES)

    @cache
    def curves(accuracy: float, players: int) -> tuple[Any, Any]:
        game = Game(accuracy, players)
        return law(game), team_plan(game)

    def draw(accuracy: float, players: int) -> Mapping[str, Any]:
        told, plan = curves(accuracy, players)
        ends = np.minimum(np.arange(most), players - 1)
        alone = players - told.p_wrong.sum()
        # A lead of d cannot be there before turn d.
        first = {int(d): k for k, d in reversed(list(enumerate(plan.follow_from))) if d <= k}
        return {
            "turn": np.tile(ends, 3),
            "wrong": np.concatenate([np.full(most, 1 - accuracy), told.p_wrong[ends], plan.p_wrong[ends]]),
            "right guesses, ball": f"{players * accuracy:.2f}",
            "right guesses, Bayes": f"{alone:.2f}",
            "right guesses, team": f"{plan.right_guesses:.2f}",
            "the team follows from a lead of": ", ".join(
                f"{d} (turn {first[d]})" for d in sorted(first, reverse=True)
            ),
            "turns against the ball, Bayes": f"{told.telling_turns:.2f}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=alt.X("turn:Q", title="turn", scale=alt.Scale(domain=[0, most - 1]), axis=alt.Axis(format="d")),
            y=alt.Y("wrong:Q", title="probability of a wrong guess", scale=alt.Scale(domain=[0, 0.5])),
            **told_apart("class", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a ball", ACCURACIES, 0.65),
            Slider("players", "players in a row", SIZES, 20, fmt="{:d}"),
        ],
        chart,
        fixed={"class": [name for name in names for _ in range(most)]},
        title="Everybody for itself, or the team",
        alt="The probability of a wrong guess at each turn, for three classes. Where everybody shows the "
        "ball it is constant. Where everybody guesses for itself it falls and soon levels off. Under the "
        "team's best plan it is higher at first and lower later.",
    )


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
