"""Theorem 12: value, threshold, regions; against a plain tree, closed forms, and 400 random problems."""

import numpy as np
import pytest
from scipy.special import expit, logit

from llma.incentives import FusionCentre, IncentivisedAgents, simulate
from llma.incentives.recursion import horizon, options, window
from tests.incentives.oracle import tree_value

BASE_AGENTS = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
WEAK_AGENTS = IncentivisedAgents([[0.6, 0.4], [0.4, 0.6]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
BASE = FusionCentre(BASE_AGENTS, 1.0, 0.0, 0.9)


def random_centre(rng, false_alarm=False, two_sided=False, tie="high"):
    low, high = np.sort(rng.uniform(0.05, 0.95, size=2))
    while high - low < 0.1:
        low, high = np.sort(rng.uniform(0.05, 0.95, size=2))
    regrets = rng.uniform(0.3, 3, size=2)
    gap = rng.uniform(-0.9 * regrets[0], 0.9 * regrets[1])
    agents = IncentivisedAgents(
        [[1 - low, low], [1 - high, high]], regrets, gap, rng.uniform(0.3, 2), tie=tie
    )
    return FusionCentre(
        agents,
        rng.uniform(0.2, 5),
        rng.uniform(0.2, 5) if false_alarm else 0.0,
        rng.uniform(0.3, 0.93),
        pay=str(rng.choice(["lump", "action"])),
        two_sided=two_sided,
    )


@pytest.mark.parametrize("seed", range(6))
def test_value_against_a_plain_tree(seed):
    rng = np.random.default_rng(seed)
    centre = random_centre(rng, false_alarm=seed % 2 == 1)
    solution = centre.solve(tolerance=1e-8, mesh=24, threshold_tolerance=1e-3)
    for q in rng.uniform(0.02, 0.98, size=5):
        depth = 120
        left = centre.discount**depth * 60
        assert float(solution.value(q)) == pytest.approx(tree_value(centre, float(q), depth), abs=left + 2e-8)


def test_base_example():
    solution = BASE.solve()
    assert solution.threshold == pytest.approx(0.20711, abs=5e-6)
    assert [region.name for region in solution.regions] == [
        "herd on 0", "pay for 1", "free", "buy out 1", "herd on 1",
    ]  # fmt: skip
    assert float(solution.value(0.45)) == pytest.approx(1.3115, abs=5e-5)
    assert solution.error_bound < 1e-9
    low, high = solution.threshold_bounds
    assert low <= solution.threshold <= high
    assert high - low < 1e-9


@pytest.mark.parametrize(
    ("miss", "threshold"), [(0.3, 0.2980), (0.5, 0.2604), (1.0, 0.2071), (2.0, 0.1563), (5.0, 0.0942)]
)
def test_thresholds_against_the_miss_cost(miss, threshold):
    solution = FusionCentre(BASE_AGENTS, miss, 0.0, 0.9).solve(mesh=64)
    assert solution.threshold == pytest.approx(threshold, abs=5e-5)


def test_value_against_simulation():
    solution = BASE.solve()
    runs = simulate(BASE, solution.incentive, 0.45, (20_000, 150), np.random.default_rng(3))
    error = runs.costs.std() / np.sqrt(len(runs.costs))
    assert abs(runs.costs.mean() - float(solution.value(0.45))) < 4 * error


def test_buying_out_is_a_third_option():
    centre = FusionCentre(WEAK_AGENTS, 5.0, 0.0, 0.95)
    solution = centre.solve()
    free, bought = solution.regions[2], solution.regions[3]
    assert (free.name, bought.name) == ("free", "buy out 1")
    assert solution.threshold == pytest.approx(0.1330, abs=5e-5)
    assert bought.lower == pytest.approx(0.6257, abs=5e-5)
    assert bought.upper == pytest.approx(9 / 13)
    assert float(solution.value(0.35)) == pytest.approx(15.0542, abs=5e-5)


def counterexample():
    agents = IncentivisedAgents([[0.91, 0.09], [0.3985, 0.6015]], (2.306, 2.8), 0.185, 1.284)
    return FusionCentre(agents, 3.515, 2.452, 0.794, pay="action")


def test_counterexample_with_false_alarms():
    solution = counterexample().solve()
    assert solution.threshold is None
    assert "2 separate intervals" in solution.reason
    paid = [(r.lower, r.upper) for r in solution.regions if r.name == "pay for 1"]
    assert paid[0] == pytest.approx((0.04596, 0.04644), abs=5e-6)
    assert paid[1][0] == pytest.approx(0.04808, abs=5e-6)
    # The same decisions from the plain tree, at one belief in each of the four parts.
    for q, pays in ((0.0450, False), (0.0462, True), (0.0470, False), (0.0490, True)):
        herd = solution.centre.miss_cost * q / (1 - solution.centre.discount)
        value = tree_value(solution.centre, q, 140)
        assert (value < herd - 1e-6) == pays


def check_theorem(centre, mesh):
    """One-sided, no false alarms: one threshold, between the two bounds; V/q falls."""
    solution = centre.solve(tolerance=1e-9, mesh=mesh, threshold_tolerance=1e-7)
    below = [region.option != 0 for region in solution.regions if region.zone == 0]
    assert solution.threshold is not None
    assert below == sorted(below)
    agents, loss = centre.agents, centre.miss_cost
    b = agents.likelihood[:, 1]

    def price(q):
        share = b[1] * q + b[0] * (1 - q) if centre.pay == "action" else 1.0
        return max(float(agents.indifference(q, 1)), 0.0) * share

    q = solution.threshold
    assert loss * q * b[1] <= price(q) + 1e-6
    assert price(q) <= loss * q * max(1.0, b[1] / (1 - centre.discount)) + 1e-6
    assert 0 < q < agents.learning_region().lower
    grid = expit(np.linspace(logit(0.01), logit(0.99), mesh))
    ratio = solution.value(grid) / grid
    assert (np.diff(ratio) <= 1e-6).all()


@pytest.mark.parametrize("seed", range(8))
def test_threshold_theorem(seed):
    check_theorem(random_centre(np.random.default_rng([12, seed])), mesh=48)


@pytest.mark.slow
def test_threshold_theorem_on_400_problems():
    for seed in range(400):
        check_theorem(random_centre(np.random.default_rng([13, seed])), mesh=160)


@pytest.mark.slow
def test_with_two_sided_incentives_no_violation_is_known():
    for seed in range(200):
        centre = random_centre(np.random.default_rng([14, seed]), false_alarm=True, two_sided=True)
        solution = centre.solve(tolerance=1e-8, mesh=160, threshold_tolerance=1e-5)
        below = [region.option != 0 for region in solution.regions if region.zone == 0]
        assert below == sorted(below)


def test_two_sided_problem_is_its_own_mirror_image():
    agents = IncentivisedAgents([[0.8, 0.2], [0.35, 0.65]], (1.3, 0.7), 0.1, 0.6, tie="own")
    mirror = IncentivisedAgents([[0.65, 0.35], [0.2, 0.8]], (0.7, 1.3), -0.1, 0.6, tie="own")
    for pay in ("lump", "action"):
        one = FusionCentre(agents, 3.0, 2.0, 0.85, pay=pay, two_sided=True).solve(mesh=128)
        two = FusionCentre(mirror, 2.0, 3.0, 0.85, pay=pay, two_sided=True).solve(mesh=128)
        assert one.threshold == pytest.approx(1 - two.upper_threshold, abs=1e-8)
        turned = two.regions[::-1]
        assert [2 - r.option for r in one.regions] == [r.option for r in turned]
        assert [r.lower for r in one.regions] == pytest.approx([1 - r.upper for r in turned], abs=1e-8)
        q = np.linspace(0.03, 0.97, 33)
        assert one.value(q) == pytest.approx(two.value(1 - q), abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_the_recursion_satisfies_bellmans_equation(seed):
    rng = np.random.default_rng([15, seed])
    centre = random_centre(rng, false_alarm=True, two_sided=seed % 2 == 0, tie="own")
    steps, bound = horizon(centre, 1e-9)
    q = rng.uniform(0.02, 0.98, size=40)
    table = options(centre, logit(q), steps)
    later = [options(centre, logit(q) + lam, steps).min(axis=0) for lam in centre.agents.log_ratios]
    leave, stage, buy_out = centre.stage(logit(q))
    yes = centre.agents.likelihood[1, 1] * q + centre.agents.likelihood[0, 1] * (1 - q)
    right = stage + centre.discount * (yes * later[1] + (1 - yes) * later[0])
    finite = np.isfinite(right)
    assert table[1][finite] == pytest.approx(right[finite], abs=2 * bound)
    assert table[0] == pytest.approx(leave)
    assert table[2] == pytest.approx(buy_out)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-5])
def test_error_bound(tolerance):
    q = logit(np.linspace(0.03, 0.97, 95))
    fine = options(BASE, q, horizon(BASE, 1e-11)[0]).min(axis=0)
    steps, bound = horizon(BASE, tolerance)
    rough = options(BASE, q, steps).min(axis=0)
    assert bound <= tolerance
    assert (rough - fine >= -1e-11).all()
    assert (rough - fine <= bound + 1e-11).all()


def test_outside_the_window_everybody_is_left_alone():
    for centre in (BASE, counterexample()):
        low, _ = window(centre)
        q = expit(np.linspace(low - 3, low, 20))
        table = options(centre, logit(q), horizon(centre, 1e-9)[0])
        assert (table.argmin(axis=0) == 0).all()


def test_there_is_no_threshold_without_losses():
    free = FusionCentre(BASE_AGENTS, 0.0, 1.0, 0.9).solve(mesh=32)
    assert free.threshold is None
    assert "a miss costs nothing" in free.reason
    assert float(free.value(0.2)) == 0.0


def test_with_discount_zero_the_bounds_of_the_threshold_meet():
    solution = FusionCentre(BASE_AGENTS, 1.0, 0.0, 0.0).solve(mesh=64)
    q = solution.threshold
    assert float(BASE_AGENTS.reveal_incentive(q)) == pytest.approx(0.7 * q, abs=1e-8)


def test_options_and_policy_agree_with_the_regions():
    solution = BASE.solve()
    q = np.linspace(0.01, 0.99, 99)
    assert (solution.option(q) == solution.options(q).argmin(axis=-1)).all()
    posted = solution.incentive(q)
    assert (posted[solution.option(q) == 0] == 0).all()
    start, end = (float(v) for v in expit(BASE_AGENTS.log_odds_ends))
    assert solution.option([start, end]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"miss_cost": -1.0}, "miss_cost: is -1"),
        ({"discount": 1.0}, "discount"),
        ({"pay": "later"}, "expected one of 'lump', 'action'"),
        ({"agents": None}, "expected IncentivisedAgents"),
    ],
)
def test_bad_input(change, message):
    good = {"agents": BASE_AGENTS, "miss_cost": 1.0, "false_alarm_cost": 0.0, "discount": 0.9}
    with pytest.raises(ValueError, match=message):
        FusionCentre(**(good | change))


def test_bad_tolerances():
    with pytest.raises(ValueError, match="tolerance: is 1e-20"):
        BASE.solve(tolerance=1e-20)
    with pytest.raises(ValueError, match="mesh"):
        BASE.solve(mesh=2)
