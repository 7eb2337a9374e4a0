"""Concave piecewise-linear functions against their definition on a grid of beliefs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from llma.stopping.hinges import above, hinges_of_minimum, images, merged, minimum
from tests.strategies import stochastic_matrices

GRID = np.linspace(0, 1, 201)
numbers = st.integers(-64, 64).map(lambda k: k / 16)
tables = st.integers(1, 6).flatmap(lambda n: hnp.arrays(np.float64, (n, 2), elements=numbers))


def on_grid(lines: np.ndarray) -> np.ndarray:
    return np.outer(1 - GRID, lines[:, 0]) + np.outer(GRID, lines[:, 1])


@given(tables)
def test_minimum_of_lines(lines: np.ndarray) -> None:
    lowest = hinges_of_minimum(lines)
    np.testing.assert_allclose(lowest.at(GRID), on_grid(lines).min(axis=1), atol=1e-12)
    assert (np.diff(lowest.cuts) >= 0).all()
    points, values = lowest.corners()
    np.testing.assert_allclose(values, lowest.at(points), atol=1e-12)
    np.testing.assert_allclose(lowest(np.stack([1 - GRID, GRID], axis=1)), lowest.at(GRID), atol=1e-12)


@given(tables, hnp.arrays(np.float64, 2, elements=numbers))
def test_above_is_the_superlevel_set(lines: np.ndarray, line: np.ndarray) -> None:
    lowest = hinges_of_minimum(lines)
    gap = lowest.at(GRID) - on_grid(line[None, :])[:, 0]
    part = above(lowest, line)
    if part is None:
        assert (gap < 1e-12).all()
    else:
        assert (gap[(GRID >= part[0]) & (GRID <= part[1])] >= -1e-12).all()
        assert (gap[(GRID < part[0]) | (GRID > part[1])] <= 1e-12).all()
        for end in part:
            if 0 < end < 1:
                assert abs(lowest.at(end) - (line[0] + end * (line[1] - line[0]))) < 1e-12
    capped = minimum(lowest, line)
    np.testing.assert_allclose(
        capped.at(GRID), np.minimum(lowest.at(GRID), on_grid(line[None, :])[:, 0]), atol=1e-12
    )


@given(tables, stochastic_matrices(2, 3), stochastic_matrices(2, 2), st.floats(0.0, 0.99))
def test_images_are_bellmans_expectation(
    lines: np.ndarray, likelihood: np.ndarray, transition: np.ndarray, discount: float
) -> None:
    """Any transition, those that turn the order of beliefs round included."""
    lowest = hinges_of_minimum(lines)
    maps = discount * np.stack([transition @ np.diag(likelihood[:, y]) for y in range(3)])
    joint = (np.stack([1 - GRID, GRID], axis=1) @ transition)[:, None, :] * likelihood.T  # (G, Y, 2)
    chance = joint.sum(axis=2)
    expected = GRID + 0.5 + discount * (chance * lowest.at(joint[..., 1] / chance)).sum(axis=1)
    after = images(lowest, maps, np.array([0.5, 1.5]))
    np.testing.assert_allclose(after.at(GRID), expected, atol=1e-10)


def test_images_with_impossible_observations() -> None:
    lowest = hinges_of_minimum([[0, 1], [1, 0]])
    likelihood = np.array([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0]])
    maps = np.stack([np.diag(likelihood[:, y]) for y in range(3)])
    after = images(lowest, maps, np.zeros(2))
    # Observation 1 proves state 1; after observation 0 the odds are 4 times lower: min(1 - q, q/4).
    np.testing.assert_allclose(after.at(GRID), np.minimum(1 - GRID, GRID / 4), atol=1e-12)


@given(hnp.arrays(np.float64, st.integers(2, 12), elements=st.floats(0.01, 0.99)), st.floats(0, 0.1))
def test_merging_rises_by_no_more_than_it_says(cuts: np.ndarray, height: float) -> None:
    lines = np.stack([cuts**2, cuts**2 - 2 * cuts], axis=1)  # tangents of -q^2
    lowest = hinges_of_minimum(lines)
    fewer = merged(lowest, height, passes=3)
    rise = fewer.at(GRID) - lowest.at(GRID)
    assert rise.min() > -1e-12
    assert rise.max() <= 3 * height + 1e-12
    assert len(fewer.hinges) <= len(lowest.hinges)
    assert (fewer.hinges[:, 0] > 0).all()
    assert (fewer.hinges[:, 1] < 0).all()


def test_merging_merges() -> None:
    knots = np.linspace(0, 1, 1001)
    parabola = hinges_of_minimum(np.stack([knots**2, knots**2 - 2 * knots], axis=1))
    assert len(parabola.hinges) == 1000
    assert len(merged(parabola, 1e-4, passes=6).hinges) < 100


def test_a_q_outside_the_interval_is_refused() -> None:
    with pytest.raises(ValueError, match=r"q: entry 1 is 1.5; a probability lies between 0 and 1"):
        hinges_of_minimum([[0, 1]]).at([0.5, 1.5])
    with pytest.raises(ValueError, match="belief: has 3 states; expected 2"):
        hinges_of_minimum([[0, 1]])([0.2, 0.3, 0.5])
