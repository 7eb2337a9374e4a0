"""The chapter on attention: every number that its prose prints, its theorems, exercises and explorers."""

import itertools
from math import exp, log

import numpy as np
import pytest
from scipy.optimize import brentq

from llma.attention import (
    at_weights,
    binary,
    blahut_arimoto,
    entropy,
    optimality_gap,
    posterior_shift,
    separable,
    shannon,
    softmax,
    switch_off_price,
    tracking,
    uniform_base_limit,
)
from llma.attention.blahut_arimoto import scores, spread
from llma.experiments import information
from llma.explorers import attention
from llma.ribum import ChoiceData, nias_slack
from tests.book import browser, exercises
from tests.book.passages import printed

PRIOR = np.array([0.8, 0.2])
TRACK = np.eye(2)


def test_the_story():
    agent, decoder = shannon(PRIOR, TRACK, 0.5), softmax(PRIOR, TRACK, 1.0)
    full = float(-entropy(PRIOR))
    right = float(PRIOR @ np.diag(decoder.choice))
    printed(
        "attention-story",
        f"would take {full:.3f} nats",
        f"buys {float(agent.information):.3f} nats",
        f"removes {agent.marginal[1]:.3f} of all comments: {agent.choice[1, 1]:.3f} of the hostile ones and "
        f"{agent.choice[0, 1]:.3f} of the fine ones",
        f"removes {decoder.marginal[1]:.3f} of all comments, and "
        f"{0.8 * decoder.choice[0, 1] / decoder.marginal[1]:.3f} of those",
        f"right with probability {right:.3f}",
        "right with probability 0.8.",
        f"{0.2 * agent.choice[1, 0]:.3f} of all comments are hostile and allowed, "
        f"{0.8 * agent.choice[0, 1]:.3f} are fine and removed",
    )
    assert shannon(PRIOR, TRACK, 0.7).marginal[1] < 0.02
    assert shannon(PRIOR, TRACK, 0.8).dropped[1]
    assert right < 0.8


def test_signals_are_recommendations():
    rng = np.random.default_rng(0)
    for _ in range(20):
        prior, utility = rng.dirichlet(np.ones(3)), rng.random((3, 2))
        beta, rule = rng.dirichlet(np.ones(4), 3), rng.dirichlet(np.ones(2), 4)
        paid = (prior[:, None] * (beta @ rule) * utility).sum() - 0.3 * information(prior, beta)
        told = (prior[:, None] * (beta @ rule) * utility).sum() - 0.3 * information(prior, beta @ rule)
        assert paid <= told + 1e-12


def test_dearer_means_less():
    rng = np.random.default_rng(1)
    prices = np.linspace(0.05, 2, 40)
    for _ in range(5):
        agent = shannon(rng.dirichlet(np.ones(3)), rng.random((3, 4)), prices)
        assert (np.diff(agent.information) <= 1e-7).all()
        assert (np.diff(agent.value) <= 1e-12).all()
        assert (np.diff(agent.value, 2) >= -1e-10).all()


def test_the_certificate_and_the_dropped_actions_hold_along_the_way():
    rng = np.random.default_rng(2)
    for _ in range(10):
        prior, utility = 0.1 + 0.7 * rng.dirichlet(np.ones(3)), rng.random((3, 4))
        prior /= prior.sum()
        best = shannon(prior, utility, 0.3)
        gain = np.expm1((utility - utility.max(axis=1, keepdims=True)) / 0.3)
        for base in blahut_arimoto(prior, utility, 0.3, n_steps=30)[::6]:
            excess, _ = scores(prior[None], gain[None], base[None])
            gap = 0.3 * float(spread(base[None], excess)[0])
            table = softmax(prior, utility, 0.3, base).choice
            worth = (prior[:, None] * table * utility).sum() - 0.3 * information(prior, table)
            assert float(best.value) - worth <= gap + 1e-12


def test_steps_of_the_algorithm():
    path = blahut_arimoto(PRIOR, TRACK, 0.5, n_steps=10)
    value = 0.5 * PRIOR @ np.log(np.exp(TRACK / 0.5) @ path[10])
    distance = float(shannon(PRIOR, TRACK, 0.5).value) - value
    mantissa = f"{distance:.1e}".split("e")[0]
    slow = blahut_arimoto(PRIOR, TRACK, 1 / log(4), n_steps=100)[100, 1]
    printed(
        "attention-algorithm", f"${mantissa}\\cdot10^{{-6}}$", f"still {slow:.4f}", "one round in either case"
    )
    assert 1e-6 < distance < 1e-5
    assert shannon(PRIOR, TRACK, 0.5).rounds == shannon(PRIOR, TRACK, 1 / log(4)).rounds == 1


def test_closed_forms_in_numbers():
    printed("attention-binary", f"1/\\ln4\\approx{1 / log(4):.3f}$")
    assert switch_off_price(PRIOR, TRACK) == pytest.approx(1 / log(4))
    assert tracking([0.8, 0.2], 0.5) == pytest.approx(binary(PRIOR, TRACK, 0.5).base)


def test_what_is_considered():
    utility = ((1, 0.8, 0), (0, 0.8, 1))
    prices = np.linspace(0.25, 1.0, 1501)
    marginal = shannon((0.7, 0.3), utility, prices).marginal
    switch = prices[np.flatnonzero(marginal[:, 2] < 1e-6)[0]]
    end = prices[np.flatnonzero(marginal[:, 1] > 1 - 1e-9)[0]]
    looked = {price: float(shannon((0.7, 0.3), utility, price).posteriors[0, 0]) for price in (0.31, 0.6)}
    limit = switch_off_price((0.7, 0.3), utility)
    assert end == pytest.approx(limit, abs=0.001)
    printed(
        "attention-binary",
        f"up to a price of about {switch:.3f} the",
        f"From {limit:.3f} on it warns always",
        f"({looked[0.31]:.3f} at price 0.31, {looked[0.6]:.3f} at 0.6)",
    )
    shown = attention.consideration().readouts(fine=0.7, warn=0.8)
    assert shown["stops looking at"] == f"{limit:.3f}"
    before, after = shannon((0.7, 0.3), utility, [switch - 1e-3, switch]).information
    nats = [float(number) for number in shown["nats just before, after"].split(", ")]
    assert nats == pytest.approx([before, after], abs=2e-3)
    assert shown["warns from"] == f"{switch:.3f}"
    printed("attention-binary", f"it buys {nats[1]:.3f} nats instead of {nats[0]:.3f}")
    for fine, warn in itertools.product((0.3, 0.5, 0.7, 0.95), (0.5, 0.6, 0.8, 0.95)):
        assert attention.consideration().readouts(fine=fine, warn=warn)["most actions in use"] == "2"
    assert attention.consideration().readouts(fine=0.8, warn=0.8)["stops looking at"] == "never"
    below = prices < switch - 0.005
    assert (marginal[below][:, 1] < 1e-6).all()
    assert ((marginal > 1e-6).sum(axis=1) <= 2).all()
    assert (shannon((0.8, 0.2), utility, [1.5, 5, 50]).marginal < 1 - 1e-6).all()


def test_at_a_single_price_two_pairs_of_beliefs_are_equally_good():
    utility, prior = np.array([[1, 0.8, 0], [0, 0.8, 1]]), (0.7, 0.3)
    remove, warn = utility[:, [0, 2]], utility[:, [0, 1]]

    def lead(price):
        return float(shannon(prior, remove, price).value - shannon(prior, warn, price).value)

    price = brentq(lead, 0.25, 0.4, xtol=1e-14)
    assert f"{price:.3f}" == "0.305"
    best = shannon(prior, utility, price)
    for pair in (remove, warn):
        alone = shannon(prior, pair, price)
        assert float(alone.value) == pytest.approx(float(best.value), abs=1e-12)
    assert shannon(prior, remove, price).posteriors[1, 0] == pytest.approx(0.036, abs=1e-3)
    assert shannon(prior, warn, price).posteriors[1, 0] == pytest.approx(0.5, abs=1e-3)
    assert not best.unique


def test_without_shannon_the_two_properties_can_hold():
    # Two states that pay the same: nobody looks, whatever the entropy.
    for order in (0.5, 1.0, 2.0):
        agent = separable(PRIOR, [[1.0, 0.4], [1.0, 0.4]], 0.3, order)
        assert agent.choice[0] == pytest.approx(agent.choice[1], abs=1e-9)
    # And for other entropies the halves of a state can be treated alike.
    alike = separable([0.5, 0.2, 0.3], [[1, 0], [1, 0], [0, 1]], 0.3, 2).choice
    assert alike[:, 1] == pytest.approx([0, 0, 1], abs=1e-9)


def test_the_picture_in_numbers():
    explorer = attention.beliefs()
    for hostile in (0.2, 0.5, 0.8):
        shown = explorer.readouts(hostile=hostile, price=0.5, order=1.0)
        assert (shown["belief after allowing"], shown["belief after removing"]) == ("0.119", "0.881")
    assert explorer.readouts(hostile=0.1, price=0.5, order=1.0)["looks"] == "no"
    for price in (0.2, 0.3, 0.4, 0.5):
        shown = explorer.readouts(hostile=0.2, price=price, order=2.0)
        assert (shown["belief after allowing"], shown["belief after removing"]) == ("0.000", "1.000")
    assert explorer.readouts(hostile=0.2, price=0.6, order=2.0)["belief after removing"] == "0.917"
    shown = explorer.readouts(hostile=0.2, price=0.5, order=1.0)
    height, prior_term = shown["plane at the prior"], shown["λΨ(prior)"]
    value = shown["value, their sum"]
    printed(
        "attention-posteriors", f"is at {height} over", f"$\\lambda\\Psi(\\pi)={prior_term}$", f"sum, {value}"
    )
    assert float(height) + float(prior_term) == pytest.approx(float(value), abs=2e-3)
    assert value == f"{float(shannon(PRIOR, TRACK, 0.5).value):.3f}"
    behind_allow = [
        float(separable(PRIOR, TRACK, 0.5, order).posteriors[0, 1]) for order in (0.5, 1.0, 1.5, 2.0)
    ]
    assert np.ptp(np.sign(np.diff(behind_allow))) == 2  # up, then down: no trend
    agent = separable(PRIOR, TRACK, 0.5)
    printed("attention-posteriors", f"stay at {agent.posteriors[0, 1]:.3f} and {agent.posteriors[1, 1]:.3f}")
    assert agent.posteriors[1, 1] == pytest.approx(1 / (1 + exp(-2)), abs=1e-4)


def test_only_payoffs_matter_to_shannon():
    prior, utility = [0.5, 0.2, 0.3], [[1, 0], [1, 0], [0, 1]]
    quadratic, entropic = separable(prior, utility, 0.6, 2), shannon(prior, utility, 0.6)
    printed("attention-posteriors", f"removed with probability {quadratic.choice[0, 1]:.3f}")
    assert quadratic.choice[1, 1] < 1e-6
    assert entropic.choice[0] == pytest.approx(entropic.choice[1])


def test_posteriors_do_not_follow_the_prior():
    rng = np.random.default_rng(3)
    for order in (0.5, 1.0, 2.0):
        agent = separable(PRIOR, TRACK, 0.5, order)
        for weight in rng.uniform(0.1, 0.9, 3):
            moved = at_weights(agent, [weight, 1 - weight])
            again = separable(moved.prior, TRACK, 0.5, order)
            assert again.value == pytest.approx(moved.value, abs=1e-8)
            assert posterior_shift(agent.posteriors, again.posteriors) < 1e-3


def test_the_decoder():
    slack = {price: attention.slack(PRIOR, softmax(PRIOR, TRACK, price).choice) for price in (0.6, 1.0)}
    conditional = slack[1.0] / softmax(PRIOR, TRACK, 1.0).marginal[1]
    printed(
        "attention-temperature",
        f"its slack is {slack[0.6]:.3f}",
        f"it is ${slack[1.0]:.3f}$",
        f"gain {-100 * slack[1.0]:.1f} cents",
        f"${conditional:.3f}$",
    )
    assert attention.slack(PRIOR, softmax(PRIOR, TRACK, 1 / log(4)).choice) == pytest.approx(0, abs=1e-15)


def test_what_the_temperature_explorer_says():
    # With base rate (0.8, 0.2): 0.8 e^2 - 0.6 e - 3.2 = 0 for e = exp(1 / price).
    root = (0.6 + np.sqrt(0.6**2 + 4 * 0.8 * 3.2)) / 1.6
    assert attention.slack(PRIOR, softmax(PRIOR, TRACK, 1 / log(root), PRIOR).choice) == pytest.approx(
        0, abs=1e-12
    )
    printed("attention-temperature", f"crossing out to {1 / log(root):.3f} and", "falls to zero at 0.721")
    assert attention.fixed_base_limit(0.8, 0.2) == pytest.approx(1 / log(root))
    # "removes less than 0.20 at every price"
    assert (shannon(PRIOR, TRACK, np.linspace(0.1, 3, 50)).marginal[:, 1] < 0.2).all()
    for fine, price in itertools.product((0.5, 0.8, 0.95), (0.2, 0.5, 0.7, 1.5)):
        prior, tilt = [fine, 1 - fine], exp(1 / price)
        both = ((1 - fine) * tilt - fine) / (tilt + 1)
        assert attention.slack(prior, softmax(prior, TRACK, price).choice) == pytest.approx(both, abs=1e-12)
        assert attention.slack(prior, shannon(prior, TRACK, price).choice) == pytest.approx(
            max(both, 0), abs=1e-9
        )
    explorer = attention.temperature()
    assert explorer.readouts(fine=0.8, habit=0.2)["fixed base fails above"] == f"{1 / log(root):.3f}"
    shown = explorer.readouts(fine=0.8, habit=0.5)
    assert shown["fixed base fails above"] == shown["attention ends at"] == "0.721"
    for fine, habit in itertools.product((0.55, 0.7, 0.95), (0.05, 0.3, 0.6)):
        limit = attention.fixed_base_limit(fine, habit)
        for factor in (0.5, 0.999, 1.001, 2):
            choice = softmax((fine, 1 - fine), TRACK, factor * limit, (1 - habit, habit)).choice
            assert (attention.slack((fine, 1 - fine), choice) < 0) == (factor > 1)


def test_answers_to_the_questions_of_the_notebook():
    for fine in (0.3, 0.4, 0.6, 0.7):
        after = attention.warning_enters(fine, 0.8)[1]
        used = shannon((fine, 1 - fine), ((1, 0.8, 0), (0, 0.8, 1)), after).marginal > 1e-6
        assert used.tolist() == ([False, True, True] if fine < 0.5 else [True, True, False])
    certain = [separable(PRIOR, TRACK, 0.5, order).posteriors[0, 1] < 1e-6 for order in (0.5, 1, 1.5, 2)]
    assert certain == [False, False, False, True]
    for habit, price in itertools.product((0.05, 0.3, 0.6), (0.1, 1, 5)):
        assert attention.slack((0.5, 0.5), softmax((0.5, 0.5), TRACK, price, (1 - habit, habit)).choice) > 0


def test_three_states():
    prior = (0.5, 0.3, 0.2)
    assert tracking(prior, 1.0)[2] == 0
    assert attention.slack(prior, softmax(prior, np.eye(3), 1.0).choice, np.eye(3)) > 0
    assert attention.slack(prior, softmax(prior, np.eye(3), 1.2).choice, np.eye(3)) < 0
    assert (tracking(prior, 1.2) > 0).tolist() == [True, True, False]
    rng = np.random.default_rng(4)
    for _ in range(50):
        weights = np.arange(1, rng.integers(3, 7)) + 0.3 * rng.random()
        prior = weights / weights.sum()
        keeps_all = 1 / prior.min() - prior.size + 1
        assert keeps_all >= prior.max() / prior.min() - 1e-9
        for factor in (0.99, 1.01):
            assert (tracking(prior, 1 / log(factor * keeps_all)) > 0).all() == (factor > 1)


def test_the_rate_from_other_starts():
    # ln U belongs to the uniform start: from (0.001, 0.999) the error is larger, and within KL / (n + 1).
    start = np.array([1e-3, 1 - 1e-3])
    path = blahut_arimoto(PRIOR, TRACK, 0.5, start=start, n_steps=20)
    best = shannon(PRIOR, TRACK, 0.5)
    error = float(best.value) - 0.5 * np.log(np.exp(TRACK / 0.5) @ path.T).T @ PRIOR
    n = np.arange(21)
    assert (error[:3] > 0.5 * log(2) / (n[:3] + 1)).all()
    assert (error <= 0.5 * (best.marginal @ np.log(best.marginal / start)) / (n + 1)).all()


def test_examples():
    printed("attention-assumptions", "Its value is 0.2, the optimum has 0.813", "approx5.94$", "approx0.89$")
    score = 0.8 * exp(2) + 0.2 * exp(-2)
    always_remove = np.array([[0.0, 1.0], [0.0, 1.0]])
    assert f"{score:.2f}" == "5.94"
    assert f"{0.5 * log(score):.2f}" == "0.89"
    assert optimality_gap(PRIOR, TRACK, 0.5, always_remove) == pytest.approx(0.5 * log(score))
    assert f"{float(shannon(PRIOR, TRACK, 0.5).value):.3f}" == "0.813"
    rows = attention.capacity_table((0.5, 0.8), 0.2).splitlines()
    assert rows[1].split()[3] == "0.8052"
    assert rows[2].split()[3] == "0.9109"
    printed("attention-assumptions", "removal is 0.805; with 0.8 fine comments it is 0.911")
    # with 95 fine comments in a hundred the prior itself has less than 0.2 nats: no price buys so much
    assert -float(entropy([0.95, 0.05])) < 0.2 < -float(entropy([0.8, 0.2]))
    for fine in (0.5, 0.8):
        price = attention.capacity_price((fine, 1 - fine), 0.2)
        assert float(shannon((fine, 1 - fine), TRACK, price).information) == pytest.approx(0.2, abs=1e-6)


def test_solutions():
    tilted = binary(PRIOR, [[1, 0], [0, 3]], 1)
    printed(
        "attention-exercises",
        f"$1/\\ln9\\approx{uniform_base_limit([0.9, 0.1]):.3f}$",
        f"$3/\\ln9\\approx{3 / log(9):.3f}$",
        f"\\approx{tilted.high:.3f}$",
        f"\\approx{tilted.low:.3f}$",
        f"\\approx{tilted.base[1]:.3f}$",
        f"\\approx{5 / 6:.3f}$",
    )
    for price, looks in ((0.83, True), (0.84, False)):
        assert (separable(PRIOR, TRACK, price, 2).marginal[1] > 1e-6) == looks
    # order 2: at and above 5/6 the tangent of N_0 at the prior lies above N
    t = np.linspace(0, 1, 1001)
    for price in (5 / 6, 1.0, 3.0):
        net = t + 2 * price * (t - t**2)
        tangent = 0.8 + 2 * price * 0.16 + (1 + 2 * price * (1 - 1.6)) * (t - 0.8)
        assert (np.maximum(net, net[::-1]) <= tangent + 1e-12).all()
    # nothing at stake, up to what the action itself pays
    quiet = shannon([0.5, 0.5], [[1.0, 0.5], [2.0, 1.5]], 0.1)
    assert quiet.choice.tolist() == [[1, 0], [1, 0]]
    data = ChoiceData(np.array([0.5, 0.5]), softmax([0.5, 0.5], [[1.0, 0.5], [2.0, 1.5]], 0.1).choice[None])
    assert nias_slack(data, [[1.0, 0.5], [2.0, 1.5]]).min() < 0


def test_shannon_odds_are_linear_in_utility():
    rng = np.random.default_rng(5)
    prior, utility = rng.dirichlet(np.ones(4)), rng.random((4, 3))
    agent = shannon(prior, utility, 0.05)
    for u, v in itertools.combinations(np.flatnonzero(agent.marginal > 1e-3), 2):
        odds = np.log(agent.choice[:, u] / agent.choice[:, v])
        expected = np.log(agent.marginal[u] / agent.marginal[v]) + (utility[:, u] - utility[:, v]) / 0.05
        assert odds == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["consideration", "beliefs", "temperature"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(attention, name)(), every=17)


AGENT = """
def attend(prior, utility, price, rounds):
    weights = np.exp((utility - utility.max(axis=1, keepdims=True)) / price)
    base = np.full(weights.shape[1], 1 / weights.shape[1])
    for _ in range(rounds):
        table = base * weights / (weights @ base)[:, None]
        base = prior @ table
    Z = weights @ base
    best = price * prior @ np.log(Z) + prior @ utility.max(axis=1)
    best += price * np.log(((prior / Z) @ weights).max())
    return table, best - worth(prior, utility, price, table)
"""


COLD = """
certified = attend
def attend(prior, utility, price, rounds):
    if price > 0.01:
        return certified(prior, utility, price, rounds)
    coin = np.full(utility.shape, 0.5)
    return coin, ra.optimality_gap(prior, utility, price, coin)
"""

STUCK = AGENT.replace("base = prior @ table", "pass").replace("Z =", "base = prior @ table\n    Z =")

SOLVER = """
def attend(prior, utility, price, rounds):
    table = shannon(prior, utility, price).choice
    return table, ra.optimality_gap(prior, utility, price, table)
"""

LIBRARY = """
def attend(prior, utility, price, rounds):
    base = ra.blahut_arimoto(prior, utility, price, n_steps=rounds)[-1]
    table = softmax(prior, utility, price, base).choice
    return table, ra.optimality_gap(prior, utility, price, table)
"""


class TestExercises(exercises.Exercises):
    slug = "attention"
    before = (
        "imports",
        "hand-two",
        "library-shannon",
        ("theorem-shannon-check", "\nbest_rival"),
        ("five-check", "\nfor "),
    )
    right = (
        ("agent", AGENT),
        ("agent", AGENT.replace("prior @ table", "base * ((prior / (weights @ base)) @ weights)")),
        ("agent", LIBRARY),
        ("belief", "fine_a, fine_b, same_price = 0.95, 0.15, 0.3"),
        ("price", "stop_price = 1.97"),
        ("price", f"stop_price = {switch_off_price([0.9, 0.1], np.diag([1.0, 3.0])):.4f}"),
        ("three", "pi_four, price_four = [0.3, 0.3, 0.2, 0.2], 1.5"),
        ("belief", "fine_a, fine_b, same_price = 0.9, 0.1, 0.4"),
    )
    wrong = (
        ("agent", STUCK, "not optimal"),
        ("agent", AGENT.replace("return table, best -", "return 2 * table, best -"), "rows must sum"),
        ("agent", AGENT + COLD, "not optimal at price 0.001"),
        ("agent", AGENT.replace("return table, best -", "return table, 0 *"), "your bound is"),
        ("agent", SOLVER, "three rounds should leave a gap"),
        ("price", "stop_price = 0.5", "still looks"),
        ("price", "stop_price = 3.0", "already stopped"),
        ("three", "pi_four, price_four = [0.4, 0.3, 0.2, 0.1], 0.5", "given up"),
        ("three", "pi_four, price_four = [0.7, 0.1, 0.1, 0.1], 2.0", "the slack is"),
        ("three", "pi_four, price_four = [0.5, 0.3, 0.2], 2.0", "four states"),
        ("belief", "fine_a, fine_b, same_price = 0.95, 0.05, 0.4", "removes nothing|removes all"),
        ("belief", "fine_a, fine_b, same_price = 0.7, 0.3, 0.4", "further apart"),
        ("belief", "fine_a, fine_b, same_price = 0.9, 0.1, 0.2", "higher price"),
    )


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [attention.consideration(), attention.beliefs(), attention.temperature()]
    browser.check_page("book/attention", made)
    browser.check_page("notebooks/attention", made)
