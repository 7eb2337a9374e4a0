r"""The same experiment for any sensor: the game told in words, one yes/no question, and the answers kept.

A model that was never trained on the game can be asked too. The prompt is told as a text, and one
question is put, so that every sensor of the book can answer (`llma.sensing.open_sensor` opens it by one
string):

    A product is good or bad, and good with probability 0.5. A test that is right with probability 0.7
    says that it is good. Customers came one after the other, each with a test of their own. Customer 1
    bought it. Customer 2 did not buy it.

`tell` writes the text, `interview` asks about all histories and returns log-odds in the shape of a herd
agent's, so that everything in this package (errors, decisions, exact law, weights, controls) runs on it
unchanged. `llma.sensing.record(sensor, path)` keeps what is answered, so that a study can be repeated
without the model.

A warning that belongs to every such study. What the answers show depends on the words of the telling;
change them, ask again, and report both.

>>> tell(0.5, 0.7, 1, [])[57:]
'A test that is right with probability 0.7 says that it is good.'
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import logit

from llma.agents.game import HerdGame, actions_of
from llma.checks import Floats
from llma.sensing.questions import Question, Questionnaire
from llma.sensing.sensor import Sensor

HERDING = Questionnaire(
    name="herding_game",
    questions=(Question("good", "Is the product good?", direction=1),),
    states=("bad product", "good product"),
    description="A test and earlier customers: is the product good?",
)
SURE = 1e-6
"""Answers of exactly 0 or 1 are moved this far inside: their log-odds would be infinite."""


def tell(prior: float, accuracy: float, signal: int | None, actions: Sequence[int]) -> str:
    """Return a prompt of the herding game as a text."""
    parts = [f"A product is good or bad, and good with probability {prior:g}."]
    if signal is not None:
        verdict = "good" if signal else "bad"
        parts.append(f"A test that is right with probability {accuracy:g} says that it is {verdict}.")
    if len(actions):
        parts.append("Customers came one after the other, each with a test of their own.")
    for number, action in enumerate(actions, 1):
        parts.append(f"Customer {number} bought it." if action else f"Customer {number} did not buy it.")
    return " ".join(parts)


def texts_of(game: HerdGame) -> list[list[list[list[str]]]]:
    """Return the texts of all prompts, indexed [agent][history][accuracy][signal]."""
    return [
        [
            [[tell(game.prior, p, s, actions_of(h, k)) for s in (0, 1)] for p in game.accuracies]
            for h in range(1 << k)
        ]
        for k in range(game.n_agents)
    ]


def interview(sensor: Sensor, game: HerdGame) -> list[Floats]:
    """Ask a sensor about every prompt of a game.

    Parameters
    ----------
    sensor : Sensor
        Such as ``open_sensor("tiny")``.
    game : HerdGame
        Keep it short: n agents need 2A(2^n - 1) answers.

    Returns
    -------
    list of ndarray, entry k of shape (2^k, A, 2)
        Log-odds of state 1; NaN where the sensor refused.

    Examples
    --------
    >>> from llma.sensing import open_sensor
    >>> found = interview(open_sensor("tiny"), HerdGame(0.5, (0.7,), n_agents=2))
    >>> [level.shape for level in found]
    [(1, 1, 2), (2, 1, 2)]
    """
    found = []
    for level in texts_of(game):
        flat = [text for by_history in level for by_accuracy in by_history for text in by_accuracy]
        yes = sensor.probabilities(flat, HERDING)[:, 0]
        found.append(logit(np.clip(yes, SURE, 1 - SURE)).reshape(len(level), len(game.accuracies), 2))
    return found
