"""One text asked again and again: what five answers of one model are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.explore import Explorer, Slider, explore
from llma.reliability import repeat_odds

NOW = alt.NamedData("now")


def repeat_belief(prior: float, accuracy: float, correlation: float, yes: int, no: int = 0) -> float:
    """Return the belief in state 1 after repeated answers of one model about one text.

    >>> [round(repeat_belief(0.5, 0.7, rho, 5), 3) for rho in (0, 0.3, 1)]
    [0.986, 0.88, 0.7]
    """
    odds = prior / (1 - prior) * repeat_odds(accuracy, correlation, yes, no)
    return odds / (1 + odds)


PATTERNS = {"all yes": (1, 0), "9 yes to 1 no": (9, 1), "4 yes to 1 no": (4, 1), "3 yes to 2 no": (3, 2)}


def counts(pattern: str, n: int) -> tuple[int, int]:
    """Return how many of the first n answers are yes and no: the yes of a round come first.

    >>> counts("4 yes to 1 no", 7)
    (6, 1)
    """
    yes, no = PATTERNS[pattern]
    rounds, rest = divmod(n, yes + no)
    return rounds * yes + min(rest, yes), rounds * no + max(rest - yes, 0)


def repeats() -> Explorer:
    """Return the explorer of one model that is asked about the same text again and again."""
    asked = range(31)

    def ask(pattern: str, accuracy: float, correlation: float, prior: float) -> Mapping[str, Any]:
        tally = [counts(pattern, n) for n in asked]
        naive = [repeat_belief(prior, accuracy, 0.0, *t) for t in tally]
        correct = [repeat_belief(prior, accuracy, correlation, *t) for t in tally]
        return {
            "belief": np.array([*naive, *correct]),
            "after 5, as if independent": naive[5],
            "after 5, correct": correct[5],
            "after 30, correct": correct[30],
        }

    names = ("as if independent", "correct")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("asked:Q", title="times asked about one text", axis=alt.Axis(format="d")),
            y=alt.Y("belief:Q", title="belief in a good product", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title=None, sort=None),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        ask,
        [
            Slider("pattern", "answers", tuple(PATTERNS), "all yes"),
            Slider("accuracy", "accuracy of one answer", (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9), 0.7),
            # Stops below 1: at 1 the mixed patterns are impossible.
            Slider(
                "correlation", "correlation ρ", (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99), 0.3
            ),
            Slider("prior", "prior of a good product", (0.1, 0.3, 0.5), 0.5),
        ],
        chart,
        fixed={"asked": [*asked, *asked], "curve": [name for name in names for _ in asked]},
        title="Asking again",
        alt="Belief against the number of answers about one text, from 0 to 30. Taken as independent, "
        "answers that are mostly yes drive the belief towards 1. If the correlation is positive, the "
        "correct curve rises more slowly, and with mixed answers it levels off or falls on the way.",
    )
