"""Gaussian signals: no cascade, slow learning, and rates that can be computed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from llma.social.gaussian import (
    correct_run,
    correct_run_far,
    increment,
    wrong_action_probabilities,
)


def test_second_agent_has_its_closed_form():
    """Agent 1 errs with .1587, agent 2 with .0969 = Phi(1) Phi(-1 - l/2) + Phi(-1) Phi(l/2 - 1)."""
    odds = np.log(norm.cdf(1) / norm.cdf(-1))
    second = norm.cdf(1) * norm.cdf(-1 - odds / 2) + norm.cdf(-1) * norm.cdf(odds / 2 - 1)
    law = wrong_action_probabilities(2)
    np.testing.assert_allclose(law.p_wrong_action, [[norm.cdf(-1)] * 2, [second] * 2], atol=1e-12)
    np.testing.assert_allclose(law.p_wrong_action[:, 1].round(4), [0.1587, 0.0969])


def test_rates_match_simulation():
    """A plain simulation, written again here, agrees within its sampling error and the error bound."""
    rng, n_paths, sigma, prior = np.random.default_rng(1), 100_000, 1.3, 0.4
    law = wrong_action_probabilities(30, sigma, prior)
    for state in (0, 1):
        odds = np.full(n_paths, np.log(prior / (1 - prior)))
        for k in range(30):
            y = (2 * state - 1) + sigma * rng.standard_normal(n_paths)
            action = odds + 2 * y / sigma**2 > 0
            wrong, p = (action != state).mean(), law.p_wrong_action[k, state]
            assert abs(wrong - p) <= 5 * np.sqrt(p * (1 - p) / n_paths) + law.error_bound[k, state]
            one = norm.cdf((1 + odds * sigma**2 / 2) / sigma), norm.cdf((-1 + odds * sigma**2 / 2) / sigma)
            odds += np.where(action, np.log(one[0] / one[1]), np.log((1 - one[0]) / (1 - one[1])))


def test_error_bound_encloses_a_finer_grid():
    coarse, fine = (wrong_action_probabilities(60, spacing=h) for h in (5e-3, 2e-4))
    off = np.abs(coarse.p_wrong_action - fine.p_wrong_action)
    assert np.all(off <= coarse.error_bound + fine.error_bound)
    assert fine.error_bound.max() < coarse.error_bound.max() / 10


def test_later_agents_err_less_but_slowly():
    law = wrong_action_probabilities(100)
    assert np.all(np.diff(law.p_wrong_action[:, 1]) < 0)
    np.testing.assert_allclose(law.p_wrong_action[[9, 99], 1], [0.0144, 0.0011], atol=6e-5)


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0])
def test_integral_continues_the_recursion(sigma):
    run = correct_run(30_000, sigma)
    np.testing.assert_allclose(
        correct_run_far([1000.0, 5000.0, 30_000.0], sigma), run[[1000, 5000, 30_000]], rtol=1e-7
    )


def test_rate_tends_to_its_limit():
    """The ratio to sqrt(ln k) is 3.19, 3.07, 3.01 and falls to 2 sqrt 2."""
    agents = np.array([1e6, 1e20, 1e39])
    ratio = correct_run_far(agents) / np.sqrt(np.log(agents))
    np.testing.assert_array_equal(ratio.round(2), [3.19, 3.07, 3.01])
    assert np.all(ratio > 2 * np.sqrt(2))


def test_actions_never_stop_informing():
    odds = np.linspace(-20, 20, 401)
    assert np.all(increment(odds, 1) > 0)
    assert np.all(increment(odds, 0) < 0)
    for action in (0, 1):
        assert np.all(np.diff(odds + increment(odds, action)) > 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correct_run(3, sigma=0.0), "sigma: is 0.0"),
        (lambda: correct_run(3, prior=1.0), "prior: is 1.0"),
        (lambda: correct_run_far(10.0), "n_agents: expected numbers between 1000"),
        (lambda: wrong_action_probabilities(0), "n_agents >= 1"),
    ],
)
def test_errors_name_the_culprit(call, message):
    with pytest.raises(ValueError, match=message):
        call()
