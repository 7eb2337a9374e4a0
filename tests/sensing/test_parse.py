"""Replies as models write them: read exactly, or not at all."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.sensing import PRODUCT_REVIEW, Question
from llma.sensing.parse import read_answers

ASKED = PRODUCT_REVIEW.questions
KEYS = PRODUCT_REVIEW.keys
NAN = math.nan
FEW = settings(max_examples=25)
TRUTHS = st.lists(st.booleans(), min_size=4, max_size=4)


def same(found, wanted):
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, wanted, strict=True))


def never_wrong(found, truth):
    return all(math.isnan(a) or a == b for a, b in zip(found, truth, strict=True))


def words(row, yes="true", no="false", quote='"', value_quote="", comma=",", equals=": "):
    pairs = (
        f"{quote}{key}{quote}{equals}{value_quote}{yes if bit else no}{value_quote}"
        for key, bit in row.items()
    )
    return "{" + f"{comma} ".join(pairs) + "}"


STYLES = {
    "json": json.dumps,
    "indented": lambda row: json.dumps(row, indent=2),
    "python": repr,
    "yes and no": lambda row: words(row, "yes", "no", value_quote='"'),
    "capitals": lambda row: words(row, "YES", "NO"),
    "digits": lambda row: words(row, "1", "0"),
    "bare keys": lambda row: words(row, quote=""),
    "curly quotes": lambda row: words(row).replace('"', "”").replace("{”", "{“").replace(", ”", ", “"),
    "equals": lambda row: words(row, quote="", equals="="),
    "full stops": lambda row: words(row, "Yes.", "No.", value_quote="'"),
    "trailing comma": lambda row: words(row)[:-1] + ",}",
    "fenced": lambda row: f"```json\n{json.dumps(row)}\n```",
    "with prose": lambda row: f"Here you are:\n{json.dumps(row)}\nIt's what I think, {{not}} more.",
    "twice": lambda row: f"{json.dumps(row)}\n\n{row!r}",
    "nested": lambda row: json.dumps({"answers": row, "n": [1, {"x": 2}, [3]]}),
    "extra keys": lambda row: json.dumps({"why": "it's 'durable': no}", **row, "sure": 0.7}),
    "comments": lambda row: json.dumps(row, indent=1).replace(",", ", // so\n /* defects: true */"),
    "no commas": lambda row: json.dumps(row, indent=1).replace(",\n", "\n"),
    "upper keys": lambda row: json.dumps({key.upper(): bit for key, bit in row.items()}),
    "wordings": lambda row: json.dumps({q.text: row[q.key] for q in ASKED if q.key in row}),
    "lines": lambda row: "\n".join(f"- **{key}**: {'Yes' if bit else 'No'}." for key, bit in row.items()),
    "numbered": lambda row: (
        "My answers\n" + "\n".join(f"{i}. {k} = {b}" for i, (k, b) in enumerate(row.items()))
    ),
}


@pytest.mark.parametrize("style", STYLES)
@FEW
@given(TRUTHS, st.permutations(range(4)), st.integers(0, 4))
def test_every_style_is_read_exactly_and_missing_keys_are_nan(style, truth, order, n):
    row = {KEYS[k]: truth[k] for k in order[:n]}
    wanted = [float(row[key]) if key in row else NAN for key in KEYS]
    assert same(read_answers(STYLES[style](row), ASKED), wanted), STYLES[style](row)


@pytest.mark.parametrize("style", STYLES)
@FEW
@given(TRUTHS, st.data())
def test_a_reply_that_was_cut_off_is_never_read_wrongly(style, truth, data):
    reply = STYLES[style](dict(zip(KEYS, truth, strict=True)))
    cut = reply[: data.draw(st.integers(0, len(reply)))]
    assert never_wrong(read_answers(cut, ASKED), truth), cut


@pytest.mark.parametrize(
    "style", ["json", "indented", "python", "yes and no", "fenced", "with prose", "nested"]
)
@FEW
@given(TRUTHS, st.data())
def test_a_lost_character_is_never_read_wrongly(style, truth, data):
    reply = STYLES[style](dict(zip(KEYS, truth, strict=True)))
    at = data.draw(st.integers(0, len(reply) - 1))
    damaged = reply[:at] + reply[at + 1 :]
    assert never_wrong(read_answers(damaged, ASKED), truth), damaged


@given(st.text(st.sampled_from("{}[]\"':,=\\ \n`truefalsno01durableé“”/*")) | st.text())
def test_any_text_gives_an_answer_or_nan(reply):
    assert all(math.isnan(a) or a in (0.0, 1.0) for a in read_answers(reply, ASKED))


@pytest.mark.parametrize(
    "value",
    [
        '"maybe"',
        "null",
        "None",
        "0.7",
        "10",
        '"yes and no"',
        '""',
        "[true]",
        '{"answer": true}',
        "truefalse",
        "-1",
    ],
)
def test_what_is_neither_yes_nor_no_is_nan(value):
    found = read_answers(f'{{"defects": true, "durable": {value}, "expect": false}}', ASKED)
    assert same(found, [1.0, NAN, 0.0, NAN])


@pytest.mark.parametrize(
    "reply",
    [
        '{"durable": true, "durable": false}',
        '{"durable": true} but on reflection {"durable": false}',
        '{"durable": true, "durable": "unsure"}',
        '{"durable": true} {"durable": false',
        '{"durable": true}\nOn reflection:\ndurable: no',
        '- durable: no\nAs JSON:\n{"durable": true}',
        '{"durable": true} {"durable": tr',
        '{"durable": true} {"durable"',
        '{"why": "he wrote \\"durable\\": true", "x": 1}',
        "The lamp is durable: yes and it shines.",
        '["durable", true]',
        "Yes.",
        "I'm sorry, I can't help with that.",
        "",
        "{" * 10_000,
        '{"durable": [' * 500,
        '{"durable": {' * 500 + "true",
        "{'durable" * 500,
    ],
)
def test_contradictions_and_prose_are_nan(reply):
    assert same(read_answers(reply, ASKED), [NAN] * 4)


def test_two_questions_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two questions are called 'a'"):
        read_answers("{}", [Question("a", "Is it?"), Question("b", "Is it so?"), Question("a", "Was it?")])


def test_lines_around_an_object_give_no_answer_and_remarks_contradict_none():
    reply = 'Notes:\n- durable: implied\n- hot: yes\n{"durable": true}\ndurable: yes'
    asked = [Question(key, f"Was it {key}?") for key in ("durable", "hot")]
    assert same(read_answers(reply, asked), [1.0, NAN])
