"""Cutting planes: the same margin as in one piece, bounds on both sides, blocks."""

import numpy as np
import pytest

from llma.attention import shannon
from llma.ribum import ChoiceData
from llma.ribum.recovery import reconstruct
from llma.ribum.recovery.cutting import _components, max_margin_by_cuts
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.recovery.restrictions import common, free, known, linear, monotone
from tests.ribum.peers import random_data


def readers(rng, n_environments, n_states):
    """Return readers with a price of attention and a trembling hand, whose binding rows are those of NIAC."""
    prior = rng.dirichlet(np.full(n_states, 3.0))
    utility = rng.random((n_environments, n_states, n_states)) + 2 * np.eye(n_states)
    choice = [0.7 * shannon(prior, r, 0.3).choice + 0.3 / n_states for r in utility]
    return ChoiceData(prior, choice)


@pytest.mark.parametrize("cost", ["kernel", "posterior"])
@pytest.mark.parametrize("restriction", [free(), common(), monotone(free())])
def test_cuts_find_the_margin_of_the_whole_programme(cost, restriction):
    rng = np.random.default_rng(0)
    for data in (random_data(rng, 4, 2, 3, unused=True), random_data(rng, 3, 3, 3, same_prior=True)):
        whole, cut = (solve(data, restriction, cost) for solve in (max_margin, max_margin_by_cuts))
        assert cut.bound - cut.margin <= 1e-6
        assert cut.margin - 1e-8 <= whole.bound <= cut.bound + 1e-8
        assert margin_at(data, cut.utility, cost) == cut.margin


def test_cuts_settle_when_cycles_bind():
    rng = np.random.default_rng(3)
    for n_environments, n_states in ((8, 3), (6, 3), (10, 3)):
        data = readers(rng, n_environments, n_states)
        whole, cut = max_margin(data), max_margin_by_cuts(data, gap=1e-6)
        assert cut.bound - cut.margin <= 1e-6
        assert cut.margin - 1e-8 <= whole.bound <= cut.bound + 1e-8
        # NIAS alone would allow much more: attention is what binds here.
        alone = min(
            max_margin(ChoiceData(data.priors[0], data.choice[[m]])).bound for m in range(n_environments)
        )
        assert alone > 2 * whole.bound


def test_stakes_and_one_block():
    rng = np.random.default_rng(4)
    stakes = np.geomspace(1, 4, 6)
    truth = rng.random((3, 3)) + np.eye(3)
    data = ChoiceData(np.full(3, 1 / 3), [shannon(np.full(3, 1 / 3), s * truth, 0.4).choice for s in stakes])
    whole, cut = (solve(data, common(stakes)) for solve in (max_margin, max_margin_by_cuts))
    assert whole.bound > 1e-5
    assert cut.margin == pytest.approx(whole.margin, abs=1e-6)


def test_blocks_are_environments_that_share_something():
    shape = (4, 2, 2)
    assert [g.tolist() for g in _components(free().family(shape))] == [[0], [1], [2], [3]]
    assert [g.tolist() for g in _components(common().family(shape))] == [[0, 1, 2, 3]]
    tie = np.zeros((1, *shape))
    tie[0, 1, 0, 0], tie[0, 3, 0, 0] = 1, -1
    linked = linear(tie, 0, free())
    assert [g.tolist() for g in _components(linked.family(shape))] == [[0], [1, 3], [2]]
    data = random_data(np.random.default_rng(5), *shape)
    whole, cut = (solve(data, linked) for solve in (max_margin, max_margin_by_cuts))
    assert cut.margin == pytest.approx(whole.margin, abs=1e-6)
    assert cut.utility[1, 0, 0] <= cut.utility[3, 0, 0] + 1e-9


def test_large_problems_go_to_the_cuts(monkeypatch):
    data = random_data(np.random.default_rng(6), 4, 3, 3)
    whole = max_margin(data)
    monkeypatch.setattr(reconstruct, "MAX_DIRECT", 10)
    cut = max_margin(data)
    assert cut.margin == pytest.approx(whole.margin, abs=1e-6)
    assert not np.array_equal(cut.utility, whole.utility)


def test_bad_input_is_named():
    data = random_data(np.random.default_rng(7), 3, 3, 3)
    with pytest.raises(ValueError, match="gap: is 0"):
        max_margin_by_cuts(data, gap=0)
    with pytest.raises(ValueError, match="excludes r = 0"):
        max_margin_by_cuts(data, known(np.eye(3)))
    with pytest.raises(RuntimeError, match="is between"):
        max_margin_by_cuts(readers(np.random.default_rng(3), 8, 3), max_rounds=1)


@pytest.mark.slow
def test_a_hundred_environments():
    data = random_data(np.random.default_rng(8), 100, 10, 10, same_prior=True)
    found = max_margin_by_cuts(data)
    assert found.bound - found.margin <= 1e-6
    assert margin_at(data, found.utility) == found.margin
