"""The recorded reading is what the embedded model answers: checked live on a sample of its texts."""

import numpy as np
import pytest

from llma.data import load_reading
from llma.sensing.questions import PRODUCT_REVIEW
from llma.sensing.tiny import WEIGHTS, load, read_checksums
from training.evaluate import first_tokens
from training.reading import BUDGETS, READING, check_cut, main, record, sample

HALF_PRECISION = 2.0**-11
"""Largest relative rounding error of a 16-bit float."""


@pytest.fixture(scope="module")
def reading():
    return load_reading()


@pytest.fixture(scope="module")
def sensor():
    return load()


def test_the_file_is_small_and_says_which_weights_answered(reading):
    assert READING.stat().st_size < 600_000
    remedy = "the weights have changed: run `python -m training.reading` and mend the chapter's numbers"
    assert reading.weights == read_checksums(WEIGHTS)["model.safetensors"], remedy


def test_the_texts_are_those_of_the_seed(reading):
    made = sample()
    assert reading.texts == tuple(example.text for example in made)
    np.testing.assert_array_equal(reading.states, [example.state for example in made])
    np.testing.assert_array_equal(reading.answers, [example.attributes for example in made])


def test_the_answers_are_those_of_the_model(reading, sensor):
    chosen = np.random.default_rng(0).choice(len(reading), size=40, replace=False)
    texts = [reading.texts[i] for i in chosen]
    probabilities, lengths = record(sensor, texts)
    np.testing.assert_array_equal(lengths, reading.lengths[chosen])
    # Another processor may add up in another order: a little more than rounding is allowed.
    np.testing.assert_allclose(
        probabilities, reading.probabilities[chosen], rtol=2 * HALF_PRECISION, atol=1e-4
    )


def test_a_text_shorter_than_its_budget_is_read_as_a_whole(reading):
    for n, budget in enumerate(BUDGETS):
        short = reading.lengths <= budget
        np.testing.assert_array_equal(reading.probabilities[short, n], reading.probabilities[short, -1])


def test_what_comes_after_the_budget_does_not_matter(reading, sensor):
    """Two texts with the same first tokens get the same answers."""
    text = reading.texts[int(reading.lengths.argmax())]
    cut = first_tokens(sensor, text, 12)
    other = cut + " and then something else entirely."
    assert sensor.tokens(other)[:12] == sensor.tokens(text)[:12]
    both, _ = record(sensor, [text, other])
    np.testing.assert_allclose(both[0, :3], both[1, :3], atol=1e-6)
    assert np.abs(both[0, -1] - both[1, -1]).max() > 1e-3


def test_every_cut_of_the_file_keeps_its_tokens(reading, sensor):
    for text in reading.texts[::40]:
        for n in BUDGETS:
            check_cut(sensor, text, n)


def test_a_cut_that_changes_its_tokens_is_refused(sensor):
    """A byte of a letter is no text: read alone, it becomes another token."""
    text = "café is fine"
    place = next(i for i, piece in enumerate(sensor.tokens(text)) if piece == "\ufffd") + 1
    with pytest.raises(ValueError, match=f"the first {place} tokens of 'café is fine'"):
        check_cut(sensor, text, place)


def test_the_script_writes_what_the_loader_reads(tmp_path, monkeypatch, capsys, reading):
    path = tmp_path / "some.npz"
    monkeypatch.setattr("sys.argv", ["reading", "--texts", "6", "--file", str(path)])
    main()
    assert "6 texts" in capsys.readouterr().out
    found = load_reading(path)
    assert found.texts == reading.texts[:6]
    assert found.budgets == reading.budgets == BUDGETS
    np.testing.assert_allclose(found.probabilities, reading.probabilities[:6], atol=1e-3)
    assert found.probabilities.shape[2] == PRODUCT_REVIEW.n_questions
