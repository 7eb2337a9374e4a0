import csv
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.data import (
    PublishedCounts,
    Sample,
    Texts,
    clean,
    load_published_counts,
    load_sample,
    read_texts,
    shown,
)
from llma.data.wording import UNSEEN
from llma.sensing import PRODUCT_REVIEW, QUESTIONNAIRES

STATES = ("bad product", "good product")


def write(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "mine.csv"
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def test_texts_with_their_lines_states_and_groups(tmp_path):
    path = write(
        tmp_path, 'id,text,state,product\n7,"one, two",1,A\n8,"three\n""four""",BAD product,B\n9,five,,A\n'
    )
    found = read_texts(path, states=STATES, group="product")
    assert found.texts == ("one, two", 'three\n"four"', "five")
    assert found.lines == (2, 3, 5)
    assert found.states == (1, 0, None)
    assert found.groups == ("A", "B", "A")
    assert found.skipped == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('"",1', "the text is empty"),
        ('"  \t ",1', "the text is empty"),
        ("fine,2", "state '2' is neither a number from 0 to 1"),
        ("fine,\x1b[2J", r"state '\\\\x1b\[2J' is neither"),
        ("fine", "the row has 1 cells and the header has 2"),
        ("well, fine,1", "the row has 3 cells.*quotation marks"),
        ('"fine"ly,1', "broken quotation marks"),
    ],
)
def test_a_bad_row_is_left_out_with_its_line_and_reason(tmp_path, row, reason):
    found = read_texts(write(tmp_path, f"text,state\ngood,1\n{row}\nbad,0\n"), states=STATES)
    assert found.texts == ("good", "bad")
    assert found.lines == (2, 4)
    assert [skipped.line for skipped in found.skipped] == [3]
    assert re.search(reason, found.skipped[0].reason)


def test_a_quotation_mark_that_never_closes_says_what_it_swallowed(tmp_path):
    found = read_texts(write(tmp_path, 'text\nfine\n"open\nlost\nlost too\n'))
    assert found.texts == ("fine",)
    assert str(found.skipped[0]).startswith("line 3: broken quotation marks")
    assert "lines 3 to 5 are lost" in found.skipped[0].reason


def test_blank_lines_do_not_count_as_rows(tmp_path):
    found = read_texts(write(tmp_path, "text\n\none\n\n\ntwo\n\n"))
    assert (found.texts, found.lines, found.skipped) == (("one", "two"), (3, 6), ())


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_marks_line_ends_and_separators(tmp_path, mark, end, separator):
    content = f"{mark}text{separator}state{end}Schön!{separator}1{end}"
    assert read_texts(write(tmp_path, content), states=STATES).texts == ("Schön!",)


def test_the_wrong_encoding_is_named_with_line_byte_and_remedy(tmp_path):
    path = write(tmp_path, "text\nfine\ncafé\n", "latin-1")
    with pytest.raises(ValueError, match=r"line 3: byte 0xe9 is not utf-8; .*'latin-1'"):
        read_texts(path)
    assert read_texts(path, encoding="latin-1").texts == ("fine", "café")


def test_utf_16_is_recognised_by_its_mark(tmp_path):
    path = write(tmp_path, "text\ncafé\n", "utf-16")
    with pytest.raises(ValueError, match="'utf-16'"):
        read_texts(path)
    assert read_texts(path, encoding="utf-16").texts == ("café",)


def test_an_unknown_encoding_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unknown encoding 'utf-9'"):
        read_texts(write(tmp_path, "text\na\n"), encoding="utf-9")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("text\n", "no rows"),
        ("body\na\n", "no column 'text'; its header has 'body'"),
        ("text,text\na,b\n", "column 'text' stands twice"),
        ('"text\na\n', "header is damaged"),
    ],
)
def test_a_file_without_texts_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_texts(write(tmp_path, content))


def test_a_missing_column_of_groups_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no column 'product'"):
        read_texts(write(tmp_path, "text\na\n"), group="product")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_texts(tmp_path / "none.csv")


def test_an_empty_group_is_a_bad_row(tmp_path):
    found = read_texts(write(tmp_path, "text,product\na,A\nb, \n"), group="product")
    assert found.groups == ("A",)
    assert str(found.skipped[0]) == "line 3: the cell of column 'product' is empty; name the group"


def test_a_text_longer_than_the_limit_of_the_csv_module_is_read_and_the_limit_stays(tmp_path):
    before = csv.field_size_limit()
    found = read_texts(write(tmp_path, f"text\n{'a' * (before + 10)}\n"))
    assert len(found.texts[0]) == before + 10
    assert csv.field_size_limit() == before


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_every_text_survives_a_round_trip_through_a_file(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("trip") / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["text"], *([text] for text in texts)])
    found = read_texts(path)
    kept = [text for text in texts if text.strip()]
    assert list(found.texts) == [clean(text) for text in kept]
    assert len(found.skipped) == len(texts) - len(kept)


@given(st.text())
def test_shown_text_is_one_harmless_line(text):
    line = shown(text)
    assert not any(unicodedata.category(letter) in UNSEEN for letter in line)
    assert len(shown(text, 10)) <= 10


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("abc\u202edef", r"abc\u202edef"),
        ("a\r\nb\tc", "a  b c"),
        ("日本 🙂 é", "日本 🙂 é"),
        ("\x00", r"\x00"),
    ],
)
def test_shown_spells_control_characters_out(text, wanted):
    assert shown(text) == wanted


def test_clean_keeps_control_characters_and_refuses_half_characters():
    assert clean(" \x1b[31mred ") == "\x1b[31mred"
    with pytest.raises(ValueError, match=r"character 1 is .*half of a character"):
        clean("a\ud800")


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="2 texts, but 1 lines"):
        Texts("x", ("a", "b"), (1,), (None, None), ("", ""))


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_the_sample_has_every_state_and_both_answers_to_every_question(name):
    sample = load_sample(name)
    q = sample.questionnaire
    assert set(sample.states.tolist()) == set(range(q.n_states))
    assert len(set(sample.texts)) == len(sample.texts)
    assert np.nanmin(sample.answers, axis=0).tolist() == [0.0] * q.n_questions
    assert np.nanmax(sample.answers, axis=0).tolist() == [1.0] * q.n_questions


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_answers_of_the_sample_point_where_the_questionnaire_says(name):
    sample = load_sample(name)
    high = sample.states == sample.states.max()
    low = sample.states == sample.states.min()
    gap = np.nanmean(sample.answers[high], axis=0) - np.nanmean(sample.answers[low], axis=0)
    assert np.sign(gap).tolist() == [q.direction for q in sample.questionnaire.questions]


def test_there_is_no_sample_for_an_unknown_questionnaire():
    with pytest.raises(ValueError, match="no questionnaire 'weather'"):
        load_sample("weather")


@pytest.mark.parametrize(
    ("states", "answers", "message"),
    [
        ([0, 1], np.zeros((1, 4)), "need states of shape"),
        ([2], np.zeros((1, 4)), r"must lie in 0\.\.1"),
        ([0], np.full((1, 4), 0.5), "answer 0 of text 0 is 0.5"),
    ],
)
def test_a_damaged_sample_is_refused(states, answers, message):
    with pytest.raises(ValueError, match=message):
        Sample(PRODUCT_REVIEW, ("a",), np.array(states), answers)


def test_the_published_counts_add_up():
    found = load_published_counts()
    assert found.counts.sum(axis=1).tolist() == [40] * 6
    assert found.counts.sum(axis=0).tolist() == [47, 36, 1, 63, 77, 16]
    # Action u means that question u - 1 was answered yes and no later one of the five: so at most that many.
    assert (found.counts[:, 1:] <= found.yes[:, :5]).all()
    assert (found.counts[:, 5] == found.yes[:, 4]).all()
    # No flag at all in the lowest state: also at most as often as the most frequent question was denied.
    assert (found.counts[:, 0] <= 40 - found.yes[:, :5].max(axis=1)).all()
    assert found.sheets.sum(axis=1).tolist() == [40] * 6
    first_five = np.arange(64) % 32
    action = np.array([int(sheet).bit_length() for sheet in first_five])  # the last of the five that is set
    by_action = [found.sheets[:, action == u].sum(axis=1) for u in range(6)]
    assert (np.stack(by_action, axis=1) == found.counts).all()


@pytest.mark.parametrize(
    ("counts", "yes", "message"),
    [
        ([[3, 2]], [[1]], "state 0 has 5 comments; expected 4"),
        ([[3, 1, 0]], [[1]], r"counts: has shape \(1, 3\); the names need \(1, 2\)"),
        ([[3, 1]], [[5]], r"yes: entry \(0, 0\) is 5"),
        ([[3, 1]], [[2]], "in state 0 they hold 1 yes to question 0; yes says 2"),
    ],
)
def test_damaged_published_counts_are_refused(counts, yes, message):
    with pytest.raises(ValueError, match=message):
        PublishedCounts(
            ("low",), ("no", "yes"), ("q",), np.array(counts), np.array(yes), 4, "nobody", np.array([[3, 1]])
        )
