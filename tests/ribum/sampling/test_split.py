"""Split, plug-in and bootstrap: what they compute, what they ask for, and how the naive ones fail."""

import numpy as np
import pytest
from scipy.stats import norm

from llma.ribum.sampling.naive import bootstrap_test, plugin_test
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import studentised_worst
from llma.ribum.sampling.sample import Sample
from llma.ribum.sampling.split import halves, split_test

STAKES = np.array([1.0, 2.0, 4.0])[:, None, None] * np.eye(2)
POLYTOPE = Polytope(np.full((3, 2), 0.5), STAKES)
INVERSE = np.array([[[95, 5], [5, 95]], [[80, 20], [20, 80]], [[65, 35], [35, 65]]])
SAME = np.tile([[0.8, 0.2], [0.2, 0.8]], (3, 1, 1))


def test_halves_are_dealt_without_replacement():
    counts = np.array([[[7, 4], [0, 5]]])
    dealt = []
    for seed in range(2000):
        first, second = halves(Sample(counts), np.random.default_rng(seed))
        assert (first >= 0).all()
        assert (second >= 0).all()
        np.testing.assert_array_equal(first + second, counts)
        np.testing.assert_array_equal(first.sum(axis=2), [[6, 3]])
        dealt.append(first[0, 0, 0])
    assert np.mean(dealt) == pytest.approx(6 * 7 / 11, abs=0.06)


def test_the_form_comes_from_one_half_and_the_value_from_the_other():
    sample = Sample(INVERSE)
    result = split_test(sample, POLYTOPE, 0.05, np.random.default_rng(1))
    parts = [Sample(part) for part in halves(sample, np.random.default_rng(1))]
    scores = []
    for search, check in (parts, parts[::-1]):
        form = studentised_worst(search, POLYTOPE).form
        scores.append(form.value(check.shares) / check.standard_errors(form.coefficients))
    assert result.statistic == pytest.approx(min(scores))
    assert result.p_value == pytest.approx(2 * norm.cdf(min(scores)))
    assert result.rejected
    assert set(result.certificate.form.environments) <= {0, 1, 2}
    assert result.certificate.value / result.certificate.standard_error == pytest.approx(result.statistic)


def test_split_without_a_violation_does_not_reject():
    result = split_test(Sample(INVERSE[::-1]), POLYTOPE, 0.05, np.random.default_rng(0))
    assert (result.rejected, result.p_value, result.certificate) == (False, 1.0, None)


def test_plugin_rejects_any_violation():
    counts = INVERSE[::-1].copy()
    assert not plugin_test(Sample(counts), POLYTOPE, 0.05).rejected
    counts[1] = counts[0] + [[-1, 1], [1, -1]]  # one text in a hundred
    result = plugin_test(Sample(counts), POLYTOPE, 0.05)
    assert result.rejected
    assert result.statistic == pytest.approx(-0.01)


def test_bootstrap_counts_the_rational_tables():
    clear = bootstrap_test(Sample(INVERSE[::-1]), POLYTOPE, 0.05, np.random.default_rng(0))
    assert clear.p_value > 0.95
    against = bootstrap_test(Sample(INVERSE), POLYTOPE, 0.05, np.random.default_rng(0))
    assert against.p_value == 0.0


def test_the_naive_tests_reject_a_rational_agent_most_of_the_time():
    assert POLYTOPE.contains(SAME)
    stakes = np.array([1.0, 2.0, 4.0, 8.0, 16.0])[:, None, None] * np.eye(2)
    polytope = Polytope(np.full((5, 2), 0.5), stakes)
    rng = np.random.default_rng(5)
    drawn = [Sample(rng.multinomial(200, np.tile(SAME[0], (5, 1, 1)))) for _ in range(100)]
    assert np.mean([plugin_test(sample, polytope, 0.05).rejected for sample in drawn]) > 0.9
    assert np.mean([bootstrap_test(sample, polytope, 0.05, rng).rejected for sample in drawn]) > 0.6


@pytest.mark.parametrize("test", [split_test, bootstrap_test])
def test_a_generator_is_required(test):
    with pytest.raises(ValueError, match=r"rng=numpy.random.default_rng\(0\)"):
        test(Sample(INVERSE), POLYTOPE, 0.05)


def test_rows_too_small_are_named():
    counts = INVERSE.copy()
    counts[2, 1] = [1, 0]
    with pytest.raises(ValueError, match="state 1 of environment 2 has 1 texts"):
        split_test(Sample(counts), POLYTOPE, 0.05, np.random.default_rng(0))
    counts[2, 1] = 0
    with pytest.raises(ValueError, match="'plugin'"):
        plugin_test(Sample(counts), POLYTOPE, 0.05)
    with pytest.raises(ValueError, match="'bootstrap'"):
        bootstrap_test(Sample(counts), POLYTOPE, 0.05, np.random.default_rng(0))
