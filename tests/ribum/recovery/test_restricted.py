"""The test when the utility is not known, only restricted."""

import numpy as np
import pytest

from llma import ribum
from llma.ribum import ChoiceData
from llma.ribum.recovery.restrictions import common, known, linear


def reader(accuracies):
    """Return two equally likely states, and choices that are right with these probabilities."""
    return ChoiceData([0.5, 0.5], [[[a, 1 - a], [1 - a, a]] for a in accuracies])


def test_a_utility_or_a_restriction_but_not_both():
    data = ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]]])
    for given in ({}, {"utility": np.eye(2), "restriction": "common"}):
        with pytest.raises(ValueError, match="but not both"):
            ribum.test(data, **given)


def test_verdicts_on_readers_when_only_the_stakes_are_known():
    """The table of readers: optimal, inverse, the opposite, fixed."""
    accuracy, stakes = np.array([0.6, 0.7, 0.8, 0.9]), np.array([1.0, 2, 4, 8])

    def verdict(accuracies, restriction=None):
        return ribum.test(reader(accuracies), restriction=restriction or common(stakes))

    optimal, inverse, opposite = verdict(accuracy), verdict(accuracy[::-1]), verdict(1 - accuracy)
    fixed = verdict(np.full(4, 0.8))
    assert optimal.rational
    assert optimal.margin > 1e-3
    assert not inverse.rational
    assert inverse.margin == pytest.approx(0, abs=1e-9)
    assert "indifferent" in str(inverse)
    # Doing the opposite is a taste, not a mistake, as long as the taste is unknown.
    assert opposite.margin == pytest.approx(optimal.margin)
    assert opposite.utility[0, 0, 0] < opposite.utility[0, 0, 1]
    assert fixed.rational
    assert fixed.margin == pytest.approx(0, abs=1e-9)
    assert "with ties" in str(fixed)
    # The chosen utility passes the test for known utilities.
    for found, shown in ((optimal, accuracy), (opposite, 1 - accuracy), (fixed, np.full(4, 0.8))):
        assert ribum.test(reader(shown), found.utility).rational
    free = verdict(accuracy[::-1], "free")
    assert free.rational
    assert "vacuous" in str(free)


def test_restrictions_that_admit_one_utility_or_none():
    rows = [[[0.6, 0.4], [0.4, 0.6]], [[0.9, 0.1], [0.1, 0.9]]]
    data, stakes = ChoiceData([0.5, 0.5], rows), np.array([np.eye(2), 3 * np.eye(2)])
    assert ribum.test(data, restriction=known(stakes)).margin == ribum.test(data, stakes).margin
    # Action 1 must be better in both states by at least 0.1: then nobody does action 0.
    better = linear([[[1, -1], [0, 0]], [[0, 0], [1, -1]]], -0.1, common())
    result = ribum.test(data, restriction=better)
    assert not result.rational
    assert result.margin < -0.01
    assert "comes closest" in str(result)
