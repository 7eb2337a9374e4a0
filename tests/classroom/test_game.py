"""The deal: its law, its commitment, its file."""

import json

import numpy as np
import pytest

from llma.classroom import Deal, Game, deal
from llma.classroom.codes import open_ticket


def dealt(seed=5, **changes):
    return deal(
        Game(**{"accuracy": 0.7, "n_players": 6, "n_rounds": 4} | changes), np.random.default_rng(seed)
    )


def test_balls_show_the_urn_with_the_accuracy():
    many = dealt(n_players=100, n_rounds=400)
    right = (many.signals == many.states[:, None]).mean()
    assert abs(right - 0.7) < 4.5 * np.sqrt(0.21 / 40_000)
    assert abs(many.states.mean() - 0.5) < 4.5 * 0.5 / 20


def test_tickets_hold_the_signals():
    one = dealt()
    opened = [[open_ticket(one.ticket(r, t)) for t in range(6)] for r in range(4)]
    np.testing.assert_array_equal([[ticket.signal for ticket in row] for row in opened], one.signals)
    assert {ticket.name for row in opened for ticket in row} == {one.name}


def test_the_commitment_binds(tmp_path):
    one = dealt()
    one.save(tmp_path / "deal.json")
    again = Deal.load(tmp_path / "deal.json")
    assert again.commitment == one.commitment
    np.testing.assert_array_equal(again.signals, one.signals)
    stored = json.loads((tmp_path / "deal.json").read_text())
    stored["states"][0] = 1 - stored["states"][0]
    (tmp_path / "changed.json").write_text(json.dumps(stored))
    assert Deal.load(tmp_path / "changed.json").commitment != one.commitment
    assert dealt(6).commitment != one.commitment


def test_a_deal_is_never_written_over(tmp_path):
    dealt().save(tmp_path / "deal.json")
    before = (tmp_path / "deal.json").read_text()
    with pytest.raises(FileExistsError):
        dealt(6).save(tmp_path / "deal.json")
    assert (tmp_path / "deal.json").read_text() == before


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.pop("salt"), "'salt' is missing"),
        (lambda d: d.update(states=[0, 1]), r"expected states of shape \(4,\)"),
        (lambda d: d["signals"][0].__setitem__(0, 2), "signals"),
        (lambda d: d.update(accuracy=0.5), "accuracy: 0.5"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, change, complaint):
    dealt().save(tmp_path / "deal.json")
    stored = json.loads((tmp_path / "deal.json").read_text())
    change(stored)
    (tmp_path / "bad.json").write_text(json.dumps(stored))
    with pytest.raises(ValueError, match=complaint):
        Deal.load(tmp_path / "bad.json")
    (tmp_path / "worse.json").write_text("{")
    with pytest.raises(ValueError, match="not JSON"):
        Deal.load(tmp_path / "worse.json")


@pytest.mark.parametrize(
    ("rules", "complaint"),
    [
        ((0.5, 4), "accuracy: 0.5"),
        ((0.7, 1), "n_players: 1"),
        ((0.7, 4, 0), "n_rounds: 0"),
        ((0.7, 2.5), "2.5"),
    ],
)
def test_bad_rules(rules, complaint):
    with pytest.raises(ValueError, match=complaint):
        Game(*rules)


def test_no_such_ticket():
    with pytest.raises(ValueError, match="turn: 6 is not one of 0 to 5"):
        dealt().ticket(0, 6)


def test_everybody_is_first_once():
    game = Game(0.7, 5, 5)
    assert sorted(game.player(r, 0) for r in range(5)) == list(range(5))
    assert all(sorted(game.player(r, t) for t in range(5)) == list(range(5)) for r in range(5))
