"""The real openai client against a server of our own, over real sockets."""

import asyncio
import logging
import time
import traceback

import numpy as np
import openai
import pytest

from llma.sensing import (
    PRODUCT_REVIEW,
    Budget,
    BudgetSpentError,
    OpenAISensor,
    Question,
    SensorError,
    UnreadableText,
    open_sensor,
    record,
    replay,
)
from llma.sensing.client import KEY
from tests.sensing.server import fingerprint, in_turn, serving

SECRET = "sk" + "-made-up-for-this-test-0123456789"
TEXTS = ["A sturdy chair; I would buy it again.", "The kettle broke after two days.", "The lid is {loose}."]
ASKED = PRODUCT_REVIEW
SIZE = len(TEXTS) * ASKED.n_questions
HAS_DECISIONS = hasattr(openai.AsyncOpenAI, "decisions")
decisions = pytest.param(
    "decisions", marks=pytest.mark.skipif(not HAS_DECISIONS, reason="decisions came with openai 3")
)
# The best method that asks all questions about a text in one call.
ONE_CALL = "decisions" if HAS_DECISIONS else "json"


def answered(truth, method):
    """Return what a method gives where the truth is known: the JSON holds bits."""
    return (truth > 0.5).astype(float) if method == "json" else truth


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture(scope="module")
def sensor():
    """The embedded model: a random one has neither Yes nor No among its first twenty tokens."""
    return open_sensor("tiny")


@pytest.fixture(scope="module")
def truth(sensor):
    return sensor.probabilities(TEXTS, ASKED)


def client(server, **settings):
    return OpenAISensor("tiny", base_url=server.url, **{"first_wait": 0.01, "show": None} | settings)


@pytest.mark.parametrize(
    ("settings", "method", "calls"),
    [
        pytest.param({}, "decisions", len(TEXTS) - 1, marks=decisions.marks),
        ({"decisions": False}, "logprobs", SIZE),
        ({"decisions": False, "limits": ("max_tokens",)}, "logprobs", 1 + SIZE),
        ({"decisions": False, "logprobs": False}, "json", 1 + len(TEXTS)),
        ({"decisions": False, "logprobs": False, "forms": ("json_object",)}, "json", 2 + len(TEXTS)),
        ({"decisions": False, "logprobs": False, "forms": (), "write": str}, "json", 3 + len(TEXTS)),
    ],
)
def test_the_best_method_that_the_server_has_is_found_and_said(sensor, truth, settings, method, calls):
    calls += HAS_DECISIONS  # the call that finds out, or succeeds
    said = []
    with serving(sensor, **settings) as server:
        asked = client(server, show=said.append)
        assert asked.method == "auto"
        found = asked.probabilities(TEXTS, ASKED)
    assert asked.method == method
    assert any(f"asked by {method}" in line for line in said)
    assert len(server.seen) == calls
    assert np.allclose(found, answered(truth, method), atol=2e-5)
    assert asked.budget.spent.calls == calls
    assert server.keys == {fingerprint(SECRET)}


def test_a_server_that_ignores_logprobs_is_detected(sensor):
    with serving(sensor, decisions=False, logprobs=False) as server:
        with pytest.raises(
            SensorError, match="none of the methods works: logprobs: the server ignores `logprobs`"
        ):
            client(server, method="logprobs").probabilities(TEXTS, ASKED)
        said = []
        client(server, show=said.append).probabilities(TEXTS, ASKED)
    assert "no logprobs: the server ignores `logprobs`" in said[-1]


def test_a_client_without_decisions_is_asked_for_the_next_method(sensor, truth, monkeypatch):
    """As version 2, which Colab has."""
    monkeypatch.delattr(openai.AsyncOpenAI, "decisions", raising=False)
    said = []
    with serving(sensor) as server:
        found = client(server, show=said.append).probabilities(TEXTS, ASKED)
        with pytest.raises(SensorError, match=r"decisions: openai .* does not have it, version 3 does"):
            client(server, method="decisions").probabilities(TEXTS, ASKED)
    assert np.allclose(found, truth, atol=2e-5)
    assert "asked by logprobs; no decisions: openai" in said[-1]
    assert len(server.seen) == SIZE


def test_a_model_that_begins_with_neither_yes_nor_no_is_asked_for_json(sensor, monkeypatch):
    thinking = [{"token": "<think>", "logprob": 0.0, "bytes": None}]
    with serving(sensor, decisions=False) as server:
        monkeypatch.setattr(server, "top", lambda content: thinking)
        asked = client(server)
        assert np.isin(asked.probabilities(TEXTS, ASKED), [0.0, 1.0]).all()
        assert asked.method == "json"
        assert np.isnan(client(server, method="logprobs").probabilities(TEXTS, ["Is it so?"])).all()


FAULTS = ["rate", "error", "cut", "malformed", "shape"]


@pytest.mark.parametrize("method", [decisions, "logprobs", "json"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_costs_an_attempt_and_no_answer(sensor, truth, method, fault):
    with serving(sensor, faults=in_turn([fault, fault, "", fault])) as server:
        asked = client(server, method=method, concurrency=1)
        found = asked.probabilities(TEXTS, ASKED)
    good = SIZE if method == "logprobs" else len(TEXTS)
    assert len(server.seen) == good + 3 == asked.budget.spent.calls
    assert len(server.paid) == SIZE == len(set(server.paid))
    assert np.allclose(found, answered(truth, method), atol=2e-5)


def test_a_reply_without_logprobs_in_the_middle_of_a_run_is_asked_for_again(sensor, truth):
    with serving(sensor, faults=in_turn(["", "", "mute", "mute"])) as server:
        asked = client(server, method="logprobs", concurrency=2)
        assert np.allclose(asked.probabilities(TEXTS, ASKED), truth, atol=2e-5)
    assert len(server.seen) == SIZE + 2


@pytest.mark.parametrize("method", [decisions, "logprobs", "json"])
@pytest.mark.parametrize("fault", ["refuse", "filter"])
def test_a_refusal_is_nan_and_is_not_asked_for_again(sensor, tmp_path, method, fault):
    path = tmp_path / "a.jsonl"
    with serving(sensor, faults=in_turn(["", fault])) as server:
        for _ in range(2):
            with record(client(server, method=method, concurrency=1), path) as kept:
                found = kept.probabilities(TEXTS[:2], ASKED)
    refused = 1 if method == "logprobs" else 4
    assert np.isnan(found).sum() == refused
    assert len(server.seen) == (8 if method == "logprobs" else 2)
    assert path.read_text().count('"answer":null') == refused


def test_the_server_is_left_alone_for_as_long_as_it_asks(sensor):
    with serving(sensor, faults=in_turn(["rate"]), retry_after="0.3") as server:
        begin = time.monotonic()
        client(server, method="logprobs").probabilities(TEXTS, ASKED)
        assert time.monotonic() - begin >= 0.3
    with serving(sensor, faults=in_turn(["rate"]), retry_after="3600") as server:
        with pytest.raises(SensorError, match=r"asks to wait .* s: come back then"):
            client(server).probabilities(TEXTS, ASKED)
    assert len(server.seen) == 1


def test_a_reply_that_does_not_come_is_asked_for_again(sensor, truth):
    with serving(sensor, faults=in_turn(["slow"]), delay=2.0) as server:
        asked = client(server, method=ONE_CALL, timeout=0.5)
        assert np.allclose(asked.probabilities(TEXTS, ASKED), answered(truth, ONE_CALL), atol=2e-5)
    assert len(server.seen) > len(TEXTS)


def test_a_reply_that_comes_drop_by_drop_is_given_up(sensor, truth):
    with serving(sensor, faults=in_turn(["drip"])) as server:
        asked = client(server, method=ONE_CALL, timeout=0.5, concurrency=1)
        assert np.allclose(asked.probabilities(TEXTS, ASKED), answered(truth, ONE_CALL), atol=2e-5)
    assert len(server.seen) > len(TEXTS)


def test_no_more_calls_than_allowed_are_on_their_way(sensor):
    with serving(sensor, faults=lambda n, path: "slow", delay=0.02) as server:
        client(server, method="logprobs", concurrency=3).probabilities(TEXTS, ASKED)
    assert server.busiest == 3


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("error", "no answer after 3 attempts; the last one: the server answered 500, 'out of order'"),
        ("cut", r"no answer after 3 attempts; the last one: the connection failed"),
        ("malformed", "no answer after 3 attempts; the last one: the reply is damaged"),
        ("shape", "no answer after 3 attempts; the last one: the reply has no(t one answer| choice)"),
        ("quota", "the account has no credit left"),
        ("key", "it does not accept the key in OPENAI_API_KEY"),
    ],
)
def test_a_failure_that_lasts_ends_the_run_and_what_was_answered_is_kept(sensor, tmp_path, fault, message):
    path = tmp_path / "a.jsonl"
    with serving(sensor, faults=lambda n, path: fault if n > 0 else "") as server:
        with record(client(server, method=ONE_CALL, tries=3, concurrency=1), path) as kept:
            with pytest.raises(SensorError, match=message) as raised:
                kept.probabilities(TEXTS, ASKED)
            assert "4 of 12 answers were obtained and are kept" in str(raised.value)
            server.faults = in_turn([])
            before = len(server.seen)
            kept.probabilities(TEXTS, ASKED)
            assert len(server.seen) == before + 2


def test_a_text_that_is_too_long_or_empty_is_named(sensor):
    with serving(sensor, faults=in_turn(["", "", "long"])) as server:
        with pytest.raises(UnreadableText, match="text 2: it is too long for the model; shorten it"):
            client(server, method=ONE_CALL, concurrency=1).probabilities(TEXTS, ASKED)
        asked = len(server.seen)
        with pytest.raises(UnreadableText, match="text 1: it is empty"):
            client(server).probabilities(["a", " "], ASKED)
        assert len(server.seen) == asked


def test_a_server_that_is_not_there(sensor):
    with serving(sensor) as server:
        pass
    with pytest.raises(SensorError, match="the connection failed"):
        client(server, tries=2).probabilities(TEXTS, ASKED)


@pytest.mark.parametrize(
    ("budget", "limit", "calls"),
    [
        (Budget(calls=5), "5 calls", 5),
        (Budget(tokens=200), "200 tokens", None),
        (Budget(money=0.0002, prices=(1.0, 2.0)), "0.0002 in money", None),
    ],
)
def test_a_budget_stops_the_run_and_the_next_one_goes_on(sensor, truth, tmp_path, budget, limit, calls):
    path = tmp_path / "a.jsonl"
    said = []
    with serving(sensor) as server:
        with record(client(server, method="logprobs", budget=budget, show=said.append), path) as kept:
            with pytest.raises(BudgetSpentError, match=rf"may pass the limit of {limit}\. \d+ of 12 answers"):
                kept.probabilities(TEXTS, ASKED)
        made = len(server.seen)
        assert 0 < made < SIZE
        assert calls in (None, made)
        assert budget.lacking(budget.spent - budget.spent) == ""
        assert len(path.read_text().splitlines()) == made
        assert "12 calls" in said[0]
        if calls:
            assert "will not fit into 5 calls: the run will stop there" in said[0]
        with record(client(server, method="logprobs"), path) as kept:
            assert np.allclose(kept.probabilities(TEXTS, ASKED), truth, atol=2e-5)
        assert len(server.seen) == SIZE
        assert len(set(server.paid)) == SIZE


def test_attempts_that_fail_count(sensor):
    with serving(sensor, faults=lambda n, path: "rate") as server:
        with pytest.raises(BudgetSpentError, match=r"5 of 5 calls"):
            client(server, budget=Budget(calls=5), concurrency=1, tries=9).probabilities(TEXTS, ASKED)
    assert len(server.seen) == 5


def test_the_estimate_is_near_what_is_spent_and_shown_once(sensor):
    said = []
    with serving(sensor) as server:
        asked = client(server, method="logprobs", budget=Budget(prices=(1, 2)), show=said.append)
        asked.announce(TEXTS, ASKED)
        for text in TEXTS:
            asked.probabilities([text], ASKED)
    assert len(said) == 1
    assert said[0].startswith("openai:tiny: 12 calls; ")
    assert "in your prices" in said[0]
    guessed = int(said[0].split("; ")[1].split(" ")[0])
    assert 0.5 < guessed / asked.budget.spent.read < 2


def test_without_a_record_answers_are_kept_in_the_sensor(sensor, truth):
    with serving(sensor) as server:
        asked = client(server, method=ONE_CALL)
        asked.probabilities([*TEXTS, TEXTS[0]], ASKED)
        assert np.allclose(asked.probabilities(TEXTS, ASKED), answered(truth, ONE_CALL), atol=2e-5)
    assert len(server.seen) == len(TEXTS)


def test_a_record_is_continued_by_the_method_with_which_it_began(sensor, tmp_path):
    path = tmp_path / "a.jsonl"
    with serving(sensor, decisions=False) as server, record(client(server), path) as kept:
        first = kept.probabilities(TEXTS[:2], ASKED)
    with serving(sensor) as server, record(client(server), path) as kept:
        again = kept.probabilities(TEXTS, ASKED)
    assert np.array_equal(again[:2], first)
    assert [route for route, _ in server.seen] == ["/v1/chat/completions"] * ASKED.n_questions
    assert replay(path).identity["parameters"]["method"] == "logprobs"


def test_what_was_recorded_is_replayed_without_a_server(sensor, tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    with serving(sensor) as server, record(client(server), path) as kept:
        found = kept.probabilities(TEXTS, ASKED)
    monkeypatch.delenv(KEY)
    assert np.array_equal(open_sensor(f"record:{path}").probabilities(TEXTS, ASKED), found)


def test_it_works_inside_a_running_event_loop(sensor, truth):
    async def cell():
        return client(server).probabilities(TEXTS, ASKED)

    with serving(sensor) as server:
        assert np.allclose(asyncio.run(cell()), truth, atol=2e-5)
        server.faults = lambda n, path: "quota"

        async def failing():
            return client(server).probabilities(TEXTS, ASKED)

        with pytest.raises(SensorError, match="no credit"):
            asyncio.run(failing())


@pytest.mark.parametrize("fault", ["", "key", "rate", "error", "cut", "malformed", "shape", "quota"])
def test_the_key_is_nowhere(sensor, tmp_path, caplog, capsys, fault):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "a.jsonl"
    shown, failures = [], []
    with serving(sensor, faults=lambda n, route: fault) as server:
        asked = client(server, tries=2, show=shown.append)
        kept = record(asked, path)
        try:
            kept.probabilities(TEXTS, ASKED)
        except SensorError as error:
            failures.append(error)
        shown += [repr(kept), repr(asked), str(vars(asked)), str(asked.identity)]
        kept.close()
    assert len(failures) == bool(fault)
    for error in failures:
        assert (error.__cause__, error.__context__) == (None, None)
        shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert server.keys == {fingerprint(SECRET)}
    out = capsys.readouterr()
    for text in (*shown, caplog.text, out.out, out.err):
        assert SECRET not in text
    for file in tmp_path.iterdir():
        assert SECRET.encode() not in file.read_bytes()


def test_what_is_missing_is_said_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv(KEY)
    with pytest.raises(SensorError, match=f"the environment has no {KEY}; set it outside of the notebook"):
        open_sensor("openai:a-model").probabilities(TEXTS, ASKED)
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(SensorError, match="pip install openai"):
        OpenAISensor("a-model").probabilities(TEXTS, ASKED)


def test_a_server_of_ones_own_needs_no_key(sensor, monkeypatch):
    monkeypatch.delenv(KEY)
    with serving(sensor) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert open_sensor("openai:tiny").probabilities(TEXTS, ASKED).shape == (3, 4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": " "}, "the model has no name"),
        ({"method": "telepathy"}, "unknown method 'telepathy'; known: auto, decisions, logprobs, json"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"tries": 1.5}, "tries is 1.5"),
        ({"timeout": -1}, "timeout is -1"),
        ({"base_url": "localhost:8000"}, "does not begin with http://"),
        ({"base_url": "me:secret@host/v1"}, "does not begin with http://"),
        ({"base_url": "http://me:secret@host/v1"}, "contains a name, a password or a query"),
    ],
)
def test_arguments_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message) as raised:
        OpenAISensor(**{"model": "a-model"} | settings)
    assert "secret" not in str(raised.value)


def test_questions_need_different_names_only_where_they_are_asked_together(sensor):
    twins = [Question("q", "Is it good?"), Question("q", "Is it bad?")]
    with serving(sensor) as server:
        assert client(server, method="logprobs").probabilities(TEXTS, twins).shape == (3, 2)
        with pytest.raises(ValueError, match="two questions are called 'q'"):
            client(server, method="json").probabilities(TEXTS, twins)
