"""Degenerate data are found, and only those."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from llma import ribum
from llma.ribum.degenerate import duplicated_posteriors, equal_experiments, notes
from tests.strategies import seeds, stochastic_matrices


@given(st.data())
def test_renamed_and_split_signals_are_the_same_experiment(data):
    rows = data.draw(stochastic_matrices(3, 2))
    share = data.draw(st.floats(0.1, 0.9))
    split = np.column_stack([rows[:, 1], share * rows[:, 0], (1 - share) * rows[:, 0]])
    padded = np.column_stack([rows, np.zeros(3)])
    table = ribum.ChoiceData(np.full((2, 3), 1 / 3), np.stack([padded, split]))
    assert equal_experiments(table) == [(0, 1)]
    assert (1, 1, 2) in duplicated_posteriors(table)


@given(seeds)
def test_random_experiments_differ(seed):
    rng = np.random.default_rng(seed)
    table = ribum.ChoiceData(rng.dirichlet(np.ones(3), 3), rng.dirichlet(np.ones(3), (3, 3)))
    assert equal_experiments(table) == []
    assert duplicated_posteriors(table) == []
    assert notes(table, rng.normal(size=(3, 3, 3))) == ()


def test_equal_experiments_across_priors_count_under_kernel_costs_only():
    table = ribum.ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[0.8, 0.2], [0.3, 0.7]]] * 2)
    assert any("same experiment" in line for line in notes(table, np.eye(2)))
    assert not any("same experiment" in line for line in notes(table, np.eye(2), "posterior"))
