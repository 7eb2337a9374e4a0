"""Requests and replies, without a network."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing import Question
from llma.sensing.methods import Decisions, Logprobs, Malformed, Structured, Unfit

ASKED = (Question("good", "Is it good?"), Question("fast", "Is it fast?"))
TEXT = 'Braces {like} {text} and "quotes"\nin two lines.'
EVERY = np.ones((1, 2), dtype=bool)


def chat(**choice):
    return {"choices": [{"finish_reason": "stop", "message": {"content": "x"}} | choice]}


def logprobs(*pairs):
    top = [{"token": token, "logprob": logprob} for token, logprob in pairs]
    return chat(logprobs={"content": [{"token": "x", "top_logprobs": top}]})


def test_only_what_is_missing_is_asked():
    missing = [[False, True], [False, False], [True, True]]
    texts = ["a", "b", "c"]
    single = Logprobs().tasks(texts, ASKED, missing)
    assert [(task.row, task.columns) for task in single] == [(0, (1,)), (2, (0,)), (2, (1,))]
    for method in (Decisions(), Structured()):
        assert [(t.row, t.columns) for t in method.tasks(texts, ASKED, missing)] == [(0, (0, 1)), (2, (0, 1))]


@pytest.mark.parametrize("method", [Decisions(), Logprobs(), Structured()])
def test_the_text_comes_first_and_unchanged_and_the_template_says_what_is_sent(method):
    task = method.tasks([TEXT], ASKED, EVERY)[0]
    body = method.body("a-model", task)
    sent = body["input"] if method.name == "decisions" else body["messages"][0]["content"]
    assert sent.startswith(TEXT)
    if method.name == "logprobs":
        wanted = method.template.replace("{question}", "Is it good?").replace("{text}", TEXT)
    elif method.name == "json":
        listed = "good: Is it good?\nfast: Is it fast?"
        wanted = method.template.replace("{questions}", listed).replace("{text}", TEXT)
    else:
        wanted = TEXT
    assert sent == wanted


@given(st.lists(st.floats(-20, 0), min_size=4, max_size=4))
def test_probabilities_of_like_tokens_are_added(logs):
    [task] = Logprobs().tasks([TEXT], ASKED[:1], EVERY[:, :1])
    tokens = ["Yes", " yes", "No", "**NO"]
    p = Logprobs().read(logprobs(*zip(tokens, logs, strict=True), ("Maybe", 0.0)), task)[0]
    weights = [math.exp(x) for x in logs]
    assert p == pytest.approx(sum(weights[:2]) / sum(weights))


def test_one_or_none_among_the_first_twenty():
    [task] = Logprobs().tasks([TEXT], ASKED[:1], EVERY[:, :1])
    assert Logprobs().read(logprobs(("Yes", -0.1), ("Yesterday", -1.0)), task) == {0: 1.0}
    assert math.isnan(Logprobs().read(logprobs(("I", -0.1)), task)[0])
    with pytest.raises(Unfit, match="begins with neither Yes nor No"):
        Logprobs().read(logprobs(("I", -0.1)), task, strict=True)


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"answers": None},
        {"answers": [{"type": "predicate", "probability": 0.5}]},
        {"answers": [{"type": "predicate", "probability": 0.5}, {"type": "predicate", "probability": 1.5}]},
        {"answers": [{"type": "predicate", "probability": 0.5}, {"type": "predicate", "probability": True}]},
        {"answers": [{"type": "predicate", "probability": 0.5}, {"type": "score", "score": 1.0}]},
        {"answers": [{"type": "predicate", "probability": 0.5}, 7]},
        {"answers": [{"name": n, "type": "predicate", "probability": 0.5} for n in ("fast", "good")]},
    ],
)
def test_a_decision_of_another_form_is_malformed(reply):
    [task] = Decisions().tasks([TEXT], ASKED, EVERY)
    with pytest.raises(Malformed):
        Decisions().read(reply, task)


def test_one_question_may_be_refused_alone():
    [task] = Decisions().tasks([TEXT], ASKED, EVERY)
    answers = [
        {"type": "refusal", "name": "good"},
        {"type": "predicate", "name": "fast", "probability": 0.25},
    ]
    found = Decisions().read({"answers": answers}, task)
    assert math.isnan(found[0])
    assert found[1] == 0.25


@pytest.mark.parametrize("method", [Logprobs(), Structured()])
@pytest.mark.parametrize("choice", [{"finish_reason": "content_filter"}, {"message": {"refusal": "No."}}])
def test_a_chat_refusal_is_nan(method, choice):
    task = method.tasks([TEXT], ASKED, EVERY)[0]
    found = method.read(chat(**choice), task)
    assert set(found) == set(task.columns)
    assert all(math.isnan(p) for p in found.values())


@pytest.mark.parametrize("reply", [{}, {"choices": []}, {"choices": [3]}, {"choices": {}}])
@pytest.mark.parametrize("method", [Logprobs(), Structured()])
def test_a_chat_without_choice_is_malformed(method, reply):
    task = method.tasks([TEXT], ASKED, EVERY)[0]
    with pytest.raises(Malformed, match="has no choice"):
        method.read(reply, task)


@pytest.mark.parametrize("content", [[{}], [3], [{"top_logprobs": [{"token": 3}]}], [{"top_logprobs": None}]])
def test_log_probabilities_of_another_form_are_malformed(content):
    [task] = Logprobs().tasks([TEXT], ASKED[:1], EVERY[:, :1])
    with pytest.raises(Malformed):
        Logprobs().read(chat(logprobs={"content": content}), task)


@pytest.mark.parametrize("missing", [None, {}, {"content": None}, {"content": []}])
def test_ignored_logprobs_are_found_out(missing):
    [task] = Logprobs().tasks([TEXT], ASKED[:1], EVERY[:, :1])
    with pytest.raises(Unfit, match="ignores `logprobs`"):
        Logprobs().read(chat(logprobs=missing), task)


def test_a_model_that_thinks_until_its_tokens_are_used_up_is_found_out():
    [task] = Structured(most=50).tasks([TEXT], ASKED, EVERY)
    with pytest.raises(Unfit, match="wrote 50 tokens without coming to an answer; allow more"):
        Structured(most=50).read(chat(finish_reason="length", message={"content": ""}), task)
    with pytest.raises(Unfit, match=r"wrote 'Well, yes\.' where JSON was asked for"):
        Structured().read(chat(message={"content": "Well, yes."}), task, strict=True)
    cut = chat(finish_reason="length", message={"content": '{"good": true, "fas'})
    assert Structured().read(cut, task)[0] == 1.0


def test_the_other_dresses_of_a_method():
    refusal = "Unsupported parameter: 'max_completion_tokens'"
    assert Logprobs().instead(refusal) == Logprobs(limit="max_tokens")
    assert Logprobs(limit="max_tokens").instead(refusal) is None
    assert Structured().instead(refusal) == Structured(limit="max_tokens")
    forms, method = [], Structured()
    while method is not None:
        forms.append(method.form)
        method = method.instead("no")
    assert forms == ["json_schema", "json_object", "text"]
    assert Decisions().instead("no") is None
