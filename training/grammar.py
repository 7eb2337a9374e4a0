r"""The grammar: texts with known attributes, drawn from word lists and templates.

Model. A text has a state $x$ (is the product good? how hostile is the writer?). Given the state, its
attributes $a_1, \dots, a_K$ are independent bits; attribute $k$ is what question $k$ of the questionnaire
asks. An attribute is mentioned with the domain's mention rate, otherwise the text is silent about it. The
label is the attribute that was drawn, mentioned or not. So the labels are honest, and no reader of the text
can be always right: silent bits bound the reachable accuracy (`Example.mentioned` says which bits those are).

A mention is a template whose slots are filled with words, in any order, with connectives that agree or
contrast, with wrapping phrases, sentences that say nothing, lower case and typing errors.

Splits. Every list of templates and every list of words is cut in two: the first three quarters are *known*,
the last quarter is *held*. Questions and answers are trained on known templates with known words only.
`Grammar(templates="held", words="known")` and its like draw the texts of the other splits. Words called
*strange* stand in no training text of any kind.

Unlabelled texts (`unlabelled`) are drawn from all lists and are used for language modelling alone. Three
sorts: ordinary texts; restatements, in which one attribute is said two to four times in different ways; and
lines of a thesaurus, which list words of one meaning. They show which expressions keep company. They never
carry a question or an answer.

>>> import numpy as np
>>> example = Grammar().sample(np.random.default_rng(1), "product_review")
>>> example.attributes, example.state
((0, 1, 1, 1), 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from training import comments, news, reviews
from training.words import STRANGE, WORDS

T = TypeVar("T")

HELD_SHARE = 0.25
PARTS = ("known", "held", "all", "even", "strange")
THESAURUS = (
    "product part broken flaw fine lasted failed time short good bad who very group insult fool thing laugh "
    "hit gone nice topic firm up down big weak lifts cuts risk num period analyst"
).split()
SAME = (
    ". In other words, ",
    ", that is, ",
    ". ",
    "; ",
    ", which means ",
    ". I mean, ",
    " = ",
    ", so ",
    " and ",
)
WRAP_RATE, LOWER_RATE, TYPO_RATE = 0.12, 0.12, 0.05
LONG_RATE, LONG_NEUTRAL = 0.06, 0.75
ORDINARY, RESTATED = 0.2, 0.6


def part_of(items: Sequence[T], part: str) -> Sequence[T]:
    """Return the known, the held or all items of a list; the held ones are the last quarter.

    Examples
    --------
    >>> part_of("abcdefgh", "known"), part_of("abcdefgh", "held")
    ('abcdef', 'gh')
    """
    if part not in PARTS:
        raise ValueError(f"part {part!r} is not one of {', '.join(PARTS)}")
    cut = len(items) - max(1, round(HELD_SHARE * len(items)))
    return items if part == "all" else items[cut:] if part == "held" else items[:cut]


def pick(items: Sequence[T], rng: np.random.Generator) -> T:
    """Return one item, all equally likely."""
    return items[int(rng.random() * len(items))]


def toss(part: str, rng: np.random.Generator) -> str:
    """Return the part itself, and "known" or "held" with equal chances for "even"."""
    return part if part != "even" else "held" if rng.random() < 0.5 else "known"


@dataclass(frozen=True)
class Example:
    """A text, its state, its attributes (0 or 1, one a question) and whether the text mentions them."""

    domain: str
    state: int
    attributes: tuple[int, ...]
    mentioned: tuple[bool, ...]
    text: str


@dataclass(frozen=True)
class Domain:
    """What the sampler needs to know of a questionnaire's texts.

    `presence[k][x]` is the probability of attribute k in state x; `mention[v]` the probability that an
    attribute of value v is mentioned; `favourable[k]` the value of attribute k that is good news.
    """

    name: str
    statements: dict[str, dict[int, tuple[str, ...]]]
    presence: dict[str, tuple[float, ...]]
    favourable: dict[str, int]
    mention: tuple[float, float]
    neutral: tuple[str, ...]
    wraps: tuple[str, ...]
    openers: dict[int, tuple[str, ...]]
    opener_rate: float
    neutral_rate: float

    @property
    def n_states(self) -> int:
        """X."""
        return len(next(iter(self.presence.values())))


def _two_states(favourable: dict[str, int], p: float) -> dict[str, tuple[float, ...]]:
    return {key: (1 - p, p) if good else (p, 1 - p) for key, good in favourable.items()}


DOMAINS: dict[str, Domain] = {
    d.name: d
    for d in (
        Domain(
            "product_review",
            reviews.STATEMENTS,
            _two_states(reviews.FAVOURABLE, 0.85),
            reviews.FAVOURABLE,
            (0.88, 0.88),
            reviews.NEUTRAL,
            reviews.WRAPS,
            reviews.OPENERS,
            0.5,
            0.3,
        ),
        Domain(
            "comment_hostility",
            comments.STATEMENTS,
            comments.PRESENCE,
            comments.FAVOURABLE,
            (0.15, 0.92),
            comments.NEUTRAL,
            comments.WRAPS,
            {},
            0.0,
            0.4,
        ),
        Domain(
            "financial_news",
            news.STATEMENTS,
            _two_states(news.FAVOURABLE, 0.80),
            news.FAVOURABLE,
            (0.88, 0.88),
            news.NEUTRAL,
            news.WRAPS,
            {},
            0.0,
            0.25,
        ),
    )
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def typing_error(text: str, rng: np.random.Generator) -> str:
    """Swap, drop or double one letter somewhere in the text."""
    i = int(rng.random() * max(1, len(text) - 2))
    a, b = text[i : i + 1], text[i + 1 : i + 2]
    return text[:i] + pick((b + a, a, a + a + b), rng) + text[i + 2 :]


@dataclass(frozen=True)
class Grammar:
    """A sampler of texts from one part of the templates and one part of the words.

    Parameters
    ----------
    templates : str
        "known", "held", "all", or "even": known or held with equal chances.
    words : str
        The same, or "strange": words that stand in no training text.

    Examples
    --------
    >>> Grammar("known", "strange").fill("a {bad} {product}", np.random.default_rng(0))
    'an atrocious hammock'
    """

    templates: str = "known"
    words: str = "known"

    def __post_init__(self) -> None:
        """Refuse parts that do not exist."""
        if self.words not in PARTS:
            raise ValueError(f"words {self.words!r} is not one of {', '.join(PARTS)}")
        if self.templates not in PARTS[:4]:
            raise ValueError(f"templates {self.templates!r} is not one of {', '.join(PARTS[:4])}")

    def word(self, slot: str, rng: np.random.Generator) -> str:
        """Return a word for a slot."""
        if self.words == "strange":
            return pick(STRANGE[slot], rng)
        return pick(part_of(WORDS[slot], toss(self.words, rng)), rng)

    def subject(self, rng: np.random.Generator) -> dict[str, str]:
        """Draw what the whole text is about: one product, one firm and, half of the time, one group."""
        slots = ("product", "firm", "group") if rng.random() < 0.5 else ("product", "firm")
        return {slot: self.word(slot, rng) for slot in slots}

    def fill(self, template: str, rng: np.random.Generator, subject: dict[str, str] | None = None) -> str:
        """Fill the slots of a template, and put "an" for "a" before a vowel."""
        pieces = template.split("{")
        out = pieces[0]
        for piece in pieces[1:]:
            slot, rest = piece.split("}")
            word = (subject or {}).get(slot) or self.word(slot, rng)
            if word[0] in "aeiou" and (out == "a" or out.endswith(" a ") or out == "a "):
                out = out[:-1] + "n "
            out += word + rest
        return out

    def statement(
        self, templates: Sequence[str], rng: np.random.Generator, subject: dict[str, str] | None = None
    ) -> str:
        """Return one filled template of a list."""
        return self.fill(pick(part_of(templates, toss(self.templates, rng)), rng), rng, subject)

    def _wrapped(
        self, statement: str, domain: Domain, rng: np.random.Generator, subject: dict[str, str]
    ) -> str:
        if rng.random() < WRAP_RATE:
            wrap = pick(part_of(domain.wraps, toss(self.templates, rng)), rng)
            return self.fill(wrap.replace("{s}", "@"), rng, subject).replace("@", statement)
        return statement

    def _join(self, parts: list[tuple[str, int]], rng: np.random.Generator) -> str:
        """Join (clause, tone) pairs; tones are +1, -1 and 0, and choose between "and" and "but"."""
        text, tone = _capital(parts[0][0]), parts[0][1]
        fresh = False
        for clause, next_tone in parts[1:]:
            r = rng.random()
            contrast = tone * next_tone < 0
            if r < 0.45 or fresh:
                text += pick((". ", ". ", ". ", "! ", "... "), rng) + _capital(clause)
                fresh = False
            elif r < 0.7:
                text += (pick((", but ", " but ", ", yet "), rng) if contrast else ", and ") + clause
                fresh = True
            elif r < 0.8:
                text += (". Although " if contrast else ". And ") + clause
                fresh = True
            else:
                text += pick((", ", "; ", " - ", ", "), rng) + clause
            tone = next_tone
        return text + pick((".", ".", ".", "!", ""), rng)

    def sample(self, rng: np.random.Generator, domain: str | None = None) -> Example:
        """Draw a text.

        Parameters
        ----------
        rng : numpy.random.Generator
        domain : str, optional
            Name of a questionnaire; drawn when it is not given.

        Returns
        -------
        Example
        """
        d = DOMAINS[domain if domain is not None else pick(tuple(DOMAINS), rng)]
        state = int(rng.random() * d.n_states)
        subject = self.subject(rng)
        attributes, mentioned, parts = [], [], []
        for key, by_value in d.statements.items():
            value = int(rng.random() < d.presence[key][state])
            told = bool(rng.random() < d.mention[value])
            attributes.append(value)
            mentioned.append(told)
            if told:
                tone = 1 if value == d.favourable[key] else -1
                said = self.statement(by_value[value], rng, subject)
                parts.append((self._wrapped(said, d, rng, subject), tone))
        order = rng.permutation(len(parts))
        parts = [parts[int(i)] for i in order]
        neutral_rate = LONG_NEUTRAL if rng.random() < LONG_RATE else d.neutral_rate
        while rng.random() < neutral_rate or not parts:
            place = int(rng.random() * (len(parts) + 1)) if rng.random() < 0.5 else 0
            parts.insert(place, (self.statement(d.neutral, rng, subject), 0))
        if d.openers and rng.random() < d.opener_rate:
            parts.insert(0, (self.statement(d.openers[state], rng, subject), 2 * state - 1))
        text = self._join(parts, rng)
        if rng.random() < LOWER_RATE:
            text = text.lower()
        if rng.random() < TYPO_RATE:
            text = typing_error(text, rng)
        return Example(d.name, state, tuple(attributes), tuple(mentioned), text)

    def restatement(self, rng: np.random.Generator) -> str:
        """Say one attribute two to four times in different ways."""
        d = DOMAINS[pick(tuple(DOMAINS), rng)]
        key = pick(tuple(d.statements), rng)
        value = int(rng.random() < 0.5)
        templates = d.statements[key][value]
        text = _capital(self.statement(templates, rng))
        for _ in range(1 + int(rng.random() * 3)):
            clause = self.statement(templates, rng)
            link = pick(SAME, rng)
            text += link + (_capital(clause) if link == ". " else clause)
        return text + "."

    def thesaurus(self, rng: np.random.Generator) -> str:
        """List words of one meaning."""
        slot = pick(THESAURUS, rng)
        some = [self.word(slot, rng) for _ in range(3 + int(rng.random() * 4))]
        return pick((", ", " or ", " = ", ", also ", " / "), rng).join(some)

    def unlabelled(self, rng: np.random.Generator) -> str:
        """Draw a text for language modelling: ordinary, restatement or thesaurus line."""
        r = rng.random()
        if r < ORDINARY:
            return self.sample(rng).text
        return self.restatement(rng) if r < ORDINARY + RESTATED else self.thesaurus(rng)
