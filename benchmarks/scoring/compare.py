"""One comparison: a shape, a dtype and a device; every method on the same texts, checked before it is timed.

The weights are random, so the answers mean nothing; their equality does.

Checks. In float32 all methods must agree to 1e-5 in P(yes) with one prompt at a time. For a 16-bit dtype this
is checked first on a model of that shape with two layers in float32, on the same device by the same code; the
16-bit answers must then agree within `TOLERANCE`. Every token that the authors' way writes must be the most
probable one in a single pass without a cache, up to a difference of logits of ten times that tolerance.

Times. A round measures the products and every method, one after the other, so that a slow spell hits all; the
median over the rounds counts, and a ratio is one of medians. The authors' way writes 60 tokens, about what a
JSON object with six named booleans takes.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import LlamaForCausalLM

from benchmarks.scoring import counts, methods
from benchmarks.scoring.adapter import Prefill, open_sensor, prompts_of, room_of
from benchmarks.scoring.clock import Clock, layer_products, square_product
from benchmarks.scoring.counts import SHAPES, Work, operations
from benchmarks.scoring.material import json_prompt, long_texts, tokenizer
from llma.sensing import COMMENT_HOSTILITY, TransformersSensor
from llma.sensing.llama import Shape

TOLERANCE = {torch.float32: 1e-5, torch.float16: 0.01, torch.bfloat16: 0.05}
PACKED = "packed"
CACHED = "prefix cached, tails batched"
BATCHED = "K prompts batched"
ALONE = "K prompts one at a time"
WRITTEN = "JSON written, one text at a time"
METHODS = (PACKED, CACHED, BATCHED, ALONE, WRITTEN)
ALL_PAIRS = "packed, hidden pairs counted"

Scorer = Callable[[int], NDArray[np.float64]]


@dataclass(frozen=True)
class Plan:
    """How much: texts of each method, tokens written, rounds, size of the square."""

    texts: dict[str, int]
    tokens: int = 60
    rounds: int = 3
    square: int = 2048


@dataclass(frozen=True)
class Line:
    """One line: seconds and useful operations a text, their rate over the layer's, seconds over packed."""

    method: str
    seconds: float
    operations: float
    share: float
    ratio: float


@dataclass(frozen=True)
class Result:
    """What one comparison found. Rates are in operations a second, differences are in P(yes).

    `share_all_pairs` is the share of packed scoring if pairs hidden by the mask counted as work, as they do
    where a program multiplies them all the same. `prefill_share` is that of the model's part alone, without
    rendering and tokenising.
    """

    lines: list[Line]
    layer_rate: float
    square_rate: float
    difference: float
    difference_float32: float
    regret: float
    prompt_tokens: float
    packed_tokens: float
    texts_a_pass: int
    share_all_pairs: float
    prefill_share: float


@dataclass(frozen=True)
class Bench:
    """A model, the prompts of the texts, and each scoring method as a function of the number of texts."""

    model: LlamaForCausalLM
    prompts: list[list[list[int]]]
    sensor: TransformersSensor
    scorers: dict[str, Scorer]

    @classmethod
    def open(cls, model: LlamaForCausalLM, texts: list[str]) -> Bench:
        """Set all methods up."""
        sensor = open_sensor(model)
        prompts = prompts_of(sensor, texts, COMMENT_HOSTILITY)
        longest = max(len(ids) for one in prompts for ids in one)
        few = max(1, room_of(model).tokens // (COMMENT_HOSTILITY.n_questions * longest))
        labels = (tokenizer().token_to_id("Yes"), tokenizer().token_to_id("No"))
        scorers: dict[str, Scorer] = {
            PACKED: lambda n: sensor.probabilities(texts[:n], COMMENT_HOSTILITY),
            CACHED: lambda n: methods.cached(model, prompts[:n], labels),
            BATCHED: lambda n: methods.batched(model, prompts[:n], labels, few),
            ALONE: lambda n: methods.one_at_a_time(model, prompts[:n], labels),
        }
        return cls(model, prompts, sensor, scorers)

    def checked(self, n: int, dtype: torch.dtype) -> float:
        """Return the largest difference from one prompt at a time over n texts.

        Raises
        ------
        RuntimeError
            When it is above the tolerance, or when the answers hardly vary and equality shows nothing.
        """
        answers = {name: ask(n) for name, ask in self.scorers.items()}
        reference = answers.pop(ALONE)
        if np.ptp(reference) < 1e-3:
            raise RuntimeError(f"the answers vary by {np.ptp(reference):.1e} only; equality shows nothing")
        worst = {name: float(np.abs(found - reference).max()) for name, found in answers.items()}
        for name, difference in worst.items():
            if not difference <= TOLERANCE[dtype]:
                raise RuntimeError(
                    f"{name}: answers in {dtype} differ by {difference:.1e}, more than {TOLERANCE[dtype]}; "
                    "no ratio is quoted"
                )
        return max(worst.values())

    def written(self, asked: list[list[int]], tokens: int, dtype: torch.dtype) -> float:
        """Return by how much a written token falls short of the most probable one; refuse too much."""
        written = methods.generate(self.model, asked, tokens)
        short = max(methods.regret(self.model, *pair) for pair in zip(asked, written, strict=True))
        if not short <= 10 * TOLERANCE[dtype]:
            raise RuntimeError(f"a written token falls short of the most probable one by {short:.1e}")
        return short


def medians(calls: dict[str, Callable[[], object]], clock: Clock, rounds: int) -> dict[str, float]:
    """Return the median seconds of each call over rounds of all, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for k in range(rounds + 1):
        for name, call in calls.items():
            seconds = clock.seconds(call)
            if k:
                times[name].append(seconds)
    return {name: statistics.median(found) for name, found in times.items()}


def needed(shape: Shape, bench: Bench, asked: list[list[int]], plan: Plan) -> dict[str, float]:
    """Return the useful operations of each method, a text, over the texts that it is timed on."""
    useful: dict[str, Callable[[int], Work]] = {
        PACKED: lambda i: counts.packed(bench.prompts[i]),
        CACHED: lambda i: counts.packed(bench.prompts[i]),
        BATCHED: lambda i: counts.apart(bench.prompts[i]),
        ALONE: lambda i: counts.apart(bench.prompts[i]),
        WRITTEN: lambda i: counts.generated(len(asked[i]), plan.tokens, shape.vocabulary),
        ALL_PAIRS: lambda i: counts.all_pairs(counts.packed(bench.prompts[i])),
    }
    texts = {**plan.texts, ALL_PAIRS: plan.texts[PACKED]}
    return {
        name: sum(operations(shape, work(i)) for i in range(texts[name])) / texts[name]
        for name, work in useful.items()
    }


def compare(name: str, dtype: torch.dtype, device: str, plan: Plan) -> Result:
    """Check and time all methods on one shape."""
    shape = SHAPES[name]
    texts = long_texts(max(plan.texts.values()))
    few = plan.texts[ALONE]
    exact = None
    if dtype is not torch.float32:
        small = methods.random_model(shape, torch.float32, device, layers=2)
        exact = Bench.open(small, texts).checked(few, torch.float32)
        del small
    bench = Bench.open(methods.random_model(shape, dtype, device), texts)
    difference = bench.checked(few, dtype)
    asked = [json_prompt(text) for text in texts[: plan.texts[WRITTEN]]]
    short = bench.written(asked, plan.tokens, dtype)

    prefill = Prefill.of(bench.sensor, bench.model, bench.prompts[: plan.texts[PACKED]])
    rows = sum(counts.packed(prompts).tokens for prompts in bench.prompts[: prefill.texts])
    layer, layer_operations = layer_products(shape, rows, dtype, device)
    square, square_operations = square_product(plan.square, dtype, device)
    calls: dict[str, Callable[[], object]] = {
        "layer": lambda: [layer() for _ in range(8)],
        "square": square,
        "prefill": prefill,
        WRITTEN: lambda: methods.generate(bench.model, asked, plan.tokens),
    }
    for method, ask in bench.scorers.items():
        calls[method] = partial(ask, plan.texts[method])
    seconds = medians(calls, Clock(device), plan.rounds)

    rate = 8 * layer_operations / seconds["layer"]
    work = needed(shape, bench, asked, plan)
    each = {method: seconds[method] / n for method, n in plan.texts.items()}
    lines = [
        Line(
            method,
            each[method],
            work[method],
            work[method] / each[method] / rate,
            each[method] / each[PACKED],
        )
        for method in METHODS
    ]
    return Result(
        lines=lines,
        layer_rate=rate,
        square_rate=square_operations / seconds["square"],
        difference=difference,
        difference_float32=difference if exact is None else exact,
        regret=short,
        prompt_tokens=float(np.mean([len(ids) for prompts in bench.prompts for ids in prompts])),
        packed_tokens=float(np.mean([counts.packed(prompts).tokens for prompts in bench.prompts])),
        texts_a_pass=prefill.texts,
        share_all_pairs=work[ALL_PAIRS] / each[PACKED] / rate,
        prefill_share=work[PACKED] * plan.texts[PACKED] / seconds["prefill"] / rate,
    )
