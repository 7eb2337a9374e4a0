r"""A herd agent that reads: its private signal is a review in words, not a token.

The game is that of `llma.agents.game` with an even prior and a common accuracy p. Only the form of the
signal is new. A review has one clause that speaks for the product or against it, and sometimes a second one
that says nothing. The clause sides with the state with probability p. So the *reading* is certain, the
*evidence* is not: whoever can read has log-odds :math:`\lambda(h) \pm \ln \frac{p}{1-p}`.

One prompt is a row of tokens,

    the lid was cracked . means accuracy=0.7 #1:1 #2:0

and the answer is read where the row ends, log-odds = logit of "x1" - logit of "x0". At the token "means"
the model was taught to say "signal=0" or "signal=1", which way the clause speaks; so reading and updating
can be examined one by one. A word that it has never met is read as "?".

`load_reader` opens the shipped model, `reviews` a collection of texts that were drawn for testing: with
words and templates of the training, with held-out words, held-out templates, and both.

>>> agent = load_reader()
>>> good, bad = agent.log_odds(0.7, ["Everything works.", "The lid was cracked."], np.empty((2, 0), int))
>>> bool(good > 0 > bad)
True
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from safetensors.numpy import load_file

from llma.agents import prompts
from llma.agents.model import CONFIG, WEIGHTS, verify
from llma.checks import Floats
from llma.sensing.checkpoint import llama_from_tensors, shape_from_config
from llma.sensing.llama import Llama, forward, logits
from llma.sensing.packing import Packed

FOLDER = WEIGHTS / "text"
READER = "reader"
REVIEWS = "reviews.json"
ACCURACIES = (0.6, 0.7, 0.8)
SORTS = ("known", "held words", "held templates", "both held")
"""What is held out from training in a sort of reviews."""
UNKNOWN, MEANS = "?", "means"
FIXED = (
    "x0",
    "x1",
    "signal=0",
    "signal=1",
    UNKNOWN,
    MEANS,
    *(f"accuracy={p:g}" for p in ACCURACIES),
    *(f"#{k}:{a}" for k in range(1, prompts.MAX_ACTIONS + 1) for a in (0, 1)),
)
"""The tokens that are not words; they come first in every vocabulary."""
STATES, SIGNALS = (0, 1), (2, 3)
MEANS_TOKEN = FIXED.index(MEANS)
UNKNOWN_TOKEN = FIXED.index(UNKNOWN)
ACCURACY_TOKEN = FIXED.index("accuracy=0.6")
ACTION_TOKEN = FIXED.index("#1:0")
MAX_WORDS = 32
PER_PASS = 256
WORD = re.compile(r"[a-z0-9']+|[.,]")


def words_of(text: str) -> list[str]:
    """Return the words, full stops and commas of a text, in lower case.

    Examples
    --------
    >>> words_of("It's fine, as promised.")
    ["it's", 'fine', ',', 'as', 'promised', '.']
    """
    return WORD.findall(text.lower())


@dataclass(frozen=True, eq=False)
class TextAgent:
    """A LLaMA that reads a review, an accuracy and actions.

    Parameters
    ----------
    llama : Llama
    vocabulary : tuple of str
        `FIXED`, then words.

    Raises
    ------
    ValueError
        When the vocabulary does not begin with `FIXED` or has another size than the model.
    """

    llama: Llama
    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the vocabulary."""
        if len(self.vocabulary) != self.llama.shape.vocabulary or self.vocabulary[: len(FIXED)] != FIXED:
            raise ValueError(
                f"the model has {self.llama.shape.vocabulary} tokens, the vocabulary {len(self.vocabulary)}; "
                "they do not belong together"
            )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.vocabulary) if i >= len(FIXED)}

    def tokens(self, review: str) -> list[int]:
        """Return the tokens of a review, "means" included.

        Raises
        ------
        ValueError
            When the review is empty or has more than 32 words and stops.
        """
        words = words_of(review)
        if not 0 < len(words) <= MAX_WORDS:
            raise ValueError(f"the review {review[:40]!r} has {len(words)} words; 1 to {MAX_WORDS} are read")
        return [*(self._numbers.get(word, UNKNOWN_TOKEN) for word in words), MEANS_TOKEN]

    def words(self, accuracy: float, review: str, actions: Sequence[int]) -> list[str]:
        """Return a prompt as the model reads it, token by token."""
        row = [*self.tokens(review), *_tail(accuracy, actions)]
        return [self.vocabulary[token] for token in row]

    def log_odds(self, accuracy: float, reviews: Sequence[str], actions: ArrayLike) -> Floats:
        """Return the log-odds of state 1 at n prompts.

        Parameters
        ----------
        accuracy : float
            0.6, 0.7 or 0.8: the model has a token for each, and none for others.
        reviews : sequence of n str
        actions : array_like of 0 and 1, shape (n, k)
            k is at most 12.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        ValueError
            When the accuracy has no token, a review is too long, or the shapes disagree.
        """
        return self.along(accuracy, reviews, actions)[:, -1]

    def along(self, accuracy: float, reviews: Sequence[str], actions: ArrayLike) -> Floats:
        """Return the log-odds after 0, 1, ..., k of the actions, shape (n, k + 1)."""
        played = np.asarray(actions)
        if played.ndim != 2 or len(played) != len(reviews):
            raise ValueError(f"actions: shape {played.shape}; expected ({len(reviews)}, k), a row a review")
        rows = [
            [*self.tokens(review), *_tail(accuracy, past)]
            for review, past in zip(reviews, played.tolist(), strict=True)
        ]
        return self._margins(rows, STATES, played.shape[1] + 1)

    def reading(self, reviews: Sequence[str]) -> Floats:
        """Return the log-odds that the clause speaks for the product, shape (n,)."""
        return self._margins([self.tokens(review) for review in reviews], SIGNALS, 1)[:, 0]

    def _margins(self, rows: Sequence[Sequence[int]], pair: tuple[int, int], n_read: int) -> Floats:
        """Return logit of pair[1] - logit of pair[0] at the last `n_read` tokens of every row."""
        found = []
        for first in range(0, len(rows), PER_PASS):
            some = rows[first : first + PER_PASS]
            batch = [
                Packed(
                    np.array(row), np.arange(len(row)), _causal(len(row)), np.arange(-n_read, 0) + len(row)
                )
                for row in some
            ]
            said = logits(self.llama, forward(self.llama, batch), pair).astype(np.float64)
            found.append((said[:, 1] - said[:, 0]).reshape(len(some), n_read))
        return np.concatenate(found)


def _tail(accuracy: float, actions: Sequence[int]) -> list[int]:
    """Return the tokens behind "means"."""
    if accuracy not in ACCURACIES:
        raise ValueError(f"accuracy: {accuracy} has no token; there are {', '.join(map(str, ACCURACIES))}")
    first = ACTION_TOKEN - prompts.ACTION_TOKEN
    return [
        ACCURACY_TOKEN + ACCURACIES.index(accuracy),
        *(first + token for token in prompts.action_tokens(actions)),
    ]


@lru_cache(maxsize=64)
def _causal(n: int) -> NDArray[np.bool_]:
    return np.tril(np.ones((n, n), dtype=bool))


def load_reader(folder: str | Path = FOLDER) -> TextAgent:
    """Load the shipped model after checking its files against their checksums.

    Raises
    ------
    ValueError
        When a file was changed.
    """
    folder = Path(folder)
    verify(folder, (CONFIG, f"{READER}.safetensors"))
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    llama = llama_from_tensors(shape_from_config(config), load_file(folder / f"{READER}.safetensors"))
    return TextAgent(llama, tuple(config["vocabulary"]))


def reviews(sort: str, folder: str | Path = FOLDER) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return test reviews of a sort: those that speak against the product, and those that speak for it.

    Parameters
    ----------
    sort : str
        "known": templates and words of the training, drawn anew. "held words", "held templates", "both held":
        the clause has what the training never had.
    folder : str or Path

    Raises
    ------
    ValueError
        When there is no such sort, or when the file was changed.

    Examples
    --------
    >>> against, speaking_for = reviews("known")
    >>> len(against), len(speaking_for)
    (500, 500)
    """
    folder = Path(folder)
    if sort not in SORTS:
        raise ValueError(f"sort {sort!r} is not one of {', '.join(SORTS)}")
    verify(folder, (REVIEWS,))
    against, speaking_for = json.loads((folder / REVIEWS).read_text(encoding="utf-8"))[sort]
    return tuple(against), tuple(speaking_for)
