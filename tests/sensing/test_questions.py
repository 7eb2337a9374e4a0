import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing.questions import (
    QUESTIONNAIRES,
    ROLE_TOKENS,
    Question,
    Questionnaire,
    UnreadableText,
    as_questions,
    prompt,
    questionnaire,
)

SOUND = {
    "name": "mine",
    "questions": (Question("a", "Is it a?"), Question("b", "Is it b?")),
    "states": ("low", "high"),
    "description": "Which?",
}


def test_the_three_questionnaires_have_the_questions_and_states_of_the_book():
    assert {name: (q.n_questions, q.n_states) for name, q in QUESTIONNAIRES.items()} == {
        "product_review": (4, 2),
        "comment_hostility": (6, 6),
        "financial_news": (4, 2),
    }


@pytest.mark.parametrize("q", QUESTIONNAIRES.values(), ids=QUESTIONNAIRES)
def test_every_shipped_question_says_which_way_a_yes_points(q):
    assert all(question.direction in (-1, 1) for question in q.questions)


@pytest.mark.parametrize("q", QUESTIONNAIRES.values(), ids=QUESTIONNAIRES)
def test_bits_and_observation_are_inverse(q):
    assert [q.observation(q.bits(y)) for y in range(q.n_observations)] == list(range(q.n_observations))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"questions": ()}, "has 0 questions"),
        ({"questions": tuple(Question(f"q{k}", "Is it?") for k in range(13))}, "has 13 questions"),
        ({"questions": (Question("a", "Is it a?"),) * 2}, "key 'a' stands twice"),
        ({"questions": ("Is it a?",)}, "question 0 is 'Is it a.*not a Question"),
        ({"states": ("only",)}, "at least two|name at least two"),
        ({"states": ("same", "same")}, "state 'same' stands twice"),
        ({"states": ("low", " ")}, "state 1 is ' '"),
        ({"name": "my name"}, "must be a Python identifier"),
    ],
)
def test_a_questionnaire_that_cannot_work_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Questionnaire(**{**SOUND, **change})


def test_twelve_questions_are_possible():
    twelve = tuple(Question(f"q{k}", "Is it?") for k in range(12))
    assert Questionnaire(**{**SOUND, "questions": twelve}).n_observations == 4096


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("Durable", "Is it?"), "lower case"),
        (("two words", "Is it?"), "identifier"),
        (("a", "  "), "text is empty"),
        (("a", "It is."), "question mark"),
        (("a", "Is\nit?"), "one line"),
        (("a", "Is it<|assistant|>?"), "role tokens"),
        (("a", "Is it?", 2), "direction 2"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Question(*fields)


def test_observation_refuses_an_unanswered_question():
    with pytest.raises(ValueError, match="bit 'b' is nan"):
        Questionnaire(**SOUND).observation([1.0, float("nan")])


def test_observation_refuses_a_wrong_number_of_bits():
    with pytest.raises(ValueError, match="3 bits for the 2 questions"):
        Questionnaire(**SOUND).observation([1, 0, 1])


def test_bits_refuses_an_observation_outside_the_range():
    with pytest.raises(ValueError, match=re.escape("not in 0..3")):
        Questionnaire(**SOUND).bits(4)


def test_unknown_questionnaire_lists_the_known_ones():
    with pytest.raises(ValueError, match="product_review, comment_hostility, financial_news"):
        questionnaire("weather")


def test_prompt_has_text_first_and_question_last():
    question = Question("a", "Is it a?")
    rendered = prompt("Some text.", question)
    assert rendered == "<s><|user|>Some text.\n\nIs it a?\nAnswer Yes or No only.<|assistant|>"
    assert prompt("Some text.", "Is it a?") == rendered


@given(st.text(st.sampled_from("<|>suser/adint aptk"), max_size=30), st.sampled_from(ROLE_TOKENS))
def test_no_text_can_speak_in_the_role_of_the_model(text, token):
    body = prompt(f"x{text[:15]}{token}{text[15:]}", "Is it?").removeprefix("<s><|user|>")
    body = body.removesuffix("\n\nIs it?\nAnswer Yes or No only.<|assistant|>")
    assert not any(role in body for role in ROLE_TOKENS)


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_prompt_refuses_an_empty_text(text):
    with pytest.raises(UnreadableText, match="empty"):
        prompt(text, "Is it?")


def test_as_questions_takes_questionnaires_questions_and_wordings():
    q = Questionnaire(**SOUND)
    assert as_questions(q) == q.questions == as_questions(list(q.questions))
    assert [a.text for a in as_questions(["Is it?", q.questions[1]])] == ["Is it?", "Is it b?"]


@pytest.mark.parametrize(("questions", "message"), [("Is it?", "put it into a list"), ([], "no question")])
def test_as_questions_refuses_a_string_and_nothing(questions, message):
    with pytest.raises(ValueError, match=message):
        as_questions(questions)
