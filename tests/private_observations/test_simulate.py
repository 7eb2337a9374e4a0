"""Simulated crowds against the exact law, and what holds on every run."""

import numpy as np
import pytest

from llma.private_observations import Crowd, ManyReadings, binary_channel, harmonic
from llma.social import SocialLearning

EVEN = [0.5, 0.5]
ERRORS = [[0, 1], [1, 0]]


@pytest.mark.parametrize("tie", ["low", "own", "coin"])
def test_simulation_follows_the_exact_law(tie):
    crowd = Crowd(ManyReadings([[0.7, 0.3], [0.3, 0.7]], ERRORS, 2, tie), binary_channel(0.15))
    reveal, n = harmonic(3, 25), 8000
    law = crowd.exact(EVEN, 25, reveal=reveal)
    for x in (0, 1):
        runs = crowd.simulate(EVEN, 25, n, np.random.default_rng(x), reveal=reveal, state=x)
        error = 4.5 * np.sqrt(0.25 / n)
        assert np.abs((runs.actions != x).mean(axis=0) - law.p_wrong_action[:, x]).max() < error
        assert np.abs(runs.cascade.mean(axis=0) - law.p_cascade_by[:, x]).max() < error
        assert np.abs(runs.wrong_cascade.mean(axis=0) - law.p_wrong_cascade_by[:, x]).max() < error
        assert np.abs(runs.revealed.mean(axis=0) - reveal).max() < error
        odds = np.log(runs.beliefs[:, :25, 1] / runs.beliefs[:, :25, 0])
        assert np.abs(odds.mean(axis=0) - law.mean_log_odds[:, x]).max() < 5 * odds.std() / np.sqrt(n)


def test_a_wrong_belief_about_the_readings():
    model, truth = SocialLearning([[0.8, 0.2], [0.2, 0.8]], ERRORS), [[0.6, 0.4], [0.5, 0.5]]
    crowd, n = Crowd(model), 8000
    law = crowd.exact(EVEN, 15, reveal=0.1, truth=truth)
    runs = crowd.simulate(EVEN, 15, n, np.random.default_rng(5), reveal=0.1, state=1, truth=truth)
    assert np.abs((runs.actions == 0).mean(axis=0) - law.p_wrong_action[:, 1]).max() < 0.03
    assert runs.observations.mean() == pytest.approx(0.5, abs=0.02)


def test_three_states():
    rng = np.random.default_rng(2)
    likelihood = rng.dirichlet(np.ones(4), size=3)
    crowd = Crowd(SocialLearning(likelihood, 1 - np.eye(3)), np.full((3, 3), 0.1) + 0.7 * np.eye(3))
    runs = crowd.simulate([0.2, 0.3, 0.5], 400, 150, rng, reveal=0.3)
    assert np.allclose(runs.beliefs.sum(axis=2), 1)
    # Reveals settle the matter: the belief in the true state goes to one.
    true = np.take_along_axis(runs.beliefs[:, -1], runs.states[:, None], axis=1)
    assert (true > 0.9).mean() > 0.9
    assert ((runs.words == -1) == runs.revealed).all()
    # In a cascade, and without a reveal, the belief does not move at all.
    still = runs.cascade & ~runs.revealed
    assert (runs.beliefs[:, :-1][still] == runs.beliefs[:, 1:][still]).all()


def test_one_prior_is_needed():
    crowd = Crowd(SocialLearning([[0.7, 0.3], [0.3, 0.7]], ERRORS))
    with pytest.raises(ValueError, match="expected one prior"):
        crowd.simulate([EVEN, EVEN], 3, 3, np.random.default_rng(0))
