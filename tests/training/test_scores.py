"""Measures against numbers worked out by hand."""

import numpy as np
import pytest

from training.scores import Scores, auc, calibration_error, pooled_accuracy, pooled_majority

HAND = Scores(
    probabilities=np.array([[0.9, 0.2], [0.4, 0.6], [0.7, 0.1], [0.2, 0.4]]),
    answers=np.array([[1, 0], [1, 0], [0, np.nan], [0, 1]], dtype=float),
    states=np.array([1, 1, 0, 0]),
    mentioned=np.array([[True, True], [False, True], [True, False], [True, False]]),
)


def test_accuracy_majority_and_pooling():
    np.testing.assert_allclose(HAND.accuracy, [0.5, 1 / 3])
    np.testing.assert_allclose(HAND.majority, [0.5, 2 / 3])
    assert pooled_majority([HAND]) == pytest.approx((2 + 2) / 7)
    assert pooled_accuracy([HAND]) == pytest.approx(3 / 7)
    assert pooled_accuracy([HAND], mentioned=True) == pytest.approx(3 / 5)


def test_auc_counts_pairs():
    np.testing.assert_allclose(HAND.auc, [0.75, 0.5])
    assert np.isnan(auc(np.array([0.3, 0.4]), np.array([1.0, 1.0])))
    rng = np.random.default_rng(0)
    p, a = np.round(rng.random(60), 1), (rng.random(60) < 0.5).astype(float)
    yes, no = p[a == 1][:, None], p[a == 0][None]
    assert auc(p, a) == pytest.approx(((yes > no) + 0.5 * (yes == no)).mean())


def test_calibration_error_of_honest_and_of_boastful_probabilities():
    rng = np.random.default_rng(1)
    p = rng.random((20_000, 1))
    truth = (rng.random(p.shape) < p).astype(float)
    honest = Scores(p, truth, np.zeros(len(p), dtype=int))
    boastful = Scores(np.where(p > 0.5, 0.99, 0.01), truth, honest.states)
    assert calibration_error([honest]) < 0.012
    assert calibration_error([boastful]) == pytest.approx(0.24, abs=0.01)
