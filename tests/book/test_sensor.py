"""The numbers and claims printed in the chapter `sensor`; each test names its passage."""

import contextlib
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest

from llma import bayes, experiments
from llma.data import load_sample
from llma.explorers import sensor
from llma.reliability import repeat_odds
from llma.sensing import PRODUCT_REVIEW, ScriptedSensor, chains, draw, open_sensor, record_path, tempered
from llma.sensing.dialogue import written_chain
from llma.sensing.injection import NEUTRAL, PRAISE, SAY_YES
from llma.sensing.llama import Shape, attend, forward, logits, random_llama
from llma.sensing.methods import TOP
from llma.sensing.packing import Packed, pack
from llma.sensing.tiny import WEIGHTS
from tests.book import browser, exercises
from tests.book.passages import ROOT, cell, printed
from tests.sensing.server import serving

EVEN = (0.5, 0.5)


def test_story_the_review_is_in_the_sample_with_the_answers_named():
    sample = load_sample("product_review")
    row = sample.texts.index(sensor.REVIEW)
    assert PRODUCT_REVIEW.observation(sample.answers[row].tolist()) == 10
    assert sample.states[row] == 1
    printed("sensor-story", *(f"*{q.key}*: {q.text}" for q in PRODUCT_REVIEW.questions))
    printed("sensor-story", sensor.REVIEW, "no, yes, no, yes", "y=0+2+0+8=10", "one of sixteen")


def test_bits_two_answers_are_less_than_two_answers():
    warm, terse = np.array([0.9, 0.9]), np.array([0.5, 0.5])
    law = sensor.sheet_law([warm, terse]).mean(axis=0)
    assert law[3] == pytest.approx(0.53)
    single = law[1] + law[3]
    assert single == pytest.approx(0.7)
    correlation = (law[3] - single**2) / (single * (1 - single))
    assert round(correlation, 2) == 0.19
    printed("sensor-bits", "0.53", "0.49", "0.04/0.21", "0.19")


def test_bits_two_answers_about_one_text_can_say_more():
    good = sensor.sheet_law([[0.0, 0.0], [1.0, 1.0]]).mean(axis=0)
    bad = sensor.sheet_law([[0.5, 0.5]])[0]
    assert good[1] + good[3] == bad[1] + bad[3] == 0.5, "one answer tells nothing"
    agree = [law[0] + law[3] for law in (bad, good)]
    assert agree == [0.5, 1.0]
    assert good[1] == good[2] == 0
    pair = np.array([bad, good])
    assert float(experiments.information(EVEN, pair)) == pytest.approx(0.2158, abs=5e-5)
    printed("sensor-bits", "Agreement doubles the odds", "disagreement rules it out")


def test_model_one_seed_for_all_makes_one_observation():
    everybody = [draw([[0.5]], np.random.default_rng(3))[0, 0] for _ in range(5)]
    assert len(set(everybody)) == 1
    printed("sensor-model", "all agents draw with the *same* seed", "they are one observation")


def test_llama_the_code_on_the_page_is_the_code_that_runs():
    (code,) = re.findall(r"```{code-block} python\n(.*?)```", (ROOT / "book/sensor.md").read_text(), re.S)
    rng = np.random.default_rng(4)
    query, key, value = rng.normal(size=(3, 6, 4))
    bias = np.where(np.tril(np.ones((6, 6))) > 0, 0.0, -np.inf)
    names = {"np": np, "query": query, "key": key, "value": value, "bias": bias}
    exec(code, names)
    assert np.allclose(names["fetched"], attend(query[:, None], key[:, None], value[:, None], bias))


@pytest.fixture(scope="module")
def llama():
    shape = Shape(vocabulary=40, hidden=16, layers=3, heads=4, kv_heads=2, head_dim=4, ffn=24, context=64)
    return random_llama(shape, np.random.default_rng(3))


PROMPTS = [[1, 7, 9, 4, 11, 12, 2], [1, 7, 9, 4, 13, 2], [1, 7, 9, 4, 14, 15, 16, 2]]


def read(llama, packed):
    return logits(llama, forward(llama, [packed]))


def test_packing_theorem_together_equals_alone_in_any_order(llama):
    together = read(llama, pack(PROMPTS))
    alone = np.concatenate([read(llama, pack([prompt])) for prompt in PROMPTS])
    assert np.abs(together - alone).max() < 1e-4 * np.abs(alone).max()
    assert np.allclose(read(llama, pack(PROMPTS[::-1]))[::-1], together, atol=1e-4)


def test_packing_theorem_a_common_shift_of_positions_is_harmless(llama):
    packed = pack(PROMPTS)
    moved = Packed(packed.ids, packed.positions + 9, packed.mask, packed.read)
    assert np.allclose(read(llama, moved), read(llama, packed), atol=1e-3)


@pytest.mark.parametrize("what", ["mask", "positions"])
def test_packing_theorem_each_condition_is_needed(llama, what):
    packed = pack(PROMPTS)
    n = packed.ids.size
    broken = {
        "mask": Packed(packed.ids, packed.positions, np.tril(np.ones((n, n), dtype=bool)), packed.read),
        "positions": Packed(packed.ids, np.arange(n), packed.mask, packed.read),
    }[what]
    change = np.abs(read(llama, broken) - read(llama, packed)).max(axis=1)
    assert change[0] < 1e-4, "the first tail stands where it would stand alone"
    assert change[1:].min() > 1e-2


def test_packing_picture_has_the_numbers_of_its_alt_text():
    packed = pack([[1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 8, 9, 10]])
    assert packed.positions.tolist() == [0, 1, 2, 3, 4, 5, 6, 4, 5, 6]
    assert not packed.mask[7:, 4:7].any()
    assert packed.mask[7:, :4].all()


def test_temperature_the_critical_logit():
    critical = sensor.critical_logit()
    sigmoid = 1 / (1 + np.exp(-critical))
    assert critical * sigmoid == pytest.approx(1, abs=1e-12)
    assert round(critical, 3) == 1.278
    assert (round(1 - sigmoid, 3), round(sigmoid, 3)) == (0.218, 0.782)
    printed("sensor-temperature", r"\approx1.278", r"0.218\le p_0,p_1\le0.782")


def test_temperature_greedy_answers_can_be_empty():
    nats = [float(experiments.information(EVEN, sensor.one_question(0.6, 0.9, t))) for t in (0, 0.5, 1)]
    assert nats[0] == 0
    assert round(nats[1], 3) == 0.098
    assert nats[1] > nats[2]
    printed("sensor-temperature", "(0.6,\\,0.9)", "0.098 nats")


def test_temperature_the_shy_model_and_its_two_decisions():
    cool, hot = sensor.one_question(0.02, 0.1), sensor.one_question(0.02, 0.1, 2)
    assert (cool[1] / cool[0]).round(3).tolist() == [0.918, 5.0]
    assert (hot[1] / hot[0]).round(3).tolist() == [0.857, 2.0]
    assert experiments.garbling(hot, cool) is None
    assert experiments.garbling(cool, hot) is None
    cost = {kappa: [[0, kappa], [1, 0]] for kappa in (0.9, 3)}
    risk = {
        (kappa, t): round(float(experiments.bayes_risk(EVEN, table, cost[kappa])), 3)
        for kappa in cost
        for t, table in ((1, cool), (2, hot))
    }
    assert risk == {(0.9, 1): 0.450, (0.9, 2): 0.431, (3, 1): 0.480, (3, 2): 0.500}
    printed("sensor-temperature", "from 5 to 2", "0.918 to 0.857", "0.450", "0.431", "0.480", "0.500")


def test_temperature_texts_that_vary_break_part_3():
    share, texts = np.array([0.45, 0.55]), np.array([0.45, 0.99])
    ratio = {}
    for t in (1, 0):
        yes = float(tempered(0.4, t)), float(share @ tempered(texts, t))
        assert yes[0] < 0.5 < yes[1]
        ratio[t] = (1 - yes[1]) / (1 - yes[0])
    assert round(float(share @ texts), 3) == 0.747
    assert ratio[1] < ratio[0]
    printed("sensor-temperature", "0.4 and 0.747", f"{ratio[1]:.3f} at $T=1$ and {ratio[0]:.3f} in the limit")


def test_temperature_theorem_on_random_sensors():
    rng = np.random.default_rng(5)
    critical = sensor.critical_logit()
    seen = {True: 0, False: 0}
    for _ in range(2_000):
        low, high = np.sort(rng.uniform(0.01, 0.99, size=2))
        cool, hot = np.sort(rng.uniform(0.2, 5, size=2))
        a, b = sensor.one_question(low, high, cool), sensor.one_question(low, high, hot)
        less = bool((b[1, 1] / b[0, 1] <= a[1, 1] / a[0, 1]) and (b[1, 0] / b[0, 0] >= a[1, 0] / a[0, 0]))
        # Part 2 by its own proof: solve for the noise and look whether it is made of probabilities.
        slope = (b[1, 1] - b[0, 1]) / (a[1, 1] - a[0, 1])
        after_no = b[0, 1] - slope * a[0, 1]
        after_yes = b[0, 1] + slope * a[0, 0]
        assert less == bool(after_no >= 0 and after_yes <= 1)
        w = np.log([low, high]) - np.log1p([-low, -high])
        if low <= 0.5 <= high or np.abs(w).max() <= critical * cool:
            assert less
        if w[0] >= critical * hot or w[1] <= -critical * hot:
            assert not less
        seen[less] += 1
    assert min(seen.values()) > 50


def test_generating_order_echo_and_heat():
    echo = chains.chain_law([0.5, 0.0, 1.0])
    assert echo.tolist() == [0.5, 0, 0, 0.5]
    assert chains.split(echo, [0.5, 0.5]) == pytest.approx((np.log(2), 0))
    assert sensor.sheet_law([[0.5, 0.5]])[0].tolist() == [0.25] * 4
    assert [chains.chain_law([p, 0.0, 1.0])[3] for p in (0.5, 0.9)] == [0.5, 0.9]
    printed("sensor-generating", "yes-yes has probability 0.5 in one order and 0.9 in the other")
    chain = [0.5, 0.5, 1.0]
    law = chains.chain_law(chain)
    assert law.tolist() == [0.25, 0, 0.25, 0.5]
    assert chains.heat_steps(chain, 0.5).tolist() == law.tolist()
    assert chains.heat_law(law, 0.5) == pytest.approx([1 / 6, 0, 1 / 6, 2 / 3])
    printed("sensor-generating", r"$\frac23$, $\frac16$, $\frac16$")
    late = chains.chain_law([0.4, 0.5, 1.0])
    greedy = chains.heat_steps([0.4, 0.5, 1.0], 0)
    assert greedy[3] == 0
    assert late == pytest.approx([0.3, 0, 0.3, 0.4])
    printed("sensor-generating", "a sheet of probability 0.3; yes-yes has 0.4")


def test_generating_repetition_alone_can_be_a_change_of_the_single_answers():
    parts = chains.split(chains.chain_law([0.99, 0.0, 1.0]), [0.99, 0.5])
    printed("sensor-generating", rf"\approx{parts[0]:.3f}$ only", rf"D(0.99\|0.5)\approx{parts[1]:.3f}$")


def test_generating_either_sensor_can_tell_more():
    coin, echo = np.full(4, 0.25), np.array([0.5, 0, 0, 0.5])
    assert float(experiments.information(EVEN, [coin, coin])) == 0
    assert float(experiments.information(EVEN, [coin, echo])) > 0.1
    single = np.array([0.3, 0.7])
    written = [chains.chain_law([p, 0.0, 1.0]) for p in single]
    scored = [sensor.sheet_law([[p, p]])[0] for p in single]
    nats = [float(experiments.information(EVEN, law)) for law in (written, scored)]
    assert nats[0] == pytest.approx(float(experiments.information(EVEN, sensor.one_question(*single))))
    assert nats[0] < nats[1]


def test_backends_the_facts_of_the_methods():
    printed("sensor-backends", f"its {TOP} most probable first words", "$0.02/4=0.005$")
    grid = np.linspace(-8, 8, 2_001)
    assert np.diff(1 / (1 + np.exp(-grid))).max() / (grid[1] - grid[0]) <= 0.25


def test_attack_the_share_that_turns_a_belief():
    always = np.array([[0.0, 1.0], [0.0, 1.0]])
    for p in (0.9, 0.7, 0.55):
        turn = sensor.turning_share(sensor.one_question(1 - p, p), always)
        assert turn == pytest.approx(1 - 1 / (2 * p))
        printed("sensor-attack", f"for $p={p}$ it is {turn:.3f}" if p < 0.9 else f"that is {turn:.3f}")
    honest = sensor.one_question(0.3, 0.7)
    mixed = sensor.attacked(honest, always, 0.2)
    assert mixed[:, 1] == pytest.approx([0.44, 0.76])
    nats = [float(experiments.information(EVEN, law)) for law in (honest, mixed)]
    printed("sensor-attack", rf"0.76/0.44\approx{0.76 / 0.44:.2f}$ instead of ${0.7 / 0.3:.2f}$")
    printed("sensor-attack", f"from {nats[0]:.3f} to {nats[1]:.3f} nats")
    known = 0.8 * nats[0]
    assert known > nats[1]
    printed("sensor-attack", rf"$0.8\cdot{nats[0]:.4f}\approx{known:.3f}$")
    # Only bad products are attacked, and neither kind of text tells anything by itself.
    coin = np.array([[0.5, 0.5], [0.5, 0.5]])
    both = np.array([sensor.attacked(coin, always, 0.3)[0], coin[1]])
    assert float(experiments.information(EVEN, both)) > 0.01
    assert both[0, 1] > both[1, 1]


def test_attack_a_weaker_sensor_may_need_more_attacks():
    always = [[0.0, 1.0], [0.0, 1.0]]
    sharp, dull = sensor.one_question(0.2, 0.8), sensor.one_question(0.6, 0.9)
    assert np.allclose(sensor.attacked(sharp, always, 0.5), dull)
    turns = [sensor.turning_share(b, always) for b in (sharp, dull)]
    assert turns[0] < turns[1]
    printed("sensor-attack", *(rf"$\varepsilon^\star={turn:.3f}$" for turn in turns))


def test_attack_theorem_on_random_laws():
    rng = np.random.default_rng(13)
    for _ in range(300):
        honest, attack = rng.dirichlet(np.ones(4), size=(2, 2))
        share = rng.uniform(0, 0.95)
        mixed = sensor.attacked(honest, attack, share)
        bound = np.log1p(share / (1 - share) / honest.min())
        assert np.abs(np.log(mixed[1] / mixed[0]) - np.log(honest[1] / honest[0])).max() <= bound + 1e-12
        nats = [float(experiments.information(EVEN, law)) for law in (honest, attack, mixed)]
        assert nats[2] <= (1 - share) * nats[0] + share * nats[1] + 1e-12
        turn = sensor.turning_share(honest, attack)
        for part, wrong in ((0.9, False), (1.1, True)):
            if turn * part < 1:
                step = sensor.drift(sensor.attacked(honest, attack, turn * part), honest)[0]
                assert (step > 0) == wrong
        assert turn < np.inf or sensor.drift(attack, honest)[0] <= 0


def test_attack_bad_input_is_named():
    honest = sensor.one_question(0.3, 0.7)
    with pytest.raises(ValueError, match=r"share is 1\.2"):
        sensor.attacked(honest, honest, 1.2)
    with pytest.raises(ValueError, match="they must be equal"):
        sensor.attacked(honest, np.full((2, 3), 1 / 3), 0.1)
    with pytest.raises(ValueError, match="observation 1 can come"):
        sensor.drift(honest, [[1.0, 0.0], [0.5, 0.5]])


def test_attack_the_sentences_and_the_tables_of_an_obedient_reader():
    printed("sensor-attack", *(f'"{group[0]}"' for group in (SAY_YES, PRAISE)), f'"{NEUTRAL[1]}"')
    printed("sensor-attack", "one sentence of six words", "four groups of four sentences")
    assert len(load_sample("product_review").texts) == 40

    def obeys(text, question):
        if any(command in text for command in SAY_YES):
            return 0.9
        return 0.1 if "No" in text.split(".")[-2] else 0.5

    found = sensor.group_moves(ScriptedSensor(obeys), ["Hm.", "So so.", "It broke."], PRODUCT_REVIEW)
    first, second = sensor.moves_table(found, PRODUCT_REVIEW).splitlines()[1:3]
    push = np.log(9)
    assert first.split() == ["say", "yes", f"{push:.2f}", f"{push / 2:.2f}", f"{push:.2f}", "0.00"]
    assert second.split()[2] == f"{-push:.2f}"
    rows = sensor.control_table(found, PRODUCT_REVIEW).splitlines()
    assert [row.split()[1] for row in rows[5:]] == [f"{2 * push:.2f}"] * 5
    assert max(map(len, rows)) <= 40
    hard = sensor.group_moves(ScriptedSensor(lambda text, question: 1.0), ["Hm.", "So."], PRODUCT_REVIEW)
    assert sensor.moves_table(hard, PRODUCT_REVIEW).splitlines()[1].split()[2:] == ["none"] * 3 + ["0.00"]
    assert "none" in sensor.control_table(hard, PRODUCT_REVIEW)


def test_dialogue_table_has_the_effect_of_its_chains():
    tiny = open_sensor("tiny")
    rows = sensor.dialogue_table(tiny, ["It broke.", "It works well."], PRODUCT_REVIEW).splitlines()
    assert max(map(len, rows)) <= 40
    values = np.array([row.split()[-2:] for row in rows[1:]], dtype=float)
    assert (values[1] <= values[0]).all()
    assert (values[0] <= values[2]).all()
    assert (np.abs(values[0]) <= values[3] + 1e-5).all()
    assert (values[4:] >= 0).all()
    # The shift by hand, of the form with the text once.
    asked = PRODUCT_REVIEW.questions
    shifts = []
    for text in ("It broke.", "It works well."):
        alone = tiny.probabilities([text], asked)[0]
        for k in range(3):
            law = chains.chain_law(written_chain(tiny, text, asked[k : k + 2]))
            after = np.log(law[2:] / law[:2]) - np.log(alone[k + 1] / (1 - alone[k + 1]))
            shifts.append(abs(after.mean()))
    assert values[4, 0] == pytest.approx(np.mean(shifts), abs=2e-4)
    printed("sensor-generating", "0 and 1, 1 and 2, 2 and 3")


def test_information_more_answers_made_it_worse():
    one = np.array([[0.7, 0.3], [0.3, 0.7]])
    prior = [0.8, 0.2]
    assert bayes.posterior(prior, one, 1)[1] < 0.5
    assert float(experiments.bayes_risk(prior, one, [[0, 1], [1, 0]])) == pytest.approx(0.2)
    naive = 0.25 * repeat_odds(0.7, 0, yes=5)
    assert round(naive) == 17
    assert 0.8 * 0.3 + 0.2 * 0.3 == pytest.approx(0.3)
    printed(
        "sensor-information", r"(7/3)^5\approx17", "errs with probability 0.2", "errs with probability 0.3"
    )


def test_information_all_probabilities_inside_lose_strictly():
    rng = np.random.default_rng(11)
    for _ in range(50):
        prior, texts, sheets = sensor.world(2, 4, 3, rng)
        info = [float(experiments.information(prior, e)) for e in (texts, texts @ sheets)]
        assert info[1] < info[0] - 1e-9
    same = np.tile(texts[:1], (2, 1))
    assert float(experiments.information(prior, same)) == pytest.approx(0, abs=1e-12)
    printed("sensor-information", "Otherwise such a sensor always loses something")


def test_two_states_a_larger_y_is_not_a_larger_belief():
    table = sensor.sheet_law([[0.2, 0.3], [0.9, 0.8]])
    belief = [float(bayes.posterior(EVEN, table, y)[1]) for y in range(4)]
    assert belief[1] == pytest.approx(0.5625)
    assert belief[2] == pytest.approx(0.25)
    printed("sensor-two-states", "$y=1$ gives 0.5625 and $y=2$ gives 0.25")


def test_two_states_the_example_by_hand():
    table = sensor.sheet_law([[0.2, 0.3], [0.9, 0.8]])
    assert bayes.posterior(EVEN, sensor.one_question(0.2, 0.9), 1)[1] == pytest.approx(0.818, abs=5e-4)
    assert bayes.posterior(EVEN, table, 1)[1] == pytest.approx(0.5625)
    printed("sensor-two-states", "0.818", "1.286", "0.5625")


def test_refusal_silence_is_evidence():
    table = sensor.refusal_table(refuses=(0.05, 0.6), yes=(0.2, 0.9), prior=0.2)
    assert table.splitlines()[-1].split() == ["silence", "0.200", "0.750"]
    assert round(0.4 / 0.95, 2) == 0.42
    printed("sensor-refusal", "from 0.2 to 0.75", r"0.4/0.95\approx0.42")


def test_refusal_a_written_list_reads_its_refusals():
    # Complete sheets: a coin twice, or a coin that is repeated. Summed over the first answer they agree.
    table = np.array([chains.chain_law([0.5, 0.5, 0.5]), chains.chain_law([0.5, 0.0, 1.0])])
    assert np.allclose(table[:, 2:].sum(axis=1), 0.5)
    printed("sensor-refusal", f"$0.9/0.5={0.9 / 0.5:.1f}$")


def test_refusal_theorem_summing_out():
    rng = np.random.default_rng(8)
    table = rng.dirichlet(np.ones(8), size=3)
    prior = rng.dirichlet(np.ones(3))
    # Bits 0 and 2 are given as 1 and 0. The pattern may depend on the given bits, through the factor.
    factor = 0.37
    joint = prior * factor * (table[:, 0b001] + table[:, 0b011])
    summed = np.column_stack([1 - table[:, [1, 3]].sum(axis=1), table[:, [1, 3]].sum(axis=1)])
    assert np.allclose(joint / joint.sum(), bayes.posterior(prior, summed, 1))


def test_exercise_solutions():
    odds = 3 / 7 * (0.9 / 0.2) * (0.9 / 0.6)
    assert (round(odds, 3), round(odds / (1 + odds), 3)) == (2.893, 0.743)
    low, high = tempered([0.85, 0.95], 2)
    assert (round(low, 3), round(high, 3)) == (0.704, 0.813)
    assert (round(0.95 / 0.85, 3), round(high / low, 3)) == (1.118, 1.155)
    assert (round(0.05 / 0.15, 3), round((1 - high) / (1 - low), 3)) == (0.333, 0.631)
    least = np.log(19) / sensor.critical_logit()
    assert least < 2.31
    printed("sensor-exercises", "2.893", "0.743", "0.704", "0.813", "1.155", "0.631", f"{least:.3f}")


def test_exercise_a_list_of_two_answers():
    law = chains.chain_law([0.8, 0.4, 0.9])
    parts = chains.split(law, [0.8, 0.8])
    assert law[2:].sum() == pytest.approx(0.8)
    assert parts[1] == pytest.approx(0)
    assert law[0] / sensor.sheet_law([[0.8, 0.8]])[0, 0] == pytest.approx(3)
    printed("sensor-exercises", rf"\approx{parts[0]:.3f}", f"={law[0]:.2f}$ against", "three times")
    none, second = chains.split(chains.chain_law([0.8, 0.5, 0.5]), [0.8, 0.8])
    assert none == pytest.approx(0)
    printed("sensor-exercises", rf"$D(0.5\|0.8)\approx{second:.3f}$")


def test_exercise_bought_reviews():
    honest = sensor.one_question(0.2, 0.9)
    yes, no = np.log(4.5), np.log(0.125)
    away = -(0.2 * yes + 0.8 * no)
    turn = sensor.turning_share(honest, [[0, 1], [0, 1]])
    assert turn == pytest.approx(away / (away + yes))
    up = 0.9 * yes + 0.1 * no
    rival = sensor.turning_share(honest[::-1], [[1, 0], [1, 0]])
    assert rival == pytest.approx(up / (up - no))
    printed("sensor-exercises", f"{away:.3f}", f"{yes:.3f}", f"{turn:.3f}", f"{up:.3f}", f"{no:.3f}")
    printed("sensor-exercises", f"{up:.3f}/{up - no:.3f}", f"{rival:.3f}")
    c = sensor.attacked(honest, [[0, 1], [0, 1]], 0.25)[:, 1]
    printed(
        "sensor-exercises",
        f"+0.25={c[1]:.3f}$",
        f"+0.25={c[0]:.1f}$",
        rf"{c[1]:.3f}/{c[0]:.1f}\approx{c[1] / c[0]:.2f}$",
    )
    printed("sensor-exercises", f"${up:.3f}<{away:.3f}$", f"${-no:.3f}>{yes:.3f}$")


def test_exercise_the_variance_decomposition():
    prior, texts, sheets = sensor.world(3, 5, 2, np.random.default_rng(9))
    joint = texts[:, :, None] * sheets  # (X, Z, Y)
    weight = np.einsum("x,xzy->zy", prior, joint)
    by_text = np.array([bayes.posterior(prior, texts, z) for z in range(5)])
    by_sheet = np.array([bayes.posterior(prior, texts @ sheets, y) for y in range(4)])
    whole = weight.sum(axis=1) @ (by_text - prior) ** 2
    kept = weight.sum(axis=0) @ (by_sheet - prior) ** 2
    lost = np.einsum("zy,zyx->x", weight, (by_text[:, None] - by_sheet[None]) ** 2)
    assert np.allclose(whole, kept + lost)


def test_explorer_one_answer_is_bayes_rule():
    explorer = sensor.one_answer()
    rows = explorer.table(in_state_0=0.2, in_state_1=0.9, temperature=1.0)
    half = [row for row in rows if row["prior"] == 0.5]
    assert [round(row["belief"], 3) for row in half] == [0.818, 0.111, 0.5]
    prior = np.array([row["prior"] for row in rows[:49]])
    move = [np.array([row["belief"] for row in rows[k : k + 49]]) - prior for k in (0, 49)]
    likelihood = sensor.one_question(0.2, 0.9)
    for y, shift in ((1, move[0]), (0, move[1])):
        most = 1 / (1 + (likelihood[1, y] / likelihood[0, y]) ** 0.5)
        assert prior[np.abs(shift).argmax()] == pytest.approx(most, abs=0.02)
        printed("sensor-explorers", f"{most:.2f} for a {('no', 'yes')[y]}")
    equal = explorer.table(in_state_0=0.9, in_state_1=0.9, temperature=1.0)
    assert all(row["belief"] == pytest.approx(row["prior"]) for row in equal)


def test_explorer_heat_best_temperatures_of_the_text():
    explorer = sensor.heat()
    assert explorer.readouts(in_state_0=0.2, in_state_1=0.9, prior=0.5)["best temperature"] == "0.1 or less"
    assert explorer.readouts(in_state_0=0.6, in_state_1=0.9, prior=0.5)["best temperature"] == "about 0.50"
    assert explorer.readouts(in_state_0=0.2, in_state_1=0.9, prior=0.5)["hotter than 1"] == "never better"
    assert explorer.readouts(in_state_0=0.6, in_state_1=0.9, prior=0.5)["hotter than 1"] == "no promise"
    shares = [row["share"] for row in explorer.table(in_state_0=0.2, in_state_1=0.9, prior=0.5)]
    assert shares == sorted(shares, reverse=True)


def test_explorer_attack_shows_what_the_text_says():
    explorer = sensor.attack()
    setting = {"strength": "always yes", "accuracy": 0.7}
    ends = {}
    for share in sensor.ATTACKED:
        rows = explorer.table(share=share, **setting)
        curves = [np.array([row["belief"] for row in rows if row["curve"] == name]) for name in CURVES]
        ends[share] = [curve[-1] for curve in curves]
    assert ends[0.25][1] < 0.5 < ends[0.3][1]
    turns = [
        explorer.readouts(share=0.2, strength=push, accuracy=0.7)["B turns at a share of"]
        for push in ("always yes", "2", "1")
    ]
    printed(
        "sensor-explorers", f"at a share of {turns[0]}", f"{turns[1]} with a push of 2, and {turns[2]} with"
    )
    never = explorer.readouts(share=0.2, strength="0.5", accuracy=0.7)
    assert never["B turns at a share of"] == "never"
    printed("sensor-explorers", "no share is enough", f"$0.5<{np.log(0.7 / 0.3):.2f}$", "log-odds 0.85")


def test_explorer_attack_the_repaired_belief_falls_and_a_full_attack_slows_it():
    explorer = sensor.attack()
    for values in explorer.grid():
        belief = explorer.evaluate(**values)["belief"].reshape(3, -1)
        assert np.all(np.diff(belief[2]) < 0), values
        if values["strength"] == "always yes":
            assert np.all(belief[2] >= belief[0] - 1e-12), values
    printed("sensor-explorers", "The third curve falls at every setting")


CURVES = ("honest texts", "attacked, B of honest", "attacked, B repaired")
GAPS = """
def belief_after(q, answers, in_state_0, in_state_1):
    odds = q / (1 - q)
    for b, low, high in zip(answers, in_state_0, in_state_1):
        if not np.isnan(b):
            odds *= high / low if b else (1 - high) / (1 - low)
    return odds / (1 + odds)
"""
BEST = """
grid = np.arange(0.1, 3, 0.01)
nats = [float(experiments.information(even, sensor.one_question(0.7, 0.97, t))) for t in grid]
best = float(grid[np.argmax(nats)])
"""
THIRD = """
counts = [np.bincount(log[states == x], minlength=3) for x in (0, 1)]
table = np.array([row / row.sum() for row in counts])
"""
OWN = """
class Reader:
    def probabilities(self, texts, questions):
        return np.array([[0.9 if "broke" in text else 0.2 for _ in questions.questions] for text in texts])


tiny = Reader()
ask = Question("broken", "Did it break?")
asked = (ask, Question("fine", "Is all well?"))
mine = Questionnaire(name="mine", questions=asked, states=("bad", "good"), description="Is it good?")
my_texts, my_states = ["It broke.", "It broke again.", "Lovely.", "Good."], [0, 0, 1, 1]
"""


BOUGHT = """
def belief_under_attack(q, ys, honest, attack, share):
    law = (1 - share) * np.asarray(honest) + share * np.asarray(attack)
    odds = np.log(q / (1 - q)) + sum(np.log(law[1, y] / law[0, y]) for y in ys)
    return 1 / (1 + np.exp(-odds))
"""
SHARE = "float('nan') if odds > 709 else np.exp(odds) / (1 + np.exp(odds))"  # what floats give
PRODUCT = """
def belief_under_attack(q, ys, honest, attack, share):
    law = (1 - share) * np.asarray(honest) + share * np.asarray(attack)
    good, bad = q, 1 - q
    for y in ys:
        good, bad = good * law[1, y], bad * law[0, y]
    return good / (good + bad) if good + bad else 0.5
"""


class TestExercises(exercises.Exercises):
    slug = "sensor"
    before = ("set-up", "imports", "information-break-run")
    right = (
        ("gaps", GAPS),
        ("best", BEST),
        ("third", THIRD),
        ("own", OWN),
        ("bought", BOUGHT),
    )
    wrong = (
        (
            "bought",
            BOUGHT.replace("share) * np.asarray(honest) + share", "0) * np.asarray(honest) + 0"),
            "average over|one law",
        ),
        ("bought", PRODUCT, "work in logarithms"),
        ("bought", BOUGHT.replace("1 / (1 + np.exp(-odds))", SHARE), "too large"),
        ("bought", "def belief_under_attack(*a): return float('nan')", "Bayes' rule"),
        ("bought", "def belief_under_attack(q, *a): return q", "Bayes' rule"),
        ("bought", BOUGHT.replace("return ", "return np.zeros(2) + "), "one number"),
        ("gaps", GAPS.replace("not np.isnan(b)", "True"), "silence alone"),
        ("gaps", GAPS.replace("(1 - high) / (1 - low)", "1"), "between a no and a yes|average"),
        ("gaps", "def belief_after(q, answers, in_state_0, in_state_1): return q", "between a no and a yes"),
        ("best", "best = 1.0", "a step aside"),
        ("best", "best = 84_415.34596012994", "a step aside"),  # here rounding makes a step aside worse
        ("third", "table = [[0.8, 0.2, 0.0], [0.1, 0.9, 0.0]]", "."),
        ("third", "table = [[0.8, 0.2], [0.1, 0.9]]", "three answers"),
        ("third", THIRD + "table = table[::-1]", "the share is"),
        ("own", OWN.replace("0.9 if", "0.3 if"), "does not tell them apart"),
        ("own", OWN.replace("Did it break?", "Is the product durable?"), "your own wording"),
    )


def real_thing(spec, folder, n=3):
    """Run the cells below "The real thing" on the first reviews; return what they print, and their names."""
    names = exercises.workspace("sensor", "set-up", "imports", ("packed-check", "questions ="))
    sample = names["reviews"]
    names["reviews"] = SimpleNamespace(texts=sample.texts[:n], answers=sample.answers[:n])
    opening = cell("sensor", "real-open")
    assert 'SENSOR = "tiny"' in opening
    opening = opening.replace('SENSOR = "tiny"', f"SENSOR = {spec!r}")
    opening = opening.replace('ANSWERS = "answers"', f"ANSWERS = {str(folder)!r}")
    with contextlib.redirect_stdout(io.StringIO()) as plan:
        exec(opening, names)
    assert f"at most {names['answers_wanted']:,} answers" in plan.getvalue()
    told = ("real-run", "real-again-run", "inject-run", "own-run")
    return "".join(exercises.run("sensor", name, names) for name in told), names


def at_the_end(printed):
    """The embedded model is asked with the sentences at the start, too; leave that out."""
    first, _, rest = printed.partition("the sentence stands at the start\n")
    return first + rest.partition("\n\n")[2]


def test_one_string_a_server_then_its_record(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key")
    with serving(open_sensor("tiny")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        first, names = real_thing("openai:m", tmp_path)
        calls = len(server.seen)
        assert calls <= names["answers_wanted"]
        assert real_thing("openai:m", tmp_path)[0] == first
        assert len(server.seen) == calls, "nothing is paid twice"
    again, _ = real_thing(f"record:{record_path('openai:m', tmp_path)}", tmp_path)
    assert again == first, "the same numbers without a server"
    embedded, _ = real_thing("tiny", tmp_path)
    assert at_the_end(embedded) == first, "the model behind the server is this one"
    assert "sk-not-a-key" not in first


@pytest.mark.slow
def test_one_string_the_embedded_weights_by_transformers(tmp_path):
    pytest.importorskip("torch")
    spec = f"transformers:{WEIGHTS}"
    first, _ = real_thing(spec, tmp_path)
    embedded, _ = real_thing("tiny", tmp_path / "tiny")
    for row, wanted in zip(first.splitlines(), at_the_end(embedded).splitlines(), strict=True):
        for word, expected in zip(row.split(), wanted.split(), strict=True):
            try:
                assert float(word) == pytest.approx(float(expected), abs=0.011)
            except ValueError:
                assert word == expected
    assert real_thing(f"record:{record_path(spec, tmp_path)}", tmp_path)[0] == first


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [sensor.one_answer(), sensor.heat(), sensor.attack()]
    browser.check_page("book/sensor", made)
    browser.check_page("notebooks/sensor", made)
