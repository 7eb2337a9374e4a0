"""What is asked: texts of about 200 tokens, six questions, and the prompt of the authors' way.

Comments of the shipped sample, in random order, are put one behind the other and cut at the last word at
which the embedded tokenizer counts at most 200 tokens. The questions are the six of `COMMENT_HOSTILITY`. The
vocabularies of the shapes are larger than that of the tokenizer; their other rows are met only where a token
is chosen among all.

>>> texts = long_texts(2)
>>> [190 < length(text) <= TEXT_TOKENS for text in texts]
[True, True]
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from tokenizers import Tokenizer

from llma.data import load_sample
from llma.sensing import COMMENT_HOSTILITY
from llma.sensing.tiny import load

TEXT_TOKENS = 200


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """Return the embedded tokenizer."""
    return load().tokenizer


def encode(text: str) -> list[int]:
    """Return the tokens of a text in which special tokens are spelt out."""
    ids: list[int] = tokenizer().encode(text, add_special_tokens=False).ids
    return ids


def length(text: str) -> int:
    """Return the number of tokens of a text."""
    return len(encode(text))


def long_texts(n: int, tokens: int = TEXT_TOKENS, seed: int = 0) -> list[str]:
    """Return n texts that end at the last word at which they have at most `tokens` tokens."""
    rng = np.random.default_rng(seed)
    comments = load_sample("comment_hostility").texts
    texts = []
    for _ in range(n):
        words: list[str] = []
        while length(" ".join(words)) <= tokens:
            words += comments[int(rng.integers(len(comments)))].split()
        while length(" ".join(words)) > tokens:
            words.pop()
        texts.append(" ".join(words))
    return texts


def json_prompt(text: str) -> list[int]:
    """Return the prompt of the authors' way: the text, all questions, and the form of the answer."""
    asked = "\n".join(f"{q.key}: {q.text}" for q in COMMENT_HOSTILITY.questions)
    form = "Answer with one JSON object that has a boolean for each key."
    return encode(f"<s><|user|>{text}\n\n{asked}\n{form}<|assistant|>")
