"""The chapter on word of mouth: every number that its prose prints, its theorems, exercises, explorers."""

from math import log, sqrt

import numpy as np
import pytest

from llma import word_of_mouth as wom
from llma.explorers import word_of_mouth as pages
from tests.book import browser, exercises
from tests.book.passages import cell, printed

EVEN = np.array([0.5, 0.5])
EXPLORERS = ("relays", "precision_paths", "who_gains", "rumour", "collapse")


def test_the_story():
    end = [wom.precision(10_000, n)[-1] for n in (1, 2, 3, 4)]
    printed(
        "word-of-mouth-story",
        "the precision after 10 000 days would be 10 001",
        f"The precision is {end[1]:.1f} with two models, {end[2]:.1f} with three and {end[3]:.1f} with four",
        "from a single one, which would give 2",
    )
    assert end[0] == pytest.approx(10_001)
    assert end[3] < wom.precision(1, 1)[-1] == 2
    assert all(f"{value:9.1f}" in pages.weight_table((1, 2, 3, 4)) for value in end)


def test_free_relays_and_the_coin():
    law = wom.WordOfMouth([[0.7, 0.3], [0.3, 0.7]], pages.TRACKING, 2, tie="coin").round([0.3, 0.7])
    assert law.actions[0][0, 0] == pytest.approx(0.35)
    assert law.actions[1][0, 0] == pytest.approx(0.175)
    assert law.actions[0][1, 1] / law.actions[0][0, 1] == pytest.approx(17 / 13)
    printed("word-of-mouth-exercises", "$.7\\cdot.5=.35$", "$.175$", "\\tfrac{17}{13}")
    printed("word-of-mouth-loss", "with accuracy 0.7 and $q=0.7$")


def test_lengths():
    wrong = wom.wrong_blind_probability(0.8, 0.1, [1, 2, 3, 5, 10])
    table = pages.length_table((1, 2, 3, 5, 10)).splitlines()[1:]
    assert [line.split()[2] for line in table] == [f"{value:.3f}" for value in wrong]
    printed("word-of-mouth-noisy", "(1, 2, 3, 5, 10)")
    both = [float(wom.wrong_blind_probability(0.8, 0.3, 2, b)) for b in wom.BROADCASTS]
    printed(
        "word-of-mouth-noisy",
        f"wrong with probability {both[0]:.3f}, with posterior broadcast with {both[1]:.3f}",
    )
    assert wom.wrong_blind_probability(0.8, 0.1, 4) < 0.25 < wom.wrong_blind_probability(0.8, 0.1, 5)
    printed(
        "word-of-mouth-exercises", f"\\approx{sqrt(3) / (1 + sqrt(3)):.3f}".replace("0.", "."), "So $N=5$"
    )


def lead(p, d, n):
    before, last = (float(wom.relayed_accuracy(p, d, h)) for h in (n - 2, n - 1))
    return int(log(before / (1 - before)) / log(last / (1 - last)) + 1e-9) + 1


def test_what_the_relay_explorer_shows():
    assert {lead(0.8, 0.1, n) for n in range(2, 13)} == {2}
    assert lead(0.99, 0.1, 2) == 3
    assert all(lead(1 - d**2 / 4, d, 2) >= 3 for d in (0.001, 0.01, 0.05, 0.1, 0.2, 0.3))
    assert all(lead(0.8, 0.3, n) >= 3 for n in range(2, 13))
    for d in (0.02, 0.1, 0.2, 0.25, 0.3, 0.4):
        assert lead(0.8, d, 14) == int(1 / (1 - 2 * d) + 1e-9) + 1
    explorer = pages.relays()
    for n in range(2, 13):
        seen = explorer.readouts(**explorer.start | {"length": n})
        assert seen["ends wrong, action"] == seen["ends wrong, posterior"]
    for n in range(2, 8):
        seen = explorer.readouts(**explorer.start | {"length": n, "noise": 0.3})
        assert seen["ends wrong, action"] > seen["ends wrong, posterior"]
    eight = explorer.readouts(**explorer.start | {"length": 8, "noise": 0.3})
    assert eight["ends wrong, action"] == eight["ends wrong, posterior"]
    good = explorer.readouts(**explorer.start | {"length": 2, "accuracy": 0.99})
    printed(
        "word-of-mouth-noisy",
        f"{good['ends wrong, action']} with the action, {good['ends wrong, posterior']} with the posterior",
    )
    level = {
        explorer.readouts(**explorer.start | {"length": n, "noise": 0.0})["ends wrong, posterior"]
        for n in (2, 7)
    }
    assert len(level) == 1


@pytest.mark.parametrize("p", [0.6, 0.8, 0.9])
@pytest.mark.parametrize("d", [0.0, 0.05, 0.2, 0.3, 0.45])
def test_the_posterior_is_never_worse(p, d):
    action, posterior = (wom.wrong_blind_probability(p, d, range(1, 13), b) for b in wom.BROADCASTS)
    assert (posterior <= action + 1e-12).all()


def test_exponents():
    slope = [float(wom.estimates.local_exponent(wom.precision_far(k, 4), k, 4, 1.0, 1.0)) for k in (1e4, 1e9)]
    line = pages.precision_table((4,), (1e4, 1e9)).splitlines()[1]
    assert line.split() == ["4", *(f"{value:.4f}" for value in (wom.exponent(4), *slope))]
    printed(
        "word-of-mouth-gauss",
        "$\\tau_k^3\\sim3k/(QR^2)$",
        "1, 1/3, 1/7, 1/15",
    )
    assert [1 / wom.exponent(n) for n in (1, 2, 3, 4)] == pytest.approx([1, 3, 7, 15])
    assert wom.constant(2, noise=2.0, relay=5.0) == pytest.approx(3 / 20)
    summit = []
    for n in (2, 3, 4):
        tau = wom.precision(20_000, n)
        slope = np.log2(tau[2::2] / tau[1 : len(tau) // 2 + 1])
        assert slope[0] < wom.exponent(n) < slope[-1] < slope.max()
        summit.append(slope.argmax())
    assert sorted(summit) == summit


def test_weights():
    bounded = [wom.precision(10_000, n, weight=wom.discounted(1.0))[-1] for n in (2, 4)]
    none = [wom.precision(10_000, n, weight=np.zeros_like)[-1] for n in (2, 4)]
    table = [line.split()[2:] for line in pages.weight_table((2, 4)).splitlines()[1:]]
    assert table == [[f"{b:.1f}", f"{z:.1f}"] for b, z in zip(bounded, none, strict=True)]
    explorer = pages.precision_paths()
    names = [f"slope at the end, N = {n}" for n in (2, 3, 4)]
    full = explorer.readouts(**explorer.start)
    printed(
        "word-of-mouth-weight",
        "are {}, {} and {} for rows".format(*(full[name] for name in names)),
        f"at $Q=1$ have slope {explorer.readouts(**explorer.start | {'weight': 'at most 1'})[names[2]]}",
        f"$g_3(1)={wom.effective_noise(1.0, 4)[-1]:.0f}$",
    )
    root = explorer.readouts(**explorer.start | {"weight": "square root"})
    printed(
        "word-of-mouth-weight",
        "the slopes {}, {} and {} are on".format(*(root[name] for name in names)),
        "{:.0f}, {:.0f}, {:.0f} and {:.0f}".format(
            *(wom.precision(100, n, relay=0.01)[-1] for n in (1, 2, 3, 4))
        ),
    )
    assert [1 / wom.exponent(n, 0.5) for n in (2, 3, 4)] == pytest.approx([2, 4, 8])
    for n, name in zip((2, 3, 4), names, strict=True):
        path = wom.precision(10_100, n)
        assert float(full[name]) == pytest.approx(
            np.log(path[10_100] / path[9_900]) / np.log(10_100 / 9_900), abs=1e-3
        )
    none = explorer.readouts(**explorer.start | {"weight": "none"})
    assert all(float(none[name]) > 0.995 for name in names)


def test_memories():
    naive, lines = wom.private_naive(pages.PRINTED), pages.memory_table().splitlines()[1:]
    printed(
        "word-of-mouth-moving",
        "$a=0.95$, $W=R=1$, $Q=0.1$",
        "everybody loses about 0.04",
    )
    assert (np.diff(naive.claimed) < 0).all()
    assert (np.diff(naive.actual) > 0).all()
    own, common = wom.private_exact(pages.PRINTED, 200)[-1], wom.common_prior(pages.PRINTED)
    assert own == pytest.approx([0.6076, 0.6987, 0.7897, 0.8807], abs=5e-5)
    assert common == pytest.approx([0.6469, 0.7391, 0.8307, 0.9216], abs=5e-5)
    assert (common - own).round(2).tolist() == [0.04] * 4
    assert (common[1:] < naive.actual[1:]).all()
    assert common[0] > naive.actual[0]
    assert [f"{v:.3f}" for v in own] == [line.split()[1] for line in lines]


def test_who_gains():
    explorer = pages.who_gains()
    noisy, quiet = (explorer.readouts(**explorer.start | {"relay": q}) for q in (1.0, 0.02))
    printed(
        "word-of-mouth-moving",
        f"has error variance {noisy['agent 3: naive']}, "
        f"with the common prior {noisy['agent 3: common prior']}",
        f"agent 3 claims {noisy['agent 3: naive, claimed']}",
        f"At $Q=0.02$ it claims {quiet['agent 3: naive, claimed']}, the truth is {quiet['agent 3: naive']}, "
        f"and a common prior would give {quiet['agent 3: common prior']}",
    )
    model = wom.Tracking(0.95, 1.0, 1.0, 1.0, 4)
    law = wom.private_naive(model)
    assert law.claimed[0] + 1 > 1
    assert (np.diff(law.claimed) > 0).all()
    assert (wom.common_prior(model) > law.actual).all()
    other = explorer.start | {"transition": 0.8, "drift": 0.1}
    calm, loud = (explorer.readouts(**other | {"relay": q}) for q in (0.02, 1.0))
    for seen in (calm, loud):
        printed(
            "word-of-mouth-moving",
            f"(agent 3: {seen['agent 3: common prior']}, naive {seen['agent 3: naive']})",
        )
    for relay, gaining in ((0.02, []), (1.0, [2, 3])):
        model = wom.Tracking(0.8, 0.1, 1.0, relay, 4)
        helped = wom.common_prior(model) < wom.private_naive(model).actual
        assert np.flatnonzero(helped).tolist() == gaining
    exceptions = []
    for setting in explorer.grid():
        curves = {}
        for line in explorer.table(**setting):
            curves.setdefault(line["memory"], []).append(line["variance"])
        claimed, actual = curves["what the naive claim"], curves["own prior, naive"]
        assert (np.array(claimed)[1:] < np.array(actual)[1:]).all()
        lowest = np.array(curves["own prior, exact"])
        for other in ("common prior", "own prior, naive"):
            worse = np.flatnonzero(lowest > np.array(curves[other]) + 1e-6)
            exceptions += [(setting, other, worse.tolist())] if len(worse) else []
    odd = {"transition": 0.95, "drift": 0.1, "relay": 1.0}
    assert exceptions == [(odd, "own prior, naive", [3])]
    there = explorer.readouts(**odd)
    printed(
        "word-of-mouth-moving",
        f"the naive agent 3 has {there['agent 3: naive']} "
        f"and the exact one {there['agent 3: own prior, exact']}",
        "at $a=0.95$, $W=0.1$, $Q=1$",
    )
    settled = wom.private_exact(wom.Tracking(0.95, 0.1, 1.0, 1.0, 4), 1000)[-1]
    assert settled[3] > wom.private_naive(wom.Tracking(0.95, 0.1, 1.0, 1.0, 4)).actual[3] + 1e-3


@pytest.mark.slow
def test_the_search_of_the_page():
    """Four hundred random settings; one had not settled after 250 rounds and is left out."""
    rng, least, honest, settled = np.random.default_rng(0), np.inf, np.inf, 0
    for _ in range(400):
        a, logs = rng.uniform(-1.3, 1.3), rng.uniform(-4, 4, size=3)
        model = wom.Tracking(a, *np.exp(logs), 4)
        own = wom.private_exact(model, 250)
        if np.abs(own[-1] / own[-2] - 1).max() > 1e-9:
            continue
        settled += 1
        least = min(least, (wom.common_prior(model) / own[-1]).min())
        naive = wom.private_naive(model)
        honest = min(honest, (naive.actual[1:] / naive.claimed[1:]).min())
    assert honest > 1
    printed("word-of-mouth-moving", f"in {settled} random settings")
    assert least > 1 - 1e-9


def test_the_rumour():
    two = [wom.vote(counts, 0.7).p_wrong for counts in ([2, 1, 1, 1], [1, 1, 1, 1])]
    assert two[0] == pytest.approx(two[1])
    four, once = wom.vote([4] + [1] * 5, 0.7), wom.vote([1] * 6, 0.7)
    printed(
        "word-of-mouth-incest",
        f"two couriers the naive agent errs with probability {two[0]:.3f}",
        f"it errs with {four.p_wrong:.3f}, *admits* {four.p_admitted:.3f}, and could have {once.p_wrong:.3f}",
    )


def test_the_rumour_explorer():
    explorer = pages.rumour()
    one, ten = (explorer.readouts(**explorer.start | {"couriers": k}) for k in (1, 10))
    printed(
        "word-of-mouth-incest",
        f"errs with {one['naive: wrong']} with one courier",
        f"with {ten['naive: wrong']} with ten. It admits {one['naive: admits']} and {ten['naive: admits']}",
        f"would give {ten['counted once: wrong']} with ten couriers",
    )
    once = [wom.vote([1] * (k + 2), 0.7).p_wrong for k in range(1, 16)]
    assert once[0::2][:7] == pytest.approx(once[1::2])


def test_collapse():
    law = wom.moments(50, 100)
    fresh = wom.moments(50, 1000, 5)
    printed(
        "word-of-mouth-collapse",
        f"after 100 generations is {law.spread[-1]:.3f}",
        f"$D_\\infty={wom.limiting_wander(50, 5):.3f}\\,v_0$",
        f"stays at {fresh.spread[-1]:.3f}",
        f"the limit is {wom.limiting_wander(50, 5):.3f}",
        f"still {wom.moments(200, 200).wander[-1]:.3f} after 200 generations",
    )
    assert fresh.spread.min() >= fresh.spread[-1] - 1e-9
    for n in (1000, 10_000):
        assert 1 / wom.limiting_wander(n, 5) == pytest.approx(11, abs=0.1)
    explorer = pages.collapse()
    assert {explorer.readouts(**s)["the two together"] for s in explorer.grid()} == {"1.000"}


def test_exercise_rounds():
    path = wom.precision(500, 2)
    g = wom.noise_polynomial(2)
    assert g.integ()(10.0) - g.integ()(1.0) == pytest.approx(450)
    printed("word-of-mouth-exercises", "=450.", f"In fact it needs {int((path >= 10).argmax())}.")


def test_exercise_typical_path():
    drift = wom.log_drift(2)
    printed(
        "word-of-mouth-exercises",
        f"\\approx{drift + log(2):.2f}$",
        f"\\approx{drift:.2f}$",
        f"divided by about {np.exp(-drift):.0f}",
    )


def test_the_path_count_of_the_page():
    assert wom.path_counts(wom.fan(2))[:, 3].tolist() == [2, 1, 1, 1]


def test_exercise_graph_and_fresh():
    edges = np.zeros((5, 5), dtype=int)
    edges[:2, 2:4] = edges[2:4, 4] = 1
    with pytest.raises(ValueError, match=r"hear agents \[0, 1\]"):
        wom.correction(edges, 4)
    edges[:2, 4] = 1
    assert wom.correction(edges, 4).tolist() == [-1, -1, 1, 1]
    values = {f: 1 / wom.limiting_wander(50, f) for f in (10, 11)}
    assert values[10] < 20 <= values[11]
    printed("word-of-mouth-exercises", f"={values[10]:.1f}$", f"={values[11]:.2f}$")


@pytest.mark.parametrize("name", EXPLORERS)
def test_explorers_evaluate_everywhere(name):
    explorer = getattr(pages, name)()
    assert explorer.settings <= 2_000
    exercises.evaluate_grid(explorer, 5)


@pytest.mark.site
def test_pages_in_the_browser():
    made = [getattr(pages, name)() for name in EXPLORERS]
    browser.check_page("book/word-of-mouth", made)
    browser.check_page("notebooks/word-of-mouth", made)


RECURSION = """
def next_precision(tau, n, R, Q):
    g = R
    for _ in range(n - 1):
        g = g + Q * (1 + tau * g) ** 2
    return tau + 1 / g
"""

AUDIT = """
def my_belief(agent_0, courier_1, courier_2):
    odds = 1
    for q in (courier_1, courier_2):
        odds *= q / (1 - q)
    odds *= (1 - agent_0) / agent_0
    return odds / (1 + odds)
"""


class TestExercises(exercises.Exercises):
    slug = "word-of-mouth"
    before = ("imports",)
    right = (
        ("recursion", RECURSION),
        ("restore", "weight = lambda tau: np.minimum(tau, 0.2)"),
        ("restore", "weight = lambda tau: 0.1"),
        ("restore", "weight = lambda tau: [0.15][0] + 0.05 / tau"),
        ("restore", "weight = lambda tau: 0.1 if tau < 1000 else 0.25"),
        ("graph", "edges = wom.fan(3)"),
        ("graph", "edges = [[0,1,1,1,0],[0,0,0,0,1],[0,0,0,0,1],[0,0,0,0,1],[0,0,0,0,0]]"),
        ("audit", AUDIT),
    )
    wrong = (
        ("recursion", RECURSION.replace("tau * g", "g"), "not right at n = 2"),
        ("recursion", RECURSION.replace("** 2", ""), "not right"),
        ("recursion", "def next_precision(tau, n, R, Q):\n    return float('nan')", "not a number"),
        ("recursion", "def next_precision(tau, n, R, Q):\n    return tau + 1 / R", "not right at n = 2"),
        ("restore", "weight = lambda tau: 0 * tau", "counts too little"),
        ("restore", "weight = lambda tau: 1e-300", "counts too little"),
        ("restore", "weight = lambda tau: 0.01 * tau / (1 + tau)", "counts too little"),
        ("restore", "weight = lambda t: 0.2 if float(t) in (1.0, 10.0, 1e3) else 0.0", "counts too little"),
        ("restore", "weight = lambda tau: np.array([0.2, 0.2])", "one number"),
        ("restore", "weight = lambda tau: 0.3", "not yet above 1000"),
        ("restore", "weight = lambda tau: tau", "not yet above 1000"),
        ("restore", "weight = wom.discounted(1.0)", "not yet above 1000"),
        ("restore", "weight = lambda tau: 2 * tau", "more than the true precision"),
        ("restore", "weight = lambda tau: np.nan", "must be a number"),
        ("restore", "weight = 0.2", "must be a function"),
        ("graph", "edges = wom.fan(2)", "five agents"),
        ("graph", "edges = wom.fan(3) * 0", "it counts"),
        ("audit", AUDIT.replace("(1 - agent_0) / agent_0", "1"), "the audit fails"),
        ("audit", "def my_belief(a, b, c):\n    return 0.5", "the audit fails"),
        ("audit", "def my_belief(a, b, c):\n    return 2", "no probability"),
    )


def test_the_notebook_measures_its_relays():
    text = cell("word-of-mouth", "real-rows")
    assert "received[-1] @ channel" in text
    assert "drawn rows agree" in text
