import json
import shutil

import numpy as np
import pytest
import torch
from scipy.special import expit

from llma.agents import study, text_study, texts
from llma.agents.game import HerdGame, bayesian, history, public_log_odds
from llma.agents.law import population_law
from llma.agents.model import CONFIG
from llma.agents.rules import midpoint, raw
from llma.sensing.tiny import CHECKSUMS, read_checksums
from training import herd_results, herd_texts
from training.herd_games import Games

RESULTS = study.results()


@pytest.fixture(scope="module")
def reader():
    return texts.load_reader()


def some_texts(n, sort="known"):
    against, speaking_for = texts.reviews(sort)
    return [*against[:n], *speaking_for[:n]]


def test_shipped_weights_equal_transformers(reader):
    rng, reviews = np.random.default_rng(3), some_texts(12) + some_texts(6, "both held")
    n = len(reviews)
    accuracy = rng.choice(texts.ACCURACIES, n)
    actions = rng.integers(2, size=(n, 12))
    batch = Games(np.full(n, 0.5), accuracy, np.zeros(n), actions, np.zeros(n))
    with torch.inference_mode():
        scores = herd_texts.answers(herd_texts.read(), herd_texts.ids_of(reviews), herd_texts.behind(batch))
    expected = (scores[:, 1:, 1] - scores[:, 1:, 0]).double().numpy()
    read = (scores[:, 0, 3] - scores[:, 0, 2]).double().numpy()
    np.testing.assert_allclose(reader.reading(reviews), read, atol=1e-3)
    for i, p in enumerate(accuracy):
        found = reader.along(float(p), [reviews[i]], actions[i : i + 1])[0]
        np.testing.assert_allclose(found, expected[i], atol=1e-3)


def test_along_is_the_prompts_one_by_one(reader):
    reviews, rng = some_texts(3), np.random.default_rng(4)
    actions = rng.integers(2, size=(6, 5))
    found = reader.along(0.7, reviews, actions)
    assert found.shape == (6, 6)
    for k in range(6):
        np.testing.assert_allclose(reader.log_odds(0.7, reviews, actions[:, :k]), found[:, k], atol=1e-4)


@pytest.mark.parametrize("file", [CONFIG, f"{texts.READER}.safetensors", texts.REVIEWS])
def test_altered_files_are_refused(tmp_path, file):
    for name in (CONFIG, CHECKSUMS, f"{texts.READER}.safetensors", texts.REVIEWS):
        shutil.copy(texts.FOLDER / name, tmp_path)
    texts.load_reader(tmp_path)
    texts.reviews("known", tmp_path)
    content = bytearray((tmp_path / file).read_bytes())
    content[-2] ^= 1
    (tmp_path / file).write_bytes(bytes(content))
    with pytest.raises(ValueError, match=f"{file} has sha256"):
        texts.reviews("known", tmp_path) if file == texts.REVIEWS else texts.load_reader(tmp_path)


def test_every_file_has_a_checksum():
    assert set(read_checksums(texts.FOLDER)) == {CONFIG, texts.REVIEWS, f"{texts.READER}.safetensors"}


def test_bad_input_is_refused(reader):
    none = np.empty((1, 0), dtype=int)
    with pytest.raises(ValueError, match=r"0\.65 has no token"):
        reader.log_odds(0.65, ["Buy it."], none)
    with pytest.raises(ValueError, match="has 0 words"):
        reader.log_odds(0.7, ["!"], none)
    with pytest.raises(ValueError, match="has 40 words"):
        reader.reading(["it " * 40])
    with pytest.raises(ValueError, match=r"expected \(1, k\)"):
        reader.log_odds(0.7, ["Buy it."], [[0], [1]])
    with pytest.raises(ValueError, match="actions"):
        reader.log_odds(0.7, ["Buy it."], [[2]])
    with pytest.raises(ValueError, match="at most 12"):
        reader.log_odds(0.7, ["Buy it."], [[0] * 13])
    with pytest.raises(ValueError, match="do not belong together"):
        texts.TextAgent(reader.llama, reader.vocabulary[:-1])
    with pytest.raises(ValueError, match="not one of known"):
        texts.reviews("new")
    with pytest.raises(ValueError, match="not one of sampling"):
        text_study.play(reader, 0.7, "sign", 1, np.random.default_rng(0))


def test_prompts_in_words(reader):
    found = reader.words(0.7, "The zeppelin was cracked.", [1, 0])
    assert " ".join(found) == "the ? was cracked . means accuracy=0.7 #1:1 #2:0"
    assert reader.vocabulary == herd_texts.vocabulary()


def test_exact_log_odds_along_drawn_games():
    game = HerdGame(0.5, (0.7,), 0.05, n_agents=6)
    policy = bayesian(game, raw)
    rng = np.random.default_rng(5)
    signal = rng.integers(2, size=20_000)
    states = np.where(rng.random(signal.size) < 0.7, signal, 1 - signal)
    actions = text_study.play_to(game, policy, states, rng)
    exact, crowd = text_study.exact_along(game, policy, signal, actions)
    for i in range(5):
        for k in range(6):
            assert crowd[i, k] == public_log_odds(game, policy)[k][history(actions[i, :k])]
    np.testing.assert_allclose(np.abs(exact - crowd), game.weights[0])
    wrong = (actions != states[:, None]).mean(axis=0)
    np.testing.assert_allclose(wrong, population_law(game, policy).wrong, atol=0.014)
    # An exact reader is calibrated: so the posterior belongs to these games.
    for level in np.unique(exact[:, 5].round(6)):
        here = exact[:, 5].round(6) == level
        if here.sum() > 300:
            assert states[here].mean() == pytest.approx(expit(level), abs=4 / np.sqrt(here.sum()))


class ExactReader:
    """Reads every review and knows Bayes' rule: the study must find nothing wrong with it."""

    def __init__(self, sort="known"):
        against, speaking_for = texts.reviews(sort)
        self.known = {text: -1.0 for text in against} | {text: 1.0 for text in speaking_for}

    def reading(self, reviews):
        return np.array([self.known[text] for text in reviews])

    def along(self, accuracy, reviews, actions):
        game = HerdGame(0.5, (accuracy,), 0.05)
        signal = (self.reading(reviews) > 0).astype(int)
        padded = np.concatenate([actions, np.zeros((len(actions), 12 - actions.shape[1]), int)], axis=1)
        exact, _ = text_study.exact_along(game, bayesian(game, raw), signal, padded)
        return exact[:, : actions.shape[1] + 1]

    def log_odds(self, accuracy, reviews, actions):
        return self.along(accuracy, reviews, actions)[:, -1]


@pytest.mark.parametrize("rule", ["band", "sampling"])
def test_a_row_of_exact_readers_has_the_exact_law(rule):
    row = text_study.played(ExactReader(), 0.7, rule, seed=1, n_runs=4000)
    for k in text_study.SHOWN:
        error = np.sqrt(row[f"exact_{k}"] * (1 - row[f"exact_{k}"]) / 4000)
        assert row[f"wrong_{k}"] == pytest.approx(row[f"exact_{k}"], abs=4.5 * error)


def test_an_exact_reader_has_no_error():
    row = text_study.errors(ExactReader(), 0.8, "known", games=1)
    assert row["mean"] == row["read"] == row["gap"] == row["half"] == 0
    assert row["deaf"] > 0.1
    assert text_study.reading(ExactReader(), "known")["right"] == 1
    assert midpoint(HerdGame(0.5, (0.8,), 0.05)) > 0


def test_results_are_those_of_the_shipped_weights(reader):
    for sort in texts.SORTS:
        found, kept = text_study.reading(reader, sort), RESULTS["text_reading"][texts.READER][sort]
        assert found["right"] == pytest.approx(kept["right"], abs=0.003)
    row = text_study.errors(reader, 0.7, "held words")
    for key, value in RESULTS["text"][texts.READER]["held words: 0.7"].items():
        assert row[key] == pytest.approx(value, abs=2e-3), key


@pytest.mark.slow
def test_all_results_are_those_of_the_shipped_weights():
    found = herd_results.rounded(herd_results.measure_reader(texts.FOLDER))
    for study_ in found:
        for setting, row in found[study_][texts.READER].items():
            for key, value in row.items():
                assert RESULTS[study_][texts.READER][setting][key] == pytest.approx(value, abs=5e-3)


def test_the_card_is_written_by_the_results():
    text = (texts.FOLDER / "CARD.md").read_text()
    assert text == herd_results.reader_card(texts.FOLDER, RESULTS)
    log = json.loads((texts.FOLDER / "training.json").read_text())
    assert log["steps"] == herd_texts.STEPS
    assert 50_000 < log["parameters"] < 75_000
