"""The chapter "Can this test fail?": every number of its prose, its theorems, exercises and explorers."""

import itertools
from fractions import Fraction as F
from math import factorial, sqrt

import numpy as np
import pytest
from scipy.stats import chi2, norm

from llma.data import load_published_counts
from llma.explorers import power
from llma.ribum import ChoiceData, agents, published, restrictions
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.recovery.vacuous import obstacle, rationalise
from llma.ribum.sampling import counts as on_counts
from llma.ribum.sampling import stakes
from llma.ribum.sampling.power import power as power_of
from llma.ribum.sampling.projection import least_distance
from tests.book import browser, exercises
from tests.book.passages import ROOT, passage, printed

EVEN = np.array([0.5, 0.5])
UNIFORM = np.full(6, 1 / 6)


def test_the_story():
    readers = power.story_readers()
    assert list(readers) == ["optimal", "inverse", "opposite", "dice"]
    free, known = [], []
    for choice in readers.values():
        fit, data = published.max_margin(choice), ChoiceData(EVEN, choice)
        assert (fit.nias_margin, fit.niac_margin) == pytest.approx((10, 10))
        free.append(max_margin(data, "free").margin)
        known.append(margin_at(data, power.tracking(power.STORY_STAKES)))
    assert free[1:3] == pytest.approx([free[0]] * 2, abs=1e-9)
    assert free[3] > free[0] > 0
    assert known[0] > 0 > max(known[1:])
    printed(
        "power-story",
        "60, 70, 80 and 90 %",
        "right in 40, 30, 20 and 10 %",
        "three of them with the same margin, and the dice get the best one",
    )


def test_only_the_columns_matter():
    rng = np.random.default_rng(1)
    for _ in range(40):
        choice = agents.random_agent((3, 3, 3), rng)
        for k in range(2):
            if k:
                choice[1] = choice[0][:, rng.permutation(3)]
            data = ChoiceData(rng.dirichlet(4 * np.ones(3), size=3), choice)
            assert (obstacle(data) is None) == (k == 0)
            assert (max_margin(data, "free").margin > 1e-7) == (k == 0)


def test_the_separating_curve():
    # In the proof: the same mean of |eta|^2, and a gap that grows with s.
    flip = np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.4, 0.6], [0.9, 0.1]]])
    data = ChoiceData(EVEN, flip)
    b, gaps = np.array([1.0, 2.0]), []
    for s in (0.0, 1.0, 4.0, 8.0):
        score = (data.posteriors**2).sum(axis=2) + np.exp(s * data.posteriors @ b)
        g = (data.marginal * score).sum(axis=1)
        gaps.append(abs(g[0] - g[1]))
    assert gaps[0] == pytest.approx(0, abs=1e-12)
    assert gaps == sorted(gaps)


@pytest.mark.parametrize("seed", range(20))
def test_a_cycle_cannot_gain(seed):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rng.integers(2, 7))
    for rises in (np.exp, np.cbrt, np.floor):
        total = (rises(a) * (a - np.roll(a, -1))).sum()
        assert total >= -1e-12
        if rises is not np.floor:
            assert total > 0


def test_renaming_leaves_the_free_margin_alone():
    rng = np.random.default_rng(2)
    choice = agents.random_agent((3, 3, 3), rng)
    margins = [max_margin(ChoiceData(np.full(3, 1 / 3), c), "free").margin for c in (choice, choice[::-1])]
    renamed = choice.copy()
    renamed[1] = renamed[1][:, [2, 0, 1]]
    margins.append(max_margin(ChoiceData(np.full(3, 1 / 3), renamed), "free").margin)
    assert margins == pytest.approx([margins[0]] * 3, abs=1e-9)


def test_shares_of_random_data():
    shares = power.random_shares()
    for free, common, known in shares.values():
        assert free == 1.0
        assert known <= common < 0.25
    error = max(sqrt(s * (1 - s) / 100) for line in shares.values() for s in line)
    printed("power-vacuous", "100 data sets a column", "up to 0.034")
    assert error < 0.034
    opposite = ChoiceData(EVEN, agents.opposite(stakes.choices([0.6, 0.8, 0.9])))
    assert max_margin(opposite, restrictions.common([1.0, 2.0, 4.0])).margin > 0.01


def test_forking_paths():
    shares = power.forking_shares((1, 10, 100, 1000))
    assert list(shares) == sorted(shares)
    assert shares[0] < 0.02
    assert shares[-1] > 0.9
    printed("power-vacuous", "2,000 data sets")


def test_the_published_programme():
    printed("power-published", "With $\\bar c=(R+10)/(1+U)$ that is $-10$.")
    lines = power.sign_table().splitlines()
    assert len(lines) == 5
    values = [float(line.split()[-1]) for line in lines[1:]]
    assert values == sorted(values, reverse=True)


def test_the_right_sign_is_not_enough():
    found = power.repaired_margins()
    assert found["nothing"] == pytest.approx(dict.fromkeys(found["nothing"], 10.0))
    assert found["costs"] == pytest.approx(
        {"dice": 10, "opposite": 10, "twins": 10, "even twins": 0}, abs=1e-9
    )
    both = {"dice": 10, "opposite": 10, "twins": 0, "even twins": 0}
    assert found["costs, weights"] == pytest.approx(both, abs=1e-9)
    rng = np.random.default_rng(10)
    for _ in range(25):
        n = rng.integers(2, 4)
        twins = np.repeat(agents.random_agent((1, n, n), rng), 2, axis=0)
        dice = agents.random_agent((3, n, n), rng)
        for names in (["costs"], ["costs", "weights"]):
            fits = [published.max_margin(choice, repaired=names) for choice in (twins, dice)]
            assert [fit.nias_margin for fit in fits] == pytest.approx([10, 10])
            assert [fit.niac_margin for fit in fits] == pytest.approx([10 * (len(names) == 1), 10], abs=1e-8)


def test_the_environment_made_of_noise():
    p = load_published_counts().counts / 40
    noisy = p + np.random.default_rng(0).uniform(0, 0.01, p.shape)
    noisy /= noisy.sum(axis=1, keepdims=True)
    one, two, copy = (
        max_margin(ChoiceData(UNIFORM, np.array(tables)), "free").margin
        for tables in ([p], [p, noisy], [p, p])
    )
    assert copy == pytest.approx(0, abs=1e-9)
    printed(
        "power-second",
        f"by at most {np.abs(p - noisy).max():.3f} here",
        f"reach {np.sqrt(p * (1 - p) / 40).max():.3f}",
        f"margin is {one:.4f} with the first environment alone, {two:.4f} with the noisy copy",
        "and 0 with an exact copy",
    )


def test_the_plug_in():
    a20, a1000 = (stakes.plugin_rejection([0.8] * 5, n) for n in (20, 1000))
    printed(
        "power-tests",
        f"$1-1/120={1 - 1 / factorial(5):.3f}$",
        f"{a20:.3f} with 20 texts a state, {a1000:.3f} with 1,000",
        "rejected in more than 90 % of samples",
    )
    for n in (40, 160):
        assert power.bootstrap_rate("always alike", n) > 0.9
    groups = stakes.plugin_rejection(power.READERS["two levels"], 100_000)
    assert groups == pytest.approx(1 - 1 / (factorial(3) * factorial(2)), abs=0.003)


def test_the_table_of_readers():
    text = passage("power-lab")
    for name, accuracy in power.READERS.items():
        shown = (
            f"{accuracy[0]:.2f} at all stakes"[1:]
            if len(set(accuracy)) == 1
            else " ".join(f"{a:.2f}"[1:] for a in accuracy)
        )
        verdict = "yes" if stakes.is_rational(accuracy) else "no"
        assert f"| {name} | {shown} | {verdict} |" in text


def test_a_normal_vector_and_a_polyhedron():
    # The theorem on the projection: random polyhedra, the truth at random points of them.
    rng, runs = np.random.default_rng(3), 400
    for _ in range(8):
        rows = rng.normal(size=(5, 3))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        level = np.where(rng.random(5) < 0.6, 0.0, -rng.uniform(0.1, 2, 5))
        rejected = outside = 0
        for z in rng.normal(size=(runs, 3)):
            step, _ = least_distance(rows, level - rows @ z)
            if step @ step < 1e-12:
                continue
            outside += 1
            rank = np.linalg.matrix_rank(rows[np.abs(rows @ (z + step) - level) < 1e-8])
            rejected += step @ step > chi2.ppf(0.9, rank)
        share = 0.1 * outside / runs
        assert rejected / runs <= share + 4.5 * sqrt(0.1 * 0.9 / runs)


def test_one_binding_inequality_halves_the_size():
    right = stakes.draw([0.8, 0.8], 400, 20_000, np.random.default_rng(4))
    share = (stakes.projection_p_values(right, 400) < 0.05).mean()
    assert share == pytest.approx(0.025, abs=4.5 * sqrt(0.025 / 20_000))


def test_who_is_caught():
    few, many = (power.rates("one swap", n)[2] for n in (40, 160))
    printed("power-who", f"{few:.2f} with 40, {many:.2f} with 160")
    pattern = power.price_pattern("one swap", 40)
    printed("power-who", f"shows this pattern in {100 * pattern:.0f} % of samples with 40 texts")
    for n, rate in ((40, 0.21), (160, 0.73)):
        assert power.split_rate("one swap", n) == pytest.approx(rate, abs=0.08)
    assert power.split_rate("always alike", 40) < 0.05 + 4.5 * sqrt(0.05 * 0.95 / 400)
    small = power.rates("coin", 10)
    printed("power-tests", f"it rejects the coin {100 * small[2]:.0f} times in 100")
    assert small[1] <= 0.05
    for reader in ("reads more", "two levels"):
        _, box, projection, capacity = power.rates(reader, 160)
        assert box <= projection <= 0.06
        assert capacity > 0.99
    assert power.rates("always alike", 160)[3] < 0.07
    found = power.misuse_rates()
    assert all(line[1] <= 0.05 for line in found.values())
    assert [name for name, line in found.items() if line[2] < -1e-9] == ["forgets prior", "softmax"]
    printed(
        "power-who",
        f"loses {-found['forgets prior'][2]:.1f}.",
        f"fails by {-found['softmax'][2]:.3f}",
    )
    assert power.misuse("own base rate", power.UNEVEN)[0, :, 1].max() < 1e-12
    printed("power-who", f"its slack is {found['own base rate'][2]:.3f}")
    assert min(found["forgets prior"][3], found["softmax"][3]) > 0.3


def test_several_tests_and_sample_size():
    printed("power-multiple", f"$1-0.95^{{20}}={1 - 0.95**20:.2f}$")
    v = 0.5 * (0.85 * 0.15 + 0.75 * 0.25)
    n = ((1.96 + 0.84) / 0.1) ** 2 * v
    printed("power-multiple", f"$N={np.ceil(n):.0f}$ texts a state")
    right = stakes.draw([0.85, 0.75], int(np.ceil(n)), 20_000, np.random.default_rng(5))
    reached = (stakes.projection_p_values(right, int(np.ceil(n))) < 0.05).mean()
    assert reached == pytest.approx(0.8, abs=0.02)
    w = 0.5 * (0.9 * 0.1 + 0.86 * 0.14)
    exercise = ((1.96 + 1.28) / 0.04) ** 2 * w
    printed("power-exercises", f"={w:.4f}".replace("0.", ".") + "$", f"\\cdot.1052={exercise:.0f}$")
    right = stakes.draw([0.9, 0.86], 690, 20_000, np.random.default_rng(6))
    assert (stakes.projection_p_values(right, 690) < 0.05).mean() == pytest.approx(0.9, abs=0.02)


def test_the_published_answers():
    found = load_published_counts()
    table = power.counts_table().splitlines()
    assert [int(n) for n in table[1].split()[2:]] == found.counts[0].tolist()
    assert found.counts[:, 2].tolist() == [0, 1, 0, 0, 0, 0]
    hits = on_counts.test_counts(found.counts[None], UNIFORM, np.eye(6))
    assert not hits.rejected
    best = found.counts.max(axis=0)
    wrong = [u for u in range(6) if found.counts[u, u] < best[u]]
    assert wrong == [2, 4]
    printed(
        "power-authors",
        f"given to {found.counts[4, 4]} comments of level 4 and to {found.counts[5, 4]} of level 5",
    )
    assert found.counts[0, 1:].sum() == 5
    printed("power-explorers", "the five harmless comments")
    below = np.cumsum(found.counts, axis=0) / found.counts.sum(axis=0)
    printed("power-authors", f"{(found.counts == 0).sum()} of {found.counts.size} cells empty")
    low, high = power.not_rejected("six labels", 1 / 6)
    every = power.not_rejected("six labels", 1 / 6, "every row")
    box = power.not_rejected("six labels", 1 / 6, "box")
    sample = [power.in_sample(kind, 1 / 6) for kind in power.KINDS]
    assert sample[0] is None
    printed(
        "power-authors",
        f"p = {hits.p_value:.3f}",
        f"label 1 asks for $w\\le{below[1, 1]:.2f}$, label 5 for $w\\ge{below[4, 5]:.2f}$",
        "label 2, used once, for $w=1.$",
        f"The projection rejects all weights outside {low:.2f} to {high:.2f}.",
        f"counts them, {every[0]:.2f} to {every[1]:.2f} is left",
        f"rejects all weights outside {box[0]:.2f} to {box[1]:.2f}.",
        "every weight from {:.2f} to {:.2f} in the sample".format(*sample[1]),
    )
    assert (below[1, 2], below[2, 2]) == (1.0, 1.0)
    printed(
        "power-summary",
        f"outside {low:.2f} to {high:.2f} are rejected by the projection",
        f"outside {box[0]:.2f} to {box[1]:.2f} by the box",
    )
    errata = (ROOT / "book" / "errata.md").read_text()
    assert f"outside {low:.2f} to {high:.2f} are rejected" in errata
    assert f"outside {box[0]:.2f} to {box[1]:.2f} by one with a proof" in errata
    # The first weights that the box rejects: one error about six times as bad as the other.
    assert 5.5 < (box[1] + 0.01) / (0.99 - box[1]) < (1.01 - box[0]) / (box[0] - 0.01) < 6.5


def test_power_of_the_examination():
    p = load_published_counts().counts / 40
    blind = np.tile(p.mean(axis=0), (6, 1))[None]
    rng = np.random.default_rng
    graded = power_of(blind, UNIFORM, power.losses(0.45), 40, rng(3), runs=200)
    assert graded.rate == 1.0
    printed("power-authors", "rejected in all of 200 simulated samples at $w=0.45$")
    hits = power_of(blind, UNIFORM, np.eye(6), 40, rng(3), runs=200)
    assert hits.rate < 0.05 + 4.5 * sqrt(0.05 * 0.95 / 200)


def test_losses_are_quantiles():
    # The best label for a posterior is its w-quantile: by enumeration.
    rng = np.random.default_rng(7)
    for _ in range(100):
        posterior, w = rng.dirichlet(np.ones(6)), rng.uniform(0.02, 0.98)
        best = int((posterior @ power.losses(w)).argmax())
        assert best == int((np.cumsum(posterior) >= w).argmax())


def test_in_sample_weights_satisfy_nias():
    counts = load_published_counts().counts
    for share, kind in itertools.product((1 / 6, 0.8), power.KINDS):
        ends = power.in_sample(kind, share)
        table, utility = counts, power.losses
        if kind != "six labels":
            table = np.column_stack([counts[:, 0], counts[:, 1:].sum(axis=1)])
            utility = lambda w, k=int(kind[-1]): power.flags(w, k)  # noqa: E731
        for w in np.linspace(0.01, 0.99, 25):
            verdict = on_counts.test_counts(
                table[None], power.lowest_share(share), utility(w), method="plugin"
            )
            assert verdict.rejected == (ends is None or not ends[0] - 1e-12 <= w <= ends[1] + 1e-12)


def test_what_you_should_have_seen():
    first, last = (power.rates("always alike", n)[0] for n in (10, 1280))
    swap = {n: power.rates("one swap", n) for n in (160, 640, 1280)}
    printed(
        "power-explorers",
        f"the plug-in is at {first:.2f} with 10 texts and rises to {last:.2f}",
        f"the projection reaches {swap[160][2]:.2f} with 160 texts",
        f"the box is at {swap[640][1]:.2f} with 640 and at {swap[1280][1]:.2f} with 1280",
    )
    assert all(power.rates("always alike", n)[1] < 0.001 for n in power.SIZES)
    alone = [
        name
        for name in power.READERS
        if (rate := power.rates(name, 160))[3] > 0.9 and max(rate[1], rate[2]) < 0.06
    ]
    assert alone == ["reads more", "two levels"]
    assert power.rates("two levels", 160)[0] > 0.9
    assert power.rates("reads more", 1280)[0] < 0.01
    assert all(abs(power.rates("always alike", n)[2] - 0.05) < 0.02 for n in power.SIZES)
    explorer = power.vacuity()
    stops = (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    seen = {high: explorer.readouts(low=0.7, high=high) for high in stops}

    def value(high, name):
        return float(seen[high][name])

    assert [h for h in stops if value(h, "free utilities") == 0] == [0.3, 0.5, 0.7]
    assert [h for h in stops if value(h, "one utility, known stakes") > 0] == [0.8, 0.9]
    assert [h for h in stops if value(h, "known utility") > 0] == [0.8, 0.9]
    assert [h for h in stops if value(h, "known utility") < 0] == [0.1, 0.3, 0.4, 0.5, 0.6]
    printed("power-explorers", "Free: only at .7 and at .3", "and at .5 (both", "positive at .8 and .9 only")
    low, high = zip(*(power.not_rejected("six labels", share) for share in power.SHARES), strict=True)
    assert list(high) == sorted(high)
    assert max(low) - min(low) < 0.02
    box = [power.not_rejected("six labels", power.SHARES[i], "box") for i in (0, 2, 3)]
    printed(
        "power-explorers",
        f"from {high[0]:.2f} to {high[2]:.2f} at a prior of 0.80 and {high[3]:.2f} at 0.95",
        "leaves {:.2f} to {:.2f} at first, {:.2f} to {:.2f} at 0.80, and {:.2f} to {:.2f} at 0.95".format(
            *box[0], *box[1], *box[2]
        ),
    )
    shown = power.authors().readouts(kind="six labels", share=1 / 6)
    assert shown["not rejected at 5 %"] == f"{low[0]:.2f} to {high[0]:.2f}"
    assert shown["not rejected by the box"] == "{:.2f} to {:.2f}".format(*box[0])
    moved = [h for h in stops if float(explorer.readouts(low=0.6, high=h)["free utilities"]) == 0]
    assert moved == [0.4, 0.5, 0.6]
    story = margin_at(ChoiceData(EVEN, power.story_readers()["optimal"]), power.tracking((1, 2, 4, 8)))
    printed("power-model", f"$(2-1)\\cdot0.1/2/8={story:.3f}$")


def test_assumptions():
    for odds, inside in ((2.3, True), (2.4, False)):
        prior = np.array([odds, 1]) / (1 + odds)
        slack = 0.7 * prior[1] - 0.3 * prior[0]
        assert (slack >= 0) == inside
    printed("power-assumptions", "prior odds up to $7:3$", "priors $(.2,.3,.5)$ and $(.5,.3,.2)$")
    kernel = agents.random_agent((1, 3, 3), np.random.default_rng(8))[0]
    data = ChoiceData([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]], [kernel, kernel])
    assert max_margin(data, "free").margin == pytest.approx(0, abs=1e-9)
    assert not np.allclose(data.posteriors[0], data.posteriors[1])
    with pytest.raises(ValueError, match="same experiment"):
        rationalise(data)


def test_exercise_score():
    p = [[F(2, 10), F(8, 10)], [F(6, 10), F(4, 10)]]
    weight = [(p[0][u] + p[1][u]) / 2 for u in (0, 1)]
    eta = [[p[x][u] / 2 / weight[u] for x in (0, 1)] for u in (0, 1)]
    square = [sum(e * e for e in eta[u]) for u in (0, 1)]
    pays = [[2 * eta[u][x] - square[u] for x in (0, 1)] for u in (0, 1)]
    gap = sum((a - b) ** 2 for a, b in zip(*eta, strict=True))
    for u in (0, 1):
        assert sum(eta[u][x] * (pays[u][x] - pays[1 - u][x]) for x in (0, 1)) == gap
    assert eta == [[F(1, 4), F(3, 4)], [F(2, 3), F(1, 3)]]
    assert pays == [[F(-1, 8), F(7, 8)], [F(7, 9), F(1, 9)]]
    assert square == [F(5, 8), F(5, 9)]
    printed(
        "power-exercises",
        f"=.{round(float(gap) * 10_000)}$",
        f"=.{round(float(gap * weight[0]) * 10_000)}$",
        f"=.{round(float(gap * weight[1]) * 10_000)}$",
        "$(-.125,.875)$",
        "$(\\tfrac79,\\tfrac19)$",
    )


def test_exercise_plugin():
    limit = stakes.plugin_rejection([0.6, 0.6, 0.8, 0.8, 0.8, 0.9], 100_000)
    assert limit == pytest.approx(11 / 12, abs=0.003)
    printed("power-exercises", "=\\frac{11}{12}=.917$")


def test_exercise_sign():
    # Costs repaired, identical environments: no margin above d - K, and d - K has no bound.
    uneven = np.array([[0.8, 0.2], [0.3, 0.7]])
    share = uneven.mean(axis=0)
    growth = 2 * share @ share
    printed("power-exercises", f"$p(0)={share[0]:.2f}$ and $p(1)={share[1]:.2f}$".replace("0.", "."))
    printed(
        "power-exercises", f"={growth:.2f}R$, while", f"The bound is ${growth - 1:.2f}R$".replace("0.", ".")
    )
    choice, r = np.array([[0.7, 0.3], [0.2, 0.8]]), np.eye(2)
    data = ChoiceData(EVEN, choice[None])
    k = sum(data.marginal[0, u] * (data.posteriors[0, u] @ r).max() for u in (0, 1))
    d = sum(data.marginal[0, u] * (choice[:, u] @ r[:, u]) for u in (0, 1))
    for c in itertools.product((0.0, 0.3, 5.0), repeat=2):
        margins = [d - k + c[1] - c[0], d - k + c[0] - c[1]]
        assert min(margins) <= d - k + 1e-12


def test_bronars():
    rng = np.random.default_rng(9)
    rows = rng.random((100_000, 3, 2))
    accuracy = rows.mean(axis=2)
    share = ((accuracy[:, 0] >= 0.5) & (np.diff(accuracy, axis=1) >= 0).all(axis=1)).mean()
    assert share == pytest.approx(1 / (2**3 * 6), abs=4.5 * sqrt(1 / 48 / 100_000))
    printed("power-beyond", f"\\frac1{{2^5\\,5!}}=\\frac1{{{2**5 * factorial(5)}}}")
    assert 0.2 < power.rates("one swap", 40)[2] < 0.3
    printed("power-beyond", "about one time in four")


@pytest.mark.parametrize("name", ["tangents", "curves", "vacuity", "authors"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(power, name)(), every=13)


def test_tangents_touch_the_curve():
    rows = power.tangents().table(first=0.3, second=0.8)
    lines = {name: [r["payoff"] for r in rows if r["line"] == name] for name in {r["line"] for r in rows}}
    for name in ("first action", "second action"):
        gap = np.array(lines["curve G"]) - np.array(lines[name])
        assert gap.min() == pytest.approx(0, abs=1e-12)


@pytest.mark.site
def test_explorers_in_the_browser():
    made = [power.tangents(), power.curves(), power.vacuity(), power.authors()]
    browser.check_page("book/power", made)
    browser.check_page("notebooks/power", made)


SCORE = """
def make_rational(choice):
    eta = choice / choice.sum(axis=0)
    return 2 * eta - (eta**2).sum(axis=0)
"""


class TestExercises(exercises.Exercises):
    slug = "power"
    before = ("imports",)
    right = (
        ("score", SCORE),
        ("plugin", "accuracies = [0.6, 0.6, 0.8, 0.8, 0.9]"),
        ("hide", "hidden = [0.8, 0.8, 0.8, 0.85, 0.8]"),
        ("design", "prior = [0.95, 0.05]"),
    )
    wrong = (
        ("score", SCORE.replace("2 * eta -", "eta -"), "an action switch pays"),
        ("score", SCORE.replace("return ", "return 0 * "), "an action switch pays"),
        ("plugin", "accuracies = [0.8] * 5", "rejected with 0.99"),
        ("plugin", "accuracies = [0.9, 0.6, 0.7, 0.8, 0.8]", "not rational"),
        ("hide", "hidden = [0.8, 0.8, 0.8, 0.82, 0.8]", "it loses 0.16 only"),
        ("hide", "hidden = [0.9, 0.8, 0.7, 0.6, 0.5]", "it is rejected in 1.00"),
        ("hide", "hidden = [0.3, 0.8, 0.8, 0.9, 0.8]", "keep NIAS"),
        ("design", "prior = [0.5, 0.5]", "rejected in 0.00 only"),
        ("design", "prior = [0.99, 0.01]", "0.02 or more"),
    )


def test_the_normal_quantiles_of_the_page():
    assert norm.ppf(0.975) == pytest.approx(1.96, abs=0.005)
    assert norm.ppf(0.8) == pytest.approx(0.84, abs=0.005)
    assert norm.ppf(0.9) == pytest.approx(1.28, abs=0.005)
