r"""Three ways to get P(yes) from an OpenAI-compatible server, best first.

1. `Decisions`: `POST /decisions`. All questions about a text in one call; the server returns a probability or
   a refusal for each. Few models have it.
2. `Logprobs`: `POST /chat/completions` with `logprobs`, one call for each question. The server returns the 20
   most probable first tokens of the answer. With y and n, the sums of their probabilities over the tokens
   that read Yes and No, P = y / (y + n).
   If only one of the two is among the 20, P is 1 or 0; if neither is, there is no answer (NaN).
3. `Structured`: a JSON object with one Boolean a question, all in one call. These are bits that the model
   wrote, not probabilities, and each may depend on those before it. The server is asked to enforce the form
   (`json_schema`, else `json_object`, else not at all); what comes is read by `llma.sensing.parse`.

A method builds the body of a request and reads the reply. It does not send. Replies are plain dictionaries,
so that the version of the client does not matter. A reply without the form that was asked for raises
`Malformed`; one that shows that the server cannot do it raises `Unfit`.

>>> asked = (Question("good", "Is it good?"),)
>>> [task] = Logprobs().tasks(["It broke."], asked, [[True]])
>>> Logprobs().body("a-model", task)["messages"][0]["content"]
'It broke.\n\nIs it good?\nAnswer Yes or No only.'
>>> top = [{"token": "No", "logprob": -0.1}, {"token": " yes", "logprob": -2.4}]
>>> reply = {"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}
>>> round(Logprobs().read(reply, task)[0], 3)
0.091
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from llma.sensing.budget import Cost
from llma.sensing.parse import read_answers
from llma.sensing.questions import Question

TOP = 20
BYTES_PER_TOKEN = 4  # of English; a token is never less than a byte
SHOWN = 60  # characters of a reply that is quoted
OVERHEAD = 64  # tokens of the server's own template, in the reservation
Body = dict[str, Any]


class Malformed(ValueError):
    """A reply that is not what was asked for; the same call may succeed next time."""


class Unfit(ValueError):
    """A reply that shows that the server does not offer this method."""


@dataclass(frozen=True)
class Task:
    """One call: questions about the text in a row."""

    row: int
    text: str
    columns: tuple[int, ...]
    asked: tuple[Question, ...]

    @property
    def size(self) -> int:
        """Bytes of the text and its questions."""
        return len(self.text.encode()) + sum(len(self.asked[k].text.encode()) for k in self.columns)


@dataclass(frozen=True)
class Decisions:
    """`POST /decisions`: a probability for each question, all in one call."""

    name: ClassVar[str] = "decisions"
    together: ClassVar[bool] = True
    template: ClassVar[str] = "{text}\n\n{question}"

    @property
    def parameters(self) -> Body:
        """What the key of an answer holds, beside model and prompt."""
        return {"method": self.name}

    def tasks(self, texts: Sequence[str], asked: tuple[Question, ...], missing: ArrayLike) -> list[Task]:
        """Return one call for each text that lacks an answer."""
        return _by_text(texts, asked, missing)

    def body(self, model: str, task: Task) -> Body:
        """Return the request."""
        questions = [
            {"type": "predicate", "name": question.key, "instructions": question.text}
            for question in task.asked
        ]
        return {"model": model, "input": task.text, "questions": questions}

    def read(self, reply: Body, task: Task, strict: bool = False) -> dict[int, float]:
        """Return P(yes) by question; NaN for a refusal."""
        answers = _at(reply, "answers")
        if not isinstance(answers, list) or len(answers) != len(task.asked):
            raise Malformed(f"the reply has not one answer for each of the {len(task.asked)} questions")
        found = {}
        for k, answer in enumerate(answers):
            if _at(answer, "name") not in (None, task.asked[k].key):
                raise Malformed(f"answer {k} is for {_at(answer, 'name')!r}, not for {task.asked[k].key!r}")
            if _at(answer, "type") == "refusal":
                found[k] = math.nan
                continue
            p = _at(answer, "probability")
            if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p <= 1:
                raise Malformed(f"the probability of answer {k} is {p!r}")
            found[k] = float(p)
        return found

    def cost(self, task: Task) -> tuple[Cost, Cost]:
        """Return the likely cost of a call, and the largest one to reserve."""
        written = 16 * len(task.asked)
        return Cost(1, task.size // BYTES_PER_TOKEN, written), Cost(1, task.size + OVERHEAD, written)

    def instead(self, message: str) -> None:
        """Return the method in another dress, after the server refused it: there is none."""


@dataclass(frozen=True)
class Logprobs:
    """Chat with log-probabilities: the first token of the answer, one call for each question."""

    name: ClassVar[str] = "logprobs"
    together: ClassVar[bool] = False
    template: ClassVar[str] = "{text}\n\n{question}\nAnswer Yes or No only."
    limit: str = "max_completion_tokens"

    @property
    def parameters(self) -> Body:
        """What the key of an answer holds, beside model and prompt."""
        return {"method": self.name, "top": TOP}

    def tasks(self, texts: Sequence[str], asked: tuple[Question, ...], missing: ArrayLike) -> list[Task]:
        """Return one call for each answer that is lacking."""
        return [Task(int(i), texts[i], (int(k),), asked) for i, k in np.argwhere(np.asarray(missing))]

    def body(self, model: str, task: Task) -> Body:
        """Return the request."""
        # Not str.format: a text may hold braces.
        question = task.asked[task.columns[0]].text
        content = f"{task.text}\n\n{question}\nAnswer Yes or No only."
        return _chat(model, content) | {"logprobs": True, "top_logprobs": TOP, self.limit: 1}

    def read(self, reply: Body, task: Task, strict: bool = False) -> dict[int, float]:
        """Return P(yes) of the question; NaN for a refusal.

        Raises
        ------
        Unfit
            When the reply is well-formed and has no log-probabilities: the server ignores the field. If
            strict, also when the answer begins with neither Yes nor No, as that of a model that thinks aloud.
        """
        [k] = task.columns
        choice, _ = _choice(reply)
        if _refused(choice):
            return {k: math.nan}
        first = _at(_at(choice, "logprobs"), "content")
        if not first:
            raise Unfit("the server ignores `logprobs`")
        sums = {"yes": 0.0, "no": 0.0}
        try:
            for entry in first[0]["top_logprobs"]:
                word = entry["token"].strip(" \t\n\"'`*.,:▁Ġ").casefold()
                if word in sums:
                    sums[word] += math.exp(min(entry["logprob"], 0.0))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise Malformed(f"the log-probabilities cannot be read ({error!r})") from None
        total = sums["yes"] + sums["no"]
        if strict and total == 0:
            raise Unfit("the model's answer begins with neither Yes nor No")
        return {k: sums["yes"] / total if total > 0 else math.nan}

    def cost(self, task: Task) -> tuple[Cost, Cost]:
        """Return the likely cost of a call, and the largest one to reserve."""
        return Cost(1, task.size // BYTES_PER_TOKEN + 8, 1), Cost(1, task.size + OVERHEAD, 1)

    def instead(self, message: str) -> Logprobs | None:
        """Return the method in another dress, after the server refused it, or None."""
        return replace(self, limit="max_tokens") if _names(message, self.limit) else None


@dataclass(frozen=True)
class Structured:
    """A JSON object with one Boolean for each question, all in one call."""

    name: ClassVar[str] = "json"
    together: ClassVar[bool] = True
    template: ClassVar[str] = (
        "{text}\n\nAnswer these questions about the text above.\n{questions}\n"
        "Reply with one JSON object and nothing else. Its keys are the words before the colons, "
        "its values are true for yes and false for no."
    )
    form: str = "json_schema"
    limit: str = "max_completion_tokens"
    most: int = 1024

    @property
    def parameters(self) -> Body:
        """What the key of an answer holds, beside model and prompt."""
        return {"method": self.name, "form": self.form, "most": self.most}

    def tasks(self, texts: Sequence[str], asked: tuple[Question, ...], missing: ArrayLike) -> list[Task]:
        """Return one call for each text that lacks an answer."""
        return _by_text(texts, asked, missing)

    def body(self, model: str, task: Task) -> Body:
        """Return the request."""
        listed = "\n".join(f"{question.key}: {question.text}" for question in task.asked)
        before, after = self.template.removeprefix("{text}").split("{questions}")
        body = _chat(model, f"{task.text}{before}{listed}{after}") | {self.limit: self.most}
        keys = [question.key for question in task.asked]
        schema = {
            "type": "object",
            "properties": {key: {"type": "boolean"} for key in keys},
            "required": keys,
            "additionalProperties": False,
        }
        if self.form == "json_schema":
            form = {"name": "answers", "strict": True, "schema": schema}
            return body | {"response_format": {"type": "json_schema", "json_schema": form}}
        if self.form == "json_object":
            return body | {"response_format": {"type": "json_object"}}
        return body

    def read(self, reply: Body, task: Task, strict: bool = False) -> dict[int, float]:
        """Return 1, 0 or NaN by question.

        Raises
        ------
        Unfit
            When the model used up its tokens before it answered; if strict, also when no answer can be read.
        """
        choice, content = _choice(reply)
        if not content and _at(choice, "finish_reason") == "length":
            raise Unfit(
                f"the model wrote {self.most} tokens without coming to an answer; allow more with max_output"
            )
        if _refused(choice):
            return dict.fromkeys(task.columns, math.nan)
        answers = read_answers(content, task.asked)
        if strict and all(math.isnan(answer) for answer in answers):
            raise Unfit(f"the model wrote {content[:SHOWN]!r} where JSON was asked for")
        return dict(enumerate(answers))

    def cost(self, task: Task) -> tuple[Cost, Cost]:
        """Return the likely cost of a call, and the largest one to reserve."""
        likely = Cost(1, (task.size + len(self.template)) // BYTES_PER_TOKEN, 8 * len(task.asked))
        return likely, Cost(1, task.size + len(self.template) + 16 * len(task.asked) + OVERHEAD, self.most)

    def instead(self, message: str) -> Structured | None:
        """Return the method in another dress, after the server refused it, or None."""
        if _names(message, self.limit):
            return replace(self, limit="max_tokens")
        forms = ("json_schema", "json_object", "text")
        after = forms.index(self.form) + 1
        return replace(self, form=forms[after]) if after < len(forms) else None


Method = Decisions | Logprobs | Structured


def _by_text(texts: Sequence[str], asked: tuple[Question, ...], missing: ArrayLike) -> list[Task]:
    rows = np.flatnonzero(np.asarray(missing).any(axis=1)).tolist()
    return [Task(i, texts[i], tuple(range(len(asked))), asked) for i in rows]


def _chat(model: str, content: str) -> Body:
    return {"model": model, "messages": [{"role": "user", "content": content}]}


def _names(message: str, field: str) -> bool:
    return field == "max_completion_tokens" and field in message


def _at(value: Any, field: str) -> Any:
    return value.get(field) if isinstance(value, dict) else None


def _choice(reply: Body) -> tuple[Body, str]:
    choices = _at(reply, "choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Malformed("the reply has no choice")
    content = _at(_at(choices[0], "message"), "content")
    return choices[0], content if isinstance(content, str) else ""


def _refused(choice: Body) -> bool:
    return bool(_at(_at(choice, "message"), "refusal")) or _at(choice, "finish_reason") == "content_filter"
