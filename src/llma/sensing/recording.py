"""A sensor that remembers what it has answered.

`record(sensor, path)` wraps any sensor. It asks only what it has not asked before, stores each answer before
it hands it out, and keeps the published file up to date. A run that was killed goes on where it stopped.
See `llma.sensing.answers` and `llma.sensing.index` for the two files, `llma.sensing.replaying` for answers
from a record alone.

What a sensor is. The answers of two sensors must not be confused, so a sensor should say what determines its
answers beside text and question, in a mapping `identity`: `backend`, `model`, `revision`, `prompt` (the
template, written out), `dtype`, `parameters`. A sensor without one is known by its class, its name, and the
keys of the questions. Two further attributes are optional:

* `together`: true if all questions of a text are in one prompt, so that each answer may depend on all of
  them. Then the other questions are part of the request.
* `stream(texts, questions, missing, keep)`: ask where `missing` is true and call `keep(i, {k: p, ...})` as
  soon as an answer is known. Without it, the texts are asked about a few at a time.

>>> import tempfile
>>> from llma.sensing.scripted import ScriptedSensor
>>> asked = []
>>> loud = ScriptedSensor(lambda text, question: asked.append(text) or float("!" in text))
>>> with tempfile.TemporaryDirectory() as folder:
...     kept = record(loud, Path(folder) / "loud.jsonl")
...     first = kept.probabilities(["Oh!", "So."], ["Is it loud?"])
...     again = kept.probabilities(["So.", "So.", "Oh!"], ["Is it loud?"])
...     kept.close()
>>> again.ravel().tolist(), asked
([0.0, 0.0, 1.0], ['Oh!', 'So.'])
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from llma.sensing.answers import Answer, canonical
from llma.sensing.index import Index, Memory
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts

if TYPE_CHECKING:
    from llma.sensing.sensor import Sensor

# Of a sensor that answers many texts at once, so many are at stake when the process is killed.
TEXTS_PER_CALL = 8


def identity_of(sensor: Sensor) -> Mapping[str, Any]:
    """Return what determines the answers of a sensor beside text and question.

    Examples
    --------
    >>> from llma.sensing.tiny import load
    >>> sorted(identity_of(load()))
    ['backend', 'dtype', 'model', 'parameters', 'prompt', 'revision']
    """
    declared = getattr(sensor, "identity", None)
    if isinstance(declared, Mapping):
        return declared
    return {"backend": type(sensor).__name__, "model": sensor.name, "by_key": True}


def request_of(sensor: Sensor, text: str, asked: Sequence[Question], k: int) -> dict[str, Any]:
    """Return the request whose answer is that of question k about a text."""
    request = {**identity_of(sensor), "text": text, "question": asked[k].text}
    if request.pop("by_key", False):
        request["key"] = asked[k].key
    if getattr(sensor, "together", False):
        request["together"] = [[question.key, question.text] for question in asked]
    return request


class RecordedSensor:
    """A sensor that remembers; made by `record`.

    It is a context manager, which closes the index. Leaving it open loses nothing.
    """

    def __init__(self, sensor: Sensor, store: Index | Memory) -> None:
        self._sensor = sensor
        self._store = store

    def __repr__(self) -> str:
        """Return one line."""
        where = f"{str(self._store.record)!r}" if isinstance(self._store, Index) else "in memory"
        return f"RecordedSensor({self._sensor!r}, {where})"

    def __enter__(self) -> RecordedSensor:
        """Return the sensor itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the index."""
        self.close()

    @property
    def name(self) -> str:
        """The name of the sensor inside: its answers are the same."""
        return self._sensor.name

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return P(yes), shape (n, K), asking the sensor only what the record does not hold.

        A text that stands twice is asked about once. (Two runs at the same time may both ask about it; the
        first answer stays.) When the sensor fails, the answers before the failure
        are kept, and the same call made again goes on from there.

        Raises
        ------
        UnreadableText
            When a text cannot be read or cannot be written down as UTF-8.
        """
        texts, asked = self._examine(texts, questions)
        missing = self._missing(texts, asked)
        if missing.any():

            def keep(*found: tuple[int, Mapping[int, float]]) -> None:
                # The sensor may have found out only now how it can ask, so the requests are made here.
                self._store.put(
                    [
                        Answer(self._request(texts[i], asked, k), _checked(p, i, asked[k]))
                        for i, row in found
                        for k, p in row.items()
                    ]
                )

            try:
                self._ask(texts, asked, missing, keep)
            finally:
                self._store.publish()
        keys = self._keys(texts, asked)
        stored = self._store.get(key for row in keys for key in row)
        absent = [(i, k) for i, row in enumerate(keys) for k, key in enumerate(row) if key not in stored]
        if absent:
            raise RuntimeError(
                f"the sensor {self.name!r} gave no answer, not even a refusal, to text {absent[0][0]}, "
                f"question {asked[absent[0][1]].key!r}; its `stream` must call `keep` for every answer"
            )
        values = [[math.nan if (p := stored[key]) is None else p for key in row] for row in keys]
        return np.array(values, dtype=np.float64).reshape(len(keys), len(asked))

    def announce(self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]) -> None:
        """Let the sensor say what the texts will cost, of which the recorded ones cost nothing."""
        tell = getattr(self._sensor, "announce", None)
        if tell is not None:
            texts, asked = self._examine(texts, questions)
            tell(texts, asked, missing=self._missing(texts, asked))

    def close(self) -> None:
        """Close the index."""
        self._store.close()

    def _examine(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> tuple[list[str], tuple[Question, ...]]:
        texts, asked = as_texts(texts), as_questions(questions)
        for i, text in enumerate(texts):
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                raise UnreadableText(i, "it holds half a character; read its file as UTF-8") from None
        return texts, asked

    def _request(self, text: str, asked: Sequence[Question], k: int) -> str:
        return canonical(request_of(self._sensor, text, asked, k))

    def _keys(self, texts: Sequence[str], asked: Sequence[Question]) -> list[list[str]]:
        columns = range(len(asked))
        return [[Answer(self._request(text, asked, k), None).key for k in columns] for text in texts]

    def _missing(self, texts: Sequence[str], asked: Sequence[Question]) -> NDArray[np.bool_]:
        """Return where an answer is missing, (n, K); of texts that are equal the first counts."""
        # A sensor that has still to find out how it can ask goes on as the record began.
        for settled in getattr(self._sensor, "alternatives", ()):
            begun = RecordedSensor(settled, self._store)
            if self._store.get(key for row in begun._keys(texts, asked) for key in row):
                self._sensor = settled
                break
        keys = self._keys(texts, asked)
        seen = set(self._store.get(key for row in keys for key in row))
        missing = np.zeros((len(texts), len(asked)), dtype=bool)
        for i, row in enumerate(keys):
            for k, key in enumerate(row):
                missing[i, k] = key not in seen
                seen.add(key)
        return missing

    def _ask(
        self,
        texts: list[str],
        asked: tuple[Question, ...],
        missing: NDArray[np.bool_],
        keep: Callable[..., None],
    ) -> None:
        stream = getattr(self._sensor, "stream", None)
        if stream is not None:
            stream(texts, asked, missing, lambda i, found: keep((i, found)))
            return
        if getattr(self._sensor, "together", False):
            missing = np.repeat(missing.any(axis=1, keepdims=True), len(asked), axis=1)
        # Texts that lack the same questions are asked about together.
        for pattern in np.unique(missing[missing.any(axis=1)], axis=0):
            rows = np.flatnonzero((missing == pattern).all(axis=1)).tolist()
            lacking = np.flatnonzero(pattern).tolist()
            some = [asked[k] for k in lacking]
            for first in range(0, len(rows), TEXTS_PER_CALL):
                block = rows[first : first + TEXTS_PER_CALL]
                try:
                    answers = self._sensor.probabilities([texts[i] for i in block], some)
                except UnreadableText as error:
                    raise UnreadableText(block[error.index], error.reason) from error
                found = [dict(zip(lacking, row, strict=True)) for row in answers.tolist()]
                keep(*zip(block, found, strict=True))


def _checked(p: float, i: int, question: Question) -> float | None:
    """Return a probability as it is stored, None for a refusal."""
    if math.isnan(p):
        return None
    if not 0 <= p <= 1:
        raise ValueError(f"text {i}, question {question.key!r}: the sensor answers {p!r}, no probability")
    return float(p) + 0.0  # no minus before zero


def record(sensor: Sensor, path: str | Path, index: str | Path | None = None) -> RecordedSensor:
    """Wrap a sensor so that it remembers.

    Parameters
    ----------
    sensor : Sensor
    path : str or Path
        The record, a file `<name>.jsonl`. If it exists, its answers are taken over.
    index : str or Path, optional
        The database of the run, by default `<name>.jsonl.index` beside the record. It must be on a local
        disk.

    Returns
    -------
    RecordedSensor

    Raises
    ------
    ValueError
        When a row of the record was edited or damaged, or when there is no such folder.

    Examples
    --------
    >>> record(None, "nowhere/answers.jsonl")
    Traceback (most recent call last):
    ...
    ValueError: there is no folder nowhere; make it first
    """
    path = Path(path)
    return RecordedSensor(sensor, Index(Path(index or f"{path}.index"), path))
