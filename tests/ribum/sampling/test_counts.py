"""The door: `test_counts` and `nis_counts` from counts to a verdict."""

import numpy as np
import pytest

from llma import ribum
from llma.ribum.sampling.counts import METHODS

STAKES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])[:, None, None] * np.eye(2)
PRIOR = [0.65, 0.35]
ACCURACY = np.array([0.65, 0.75, 0.85, 0.92, 0.97])


def tracking(accuracy):
    a = np.asarray(accuracy)
    return np.stack([np.stack([a, 1 - a], axis=1), np.stack([1 - a, a], axis=1)], axis=1)


PRICED = (200 * tracking(ACCURACY)).round().astype(int)
FIXED = (200 * tracking([0.85] * 5)).round().astype(int)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_separates_the_clear_cases(method):
    rng = np.random.default_rng(0)
    honest = ribum.test_counts(PRICED, PRIOR, STAKES, method=method, rng=rng)
    inverse = ribum.test_counts(PRICED[::-1], PRIOR, STAKES, method=method, rng=rng)
    assert not honest.rejected
    assert honest.certificate is None
    assert inverse.rejected
    assert inverse.certificate.value < 0
    assert (inverse.method, inverse.condition, inverse.level) == (method, "niac", 0.05)


@pytest.mark.parametrize("method", ["projection", "box", "split"])
def test_a_price_of_attention_shows_where_niac_passes_and_nis_fails(method):
    rng = np.random.default_rng(0)
    assert not ribum.test_counts(PRICED, PRIOR, STAKES, method=method, rng=rng).rejected
    envy = ribum.nis_counts(PRICED, PRIOR, STAKES, method=method, rng=rng)
    assert envy.rejected
    assert "takes the attention of" in str(envy.certificate)
    assert not ribum.nis_counts(FIXED, PRIOR, STAKES, method=method, rng=rng).rejected


def test_p_values_and_levels_agree():
    counts = (50 * tracking([0.8, 0.7, 0.8, 0.75, 0.8])).round().astype(int)
    for method in ("projection", "split", "bootstrap"):
        runs = [
            ribum.test_counts(counts, PRIOR, STAKES, level, method, rng=np.random.default_rng(3))
            for level in (0.001, 0.3, 0.999)
        ]
        assert len({result.p_value for result in runs}) == 1
        assert [result.rejected for result in runs] == [result.p_value < result.level for result in runs]


def test_one_utility_and_priors_by_environment():
    counts = [[[40, 10], [10, 40]], [[40, 10], [10, 40]]]
    priors = [[0.5, 0.5], [0.6, 0.4]]
    one = ribum.test_counts(counts, priors, np.eye(2))
    both = ribum.test_counts(counts, priors, [np.eye(2)] * 2)
    assert one.p_value == both.p_value
    common = ribum.test_counts(counts, [0.5, 0.5], np.eye(2))
    assert common.p_value == ribum.test_counts(counts, [[0.5, 0.5]] * 2, np.eye(2)).p_value


def test_the_order_of_actions_and_the_scale_of_utility_do_not_matter():
    counts = (50 * tracking([0.8, 0.7, 0.8, 0.75, 0.8])).round().astype(int)
    plain = ribum.test_counts(counts, PRIOR, STAKES)
    turned = ribum.test_counts(counts[:, :, ::-1], PRIOR, STAKES[:, :, ::-1])
    scaled = ribum.test_counts(counts, PRIOR, 1e4 * STAKES + 7)
    assert turned.statistic == pytest.approx(plain.statistic, rel=1e-6)
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-6)
    assert plain.df == turned.df == scaled.df


def test_posterior_costs_say_nothing_across_priors():
    counts = np.array([[[95, 5], [5, 95]], [[80, 20], [20, 80]]])
    priors, stakes = [[0.5, 0.5], [0.45, 0.55]], [np.eye(2), 4 * np.eye(2)]
    assert ribum.test_counts(counts, priors, stakes).rejected
    for method in ("projection", "box", "plugin"):
        assert not ribum.test_counts(counts, priors, stakes, method=method, cost="posterior").rejected


def test_unequal_numbers_of_texts():
    counts = [[[950, 50], [5, 95]], [[85, 15], [180, 820]]]
    result = ribum.test_counts(counts, [0.5, 0.5], [np.eye(2), 4 * np.eye(2)])
    assert result.df == 1
    assert result.rejected
    moved = np.abs(result.table - np.array(counts) / np.sum(counts, axis=2, keepdims=True))[:, :, 0]
    assert moved[1, 0] > moved[1, 1]  # the rows with fewer texts give way
    assert moved[0, 1] > moved[0, 0]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="method: is 'wald'"):
        ribum.test_counts(FIXED, PRIOR, STAKES, method="wald")
    with pytest.raises(ValueError, match="level: is 5"):
        ribum.test_counts(FIXED, PRIOR, STAKES, level=5)
    with pytest.raises(ValueError, match="utility"):
        ribum.test_counts(FIXED[:3], PRIOR, STAKES)
    with pytest.raises(ValueError, match="no text in state 0 of environment 1"):
        ribum.test_counts([[[3, 1], [1, 3]], [[0, 0], [1, 1]]], PRIOR, STAKES[:2])
    with pytest.raises(ValueError, match="cost: is 'tokens'"):
        ribum.nis_counts(FIXED, PRIOR, STAKES, cost="tokens")
