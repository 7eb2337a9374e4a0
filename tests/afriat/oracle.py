"""Slow, independent methods: definitions taken literally, and linear programmes."""

import itertools

import numpy as np
from scipy.optimize import linprog

from llma.afriat import BudgetData


def forbidden_cycle(data, efficiency=1.0):
    """Whether some cycle of distinct observations breaks GARP: every cycle is tried."""
    costs, spent = data.prices @ data.bundles.T, np.diag(data.prices @ data.bundles.T)
    n = len(spent)
    for size in range(2, n + 1):
        for nodes in itertools.permutations(range(n), size):
            steps = list(zip(nodes, nodes[1:] + nodes[:1], strict=True))
            over = [costs[t, s] - efficiency * spent[t] for t, s in steps]
            if max(over) <= 0 and min(over) < 0:
                return True
    return False


def best_value(utility, prices, income):
    """The largest min-affine utility that the income can buy, by a linear programme."""
    data = utility.data
    n = data.n_goods
    rows = np.column_stack([-utility.slopes[:, None] * data.prices, np.ones(data.n_observations)])
    done = linprog(
        [0.0] * n + [-1.0],
        A_ub=np.vstack([rows, [*prices, 0.0]]),
        b_ub=np.concatenate([utility.levels - utility.slopes * data.spent, [income]]),
        bounds=[(0, None)] * n + [(None, None)],
    )
    assert done.success, done.message
    return -done.fun


def small_integers(rng, n_observations, n_goods):
    """Prices and bundles in small whole numbers, so that exact ties do occur."""
    shape = (n_observations, n_goods)
    return BudgetData(rng.integers(1, 5, shape), rng.integers(0, 5, shape))


def continuous(rng, n_observations, n_goods):
    """Uniform prices and uniform shares: no ties."""
    shape = (n_observations, n_goods)
    prices = rng.uniform(0.5, 2.0, shape)
    return BudgetData(prices, rng.dirichlet(np.ones(n_goods), n_observations) / prices)
