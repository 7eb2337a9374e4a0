"""The chapter "Be the agent": every number that its prose prints, its exercises, its explorers."""

import numpy as np
import pytest

from llma.classroom import Game, advice, law, team_plan
from llma.classroom.codes import record_code, ticket_code
from llma.explorers import classroom
from llma.social import closed_forms
from tests.book import browser, exercises
from tests.book.passages import printed

TWO_THIRDS = 2 / 3


def gain(accuracy, n):
    game = Game(accuracy, n)
    return team_plan(game).right_guesses - (n - law(game).p_wrong.sum())


def test_the_story():
    told = advice(Game(TWO_THIRDS, 8), [1, 1], 0)
    assert told.best == 1
    assert told.private == pytest.approx(TWO_THIRDS)
    assert closed_forms.wrong_cascade_probability(TWO_THIRDS, "own") == pytest.approx(0.2)
    printed("classroom-story", "one such row out of five")
    printed("classroom-bayes", "two to one for B", "a cascade is wrong with probability 0.200")


def test_the_score():
    eight = law(Game(TWO_THIRDS, 8))
    printed(
        "classroom-score",
        f"has {eight.telling_turns:.3f} of them on average",
        f"$w={eight.p_wrong_cascade[-1]:.3f}$: {eight.rounds_to_see_one(0.95)} rounds",
        f"For $p=0.8$ it takes {law(Game(0.8, 8)).rounds_to_see_one(0.95)}",
    )
    printed("classroom-summary", "Fifteen rounds of eight", "one in five")
    assert eight.rounds_to_see_one(0.95) == 15


def test_the_team():
    assert [n for n in range(2, 9) if gain(TWO_THIRDS, n) > 1e-9] == [8]
    printed("classroom-team", "up to seven players", "From eight on")
    assert all(gain(TWO_THIRDS, n) > 1e-9 for n in range(8, 60))


def test_what_the_explorers_show():
    view = classroom.read_the_row().readouts
    broken = view(history="BBA", ball="A", accuracy=0.7)
    assert broken["Bayes' rule says"] == "either"
    kept = view(history="BBA", ball="B", accuracy=0.7)
    printed(
        "classroom-move",
        f"lead 1, belief {broken['public belief in urn B']}",
        f'you are at {broken["with your ball"]}, "either"',
        f"with a ball B at {kept['with your ball']}, B",
    )
    assert kept["Bayes' rule says"] == "guess B"
    for accuracy in (0.6, 0.7, 0.8, 0.9):
        assert view(history="BB", ball="A", accuracy=accuracy)["with your ball"] == f"{accuracy:.3f}"
    game = Game(0.65, 20)
    plan, alone = team_plan(game), law(game)
    worse = np.flatnonzero(plan.p_wrong > alone.p_wrong + 1e-9)
    assert worse.tolist() == [2, 3, 4]
    assert (plan.p_wrong[5:] < alone.p_wrong[5:]).all()
    assert plan.follow_from[0] == 4
    printed(
        "classroom-move",
        "from turn 2 to turn 4",
        "from turn 5 on it lies below",
        f"{plan.right_guesses:.2f} right guesses against {20 - alone.p_wrong.sum():.2f}",
    )
    for n in (4, 6):
        for accuracy in classroom.ACCURACIES:
            assert gain(accuracy, n) < 1e-12


def test_ties_by_coin():
    coin = closed_forms.wrong_cascade_probability(TWO_THIRDS, "coin")
    p, q = TWO_THIRDS, 1 - TWO_THIRDS
    assert coin == pytest.approx(q * (1 + q) / (2 * (1 - p * q)))
    printed("classroom-assumptions", f"={coin:.3f}$ instead of 0.200")


def test_the_codes():
    printed(
        "classroom-play", f"`{ticket_code('K7QF', 0, 3, 1)}`", f"`{record_code('K7QF', 0, (0, 1, 1, 0))}`"
    )


def test_the_paper_exercises():
    game = Game(TWO_THIRDS, 8)
    assert advice(game, [1] * 6, 0).private == pytest.approx(TWO_THIRDS)
    six = game.model()
    belief = np.array([0.5, 0.5])
    for ball in (1, 1, 1, 1, 1, 1, 0):
        belief = belief * six.likelihood[:, ball]
    printed("classroom-exercises", f"$q(5)=\\tfrac{{32}}{{33}}={belief[1] / belief.sum():.3f}$")
    long_row = law(Game(TWO_THIRDS, 200)).p_against[-1]
    printed("classroom-exercises", f"at $p=\\tfrac23$ it is {long_row:.1f}")
    shares = [law(Game(p, 400)).p_against[-1] for p in (0.51, 0.6, 0.7, 0.9)]
    assert (np.diff(shares) < 0).all()
    plan = team_plan(Game(0.65, 20))
    assert plan.follow_from[2] > 2
    printed("classroom-exercises", "right with probability 0.35; following with 0.65. It gains 0.30")


LEAD = """
def my_advice(guesses, ball):
    lead = 0
    for u in guesses:
        step = 1 if u else -1
        if abs(lead) < 2 or step * lead < 0:
            lead += step
    private = lead + (1 if ball else -1)
    return 1 if private > 0 else 0 if private < 0 else -1
"""
FOOL = """
def my_player(guesses, ball):
    return guesses[-1] if guesses else 0
"""


class TestExercises(exercises.Exercises):
    slug = "classroom"
    before = ("imports",)
    right = (
        ("lead", LEAD),
        ("fool", FOOL),
        ("fool", "def my_player(guesses, ball):\n    return 1"),
        ("gain", "best_accuracy = max((k / 100 for k in range(51, 100)), key=gain_of)"),
    )
    wrong = (
        ("lead", LEAD.replace("if abs(lead) < 2 or step * lead < 0:", "if True:"), "after"),
        ("lead", LEAD.replace("else -1\n", "else ball\n"), "after"),
        ("fool", "def my_player(guesses, ball):\n    return ball", "looks at its ball"),
        ("fool", "def my_player(guesses, ball):\n    return len(guesses) % 2", "not yet 85 %"),
        ("gain", "best_accuracy = 0.9", "another accuracy gains more"),
        ("gain", "best_accuracy = 0.612", "two decimals"),
        ("gain", "best_accuracy = 1.0", "between"),
    )

    def prepare(self, namespace):
        namespace["gain_of"] = lambda accuracy: gain(accuracy, 20)


@pytest.mark.parametrize("made", [classroom.read_the_row, classroom.class_and_team])
def test_explorers_evaluate_everywhere(made):
    exercises.evaluate_grid(made(), every=3)


@pytest.mark.site
def test_the_pages():
    made = [classroom.read_the_row(), classroom.class_and_team()]
    browser.check_page("book/classroom", made)
    browser.check_page("notebooks/classroom", made)
