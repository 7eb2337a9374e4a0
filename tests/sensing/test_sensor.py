import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing import (
    PRODUCT_REVIEW,
    Question,
    ScriptedSensor,
    Sensor,
    draw,
    open_sensor,
    record,
    replay,
    tempered,
    tiny,
)

P = st.floats(0, 1)


@given(P, st.floats(0.01, 100))
def test_temperature_keeps_the_more_probable_answer(p, t):
    warm = tempered(p, t)
    assert 0 <= warm <= 1
    assert (warm - 0.5) * (p - 0.5) >= 0


@given(P)
def test_temperature_one_changes_nothing(p):
    assert tempered(p, 1.0) == pytest.approx(p, abs=1e-12)


@given(st.floats(0.01, 0.99), st.floats(0.1, 10))
def test_temperature_divides_the_log_odds(p, t):
    warm = tempered(p, t)
    if 1e-9 < warm < 1 - 1e-9:
        assert np.log(warm / (1 - warm)) == pytest.approx(np.log(p / (1 - p)) / t, rel=1e-6, abs=1e-9)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.1, 10))
def test_yes_and_no_are_symmetric(p, t):
    assert tempered(p, t) + tempered(1 - p, t) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("temperature", "wanted"),
    [(0.0, [0, 0, 0.5, 1, 1]), (np.inf, [0, 0.5, 0.5, 0.5, 1]), (1e-300, [0, 0, 0.5, 1, 1])],
)
def test_limits_of_the_temperature(temperature, wanted):
    assert tempered([0.0, 0.4, 0.5, 0.6, 1.0], temperature).tolist() == wanted


def test_nan_is_kept_and_never_becomes_a_no():
    bits = draw([[np.nan, 1.0], [0.0, np.nan]], np.random.default_rng(0), temperature=0)
    assert np.array_equal(bits, [[np.nan, 1.0], [0.0, np.nan]], equal_nan=True)


def test_a_refusal_does_not_shift_the_random_numbers_behind_it():
    p = np.full((4, 6), 0.5)
    holes = p.copy()
    holes[1, 2] = np.nan
    a, b = (draw(q, np.random.default_rng(3)) for q in (p, holes))
    assert np.array_equal(np.delete(a.ravel(), 8), np.delete(b.ravel(), 8))


def test_drawn_bits_have_the_stated_mean():
    bits = draw(np.full(40_000, 0.3), np.random.default_rng(0))
    assert set(np.unique(bits)) == {0.0, 1.0}
    # Four standard errors of a mean of 40,000 bits.
    assert abs(bits.mean() - 0.3) < 4 * np.sqrt(0.21 / 40_000)


@pytest.mark.parametrize("bad", [-0.1, 1.5])
def test_what_is_no_probability_is_refused_with_its_place(bad):
    with pytest.raises(ValueError, match=str(bad)):
        draw([[0.5, bad]], np.random.default_rng(0))


@pytest.mark.parametrize("bad", [-1.0, float("nan")])
def test_a_negative_temperature_is_refused(bad):
    with pytest.raises(ValueError, match="temperature"):
        draw([0.5], np.random.default_rng(0), temperature=bad)


def test_sensors_follow_the_protocol(sensor, folder):
    assert isinstance(sensor, Sensor)
    assert isinstance(ScriptedSensor(lambda text, question: 0.5), Sensor)
    assert open_sensor(f"tiny:{folder}").name == f"tiny:{folder}"


def test_scripted_sensor_opens_by_name(tmp_path):
    (tmp_path / "answers.csv").write_text("text,good\nFine.,0.25\n")
    opened = open_sensor(f"scripted:{tmp_path / 'answers.csv'}")
    assert opened.probabilities(["Fine."], [Question("good", "Is it good?")]).tolist() == [[0.25]]


@pytest.mark.parametrize("spec", ["", "tiny:", "scripted:", "record:", "gpt", "Tiny"])
def test_an_unknown_sensor_lists_the_known_ones(spec):
    with pytest.raises(ValueError, match=r"unknown sensor .*; known: tiny, .*scripted:<file\.csv>"):
        open_sensor(spec)


class Column:
    """A column of a table: a loop gives its entries in order, brackets look them up by label."""

    def __init__(self, entries):
        self.entries = entries

    def __len__(self):
        return len(self.entries)

    def __iter__(self):
        return iter(self.entries.values())

    def __getitem__(self, label):
        return self.entries[label]


@pytest.mark.parametrize("spec", ["tiny", f"transformers:{tiny.WEIGHTS}", "scripted", "record"])
def test_a_column_of_a_table_is_read_in_its_order(spec, tmp_path):
    column = Column({1: "It broke at once.", 0: "A sturdy chair; I would buy it again."})
    sensor = open_sensor("tiny" if ":" not in spec else spec)
    if spec == "scripted":
        sensor = ScriptedSensor(lambda text, question: 1 / len(text))
    wanted = sensor.probabilities(list(column), PRODUCT_REVIEW)
    assert abs(wanted[0] - wanted[1]).max() > 0.01
    if spec == "record":
        sensor = record(sensor, tmp_path / "answers.jsonl")
    np.testing.assert_allclose(sensor.probabilities(column, PRODUCT_REVIEW), wanted, atol=1e-6)
    if spec == "record":
        for texts in (column, list(column)):
            replayed = replay(tmp_path / "answers.jsonl").probabilities(texts, PRODUCT_REVIEW)
            np.testing.assert_allclose(replayed, wanted, atol=1e-6)


def test_an_entry_that_is_no_string_is_named(tmp_path):
    for sensor in (open_sensor("tiny"), record(open_sensor("tiny"), tmp_path / "answers.jsonl")):
        with pytest.raises(ValueError, match="text 1: it is nan and no string; leave it out"):
            sensor.probabilities(["Meh.", float("nan")], PRODUCT_REVIEW)
