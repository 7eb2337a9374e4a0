"""The dual active-set method against non-negative least squares, closed forms and its own conditions."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import nnls

from llma.ribum.sampling.least_distance import least_distance
from tests.strategies import seeds


def problem(seed):
    rng = np.random.default_rng(seed)
    rows, size = int(rng.integers(1, 30)), int(rng.integers(1, 9))
    gradients = rng.normal(size=(rows, size))
    if rng.random() < 0.5:  # repeated rows and sums of rows, as cycles have
        gradients = np.concatenate([gradients, gradients[:3], gradients[:2].sum(axis=0, keepdims=True)])
    gradients /= np.linalg.norm(gradients, axis=1, keepdims=True)
    inside = 3 * rng.normal(size=size)
    slack = np.where(rng.random(len(gradients)) < 0.3, 0.0, rng.exponential(size=len(gradients)))
    return gradients, gradients @ inside - slack


@settings(max_examples=200)
@given(seeds)
def test_the_optimality_conditions_hold(seed):
    gradients, levels = problem(seed)
    z, multipliers = least_distance(gradients, levels)
    assert (gradients @ z - levels).min() >= -1e-8
    assert (multipliers >= 0).all()
    np.testing.assert_allclose(gradients.T @ multipliers, z, atol=1e-7)
    assert abs(multipliers @ (gradients @ z - levels)) < 1e-6 * (1 + multipliers.max())


def test_agrees_with_non_negative_least_squares():
    for seed in range(60):
        gradients, levels = problem(seed)
        system = np.vstack([gradients.T, levels])
        target = np.append(np.zeros(len(system) - 1), 1.0)
        raw, _ = nnls(system, target, maxiter=10_000)
        residual = system @ raw - target
        z, _ = least_distance(gradients, levels)
        np.testing.assert_allclose(z, residual[:-1] / -residual[-1], atol=2e-5)


def test_a_start_changes_nothing():
    for seed in range(40):
        gradients, levels = problem(seed)
        half = max(1, len(levels) // 2)
        _, multipliers = least_distance(gradients[:half], levels[:half])
        cold, _ = least_distance(gradients, levels)
        warm, _ = least_distance(gradients, levels, multipliers)
        np.testing.assert_allclose(warm, cold, atol=1e-7)


def test_nothing_violated_and_nothing_possible():
    z, multipliers = least_distance(np.array([[1.0, 0.0]]), np.array([-1.0]))
    assert not z.any()
    assert not multipliers.any()
    z, _ = least_distance(np.zeros((0, 3)), np.zeros(0))
    assert z.shape == (3,)
    assert not z.any()
    with pytest.raises(RuntimeError, match="no point satisfies"):
        least_distance(np.array([[0.6, 0.8], [-0.6, -0.8]]), np.array([1.0, 0.5]))
