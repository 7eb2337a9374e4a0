"""The statistic of several readings against enumeration of all sequences, and the laws that it gives."""

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import binom

from llma.bayes import posterior
from llma.experiments import garbling
from llma.private_observations import ManyReadings, pool
from llma.private_observations import closed_forms as forms
from llma.social import SocialLearning
from tests import strategies

ERRORS = [[0, 1], [1, 0]]
EVEN = [0.5, 0.5]


@pytest.mark.parametrize("seed", range(6))
def test_the_statistic_says_as_much_as_the_sequence(seed):
    rng = np.random.default_rng(seed)
    n_states, n_values, m = rng.integers(2, 4), rng.integers(2, 4), rng.integers(1, 5)
    table = rng.dirichlet(np.ones(n_values), size=n_states)
    found, prior = pool(table, int(m)), rng.dirichlet(np.ones(n_states))
    total = np.zeros_like(found.likelihood)
    for sequence in product(range(n_values), repeat=int(m)):
        chance = np.array([prod(row[y] for y in sequence) for row in table])
        t = int(found.index(sequence))
        total[:, t] += chance
        joint = prior * chance
        np.testing.assert_allclose(posterior(prior, found.likelihood, t), joint / joint.sum(), atol=1e-12)
    np.testing.assert_allclose(total, found.likelihood, atol=1e-13)


@settings(max_examples=20, deadline=None)
@given(strategies.stochastic_matrices(2, 2))
def test_two_values_give_the_binomial_law(table):
    if abs(np.log(table[1, 1] * table[0, 0] / (table[0, 1] * table[1, 0]))) < 1e-6:
        return
    mine = pool(table, 6).likelihood
    rising = table[1, 1] / table[0, 1] > table[1, 0] / table[0, 0]
    number = np.arange(7) if rising else np.arange(6, -1, -1)
    np.testing.assert_allclose(mine, [binom.pmf(number, 6, row[1]) for row in table], atol=1e-12)


def test_equal_likelihood_ratios_are_merged():
    assert pool([[0.6, 0.2, 0.2], [0.2, 0.4, 0.4]], 3).likelihood.shape == (2, 4)
    assert pool([[0.5, 0.5], [0.5, 0.5]], 7).likelihood.shape == (2, 1)
    # 0.2 * 0.8 against 0.4 * 0.4: the counts (1, 0, 1) and (0, 2, 0) have equal ratios.
    symmetric = pool([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]], 2)
    assert symmetric.index([0, 2]) == symmetric.index([1, 1])


def test_readings_that_cannot_occur():
    found = pool([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]], 2)
    assert found.likelihood.sum(axis=1) == pytest.approx([1, 1])
    assert found.index([0, 2]) != found.index([0, 1])
    with pytest.raises(ValueError, match="probability 0 in every state"):
        found.index([1, 2])
    with pytest.raises(ValueError, match="expected 2 readings"):
        found.index([1, 1, 1])


def test_the_likelihood_ratio_rises():
    found = pool([[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], 4).likelihood
    assert (np.diff(found[1] / found[0]) > 0).all()


def test_fewer_readings_are_a_garbling():
    table = [[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]]
    assert garbling(pool(table, 1).likelihood, pool(table, 2).likelihood) is not None
    assert garbling(pool(table, 2).likelihood, pool(table, 1).likelihood) is None


def test_coin_values():
    for m, target in enumerate((0.24684, 0.11864, 0.05501, 0.02715), start=1):
        law = ManyReadings([[0.7, 0.3], [0.3, 0.7]], ERRORS, m, "coin").exact(EVEN, 200, prune=1e-12)
        assert law.p_wrong_cascade_by[-1].mean() == pytest.approx(target, abs=5e-6)
        assert law.p_cascade_by[-1].min() > 1 - 1e-8


@pytest.mark.parametrize("tie", ["low", "own", "coin", "follow"])
@pytest.mark.parametrize("p", [0.6, 0.7, 0.85])
def test_the_bounds_hold_under_every_tie_rule(p, tie):
    for m in (1, 2, 3):
        low, high = forms.wrong_bounds(p, m)
        for q in (0.5, 0.42, 0.6):
            model = ManyReadings([[p, 1 - p], [1 - p, p]], ERRORS, m, tie)
            if model.is_cascade([1 - q, q]):
                continue
            law = model.exact([1 - q, q], 120, prune=1e-10)
            wrong = law.p_wrong_cascade_by[-1] @ [1 - q, q]
            missing = 1 - law.p_cascade_by[-1].min()
            assert low - missing <= wrong + law.error_bound
            assert wrong <= high + law.error_bound


@pytest.mark.parametrize("tie", ["low", "own", "coin", "follow"])
def test_one_reading_is_the_plain_protocol(tie):
    table = [[0.7, 0.3], [0.3, 0.7]]
    mine, plain = ManyReadings(table, ERRORS, 1, tie), SocialLearning(table, ERRORS, tie)
    assert str(mine.cascade_region()) == str(plain.cascade_region())
    np.testing.assert_allclose(mine.exact(EVEN, 30).p_action, plain.exact(EVEN, 30).p_action, atol=1e-12)


def test_an_uninformative_value_favours_the_lowest_action():
    model = ManyReadings([[0.7, 0.3], [0.3, 0.7]], ERRORS, 2, "own")
    assert model.action(EVEN, [0, 1, 2]).tolist() == [0, 0, 1]
    for m in range(2, 12, 2):
        assert ManyReadings([[0.63, 0.37], [0.37, 0.63]], ERRORS, m, "own").action(EVEN, m // 2) == 0


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="at least one reading"):
        pool([[0.7, 0.3], [0.3, 0.7]], 0)
    with pytest.raises(ValueError, match="merge observations"):
        pool(np.full((2, 9), 1 / 9), 40)
    with pytest.raises(ValueError, match="'coin' needs two states"):
        ManyReadings(np.full((3, 2), 0.5), np.zeros((3, 2)), 2, "coin")
