"""Shannon's agent: closed forms, parity with other solvers, the certificate, and the limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import logsumexp

from llma.attention import shannon, softmax
from llma.attention.blahut_arimoto import blahut_arimoto
from llma.attention.closed_forms import binary, tracking
from llma.attention.shannon import optimality_gap
from llma.experiments import information
from llma.ribum import ChoiceData, nias_slack
from tests.strategies import seeds

prices = st.sampled_from([0.01, 0.1, 0.3, 1.0, 5.0])


def draw(seed, n_states=None, n_actions=None):
    rng = np.random.default_rng(seed)
    n_states, n_actions = n_states or rng.integers(2, 5), n_actions or rng.integers(2, 6)
    return rng, 0.9 * rng.dirichlet(np.ones(n_states)) + 0.1 / n_states, rng.random((n_states, n_actions))


def worth(prior, utility, price, choice):
    return float(prior @ (choice * utility).sum(axis=1) - price * information(prior, choice))


@given(seeds, prices)
@settings(max_examples=60, deadline=None)
def test_nothing_beats_the_certificate(seed, price):
    rng, prior, utility = draw(seed)
    agent = shannon(prior, utility, price)
    assert agent.gap <= 1e-12 * max(price, 1)
    assert agent.value == pytest.approx(worth(prior, utility, price, agent.choice), abs=1e-12)
    assert agent.marginal == pytest.approx(prior @ agent.choice, abs=1e-14)
    for scale in (1e-6, 1e-3, 1.0):
        other = np.abs(agent.choice + scale * rng.normal(size=agent.choice.shape))
        other /= other.sum(axis=1, keepdims=True)
        assert worth(prior, utility, price, other) <= agent.value + agent.gap + 1e-13


@given(seeds, prices)
@settings(max_examples=40, deadline=None)
def test_kuhn_tucker(seed, price):
    _, prior, utility = draw(seed)
    agent = shannon(prior, utility, price)
    log_z = logsumexp(utility / price, b=agent.marginal, axis=1)
    score = np.exp(logsumexp(utility / price - log_z[:, None] + np.log(prior)[:, None], axis=0))
    assert score.max() <= 1 + 1e-9
    assert score[agent.marginal > 1e-3] == pytest.approx(1, abs=1e-8)
    assert (score[agent.dropped] < 1).all()
    assert agent.choice[:, agent.dropped].sum() == 0


@given(seeds, st.sampled_from([0.1, 0.3, 1.0]))
@settings(max_examples=15, deadline=None)
def test_agrees_with_a_general_solver(seed, price):
    _, prior, utility = draw(seed)
    n = utility.shape[1]
    result = minimize(
        lambda b: -prior @ logsumexp(utility / price, b=np.abs(b), axis=1),
        np.full(n, 1 / n),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda b: b.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )
    assert -price * result.fun == pytest.approx(float(shannon(prior, utility, price).value), abs=1e-7)


@given(seeds, st.floats(0.02, 20))
@settings(max_examples=40, deadline=None)
def test_closed_forms(seed, price):
    rng, prior, _ = draw(seed, 2, 2)
    gains = rng.uniform(0.2, 3, size=2)
    utility = np.diag(gains) + rng.normal(size=(2, 1))
    agent, exact = shannon(prior, utility, price), binary(prior, utility, price)
    assert agent.choice == pytest.approx(exact.choice, abs=3e-6)
    assert worth(prior, utility, price, exact.choice) == pytest.approx(float(agent.value), abs=1e-11)
    assert optimality_gap(prior, utility, price, exact.choice) < 1e-11 * max(price, 1)
    if not exact.looks:
        assert not agent.choice[:, exact.base == 0].any()
    _, prior, _ = draw(seed)
    base = tracking(prior, price)
    agent = shannon(prior, np.eye(prior.size), price)
    assert agent.marginal == pytest.approx(base, abs=3e-6)
    assert not base[agent.dropped].any()


def test_binary_tracking_to_the_last_digits():
    for q, price in ((0.8, 0.5), (0.65, 0.3), (0.5, 2.0)):
        b = np.exp(1 / price)
        expected = min(1, (q * b - (1 - q)) / (b - 1))
        assert shannon([q, 1 - q], np.eye(2), price).marginal[0] == pytest.approx(expected, abs=1e-11)


@given(seeds, st.sampled_from([0.05, 0.3, 1.0]))
@settings(max_examples=20, deadline=None)
def test_the_algorithm_keeps_its_rate(seed, price):
    _, prior, utility = draw(seed)
    path = blahut_arimoto(prior, utility, price, n_steps=60)
    level = np.array([prior @ logsumexp(utility / price, b=b, axis=1) for b in path])
    best = float(shannon(prior, utility, price).value) / price
    assert (np.diff(level) >= -1e-12).all()
    n = np.arange(1, 61)
    assert (best - level[1:] <= np.log(utility.shape[1]) / n + 1e-10).all()


def test_a_start_with_a_zero_stays_there():
    path = blahut_arimoto([0.8, 0.2], np.eye(2), 0.5, start=[0.0, 1.0], n_steps=5)
    assert (path == [0, 1]).all()
    assert optimality_gap([0.8, 0.2], np.eye(2), 0.5, [[0, 1], [0, 1]]) > 0.5


def test_limits_of_the_price():
    prior, utility = np.array([0.5, 0.3, 0.2]), np.array([[1.0, 1.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    free, cheap = shannon(prior, utility, 0), shannon(prior, utility, 1e-3)
    assert free.value == pytest.approx(0.5 + 0.15 + 0.2)
    assert free.choice == pytest.approx(cheap.choice, abs=1e-6)
    # Action 0 brings nothing that 1 does not. Then F(b) = 0.5 ln b(1) + 0.2 ln b(2), so b(1) : b(2) = 5 : 2.
    assert free.marginal == pytest.approx([0, 5 / 7, 2 / 7], abs=1e-9)
    assert free.dropped.tolist() == [True, False, False]
    assert free.information == pytest.approx(float(cheap.information), abs=1e-5)
    never = shannon(prior, utility, np.inf)
    assert never.information == 0
    assert never.choice[:, 1].tolist() == [1, 1, 1]
    assert never.value == pytest.approx(prior @ utility[:, 1])
    tied = shannon([0.5, 0.5], np.eye(2), np.inf)
    assert tied.marginal.tolist() == [0.5, 0.5]
    assert not tied.unique


def test_no_overflow_and_scale():
    prior, utility = [0.7, 0.3], np.eye(2)
    agent = shannon(prior, 1e9 * utility, [1e-9, 1e6, 5e8, 1e18])
    assert np.isfinite(agent.value).all()
    assert agent.choice[0] == pytest.approx(np.eye(2))
    small = shannon(prior, utility, [1e-18, 1e-3, 0.5, 1e9])
    assert agent.choice == pytest.approx(small.choice, abs=1e-9)
    even = shannon([0.5, 0.5], np.eye(2), 1e6)
    assert even.information == pytest.approx(1e-12 / 8, rel=1e-6)


def test_equal_actions_share_equally():
    agent = shannon([0.5, 0.5], [[1, 1, 0], [0, 0, 1]], 0.5)
    assert agent.marginal == pytest.approx([0.25, 0.25, 0.5], abs=1e-9)
    assert not agent.unique
    lump = shannon([0.5, 0.5], np.eye(2), 0.5)
    assert lump.unique
    assert agent.value == pytest.approx(float(lump.value), abs=1e-12)
    # any other division is as good
    skewed = agent.choice @ np.array([[1.0, 0, 0], [1, 0, 0], [0, 0, 1]])
    assert worth([0.5, 0.5] @ np.eye(2), np.array([[1, 1, 0], [0, 0, 1]]), 0.5, skewed) == pytest.approx(
        float(agent.value), abs=1e-12
    )


def test_batches_are_loops():
    rng = np.random.default_rng(4)
    priors, utilities, price = rng.dirichlet(np.ones(3), 4), rng.random((4, 3, 3)), [[0.1], [1.0]]
    batch = shannon(priors, utilities, price)
    assert batch.choice.shape == (2, 4, 3, 3)
    for i in range(2):
        for m in range(4):
            one = shannon(priors[m], utilities[m], price[i][0])
            assert batch.choice[i, m] == pytest.approx(one.choice, abs=1e-9)
            assert batch.value[i, m] == pytest.approx(float(one.value), abs=1e-12)


def test_its_data_pass_nias():
    rng = np.random.default_rng(5)
    priors, utility = rng.dirichlet(np.ones(3), 30), rng.random((3, 4))
    agents = shannon(priors, utility, 0.2)
    assert nias_slack(ChoiceData(agents.prior, agents.choice), utility).min() > -1e-10
    posteriors = agents.posteriors
    assert np.isnan(posteriors[agents.dropped]).all()
    assert np.nansum(agents.marginal[..., None] * posteriors, axis=1) == pytest.approx(priors)


@given(seeds, prices)
@settings(max_examples=30, deadline=None)
def test_the_certificate_of_any_table(seed, price):
    rng, prior, utility = draw(seed)
    table = rng.dirichlet(np.ones(utility.shape[1]), prior.size)
    loss = float(shannon(prior, utility, price).value) - worth(prior, utility, price, table)
    assert optimality_gap(prior, utility, price, table) >= loss - 1e-10


def test_the_certificate_of_a_table_with_tiny_entries():
    table = np.array([[1 - 1e-320, 1e-320], [1 - 1e-320, 1e-320]])
    assert optimality_gap([0.8, 0.2], np.eye(2), 0.8, table) < 1e-12
    assert optimality_gap([0.8, 0.2], np.eye(2), 1e-4, [[1, 0], [1, 0]]) > 0.19
    # the marginal of the second action rounds to zero although one row has a positive entry
    table = np.array([[1 - 1e-323, 1e-323], [1, 0]])
    assert optimality_gap([0.1, 0.9], [[1, 0.5], [1, 0]], 0.1, table) < 1e-12


def test_the_plain_algorithm_can_be_certified_after_many_steps():
    rng = np.random.default_rng(3)
    for _ in range(20):
        prior, utility = rng.dirichlet(3 * np.ones(3)), rng.random((3, 3))
        base = blahut_arimoto(prior, utility, 0.1, n_steps=2000)[-1]
        table = softmax(prior, utility, 0.1, base).choice
        assert optimality_gap(prior, utility, 0.1, table) < 1e-9


@pytest.mark.parametrize(
    ("prior", "utility", "price", "complaint"),
    [
        ([1.0, 0.0], np.eye(2), 1.0, "leave out the states"),
        ([0.5, 0.5], np.eye(2), -1.0, "price: is -1.0"),
        ([0.5, 0.5], np.eye(2), np.nan, "price: is nan"),
        ([0.5, 0.5], np.eye(3), 1.0, "a row for each state"),
        ([0.5, 0.5], np.ones((3, 2, 2)), [1.0, 2.0], "do not broadcast"),
    ],
)
def test_bad_input(prior, utility, price, complaint):
    with pytest.raises(ValueError, match=complaint):
        shannon(prior, utility, price)


def test_gives_up_loudly():
    with pytest.raises(RuntimeError, match="no certificate after 1 rounds"):
        shannon([0.5, 0.3, 0.2], [[1, 0, 0.6], [0, 1, 0.6], [0.3, 0.2, 0.6]], 0.2, max_rounds=1)
