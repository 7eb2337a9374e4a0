"""Counts: shares, the covariance with half a text in each cell, and whitened coordinates."""

import numpy as np
import pytest

from llma.ribum.sampling.sample import CountsTest, Sample


def test_the_covariance_is_multinomial_with_half_a_text():
    counts = np.array([[[12, 5, 3], [0, 20, 0]]])
    factors = Sample(counts).factors
    for x in range(2):
        p = (counts[0, x] + 0.5) / (20 + 1.5)
        expected = (np.diag(p) - np.outer(p, p)) / 20
        np.testing.assert_allclose(factors[0, x] @ factors[0, x].T, expected[:2, :2])


def test_standard_errors_do_not_depend_on_the_action_dropped():
    rng = np.random.default_rng(0)
    counts, forms = rng.multinomial(30, [0.5, 0.3, 0.2], size=(2, 2)), rng.normal(size=(7, 2, 2, 3))
    turned = Sample(np.roll(counts, 1, axis=2)).standard_errors(np.roll(forms, 1, axis=3))
    np.testing.assert_allclose(Sample(counts).standard_errors(forms), turned)
    np.testing.assert_allclose(Sample(counts).standard_errors(forms + 5.0), turned)  # rows sum to one


def test_standard_errors_are_those_of_repeated_samples():
    table = np.array([[[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]])
    form = np.array([[[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]]])
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(200, table, size=(4000, 1, 2))
    values = (drawn / 200 * form).sum(axis=(1, 2, 3))
    estimated = Sample((200 * table).round().astype(int)).standard_errors(form)
    assert estimated == pytest.approx(values.std(), rel=0.04)


def test_coordinates_and_gradients_belong_together():
    rng = np.random.default_rng(2)
    sample = Sample(rng.multinomial(25, [0.4, 0.4, 0.2], size=(3, 2)))
    z, form = rng.normal(size=12), rng.normal(size=(3, 2, 3))
    moved = sample.table(z)
    np.testing.assert_allclose(moved.sum(axis=2), 1)
    change = (form * (moved - sample.shares)).sum()
    assert sample.whiten(form) @ z == pytest.approx(change)
    np.testing.assert_allclose(sample.cells @ z, (moved - sample.shares).ravel())


def test_rows_without_texts():
    sample = Sample([[[3, 1], [0, 0]]])
    assert np.isnan(sample.shares[0, 1]).all()
    with pytest.raises(ValueError, match="no text in state 1 of environment 0"):
        sample.require_texts("projection")


@pytest.mark.parametrize(
    ("counts", "message"), [([[[1, -1]]], "-1"), ([[[0.5, 1]]], "0.5"), ([[1, 2]], "3 axes")]
)
def test_bad_counts_are_named(counts, message):
    with pytest.raises(ValueError, match=message):
        Sample(counts)


def test_the_verdict_in_words():
    assert str(CountsTest("box", "nis", 0.05, False, None, 0.0)) == "NIS not rejected at level 0.05 (box)"
