"""The public record: it grows in order, and a shared file loses nothing."""

import multiprocessing

import numpy as np
import pytest

from llma.classroom import Game, Row, deal, post, read_rows

GAME = Game(0.7, n_players=8, n_rounds=3)
DEALT = deal(GAME, np.random.default_rng(11))


def fresh(round_=0):
    return Row(DEALT.name, GAME.n_players, round_)


def played(guesses, round_=0):
    row = fresh(round_)
    for turn, guess in enumerate(guesses):
        row = row.play(DEALT.ticket(round_, turn), guess)
    return row


def test_a_row_travels_as_a_code():
    row = played([1, 0, 1])
    assert Row.read(row.code, GAME.n_players) == row
    assert Row.read(fresh().code, GAME.n_players) == fresh()
    assert not row.over
    assert played([1] * 8).over


@pytest.mark.parametrize(
    ("row", "ticket", "guess", "complaint"),
    [
        (fresh(), DEALT.ticket(0, 1), 1, "for turn 1, and turn 0 comes next"),
        (fresh(1), DEALT.ticket(0, 0), 1, "for round 0, this is round 1"),
        (Row("AAAA", 8), DEALT.ticket(0, 0), 1, "this row to AAAA"),
        (fresh(), DEALT.ticket(0, 0), 2, "guess: 2"),
        (fresh(), DEALT.ticket(0, 0), True, "guess: True"),
        (fresh(), DEALT.ticket(0, 0)[:-1] + "?", 1, "read it again"),
    ],
)
def test_what_a_row_refuses(row, ticket, guess, complaint):
    with pytest.raises(ValueError, match=complaint):
        row.play(ticket, guess)


def test_more_guesses_than_players():
    with pytest.raises(ValueError, match="8 guesses, but only 4 players"):
        Row.read(played([1] * 8).code, 4)


def test_a_shared_file(tmp_path):
    path = tmp_path / "rows.txt"
    assert read_rows(path, DEALT.name, 8) == {}
    for k in (1, 2):
        post(path, played([1, 0][:k]))
    post(path, played([0], round_=2))
    assert read_rows(path, DEALT.name, 8) == {0: played([1, 0]), 2: played([0], round_=2)}
    for late in (played([0]), played([1, 0, 1, 1]), played([0, 0, 1])):
        with pytest.raises(ValueError, match="does not come next"):
            post(path, late)
    with pytest.raises(ValueError, match="nothing to post"):
        post(path, fresh())
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nonsense", "line 2: record 'nonsense'"),
        (Row("AAAA", 8, 0, (1,)).code, "line 2: game AAAA"),
        (played([0, 1, 1]).code, "does not continue"),
    ],
)
def test_a_damaged_file_names_its_line(tmp_path, line, complaint):
    path = tmp_path / "rows.txt"
    path.write_text(f"{played([1]).code}\n{line}\n")
    with pytest.raises(ValueError, match=complaint):
        read_rows(path, DEALT.name, 8)


def test_the_first_line_for_a_turn_counts(tmp_path):
    path = tmp_path / "rows.txt"
    lines = [played([1]), played([0]), played([1, 1])]
    path.write_text("".join(f"{row.code}\n" for row in lines))
    assert read_rows(path, DEALT.name, 8)[0] == played([1, 1])


def _post_one(path, guess, barrier, results):
    barrier.wait()
    try:
        post(path, played([guess]))
        results.put(guess)
    except ValueError:
        results.put(None)


def test_players_who_write_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    path, barrier, results = tmp_path / "rows.txt", context.Barrier(6), context.Queue()
    writers = [context.Process(target=_post_one, args=(path, k % 2, barrier, results)) for k in range(6)]
    for writer in writers:
        writer.start()
    told = [results.get(timeout=60) for _ in writers]
    for writer in writers:
        writer.join()
    (guess,) = read_rows(path, DEALT.name, 8)[0].guesses
    # Whoever was told that the guess stands sees that guess in the file.
    assert {g for g in told if g is not None} == {guess}
