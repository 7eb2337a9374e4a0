"""The chapter on reconstruction: every number of its prose, its theorems, its exercises, its explorers."""

import itertools
from fractions import Fraction as F
from functools import cache

import numpy as np
import pytest
from scipy.optimize import linprog

from llma import ribum
from llma.attention import shannon
from llma.explorers import reconstruct
from llma.ribum import ChoiceData
from llma.ribum.recovery.restrictions import common, free, monotone
from tests.book import browser, exercises
from tests.book.passages import passage, printed


def tracker(rights, prior=(0.5, 0.5)):
    return ChoiceData(prior, [[[a, 1 - a], [1 - a, a]] for a in rights])


def test_the_story():
    known = reconstruct.reader()
    picks = [reconstruct.selected(reconstruct.first(known, count)) for count in (1, 2, 3, 4)]
    printed(
        "reconstruct-story",
        f"With one stake both rules say {picks[0][0]:.3f}.",
        f"With two stakes max-margin says {picks[1][0]:.3f} and the sparsest {picks[1][1]:.3f}.",
        f"The true $\\delta$ is {reconstruct.TRUTH}.",
    )
    assert picks[0][0] == pytest.approx(picks[0][1], abs=1e-6)
    for count, chosen in zip((1, 2, 3, 4), picks, strict=True):
        low, high = reconstruct.ratio_bounds(reconstruct.first(known, count))
        assert low <= reconstruct.TRUTH <= high
        assert all(low - 1e-6 <= ratio <= high + 1e-6 for ratio in chosen)
    assert known.data.priors[0].tolist() == [0.4, 0.6]


def test_invariances_and_the_table_of_factors():
    known = reconstruct.reader(stakes=(4.0, 2.0, 1.0))
    values = (known.data.joint * known.truth).sum(axis=(1, 2))
    assert (np.diff(values) < 0).all()
    utility = known.stakes[:, None, None] * known.truth
    for factor, fits in ((0.49, False), (0.5, True), (1.3, True), (2.0, True), (2.01, False)):
        scaled = utility * np.array([1.0, factor, 1.0])[:, None, None]
        assert (ribum.margin_at(known.data, scaled) >= -1e-9) == fits
    printed("reconstruct-known", "All factors from $\\tfrac12$ to 2 fit")


def carried(priors, choice, utility):
    """The values of carried posteriors, in exact fractions."""
    joint = [
        [[q * p for p in row] for q, row in zip(law, table, strict=True)]
        for law, table in zip(priors, choice, strict=True)
    ]
    return [
        [
            sum(max(sum(joint[k][x][u] * utility[m][x][v] for x in (0, 1)) for v in (0, 1)) for u in (0, 1))
            for k in (0, 1)
        ]
        for m in (0, 1)
    ]


def test_a_verdict_that_can_be_bought():
    half, priors = F(1, 2), [[F(1, 2)] * 2, [F(9, 10), F(1, 10)]]
    never = [[[F(1), F(0)]] * 2] * 2

    def cycle(t):
        utility = [[[F(1), F(0)], [t, 1 + t]], [[half, F(0)], [F(0), half]]]
        k = carried(priors, never, utility)
        return k[0][0] - k[0][1] + k[1][1] - k[1][0]

    assert cycle(F(0)) == F(-1, 5)
    for t in (F(1, 4), F(1, 2), F(1)):
        assert cycle(t) == F(-1, 5) + F(2, 5) * t
    printed("reconstruct-known", "sums to $-0.2$", "$-0.2+0.4\\,t$", "bought for $t=0.5$")


def test_the_programme():
    rng = np.random.default_rng(0)
    for _ in range(10):
        data = ChoiceData(rng.dirichlet(np.ones(3), 2), rng.dirichlet(np.ones(3), (2, 3)))
        assert 0 <= ribum.max_margin(data).bound <= data.marginal.min() + 1e-9
    prior = np.array([0.2, 0.3, 0.5])
    sure = ChoiceData(prior, [np.eye(3)])
    assert ribum.max_margin(sure).bound == pytest.approx(0.2)
    assert ribum.margin_at(sure, np.eye(3)) == pytest.approx(0.2)


def test_full_recognition_of_two_environments_has_no_margin():
    sure = ChoiceData([[0.5, 0.5], [0.3, 0.7]], [np.eye(2), np.eye(2)])
    assert ribum.max_margin(sure).bound == pytest.approx(0, abs=1e-9)
    printed("reconstruct-program", "For $M=1$ the upper bound in 2 can be attained")


def test_a_new_action_breaks_the_widest_margin():
    """A margin survives small changes of the choices, until one of them brings in a new action."""
    table = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0]])
    utility = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert ribum.max_margin(ChoiceData([0.5, 0.5], [table]), "common").margin == pytest.approx(0.4)
    assert ribum.margin_at(ChoiceData([0.5, 0.5], [table]), utility) == pytest.approx(0.4)
    for d in (1e-6, 1e-3, 0.01):
        between = table + d * np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
        assert ribum.margin_at(ChoiceData([0.5, 0.5], [between]), utility) > 0.38
        fresh = table + d * np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
        assert ribum.margin_at(ChoiceData([0.5, 0.5], [fresh]), utility) == pytest.approx(-d / 2)
    printed("reconstruct-widest", "bring in no new action break no row")


def count_rows():
    """NIAS rows (N, 9) of the choices on which sum and count differ, written out."""
    joint = np.array(reconstruct.COUNT) / 3
    rows = []
    for u, v in itertools.permutations(range(3), 2):
        row = np.zeros((3, 3))
        row[:, u] += joint[:, u]
        row[:, v] -= joint[:, u]
        rows.append(row.ravel())
    return np.array(rows)


def test_smallest_sum_is_not_unique_and_fewest_entries_is():
    data = ChoiceData(np.full(3, 1 / 3), [reconstruct.COUNT])
    found = ribum.max_margin(data, "common")
    choices = ", ".join(
        "$(" + ",".join(f"{p:g}".lstrip("0") or "0" for p in row) + ")$" for row in reconstruct.COUNT
    )
    printed(
        "reconstruct-sparse", f"half of the largest margin, {found.margin:.3f}, for the choices {choices} in"
    )
    rows, goal = count_rows(), np.full(6, found.margin / 2)
    least = linprog(np.ones(9), -rows, -goal, bounds=(0, 1)).fun
    assert least == pytest.approx(ribum.sparsest(data, "common").utility.sum(), abs=1e-7)
    capped = np.vstack([-rows, np.ones(9)])
    room = np.append(-goal, least + 1e-9)
    ends = [sign * linprog(sign * np.eye(9)[0], capped, room, bounds=(0, 1)).fun for sign in (1, -1)]
    assert ends[1] - ends[0] > 0.05
    feasible = [
        support
        for size in range(4)
        for support in itertools.combinations(range(9), size)
        if linprog(np.ones(9), -rows, -goal, bounds=[(0, float(i in support)) for i in range(9)]).status == 0
    ]
    assert len(feasible) == 1
    assert len(feasible[0]) == 3
    printed("reconstruct-sparse", "smallest sum is not unique at all")


def test_a_garbling_says_at_least_as_much():
    rng = np.random.default_rng(5)
    for _ in range(100):
        prior = rng.dirichlet([2, 2])
        high, low = rng.uniform(0.5, 0.99), rng.uniform(0.01, 0.5)
        first = np.array([[high, 1 - high], [low, 1 - low]])
        data = ChoiceData(prior, [first, first @ rng.dirichlet([1, 1], 2)])
        odds = data.posteriors[:, :, 0] / data.posteriors[:, :, 1]
        assert odds[0, 1] - 1e-9 <= odds[1].min()
        assert odds[1].max() <= odds[0, 0] + 1e-9
    ends = []
    for right, w in ((0.9, 6.2), (0.75, 1.0)):
        bounds = ribum.utility_bounds(tracker((right,), (w / (1 + w), 1 / (1 + w))), (0, 0, 0, 1), "common")
        ends.append(float(bounds.lower[0, 1, 1]))
    printed(
        "reconstruct-identified",
        f"$6.2/9={ends[0]:.3f}$; one that is right with 0.75, at the prior odds 1, only {ends[1]:.3f}",
    )


def test_the_closer_the_odds_the_lower_the_last_stake():
    def looks(delta, stake):
        return bool(reconstruct.reader(delta, (0.4, 0.6), 1.0, (stake,)).data.used.all())

    for delta, last, too_low in ((0.65, 0.1, 0.03), (0.66, 0.03, 0.01)):
        assert looks(delta, last)
        assert not looks(delta, too_low)
    printed("reconstruct-identified", "unless the prior odds are exactly $\\delta^*$")


def test_stakes_decide_by_the_order_of_values():
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(150):
        n = int(rng.integers(2, 5))
        prior, utility = rng.dirichlet(np.ones(3)), rng.normal(size=(3, 3))
        kernels = rng.dirichlet(np.full(3, 0.5), (n, 3))
        replies = [(k.T @ (prior[:, None] * utility)).argmax(axis=1) for k in kernels]
        data = ChoiceData(prior, [k @ np.eye(3)[u] for k, u in zip(kernels, replies, strict=True)])
        stakes = rng.choice([1.0, 2.0, 3.0], n)
        values = (data.joint * utility).sum(axis=(1, 2))
        ordered = all(
            values[m] >= values[k] - 1e-12 for m in range(n) for k in range(n) if stakes[m] > stakes[k]
        )
        assert ribum.test(data, stakes[:, None, None] * utility).rational == ordered
        seen.add(ordered)
    assert seen == {True, False}


def test_one_environment_returns_the_prior():
    rng = np.random.default_rng(2)
    for _ in range(20):
        q = rng.uniform(0.1, 0.9)
        low, high = np.sort(rng.uniform(0.05, 0.95, 2))
        data = ChoiceData([q, 1 - q], [[[high, 1 - high], [low, 1 - low]]])
        found = ribum.max_margin(data, "common")
        assert found.margin == pytest.approx(min(q, 1 - q) * (high - low), abs=1e-8)
        assert reconstruct.ratio_of(found.utility[0]) == pytest.approx(q / (1 - q), rel=1e-5)
        for share in (0.1, 1.0):
            sparse = ribum.sparsest(data, "common", margin=share * found.margin * (1 - 1e-9))
            assert reconstruct.ratio_of(sparse.utility[0]) == pytest.approx(q / (1 - q), rel=1e-4)
    printed("reconstruct-widest", "It would be 0.667 for every true $\\delta$")
    assert F(2, 5) / F(3, 5) == F(2, 3)


def test_where_nias_binds_before_zero():
    rng = np.random.default_rng(3)
    kernel = rng.dirichlet(np.ones(2), 2)
    priors = rng.dirichlet(np.ones(2), 2)
    assert ribum.max_margin(ChoiceData(priors, [kernel, kernel])).bound == pytest.approx(0, abs=1e-9)
    assert ribum.max_margin(ChoiceData(priors, [kernel, kernel]), cost="posterior").bound > 1e-4


def test_posterior_odds_and_shannon():
    known = reconstruct.reader()
    odds = known.data.posteriors[:, :, 0] / known.data.posteriors[:, :, 1]
    for count in (1, 2, 3, 4):
        low, high = reconstruct.ratio_bounds(reconstruct.first(known, count))
        assert low == pytest.approx(odds[:count, 1].max(), rel=1e-5)
        assert high == pytest.approx(odds[:count, 0].min(), rel=1e-5)
    printed(
        "reconstruct-identified",
        f"the interval from {odds[3, 1]:.3f} to {odds[3, 0]:.3f}",
        f"from {odds[0, 1]:.4f} to {odds[0, 0]:.1f}",
    )
    for delta, prior, price, s in ((0.5, 0.4, 1.0, 1.0), (1.4, 0.5, 0.7, 1.3), (0.8, 0.45, 2.0, 3.0)):
        shown = reconstruct.reader(delta, (prior, 1 - prior), price, (s,))
        a, b = np.exp(s / price), np.exp(s * delta / price)
        assert shown.data.used.all()
        low, high = reconstruct.ratio_bounds(shown)
        assert low == pytest.approx((1 - 1 / b) / (a - 1), rel=1e-5)
        assert high == pytest.approx((b - 1) / (1 - 1 / a), rel=1e-5)
    accuracy = known.data.choice[:, [0, 1], [0, 1]]
    assert (np.diff(accuracy, axis=0) < 0).all(), "better in both states as the stake rises"


def test_free_utilities_allow_nothing_to_be_at_stake():
    known = reconstruct.reader(stakes=(4.0, 2.0, 1.0))
    bounds = ribum.utility_bounds(known.data, (0, 0, 0, 1), free())
    assert bounds.lower[1:, 1, 1] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(bounds.upper).all()
    tenfold = known.stakes[:, None, None] * known.truth * np.array([1.0, 10.0, 10.0])[:, None, None]
    assert ribum.nias_slack(known.data, tenfold).min() >= -1e-9
    assert ribum.margin_at(known.data, tenfold) < -0.01, "only NIAC objects"
    printed("reconstruct-summary", "the bounds reach down to 0")
    printed("reconstruct-identified", "Even 0 fits at the stakes 2 and 1")


def test_rows_of_the_large_programme():
    printed("reconstruct-many", f"these are {100 * 99 * 10 * 10:,} rows")


def test_explorers_section():
    explorer = reconstruct.ratio_explorer()

    @cache
    def readouts(ratio, price, prior):
        return explorer.readouts(ratio=ratio, price=price, prior=prior)

    start = explorer.readouts(**explorer.start)
    assert start["bounds at six stakes"] == "0.341 to 0.722"
    assert start["max-margin, one stake and six"] == start["sparsest, one stake and six"] == "0.667, 0.667"
    dear = readouts(ratio=0.5, price=2.0, prior=0.6)
    assert dear["bounds at six stakes"] == "0.341 to 0.667"
    used = reconstruct.reader(0.5, (0.4, 0.6), 2.0, reconstruct.LONG).data.used.sum(axis=1)
    assert used.tolist() == [2, 2, 2, 2, 2, 1]
    used = reconstruct.reader(0.2, (0.4, 0.6), 1.0, reconstruct.LONG).data.used.sum(axis=1)
    assert used.tolist() == [2, 2, 2, 1, 1, 1]
    assert "no margin" in readouts(ratio=0.2, price=1.0, prior=0.6)["sparsest, one stake and six"]
    for ratio in (0.2, 0.5, 0.8, 1.25, 2.0):
        for rule in ("max-margin", "sparsest"):
            shown = readouts(ratio=ratio, price=1.0, prior=0.6)[f"{rule}, one stake and six"]
            assert shown.startswith("0.667")
    six = {}
    for rule in ("max-margin", "sparsest"):
        name = f"{rule}, one stake and six"
        shown = [readouts(ratio=d, price=1.0, prior=0.6)[name] for d in (0.5, 0.8, 1.25, 2.0)]
        six[rule] = ", ".join(text.split(", ")[1] for text in shown)
        assert readouts(ratio=0.5, price=1.0, prior=0.5)[name].startswith("1.000")
    printed(
        "reconstruct-explorers", f"max-margin says {six['max-margin']}, and the sparsest {six['sparsest']}."
    )
    for price in (0.5, 1.0, 2.0):
        assert readouts(ratio=0.2, price=price, prior=0.6)["bounds at six stakes"] == "0.010 to 0.667"
    printed("reconstruct-explorers", "At $\\delta=0.20$ the six stakes leave 0.010 to 0.667 at every price")
    printed("reconstruct-explorers", "from 0.341 to 0.722", "0.341 to 0.667", "both rules say 0.667")

    explorer = reconstruct.bounds_map()
    finite = [
        explorer.readouts(count=count, price=0.02, known="one utility")["states with finite bounds"]
        for count in range(1, 9)
    ]
    assert finite[2] != "4 of 4"
    assert finite[3:] == ["4 of 4"] * 5

    def row(count, known, stars):
        rows = [r for r in explorer.table(count=count, price=0.02, known=known) if r["stars"] == stars]
        return [r["text"].replace("−", "-") for r in rows]

    four, eight = row(4, "one utility", "1"), row(8, "one utility", "3")
    printed("reconstruct-explorers", f"between ${four[0]}$ and {four[2]}")
    printed("reconstruct-explorers", f"from ${eight[0]}$ to {eight[2]}, around the truth ${eight[1]}$")
    plain, rising = row(8, "one utility", "4"), row(8, "and rising with stars", "4")
    printed("reconstruct-explorers", f"from $[{plain[0]},{plain[2]}]$ to $[{rising[0]},{rising[2]}]$")
    one = explorer.readouts(count=1, price=0.02, known="and rising with stars")
    assert one["states with finite bounds"] == "4 of 4"
    zero = 0
    for setting in explorer.grid():
        if explorer.readouts(**setting)["largest margin"] == "0.0000":
            zero += 1
            tables = reconstruct.stars_reader(setting["price"], int(setting["count"])).data.choice
            assert any(np.array_equal(*pair) for pair in itertools.combinations(tables, 2))
    assert zero > explorer.settings / 2


def test_as_many_reviews_with_other_cut_offs_leave_a_margin():
    known = reconstruct.stars_reader(0.01)
    pair = ChoiceData(known.data.priors[[0, 6]], known.data.choice[[0, 6]])
    assert ribum.max_margin(pair, common()).margin > 0.05


def test_the_corners_of_all_bounds_do_not_fit():
    known = reconstruct.stars_reader(0.02)
    bounds = ribum.utility_bounds(known.data, (0, 4, 1, 0), common())
    for corner in (bounds.lower[0], bounds.upper[0]):
        assert ribum.nias_slack(known.data, corner).min() < -0.4
    printed("reconstruct-identified", "putting all gains at their upper ends breaks NIAS")


@pytest.mark.parametrize("restriction", [common(), monotone()])
def test_the_truth_of_the_stars_lies_inside(restriction):
    for price, count in itertools.product((0.01, 0.03), (2, 5, 8)):
        known = reconstruct.stars_reader(price, count)
        bounds = ribum.utility_bounds(known.data, (0, 4, 1, 0), restriction)
        assert bounds.contains(np.broadcast_to(known.truth, known.data.choice.shape))


@pytest.mark.parametrize("name", ["ratio_explorer", "bounds_map"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(reconstruct, name)(), every=13)


def test_equal_priors_are_needed():
    data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [1, 0]]])
    stakes = np.array([2.0, 1.0])[:, None, None]
    values = ribum.own_values(data, np.eye(2))
    assert values == pytest.approx([0.75, 0.9])
    assert ribum.test(data, stakes * np.eye(2)).rational
    weights = ribum.niac_weights(data, stakes * np.eye(2))
    assert weights[1, 0] == pytest.approx(0)
    assert weights[0, 1] == pytest.approx(0.25 * 2)
    printed("reconstruct-assumptions", "the cycle sums to $\\tfrac14s_0>0$")


def test_exercise_levels():
    rng = np.random.default_rng(4)
    data = ChoiceData([0.3, 0.3, 0.4], rng.dirichlet(np.ones(3), (2, 3)))
    utility = rng.normal(size=(2, 3, 3))
    rising = utility + (np.ptp(utility) + 1) * np.arange(3)[None, :, None]
    assert (np.diff(rising, axis=1) > 0).all()
    assert ribum.margin_at(data, rising) == pytest.approx(ribum.margin_at(data, utility))


def test_exercise_margin():
    data = ChoiceData([0.4, 0.6], [[[0.9, 0.1], [0.1, 0.9]]])
    found = ribum.max_margin(data, "common")
    assert found.margin == pytest.approx(float(F(8, 25)))
    assert reconstruct.ratio_of(found.utility[0]) == pytest.approx(2 / 3)
    bounds = ribum.utility_bounds(data, (0, 0, 0, 1), "common")
    assert bounds.lower[0, 1, 1] == pytest.approx(2 / 27)
    assert bounds.upper[0, 1, 1] == pytest.approx(6)
    printed("reconstruct-exercises", "\\tfrac8{25}=.32", "\\tfrac2{27}\\le\\delta\\le6")


def test_exercise_stretch():
    data = tracker((0.55, 0.65, 0.75, 0.85))
    for factors in itertools.product((0.4, 0.5, 0.9, 1.0, 1.7, 2.5), repeat=3):
        stakes = np.array([1.0, 2.0, 4.0, 8.0]) * np.array([1.0, *factors])
        rational = ribum.test(data, stakes[:, None, None] * np.eye(2)).rational
        assert rational == bool((np.diff(stakes) >= 0).all())


def test_exercise_bisection():
    g = 3.0
    for delta in (0.7, 1.3, 9.1, 40.0, 0.002):
        scan = [w for k in range(9) for w in (g**k, g**-k) if w / g < delta < w * g]
        assert scan, "one of the odds 1, g, 1/g, ... makes the agent use both actions"
        low, high = scan[0] / g, scan[0] * g
        for _ in range(30):
            t = np.sqrt(low * high)
            if delta < t:
                assert t / g**2 < delta < t, "both actions at the odds t / g"
                high = t
            else:
                assert t < delta < t * g**2, "both actions at the odds t g"
                low = t
        assert high == pytest.approx(low, rel=1e-6)


def test_exercise_causes():
    data = tracker((0.6, 0.9))
    found = ribum.max_margin(data, common([0.5, 1.0]))
    assert found.margin == pytest.approx(1 / 20)
    assert "\\tfrac1{20}$ at $t=1$" in passage("reconstruct-exercises")


def test_shannon_readers_are_what_they_say():
    known = reconstruct.reader()
    direct = shannon(reconstruct.PRIOR, 4 * np.diag([1.0, 0.5]), 1.0).choice
    np.testing.assert_allclose(known.data.choice[1], direct)
    printed("reconstruct-story", "Shannon's ({doc}`attention`), 1 for each nat")


ODDS = """
def odds_bounds(prior, choice):
    prior, choice = np.asarray(prior), np.asarray(choice)
    odds = prior[0] / prior[1] * choice[:, 0] / choice[:, 1]
    return odds[:, 1].max(), odds[:, 0].min()
"""

JOINT = """
def odds_bounds(prior, choice):
    joint = prior[:, None] * choice
    odds = joint[:, 0] / joint[:, 1]
    return odds[:, 1].max(), odds[:, 0].min()
"""

SYMMETRIC = """
def odds_bounds(prior, choice):
    right, odds = choice[:, 0, 0], prior[0] / prior[1]
    return (odds * (1 - right) / right).max(), (odds * right / (1 - right)).min()
"""


class TestExercises(exercises.Exercises):
    slug = "reconstruct"
    before = ("imports", "library-bounds", ("theorem-stakes-check", "counts ="))
    right = (
        ("odds", ODDS),
        ("odds", JOINT),
        ("stretch", "factor = 5 / 3"),
        ("stretch", "factor = 1.6667"),
        ("design", "my_priors = [o / (1 + o) for o in (0.7 / 2.9, 0.7 * 2.9)]"),
    )
    wrong = (
        ("odds", ODDS.replace(".max()", ".min()"), "the lower end"),
        ("odds", ODDS.replace(", odds[:, 0].min()", ", odds[:, 0].max()"), "the upper end"),
        *[
            ("odds", ODDS.replace("odds[:, 1].max(), odds[:, 0].min()", f"odds[{m}, 1], odds[{m}, 0]"), "end")
            for m in range(3)
        ],
        ("odds", SYMMETRIC, "end"),
        ("stretch", "factor = 2", "do not fit"),
        ("stretch", "factor = 1.667", "do not fit"),
        ("stretch", "factor = 1.66", "a larger factor"),
        ("stretch", "factor = 1.2", "a larger factor"),
        ("design", "my_priors = [0.5] * 7", "one to six"),
        ("design", "my_priors = [0.4, 0.5]", "not yet"),
        ("design", "my_priors = [0.4, 1.5]", "probabilities"),
    )


@pytest.mark.site
def test_explorers_in_the_browser():
    made = [reconstruct.ratio_explorer(), reconstruct.bounds_map()]
    browser.check_page("book/reconstruct", made)
    browser.check_page("notebooks/reconstruct", made)
