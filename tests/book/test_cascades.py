"""The chapter on cascades: every number that its prose prints, its theorems, its exercises, its explorers."""

from fractions import Fraction as F
from math import log

import numpy as np
import pytest
from scipy.stats import binom, norm

from llma.explorers import cascades
from llma.social import TIE_RULES, SocialLearning, closed_forms, gaussian
from tests.book import browser, exercises
from tests.book.passages import cell, passage, printed

EVEN = np.array([0.5, 0.5])
TRACKING = ((0.0, 1.0), (1.0, 0.0))


def prior(q):
    return np.array([1 - float(q), float(q)])


def test_the_story():
    wrong = {tie: cascades.row(0.7, tie=tie).exact(EVEN, 1000).p_wrong_action[-1].mean() for tie in TIE_RULES}
    counted = max(cascades.agents_that_count(cascades.row(0.7, tie=tie), 0.5).mean() for tie in TIE_RULES)
    printed(
        "cascades-story",
        f"{wrong['own']:.3f}, {wrong['coin']:.3f} or {wrong['follow']:.3f}",
        "fewer than four of the thousand",
        "less than once in $10^{39}$ rows",
        "n_agents=1000",
    )
    assert wrong["low"] == pytest.approx(wrong["coin"])
    assert 3 < counted < 4
    assert binom.cdf(499, 999, 0.7) < 1e-39


def exact_law(likelihood, kappa, odds, n_agents):
    """P(cascade on action 1 | x) by exact fractions, rule "low"; an even comparison would raise."""
    alive, done = {odds: (F(1), F(1))}, [[F(0), F(0)], [F(0), F(0)]]
    for _ in range(n_agents):
        new = {}
        for o, mass in alive.items():
            acts = [o * b1 > kappa * b0 for b0, b1 in zip(*likelihood, strict=True)]
            assert all(o * b1 != kappa * b0 for b0, b1 in zip(*likelihood, strict=True)), "a tie"
            if len(set(acts)) == 1:
                for x in (0, 1):
                    done[x][acts[0]] += mass[x]
                continue
            for u in (False, True):
                r = [sum(b for b, a in zip(line, acts, strict=True) if a == u) for line in likelihood]
                old = new.get(o * r[1] / r[0], (F(0), F(0)))
                new[o * r[1] / r[0]] = tuple(old[x] + mass[x] * r[x] for x in (0, 1))
        alive = new
    return done


FINE = [[F(8, 10), F(1, 10), F(1, 10)], [F(2, 10), F(3, 10), F(5, 10)]]
COARSE = [[F(8, 10), F(2, 10)], [F(2, 10), F(8, 10)]]


@pytest.mark.parametrize(
    ("q", "fine", "coarse", "label"),
    [
        (F(2, 9), F(17, 126), F(17, 189), "cascades-better"),
        (F(5, 9), F(7, 45), F(25, 189), "cascades-exercises"),
    ],
)
def test_a_better_sensor_herds_worse(q, fine, coarse, label):
    for likelihood, target, name in ((FINE, fine, cascades.FINE), (COARSE, coarse, cascades.COARSE)):
        done = exact_law(likelihood, F(1), q / (1 - q), 80)
        wrong = (1 - q) * done[0][1] + q * done[1][0]
        assert float(abs(wrong - target)) < 1e-15
        assert cascades.wrong(cascades.tracking(name), float(q)) == pytest.approx(float(target), abs=1e-10)
        # The decimals are printed beside the fraction.
        printed(label, f"\\tfrac{{{target.numerator}}}{{{target.denominator}}}", f"{float(target):.3f}"[1:])


def test_a_better_sensor_helps_agent_zero():
    errors = [
        prior(2 / 9) @ cascades.tracking(table).exact(prior(2 / 9), 1).p_wrong_action[0]
        for table in (cascades.FINE, cascades.COARSE)
    ]
    assert errors == pytest.approx([17 / 90, 1 / 5])
    same = [
        prior(5 / 9) @ cascades.tracking(table).exact(prior(5 / 9), 1).p_wrong_action[0]
        for table in (cascades.FINE, cascades.COARSE)
    ]
    assert same == pytest.approx([0.2, 0.2])
    printed("cascades-exercises", "errs with probability $.2$")


def test_a_better_sensor_with_an_even_prior():
    fine = [[F(17, 100), F(23, 100), F(60, 100)], [F(3, 100), F(20, 100), F(77, 100)]]
    coarse = [[line[0], line[1] + line[2]] for line in fine]
    wrong = []
    for likelihood in (fine, coarse):
        model = cascades.tracking(np.array(likelihood, dtype=float))
        wrong.append(cascades.wrong(model, 0.5, 200))
        done = exact_law(likelihood, F(1), F(1), 40)  # raises at a tie
        assert float((done[0][1] + done[1][0]) / 2) == pytest.approx(wrong[-1], abs=2e-4)
    printed(
        "cascades-better",
        "rows $(.17,.23,.60)$ and $(.03,.20,.77)$",
        f"give {wrong[0]:.4f}",
        f"gives {wrong[1]:.4f}",
    )


@pytest.mark.parametrize("tie", TIE_RULES)
@pytest.mark.parametrize("p", [0.55, 0.7, 0.9])
def test_four_rules(p, tie):
    law = cascades.row(p, tie=tie).exact(EVEN, 300)
    q = 1 - p
    d, square = 1 - p * q, p**2 + q**2
    wrong, agents, survive = {
        "own": ((q**2 / square,) * 2, (2 / square,) * 2, 2 * p * q),
        "coin": ((q * (2 - p) / (2 * d),) * 2, (2 / d,) * 2, p * q),
        "low": ((q**2 / d, q / d), ((2 - p) / d, (1 + p) / d), p * q),
        "follow": ((q, q), (1, 1), 0),
    }[tie]
    assert law.p_wrong_cascade_by[-1] == pytest.approx(wrong, abs=1e-12)
    assert (1 - law.p_cascade_by).sum(axis=0) == pytest.approx(agents, abs=1e-9)
    for j in (1, 2, 3):
        assert 1 - law.p_cascade_by[2 * j] == pytest.approx([survive**j] * 2, abs=1e-12)


def test_four_rules_in_numbers():
    means = [cascades.wrong(cascades.row(0.7, tie=tie), 0.5) for tie in ("own", "coin", "low", "follow")]
    waits = [
        cascades.agents_that_count(cascades.row(0.7, tie=tie), 0.5).mean()
        for tie in ("own", "coin", "low", "follow")
    ]
    printed(
        "cascades-four",
        "the means are {:.3f}, {:.3f}, {:.3f} and {:.3f}".format(*means),
        f"a factor {means[3] / means[0]:.2f}.",
        "{:.1f} agents on average at $p=0.7$, against {:.1f}, {:.1f} and {:.0f}".format(*waits),
    )
    for p in (0.51, 0.6, 0.8, 0.99):
        own, coin, follow = (
            float(closed_forms.wrong_cascade_probability(p, tie)) for tie in ("own", "coin", "follow")
        )
        assert own < coin < follow


def test_finite_rows():
    p, q = 0.7, 0.3
    law = cascades.row(p, tie="coin").exact(EVEN, 11)
    left = (p * q) ** 5
    right = p * (1 + p) * (1 - left) / (2 * (1 - p + p * p))
    wrong = q * (2 - p) * (1 - left) / (2 * (1 - p + p * p))
    assert law.p_cascade_on[10, 1] == pytest.approx([wrong, right], abs=1e-12)
    printed("cascades-four", f"the three are {right:.3f}, {wrong:.3f} and {left:.4f}")


def test_off_the_lattice_all_rules_agree():
    p, q, rng = 0.7, 0.3, np.random.default_rng(1)
    d = 1 - p * q
    for _ in range(60):
        kappa, w = rng.uniform(0.2, 5), np.exp(rng.uniform(-1, 1) * log(p / q))
        start = prior(w * kappa / (1 + w * kappa))
        wrong = (q / d, q**2 / d) if w > 1 else (q**2 / d, q / d)
        agents = ((1 + p) / d, (2 - p) / d) if w > 1 else ((2 - p) / d, (1 + p) / d)
        for tie in TIE_RULES:
            law = cascades.row(p, kappa, tie).exact(start, 100)
            assert law.p_wrong_cascade_by[-1] == pytest.approx(wrong, abs=1e-9)
            assert (1 - law.p_cascade_by).sum(axis=0) == pytest.approx(agents, abs=1e-9)


def test_off_the_lattice_in_numbers():
    near = [cascades.wrong(cascades.row(0.7), q) for q in (0.4999, 0.5001)]
    assert near == pytest.approx([cascades.wrong(cascades.row(0.7, tie="coin"), 0.5)] * 2, abs=1e-4)
    printed("cascades-generic", f"has the same limit, {near[0]:.3f}, from both sides")


@pytest.mark.parametrize("seed", range(20))
def test_sandwich(seed):
    rng = np.random.default_rng(seed)
    likelihood = rng.dirichlet(2 * np.ones(3), size=2)
    kappa, q = rng.uniform(0.4, 2.5), rng.uniform(0.2, 0.8)
    model = SocialLearning(likelihood, [[0.0, kappa], [1.0, 0.0]])
    if model.is_cascade(prior(q)):
        kappa = q / (1 - q)
        model = SocialLearning(likelihood, [[0.0, kappa], [1.0, 0.0]])
    ratio = likelihood[1] / likelihood[0]
    low, high, spread = ratio.min(), ratio.max(), ratio.max() / ratio.min()
    law = model.exact(prior(q), 150, prune=1e-9)
    on = law.p_cascade_on[-1] * prior(q)[:, None]
    slack = law.error_bound * 10
    assert 1 - on.sum() < 1e-3
    wrong_on_1, wrong_on_0 = on[0, 1] / on[:, 1].sum(), on[1, 0] / on[:, 0].sum()
    assert 1 / (1 + kappa * spread) - slack <= wrong_on_1 <= low / (kappa + low) + slack
    assert kappa / (kappa + spread) - slack <= wrong_on_0 <= kappa / (kappa + high) + slack
    odds = q / (1 - q)
    assert law.p_cascade_on[-1, 0, 1] <= odds * low / kappa + slack
    assert law.p_cascade_on[-1, 1, 0] <= kappa / (odds * high) + slack


@pytest.mark.parametrize(("n_states", "n_observations"), [(3, 3), (3, 4), (5, 2)])
def test_a_cascade_comes(n_states, n_observations):
    rng = np.random.default_rng(4)
    for _ in range(30):
        likelihood = rng.dirichlet(np.ones(n_observations), size=n_states)
        model = SocialLearning(likelihood, rng.uniform(size=(n_states, 3)))
        runs = model.simulate(np.ones(n_states) / n_states, 2000, 20, rng)
        assert (runs.cascade_time >= 0).all()


def test_geometric_tail_constants():
    # In the proof: g is the smallest factor of an action 1; g**m exceeds the width of the region.
    model = cascades.row(0.7, tie="own")
    m, delta = 3, (0.5 * 0.3) ** 3
    assert (7 / 3) ** m > (7 / 3) ** 2
    survival = 1 - model.exact(EVEN, 31).p_cascade_by
    for j in range(1, 11):
        assert (survival[m * j] <= (1 - delta) ** j).all()


def test_a_zero_in_the_likelihood():
    model = cascades.tracking([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]])
    never = 1 - model.exact(EVEN, 400).p_cascade_by[-1]
    assert never == pytest.approx([0.8911, 0.0], abs=1e-9)
    assert 0.3 * (0.3 + 0.7 * 0.3 * 0.3) == pytest.approx(0.1089)
    for q in np.linspace(0.001, 0.999, 500):
        if model.is_cascade(prior(q)):
            assert model.action(prior(q), 1) == 1
    printed("cascades-assumptions", "$(.7,\\,.3,\\,0)$ and $(.2,\\,.5,\\,.3)$", "$(.2+.5)/(.7+.3)=.7$")
    printed("cascades-exercises", "=.1089$", "=.8911$")


def test_rank_counterexample():
    third, half, sixth = F(1, 3), F(1, 2), F(1, 6)
    likelihood = [[third, half, sixth], [third, sixth, half], [third, third, third]]
    start, gain = [F(1, 4), F(1, 4), F(1, 2)], [1, 1, -1]
    assert all(sum(line) == 1 for line in likelihood)
    for y in range(3):
        assert sum(start[x] * likelihood[x][y] * gain[x] for x in range(3)) == 0
    assert np.linalg.matrix_rank(np.array(likelihood, dtype=float)) == 2
    assert {line[0] for line in likelihood} == {third}
    text = passage("cascades-assumptions")
    assert "\\tfrac13&\\tfrac12&\\tfrac16" in text
    assert "$D=(1,1,-1)$" in text


def test_general_example():
    region = SocialLearning([[0.6, 0.25, 0.15], [0.2, 0.3, 0.5]], [[0, 1.4], [1, 0]]).cascade_region()
    printed("cascades-general", f"$({region.lower:.4f},\\,{region.upper:.4f}]$")
    done = exact_law(
        [[F(60, 100), F(25, 100), F(15, 100)], [F(2, 10), F(3, 10), F(5, 10)]], F(14, 10), F(45, 55), 30
    )
    printed("cascades-general", "$(.6,.25,.15)$ and $(.2,.3,.5)$", "$10^{-15}$ in both states")
    table = cascades.general_table()
    for x in (0, 1):
        for u in (0, 1):
            assert f"{float(done[x][u]):.4f}" in table.splitlines()[1 + x]


def test_gaussian_numbers():
    ell = log(norm.cdf(1) / norm.cdf(-1))
    second = norm.cdf(1) * norm.cdf(-1 - ell / 2) + norm.cdf(-1) * norm.cdf(ell / 2 - 1)
    law = gaussian.wrong_action_probabilities(2)
    assert law.p_wrong_action[1] == pytest.approx([second] * 2, abs=1e-9)
    printed("cascades-unbounded", f"={second:.4f}", "(0, 1, 9, 99, 399)")


def test_levels():
    def error(levels, sigma, agent):
        law = cascades.tracking(cascades.cut(levels, sigma)).exact(EVEN, 31, prune=1e-7)
        return law.p_wrong_action[agent].mean()

    printed(
        "cascades-unbounded",
        f"from {error(2, 1.0, 30):.3f} to {error(3, 1.0, 30):.3f}",
        f"errs with {error(3, 1.0, 0):.3f} in the place of {error(2, 1.0, 0):.3f}",
        f"down to {error(8, 1.0, 30):.3f} with 8",
        "At a standard deviation of 0.75 the step from 3 levels to 4",
        "$1.5\\,\\sigma\\,\\Phi^{-1}(j/n)$",
    )
    assert error(4, 0.75, 30) > error(3, 0.75, 30)
    assert error(4, 0.75, 0) < error(3, 0.75, 0)
    falling = [error(levels, 1.0, 30) for levels in range(2, 9)]
    assert falling == sorted(falling, reverse=True)


def test_signs_depend_on_the_tie_rule():
    law = {tie: cascades.tracking(cascades.cut(2, 1.0), tie).exact(EVEN, 400) for tie in TIE_RULES}
    last = {tie: law[tie].p_wrong_action[-1].mean() for tie in TIE_RULES}
    assert f"{last['low']:.4f}" in cascades.gaussian_table((0, 399)).splitlines()[-1]
    at_30 = cascades.tracking(cascades.cut(2, 1.0), "own").exact(EVEN, 31).p_wrong_action[30].mean()
    printed(
        "cascades-unbounded",
        f"would be {last['own']:.4f}, under *follow* {last['follow']:.4f}",
        f"accuracy $\\Phi(1)\\approx{norm.cdf(1):.3f}$",
        f"Under *own* agent 30 would err with {at_30:.3f}",
    )


def binary_roc(likelihood):
    """The points (false alarm, hit) of the rule "report a level of at least j"."""
    tails = np.cumsum(likelihood[:, ::-1], axis=1)
    return np.concatenate([[[0.0, 0.0]], tails.T])


@pytest.mark.parametrize("sigma", [0.75, 1.0, 1.5, 2.0])
def test_which_levels_are_garblings(sigma):
    def garbling(coarse, fine):
        # Two states: a garbling has its curve of hits against false alarms nowhere above the other.
        x, y = binary_roc(cascades.cut(fine, sigma)).T
        return all(
            hit <= np.interp(alarm, x, y) + 1e-12 for alarm, hit in binary_roc(cascades.cut(coarse, sigma))
        )

    assert not garbling(2, 3)
    assert not garbling(3, 4)
    assert garbling(2, 4)
    assert garbling(3, 6)


def test_fragility_numbers():
    model = cascades.row(0.7, tie="own")
    belief = model.public_update(model.public_update(EVEN, 1), 1)
    assert model.is_cascade(belief)
    odds = belief[1] / belief[0]
    after = {a: odds * (1 - a) / a for a in (0.7, 0.6)}
    beliefs = {a: o / (1 + o) for a, o in after.items()}
    printed(
        "cascades-fragile",
        f"is {belief[1]:.3f} for ever",
        f"takes it to {beliefs[0.7]:.3f}",
        f"takes it to {beliefs[0.6]:.3f}",
    )
    assert not model.is_cascade(prior(beliefs[0.7]))
    assert model.is_cascade(prior(beliefs[0.6]))


@pytest.mark.parametrize("tie", TIE_RULES)
def test_one_public_reading_ends_a_cascade(tie):
    rng, ends = np.random.default_rng(3), []
    for start in (0.3, 0.5, 0.7, *rng.uniform(0.31, 0.69, size=20)):
        model = cascades.row(0.7, tie=tie)
        for first in (0, 1):
            belief, previous = prior(start), None
            if model.is_cascade(belief):
                continue
            while not model.is_cascade(belief, previous):
                belief, previous = model.public_update(belief, first, previous), first
            contrary = 3 / 7 if first else 7 / 3
            after = prior(1 / (1 + belief[0] / belief[1] / contrary))
            # The action is still certain, and still the same: the cascade goes on.
            goes_on = model.is_cascade(after, first) and model.action(after, first, first) == first
            ends.append(not goes_on)
            if goes_on:
                assert start in (0.3, 0.7)
            stronger = prior(1 / (1 + belief[0] / belief[1] / contrary ** (1 + 1e-6)))
            assert not (model.is_cascade(stronger, first) and model.action(stronger, first, first) == first)
    assert all(ends) == (tie != "follow")


@pytest.mark.parametrize("seed", range(10))
def test_two_observations_leave_one_way_to_go_on(seed):
    rng = np.random.default_rng(seed)
    likelihood = rng.dirichlet(np.ones(2), size=2)
    kappa = rng.uniform(0.5, 2.0)
    model = SocialLearning(likelihood, [[0.0, kappa], [1.0, 0.0]])
    region = model.cascade_region()
    for q in rng.uniform(region.lower, region.upper, size=20):
        after = [model.is_cascade(model.public_update(prior(q), u)) for u in (0, 1)]
        assert sorted(after) == [False, True]


@pytest.mark.parametrize("accuracy", np.linspace(0.56, 0.94, 20).tolist())
def test_identity_start_meets_no_tie(accuracy):
    laws = [cascades.row(accuracy, tie=tie, update="identity-start").exact(EVEN, 400) for tie in TIE_RULES]
    for law in laws:
        assert law.p_wrong_action == pytest.approx(laws[0].p_wrong_action, abs=1e-9)


def test_identity_start():
    bayes, identity = (
        cascades.row(0.7, tie="own", update=name).exact(EVEN, 400) for name in ("bayes", "identity-start")
    )
    wrong = [law.p_wrong_cascade_by[-1].mean() for law in (bayes, identity)]
    wait = [(1 - law.p_cascade_by).sum(axis=0).mean() for law in (bayes, identity)]
    r, m = 3 / 7, 4
    assert wrong[1] == pytest.approx(r**m / (1 + r**m), abs=1e-9)
    assert wait[1] == pytest.approx(m / 0.4 * (1 - r**m) / (1 + r**m), abs=1e-6)
    assert 4.5 < wrong[0] / wrong[1] < 5
    early, late = bayes.p_wrong_action.mean(axis=1), identity.p_wrong_action.mean(axis=1)
    worse = [k for k in range(400) if late[k] > early[k] + 1e-12]
    better = [k for k in range(400) if late[k] < early[k] - 1e-12]
    assert worse == list(range(2, 8))
    assert better == list(range(8, 400))
    admits = 1 / (1 + (1.7 / 1.3) ** m)
    printed(
        "cascades-identity",
        f"{wrong[1]:.4f} in the place of {wrong[0]:.3f}",
        f"{wait[1]:.1f} agents count in the place of {wait[0]:.1f}",
        f"admits an error of {admits:.3f}, when the truth is {wrong[1]:.3f}",
        "Agents 2 to 7, at accuracy 0.7 under *own*.",
        f"errs with probability {early[2]:.3f}",
        f"agents 2 and 3 still err with {late[3]:.3f}",
        "From agent 8 on",
    )
    p = 0.8979, 0.8980
    assert [int(closed_forms.identity_start_lead(v)) for v in p] == [4, 5]
    for accuracy in np.linspace(0.501, 0.999, 200):
        assert closed_forms.identity_start_lead(accuracy) >= 4


@pytest.mark.parametrize("tie", ["low", "own"])
def test_identity_start_leaves_the_region_alone(tie):
    for q in np.linspace(0.01, 0.99, 99):
        models = [cascades.row(0.7, tie=tie, update=name) for name in ("bayes", "identity-start")]
        assert models[0].is_cascade(prior(q)) == models[1].is_cascade(prior(q))


def test_exercise_thread():
    model = cascades.row(0.7)
    belief = model.public_update(EVEN, 0)
    assert model.is_cascade(belief)
    odds = belief[1] / belief[0]
    limit = 49 / 58
    for a, cascade in ((0.501, False), (limit - 1e-6, False), (limit + 1e-6, True)):
        lifted = odds * a / (1 - a)
        assert model.is_cascade(prior(lifted / (1 + lifted))) == cascade
    printed("cascades-exercises", f"\\tfrac{{49}}{{58}}\\approx{limit:.3f}"[:-6], f"{limit:.3f}"[1:])


def test_exercise_no_regret_in_one_state():
    model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0.0, 0.0], [1.0, 0.0]], tie="own")
    for q in (1e-6, 0.1, 0.5, 0.9):
        assert model.is_cascade(prior(q))
        assert model.action(prior(q), 0) == 1


def test_explorer_section_what_you_should_have_seen():
    explorer = cascades.curves()
    setting = explorer.start | {"accuracy": 0.7, "kappa": 1.0, "tie": "low"}
    state_0 = [explorer.readouts(**setting | {"prior": q})["wrong in state 0"] for q in (0.5, 0.55, 0.6)]
    printed("cascades-explorers", f"jump from {state_0[0]} to {state_0[1]}")
    assert state_0[1] == state_0[2]
    per_rule = {
        str(explorer.readouts(**setting | {"prior": 0.4, "tie": tie})["wrong on average"])
        for tie in TIE_RULES
    }
    assert len(per_rule) == 1
    at_end = {
        str(explorer.readouts(**setting | {"prior": 0.7, "tie": tie})["wrong on average"])
        for tie in TIE_RULES
    }
    assert len(at_end) > 1
    assert explorer.readouts(**setting | {"prior": 0.8})["agents that count, on average"] == "0.000"
    explorer = cascades.region_map()
    low, own = ([r["agents"] for r in explorer.table(accuracy=0.7, tie=tie)] for tie in ("low", "own"))
    changed = [k for k, (a, b) in enumerate(zip(low, own, strict=True)) if abs(a - b) > 1e-6]
    rows = explorer.table(accuracy=0.7, tie="low")
    assert len(changed) == 33
    for k in changed:
        assert rows[k]["left"] == pytest.approx(rows[k]["low"])


@pytest.mark.parametrize("name", ["curves", "region_map", "levels", "discount"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(cascades, name)(), every=17)


LAW = """
def wrong_by(p, n):
    chance, out = [0, 0, 1, 0, 0], []
    for _ in range(n):
        out.append(chance[0])
        new = [chance[0], 0, 0, 0, chance[4]]
        for lead in (1, 2, 3):
            new[lead + 1] += p * chance[lead]
            new[lead - 1] += (1 - p) * chance[lead]
        chance = new
    return out
"""


class TestExercises(exercises.Exercises):
    slug = "cascades"
    before = ("imports", "library-exact", ("search-run", "tenths ="))
    right = (
        ("law", LAW),
        ("prior", "kappa = 30"),
        ("finer", "fine, q0 = [[0.81, 0.1, 0.09], [0.2, 0.3, 0.5]], 2 / 9"),
        ("audit", "a = 0.7"),
    )
    wrong = (
        ("law", LAW.replace("p * chance", "0.5 * chance"), "agent 2|the limit"),
        ("law", LAW.replace("chance[0])", "chance[4])"), "agent 2"),
        ("prior", "kappa = 60", "already in a cascade"),
        ("prior", "kappa = 10", "larger value"),
        ("finer", "fine, q0 = cascades.FINE, 2 / 9", "theory page"),
        ("finer", "fine, q0 = found, 0.5", "search found that one"),
        ("finer", "fine, q0 = [[0.5, 0.2, 0.3], [0.2, 0.2, 0.6]], 0.5", "gains nothing|does not suffer"),
        ("audit", "a = 0.69", "not yet"),
        ("audit", "a = 0.9", "between"),
    )

    def prepare(self, namespace):
        namespace["found"] = np.array([[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]])


def test_the_sensor_of_the_paper():
    text = cell("cascades", "real-paper")
    assert "[[35, 5], [12, 188]]" in text
    assert np.array(cascades.PAPER) == pytest.approx(np.array([[0.875, 0.125], [0.06, 0.94]]))
    laws = [cascades.tracking(cascades.PAPER, tie).exact(EVEN, 60) for tie in TIE_RULES]
    for law in laws[1:]:
        assert law.p_wrong_cascade_by[-1] == pytest.approx(laws[0].p_wrong_cascade_by[-1], abs=1e-12)


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [cascades.discount(), cascades.curves(), cascades.region_map(), cascades.levels()]
    browser.check_page("book/cascades", made)
    browser.check_page("notebooks/cascades", [*made[1:], made[0]])
