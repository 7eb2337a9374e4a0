"""The public record of a round: it grows by one guess a turn, and travels as a code or in a shared file.

*Pasted codes.* `Row.code` holds the whole history, however it is passed on: spoken, on a board, in a chat.
`Row.read` takes it up, `Row.play` adds a guess.

*Shared file.* Every line is the code of a row after one more guess. A player appends a line and never changes
one, so two players who write at once cannot damage each other's lines. The first line for a turn counts;
whoever comes second is told so and has lost nothing.

>>> from llma.classroom.codes import ticket_code
>>> row = Row("K7QF", n_players=2).play(ticket_code("K7QF", 0, 0, signal=1), guess=1)
>>> Row.read(row.code, n_players=2) == row
True
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from llma.classroom import codes


@dataclass(frozen=True)
class Row:
    """The guesses of a round so far.

    Parameters
    ----------
    name : str
        The name of the deal.
    n_players : int
        Players in the row.
    round : int
        Number of the round, from 0.
    guesses : tuple of int
        0 or 1 for each turn played.
    """

    name: str
    n_players: int
    round: int = 0
    guesses: tuple[int, ...] = ()

    @property
    def code(self) -> str:
        """The row as one short text."""
        return codes.record_code(self.name, self.round, self.guesses)

    @property
    def over(self) -> bool:
        """Whether everybody has played."""
        return len(self.guesses) >= self.n_players

    @classmethod
    def read(cls, code: str, n_players: int) -> Row:
        """Return the row of a code.

        Raises
        ------
        ValueError
            If the code was misread, or has more guesses than players.

        Examples
        --------
        >>> Row.read("K7QF-0-11-ABCD", n_players=4)
        Traceback (most recent call last):
        ...
        ValueError: record 'K7QF-0-11-ABCD': the last four characters do not fit the rest; read it again
        """
        name, round_, guesses = codes.open_record(code)
        if len(guesses) > n_players:
            raise ValueError(f"record {code!r}: {len(guesses)} guesses, but only {n_players} players")
        return cls(name, n_players, round_, guesses)

    def signal(self, ticket: str) -> int:
        """Return the ball on a ticket, if it is the ticket of the turn that comes next.

        Raises
        ------
        ValueError
            If the ticket belongs to another game, round or turn.
        """
        opened = codes.open_ticket(ticket)
        if opened.name != self.name:
            raise ValueError(f"ticket {ticket!r}: it belongs to game {opened.name}, this row to {self.name}")
        if opened.round != self.round:
            raise ValueError(f"ticket {ticket!r}: it is for round {opened.round}, this is round {self.round}")
        if opened.turn != len(self.guesses):
            raise ValueError(
                f"ticket {ticket!r}: it is for turn {opened.turn}, and turn {len(self.guesses)} comes next"
            )
        return opened.signal

    def play(self, ticket: str, guess: int) -> Row:
        """Return the row with one more guess; `self` does not change.

        Parameters
        ----------
        ticket : str
            The ticket of the turn that comes next: nobody plays for somebody else, or twice.
        guess : int
            0 or 1.

        Raises
        ------
        ValueError
            If the ticket is not for this turn, or the guess is not 0 or 1.

        Examples
        --------
        >>> ticket = codes.ticket_code("K7QF", 0, 5, signal=0)
        >>> Row("K7QF", n_players=6).play(ticket, guess=0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ValueError: ticket 'K7QF-0-5-...': it is for turn 5, and turn 0 comes next
        """
        self.signal(ticket)
        if isinstance(guess, bool) or guess not in (0, 1):
            raise ValueError(f"guess: {guess!r} must be 0 or 1")
        if self.over:
            raise ValueError(f"round {self.round} is over: all {self.n_players} players have guessed")
        return Row(self.name, self.n_players, self.round, (*self.guesses, int(guess)))


def post(path: str | Path, row: Row) -> None:
    """Append a row with one more guess to the shared file.

    Parameters
    ----------
    path : str or Path
        The file; it is made if there is none.
    row : Row
        What `Row.play` returned.

    Raises
    ------
    ValueError
        If the file holds another guess for this turn, or is not at this turn. What counts stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> first = Row("K7QF", 2).play(codes.ticket_code("K7QF", 0, 0, signal=1), guess=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     post(f"{folder}/rows.txt", first)
    ...     read_rows(f"{folder}/rows.txt", "K7QF", n_players=2)
    {0: Row(name='K7QF', n_players=2, round=0, guesses=(1,))}
    """
    if not row.guesses:
        raise ValueError(f"row {row.code}: nobody has guessed yet, there is nothing to post")
    before = read_rows(path, row.name, row.n_players).get(row.round, Row(row.name, row.n_players, row.round))
    if before.guesses != row.guesses[:-1]:
        raise ValueError(
            f"{path}: round {row.round} stands at {before.code}, so {row.code} does not come next; "
            "read the file again"
        )
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(handle, f"{row.code}\n".encode())
    finally:
        os.close(handle)
    after = read_rows(path, row.name, row.n_players)[row.round]
    if after.guesses[: len(row.guesses)] != row.guesses:
        raise ValueError(
            f"{path}: turn {len(row.guesses) - 1} was played by somebody else at the same moment"
        )


def read_rows(path: str | Path, name: str, n_players: int) -> dict[int, Row]:
    """Return the rows of a shared file by round; a file that is not there yet has none.

    Raises
    ------
    ValueError
        Naming the line that is not a record of this game.
    """
    where = Path(path)
    rows: dict[int, Row] = {}
    if not where.exists():
        return rows
    for number, line in enumerate(where.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = Row.read(line, n_players)
        except ValueError as error:
            raise ValueError(f"{where}, line {number}: {error}") from None
        if row.name != name:
            raise ValueError(f"{where}, line {number}: game {row.name}, but this file is for {name}")
        before = rows.get(row.round, Row(name, n_players, row.round))
        if row.guesses[:-1] == before.guesses and row.guesses:
            rows[row.round] = row
        elif row.guesses[:-1] != before.guesses[: len(row.guesses) - 1]:
            raise ValueError(f"{where}, line {number}: {row.code} does not continue {before.code}")
    return rows
