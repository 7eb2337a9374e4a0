"""The chapter on LLM herds: the numbers that its prose prints, its statements, exercises and explorers."""

import numpy as np
import pytest
from scipy.special import expit, logit

from llma.agents import (
    HerdGame,
    bayesian,
    history,
    keep_own,
    midpoint,
    naive,
    names,
    population_law,
    prompts,
    public_log_odds,
    raw,
    sampled,
    study,
)
from llma.agents.rules import step_sizes
from llma.explorers import llm_herds
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
        "a million games",
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
    printed("llm-herds-ties", "width is {:.3f}, {:.3f} and {:.3f} weights".format(*widths))
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


def test_levels():
    calm = game(0.7)
    wrong = [population_law(calm, level).wrong[10] for level in study.sampling_levels(0.7, 3)]
    fixed = population_law(calm, bayesian(calm, sampled)).wrong[10]
    printed(
        "llm-herds-sampling",
        "is {:.3f}, {:.3f}, {:.3f} and {:.3f}; the fixed point".format(*wrong),
        f"the fixed point is {fixed:.3f}",
    )


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
    printed("llm-herds-controls", "by $2A$ after two actions, by $A$ after three, and not at all after four")


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
    assert np.sqrt(0.25 / 200) < 0.04


@pytest.mark.parametrize(
    "name",
    [
        "story_table",
        "law_table",
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
    rows = study.results()["greedy"]
    for by_accuracy in rows.values():
        for row in by_accuracy.values():
            if row["differing"] == 0:
                assert row["wrong_band"] == pytest.approx(row["wrong_exact"], abs=1e-6)
            assert row["largest"] > 5 * row["mean"]
    assert any(row["differing"] == 0 for by in rows.values() for row in by.values())
    assert any(
        abs(row["wrong_sign"] - row["wrong_exact"]) > 0.005 for by in rows.values() for row in by.values()
    )
    secret = study.results()["secret"]
    assert secret["naive"]["0.65, 0.9"]["crowd"] > 1.5
    assert secret["naive"]["0.65, 0.9"]["wrong"] > secret["private"]["0.65, 0.9"]["wrong"] + 0.03


@pytest.mark.parametrize("name", ["histories", "populations", "band_width"])
def test_explorers_evaluate_everywhere(name):
    exercises.evaluate_grid(getattr(llm_herds, name)(), every=13)


def test_what_the_reader_should_have_seen():
    for p in (0.6, 0.7, 0.8):
        sampling = llm_herds.exact_law(p, "sampling").wrong
        assert (sampling[2:] > llm_herds.exact_law(p, "own").wrong[2:]).all()
        assert not llm_herds.exact_law(p, "sampling").herd.any()
    explorer = llm_herds.histories()
    rows = explorer.table(**explorer.start)
    exact = [row["belief"] for row in rows if row["who"] == "exact"]
    assert exact[2:] == pytest.approx([exact[2]] * 6)
    assert len(set(np.round(exact[:3], 6))) == 3


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
