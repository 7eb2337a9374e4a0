r"""From text and question to the prompt of a chat model, in the words of its own template.

A chat model has learnt one layout of turns. Its tokenizer brings that layout as a *chat template*, a small
program. We let it render one turn of the user,

    {text}

    {question}
    Answer Yes or No only.

and the opening of the model's own turn. The answer is then the next token. Four things can go wrong in
silence, so they are settled here:

* *The date.* Some templates write today's date into the prompt (LLaMA 3.1 and later). Then the same text is
  another prompt tomorrow. The date is held at `DATE`.
* *Thinking.* Some templates let the model think aloud first. It is told not to (`enable_thinking=False`). A
  template that opens a thinking block all the same is refused, because the next token is then no answer.
* *The label.* After `[/INST]` some models continue with " Yes", others with "Yes", and these are different
  tokens. How the template itself writes an answer down decides. Both labels must be single tokens.
* *Forged turns.* A text that holds a boundary of turns could speak in the role of the model. The tokens that
  the tokenizer treats in a special way, and the marks that this template writes around the turns, are not
  allowed in a text. A boundary in ordinary words, like "USER:", is known only as far as it stands right
  before the text or right behind the question.

Prefix and question are never tokenised apart: a token may straddle the seam.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llma.sensing.questions import Question, UnreadableText

# The date that LLaMA's own template falls back on, and how a template may spell it.
DATE = "26 Jul 2024"
SPELT = {
    "%Y": "2024", "%y": "24", "%m": "07", "%B": "July", "%b": "Jul", "%-d": "26", "%d": "26", "%j": "208",
    "%A": "Friday", "%a": "Fri", "%H": "00", "%I": "12", "%M": "00", "%S": "00", "%p": "AM",
}  # fmt: skip
# A macro hides the function of the same name. The line break is dropped with the block that it ends, so that
# the template stands at the beginning of a line as before.
CLOCK = (
    "{% macro strftime_now(form) %}{{ form"
    + "".join(f" | replace({code!r}, {value!r})" for code, value in SPELT.items())
    + " }}{% endmacro %}\n"
)
# What looks like a mark between turns: <|user|>, </s>, <<SYS>>, [INST].
MARK = re.compile(r"<[|｜][^|｜<>\s]+[|｜]>|<</?\w+>>|</?\w+>|\[/?[A-Z_]+\]")
PLACES = ("{text}", "{question}")
THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>\s*$")


def wording(text: str, question: str, labels: Sequence[str]) -> str:
    r"""Return the turn of the user.

    Examples
    --------
    >>> wording("It broke.", "Is it good?", ("Yes", "No"))
    'It broke.\n\nIs it good?\nAnswer Yes or No only.'
    """
    return f"{text}\n\n{question}\nAnswer {labels[0].strip()} or {labels[1].strip()} only."


@dataclass(frozen=True, eq=False)
class Renderer:
    """The prompts of one model.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
    labels : (str, str)
        The words for yes and no. A blank in front is kept as it is; without one the template decides.
    template : str, optional
        A chat template in Jinja, in the place of the tokenizer's.
    variables : mapping
        Further variables of the template.

    Attributes
    ----------
    answers : (str, str)
        The labels as they continue a prompt.
    answer_ids : (int, int)
        Their tokens.
    pattern : str
        The rendered prompt, with `{text}` and `{question}` in their places.

    Raises
    ------
    ValueError
        When there is no template, when it does not put text and question into the prompt, when it makes the
        model think first, or when a label is not a single token.
    """

    tokenizer: Any
    labels: tuple[str, str] = ("Yes", "No")
    template: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[str, str] = field(init=False)
    answer_ids: tuple[int, int] = field(init=False)
    pattern: str = field(init=False)
    _marks: tuple[str, ...] = field(init=False, repr=False)
    _special: frozenset[int] = field(init=False, repr=False)
    _reserved: Mapping[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Render once, and examine what comes."""
        if len(self.labels) != 2 or not all(isinstance(x, str) and x.strip() for x in self.labels):
            raise ValueError(f"labels is {self.labels!r}; give the words for yes and for no")
        if self.template is None and not getattr(self.tokenizer, "chat_template", None):
            raise ValueError(
                "the tokenizer has no chat template: this is a base model, which has not learnt to answer "
                "questions, or its folder lacks chat_template.jinja. Take the model's 'Instruct' or 'Chat' "
                "variant, copy that file, or pass template=..., a template in Jinja"
            )
        pattern = self._render(*PLACES)
        if any(pattern.count(place) != 1 for place in PLACES):
            raise ValueError(
                "the chat template does not put text and question into the prompt once each; it makes "
                f"{pattern!r}. Pass another template=..."
            )
        if THOUGHT.search(pattern):
            raise ValueError(
                f"the prompt ends with {pattern[-24:]!r}: the model would think before it answers, and its "
                "next token is no answer. Take a model without thinking, or pass template=... that closes "
                "the block"
            )
        object.__setattr__(self, "pattern", pattern)
        object.__setattr__(self, "answers", self._find_answers())
        object.__setattr__(self, "answer_ids", self._find_tokens())
        object.__setattr__(self, "_marks", self._find_marks())
        object.__setattr__(self, "_special", self._find_special())
        object.__setattr__(self, "_reserved", self._count(self.encode([pattern])[0]))

    @property
    def fingerprint(self) -> str:
        """Checksum of the template and its variables."""
        return hashlib.sha256(f"{self.source}\n{sorted(self.variables.items())}".encode()).hexdigest()

    @property
    def source(self) -> str:
        """The template in Jinja."""
        return str(self.template or self.tokenizer.get_chat_template())

    def prompts(self, index: int, text: str, questions: Sequence[Question]) -> list[str]:
        """Return the prompts of all questions about a text.

        Parameters
        ----------
        index : int
            Place of the text, for the messages.
        text : str
        questions : sequence of K Question

        Returns
        -------
        list of K str

        Raises
        ------
        UnreadableText
            When the text is empty, when it holds half a character or a mark between turns, or when the
            template does not leave it as it is.
        ValueError
            When a question holds a mark.
        """
        if not text.strip():
            raise UnreadableText(index, "it is empty; leave it out")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise UnreadableText(index, "it holds half a character; read its file as UTF-8") from None
        mark = self._mark_in(text)
        if mark is not None:
            raise UnreadableText(
                index, f"it holds {mark!r}, which could pass for the boundary of a turn; remove it"
            )
        for question in questions:
            mark = self._mark_in(question.text)
            if mark is not None:
                raise ValueError(
                    f"question {question.key!r} holds {mark!r}, the boundary of a turn; remove it"
                )
        made = [self._render(text, question.text) for question in questions]
        turns = [wording(text, question.text, self.labels).strip() for question in questions]
        if any(turn not in prompt for turn, prompt in zip(turns, made, strict=True)):
            raise UnreadableText(index, "the chat template changes it; pass another template=...")
        return made

    def encode(self, prompts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of prompts. The template has written special tokens out; none is added."""
        return [list(ids) for ids in self.tokenizer(list(prompts), add_special_tokens=False)["input_ids"]]

    def tokens(self, index: int, text: str, questions: Sequence[Question]) -> list[list[int]]:
        """Return the tokenised prompts of all questions about a text.

        Raises
        ------
        UnreadableText
            As `prompts`, and when the text brings a special token in by another spelling.
        """
        ids = self.encode(self.prompts(index, text, questions))
        for k, prompt in enumerate(ids):
            if self._count(prompt) != self._reserved:
                raise UnreadableText(
                    index,
                    f"with question {questions[k].key!r} it adds a special token, the boundary of a turn; "
                    "remove it",
                )
        return ids

    def _render(self, text: str, question: str, answer: str | None = None) -> str:
        turns = [{"role": "user", "content": wording(text, question, self.labels)}]
        if answer is not None:
            turns.append({"role": "assistant", "content": answer})
        pinned: dict[str, Any] = {
            "enable_thinking": False,
            "thinking": False,
            "date_string": DATE,
        }
        from jinja2 import TemplateError  # noqa: PLC0415

        template = self.source
        try:
            rendered = self.tokenizer.apply_chat_template(
                turns,
                chat_template=CLOCK + template if "strftime_now" in template else template,
                add_generation_prompt=answer is None,
                tokenize=False,
                **{**pinned, **self.variables},
            )
        except (TemplateError, TypeError, ValueError, AttributeError, LookupError) as error:
            raise ValueError(f"the chat template fails ({error}); pass another template=...") from error
        return str(rendered)

    def _find_answers(self) -> tuple[str, str]:
        """Return the labels with the white space that the template puts before an answer."""
        found = []
        for label in self.labels:
            told = self._render(*PLACES, answer=label)
            rest = told[len(self.pattern) :] if told.startswith(self.pattern) else ""
            gap = rest[: len(rest) - len(rest.lstrip())]
            own = label != label.lstrip()
            found.append(label if own or not rest.lstrip().startswith(label) else gap + label)
        return found[0], found[1]

    def _find_tokens(self) -> tuple[int, int]:
        bare, *told = self.encode([self.pattern, *(self.pattern + answer for answer in self.answers)])
        for answer, ids in zip(self.answers, told, strict=True):
            if ids[:-1] != bare:
                spelt = [self.tokenizer.decode([i]) for i in ids[len(bare) :]] or [
                    self.tokenizer.decode(ids[-1:])
                ]
                raise ValueError(
                    f"after the prompt the label {answer!r} is not one token of its own but {spelt}; pass "
                    "labels=(...), two words that are single tokens, perhaps with a blank in front, or a "
                    "template=... after whose last character the label stands"
                )
        if told[0][-1] == told[1][-1]:
            raise ValueError(f"the labels {self.answers} are the same token; pass labels=(...) that differ")
        return told[0][-1], told[1][-1]

    def _find_marks(self) -> tuple[str, ...]:
        """Return what a text must not hold, the longest first."""
        before, _, rest = self.pattern.partition(PLACES[0])
        behind = rest.partition(wording(*PLACES, self.labels)[len(PLACES[0]) :])[2]
        marks = {str(token) for token in self.tokenizer.get_added_vocab()}
        marks |= {str(token) for token in self.tokenizer.all_special_tokens}
        marks |= {mark for part in (before, behind) for mark in MARK.findall(part)}
        marks |= {part for part in (*before.split()[-1:], behind.strip()) if _is_mark(part)}
        # Some tokenizers treat runs of blanks in a special way, and some whole words; neither opens a turn.
        return tuple(sorted((mark for mark in marks if _is_mark(mark)), key=lambda mark: (-len(mark), mark)))

    def _find_special(self) -> frozenset[int]:
        """Return the tokens of which a text must not bring any."""
        added = self.tokenizer.get_added_vocab().items()
        special = {i for token, i in added if _is_mark(str(token))} | set(self.tokenizer.all_special_ids)
        # An unknown letter may become the token for the unknown, which is no boundary.
        return frozenset(special - {*self.answer_ids, self.tokenizer.unk_token_id})

    def _mark_in(self, text: str) -> str | None:
        return next((mark for mark in self._marks if mark in text), None)

    def _count(self, ids: Sequence[int]) -> dict[int, int]:
        """Return how often each special token stands in a prompt."""
        return {i: ids.count(i) for i in self._special.intersection(ids)}


def _is_mark(part: str) -> bool:
    """Say whether a piece could mark a turn: it has letters, and something beside letters and digits."""
    return any(c.isalpha() for c in part) and not part.isalnum()
