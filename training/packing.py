r"""Packing: one text and all its questions in one sequence.

The text is read once. Behind it ride the tails, one a question:

    <s><|user|> t_1 ... t_n | tail 1 | tail 2 | ... | tail K

A tail sees itself and the first $n_k$ tokens of the text, and its positions start where its reading of the
text ended. With $n_k = n$ this is exactly the prompt of question $k$; with $n_k < n$ it is the prompt about
the truncated text. So truncated texts cost no more than their questions.

A tail ends in `<|assistant|>`, where the answer is read. `answered` tails go on with the answer, behind which
the model learns to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

HEAD = 2
IGNORE = -100


@dataclass(frozen=True)
class Packed:
    """One sequence: tokens, positions, segment (0 = text), how much of the text a token sees, targets."""

    ids: np.ndarray
    positions: np.ndarray
    segments: np.ndarray
    reads: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self.ids)


def pack(
    text: Sequence[int],
    tails: Sequence[Sequence[int]],
    *,
    reads: Sequence[int],
    labels: Sequence[int],
    answered: Sequence[bool],
    stop: int,
) -> Packed:
    """Pack a text with K tails.

    Parameters
    ----------
    text : sequence of int, length HEAD + n
        Tokens of the text, after `<s><|user|>`.
    tails : K sequences of int
        Tokens of the questions; the last one is where the answer is read.
    reads : K ints
        How many of the text's tokens tail k sees, HEAD included.
    labels : K ints
        Token of the right answer.
    answered : K bools
        Whether the answer follows, and behind it `stop` is the target.
    stop : int
        Token that ends the answer.

    Returns
    -------
    Packed
    """
    ids, positions, segments = list(text), list(range(len(text))), [0] * len(text)
    seen, targets = [len(text)] * len(text), [IGNORE] * len(text)
    for k, (tail, n, label, goes_on) in enumerate(zip(tails, reads, labels, answered, strict=True), 1):
        tokens = [*tail, label] if goes_on else tail
        ids += tokens
        positions += range(n, n + len(tokens))
        segments += [k] * len(tokens)
        seen += [n] * len(tokens)
        targets += [IGNORE] * (len(tail) - 1) + ([label, stop] if goes_on else [label])
    return Packed(*(np.array(a, dtype=np.int64) for a in (ids, positions, segments, seen, targets)))


def collate(batch: Sequence[Packed]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pad sequences to one length.

    Returns
    -------
    ids, positions : tensors (B, L)
    mask : tensor (B, 1, L, L) of float32, added to the attention scores: 0 where one may look
    targets : tensor (B, L), IGNORE where nothing is learnt
    """
    length = max(map(len, batch))
    ids, positions, segments, reads, targets = (
        np.full((len(batch), length), fill, dtype=np.int64) for fill in (0, 0, -1, 0, IGNORE)
    )
    for b, p in enumerate(batch):
        n = len(p)
        ids[b, :n], positions[b, :n], segments[b, :n] = p.ids, p.positions, p.segments
        reads[b, :n], targets[b, :n] = p.reads, p.targets
    order = np.arange(length)
    own = segments[:, :, None] == segments[:, None, :]  # (B, L, L)
    text = (segments[:, None, :] == 0) & (order < reads[:, :, None])
    may = (own | text) & (order[:, None] >= order)
    mask = np.where(may, np.float32(0), np.finfo(np.float32).min)[:, None]
    return tuple(torch.from_numpy(a) for a in (ids, positions, mask, targets))  # type: ignore[return-value]
