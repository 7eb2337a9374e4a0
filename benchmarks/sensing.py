"""Speed of the sensors: the embedded model, LLaMA shapes with random weights, and the likelihoods.

1. *Embedded.* CPU milliseconds a text for the K questions packed into one sequence, and one at a time.
2. *LLaMA shapes* (see `benchmarks.scoring`). On a CPU the dimensions of SmolLM2-135M in float32; on a GPU
   those of LLaMA 3.2 1B and 3.1 8B in bfloat16 and float16. Packed scoring by the library's own sensor
   against the prefix cached with the tails as a batch, K prompts as a batch, K prompts one at a time, and the
   authors' way: writing a JSON of 60 tokens for one text at a time. Answers are compared before anything is
   timed. The weights are random, nothing is downloaded.
3. *Likelihoods.* Milliseconds a fit to 240 texts with six states and six questions.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.sensing``. It measures on the CPU, and on a GPU if there
is one; ``--device cpu`` or ``cuda`` takes one of them, ``--quick`` is a smoke run with a tiny shape, ``--json
FILE`` keeps the results. On a CPU the clock counts the CPU time of one thread, on a GPU wall time.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.scoring.clock import Clock, data_sheet_peak
from benchmarks.scoring.compare import ALONE, BATCHED, CACHED, PACKED, WRITTEN, Plan, Result, compare
from benchmarks.scoring.counts import SHAPES, weights
from benchmarks.support.report import Report, cpu_seconds, machine
from llma.data import load_sample
from llma.likelihood import METHODS, Machine, fit
from llma.sensing import COMMENT_HOSTILITY, PRODUCT_REVIEW
from llma.sensing.placing import Device, find_device
from llma.sensing.tiny import load

CASES = {
    "cpu": [("smollm2-135m", torch.float32)],
    "cuda": [(s, d) for s in ("llama-3.2-1b", "llama-3.1-8b") for d in (torch.bfloat16, torch.float16)],
}
PLANS = {
    "cpu": Plan({PACKED: 6, CACHED: 4, BATCHED: 2, ALONE: 2, WRITTEN: 1}),
    "cuda": Plan({PACKED: 110, CACHED: 32, BATCHED: 48, ALONE: 16, WRITTEN: 4}, rounds=5, square=8192),
}
QUICK = Plan({PACKED: 2, CACHED: 2, BATCHED: 1, ALONE: 1, WRITTEN: 1}, tokens=8, rounds=1, square=256)


def embedded(report: Report, repeats: int) -> None:
    """Measure the embedded sensor."""
    start = time.process_time()
    sensor = load()
    loading = time.process_time() - start
    texts = list(load_sample("product_review").texts)
    questions = PRODUCT_REVIEW.questions
    packed = cpu_seconds(lambda: sensor.probabilities(texts, PRODUCT_REVIEW), repeats) / len(texts)
    alone = cpu_seconds(
        lambda: [sensor.probabilities([t], [q]) for t in texts for q in questions], repeats
    ) / len(texts)
    tokens = float(np.mean([len(sensor.tokens(text)) for text in texts]))
    one = np.array([[sensor.probabilities([t], [q])[0, 0] for q in questions] for t in texts])
    np.testing.assert_allclose(sensor.probabilities(texts, PRODUCT_REVIEW), one, atol=1e-5)
    print(f"\nembedded model, {len(texts)} reviews of {tokens:.0f} tokens, {len(questions)} questions")
    print(f"load                   {1e3 * loading:8.1f} ms")
    for name, seconds in (("packed", packed), ("one at a time", alone)):
        print(f"{name:22s} {1e3 * seconds:8.2f} ms a text {1 / seconds:8.0f} texts/s {seconds / packed:6.2f}")
        report.add(
            "embedded", method=name, ms=1e3 * seconds, texts_per_second=1 / seconds, ratio=seconds / packed
        )


def likelihoods(report: Report, repeats: int) -> None:
    """Measure the fits, and the law of a Boltzmann machine over six bits."""
    rng = np.random.default_rng(0)
    states = np.repeat(np.arange(6), 40)
    mood = rng.normal(size=(240, 1))
    bits = (rng.normal(size=(240, 6)) + mood + 0.4 * states[:, None] > 1).astype(float)
    print("\nlikelihoods, 240 texts, six states, six questions")
    for method in METHODS:
        seconds = cpu_seconds(lambda m=method: fit(bits, states, 6, m, rng=np.random.default_rng(0)), repeats)
        print(f"fit, {method:22s} {1e3 * seconds:8.2f} ms")
        report.add("likelihoods", method=method, ms=1e3 * seconds)
    law = Machine(rng.normal(size=(1, 6)), rng.normal(size=(3, 6)), rng.normal(size=3))
    seconds = cpu_seconds(lambda: [law.table() for _ in range(100)], repeats) / 100
    print(f"law of a machine, 3 hidden  {1e6 * seconds:8.1f} microseconds")
    report.add("likelihoods", method="law of a machine, 3 hidden", ms=1e3 * seconds)


def show(title: str, peak: float | None, plan: Plan, found: Result, report: Report) -> None:
    """Print one comparison and keep it."""
    print(
        f"\n{title}: {COMMENT_HOSTILITY.n_questions} questions, {found.prompt_tokens:.0f} tokens a prompt,",
        end=" ",
    )
    print(
        f"{found.packed_tokens:.0f} packed; {found.texts_a_pass} texts a pass, {plan.tokens} tokens written"
    )
    print(
        f"products of a layer {found.layer_rate / 1e9:.1f} GFLOP/s, square {found.square_rate / 1e9:.1f}",
        end="",
    )
    print(f", data sheet {peak / 1e9:.0f}" if peak else "")
    of_peak = (
        f", {100 * found.prefill_share * found.layer_rate / peak:.0f} % of the data sheet" if peak else ""
    )
    print(
        f"packed: {100 * found.share_all_pairs:.0f} % with hidden pairs; the model's part alone "
        f"{100 * found.prefill_share:.0f} %{of_peak}"
    )
    print(
        f"answers differ by {found.difference:.1e} (in float32 by {found.difference_float32:.1e}); "
        f"written tokens fall short by {found.regret:.1e}"
    )
    print(f"{'method':34s} {'s a text':>9s} {'texts/s':>9s} {'GFLOP':>9s} {'share':>6s} {'ratio':>7s}")
    for line in found.lines:
        print(
            f"{line.method:34s} {line.seconds:9.4f} {1 / line.seconds:9.2f} {line.operations / 1e9:9.1f}"
            f" {100 * line.share:4.0f} % {line.ratio:7.2f}"
        )
        report.add(
            title,
            method=line.method,
            seconds=line.seconds,
            texts_per_second=1 / line.seconds,
            gflop=line.operations / 1e9,
            share=line.share,
            ratio=line.ratio,
            **({"of_data_sheet": line.share * found.layer_rate / peak} if peak else {}),
        )
    report.add(
        f"{title}: conditions",
        questions=COMMENT_HOSTILITY.n_questions,
        tokens_a_prompt=found.prompt_tokens,
        tokens_packed=found.packed_tokens,
        texts_a_pass=found.texts_a_pass,
        tokens_written=plan.tokens,
        rounds=plan.rounds,
        layer_gflops=found.layer_rate / 1e9,
        square_gflops=found.square_rate / 1e9,
        packed_share_all_pairs=found.share_all_pairs,
        prefill_share=found.prefill_share,
        largest_difference=found.difference,
        largest_difference_float32=found.difference_float32,
        **({"data_sheet_gflops": peak / 1e9} if peak else {}),
    )


def too_much(name: str, dtype: torch.dtype, device: Device) -> str:
    """Return why a shape cannot be measured on a device; empty when it can.

    Beside the weights there must be room for a pass: a tenth of the memory.
    """
    if device.kind == "cuda" and dtype is torch.bfloat16 and not device.bfloat16:
        return "the device has no bfloat16 in hardware"
    shape = SHAPES[name]
    embeddings = (1 if shape.tied else 2) * shape.vocabulary * shape.hidden
    size = dtype.itemsize * (shape.layers * weights(shape) + embeddings)
    if device.memory is not None and size > 0.9 * device.memory:
        return f"{size / 1e9:.1f} GB of weights do not fit into {device.memory / 1e9:.1f} GB"
    return ""


def shapes(report: Report, device: str, quick: bool) -> None:
    """Measure every shape that belongs to a device."""
    plan = QUICK if quick else PLANS[device]
    for name, dtype in CASES[device]:
        shape = "tiny" if quick else name
        reason = too_much(shape, dtype, find_device(device))
        if reason:
            print(f"\n{shape}, {dtype}: left out, {reason}")
            continue
        found = compare(shape, dtype, device, plan)
        gpu = torch.cuda.get_device_name() if device == "cuda" else ""
        kind = str(dtype).removeprefix("torch.")
        show(f"{shape}, {kind}", data_sheet_peak(gpu, dtype), plan, found, report)


def main(arguments: list[str] | None = None) -> Report:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=["cpu", "cuda"], help="one device only; else all there are")
    parser.add_argument("--repeats", type=int, default=3, help="of the embedded model and the fits")
    parser.add_argument("--quick", action="store_true", help="a smoke run: tiny shapes, one round")
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args(arguments)
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("set OMP_NUM_THREADS=1: idle threads would count as CPU time")
    torch.set_num_threads(1)
    gpu = torch.cuda.is_available()
    if options.device == "cuda" and not gpu:
        raise SystemExit("torch finds no GPU here; leave --device out, or give --device cpu")
    devices = [options.device] if options.device else ["cpu", *(["cuda"] if gpu else [])]
    facts = machine("numpy", "torch", "transformers", "tokenizers")
    if "cuda" in devices:
        facts["gpu"] = torch.cuda.get_device_name()
    clock = "; ".join(f"{device}: {Clock(device).name}" for device in devices)
    report = Report("sensing", clock, facts)
    print(report.head())
    for device in devices:
        shapes(report, device, options.quick)
    if "cpu" in devices:
        embedded(report, 1 if options.quick else options.repeats)
        likelihoods(report, 1 if options.quick else options.repeats)
    report.write(options.json)
    return report


if __name__ == "__main__":
    main()
