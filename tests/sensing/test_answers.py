import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing.answers import Answer, canonical, key_of, line, read_record

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ANSWERS = st.lists(
    st.tuples(TEXT, TEXT, st.none() | st.floats(0, 1)), min_size=1, max_size=5, unique_by=lambda row: row[:2]
)


def answer(text="It broke.", question="Is it good?", p=0.25, **more):
    return Answer(canonical({"text": text, "question": question, **more}), p)


def write(path, answers):
    path.write_text("".join(line(a) + "\n" for a in answers), encoding="utf-8", newline="\n")
    return path


def test_the_key_is_the_hash_of_canonical_json():
    wanted = hashlib.sha256('{"question":"Is it “good”?","text":"a\\nb"}'.encode()).hexdigest()
    assert key_of({"text": "a\nb", "question": "Is it “good”?"}) == wanted
    assert Answer('{"question":"Is it “good”?","text":"a\\nb"}', 0.5).key == wanted


@given(st.dictionaries(TEXT, st.none() | st.booleans() | st.floats(-9, 9) | TEXT, max_size=4))
def test_the_order_of_the_fields_does_not_change_the_key(request_):
    assert key_of(dict(reversed(request_.items()))) == key_of(request_)


@given(ANSWERS)
def test_every_line_is_canonical_json_and_reads_back(tmp_path_factory, rows):
    answers = [answer(*row) for row in rows]
    for a in answers:
        assert canonical(json.loads(line(a))) == line(a)
        assert "\n" not in line(a)
    path = write(tmp_path_factory.mktemp("rows") / "record.jsonl", answers)
    assert list(read_record(path)) == answers


@given(ANSWERS, st.data())
def test_one_changed_character_is_refused_with_its_line_or_changes_nothing(tmp_path_factory, rows, data):
    answers = [answer(*row) for row in rows]
    path = write(tmp_path_factory.mktemp("edited") / "record.jsonl", answers)
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    i = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[i]) - 1))
    other = data.draw(st.sampled_from('0123456789abcdef{}[]",:x').filter(lambda c: c != lines[i][at]))
    lines[i] = lines[i][:at] + other + lines[i][at + 1 :]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    try:
        found = list(read_record(path))
    except ValueError as error:
        found = str(error)
    # The last of 17 digits may change without changing the number.
    assert found == answers or f"record.jsonl, line {i + 1}: " in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row | {"answer": 0.75}, "the seal does not belong"),
        (lambda row: row | {"answer": None}, "the seal does not belong"),
        (lambda row: row | {"answer": 1.5}, "the answer is 1.5; it must be null or a number"),
        (lambda row: row | {"answer": True}, "the answer is True"),
        (lambda row: row | {"answer": float("nan")}, "the answer is nan"),
        (lambda row: row | {"answer": "0.25"}, "the answer is '0.25'"),
        (lambda row: row | {"request": row["request"] | {"text": "It works."}}, "the key does not belong"),
        (lambda row: row | {"request": row["request"] | {"model": "b"}}, "the key does not belong"),
        (lambda row: row | {"request": {"text": "a"}}, "the request has no 'question'"),
        (lambda row: row | {"request": row["request"] | {"x": float("inf")}}, "not JSON compliant"),
        (lambda row: row | {"more": 1}, "a row has the fields answer, key, request, seal"),
        (lambda row: [row], "a row has the fields"),
    ],
)
def test_an_edited_row_is_refused(tmp_path, change, message):
    good = answer(p=0.5, text="first")
    row = json.loads(line(answer(model="a")))
    path = tmp_path / "record.jsonl"
    path.write_text(line(good) + "\n\n" + json.dumps(change(row)) + "\n")
    with pytest.raises(ValueError, match=rf"record\.jsonl, line 3: .*{message}"):
        list(read_record(path))


def test_a_file_cut_short_is_refused(tmp_path):
    path = write(tmp_path / "record.jsonl", [answer(), answer("b")])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="line 2: not a line of JSON"):
        list(read_record(path))


def test_two_answers_to_one_request_are_refused_with_both_lines(tmp_path):
    path = write(tmp_path / "record.jsonl", [answer(), answer("b"), answer(p=0.5)])
    with pytest.raises(ValueError, match=r"line 3: it answers 0\.5, and line 1 answers 0\.25"):
        list(read_record(path))
    write(path, [answer(), answer("b"), answer()])
    assert len({a.key for a in read_record(path)}) == 2


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="is not UTF-8"):
        list(read_record(path))
    with pytest.raises(FileNotFoundError, match="there is no file"):
        list(read_record(tmp_path / "none.jsonl"))
