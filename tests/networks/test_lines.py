"""The line with Gaussian readings: against quadrature, against the row, and its limit."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from llma.networks import gaussian_line, symmetric_error
from llma.social import gaussian


@pytest.mark.parametrize(("sigma", "prior", "kappa"), [(1.0, 0.5, 1.0), (0.8, 0.3, 1.0), (1.5, 0.6, 2.0)])
def test_quadrature(sigma, prior, kappa):
    """Integrate every agent's decision over its reading, with nothing but Bayes' rule."""
    alarm, miss = None, None
    for errors in gaussian_line(4, sigma, prior, kappa):
        seen = [(1.0, 1.0)] if alarm is None else [(1 - alarm, miss), (alarm, 1 - miss)]
        wrong = [0.0, 0.0]
        for in_0, in_1 in seen:
            odds = prior * in_1 / ((1 - prior) * in_0) / kappa
            cut = -(sigma**2) * np.log(odds) / 2
            density = [norm(mean, sigma).pdf for mean in (-1, 1)]
            wrong[0] += in_0 * quad(density[0], cut, cut + 30)[0]
            wrong[1] += in_1 * quad(density[1], cut - 30, cut)[0]
        assert errors == pytest.approx(wrong, abs=1e-9)
        alarm, miss = wrong


def test_two_agents_are_a_row():
    row = gaussian.wrong_action_probabilities(2, 0.9, 0.4).p_wrong_action
    np.testing.assert_allclose(gaussian_line(2, 0.9, 0.4), row, atol=1e-9)


def test_seeing_all_is_better():
    row = gaussian.wrong_action_probabilities(30, spacing=2e-3)
    line = gaussian_line(30)
    assert (line[2:] > row.p_wrong_action[2:] + row.error_bound[2:]).all()


@pytest.mark.parametrize(("prior", "kappa"), [(0.5, 1.0), (0.2, 1.0), (0.9, 0.5)])
def test_the_cost_falls_to_zero(prior, kappa):
    law = gaussian_line(20_000, 1.0, prior, kappa)
    cost = law @ [(1 - prior) * kappa, prior]
    assert (np.diff(cost) < 0).all()
    assert cost[-1] < 1e-4


@pytest.mark.parametrize("p", [0.51, 0.7, 0.99])
def test_low_improves_on_own_and_stops(p):
    q = 1 - p
    low = symmetric_error(p, 60, "low")
    assert low[0] == low[1] == pytest.approx(q)
    assert low[2] < q
    assert low[-1] == pytest.approx(q * (2 - p) / (2 * (1 - p * q)))
    assert (low >= q * q / p).all()
    for tie in ("own", "coin", "follow"):
        assert symmetric_error(p, 3, tie) == pytest.approx([q] * 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gaussian_line(3, sigma=0), "sigma"),
        (lambda: gaussian_line(3, kappa=-1), "kappa"),
        (lambda: gaussian_line(3, prior=1), "prior"),
        (lambda: gaussian_line(0), "n_agents"),
        (lambda: symmetric_error(0.4, 3), "accuracy"),
        (lambda: symmetric_error(0.7, 0), "n_agents"),
        (lambda: symmetric_error(0.7, 3, "high"), "tie"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
