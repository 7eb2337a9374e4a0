"""The chapter on incentives: every printed number, its theorems, its exercises, its explorers."""

import itertools
from fractions import Fraction as F
from math import comb

import numpy as np
import pytest
from scipy.special import expit, logit

from llma.explorers import incentives as chapter
from llma.incentives import (
    FusionCentre,
    IncentivisedAgents,
    drift,
    exact_law,
    least_payments,
    published,
)
from tests.book import browser, exercises
from tests.book.passages import passage, printed
from tests.incentives.oracle import bayes

BASE = chapter.agents()
SENSOR = [[F(7, 10), F(3, 10)], [F(3, 10), F(7, 10)]]


def least(q, y, cost_gap=F(1, 5)):
    """Indifference point of type y in exact fractions: regrets 1, a unit of incentive is worth one half."""
    eta = bayes(q, SENSOR, y)
    return ((1 - eta) - eta + cost_gap) / F(1, 2)


def test_the_story():
    eta, bonus = bayes(F(1, 4), SENSOR, 1), least(F(1, 4), 1)
    solution = chapter.solved(chapter.centre())
    printed(
        "incentives-story",
        f"moves to {float(eta):.4f}",
        f"expected loss {float(1 - eta):.4f} + 0.2 with, {float(eta):.4f} without",
        f"the bonus is {float(bonus):.2f}",
        f"falls from {0.25 / 0.1:.2f} to {float(solution.value(0.25)):.2f}",
        f"{float(least(F(1, 10), 1)):.2f} at a belief of 0.10",
        f"changes its mind at {solution.threshold:.3f}",
    )
    assert float(solution.value(0.1)) == pytest.approx(1.0)
    assert "(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35)" in passage("incentives-story")


def test_least_incentive():
    region = BASE.learning_region()
    printed(
        "incentives-least",
        f"$[{region.lower:.3f}".replace("0.", ".") + f",{region.upper:.3f})$".replace("0.", "."),
        f"At $q=.25$ the least incentive is {float(BASE.reveal_incentive(0.25)):.2f}",
        f"more than {-float(BASE.reveal_incentive(0.9)):.3f}",
    )
    assert not BASE.attained(0.9)
    assert BASE.decision(0.9, BASE.reveal_incentive(0.9)).tolist() == [1, 1]
    printed("incentives-assumptions", "at every incentive $p\\ge-.776$")


@pytest.mark.parametrize("pay", [-1.0, -0.4, 0.0, 0.7, 1.3])
def test_paying_moves_the_cost_ratio(pay):
    rng = np.random.default_rng(5)
    worth = BASE.incentive_gap * pay
    ratio = (1 + 0.2 - worth) / (1 - 0.2 + worth)
    for q in rng.uniform(0.02, 0.98, size=50):
        odds = q / (1 - q) * np.exp(BASE.log_ratios)
        assert (BASE.decision(q, pay) == (odds >= ratio)).all()


def test_bands():
    explorer = chapter.bands()

    def region(**change):
        return chapter.agents(
            change.get("accuracy", 0.7), change.get("cost_gap", 0.2), change.get("kappa", 1.0)
        ).learning_region(change.get("bonus", 0.0))

    dear, tax, sharp = region(bonus=1.0), region(bonus=-1.0), region(accuracy=0.9)
    assert region(bonus=2.5).empty
    assert region(bonus=2.5).below == 1
    printed(
        "incentives-least",
        f"$[{dear.lower:.4f},{dear.upper:.4f})$".replace("0.", "."),
        f"$[{tax.lower:.3f},{tax.upper:.3f})$".replace("0.", "."),
        f"from {sharp.lower:.3f} to {sharp.upper:.3f} without pay",
    )
    shown = explorer.readouts(**explorer.start | {"bonus": 1.0})["agents reveal at this incentive"]
    assert shown == str(dear)
    rows = explorer.table(**explorer.start)
    by_line = {row["line"] for row in rows}
    assert by_line == {"g(q, 0): saw 0", "g(q, 1): saw 1", "least that reveals", "posted"}
    least = [row for row in rows if row["line"] == "least that reveals"]
    free = [row["belief"] for row in least if row["incentive"] == 0]
    lower, upper = region().lower, region().upper
    assert min(free) == pytest.approx(lower, abs=0.01)
    assert max(free) == pytest.approx(upper, abs=0.01)


def test_payments_of_the_two_state_problem():
    cost = np.array([[0.0, 1.2], [1.0, 0.2]])
    for q in (0.1, 0.25, 0.5, 0.9):
        payments = least_payments([1 - q, q], BASE.likelihood, cost, (0, 1))
        assert payments.min() == 0
        assert payments[1] - payments[0] == pytest.approx(0.5 * float(BASE.reveal_incentive(q)), abs=1e-9)


def test_thresholds():
    costs = (0.3, 0.5, 1, 2, 5)
    found = [chapter.solved(chapter.centre(float(loss))).threshold for loss in costs]
    action = chapter.solved(chapter.centre(pay="action")).threshold
    solution = chapter.solved(chapter.centre())
    v = solution.value([0.40, 0.49, 0.58])
    assert v[1] < (v[0] + v[2]) / 2
    printed(
        "incentives-threshold",
        ": " + ", ".join(f"{q:.3f}" for q in found),
        f"from {found[2]:.3f} to {action:.3f}",
        f"$V={float(solution.value(0.45)):.4f}$",
        f"$V(.40)={v[0]:.4f}$ and $V(.58)={v[2]:.4f}$ have the mean {(v[0] + v[2]) / 2:.4f}",
        f"$V(.49)={v[1]:.4f}$",
        f"$V=0$ from {BASE.learning_region().upper:.3f} on",
    )
    table = chapter.threshold_table(costs).splitlines()[1:]
    for line, loss, q in zip(table, costs, found, strict=True):
        _, low, threshold, high = (float(v) for v in line.split())
        assert low < threshold < high
        assert threshold == pytest.approx(q, abs=5e-4)
        for bound, factor in ((low, 7.0), (high, 0.7)):
            assert float(BASE.reveal_incentive(bound)) == pytest.approx(
                factor * loss * bound, abs=0.02 * loss
            )


def test_value_has_the_shape_of_the_theorem():
    solution = chapter.solved(chapter.centre(), 1e-9)
    steps = []
    for size in (1000, 4000):
        q = expit(np.linspace(logit(0.005), logit(0.995), size))
        value = solution.value(q)
        assert (np.diff(value / q) <= 1e-7).all()
        steps.append(np.abs(np.diff(value)).max())
    # A jump would not shrink with the grid.
    assert steps[1] < 0.3 * steps[0]


def test_regions():
    explorer = chapter.regions()

    def pays(**change):
        return explorer.readouts(**explorer.start | change)["pays from belief"]

    bought, by_action = (
        next(r for r in chapter.solved(chapter.centre(pay=pay)).regions if r.name == "buy out 1")
        for pay in ("lump", "action")
    )
    printed(
        "incentives-threshold",
        f"pays from {pays(miss=5.0)} on, not from {pays(miss=0.3)}",
        f"it pays from {pays(discount=0.5)} on",
        f"{pays(accuracy=0.6)}, {pays()} and {pays(accuracy=0.8)} at accuracies 0.6, 0.7 and 0.8",
        f"from {bought.lower:.3f} to {bought.upper:.3f}",
        f"changes this little ({by_action.lower:.3f})",
    )


def exact_cost(centre, policy, q0, n_agents=500):
    law = exact_law(centre.agents, policy, q0, n_agents)
    misses = centre.miss_cost * q0 * (1 - law.p_action_1[:, 1])
    return float(centre.discount ** np.arange(n_agents) @ (law.mean_incentive(q0) + misses))


def test_the_third_option():
    weak = chapter.WEAK
    solution = chapter.solved(weak)
    best, only = (
        exact_cost(weak, policy, 0.35) for policy in (solution.incentive, chapter.reveal_only(solution))
    )
    assert best == pytest.approx(float(solution.value(0.35)), abs=1e-6)

    def policy(threshold):
        model = weak.agents
        return lambda q: np.where(
            (q >= threshold) & (model.indifference(q, 0) > 0), model.reveal_incentive(q), 0.0
        )

    # The odds are 0.35 / 0.65 times a power of 3 / 2: only between which of them a threshold lies matters.
    powers = 0.35 / 0.65 * 1.5 ** (np.arange(-8, 1) - 0.5)
    others = [exact_cost(weak, policy(o / (1 + o)), 0.35, 250) for o in powers]
    assert min(others) == pytest.approx(only, abs=1e-3)
    _, paid, free, bought, _ = solution.regions
    assert (paid.name, free.name, bought.name) == ("pay for 1", "free", "buy out 1")
    printed(
        "incentives-third",
        f"leave below {paid.lower:.3f}, to pay for information up to {paid.upper:.1f}",
        f"for nothing up to {free.upper:.3f}, and from there to {bought.upper:.3f}",
        f"the cost is {best:.3f}",
        f"costs {only:.3f}, {100 * (only / best - 1):.1f} per cent more",
    )


def test_drifts():
    solution = chapter.solved(chapter.centre())
    at = [float(drift(BASE, solution.incentive, q).mixture) for q in (0.25, 0.21, 0.38)]
    odds = solution.threshold / (1 - solution.threshold) * 7 / 3
    turn = odds / (1 + odds)
    printed(
        "incentives-martingale",
        f"falls by {-at[0]:.2f} on average, at $.21$ by {-at[1]:.2f}",
        f"from the threshold to ${turn:.4f}$".replace("0.", "."),
        f"it is positive: {at[2]:.2f}",
    )
    q = np.linspace(solution.threshold, turn - 1e-6, 200)
    assert (drift(BASE, solution.incentive, q).mixture < 0).all()
    q = np.linspace(turn + 1e-6, chapter.solved(chapter.centre()).regions[2].upper - 1e-6, 400)
    assert (drift(BASE, solution.incentive, q).mixture >= -1e-12).all()
    q = np.linspace(turn + 1e-6, BASE.learning_region().lower - 1e-6, 100)
    assert (drift(BASE, solution.incentive, q).mixture > 0).all()


def test_the_table_of_drifts_has_the_signs_of_the_theorem():
    for line in chapter.drift_table((0.21, 0.25, 0.3, 0.37, 0.38, 0.5, 0.7)).splitlines()[1:]:
        q, mixture, in_0, in_1, paid, _ = (float(v) for v in line.split())
        assert paid >= 0 if q > 0.3114 else paid < 0
        assert mixture > 0
        assert in_0 > 0
        assert in_1 < 0


def test_the_clipped_incentive_drifts_both_ways_in_state_1():
    q = np.linspace(0.05, 0.95, 400)
    clipped = drift(BASE, lambda v: np.maximum(BASE.indifference(v, 1), 0.0), q)
    assert clipped.given[:, 1].min() < -0.01
    assert clipped.given[:, 1].max() > 0.01
    assert clipped.mixture.min() >= -1e-12

    def rise(v):
        after_0, after_1, now = (max(least(q, 1), 0) for q in (bayes(v, SENSOR, 0), bayes(v, SENSOR, 1), v))
        return float(F(3, 10) * after_0 + F(7, 10) * after_1 - now)

    # Agents herd on 0 up to the learning region.
    assert BASE.learning_region().lower > 0.38
    assert rise(F(3113, 10_000)) < 0 < rise(F(3115, 10_000))
    # From 0.6 on observation 0 leads into the learning region, where the price is zero.
    assert rise(F(59, 100)) > 0 == rise(F(6, 10)) == rise(F(7, 10))
    at = drift(BASE, lambda v: np.maximum(BASE.indifference(v, 1), 0.0), 0.38).given[1]
    assert at == pytest.approx(rise(F(38, 100)))
    posted = drift(BASE, chapter.solved(chapter.centre()).incentive, 0.38).given[1]
    assert posted == pytest.approx(at)
    printed(
        "incentives-martingale",
        "falls on average below $q=.311$, and rises from there to $.6$",
        f"at $.38$ by {at:.2f}",
    )


def test_out_of_reach_is_not_necessary():
    model = IncentivisedAgents([[0.943, 0.057], [0.278, 0.722]], (1, 1), cost_gap=0.347, incentive_gap=0.5)
    solution = FusionCentre(model, 19.5, 0.0, 0.489).solve()
    q = 0.1214
    yes = 0.722 * q + 0.057 * (1 - q)
    down, up = 0.278 * q / (1 - yes), 0.722 * q / yes
    now, low, high = solution.incentive(np.array([q, down, up]))
    assert [int(solution.option(v)) for v in (q, up)] == [1, 2]
    assert down < solution.threshold < q < model.learning_region().lower
    assert low == 0
    mean = yes * high
    assert mean > now
    assert float(drift(model, solution.incentive, q).mixture) == pytest.approx(mean - now)
    printed(
        "incentives-martingale",
        f"the centre pays {now:.3f} at $q=.1214$",
        f"observation 1 leads to {up:.3f}, where it is best to buy out for {high:.3f}",
        f"the mean rises to {mean:.3f}",
    )


def test_mean_incentives():
    policy = chapter.reveal_only(chapter.solved(chapter.WEAK))
    mean = exact_law(chapter.WEAK.agents, policy, 0.35, 33).mean_incentive(0.35)
    printed(
        "incentives-martingale",
        f"from {mean[0]:.3f} to {mean[3]:.3f} at agent 3",
        f"{mean[4]:.3f} and {mean[5]:.3f} at agents 4 and 5",
        f"but {mean[8]:.3f}, {mean[16]:.3f}, {mean[32]:.3f} at agents 8, 16, 32",
        "(0, 1, 2, 3, 4, 5, 8, 16, 32)",
    )
    assert mean.argmax() == 3
    assert (np.diff(mean[:4]) > 0).all()
    assert (np.diff(mean[3:])[::2] < 0).all()
    assert (np.diff(mean[4:])[::2] > 0).all()
    assert (np.diff(mean[4::2]) < 0).all()
    assert (np.diff(mean[5::2]) < 0).all()


def test_paths():
    explorer = chapter.paths()
    highest = explorer.readouts(**explorer.start)["highest mean"]
    value, agent = highest.split(", ")
    printed(
        "incentives-martingale", f"highest at {agent}, with {value}", "$(\\Delta_0+d)/\\delta\\omega=2.4$"
    )
    rows = explorer.table(**explorer.start | {"policy": "never stop"})
    state = {
        name: np.array([row["incentive"] for row in rows if row["law"] == name])
        for name in ("state 0", "mixture", "state 1")
    }
    assert (np.diff(state["state 0"]) > 0).all()
    assert (np.diff(state["mixture"]) > 0).all()
    best = explorer.readouts(**explorer.start | {"policy": "best"})["highest mean"]
    printed(
        "incentives-martingale",
        f'under "best" at {best.split(", ")[1]} too, with {best.split(", ")[0]}',
        f"rise with every agent, to {state['mixture'][-1]:.3f}",
    )
    assert state["state 0"].max() < 2.4
    assert (np.diff(state["state 1"]) < 0).all()
    assert state["state 1"][-1] < 0
    rows = explorer.table(**explorer.start | {"policy": "never stop", "prior": 0.45})
    first, second = (row["incentive"] for row in rows if row["law"] == "state 1" and row["agent"] < 2)
    assert first < second
    printed("incentives-martingale", f"it first rises in state 1, from {first:.3f} to {second:.3f}")
    still = explorer.readouts(**explorer.start | {"policy": "never stop"})
    assert float(still["agent 32 still reveals, x = 1"]) == pytest.approx(1.0)
    rows = explorer.table(**explorer.start | {"miss": 1.0})
    assert max(row["incentive"] for row in rows if row["agent"] >= 3) < 0.1


def test_the_counterexample():
    solution = chapter.COUNTER.solve()
    paid = [(r.lower, r.upper) for r in solution.regions if r.name == "pay for 1"]
    edge = chapter.COUNTER.agents.learning_region().upper
    below, above = solution.value([edge - 1e-7, edge + 1e-7])
    odds = edge / (1 - edge) * (0.09 / 0.6015) ** 2
    assert odds / (1 + odds) == pytest.approx(paid[0][1], abs=1e-7)
    printed(
        "incentives-assumptions",
        f"from {paid[0][0]:.5f} to {paid[0][1]:.5f}",
        f"from {paid[1][0]:.5f} on",
        f"from {below:.3f} to {above:.3f} at $q={edge:.3f}$".replace("=0.", "=."),
        f"From {paid[0][1]:.5f} two observations of 1 lead exactly to that edge, {edge:.4f}",
    )
    assert 4e-4 < paid[0][1] - paid[0][0] < 5e-4
    one_sided = FusionCentre(chapter.COUNTER.agents, 3.515, 0.0, 0.794, pay="action").solve(mesh=256)
    assert one_sided.threshold is not None


def test_an_even_belief_counts_half_in_both_laws():
    """The published law by all sequences of ten observations, and the corrected one by binomial sums."""
    law = published.exact_law(10)
    for x, n in itertools.product((0, 1), (1, 2, 3, 10)):
        favoured = 0.0
        for seen in itertools.product((0, 1), repeat=n):
            q = 0.5
            for y in seen:
                q = published.public_update(q, published.action(q, y))
            weight = 0.7 ** seen.count(x) * 0.3 ** (n - seen.count(x))
            favoured += weight * (0.5 if abs(q - 0.5) < 1e-9 else float((q > 0.5) == x))
        assert law.p_believed[n - 1, x] == pytest.approx(favoured)
    table = [line.split() for line in chapter.published_table((2, 10, 100)).splitlines()[2:]]
    assert [row[1:3] for row in table] == [["0.300", "0.300"], ["0.256", "0.074"], ["0.404", "0.000"]]
    for n, *_, right_0, right_1 in table:
        m = int(n)
        law = [comb(m, k) * 0.7**k * 0.3 ** (m - k) for k in range(m + 1)]
        right = sum(w * (0.5 if 2 * k == m else 2 * k > m) for k, w in enumerate(law))
        assert [float(right_0), float(right_1)] == pytest.approx([right, right], abs=5.1e-4)


def test_published():
    law = published.exact_law(100)
    limit = published.limit_belief()
    pays = [published.incentive(limit, y) for y in (0, 1)]
    model = chapter.corrected()
    right = exact_law(model, model.reveal_incentive, 0.5, 41)
    assert law.spread[-1, 1] < 1e-4
    assert law.p_right[-1, 1] == pytest.approx(1.0, abs=1e-6)
    assert [published.action(limit, y) for y in (0, 1)] == [1, 1]
    assert [published.action(0.5, y) for y in (0, 1)] == [1, 0]
    assert right.p_right == pytest.approx(0.7 * np.ones((41, 2)))
    printed(
        "incentives-published",
        f"is given {published.incentive(0.5, 0):.0f} and plays 1",
        f"charged {-published.incentive(0.5, 1):.0f} and plays 0",
        f"$1/(1+(1.7/1.3)^4)={limit:.3f}$".replace("=0.", "=."),
        f"paid {pays[0]:.1f} if it saw 0 and {pays[1]:.1f} if it saw 1",
        f"{0.3 * pays[0] + 0.7 * pays[1]:.1f} on average",
        f"with probability {right.p_believed[40].min():.3f} in both states",
    )


@pytest.mark.parametrize("scale", [1.5, 10.0])
def test_an_incentive_that_knows_too_much(scale):
    model = chapter.agents(0.7, 0.0)
    for q, y in itertools.product(np.linspace(0.05, 0.95, 40), (0, 1)):
        eta = float(q * model.likelihood[1, y] / (np.array([1 - q, q]) @ model.likelihood[:, y]))
        p = scale * float(model.indifference(q, y))
        assert model.decision(q, p)[y] == (eta < 0.5)
        own = chapter.agents(0.7, 0.2)
        assert own.decision(q, own.indifference(q, y))[y] == 1


def test_exercises():
    hand = [least(F(1, 5), y, F(0)) for y in (1, 0)]
    assert (bayes(F(1, 5), SENSOR, 1), bayes(F(1, 5), SENSOR, 0)) == (F(7, 19), F(3, 31))
    assert hand == [F(10, 19), F(50, 31)]
    myopic = FusionCentre(BASE, 1.0, 0.0, 0.0).solve(mesh=64)
    solution = chapter.solved(chapter.centre())
    odds = solution.threshold / (1 - solution.threshold)
    turn = odds * 7 / 3 / (1 + odds * 7 / 3)
    highest = odds * (7 / 3) ** 2 / (1 + odds * (7 / 3) ** 2)
    bought = next(r for r in solution.regions if r.name == "buy out 1")
    assert highest < bought.lower
    q = np.linspace(turn, highest, 200)
    posted = solution.incentive(q)
    assert posted.max() == pytest.approx(float(BASE.indifference(turn, 1)))
    printed(
        "incentives-exercises",
        f"\\approx{float(hand[0]):.3f}$".replace("0.", "."),
        f"\\approx{float(hand[1]):.3f}$",
        f"The root is ${myopic.threshold:.3f}$".replace("0.", "."),
        f"There $g(q,0)={float(BASE.indifference(myopic.threshold, 0)):.2f}>q$",
        f"/.7929={odds:.4f}$".replace("=0.", "=."),
        f"={odds * 7 / 3:.4f}$".replace("=0.", "=."),
        f"$.2071\\le q<{turn:.4f}$".replace("0.", "."),
        f"the interval is $[{solution.threshold:.4f},{turn:.4f})$".replace("0.", "."),
        f"at most about ${highest:.4f}$".replace("0.", "."),
        f"below ${bought.lower:.3f}$, so".replace("0.", "."),
        f"at most ${float(BASE.indifference(turn, 1)):.3f}$".replace("0.", "."),
    )
    for q in np.linspace(0.02, 0.9, 30):
        expected = float(BASE.indifference(q, 1)) * (0.3 + 0.4 * q)
        assert expected == pytest.approx(0.72 - 1.84 * q)
    assert 0.72 - 1.84 * 0.25 == pytest.approx(0.26)


def test_taxes_make_the_value_concave():
    """The exercise's problem by value iteration on combs: all three options open everywhere."""
    b, rho, loss, alarm = BASE.likelihood[:, 1], 0.9, 1.0, 0.7

    def value(q, depth):
        yes = b[1] * q + b[0] * (1 - q)
        stop = np.minimum(loss * q, alarm * (1 - q) + BASE.indifference(q, 0)) / (1 - rho)
        if depth == 0:
            return stop
        up, down = q * b[1] / yes, q * (1 - b[1]) / (1 - yes)
        now = loss * q * (1 - b[1]) + alarm * (1 - q) * b[0] + BASE.indifference(q, 1) * yes
        return np.minimum(stop, now + rho * (yes * value(up, depth - 1) + (1 - yes) * value(down, depth - 1)))

    q = np.linspace(0.02, 0.98, 193)
    assert (np.diff(value(q, 9), 2) <= 1e-9).all()


@pytest.mark.parametrize("name", ["bands", "regions", "paths"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(chapter, name)(), every=23)


BONUS = """
def bonus(q, b, regrets, d, worth):
    points = []
    for like in ((1 - b[0], 1 - b[1]), (b[0], b[1])):
        eta = q * like[1] / (q * like[1] + (1 - q) * like[0])
        points.append((regrets[0] * (1 - eta) - regrets[1] * eta + d) / worth)
    return None if points[0] <= 0 else max(points[1], 0.0)
"""


class TestExercises(exercises.Exercises):
    slug = "incentives"
    before = ("imports", "library-agents", ("theorem-reveal-check", "worst ="))
    right = (
        ("bonus", BONUS),
        ("threshold", "loss, discount = 2.0, 0.55"),
        ("drift", "belief_down = 0.17"),
        ("buyout", "p, loss_dear, rho_dear = 0.53, 5.0, 0.9"),
    )
    wrong = (
        ("bonus", BONUS.replace("max(points[1], 0.0)", "points[1]"), "must not be negative"),
        ("bonus", BONUS.replace("max(points[1], 0.0)", "max(points[0], 0.0)"), "do not reveal"),
        ("bonus", BONUS.replace("None if points[0] <= 0 else ", ""), "do not reveal"),
        ("bonus", BONUS.replace("points[0] <= 0", "points[1] > 0"), "there is such a p"),
        ("threshold", "loss, discount = 1.0, 0.9", "at most 0.6"),
        ("threshold", "loss, discount = 1.0, 0.5", "too high"),
        ("threshold", "loss, discount = 9.0, 0.6", "too low"),
        ("drift", "belief_down = 0.55", "nothing is paid"),
        ("drift", "belief_down = 0.1", "does not reveal"),
        ("drift", "belief_down = 0.3", "not negative"),
        ("buyout", "p, loss_dear, rho_dear = 0.9, 1.0, 0.9", "of the region"),
    )

    def prepare(self, namespace):
        namespace |= {"weak": chapter.WEAK, "best": chapter.solved(chapter.WEAK)}


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [chapter.bands(), chapter.regions(), chapter.paths()]
    browser.check_page("book/incentives", made)
    browser.check_page("notebooks/incentives", made)
