"""Calibration, repeated answers and the error of an estimated ratio, each against an independent method."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from llma.reliability import Reliability, log_ratio_error, reliability, repeat_odds

inside = st.floats(0.05, 0.95)


def test_a_calibrated_sensor_has_a_small_error_and_an_overconfident_one_does_not():
    rng = np.random.default_rng(1)
    honest = rng.uniform(size=20_000)
    truth = (rng.uniform(size=honest.size) < honest).astype(float)
    assert reliability(honest, truth).error < 0.02
    boastful = np.where(honest > 0.5, 0.5 + honest / 2, honest / 2)
    assert reliability(boastful, truth).error > 0.1


def test_missing_answers_and_missing_truths_are_left_out():
    table = reliability([0.2, np.nan, 0.9, 1.0], [0, 1, np.nan, 1], n_bins=2)
    assert table.count.tolist() == [1, 1]
    assert table.error == pytest.approx(0.1)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_bins_hold_every_answer_once_and_average_correctly(n_bins, seed):
    rng = np.random.default_rng(seed)
    stated, truth = rng.uniform(size=50), rng.integers(0, 2, size=50)
    table = reliability(stated, truth, n_bins)
    assert table.count.sum() == 50
    assert np.nansum(table.count * table.stated) == pytest.approx(stated.sum())
    assert np.nansum(table.count * table.observed) == pytest.approx(truth.sum())
    assert 0 <= table.error <= 1


@pytest.mark.parametrize(
    ("stated", "truth", "n_bins", "message"),
    [
        ([0.5], [0.5], 10, "truth: entry 0 is 0.5"),
        ([0.5, 0.5], [1], 10, "shape"),
        ([1.5], [1], 10, "probability lies between 0 and 1"),
        ([0.5], [1], 0, "n_bins is 0"),
        ([np.nan], [1], 10, "no answer to compare"),
    ],
)
def test_wrong_tables_are_refused(stated, truth, n_bins, message):
    with pytest.raises(ValueError, match=message):
        reliability(stated, truth, n_bins)


def test_a_reliability_of_odd_shapes_is_refused():
    with pytest.raises(ValueError, match="2 bins need 3 edges"):
        Reliability(np.zeros(2), np.ones(2, dtype=np.int64), np.zeros(2), np.zeros(2))


@given(inside, st.floats(0.01, 0.99), st.integers(0, 8), st.integers(0, 8))
def test_the_urn_formula_is_the_ratio_of_two_beta_binomial_laws(p, rho, yes, no):
    v = 1 / rho - 1
    high = betabinom.logpmf(yes, yes + no, p * v, (1 - p) * v)
    low = betabinom.logpmf(yes, yes + no, (1 - p) * v, p * v)
    assert np.log(repeat_odds(p, rho, yes, no)) == pytest.approx(high - low, abs=1e-8)


@given(inside, st.integers(0, 10), st.integers(0, 10))
def test_no_correlation_is_the_naive_product(p, yes, no):
    assert np.log(repeat_odds(p, 0.0, yes, no)) == pytest.approx((yes - no) * np.log(p / (1 - p)), abs=1e-9)


@given(inside, st.integers(1, 20))
def test_full_correlation_is_one_answer(p, n):
    assert repeat_odds(p, 1.0, n) == pytest.approx(p / (1 - p))
    assert repeat_odds(p, 1.0, 0, n) == pytest.approx((1 - p) / p)


def test_equal_numbers_of_yes_and_no_say_nothing():
    assert repeat_odds(0.8, 0.4, 3, 3) == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 0.5, 1), "accuracy is 1.0"),
        ((0.7, 1.5, 1), "correlation is 1.5"),
        ((0.7, 0.5, -1), "expected counts"),
        ((0.7, 1.0, 1, 1), "cannot both occur"),
    ],
)
def test_wrong_repeats_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        repeat_odds(*arguments)


def test_the_delta_method_agrees_with_simulation():
    rng = np.random.default_rng(2)
    n, shares = 400, np.array([0.3, 0.7])
    estimates = rng.binomial(n, shares, size=(20_000, 2)) / n
    simulated = np.log(estimates[:, 1] / estimates[:, 0]).std()
    assert log_ratio_error(shares, [n, n]) == pytest.approx(simulated, rel=0.03)


@pytest.mark.parametrize(
    ("shares", "counts", "message"),
    [
        ([0.0, 0.5], [10, 10], "strictly between 0 and 1"),
        ([0.3, 0.5], [0, 10], "at least one labelled text"),
        ([0.3, 0.5, 0.2], [1, 1, 1], "two states"),
    ],
)
def test_wrong_shares_are_refused(shares, counts, message):
    with pytest.raises(ValueError, match=message):
        log_ratio_error(shares, counts)
