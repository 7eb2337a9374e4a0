"""The rules of a game, and the draw of everything that chance decides in it.

`deal` draws the urn of every round and the ball of every turn beforehand. The class publishes
`Deal.commitment`, a hash of the draw and of a random salt, before the first guess. After the last guess the
teacher shows the saved deal, anybody recomputes the hash, and everybody sees that nothing was changed.

>>> dealt = deal(Game(2 / 3, n_players=3, n_rounds=2), np.random.default_rng(7))
>>> dealt.signals.shape
(2, 3)
>>> len(dealt.commitment)
64
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llma import checks
from llma.checks import Ints
from llma.classroom import codes
from llma.classroom.codes import ALPHABET
from llma.social import SocialLearning

_FIELDS = ("accuracy", "n_players", "n_rounds", "name", "states", "signals", "salt")


@dataclass(frozen=True)
class Game:
    """The rules: two urns, equally likely; each ball shows its urn with probability `accuracy`.

    Parameters
    ----------
    accuracy : float
        Strictly between 1/2 and 1. Two balls of the urn's colour and one of the other give 2/3.
    n_players : int
        Players in a row, at least 2.
    n_rounds : int
        Rounds, at least 1.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    accuracy: float
    n_players: int
    n_rounds: int = 1

    def __post_init__(self) -> None:
        """Check the rules."""
        if not 0.5 < self.accuracy < 1:
            raise ValueError(f"accuracy: {self.accuracy} must lie strictly between 1/2 and 1")
        for field, least in (("n_players", 2), ("n_rounds", 1)):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise ValueError(f"{field}: {value!r} must be a whole number of at least {least}")

    def model(self, tie: str = "own") -> SocialLearning:
        """Return the row as a model: a wrong guess costs 1, a tied player follows its own ball.

        >>> str(Game(0.75, 5).model().cascade_region())
        '[0.25, 0.75]'
        """
        p = self.accuracy
        return SocialLearning([[p, 1 - p], [1 - p, p]], [[0.0, 1.0], [1.0, 0.0]], tie=tie)

    def player(self, round_: int, turn: int) -> int:
        """Return who plays at a turn: the order moves on by one each round, so that all have early turns.

        >>> [Game(0.7, 3, 2).player(1, turn) for turn in range(3)]
        [1, 2, 0]
        """
        return (turn + round_) % self.n_players


@dataclass(frozen=True, eq=False)
class Deal:
    """What chance decided, drawn before the first guess.

    Attributes
    ----------
    game : Game
    name : str
        Four characters that tell this game from others; it begins every code.
    states : ndarray of int, shape (n_rounds,)
        The urn of each round.
    signals : ndarray of int, shape (n_rounds, n_players)
        The ball at each turn.
    salt : str
        Random, so that the commitment cannot be searched for.
    """

    game: Game
    name: str
    states: Ints
    signals: Ints
    salt: str

    @property
    def commitment(self) -> str:
        """Hash of the whole draw (sha256, 64 hexadecimal digits): publish it before the first guess."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def ticket(self, round_: int, turn: int) -> str:
        """Return the ticket for one turn; only the player of that turn should see it.

        Raises
        ------
        ValueError
            If there is no such round or turn.
        """
        for value, name, number in (
            (round_, "round", self.game.n_rounds),
            (turn, "turn", self.game.n_players),
        ):
            if not 0 <= value < number:
                raise ValueError(f"{name}: {value} is not one of 0 to {number - 1}")
        return codes.ticket_code(self.name, round_, turn, int(self.signals[round_, turn]))

    def save(self, path: str | Path) -> None:
        """Write the deal to a new file; keep it until the last guess is made.

        Raises
        ------
        FileExistsError
            If there is such a file: a deal is never written over.
        """
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(self._text() + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Deal:
        """Return the deal of a file.

        Raises
        ------
        ValueError
            If the file is not a deal; the message names the field.
        """
        where = Path(path)
        try:
            stored = json.loads(where.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{where} is not a deal: it is not JSON ({error})") from None
        missing = [field for field in _FIELDS if not isinstance(stored, dict) or field not in stored]
        if missing:
            raise ValueError(f"{where} is not a deal: {missing[0]!r} is missing")
        game = Game(stored["accuracy"], stored["n_players"], stored["n_rounds"])
        states = checks.indices(stored["states"], f"{where}: states", 2)
        signals = checks.indices(stored["signals"], f"{where}: signals", 2)
        shape = (game.n_rounds, game.n_players)
        if states.shape != shape[:1] or signals.shape != shape:
            raise ValueError(
                f"{where}: expected states of shape {shape[:1]} and signals of shape {shape}, "
                f"got {states.shape} and {signals.shape}"
            )
        return cls(game, str(stored["name"]), states, signals, str(stored["salt"]))

    def _text(self) -> str:
        values = (
            float(self.game.accuracy),
            int(self.game.n_players),
            int(self.game.n_rounds),
            self.name,
            self.states.tolist(),
            self.signals.tolist(),
            self.salt,
        )
        return json.dumps(dict(zip(_FIELDS, values, strict=True)), sort_keys=True)


def deal(game: Game, rng: np.random.Generator) -> Deal:
    """Return a draw of all urns and balls.

    Parameters
    ----------
    game : Game
        The rules.
    rng : numpy.random.Generator
        Unseeded, or seeded with a number that the class does not know.

    Returns
    -------
    Deal

    Examples
    --------
    >>> dealt = deal(Game(0.9, n_players=50, n_rounds=40), np.random.default_rng(3))
    >>> bool(0.87 < (dealt.signals == dealt.states[:, None]).mean() < 0.93)
    True
    """
    states = rng.integers(0, 2, game.n_rounds)
    right = rng.random((game.n_rounds, game.n_players)) < game.accuracy
    signals = np.where(right, states[:, None], 1 - states[:, None])
    name = "".join(ALPHABET[k] for k in rng.integers(0, 32, 4))
    return Deal(game, name, states, signals, rng.bytes(16).hex())
