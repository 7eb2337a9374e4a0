"""Answers and the file in which they are published: one line an answer, the same bytes for the same answers.

An answer costs time or money, so it is bought once. What determines it is its *request*: the backend, the
model and its revision, the template of the prompt, the text, the question, the number format and the
parameters. The request, written as canonical JSON (sorted keys, no spaces), is hashed with SHA-256. The
hash is the *key* of the answer. Two requests that differ in anything have two keys, and nobody has to
remember when a stored answer went stale.

**The record** is a text file with one JSON object a line, sorted by key:

    {"answer":0.25,"key":"...","request":{...},"seal":"..."}

The answer is the probability of "yes", not a bit that was drawn from it; null is a refusal. The same answers
give the same bytes, so that the file can be kept under version control and compared. The *seal* is a hash of
the key and the answer. On reading, key and seal are computed again. A row that was edited is refused with its
line. That protects against accidents, not against somebody who computes new hashes.

`llma.sensing.index` keeps them while a run goes on.

>>> key_of({"text": "It broke.", "question": "Is it good?"}) == key_of(
...     {"question": "Is it good?", "text": "It broke."})
True
>>> line(Answer(canonical({"question": "Is it good?", "text": "It broke."}), 0.25))[:14]
'{"answer":0.25'
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIELDS = {"answer", "key", "request", "seal"}


def canonical(value: Any) -> str:
    """Return JSON with sorted keys, without spaces and without escapes that are not needed.

    Raises
    ------
    ValueError
        When a number is infinite or NaN: JSON has no such numbers.

    Examples
    --------
    >>> canonical({"b": [1, 2.5, None], "a": "é"})
    '{"a":"é","b":[1,2.5,null]}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def key_of(request: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of a request, in hexadecimal."""
    return _sha256(canonical(request))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Answer:
    """A request in canonical JSON, and P(yes), or None for a refusal."""

    request: str
    p: float | None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Hash the request."""
        object.__setattr__(self, "key", _sha256(self.request))

    @property
    def seal(self) -> str:
        """The hash of key and answer."""
        return _sha256(canonical([self.key, self.p]))[:16]


def line(answer: Answer) -> str:
    """Return the line of the record that holds an answer, without its end."""
    # Fields in sorted order, so that the whole line is canonical JSON.
    return (
        f'{{"answer":{canonical(answer.p)},"key":"{answer.key}",'
        f'"request":{answer.request},"seal":"{answer.seal}"}}'
    )


def read_record(path: Path) -> Iterator[Answer]:
    """Yield the answers of a record.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When a line is no row of a record, when its key or its seal does not belong to it, or when two lines
        answer one request differently. The message names file and line.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    seen: dict[str, tuple[int, float | None]] = {}
    with path.open(encoding="utf-8", newline="\n") as file:
        try:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                answer = _parse(text, f"{path}, line {number}")
                first, p = seen.setdefault(answer.key, (number, answer.p))
                if p != answer.p:
                    raise ValueError(
                        f"{path}, line {number}: it answers {answer.p}, and line {first} answers {p} to the "
                        "same request; keep one of the two"
                    )
                yield answer
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not UTF-8: {error}") from error


def _parse(text: str, place: str) -> Answer:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: not a line of JSON ({error}); restore the file") from None
    if not isinstance(row, dict) or set(row) != FIELDS or not isinstance(row["request"], dict):
        raise ValueError(f"{place}: a row has the fields {', '.join(sorted(FIELDS))}; restore the file")
    request, p = row["request"], row["answer"]
    for name in ("text", "question"):
        if not isinstance(request.get(name), str):
            raise ValueError(f"{place}: the request has no {name!r}; restore the file")
    if p is not None and (type(p) is not float or not 0 <= p <= 1):
        raise ValueError(f"{place}: the answer is {p!r}; it must be null or a number like 0.25 in [0, 1]")
    try:
        answer = Answer(canonical(request), p)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
    for name, wanted in (("key", answer.key), ("seal", answer.seal)):
        if row[name] != wanted:
            raise ValueError(
                f"{place}: the {name} does not belong to this row, which was edited or damaged; restore the "
                "file, or delete the line to have the question asked again"
            )
    return answer
