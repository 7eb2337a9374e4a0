"""The shipped weights, in bands: accuracy of the splits, calibration, stopping, hedging, the card.

The seed is not the card's. Bands leave room for sampling error.
"""

import json

import numpy as np
import pytest

from llma.sensing.questions import QUESTIONNAIRES, questionnaire
from llma.sensing.tiny import WEIGHTS, load, read_checksums
from training.evaluate import first_tokens, stopping
from training.scores import SPLITS, calibration_error, ceiling, examples, pooled_accuracy, score

SEED, N = 77, 300
AT_LEAST = {"new texts": 0.90, "unseen templates": 0.82, "unseen words": 0.84, "both unseen": 0.72}


@pytest.fixture(scope="module")
def sensor():
    return load()


@pytest.fixture(scope="module")
def splits(sensor):
    return {
        split: {d: score(sensor, examples(SPLITS[split], d, N, SEED)) for d in QUESTIONNAIRES}
        for split in AT_LEAST
    }


@pytest.mark.parametrize("split", AT_LEAST)
def test_accuracy_of_all_bits_together(splits, split):
    assert pooled_accuracy(list(splits[split].values())) > AT_LEAST[split]


@pytest.mark.parametrize("domain", QUESTIONNAIRES)
def test_every_question_beats_its_majority_rate(splits, domain):
    scores = splits["new texts"][domain]
    assert (scores.accuracy > scores.majority + 0.02).all(), (scores.accuracy, scores.majority)


def test_no_split_beats_the_best_reader(splits):
    for split, by_domain in splits.items():
        bound = np.mean(
            [c for d in QUESTIONNAIRES for e in examples(SPLITS[split], d, N, SEED) for c in ceiling(e)]
        )
        assert pooled_accuracy(list(by_domain.values())) < bound + 0.01


def test_probabilities_are_calibrated_in_the_grammar(sensor):
    scores = [score(sensor, examples(SPLITS["new texts"], d, 1000, SEED + 1)) for d in QUESTIONNAIRES]
    assert calibration_error(scores) < 0.03


def test_it_answers_and_stops(sensor):
    assert all(stopping(sensor, 2))


@pytest.mark.parametrize("domain", QUESTIONNAIRES)
def test_a_cut_text_is_answered_with_more_doubt(sensor, domain):
    """Accuracy grows with the tokens read, and few tokens give answers near the base rates."""
    sample = examples(SPLITS["new texts"], domain, 200, SEED + 2)
    by_length = [score(sensor, sample, [first_tokens(sensor, e.text, n) for e in sample]) for n in (3, 15)]
    whole = score(sensor, sample)
    accuracy = [pooled_accuracy([s]) for s in (*by_length, whole)]
    assert accuracy == sorted(accuracy)
    doubt = [np.minimum(s.probabilities, 1 - s.probabilities).mean() for s in (*by_length, whole)]
    assert doubt == sorted(doubt, reverse=True)
    assert calibration_error(by_length[:1]) < 0.15


@pytest.mark.parametrize("domain", QUESTIONNAIRES)
def test_answers_move_with_the_state(sensor, domain):
    """The mean probability of every question moves the way that the questionnaire says."""
    scores = score(sensor, examples(SPLITS["both unseen"], domain, 600, SEED + 3))
    n_states = questionnaire(domain).n_states
    means = np.array([scores.probabilities[scores.states == x].mean(axis=0) for x in range(n_states)])
    for k, question in enumerate(questionnaire(domain).questions):
        assert question.direction * (means[-1, k] - means[0, k]) > 0.1, question.key


def test_the_likelihood_file_belongs_to_the_questionnaires():
    tables = json.loads((WEIGHTS / "likelihood.json").read_text(encoding="utf-8"))
    assert set(tables) == set(QUESTIONNAIRES)
    for name, asked in QUESTIONNAIRES.items():
        table = np.array(tables[name]["table"])
        assert table.shape == (asked.n_states, asked.n_observations)
        assert (table > 0).all()
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-5)


def test_the_card_is_the_card_of_these_weights():
    card = (WEIGHTS / "CARD.md").read_text(encoding="utf-8")
    for name, digest in read_checksums(WEIGHTS).items():
        assert f"| `{name}` | `{digest}` |" in card


def test_the_weights_are_small():
    assert (WEIGHTS / "model.safetensors").stat().st_size < 1.6e6
