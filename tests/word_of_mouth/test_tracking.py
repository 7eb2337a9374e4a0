"""A moving number: exact filters by brute-force conditioning, naive filters by simulation, the theorems."""

from __future__ import annotations

import numpy as np
import pytest

from llma.word_of_mouth import Tracking, common_prior, effective_noise, private_exact, private_naive, riccati

PRINTED = Tracking(0.95, 1.0, 1.0, 0.1, 4)


def conditioned(model, n_rounds, start):
    """Return exact private-prior error variances by conditioning whole histories, shape (n_rounds, N).

    Every quantity is a row of weights on independent unit noises.
    """
    n, a = model.n_agents, model.transition
    size = 1 + n_rounds * (1 + n)
    unit = iter(np.eye(size))
    x = np.sqrt(start) * next(unit)
    history, errors = [[] for _ in range(n)], np.empty((n_rounds, n))
    for k in range(n_rounds):
        x = a * x + np.sqrt(model.drift) * next(unit)
        told = x
        for i in range(n):
            history[i].append(told + np.sqrt(model.relay if i else model.noise) * next(unit))
            heard = np.array(history[i])
            told = np.linalg.lstsq(heard.T, x, rcond=None)[0] @ heard  # projection: the conditional mean
            errors[k, i] = ((x - told) ** 2).sum()
    return errors


@pytest.mark.parametrize(
    ("model", "start"),
    [
        (PRINTED, 0.0),
        (Tracking(0.5, 0.3, 2.0, 1.0, 3), 1.0),
        (Tracking(1.2, 1.0, 1.0, 0.4, 3), 0.5),
        (Tracking(1.0, 0.0, 1.0, 0.5, 4), 2.0),
    ],
)
def test_exact_filters_by_conditioning(model, start):
    np.testing.assert_allclose(
        private_exact(model, 7, start), conditioned(model, 7, start), rtol=1e-8, atol=1e-12
    )


def test_the_printed_table():
    assert private_exact(PRINTED, 200)[-1].round(4).tolist() == [0.6076, 0.6987, 0.7897, 0.8807]
    assert common_prior(PRINTED).round(4).tolist() == [0.6469, 0.7391, 0.8307, 0.9216]
    law = private_naive(PRINTED)
    assert law.actual.round(3).tolist() == [0.608, 0.772, 1.011, 1.260]
    assert law.claimed.round(3).tolist() == [0.608, 0.473, 0.404, 0.365]


def test_naive_filters_by_simulation():
    law, rng, n_paths = private_naive(PRINTED), np.random.default_rng(0), 20_000
    x, estimates = np.zeros(n_paths), np.zeros((4, n_paths))
    for _ in range(80):
        x = 0.95 * x + rng.standard_normal(n_paths)
        told = x
        for i in range(4):
            heard = told + np.sqrt(0.1 if i else 1.0) * rng.standard_normal(n_paths)
            predicted = 0.95 * estimates[i]
            estimates[i] = told = predicted + law.gains[i] * (heard - predicted)
    seen = ((estimates - x) ** 2).mean(axis=1)
    # The variance of a squared Gaussian is twice its mean squared.
    np.testing.assert_array_less(np.abs(seen / law.actual - 1), 4.5 * np.sqrt(2 / n_paths))


def test_common_prior_by_simulation():
    rng, n_paths, law = np.random.default_rng(1), 20_000, common_prior(PRINTED)
    x, public, variance = np.zeros(n_paths), np.zeros(n_paths), 0.0
    for _ in range(60):
        x, public = 0.95 * x + rng.standard_normal(n_paths), 0.95 * public
        prior = 0.9025 * variance + 1
        told, noise = x + rng.standard_normal(n_paths), 1.0
        for i in range(4):
            gain = prior / (prior + noise)
            estimate = public + gain * (told - public)
            if i < 3:
                heard = estimate + np.sqrt(0.1) * rng.standard_normal(n_paths)
                told, noise = public + (heard - public) / gain, noise + 0.1 / gain**2
        public, variance = estimate, prior * noise / (prior + noise)
    assert variance == pytest.approx(law[-1], rel=1e-9)
    assert abs(((public - x) ** 2).mean() / law[-1] - 1) < 4.5 * np.sqrt(2 / n_paths)


def random_model(rng):
    a, drift, noise, relay = rng.uniform(0.1, 1.3), *np.exp(rng.uniform(-2, 2, size=3))
    return Tracking(a, drift, noise, relay, 4)


@pytest.mark.parametrize("seed", range(25))
def test_theorems_on_random_models(seed):
    model = random_model(np.random.default_rng(seed))
    own, common, naive = private_exact(model, 300)[-1], common_prior(model), private_naive(model)
    assert common[0] >= own[0] - 1e-9
    assert (np.diff(own) >= -1e-9).all()
    assert (np.diff(common) > 0).all()
    assert (common >= own - 1e-9).all()  # found, not proved, beyond agent 0
    assert (naive.actual >= own[0] - 1e-9).all()
    assert naive.actual[0] == pytest.approx(naive.claimed[0])
    if naive.claimed[0] + model.relay < model.noise:
        assert (np.diff(naive.claimed) < 0).all()
        assert (naive.actual[1:] > naive.claimed[1:]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_common_prior_has_one_fixed_point(seed):
    """The map from prior to prior increases, and its ratio to the prior falls."""
    model = random_model(np.random.default_rng(seed))
    prior = np.logspace(-3, 4, 400)
    last = effective_noise(1 / prior, 4, model.noise, model.relay)[-1]
    following = model.transition**2 * prior * last / (prior + last) + model.drift
    assert (np.diff(following) > 0).all()
    assert (np.diff(following / prior) < 0).all()


def test_static_private_priors_keep_the_rate():
    """Error variance at most C_i / k with C_0 = R and C_i = 2 C_{i-1} + 2 Q, as the chapter proves."""
    model = Tracking(1.0, 0.0, 1.0, 0.5, 3)
    errors, k = private_exact(model, 400, start=1.0), np.arange(1, 401)
    bounds = [1.0]
    for _ in range(2):
        bounds.append(2 * bounds[-1] + 2 * model.relay)
    assert (errors * k[:, None] <= np.array(bounds) + 1e-9).all()


@pytest.mark.parametrize(("a", "drift", "noise"), [(0.95, 1.0, 1.0), (0.0, 2.0, 0.5), (1.5, 0.1, 3.0)])
def test_riccati_is_a_fixed_point(a, drift, noise):
    error = riccati(a, drift, noise)
    prior = a * a * error + drift
    assert prior * noise / (prior + noise) == pytest.approx(error)


@pytest.mark.parametrize(
    "arguments",
    [
        (np.nan, 1.0, 1.0, 1.0, 2),
        (1.0, -1.0, 1.0, 1.0, 2),
        (1.0, 1.0, 0.0, 1.0, 2),
        (1.0, 1.0, 1.0, -1.0, 2),
        (1.0, 1.0, 1.0, 1.0, 0),
    ],
)
def test_bad_models_are_refused(arguments):
    with pytest.raises(ValueError, match="expected"):
        Tracking(*arguments)


def test_a_static_state_has_no_stationary_filter():
    for function in (common_prior, private_naive):
        with pytest.raises(ValueError, match="drift: is 0"):
            function(Tracking(1.0, 0.0, 1.0, 1.0, 2))
    with pytest.raises(ValueError, match="n_rounds"):
        private_exact(PRINTED, 0)
    with pytest.raises(ValueError, match="positive variances"):
        riccati(1.0, 0.0, 1.0)
