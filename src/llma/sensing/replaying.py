"""A record in the place of its model: no key, no network, the same numbers for every reader.

>>> import tempfile
>>> from llma.sensing.recording import record
>>> from llma.sensing.scripted import ScriptedSensor
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder) / "loud.jsonl"
...     with record(ScriptedSensor(lambda text, question: float("!" in text)), path) as sensor:
...         _ = sensor.probabilities(["Oh!", "So."], ["Is it loud?"])
...     sensor = replay(path)
>>> sensor.probabilities(["So.", "Oh!"], ["Is it loud?"]).tolist()
[[0.0], [1.0]]
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llma.sensing.answers import canonical, read_record
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts

# What belongs to one question; the rest of a request says which sensor answered.
OWN = ("text", "question", "key", "together")
SHOWN = 60


@dataclass(frozen=True, eq=False)
class Replay:
    """The answers of one sensor, by text and question; made by `replay`."""

    name: str
    identity: Mapping[str, Any]
    answers: Mapping[tuple[str, ...], float | None]

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return the recorded P(yes), shape (n, K).

        Raises
        ------
        UnreadableText
            When a text is empty.
        ValueError
            When an answer is not in the record.
        """
        texts, asked = as_texts(texts), as_questions(questions)
        together = canonical([[question.key, question.text] for question in asked])
        found = np.full((len(texts), len(asked)), np.nan)
        for i, text in enumerate(texts):
            if not text.strip():
                raise UnreadableText(i, "it is empty; leave it out")
            for k, question in enumerate(asked):
                p = self._answer(text, question, together)
                found[i, k] = math.nan if p is None else p
        return found

    def _answer(self, text: str, question: Question, together: str) -> float | None:
        for extra in ("", canonical(question.key), together):
            if (text, question.text, extra) in self.answers:
                return self.answers[text, question.text, extra]
        known = any(key[:2] == (text, question.text) for key in self.answers)
        why = (
            "was asked together with other questions, which may have changed the answer"
            if known
            else "is not in the record"
        )
        raise ValueError(
            f"{self.name}: question {question.text!r} about the text {_shown(text)} {why}; ask it once with "
            "record(open_sensor(...), path), or ask only what the record holds"
        )


def replay(path: str | Path, **which: Any) -> Replay:
    """Open a record as a sensor.

    Parameters
    ----------
    path : str or Path
    **which
        Fields of the identity that the answers must have, for example `model="..."`, for a record that holds
        the answers of several sensors.

    Returns
    -------
    Replay

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When a row was edited or damaged, when no row fits, or when the rows come from several sensors.
    """
    identities: dict[str, dict[tuple[str, ...], float | None]] = {}
    for row in read_record(Path(path)):
        request = json.loads(row.request)
        extra = [canonical(request[field]) for field in OWN[2:] if field in request]
        identity = {field: value for field, value in request.items() if field not in OWN}
        if all(identity.get(field) == value for field, value in which.items()):
            place = (request["text"], request["question"], extra[0] if extra else "")
            identities.setdefault(canonical(identity), {})[place] = row.p
    if not identities:
        raise ValueError(f"{path} has no answers{f' with {which}' if which else ''}")
    if len(identities) > 1:
        raise ValueError(
            f"{path} holds the answers of {len(identities)} sensors; choose one with "
            f"replay(path, {_difference(identities)}"
        )
    [(common, answers)] = identities.items()
    return Replay(f"record:{path}", json.loads(common), answers)


def _difference(identities: Mapping[str, Any]) -> str:
    """Return the first field in which identities differ, with its values."""
    parsed = [json.loads(identity) for identity in identities]
    for field in sorted(set().union(*parsed)):
        values = sorted({canonical(identity.get(field)) for identity in parsed})
        if len(values) > 1:
            return f"{field}=...), where {field} is one of {', '.join(values)}"
    raise AssertionError("identities that differ in no field")


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
