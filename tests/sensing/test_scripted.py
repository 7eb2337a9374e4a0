import numpy as np
import pytest

from llma.sensing import PRODUCT_REVIEW, Question, ScriptedSensor, UnreadableText

GOOD = Question("good", "Is it good?")
FAST = Question("fast", "Is it fast?")


def test_a_function_answers_text_by_text_and_question_by_question():
    sensor = ScriptedSensor(lambda text, question: len(text) / 10 if question.key == "good" else None)
    found = sensor.probabilities(["abc", "abcde"], [GOOD, FAST])
    assert np.array_equal(found, [[0.3, np.nan], [0.5, np.nan]], equal_nan=True)


@pytest.mark.parametrize("value", [1.2, -0.01, float("inf")])
def test_an_answer_that_is_no_probability_is_refused(value):
    sensor = ScriptedSensor(lambda text, question: value)
    with pytest.raises(ValueError, match="text 0, question 'good': the script answers"):
        sensor.probabilities(["a"], [GOOD])


def test_a_text_outside_the_table_is_refused_by_its_index():
    sensor = ScriptedSensor.from_table({"a": {"good": 1.0}})
    with pytest.raises(UnreadableText, match="text 1: the script has no such text"):
        sensor.probabilities(["a", "b"], [GOOD])


def test_a_question_outside_the_table_is_refused():
    sensor = ScriptedSensor.from_table({"a": {"good": 1.0}})
    with pytest.raises(ValueError, match="no column 'fast'"):
        sensor.probabilities(["a"], [FAST])


def test_an_empty_text_and_a_bare_string_are_refused():
    sensor = ScriptedSensor(lambda text, question: 1.0)
    with pytest.raises(UnreadableText, match="text 0: it is empty"):
        sensor.probabilities([" "], [GOOD])
    with pytest.raises(ValueError, match="put it into a list"):
        sensor.probabilities("abc", [GOOD])


def test_an_empty_table_is_refused():
    with pytest.raises(ValueError, match="has no text"):
        ScriptedSensor.from_table({})


def test_a_file_of_answers_is_read(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text('\ufefftext,good,fast\n"two\r\nlines",1,\nplain,0.5,0\n', encoding="utf-8", newline="")
    found = ScriptedSensor.from_csv(path).probabilities(["two\nlines", "plain"], [GOOD, FAST])
    assert np.array_equal(found, [[1.0, np.nan], [0.5, 0.0]], equal_nan=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("body,good\na,1\n", "no column 'text'"),
        ("", "no column 'text'"),
        ("text,good\na,1\nb,yes\n", "line 3: good is 'yes'"),
        ("text,good\na,1\na,0\n", "line 3: this text has other answers above"),
        ("text,good\n", "has no text"),
    ],
)
def test_a_spoilt_file_is_refused(tmp_path, content, message):
    path = tmp_path / "answers.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        ScriptedSensor.from_csv(path)


def test_a_whole_questionnaire_can_be_scripted():
    row = dict.fromkeys(PRODUCT_REVIEW.keys, 0.5)
    sensor = ScriptedSensor.from_table({"a": row})
    assert sensor.probabilities(["a"], PRODUCT_REVIEW).tolist() == [[0.5] * 4]
