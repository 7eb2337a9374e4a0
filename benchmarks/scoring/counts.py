r"""How many floating-point operations a LLaMA needs, counted from its shape.

A multiplication and an addition count as two operations. Let d be the hidden size, H and G the numbers of
query and key-value heads, D the head size, F the width of the gated network. A layer has

$$W = 2 d H D + 2 d G D + 3 d F$$

weights in its seven matrices (query, key, value, out, gate, up, down), and each token meets each of them
once: $2W$ operations a token and layer. A token that looks at another one costs each query head $2D$
operations for the score and $2D$ for the weighted value: $4 H D$ a pair and layer. A row of the head costs
$2d$ for each hidden state that it meets. So a job in which n tokens pass L layers, with p pairs (token, token
it may look at) and r products of a hidden state with a row of the head, needs

$$2 n L W + 4 p L H D + 2 r d - 6 u d F$$

operations, if the gated network of the last layer is left out for u tokens. Packed scoring leaves it out
where nothing is read. Norms, rotations, softmax, the gate's nonlinearity and the embedding are not counted:
they grow with d, not with d squared. Nor are padding and pairs hidden by the mask, although a program may
spend time on them. So a share of the matrix rate is a share of useful work.

>>> round(operations(SHAPES["smollm2-135m"], Work(tokens=1, pairs=1, rows=0)) / 1e9, 4)
0.2124
>>> round(weights(SHAPES["llama-3.1-8b"]) * 32 / 1e9, 2)
6.98

The dimensions are those of the published configurations (`config.json`) of SmolLM2-135M, LLaMA 3.2 1B and
LLaMA 3.1 8B. LLaMA's rescaled rotations are left out: they change numbers, not the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from llma.sensing.llama import Shape
from llma.sensing.packing import pack

SHAPES = {
    "tiny": Shape(
        vocabulary=1536, hidden=48, layers=2, heads=4, kv_heads=2, head_dim=12, ffn=96, context=1024
    ),
    "smollm2-135m": Shape(
        vocabulary=49152,
        hidden=576,
        layers=30,
        heads=9,
        kv_heads=3,
        head_dim=64,
        ffn=1536,
        context=8192,
        theta=100_000.0,
        epsilon=1e-5,
    ),
    "llama-3.2-1b": Shape(
        vocabulary=128256,
        hidden=2048,
        layers=16,
        heads=32,
        kv_heads=8,
        head_dim=64,
        ffn=8192,
        context=8192,
        theta=500_000.0,
        epsilon=1e-5,
    ),
    "llama-3.1-8b": Shape(
        vocabulary=128256,
        hidden=4096,
        layers=32,
        heads=32,
        kv_heads=8,
        head_dim=128,
        ffn=14336,
        context=8192,
        theta=500_000.0,
        epsilon=1e-5,
        tied=False,
    ),
}


@dataclass(frozen=True)
class Work:
    """What a job asks for.

    Tokens through all layers, pairs that attention may use, rows of the head, and tokens for which the last
    layer's network is left out.
    """

    tokens: int
    pairs: int
    rows: int
    unread: int = 0

    def __add__(self, other: Work) -> Work:
        """Do both."""
        return Work(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def products(shape: Shape) -> list[tuple[int, int]]:
    """Return (inputs, outputs) of the seven matrices of a layer."""
    d, wide, narrow = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    return [(d, wide), (d, narrow), (d, narrow), (wide, d), (d, shape.ffn), (d, shape.ffn), (shape.ffn, d)]


def weights(shape: Shape) -> int:
    """Return W, the number of weights of one layer's matrices."""
    return sum(inputs * outputs for inputs, outputs in products(shape))


def operations(shape: Shape, work: Work) -> int:
    """Return the number of floating-point operations, see the top of the module."""
    passed = 2 * work.tokens * weights(shape)
    attention = 4 * work.pairs * shape.heads * shape.head_dim
    left_out = 6 * work.unread * shape.hidden * shape.ffn
    return shape.layers * (passed + attention) + 2 * work.rows * shape.hidden - left_out


def causal(n: int, rows: int = 2) -> Work:
    """Return the work of one prompt of n tokens whose last state meets some rows of the head.

    >>> causal(3)
    Work(tokens=3, pairs=6, rows=2, unread=0)
    """
    return Work(n, n * (n + 1) // 2, rows)


def packed(prompts: Sequence[Sequence[int]]) -> Work:
    """Return the work of K prompts packed behind their common prefix, two rows of the head each.

    >>> packed([[1, 7, 8, 4], [1, 7, 9, 9, 4]])
    Work(tokens=7, pairs=22, rows=4, unread=5)
    """
    one = pack(prompts)
    return Work(one.ids.size, int(one.mask.sum()), 2 * len(prompts), one.ids.size - len(prompts))


def apart(prompts: Sequence[Sequence[int]], rows: int = 2) -> Work:
    """Return the work of K prompts, each read on its own.

    >>> apart([[1, 7, 8, 4], [1, 7, 9, 9, 4]])
    Work(tokens=9, pairs=25, rows=4, unread=0)
    """
    return sum((causal(len(prompt), rows) for prompt in prompts), Work(0, 0, 0))


def all_pairs(work: Work) -> Work:
    """Return the same work of one sequence with every pair of its tokens counted, hidden or not.

    >>> all_pairs(causal(3)).pairs
    9
    """
    return replace(work, pairs=work.tokens**2)


def generated(n: int, new: int, vocabulary: int) -> Work:
    """Return the work of reading a prompt of n tokens and writing `new` tokens behind it, with a cache.

    The last token written is not read again. Each written token is chosen among the whole vocabulary.

    >>> generated(3, 2, 10)
    Work(tokens=4, pairs=10, rows=20, unread=0)
    """
    read = causal(n + new - 1, rows=0)
    return Work(read.tokens, read.pairs, new * vocabulary)
