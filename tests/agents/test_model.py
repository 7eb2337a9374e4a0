import shutil

import numpy as np
import pytest
import torch

from llma.agents import prompts
from llma.agents.game import HerdGame, actions_of
from llma.agents.model import CONFIG, WEIGHTS, HerdAgent, load, names
from llma.sensing.llama import Shape, random_llama
from llma.sensing.tiny import CHECKSUMS, read_checksums
from training import herds
from training.herd_games import Games

SHAPE = Shape(len(prompts.VOCABULARY), 8, 2, 2, 1, 4, 16, 16)


@pytest.fixture(scope="module")
def stranger():
    return HerdAgent(random_llama(SHAPE, np.random.default_rng(0), scale=0.5), "stranger")


def by_transformers(name, batch):
    """Log-odds after the 13 prompts of every game, by PyTorch and transformers."""
    with torch.inference_mode():
        scores = herds.answers(herds.read(name, WEIGHTS).eval(), batch)
    return (scores[..., 1] - scores[..., 0]).double().numpy()


@pytest.mark.parametrize("name", names())
def test_shipped_weights_equal_transformers(name):
    rng, n = np.random.default_rng(7), 8
    batch = Games(
        prior=rng.uniform(0.2, 0.8, n),
        accuracy=np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0.5, 1.0, n)),
        signal=rng.integers(3, size=n),
        actions=rng.integers(2, size=(n, 12)),
        states=rng.integers(2, size=n),
    )
    expected, agent = by_transformers(name, batch), load(name)
    for i in range(n):
        accuracy = None if np.isnan(batch.accuracy[i]) else float(batch.accuracy[i])
        signal = None if batch.signal[i] == prompts.NO_SIGNAL else int(batch.signal[i])
        for k in range(13):
            found = agent.log_odds(float(batch.prior[i]), accuracy, signal, batch.actions[i, :k].tolist())
            assert found == pytest.approx(expected[i, k], abs=2e-4)


@pytest.mark.parametrize("n", [0, 3, 6, 7, 9])
def test_the_tree_equals_single_prompts(stranger, n):
    levels = stranger.tree(0.45, 0.63, 1, n)
    assert [level.shape for level in levels] == [(1 << k,) for k in range(n + 1)]
    rng = np.random.default_rng(n)
    for k in range(n + 1):
        for h in rng.integers(1 << k, size=5):
            single = stranger.log_odds(0.45, 0.63, 1, actions_of(int(h), k))
            assert levels[k][h] == pytest.approx(single, abs=1e-4)
    assert np.ptp(levels[-1]) > 0.01 or n == 0


def test_tables_have_the_order_of_the_game(stranger):
    game = HerdGame(0.5, (0.65, 0.9), n_agents=4)
    table = stranger.private(game)
    assert [level.shape for level in table] == [(1 << k, 2, 2) for k in range(4)]
    found = stranger.log_odds(0.5, 0.9, 0, (0, 1, 1))
    assert table[3][0b011, 1, 0] == pytest.approx(found, abs=1e-4)
    public = stranger.public(game)
    assert [level.size for level in public] == [1, 2, 4, 8, 16]
    assert public[2][0b10] == pytest.approx(stranger.log_odds(0.5, None, None, (1, 0)), abs=1e-4)
    common = stranger.public(HerdGame(0.5, (0.7,), n_agents=2))
    assert common[1][1] == pytest.approx(stranger.log_odds(0.5, 0.7, None, (1,)), abs=1e-4)


def test_graded_tokens_lie_between(stranger):
    table = stranger.llama.embedding
    stated, head = stranger._stated(0.35, 0.9, None)
    prior = (table[prompts.PRIOR_TOKEN + 1] + table[prompts.PRIOR_TOKEN + 2]) / 2
    np.testing.assert_allclose(stated.embedding[head[0]], prior, atol=1e-6)
    np.testing.assert_array_equal(stated.embedding[head[1]], table[prompts.ACCURACY_TOKEN + 4])


@pytest.mark.parametrize("file", [CONFIG, "greedy-0.safetensors"])
def test_altered_files_are_refused(tmp_path, file):
    for name in (CONFIG, CHECKSUMS, "greedy-0.safetensors"):
        shutil.copy(WEIGHTS / name, tmp_path)
    assert load("greedy-0", tmp_path).log_odds(0.5, 0.7, 1, []) > 0
    content = bytearray((tmp_path / file).read_bytes())
    content[-2] ^= 1
    (tmp_path / file).write_bytes(bytes(content))
    with pytest.raises(ValueError, match=f"{file} has sha256"):
        load("greedy-0", tmp_path)


def test_every_shipped_file_has_a_checksum():
    assert set(read_checksums(WEIGHTS)) == {CONFIG, *(f"{name}.safetensors" for name in names())}


def test_bad_input_is_refused(stranger):
    with pytest.raises(ValueError, match="no herd agent 'parrot'"):
        load("parrot")
    with pytest.raises(ValueError, match="outside the grades"):
        stranger.tree(0.1, 0.7, 1, 2)
    with pytest.raises(ValueError, match="n: 13"):
        stranger.tree(0.5, 0.7, 1, 13)
    with pytest.raises(ValueError, match="signal"):
        stranger.tree(0.5, 0.7, 2, 1)
    with pytest.raises(ValueError, match="at most 12"):
        stranger.log_odds(0.5, 0.7, 1, [0] * 13)
    shape = Shape(9, 8, 1, 2, 1, 4, 16, 16)
    with pytest.raises(ValueError, match="do not belong together"):
        HerdAgent(random_llama(shape, np.random.default_rng(0)), "other")


def test_prompts_in_words():
    assert prompts.words(0.5, None, None, []) == ["prior=0.5", "accuracy=?", "signal=?"]
    assert len(prompts.VOCABULARY) == len(set(prompts.VOCABULARY)) == 43
    tokens = prompts.action_tokens([1, 0])
    assert [prompts.VOCABULARY[token] for token in tokens] == ["#1:1", "#2:0"]
    for k, value in enumerate(prompts.PRIOR_GRADES):
        assert prompts.grade(value, prompts.PRIOR_GRADES) == (k, k, 0.0)
