"""Two clocks, and the rate of matrix products that every share is a share of.

On a CPU the clock counts the process's own CPU time, so that waiting for a busy machine does not count (a
second thread would count double: run on one). On a GPU it is wall time between two synchronisations.

The matrix rate is measured in the same run, in the same dtype, with as many rows as a packed pass has, on the
seven matrices of a layer of the shape at hand: the rate at which a layer's products run alone. Beside it
stands the rate of one large square product and, for GPUs that we know, the peak in the maker's data sheet
(dense, without sparsity).
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import torch
from torch.nn.functional import linear

from benchmarks.scoring.counts import products, weights
from llma.sensing.llama import Shape

# Tensor operations a second in 16 bits, dense, from the makers' data sheets; both 16-bit types run alike.
PEAKS = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L4": 121e12,
    "T4": 65e12,
}


class Clock:
    """Seconds of a call on a device."""

    def __init__(self, device: torch.device | str) -> None:
        self.device = torch.device(device)

    @property
    def name(self) -> str:
        """What is counted."""
        return "CPU time of one thread" if self.device.type == "cpu" else "wall time, synchronised"

    def now(self) -> float:
        """Return the time once all work that was asked for is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            return time.perf_counter()
        return time.process_time()

    def seconds(self, function: Callable[[], object], repeats: int = 1) -> float:
        """Return seconds a call."""
        start = self.now()
        for _ in range(repeats):
            function()
        return (self.now() - start) / repeats


def device_name(device: torch.device | str) -> str:
    """Return the name of a GPU, or of the kind of processor."""
    if torch.device(device).type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return platform.machine()


def data_sheet_peak(name: str, dtype: torch.dtype) -> float | None:
    """Return the peak of a GPU in 16 bits, or None where we know none.

    >>> data_sheet_peak("NVIDIA H100 80GB HBM3", torch.bfloat16) / 1e12
    989.0
    >>> data_sheet_peak("Tesla T4", torch.bfloat16) is None  # it has no bfloat16 units
    True
    """
    if dtype not in (torch.bfloat16, torch.float16) or ("T4" in name and dtype is torch.bfloat16):
        return None
    return next((peak for part, peak in PEAKS.items() if part in name), None)


def layer_products(
    shape: Shape, rows: int, dtype: torch.dtype, device: torch.device | str
) -> tuple[Callable[[], None], float]:
    """Return a function that does the products of one layer for some rows, and its operations."""
    draw = torch.Generator(device).manual_seed(1)
    pairs = []
    for inputs, outputs in products(shape):
        x = torch.randn(rows, inputs, generator=draw, device=device, dtype=dtype)
        w = torch.randn(outputs, inputs, generator=draw, device=device, dtype=dtype)
        pairs.append((x, w))

    @torch.inference_mode()
    def run() -> None:
        for x, w in pairs:
            linear(x, w)

    return run, 2.0 * rows * weights(shape)


def square_product(
    size: int, dtype: torch.dtype, device: torch.device | str
) -> tuple[Callable[[], None], float]:
    """Return a function that multiplies two square matrices, and its operations."""
    draw = torch.Generator(device).manual_seed(1)
    a, b = (torch.randn(size, size, generator=draw, device=device, dtype=dtype) for _ in range(2))

    @torch.inference_mode()
    def run() -> None:
        torch.mm(a, b)

    return run, 2.0 * size**3
