r"""A share of the texts is attacked: what a likelihood of honest texts believes then, and what repair costs.

With B the likelihood of honest texts, A that of attacked ones and $\varepsilon$ the share of attacked texts,
what is observed has the law $C = (1 - \varepsilon) B + \varepsilon A$. `drift` is the mean step of the
log-odds of state 1 that an agent takes who uses one law while another is true.

>>> honest = one_question(0.3, 0.7)
>>> always_yes = [[0.0, 1.0], [0.0, 1.0]]
>>> round(turning_share(honest, always_yes), 4)
0.2857
>>> drift(attacked(honest, always_yes, 0.4), honest).round(3).tolist()
[0.136, 0.542]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import ArrayLike

from llma import checks, experiments
from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.sensor.answers import one_question
from llma.explorers.sensor.moves import NOW

STRENGTHS = {"0.5": 0.5, "1": 1.0, "2": 2.0, "4": 4.0, "always yes": math.inf}
ATTACKED = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
EVEN = (0.5, 0.5)
TEXTS = 60


def attacked(honest: ArrayLike, attack: ArrayLike, share: float) -> Floats:
    """Return the likelihood (X, Y) of an observation when a share of the texts is attacked.

    Raises
    ------
    ValueError
        When the share is not in [0, 1], the shapes differ, or rows are no laws.
    """
    b = checks.stochastic_matrix(honest, "honest")
    a = checks.stochastic_matrix(attack, "attack")
    if a.shape != b.shape:
        raise ValueError(f"honest has shape {b.shape} and attack {a.shape}; they must be equal")
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; it must be between 0 and 1")
    mixed: Floats = (1 - share) * b + share * a
    return mixed


def drift(true: ArrayLike, used: ArrayLike) -> Floats:
    """Return the mean step of the log-odds of state 1 against 0 in each of two states, shape (2,).

    Parameters
    ----------
    true : array_like, shape (2, Y)
        Law of the observation.
    used : array_like, shape (2, Y)
        Law that the agent believes in; positive wherever an observation can come.

    Raises
    ------
    ValueError
        When an observation can come that the agent holds for impossible.

    Examples
    --------
    >>> honest = one_question(0.3, 0.7)
    >>> drift(honest, honest).round(3).tolist()
    [-0.339, 0.339]
    """
    law, believed = checks.stochastic_matrix(true, "true"), checks.stochastic_matrix(used, "used")
    comes = (law > 0).any(axis=0)
    if (believed[:, comes] == 0).any():
        y = int(np.flatnonzero(comes & (believed == 0).any(axis=0))[0])
        raise ValueError(f"observation {y} can come, but `used` gives it probability 0 in some state")
    step = np.zeros(law.shape[1])
    step[comes] = np.log(believed[1, comes]) - np.log(believed[0, comes])
    mean: Floats = law @ step
    return mean


def turning_share(honest: ArrayLike, attack: ArrayLike) -> float:
    """Return the share of attacked texts above which an agent with the honest likelihood drifts to state 1.

    State 0 is true. If an attacked text does not speak for state 1 on average, the share is infinite.
    """
    away = -float(drift(honest, honest)[0])
    towards = float(drift(attack, honest)[0])
    return away / (away + towards) if towards > 0 else math.inf


def attack() -> Explorer:
    """Return the explorer of reviews of a bad product, a share of which carries a command."""
    asked = np.arange(TEXTS + 1)

    def move(share: float, strength: str, accuracy: float) -> Mapping[str, Any]:
        honest = one_question(1 - accuracy, accuracy)
        logit = math.log(accuracy / (1 - accuracy))
        yes = [1 / (1 + math.exp(-(side + STRENGTHS[strength]))) for side in (-logit, logit)]
        law = one_question(*yes)
        mixed = attacked(honest, law, share)
        steps = [drift(true, used)[0] for true, used in ((honest, honest), (mixed, honest), (mixed, mixed))]
        turn = turning_share(honest, law)
        return {
            "belief": np.concatenate([1 / (1 + np.exp(-asked * step)) for step in steps]),
            "B turns at a share of": f"{turn:.3f}" if turn < 1 else "never",
            "nats, honest text": float(experiments.information(EVEN, honest)),
            "nats, a share attacked": float(experiments.information(EVEN, mixed)),
        }

    names = ("honest texts", "attacked, B of honest", "attacked, B repaired")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("texts:Q", title="reviews of a bad product", axis=alt.Axis(format="d")),
            y=alt.Y("belief:Q", title="belief in a good one", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title=None, sort=None),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        move,
        [
            Slider("share", "share of attacked texts", ATTACKED, 0.2),
            Slider("strength", "push on the log-odds of yes", tuple(STRENGTHS), "always yes"),
            Slider("accuracy", "accuracy of an honest answer", (0.55, 0.6, 0.7, 0.8, 0.9), 0.7),
        ],
        chart,
        fixed={"texts": np.tile(asked, 3), "curve": [name for name in names for _ in asked]},
        title="A share of the texts is attacked",
        alt="Belief in a good product, at the mean log-odds, against the number of reviews of a bad one. "
        "With honest texts it falls towards 0. With attacked texts and the likelihood of honest ones it "
        "falls no faster, stays, or rises towards 1. With the likelihood of the mixture it falls.",
    )
