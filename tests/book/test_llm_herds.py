"""The chapter on LLM herds: the numbers that its prose prints, its statements, exercises and explorers."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from llma.agents import (
    HerdGame,
    bayesian,
    evidence,
    history,
    keep_own,
    levels,
    load,
    midpoint,
    naive,
    names,
    population_law,
    prompts,
    public_log_odds,
    raw,
    sampled,
    scores,
    study,
)
from llma.agents.rules import step_sizes
from llma.explorers import llm_herds
from llma.explorers.llm_herds.views import MODELS
from tests.book import browser, exercises
from tests.book.passages import passage, printed
from training import herd_games, herds

SLIPS = 0.05


def game(p, slips=0.0):
    return HerdGame(0.5, (p,), slips)


def test_the_recipe():
    printed(
        "llm-herds-story",
        "about 28,000 parameters",
        "Each of the main ones saw about a million games",
        "prior=0.5 accuracy=0.7 signal=1 #1:0 #2:1",
    )
    assert " ".join(prompts.words(0.5, 0.7, 1, [0, 1])) in passage("llm-herds-story")
    assert sum(p.numel() for p in herds.new_model().parameters()) == pytest.approx(28_000, rel=0.02)
    assert herds.STEPS["greedy"] * herds.BATCH == pytest.approx(1.1e6, rel=0.1)
    printed(
        "llm-herds-model",
        "A quarter of the readers",
        "$p$ of 0.6, 0.7 or 0.8",
        "slips of $\\varepsilon=0.05$",
    )
    assert (herd_games.PUBLIC_SHARE, herds.ACCURACIES, herds.TREMBLE) == (0.25, (0.6, 0.7, 0.8), SLIPS)
    assert study.TREMBLE == SLIPS
    printed("llm-herds-model", f"All {len(herds.all_names())} models")
    assert set(names()) == set(herds.all_names())
    printed("llm-herds-model", f"one row has {prompts.MAX_ACTIONS + 1} prompts")
    printed("llm-herds-bayes", f"a vocabulary of {len(prompts.VOCABULARY)} tokens")
    printed("llm-herds-sampling", f"plays {herds.STEPS['round']} batches")
    printed("llm-herds-sampling", "$[0.3,0.7]$", "$[0.55,0.9]$", "$(0.47,0.53)$", "$(0.67,0.73)$")
    assert (herd_games.PRIOR_RANGE, herd_games.ACCURACY_RANGE) == ((0.3, 0.7), (0.55, 0.9))
    assert (herd_games.PRIOR_GAP, herd_games.ACCURACY_GAP) == ((0.47, 0.53), (0.67, 0.73))


def test_the_row_that_copies_its_first_agent():
    calm = game(0.7)
    truth = study.exact_beliefs(calm, bayesian(calm, raw))
    lean = [truth[0]]
    for k in range(1, 12):
        lean.append(truth[k] + 0.01 * (2 * (np.arange(1 << k) % 2) - 1)[:, None, None])
    wrong = population_law(calm, [raw(level, calm) for level in lean]).wrong
    np.testing.assert_allclose(wrong, 0.3)
    assert max(np.abs(expit(a) - expit(b)).max() for a, b in zip(lean, truth, strict=True)) < 0.01
    exact = population_law(calm, bayesian(calm, raw)).wrong[10]
    printed(
        "llm-herds-ties", f"wrong with probability {wrong[10]:.3f}", f"wrong with probability {exact:.3f}"
    )


def test_the_numbers_of_the_band():
    widths = [midpoint(game(p, SLIPS)) for p in (0.6, 0.7, 0.8)]
    steps = [step_sizes(game(p, SLIPS)) for p in (0.6, 0.7, 0.8)]
    printed("llm-herds-ties", "width is {:.3f}, {:.3f} and {:.3f} weights of a signal".format(*widths))
    printed("llm-herds-ties", "in log-odds {:.3f}, {:.3f} and {:.3f}".format(*(a / 2 for _, a in steps)))
    leans = [signal - action for signal, action in steps]
    printed("llm-herds-ties", "by {:.3f}, {:.3f} and {:.3f} in log-odds".format(*leans))
    calm = game(0.7)
    law = population_law(calm, bayesian(calm, raw))
    prompts_met = sum(2 * int((level.sum(axis=1) > 0).sum()) for level in law.histories[:12])
    printed("llm-herds-ties", f"among the {prompts_met} that can occur")


def test_the_five_values():
    for p, slips in ((0.6, 0.0), (0.7, 0.05), (0.8, 0.1)):
        here = game(p, slips)
        signal, action = step_sizes(here)
        assert 2 * action > signal
        values = signal + action * np.array([-2, -1, 0, 1, 2])
        met = set()
        for table, policy in zip(
            study.exact_beliefs(here, bayesian(here, raw)), bayesian(here, raw), strict=True
        ):
            favour = table * np.array([-1.0, 1.0])
            place = np.abs(favour[..., None] - values).argmin(axis=-1)
            np.testing.assert_allclose(favour, values[place], atol=1e-9)
            met |= set(place.ravel().tolist())
            against = policy != np.array([0.0, 1.0])
            np.testing.assert_array_equal(against, place == 0)
        assert met == {0, 1, 2, 3, 4}


def test_frequent_slips_leave_the_lattice():
    here = game(0.7, 0.3)
    signal, action = step_sizes(here)
    printed("llm-herds-assumptions", f"$A={action:.3f}$", f"$L={signal:.3f}$")
    assert 2 * action < signal
    favour = study.exact_beliefs(here, bayesian(here, raw))[3] * np.array([-1.0, 1.0])
    values = signal + action * np.array([-2, -1, 0, 1, 2])
    assert np.abs(favour[..., None] - values).min(axis=-1).max() > 0.01


def test_an_uneven_prior_leaves_the_lattice():
    here = HerdGame(0.4, (0.7,))
    people = bayesian(here, raw)
    said = study.exact_beliefs(here, people)[1][0]
    case = said[0, 1]
    printed("llm-herds-ties", f"log-odds ${case:.3f}$", f"is {-case / logit(0.7):.3f} of a weight")
    assert people[1][0, 0, 1] == 0
    assert keep_own(0.5)(said[None], here)[0, 0, 1] == 1
    for prior in (0.3957, 0.45, 0.4999):
        near = HerdGame(prior, (0.7,))
        assert -logit(0.7) / 2 <= logit(prior) < 0
        people = bayesian(near, raw)
        assert people[1][0, 0, 1] == 0
        assert keep_own(0.5)(study.exact_beliefs(near, people)[1][:1], near)[0, 0, 1] == 1


def test_levels():
    calm = game(0.7)
    wrong = [population_law(calm, level).wrong[10] for level in study.sampling_levels(0.7, 3)]
    fixed = population_law(calm, bayesian(calm, sampled)).wrong[10]
    assert wrong[1] > wrong[0] > wrong[3] > fixed > wrong[2]
    printed("llm-herds-sampling", "is not monotone")
    table = llm_herds.sampling_rounds_table().splitlines()[1:]
    assert len(table) == 12
    for line in table:
        r, _, _, level, limit = line.split()
        assert (level, limit) == (f"{wrong[int(r)]:.3f}", f"{fixed:.3f}")
    costs = []
    for p in (0.6, 0.7, 0.8):
        laws = (study.sampling_levels(p, 0)[0], bayesian(game(p), sampled))
        costs.append(np.subtract(*(population_law(game(p), law).wrong[10] for law in laws)))
    assert np.argmax(costs) == 2
    strong = game(0.8)
    start = population_law(strong, study.sampling_levels(0.8, 0)[0]).wrong[10]
    fixed = population_law(strong, bayesian(strong, sampled)).wrong[10]
    printed("llm-herds-sampling", f"$p=0.8$ level 0 errs with {start:.3f}, the fixed point with {fixed:.3f}")


def test_sampled_rows_are_full_of_what_greedy_people_do_not_do():
    slips, calm = game(0.7, SLIPS), game(0.7)
    people = bayesian(slips, raw)
    truth = study.exact_beliefs(slips, people)
    laws = population_law(slips, people), population_law(calm, study.sampling_levels(0.7, 0)[0])
    printed("llm-herds-sampling", "nearly twice as large, or more")
    for name in MODELS:
        said = load(name).private(slips)
        own, others = (scores.compare(slips, law, truth, said).mean for law in laws)
        assert others > 1.8 * own


def test_levels_with_rules_that_leave_histories_out():
    """The theorem's remark: at histories that can occur in the fixed point any rule will do."""
    calm = HerdGame(0.45, (0.7,), n_agents=7)
    target = bayesian(calm, raw)
    law = population_law(calm, target)
    start = [np.random.default_rng(5).random(table.shape) for table in target]
    start[0] = target[0]
    for r, level in enumerate(levels(calm, start, raw, 4)):
        for k in range(r + 1):
            met = law.histories[k].sum(axis=1) > 0
            np.testing.assert_array_equal(level[k][met], target[k][met])


def test_naive_crowds():
    calm = game(0.7)
    eight = history([1] * 8)
    bayes = expit(public_log_odds(calm, bayesian(calm, raw))[8][eight])
    printed(
        "llm-herds-naive", f"gives {bayes:.3f} to state 1", f"the naive agent {expit(8 * logit(0.7)):.3f}"
    )
    laws = [population_law(study.SECRET, people(study.SECRET, raw)).wrong[10] for people in (bayesian, naive)]
    printed("llm-herds-naive", f"with probability {laws[1]:.4f}", f"with {laws[0]:.4f}")
    printed("llm-herds-naive", f"{laws[1] / laws[0]:.1f} times as often", "mean accuracy 0.775")
    table = bayesian(study.SECRET, raw)[1][history([1])]
    # After one action 1 an agent plays 0 only with accuracy .9 (number 1) and signal 0.
    assert table.tolist() == [[1.0, 1.0], [0.0, 1.0]]


def test_the_dissenter():
    here = game(0.7, SLIPS)
    public = public_log_odds(here, bayesian(here, raw))
    action = step_sizes(here)[1]
    for n, early in ((2, -2 * action), (3, -action), (4, 0), (6, 0)):
        drops = llm_herds_dissent(public, n)
        np.testing.assert_allclose(drops[:2], early, atol=1e-9)
        np.testing.assert_allclose(drops[2:], 0, atol=1e-9)
    notebook = Path(__file__).resolve().parents[2] / "notebooks" / "llm-herds.ipynb"
    assert f"(here $-{2 * action:.2f}$)" in notebook.read_text(encoding="utf-8")
    printed("llm-herds-exercises", "by $2A$ after two actions, by $A$ after three, and not at all after four")


def llm_herds_dissent(public, n):
    full = history([1] * n)
    ones = [[int(k != place) for k in range(n)] for place in range(n)]
    return np.array([public[n][history(actions)] - public[n][full] for actions in ones])


def test_slopes_of_the_exercises():
    printed("llm-herds-exercises", f"slope $-{2 * 0.7 - 1:.1f}$")


def test_power_table_is_honest():
    lines = llm_herds.power_table().splitlines()[1:]
    found, size = np.array([[float(v) for v in line.split()[1:]] for line in lines]).T
    assert (np.diff(found) > 0).all()
    assert (size < 0.12).all()
    printed("llm-herds-weights", "The weights 0.81 and above 1.55", "and 1.96 standard errors")
    own, crowd = np.tile([1.0, -1.0], 100), np.repeat([1.0, -1.0], 100)
    choices = evidence.known_agent(own, crowd, (0.0, 0.5, 0.5), np.random.default_rng(0))
    fit = evidence.fit_choices(own, crowd, choices)
    low, high = fit.interval()[2]
    assert (high - low) / 2 == pytest.approx(1.96 * fit.errors[2], rel=1e-3)
    assert np.sqrt(0.25 / 200) < 0.04


@pytest.mark.parametrize(
    "name",
    [
        "story_table",
        "law_table",
        "herd_table",
        "errors_table",
        "sampling_rounds_table",
        "choice_rounds_table",
        "graded_table",
        "secret_table",
        "weights_table",
        "controls_table",
    ],
)
def test_tables_fit_a_phone(name):
    text = getattr(llm_herds, name)()
    assert "nan" not in text
    assert max(map(len, text.splitlines())) <= 40


def test_statements_about_the_models_hold():
    rows = [row for by_accuracy in study.results()["greedy"].values() for row in by_accuracy.values()]
    for row in rows:
        if row["differing"] == 0:
            assert row["distance_band"] == pytest.approx(0, abs=1e-6)
        assert row["largest"] > 5 * row["mean"]
        assert 0.5 * row["mean"] < row["flip"] < 1.5 * row["mean"]
        assert row["order"] < row["order_exact"]
    met = [row["beyond"] == 0 for row in rows]
    lucky = [row["beyond"] > 0 and row["differing"] == 0 for row in rows]
    failed = [row for row in rows if row["differing"] > 0]
    assert (sum(met), sum(lucky), len(failed), len(rows)) == (2, 4, 3, 9)
    printed("llm-herds-ties", "in two of nine lines", "In four more", "In the other three decisions differ")
    printed("llm-herds-summary", "Of nine rows of models two meet this; in three decisions differ")
    for row in failed:
        sign, band = (abs(row[f"wrong_{rule}"] - row["wrong_exact"]) for rule in ("sign", "band"))
        assert sign < band
    assert any(abs(row["wrong_sign"] - row["wrong_exact"]) > 0.005 for row in rows)
    assert any(
        abs(row["wrong_band"] - row["wrong_exact"]) < 5e-4 and row["distance_band"] > 0.05 for row in rows
    )
    by_accuracy = [list(by.values()) for by in study.results()["greedy"].values()]
    for p in range(3):
        share = np.mean([by[p]["order"] for by in by_accuracy]) / by_accuracy[0][p]["order_exact"]
        assert 0.5 < share < 0.8
    printed("llm-herds-controls", "between a half and four fifths")


def test_statements_about_the_naive_model_hold():
    secret = {name: by["0.65, 0.9"] for name, by in study.results()["secret"].items()}
    one = secret["naive"]
    for by_accuracy in study.results()["greedy"].values():
        for row in by_accuracy.values():
            assert (row["own"], row["crowd"]) == pytest.approx((1, 1), abs=0.1)
    assert one["wrong"] > secret["private"]["wrong"] + 0.03
    assert one["mean"] < 0.005
    assert one["own"] < one["own_exact"]
    assert 1.5 < one["crowd"] < one["crowd_exact"]
    printed("llm-herds-weights", f"the regression says {one['own_exact']:.2f}, with R2 {one['r2_exact']:.2f}")


@pytest.mark.parametrize("name", ["histories", "populations", "band_width"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(llm_herds, name)(), every=13)


def test_what_the_reader_should_have_seen():
    for p in (0.6, 0.7, 0.8):
        sampling = llm_herds.exact_law(p, "sampling").wrong
        assert (sampling > llm_herds.exact_law(p, "own").wrong).all()
        for name in MODELS:
            by_rule = {rule: llm_herds.model_law(name, p, rule) for rule in ("band", "sampling")}
            assert (by_rule["sampling"].wrong > by_rule["band"].wrong).all()
            assert not by_rule["sampling"].herd.any()
        assert not llm_herds.exact_law(p, "sampling").herd.any()
    explorer = llm_herds.histories()
    rows = explorer.table(**explorer.start)
    exact = [row["belief"] for row in rows if row["who"] == "exact"]
    assert exact[2:] == pytest.approx([exact[2]] * 6)
    assert len(set(np.round(exact[:3], 6))) == 3
    said = [row["belief"] for row in rows if row["who"] != "exact"]
    np.testing.assert_allclose(said[:5], exact[:5], atol=0.03)
    assert said[7] < 0.5 < exact[7]


def test_what_the_reader_should_have_seen_of_the_rules():
    exact = llm_herds.exact_law(0.6, "own")
    wrong = {}
    for seed, name in enumerate(MODELS):
        band, sign = (llm_herds.model_law(name, 0.6, rule) for rule in ("band", "sign"))
        wrong[seed] = (sign.wrong[10], band.wrong[10])
        np.testing.assert_allclose(band.wrong, exact.wrong, atol=0.01)
        assert (band.herd[10] < exact.herd[10] - 0.02) == (seed < 2)
    printed("llm-herds-move", "within 0.01 of each other")
    assert wrong[0][0] < wrong[0][1]
    assert wrong[1][0] < wrong[1][1]
    assert wrong[2][1] < wrong[2][0]
    assert max(wrong[0][0], wrong[1][0]) == pytest.approx(exact.wrong[10], abs=1e-6)
    explorer = llm_herds.band_width()
    shown = explorer.evaluate(accuracy=0.7, width=0.7, seed=2)
    assert shown["agent 10 wrong, model"] < shown["agent 10 wrong, exact"] - 0.01


MIDPOINT = """
def width(p, e):
    shows = p * (1 - e) + (1 - p) * e
    A, L = np.log(shows / (1 - shows)), np.log(p / (1 - p))
    return (3 * A - 2 * L) / (2 * L)
"""
LEAN = """
def reader(tables):
    for k in range(1, 12):
        last = np.arange(1 << k) % 2
        tables[k] += 0.01 * (2 * last - 1)[:, None, None]
    return tables
"""


class TestExercises(exercises.Exercises):
    slug = "llm-herds"
    right = (
        ("midpoint", MIDPOINT),
        ("midpoint", MIDPOINT.replace("return (", "return np.array(").replace(") / (2 * L)", ") / (2 * L)")),
        ("lean", LEAN),
        ("lean", LEAN.replace("return tables", "return [level.tolist() for level in tables]")),
        ("prior", "fails, works = 0.4, 0.9"),
        ("prior", "fails, works = 0.49, 0.05"),
    )
    wrong = (
        ("midpoint", "width = lambda p, e: 0.5", "not the middle"),
        ("midpoint", "width = lambda p, e: float('nan')", "finite"),
        ("midpoint", "width = lambda p, e: [0.5]", "one number"),
        ("midpoint", "width = lambda p, e: -0.5", "not negative"),
        ("midpoint", "width = lambda p, e: midpoint(HerdGame(0.5, (p,)))", "not the middle"),
        ("lean", "reader = lambda tables: tables", "agent 10 is wrong"),
        ("lean", LEAN.replace("0.01", "-0.01"), "agent 10 is wrong"),
        ("lean", LEAN.replace("0.01", "0.5"), "the mean error"),
        ("lean", "reader = lambda tables: tables[:3]", "same shapes"),
        ("lean", "reader = lambda tables: [np.nan * t for t in tables]", "finite"),
        ("prior", "fails, works = 0.9, 0.4", "like the exact agent"),
        ("prior", "fails, works = 0.4, 0.5", "not one half"),
        ("prior", "fails, works = 0.4, 0.49", "differs at"),
    )


@pytest.mark.site
@pytest.mark.parametrize("page", ["book/llm-herds", "notebooks/llm-herds"])
def test_explorers_in_the_browser(page):
    browser.check_page(page, [llm_herds.histories(), llm_herds.populations(), llm_herds.band_width()])
