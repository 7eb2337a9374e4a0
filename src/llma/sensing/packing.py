r"""Packing: K prompts about one text become one sequence, and the text is read once.

The prompts of K questions about one text begin with the same tokens. Write them as

    prefix | tail 0 | tail 1 | ... | tail K-1

in one sequence. Three rules make the result equal to K separate prompts:

* The prefix is the longest common prefix of the *tokenised* prompts. Text and question are never tokenised
  apart, because a token may straddle the seam.
* Positions restart in every tail, where the prefix ends.
* A token sees what stands before it in the prefix and in its own tail, never another tail (a block mask).

The cost falls from K (P + L) tokens to P + K L, for a prefix of P tokens and tails of L. The gain grows to K
as the text grows. The proof that the answers are the same is one line: attention is the only place where
tokens meet, and under the mask each tail meets exactly the tokens, at exactly the positions, of its prompt.

>>> packed = pack([[1, 7, 8, 4], [1, 7, 9, 9, 4]])
>>> packed.ids.tolist()
[1, 7, 8, 4, 9, 9, 4]
>>> packed.positions.tolist()
[0, 1, 2, 3, 2, 3, 4]
>>> packed.read.tolist()
[3, 6]
>>> packed.mask.astype(int)[4].tolist()
[1, 1, 0, 0, 1, 0, 0]

Not to be confused with packing unrelated documents into one training sequence, which shares no prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Packed:
    """One sequence of T tokens with its positions, its mask and the K places where answers are read.

    Parameters
    ----------
    ids : ndarray of int, shape (T,)
        Tokens.
    positions : ndarray of int, shape (T,)
        Position of every token in the prompt that it belongs to.
    mask : ndarray of bool, shape (T, T)
        `mask[i, j]` says whether token i may look at token j. The diagonal is true.
    read : ndarray of int, shape (K,)
        Index of the last token of every prompt.

    Raises
    ------
    ValueError
        When the shapes disagree, when a token cannot see itself, or when a token could look ahead.

    Examples
    --------
    >>> Packed(np.array([3]), np.array([0]), np.array([[True]]), np.array([0])).ids.size
    1
    """

    ids: NDArray[np.intp]
    positions: NDArray[np.intp]
    mask: NDArray[np.bool_]
    read: NDArray[np.intp]

    def __post_init__(self) -> None:
        """Refuse a mask that would let attention divide by zero or look ahead."""
        n = self.ids.size
        if self.positions.shape != (n,) or self.mask.shape != (n, n):
            raise ValueError(
                f"{n} tokens need positions of shape ({n},) and a mask of shape ({n}, {n}); "
                f"got {self.positions.shape} and {self.mask.shape}"
            )
        if not self.mask.diagonal().all():
            raise ValueError(
                f"token {int(np.argmin(self.mask.diagonal()))} cannot see itself; set its diagonal"
            )
        if np.triu(self.mask, 1).any():
            row = int(np.argmax(np.triu(self.mask, 1).any(axis=1)))
            raise ValueError(f"token {row} may look ahead; the mask must be lower triangular")
        if self.read.size == 0 or self.read.min() < 0 or self.read.max() >= n:
            raise ValueError(f"the read positions {self.read.tolist()} must be indices of the {n} tokens")


def common_prefix(prompts: Sequence[Sequence[int]]) -> int:
    """Return the length of the longest common prefix that leaves every prompt at least one token.

    Raises
    ------
    ValueError
        When there is no prompt, or one of them is empty.

    Examples
    --------
    >>> common_prefix([[1, 2, 3], [1, 2, 4]]), common_prefix([[1, 2], [1, 2, 4]])
    (2, 1)
    """
    if not prompts or min(len(prompt) for prompt in prompts) == 0:
        raise ValueError("every prompt needs at least one token, and there must be a prompt")
    length = 0
    for column in zip(*prompts, strict=False):
        if any(token != column[0] for token in column):
            break
        length += 1
    return min(length, min(len(prompt) for prompt in prompts) - 1)


def pack(prompts: Sequence[Sequence[int]]) -> Packed:
    """Lay K tokenised prompts out as one sequence with a shared prefix.

    Parameters
    ----------
    prompts : sequence of K sequences of int
        Fully tokenised prompts. One prompt is a special case: its mask is the ordinary causal one.

    Returns
    -------
    Packed

    Raises
    ------
    ValueError
        When there is no prompt, or one of them is empty.

    Examples
    --------
    >>> pack([[5, 6, 7]]).mask.astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    shared = common_prefix(prompts)
    tails = [list(prompt[shared:]) for prompt in prompts]
    lengths = [len(tail) for tail in tails]
    ids = np.array([*prompts[0][:shared], *(token for tail in tails for token in tail)], dtype=np.intp)
    positions = np.concatenate([np.arange(shared), *(shared + np.arange(n) for n in lengths)]).astype(np.intp)
    # Segment 0 is the prefix, segment k + 1 is tail k.
    segment = np.repeat(np.arange(len(tails) + 1), [shared, *lengths])
    mask = np.tril((segment == 0)[None, :] | (segment[None, :] == segment[:, None]))
    read = shared + np.cumsum(lengths, dtype=np.intp) - 1
    return Packed(ids, positions, mask, read)
