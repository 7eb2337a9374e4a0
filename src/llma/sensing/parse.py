r"""Yes and no out of the text that a model writes when it is asked for JSON.

A model that is told to answer with one JSON object often writes something close to it: a code fence around
it, a sentence before and after it, single quotes, `True` for `true`, a comma too many, a key that nobody
asked for. `read_answers` reads all that. **What it cannot read is NaN**, and so is what contradicts itself:

* a value counts if it is one of the words true, yes, 1, false, no, 0 (with or without quotation marks and
  capitals), and if it is delimited: a reply that was cut off in the middle of a value has lost that value;
* a key counts if it is the key or the wording of a question; others are skipped;
* a question that is answered twice counts if both answers agree and neither is cut off;
* words inside a string, such as a quotation from the text, are not answers;
* only if there is no object at all, lines like `- durable: yes` are read. Before the first object and
  behind the last one such a line can contradict an answer, and never give one.

One choice is left: if a model first shows an example of the form and then answers, the example's values
stand for the questions that the answer leaves out.

>>> from llma.sensing.questions import Question
>>> asked = [Question(key, f"Was it {key}?") for key in ("hot", "slow", "dear")]
>>> read_answers("Sure!\n```json\n{'hot': True, 'slow': \"no\", 'mood': 'fine',}\n```\nAnything else?", asked)
[1.0, 0.0, nan]
>>> read_answers('{"hot": "perhaps", "slow": true, "slow": false, "dear": tru', asked)
[nan, nan, nan]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from llma.sensing.questions import Question

WORDS = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "„": "“", "«": "»"}
DEPTH = 20
SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
BARE = re.compile(r"[^\s,:=\[\]{}\"'`“”‘’]+")
# A quotation mark ends a string where a value may end; the apostrophe of "it's" does not.
AFTER_STRING = re.compile(r"\s*(?:[,:=}\]]|//|/\*|\n|$)")
LINE = re.compile(r"\s*(?:[-*•]|\d+[.)])?\s*[*_`\"']*(.+?)[*_`\"']*\s*[:=]\s*[*_`\"']*(\w+)[*_`\"'.,;]*\s*")


class _Broken(ValueError):
    """The text stops being an object at a place."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def read_answers(reply: str, questions: Sequence[Question]) -> list[float]:
    """Return 1.0 (yes), 0.0 (no) or NaN (not readable) for every question.

    Parameters
    ----------
    reply : str
        What the model wrote.
    questions : sequence of K questions

    Returns
    -------
    list of K floats

    Raises
    ------
    ValueError
        When two questions have the same key or the same wording.
    """
    names: dict[str, int] = {}
    for k, question in enumerate(questions):
        for name in (question.key, question.text):
            if names.setdefault(_plain(name), k) != k:
                raise ValueError(f"two questions are called {name!r}; rename one")
    found: list[set[float | None]] = [set() for _ in questions]

    def words(pairs: list[tuple[str, str | None]]) -> Iterator[tuple[set[float | None], float | None]]:
        for name, value in pairs:
            if _plain(name) in names:
                word = None if value is None else WORDS.get(_plain(value).rstrip("."))
                yield found[names[_plain(name)]], word

    for values, word in words(_pairs(reply) if "{" in reply else _lines(reply)):
        values.add(word)
    for values, word in words(_lines(_around(reply))):
        if values and word is not None:
            values.add(word)
    answers = [values.pop() if len(values) == 1 else None for values in found]
    return [math.nan if answer is None else answer for answer in answers]


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _around(text: str) -> str:
    """Return what stands before the first object and behind the last; nothing if there is no object."""
    head, brace, _ = text.partition("{")
    _, end, tail = text.rpartition("}")
    return (head if brace else "") + "\n" + (tail if end else "")


def _lines(text: str) -> list[tuple[str, str | None]]:
    matches = (LINE.fullmatch(line) for line in text.splitlines())
    return [(match[1], match[2]) for match in matches if match]


def _pairs(text: str) -> list[tuple[str, str | None]]:
    """Return the pairs of all objects in a text; a value that is an object or a list is None."""
    found: list[tuple[str, str | None]] = []
    at = text.find("{")
    while at >= 0:
        try:
            end = _object(text, at, found, 0)
        except _Broken as broken:
            end = max(broken.place, at + 1)
        at = text.find("{", end)
    return found


def _object(text: str, at: int, found: list[tuple[str, str | None]], depth: int) -> int:
    """Read the object that begins at a place, and return where it ends."""
    if depth > DEPTH:
        raise _Broken(at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _word(text, at)
        try:
            value, at = _rest_of_pair(text, at, found, depth)
        except _Broken:
            found.append((name, None))
            raise
        found.append((name, value))
    return at + 1


def _rest_of_pair(
    text: str, at: int, found: list[tuple[str, str | None]], depth: int
) -> tuple[str | None, int]:
    """Read what follows the name in a pair: the value, and where the next pair or the end begins."""
    at = _skip(text, at)
    if text[at : at + 1] not in (":", "="):
        raise _Broken(at)
    value, at = _value(text, _skip(text, at + 1), found, depth)
    after = _skip(text, at)
    if text[after : after + 1] == ",":
        return value, _skip(text, after + 1)
    if after == len(text) or (text[after : after + 1] != "}" and "\n" not in text[at:after]):
        raise _Broken(after)
    return value, after


def _value(text: str, at: int, found: list[tuple[str, str | None]], depth: int) -> tuple[str | None, int]:
    if text[at : at + 1] == "{":
        return None, _object(text, at, found, depth + 1)
    if text[at : at + 1] == "[":
        return None, _list(text, at, depth + 1)
    return _word(text, at)


def _list(text: str, at: int, depth: int) -> int:
    """Step over a list; objects inside it belong to something else than the questions."""
    if depth > DEPTH:
        raise _Broken(at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        if text[at : at + 1] == "[":
            at = _list(text, at, depth + 1)
        else:
            _, at = _value(text, at, [], depth)
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise _Broken(at)
    return at + 1


def _word(text: str, at: int) -> tuple[str, int]:
    """Read a string in quotation marks, or a bare word."""
    close = QUOTES.get(text[at : at + 1])
    if close is None:
        match = BARE.match(text, at)
        if match is None:
            raise _Broken(at)
        return match[0], match.end()
    end = at + 1
    while True:
        end = text.find(close, end)
        if end < 0:
            raise _Broken(len(text))
        backslashes = len(text[:end]) - len(text[:end].rstrip("\\"))
        if backslashes % 2 == 0 and AFTER_STRING.match(text, end + 1):
            return text[at + 1 : end].replace("\\", ""), end + 1
        end += 1


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return at if match is None else match.end()
