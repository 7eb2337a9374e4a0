"""The numbers and claims printed in the chapter `likelihood`; each test names its passage."""

import numpy as np
import pytest

from llma.data import load_sample
from llma.explorers import likelihood
from llma.reliability import log_ratio_error, reliability, repeat_odds
from llma.sensing import QUESTIONNAIRES, ScriptedSensor
from tests.book import browser
from tests.book.passages import printed


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
    printed(
        "likelihood-explorers",
        f"it is at {after:.3f}",
        f"at {nine[0]:.3f} after five answers and at {nine[1]:.3f}",
    )


def test_estimate_the_sampling_error():
    assert round(log_ratio_error([0.3, 0.7], [40, 40]), 3) == 0.263
    assert round(np.log(0.7 / 0.3), 3) == 0.847
    printed("likelihood-estimate", "0.263", "0.847")


def test_estimate_how_many_numbers_a_likelihood_has():
    questions, states = 6, 2
    pairs = questions * (questions - 1) // 2
    ising, counts = states * questions + pairs, states * (2**questions - 1)
    printed("likelihood-estimate", f"that is {ising} numbers instead of {counts}")


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


def test_exercise_an_echo_never_speaks_louder():
    odds = [repeat_odds(0.8, rho, yes=6) for rho in np.linspace(0, 1, 21)]
    assert np.all(np.diff(odds) < 0)
    growth = np.log(repeat_odds(0.7, 0.3, 8_000) / repeat_odds(0.7, 0.3, 4_000)) / np.log(2)
    assert growth == pytest.approx(0.4 * 0.7 / 0.3, rel=1e-3)


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


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [likelihood.repeats()]
    browser.check_page("book/likelihood", made)
    browser.check_page("notebooks/likelihood", made)
