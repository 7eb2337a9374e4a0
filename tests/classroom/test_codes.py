"""Tickets and records: what they say, and what they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.classroom import codes

NAMES = st.text(codes.ALPHABET, min_size=4, max_size=4)


@given(NAMES, st.integers(0, 99), st.integers(0, 99), st.integers(0, 1))
def test_a_ticket_opens_to_what_was_written(name, round_, turn, signal):
    opened = codes.open_ticket(codes.ticket_code(name, round_, turn, signal))
    assert opened == codes.Ticket(name, round_, turn, signal)


@given(NAMES, st.integers(0, 99), st.lists(st.integers(0, 1), max_size=12))
def test_a_record_opens_to_what_was_written(name, round_, guesses):
    assert codes.open_record(codes.record_code(name, round_, tuple(guesses))) == (
        name,
        round_,
        tuple(guesses),
    )


@given(NAMES, st.integers(0, 9), st.integers(0, 9), st.integers(0, 1), st.data())
def test_a_slip_is_noticed(name, round_, turn, signal, data):
    code = codes.ticket_code(name, round_, turn, signal)
    place = data.draw(st.sampled_from([k for k, c in enumerate(code) if c != "-"]))
    other = data.draw(st.sampled_from([c for c in codes.ALPHABET if c != code[place]]))
    slipped = code[:place] + other + code[place + 1 :]
    try:
        opened = codes.open_ticket(slipped)
    except ValueError:
        return
    # A slip that passes has met the other hash by chance; that must be a real hash of what it says.
    assert codes.ticket_code(opened.name, opened.round, opened.turn, opened.signal) == slipped


def test_slips_are_rarely_missed():
    missed = 0
    for k in range(400):
        code = codes.ticket_code("K7QF", 0, k, k % 2)
        for place in range(-4, 0):
            slipped = list(code)
            slipped[place] = codes.ALPHABET[(codes.ALPHABET.index(slipped[place]) + 7) % 32]
            try:
                codes.open_ticket("".join(slipped))
                missed += 1
            except ValueError:
                pass
    assert missed == 0


def test_lower_case_and_blanks_are_read():
    code = codes.ticket_code("K7QF", 1, 2, 1)
    assert codes.open_ticket(f"  {code.lower()} ").signal == 1


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("K7QF-0-3", "expected the form NAME-round-turn-CHECK"),
        ("K7QF-a-3-AAAA", "must be numbers"),
        (17, "expected a text"),
    ],
)
def test_a_broken_ticket(code, complaint):
    with pytest.raises(ValueError, match=complaint):
        codes.open_ticket(code)


def test_a_broken_record():
    with pytest.raises(ValueError, match="guesses 0 or 1, got '0' and '012'"):
        codes.open_record("K7QF-0-012-AAAA")
    with pytest.raises(ValueError, match="do not fit"):
        codes.open_record("K7QF-0-011-AAAA")
