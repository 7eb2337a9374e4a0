r"""The prompt of a herd agent: prior, accuracy, own signal, then the numbered actions of its predecessors.

    prior=0.5 accuracy=0.7 signal=1 #1:1 #2:0 ->

Every word is one token. The model's next token is `x0` or `x1`, its view of the state. Because the own
signal comes first, the beginning of every prompt is the prompt of an earlier agent with the same signal:
one pass over n actions answers n + 1 prompts.

Numbered tokens. The token of an action names the agent who played it, "#2:0". That an agent's action
counts depends on its position: a cascade starts when agents 2j - 1 and 2j agree. With bare tokens "0" and
"1" the model would have to count.

Graded tokens. A number between two grades is read as the mean of their tokens' embeddings, weighted by
distance. So the model can be asked about values that it was never trained on. A reader who has no signal
(the public) has the token `signal=?`; where accuracies are secret and the reader has none, `accuracy=?`.

>>> " ".join(words(0.5, 0.65, 1, [1, 0]))
'prior=0.5 accuracy=0.65 signal=1 #1:1 #2:0'
>>> lower, upper, share = grade(0.65, ACCURACY_GRADES)
>>> VOCABULARY[ACCURACY_TOKEN + lower], VOCABULARY[ACCURACY_TOKEN + upper], round(share, 3)
('accuracy=0.6', 'accuracy=0.7', 0.5)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma import checks

MAX_ACTIONS = 12
PRIOR_GRADES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
ACCURACY_GRADES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
VOCABULARY = (
    "x0",
    "x1",
    "signal=0",
    "signal=1",
    "signal=?",
    *(f"prior={value:g}" for value in PRIOR_GRADES),
    *(f"accuracy={value:g}" for value in ACCURACY_GRADES),
    "accuracy=?",
    *(f"#{k}:{a}" for k in range(1, MAX_ACTIONS + 1) for a in (0, 1)),
)
LABELS = (0, 1)
SIGNAL_TOKEN = 2
NO_SIGNAL = 2
"""As a signal: there is none."""
PRIOR_TOKEN = VOCABULARY.index("prior=0.2")
ACCURACY_TOKEN = VOCABULARY.index("accuracy=0.5")
UNKNOWN_ACCURACY = VOCABULARY.index("accuracy=?")
ACTION_TOKEN = VOCABULARY.index("#1:0")
HEAD = 3
"""Tokens before the first action."""


def grade(value: float, grades: Sequence[float]) -> tuple[int, int, float]:
    """Return the grades below and above a value, and the share of the upper one.

    Raises
    ------
    ValueError
        When the value lies outside the grades.

    Examples
    --------
    >>> grade(0.7, ACCURACY_GRADES)
    (2, 2, 0.0)
    """
    if not grades[0] <= value <= grades[-1]:
        raise ValueError(f"{value} is outside the grades {grades[0]} to {grades[-1]}")
    upper = int(np.searchsorted(grades, value - 1e-12))
    if abs(grades[upper] - value) < 1e-12:
        return upper, upper, 0.0
    lower = upper - 1
    return lower, upper, float((value - grades[lower]) / (grades[upper] - grades[lower]))


def action_tokens(actions: Sequence[int]) -> list[int]:
    """Return the tokens of a history.

    Raises
    ------
    ValueError
        When there are more than 12 actions or one is neither 0 nor 1.
    """
    if len(actions) > MAX_ACTIONS:
        raise ValueError(f"actions: {len(actions)} of them; the model knows at most {MAX_ACTIONS}")
    played = checks.indices(list(actions), "actions", 2).tolist() if len(actions) else []
    return [ACTION_TOKEN + 2 * k + a for k, a in enumerate(played)]


def words(prior: float, accuracy: float | None, signal: int | None, actions: Sequence[int]) -> list[str]:
    """Return the prompt, token by token.

    Parameters
    ----------
    prior : float
        P(x = 1).
    accuracy : float or None
        The reader's own; None for the public where accuracies are secret.
    signal : 0, 1 or None
        None for the public.
    actions : sequence of 0 and 1
        What the predecessors played, the first first.
    """
    shown = "?" if signal is None else str(int(checks.indices(signal, "signal", 2)))
    stated = "?" if accuracy is None else f"{accuracy:g}"
    return [
        f"prior={prior:g}",
        f"accuracy={stated}",
        f"signal={shown}",
        *(VOCABULARY[token] for token in action_tokens(actions)),
    ]
