"""The chapter on thresholds: every number that its prose prints, its proofs by hand, exercises, explorers."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from llma.bayes import is_tp2, mlr_dominates
from llma.explorers import thresholds
from llma.social import SocialLearning
from llma.stopping import CentralControl, left_region, monotone_conditions
from tests.book import browser, exercises
from tests.book.passages import printed

Q = np.linspace(0, 1, 801)
BELIEFS = np.stack([1 - Q, Q], axis=1)


def ends(region, digits):
    return [f"[{low:.{digits}f},{high:.{digits}f}]" for low, high in region]


def test_the_story():
    seen, watched = thresholds.channel().solve(1e-9), thresholds.channel(watched=True).solve(1e-9)
    assert watched.stops_at(0.28)
    assert not watched.stops_at(0.35)
    after = 0.35 * 0.3 / (0.35 * 0.3 + 0.65 * 0.7)
    printed(
        "thresholds-story",
        f"has a threshold, {seen.threshold:.3f}",
        f"$4\\cdot0.28-1={4 * 0.28 - 1:.2f}$",
        f"the belief falls to {after:.4f}",
    )
    lines = thresholds.story_table((0.28, 0.35)).splitlines()[1:]
    assert [line.split()[1::2] for line in lines] == [["on", "off"], ["on", "on"]]
    crowd = SocialLearning(thresholds.symmetric(0.7), thresholds.ERROR)
    assert crowd.is_cascade([0.72, 0.28])
    assert not crowd.is_cascade([0.65, 0.35])


def cost_of_stopping_at(first, problem, depth):
    """Simulated exactly: the mean discounted delta until a rule stops, by the tree of observations."""

    def follow(belief, step):
        if step == depth or first(belief):
            return 0.0
        total = float(problem.continue_cost @ belief)
        ahead = belief @ problem.transition
        for y in range(problem.n_observations):
            joint = ahead * problem.likelihood[:, y]
            if joint.sum() > 0:
                total += problem.discount * joint.sum() * follow(joint / joint.sum(), step + 1)
        return total

    return follow


def test_what_a_rule_costs_beyond_stopping_now():
    """The lemma on random rules: cost with c and c_s against cost with delta and 0."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        law, table = rng.dirichlet(np.ones(3), 3), rng.dirichlet(np.ones(2), 3)
        running, final, line = rng.random(3), 3 * rng.random(3), rng.normal(size=3)
        delta = running - final + 0.9 * law @ final
        start = rng.dirichlet(np.ones(3))

        def halts(belief, line=line):
            return line @ belief > 0.3

        def total(belief, step, law=law, table=table, running=running, final=final, halts=halts):
            if step == 8 or halts(belief):
                return float(final @ belief)
            cost, ahead = float(running @ belief), belief @ law
            for y in range(2):
                joint = ahead * table[:, y]
                cost += 0.9 * joint.sum() * total(joint / joint.sum(), step + 1)
            return cost

        problem = CentralControl(table, delta, np.zeros(3), 0.9, transition=law)
        beyond = cost_of_stopping_at(halts, problem, 8)(start, 0)
        assert total(start, 0) == pytest.approx(float(final @ start) + beyond)


def test_a_filter_that_respects_the_order():
    rng = np.random.default_rng(1)
    for _ in range(50):
        steps = [np.cumsum(rng.random(n)) for n in (4, 3, 4)]
        table, law = np.exp(np.outer(steps[0], steps[1])), np.exp(np.outer(steps[0], steps[2]))
        table, law = (m / m.sum(axis=1, keepdims=True) for m in (table, law))
        low = rng.dirichlet(np.ones(4))
        high = low * np.exp(np.cumsum(rng.random(4)))
        ahead = [b / b.sum() @ law for b in (low, high)]
        seen = [(b[:, None] * table / (b @ table)).T for b in ahead]
        for y in range(3):
            for other in range(y + 1):
                assert mlr_dominates(seen[1][y], seen[0][other])
        tails = [np.cumsum((b @ table)[::-1]) for b in ahead]
        assert (tails[1] >= tails[0] - 1e-12).all()


def test_the_picture_of_the_order():
    """In the triangle "higher" lie the beliefs in MLR order above pi', in "lower" those below."""
    rng = np.random.default_rng(4)
    middle = np.array([0.45, 0.25, 0.3])
    above, below = thresholds.above_and_below(middle)
    found = np.zeros(3, dtype=int)
    for belief in rng.dirichlet(np.ones(3), 400):
        higher, lower = ((np.linalg.solve(corners.T, belief) >= 0).all() for corners in (above, below))
        assert higher == mlr_dominates(belief, middle)
        assert lower == mlr_dominates(middle, belief)
        found += [higher, lower, not (higher or lower)]
    assert found.min() > 20
    with pytest.raises(ValueError, match="three positive"):
        thresholds.above_and_below([0.5, 0.5, 0])


def test_a_value_that_falls():
    problem = CentralControl([[1, 0], [0, 1], [1, 0]], [-1, -1, 3], [0, 0, 0], 0.9)
    lower, upper = [0.25, 0.25, 0.5], [0, 1 / 3, 2 / 3]
    solution = problem.solve(1e-9)
    printed(
        "thresholds-upward",
        f"={float(solution.value(lower)):.2f},",
        f"={float(solution.value(upper)):.3f} .",
    )
    assert mlr_dominates(upper, lower)
    assert not is_tp2(problem.likelihood)
    assert not is_tp2(problem.likelihood[:, ::-1])
    for belief, step in ((lower, 5 / 3), (upper, 3)):  # after the answer 0
        rest = np.array(belief) * [1, 0, 1]
        assert rest @ [-1, -1, 3] / rest.sum() == pytest.approx(step)


def test_the_geometric_mean_of_many_states():
    rng = np.random.default_rng(2)
    for n in (3, 5):
        x, z = np.triu_indices(n, 1)
        for _ in range(20):
            table, belief = rng.dirichlet(np.ones(4), n), rng.dirichlet(np.ones(n))
            joint = belief[:, None] * table
            left = np.sqrt(joint[x] * joint[z]).sum()
            beta = np.sqrt(table[x] * table[z]).sum(axis=1).max()
            g = np.sqrt(belief[x] * belief[z]).sum()
            assert left <= beta * g + 1e-12
            assert g <= (n - 1) / 2 + 1e-12


def test_what_you_should_have_seen_of_the_curve():
    explorer = thresholds.curve()

    def read(**change):
        return explorer.readouts(**{**explorer.start, **change})

    clean, rude = "off from, clean or hateful", "off from, rude or hateful"
    start = read()
    printed(
        "thresholds-bounds",
        f"with sharpness 2 the channel goes off from {read(sharpness=2.0)[clean]} on the clean edge",
        f"with 0.25 from {read(sharpness=0.25)[clean]}",
        f"next to clean ({start[clean]}) than next to rude ({start[rude]})",
    )
    for sharpness in (0.25, 2.0):
        assert read(sharpness=sharpness)["myopic, clean or hateful"] == start["myopic, clean or hateful"]
    assert read(middle=0.5)[rude] == "0.000"
    assert is_tp2(thresholds.graded(0.25))
    assert is_tp2(thresholds.graded(2.0))


def test_the_curve_moves_with_the_sensor_by_the_bounds_alone():
    edge = np.linspace(0, 1, 5)
    dull, sharp = (thresholds.entries(thresholds.three_levels(s).solve(0.01), edge) for s in (0.5, 1.5))
    assert (dull[1] < sharp[0]).all()


def test_watching_with_the_same_cost_and_with_another():
    costs = {name: running / (1 - 0.9) for name, running in (("listen", 0.1), ("alone", 0.3))}
    printed(
        "thresholds-social",
        f"With $\\rho=0.9$ the totals are {costs['listen']:.0f} and {costs['alone']:.0f}.",
    )
    crowd = SocialLearning(thresholds.symmetric(0.7), thresholds.ERROR)
    assert crowd.is_cascade([0.9, 0.1])
    assert crowd.exact([0.9, 0.1], 5).p_wrong_action @ np.array([0.9, 0.1]) == pytest.approx(0.1)
    alone = CentralControl(thresholds.symmetric(0.7), [0.3, 0.3], [99, 99], 0.9).solve()
    assert float(alone.value([0.9, 0.1])) == pytest.approx(costs["alone"])


def test_the_double_threshold():
    solution = thresholds.channel(watched=True).solve(1e-10)
    middle = 7.3 / 18.4
    printed("thresholds-social", f"$q_1=7.3/18.4={middle:.4f}$")
    expected = np.select([Q < 0.25, Q <= 0.3, Q < middle], [10 * (4 * Q - 1), 0 * Q, 18.4 * Q - 7.3], 0.0)
    np.testing.assert_allclose(solution.value(BELIEFS), expected, atol=1e-9)
    np.testing.assert_allclose(
        [tuple(part) for part in solution.stop_region], [(0.25, 0.3), (middle, 1)], atol=1e-9
    )
    low, high = solution.stop_region
    printed(
        "thresholds-social",
        f"in $[{low.lower:.2f},{low.upper:.2f}0]$ and in $[{high.lower:.4f},1]$".replace("0.300", "0.30"),
        f"={18.4 * 0.32 - 7.3:.3f}$",
        f"just above it ${18.4 * 0.3 - 7.3:.2f}$",
        "one threshold, 0.528",
    )
    assert "together -1.412" in thresholds.hand_table(0.32)
    # The limits of the four ranges of the proof.
    back = [0.7 * t / (0.3 + 0.4 * t) for t in (0.25, 0.3, middle)]
    np.testing.assert_allclose(back, [0.4375, 0.5, 0.6055], atol=5e-5)
    second = 4 - 0 + 0.9 * (18.4 * 0.3 + 7.3 * 0.4), -1 - 0.9 * 7.3 * 0.7
    printed("thresholds-social", f"={second[0]:.3f}q{second[1]:.3f}>0 .")
    assert second[0] * 0.5 + second[1] > 0


def test_a_hole_above_the_low_cascade():
    """The proposition on random problems, and its limit for patience."""
    rng, checked = np.random.default_rng(3), 0
    while checked < 20:
        p, zero, rho = rng.uniform(0.55, 0.95), rng.uniform(0, 0.45), rng.uniform(0.3, 0.97)
        low, high = -4 * zero, 4 * (1 - zero)
        first = p * low + (1 - p) * high
        second = (1 - rho) * first + rho * (p**2 * low + (1 - p) ** 2 * high)
        if first < 0 or second >= 0:
            continue
        checked += 1
        region = thresholds.channel(p, zero, rho, watched=True).solve(1e-9).stop_region
        assert len(region) >= 2
        assert tuple(region[0]) == pytest.approx((zero, 1 - p), abs=1e-9)
        assert region[-1].upper == 1
    printed("thresholds-social", f"${0.3**2 / (0.3**2 + 0.7**2):.3f}<\\hat q\\le0.3$")


def test_more_patience():
    table = thresholds.patience_table((0.9, 0.95))
    assert table.splitlines()[3:] == [
        "discount 0.95: off in",
        "  [0.25, 0.3]",
        "  [0.4157, 0.5]",
        "  [0.5463, 1]",
    ]


@pytest.mark.parametrize("n", [120, pytest.param(600, marks=pytest.mark.slow)])
def test_how_often(n):
    rows = [line.split() for line in thresholds.frequency_table(n).splitlines()[2:]]
    counts = {" ".join(row[:-3]): [int(n) for n in row[-3:]] for row in rows}
    assert sum(sum(row) for row in counts.values()) == n
    assert sum(counts["low cascade"][1:]) > 0.2 * sum(counts["low cascade"])
    assert 0 < sum(counts["learning"][1:]) < 0.1 * sum(counts["learning"])
    assert counts["high cascade"][1:] == [0, 0]
    printed("thresholds-social", "Six hundred watched channels", "In the high cascade there is never one")


def test_what_you_should_have_seen_of_watching():
    explorer = thresholds.watching()

    def read(**change):
        return explorer.readouts(**{**explorer.start, **change})

    assert read(zero=0.1)["parts"] == "1"
    assert read(zero=0.28)["off, verdicts seen"] == "[0.28, 0.3] and [0.434, 0.5] and [0.521, 1]"
    assert read(zero=0.35)["parts"] == "1"
    assert read(discount=0.5)["off, verdicts seen"] == "[0.25, 0.3] and [0.304, 1]"
    printed("thresholds-social", "It shrinks to $(0.3,0.304)$", "there are two, above 0.3 and above 0.5")
    after = 0.3 * 0.3 / (0.3 * 0.3 + 0.7 * 0.7)
    printed("thresholds-social", f'"clean" leads to {after:.3f}, where')
    seen, watched = thresholds.channel(), thresholds.channel(watched=True)
    assert (watched.solve(1e-9).value(BELIEFS) >= seen.solve(1e-9).value(BELIEFS) - 1e-9).all()


def test_what_happens_after_stopping():
    crowd, _ = thresholds.handed_over().stop_value(1e-9)
    at = [float(crowd.at(q)) for q in (0.3, 0.299, 0.301)]
    printed(
        "thresholds-after",
        f"$0.3/0.05={at[0]:.3f}$",
        f"At $q=0.299$ it is {at[1]:.3f}.",
        f"At $q=0.301$ it is {at[2]:.3f}",
    )
    cheap, dear = (thresholds.handed_over(step).solve(1e-8).stop_region for step in (0.5, 1.0))
    assert len(cheap) == 2
    assert len(dear) == 3
    assert (dear[1].lower, dear[1].upper) == pytest.approx((0.3, 0.7), abs=1e-9)


def test_the_counterexamples():
    two = CentralControl(thresholds.graded(1.0), [1, -1, 1], [0, 0, 0], 0.9)
    assert two.solve(0.01).stop(np.eye(3)).tolist() == ["stop", "continue", "stop"]
    law = [[1, 0, 0], [0, 1, 0], [1, 0, 0]]
    turns = CentralControl(np.full((3, 2), 0.5), [-1, 0.1, 0.5], [0, 0, 0], 0.9, transition=law)
    solution = turns.solve(1e-9)
    printed("thresholds-assumptions", f"$0.5-0.9\\cdot10={float(solution.value([0, 0, 1])):.1f}$")
    assert solution.stop(np.eye(3)).tolist() == ["continue", "stop", "continue"]
    found = monotone_conditions(turns)
    assert found.order is None
    assert found.likelihood is None
    assert found.transition.rows == (1, 2)


def test_luck_that_is_not_seen():
    """In exact fractions by hand, and by the solver."""
    half, quarter, third = Fraction(1, 2), Fraction(1, 4), Fraction(1, 3)
    law = [
        [half, half, 0, 0, 0],
        [half, half, 0, 0, 0],
        [quarter, quarter, 0, 0, half],
        [0, third, 0, 0, 2 * third],
        [0, 0, 0, 0, Fraction(1)],
    ]
    sees = [0, 1, 0, 0, 0]
    delta = [Fraction(-1), Fraction(-1), Fraction(5, 2), Fraction(13, 5), Fraction(5)]
    rho = Fraction(9, 10)
    assert [sum(row) for row in law] == [1] * 5
    pairs = list(combinations(range(5), 2))
    minors = {
        (rows, columns): law[rows[0]][columns[0]] * law[rows[1]][columns[1]]
        - law[rows[0]][columns[1]] * law[rows[1]][columns[0]]
        for rows in pairs
        for columns in pairs
    }
    assert min(minors.values()) == 0
    assert [minors[(2, 3), columns] for columns in ((0, 1), (0, 4), (1, 4))] == [
        Fraction(1, 12),
        Fraction(1, 6),
        0,
    ]
    for_ever = delta[0] / (1 - rho)
    assert sum(law[0][:2]) == sum(law[1][:2]) == law[4][4] == 1
    assert sees[0] == sees[4] != sees[1]
    after = [law[2][0] / (law[2][0] + law[2][4]), law[2][4] / (law[2][0] + law[2][4])]
    assert after == [third, 2 * third]
    assert after[0] * for_ever + after[1] * delta[4] == 0
    dear, cheap = (delta[x] + rho * law[x][1] * for_ever for x in (2, 3))
    assert (dear, cheap) == (Fraction(1, 4), Fraction(-2, 5))
    printed(
        "thresholds-assumptions",
        f"2.6+0.9\\cdot\\tfrac13\\cdot(-10)={float(cheap):.1f} ,",
        f"2.5+0.9\\cdot\\tfrac14\\cdot(-10)={float(dear):.2f} ,",
        "$\\delta=(-1,-1,2.5,2.6,5)$, $\\rho=0.9$",
        "the minors $\\tfrac1{12}$, $\\tfrac16$ and 0",
    )
    table = np.eye(2)[sees]
    problem = CentralControl(
        table, np.array(delta, float), np.zeros(5), 0.9, transition=np.array(law, dtype=float)
    )
    found = monotone_conditions(problem)
    assert (found.order, found.crossing, found.transition, found.never_falls) == (None, None, None, False)
    assert not any(is_tp2(order) for order in (table, table[:, ::-1]))
    solution = problem.solve(1e-6)
    assert solution.stop(np.eye(5)).tolist() == ["continue", "continue", "stop", "continue", "stop"]
    assert float(solution.value(np.eye(5)[3])) == pytest.approx(float(cheap))
    assert left_region(solution, np.eye(5)[[2]], np.eye(5)[[3]]) is not None


def test_no_hole_if_a_step_is_free_in_the_high_cascade():
    rng = np.random.default_rng(11)
    for _ in range(10):
        accuracy = rng.uniform(0.55, 0.9)
        zero = rng.uniform(accuracy, 1)
        region = (
            thresholds.channel(accuracy, zero, rng.uniform(0.3, 0.97), watched=True).solve(1e-9).stop_region
        )
        assert len(region) == 1
        assert tuple(region[0]) == pytest.approx((zero, 1), abs=1e-9)


def test_exercise_order():
    a, b, c = (0.5, 0.3, 0.2), (0.2, 0.3, 0.5), (0.4, 0.2, 0.4)
    assert mlr_dominates(b, a)
    assert not any(mlr_dominates(x, y) for x, y in ((a, c), (c, a), (b, c), (c, b)))
    printed("thresholds-exercises", "$b/a=(.4,1,2.5)$", "$c/a=(.8,.67,2)$", "$b/c=(.5,1.5,1.25)$")


def test_exercise_useless_sensor():
    """The bound on the threshold odds, for sensors of many kinds."""
    rng = np.random.default_rng(5)
    for _ in range(25):
        table = rng.dirichlet(np.ones(3)) + 0.05 * rng.normal(size=(2, 3))
        table = np.clip(table, 0.01, None)
        table /= table.sum(axis=1, keepdims=True)
        low, high, rho = -rng.random(), rng.random(), rng.uniform(0.2, 0.8)
        q = CentralControl(table, [low, high], [0, 0], rho).solve(1e-9).threshold
        far, myopic = np.abs(table[0] - table[1]).sum() / 2, -low / high
        assert myopic - 1e-6 <= q / (1 - q) <= myopic * (1 + rho * far / (1 - rho) ** 2) + 1e-6


def test_exercise_third_part():
    root = (-1.8 + np.sqrt(1.8**2 + 4 * 0.42 * 2)) / 0.84
    printed("thresholds-exercises", f"if and only if $\\rho>{root:.4f}$")
    for rho, parts in ((root - 1e-3, 2), (root + 1e-3, 3)):
        assert len(thresholds.channel(discount=rho, watched=True).solve(1e-9).stop_region) == parts
    for rho in (0.6, 0.95):
        k = rho / (1 - rho)
        solution = thresholds.channel(discount=rho, watched=True).solve(1e-10)
        a, b = (float(solution.value([1 - q, q])) for q in (0.3 + 1e-8, 0.5 + 1e-8))
        assert a == pytest.approx(0.2 - 0.22 * k + 0.42 * rho * b, abs=1e-5)
        assert b == pytest.approx(min(0, 1 + rho * a / 2), abs=1e-5)


def test_exercise_stages():
    law = [[0.9, 0.1, 0], [0, 0.9, 0.1], [0, 0, 1]]
    machine = CentralControl(np.eye(3), [0, 0.5, 1], [10, 5, 0], 0.95, transition=law)
    found = monotone_conditions(machine)
    printed("thresholds-exercises", "$\\delta=(-0.975,-0.225,1)$", "$Pc_s=(9.5,4.5,0)$")
    np.testing.assert_allclose(found.delta, [-0.975, -0.225, 1])
    assert found.value_rises
    other = CentralControl([[1, 0], [0, 1], [1, 0]], [0, 0.5, 1], [10, 5, 0], 0.95, transition=law)
    assert monotone_conditions(other).stops_upwards
    assert not monotone_conditions(other).value_rises


@pytest.mark.site
def test_explorers_in_the_browser():
    made = [thresholds.curve(), thresholds.watching()]
    browser.check_page("book/thresholds", made)
    browser.check_page("notebooks/thresholds", made)


HIGHER = """
def higher(upper, lower):
    n = len(upper)
    return all(
        upper[i] * lower[j] <= upper[j] * lower[i] + 1e-12 for i in range(n) for j in range(i + 1, n)
    )
"""
WATCHING = """
def watching(q, value, rho):
    step = 4 * q - 1
    if q <= 0.3 + 1e-12 or q > 0.7 + 1e-12:
        return step + rho * value(q)
    down = 0.7 - 0.4 * q
    return step + rho * (down * value(0.3 * q / down) + (1 - down) * value(0.7 * q / (1 - down)))
"""
TURNING = "turning = [[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.97, 0.02, 0.01]]"


class TestExercises(exercises.Exercises):
    slug = "thresholds"
    before = ("imports", ("search-run", "for tried"))
    right = (
        ("order", HIGHER),
        ("order", HIGHER.replace(" + 1e-12", "")),
        ("verdict", WATCHING),
        ("parts", "zero, free_discount = 0.29, 0.88"),
        ("turn", TURNING),
    )
    wrong = (
        ("order", HIGHER.replace("upper[j] * lower[i] + 1e-12", "upper[j] * lower[j]"), "wrong for"),
        ("order", HIGHER.replace("<= upper[j] * lower[i] + 1e-12", "< upper[j] * lower[i]"), "wrong for"),
        ("order", HIGHER.replace("range(i + 1, n)", "range(i + 1, min(i + 2, n))"), "wrong for"),
        ("order", "def higher(upper, lower):\n    return True", "wrong for"),
        ("order", "def higher(upper, lower):\n    return np.cumsum(upper)[0] <= lower[0]", "wrong for"),
        ("verdict", WATCHING.replace("q <= 0.3 + 1e-12", "q < 0.3 - 1e-12"), "at 0.3"),
        ("verdict", WATCHING.replace("q > 0.7 + 1e-12", "q >= 0.7 - 1e-12"), "at 0.7"),
        ("verdict", WATCHING.replace("step + rho * value(q)", "step"), "at 0.05"),
        ("verdict", "def watching(q, value, rho):\n    return float('nan')", "at 0.05"),
        ("parts", "zero, free_discount = 0.25, 0.88", "not yet three parts"),
        ("parts", "zero, free_discount = 0.28, 0.9", "at most 0.88"),
        ("turn", "turning = [[1, 0, 0], [0, 1, 0], [1, 0, 0]]", "must be positive"),
        ("turn", "turning = np.full((3, 3), 1 / 3)", "one must"),
        ("turn", "turning = [0.5, 0.5]", "three rows"),
    )
