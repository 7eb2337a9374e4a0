"""Posterior-separable costs across priors: an example, agents that must pass, certificates of failure."""

import numpy as np
import pytest
from scipy.optimize import linprog

from llma.attention import shannon
from llma.ribum import ChoiceData, niac_weights, nias_slack
from llma.ribum.cycles import cycle_means
from llma.ribum.recovery.ups import ups
from tests.ribum.peers import random_data

TWO_PRIORS = ChoiceData(
    [[0.5, 0.5], [0.6, 0.4]], [[[0.6, 0.4], [0.4, 0.6]], [[0.9375, 0.0625], [0.15625, 0.84375]]]
)
STAKES = np.array([2 * np.eye(2), np.eye(2)])


def test_two_priors_are_rejected_though_no_pair_is_compared():
    assert TWO_PRIORS.posteriors[:, :, 0] == pytest.approx(np.array([[0.6, 0.4], [0.9, 0.1]]))
    result = ups(TWO_PRIORS, STAKES)
    assert not result.rational
    assert result.nias
    assert result.margin == pytest.approx(-0.15)
    assert cycle_means(niac_weights(TWO_PRIORS, STAKES, cost="posterior")) == np.inf
    proof = result.certificate
    assert proof.total == pytest.approx(-0.15)
    assert proof.imbalance < 1e-9
    assert "lends what it borrows" in str(proof)
    # By hand: V0 - V1 is 0.6 wherever environment 0 lends, and V1 - V0 is -0.9 wherever environment 1 does.
    assert {round(float(g), 6) for g in proof.gain} == {0.6, -0.9}


def test_without_a_common_mixture_nothing_is_compared():
    data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[0.6, 0.4], [0.4, 0.6]], [[0.7, 0.3], [0.3, 0.7]]])
    assert data.posteriors[1, :, 0].min() > data.posteriors[0, :, 0].max()
    rng = np.random.default_rng(3)
    for _ in range(10):
        assert ups(data, rng.normal(size=(2, 2, 2))).certificate is None


def separable_choices(rng, prior, utility, cost, grid):
    """Return the choices of an agent that pays the mean of `cost` over posteriors of state 0 on a grid."""
    worth = np.column_stack([grid, 1 - grid]) @ utility  # (N, U)
    result = linprog(
        -(worth.max(axis=1) - cost), A_eq=[np.ones_like(grid), grid], b_eq=[1, prior[0]], bounds=(0, None)
    )
    assert result.status == 0
    choice = np.zeros((2, utility.shape[1]))
    for eta, weight, reply in zip(grid, result.x, worth.argmax(axis=1), strict=True):
        choice[:, reply] += weight * np.array([eta, 1 - eta]) / prior
    return choice


def test_agents_with_one_separable_cost_are_never_rejected():
    rng = np.random.default_rng(0)
    grid = np.linspace(0, 1, 41)
    looked = 0
    for _ in range(25):
        slopes, levels = rng.normal(size=(2, 4))
        cost = rng.uniform(0.1, 2) * (grid - 0.5) ** 2 + (np.outer(grid, slopes) + levels).max(axis=1)
        q = rng.uniform(0.15, 0.85, 4)
        priors = np.column_stack([q, 1 - q])
        utility = rng.uniform(0, 2, (4, 2, 3))
        choice = [separable_choices(rng, p, r, cost, grid) for p, r in zip(priors, utility, strict=True)]
        data = ChoiceData(priors, np.clip(choice, 0, None) / np.sum(choice, axis=2, keepdims=True))
        result = ups(data, utility)
        assert result.rational
        looked += int((data.used.sum(axis=1) > 1).sum())
    assert looked > 20


def test_shannon_agents_pass_and_their_potential_lies_above_all_others():
    rng = np.random.default_rng(1)
    for _ in range(5):
        priors, utility = rng.dirichlet(np.full(3, 4.0), 3), rng.uniform(size=(3, 3, 3))
        data = ChoiceData(priors, [shannon(p, r, 0.2).choice for p, r in zip(priors, utility, strict=True)])
        result = ups(data, utility)
        assert result.rational
        for m in range(3):
            eta = data.posteriors[m][data.used[m]]
            own = (eta @ utility[m]).max(axis=1) - eta @ result.slopes[m]
            assert result.potential(eta) == pytest.approx(own, abs=1e-6)


def test_it_asks_more_than_groups_of_equal_priors():
    rng = np.random.default_rng(2)
    rejected = 0
    for _ in range(40):
        data = random_data(rng, 3, 2, 2, same_prior=True)
        utility = rng.uniform(size=(3, 2, 2))
        niac = cycle_means(niac_weights(data, utility)) >= -1e-9 and nias_slack(data, utility).min() >= -1e-12
        result = ups(data, utility)
        if result.rational:
            assert niac
        rejected += not result.rational
        if result.certificate is not None:
            assert result.certificate.total == pytest.approx(result.margin, abs=1e-7)
            assert result.certificate.imbalance < 1e-7
    assert rejected


def test_a_failure_of_nias_is_a_failure():
    data = ChoiceData([0.8, 0.2], [[[0.5, 0.5], [0.0, 1.0]]])
    result = ups(data, np.eye(2))
    assert not result.rational
    assert not result.nias
    assert result.certificate is None
