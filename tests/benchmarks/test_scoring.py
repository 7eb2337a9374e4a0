"""The comparison of ways to score: operations counted, methods equal, a wrong one refused, a smoke run."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import sensing
from benchmarks.scoring import clock, compare, counts, methods
from benchmarks.scoring.compare import ALONE, BATCHED, CACHED, PACKED, TOLERANCE, WRITTEN, Bench, Plan
from benchmarks.scoring.counts import SHAPES, Work, operations
from benchmarks.scoring.material import TEXT_TOKENS, json_prompt, length, long_texts
from llma.sensing.packing import pack
from llma.sensing.placing import Device
from llma.sensing.scoring import gaps

TINY = SHAPES["tiny"]
PLAN = Plan({PACKED: 3, CACHED: 2, BATCHED: 3, ALONE: 2, WRITTEN: 1}, tokens=5, rounds=1, square=64)
PARAMETERS = {"smollm2-135m": 134_515_008, "llama-3.2-1b": 1_235_814_400, "llama-3.1-8b": 8_030_261_248}


@pytest.fixture(scope="module")
def model():
    return methods.random_model(TINY, torch.float32, "cpu")


@pytest.fixture(scope="module")
def bench(model):
    return Bench.open(model, long_texts(3))


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_shapes_have_the_published_numbers_of_parameters(name):
    model = methods.random_model(SHAPES[name], torch.bfloat16, "meta")
    assert sum(parameter.numel() for parameter in model.parameters()) == PARAMETERS[name]
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("rows", [1, 7])
def test_operations_are_those_that_torch_counts(model, rows):
    ids = torch.randint(TINY.vocabulary, (1, 23))
    model.set_attn_implementation("eager")  # it multiplies hidden pairs too, so all of them are counted
    try:
        with FlopCounterMode(display=False) as counter, torch.inference_mode():
            model(ids, use_cache=False, logits_to_keep=rows)
    finally:
        model.set_attn_implementation("sdpa")
    assert counter.get_total_flops() == operations(TINY, Work(23, 23**2, rows * TINY.vocabulary))


def test_operations_of_the_sensor_are_those_that_torch_counts(model):
    prompts = [[1, 2, 3, 4], [1, 2, 5], [1, 2, 5, 6, 7]]
    model.set_attn_implementation("eager")
    try:
        with FlopCounterMode(display=False) as counter:
            gaps(model, [pack(prompts)], (3, 4))
    finally:
        model.set_attn_implementation("sdpa")
    work = dataclasses.replace(counts.all_pairs(counts.packed(prompts)), rows=0)  # torch leaves vectors out
    assert counter.get_total_flops() == operations(TINY, work)


def test_work_of_packed_prompts_is_counted_pair_by_pair():
    prompts = [[1, 2, 3, 4], [1, 2, 5], [1, 2, 5, 6, 7]]
    prefix, tails = 2, [2, 1, 3]
    pairs = prefix * (prefix + 1) // 2 + sum(n * prefix + n * (n + 1) // 2 for n in tails)
    assert counts.packed(prompts) == Work(prefix + sum(tails), pairs, 6, unread=prefix + sum(tails) - 3)
    assert counts.apart(prompts) == Work(12, 10 + 6 + 15, 6)


@pytest.mark.parametrize(("n", "new"), [(1, 1), (5, 4)])
def test_work_of_writing_is_that_of_its_steps(n, new):
    steps = [(n, n * (n + 1) // 2), *((1, n + k) for k in range(1, new))]
    assert counts.generated(n, new, 9) == Work(sum(t for t, _ in steps), sum(p for _, p in steps), 9 * new)


def test_texts_are_as_long_as_announced_and_differ():
    texts = long_texts(6)
    assert len(set(texts)) == 6
    assert all(TEXT_TOKENS - 15 <= length(text) <= TEXT_TOKENS for text in texts)
    assert len(json_prompt(texts[0])) > length(texts[0]) + 60


@pytest.mark.parametrize("name", [PACKED, CACHED, BATCHED])
def test_all_methods_give_the_answers_of_one_prompt_at_a_time(bench, name):
    wanted = bench.scorers[ALONE](3)
    assert wanted.shape == (3, 6)
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(bench.scorers[name](3), wanted, atol=1e-6)


@pytest.mark.parametrize("shift", [2e-5, np.nan])
def test_a_method_that_differs_is_not_quoted(bench, shift):
    wrong = dataclasses.replace(
        bench, scorers={**bench.scorers, CACHED: lambda n: bench.scorers[CACHED](n) + shift}
    )
    assert bench.checked(2, torch.float32) < 1e-6
    with pytest.raises(RuntimeError, match="prefix cached, tails batched: answers in"):
        wrong.checked(2, torch.float32)


def test_answers_that_do_not_vary_show_nothing(bench):
    constant = {name: lambda n: np.full((n, 6), 0.5) for name in bench.scorers}
    with pytest.raises(RuntimeError, match="equality shows nothing"):
        dataclasses.replace(bench, scorers=constant).checked(2, torch.float32)


def test_written_tokens_are_the_most_probable_ones(model, bench):
    (asked,) = [json_prompt(text) for text in long_texts(1)]
    (written,) = methods.generate(model, [asked], 7)
    assert len(written) == 7
    assert methods.regret(model, asked, written) < 1e-5
    for k in range(7):
        wrong = list(written)
        wrong[k] = (wrong[k] + 1) % TINY.vocabulary
        assert methods.regret(model, asked, wrong) > 1e-4
    assert bench.written([asked], 7, torch.float32) < 1e-5


def test_a_wrong_token_is_refused(bench, monkeypatch):
    monkeypatch.setattr(methods, "generate", lambda model, texts, new: [[5, 6] * (new // 2) for _ in texts])
    with pytest.raises(RuntimeError, match="falls short"):
        bench.written([[1, 2, 3]], 4, torch.float32)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_comparison_runs_as_on_a_gpu(dtype):
    found = compare.compare("tiny", dtype, "cpu", PLAN)
    lines = {line.method: line for line in found.lines}
    assert list(lines) == [PACKED, CACHED, BATCHED, ALONE, WRITTEN]
    assert lines[PACKED].ratio == 1
    assert max(lines[m].operations for m in (PACKED, CACHED)) < lines[BATCHED].operations / 3
    assert all(
        line.share == pytest.approx(line.operations / line.seconds / found.layer_rate)
        for line in lines.values()
    )
    assert found.share_all_pairs > lines[PACKED].share
    assert found.prefill_share > 0
    assert found.difference_float32 <= 1e-5
    assert found.difference <= TOLERANCE[dtype]
    assert 200 < found.prompt_tokens < found.packed_tokens < 320


def test_the_smoke_run_keeps_what_it_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    try:
        sensing.main(["--quick", "--device", "cpu", "--json", str(tmp_path / "sensing.json")])
    finally:
        torch.set_num_threads(before)
    kept = json.loads((tmp_path / "sensing.json").read_text())
    printed = capsys.readouterr().out
    assert kept["machine"]["torch"] == torch.__version__
    assert {row["method"] for row in kept["tables"]["tiny, float32"]} == {
        PACKED,
        CACHED,
        BATCHED,
        ALONE,
        WRITTEN,
    }
    (conditions,) = kept["tables"]["tiny, float32: conditions"]
    assert conditions["questions"] == 6
    assert f"products of a layer {conditions['layer_gflops']:.1f}"[:-2] in printed
    assert kept["tables"]["embedded"][0]["ratio"] == 1


def test_what_a_device_cannot_do_is_left_out():
    t4 = Device("cuda", 15_600_000_000)
    assert "bfloat16" in sensing.too_much("llama-3.2-1b", torch.bfloat16, t4)
    assert sensing.too_much("llama-3.2-1b", torch.float16, t4) == ""
    assert "16.1 GB of weights do not fit into 15.6 GB" in sensing.too_much("llama-3.1-8b", torch.float16, t4)
    big = Device("cuda", 80_000_000_000, bfloat16=True)
    assert all(sensing.too_much(name, dtype, big) == "" for name, dtype in sensing.CASES["cuda"])


def test_a_gpu_is_waited_for_before_and_after(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: done.append(f"wait for {device}"))
    seconds = clock.Clock("cuda").seconds(lambda: done.append("work"), 2)
    assert done == ["wait for cuda", "work", "work", "wait for cuda"]
    assert seconds >= 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_not_measured(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    try:
        with pytest.raises(SystemExit, match="torch finds no GPU here"):
            sensing.main(["--device", "cuda"])
    finally:
        torch.set_num_threads(before)


def test_more_than_one_thread_is_refused(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with pytest.raises(SystemExit, match="OMP_NUM_THREADS=1"):
        sensing.main(["--quick"])
