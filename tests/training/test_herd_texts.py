import json

import numpy as np
import pytest
import torch

from llma.agents import texts
from training import herd_texts, reviews
from training.grammar import part_of


def test_reviews_never_have_an_opener_and_side_with_their_signal():
    """No review contains a template of the other side's lists or an opener, word for word."""
    rng = np.random.default_rng(0)
    plain = {s: set() for s in (0, 1)}
    for attribute, by_value in reviews.STATEMENTS.items():
        for value, some in by_value.items():
            side = int(value == reviews.FAVOURABLE[attribute])
            plain[side] |= {t.lower() for t in some if "{" not in t}
    assert not plain[0] & plain[1]
    openers = [t.split("{")[0].strip() for by in reviews.OPENERS.values() for t in by]
    openers = [t for t in openers if len(t.split()) > 1 and t not in ("so far a",)]
    seen = {0: 0, 1: 0}
    for signal in (0, 1):
        for _ in range(1500):
            clauses = [c.strip().lower() for c in herd_texts.review(signal, "known", rng).split(".")]
            for clause in filter(None, clauses):
                assert clause not in plain[1 - signal]
                seen[signal] += clause in plain[signal]
                assert not any(clause.startswith(o.lower() + " ") for o in openers)
    assert min(seen.values()) > 200


def test_no_review_speaks_both_ways():
    rng = np.random.default_rng(6)
    for sort in texts.SORTS:
        against, speaking_for = (
            {herd_texts.review(s, sort, rng).lower() for _ in range(3000)} for s in (0, 1)
        )
        assert not against & speaking_for
        assert not {t.lower() for t in texts.reviews(sort)[0]} & {t.lower() for t in texts.reviews(sort)[1]}


def test_three_in_ten_of_the_reviews_say_one_thing_more():
    rng = np.random.default_rng(1)
    some = [herd_texts.review(1, "known", rng) for _ in range(2000)]
    two = np.mean([text.count(".") == 2 for text in some])
    assert {text.count(".") for text in some} == {1, 2}
    assert two == pytest.approx(herd_texts.NEUTRAL_RATE, abs=0.045)


def test_known_reviews_have_no_unknown_word_and_held_words_have():
    rng = np.random.default_rng(2)
    unknown = {}
    for sort in texts.SORTS:
        rows = herd_texts.ids_of([herd_texts.review(i % 2, sort, rng) for i in range(600)])
        unknown[sort] = np.mean([texts.UNKNOWN_TOKEN in row for row in rows])
        assert max(map(len, rows)) <= texts.MAX_WORDS
        assert all(row[-1] == texts.MEANS_TOKEN for row in rows)
    assert unknown["known"] == 0
    assert min(unknown["held words"], unknown["both held"]) > 0.3


def test_shipped_reviews_are_of_their_sort():
    known = set(herd_texts.vocabulary())
    assert herd_texts.vocabulary()[: len(texts.FIXED)] == texts.FIXED
    for sort, n in herd_texts.N_REVIEWS.items():
        found = texts.reviews(sort)
        assert [len(side) for side in found] == [n, n]
    for side in texts.reviews("known"):
        assert all(known >= set(texts.words_of(text)) for text in side)
    held = {
        t.lower()
        for by in reviews.STATEMENTS.values()
        for some in by.values()
        for t in set(some) - set(part_of(some, "known"))
        if "{" not in t
    }
    texts_of = {s: " ".join(t.lower() for side in texts.reviews(s) for t in side) for s in texts.SORTS}
    assert any(t in texts_of["held templates"] for t in held)


def test_a_short_training_learns_and_is_repeatable(tmp_path):
    torch.use_deterministic_algorithms(True)
    try:
        for folder in ("one", "two"):
            herd_texts.build(tmp_path / folder, share=0.012)
    finally:
        torch.use_deterministic_algorithms(False)
    one, two = ((tmp_path / f / f"{texts.READER}.safetensors").read_bytes() for f in ("one", "two"))
    assert one == two
    agent = texts.load_reader(tmp_path / "one")
    assert np.isfinite(agent.reading(["It has a crack."])).all()
    log = json.loads((tmp_path / "one" / "training.json").read_text())
    assert log["steps"] == {stage: round(0.012 * n) for stage, n in herd_texts.STEPS.items()}


def test_rows_of_different_lengths_do_not_disturb_each_other():
    torch.manual_seed(0)
    model = herd_texts.new_model().eval()
    rows = herd_texts.ids_of(["Buy it.", "The lid was cracked. My kettle came on Monday."])
    tails = np.array([[texts.ACCURACY_TOKEN, texts.ACTION_TOKEN]] * 2)
    with torch.inference_mode():
        both = herd_texts.answers(model, rows, tails)
        for i in range(2):
            alone = herd_texts.answers(model, rows[i : i + 1], tails[i : i + 1])
            torch.testing.assert_close(both[i], alone[0], atol=1e-5, rtol=1e-5)
