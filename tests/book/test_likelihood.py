"""The numbers and claims printed in the chapter `likelihood`; each test names its passage."""

import itertools
from math import comb

import numpy as np
import pytest

from llma import bayes, experiments
from llma.data import load_published_counts, load_sample
from llma.explorers import likelihood
from llma.likelihood import HALF, Ising, Machine, expected_divergence, fit, fit_ising, fit_ordered, patterns
from llma.likelihood.ising import COUPLING_SCALE
from llma.reliability import log_ratio_error, reliability, repeat_odds
from llma.sensing import QUESTIONNAIRES, ScriptedSensor
from tests.book import browser, exercises
from tests.book.passages import printed
from tests.likelihood.test_study import divergences
from tests.likelihood.truths import MOOD, SHARES

EVEN = np.array([0.5, 0.5])
COINS_OR_COPIES = np.array([[0.25] * 4, [0.5, 0, 0, 0.5]])


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def random_tables(seed, n_states=2, n_seen=4):
    rng = np.random.default_rng(seed)
    prior = rng.dirichlet(np.ones(n_states))
    return prior, *(rng.dirichlet(np.full(n_seen, 2.0), size=n_states) for _ in range(2))


def test_story_the_sheets_of_the_table():
    published = load_published_counts()
    assert (published.sheets.sum(axis=0) > 0).sum() == 12
    assert published.sheets[3:, 32].tolist() == [0, 1, 0]
    beliefs = likelihood.beliefs(15)
    assert len(likelihood.sheets_table().splitlines()) == 13
    printed(
        "likelihood-story",
        "Of 64 possible answer sheets, twelve came",
        f"highest level probability {beliefs['raw shares'][5]:.2f}",
        f"were independent: {beliefs['independent'][5]:.2f}",
        f"says {beliefs['Ising'][5]:.2f}",
    )


def test_wrong_the_regret_theorem_by_enumeration():
    for seed, n in itertools.product(range(5), (1, 2, 3)):
        prior, truth, guess = random_tables(seed)
        distance, regret, answers = 0.0, 0.0, 0.0
        for seen in itertools.product(range(4), repeat=n):
            right, wrong = (prior * table[:, list(seen)].prod(axis=1) for table in (truth, guess))
            m, other = right.sum(), wrong.sum()
            regret += float(right @ np.log((right / m) / (wrong / other)))
            answers += m * np.log(m / other)
            distance += m * np.abs(right / m - wrong / other).sum() / 2
        price = float((prior[:, None] * truth * np.log(truth / guess)).sum())
        assert regret == pytest.approx(n * price - answers, abs=1e-10)
        assert -1e-12 <= answers
        assert distance <= np.sqrt(regret / 2) + 1e-12
        if n == 1:
            assert likelihood.belief_regret(prior, truth, guess) == pytest.approx(regret, abs=1e-12)


def test_wrong_certain_and_wrong():
    truth = np.array([0.45, 0.55])
    near, far = (likelihood.divergence(truth, np.array(q)) for q in ([0.5, 0.5], [0.1, 0.9]))
    drift = float(truth @ np.log(np.array([0.1, 0.9]) / np.array([0.5, 0.5])))
    assert drift == pytest.approx(near - far)
    printed("likelihood-wrong", f"{near:.3f} from", f"{far:.3f} from", f"{drift:.3f}")


def test_estimate_counts_and_their_price():
    forty = expected_divergence([0.5, 0.5], 40)
    printed(
        "likelihood-estimate",
        rf"0.95^{{40}}\approx{0.95**40:.3f}",
        f"exactly {forty:.4f} nats for 40 texts",
        "1/80=0.0125",
        rf"63/80\approx{63 / 80:.2f}",
    )
    assert 5_000 * expected_divergence([0.5, 0.5, 0, 0], 5_000) == pytest.approx(0.5 + 2, rel=1e-3)
    bits, levels = likelihood.published_answers()
    unseen = load_published_counts().sheets.sum(axis=0) == 0
    assert unseen.sum() == 52
    assert np.allclose(fit(bits, levels, method="counts").table[:, unseen].sum(axis=1), 0.5)
    printed("likelihood-estimate", "one half of the probability then goes to the 52 sheets")


def test_estimate_two_sheets_that_leave_no_belief():
    sheets = load_published_counts().sheets
    first, second = (sum(int(b) << k for k, b in enumerate(sheet)) for sheet in ("000001", "110110"))
    assert np.flatnonzero(sheets[:, first] == 0).tolist() == [3, 5]
    assert np.flatnonzero(sheets[:, second]).tolist() == [3, 5]
    printed("likelihood-estimate", "levels 3 and 5 had the sheet 000001, and only these had 110110")


def test_estimate_the_posterior_mean_by_a_grid():
    p = np.linspace(5e-5, 1 - 5e-5, 10_000)
    for added, (yes, no) in itertools.product((1, 1.5, 2.5), ((3, 7), (0, 4))):
        weight = p ** (yes + added - 1) * (1 - p) ** (no + added - 1)
        assert p @ weight / weight.sum() == pytest.approx((yes + added) / (yes + no + 2 * added), abs=1e-4)


def test_estimate_the_sampling_error():
    assert round(log_ratio_error([0.3, 0.7], [40, 40]), 3) == 0.263
    assert round(np.log(0.7 / 0.3), 3) == 0.847
    printed("likelihood-estimate", "0.263", "0.847")


def test_independent_the_best_product_law():
    rng = np.random.default_rng(1)
    for _ in range(20):
        law, other = rng.dirichlet(np.ones(8)), likelihood.product_law(rng.dirichlet(np.ones(8)))
        best = likelihood.product_law(law)
        gap = likelihood.divergence(law, other) - likelihood.divergence(law, best)
        shares, others = law @ patterns(3), other @ patterns(3)
        parts = shares * np.log(shares / others) + (1 - shares) * np.log((1 - shares) / (1 - others))
        assert gap == pytest.approx(parts.sum(), abs=1e-10)


def test_independent_too_sure_or_too_timid():
    rng = np.random.default_rng(2)
    for _ in range(200):
        p, rho = rng.uniform(0.51, 0.95), rng.uniform(-0.9, 0.99)
        cells = [p * p + rho * p * (1 - p), p * (1 - p) * (1 - rho), (1 - p) ** 2 + rho * p * (1 - p)]
        if min(cells) <= 0:
            continue
        true, naive = cells[0] / cells[2], (p / (1 - p)) ** 2
        assert true == pytest.approx(p / (1 - p) * (p + rho * (1 - p)) / (1 - p + rho * p))
        assert (naive > true) == (rho > 0)
    nats = float(experiments.information(EVEN, COINS_OR_COPIES))
    assert float(experiments.information(EVEN, likelihood.product_law(COINS_OR_COPIES))) < 1e-12
    printed("likelihood-independent", f"{nats:.3f} nats at an even prior")


def test_ising_how_many_numbers():
    questions, states = 6, 2
    pairs = questions * (questions - 1) // 2
    ising, counts = states * questions + pairs, states * (2**questions - 1)
    printed("likelihood-ising", f"that is {ising} numbers instead of {counts}")


def test_ising_moments_at_the_maximum():
    rng = np.random.default_rng(3)
    bits = (rng.random((90, 3)) < 0.5 + 0.3 * rng.random((90, 1))).astype(float)
    states = rng.integers(0, 2, 90)
    law, scale = fit_ising(bits, states), 0.5
    table, centred = law.table(), patterns(3) - 0.5
    for x in (0, 1):
        here = bits[states == x]
        gap = len(here) * (here.mean(axis=0) - table[x] @ patterns(3))
        assert np.allclose(gap, sigmoid(law.fields[x]) - 0.5, atol=1e-4)
    for k, m in itertools.combinations(range(3), 2):
        data = ((bits[:, k] - 0.5) * (bits[:, m] - 0.5)).sum()
        model = sum((states == x).sum() * float(table[x] @ (centred[:, k] * centred[:, m])) for x in (0, 1))
        assert data - model == pytest.approx(law.couplings[k, m] / scale**2, abs=1e-3)


def test_ising_the_largest_entropy():
    """Move along every direction that keeps the means and pair means: the entropy falls."""
    law = Ising([[0.4, -0.7, 0.2]], [[0, 0.8, -0.3], [0.8, 0, 0.5], [-0.3, 0.5, 0]]).table()[0]
    every = patterns(3)
    moments = np.column_stack(
        [np.ones(8), every, *(every[:, k] * every[:, m] for k, m in ((0, 1), (0, 2), (1, 2)))]
    )
    (direction,) = np.linalg.svd(moments.T)[2][7:]

    def entropy(p):
        return -float(p @ np.log(p))

    assert np.allclose(direction @ moments, 0, atol=1e-12)
    assert all(entropy(law + t * direction) < entropy(law) for t in (-0.03, -1e-3, 1e-3, 0.03))


def test_ising_a_shared_coupling_has_the_largest_average_entropy():
    """Directions that keep each state's means and the pooled pair mean, with 3 texts against 1."""
    table = Ising([[0.4, -0.7], [-0.2, 0.9]], [[0, 1.2], [1.2, 0]]).table()
    each = np.column_stack([np.ones(4), patterns(2)])
    both, weights = patterns(2).prod(axis=1), np.array([3.0, 1.0])
    keep = np.block([[each, np.zeros((4, 3))], [np.zeros((4, 3)), each]])
    keep = np.column_stack([keep, np.concatenate([3 * both, both])])
    (direction,) = np.linalg.svd(keep.T)[2][7:]

    def entropy(laws):
        return -float(weights @ (laws * np.log(laws)).sum(axis=1))

    moves = [t * direction.reshape(2, 4) for t in (-0.02, -1e-3, 1e-3, 0.02)]
    assert np.allclose(direction @ keep, 0, atol=1e-12)
    assert all(entropy(table + move) < entropy(table) for move in moves)


def test_ising_shared_dependence_is_linear_and_only_that():
    rng = np.random.default_rng(4)
    f, h = rng.normal(size=8), rng.normal(size=(3, 3))
    table = np.exp(f + h @ patterns(3).T)
    table /= table.sum(axis=1, keepdims=True)
    design = np.column_stack([np.ones(8), patterns(3)])
    for i, j in itertools.combinations(range(3), 2):
        ratio = np.log(table[i] / table[j])
        weights, *_ = np.linalg.lstsq(design, ratio, rcond=None)
        assert np.allclose(design @ weights, ratio)
        assert np.allclose(weights[1:], h[i] - h[j])
    other = np.random.default_rng(5).dirichlet(np.ones(8), size=2)
    ratio = np.log(other[1] / other[0])
    assert np.abs(design @ np.linalg.lstsq(design, ratio, rcond=None)[0] - ratio).max() > 0.1


def test_ising_coins_or_copies_have_no_shared_fit():
    bits = np.vstack([np.repeat(patterns(2), 500, axis=0), np.repeat([[0, 0], [1, 1]], 1000, axis=0)])
    law = fit_ising(bits, np.repeat([0, 1], 2000))
    assert np.abs(law.fields).max() < 1e-5
    assert np.allclose(law.table()[0], law.table()[1], atol=1e-6)


def test_rbm_one_mood_reaches_every_odds_ratio():
    def ratio(machine):
        p = machine.table()[0]
        return float(np.log(p[0] * p[3] / (p[1] * p[2])))

    plus = [ratio(Machine([[0.3, -0.5]], [[w, w]], [-w])) for w in np.linspace(0, 12, 40)]
    minus = [ratio(Machine([[0.3, -0.5]], [[w, -w]], [0.0])) for w in np.linspace(0, 12, 40)]
    assert plus[0] == pytest.approx(0, abs=1e-12)
    assert minus[0] == pytest.approx(0, abs=1e-12)
    assert np.all(np.diff(plus) > 0)
    assert np.all(np.diff(minus) < 0)
    assert plus[-1] > 9
    assert minus[-1] < -9


def test_rbm_a_mood_read_the_other_way():
    rng = np.random.default_rng(6)
    v, w, d = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)
    flipped, biases = w.copy(), d.copy()
    flipped[0], biases[0] = -w[0], -d[0]
    assert np.allclose(Machine(v, w, d).table(), Machine(v + w[0], flipped, biases).table())


def test_rbm_contrastive_divergence_is_no_gradient():
    def step(v, w, d):
        on = 0.5 * sigmoid(d + w) + 0.5 * sigmoid(d)
        q = sigmoid(v) + on * (sigmoid(v + w) - sigmoid(v))
        return 0.5 - q, (0.5 - q) * (sigmoid(d + w) - sigmoid(d))

    e = 1e-6
    cross = [
        (step(0, 2, e)[0] - step(0, 2, -e)[0]) / (2 * e),
        (step(e, 2, 0)[1] - step(-e, 2, 0)[1]) / (2 * e),
    ]
    printed("likelihood-rbm", f"${cross[0]:.4f}$ and ${cross[1]:.4f}$")


def test_rbm_the_smallest_step_of_contrastive_divergence_points_uphill():
    """The mean step, from the chain itself, against the gradient of the log-likelihood by differences."""
    answers, data, e = np.array([0.0, 1.0]), np.array([0.5, 0.5]), 1e-6
    rng = np.random.default_rng(11)

    def score(v, w, d):
        weight = v * answers + np.logaddexp(0, d + w * answers)
        return float(data @ weight - np.logaddexp.reduce(weight))

    for v, w, d in rng.normal(0, 2, (20, 3)):
        on = sigmoid(d + w * answers)
        yes = on * sigmoid(v + w) + (1 - on) * sigmoid(v)  # after one step, by the answer at the start
        after = data @ np.column_stack([1 - yes, yes])
        step = [(data - after) @ value for value in (answers, on * answers, on)]
        gradient = [
            (score(*(np.array([v, w, d]) + e * unit)) - score(*(np.array([v, w, d]) - e * unit))) / (2 * e)
            for unit in np.eye(3)
        ]
        factor = 1 - (sigmoid(d + w) - sigmoid(d)) * (sigmoid(v + w) - sigmoid(v))
        assert 0 < factor < 1
        assert np.allclose(step, factor * np.array(gradient), atol=1e-8)


def test_rbm_the_normaliser_is_a_sum_over_moods_too():
    rng = np.random.default_rng(9)
    v, w, d = rng.normal(size=(2, 5)), rng.normal(size=(2, 5)), rng.normal(size=2)
    moods, sheets = patterns(2), patterns(5)
    by_moods = np.exp(moods @ d) * np.exp(np.log1p(np.exp(v[:, None] + moods @ w)).sum(axis=-1))
    by_sheets = np.exp(v @ sheets.T) * (1 + np.exp(d + sheets @ w.T)).prod(axis=1)
    assert np.allclose(by_moods.sum(axis=1), by_sheets.sum(axis=1))
    assert np.allclose(Machine(v, w, d).table(), by_sheets / by_moods.sum(axis=1, keepdims=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("counts", "counts"),
        ("bernoulli", "independent"),
        ("ising", "Ising"),
        ("conditional-rbm", "cond. machine"),
        ("conditional-rbm-cd1", "the same, CD-1"),
        ("rbm", "machine a state"),
        ("rbm-cd1", "the same, CD-1"),
        ("auto", "auto"),
    ],
)
def test_cv_the_study(method, name):
    check_row_of_the_study(method, name)


def test_cv_the_rows_without_a_search():
    for method, name in (("counts", "counts"), ("bernoulli", "independent")):
        check_row_of_the_study(method, name)


def check_row_of_the_study(method, name):
    found = np.array([divergences(truth, method) for truth in ("independent", "latent", "pairwise")])
    errors = found.std(axis=1, ddof=1) / np.sqrt(found.shape[1])
    assert 0.003 <= errors.min()
    assert errors.max() < 0.0125
    row = " | ".join(f"{value:.2f}" for value in found.mean(axis=1))
    printed("likelihood-cv", f"| {name} | {row} |", "between 0.003 and 0.012")


def test_missing_a_question_without_weight_speaks_for_another():
    table = Ising([[-1.0, 0.0], [1.0, 0.0]], [[0, 2.0], [2.0, 0]]).table()
    both = np.log(table[1] / table[0])
    assert np.allclose(both[[0, 1]], both[[2, 3]])
    alone = table[:, [2, 3]].sum(axis=1)
    printed("likelihood-missing", f"odds of state 1 by {alone[1] / alone[0]:.2f}")


def test_repeats_five_times_yes():
    assert [round(likelihood.repeat_belief(0.5, 0.7, rho, 5), 3) for rho in (0, 0.3, 1)] == [0.986, 0.88, 0.7]
    printed("likelihood-repeats", "0.986", "0.880", "0.70")


def test_repeats_asking_for_ever_does_not_run_away():
    v = 0.7 / 0.3
    limit = 4 ** (v * 0.4)
    assert v * 0.4 == pytest.approx(14 / 15)
    assert repeat_odds(0.7, 0.3, yes=40_000, no=10_000) == pytest.approx(limit, rel=1e-3)
    assert (round(limit, 2), round(limit / (1 + limit), 3)) == (3.65, 0.785)
    printed("likelihood-explorers", r"4^{14/15}\approx3.65", "0.785")
    after = likelihood.repeat_belief(0.5, 0.7, 0.3, *likelihood.counts("4 yes to 1 no", 30))
    nine = [likelihood.repeat_belief(0.5, 0.7, 0.3, *likelihood.counts("9 yes to 1 no", n)) for n in (5, 30)]
    assert nine[1] < nine[0]
    printed("likelihood-explorers", f"it is at {after:.3f}")


def test_calibration_a_probability_belongs_to_a_prior():
    odds = 9 * (0.1 / 0.9)
    assert odds / (1 + odds) == pytest.approx(0.5)


def test_calibration_what_luck_alone_gives():
    rng = np.random.default_rng(12)
    stated = rng.uniform(size=(3_000, 200))
    errors = [reliability(p, (rng.uniform(size=200) < p).astype(float), 5).error for p in stated]
    printed(
        "likelihood-calibration",
        f"{np.mean(errors):.2f} on average",
        f"above {np.quantile(errors, 0.95):.2f} in one",
    )


def test_order_flags():
    levels = np.arange(3)
    means = [
        [float(bayes.posterior(np.full(3, 1 / 3), likelihood.three_flags(s), y) @ levels) for y in range(3)]
        for s in (0.6, 0.1)
    ]
    assert not bayes.is_tp2(likelihood.three_flags(0.1))
    printed("likelihood-order", f"{means[0][0]:.3f}, {means[0][1]:.3f} and **{means[0][2]:.3f}**")
    assert [mean >= 1 for mean in means[0]] == [False, True, False]
    printed(
        "likelihood-order",
        f"{means[1][2]:.3f} after flag 2",
        "acts from a mean of 1 on must act after flag 1 only",
    )
    two = [0.5, 0.5, 0.0]
    after = [float(bayes.posterior(two, likelihood.three_flags(0.1), y)[1]) for y in (1, 2)]
    assert after[1] < after[0]


def test_order_theorem_both_ways():
    rng = np.random.default_rng(7)
    kinds = {True: 0, False: 0}
    for _ in range(300):
        table = rng.dirichlet(np.ones(3), size=3)
        table = table[np.argsort(table @ np.arange(3))]
        pairs = list(itertools.combinations(range(3), 2))
        falls = False
        for i, j in pairs:
            prior = np.zeros(3)
            prior[[i, j]] = 0.5
            falls |= bool((np.diff([bayes.posterior(prior, table, y)[j] for y in range(3)]) < -1e-12).any())
        assert falls != bayes.is_tp2(table)
        kinds[falls] += 1
    assert min(kinds.values()) > 3


def test_order_a_scale():
    rng = np.random.default_rng(8)
    for _ in range(20):
        f, u, w, t = rng.normal(size=16), rng.normal(size=4), rng.normal(size=4), np.sort(rng.normal(size=3))
        table = np.exp(f + (u + t[:, None] * w) @ patterns(4).T)
        table /= table.sum(axis=1, keepdims=True)
        assert bayes.is_tp2(table[:, np.argsort(patterns(4) @ w)])


def test_authors_minors_and_orders():
    counts = load_published_counts().counts
    negative = [
        int((bayes.tp2_minors(counts[:, list(p)]) < 0).sum()) for p in itertools.permutations(range(6))
    ]
    assert len(negative) == 720
    assert negative[0] == 21
    printed("likelihood-authors", "21 of the 225 minors", f"the best of the 720 orders has {min(negative)}")
    mean = np.arange(6) @ (counts / counts.sum(axis=0))
    printed("likelihood-authors", f"from {mean[1]:.2f} to {mean[2]:.2f}")
    table = likelihood.order_table()
    printed("likelihood-authors", "is 0.076: levels 2 and 3, actions 3 and 4 (13 and 13 against 21 and 8)")
    assert "levels (2, 3), actions (3, 4)" in table
    assert "p 0.076, times 225: 1.00" in table
    assert counts[2:4, 3:5].tolist() == [[13, 13], [21, 8]]


def test_authors_the_ratio_and_the_merged_table():
    counts = load_published_counts().counts
    printed("likelihood-authors", f"costs ${fit_ordered(counts).ratio:.2f}$ in twice")
    merged = bayes.merge_observations(counts / 40, [[0], [1, 2, 3], [4, 5]])
    levels = np.stack([merged[0], merged[1:4].mean(axis=0), merged[4:].mean(axis=0)])
    assert bayes.is_tp2(levels)
    rows = [r"&".join(f"{value:.4f}"[1:] for value in row) for row in levels]
    printed("likelihood-authors", r"\\".join(rows))


@pytest.mark.slow
def test_authors_the_bootstrap():
    found, drawn = likelihood.order_ratios(199, np.random.default_rng(0))
    assert 0.4 < (drawn >= found).mean() < 0.6
    printed("likelihood-authors", "Among 199 samples", "about half cost more")


def test_authors_a_few_samples_of_the_bootstrap():
    found, drawn = likelihood.order_ratios(10, np.random.default_rng(1))
    assert 1 <= (drawn >= found).sum() <= 9


def test_authors_cross_validation_and_levels():
    bits, levels = likelihood.published_answers()
    for seed in (None, *range(5)):
        model = fit(bits, levels, rng=None if seed is None else np.random.default_rng(seed))
        assert model.method == "ising"
        assert model.scores["ising"] - model.scores["bernoulli"] > 0.4
    p = likelihood.row_p_values(np.random.default_rng(1))
    assert p[0] < 0.001
    assert p[1] > 0.8
    assert p[3] < 0.01
    assert min(p[2], p[4]) > 0.05
    assert len(likelihood.rows_table().splitlines()) == 6
    root = np.sqrt(fit(bits, levels, method="ising").table)
    overlap = float(root[1] @ root[2])
    least = (1 - np.sqrt(1 - overlap**100)) / 2
    raw = np.sqrt(load_published_counts().sheets / 40)
    assert (1 - np.sqrt(1 - (raw[1] @ raw[2]) ** 100)) / 2 < 0.001
    printed("likelihood-authors", f"have overlap {raw[1] @ raw[2]:.3f}")
    printed("likelihood-authors", f"\\omega={overlap:.3f}$", f"at least {100 * least:.0f} of 100 cases")


def test_authors_a_wider_prior_scores_better():
    bits, levels = likelihood.published_answers()
    number = (bits @ 2 ** np.arange(6)).astype(int)
    gains = []
    for deal in range(2):
        rng = np.random.default_rng(deal)
        part = np.concatenate([rng.permutation(40) % 5 for _ in range(6)])
        score = {0.5: 0.0, 2.0: 0.0}
        for held, scale in itertools.product(range(5), score):
            here = part == held
            table = fit_ising(bits[~here], levels[~here], 6, scale=scale).table()
            score[scale] += float(np.log(table[levels[here], number[here]]).sum()) / 240
        gains.append(score[2.0] - score[0.5])
    assert all(0.08 < gain < 0.14 for gain in gains)
    printed("likelihood-authors", "would score about 0.1 nats better on this table")


def test_ising_independent_bits_are_the_case_without_couplings():
    rng = np.random.default_rng(10)
    bits, states = rng.integers(0, 2, (40, 3)).astype(float), rng.integers(0, 2, 40)
    no_couplings = fit_ising(bits, states, scale=1e-4).table()
    assert np.allclose(no_couplings, fit(bits, states, method="bernoulli").table, atol=1e-5)
    assert COUPLING_SCALE == HALF == 0.5
    printed(
        "likelihood-ising",
        r"takes $\tau=\frac12$. Its independent bits add $\frac12$ to the yes and to the no",
    )


def test_cv_the_truths_are_as_said():
    assert (round(float(SHARES.min()), 2), round(float(SHARES.max()), 2)) == (0.05, 0.88)
    assert np.abs(MOOD).tolist() == [1.3] * 6
    printed("likelihood-cv", "from 0.05 to 0.88", "up or down by 1.3")


def test_sums_are_no_likelihood():
    truth = likelihood.smoothed()
    wrong = likelihood.cumulative(truth)
    means = [np.arange(6) @ (table / table.sum(axis=0)) for table in (truth, wrong)]
    nats = [float(experiments.information(np.full(6, 1 / 6), table)) for table in (truth, wrong)]
    lost = likelihood.belief_regret(np.full(6, 1 / 6), truth, wrong)
    printed(
        "likelihood-sums",
        f"from {means[0][0]:.2f} and {means[0][5]:.2f} at the ends",
        f"to {means[1][0]:.2f} and {means[1][5]:.2f}",
        f"tells {nats[1]:.3f} nats, where it tells {nats[0]:.3f}",
        f"lose {lost:.3f} nats",
    )


def test_exercise_solutions():
    truth, guess = np.array([[0.5, 0.5], [0.3, 0.7]]), np.array([[0.6, 0.4], [0.2, 0.8]])
    price = [likelihood.divergence(p, q) for p, q in zip(truth, guess, strict=True)]
    drift = truth @ np.log(guess[1] / guess[0])
    printed(
        "likelihood-exercises",
        f"{price[0]:.4f}$",
        f"{price[1]:.4f}$, mean {np.mean(price):.4f}",
        rf"\sqrt{{5\cdot{np.mean(price):.4f}/2}}\approx{np.sqrt(5 * np.mean(price) / 2):.3f}",
        rf"\approx{drift[1]:.3f}>0",
        rf"\approx{drift[0]:.3f}<0",
        "0.300, 0.318, 0.333",
        rf"0.5/11\approx{0.5 / 11:.3f}$ and $1/12\approx{1 / 12:.3f}",
    )
    lost = []
    for n in (20, 100, 300):
        yes = np.arange(n + 1)
        ways = np.array([comb(n, int(m)) for m in yes], dtype=float)
        laws = [ways * table[:, [1]] ** yes * table[:, [0]] ** (n - yes) for table in (truth, guess)]
        lost.append(likelihood.belief_regret(EVEN, laws[0], laws[1]))
    assert lost[2] < 2e-3 < lost[1] < 0.03 < lost[0] < 20 * np.mean(price)
    printed(
        "likelihood-exercises", f"{lost[0]:.3f} after 20 texts, is {lost[1]:.3f} after 100 and tends to 0"
    )
    assert [round((3 + g) / (10 + 2 * g), 3) for g in (0, 0.5, 1)] == [0.3, 0.318, 0.333]
    assert (0.5 / (0.5 / 11), 0.5 / (1 / 12)) == (11, 6)


def test_exercise_merging_and_weights():
    merged = np.array([[1, 0], [0, 1], [1, 0]])
    assert not bayes.is_tp2(merged)
    assert not bayes.is_tp2(merged[:, ::-1])
    p = 0.7
    for ratio in (1.0, 4.0, 1e6):
        table = np.array([likelihood.pair_law(1 - p, 1 - p, ratio), likelihood.pair_law(p, p, ratio)])
        log_odds = np.log(table[1] / table[0])
        assert np.allclose(log_odds[[1, 2]], 0, atol=1e-6)
        assert log_odds[0] == pytest.approx(-log_odds[3], abs=1e-6)
    assert log_odds[3] == pytest.approx(np.log(p / (1 - p)), abs=1e-2)


def test_exercise_an_echo_never_speaks_louder():
    odds = [repeat_odds(0.8, rho, yes=6) for rho in np.linspace(0, 1, 21)]
    assert np.all(np.diff(odds) < 0)
    growth = np.log(repeat_odds(0.7, 0.3, 8_000) / repeat_odds(0.7, 0.3, 4_000)) / np.log(2)
    assert growth == pytest.approx(0.4 * 0.7 / 0.3, rel=1e-3)


def test_explorer_hanging():
    explorer = likelihood.hanging()

    def read(a, b, low=0.3, high=0.7):
        return explorer.evaluate(low=low, high=high, ratio_0=a, ratio_1=b)

    both, one = read(16.0, 16.0), read(1.0, 16.0)
    assert both["yes, yes is read"] == "too boldly"
    assert one["yes, yes is read"] == read(0.25, 0.5)["yes, yes is read"] == "too timidly"
    half = read(1.0, 16.0, 0.5, 0.5)
    assert half["yes, yes: independent"] == pytest.approx(0.5)
    printed(
        "likelihood-explorers",
        f"is {both['yes, yes: true']:.3f}, the naive one {both['yes, yes: independent']:.3f}",
        f"it is {one['yes, yes: true']:.3f} against {one['yes, yes: independent']:.3f}",
        f"the truth is {half['yes, yes: true']:.3f}",
    )
    law = likelihood.pair_law(0.3, 0.6, 5.0)
    assert law[0] * law[3] / (law[1] * law[2]) == pytest.approx(5)
    assert (law[1] + law[3], law[2] + law[3]) == pytest.approx((0.3, 0.6))


def test_explorer_texts():
    explorer = likelihood.texts()
    start = explorer.evaluate(k=6, coupling=0.5, added=1.0)
    printed("likelihood-explorers", f"{start['total correlation, nats']:.3f} nats at the start")
    assert start["counts overtake"] == "at 160 to 320 texts"
    law = likelihood.even_law(6, 0.5)
    first = next(
        n
        for n in range(160, 321)
        if expected_divergence(law, n)
        < start["total correlation, nats"]
        + sum(expected_divergence([1 - p, p], n, HALF) for p in law @ patterns(6))
    )
    printed("likelihood-explorers", f"between 160 and 320 texts (at {first})")
    counts, bits, ising = likelihood.sample_curves(6, 0.5, 1.0)
    assert bits[-1] == pytest.approx(start["total correlation, nats"], abs=0.002)
    assert 2 * likelihood.SIZES[-1] * counts[-1] == pytest.approx(63, rel=0.1)
    assert ising[-1] < counts[-1] < bits[-1]
    printed(
        "likelihood-explorers",
        f"{start['at 40 texts: Ising']:.3f} against {start['at 40 texts: independent']:.3f} and, for counts, "
        f"{start['at 40 texts: counts']:.3f}",
    )
    less = [explorer.evaluate(k=6, coupling=0.5, added=a)["at 40 texts: counts"] for a in (0.25, 0.05)]
    assert less[0] < start["at 40 texts: counts"] < less[1]
    printed("likelihood-explorers", f"than adding 1, {less[0]:.3f}, and adding 0.05 is worse, {less[1]:.3f}")
    alone = explorer.evaluate(k=6, coupling=0.0, added=1.0)
    assert alone["counts overtake"] == "not up to 2560 texts"
    counts, bits, ising = likelihood.sample_curves(6, 0.0, 1.0)
    enough = np.array(likelihood.SIZES) >= 40
    assert (bits[enough] < ising[enough]).all()
    assert (bits[~enough] > ising[~enough]).all()


def test_explorer_shared():
    explorer = likelihood.shared()
    start = explorer.evaluate(low=-0.5, high=0.5, coupling_0=1.0, coupling_1=1.0)
    assert np.allclose(start["odds"][:5], start["odds"][5:10], atol=1e-5)
    bent = explorer.evaluate(low=-0.5, high=0.5, coupling_0=0.0, coupling_1=2.0)
    assert np.allclose(np.diff(bent["odds"][:5], 2), 2)
    assert np.allclose(np.diff(bent["odds"][5:10], 2), 0, atol=1e-8)
    assert bent["odds"][1] < bent["odds"][0] < 0
    assert bent["odds"][2] < bent["odds"][3] < bent["odds"][4]
    steepest = explorer.evaluate(low=-1.0, high=1.0, coupling_0=2.0, coupling_1=2.0)
    assert np.abs(steepest["odds"]).max() < explorer.chart.to_dict()["encoding"]["y"]["scale"]["domain"][1]
    leaning = explorer.evaluate(low=-0.5, high=0.0, coupling_0=1.0, coupling_1=1.0)
    assert f"{leaning['bend of the true line']:.3f}" == "0.000"
    even = explorer.evaluate(low=0.0, high=0.0, coupling_0=0.0, coupling_1=2.0)
    assert np.allclose(even["odds"][5:], 0, atol=1e-5)
    printed(
        "likelihood-explorers",
        f"give {start['all yes: true']:.3f}, and independent bits say {start['all yes: independent']:.3f}",
    )


def test_explorer_broken():
    explorer = likelihood.broken()

    def rises(share, kind=0.3333, split=0.5):
        return explorer.evaluate(false_alarms=share, kind=kind, split=split)["mean rises with the flag"]

    assert (rises(0.1), rises(0.2), rises(0.1, 0.5, 0.0), rises(0.03, 0.5, 0.0)) == ("yes", "no", "no", "yes")
    after = explorer.evaluate(false_alarms=0.1, kind=0.3333, split=0.5)
    printed("likelihood-explorers", f"from {after['after flag 1']:.3f} to {after['after flag 2']:.3f}")


@pytest.mark.parametrize("name", ["hanging", "texts", "shared", "broken", "repeats"])
def test_explorers_along_their_grids(name):
    exercises.evaluate_grid(getattr(likelihood, name)(), every=17)


def test_explorer_repeats_levels_off():
    explorer = likelihood.repeats()
    rows = explorer.table(pattern="4 yes to 1 no", accuracy=0.7, correlation=0.3, prior=0.5)
    last = {row["curve"]: row["belief"] for row in rows if row["asked"] == 30}
    assert last["as if independent"] > 0.999
    assert last["correct"] == pytest.approx(0.785, abs=0.05)
    modest = explorer.evaluate(pattern="all yes", accuracy=0.7, correlation=0.05, prior=0.5)["belief"]
    assert modest[31 + 10] < modest[10] - 0.001


def test_sample_table_counts_what_it_says():
    samples = likelihood.sample_answers(ScriptedSensor(lambda text, question: 1.0))
    line = likelihood.sample_table(samples).splitlines()[1].split()
    truth = load_sample("product_review").answers
    assert line[:2] == ["product", "40"]
    assert line[2] == f"{np.nanmean(truth):.2f}"
    assert line[4] == f"{1 - np.nanmean(truth):.2f}"


def test_verdicts_follow_the_numbers():
    samples = {name: load_sample(name) for name in QUESTIONNAIRES}

    def verdicts(answer):
        table = likelihood.sample_verdicts({n: (s, answer(s.answers)) for n, s in samples.items()})
        return [" ".join(line.split()[3:]) for line in table.splitlines()[1:]]

    assert verdicts(lambda a: np.where(np.isnan(a), 0.5, a)) == ["better"] * 3
    assert verdicts(lambda a: 1 - np.where(np.isnan(a), 0.5, a)) == ["worse"] * 3
    usual = verdicts(lambda a: np.broadcast_to(np.nanmean(a, axis=0), a.shape))
    assert usual == ["not clear"] * 3


PLAN = """
least = 1
while expected_divergence(p, least) > 0.01:
    least += 1
"""
WEIGHTS = """
def weights_of(table):
    odds = np.log(table[1] / table[0])
    size = len(odds).bit_length() - 1
    return [odds[2**k] - odds[0] for k in range(size)]
"""
TIMID = "timid = [likelihood.pair_law(0.45, 0.45, 1.0), likelihood.pair_law(0.5, 0.5, 64.0)]"


class TestExercises(exercises.Exercises):
    slug = "likelihood"
    once = True
    right = (
        ("plan", PLAN),
        ("plan", PLAN + "least = float(least)"),
        ("weights", WEIGHTS),
        ("timid", TIMID),
        ("timid", "timid = [[0.3025, 0.2475, 0.2475, 0.2025], [0.45, 0.05, 0.05, 0.45]]"),
        ("prior", "shows = (0.5, 0.499, 0.001)"),
    )
    wrong = (
        ("plan", "least = 150", "not enough|would do"),
        ("plan", "least = 10_000", "one text less would do"),
        ("plan", "least = 20", "not enough"),
        ("plan", "least = float('nan')", "a whole number"),
        ("plan", "least = 0", "at least 1"),
        ("weights", WEIGHTS.replace("table[1] / table[0]", "table[0] / table[1]"), "expected"),
        ("weights", WEIGHTS.replace(" - odds[0]", ""), "expected"),
        ("weights", "def weights_of(table): return 0.0", "one weight a question"),
        (
            "weights",
            "def weights_of(table): return np.full(len(table[0]).bit_length() - 1, np.nan)",
            "expected",
        ),
        ("timid", "timid = [[0.25] * 4, [0.499, 0.001, 0.001, 0.499]]", "above one half"),
        ("timid", "timid = [likelihood.pair_law(s, s, 16.0) for s in (0.3, 0.7)]", "not timid enough"),
        ("timid", "timid = np.full((2, 4), np.nan)", "positive"),
        ("timid", "timid = [0.25] * 4", "two rows"),
        ("prior", "shows = [1 / 3] * 3", "does not fall"),
        ("prior", "shows = [0.5, 0.5, 0.0]", "positive"),
        ("prior", "shows = [np.nan] * 3", "sums to one"),
    )


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [
        likelihood.hanging(),
        likelihood.texts(),
        likelihood.shared(),
        likelihood.broken(),
        likelihood.repeats(),
    ]
    browser.check_page("book/likelihood", made)
    browser.check_page("notebooks/likelihood", made)
