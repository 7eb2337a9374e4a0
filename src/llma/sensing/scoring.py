r"""One pass of a decoder in torch over packed sequences.

Packed sequences (`llma.sensing.packing`) of one pass are padded at their ends to the longest of them. The
mask goes to the model in four dimensions, (rows, 1, L, L), true where a token may look. Such a mask is used
as it stands; it replaces causal mask and padding mask. A padded token sees itself and nothing else,
so that no softmax is empty, and nothing sees a padded token. But zero times infinity is no number: what
overflows in a padded token would spoil its whole row. So padding repeats the first token at its position, and
has the numbers that this token has anyway.

Of the last hidden states only those at the read positions are kept. Attention in the last layer is the last
place where tokens meet. The gated network behind it works token by token, so it is given the read positions
only (`reading_at`). The gap of the two labels is taken there,

$$\text{gap} = h \cdot (w_{\text{yes}} - w_{\text{no}}), \qquad P(\text{yes}) = \sigma(\text{gap}),$$

in float32 whatever the format of the model: near even odds the two logits are almost equal, and in bfloat16
their difference would keep two digits.

Attention must be that of `torch.nn.functional.scaled_dot_product_attention` ("sdpa"). Flash attention takes
no mask: it would let the tails see one another, and say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llma.sensing.asking import SensorError
from llma.sensing.batching import Room
from llma.sensing.packing import Packed

ATTENTION = "sdpa"
# Padded tokens of a pass. More are not faster: on a CPU the matrices leave the cache, a GPU is busy enough.
TOKENS_ON_CPU = 1024
TOKENS_ON_GPU = 16384
SHARE_OF_FREE_MEMORY = 0.5


def collate(batch: Sequence[Packed]) -> tuple[NDArray[np.int64], ...]:
    """Pad packed sequences to one length.

    Returns
    -------
    ids, positions : ndarray of int64, shape (R, L)
    mask : ndarray of bool, shape (R, 1, L, L)
    read : ndarray of int64, shape (R, K)

    Raises
    ------
    ValueError
        When the sequences differ in the number of positions that are read.

    Examples
    --------
    >>> from llma.sensing.packing import pack
    >>> ids, positions, mask, read = collate([pack([[5, 6, 7]]), pack([[8]])])
    >>> ids.tolist(), read.tolist()
    ([[5, 6, 7], [8, 8, 8]], [[2], [0]])
    >>> mask[1, 0].astype(int).tolist()
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    length = max(packed.ids.size for packed in batch)
    ids = np.repeat([[packed.ids[0]] for packed in batch], length, axis=1).astype(np.int64)
    positions = np.zeros_like(ids)
    mask = np.repeat(np.eye(length, dtype=bool)[None, None], len(batch), axis=0)
    for row, packed in enumerate(batch):
        n = packed.ids.size
        ids[row, :n], positions[row, :n] = packed.ids, packed.positions
        mask[row, 0, :n, :n] = packed.mask
    read = np.array([packed.read for packed in batch], dtype=np.int64)
    return ids, positions, mask, read


def hidden_at_reads(model: Any, batch: Sequence[Packed]) -> Any:
    """Return the last hidden states at the read positions, a tensor of shape (R, K, d)."""
    import torch  # noqa: PLC0415

    ids, positions, mask, read = (torch.from_numpy(a).to(model.device) for a in collate(batch))
    rows = torch.arange(len(batch), device=read.device)[:, None]
    with reading_at(model.base_model.layers[-1].mlp, (rows, read)):
        hidden = model.base_model(
            input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False
        ).last_hidden_state  # (R, L, d)
    return hidden[rows, read]


@contextmanager
def reading_at(network: Any, places: tuple[Any, Any]) -> Iterator[None]:
    """Let a network that works token by token see some places only; elsewhere it returns zero.

    Parameters
    ----------
    network : torch.nn.Module
        It gets and gives (R, L, d).
    places : tuple of two tensors of int
        Rows and positions, in shapes that broadcast to (R, K).
    """
    shapes: list[Any] = []

    def select(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        shapes.append(given[0].shape)
        return (given[0][places], *given[1:])

    def spread(_: Any, given: tuple[Any, ...], found: Any) -> Any:
        everywhere = found.new_zeros(shapes.pop())
        everywhere[places] = found
        return everywhere

    hooks = [network.register_forward_pre_hook(select), network.register_forward_hook(spread)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def gaps(model: Any, batch: Sequence[Packed], labels: tuple[int, int]) -> NDArray[np.float64]:
    """Return logit of yes minus logit of no, shape (R, K).

    Raises
    ------
    SensorError
        When a number overflowed in the model's format.
    """
    import torch  # noqa: PLC0415

    with torch.inference_mode():
        hidden = hidden_at_reads(model, batch).float()
        head = model.get_output_embeddings()
        pair = head.weight[list(labels)].float()  # (2, d)
        gap = hidden @ (pair[0] - pair[1])  # (R, K)
        if getattr(head, "bias", None) is not None:
            gap = gap + (head.bias[labels[0]] - head.bias[labels[1]]).float()
        return finite(gap.cpu().numpy().astype(np.float64), model)


def label_mass(model: Any, batch: Sequence[Packed], labels: tuple[int, int]) -> NDArray[np.float64]:
    """Return the probability that the next token is one of the labels, shape (R, K).

    Raises
    ------
    SensorError
        As `gaps`.
    """
    import torch  # noqa: PLC0415

    with torch.inference_mode():
        scores = model.get_output_embeddings()(hidden_at_reads(model, batch)).float()  # (R, K, V)
        share = torch.exp(torch.logsumexp(scores[..., list(labels)], -1) - torch.logsumexp(scores, -1))
        return finite(share.cpu().numpy().astype(np.float64), model)


def next_tokens(model: Any, batch: Sequence[Packed]) -> NDArray[np.float64]:
    """Return the log-probabilities of all tokens at the read positions, shape (R, K, V)."""
    import torch  # noqa: PLC0415

    with torch.inference_mode():
        scores = model.get_output_embeddings()(hidden_at_reads(model, batch)).float()
        return finite(torch.log_softmax(scores, dim=-1).cpu().numpy().astype(np.float64), model)


def finite(values: NDArray[np.float64], model: Any) -> NDArray[np.float64]:
    """Return the values, or refuse them: NaN would be read as a refusal of the model.

    The remedy is a format with larger numbers than that of the model.

    Raises
    ------
    SensorError
    """
    if not np.isfinite(values).all():
        dtype = str(model.dtype).removeprefix("torch.")
        remedy = {
            "float16": "load it with dtype='bfloat16' or dtype='float32'",
            "bfloat16": "load it with dtype='float32'",
        }.get(dtype, "its weights may be damaged; fetch them again")
        raise SensorError(f"the model's numbers overflowed in {dtype}; {remedy}")
    return values


def release() -> None:
    """Give back the memory that torch keeps for later."""
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def room_for(model: Any, memory: float | None) -> Room:
    """Estimate what a pass may take.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    memory : float, optional
        Bytes that are free once the model is loaded.
    """
    c = model.config
    width = c.num_attention_heads * (getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads)
    number = model.dtype.itemsize
    on_cpu = model.device.type == "cpu"
    # Alive at once in a layer: the residual and its norms (one in float32), queries, keys and values with
    # their rotated copies, and the three arrays of the gated network.
    per_token = number * (4 * c.hidden_size + 8 * width + 3 * c.intermediate_size) + 8 * c.hidden_size
    # The mask once as truth values and twice as numbers; without a fused kernel also scores of every head.
    per_cell = 1 + 2 * number + (2 * number * c.num_attention_heads if on_cpu else 0)
    return Room(
        tokens=TOKENS_ON_CPU if on_cpu else TOKENS_ON_GPU,
        memory=float("inf") if memory is None else max(1.0, SHARE_OF_FREE_MEMORY * memory),
        per_token=per_token,
        per_cell=per_cell,
    )
