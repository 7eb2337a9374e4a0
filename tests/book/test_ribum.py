"""The chapter on RIBUM: every number that its prose prints, its theorems, its exercises, its explorers."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from scipy.optimize import linprog

from llma import ribum
from llma.attention import shannon
from llma.explorers import ribum as chapter
from llma.ribum.cycles import cycle_means
from tests.book import browser, exercises
from tests.book.passages import cell, passage, printed
from tests.ribum.oracle import HALF, exact_value

NUMPY = np.random.default_rng


def test_the_story():
    first, stakes = chapter.tracker((0.60, 0.75, 0.90))
    second, _ = chapter.tracker((0.60, 0.90, 0.75))
    assert ribum.test(first, stakes).rational
    result = ribum.test(second, stakes)
    assert result.cycle.environments == (1, 2)
    lower, upper = ribum.cost_bounds(ribum.niac_weights(first, stakes))
    printed(
        "ribum-story",
        "ribum.story_table((0.60, 0.75, 0.90))",
        "ribum.story_table((0.60, 0.90, 0.75))",
        f"task 1 loses {result.cycle.weights[0]:.2f} and task 2 gains {-result.cycle.weights[1]:.2f}",
        f"costs between {lower[1, 0]:.2f} and {upper[1, 0]:.2f} more",
    )
    printed(
        "ribum-stakes",
        f"$c_1-c_0$ is between {lower[1, 0]:.2f} and {upper[1, 0]:.2f}",
        f"$c_2-c_1$ between {lower[2, 1]:.2f} and {upper[2, 1]:.2f}",
        f"$c_2-c_0$ between {lower[2, 0]:.2f} and {upper[2, 0]:.2f}",
        f"sums to $2\\cdot(-.15)={result.cycle.total:.2f}$",
    )
    low, high = ribum.cost_levels(first, stakes)
    printed(
        "ribum-bounds",
        f"$c_0$ between {low[0]:.0f} and {high[0]:.2f}",
        f"$c_1$ between {low[1]:.2f} and {high[1]:.2f}",
        f"$c_2$ between {low[2]:.2f} and {high[2]:.2f}",
    )
    assert result.margin == pytest.approx(result.cycle.total / 2)
    printed("ribum-conditions", f"$-{-result.cycle.total:.2f}/2$")
    printed("ribum-capacity", f"the story has {ribum.test(first, stakes).margin:.3f}")
    weights = ribum.niac_weights(first, stakes)
    assert weights[1, 2] < 0
    assert ribum.price_interval(first, stakes, (0, 5, 5)).empty
    printed("ribum-bounds", "$q=(0,5,5)$: $w_{12}=" + f"{weights[1, 2]:.2f}$")
    envy = ribum.nis(first, stakes).certificate
    assert (envy.environment, envy.envied) == (0, 2)
    printed("ribum-capacity", f"would gain {-envy.slack:.2f} with the attention of environment 2")


def test_the_cycle_of_three():
    choice, utility = chapter.THREE_CHOICE, chapter.THREE_UTILITY
    prior = [HALF, HALF]
    table = [[exact_value(prior, p, r) for p in choice] for r in utility]
    assert table == [[1, 1, 1], [1, F(20, 13), HALF], [HALF, F(37, 26), HALF]]
    # One entry by hand: the attention of 1, used in 2.
    after_0 = [HALF * utility[2][0][v] + F(5, 26) * utility[2][1][v] for v in range(3)]
    after_2 = [F(8, 26) * utility[2][1][v] for v in range(3)]
    assert after_0 == [F(29, 26), F(-34, 26), F(-10, 26)]
    assert max(after_2) == F(8, 26)
    w = [[table[m][m] - table[m][k] for k in range(3)] for m in range(3)]
    pairs = [w[m][k] + w[k][m] for m, k in ((0, 1), (0, 2), (1, 2))]
    assert pairs == [F(7, 13), 0, F(3, 26)]
    assert w[0][2] + w[2][1] + w[1][0] == F(-5, 13)
    data, r = chapter.three_cycle()
    assert ribum.nias_slack(data, r).min() >= 0
    text = passage("ribum-three")
    for number in ("\\tfrac{29}{26}", "-\\tfrac{34}{26}", "\\tfrac8{26}", "K_{21}=\\tfrac{37}{26}"):
        assert number in text
    for line in ("-1&1&1\\\\-3&0&1", "2&-1&-3\\\\-2&2&3", "3&-3&0\\\\-2&1&-2"):
        assert line in text
    for line in ("0&\\tfrac13&\\tfrac23\\\\0&0&1", "1&0&0\\\\\\tfrac5{13}&0&\\tfrac8{13}", "1&0&0\\\\1&0&0"):
        assert line in text
    printed("ribum-three", "1&1&1\\\\1&\\tfrac{20}{13}&\\tfrac12\\\\\\tfrac12&\\tfrac{37}{26}&\\tfrac12")
    printed("ribum-three", "=0+\\tfrac7{13}=\\tfrac7{13}", "\\tfrac{27}{26}-\\tfrac{24}{26}=\\tfrac3{26}")
    printed("ribum-three", "=0-\\tfrac{12}{13}+\\tfrac7{13}=-\\tfrac5{13}")


@pytest.mark.parametrize("seed", range(20))
def test_one_utility_several_stakes(seed):
    """Unequal common priors, three states and actions: what the proposition allows beyond the story."""
    rng = NUMPY(seed)
    prior, rho = rng.dirichlet(np.ones(3)), rng.normal(size=(3, 3))
    stakes = rng.uniform(0.5, 4, 4)
    kernels = rng.dirichlet(np.full(4, 0.5), (4, 3))
    reply = np.einsum("x,mxy,xv->myv", prior, kernels, rho).argmax(axis=2)
    data = ribum.ChoiceData(prior, kernels @ np.eye(3)[reply])
    utility = stakes[:, None, None] * rho
    attained = ribum.own_values(data, utility) / stakes
    weights = ribum.niac_weights(data, utility)
    np.testing.assert_allclose(weights, stakes[:, None] * (attained[:, None] - attained), atol=1e-12)
    product = np.subtract.outer(stakes, stakes) * np.subtract.outer(attained, attained)
    assert ribum.test(data, utility).rational == bool((product >= -1e-12).all())
    order = np.argsort(stakes)
    ordered = ribum.ChoiceData(prior, data.choice[np.argsort(attained)])
    s, a = stakes[order], np.sort(attained)
    lower, upper = ribum.cost_bounds(ribum.niac_weights(ordered, s[:, None, None] * rho))
    for m, k in itertools.combinations(range(3, -1, -1), 2):
        step = np.diff(a)[k:m]
        assert lower[m, k] == pytest.approx(s[k:m] @ step)
        assert upper[m, k] == pytest.approx(s[k + 1 : m + 1] @ step)


def test_a_rational_agent_convicted():
    data, utility = chapter.two_priors(0.9, 0.5, cost=0.5)
    naive = chapter.naive_values(data, utility)
    np.testing.assert_allclose(naive, [[0.5, 0.9], [0.25, 0.45]])
    printed("ribum-priors", "$.5$ and $.9$ in environment 0, $.25$ and $.45$ in environment 1")
    printed("ribum-priors", "$(.5-.9)+(.45-.25)=-0.2$")
    assert ribum.test(data, utility).rational
    np.testing.assert_allclose(ribum.niac_weights(data, utility), 0)
    printed("ribum-priors", "$(\\max(q,.9)-.5)(s-1)>0$", "never if $q=.5$")
    reading = set()
    for prior, stake in itertools.product((0.5, 0.55, 0.7, 0.95), (0.3, 0.9, 1.0, 1.5, 2.0, 3.0)):
        data, utility = chapter.two_priors(prior, stake, cost=0.5)
        naive = chapter.naive_values(data, utility)
        cycle = naive[0, 0] - naive[0, 1] + naive[1, 1] - naive[1, 0]
        reads = data.choice[1, 1, 1] > 0
        assert stake > 1 or not reads
        reading.add(bool(reads))
        known = max(prior, 0.9) if reads else prior
        assert cycle == pytest.approx((known - 0.5) * (stake - 1))
    assert reading == {False, True}


def test_an_expected_bill_is_no_cost_of_kernels():
    """The whole text costs 0 in state 0 and 1 in state 1; the reader does what pays, and is convicted."""
    priors, stakes = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([1.5, 3.0])
    net, blind = stakes - priors[:, 1], stakes * priors.max(axis=1)
    np.testing.assert_array_equal(net > blind, [True, False])
    choice = [np.eye(2), [[0, 1], [0, 1]]]
    result = ribum.test(ribum.ChoiceData(priors, choice), stakes[:, None, None] * np.eye(2))
    printed("ribum-priors", f"since $1.5-.1>{blind[0]:.2f}$", f"since $3-.9<{blind[1]:.1f}$")
    one, other = result.cycle.weights
    printed("ribum-priors", f"={one:.2f}-{-other:.2f}={result.cycle.total:.2f}$".replace("0.", ".", 2))


def test_the_explorer_of_priors():
    explorer = chapter.priors()
    never = [explorer.readouts(prior=q, cost=0.5)["at stakes"] for q in explorer.sliders[0].values if q > 0.5]
    assert set(never) == {"0.05 to 0.95"}
    assert explorer.readouts(prior=0.5, cost=0.5)["at stakes"] == "none"
    assert explorer.readouts(prior=0.9, cost=0.3)["at stakes"] == "none"
    at_80 = explorer.readouts(prior=0.8, cost=0.3)
    assert at_80["environment 0 reads"] == "yes"
    assert float(at_80["at stakes"].split()[0]) > 1
    count = at_80["convicted by carried posteriors"]
    printed("ribum-priors", f"there are {count.replace(' of ', ' convictions in ')}")
    for setting in explorer.grid():
        rows = explorer.table(**setting)
        assert min(row["cycle"] for row in rows if row["matrix"] == "kernels kept") > -1e-9


def separable_margin(data, utility):
    """The largest slack that all rows of Proposition UPS can have at once, at most 1."""
    n, x = data.n_environments, data.n_states
    rows, limits = [], []
    for m, k in itertools.permutations(range(n), 2):
        for u in np.flatnonzero(data.used[m]):
            eta = data.posteriors[m, u]
            row = np.zeros((n, x))
            row[m], row[k] = eta, -eta
            rows.append([*row.ravel(), 1])
            limits.append((eta @ utility[m]).max() - (eta @ utility[k]).max())
    goal = [0] * (n * x) + [-1]
    solved = linprog(goal, rows, limits, bounds=[(None, None)] * (n * x) + [(None, 1)])
    assert solved.status == 0
    return -solved.fun


def test_separable_costs_across_priors():
    data, utility = chapter.ups_example()
    np.testing.assert_allclose(np.sort(data.posteriors[:, :, 0]), [[0.4, 0.6], [0.1, 0.9]])
    np.testing.assert_allclose(data.priors, [[0.5, 0.5], [0.6, 0.4]])
    assert separable_margin(data, utility) < -0.1
    assert ribum.test(data, utility, cost="posterior").rational
    kernel = ribum.test(data, utility)
    assert not kernel.rational
    printed("ribum-ups", "asks for $.6\\ge.9$", f"sums to ${kernel.cycle.total:.3f}$")
    sides = []
    for m in (0, 1):
        eta = data.posteriors[m]
        gap = (eta @ utility[0]).max(axis=1) - (eta @ utility[1]).max(axis=1)
        sides.append(gap.mean())  # equal weights: both pairs have the mean one half
    np.testing.assert_allclose(sides, [0.6, 0.9])


def test_separable_and_kernel_tests_are_not_nested():
    tables = [np.eye(2), 2 * np.eye(2)]
    fixed = ribum.ChoiceData([[0.5, 0.5], [0.6, 0.4]], [[[0.6, 0.4], [0.4, 0.6]]] * 2)
    assert ribum.test(fixed, tables).rational
    assert ribum.nis(fixed, tables).rational
    assert not ribum.ups(fixed, tables).rational
    assert separable_margin(fixed, np.array(tables)) < -0.01
    priors, stakes = [[0.01, 0.99], [0.3, 0.7]], np.array([6.0, 1.0])
    tables = stakes[:, None, None] * np.eye(2)
    plans = [shannon(prior, table, 0.5) for prior, table in zip(priors, tables, strict=True)]
    data = ribum.ChoiceData(priors, [plan.choice for plan in plans])
    assert ribum.ups(data, tables).rational
    assert separable_margin(data, tables) > -1e-6
    one, other = (cycle := ribum.test(data, tables).cycle).weights
    printed("ribum-ups", f"is ${one:.3f}-{-other:.3f}={cycle.total:.3f}$".replace("0.", ".", 2))


@pytest.mark.parametrize("seed", range(15))
def test_separable_agents_pass(seed):
    """Agents with the quadratic H and different priors, on a fine grid of posteriors, satisfy the rows."""
    rng = NUMPY(seed)
    grid = np.linspace(0, 1, 401)
    eta = np.column_stack([grid, 1 - grid])
    h = rng.uniform(0.5, 3) * (eta**2).sum(axis=1)
    priors, choice, tables = [], [], []
    for _ in range(3):
        q, r = rng.uniform(0.1, 0.9), rng.normal(size=(2, 2))
        net = (eta @ r).max(axis=1) - h
        # The best law of posteriors with mean q, by a linear programme.
        law = linprog(-net, A_eq=[grid, np.ones(401)], b_eq=[q, 1], bounds=(0, 1)).x
        law = np.maximum(law, 0) / np.maximum(law, 0).sum()
        seen = law > 1e-12
        prior = law @ eta
        kernel = (law[:, None] * eta / prior)[seen].T  # (X, signals)
        best = (eta[seen] @ r).argmax(axis=1)
        table = kernel @ np.eye(2)[best]
        priors.append(prior)
        choice.append(table / table.sum(axis=1, keepdims=True))
        tables.append(r)
    data = ribum.ChoiceData(priors, choice)
    assert ribum.test(data, tables, cost="posterior").switch is None
    assert separable_margin(data, np.array(tables)) > -1e-6


BEFORE = (
    "imports",
    "library-test",
    ("theorem-sufficiency", "beats ="),
    ("theorem-necessity", "\nrng ="),
    "search-run",
)


@pytest.fixture
def notebook():
    return exercises.workspace("ribum", *BEFORE)


def test_the_notebook_finds_the_same_gain(notebook):
    assert "would gain 0.300" in exercises.run("ribum", "ups-program", notebook)
    weights = ribum.niac_weights(notebook["found"], notebook["found_utility"])
    for number in weights.ravel():
        if number:
            assert f"{number:.5f}".rstrip("0") in cell("ribum", "exercise-three-check")


def test_fixed_readers():
    data, utility = chapter.tracker((0.8,) * 4, (1, 2, 4, 8))
    result = ribum.test(data, utility)
    assert result.rational
    assert abs(result.margin) < 1e-12
    np.testing.assert_allclose(result.weights, 0, atol=1e-12)
    assert ribum.nis(data, utility).rational


def test_the_explorer_of_cycles():
    explorer = chapter.cycles()

    def certificate(second, first=1.0):
        return explorer.readouts(first=first, second=second)["certificate"]

    stops = explorer.sliders[1].values
    assert [certificate(s) for s in stops if s <= 0.5] == ["none"] * 3
    assert {certificate(s) for s in stops if 0.625 <= s <= 1.125} == {"0→2→1→0"}
    assert {certificate(s) for s in stops if s >= 1.25} == {"1→2→1"}
    printed("ribum-explorers", "rational up to $s_2=0.5$; from 0.625 to 1.125", "from 1.25 on a pair does")
    grown = next(s for s in explorer.sliders[0].values if certificate(1.0, first=s) == "none")
    paired = next(s for s in stops if certificate(s) == "1→2→1")
    printed("ribum-explorers", f"from {grown:.3f} on the agent is rational", f"fails, from {paired:.3f} on")
    lowest = min(row["sum"] for setting in explorer.grid() for row in explorer.table(**setting))
    assert lowest > -3
    for setting in explorer.grid():
        sums = [row["sum"] for row in explorer.table(**setting)]
        first, second = setting["first"], setting["second"]
        assert sums[4] == pytest.approx(7 / 13 * first - 12 / 13 * second, abs=1e-9)
        assert sums[2] == pytest.approx(27 / 26 * first - 24 / 26 * second, abs=1e-9)
        assert sums[3] >= 0


def test_the_explorer_of_bounds():
    explorer = chapter.bounds()
    for setting in explorer.grid():
        assert explorer.readouts(**setting)["true costs inside"] == "yes"
    interval = {
        n: explorer.readouts(environments=n, law="by token")["its interval"].split(" to ")
        for n in (4, 6, 7, 25)
    }
    true = explorer.readouts(environments=4, law="by token")["true cost of the most read"]
    printed(
        "ribum-explorers",
        "from {} to {}, when {} is true".format(*interval[4], true),
        "from {} to {}, with 25 from {} to {}".format(*interval[7], *interval[25]),
    )
    printed("ribum-explorers", "With six the ratio is still 2.30")
    for n, ratio in ((4, 4), (6, 2.3), (7, 2)):
        low, high = map(float, interval[n])
        assert high / low == pytest.approx(ratio, abs=0.01)
    assert chapter.paying_reader(4, "by token")[2].max() == 37
    straight = {law: [] for law in chapter.LAWS}
    for n, law in itertools.product(chapter.GRIDS, chapter.LAWS):
        data, utility, tokens = chapter.paying_reader(n, law)
        low, high = (ends[tokens > 0] / tokens[tokens > 0] for ends in ribum.cost_levels(data, utility))
        if low.max() <= high.min():  # some price a token lies in all intervals
            straight[law].append(n)
        assert law != "fee" or tokens[tokens > 0].min() > 10
    assert straight["by token"] == list(chapter.GRIDS)
    assert max(straight["fee"]) == 7
    assert max(straight["rising"]) == 4


def test_time_is_money():
    glance, study = 0.6, 0.9
    printed("ribum-assumptions", "$.7\\cdot.9=.63>.6$", "$11.2>.7\\cdot11.8=8.26$", "$(2-1)(.6-.9)=-.3$")
    assert 0.7 * study > glance
    assert 10 + 2 * glance == pytest.approx(11.2)
    assert 0.7 * (10 + 2 * study) == pytest.approx(8.26)
    data, utility = chapter.tracker((study, glance), (1, 2))
    result = ribum.test(data, utility + np.array([0, 10])[:, None, None])
    assert result.cycle.total == pytest.approx(-0.3)


def test_what_the_test_cannot_see():
    """Base-rate neglect with a symmetric text of accuracy .9 at the prior (.65, .35), at three stakes."""
    data, utility = chapter.tracker((0.9, 0.9, 0.9), (1, 2, 4), prior=0.65)
    assert ribum.test(data, utility).rational
    assert ribum.test(*chapter.tracker((0.75,), (1,))).rational
    loses = ribum.test(*chapter.tracker((0.9, 0.75), (1, 2)))
    assert loses.cycle.total == pytest.approx(-0.15)
    printed("ribum-assumptions", "$(2-1)(.75-.9)=-.15$")


def test_exercise_exchange():
    s, a = np.array([1, 2, 3, 4]), np.array([0.70, 0.85, 0.60, 0.90])
    pairs = {(m, k): (s[m] - s[k]) * (a[m] - a[k]) for m, k in itertools.combinations(range(4), 2)}
    assert min(pairs, key=pairs.get) == (1, 2)
    assert pairs[1, 2] == pytest.approx(-0.25)
    assert pairs[0, 2] == pytest.approx(-0.20)
    assert sorted(pairs.values())[2] > 0
    weights = ribum.niac_weights(*chapter.tracker(a, s))
    assert weights[0, 2] + weights[2, 1] + weights[1, 0] == pytest.approx(-0.35)
    printed("ribum-exercises", "$(2-3)(.85-.60)=-.25$", "has $-.20$", "It gains $.35$")
    printed("ribum-exercises", "=4.55$ in the place of $.70+1.70+1.80=4.20$")


def test_exercise_uneven():
    for a in (0.5, 0.75, 0.79, 0.8, 0.9):
        data = ribum.ChoiceData([0.8, 0.2], [[[a, 1 - a], [1 - a, a]]])
        slack = ribum.nias_slack(data, np.eye(2))[0]
        assert slack[1, 0] == pytest.approx(a - 0.8)
        assert slack[0, 1] == pytest.approx(a - 0.2)
        assert ribum.test(data, np.eye(2)).rational == (a >= 0.8)
    printed("ribum-exercises", "gains $.05$", "$.2a-.8(1-a)=a-.8$", "$.8a-.2(1-a)=a-.2$")


def test_exercise_microscope():
    widths = []
    for stakes, accuracies in (((4, 8), (0.7, 0.8)), ((4, 6, 8), (0.7, 0.75, 0.8))):
        lower, upper = ribum.cost_bounds(ribum.niac_weights(*chapter.tracker(accuracies, stakes)))
        widths.append(upper[-1, 0] - lower[-1, 0])
    np.testing.assert_allclose(widths, [4 * 0.1, 2 * 0.1])


@pytest.mark.parametrize("name", ["cycles", "priors", "bounds"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(chapter, name)(), every=7)


BY_HAND = """
wrong = my_values
def my_values(priors, choice, utility):
    if len(priors) == 2:
        return np.array([[0.8, 0.7], [1.72, 1.6]])
    return wrong(priors, choice, utility)
"""
"""Makes a wrong answer right on the example that the check works by hand, so that its properties decide."""

MATRIX = """
def my_values(priors, choice, utility):
    worth = np.einsum("mx,kxu,mxv->mkuv", priors, choice, utility)
    return worth.max(axis=3).sum(axis=2)
"""
MATRIX_STATE_KNOWN = """
def my_values(priors, choice, utility):
    worth = np.einsum("mx,kxu,mxv->mkuxv", priors, choice, utility)
    return worth.max(axis=-1).sum(axis=(-1, -2))
"""
MATRIX_FULL = """
def my_values(priors, choice, utility):
    full = (priors * utility.max(axis=2)).sum(axis=1)
    return np.repeat(full[:, None], len(full), axis=1)
"""
THREE = """
rng = np.random.default_rng(11)
utility = rng.integers(-3, 4, (20000, 3, 2, 3))
kernels = rng.dirichlet(np.full(3, 0.4), (20000, 3, 2))
worth = np.einsum("amxy,amxv->amyv", kernels, utility)
choice = kernels @ np.eye(3)[worth.argmax(axis=-1)]
K = conditions.value_matrix(np.full((3, 2), 0.5), choice, utility.astype(float))
w = np.diagonal(K, axis1=1, axis2=2)[..., None] - K
pairs = np.min([w[:, m, k] + w[:, k, m] for m, k in ((0, 1), (0, 2), (1, 2))], axis=0)
three = np.minimum(w[:, 0, 1] + w[:, 1, 2] + w[:, 2, 0], w[:, 0, 2] + w[:, 2, 1] + w[:, 1, 0])
first = int(np.argmax((pairs >= 0) & (three < -0.1)))
my_choice, my_utility = choice[first], utility[first]
"""


class TestExercises(exercises.Exercises):
    slug = "ribum"
    before = BEFORE
    right = (
        ("matrix", MATRIX),
        ("naive", "q, s, c = 0.8, 2.9, 0.3"),
        ("three", THREE),
        (
            "three",
            "my_choice, my_utility = chapter.three_cycle()[0].choice, np.array(chapter.THREE_UTILITY)\n"
            "my_utility[1, 0, 2] += 1",
        ),
        ("microscope", "my_stakes = np.geomspace(0.42, 16, 8)"),
    )
    wrong = (
        ("matrix", MATRIX.replace("max(axis=3)", "mean(axis=3)"), r"K\[0, 0\]: .* by hand 0.8"),
        ("matrix", MATRIX.replace("sum(axis=2)", "sum(axis=2).T"), r"K\[0, 1\]: 1.720, by hand 0.7"),
        ("matrix", MATRIX.replace("max(axis=3)", "mean(axis=3)") + BY_HAND, "best replies"),
        (
            "matrix",
            MATRIX.replace("sum(axis=2)", "sum(axis=2).T") + BY_HAND,
            "hurt|changes rows|column k|gain|than all",
        ),
        ("matrix", MATRIX.replace('"mx,', '"kx,') + BY_HAND, "hurt|changes rows|column k|than all"),
        ("matrix", MATRIX_STATE_KNOWN + BY_HAND, "say nothing"),
        ("matrix", MATRIX_FULL + BY_HAND, "say nothing"),
        ("naive", "q, s, c = 0.9, 0.5, 0.5", "larger than 1"),
        ("naive", "q, s, c = 0.9, 2.0, 0.5", "does not read"),
        ("naive", "q, s, c = 0.8, 1.1, 0.3", "not convicted enough"),
        ("three", "my_choice, my_utility = chapter.three_cycle()[0].choice, chapter.THREE_UTILITY", "page"),
        (
            "three",
            "my_choice = chapter.three_cycle()[0].choice[[1, 2, 0]]\n"
            "my_utility = np.array(chapter.THREE_UTILITY)[[1, 2, 0]]",
            "theory page",
        ),
        (
            "three",
            "my_choice, my_utility = chapter.three_cycle()[0].choice, np.array(chapter.THREE_UTILITY)\n"
            "my_utility[0, 0, 0] = -2",
            "theory page",
        ),
        ("three", "my_choice, my_utility = found.choice, found_utility", "the search"),
        ("three", "my_choice = found.choice[:, :, ::-1]; my_utility = found_utility", "NIAS fails"),
        ("microscope", "my_stakes = np.geomspace(0.25, 16, 8)", "known to within 0.45"),
        ("microscope", "my_stakes = np.geomspace(0.25, 16, 9)", "at most eight"),
        ("microscope", "my_stakes = [1, 2]", "37 tokens"),
        ("microscope", "my_stakes = 16", "known to within"),
        ("microscope", "my_stakes = [1, 20]", "none above"),
    )


def test_the_notebook_speaks_of_the_data_it_uses():
    text = cell("ribum", "real")
    assert "4,000" in text
    assert "prior (0.65, 0.35)" in text
    source = cell("ribum", "real-reader")
    assert "[0.65, 0.35]" in source
    assert "price=0.02" in source
    leftover = ribum.cost_levels(*chapter.paying_reader(8, "by token")[:2])
    assert f"{leftover[1][-1] - leftover[0][-1]:.2f}" in cell("ribum", "exercise-microscope")


def test_cycles_of_three_are_rare_but_there(notebook):
    """The search of the notebook, whose verdicts do not depend on listing cycles."""
    assert 0 < notebook["only"].sum() < notebook["fail"].sum()
    assert (cycle_means(notebook["w"][notebook["only"]]) < 0).all()


@pytest.mark.site
def test_explorers_in_the_browser():
    cycles, priors, bounds = chapter.cycles(), chapter.priors(), chapter.bounds()
    browser.check_page("book/ribum", [priors, cycles, bounds])
    browser.check_page("notebooks/ribum", [cycles, priors, bounds])
