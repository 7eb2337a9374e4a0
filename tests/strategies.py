"""Hypothesis strategies for beliefs, likelihoods, costs and models; shared by all property tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from llma.social import TIE_RULES, SocialLearning

accuracies = st.floats(0.51, 0.99)
"""Accuracy of a symmetric binary signal."""

seeds = st.integers(0, 2**32 - 1)
"""Seeds of generators, for models too large to be drawn entry by entry."""


@st.composite
def simplex_points(draw: st.DrawFn, size: int, floor: float = 0.02) -> np.ndarray:
    """Probability vectors with every entry positive."""
    weights = draw(hnp.arrays(np.float64, size, elements=st.floats(floor, 1.0)))
    return weights / weights.sum()


@st.composite
def beliefs(draw: st.DrawFn, n_states: int = 2) -> np.ndarray:
    """Beliefs with every state possible."""
    return draw(simplex_points(n_states))


@st.composite
def stochastic_matrices(draw: st.DrawFn, n_rows: int, n_columns: int) -> np.ndarray:
    """Matrices with positive rows that sum to one."""
    return np.stack([draw(simplex_points(n_columns)) for _ in range(n_rows)])


@st.composite
def tp2_matrices(draw: st.DrawFn, n_rows: int, n_columns: int) -> np.ndarray:
    """Stochastic TP2 matrices: exp(a_i b_j) times column weights, with a and b increasing."""
    rows = np.cumsum(draw(hnp.arrays(np.float64, n_rows, elements=st.floats(0.0, 1.0))))
    columns = np.cumsum(draw(hnp.arrays(np.float64, n_columns, elements=st.floats(0.0, 1.0))))
    table = np.exp(np.outer(rows, columns)) * draw(simplex_points(n_columns))
    return table / table.sum(axis=1, keepdims=True)


@st.composite
def costs(draw: st.DrawFn, n_states: int, n_actions: int) -> np.ndarray:
    """Costs between 0 and 1 in steps of 1/64, so that ties between costs do occur."""
    return draw(hnp.arrays(np.int64, (n_states, n_actions), elements=st.integers(0, 64))) / 64


@st.composite
def social_models(draw: st.DrawFn, max_size: int = 4) -> SocialLearning:
    """Models of any shape, ties to the lowest index."""
    n_states, n_observations, n_actions = (draw(st.integers(2, max_size)) for _ in range(3))
    return SocialLearning(
        draw(stochastic_matrices(n_states, n_observations)), draw(costs(n_states, n_actions))
    )


@st.composite
def binary_models(draw: st.DrawFn, ties: tuple[str, ...] = TIE_RULES) -> SocialLearning:
    """Symmetric binary signals, where exact ties abound, with any of the tie rules."""
    p = draw(accuracies)
    ratio = draw(st.sampled_from([0.5, 1.0, 2.0]))
    return SocialLearning([[p, 1 - p], [1 - p, p]], [[0.0, ratio], [1.0, 0.0]], draw(st.sampled_from(ties)))
