"""The chapter on central control: every number that its prose prints, theorems, exercises, explorers."""

import numpy as np
import pytest

from llma.explorers import stopping
from llma.stopping import (
    CentralControl,
    StopIn,
    Wald,
    delta,
    delta_signs,
    policy_cost,
    simulate,
    two_thresholds_guaranteed,
)
from llma.stopping.closed_forms import cost_of_lead, discounted_first_passage, symmetric_threshold
from tests.book import browser, exercises
from tests.book.passages import cell, passage, printed

EVEN = np.array([0.5, 0.5])
STORY = {"continue_cost": [0.1, 0.6], "stop_cost": [10, 0], "discount": 0.9}
GRID = np.linspace(0, 1, 401)
BELIEFS = np.stack([1 - GRID, GRID], axis=1)


def threshold(harm=0.5, false_flag=10.0, discount=0.9, accuracy=0.7):
    return symmetric_threshold(accuracy, [0.1, 0.1 + harm], [false_flag, 0], discount)


def test_the_story():
    cost = cost_of_lead(np.arange(5), 0.5, 0.7, **STORY)
    never = stopping.flagging().never_stop_cost @ EVEN
    assert cost.argmin() == 2
    printed(
        "stopping-story",
        f"It costs {cost[2]:.3f}; flagging at once costs {cost[0]:.0f}, never flagging {never:.3f}",
        f"one answer too early costs {cost[1] - cost[2]:.3f} more, one too late {cost[3] - cost[2]:.3f} more",
        "A lead of 1 makes hate 70 % likely, a lead of 2 84 %, a lead of 4 97 %",
    )
    odds = (7 / 3) ** np.arange(5)
    np.testing.assert_allclose((odds / (1 + odds))[[1, 2, 4]], [0.7, 0.84, 0.97], atol=6e-3)
    table = stopping.lead_table()
    assert all(f"{value:8.3f}" in table for value in [*cost, never])


def test_the_sign_table():
    table = delta_signs(stopping.flagging())
    np.testing.assert_allclose(table.delta, [-0.9, 0.6])
    printed("stopping-one", "$\\delta=(-0.9,0.6)$: third row, $\\hat q=0.6$")
    assert table.myopic == pytest.approx(0.6)
    lines = stopping.sign_table().splitlines()[1:]
    assert [line[18:] for line in lines] == ["[0, 1]", "nowhere", "[0.834, 1]", "[0, 0.166]"]


def test_the_closed_form():
    wait = 1 - discounted_first_passage(0.7, 0.9)
    q = threshold()
    printed("stopping-closed", f"it is {wait[0] / wait[1]:.3f}, and $q^\\star={q:.4f}$")
    assert q == pytest.approx(stopping.flagging().solve(1e-10).threshold, abs=1e-9)
    for line, p in zip(stopping.quality_table((0.55, 0.9)).splitlines()[1:], (0.55, 0.9), strict=True):
        assert f"{threshold(accuracy=p):.4f}" in line
        assert f"{cost_of_lead(np.arange(99), 0.5, p, **STORY).min():.3f}" in line


def test_patience_both_ways():
    for rho in (0.8, 0.9, 0.95):
        lump = symmetric_threshold(0.7, [0.1, 0.6], [10, 0], rho)
        running = symmetric_threshold(0.7, [0.1, 0.6], [1 / (1 - rho), 0], rho)
        printed("stopping-moves", f"| {rho:g} | {lump:.3f} | {running:.3f} |")


def random_upper(rng, likelihood=None):
    while True:
        table = rng.dirichlet(np.ones(3), 2) if likelihood is None else likelihood
        problem = CentralControl(table, rng.random(2), 10 * rng.random(2), rng.uniform(0.3, 0.9))
        if delta_signs(problem).region == "upper":
            return problem


def test_comparative_statics():
    """Each part of the proposition on random problems of the third row."""
    rng = np.random.default_rng(1)

    def solved(p, **change):
        names = ("likelihood", "continue_cost", "stop_cost", "discount")
        return CentralControl(*[change.get(name, getattr(p, name)) for name in names])

    checked = 0
    while checked < 8:
        p = random_upper(rng)
        rho = p.discount + rng.random() * (0.95 - p.discount)
        garbled = p.likelihood @ rng.dirichlet(np.ones(3), 3)
        herd = p.stop_cost * (1 - p.discount)
        falls = [
            solved(p, continue_cost=p.continue_cost + 0.2 * rng.random(2)),
            solved(p, likelihood=garbled),
            solved(p, discount=rho),
        ]
        rises = [
            solved(p, stop_cost=p.stop_cost + rng.random((2, 1))),
            solved(p, stop_cost=herd / (1 - rho), discount=rho),
        ]
        if any(delta_signs(other).region != "upper" for other in (*falls, *rises)):
            continue
        checked += 1
        here = p.solve(1e-7)
        for other in falls:
            assert other.solve(1e-7).threshold <= here.threshold + 1e-6
        for other in rises:
            assert other.solve(1e-7).threshold >= here.threshold - 1e-6
        assert (falls[1].solve(1e-7).value(BELIEFS) >= here.value(BELIEFS) - 1e-6).all()


def test_what_you_should_have_seen_of_thresholds():
    printed(
        "stopping-moves",
        f"falls from {threshold():.4f} to {threshold(harm=2.0):.4f}",
        f"*rises* to {threshold(accuracy=0.9):.4f}",
        f"the threshold is {threshold(false_flag=2.0):.4f}: when a mistake is cheap",
        f"the threshold is {threshold(discount=0.5):.4f}, above that at 0.9",
        "from 2.092 to 1.222",
        "near $15/16$",
    )
    values = [float(cost_of_lead(np.arange(99), 0.5, p, **STORY).min()) for p in (0.7, 0.9)]
    assert [f"{v:.3f}" for v in values] == ["2.092", "1.222"]
    assert abs(threshold(accuracy=0.99) - 15 / 16) < 0.01


def test_what_you_should_have_seen_of_leads():
    explorer = stopping.leads()
    start = {slider.name: slider.start for slider in explorer.sliders}
    seen = [explorer.function(**{**start, "prior": prior}) for prior in (0.1, 0.5, 0.9)]
    assert [case["best lead (of 0 to 10)"] for case in seen] == [5, 2, 0]
    printed(
        "stopping-moves",
        "From 0.1 the best lead is 5, from 0.5 it is 2, from 0.9 it is 0",
        f"a lead of 5 brings {seen[0]['belief at this lead']:.3f}",
        f"a lead of 2 brings {seen[1]['belief at this lead']:.3f}",
    )


def test_two_thresholds():
    problem = stopping.flag_or_clear()
    assert two_thresholds_guaranteed(problem)
    low, high = problem.solve(1e-9).stop_region
    printed("stopping-two", f"$\\underline q={low.upper:.3f}$ and $\\overline q={high.lower:.3f}$")
    assert low.upper == pytest.approx(1 - high.lower)
    even = float(problem.solve(1e-9).value(EVEN))
    printed("stopping-two", f"from the even prior the best rule costs {even:.3f}")


def test_the_counterexamples():
    three, cheap = stopping.three_ways(), stopping.cheap_vertex()
    parts = [tuple(round(end, 3) for end in part) for part in three.solve(1e-9).stop_region]
    printed("stopping-two", *(f"$[{low:g},{high:g}]$" for low, high in parts))
    assert not two_thresholds_guaranteed(cheap)
    first, second = cheap.solve(1e-9).stop_region
    printed(
        "stopping-two",
        f"continue on $[0,{first.lower:.3f})$ and on $({first.upper:.3f},{second.lower:.3f})$",
    )
    np.testing.assert_allclose(three.stop_cost / 10, [[0, 1, 0.25], [1, 0, 0.25]])
    np.testing.assert_allclose(cheap.stop_cost / 10, [[0.1, 1], [1, 0.1]])
    assert cheap.never_stop_cost[0] == pytest.approx(0.8)
    never = CentralControl(cheap.likelihood, [0.05, 0.05], cheap.stop_cost, 0.9)
    assert never.solve().stop_region == ()


def test_how_many_intervals():
    rng = np.random.default_rng(4)
    most = 0
    for _ in range(60):
        n = rng.integers(1, 5)
        p = CentralControl(rng.dirichlet(np.ones(3), 2), rng.random(2), 5 * rng.random((2, n)), 0.8)
        region = p.solve(1e-5).stop_region
        assert len(region) <= n
        most = max(most, len(region))
    assert most >= 2


def test_what_you_should_have_seen_of_two_sides():
    explorer = stopping.two_sided()
    start = {slider.name: slider.start for slider in explorer.sliders}

    def parts(**change):
        return explorer.function(**{**start, **change})

    text = passage("stopping-two")
    assert parts()["parts of the stop region"] == 2
    assert parts()["stop in"] == "[0, 0.071] and [0.929, 1]"
    assert f"the value at $q=0.5$ is {parts()['value at q = 0.5']:.3f}" in text
    assert parts(refer=4.0)["parts of the stop region"] == 2
    assert parts(refer=4.0)["value at q = 0.5"] < 4
    assert parts(refer=2.0)["parts of the stop region"] == 3
    assert parts(refer=2.0)["value at q = 0.5"] == pytest.approx(2)
    assert parts(step=1.0, refer=4.0)["parts of the stop region"] == 3
    assert parts(step=4.0)["parts of the stop region"] == 2
    assert parts(step=5.0)["parts of the stop region"] == 1


def test_the_error_bounds():
    beta = 2 * np.sqrt(0.21)
    printed("stopping-exact", f"{beta:.3f} at $p=0.7$", f"is {1 / (1 - 0.999 * beta):.1f}, and")
    q = np.linspace(0.02, 0.98, 49)
    exact = cost_of_lead(np.arange(300)[:, None], q, 0.7, **STORY).min(axis=0)
    for tolerance in (1e-2, 1e-4, 1e-7):
        solution = stopping.flagging().solve(tolerance)
        off = solution.value(np.stack([1 - q, q], axis=1)) - exact
        assert -1e-12 <= off.min()
        assert off.max() <= solution.error_bound <= tolerance


def test_a_geometric_mean_shrinks_by_the_bhattacharyya_coefficient():
    rng = np.random.default_rng(0)
    for _ in range(20):
        table, q = rng.dirichlet(np.ones(4), 2), rng.random()
        chance = np.array([1 - q, q]) @ table
        after = q * table[1] / chance
        left = (chance * np.sqrt(after * (1 - after))).sum()
        assert left == pytest.approx(np.sqrt(table.prod(axis=0)).sum() * np.sqrt(q * (1 - q)))


def test_the_grid():
    """Below the value, by no more than the proposition says, and of first order."""
    exact = stopping.flagging().solve(1e-10)
    errors = []
    for n in (101, 1001):
        q, value = stopping.grid_value(stopping.flagging(), n)
        gap = exact.value(np.stack([1 - q, q], axis=1)) - value
        slopes = np.diff(exact.value.at([0, 1e-12, 1 - 1e-12, 1]))[[0, 2]] / 1e-12
        assert gap.min() > -1e-9
        assert gap.max() <= 0.9 / 0.1 * (slopes[0] - slopes[1]) / (n - 1) / 4
        errors.append(gap.max())
    assert 5 < errors[0] / errors[1] < 20
    printed("stopping-exact", "leave an error of $10^{-4}$ in the value")
    assert f"{10001:6d}      9.8e-05" in stopping.grid_table((10_001,))


def test_quickest_detection():
    solution, problem = stopping.alarm().solve(1e-6), stopping.alarm()
    low, high = delta(problem)
    printed(
        "stopping-detection",
        f"the alarm is raised at {solution.threshold:.3f}, although the myopic rule would do so at "
        f"{low / (low - high):.3f}",
    )
    better = stopping.alarm(accuracy=0.9).solve(1e-6)
    before = [float(stopping.alarm(h).solve(1e-6).value([1, 0])) for h in (0.01, 0.02, 0.05, 0.1, 0.2)]
    printed(
        "stopping-detection",
        f"raises the threshold to {better.threshold:.3f}",
        f"from {before[2]:.3f} to {float(better.value([1, 0])):.3f}",
        ", ".join(f"{v:.3f}" for v in before) + " for 0.01, 0.02, 0.05, 0.1, 0.2",
    )
    thresholds = [stopping.alarm(h).solve(1e-6).threshold for h in (0.01, 0.05)]
    assert abs(thresholds[0] - thresholds[1]) < 1e-3


def wald_cost(q, errors=(0.05, 0.05)):
    low, high = np.exp(Wald(*errors).log_bounds) * q / (1 - q)
    return float(
        policy_cost(stopping.flag_or_clear(), StopIn.outside(low / (1 + low), high / (1 + high)).region)[
            0
        ].at(q)
    )


def test_policies():
    problem = stopping.flag_or_clear()
    solution = problem.solve(1e-9)
    even, odd = (float(solution.value([1 - q, q])) for q in (0.5, 0.2))
    printed("stopping-compare", f"is {even:.3f} from 0.5 and {odd:.3f} from 0.2", "a lead of 4")
    assert wald_cost(0.5) == pytest.approx(even, abs=1e-6)
    assert wald_cost(0.2) == pytest.approx(2.910, abs=5e-4)
    np.testing.assert_allclose(np.exp(Wald(0.05, 0.05).log_bounds), [5 / 95, 95 / 5])
    np.testing.assert_allclose(np.exp(Wald(0.01, 0.01).log_bounds), [1 / 99, 99 / 1])
    printed("stopping-compare", "from $5/95$ to $95/5$, or from $1/99$ to $99/1$")
    printed("stopping-compare", "its cost stays at 2.910", "a lead of 5 for a flag and of 2 for clearing")
    # Leads at which the optimum stops: the posterior odds pass the thresholds.
    low, high = (part for part in solution.stop_region)
    for prior, up, down in ((0.5, 4, 4), (0.2, 5, 2)):
        belief = [1 / (1 + (1 - prior) / prior * (3 / 7) ** lead) for lead in (up - 1, up, 1 - down, -down)]
        assert belief[0] < high.lower <= belief[1]
        assert belief[3] <= low.upper < belief[2]


def test_the_table_of_policies():
    table = stopping.policy_table(0.5, 2000)
    assert max(len(line) for line in table.splitlines()) <= 40
    for name, policy in stopping.policies().items():
        runs = simulate(stopping.flag_or_clear(), policy, EVEN, 2000, np.random.default_rng(2026))
        assert f"{name:13}{runs.mean:8.2f}" in table


def test_a_moving_state_breaks_the_sign_table():
    swap = CentralControl(stopping.symmetric(0.7), [1, 1], [0, 5], 0.9, transition=[[0, 1], [1, 0]])
    frozen = delta_signs(CentralControl(stopping.symmetric(0.7), [1, 1], [0, 5], 0.9))
    np.testing.assert_allclose(frozen.delta, [1, 0.5])
    assert frozen.region == "everywhere"
    solution = swap.solve()
    assert float(solution.value([0, 1])) == pytest.approx(1)
    printed("stopping-assumptions", "$\\delta=(1,\\,0.5)$", f"if and only if $q\\le{solution.threshold:.3f}$")


def test_the_hole_of_social_learning():
    crowd = CentralControl(
        stopping.symmetric(0.7), [-1, 3], [0, 0], 0.9, continuation="social", cost=[[0, 1], [1, 0]]
    )
    low, high = crowd.solve(1e-9).stop_region
    reveal = CentralControl(stopping.symmetric(0.7), [-1, 3], [0, 0], 0.9).solve(1e-9)
    printed(
        "stopping-assumptions",
        f"in $[{low.lower:.2f},{low.upper:.2f}]$ and in $[{high.lower:.3f},1]$",
        f"one threshold, {reveal.threshold:.3f}",
    )
    inner = [end for part in (low, high) for end in part if 0 < end < 1]
    assert len(inner) == 3
    printed("stopping-assumptions", "three thresholds, one of which has the wrong direction")


def test_the_exercises():
    lump = CentralControl(stopping.symmetric(0.7), [0.1, 0.6], [10, 0], 0.95)
    np.testing.assert_allclose(delta(lump), [-0.4, 0.6])
    assert delta_signs(lump).myopic == pytest.approx(0.4)
    slip = delta_signs(CentralControl(stopping.symmetric(0.7), [0.1, 0.6], [0.5, 0], 0.95))
    np.testing.assert_allclose(slip.delta, [0.075, 0.6])
    assert slip.region == "everywhere"
    for step, empty in ((4.29, False), (4.31, True)):
        region = stopping.flag_or_clear(step=step).solve().stop_region
        assert (len(region) == 1) == empty
    mirror = CentralControl(stopping.symmetric(0.7), [0.6, 0.1], [0, 10], 0.9).solve()
    assert mirror.side == "lower"
    printed("stopping-exercises", f"$q\\le1-0.8344={mirror.threshold:.4f}$", "=4.3$", "$0.975/1.975=0.494$")
    alarm = stopping.alarm()
    np.testing.assert_allclose(delta(alarm), [-0.975, 1])
    useless = CentralControl(np.full((2, 2), 0.5), [0, 1], [10, 0], 0.95, transition=alarm.transition)
    assert useless.solve(1e-7).threshold == pytest.approx(0.975 / 1.975, abs=1e-6)


def test_the_weighted_rate():
    """Exercise "Asking for ever": the error shrinks like (rho beta)^n, at a discount near one too."""
    problem = stopping.flag_or_clear(discount=0.999)
    q, value = np.linspace(0.01, 0.99, 99), problem.solve(1e-7)
    exact = value.value(np.stack([1 - q, q], axis=1))
    grid = np.linspace(0, 1, 4001)
    belief = np.stack([1 - grid, grid], axis=1)
    joint = belief[:, None, :] * problem.likelihood.T
    chance = joint.sum(axis=2)
    stop = (belief @ problem.stop_cost).min(axis=1)
    now = np.minimum(stop, belief @ problem.never_stop_cost)
    first = np.abs(np.interp(q, grid, now) - exact).max()
    for _ in range(40):
        after = 0.35 + 0.999 * (chance * np.interp(joint[..., 1] / chance, grid, now)).sum(axis=1)
        now = np.minimum(stop, after)
    assert np.abs(np.interp(q, grid, now) - exact).max() < first * 0.93**40 + 2e-2


@pytest.mark.site
def test_explorers_in_the_browser():
    made = [
        stopping.value(),
        stopping.thresholds(),
        stopping.leads(),
        stopping.two_sided(),
        stopping.detection(),
    ]
    browser.check_page("book/stopping", made)
    browser.check_page("notebooks/stopping", made)


BELLMAN = """
def continuing(q, value, likelihood, cost, rho):
    total = (1 - q) * cost[0] + q * cost[1]
    for b0, b1 in np.asarray(likelihood).T:
        chance = (1 - q) * b0 + q * b1
        total += rho * chance * value(q * b1 / chance)
    return total
"""


def test_the_hint_on_three_intervals():
    """With the two outer ways alone asking costs what the hint says."""
    outer = CentralControl(stopping.symmetric(0.7), [0.2, 0.2], [[0, 10], [10, 0]], 0.9)
    assert f"is {float(outer.solve(1e-9).value(EVEN)):.2f}: a middle way" in cell(
        "stopping", "exercise-holes"
    )


def test_symmetric_rules_do_not_notice_the_prior():
    """Wald's test, asking for ever and a majority cost the same from every prior."""
    case = stopping.flag_or_clear()
    for name in ("always reveal", "first 5", "first 9"):
        runs = [
            simulate(case, stopping.policies()[name], [1 - q, q], 20_000, np.random.default_rng(3))
            for q in (0.2, 0.5)
        ]
        error = np.hypot(*(r.standard_error for r in runs))
        assert abs(runs[0].mean - runs[1].mean) <= 4.5 * error + 1e-9


class TestExercises(exercises.Exercises):
    slug = "stopping"
    before = ("imports", "library-solve")
    right = (
        ("bellman", BELLMAN),
        ("target", "false_flag = 17.0827"),
        ("holes", "stop = [[0, 0.6, 2.1, 12], [12, 2.1, 0.6, 0]]"),
        ("wald", "nominal = (0.0192, 0.19)"),
    )
    wrong = (
        ("bellman", "def continuing(q, value, likelihood, cost, rho):\n    return value(q)", "a martingale"),
        ("target", "false_flag = 10", "the threshold is 0.83436"),
        ("holes", "stop = [[0, 1, 1, 10], [10, 9, 9, 0]]", "not yet four parts"),
        ("wald", "nominal = (0.05, 0.05)", "not yet right"),
    )

    def prepare(self, namespace):
        namespace["case"] = stopping.flag_or_clear()
        namespace["best"] = namespace["case"].solve(1e-9)
