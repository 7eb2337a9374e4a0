"""An OpenAI-compatible server on the embedded model, that can misbehave in every way that servers do.

It uses the standard library alone and real sockets. `faults` decides, for each request, what goes wrong:

    rate      429 with Retry-After          error     500
    cut       half of the body, then the connection is closed
    malformed a body that is no JSON        shape     JSON of another shape
    mute      chat without log-probabilities
    refuse    the model declines            filter    400, the text does not pass a filter
    drip      the reply comes byte by byte
    slow      the reply comes after `delay` seconds
    long      400, the text is too long     quota     429, the account is empty
    key       401, with the key in the message

`paid` holds what was answered well: a real server sends a bill for it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from llma.sensing.questions import ROLE_TOKENS, Question, prompt

STATUS = {
    "rate": (429, {"message": "slow down", "code": "rate_limit_exceeded"}),
    "quota": (429, {"message": "no credit", "code": "insufficient_quota"}),
    "error": (500, {"message": "out of order", "code": None}),
    "filter": (400, {"message": "flagged", "code": "content_filter"}),
    "long": (400, {"message": "This model's maximum context length is 9 tokens", "code": None}),
}


@dataclass
class Model:
    """What the server knows: the embedded model, its answers kept for speed, and its moods."""

    sensor: object
    faults: Callable[[int, str], str] = lambda n, path: ""
    decisions: bool = True
    logprobs: bool = True
    forms: tuple[str, ...] = ("json_schema", "json_object")
    limits: tuple[str, ...] = ("max_completion_tokens", "max_tokens")
    delay: float = 0.5
    retry_after: str = "0.02"
    write: Callable[[dict], str] = json.dumps
    url: str = ""
    seen: list = field(default_factory=list)
    paid: list = field(default_factory=list)
    keys: set = field(default_factory=set)
    busy: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def p(self, text: str, wording: str) -> float:
        with self.lock:
            return p_yes(self.sensor, text, wording)

    def top(self, content: str) -> list[dict]:
        with self.lock:
            return [
                {"token": token, "logprob": math.log(p), "bytes": list(token.encode())}
                for token, p in first_tokens(self.sensor, content)
            ]


@cache
def p_yes(sensor, text: str, wording: str) -> float:
    return float(sensor.probabilities([text], [Question("q", wording)])[0, 0])


@cache
def first_tokens(sensor, content: str) -> list[tuple[str, float]]:
    for token in ROLE_TOKENS:
        content = content.replace(token, "< " + token[1:])
    return list(sensor.next_token(f"<s><|user|>{content}<|assistant|>").items())[:20]


def fingerprint(key: str) -> str:
    """The server keeps no key either."""
    return hashlib.sha256(key.encode()).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: Model

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        model, key = self.model, self.headers.get("authorization", "").removeprefix("Bearer ")
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with model.lock:
            n = len(model.seen)
            model.seen.append((self.path, body))
            model.keys.add(fingerprint(key))
            model.busy += 1
            model.busiest = max(model.busiest, model.busy)
        try:
            self.answer(body, model.faults(n, self.path), key)
        finally:
            with model.lock:
                model.busy -= 1

    def answer(self, body, fault, key):
        model = self.model
        if fault == "slow":
            time.sleep(model.delay)
        if fault == "key":
            return self.reply({"error": {"message": f"bad key {key}", "code": "invalid_api_key"}}, 401)
        if fault in STATUS:
            status, error = STATUS[fault]
            return self.reply({"error": error}, status)
        if self.path.endswith("/decisions") and model.decisions:
            reply, asked = self.decide(body, fault)
        elif self.path.endswith("/chat/completions"):
            reply, asked = self.chat(body, fault)
        else:
            return self.reply({"error": {"message": "no such path", "code": None}}, 404)
        if asked is None:
            return self.reply(reply, 400)
        if fault in ("cut", "drip"):
            return self.cut(reply) if fault == "cut" else self.drip(reply)
        if fault in ("malformed", "shape"):
            return self.reply("{ nonsense" if fault == "malformed" else {"hello": [1]})
        if not (fault == "mute" and body.get("logprobs")):
            with model.lock:
                model.paid.extend(asked)
        return self.reply(reply)

    def decide(self, body, fault):
        answers = []
        for question in body["questions"]:
            assert question["type"] == "predicate"
            common = {"name": question.get("name")}
            if fault == "refuse":
                answers.append(common | {"type": "refusal"})
                continue
            p = self.model.p(body["input"], question["instructions"])
            answers.append(common | {"type": "predicate", "probability": p})
        usage = {
            "input_tokens": len(body["input"]) // 4,
            "output_tokens": len(answers),
            "total_tokens": len(body["input"]) // 4 + len(answers),
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        asked = [(body["input"], question["instructions"]) for question in body["questions"]]
        return {"model": body["model"], "answers": answers, "usage": usage}, asked

    def chat(self, body, fault):
        model = self.model
        for name in ("max_completion_tokens", "max_tokens"):
            if name in body and name not in model.limits:
                return {"error": {"message": f"Unsupported parameter: '{name}'", "code": None}}, None
        form = body.get("response_format", {}).get("type")
        if form is not None and form not in model.forms:
            return {"error": {"message": f"response_format {form} is unknown", "code": None}}, None
        content = body["messages"][0]["content"]
        choice = {"index": 0, "finish_reason": "stop", "logprobs": None}
        if "Reply with one JSON object" in content:
            text, _, rest = content.partition("\n\nAnswer these questions about the text above.\n")
            listed = dict(re.findall(r"^(\w+): (.+\?)$", rest, re.MULTILINE))
            written = model.write({key: model.p(text, wording) > 0.5 for key, wording in listed.items()})
            asked = [(text, wording) for wording in listed.values()]
        else:
            before = content.removesuffix("\nAnswer Yes or No only.")
            text, _, wording = before.rpartition("\n\n")
            asked, top = [(text, wording)], model.top(content)
            written = top[0]["token"]
            if body.get("logprobs") and model.logprobs and fault != "mute":
                top = top[: body["top_logprobs"]]
                choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}], "refusal": None}
        choice["message"] = {"role": "assistant", "content": written, "refusal": None}
        if fault == "refuse":
            choice["message"] = {"role": "assistant", "content": None, "refusal": "I will not say."}
            choice["logprobs"] = None
        usage = {"prompt_tokens": len(content) // 4, "completion_tokens": 1, "total_tokens": 0}
        common = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
        return common | {"choices": [choice], "usage": usage}, asked

    def send(self, data, status, length):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(length))
        if status == 429:
            self.send_header("retry-after", self.model.retry_after)
        self.end_headers()
        self.wfile.write(data)

    def reply(self, content, status=200):
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        try:
            self.send(data, status, len(data))
        except OSError:
            self.close_connection = True  # the client has gone

    def cut(self, content):
        data = json.dumps(content).encode()
        self.send(data[: len(data) // 2], 200, len(data))
        self.close_connection = True

    def drip(self, content):
        data = json.dumps(content).encode()
        self.close_connection = True
        try:
            self.send(data[:1], 200, len(data))
            for i in range(1, len(data)):
                time.sleep(0.05)
                self.wfile.write(data[i : i + 1])
        except OSError:
            return  # the client has given up


def in_turn(faults: Iterable[str]) -> Callable[[int, str], str]:
    """The faults one after the other, then none."""
    listed = list(faults)
    return lambda n, path: listed[n] if n < len(listed) else ""


def at_random(share: float, seed: int, kinds: Iterable[str]) -> Callable[[int, str], str]:
    """Each request goes wrong with that probability."""
    rng, listed, lock = np.random.default_rng(seed), list(kinds), threading.Lock()

    def fault(n: int, path: str) -> str:
        with lock:
            return str(rng.choice(listed)) if rng.random() < share else ""

    return fault


@contextmanager
def serving(sensor, **settings) -> Iterator[Model]:
    """Run the server on a free port of this machine until the end of the block."""
    model = Model(sensor, **settings)
    handler = type("Bound", (Handler,), {"model": model})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()


assert prompt("{t}", "{q}") == "<s><|user|>{t}\n\n{q}\nAnswer Yes or No only.<|assistant|>"
