"""A paid run at its worst: every fault at random, kills in the middle, several runs at once."""

import json
import logging
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from llma.sensing import PRODUCT_REVIEW, Budget, OpenAISensor, ScriptedSensor, open_sensor, record
from llma.sensing.answers import read_record
from llma.sensing.client import KEY
from tests.sensing.server import at_random, serving
from tests.sensing.test_openai import decisions

SECRET = "sk" + "-made-up-for-this-test-0123456789"
ROOT = Path(__file__).parents[2]
THINGS = ["lid", "lamp", "chair", "kettle", "strap", "zip", "screen", "handle", "wheel", "box"]
VERDICTS = ["broke", "is fine", "came late", "is as good as new", "wobbles"]
PASSING = ["rate", "error", "cut", "malformed", "shape", "mute", "slow"]
CONCURRENCY = 8


def texts(n):
    return [f"The {THINGS[i % 10]} {VERDICTS[i // 10 % 5]} after {i} days." for i in range(n)]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture(scope="module")
def sensor():
    return open_sensor("tiny")


def check_files(folder):
    for file in folder.iterdir():
        assert SECRET.encode() not in file.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "n"), [("logprobs", 250), pytest.param("decisions", 400, marks=decisions.marks), ("json", 400)]
)
def test_a_thousand_requests_with_every_fault_at_random(sensor, tmp_path, caplog, method, n):
    caplog.set_level(logging.DEBUG)
    path, asked = tmp_path / "a.jsonl", PRODUCT_REVIEW
    truth = sensor.probabilities(texts(n), asked)
    if method != "logprobs":  # the embedded model's answers, looked up
        wordings = [question.text for question in asked.questions]
        table = {
            (t, w): p
            for t, row in zip(texts(n), truth, strict=True)
            for w, p in zip(wordings, row, strict=True)
        }
        sensor = ScriptedSensor(lambda text, question: table[text, question.text])
    kinds = [*PASSING, "refuse", "filter"]
    with serving(sensor, faults=at_random(0.4, 1, kinds), delay=0.02, retry_after="0.01") as server:
        budget = Budget(calls=100_000)
        worker = OpenAISensor(
            "tiny", base_url=server.url, method=method, budget=budget, tries=40, first_wait=0.002, show=None
        )
        with record(worker, path) as kept:
            found = kept.probabilities(texts(n), asked)
        requests = n * asked.n_questions if method == "logprobs" else n
        assert len(server.seen) > 1.15 * requests
        assert budget.spent.calls == len(server.seen)
    # Nothing that was paid for was asked for twice, and nothing is missing. (A text that the filter stopped
    # is not paid for and has no answer.)
    paid = Counter(server.paid)
    assert set(paid.values()) == {1}
    rows = {(r["text"], r["question"]): row.p for row in read_record(path) for r in [json.loads(row.request)]}
    assert len(rows) == n * asked.n_questions
    refused = {place for place, p in rows.items() if p is None}
    assert set(rows) - set(paid) <= refused
    wanted = (truth > 0.5).astype(float) if method == "json" else truth
    answered = ~np.isnan(found)
    assert 0.8 < answered.mean() < 1
    # Two orders of summation in float32 differ in the last digits.
    assert np.allclose(found[answered], wanted[answered], atol=5e-5)
    assert (~answered).sum() == len(refused)
    assert SECRET not in caplog.text
    check_files(tmp_path)


RUN = """
import sys
from llma.sensing import PRODUCT_REVIEW, OpenAISensor, record
from tests.sensing.test_faults import texts
url, path, n, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
listed = texts(n)
if seed:
    import random
    random.Random(seed).shuffle(listed)
sensor = OpenAISensor("tiny", base_url=url, method="logprobs", first_wait=0.01, show=None)
with record(sensor, path) as kept:
    print("start", flush=True)
    found = kept.probabilities(listed, PRODUCT_REVIEW)
print(found.sum(), flush=True)
"""


def start(server, path, n, seed=0):
    arguments = [sys.executable, "-c", RUN, server.url, str(path), str(n), str(seed)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(arguments, cwd=ROOT, text=True, **pipes)


@pytest.mark.slow
def test_twenty_kills_in_the_middle_and_an_exact_resume(sensor, tmp_path):
    path, n, rng = tmp_path / "a.jsonl", 160, random.Random(0)
    total = n * PRODUCT_REVIEW.n_questions
    with serving(sensor, faults=lambda number, route: "slow", delay=0.01) as server:
        for _ in range(20):
            worker = start(server, path, n)
            assert worker.stdout.readline() == "start\n"
            aim = len(server.paid) + rng.randrange(3, 20)
            while len(server.paid) < aim and worker.poll() is None:
                time.sleep(0.001)
            worker.send_signal(signal.SIGKILL)
            _, errors = worker.communicate()
            assert worker.returncode == -signal.SIGKILL, errors
            time.sleep(0.05)  # calls that the killed client left behind
        assert len(server.paid) < total
        worker = start(server, path, n)
        _, errors = worker.communicate(timeout=300)
        assert worker.returncode == 0, errors
        lost = len(server.paid) - total
    # A call whose answer was on its way when the kill fell cannot be saved: at most one for each worker.
    assert 0 <= lost <= 20 * CONCURRENCY
    assert len(set(server.paid)) == total
    rows = list(read_record(path))
    assert len(rows) == total
    with record(OpenAISensor("tiny", base_url=server.url, method="logprobs", show=None), path) as kept:
        found = kept.probabilities(texts(n), PRODUCT_REVIEW)
    assert np.allclose(found, sensor.probabilities(texts(n), PRODUCT_REVIEW), atol=5e-5)
    check_files(tmp_path)


@pytest.mark.slow
def test_eight_runs_write_one_record(sensor, tmp_path):
    path, n = tmp_path / "a.jsonl", 30
    with serving(sensor, faults=at_random(0.2, 2, ["rate", "cut", "error", "malformed"])) as server:
        workers = [start(server, path, n, seed) for seed in range(1, 9)]
        outputs = [worker.communicate(timeout=300) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 8, outputs
    # All of them read the same stored answers.
    sums = {round(float(out.split()[-1]), 9) for out, _ in outputs}
    assert len(sums) == 1
    assert len(list(read_record(path))) == n * PRODUCT_REVIEW.n_questions
    assert all(SECRET not in text for output in outputs for text in output)
    check_files(tmp_path)
