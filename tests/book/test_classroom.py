"""The chapter "Be the agent": every number that its prose prints, its exercises, its explorers."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import norm

from llma.classroom import Game, advice, law, score, team_plan, wilson
from llma.classroom.codes import record_code, ticket_code
from llma.explorers import classroom
from llma.social import SocialLearning, closed_forms
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
    model, (p, q) = Game(TWO_THIRDS, 8).model(), (TWO_THIRDS, 1 - TWO_THIRDS)
    assert model.likelihood[1, 1] == pytest.approx(p)
    wrong_after_two = q**2 / (p**2 + q**2)
    wrong_with_red = q**2 * p / (q**2 * p + p**2 * q)
    assert wrong_after_two == pytest.approx(1 / 5)
    assert wrong_with_red == pytest.approx(1 / 3) == pytest.approx(1 - told.private)
    printed("classroom-story", "begin with B, B one in five is wrong", "red, like yours, one in three")
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


def count_every_guess(guesses, ball):
    """Guess as somebody does who takes every earlier guess for a ball."""
    lead = 2 * sum(guesses) - len(guesses) + 2 * ball - 1
    return ball if lead == 0 else int(lead > 0)


def test_full_marks_without_bayes():
    """In every row of players who take guesses for balls, no guess differs from Bayes' rule."""
    game, n = Game(TWO_THIRDS, 8), 8
    balls = np.array(list(itertools.product((0, 1), repeat=n)))
    guesses = np.zeros_like(balls)
    for row, line in zip(guesses, balls, strict=True):
        for turn, ball in enumerate(line):
            row[turn] = count_every_guess(row[:turn].tolist(), int(ball))
    result = score(game, guesses, balls)
    for made, turns in (result.consistent, result.against, result.outside):
        assert made == turns > 0
    broken = [1, 1, 1, 1, 1, 0, 0]
    assert advice(game, broken, 0).best == 0 != count_every_guess(broken, 0)
    printed("classroom-score", "the guesses of Bayes' rule at every turn", "Only a broken cascade can tell")


def test_who_takes_guesses_for_coins():
    p = Fraction(2, 3)
    shown = (p + Fraction(1, 2)) / 2  # how often a guess is right that is a coin or a shown ball
    odds = (shown / (1 - shown)) ** 2
    assert odds < p / (1 - p) == 2
    printed("classroom-score", f"with odds {odds.numerator} : {odds.denominator} only", "for A with 2 : 1")


def test_wilson_as_defined():
    low, high = wilson(9, 12)
    for end in (low, high):
        assert abs(end - 9 / 12) == pytest.approx(norm.ppf(0.975) * np.sqrt(end * (1 - end) / 12))
    printed("classroom-score", f"at most ${norm.ppf(0.975):.2f}\\sqrt{{z(1-z)/t}}$")


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
    leads = classroom.class_and_team().readouts(accuracy=0.65, players=20)["the team follows from a lead of"]
    assert leads == "4 (turn 4), 3 (turn 5), 2 (turn 15)"
    assert [plan.follow_from[k] for k in (4, 5, 14, 15)] == [4, 3, 3, 2]
    printed(
        "classroom-move",
        "from turn 2 to turn 4",
        "from turn 5 on it lies below",
        f"below a lead of {plan.follow_from[0]} at first",
        f"{plan.right_guesses:.2f} right guesses against {20 - alone.p_wrong.sum():.2f}",
    )
    for n in (4, 6):
        for accuracy in classroom.ACCURACIES:
            assert gain(accuracy, n) < 1e-12


def test_a_second_cascade_begins_later():
    view = classroom.read_the_row().readouts
    for history, told in {
        "BB": "from player 2",
        "BBA": "from player 2, broken",
        "BBAB": "from player 4",
        "BBABB": "from player 4",
        "BA": "not yet",
    }.items():
        assert view(history=history, ball="A", accuracy=0.7)["a cascade"] == told


def test_the_team_never_follows_a_lead_that_cannot_be_there():
    made = classroom.class_and_team()
    for players in classroom.SIZES:
        leads = made.readouts(accuracy=0.65, players=players)["the team follows from a lead of"]
        for entry in leads.split(", "):
            lead, turn = entry.removesuffix(")").split(" (turn ")
            assert 2 <= int(lead) <= int(turn) < players


def test_an_uneven_prior():
    likelihood, costs = Game(0.7, 4).model().likelihood, [[0.0, 1.0], [1.0, 0.0]]
    model = SocialLearning(likelihood, costs, tie="own")
    assert not model.is_cascade([0.3, 0.7])
    assert model.is_cascade([0.29, 0.71])
    printed("classroom-assumptions", "A prior above $p$ for one urn puts even the first player in a cascade")


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
        (
            "fool",
            "def my_player(guesses, ball):\n    return int(np.random.default_rng().integers(2))",
            "or tosses a coin",
        ),
        ("fool", "def my_player(guesses, ball):\n    return len(guesses) % 2", "not yet 85 %"),
        ("gain", "best_accuracy = 0.9", "another accuracy gains more"),
        ("gain", "best_accuracy = 0.612", "two decimals"),
        ("gain", "best_accuracy = 1.0", "between"),
        ("gain", "best_accuracy = float('nan')", "between"),
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
