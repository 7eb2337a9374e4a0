"""The chapter on learning the threshold: every printed number, its theorems, its exercises, its explorers."""

import inspect

import numpy as np
import pytest
from scipy.special import expit

from llma.explorers import learning_control as chapter
from llma.policy_gradient import angle_of, best_threshold, smoothed_cost, spsa, threshold_of
from llma.policy_gradient.published import pay, stopping
from llma.stopping import CentralControl
from tests.book import browser, exercises
from tests.book.passages import passage, printed


def cost(level, temperature=0.0):
    return float(smoothed_cost(chapter.PROBLEM, chapter.PRIOR, level, temperature).cost)


def short(value, digits):
    return f"{value:.{digits}f}".replace("0.", ".", 1)


def test_the_story():
    printed(
        "learning-control-story",
        f"{cost(0.9, 0.03):.3f} against {cost(0.8, 0.03):.3f}",
        f"two exact costs is {cost(0.9, 0.03) - cost(0.8, 0.03):.3f}",
        "(0.3, 0.5, 0.7, 0.8, 0.9, 1.0)",
    )
    table = chapter.bill_table((0.3, 0.5, 0.7, 0.8, 0.9, 1.0)).splitlines()[1:]
    rows = {float(line.split()[0]): [float(v) for v in line.split()[1:]] for line in table}
    cheapest = min(bill for row in rows.values() for bill in row[:3])
    assert cheapest in rows[0.9]
    assert cheapest < min(rows[0.8])
    assert min(np.ptp(rows[level][:3]) for level in (0.8, 0.9)) > 0.034
    assert rows[0.8][3] < rows[0.9][3]


def test_how_many_bills():
    """Twice the standard error of a mean difference is the difference: independent bills, and common ones."""
    levels = [np.full(1500, level) for level in (0.9, 0.8)]
    gap = cost(0.9, 0.03) - cost(0.8, 0.03)
    common = np.subtract(*chapter.box().together(levels, np.random.default_rng(1)))
    apart = [chapter.box()(level, np.random.default_rng(seed)) for seed, level in enumerate(levels)]
    needed = [(2 * spread.std() / gap) ** 2 for spread in (np.subtract(*apart), common)]
    assert needed == pytest.approx([260, 100], rel=0.1)
    printed("learning-control-story", "after about 260 bills for each", "*, after about 100.")


def test_the_story_is_stated():
    """The costs below the table of symbols are those of the story."""
    printed("learning-control-model", "probability .7, the prior is $\\frac12$, $c=(.1,.6)$, $c_s=(10,0)$")
    assert chapter.PROBLEM.likelihood[1, 1] == 0.7
    assert (chapter.PRIOR, chapter.PROBLEM.discount) == (0.5, 0.9)
    assert chapter.PROBLEM.continue_cost.tolist() == [0.1, 0.6]
    assert chapter.PROBLEM.stop_cost[:, 0].tolist() == [10, 0]
    assert cost(1.0) == pytest.approx(3.5)


def test_the_landscape():
    lead = expit(np.arange(4) * np.log(7 / 3))
    stairs = [cost(level) for level in (0.5, 0.7, lead[2], lead[3], 0.96)]
    assert cost(0.7001) == pytest.approx(stairs[2])
    printed(
        "learning-control-landscape",
        f".5, .7, {short(lead[2], 4)}, {short(lead[3], 4)}",
        f"5 up to .5, {stairs[1]:.3f} up to .7",
        f"**{stairs[2]:.3f} on the whole interval $(.7,{short(lead[2], 4)}]$**",
        f"then {stairs[3]:.3f} and {stairs[4]:.3f}",
    )
    assert stairs[0] == pytest.approx(5)
    assert stairs[2] == pytest.approx(float(chapter.PROBLEM.solve().value([0.5, 0.5])))
    wide, narrow = (best_threshold(chapter.PROBLEM, 0.5, tau)[0] for tau in (0.1, 0.03))
    slopes = [float(smoothed_cost(chapter.PROBLEM, 0.5, 0.2, tau).slope) for tau in (0.03, 0.1)]
    printed(
        "learning-control-landscape",
        f"best soft threshold is {short(wide, 4)}",
        f"Made hard it costs {cost(wide):.3f}, a tenth too much",
        f"At $\\tau=.03$ it is {short(narrow, 4)}, and nothing is lost",
        f"${short(slopes[0], 5)}$ for $\\tau=.03$ and ${short(slopes[1], 2)}$ for $\\tau=.1$",
    )
    assert chapter.excess(np.array([wide]))[0] == pytest.approx(0.1, abs=0.005)
    assert abs(chapter.excess(np.array([narrow]))[0]) < 1e-7
    printed("learning-control-not", f"{short(wide, 4)} at $\\tau=.1$")


@pytest.mark.parametrize("tau", [0.05, 0.2])
def test_traps(tau):
    """The slope in the angle is zero at both ends; the second derivative is as stated."""
    h = 1e-3

    def f(angle):
        return float(smoothed_cost(chapter.PROBLEM, 0.5, threshold_of(angle), tau, 1e-13).cost)

    for angle, end, sign in ((0.0, 0.0, 1), (np.pi / 2, 1.0, -1)):
        assert f(angle + h) == pytest.approx(f(angle - h), abs=1e-11)
        bend = (f(angle + h) + f(angle - h) - 2 * f(angle)) / h**2
        slope = float(smoothed_cost(chapter.PROBLEM, 0.5, end, tau).slope)
        assert bend == pytest.approx(sign * 2 * slope, abs=2e-3 + 1e-3 * abs(slope))


def test_gains_of_the_page():
    for alpha, beta, holds in (
        (1, 1 / 6, True),
        (1, 0.5, False),
        (0.6, 0.1, False),
        (0.602, 0.101, True),
        (0.9, 0.02, False),
    ):
        met = 0 < alpha <= 1 and round(2 * (alpha - beta), 9) > 1 and round(alpha + 4 * beta, 9) > 1
        assert met == holds
    printed("learning-control-spsa", "$2(.602-.101)=1.002>1$", "$.602+4\\cdot.101=1.006>1$")
    printed("learning-control-exercises", f"$(.9,.02)$: ${2 * 0.88:.2f}$, but ${short(0.98, 2)}$")


def test_landscape_explorer():
    explorer = chapter.landscape()

    def ends(**change):
        return [
            float(explorer.readouts(**explorer.start | change | {"seed": seed})["search ends at"])
            for seed in (1, 2, 3)
        ]

    assert all(0.8 < end < 0.85 for end in ends())
    assert ends(start=0.0) == [0, 0, 0]
    assert ends(start=1.0) == [1, 1, 1]
    assert all(end < 0.95 for end in ends(start=1.0, noise="independent"))
    from_zero = ends(start=0.0, noise="independent")
    assert max(from_zero) > 0.8
    assert min(from_zero) < 0.01
    assert ends(start=0.2) == pytest.approx([0.2] * 3, abs=0.005)
    assert min(ends(start=0.2, noise="independent")) > 0.7
    assert min(ends(start=0.2, temperature=0.1)) > 0.927
    assert float(explorer.readouts(**explorer.start | {"temperature": 0.3})["best smoothed threshold"]) == 1


def test_gains_explorer():
    explorer = chapter.gains()

    def shown(**change):
        return explorer.readouts(**explorer.start | change)

    def good(**change):
        return int(shown(**change)["runs within 1 %"].split()[0])

    loose = shown(c=0.02, noise="independent")
    worst = loose["worst excess"].removesuffix(".0 %")
    printed(
        "learning-control-contest",
        f"{good()} of 24 runs within 1 % with common numbers, {good(noise='independent')} with",
        f"{good(c=0.02, noise='independent')} of 24, and the worst costs {worst} % too much",
        f"Common numbers help: {good(c=0.02)}.",
        f"on the wrong stair: {good(c=0.3)} of 24",
        f"{good(a=0.02)} of 24 at $c=0.1$",
        f"does well from here, {good(temperature=0.01)} of 24",
    )
    assert float(worst) == pytest.approx(100 * (5 / cost(0.8) - 1), abs=0.1)
    assert shown(c=0.3)["worst excess"] == "1.4 %"


@pytest.mark.parametrize("tau", [0.03, 0.1])
def test_common_numbers_obey_the_bound(tau):
    """The difference of two thresholds on the same cases: its mean square, and for the slope in the angle."""
    single = chapter.box(tau, 1)
    largest, runs = 10.0, 20_000
    for low, high in ((0.6, 0.62), (0.7, 0.9), (0.2, 0.8)):
        costs = [single(np.full(runs, level), np.random.default_rng(2)) for level in (low, high)]
        assert np.mean((costs[1] - costs[0]) ** 2) <= largest**2 * (high - low) / (tau * (1 - 0.81))
    assert max(np.abs(chapter.PROBLEM.stop_cost).max(), 0.6 / 0.1) == largest


@pytest.mark.parametrize("c", [0.4, 0.1, 0.025])
def test_the_bound_is_not_sharp(c):
    """The factor between the bound and the variance of the slope at three of the notebook's widths."""
    single, theta = chapter.box(0.1, 1), angle_of(0.6)
    ends = [np.full(10_000, threshold_of(theta + side * c)) for side in (1, -1)]
    high, low = single.together(ends, np.random.default_rng(5))
    assert 100 / (2 * 0.1 * (1 - 0.81) * c) > 80 * np.var((high - low) / (2 * c))
    printed("learning-control-common", "more than 80 times the variance")


def test_deviations():
    narrow, wide = chapter.deviations(0.6, 0.1, 0.02), chapter.deviations(0.6, 0.1, 0.1)
    printed(
        "learning-control-common",
        f"is {narrow[0]:.1f} with independent and {narrow[1]:.1f} with common numbers",
        f"at .1 to each side {wide[0]:.1f} and {wide[1]:.1f}",
    )
    plain, baseline, to_go = wide[2:]
    assert baseline < to_go < plain
    assert wide[1] == min(wide[:2] + narrow[:2])
    printed(
        "learning-control-reinforce",
        f"SPSA's least, {wide[1]:.1f}, has twice",
    )


@pytest.mark.slow
def test_contest():
    good = {name: int((off < 0.01).sum()) for name, off in chapter.contest().items()}
    grid = np.linspace(0, 1, 100)
    costs = smoothed_cost(chapter.PROBLEM, 0.5, grid, 0.0).cost.round(9)
    best, second = (int((costs == value).sum()) for value in np.unique(costs)[:2])
    numbers = {8: "eight"}
    printed(
        "learning-control-contest",
        f"between {good['SPSA, common']} and {good['SPSA, annealed']} of 40",
        f"make it **worse** ({good['grid, common']}) than independent ones ({good['grid, independent']})",
        f"compares {numbers[len(np.unique(costs))]} rules on 160 cases",
        f"each of the {best} thresholds on the best stair",
        f"*the least of {best} bills* wins against the least of {second}",
        f"costs {100 * chapter.excess(np.array([0.9]))[0]:.1f} % too much",
    )


def test_common_numbers_give_one_bill_to_one_rule():
    hard = chapter.box(0.0, 160)
    bills = {float(hard(level, np.random.default_rng(3))) for level in np.linspace(0, 1, 100)}
    assert len(bills) <= 8


def test_readers():
    """What the embedded model answers may change; that bills correct a wrong belief about it may not."""
    lines = [line for line in chapter.reader_table(8).splitlines() if "+" in line]
    off = {line.rsplit("+", 1)[0].strip(): float(line.rsplit("+", 1)[1][:-2]) for line in lines}
    assert off["learned, worst"] < 3 < off["threshold of accuracy 0.7"]
    printed("learning-control-readers", "24 runs, 32,000 cases each")
    assert inspect.signature(chapter.reader_search).parameters["runs"].default == 24


def test_published_sweep():
    fine = np.linspace(0, 1, 1001)
    theirs, ours = stopping.replicate(np.linspace(0, 1, 101)), stopping.repaired(fine)
    same_side = stopping.repaired(fine, side="published").cost
    printed(
        "learning-control-sweep",
        f"cost {theirs.cost[0]:.0f}, up to {theirs.cost.max():.0f}, down to {theirs.cost[-1]:.0f}",
        f"accuracy from {short(theirs.accuracy[0], 2)} to {short(theirs.accuracy[-1], 2)}",
        f"And {short(theirs.accuracy[-1], 3)} is what agents reach",
        f"from {ours.cost[0]:.0f} (stop at once) to {ours.cost.min():.2f} at a threshold of about "
        f"{short(fine[ours.cost.argmin()], 2)}; never stop, the threshold 1, costs {ours.cost[-1]:,.0f}.",
        f"that depend on time included, costs {stopping.optimum():.2f}",
        f"from {short(ours.accuracy[0], 2)} to {short(ours.accuracy.max(), 2)} (and is "
        f"{short(ours.accuracy[-1], 2)} if one never stops",
        f"stopping at once, {same_side.min():.0f}, and the worst costs {same_side.max():,.0f}",
    )
    assert theirs.accuracy[0] == pytest.approx((0.7 + 0.9) / 2)
    assert same_side[-1] == pytest.approx(same_side.min())


@pytest.mark.slow
def test_published_search():
    replay = chapter.stop_replay()
    best = stopping.replicate(np.linspace(0, 1, 101), stopping.SEARCH_COST).cost.min()
    at_zero = (replay.published.final < 1e-9).sum()
    gains = stopping.PublishedGains()
    ratio = [gains.step(k) / gains.width(k) for k in range(999)]
    low, high = replay.repaired_cost.min(), replay.repaired_cost.max()
    printed(
        "learning-control-search",
        f"There {at_zero} of the 8 runs end, at a cost of {replay.published_cost.min():.0f}",
        f"costs {best:.0f}.",
        f"from {short(ratio[0], 2)} at the first step to {max(ratio):.0f} at step {int(np.argmax(ratio))}",
        f"{low:.1f} to {high:.1f}, against {stopping.optimum(stopping.SEARCH_COST):.2f}",
    )
    assert high / stopping.optimum(stopping.SEARCH_COST) < 1.01


def test_published_pay():
    levels = np.linspace(0, 1, 401)
    theirs, ours = pay.replicate(levels), pay.repaired(levels)
    least = int(np.flatnonzero(levels == 0.5)[0])
    assert theirs.paid[least] == pytest.approx(theirs.paid.min())
    printed(
        "learning-control-pay",
        f"probability {short(theirs.right[0], 3)} if agents are always paid and {short(theirs.right[-1], 3)}",
        f"${theirs.paid[0]:.1f}$ if always",
        f"{ours.paid[0]:.1f} if always",
        f"probability {short(ours.right[0], 3)}, and {short(ours.right[-1], 3)} without",
        f"plus {pay.FINE:.0f} if",
    )
    printed(
        "learning-control-paysearch",
        f"is least, ${theirs.paid.min():.1f}$, at a threshold of one half",
        f"with probability {short(theirs.right[least], 3)}",
    )


@pytest.mark.slow
def test_published_pay_search():
    replay, (level, cost_there) = chapter.pay_replay(), pay.best_repaired()
    ends = replay.repaired.final
    assert np.ptp(replay.published.final) > 0.5
    assert ((ends > 0.09) & (ends < 0.13)).sum() == 5
    assert (ends > 0.999).sum() == 3
    assert set(replay.repaired_cost[ends < 0.2].round()) <= {98, 103}
    printed(
        "learning-control-paysearch",
        "Five of eight runs end near .1, at 98 or 103, and three at 1",
        f"at {replay.repaired_cost.max():.1f}.",
        f"about {short(level, 2)}, costs {cost_there:.1f}",
    )


def test_smoothing_bias_of_the_pay_search():
    """The exact curve, smoothed by logistic noise: where it is least on the side of the five runs."""
    levels = np.linspace(0, 1, 1001)
    exact = pay.repaired(levels).objective()
    share = (np.arange(4000) + 0.5) / 4000
    noise = np.log(share / (1 - share))
    near = np.arange(0.02, 0.3, 0.01)
    best = [
        near[np.argmin([np.interp(level + tau * noise, levels, exact).mean() for level in near])]
        for tau in (0.05, 0.01)
    ]
    printed(
        "learning-control-paysearch",
        f"best point, {short(best[0], 2)}, of the curve",
        f"the best point is {short(best[1], 2)}, and its hard cost {pay.repaired([0.05]).objective()[0]:.1f}",
    )
    assert best[1] == pytest.approx(0.05)


def test_exercises():
    s = expit((np.array([0.5, 0.7, 0.49 / 0.58]) - 0.8) / 0.1)
    parts = [s[0] / 0.1, s[1] / 0.1, -(1 - s[2]) / 0.1]
    printed(
        "learning-control-exercises",
        f"$s(.5)={short(s[0], 4)}$, $s(.7)={short(s[1], 4)}$, $s(.8448)={short(s[2], 4)}$",
        f"${short(parts[0], 3)}$ and ${parts[1]:.3f}$, each twice, the stop ${parts[2]:.3f}$",
        f"in all ${2 * parts[0] + 2 * parts[1] + parts[2]:.3f}$",
    )
    useless = CentralControl([[0.5, 0.5], [0.5, 0.5]], [0.1, 0.6], [10, 0], 0.9)
    found = smoothed_cost(useless, 0.5, 0.5, 0.1)
    printed(
        "learning-control-exercises",
        f"$\\varphi=.5/.55={short(found.passage[0], 4)}$",
        f"&=3.5+1.5\\varphi={float(found.cost):.3f} .",
    )
    assert "never stop" in passage("learning-control-exercises")


def test_a_search_from_bills_alone_is_good():
    found = chapter.annealed_search(runs=6, iterations=400, episodes=80)
    assert np.median(chapter.excess(found.final)) < 0.01


def test_steps_that_add_up_to_little_stop_on_the_way_down():
    class Halving:
        def step(self, k):
            return 2.0 ** (-k - 1)

        def width(self, k):
            return 0.1

    trace = spsa(
        lambda u, rng: np.cos(u), 0.1, np.random.default_rng(0), iterations=60, gains=Halving(), decode=None
    )
    assert abs(trace.final - 0.1) <= 1 + 0.01 / 6
    assert abs(np.sin(trace.final)) > 0.1


@pytest.mark.parametrize("name", ["landscape", "gains"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(chapter, name)(), every=17)


def test_starting_angle():
    assert float(threshold_of(angle_of(0.5))) == pytest.approx(0.5)


SYSTEM = """
def passage(moves, halt, rho):
    n = len(halt)
    return np.linalg.solve(np.eye(n) - rho * (1 - halt)[:, None] * moves, halt)
"""
SCORE = """
def score(beliefs, stopped, gamma, tau):
    s = 1 / (1 + np.exp(-(np.array(beliefs) - gamma) / tau))
    parts = s / tau
    if stopped:
        parts[-1] = -(1 - s[-1]) / tau
    return parts.sum()
"""
COORDINATE = """
def coordinate(u):
    return 1 / (1 + np.exp(-u))
"""


class TestExercises(exercises.Exercises):
    slug = "learning-control"
    before = ("imports", ("library-search", "rng ="))
    right = (
        ("system", SYSTEM),
        ("score", SCORE),
        ("coordinate", COORDINATE),
        ("coordinate", COORDINATE.replace("-u", "-3 * u")),
        ("gains", "too_short, too_noisy = (2, 0.1), (0.6, 0.2)"),
    )
    wrong = (
        ("system", SYSTEM.replace("(1 - halt)[:, None] * ", ""), "does it fit"),
        ("system", SYSTEM.replace("moves, halt)", "moves, halt)[0]"), "one number for each"),
        ("system", SYSTEM.replace("halt)\n", "halt * np.nan)\n"), "not finite"),
        ("score", SCORE.replace("-(1 - s[-1])", "(1 - s[-1])"), "that stops"),
        ("score", SCORE.replace("s / tau\n", "-s / tau\n"), "wrong for a case"),
        (
            "coordinate",
            COORDINATE.replace("1 / (1 + np.exp(-u))", "np.sin(u) ** 2"),
            "rise everywhere|strictly",
        ),
        ("coordinate", COORDINATE.replace("1 / (1 + np.exp(-u))", "0.5 + 0 * u"), "rise everywhere"),
        ("coordinate", COORDINATE.replace("-u", "-u / 9"), "down to"),
        ("coordinate", COORDINATE.replace("-u", "2 - u"), "0.5 at u = 0"),
        ("gains", "too_short, too_noisy = (0.9, 0.1), (0.6, 0.2)", "add up to infinity"),
        ("gains", "too_short, too_noisy = (2, 1.6), (0.6, 0.2)", "does not die out"),
        ("gains", "too_short, too_noisy = (1.1, 0.6), (0.6, 0.2)", "does not die out"),
        ("gains", "too_short, too_noisy = (2, 0.1), (0.602, 0.101)", "dies out"),
        ("gains", "too_short, too_noisy = (2, 0.1), (1.2, 0.9)", "finite"),
        ("gains", "too_short, too_noisy = (2, 0.1), (0.6, -0.2)", "positive"),
    )


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [chapter.landscape(), chapter.gains()]
    browser.check_page("book/learning-control", made)
    browser.check_page("notebooks/learning-control", made)
