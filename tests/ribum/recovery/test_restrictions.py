"""Families of utilities: shapes, what they contain, and errors."""

import numpy as np
import pytest

from llma.ribum.recovery.restrictions import common, free, known, linear, monotone, restriction_of

SHAPE = (3, 2, 4)


def test_families_contain_what_they_say():
    rng = np.random.default_rng(0)
    truth = rng.random(SHAPE)
    family = free().family(SHAPE)
    np.testing.assert_allclose(family.utility(truth.ravel()), truth)
    family = known(truth).family(SHAPE)
    np.testing.assert_array_equal(family.utility(np.zeros(0)), truth)
    family = common([1, 2, 4]).family(SHAPE)
    rho = rng.random(8)
    np.testing.assert_allclose(family.utility(rho)[2], rho.reshape(2, 4))
    np.testing.assert_allclose(family.utility(rho)[0], rho.reshape(2, 4) / 4)


def test_increasing_differences():
    family = monotone(free()).family(SHAPE)
    rising = np.tile(np.outer([0.0, 1.0], np.arange(4.0)) / 3, (3, 1, 1))
    assert (family.rows @ rising.ravel() <= family.bound + 1e-12).all()
    assert (family.rows @ rising[:, ::-1].ravel() > family.bound + 1e-12).all()
    # Levels that rise with the state say nothing: a shift by state is invisible to the rows.
    steep = rising[:, ::-1] + np.array([0.0, 5.0])[None, :, None]
    np.testing.assert_allclose(family.rows @ steep.ravel(), family.rows @ rising[:, ::-1].ravel())


def test_one_inequality_for_all_environments_or_for_one():
    everywhere = linear(np.ones((1, 2, 4)), 2, free()).family(SHAPE)
    assert everywhere.rows.shape == (3, 24)
    one = np.zeros((1, *SHAPE))
    one[0, 2] = 1
    assert linear(one, 2, free()).family(SHAPE).rows.toarray()[0].tolist() == [0] * 16 + [1] * 8
    assert linear(np.ones((1, 2, 4)), 2, common()).family(SHAPE).rows.shape == (1, 8)
    shifted = linear(np.ones((1, 2, 4)), 2, known(np.ones(SHAPE))).family(SHAPE)
    np.testing.assert_array_equal(shifted.bound, [-6, -6, -6])


def test_names_and_errors():
    assert restriction_of("common").name == "one utility for all environments"
    assert restriction_of(free()).vacuous
    assert not monotone(free()).vacuous
    for bad, words in (
        (lambda: common([[1.0]]), "stakes"),
        (lambda: common([1, -2]), "entry 1 is -2"),
        (lambda: known(np.ones((3, 3))).family(SHAPE), "has shape"),
        (lambda: linear(np.ones((1, 3, 3)), 0).family(SHAPE), "every environment"),
        (lambda: linear(np.ones((2, 2)), 0), "rows: have shape"),
        (lambda: restriction_of("open"), "restriction"),
    ):
        with pytest.raises(ValueError, match=words):
            bad()
