import importlib.metadata

import pytest
import torch

from llma.sensing import placing
from llma.sensing.asking import SensorError
from llma.sensing.placing import Device, Placement, available_memory, find_device, loading_options, place

GIB = 1 << 30
# Free memory of an empty card, as torch reports it, and whether it computes in bfloat16.
T4 = Device("cuda", int(14.6 * GIB))
L4 = Device("cuda", int(22.0 * GIB), bfloat16=True)
A100 = Device("cuda", int(39.1 * GIB), bfloat16=True)
H100 = Device("cuda", int(78.7 * GIB), bfloat16=True)
CPU = Device("cpu", int(11.5 * GIB))
SMOL, TINY_CHAT, LLAMA_3B, LLAMA_8B, QWEN_14B, LLAMA_70B = 134.5e6, 1.1e9, 3.21e9, 8.03e9, 14.8e9, 70.6e9


@pytest.mark.parametrize(
    ("device", "parameters", "expected"),
    [
        (T4, SMOL, "float16"),
        (T4, TINY_CHAT, "float16"),
        (T4, LLAMA_3B, "float16"),
        (T4, LLAMA_8B, "4-bit nf4, float16"),
        (T4, QWEN_14B, "4-bit nf4, float16"),
        (L4, LLAMA_8B, "bfloat16"),
        (L4, QWEN_14B, "4-bit nf4, bfloat16"),
        (A100, QWEN_14B, "bfloat16"),
        (A100, LLAMA_70B, None),
        (H100, QWEN_14B, "bfloat16"),
        (H100, LLAMA_70B, "4-bit nf4, bfloat16"),
        (CPU, SMOL, "float32"),
        (CPU, TINY_CHAT, "float32"),
        (CPU, LLAMA_3B, None),
        (Device("cpu"), LLAMA_8B, "float32"),
        (Device("mps"), LLAMA_3B, "float16"),
    ],
)
def test_the_format_follows_from_device_and_size(device, parameters, expected):
    if expected is None:
        with pytest.raises(
            SensorError, match=r"billion parameters .* do not fit into .* take a smaller model"
        ):
            place(device, int(parameters))
    else:
        placement = place(device, int(parameters))
        assert placement.precision == expected
        assert placement.device == device.name


def test_what_is_asked_for_is_done():
    assert place(H100, int(SMOL), dtype="float32") == Placement("cuda", "float32")
    assert place(H100, int(SMOL), quantize="4bit") == Placement("cuda", "bfloat16", four_bit=True)
    assert place(CPU, int(SMOL), dtype="bfloat16").precision == "bfloat16"
    with pytest.raises(
        SensorError, match=r"8\.03 billion parameters in float16 do not fit into the 15\.7 GB"
    ):
        place(T4, int(LLAMA_8B), quantize="none")
    with pytest.raises(SensorError, match=r"use a GPU, or take a smaller model"):
        place(CPU, int(LLAMA_8B))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"quantize": "8bit"}, "quantize is '8bit'; known: auto, 4bit, none"),
        ({"dtype": "fp16"}, "dtype is 'fp16'; known: float32, float16, bfloat16"),
        ({"quantize": "4bit"}, "4 bits need a CUDA GPU, and the device is 'cpu'"),
    ],
)
def test_unknown_wishes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        place(CPU, 1000, **wrong)


@pytest.mark.parametrize("share", [0.999, 1.001])
def test_the_weights_may_take_a_share_of_the_memory(share):
    parameters = int(share * placing.SHARE_FOR_WEIGHTS * T4.memory / 2)
    assert place(T4, parameters).four_bit is (share > 1)


def test_this_machine_is_described():
    device = find_device("cpu")
    assert device.kind == "cpu"
    assert device.memory is None or device.memory > 0
    assert find_device().name == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ValueError, match="torch finds no device 'tpu' here"):
        find_device("tpu")


def test_a_gpu_is_asked_for_bfloat16_without_emulation(monkeypatch):
    asked = []

    def supported(including_emulation=True):
        asked.append(including_emulation)
        return including_emulation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7 * GIB, 8 * GIB))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert find_device() == Device("cuda", 7 * GIB, bfloat16=False)
    assert find_device("cuda:1") == Device("cuda:1", 7 * GIB, bfloat16=False)
    assert asked == [False, False]
    for absent in ("cuda:2", "cuda:first"):
        with pytest.raises(ValueError, match=f"torch finds no device '{absent}' here"):
            find_device(absent)


def test_free_memory_is_read_from_the_system(tmp_path):
    table = tmp_path / "meminfo"
    table.write_text("MemTotal:  100 kB\nMemAvailable:     12 kB\n")
    assert available_memory(table) == 12 * 1024
    table.write_text("MemTotal:  100 kB\n")
    assert available_memory(table) is None


def test_on_the_cpu_only_the_format_is_passed_on():
    assert loading_options(Placement("cpu", "float32")) == {"dtype": torch.float32}


def test_on_a_gpu_the_weights_go_there_directly():
    options = loading_options(Placement("cuda:1", "float16"))
    assert options == {"dtype": torch.float16, "device_map": {"": "cuda:1"}}


def test_without_accelerate_the_model_is_moved_afterwards(monkeypatch):
    monkeypatch.setattr(placing, "find_spec", lambda name: None)
    assert loading_options(Placement("cuda", "float16")) == {"dtype": torch.float16}


@pytest.mark.parametrize("missing", [("bitsandbytes",), ("bitsandbytes", "accelerate")])
def test_4_bits_without_their_packages(missing, monkeypatch):
    monkeypatch.setattr(placing, "find_spec", lambda name: None if name in missing else True)
    with pytest.raises(
        SensorError, match=rf"needs {' and '.join(missing)}; run: pip install {' '.join(missing)}, or"
    ):
        loading_options(Placement("cuda", "float16", four_bit=True))


def test_4_bits_compute_in_the_format_of_the_device(monkeypatch):
    real = importlib.metadata.version
    monkeypatch.setattr(placing, "find_spec", lambda name: True)
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "0.48.0" if name == "bitsandbytes" else real(name)
    )
    options = loading_options(Placement("cuda", "bfloat16", four_bit=True))
    config = options["quantization_config"]
    assert config.load_in_4bit
    assert config.bnb_4bit_quant_type == "nf4"
    assert config.bnb_4bit_compute_dtype == torch.bfloat16
    assert options["device_map"] == {"": "cuda"}
