"""Endless training data: labelled packs with their questions, and unlabelled token sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from llma.sensing.questions import QUESTIONNAIRES
from training.grammar import Grammar
from training.packing import HEAD, Packed, pack
from training.tokens import ASSISTANT, BOS, EOS, INSTRUCTION, USER, answers
from training.wordings import wordings


@dataclass(frozen=True)
class Source:
    """Draws batches.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
    labelled, unlabelled : Grammar
        Where questions are asked (known templates, known words) and where text is only modelled.
    truncate : float
        Share of the questions that are asked about the first tokens of the text only. How many is drawn
        without a look at the text's length, or else the length of what is read would tell of the rest.
    longest : int
        Tokens of the longest such beginning.
    canonical : float
        Share of the questions in the canonical wording.
    answered : float
        Share of the questions that are followed by their answer, so that the model learns to stop.
    """

    tokenizer: Tokenizer
    labelled: Grammar
    unlabelled: Grammar
    truncate: float = 0.2
    longest: int = 64
    canonical: float = 0.5
    answered: float = 0.15

    def __post_init__(self) -> None:
        """Encode every tail once."""
        encode = self.tokenizer.encode
        tails = {
            name: [
                [encode(f"\n\n{w}\n{INSTRUCTION}{ASSISTANT}").ids for w in group] for group in wordings(name)
            ]
            for name in QUESTIONNAIRES
        }
        object.__setattr__(self, "_tails", tails)
        object.__setattr__(self, "_answers", answers(self.tokenizer))
        object.__setattr__(self, "_stop", self.tokenizer.token_to_id(EOS))

    def _wording(self, n: int, rng: np.random.Generator) -> int:
        return 0 if rng.random() < self.canonical else 1 + int(rng.random() * (n - 1))

    def labelled_batch(self, n: int, rng: np.random.Generator) -> list[Packed]:
        """Draw n texts with all their questions, sorted by length."""
        examples = [self.labelled.sample(rng) for _ in range(n)]
        texts = self.tokenizer.encode_batch([f"{BOS}{USER}{e.text}" for e in examples])
        packs = []
        for example, text in zip(examples, texts, strict=True):
            ids, tails, reads = text.ids, [], []
            for group in self._tails[example.domain]:
                tails.append(group[self._wording(len(group), rng)])
                first = 1 + int(rng.random() * self.longest)
                short = rng.random() < self.truncate
                reads.append(min(HEAD + first, len(ids)) if short else len(ids))
            labels = [self._answers[a] for a in example.attributes]
            answered = [rng.random() < self.answered for _ in labels]
            packs.append(pack(ids, tails, reads=reads, labels=labels, answered=answered, stop=self._stop))
        return sorted(packs, key=len)

    def unlabelled_batch(self, n: int, rng: np.random.Generator) -> list[list[int]]:
        """Draw n unlabelled texts as tokens, sorted by length."""
        texts = [f"{BOS}{USER}{self.unlabelled.unlabelled(rng)}" for _ in range(n)]
        return sorted((e.ids for e in self.tokenizer.encode_batch(texts)), key=len)
