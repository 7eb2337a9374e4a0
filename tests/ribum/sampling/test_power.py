"""Power, sample size and corrections for several tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.ribum.sampling.counts import run
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.power import bonferroni, draw_counts, holm, power, sample_size
from llma.ribum.sampling.sample import Sample

STAKES = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
PRIOR = [0.5, 0.5]
GOOD = np.array([[[0.7, 0.3], [0.3, 0.7]], [[0.9, 0.1], [0.1, 0.9]]])
BAD = GOOD[::-1]


@pytest.mark.parametrize("method", ["projection", "box", "split", "plugin", "bootstrap"])
def test_power_is_the_share_of_rejections(method):
    found = power(BAD, PRIOR, STAKES, 30, np.random.default_rng(2), runs=40, method=method)
    rng = np.random.default_rng(2)
    polytope = Polytope([PRIOR] * 2, STAKES)
    drawn = draw_counts(BAD, 30, rng, 40)
    # Drawing methods take their numbers from the same generator, run by run, in this order.
    verdicts = [run(Sample(counts), polytope, 0.05, method, rng).rejected for counts in drawn]
    assert found.rate == np.mean(verdicts)
    assert (found.runs, found.texts) == (40, 30)
    assert found.standard_error == pytest.approx(
        np.sqrt(max(found.rate * (1 - found.rate), 0.5 / 40 * (1 - 0.5 / 40)) / 40)
    )


def test_power_rises_with_texts_and_capacity_is_rejected():
    rates = [power(BAD, PRIOR, STAKES, n, np.random.default_rng(0), runs=60).rate for n in (10, 40, 160)]
    assert rates[0] < rates[1] <= rates[2]
    assert rates[2] > 0.95
    assert power(GOOD, PRIOR, STAKES, 100, np.random.default_rng(0), runs=100).rate == 0
    capacity = power(GOOD, PRIOR, STAKES, 100, np.random.default_rng(0), runs=100, condition="nis")
    assert capacity.rate > 0.95


def test_sample_size_reaches_its_target():
    found = sample_size(BAD, PRIOR, STAKES, seed=3, target=0.9, start=10, runs=40)
    rates = {p.texts: p.rate for p in found.tried}
    assert rates[found.texts] >= 0.9
    short = max(n for n in rates if rates[n] < 0.9)
    assert short < found.texts <= short + max(1, found.texts // 16)
    assert list(rates) == sorted(rates)
    assert sample_size(GOOD, PRIOR, STAKES, seed=3, start=10, most=20, runs=20).texts is None
    at_once = sample_size(BAD, PRIOR, STAKES, seed=3, start=400, runs=50)
    assert (at_once.texts, len(at_once.tried)) == (400, 1)


def test_counts_are_drawn_from_the_table():
    drawn = draw_counts(BAD, 50, np.random.default_rng(0), 500)
    assert drawn.shape == (500, 2, 2, 2)
    assert (drawn.sum(axis=3) == 50).all()
    np.testing.assert_allclose(drawn.mean(axis=0) / 50, BAD, atol=0.01)
    uneven = draw_counts(BAD, [[5, 6], [7, 0]], np.random.default_rng(0))
    np.testing.assert_array_equal(uneven[0].sum(axis=2), [[5, 6], [7, 0]])


p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(p_lists)
def test_holm_lies_between_the_raw_values_and_bonferroni(values):
    stepped, plain = holm(values).p_values, bonferroni(values).p_values
    assert (stepped >= np.array(values)).all()
    assert (stepped <= plain + 1e-15).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(stepped[order]) >= 0).all()


@given(p_lists, st.floats(0.001, 0.5))
def test_holm_is_its_step_down_rule(values, level):
    order = np.argsort(values, kind="stable")
    expected = np.zeros(len(values), dtype=bool)
    for rank, index in enumerate(order):
        if not values[index] * (len(values) - rank) < level:
            break
        expected[index] = True
    np.testing.assert_array_equal(holm(values, level).rejected, expected)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="runs >= 1"):
        power(GOOD, PRIOR, STAKES, 10, np.random.default_rng(0), runs=0)
    with pytest.raises(ValueError, match="0 < target < 1"):
        sample_size(GOOD, PRIOR, STAKES, seed=0, target=1.0)
    with pytest.raises(ValueError, match="p_values"):
        holm([0.2, 1.2])
