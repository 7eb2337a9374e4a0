"""Short codes that are handed round: tickets with a private signal, and the record of a round.

A ticket reads ``NAME-round-turn-CHECK``. The check is the beginning of a hash of everything before it *and
the signal*, so the signal does not stand in the ticket; to open it, both signals are tried. A record reads
``NAME-round-guesses-CHECK`` (guesses ``1101``, or ``x`` before the first). A check has four characters of an
alphabet of 32 without I, L, O and U, which are easily misread: a slip goes unnoticed about once in a
million times (twice that for a ticket, where two signals are tried).

>>> code = ticket_code("K7QF", 0, 3, signal=1)
>>> code[:9]
'K7QF-0-3-'
>>> open_ticket(code)
Ticket(name='K7QF', round=0, turn=3, signal=1)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""32 characters; the letters I, L, O, U are left out."""

_NOT_BEGUN = "X"


@dataclass(frozen=True)
class Ticket:
    """What a player knows in private: the game, the round, its turn (from 0), its signal (0 or 1)."""

    name: str
    round: int
    turn: int
    signal: int


def check_characters(*parts: object) -> str:
    """Return four characters that depend on every part.

    >>> len(check_characters("K7QF", 0, "0110"))
    4
    """
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return "".join(ALPHABET[byte % 32] for byte in digest[:4])


def ticket_code(name: str, round_: int, turn: int, signal: int) -> str:
    """Return the code of a ticket; see the module for its form."""
    return f"{name}-{round_}-{turn}-{check_characters('ticket', name, round_, turn, signal)}"


def open_ticket(code: str) -> Ticket:
    """Return what a ticket says.

    Raises
    ------
    ValueError
        If the code has another form, or a character of it was misread.

    Examples
    --------
    >>> open_ticket("K7QF-0-3-ABCD")
    Traceback (most recent call last):
    ...
    ValueError: ticket 'K7QF-0-3-ABCD': the last four characters do not fit the rest; read it again
    """
    name, round_, turn, check = _split(code, "ticket", "NAME-round-turn-CHECK")
    if not (_is_number(round_) and _is_number(turn)):
        raise ValueError(f"ticket {code!r}: round and turn must be numbers, got {round_!r} and {turn!r}")
    for signal in (0, 1):
        if check == check_characters("ticket", name, int(round_), int(turn), signal):
            return Ticket(name, int(round_), int(turn), signal)
    raise ValueError(f"ticket {code!r}: the last four characters do not fit the rest; read it again")


def record_code(name: str, round_: int, guesses: tuple[int, ...]) -> str:
    """Return the code of the public record of a round.

    >>> record_code("K7QF", 0, (1, 1))[:10]
    'K7QF-0-11-'
    """
    text = "".join(str(guess) for guess in guesses) or _NOT_BEGUN
    return f"{name}-{round_}-{text}-{check_characters('record', name, round_, text)}"


def open_record(code: str) -> tuple[str, int, tuple[int, ...]]:
    """Return name, round and guesses of a record.

    Raises
    ------
    ValueError
        If the code has another form, or a character of it was misread.

    Examples
    --------
    >>> open_record(record_code("K7QF", 2, (0, 1, 1)))
    ('K7QF', 2, (0, 1, 1))
    """
    name, round_, text, check = _split(code, "record", "NAME-round-guesses-CHECK")
    if not _is_number(round_) or (text != _NOT_BEGUN and set(text) - {"0", "1"}):
        raise ValueError(
            f"record {code!r}: the round must be a number and the guesses 0 or 1, got {round_!r} and {text!r}"
        )
    if check != check_characters("record", name, int(round_), text):
        raise ValueError(f"record {code!r}: the last four characters do not fit the rest; read it again")
    return name, int(round_), () if text == _NOT_BEGUN else tuple(int(guess) for guess in text)


def _split(code: str, kind: str, form: str) -> list[str]:
    if not isinstance(code, str):
        raise ValueError(f"{kind}: expected a text of the form {form}, got {code!r}")
    parts = code.strip().upper().split("-")
    if len(parts) != form.count("-") + 1 or not all(parts):
        raise ValueError(f"{kind} {code!r}: expected the form {form}")
    return parts


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
