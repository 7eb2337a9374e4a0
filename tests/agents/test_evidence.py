import numpy as np
import pytest

from llma.agents.evidence import fit_choices, fit_log_odds, known_agent, power

RNG = np.random.default_rng(3)
OWN = RNG.choice([-0.85, 0.85], 3000)
CROWD = RNG.choice([-1.7, -0.85, 0.0, 0.85, 1.7], 3000)


@pytest.mark.parametrize("weights", [(0.0, 1.0, 1.0), (0.2, 0.81, 1.55), (-0.1, 1.3, 0.4)])
def test_the_instrument_gives_known_weights_back(weights):
    inside, rng = [], np.random.default_rng(5)
    for _ in range(150):
        intervals = fit_choices(OWN, CROWD, known_agent(OWN, CROWD, weights, rng)).interval()
        inside.append((intervals[:, 0] <= weights) & (weights <= intervals[:, 1]))
    # 95 % intervals; four standard errors of a share from 150 studies are 7 %.
    np.testing.assert_allclose(np.mean(inside, axis=0), 0.95, atol=0.075)


def test_the_maximum_is_a_maximum():
    choices = known_agent(OWN, CROWD, (0.0, 1.0, 1.0), np.random.default_rng(1))
    design = np.stack([np.ones_like(OWN), OWN, CROWD], axis=1)

    def likelihood(beta):
        z = design @ beta
        return (choices * z - np.logaddexp(0, z)).sum()

    best = fit_choices(OWN, CROWD, choices).weights
    for step in np.eye(3) * 0.01:
        assert likelihood(best) > max(likelihood(best + step), likelihood(best - step))


def test_log_odds_are_read_exactly():
    fit = fit_log_odds(OWN, CROWD, 0.1 + 0.8 * OWN + 1.5 * CROWD, np.ones_like(OWN))
    np.testing.assert_allclose(fit.weights, [0.1, 0.8, 1.5])
    assert fit.r2 == pytest.approx(1)
    assert np.isnan(fit.errors).all()


def test_power_grows_and_its_size_is_five_percent():
    rng = np.random.default_rng(2)
    size = power(OWN, CROWD, (0, 1, 1), 400, rng, n_studies=400)
    assert size == pytest.approx(0.05, abs=0.045)
    small, large = (power(OWN, CROWD, (0, 0.81, 1.55), n, rng, n_studies=100) for n in (60, 600))
    assert small < large
    assert large > 0.9


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="collinear"):
        fit_choices(OWN, OWN, (OWN > 0).astype(int))
    with pytest.raises(ValueError, match="separates"):
        fit_choices(OWN, CROWD, (OWN > 0).astype(int))
    with pytest.raises(ValueError, match="differ"):
        fit_choices(OWN, CROWD[:-1], np.zeros(3000, int))
    with pytest.raises(ValueError, match="collinear"):
        fit_log_odds(OWN, OWN, OWN, np.ones_like(OWN))
    with pytest.raises(ValueError, match="not all zero"):
        fit_log_odds(OWN, CROWD, OWN, np.zeros_like(OWN))
    with pytest.raises(ValueError, match="expected three"):
        known_agent(OWN, CROWD, (1, 1), np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least 1"):
        power(OWN, CROWD, (0, 1, 1), 0, np.random.default_rng(0))
