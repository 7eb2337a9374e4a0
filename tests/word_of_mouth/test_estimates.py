"""Gaussian word of mouth: the recursion by conditioning, the polynomial, the rates, the re-weighting."""

from __future__ import annotations

import numpy as np
import pytest

from llma.word_of_mouth import (
    constant,
    discounted,
    effective_noise,
    exponent,
    noise_polynomial,
    passed_on_variance,
    precision,
    precision_far,
)
from llma.word_of_mouth.estimates import local_exponent


def conditioned(tau, n, noise, relay, used=None):
    """Return posterior variances and errors of what is passed on, by Gaussian conditioning on noise vectors.

    Columns: x - m (variance 1/tau), the witness's noise, the relays. Every quantity is a row of weights.
    """
    prior = tau if used is None else used
    variances = np.array([1 / tau, noise] + [relay] * (n - 1))
    x = np.eye(n + 1)[0]
    heard, posterior, passed = x + np.eye(n + 1)[1], [], []
    believed = np.where(np.arange(n + 1) == 0, 1 / prior, variances)
    for i in range(n):
        gain = (x * variances) @ heard / ((heard * variances) @ heard)
        error = x - gain * heard
        posterior.append((error * variances) @ error)
        spoken = (x * believed) @ heard / ((heard * believed) @ heard) * heard
        passed.append(((x - spoken) * variances) @ (x - spoken))
        if i + 1 < n:
            heard = spoken + np.eye(n + 1)[2 + i]
    return np.array(posterior), np.array(passed)


@pytest.mark.parametrize("seed", range(10))
def test_effective_noise_by_conditioning(seed):
    rng = np.random.default_rng(seed)
    tau, noise, relay = rng.uniform(0.2, 3, size=3)
    used = tau * rng.uniform(0.1, 1)
    n = int(rng.integers(1, 5))
    posterior, _ = conditioned(tau, n, noise, relay)
    np.testing.assert_allclose(1 / posterior, tau + 1 / effective_noise(tau, n, noise, relay), rtol=1e-9)
    posterior, passed = conditioned(tau, n, noise, relay, used)
    np.testing.assert_allclose(1 / posterior, tau + 1 / effective_noise(used, n, noise, relay), rtol=1e-9)
    if n > 1:
        np.testing.assert_allclose(passed_on_variance(tau, used, n, noise, relay), passed[:-1], rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_degree_and_leading_coefficient(n):
    g = noise_polynomial(n, noise=1.5, relay=0.7)
    assert g.degree() == 2**n - 2
    assert g.coef[-1] == pytest.approx(0.7 ** (2 ** (n - 1) - 1) * 1.5 ** (2 ** (n - 1)))
    assert (g.coef > 0).all()
    for tau in (0.1, 1.0, 4.0):
        assert g(tau) == pytest.approx(float(effective_noise(tau, n, 1.5, 0.7)[-1]))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_theorem_at_astronomic_times(n):
    rounds = 1e60 if n > 2 else 1e30
    for noise, relay in ((1.0, 1.0), (2.0, 0.3)):
        tau = precision_far(rounds, n, noise, relay)
        assert tau ** (2**n - 1) / rounds == pytest.approx(constant(n, noise, relay), rel=0.02)
        assert local_exponent(tau, rounds, n, noise, relay) == pytest.approx(exponent(n), rel=0.01)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_far_agrees_with_round_by_round(n):
    path = precision(30_000, n, 1.3, 0.5)
    np.testing.assert_allclose(precision_far([1000, 30_000], n, 1.3, 0.5), path[[1000, 30_000]], rtol=1e-5)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_comparison_with_the_differential_equation(n):
    """k <= G(tau_k) - G(tau_0) <= k + rho ln(g(tau_k)/g(tau_0)), as the chapter proves."""
    path, g = precision(3000, n), noise_polynomial(n)
    area = g.integ()(path) - g.integ()(path[0])
    k = np.arange(3001)
    rho = g(path[1]) / g(path[0])
    step = (1 + 1 / (path[0] * g(path[0]))) ** (2**n - 2)
    assert rho <= step + 1e-12
    assert (area >= k - 1e-9).all()
    assert (area <= k + step * np.log(g(path) / g(path[0])) + 1e-9).all()


def test_one_agent_and_noiseless_relays_are_fast():
    np.testing.assert_allclose(precision(50, 1, noise=2.0), 1 + np.arange(51) / 2)
    np.testing.assert_allclose(precision(50, 4, noise=2.0, relay=0.0), 1 + np.arange(51) / 2)
    with pytest.raises(ValueError, match="without relay noise"):
        constant(2, relay=0.0)


@pytest.mark.parametrize("n", [2, 3])
def test_reweighting_restores_the_rate(n):
    noise, relay, bound = 1.0, 0.5, 2.0
    path = precision(4000, n, noise, relay, weight=lambda tau: np.minimum(tau, bound))
    k = np.arange(4001)
    assert (path >= 1 + k / effective_noise(bound, n, noise, relay)[-1] - 1e-9).all()
    assert (path <= 1 + k / (noise + (n - 1) * relay) + 1e-9).all()
    none = precision(4000, n, noise, relay, weight=lambda tau: 0 * tau)
    np.testing.assert_allclose(none, 1 + k / (noise + (n - 1) * relay))


@pytest.mark.parametrize("beta", [0.25, 0.5, 0.75, 1.0])
def test_exponents_in_between(beta):
    path = precision(40_000, 2, noise=1.0, relay=1.0, weight=discounted(beta))
    slope = np.log(path[40_000] / path[20_000]) / np.log(2)
    assert slope == pytest.approx(exponent(2, beta), rel=0.08)
    # Far out the increment of tau^(1/exponent) is the constant of the theorem.
    tau, power = 1e16, 1 / exponent(2, beta)
    g = float(effective_noise(tau ** (1 - beta), 2)[-1])
    leading = 5.0 if beta == 1 else 1.0  # g(1) = 1 + 2 ** 2, and Q R^2 = 1
    assert power * tau ** (power - 1) / g == pytest.approx(power / leading, rel=1e-3)


def test_what_is_passed_on_stays_imprecise():
    for tau in (1e2, 1e4, 1e8):
        passed = passed_on_variance(tau, 1.0, 3)
        gain = 1 / (1 + effective_noise(1.0, 3)[:-1])
        assert (passed >= gain**2).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: effective_noise(-1.0, 2),
        lambda: effective_noise(1.0, 0),
        lambda: effective_noise(1.0, 2, noise=0.0),
        lambda: effective_noise(1.0, 2, relay=-1.0),
        lambda: precision(5, 2, start=0.0),
        lambda: precision(5, 2, weight=lambda tau: 2 * tau),
        lambda: precision_far(10, 2),
        lambda: discounted(1.5),
        lambda: passed_on_variance(1.0, 2.0, 2),
    ],
)
def test_bad_numbers_are_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()
