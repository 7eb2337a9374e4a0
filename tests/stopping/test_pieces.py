"""Piecewise-linear functions with jumps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.stopping import CentralControl
from llma.stopping.crowd import as_pieces
from llma.stopping.hinges import hinges_of_minimum
from llma.stopping.pieces import Pieces, distance, inside, intervals, linear, partition, simplified
from llma.stopping.recursion import cheaper, continued, everywhere, iterate
from llma.stopping.solution import Interval, threshold_of, union
from tests.strategies import costs, stochastic_matrices

GRID = np.linspace(0, 1, 203)


@settings(max_examples=30)
@given(stochastic_matrices(2, 3), costs(2, 1), costs(2, 2), st.floats(0.1, 0.9))
def test_the_engine_with_jumps_agrees_with_the_one_without(
    likelihood: np.ndarray, running: np.ndarray, final: np.ndarray, discount: float
) -> None:
    problem = CentralControl(likelihood, running[:, 0], 3 * final, discount)
    motion = everywhere(likelihood, running[:, 0])
    stop = as_pieces(hinges_of_minimum(problem.stop_cost.T))
    value, bound, _ = iterate(
        lambda after: cheaper(continued(after, motion, discount), stop),
        cheaper(linear(problem.never_stop_cost), stop),
        discount,
        1e-4,
        5.0,
    )
    assert bound <= 1e-4
    exact = problem.solve(1e-5)
    assert np.abs(value.at(GRID) - exact.value(np.stack([1 - GRID, GRID], axis=1))).max() <= 1.1e-4


def jagged(n: int, seed: int) -> Pieces:
    rng = np.random.default_rng(seed)
    points = partition(rng.random(n))
    smooth = np.cumsum(rng.normal(0, 0.01, (2 * len(points) - 1, 2)), axis=0)
    smooth[rng.integers(0, len(smooth), 3)] += 1
    return Pieces(points, smooth)


@given(st.integers(0, 40), st.integers(0, 10_000), st.floats(0, 0.05))
def test_simplification_stays_within_its_bound(n: int, seed: int, height: float) -> None:
    function = jagged(n, seed)
    fewer = simplified(function, height, passes=3)
    assert distance(function, fewer) <= 3 * height + 1e-12
    assert len(fewer.points) <= len(function.points)
    assert np.abs(function.at(GRID) - fewer.at(GRID)).max() <= distance(function, fewer) + 1e-12


def test_simplification_removes_what_says_nothing() -> None:
    line = Pieces(np.linspace(0, 1, 65), np.tile([1.0, 2.0], (129, 1)))
    assert len(simplified(line, 0.0, passes=8).points) == 2


def test_values_at_points_and_intervals() -> None:
    step = Pieces(np.array([0, 0.5, 1]), np.array([[0, 0], [0, 0], [1, 1], [2, 2], [3, 3.0]]))
    np.testing.assert_array_equal(step.at([0, 0.25, 0.5, 0.75, 1]), [0, 0, 1, 2, 3])
    assert distance(step, linear(np.zeros(2))) == 3
    chosen = np.array([False, True, True, False, True])
    assert [str(part) for part in intervals(step.points, chosen)] == ["(0, 0.5]", "[1, 1]"]
    np.testing.assert_array_equal(
        inside(np.array([0.0, 0.2, 0.5, 0.6, 1.0]), intervals(step.points, chosen)),
        [False, True, True, False, True],
    )


def test_thresholds_and_reasons() -> None:
    assert threshold_of((Interval(0.0, 0.3),)) == (0.3, "lower", "")
    assert threshold_of((Interval(0.2, 0.3),))[2] == (
        "the stop region [0.2, 0.3] reaches neither 0 nor 1: two thresholds"
    )
    assert union([Interval(0.2, 0.4), Interval(0.0, 0.3)]) == (Interval(0.0, 0.4),)
    assert 0.3 not in Interval(0.2, 0.3, upper_closed=False)
