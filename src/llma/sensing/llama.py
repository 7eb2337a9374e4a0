r"""LLaMA inference in NumPy, small enough to be read in one sitting.

Model. A sequence of T tokens is a matrix with one row of d numbers per token, taken from the embedding.
Every layer adds two corrections to it, each computed from a normalised copy (RMSNorm):

1. *attention*: each token looks at the tokens it may see and fetches a weighted mean of their values,
   $\mathrm{softmax}(q k^\top / \sqrt{D} + M)\, v$. The mask $M$ is 0 where a token may look and
   $-\infty$ where it may not. Positions enter by rotation (RoPE): the pair (i, i + D/2) of a query or a key
   at position t turns by the angle $t\,\theta^{-2i/D}$, so that a score depends on distances only.
   Several query heads share one key-value head (grouped queries).
2. *a gated network* (SwiGLU), token by token: $(\mathrm{silu}(x W_g) \odot x W_u)\, W_d$.

The last matrix times the head gives the logits of the next token. The whole algorithm is `forward` and the
four functions above it.

What it is not: it does not train, it keeps no key-value cache, and it knows neither biases nor stretched
positions. A configuration that asks for them is refused.

Letters in the shape comments: N tokens of all sequences together, T tokens of one, d hidden size, H query
heads, G key-value heads, r = H / G, D head size, F width of the gated network, V vocabulary, R tokens that
are read.

>>> from llma.sensing.packing import pack
>>> shape = Shape(vocabulary=9, hidden=8, layers=2, heads=2, kv_heads=1, head_dim=4, ffn=16, context=32)
>>> llama = random_llama(shape, np.random.default_rng(0))
>>> hidden = forward(llama, [pack([[1, 2, 3], [1, 2, 4, 5]]), pack([[1, 6]])])
>>> hidden.shape, logits(llama, hidden).shape
((3, 8), (3, 9))

References: H. Touvron et al., *LLaMA: Open and Efficient Foundation Language Models*, arXiv 2302.13971;
J. Su et al., *RoFormer*, arXiv 2104.09864; J. Ainslie et al., *GQA*, arXiv 2305.13245.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llma.sensing.packing import Packed

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """The sizes and constants of a LLaMA.

    Raises
    ------
    ValueError
        When a size is not positive, when `heads` is no multiple of `kv_heads`, or when `head_dim` is odd.

    Examples
    --------
    >>> Shape(vocabulary=9, hidden=8, layers=1, heads=3, kv_heads=2, head_dim=4, ffn=16, context=32)
    Traceback (most recent call last):
    ...
    ValueError: 3 query heads cannot share 2 key-value heads evenly
    """

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    context: int
    theta: float = 10000.0
    epsilon: float = 1e-6
    tied: bool = True

    def __post_init__(self) -> None:
        """Check the sizes against each other."""
        for name in ("vocabulary", "hidden", "layers", "heads", "kv_heads", "head_dim", "ffn", "context"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} query heads cannot share {self.kv_heads} key-value heads evenly")
        if self.head_dim % 2:
            raise ValueError(f"head_dim is {self.head_dim}; the rotation needs an even number")
        if not (self.theta > 0 and self.epsilon > 0):
            raise ValueError(f"theta {self.theta} and epsilon {self.epsilon} must be positive")


@dataclass(frozen=True, eq=False)
class Layer:
    """The weights of one layer. Matrices are stored so that a row vector is multiplied from the left."""

    attention_norm: Array  # (d,)
    query: Array  # (d, H D)
    key_value: Array  # (d, 2 G D)
    out: Array  # (H D, d)
    ffn_norm: Array  # (d,)
    gate_up: Array  # (d, 2 F)
    down: Array  # (F, d)


@dataclass(frozen=True, eq=False)
class Llama:
    """A shape, its weights, and the table of rotations."""

    shape: Shape
    embedding: Array  # (V, d)
    layers: tuple[Layer, ...]
    norm: Array  # (d,)
    head: Array  # (V, d)
    cos: Array  # (context, 1, D / 2)
    sin: Array  # (context, 1, D / 2)


def rms_norm(x: Array, weight: Array, epsilon: float) -> Array:
    """Divide every row by its root mean square and scale the columns.

    Examples
    --------
    >>> rms_norm(np.array([[3.0, 4.0]]), np.ones(2), 1e-6)
    array([[0.849, 1.131]])
    """
    scale = np.sqrt(np.einsum("nd,nd->n", x, x) / x.shape[1] + np.asarray(epsilon, x.dtype))
    normalised: Array = x / scale[:, None] * weight
    return normalised


def rotate(x: Array, cos: Array, sin: Array) -> Array:
    """Turn the pairs (i, i + D/2) of every head, (N, heads, D), by the angles of its position (RoPE).

    Examples
    --------
    >>> quarter = np.full((1, 1, 1), np.pi / 2)
    >>> rotate(np.array([[[1.0, 0.0]]]), np.cos(quarter), np.sin(quarter)).round(6) + 0.0
    array([[[0., 1.]]])
    """
    a, b = np.split(x, 2, axis=-1)  # (N, heads, D / 2) each
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def attend(query: Array, key: Array, value: Array, bias: Array) -> Array:
    """Return what R queries fetch from T tokens: a mean of values weighted by softmax of the scores.

    Parameters
    ----------
    query : ndarray, shape (R, H, D)
    key, value : ndarray, shape (T, G, D)
    bias : ndarray, shape (R, T)
        0 where a query may look, -inf where it may not. Every row has a zero.

    Returns
    -------
    ndarray, shape (R, H D)

    Examples
    --------
    With a zero query every visible token weighs the same.

    >>> value = np.array([[[1.0]], [[3.0]], [[9.0]]])
    >>> attend(np.zeros((1, 1, 1)), value, value, np.array([[0.0, 0.0, -np.inf]]))
    array([[2.]])
    """
    n, heads, size = query.shape
    groups = key.shape[1]
    q = query.reshape(n, groups, heads // groups, size).transpose(1, 2, 0, 3)  # (G, r, R, D)
    score = q @ key.transpose(1, 2, 0)[:, None]  # (G, r, R, T)
    score *= np.asarray(size**-0.5, score.dtype)
    score += bias
    # The largest score is subtracted so that exp cannot overflow; the weights do not change.
    weight = np.exp(score - score.max(axis=-1, keepdims=True))
    fetched = weight @ value.transpose(1, 0, 2)[:, None]  # (G, r, R, D)
    fetched /= weight.sum(axis=-1, keepdims=True)
    out: Array = fetched.transpose(2, 0, 1, 3).reshape(n, heads * size)
    return out


def swiglu(x: Array, gate_up: Array, down: Array) -> Array:
    """Apply the gated network to every row: (silu(x gate) * (x up)) down.

    Examples
    --------
    >>> swiglu(np.array([[1.0]]), np.array([[2.0, 3.0]]), np.array([[1.0]]))
    array([[5.285]])
    """
    gate, up = np.split(x @ gate_up, 2, axis=1)  # (N, F) each
    # silu(z) = z sigmoid(z); tanh cannot overflow, 1 / (1 + exp(-z)) can.
    half = gate * np.asarray(0.5, gate.dtype)
    out: Array = (half * (1 + np.tanh(half)) * up) @ down
    return out


def forward(llama: Llama, batch: Sequence[Packed]) -> Array:
    """Return the last hidden state of every token that is read, sequence after sequence.

    Projections run over all sequences at once; only attention goes sequence by sequence. The last layer
    computes keys and values for all tokens but everything else only for those that are read.

    Parameters
    ----------
    llama : Llama
    batch : sequence of Packed

    Returns
    -------
    ndarray of float32, shape (R, d)
        R is the total number of read positions.

    Examples
    --------
    A sequence's result does not depend on its neighbours in the batch.

    >>> from llma.sensing.packing import pack
    >>> shape = Shape(vocabulary=9, hidden=8, layers=2, heads=2, kv_heads=1, head_dim=4, ffn=16, context=32)
    >>> llama = random_llama(shape, np.random.default_rng(0))
    >>> one, two = pack([[1, 2, 3]]), pack([[4, 5], [4, 6, 7]])
    >>> bool(np.allclose(forward(llama, [one, two])[1:], forward(llama, [two]), atol=1e-6))
    True
    """
    s = llama.shape
    starts = np.cumsum([0, *(p.ids.size for p in batch)])
    reads = np.cumsum([0, *(p.read.size for p in batch)])
    read = np.concatenate([start + p.read for start, p in zip(starts, batch, strict=False)])
    biases = [np.where(p.mask, np.float32(0), np.float32(-np.inf)) for p in batch]
    x = llama.embedding[np.concatenate([p.ids for p in batch])]  # (N, d)
    positions = np.concatenate([p.positions for p in batch])
    cos, sin = llama.cos[positions], llama.sin[positions]  # (N, 1, D / 2)
    for number, layer in enumerate(llama.layers):
        last = number == s.layers - 1
        rows = read if last else slice(None)
        ends = reads if last else starts
        seen = [b[p.read] for b, p in zip(biases, batch, strict=True)] if last else biases
        h = rms_norm(x, layer.attention_norm, s.epsilon)  # (N, d)
        q = (h[rows] @ layer.query).reshape(-1, s.heads, s.head_dim)  # (N or R, H, D)
        k, v = np.split((h @ layer.key_value).reshape(-1, 2 * s.kv_heads, s.head_dim), 2, axis=1)  # (N, G, D)
        q, k = rotate(q, cos[rows], sin[rows]), rotate(k, cos, sin)
        fetched = [
            attend(q[ends[i] : ends[i + 1]], k[starts[i] : starts[i + 1]], v[starts[i] : starts[i + 1]], bias)
            for i, bias in enumerate(seen)
        ]
        x = x[rows] + np.concatenate(fetched) @ layer.out  # (N or R, d)
        x = x + swiglu(rms_norm(x, layer.ffn_norm, s.epsilon), layer.gate_up, layer.down)
    return rms_norm(x, llama.norm, s.epsilon)  # (R, d)


def logits(llama: Llama, hidden: Array, tokens: Sequence[int] | None = None) -> Array:
    """Return the logits of the next token, (R, V), or only those of the given tokens."""
    head = llama.head if tokens is None else llama.head[list(tokens)]
    return hidden @ head.T


def rotations(shape: Shape) -> tuple[Array, Array]:
    """Return the cosines and sines of all angles of RoPE, (context, 1, D / 2) each."""
    frequency = shape.theta ** -(np.arange(0, shape.head_dim, 2) / shape.head_dim)  # (D / 2,)
    angle = np.arange(shape.context)[:, None, None] * frequency  # (context, 1, D / 2)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def random_llama(shape: Shape, rng: np.random.Generator, scale: float = 0.3) -> Llama:
    """Return a LLaMA with Gaussian weights. It knows nothing, but `forward` can be tested on it."""

    def normal(*size: int) -> Array:
        return rng.normal(0.0, scale, size).astype(np.float32)

    d, width, narrow = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    layers = tuple(
        Layer(
            attention_norm=normal(d),
            query=normal(d, width),
            key_value=normal(d, 2 * narrow),
            out=normal(width, d),
            ffn_norm=normal(d),
            gate_up=normal(d, 2 * shape.ffn),
            down=normal(shape.ffn, d),
        )
        for _ in range(shape.layers)
    )
    embedding = normal(shape.vocabulary, d)
    head = embedding if shape.tied else normal(shape.vocabulary, d)
    return Llama(shape, embedding, layers, normal(d), head, *rotations(shape))
