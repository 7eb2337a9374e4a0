"""Where a model is put: the device, the number format of its weights, and whether they are packed in 4 bits.

The decision is a function of the device and of the number of parameters N:

* On a CPU the weights are float32, 4 N bytes.
* On a GPU that computes in bfloat16 they are bfloat16, on another one (T4) float16: 2 N bytes.
* Where these do not fit and the GPU speaks CUDA, the weights are packed in 4 bits, about 0.7 N bytes, and it
  computes in the 16-bit format above. (Half a byte and its scales; embeddings and norms stay in 16 bits.)

To fit means to take at most 85 % of the memory that is free. The rest is for the pass itself.

A T4 claims to know bfloat16 and emulates it, slowly. Therefore the question to torch is
`is_bf16_supported(including_emulation=False)`.

>>> t4 = Device("cuda", 15_600_000_000, bfloat16=False)
>>> place(t4, 1_710_000_000)
Placement(device='cuda', dtype='float16', four_bit=False)
>>> place(t4, 8_030_000_000)
Placement(device='cuda', dtype='float16', four_bit=True)
>>> place(Device("cpu"), 135_000_000).dtype
'float32'
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from llma.sensing.asking import SensorError

BYTES = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0}
FOUR_BIT_BYTES = 0.7
# The rest of the memory is for the pass itself: activations, masks, and what the driver keeps.
SHARE_FOR_WEIGHTS = 0.85
QUANTIZE = ("auto", "4bit", "none")


@dataclass(frozen=True)
class Device:
    """What a decision must know about a device.

    Parameters
    ----------
    name : str
        As torch calls it: "cpu", "cuda", "cuda:1", "mps".
    memory : int, optional
        Bytes that are free. None if unknown; then everything is taken to fit.
    bfloat16 : bool
        Whether it computes in bfloat16 in hardware.

    Examples
    --------
    >>> Device("cuda:1").kind
    'cuda'
    """

    name: str
    memory: int | None = None
    bfloat16: bool = False

    @property
    def kind(self) -> str:
        """The name without the number."""
        return self.name.partition(":")[0]


@dataclass(frozen=True)
class Placement:
    """The decision: device, format in which the model computes, and whether its weights have 4 bits."""

    device: str
    dtype: str
    four_bit: bool = False

    @property
    def precision(self) -> str:
        """The format in words, as it enters the key of a record."""
        return f"4-bit nf4, {self.dtype}" if self.four_bit else self.dtype


def place(device: Device, parameters: int, dtype: str | None = None, quantize: str = "auto") -> Placement:
    """Decide the format for a model of so many parameters on a device.

    Parameters
    ----------
    device : Device
    parameters : int
    dtype : str, optional
        "float32", "float16" or "bfloat16"; by default what the device is good at.
    quantize : str
        "auto": 4 bits if the weights do not fit otherwise; "4bit": always; "none": never.

    Raises
    ------
    ValueError
        When an argument is unknown, or when 4 bits are asked for on a device without CUDA.
    SensorError
        When the weights do not fit. The message names smaller models.

    Examples
    --------
    >>> place(Device("cuda", 80_000_000_000, bfloat16=True), 8_030_000_000)
    Placement(device='cuda', dtype='bfloat16', four_bit=False)
    """
    if quantize not in QUANTIZE:
        raise ValueError(f"quantize is {quantize!r}; known: {', '.join(QUANTIZE)}")
    if dtype is not None and dtype not in BYTES:
        raise ValueError(f"dtype is {dtype!r}; known: {', '.join(BYTES)}")
    if quantize == "4bit" and device.kind != "cuda":
        raise ValueError(f"4 bits need a CUDA GPU, and the device is {device.name!r}; leave quantize out")
    if dtype is None:
        dtype = "float32" if device.kind == "cpu" else "bfloat16" if device.bfloat16 else "float16"
    room = None if device.memory is None else SHARE_FOR_WEIGHTS * device.memory
    fits = room is None or parameters * BYTES[dtype] <= room
    four_bit = quantize == "4bit" or (quantize == "auto" and not fits and device.kind == "cuda")
    if room is not None and not (parameters * FOUR_BIT_BYTES <= room if four_bit else fits):
        remedy = "" if device.kind == "cuda" else "use a GPU, or "
        how = "in 4 bits" if four_bit else f"in {dtype}"
        raise SensorError(
            f"{parameters / 1e9:.2f} billion parameters {how} do not fit into the "
            f"{(device.memory or 0) / 1e9:.1f} GB that are free on {device.name}; {remedy}take "
            "a smaller model, for example HuggingFaceTB/SmolLM2-360M-Instruct"
        )
    return Placement(device.name, dtype, four_bit)


def find_device(name: str | None = None) -> Device:
    """Describe a device of this machine: the one named, else the GPU, else the CPU.

    Raises
    ------
    ValueError
        When torch has no such device here.
    """
    import torch  # noqa: PLC0415

    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    kind = name.partition(":")[0]
    if kind == "cpu":
        return Device(name, available_memory())
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name in ("cuda", *(f"cuda:{i}" for i in range(there))) and there:
        free, _ = torch.cuda.mem_get_info(torch.device(name))
        return Device(name, int(free), bool(torch.cuda.is_bf16_supported(including_emulation=False)))
    if kind == "mps" and torch.backends.mps.is_available():
        return Device(name)
    raise ValueError(f"torch finds no device {name!r} here; leave device out, or give 'cpu'")


def available_memory(table: Path = Path("/proc/meminfo")) -> int | None:
    """Return the bytes of main memory that programs can still have; None where the system does not say.

    Examples
    --------
    >>> available_memory(Path("no such file")) is None
    True
    """
    if not table.is_file():
        return None
    for line in table.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return 1024 * int(line.split()[1])
    return None


def loading_options(placement: Placement) -> dict[str, Any]:
    """Return the arguments of `from_pretrained` that put a model where it was decided.

    Raises
    ------
    SensorError
        When 4 bits need a package that is not installed.
    """
    import torch  # noqa: PLC0415

    dtype = getattr(torch, placement.dtype)
    options: dict[str, Any] = {"dtype": dtype}
    if placement.four_bit:
        missing = [package for package in ("bitsandbytes", "accelerate") if find_spec(package) is None]
        if missing:
            raise SensorError(
                f"the weights must be packed in 4 bits to fit, which needs {' and '.join(missing)}; run: "
                f"pip install {' '.join(missing)}, or take a smaller model"
            )
        from transformers import BitsAndBytesConfig  # noqa: PLC0415

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    # With accelerate the weights go straight to the device, and need no room in main memory on the way.
    if placement.device != "cpu" and find_spec("accelerate") is not None:
        options["device_map"] = {"": placement.device}
    return options
