"""The chapter on private observations: the numbers of its prose, theorems, exercises, explorers."""

from math import log, prod, sqrt

import numpy as np
import pytest

from llma.explorers import private
from llma.private_observations import Crowd, ManyReadings, binary_channel, check_crowd, constant, forced
from llma.private_observations import closed_forms as forms
from llma.social import TIE_RULES, SocialLearning
from tests.book import browser, exercises
from tests.book.passages import printed

EVEN = private.EVEN
P, Q, R = 0.7, 0.3, 3 / 7


def wrong(law):
    return private.ends_wrong(law)


def test_the_story():
    plain = private.policy("nobody", 0, 1000)
    rare = private.policy("share ε", 0.02, 1000)
    printed(
        "private-story",
        f"probability {wrong(plain):.3f}",
        f"{private.errors(rare)[-1]:.0f} wrong recommendations in the place of "
        f"{private.errors(plain)[-1]:.0f}",
        "twenty on average",
        "n_agents=1000",
    )
    a_fifth = forms.wrong_after_noise(P, 0.2)
    assert forms.wrong_after_noise(P, 0.2395) < a_fifth
    table = private.story_table(1000).splitlines()[1:]
    best = min(table, key=lambda line: float(line.split()[-2]))
    assert best.startswith("one in fifty")


def test_coin_values():
    laws = [private.row(P, m, "coin").exact(EVEN, 200, prune=1e-12) for m in (1, 2, 3, 4)]
    waits = [(1 - law.p_cascade_by).sum(axis=0).mean() for law in laws]
    printed(
        "private-readings",
        "mean of $\\tau$ is {:.1f}, {:.1f}, {:.1f} and {:.1f}".format(*waits),
        "half as often under *coin*, and a fifth less under *own*",
    )
    alone = [law.p_wrong_action[0].mean() for law in laws[:2]]
    assert alone == pytest.approx([0.3, 0.3])
    printed("private-readings", "errs with probability 0.3 with one reading and with two")
    assert wrong(laws[1]) / wrong(laws[0]) == pytest.approx(0.5, abs=0.02)
    own = [wrong(private.row(P, m, "own").exact(EVEN, 200, prune=1e-9)) for m in (1, 2)]
    assert own[1] / own[0] == pytest.approx(0.8, abs=0.005)
    table = [line.split() for line in private.readings_table(P).splitlines()[1:]]
    assert [line[3] for line in table] == [f"{wrong(law):.3f}" for law in laws]


def test_three_readings_under_all_rules():
    low, high = (float(v) for v in forms.wrong_bounds(P, 3))
    ends = [wrong(private.row(P, 3, tie).exact(EVEN, 120, prune=1e-9)) for tie in TIE_RULES]
    printed(
        "private-readings",
        f"between {low:.3f} and {high:.3f}",
        f"between {min(ends):.3f} and {max(ends):.3f}",
        "differ by a factor 1.93",
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_bound_with_any_sensor(seed):
    rng = np.random.default_rng(seed)
    likelihood, m, q = rng.dirichlet(2 * np.ones(3), size=2), int(rng.integers(1, 3)), rng.uniform(0.1, 0.9)
    ratio = likelihood[1] / likelihood[0]
    low, high = ratio.min() ** m, ratio.max() ** m
    for tie in ("low", "coin"):
        model = ManyReadings(likelihood, private.laws.ERRORS, m, tie)
        law = model.exact([1 - q, q], 40, prune=1e-6)
        bound = max(low / (1 + low), 1 / (1 + high))
        assert law.p_wrong_cascade_by[-1] @ [1 - q, q] <= bound + law.error_bound
        region = model.cascade_region()
        assert (region.lower, region.upper) == pytest.approx((1 / (1 + high), 1 / (1 + low)))


def test_forced_reveals():
    beta = 2 * sqrt(P * Q)
    printed("private-forced", f"exponent $-\\ln\\beta$ is ${-log(beta):.4f}$ at $p=0.7$", "about eight more")
    assert log(2) / -log(beta) == pytest.approx(8, abs=0.1)
    explorer = private.reveals()
    for tie in ("low", "coin"):
        shown = [explorer.readouts(n_reveal=k, accuracy=0.7, tie=tie)["ends wrong"] for k in (0, 2)]
        printed("private-forced", f"from {shown[0]} to {shown[1]} at accuracy 0.7")
    shown = [explorer.readouts(n_reveal=0, accuracy=p, tie="own") for p in (0.6, 0.8)]
    exponents = [line["exponent, per reveal"] for line in shown]
    halving = [log(2) / -log(2 * sqrt(p * (1 - p))) for p in (0.6, 0.8)]
    printed("private-forced", "exponent is {} at accuracy 0.6 and {} at 0.8".format(*exponents))
    printed("private-forced", f"takes {halving[0]:.0f} more reveals, or three")
    assert halving[1] == pytest.approx(3, abs=0.2)
    own = private.forced_wrong(P, np.arange(12), "own")
    assert own[[0, 1]] == pytest.approx(own[2])
    assert own[1::2][1:] == pytest.approx([*own[4::2], own[11]], abs=1e-12)


@pytest.mark.parametrize("tie", ["low", "own", "coin"])
def test_forced_reveals_equal_the_exact_law(tie):
    for n_reveal in (1, 2, 3, 6):
        law = Crowd(private.row(P, 1, tie)).exact(EVEN, 120, reveal=forced(n_reveal, 120))
        assert wrong(law) == pytest.approx(float(private.forced_wrong(P, n_reveal, tie)), abs=1e-10)


def test_rare_reveals():
    explorer = private.waves()
    for chance in (0.02, 0.1):
        shown = explorer.readouts(chance=chance, accuracy=0.7)
        slope, rate = shown["log-odds an agent, k from 300 to 400"], shown["ε times D"]
        phrase = f"$\\varepsilon D_x={rate}$" if chance == 0.02 else f"{slope} against {rate}"
        printed("private-flagged", slope, phrase)
    table = private.reveal_table()
    for target in (".1373", ".0914", ".0320", ".0939", ".0254", ".0008"):
        assert target in table


def test_the_bill():
    nobody, fifteen = private.policy("nobody", 0, 1000), private.policy("first K", 15, 1000)
    total = [private.errors(law) for law in (nobody, fifteen)]
    printed(
        "private-bill",
        f"take {total[0][-1] - total[1][-1]:.0f} errors off a thousand",
        f"from {total[0][-1]:.1f} to {total[1][-1]:.1f}",
        f"they make {total[1][14]:.1f} wrong recommendations in the place of {total[0][14]:.1f}",
        "at $p=0.7$ is about 12",
    )
    assert 1 / (1 - 2 * sqrt(P * Q)) == pytest.approx(12, abs=0.1)
    explorer = private.bill()
    stops = {slider.name: slider.values for slider in explorer.sliders}

    names = {"first": "first K", "chance": "share ε", "rate": "c / t"}
    shown = {
        (key, stop): explorer.readouts(**(explorer.start | {key: stop}))[names[key]].split(" and ")
        for key in names
        for stop in stops[key]
    }

    def best(place, key):
        stop = min(stops[key], key=lambda stop: float(shown[key, stop][place]))
        return stop, shown[key, stop][place]

    assert [best(0, key)[0] for key in ("first", "rate")] == [15, 4]
    assert [best(1, key)[0] for key in ("first", "chance", "rate")] == [39, 0.05, 6]
    printed(
        "private-bill",
        f"Fifteen forced reveals: {best(0, 'first')[1]}.",
        f"$c=4$, is close: {best(0, 'rate')[1]}.",
        f"constant chance has {best(0, 'chance')[1]}.",
        f"Thirty-nine forced reveals ({best(1, 'first')[1]})",
        f"by $c=6$ ({best(1, 'rate')[1]})",
        f"is now 0.05, with {best(1, 'chance')[1]}.",
        "can force 39 reveals",
    )
    made = {k: private.errors(private.policy("first K", k, 1000))[-1] for k in range(37, 42)}
    assert min(made, key=made.get) == 39


@pytest.mark.parametrize("chance", [0.02, 0.1, 0.3])
def test_bounds_of_the_bill(chance):
    n, eta = 400, 1 - 2 * sqrt(P * Q)
    made = private.errors(Crowd(private.row(P)).exact(EVEN, n, reveal=constant(chance, n)))[-1]
    assert chance * Q * n <= made <= chance * Q * n + 1 / (2 * chance * eta)


def test_noise_numbers():
    def at(d):
        return float(forms.wrong_after_noise(P, d))

    jumps = [forms.jump_of_noise(P, lead) for lead in (2, 3, 4)]
    after = [at(d) for d in jumps]
    printed(
        "private-noise",
        f"ends wrong with probability {at(0.239):.4f}",
        f"the probability is {at(0.2395):.4f}",
        f"mean of $\\tau$ is {forms.agents_after_noise(P, 0.2395):.1f} in the place of "
        f"{forms.agents_after_noise(P, 0.239):.1f}",
        f"at $d_3={jumps[1]:.4f}$, between 0.32 ({at(0.32):.4f}) and 0.33 ({at(0.33):.4f})",
        "are {:.3f}, {:.3f}, {:.3f}, ...".format(*after),
        f"from $d_2={jumps[0]:.4f}$ to {forms.jump_of_noise(0.9, 2):.4f} at accuracy 0.9",
        f"*coin* has {wrong(private.row(P, 1, 'coin').exact(EVEN, 200)):.4f}",
        f"nearly {at(0):.4f}",
        "with probability 0.75 only",
    )
    assert forms.word_accuracy(0.9, forms.jump_of_noise(0.9, 2)) == pytest.approx(0.75)
    for tie in ("low", "own", "coin"):
        law = Crowd(private.row(P, 1, tie), binary_channel(1e-6)).exact(EVEN, 300)
        assert law.p_wrong_cascade_by[-1] == pytest.approx([at(0)] * 2, abs=1e-5)


def test_copies():
    table = [line.split() for line in private.copies_table(P).splitlines()[2:]]
    assert [row[:3] for row in table] == [
        ["1", "0.300", "0.300"],
        ["2", "0.300", "0.300"],
        ["3", "0.216", "0.300"],
    ]
    printed(
        "private-copies",
        f"errs with probability {table[2][2]}, where {table[2][1]} is promised",
        f"{table[2][4]} in the place of {table[2][3]}",
    )
    crowd = Crowd(private.row(P, 3))
    claim, fact = (
        crowd.exact(EVEN, 100, truth=truth, prune=1e-9) for truth in (None, private.copies(P, 3, 1.0))
    )
    counts = [(1 - law.p_cascade_by).sum(axis=0).mean() for law in (fact, claim)]
    printed("private-copies", "mean of $\\tau$ is {:.1f} in the place of {:.1f}".format(*counts))
    some = crowd.exact(EVEN, 100, truth=private.copies(P, 3, 0.25), prune=1e-9)
    printed("private-copies", f"chance of 0.25 make it end wrong with probability {wrong(some):.3f}")
    assert wrong(some) > wrong(claim) + claim.error_bound + some.error_bound
    rows = private.repeats().table(m=3, share=1.0, accuracy=0.7)
    promised, found = np.array([line["error"] for line in rows]).reshape(2, -1)
    worse = np.flatnonzero(found > promised)
    printed(
        "private-copies",
        f"All agents up to number {worse.max()} err more",
        f"from number {worse.max() + 1} on",
    )
    assert worse.tolist() == list(range(worse.max() + 1))


def test_counterexamples():
    odds = 2.85
    prior = np.array([1, odds]) / (1 + odds)
    unequal = prior @ private.row(P, 1, "low", 3.0).exact(prior, 100).p_wrong_cascade_by[-1]
    given_good = private.row(P, 1, "low").exact(EVEN, 100).p_wrong_cascade_by[-1, 1]
    r_e = (1 - forms.word_accuracy(P, 0.3)) / forms.word_accuracy(P, 0.3)
    unknown = r_e**2 / (1 + r_e**2)
    printed(
        "private-assumptions",
        "$o_0=2.85$",
        f"ends wrong with probability {unequal:.3f}",
        f"with probability ${given_good:.3f}$",
        f"probability {forms.word_accuracy(P, 0.3):.2f} only: $P(W)={unknown:.3f}$",
        f"With known noise it is {forms.wrong_after_noise(P, 0.3):.3f}",
    )
    uneven = [
        [0.4, 0.6]
        @ Crowd(private.row(P)).exact([0.4, 0.6], 200, reveal=forced(k, 200)).p_wrong_cascade_by[-1]
        for k in (0, 1, 2)
    ]
    assert uneven[0] == pytest.approx(uneven[1])
    strong = SocialLearning([[0.8, 0.2], [0.4, 0.6]], private.laws.ERRORS, tie="own")
    lopsided = [wrong(Crowd(strong).exact(EVEN, 200, reveal=forced(k, 200))) for k in (1, 2)]
    printed(
        "private-assumptions",
        f"is {uneven[1]:.3f} with no reveal or one, and {uneven[2]:.3f} with two",
        "from {:.3f} to {:.3f}".format(*lopsided),
    )
    assert unequal > 0.3
    assert given_good > 0.3
    assert unknown > 0.3
    # A row that ignores the noise is one that believes in its words: the truth flips the readings' actions.
    law = Crowd(private.row(P)).exact(EVEN, 200, truth=[[0.58, 0.42], [0.42, 0.58]])
    assert wrong(law) == pytest.approx(unknown)
    same = [[0.4, 0.6], [0.4, 0.6]]
    law = Crowd(SocialLearning(same, private.laws.ERRORS)).exact(EVEN, 5, reveal=0.5)
    assert law.p_cascade_by == pytest.approx(np.ones((5, 2)))
    assert forms.bhattacharyya(same) == pytest.approx(1)
    assert check_crowd(same, private.laws.ERRORS, EVEN)
    assert check_crowd([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], private.laws.ERRORS, EVEN)


def test_exercises_on_the_page():
    assert 1 / (1 + 1.5**12) < 0.01 < 1 / (1 + 1.5**11)
    printed("private-exercises", f"\\approx{log(99) / log(1.5):.1f}$")
    first, third = (float(forms.wrong_after_forced(P, k)) for k in (2, 3))
    factors = (1 - R) / (1 - R**4), Q**2 * P, 1 - R**2
    assert prod(factors) == pytest.approx(first - third)
    printed(
        "private-exercises",
        "${:.4f}\\cdot{:.4f}\\cdot{:.4f}={:.4f}$".format(*factors, first - third),
        f"${first:.4f}-{third:.4f}={first - third:.4f}$",
        f"\\cdot{Q**2 / (P**2 + Q**2):.5f}>0.0775$",
        f"at $p=0.7$: ${P * Q * (1 - 2 * Q):.3f}$",
        f"this says {log(P / Q) * P * Q / 2:.3f}",
        f"$0.3-{forms.wrong_after_noise(P, forms.jump_of_noise(P, 2)):.4f}=0.081$",
    )
    nobody = Crowd(private.row(P)).exact(EVEN, 3)
    assert Q - nobody.p_wrong_action[2] == pytest.approx([P * Q * (1 - 2 * Q)] * 2)
    n = 1000
    rare = Crowd(private.row(P)).exact(EVEN, n, reveal=1 / np.arange(2.0, n + 2) ** 2, prune=1e-10)
    assert wrong(rare) > 0.5 * Q**2 / (P**2 + Q**2)


@pytest.mark.parametrize("name", ["readings", "reveals", "waves", "bill", "noise", "repeats"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(private, name)(), 7)


STATISTIC = """
def number_of_ones(B, m):
    return [[comb(m, s) * B[x][1] ** s * B[x][0] ** (m - s) for s in range(m + 1)] for x in (0, 1)]
"""


@pytest.mark.site
def test_explorers_on_the_site():
    made = [getattr(private, name)() for name in ("readings", "reveals", "waves", "bill", "noise", "repeats")]
    browser.check_page("book/private", made)
    browser.check_page("notebooks/private", made)


class TestExercises(exercises.Exercises):
    slug = "private"
    before = ("imports", ("library-run", "plain ="))
    right = (
        ("statistic", STATISTIC),
        ("schedule", "reveal = [1] * 41 + [0] * 959"),
        ("schedule", "reveal = po.forced(39, 1000)"),
        ("noise", "less, more = 0.2215, 0.2225"),
    )
    wrong = (
        ("statistic", STATISTIC.replace("comb(m, s) *", "1 *"), "must sum to one"),
        ("statistic", STATISTIC.replace("B[x][1] ** s * B[x][0]", "B[x][0] ** s * B[x][1]"), "not the law"),
        ("statistic", STATISTIC.replace("range(m + 1)", "range(m)"), "m \\+ 1 columns"),
        ("schedule", "reveal = 0.05", "one chance for each"),
        ("schedule", "reveal = np.full(1000, 0.05)", "not yet"),
        ("schedule", "reveal = np.full(1000, np.nan)", "chances lie"),
        ("schedule", "reveal = po.harmonic(6, 1000)", "not yet"),
        ("noise", "less, more = 0.1, 0.105", "no such fall"),
        ("noise", "less, more = 0.1, 0.3", "at most 0.01"),
        ("noise", "less, more = 0.3, 0.2", "please"),
    )
