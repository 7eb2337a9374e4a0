"""Attention from a menu: enumeration, the concave hull, RIBUM, the exact law of drawn answers."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llma import ribum
from llma.attention import Menu, answer_kernel, best_actions, menu_of_answers
from llma.experiments import bayes_risk, garbling
from llma.sensing import draw

PRIOR = np.array([0.65, 0.35])
TRACK = np.eye(2)


@st.composite
def problems(draw_from, n_states=3, n_signals=3, n_actions=3):
    """Draw a menu of four experiments, a prior and a utility."""
    rng = np.random.default_rng(draw_from(st.integers(0, 2**32 - 1)))
    kernels = rng.dirichlet(np.ones(n_signals), size=(4, n_states))
    tokens = np.concatenate([[0], np.sort(rng.integers(1, 60, size=3))]).astype(float)
    prior = rng.dirichlet(np.ones(n_states)) * 0.97 + 0.01
    return Menu(kernels, tokens), prior, rng.uniform(-2, 2, (n_states, n_actions))


@given(problems(), st.floats(0, 0.2))
def test_the_plan_beats_every_experiment_with_every_rule(problem, price):
    menu, prior, utility = problem
    n_signals, n_actions = menu.kernels.shape[2], utility.shape[1]
    plan = menu.optimal(prior, utility, price)
    best = max(
        float((prior[:, None] * kernel * utility[:, list(rule)]).sum()) - price * t
        for kernel, t in zip(menu.kernels, menu.tokens, strict=True)
        for rule in itertools.product(range(n_actions), repeat=n_signals)
    )
    assert plan.net == pytest.approx(best)
    # The choice table is that of the rule, and it earns the value.
    assert float((prior[:, None] * plan.choice * utility).sum()) == pytest.approx(plan.value)
    assert plan.bill == pytest.approx(price * menu.tokens[plan.chosen])


@given(problems())
def test_values_are_minus_the_bayes_risk(problem):
    menu, prior, utility = problem
    risks = [float(bayes_risk(prior, kernel, -utility)) for kernel in menu.kernels]
    np.testing.assert_allclose(menu.values(prior, utility), -np.array(risks))


@given(problems(), st.floats(0, 0.3))
def test_an_experiment_is_chosen_exactly_inside_its_prices(problem, price):
    menu, prior, utility = problem
    lower, upper = menu.prices(prior, utility)
    inside = (lower + 1e-9 < price) & (price < upper - 1e-9)  # ties are decided within a tolerance
    chosen = menu.optimal(prior, utility, price).chosen
    assert lower[chosen] <= price + 1e-9
    assert price <= upper[chosen] + 1e-9
    if inside.any():
        # Nobody else's prices contain it, except a copy with the same tokens and the same value.
        assert menu.tokens[chosen] == menu.tokens[inside.argmax()]


@given(problems())
def test_chosen_experiments_are_the_corners_of_the_concave_hull(problem):
    menu, prior, utility = problem
    assume(len(set(menu.tokens)) == len(menu))
    values = menu.values(prior, utility)
    lower, upper = menu.prices(prior, utility)
    for n in range(len(menu)):
        mixtures = [
            values[i] + (values[j] - values[i]) * (menu.tokens[n] - menu.tokens[i]) / gap
            for i, j in itertools.combinations(range(len(menu)), 2)
            if i != n != j and (gap := menu.tokens[j] - menu.tokens[i]) > 0
            if menu.tokens[i] <= menu.tokens[n] <= menu.tokens[j]
        ]
        cheaper = values[menu.tokens < menu.tokens[n]]
        above = max([*mixtures, *cheaper], default=-np.inf)
        if abs(above - values[n]) > 1e-9:
            assert (lower[n] <= upper[n]) == (values[n] > above)


@given(problems(), st.floats(0, 0.1), st.floats(1.0, 3.0))
def test_a_dearer_token_is_never_read_more_and_higher_stakes_never_less(problem, price, factor):
    menu, prior, utility = problem
    base = menu.tokens[menu.optimal(prior, utility, price).chosen]
    assert menu.tokens[menu.optimal(prior, utility, factor * price).chosen] <= base
    assert menu.tokens[menu.optimal(prior, factor * utility, price).chosen] >= base


@given(st.lists(problems(), min_size=1, max_size=1), st.integers(0, 2**32 - 1), st.floats(0, 0.1))
def test_an_optimal_reader_passes_nias_and_niac_with_its_own_bills(problem, seed, price):
    """Priors and utilities differ; the menu and the price are the same. The true bills are potentials."""
    menu = problem[0][0]
    rng = np.random.default_rng(seed)
    priors = rng.dirichlet(np.ones(3), size=4) * 0.97 + 0.01
    utility = rng.uniform(-2, 2, (4, 3, 3))
    plans = [menu.optimal(p, r, price) for p, r in zip(priors, utility, strict=True)]
    data = ribum.ChoiceData(priors, np.array([plan.choice for plan in plans]))
    assert (ribum.nias_slack(data, utility) >= -1e-12).all()
    bills = np.array([plan.bill for plan in plans])
    weights = ribum.niac_weights(data, utility)
    assert (weights >= bills[:, None] - bills[None, :] - 1e-12).all()


@given(problems(), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_reader_that_always_reads_the_same_envies_nobody(problem, index, seed):
    menu, prior, _ = problem
    utility = np.random.default_rng(seed).uniform(-2, 2, (4, 3, 3))
    data = ribum.ChoiceData(prior, np.array([menu.plan(index, prior, r).choice for r in utility]))
    assert (ribum.nis_slack(data, utility) >= -1e-12).all()


def test_ties_go_to_fewer_tokens_and_to_the_lower_action():
    same = [[0.8, 0.2], [0.2, 0.8]]
    menu = Menu([same, same, same], [20, 10, 10])
    assert menu.optimal([0.5, 0.5], TRACK, 0.0).chosen == 1
    assert best_actions([0.5, 0.5], [[1.0], [1.0]], TRACK).tolist() == [0]
    # Tied up to rounding only: 0.1 + 0.2 is not 0.3.
    assert best_actions([0.5, 0.5], [[1.0], [1.0]], [[0.3, 0.1 + 0.2], [0.0, 0.0]]).tolist() == [0]


def test_an_experiment_that_costs_the_same_and_tells_less_has_no_price():
    menu = Menu([[[0.6, 0.4], [0.4, 0.6]], [[0.8, 0.2], [0.2, 0.8]]], [10, 10])
    lower, upper = menu.prices([0.5, 0.5], TRACK)
    assert lower[0] > upper[0]
    assert (lower[1], upper[1]) == (0.0, np.inf)


def test_drawn_answers_are_averaged_exactly():
    """Drawn bits agree within five standard errors."""
    rng = np.random.default_rng(5)
    probabilities, states = rng.random((7, 3)), np.array([0, 0, 1, 1, 1, 2, 2])
    table = answer_kernel(probabilities, states)
    n = 20_000
    for x in range(3):
        texts = rng.choice(np.flatnonzero(states == x), size=n)
        y = draw(probabilities[texts], rng) @ [1, 2, 4]
        share = np.bincount(y.astype(int), minlength=8) / n
        assert (np.abs(share - table[x]) <= 5 * np.sqrt(table[x] * (1 - table[x]) / n) + 1e-9).all()
    np.testing.assert_allclose(table.sum(axis=1), 1)


def test_answers_of_one_text_a_state_are_independent():
    table = answer_kernel([[0.2, 0.7]], [0])
    np.testing.assert_allclose(table, [[0.8 * 0.3, 0.2 * 0.3, 0.8 * 0.7, 0.2 * 0.7]])


def test_more_questions_are_never_worth_less():
    rng = np.random.default_rng(6)
    probabilities, states = rng.random((30, 3)), rng.integers(0, 2, 30)
    fine, coarse = answer_kernel(probabilities, states), answer_kernel(probabilities[:, :2], states)
    assert garbling(coarse, fine) is not None
    assert garbling(fine, coarse) is None


def test_a_menu_of_answers_starts_with_nothing():
    rng = np.random.default_rng(7)
    menu = menu_of_answers(rng.random((20, 3, 2)), [0, 1] * 10, [4, 8, 16])
    assert menu.kernels.shape == (4, 2, 4)
    assert menu.tokens.tolist() == [0, 4, 8, 16]
    assert menu.values(PRIOR, TRACK)[0] == pytest.approx(0.65)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Menu([TRACK, TRACK], [1]), "tokens: has 1 entries for 2 kernels"),
        (lambda: Menu([TRACK], [-1]), "tokens: entry 0 is -1; reading cannot give tokens back"),
        (lambda: Menu([[[0.5, 0.6], [0.5, 0.5]]], [1]), r"kernels: row \(0, 0\)"),
        (lambda: Menu([TRACK], [1]).optimal(PRIOR, TRACK, -0.1), "price: is -0.1"),
        (lambda: Menu([TRACK], [1]).optimal(PRIOR, TRACK, np.nan), "price: is nan"),
        (lambda: Menu([TRACK], [1]).plan(1, PRIOR, TRACK), "index"),
        (lambda: Menu([TRACK], [1]).values([1.0], TRACK), "prior: has 1 states; expected 2"),
        (lambda: Menu([TRACK], [1]).values([PRIOR], TRACK), "prior: expected one belief"),
        (lambda: Menu([TRACK], [1]).values(PRIOR, [[1.0, 0.0]]), "utility: has 1 rows; expected 2"),
        (lambda: answer_kernel([0.5], [0]), "probabilities: expected one row a text"),
        (lambda: answer_kernel([[1.5]], [0]), "a probability lies between 0 and 1"),
        (lambda: answer_kernel([[0.5], [0.5]], [0]), "states: has shape .* for 2 texts"),
        (lambda: answer_kernel([[0.5], [0.5]], [0, 2]), "no text has state 1"),
        (lambda: menu_of_answers([[0.5]], [0], [4]), "expected axes text, budget, question"),
        (lambda: menu_of_answers([[[0.5], [0.5]]], [0], [4]), "tokens: has 2 entries for 3 kernels"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
