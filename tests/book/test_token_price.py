"""The chapter on a reader with a price of attention: its numbers, theorems, exercises and explorers."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma import ribum
from llma.attention import Menu, answer_kernel
from llma.experiments import garbling
from llma.explorers import token_price as chapter
from llma.reliability import reliability
from llma.ribum.conditions import own_values
from llma.ribum.costs import cost_levels, price_interval
from llma.ribum.cycles import cost_bounds, worst_cycle
from llma.ribum.recovery.reconstruct import max_margin
from llma.ribum.recovery.restrictions import common
from llma.sensing.sensor import tempered
from tests.book import browser, exercises
from tests.book.passages import passage, printed

A, B = chapter.design_a(), chapter.design_b()
TOKENS = chapter.menu().tokens


def cents(design, reader="optimal"):
    made = chapter.behaviour(design, reader)
    seen = ribum.ChoiceData(design.priors, made.choice)
    return chapter.logged_price(design, made.chosen, seen)


def cycle_sum(weights):
    mean, cycle = worst_cycle(weights)
    return mean * len(cycle)


def unit_values(prior):
    return chapter.menu().values(prior, chapter.TRACK)


def corners(prior):
    lower, upper = chapter.menu().prices(prior, chapter.TRACK)
    return TOKENS[lower <= upper].astype(int).tolist()


def test_the_story():
    read = chapter.behaviour(A).tokens.astype(int).tolist()
    coarse, fine = cents(A), chapter.logged_price(*chapter.seen_on_grid(33))
    printed(
        "token-price-story",
        f"orders {', '.join(map(str, read[:-1]))} and {read[-1]} tokens",
        "never orders 4, 12 or 16",
        f"between {100 * coarse.lower:.2f} and {100 * coarse.upper:.2f} cents",
        f"between {100 * fine.lower:.2f} and {100 * fine.upper:.2f}.",
        "good with probability 0.35",
        *(
            f"| {stake:.0f} | {n:.0f} | {plan.value:.3f} | {plan.net:.3f} |"
            for stake, n, plan in zip(A.stakes, read, chapter.plans(A), strict=True)
        ),
    )
    assert chapter.PRIOR == (0.65, 0.35)
    assert chapter.PRICE == 0.02
    assert set(TOKENS) - set(read) == {4, 12, 16}


def test_the_recording_is_the_population():
    reading = chapter.reading()
    printed("token-price-beta", f"{len(reading):,} reviews")
    for n in range(len(reading.budgets)):
        kernel = answer_kernel(reading.probabilities[:, n], reading.states)
        np.testing.assert_array_equal(chapter.menu().kernels[n + 1], kernel)


def test_what_tokens_are_worth():
    value = unit_values(chapter.PRIOR)
    slope = np.diff(value) / np.diff(TOKENS)
    printed(
        "token-price-beta",
        "first four tokens are worth {:.4f} each, the next four {:.4f}, the four after that {:.4f}, then "
        "{:.4f}".format(*slope[:4]),
        "At the prior 0.20 four tokens never move it",
    )
    assert (np.diff(slope[3:]) < 0).all()
    assert unit_values((0.8, 0.2))[1] == pytest.approx(0.8, abs=1e-12)
    assert chapter.menu().values((0.5, 0.5), chapter.TRACK)[1] > 0.6


def test_which_n():
    assert corners(chapter.PRIOR) == [0, 8, 16, 24, 32, 48]
    assert 4 in corners((0.5, 0.5))
    assert corners((0.8, 0.2))[:2] == [0, 24]
    _, upper = chapter.menu().prices(chapter.PRIOR, chapter.TRACK)
    first = [1 / upper[TOKENS == n][0] for n in (8, 16, 24, 32, 48)]
    printed(
        "token-price-hull",
        "these are 4 and 12 tokens",
        "8 as soon as the stake is worth {:.0f} tokens, 16 at {:.0f}, 24 at {:.0f}, 32 at {:.0f}, and 48 at "
        "{:.0f}".format(*first),
        "At 0.20 the hull jumps from nothing to 24",
    )


def test_purchase_explorer_prose():
    explorer = chapter.purchase()
    shown = explorer.readouts(cents=2.0, stake=4.0, good=0.35)
    assert shown["tokens read"] == "24"
    printed(
        "token-price-hull", f"between {shown['same n at prices from, cents'].replace(' to ', ' and ')} cents"
    )
    for setting, tokens in (((1.0, 0.35), "32"), ((2.0, 0.1), "0"), ((0.5, 0.1), "24")):
        found = explorer.readouts(cents=setting[0], stake=4.0, good=setting[1])["tokens read"]
        assert found == tokens, setting
    assert unit_values((0.9, 0.1))[[1, 2]] == pytest.approx([0.9, 0.9], abs=1e-9)
    printed("token-price-hull", "at 1 cent 32", "it reads nothing", "the same clerk reads 24")


@given(st.integers(0, 2**32 - 1))
def test_one_task_many_stakes(seed):
    """Parts 1 to 4 for random choices that satisfy NIAS, three states and three actions."""
    rng = np.random.default_rng(seed)
    prior, table = rng.dirichlet(np.ones(3)) * 0.9 + 1 / 30, rng.uniform(-1, 1, (3, 3))
    stakes = np.sort(rng.uniform(0.5, 8, size=4))
    utility = stakes[:, None, None] * table
    offer = Menu(rng.dirichlet(0.5 * np.ones(4), size=(4, 3)), np.zeros(4))
    plans = [offer.plan(n, prior, table) for n in range(4)]
    if rng.random() < 0.5:
        plans.sort(key=lambda plan: plan.value)
    data = ribum.ChoiceData(prior, np.array([plan.choice for plan in plans]))
    a = np.array([plan.value for plan in plans])
    np.testing.assert_allclose(ribum.experiment_values(data, utility), np.outer(stakes, a), atol=1e-12)
    weights, steps = ribum.niac_weights(data, utility), np.diff(a)
    if (np.abs(steps) > 1e-9).all():
        assert (cycle_sum(weights) > -1e-10) == (steps > 0).all()
    if (steps > 1e-9).all():
        lower, upper = cost_bounds(weights)
        for m in range(4):
            for k in range(m):
                assert lower[m, k] == pytest.approx(stakes[k:m] @ steps[k:m])
                assert upper[m, k] == pytest.approx(stakes[k + 1 : m + 1] @ steps[k:m])
    assert (ribum.nis_slack(data, utility).min() >= -1e-12) == (np.ptp(a) < 1e-12)


def test_cost_differences_of_the_clerk():
    a = own_values(chapter.data(A), A.utility) / A.stakes
    printed(
        "token-price-closed",
        "$a$ is {:.3f}, {:.3f}, {:.3f}, {:.3f} and {:.3f}".format(*a),
        *(
            f"| {low:.3f} | {true:.3f} | {high:.3f} |"
            for low, true, high in zip(
                A.stakes[:-1] * np.diff(a),
                chapter.PRICE * np.diff(chapter.behaviour(A).tokens),
                A.stakes[1:] * np.diff(a),
                strict=True,
            )
        ),
    )
    lower, upper = cost_bounds(ribum.niac_weights(chapter.data(A), A.utility))
    bill = chapter.PRICE * chapter.behaviour(A).tokens
    gap = bill[:, None] - bill[None]
    assert (lower <= gap + 1e-12).all()
    assert (gap <= upper + 1e-12).all()


def test_microscope_prose():
    shown = [
        chapter.microscope().readouts(environments=float(m), law="fee", level=1.0)["price a token, cents"]
        for m in (5, 9)
    ]
    assert shown[1] == "none explains the data"
    printed(
        "token-price-grid",
        f"a price between {shown[0].replace(' to ', ' and ')} cents seems to explain 5 environments",
        "and none explains 9",
    )


def test_swaps_open_at_what_is_asked():
    opening = {slider.name: slider.start for slider in chapter.attention_swaps().sliders}
    assert (opening["design"], opening["reader"]) == ("A", "optimal")


def test_grids_are_nested_and_the_bounds_shrink():
    factors, before = [], None
    for size in chapter.GRIDS:
        design, chosen, seen = chapter.seen_on_grid(size)
        factors.append(design.stakes[1] / design.stakes[0])
        lower, upper = cost_bounds(ribum.niac_weights(seen, design.utility))
        assert upper[-1, 0] == pytest.approx(factors[-1] * lower[-1, 0])
        assert lower[-1, 0] <= 0.96 <= upper[-1, 0]
        price = chapter.logged_price(design, chosen, seen)
        assert 0.02 / factors[-1] <= price.lower <= 0.02 <= price.upper <= 0.02 * factors[-1]
        if before is not None:
            assert set(before[0].round(9)) <= set(design.stakes.round(9))
            assert lower[-1, 0] >= before[1] - 1e-12
            assert upper[-1, 0] <= before[2] + 1e-12
            assert price.lower >= before[3] - 1e-12
            assert price.upper <= before[4] + 1e-12
        before = (design.stakes, lower[-1, 0], upper[-1, 0], price.lower, price.upper)
    printed("token-price-grid", "{:.0f}, {:.2f}, {:.2f} and {:.2f}".format(*factors))


def test_prices_from_a_log():
    printed("token-price-grid", "the truth is 0.960")
    printed("token-price-summary", "is for both of ours from 9 stakes on")
    for law in ("quadratic", "fee"):
        for size in chapter.GRIDS:
            design, chosen, seen = chapter.seen_on_grid(size, law)
            assert chapter.logged_price(design, chosen, seen).empty == (size >= 9)
            assert cycle_sum(ribum.niac_weights(seen, design.utility)) > -1e-12
            assert (TOKENS[chosen].min() > 0) == (law == "quadratic")
    dearest = [chapter.law_of_cost(law)[-1] for law in ("quadratic", "fee")]
    printed("token-price-grid", "costs of 48 tokens are {:.3f} and {:.3f} dollars".format(*dearest))
    bars = [cost_levels(seen, design.utility) for design, _, seen in map(chapter.seen_on_grid, (5, 33))]
    printed(
        "token-price-grid",
        f"from {bars[0][0][-1]:.3f} to {bars[0][1][-1]:.3f}, and the truth is 0.960; with 33 it runs from "
        f"{bars[1][0][-1]:.3f} to {bars[1][1][-1]:.3f}",
    )
    assert 16 in TOKENS[chapter.seen_on_grid(9)[1]]


@given(st.integers(0, 2**32 - 1))
def test_logged_price_formula(seed):
    rng = np.random.default_rng(seed)
    stakes, a = np.sort(rng.uniform(1, 16, 5)), np.sort(rng.uniform(0.5, 1, 5))
    q = np.sort(rng.choice(80, size=5, replace=False))
    rows = [[[p, 1 - p], [1 - p, p]] for p in a]
    found = price_interval(ribum.ChoiceData([0.5, 0.5], rows), stakes[:, None, None] * np.eye(2), q)
    assert found.lower == pytest.approx(float((stakes[:-1] * np.diff(a) / np.diff(q)).max()))
    assert found.upper == pytest.approx(float((stakes[1:] * np.diff(a) / np.diff(q)).min()))


def test_readers_in_design_a():
    found = {reader: chapter.verdict(A, chapter.data(A, reader)) for reader in chapter.READERS}
    a = unit_values(chapter.PRIOR)
    gain = (A.stakes[-1] - A.stakes[0]) * (a[-1] - a[0])
    assert found["inverse"].cycle == pytest.approx(-gain)
    assert found["inverse"].environments == (0, 4)
    softmax = chapter.data(A, "softmax")
    nis = ribum.nis_slack(chapter.data(A), A.utility)
    assert np.unravel_index(nis.argmin(), nis.shape) == (1, 4)
    printed(
        "token-price-fail",
        f"$(16-1)({a[-1]:.3f}-{a[0]:.3f})={gain:.2f}$",
        f"good with probability {A.priors[0, 1]:.2f} only",
        f"{softmax.choice[0, 0, 1]:.0%}".replace("%", " %") + " of the time it buys",
        f"would gain {-found['softmax'].switch:.3f} dollars",
        f"would gain {-found['optimal'].envy:.3f} dollars with the attention of environment 4",
    )
    for reader in ("fixed", "neglect", "sure"):
        assert chapter.passes(found[reader].switch) == chapter.passes(found[reader].cycle) == "pass"
    assert chapter.passes(found["inverse"].switch) == "pass"
    assert chapter.passes(found["softmax"].switch) == "fail"
    assert chapter.passes(found["opposite"].switch) == "fail"
    assert chapter.passes(found["opposite"].cycle) == "pass"
    assert chapter.passes(found["fixed"].envy) == "pass"
    assert chapter.passes(found["optimal"].envy) == "fail"
    np.testing.assert_array_equal(chapter.data(A, "sure").choice, chapter.data(A).choice)


def test_priced_attention_may_look_like_a_capacity():
    """At a price so low that the stakes no longer matter."""
    assert (chapter.behaviour(A, price=0.001).tokens == 48).all()
    found = chapter.verdict(A, chapter.data(A, price=0.001))
    assert chapter.passes(found.cycle) == chapter.passes(found.envy) == "pass"
    printed("token-price-fail", "At a tenth of a cent a token it orders 48 at every stake, and passes both")


def test_two_conditions_on_attention_presuppose_nias():
    """Always 16 tokens, then the opposite action: NIAC passes, and no cost explains it."""
    turned = chapter.data(A, "fixed").choice[:, :, ::-1]
    found = chapter.verdict(A, ribum.ChoiceData(A.priors, turned))
    assert chapter.passes(found.cycle) == "pass"
    assert found.switch < 0
    assert found.envy < 0


@given(st.integers(0, 2**32 - 1))
def test_always_the_same_item_at_some_price(seed):
    """Part 4 against optimality at all prices where the order can change; value may fall with tokens."""
    rng = np.random.default_rng(seed)
    tokens = np.sort(rng.choice(6, size=4)).astype(float)
    value = rng.integers(0, 12, size=4) / 8
    stakes = np.array([1.0, rng.uniform(1, 3)])
    t, v = tokens[:, None] - tokens, value[:, None] - value
    slopes = v[t > 0] / t[t > 0]
    kinks = np.unique(np.concatenate([[0.0], *(s * slopes[slopes > 0] for s in stakes)]))
    prices = np.concatenate([kinks, (kinks[1:] + kinks[:-1]) / 2, [kinks[-1] + 1]])
    net = stakes[:, None, None] * value - prices[:, None] * tokens  # (stake, price, item)
    best = (net >= net.max(axis=2, keepdims=True) - 1e-9).all(axis=0).any(axis=0)
    for n in range(4):
        more, less, same = (t[:, n] > 0), (t[:, n] < 0), (t[:, n] == 0)
        low = max((v[more, n] / t[more, n]).max(initial=-np.inf), 0.0)
        high = (v[less, n] / t[less, n]).min(initial=np.inf)
        criterion = low * stakes.max() <= high * stakes.min() + 1e-9 and (v[same, n] <= 0).all()
        assert criterion == best[n]


def test_falling_value_needs_the_zero_in_part_4():
    """Tokens 0, 1, 2 worth 1, 0.9, 0.5: between its ends item 1 has negative prices only."""
    rows = [[[p, 1 - p], [1 - p, p]] for p in (1.0, 0.9, 0.5)]
    offer = Menu(rows, [0, 1, 2])
    assert not any(
        offer.optimal([0.5, 0.5], np.eye(2), price).chosen == 1 for price in np.linspace(0, 2, 201)
    )
    lower, upper = offer.prices([0.5, 0.5], np.eye(2))
    assert lower[1] == 0
    assert upper[1] == pytest.approx(-0.1)


def test_which_fixed_reading_is_a_best_buy():
    lower, upper = chapter.menu().prices(chapter.PRIOR, chapter.TRACK)
    ratio = {int(n): u / low for n, low, u in zip(TOKENS, lower, upper, strict=True) if low > 0}
    printed(
        "token-price-fail",
        f"at most {ratio[16]:.2f} times",
        f"8, 24 and 32 tokens the factor is {ratio[8]:.2f}, {ratio[24]:.2f} and {ratio[32]:.2f}",
    )
    assert upper[0] == np.inf
    assert lower[-1] == 0
    # The criterion against optimality itself, on both sides of the factor for 16 tokens.
    n = TOKENS.tolist().index(16)
    for spread, possible in ((0.99 * ratio[16], True), (1.01 * ratio[16], False)):
        stakes = (1.0, spread)
        price = lower[n] * spread if possible else np.sqrt(lower[n] * spread * upper[n])
        chosen = [
            chapter.menu().optimal(chapter.PRIOR, s * np.eye(2), price * (1 + 1e-9)).chosen for s in stakes
        ]
        assert (chosen == [n, n]) == possible


def test_neglect_hides_in_an_average():
    seen = chapter.data(A, "neglect")
    assert chapter.behaviour(A, "neglect").tokens[0] == 8
    printed("token-price-average", f"probability {seen.posteriors[0, 1, 1]:.3f}")
    kernel = chapter.menu().kernels[2]
    posterior = 0.35 * kernel[1] / (np.array(chapter.PRIOR) @ kernel)
    bought = kernel[1] > kernel[0]
    assert (posterior[bought] < 0.5).any()
    elsewhere = chapter.Design("at 0.20", np.tile([0.8, 0.2], (5, 1)), A.stakes, A.utility)
    assert chapter.verdict(elsewhere, chapter.data(elsewhere, "neglect")).switch < -0.01
    printed("token-price-buys", "at its prior of 0.35, neglect passes")


def test_design_b():
    assert chapter.passes(chapter.verdict(B, chapter.data(B, "sure")).switch) == "pass"
    seen = chapter.data(B, "neglect")
    slack = ribum.nias_slack(seen, B.utility)
    m, u, v = np.unravel_index(slack.argmin(), slack.shape)
    assert (m, u, v) == (5, 1, 0)
    best = [
        chapter.menu().plan(int(n), p, r).value
        for n, p, r in zip(chapter.behaviour(B, "sure").chosen, B.priors, B.utility, strict=True)
    ]
    lost = (np.array(best) - own_values(chapter.data(B, "sure"), B.utility)).max()
    price = cents(B)
    printed(
        "token-price-average",
        f"the product is good with probability {seen.posteriors[5, 1, 1]:.3f}",
        f"rejecting would gain {-slack.min():.3f} dollars",
        f"at most {lost:.3f} dollars",
        f"mean width is {chapter.width_of_bounds(pairs_only=False):.3f}",
        f"it is {chapter.width_of_bounds(pairs_only=True):.3f}",
        f"between {100 * price.lower:.2f} and {100 * price.upper:.2f} cents",
    )
    assert chapter.verdict(B, seen).cycle < 0
    lower, upper = cost_bounds(ribum.niac_weights(chapter.data(B), B.utility))
    bill = chapter.PRICE * chapter.behaviour(B).tokens
    gap = bill[:, None] - bill[None]
    assert ((lower <= gap + 1e-12) & (gap <= upper + 1e-12)).all()


def test_swaps_prose():
    weights = ribum.niac_weights(chapter.data(A), A.utility)
    above = np.triu_indices(5, 1)
    assert (weights[above] < 0).all()
    assert (weights.T[above] > 0).all()
    found = chapter.verdict(A, chapter.data(A))
    assert found.environments == (2, 3)
    printed("token-price-average", f"loses {found.cycle:.3f}", "gains 4.089")
    swapped = ribum.niac_weights(chapter.data(A, "inverse"), A.utility)
    assert (swapped.T[above] < 0).all()
    assert np.abs(ribum.niac_weights(chapter.data(A, "fixed"), A.utility)).max() < 1e-12
    cheap = ribum.niac_weights(chapter.data(A, price=0.005), A.utility)
    assert np.abs(cheap).max() < np.abs(weights).max() / 2


def test_relabelling():
    margins = {
        reader: max_margin(chapter.data(A, reader), "free").margin
        for reader in ("optimal", "inverse", "opposite")
    }
    printed("token-price-free", f"all {margins['optimal']:.4f}")
    for margin in margins.values():
        assert margin == pytest.approx(margins["optimal"], abs=1e-8)
    optimal, inverse = chapter.data(A), chapter.data(A, "inverse")
    np.testing.assert_allclose(inverse.choice, optimal.choice[::-1])
    for reader in ("fixed", "softmax"):
        assert max_margin(chapter.data(A, reader), "free").margin == pytest.approx(0, abs=1e-8)
    neglect = max_margin(chapter.data(A, "neglect"), "free").margin
    printed("token-price-free", f"better than the optimal one, with {neglect:.4f}")
    one = {r: max_margin(chapter.data(A, r), common(A.stakes)).margin for r in margins}
    assert one["inverse"] == pytest.approx(0, abs=1e-8)
    assert one["opposite"] == pytest.approx(one["optimal"], abs=1e-8)
    assert one["optimal"] > 1e-3
    uneven = [max_margin(chapter.data(B, reader), "free").margin for reader in ("inverse", "optimal")]
    printed("token-price-free", "{:.4f} against {:.4f}".format(*uneven))


@given(st.integers(0, 2**32 - 1))
def test_the_inverse_reader_under_any_common_utility(seed):
    """Its earnings per unit of stake cannot rise with the stake where it reads nothing at the top."""
    utility = np.random.default_rng(seed).uniform(0, 1, (2, 2))
    values = ribum.experiment_values(chapter.data(A, "inverse"), A.stakes[:, None, None] * utility)
    assert values[4, 4] <= values[4, :].min() + 1e-12


def test_the_ladder():
    fell = {
        reader: ["".join("+" if kept else "-" for kept in chapter.ladder(d, reader)) for d in (A, B)]
        for reader in chapter.READERS
    }
    assert fell["optimal"] == ["++++", "++++"]
    assert fell["neglect"][0] == "+---"
    assert fell["fixed"] == ["++--", "++--"]
    assert fell["sure"] == ["++++", "+++-"]
    printed("token-price-ladder", "Sure falls at the last, and only in design B")


def test_samples():
    """What the prose says of the table, with other seeds."""
    for n in (50, 200):
        niac, nis = chapter.rejections(A, "optimal", n, 20, seed=1)
        assert niac <= 0.05
        assert nis >= 0.95
    niac, nis = chapter.rejections(A, "fixed", 200, 100, seed=2)
    assert niac < 0.15
    assert nis < 0.15
    assert chapter.rejections(A, "inverse", 50, 10, seed=3) == (1, 1)
    niac, nis = chapter.rejections(A, "neglect", 200, 20, seed=4)
    assert niac <= 0.05
    assert nis >= 0.95
    softmax = chapter.verdict(A, chapter.data(A, "softmax"))
    assert softmax.switch < 0 < softmax.cycle


@pytest.mark.slow
@pytest.mark.parametrize("n", [50, 200, 1000])
def test_the_hardest_reader_is_rejected_no_more_often_than_the_level(n):
    """400 samples of the fixed reader; a share of 0.05 has a standard error of 0.011."""
    niac, nis = chapter.rejections(A, "fixed", n, 400, seed=11)
    assert niac < 0.085
    assert nis < 0.085


def test_learners():
    few, many = chapter.learner_shares(20, 60, seed=1), chapter.learner_shares(400, 60, seed=1)
    assert few > 0.2
    assert many < 0.1
    printed("token-price-sampling", "from a few labelled reviews")


def test_what_design_choices_buy():
    reading = chapter.reading()
    used = np.minimum(reading.lengths, 48)
    means = [used[reading.states == x].mean() for x in (0, 1)]
    kernels = chapter.menu().kernels
    for fewer, more in itertools.pairwise(kernels):
        assert garbling(fewer, more) is not None
    hard = [chapter.hard_kernel(n) for n in range(7)]
    assert garbling(hard[4], hard[5]) is None
    prior = np.array([0.161, 0.839])
    rounded = [float((prior[:, None] * hard[n]).max(axis=0).sum()) for n in (4, 5)]
    best = float((np.array(chapter.PRIOR)[:, None] * hard[6]).max(axis=0).sum())
    printed(
        "token-price-buys",
        f"uses {means[0]:.2f} tokens of 48 on average, a good one {means[1]:.2f}",
        f"{best:.3f} right decisions at 48 tokens instead of {unit_values(chapter.PRIOR)[-1]:.3f}",
        f"At the prior {prior[1]}, 24 tokens lead to {rounded[0]:.4f} right",
        f"right decisions and 32 to {rounded[1]:.4f}",
    )
    assert reading.budgets[4:6] == (24, 32)


def test_first_answers_are_calibrated():
    reading, flat = chapter.reading(), chapter.reading().answers.ravel().astype(float)
    every = [
        reliability(reading.probabilities[:, n].ravel(), flat, 10).error
        for n in range(reading.probabilities.shape[1])
    ]
    printed("token-price-buys", f"lies between {min(every):.3f} and {max(every):.3f} at every length")
    truth, yes = reading.answers.ravel() == 1, reading.probabilities[:, 6].ravel()
    errors = [reliability(p, truth.astype(float), 10).error for p in (tempered(yes, 0), yes)]
    printed("token-price-buys", "error of {:.3f} instead of {:.3f} at 48 tokens".format(*errors))


@given(st.integers(0, 2**32 - 1))
def test_equal_stakes_refute_no_cost(seed):
    """Whatever is achieved, every cycle is zero and every difference of costs exact."""
    a, s = np.random.default_rng(seed).uniform(0.5, 1, 4), 3.0
    data = ribum.ChoiceData([0.5, 0.5], [[[p, 1 - p], [1 - p, p]] for p in a])
    weights = ribum.niac_weights(data, s * np.eye(2))
    np.testing.assert_allclose(weights, s * (a[:, None] - a), atol=1e-12)
    assert abs(cycle_sum(weights)) < 1e-12
    for bound in cost_bounds(weights):
        np.testing.assert_allclose(bound, s * (a[:, None] - a), atol=1e-12)


def test_exercise_two():
    a = unit_values(chapter.PRIOR)[[0, 2]].round(3)
    ends = [s * (a[1] - a[0]) / 8 for s in (1, 2, 1.2)]
    printed(
        "token-price-exercises",
        f"probability {a[0]:.3f} and {a[1]:.3f}",
        f"$1\\cdot{a[1] - a[0]:.3f}/8={ends[0]:.4f}$",
        f"$2\\cdot{a[1] - a[0]:.3f}/8={ends[1]:.4f}$",
        f"between {ends[0]:.4f} and {ends[2]:.4f}",
    )


@pytest.mark.parametrize(("q", "p"), [(0.3, 0.65), (0.3, 0.75), (0.1, 0.85), (0.1, 0.95)])
def test_exercise_neglect(q, p):
    data = ribum.ChoiceData([1 - q, q], [[[p, 1 - p], [1 - p, p]]])
    assert (ribum.nias_slack(data, np.eye(2)).min() >= -1e-12) == (p >= 1 - q)


def test_one_action_for_two_signals_hides_a_mistake():
    """Prior 0.6, accuracy 0.9, believed prior 0.99: the clerk always buys, and NIAS passes."""
    sensor = np.array([[0.9, 0.1], [0.1, 0.9]])
    believed, true = (np.array([1 - q, q])[:, None] * sensor for q in (0.99, 0.6))
    assert (believed[1] > believed[0]).all()
    assert true[1, 0] < true[0, 0]
    data = ribum.ChoiceData([0.4, 0.6], [[[0.0, 1.0], [0.0, 1.0]]])
    assert ribum.nias_slack(data, np.eye(2)).min() >= 0
    printed("token-price-exercises", "It takes two signals that share an action")


def test_exercise_envy():
    stakes = np.array([1.0, 2.0, 4.0])[:, None, None] * np.eye(2)
    for a, niac in (((0.6, 0.7, 0.8), True), ((0.8, 0.7, 0.6), False)):
        data = ribum.ChoiceData([0.5, 0.5], [[[p, 1 - p], [1 - p, p]] for p in a])
        assert (cycle_sum(ribum.niac_weights(data, stakes)) >= -1e-12) == niac
        assert ribum.nis_slack(data, stakes).min() < 0
        printed("token-price-exercises", f"a=({','.join(f'{p:.1f}'[1:] for p in a)})")


def test_exercise_fine():
    a = unit_values(chapter.PRIOR)
    rise = round(float(a[-1] - a[0]), 3)
    printed(
        "token-price-exercises",
        f"$a_{{M-1}}-a_0={rise}$",
        f"$15\\cdot{rise}/0.1={15 * rise / 0.1:.2f}$",
        "42 stakes",
    )
    for steps, fine in ((40, False), (41, True)):
        assert (15 / steps * rise <= 0.1) == fine


PRICE = """
def price_ends(stakes, a, q):
    gain = np.diff(a) / (q[1:] - q[:-1])
    return (stakes[:-1] * gain).max(), (stakes[1:] * gain).min()
"""


class TestExercises(exercises.Exercises):
    slug = "token-price"
    before = ("imports", "library-menu", "theorem-passes-check", "counterexample-search")
    right = (
        ("price", PRICE),
        ("prior", "good = (0.2, 0.8)"),
        ("tariff", "cost = [0, 0.08, 0.16, 0.24, 0.32, 0.48, 0.60, 0.96]"),
        ("relabel", "order = [4, 3, 2, 1, 0]"),
    )
    wrong = (
        ("price", "def price_ends(stakes, a, q):\n    return 0.0, 1.0", "the lower end"),
        ("prior", "good = (0.2, 0.65)", "it still passes at 0.65"),
        ("tariff", "cost = [0, 0.08, 0.16, 0.24, 0.32, 0.48, 0.64, 0.96]", "17 stakes still believe it"),
        ("tariff", "cost = 1.001 * np.array(token_price.law_of_cost('quadratic'))", "that is the page's"),
        ("tariff", "cost = 1.001 * np.array(token_price.law_of_cost('fee'))", "that is the page's"),
        ("relabel", "order = [0, 1, 2, 3, 4]", "another order"),
    )

    def prepare(self, namespace):
        exec("optimal = token_price.data(token_price.design_a())", namespace)


@pytest.mark.site
def test_pages():
    made = [chapter.purchase(), chapter.microscope(), chapter.attention_swaps()]
    browser.check_page("book/token-price", made)
    browser.check_page("notebooks/token-price", [made[0], made[2], made[1]])


def test_the_page_says_where_its_numbers_come_from():
    assert "carries the checksum of the model's weights" in passage("token-price-beta")
