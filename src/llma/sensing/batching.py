"""Batching: sequences of similar length share a pass, and a pass that does not fit is halved.

Sequences that go through a model together are padded to the longest. So they are sorted by length, and a
pass takes neighbours: at most so many padded tokens, at most so much memory, and none shorter than 70 % of
the longest, so that at most 30 % of the work is padding. The longest go first: if memory is short, it shows
at once.

With R sequences of L tokens a pass needs about

    R (a L + b L^2) bytes,

a for the activations of a token, b for a cell of mask and attention. When the memory runs out all the same,
the pass is cut in two, and so is every later pass that is as large. The order of the results is that of the
input, and the cutting changes them by rounding only.

>>> room = Room(tokens=100, memory=1e9, per_token=1, per_cell=1)
>>> plan([10, 50, 12, 48, 9], room)
[[1, 3], [2, 0, 4]]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llma.sensing.asking import SensorError

LEAST_FILLED = 0.7
SIGNS = (
    "out of memory",  # CUDA and MPS
    "can't allocate memory",  # the allocator of torch on the CPU
    "not enough memory",  # the same on Windows
    "CUBLAS_STATUS_ALLOC_FAILED",
)


@dataclass(frozen=True)
class Room:
    """What a pass may take.

    Parameters
    ----------
    tokens : int
        Padded tokens.
    memory : float
        Bytes.
    per_token, per_cell : float
        Bytes for a token, and for a pair of tokens.

    Raises
    ------
    ValueError
        When a pass may take nothing.
    """

    tokens: int
    memory: float
    per_token: float
    per_cell: float

    def __post_init__(self) -> None:
        """Refuse a room without room."""
        if self.tokens < 1 or not self.memory > 0 or self.per_token < 0 or self.per_cell < 0:
            raise ValueError(f"{self} leaves no room for a pass; give at least one token and one byte")

    def holds(self, rows: int, length: int) -> bool:
        """Say whether so many sequences of that length fit.

        Examples
        --------
        >>> Room(tokens=100, memory=500, per_token=1, per_cell=1).holds(1, 30)
        False
        """
        return (
            rows * length <= self.tokens
            and rows * (self.per_token * length + self.per_cell * length**2) <= self.memory
        )


def plan(lengths: Sequence[int], room: Room) -> list[list[int]]:
    """Group sequences into passes.

    A sequence that does not fit alone gets a pass of its own; the estimate may be wrong.

    Returns
    -------
    list of list of int
        Indices into `lengths`, the longest sequence first. Every index stands once.

    Examples
    --------
    >>> plan([7, 7, 7], Room(tokens=14, memory=1e9, per_token=1, per_cell=0))
    [[0, 1], [2]]
    """
    passes: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[passes[-1][0]] if passes else 0
        if passes and lengths[i] >= LEAST_FILLED * longest and room.holds(len(passes[-1]) + 1, longest):
            passes[-1].append(i)
        else:
            passes.append([i])
    return passes


def run(
    lengths: Sequence[int],
    room: Room,
    compute: Callable[[list[int]], None],
    release: Callable[[], None] = lambda: None,
    names: Sequence[int] | None = None,
) -> None:
    """Compute all sequences, a pass at a time.

    Parameters
    ----------
    lengths : sequence of int
    room : Room
    compute : callable
        Gets the indices of a pass. It must leave nothing behind when the memory runs out.
    release : callable
        Called after the memory ran out, to give back what is kept for later.
    names : sequence of int, optional
        What messages call the sequences; by default their places.

    Raises
    ------
    SensorError
        When a sequence does not fit alone. The message names it.

    Examples
    --------
    >>> def compute(rows):
    ...     if len(rows) > 1:
    ...         raise MemoryError
    ...     print(rows)
    >>> run([3, 4], Room(tokens=100, memory=1e9, per_token=1, per_cell=0), compute)
    [1]
    [0]
    """
    waiting = plan(lengths, room)
    too_many = float("inf")  # padded tokens that did not fit
    while waiting:
        rows = waiting.pop(0)
        size = len(rows) * lengths[rows[0]]
        failed = False
        if size < too_many or len(rows) == 1:
            try:
                compute(rows)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                failed = True
            if not failed:
                continue
            # Here the error is gone, and with it the tensors that its traceback holds.
            release()
            too_many = min(too_many, size)
        if len(rows) == 1:
            text = rows[0] if names is None else names[rows[0]]
            raise SensorError(
                f"the memory does not suffice for text {text} alone, {size} tokens with its questions; "
                "shorten it, ask fewer questions at once, or take a smaller model"
            )
        half = (len(rows) + 1) // 2
        waiting[:0] = [rows[:half], rows[half:]]


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that memory ran out.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ..."))
    True
    >>> is_out_of_memory(RuntimeError("size mismatch"))
    False
    """
    # torch.OutOfMemoryError is a RuntimeError, and says so in its message on every device.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)
