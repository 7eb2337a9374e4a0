"""Models trained on models: moments against simulation and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from llma.word_of_mouth import collapse, limiting_wander, log_drift, moments


@pytest.mark.parametrize("n", [2, 5, 50])
def test_without_fresh_data(n):
    law = moments(n, 200)
    np.testing.assert_allclose(law.spread, (1 - 1 / n) ** np.arange(201), atol=1e-12)
    np.testing.assert_allclose(law.spread + law.wander, 1, atol=1e-12)
    assert limiting_wander(n) == pytest.approx(1)


@pytest.mark.parametrize(("n", "fresh"), [(2, 1), (10, 1), (50, 5), (20, 20)])
def test_nothing_is_lost_it_moves(n, fresh):
    law = moments(n, 3000, fresh)
    np.testing.assert_allclose(law.spread + law.wander, 1, atol=1e-10)
    assert law.wander[-1] == pytest.approx(limiting_wander(n, fresh), rel=1e-6)
    a = (n - fresh) / n
    following = 1 / n + a * (a - 1 / n) * law.wander[:-1]
    np.testing.assert_allclose(law.wander[1:], following, atol=1e-12)


@pytest.mark.parametrize("fresh", [0, 2])
def test_moments_by_simulation(fresh):
    n, n_paths = 8, 20_000
    mean, variance = collapse.simulate(n, 12, n_paths, np.random.default_rng(2), fresh=fresh)
    law = moments(n, 12, fresh)
    for k in (1, 4, 12):
        for sample, target in ((variance[:, k], law.spread[k]), (mean[:, k] ** 2, law.wander[k])):
            assert abs(sample.mean() - target) < 4.5 * sample.std() / np.sqrt(n_paths)


def test_the_unbiased_variance_collapses_too():
    n, n_paths = 6, 20_000
    mean, variance = collapse.simulate(n, 5, n_paths, np.random.default_rng(3), unbiased=True)
    for k in (1, 3, 5):
        assert abs(variance[:, k].mean() - 1) < 4.5 * variance[:, k].std() / np.sqrt(n_paths)
        assert abs((mean[:, k] ** 2).mean() - k / n) < 4.5 * (mean[:, k] ** 2).std() / np.sqrt(n_paths)
    drift = np.diff(np.log(variance), axis=1).mean()
    assert drift == pytest.approx(log_drift(n, unbiased=True), rel=0.05)
    _, long = collapse.simulate(n, 400, 200, np.random.default_rng(4), unbiased=True)
    assert np.median(long[:, -1]) < 1e-10


def test_drift_is_negative():
    for n in (2, 3, 10, 1000):
        assert log_drift(n) < log_drift(n, unbiased=True) < 0


@pytest.mark.parametrize("arguments", [(1, 3), (2, -1), (2, 3, 3), (2, 3, -1), (2.5, 3)])
def test_bad_numbers_are_refused(arguments):
    with pytest.raises(ValueError, match="expected"):
        moments(*arguments)
