"""A server that we did not write: `transformers serve` with the embedded model, on this machine, offline."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import openai
import pytest

from llma.sensing import PRODUCT_REVIEW, OpenAISensor, SensorError, open_sensor, prompt, record
from llma.sensing.tiny import WEIGHTS

TEXTS = ["The kettle broke after two days.", "A sturdy chair; I would buy it again."]
PATIENCE = 300  # seconds until the server answers; 40 on an idle machine


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    home = tmp_path_factory.mktemp("hub")
    (home / "hub").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
    program = str(Path(sys.executable).with_name("transformers"))
    arguments = ["serve", str(WEIGHTS), "--device", "cpu", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("w") as log:
        server = subprocess.Popen([program, *arguments], env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, home / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url, server, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.5)
    raise TimeoutError(log.read_text()[-2000:])


@pytest.mark.slow
def test_what_it_lacks_is_said_and_what_it_writes_is_read_or_nan(address, tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    # It has no decisions, ignores the fields `logprobs` and `response_format`, and the model inside has never
    # seen JSON. So no method works, and each reason is named.
    with pytest.raises(SensorError) as raised:
        OpenAISensor(str(WEIGHTS), base_url=address, show=None).probabilities(TEXTS, PRODUCT_REVIEW)
    for reason in (
        "decisions: the server answered 404",
        "the server ignores `logprobs`",
        "where JSON was asked",
    ):
        assert reason in str(raised.value)
    # Who insists on JSON gets what can be read, and the run comes to its end.
    forced = OpenAISensor(str(WEIGHTS), base_url=address, method="json", max_output=16, show=None)
    with record(forced, tmp_path / "a.jsonl") as kept:
        found = kept.probabilities(TEXTS, PRODUCT_REVIEW)
    assert found.shape == (2, 4)
    assert (np.isnan(found) | np.isin(found, [0.0, 1.0])).all()


@pytest.mark.slow
def test_the_reference_implementation_writes_the_words_that_we_compute(address):
    tiny = open_sensor("tiny")
    with openai.OpenAI(base_url=address, api_key="none", timeout=120) as client:
        for text in TEXTS:
            for question in PRODUCT_REVIEW.questions:
                content = prompt(text, question).removeprefix("<s><|user|>").removesuffix("<|assistant|>")
                reply = client.chat.completions.create(
                    model=str(WEIGHTS),
                    messages=[{"role": "user", "content": content}],
                    max_tokens=1,
                    temperature=0,
                )
                p = tiny.probabilities([text], [question]).item()
                if abs(p - 0.5) > 0.01:  # float16 against float32
                    assert reply.choices[0].message.content == ("Yes" if p > 0.5 else "No")
