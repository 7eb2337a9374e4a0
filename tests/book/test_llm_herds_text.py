"""The section on signals in words: its numbers, its statement, its tables."""

import numpy as np
import pytest

from llma.agents import study, text_study, texts
from llma.explorers.llm_herds import texts as tables
from tests.book.passages import passage, printed
from training import herd_texts, herds
from training.grammar import HELD_SHARE

SECTION = "llm-herds-text"


def test_the_recipe_of_the_reader():
    reader = texts.load_reader()
    row = " ".join(reader.words(0.7, "The lid was cracked.", [1, 0]))
    assert row in passage(SECTION)
    parameters = sum(p.numel() for p in herd_texts.new_model().parameters())
    printed(SECTION, f"{parameters:,} parameters", f"vocabulary of {len(reader.vocabulary)} tokens")
    assert herd_texts.LAYERS == 3
    printed(SECTION, "three layers", "Three reviews in ten", "$p$ of 0.6, 0.7 or 0.8 and slips of 0.05")
    assert (herd_texts.NEUTRAL_RATE, texts.ACCURACIES, study.TREMBLE) == (0.3, (0.6, 0.7, 0.8), 0.05)
    printed(SECTION, f"{text_study.RUNS} times without slips", "The last quarter")
    assert HELD_SHARE == 0.25
    assert len(reader.vocabulary) > 2 * len(texts.FIXED)


def test_words_add_nothing():
    """Enumerate a small game with six texts, three under either signal."""
    rng = np.random.default_rng(8)
    for _ in range(20):
        joint = rng.dirichlet(np.ones(12)).reshape(2, 3, 2)  # (x, h, y), any law at all
        text = np.zeros((2, 6))
        text[0, :3], text[1, 3:] = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3))
        full = np.einsum("xhy,yt->xht", joint, text)
        given_text = full[1] / full.sum(axis=0)
        given_signal = joint[1] / joint.sum(axis=0)
        np.testing.assert_allclose(given_text, np.repeat(given_signal, 3, axis=1))


def test_the_tables_show_the_results():
    rows = study.results()["text"][texts.READER]
    for p in tables.ROWS:
        row = rows[f"known: {p}"]
        assert f"{row['mean']:.4f} ±{row['half']:.4f}" in tables.errors_table()
        assert f"{row['mean_4']:.4f}" in tables.lengths_table()
        played = study.results()["text_rows"][texts.READER][f"band: {p}"]
        assert f"[{played['low_10']:.3f}, {played['high_10']:.3f}]" in tables.rows_table()
        half = (played["high_10"] - played["low_10"]) / 2
        assert half < 0.016
    known = np.mean([rows[f"known: {p}"]["mean"] for p in tables.ROWS])
    assert f"mean{known:7.4f}" in tables.errors_table()
    for table in (tables.errors_table(), tables.lengths_table(), tables.sorts_table(), tables.rows_table()):
        assert max(map(len, table.splitlines())) <= 40


def test_a_wrong_reading_costs_most():
    printed(SECTION, "What costs most is a clause taken the wrong way")
    for sort in texts.SORTS:
        seen = study.results()["text_reading"][texts.READER][sort]
        for p in tables.ROWS:
            row = study.results()["text"][texts.READER][f"{sort}: {p}"]
            if seen["right"] < 1:
                # mean = right * read + (1 - right) * wrong, equally many games a review
                wrong = (row["mean"] - seen["right"] * row["read"]) / (1 - seen["right"])
                assert wrong > 3 * row["read"]
                assert wrong > row["deaf"]


def test_the_reader_is_better_than_the_deaf():
    for p in tables.ROWS:
        row = study.results()["text"][texts.READER][f"known: {p}"]
        assert row["mean"] + row["half"] < row["deaf"] / 2
        assert row["read"] == pytest.approx(row["mean"], abs=row["mean"])


def test_what_is_said_of_new_words_and_new_templates():
    printed(SECTION, "little better than a coin there", "about as bad as the deaf")
    printed(SECTION, "New words make the error nearly three times as large, and it stays small")
    results = study.results()
    right = results["text_reading"][texts.READER]
    rows = results["text"][texts.READER]
    error = {s: np.mean([rows[f"{s}: {p}"]["mean"] for p in tables.ROWS]) for s in texts.SORTS}
    deaf = np.mean([rows[f"both held: {p}"]["deaf"] for p in tables.ROWS])
    assert right["held words"]["low"] > 0.9
    assert 0.5 < right["held templates"]["low"] < right["held templates"]["high"] < 0.7
    assert 2.5 < error["held words"] / error["known"] < 3
    assert error["held words"] < 0.03 < error["held templates"]
    assert error["both held"] == pytest.approx(deaf, rel=0.1)


def test_what_is_said_of_the_rows():
    printed(SECTION, "With the band no difference is seen", "With sampling the row misses")
    rows = study.results()["text_rows"][texts.READER]
    inside = {
        rule: [
            rows[f"{rule}: {p}"]["low_10"]
            < rows[f"{rule}: {p}"]["exact_10"]
            < rows[f"{rule}: {p}"]["high_10"]
            for p in tables.ROWS
        ]
        for rule in ("band", "sampling")
    }
    halves = [(row["high_10"] - row["low_10"]) / 2 for row in rows.values()]
    printed(SECTION, f"half the interval, {min(halves):.3f} to {max(halves):.3f}")
    assert all(inside["band"])
    assert not all(inside["sampling"])


def test_where_the_vocabulary_leaves_no_difference():
    reader = texts.load_reader()
    against, speaking_for = (
        [tuple(reader.tokens(text)) for text in part] for part in texts.reviews("both held")
    )
    both = set(against) & set(speaking_for)
    alike = sum(row in both for row in (*against, *speaking_for))
    printed(SECTION, f"{alike} of {len(against) + len(speaking_for)}, have the same words")


def test_the_hardest_length():
    printed(SECTION, "of these lengths four is the hardest, at each accuracy")
    rows = [line.split() for line in tables.lengths_table().splitlines()[1:]]
    for column in (1, 2, 3):
        assert max(rows, key=lambda row: float(row[column]))[0] == "4"


@pytest.mark.slow
def test_how_many_test_reviews_the_training_contains():
    """Draw as many reviews as a training; a fifth of them have hidden words and do not count."""
    printed(SECTION, "about four in five of these reviews, nearly all of the short ones")
    printed(SECTION, "as were some words in a fifth of the reviews of the training")
    assert herd_texts.MASKED == 0.2
    rng = np.random.default_rng(1)
    n_shown = int((1 - herd_texts.MASKED) * herds.BATCH * sum(herd_texts.STEPS.values()))
    shown = {herd_texts.review(int(rng.integers(2)), "known", rng) for _ in range(n_shown)}
    against, speaking_for = texts.reviews("known")
    met = np.array([text in shown for text in (*against, *speaking_for)])
    short = np.array([text.count(".") == 1 for text in (*against, *speaking_for)])
    assert 0.75 < met.mean() < 0.85
    assert met[short].mean() > 0.95


def test_how_many_reviews_contain_an_unknown_word():
    printed(
        SECTION,
        "seven in ten of those reviews contain one, and most of these",
        "most bring unknown words too",
    )
    reader, share, right = texts.load_reader(), {}, {}
    for sort in ("held words", "held templates"):
        against, speaking_for = texts.reviews(sort)
        some = [*against, *speaking_for]
        unknown = np.array([texts.UNKNOWN_TOKEN in reader.tokens(text) for text in some])
        told = (reader.reading(some) > 0) == np.repeat([False, True], [len(against), len(speaking_for)])
        share[sort], right[sort] = unknown.mean(), told[unknown].mean()
    assert round(10 * share["held words"]) == 7
    assert right["held words"] > 0.85
    assert share["held templates"] > 0.5
