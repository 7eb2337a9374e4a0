import json

import numpy as np
import pytest
import torch

from llma.agents import prompts
from llma.agents.game import HerdGame, bayesian
from llma.agents.law import population_law
from llma.agents.model import load
from llma.agents.rules import raw, sampled
from training import herd_games, herds


@pytest.mark.parametrize("games", [herds.greedy_games(), [HerdGame(0.3, (0.65, 0.9))]])
def test_drawn_games_follow_the_exact_law(games):
    policies = [bayesian(game, raw) for game in games]
    batch = herd_games.from_tables(games, policies)(np.random.default_rng(0), 20_000)
    laws = [population_law(game, policy) for game, policy in zip(games, policies, strict=True)]
    wrong = (batch.actions != batch.states[:, None]).mean(axis=0)
    np.testing.assert_allclose(wrong, np.mean([law.wrong for law in laws], axis=0), atol=0.016)
    assert batch.states.mean() == pytest.approx(np.mean([game.prior for game in games]), abs=0.015)
    public = batch.signal == prompts.NO_SIGNAL
    assert public.mean() == pytest.approx(herd_games.PUBLIC_SHARE, abs=0.015)
    assert np.isnan(batch.accuracy).any() == (len(games[0].accuracies) > 1)
    told = batch.accuracy[~public]
    right = (batch.signal == batch.states)[~public]
    for accuracy in np.unique(told):
        assert right[told == accuracy].mean() == pytest.approx(accuracy, abs=0.025)


def test_graded_games_follow_the_exact_law(monkeypatch):
    monkeypatch.setattr(herd_games, "PRIOR_RANGE", (0.4, 0.4))
    monkeypatch.setattr(herd_games, "PRIOR_GAP", (0.4, 0.4))
    monkeypatch.setattr(herd_games, "ACCURACY_RANGE", (0.7, 0.7))
    monkeypatch.setattr(herd_games, "ACCURACY_GAP", (0.7, 0.7))
    batch = herd_games.graded(np.random.default_rng(1), 40_000)
    game = HerdGame(0.4, (0.7,))
    law = population_law(game, bayesian(game, sampled))
    wrong = (batch.actions != batch.states[:, None]).mean(axis=0)
    np.testing.assert_allclose(wrong, law.wrong, atol=0.012)


def test_nothing_is_drawn_in_the_gaps():
    batch = herd_games.graded(np.random.default_rng(2), 5000)
    for values, gap in ((batch.prior, herd_games.PRIOR_GAP), (batch.accuracy, herd_games.ACCURACY_GAP)):
        assert not ((values > gap[0]) & (values < gap[1])).any()
        assert (values < gap[0]).any()
        assert (values > gap[1]).any()


def test_tokens_of_a_batch_are_those_of_the_prompts():
    batch = herd_games.Games(
        prior=np.array([0.5, 0.35]),
        accuracy=np.array([np.nan, 0.9]),
        signal=np.array([2, 1]),
        actions=np.array([[0, 1] * 6, [1] * 12]),
        states=np.array([0, 1]),
    )
    lower, upper, share = herds.tokens(batch)
    stated = np.where(share > 0.999, upper, lower)[0]
    assert [prompts.VOCABULARY[t] for t in stated[:5]] == [
        "prior=0.5",
        "accuracy=?",
        "signal=?",
        "#1:0",
        "#2:1",
    ]
    assert (prompts.VOCABULARY[lower[1, 0]], prompts.VOCABULARY[upper[1, 0]]) == ("prior=0.3", "prior=0.4")
    assert share[1, 0] == pytest.approx(0.5)


def test_a_short_training_learns_and_is_repeatable(tmp_path):
    torch.use_deterministic_algorithms(True)
    try:
        for folder in ("one", "two"):
            herds.build("private", tmp_path / folder, share=0.02)
    finally:
        torch.use_deterministic_algorithms(False)
    one, two = ((tmp_path / f / "private.safetensors").read_bytes() for f in ("one", "two"))
    assert one == two
    agent = load("private", tmp_path / "one")
    assert agent.log_odds(0.5, 0.9, 1, []) > agent.log_odds(0.5, 0.9, 0, []) + 0.5
    herds.build("greedy-0", tmp_path / "one", share=0.001)
    herds.build("greedy-0-raw-1", tmp_path / "one", share=0.01)
    log = json.loads((tmp_path / "one" / "training.json").read_text())
    assert list(log) == ["greedy-0", "greedy-0-raw-1", "private"]
    assert 20_000 < log["private"]["parameters"] < 40_000


def test_rounds_come_after_what_they_start_from():
    names = herds.all_names()
    for name in names:
        if name.count("-") == 3:
            assert names.index(herds.before(name)) < names.index(name)
