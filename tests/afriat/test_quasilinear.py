"""No negative cycle: against every cycle, against a linear programme, and what the utility then does."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from llma.afriat import BudgetData, garp, potentials, quasilinear
from tests.afriat.oracle import continuous, small_integers
from tests.strategies import seeds


def least_cycle(weights):
    n = len(weights)
    return min(
        sum(weights[t, s] for t, s in zip(nodes, nodes[1:] + nodes[:1], strict=True))
        for size in range(1, n + 1)
        for nodes in itertools.permutations(range(n), size)
    )


def feasible(weights):
    n = len(weights)
    rows = np.array([np.eye(n)[s] - np.eye(n)[t] for t in range(n) for s in range(n)])
    done = linprog(np.zeros(n), A_ub=rows, b_ub=weights.ravel(), bounds=(None, None))
    assert done.status in (0, 2)
    return done.status == 0


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_three_ways(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    weights = rng.integers(-3, 7, (n, n)).astype(float)
    np.fill_diagonal(weights, 0)
    levels, cycle = potentials(weights)
    assert (cycle is None) == (least_cycle(weights) >= 0)
    assert (cycle is None) == feasible(weights)
    if cycle is None:
        assert (levels[None, :] - levels[:, None] <= weights).all()
    else:
        assert len(set(cycle)) == len(cycle)
        assert weights[np.array(cycle), np.roll(cycle, -1)].sum() < 0


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_it_implies_garp_and_maximises_what_is_left(seed):
    rng = np.random.default_rng(seed)
    make = small_integers if seed % 2 else continuous
    data = make(rng, 3, 2)
    if least_cycle(data.gaps) < -1e-6:
        with pytest.raises(ValueError, match="sum to -"):
            quasilinear(data)
        return
    utility = quasilinear(data)
    assert garp(data).holds
    z = rng.uniform(0, 6, (200, 2))
    for t in range(3):
        gain = utility(z) - z @ data.prices[t]
        assert gain.max() <= utility.levels[t] - data.spent[t] + 1e-8


def test_garp_does_not_imply_it():
    data = BudgetData([[1, 1], [1, 4]], [[4, 1], [1, 1]])
    assert data.gaps.tolist() == [[0, -3], [3, 0]]
    assert quasilinear(data).levels.tolist() == [0, -3]
    richer = BudgetData([[1, 1], [1, 4]], [[2, 2], [0, 2]])
    assert garp(richer).holds
    assert richer.gaps.tolist() == [[0, -2], [2, 0]]
    dear = BudgetData([[4, 4], [1, 1]], [[3, 0], [0, 2]])
    assert garp(dear).holds
    assert dear.gaps.tolist() == [[0, -4], [1, 0]]
    with pytest.raises(ValueError, match="cycle 0 -> 1 -> 0 sum to -3"):
        quasilinear(dear)
