"""Scores against the general library, the law against closed forms, the team against a full search."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from llma.classroom import Game, advice, law, score, team_plan, wilson
from llma.classroom.score import TIED
from llma.social import closed_forms

ACCURACIES = st.floats(0.52, 0.97)


@given(ACCURACIES, st.integers(0, 2**8 - 1))
def test_bayesian_rows_score_as_the_library_says(accuracy, bits):
    """On the path of Bayesian players, lead and advice are those of `SocialLearning` with the rule own."""
    game, balls = Game(accuracy, 8), [(bits >> k) & 1 for k in range(8)]
    model, belief, guesses = game.model(), np.array([0.5, 0.5]), []
    for ball in balls:
        told = advice(game, guesses, ball)
        assert told.public == pytest.approx(belief[1], abs=1e-12)
        assert told.cascade == bool(model.is_cascade(belief))
        guess = int(model.action(belief, ball))
        assert told.best in (guess, TIED)
        belief = model.public_update(belief, guess)
        guesses.append(guess)
    result = score(game, [guesses], [balls])
    made, decided = result.consistent
    assert made == decided
    assert result.against[0] == result.against[1]


def test_a_broken_cascade_is_read_as_a_ball():
    result = score(Game(0.7, 6), [[1, 1, 0, 0, 0, 0]], [[1, 1, 0, 0, 0, 0]])
    assert result.lead.tolist() == [[0, 1, 2, 1, 0, -1]]
    assert result.best.tolist() == [[1, 1, 1, TIED, 0, 0]]
    assert result.consistent == (4, 5)
    assert result.against == (0, 1)


def test_who_shows_the_ball_is_found_out_in_cascades_only():
    rng = np.random.default_rng(2)
    game = Game(0.7, 8)
    states = rng.integers(0, 2, 4000)
    balls = np.where(rng.random((4000, 8)) < 0.7, states[:, None], 1 - states[:, None])
    result = score(game, balls, balls)
    followed, telling = result.against
    assert followed == 0
    made, decided = result.consistent
    assert decided - made == telling > 0
    np.testing.assert_allclose(result.wrong(states), 0.3, atol=0.04)


def test_the_urn_of_a_cascade_counts_not_the_guess_that_breaks_it():
    result = score(Game(0.7, 6), [[0, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0]], [[0, 1, 1, 0, 1, 0]] * 2)
    assert result.wrong_cascade([1, 0])[:, -1].tolist() == [False, True]
    assert result.wrong_cascade([0, 1])[:, -1].tolist() == [True, False]
    # The last guess says the opposite of the cascade.
    assert (result.guesses[:, -1] == 0).all()


def test_wrong_cascades_of_a_bayesian_class_follow_the_law():
    game, n_rounds = Game(0.6, 8), 20_000
    runs = game.model().simulate([0.5, 0.5], 8, n_rounds, np.random.default_rng(12))
    seen = score(game, runs.actions, runs.observations).wrong_cascade(runs.states).mean(axis=0)
    np.testing.assert_allclose(seen, law(game).p_wrong_cascade, atol=4.5 * 0.5 / np.sqrt(n_rounds))


def test_outside_a_cascade():
    result = score(Game(0.7, 4), [[1, 1, 0, 1], [1, 1, 1, 1]], [[0, 1, 0, 1], [1, 0, 0, 0]])
    # Decided outside: turns 0, 1 and 3 of the first round (3: lead 1, ball 1), turn 0 of the second.
    assert result.outside == (3, 4)


@pytest.mark.parametrize("accuracy", [0.55, 2 / 3, 0.9])
def test_the_law_in_closed_form(accuracy):
    p, q, n = accuracy, 1 - accuracy, 9
    told = law(Game(accuracy, n))
    pairs = np.arange(n) // 2
    begun = 1 - (2 * p * q) ** pairs
    np.testing.assert_allclose(told.p_cascade, begun, atol=1e-12)
    np.testing.assert_allclose(told.p_wrong_cascade, begun * q**2 / (p**2 + q**2), atol=1e-12)
    np.testing.assert_allclose(told.p_against, begun * p * q / (p**2 + q**2), atol=1e-12)
    assert told.p_wrong_cascade[-1] == pytest.approx(
        closed_forms.wrong_cascade_probability(accuracy, "own") * begun[-1]
    )


def test_rounds_to_see_one():
    told = law(Game(0.7, 8))
    n, once = told.rounds_to_see_one(0.95), told.p_wrong_cascade[-1]
    assert (1 - once) ** n <= 0.05 < (1 - once) ** (n - 1)
    with pytest.raises(ValueError, match="too few for a cascade"):
        law(Game(0.7, 2)).rounds_to_see_one(0.95)
    with pytest.raises(ValueError, match="probability: 1"):
        told.rounds_to_see_one(1)


def best_by_search(accuracy, n):
    """Expected right guesses of the best plan, over *all* maps from (history, ball) to guesses."""

    def value(history_law, left):
        # history_law: P(state, history) for one history, shape (2,)
        if left == 0:
            return 0.0
        best = -np.inf
        for rule in itertools.product((0, 1), repeat=2):  # guess after ball 0 and ball 1
            total = 0.0
            for guess in (0, 1):
                likely = [
                    sum(accuracy if ball == x else 1 - accuracy for ball in (0, 1) if rule[ball] == guess)
                    for x in (0, 1)
                ]
                after = history_law * likely
                total += after[guess] + (value(after, left - 1) if after.sum() > 0 else 0.0)
            best = max(best, total)
        return best

    return value(np.array([0.5, 0.5]), n)


@pytest.mark.parametrize("accuracy", [0.55, 2 / 3, 0.85])
@pytest.mark.parametrize("n", [2, 5])
def test_the_plan_is_the_best_of_all(accuracy, n):
    assert team_plan(Game(accuracy, n)).right_guesses == pytest.approx(best_by_search(accuracy, n), abs=1e-12)


@pytest.mark.parametrize("n", [2, 7, 8, 20, 41])
@pytest.mark.parametrize("accuracy", [0.55, 2 / 3, 0.85])
def test_the_plan(accuracy, n):
    game = Game(accuracy, n)
    plan = team_plan(game)
    assert (1 - plan.p_wrong).sum() == pytest.approx(plan.right_guesses)
    assert (np.diff(plan.follow_from) <= 0).all()
    assert plan.follow_from[-1] == 2
    assert plan.right_guesses >= n - law(game).p_wrong.sum() - 1e-12


def test_the_plan_by_simulation():
    game, rng = Game(0.65, 20), np.random.default_rng(8)
    plan, n_rows = team_plan(game), 40_000
    balls = np.where(rng.random((n_rows, 20)) < 0.65, 1, -1)
    lead, right = np.zeros(n_rows, dtype=int), np.zeros(20)
    for turn in range(20):
        shows = np.abs(lead) < plan.follow_from[turn]
        guess = np.where(shows, balls[:, turn], np.sign(lead))
        right[turn] = (guess == 1).mean()
        lead += shows * balls[:, turn]
    np.testing.assert_allclose(1 - right, plan.p_wrong, atol=4.5 * 0.5 / np.sqrt(n_rows))


def test_wilson_holds_its_level():
    shares, trials = np.linspace(0.05, 0.95, 19), 30
    covered = []
    for share in shares:
        ends = [wilson(k, trials) for k in range(trials + 1)]
        inside = [low <= share <= high for low, high in ends]
        covered.append(binom.pmf(np.arange(trials + 1), trials, share) @ inside)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1
    with pytest.raises(ValueError, match="6 of 5"):
        wilson(6, 5)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: score(Game(0.7, 3), [[0, 1]], [[0, 1]]), r"shape \(rounds, 3\)"),
        (lambda: score(Game(0.7, 2), [[0, 2]], [[0, 1]]), "guesses"),
        (lambda: score(Game(0.7, 2), [[0, 1]], [[0, 1]]).wrong([0, 1]), "one a round"),
        (lambda: score(Game(0.7, 2), [[0, 1]], [[0, 1]]).wrong_cascade([0, 1]), "one a round"),
        (lambda: wilson(1, 2, level=1.0), "level: 1.0"),
        (lambda: advice(Game(0.7, 3), [0, 3], 1), "guesses"),
        (lambda: advice(Game(0.7, 3), [0], 2), "signal"),
    ],
)
def test_what_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
