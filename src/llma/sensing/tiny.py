"""The embedded sensor: a small LLaMA that ships with the package and runs in NumPy.

It was trained from scratch on sentences of our own making (see `training/` and the model card beside the
weights). It needs neither a GPU, nor a network, nor torch, so that every page of the book runs anywhere.

One pass answers all K questions about a text (see `llma.sensing.packing`). Nothing is generated. The two
logits of the tokens "Yes" and "No" after the prompt give

    P(yes) = sigmoid(logit of "Yes" - logit of "No"),

the probability of "Yes" given that the model answers with one of the two. `generate` shows that it does.

Files of a model folder: `config.json`, `tokenizer.json` and `model.safetensors` in the Hugging Face format
(float16 or float32), and `SHA256SUMS`, their checksums in the format of the `sha256sum` command. A folder
whose files do not match is refused: numbers in the book hold for these weights and no others.

>>> from llma.sensing.questions import PRODUCT_REVIEW
>>> sensor = load()
>>> sensor.probabilities(["It broke after two days."], PRODUCT_REVIEW).shape
(1, 4)

Reference: A. Jain and V. Krishnamurthy, *Interacting Large Language Model Agents*, IEEE Access 2025,
arXiv 2411.01271, Section II; there the sensor is an 8B LLaMA that writes its answers out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from llma.sensing.checkpoint import llama_from_tensors, shape_from_config
from llma.sensing.llama import Llama, forward, logits
from llma.sensing.packing import Packed, pack
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts, prompt

WEIGHTS = Path(__file__).parent / "weights" / "tiny"
FILES = ("config.json", "model.safetensors", "tokenizer.json")
CHECKSUMS = "SHA256SUMS"
# Few texts a pass keep the matrices in the processor's cache; larger passes were slower.
TEXTS_PER_PASS = 4


@dataclass(frozen=True, eq=False)
class TinySensor:
    """A LLaMA in NumPy as a sensor.

    Parameters
    ----------
    llama : Llama
        The model.
    tokenizer : tokenizers.Tokenizer
        Its tokenizer. "Yes", "No" and "</s>" must be single tokens.
    name : str
        How reports call the sensor.
    revision : str
        The checksum of its files, as far as they are known.

    Raises
    ------
    ValueError
        When one of the three tokens is missing, or when the tokenizer knows more tokens than the model.
    """

    llama: Llama
    tokenizer: Tokenizer
    name: str = "tiny"
    revision: str = ""
    labels: tuple[int, int] = field(init=False)
    stop: int = field(init=False)

    def __post_init__(self) -> None:
        """Look the labels up once."""
        ids = {token: self.tokenizer.token_to_id(token) for token in ("Yes", "No", "</s>")}
        for token, number in ids.items():
            if number is None:
                raise ValueError(f"the tokenizer has no single token {token!r}; train it with that token")
        if self.tokenizer.get_vocab_size() > self.llama.shape.vocabulary:
            raise ValueError(
                f"the tokenizer has {self.tokenizer.get_vocab_size()} tokens, the model only "
                f"{self.llama.shape.vocabulary}; they do not belong together"
            )
        object.__setattr__(self, "labels", (ids["Yes"], ids["No"]))
        object.__setattr__(self, "stop", ids["</s>"])

    @property
    def identity(self) -> dict[str, Any]:
        """What determines its answers beside text and question, see `llma.sensing.recording`.

        Raises
        ------
        ValueError
            When the model was not loaded from a folder, so that its weights have no checksum.
        """
        if not self.revision:
            raise ValueError(
                f"the weights of {self.name!r} have no checksum, so its answers cannot be told from those of "
                "other weights; load it from a sealed folder, or give it a revision"
            )
        return {
            "backend": "tiny",
            "model": "tiny",
            "revision": self.revision,
            "prompt": prompt("{text}", "{question}"),
            "dtype": "float32",
            "parameters": {},
        }

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return P(yes) for every text and question.

        Parameters
        ----------
        texts : sequence of n str
        questions : Questionnaire or sequence of K questions

        Returns
        -------
        ndarray of float64, shape (n, K)
            Probabilities. This sensor never refuses, so there is no NaN.

        Raises
        ------
        UnreadableText
            A ValueError with the index of the first text that is empty or longer than the context. It is
            raised before anything is computed.

        Examples
        --------
        >>> p = load().probabilities(["It broke.", "It works well."], ["Is it good?"])
        >>> p.shape, bool(((p > 0) & (p < 1)).all())
        ((2, 1), True)
        """
        texts, asked = as_texts(texts), as_questions(questions)
        packed = [self._pack(i, text, asked) for i, text in enumerate(texts)]
        answers = [np.empty((0, len(asked)))]
        for first in range(0, len(packed), TEXTS_PER_PASS):
            hidden = forward(self.llama, packed[first : first + TEXTS_PER_PASS])  # (texts K, d)
            pair = logits(self.llama, hidden, self.labels).astype(np.float64)  # (texts K, 2)
            gap = (pair[:, 0] - pair[:, 1]).reshape(-1, len(asked))  # (texts, K)
            answers.append(0.5 * (1 + np.tanh(0.5 * gap)))
        return np.concatenate(answers)

    def _pack(self, index: int, text: str, questions: tuple[Question, ...]) -> Packed:
        try:
            prompts = [self._encode(prompt(text, question)) for question in questions]
        except UnreadableText as error:
            raise UnreadableText(index, error.reason) from error
        longest = max(len(ids) for ids in prompts)
        if longest > self.llama.shape.context:
            raise UnreadableText(
                index,
                f"with its question it has {longest} tokens and the model reads at most "
                f"{self.llama.shape.context}; shorten it or split it",
            )
        return pack(prompts)

    def _encode(self, text: str) -> list[int]:
        # The prompt spells its special tokens out; none may be added.
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the pieces that the model reads instead of letters.

        A letter outside the vocabulary is spelt in bytes; a piece that is part of such a letter shows as
        the replacement character.

        Examples
        --------
        >>> "".join(load().tokens("The lid is loose."))
        'The lid is loose.'
        """
        return tuple(self.tokenizer.decode([i], skip_special_tokens=False) for i in self._encode(text))

    def next_token(self, text: str) -> dict[str, float]:
        """Return the probability of every token as the continuation of a prompt, most probable first.

        Raises
        ------
        UnreadableText
            When the prompt is empty or longer than the context.

        Examples
        --------
        >>> answer = load().next_token(prompt("It broke.", "Is the product durable?"))
        >>> round(sum(answer.values()), 3)
        1.0
        """
        scores = self._scores(self._encode(text))
        weight = np.exp(scores - scores.max())
        order = np.argsort(-weight, kind="stable")
        share = weight / weight.sum()
        # A model may have more rows than the tokenizer has tokens; those rows have no name.
        named = ((self.tokenizer.id_to_token(int(i)), share[i]) for i in order)
        return {token: float(p) for token, p in named if token is not None}

    def generate(self, text: str, max_tokens: int = 8) -> tuple[str, ...]:
        """Continue a prompt greedily: at every step the most probable token, until "</s>".

        The whole prompt is read again at every step. That is slow and short, and enough to see the model
        answer in one word and stop.

        Parameters
        ----------
        text : str
            A rendered prompt, see `llma.sensing.questions.prompt`.
        max_tokens : int
            At most so many tokens.

        Returns
        -------
        tuple of str
            The tokens. The last one is "</s>" if the model stopped by itself.

        Raises
        ------
        UnreadableText
            When the prompt is empty or outgrows the context.

        Examples
        --------
        >>> load().generate(prompt("It broke.", "Is the product durable?"))[-1]
        '</s>'
        """
        ids = self._encode(text)
        written: list[str] = []
        for _ in range(max_tokens):
            ids.append(int(np.argmax(self._scores(ids))))
            written.append(self.tokenizer.decode(ids[-1:], skip_special_tokens=False))
            if ids[-1] == self.stop:
                break
        return tuple(written)

    def _scores(self, ids: list[int]) -> NDArray[np.float64]:
        if not 0 < len(ids) <= self.llama.shape.context:
            raise UnreadableText(
                0, f"it has {len(ids)} tokens; the model reads between 1 and {self.llama.shape.context}"
            )
        scores = logits(self.llama, forward(self.llama, [pack([ids])]))  # (1, V)
        return np.asarray(scores[0], dtype=np.float64)


def load(folder: str | Path = WEIGHTS) -> TinySensor:
    """Load a model folder after checking its files against their checksums.

    Parameters
    ----------
    folder : str or Path
        By default the model that ships with the package.

    Returns
    -------
    TinySensor

    Raises
    ------
    FileNotFoundError
        When a file is missing.
    ValueError
        When a checksum does not match, or when the configuration and the weights disagree.

    Examples
    --------
    >>> load().name
    'tiny'
    """
    folder = Path(folder)
    for name in (*FILES, CHECKSUMS):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"the model folder {folder} has no {name}; install the package again")
    wanted = read_checksums(folder)
    for name in FILES:
        found = _sha256(folder / name)
        if wanted.get(name) != found:
            raise ValueError(
                f"{folder / name} has sha256 {found}, but {CHECKSUMS} says {wanted.get(name)}: the file is "
                "damaged or was changed; install the package again, or `seal` a folder of your own making"
            )
    shape = shape_from_config(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    llama = llama_from_tensors(shape, load_file(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    revision = hashlib.sha256("".join(wanted[name] for name in FILES).encode()).hexdigest()
    return TinySensor(llama, tokenizer, "tiny" if folder == WEIGHTS else f"tiny:{folder}", revision)


def read_checksums(folder: Path) -> dict[str, str]:
    """Return file name -> sha256 as written in the folder's `SHA256SUMS`."""
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line.strip()]
    for number, pair in enumerate(pairs, 1):
        if len(pair) != 2:
            raise ValueError(f"{folder / CHECKSUMS}, line {number}: expected a sum and a name, got {pair}")
    return {name.lstrip("*"): digest for digest, name in pairs}


def seal(folder: str | Path) -> Path:
    """Write `SHA256SUMS` for the files of a model folder, to be called after training."""
    folder = Path(folder)
    path = folder / CHECKSUMS
    path.write_text("".join(f"{_sha256(folder / name)}  {name}\n" for name in FILES), encoding="utf-8")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
