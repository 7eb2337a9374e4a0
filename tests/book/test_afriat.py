"""The chapter on Afriat's theorem: every number that its prose prints, its theorems, exercises, explorers."""

import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from scipy.optimize import linprog

from llma.afriat import BudgetData, bronars, ccei, construct, from_shares, garp, quasilinear, two_budgets
from llma.explorers import afriat
from tests.book import browser, exercises
from tests.book.passages import passage, printed


def test_the_story():
    assert afriat.OFFICE.costs.tolist() == [[5, 4], [4, 5]]
    assert afriat.OFFICE.prices.tolist() == [[1, 2], [2, 1]]
    assert afriat.OFFICE.bundles.tolist() == [[1, 2], [2, 1]]
    assert not garp(afriat.OFFICE).holds
    printed(
        "afriat-story",
        "Coffee costs 2, tea 1. The agent buys 2 coffee and 1 tea.",
        "spent 5 euros on basket 0. Basket 1 would have cost 4",
    )
    printed("afriat-model", "$a_{01}=a_{10}=-1$")
    assert afriat.OFFICE.gaps.tolist() == [[0, -1], [-1, 0]]


def test_the_ring():
    assert afriat.RING.prices.tolist() == [[2, 1, 3], [3, 2, 1], [1, 3, 2]]
    assert afriat.RING.spent.tolist() == [2, 2, 2]
    off = [afriat.RING.costs[t, s] for t, s in ((0, 1), (1, 2), (2, 0), (0, 2), (1, 0), (2, 1))]
    assert off == [1, 1, 1, 3, 3, 3]
    assert garp(afriat.RING).certificate.observations == (0, 1, 2)
    for rows in ([0, 1], [0, 2], [1, 2]):
        assert garp(BudgetData(afriat.RING.prices[rows], afriat.RING.bundles[rows])).holds
    printed(
        "afriat-garp",
        "Prices $(2,1,3)$: it buys good 0; good 1 would have cost 1.",
        "Prices $(3,2,1)$: it buys good 1; good 2 would have cost 1.",
        "Prices $(1,3,2)$: it buys good 2; good 0 would have cost 1.",
        "$0\\to1\\to2\\to0$",
    )


def test_the_construction_in_the_exercise():
    a = np.array([[0.0, -6.0], [2.0, 0.0]])
    u = construct(BudgetData([[6.0], [2.0]], [[2.0], [1.0]]))
    assert u.data.gaps.tolist() == a.tolist()
    assert u.levels.tolist() == [0, -6]
    assert u.slopes.tolist() == [1, 3]
    printed("afriat-exercises", "$a_{01}=-6$ and $a_{10}=2$", "$U_1=\\min\\{0,\\,0+1\\cdot(-6)\\}=-6$")


def test_slopes_of_proof_and_programme():
    lines = [line.split() for line in afriat.slopes_table().splitlines()[1:]]
    proof, programme = ([float(line[k]) for line in lines] for k in (1, 2))
    assert all(few < many for few, many in zip(programme, proof, strict=True))
    assert proof[-1] > 1e6
    assert max(programme) < 5
    data = afriat.diary(100)
    back = construct(BudgetData(data.prices[::-1], data.bundles[::-1]))

    def power_of_ten(number):
        digit, exponent = f"{number:.0e}".split("e")
        return f"${digit}\\cdot10^{{{int(exponent)}}}$".replace("$1\\cdot", "$")

    printed(
        "afriat-theorem-section",
        "The slopes of the proof are pushed up class after class",
        f"the largest slope is about {power_of_ten(back.slopes.max())} in the place of "
        f"{power_of_ten(construct(data).slopes.max())}",
    )


def exact_index(prices, bundles):
    n = len(prices)
    cost = [
        [sum(F(p) * F(x) for p, x in zip(prices[t], bundles[s], strict=True)) for s in range(n)]
        for t in range(n)
    ]
    cycles = (nodes for size in range(2, n + 1) for nodes in itertools.permutations(range(n), size))
    return min(
        [F(1)] + [max(cost[t][s] / cost[t][t] for t, s in zip(c, c[1:] + c[:1], strict=True)) for c in cycles]
    )


def test_examples_of_the_index():
    assert exact_index([(1, 2), (2, 1)], [(1, 2), (2, 1)]) == F(4, 5)
    assert exact_index([(1, 2), (2, 1)], [(1, 2), ("1.9", "1.1")]) == F(82, 100)
    second = BudgetData([[1, 2], [2, 1]], [[1, 2], [1.9, 1.1]])
    assert second.costs == pytest.approx(np.array([[5, 4.1], [4, 4.9]]))
    assert not ccei(second).attained
    assert ccei(afriat.OFFICE).attained
    third = BudgetData([[1, 1], [2, 1]], [[1, 1], [2, 0]])
    assert third.gaps.tolist() == [[0, 0], [-1, 0]]
    assert third.ratios[1, 0] == 0.75
    assert ccei(third).value == 1
    assert not garp(third).holds
    printed(
        "afriat-efficiency",
        "CCEI $=\\tfrac45$",
        f"The ratios are $.82$ and $.{round(1000 * 4 / 4.9)}$, so CCEI $=.82$",
        "It costs 4.1 at the prices of week 0, where 5 were spent, and 4.9 in week 1, where basket 0 costs 4",
        "$r_{01}=1$, $r_{10}=\\tfrac34$ and CCEI $=1$. But $a_{01}$ is zero and $a_{10}$ negative",
    )


def test_power_of_the_story():
    exact = two_budgets(afriat.OFFICE.prices, afriat.OFFICE.spent)
    assert exact == pytest.approx(1 / 9)
    many = bronars(*afriat.fan(6, 0.6), 200_000, np.random.default_rng(1)).rate()
    printed(
        "afriat-power",
        f"$\\tfrac19\\approx{exact:.3f}$",
        f"$1/(1-\\tfrac19)={1 / (1 - exact):.3f}$",
        "spaced from 0.2 to 0.8, income 1. The *spread* is the largest $s$ minus the smallest, here 0.60",
        f"With six budgets more draws give {many:.2f}",
        "5,000 random choosers",
    )
    assert afriat.fan(6, 0.6)[0][[0, -1], 0] == pytest.approx([0.2, 0.8])
    assert afriat.power_of(2, 0.6).efficiencies.size == 5_000


def test_power_explorer_what_you_should_have_seen():
    explorer = afriat.power()

    def seen(spread, growth):
        return explorer.readouts(n_budgets=6, spread=spread, growth=growth)

    start, grown, last = (seen(0.6, g)["power: violates GARP"] for g in (0, 0.4, 0.55))
    for growth in (g for g in afriat.GROWTHS if g >= 0.6):
        assert float(seen(0.6, growth)["power: violates GARP"]) == 0
    prices = afriat.fan(6, 0.6)[0]
    fastest = (prices[1:] / prices[:-1]).max()
    for growth, nested in ((fastest - 1 + 1e-6, True), (fastest - 1 - 1e-6, False)):
        unit = afriat.fan(6, 0.6, growth)[0] / afriat.fan(6, 0.6, growth)[1][:, None]
        pairs = list(itertools.combinations(range(6), 2))
        assert all((unit[large] < unit[small]).all() for small, large in pairs) == nested
    narrow = seen(0.1, 0)
    printed(
        "afriat-power",
        f"from {start} to {grown}, at 0.55 to {last}. From 0.60 on it is zero",
        f"by the factor {prices[1, 0]:.2f}/{prices[0, 0]:.2f} = {fastest:.1f}. If",
        f"power is larger, {narrow['power: violates GARP']}",
        f"has probability {narrow['index below 0.90']}, in the place of {seen(0.6, 0)['index below 0.90']}",
    )


def test_two_budgets_explorer_what_you_should_have_seen():
    explorer = afriat.two_budgets()

    def seen(second, ratio=2.0, first=0.2):
        return explorer.readouts(first=first, second=second, ratio=ratio)

    assert seen(0.8)["efficiency index (CCEI)"] == "0.800"
    assert seen(0.7)["GARP"] == "violated"
    assert seen(0.67)["GARP"] == "violated"
    assert seen(0.66)["GARP"] == "holds"
    # Through (5/3, 5/3): coffee costs 2 in week 1.
    assert F(5, 3) * 2 / 5 == F(2, 3)
    lowest = {
        ratio: min(ccei(afriat.two_weeks(a, b, ratio)).value for a in (0, 0.5, 1) for b in (0, 0.5, 1))
        for ratio in (1.25, 4.0)
    }
    for ratio, value in lowest.items():
        assert seen(1.0, ratio, first=0.0)["efficiency index (CCEI)"] == f"{value:.3f}"
    printed(
        "afriat-explorers",
        "Shares of 0.00 and 1.00 show both",
        f"index of {seen(0.7)['efficiency index (CCEI)']}, at 0.67 with "
        f"{seen(0.67)['efficiency index (CCEI)']}; at 0.66 there is none",
        "a share of $\\tfrac23$ for coffee in week 1",
        f"(power {seen(0.8, 1.25)['chance of a violation at random']} in the place of "
        f"{seen(0.8)['chance of a violation at random']})",
        f"cannot fall below {lowest[1.25]:.2f}",
        f"power {seen(0.8, 4.0)['chance of a violation at random']}, and an index down to {lowest[4.0]:.2f}",
    )


def test_nothing_left_over_has_no_sign():
    explorer = afriat.two_budgets()
    for setting in explorer.grid():
        assert "-0.000" not in explorer.readouts(**setting).values()


def test_a_basket_on_the_line_may_violate_garp_at_an_index_of_one():
    explorer = afriat.built_utility()
    edge = explorer.readouts(first=0.0, second=0.5, third=0.0)
    assert edge["GARP"] == "violated"
    printed(
        "afriat-theorem-section",
        f"as at 0.00, 0.50 and 0.00: the index then reads {edge['efficiency index, see below']}",
    )
    # With two goods a violation shows in a pair: one basket inside, the other inside or on the line.
    for setting in explorer.grid():
        data = afriat.three_weeks(*setting.values())
        inside, within = data.gaps < -1e-9, data.gaps <= 1e-9
        np.fill_diagonal(within, False)
        assert garp(data).holds == (not (inside & within.T).any())


def test_built_utility_explorer_what_you_should_have_seen():
    explorer = afriat.built_utility()
    bad = explorer.readouts(first=0.2, second=0.5, third=0.8)
    assert bad["GARP"] == "violated"
    chain = explorer.readouts(first=0.5, second=0.7, third=0.3)
    assert chain["GARP"] == "holds"
    levels = [float(v) for v in chain["utility of the baskets"].split(", ")]
    flat = explorer.readouts(first=0.8, second=0.5, third=0.2)
    assert flat["utility of the baskets"] == "0.00, 0.00, 0.00"
    assert flat["GARP"] == "holds"
    assert bad["utility per euro"] == bad["utility of the baskets"] == "no Afriat numbers"
    assert chain["curves that coincide"] == "weeks 1, 2"
    assert flat["curves that coincide"] == "weeks 0, 1, 2"
    printed(
        "afriat-theorem-section",
        f"is then {bad['efficiency index, see below']}",
        f"the levels differ by {levels[0] - levels[1]:.2f}",
        "Weeks 1 and 2 share a curve",
        "At 0.80, 0.50 and 0.20",
    )
    rows = explorer.table(first=0.8, second=0.5, third=0.2)
    prices, on_curves = afriat.TRIPLE, [(row["coffee"], row["tea"]) for row in rows[: 3 * 49]]
    assert (prices @ np.array(on_curves).T).min(axis=0) == pytest.approx(12)


@pytest.mark.parametrize("shares", [(0.5, 0.7, 0.3), (0.6, 0.6, 0.6), (0.9, 0.4, 0.1), (0.2, 0.5, 0.8)])
def test_indifference_curves_do_not_enter_the_budget(shares):
    data = afriat.three_weeks(*shares)
    index = ccei(data)
    e = index.value if index.attained else index.value - 0.005
    u = construct(data, e)
    coffee = np.linspace(0, 12, 200)
    for t in range(3):
        level = float(u(data.bundles[t]))
        tea = afriat.indifference(u, level, coffee)
        positive = tea >= 0
        on_curve = np.column_stack([coffee, tea])[positive]
        assert u(on_curve) == pytest.approx(level, abs=1e-7)
        assert (on_curve @ data.prices[t] >= e * 12 - 1e-9).all()


def test_assumptions():
    face = BudgetData([[1, 1, 2], [1, 2, 1]], [[0, 1, 2], [0, 2, 1]])
    assert face.costs.tolist() == [[5, 4], [4, 5]]
    rng = np.random.default_rng(0)
    for utility, t in (
        (lambda z: np.minimum(2 * z[:, 0], z[:, 1]), 0),
        (lambda z: np.minimum(z[:, 0], 2 * z[:, 1]), 1),
    ):
        z = rng.dirichlet(np.ones(2), 5000) * 5 / afriat.OFFICE.prices[t]
        assert utility(z).max() <= utility(afriat.OFFICE.bundles[[t]])[0] + 1e-12
    assert 2 * 1.1**2 == pytest.approx(2.42)
    printed(
        "afriat-assumptions",
        "Prices $(1,1,2)$ and $(1,2,1)$, bundles $(0,1,2)$ and $(0,2,1)$",
        "5 was spent each time and the other bundle cost 4",
        "$u_0(z)=\\min(2z_0,z_1)$ in week 0 and $u_1(z)=\\min(z_0,2z_1)$",
        "with 4 against 2.42",
    )


def best_with_savings(prices, income):
    """Maximise the two concave pieces of v, each by a linear programme in (z_0, z_1, s, level)."""
    found = []
    for gain, rows in (
        (2, [[-2, 0, 0, 1], [0, -1, 0, 1], [0, 0, -1 / 50, 1]]),
        (1, [[-1, 0, 0, 1], [0, -2, 0, 1], [0, 0, 0, 1]]),
    ):
        done = linprog(
            [-1e-3, -1e-3, -1e-3, -gain],
            A_ub=[*rows, [*prices, 1, 0]],
            b_ub=[0, 0, 0 if gain == 2 else 3, income],
            bounds=[(0, None)] * 3 + [(None, None)],
        )
        assert done.status == 0
        found.append((-done.fun, done.x[:3]))
    found.sort(key=lambda pair: -pair[0])
    assert found[0][0] > found[1][0] + 0.5
    return found[0][1]


def test_savings_that_change_the_taste():
    rich, poor = best_with_savings([1, 2], 105), best_with_savings([2, 1], 5)
    assert rich == pytest.approx([1, 2, 100])
    assert poor == pytest.approx([2, 1, 0])
    assert afriat.OFFICE.bundles == pytest.approx(np.array([rich[:2], poor[:2]]))
    assert not garp(afriat.OFFICE).holds
    # With the money left over as a third good of price 1 there is nothing to blame.
    assert garp(BudgetData([[1, 2, 1], [2, 1, 1]], [rich, poor])).holds
    printed(
        "afriat-assumptions",
        "2\\min(2z_0,z_1,\\tfrac s{50})",
        "\\min(z_0,2z_1,3)",
        "With 105 euros at prices $(1,2)$ the best is $(1,2)$, with 100 left over",
        "with 5 euros at prices $(2,1)$ it is $(2,1)$, with nothing left over",
    )


def test_convex_buyers_pass():
    rng = np.random.default_rng(1)
    for _ in range(50):
        prices = rng.integers(1, 5, (20, 2)).astype(float)
        cheap = prices.argmin(axis=1)
        tied = prices[:, 0] == prices[:, 1]
        cheap[tied] = rng.integers(0, 2, tied.sum())
        data = from_shares(prices, rng.uniform(1, 9, 20), np.eye(2)[cheap])
        assert garp(data).holds
        # What it buys is also best for z_0 + z_1.
        assert data.bundles.sum(axis=1) == pytest.approx(data.spent / prices.min(axis=1))


def test_exercise_power():
    for r in (1.25, 2.0, 4.0, 10.0):
        prices = [[1, r], [r, 1]]
        assert two_budgets(prices, 1) == pytest.approx(1 / (1 + r) ** 2)
        assert afriat.bronars_two(r) == pytest.approx(1 / (1 + r) ** 2)
        found = bronars(prices, 1, 4000, np.random.default_rng(2)).efficiencies.min()
        assert found >= 1 / r - 1e-12
    assert afriat.bronars_two(1 + 1e-9) == pytest.approx(1 / 4)
    assert two_budgets([[1, 1], [1, 1]], 1) == 0
    printed("afriat-exercises", "$1/(1+r)^2$", "tends to $\\tfrac14$, which it never reaches; at $r=1$")


def test_exercise_money():
    data = BudgetData([[4, 4], [1, 1]], [[3, 0], [0, 2]])
    assert data.gaps.tolist() == [[0, -4], [1, 0]]
    assert garp(data).holds
    with pytest.raises(ValueError, match="sum to -3"):
        quasilinear(data)
    printed("afriat-exercises", "$a_{01}=8-12=-4$ and $a_{10}=3-2=1$", "sum $-3<0$")


def test_the_bridge_to_attention():
    # Afriat's utility with all slopes one is minus the canonical cost, with the same potentials.
    rng = np.random.default_rng(3)
    data = from_shares(rng.uniform(0.5, 2, (5, 3)), 1.0, rng.dirichlet(np.ones(3)))
    u = quasilinear(data)
    known = -data.costs  # J(experiment s, environment t)
    costs = -u.levels
    own = np.diag(known)
    canonical = (known - (own - costs)[:, None]).max(axis=0)
    assert canonical == pytest.approx(costs)
    assert u(data.bundles) == pytest.approx(-canonical)
    assert (own[:, None] - costs[:, None] >= known - costs[None, :] - 1e-12).all()
    assert "$K_{mm}-K_{mk}$" in passage("afriat-money")


@pytest.mark.parametrize("name", ["two_budgets", "built_utility", "power"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(afriat, name)(), every=29)


CLOSURE = """
def violates(prices, bundles):
    costs = prices @ bundles.T
    spent = np.diag(costs)[:, None]
    path, strict = costs <= spent, costs < spent
    for k in range(len(prices)):
        path |= path[:, k, None] & path[None, k, :]
    return (path & strict.T).any()
"""
RING = """
ring_prices = 3 * np.ones((4, 4)) - np.eye(4) - 2 * np.roll(np.eye(4), 1, axis=1)
ring_bundles = np.eye(4)
"""
DESIGN = "my_prices, my_incomes = afriat.fan(5, 0.4); useless_incomes = 3.0 ** np.arange(5)"


class TestExercises(exercises.Exercises):
    slug = "afriat"
    before = ("imports",)
    right = (
        ("closure", CLOSURE),
        ("ring", RING),
        ("design", DESIGN),
        (
            "design",
            DESIGN + "; c = 10.0 ** np.arange(4, -1, -1); my_prices = c[:, None] * my_prices;"
            "my_incomes = c * my_incomes; useless_incomes = c * 2.0 ** np.arange(5)",
        ),
        (
            "design",
            "my_prices, my_incomes = afriat.fan(5, 0.5); my_prices[4] = my_prices[3];"
            "useless_incomes = np.array([1, 3, 9, 27, 27.0]); my_incomes = np.array([1, 1, 1, 1, 0.98])",
        ),
        ("forecast", "possible, impossible = [3, 3], [5.5, 0.5]"),
    )
    wrong = (
        ("closure", CLOSURE.replace("costs < spent", "costs <= spent"), "wrong for"),
        ("closure", CLOSURE.replace("range(len(prices))", "range(1)"), "wrong for"),
        ("ring", "ring_prices, ring_bundles = np.ones((4, 4)), np.eye(4)", "GARP holds"),
        ("ring", "ring_prices, ring_bundles = [[1, 2], [2, 1]] * 2, [[1, 2], [2, 1]] * 2", "on their own"),
        ("ring", "ring_prices, ring_bundles = afriat.RING.prices, afriat.RING.bundles", "four purchases"),
        ("design", DESIGN.replace("0.4", "0.05"), "below 0.9"),
        ("design", DESIGN.replace("3.0 **", "1.01 **"), "not nested"),
        ("design", DESIGN.replace("0.4", "0.6"), "below 0.9"),
        ("forecast", "possible, impossible = [5.5, 0.5], [3, 3]", "cannot be"),
        ("forecast", "possible, impossible = [3, 3], [4, 2]", "could be"),
        ("forecast", "possible, impossible = [3, 3], [4, 1]", "it costs 10, not 12"),
    )


@pytest.mark.site
def test_explorers_in_a_browser():
    made = afriat.two_budgets(), afriat.built_utility(), afriat.power()
    browser.check_page("book/afriat", [made[1], made[2], made[0]])
    browser.check_page("notebooks/afriat", [*made])
