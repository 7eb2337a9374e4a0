import numpy as np
import pytest

from llma.data import Texts
from llma.herd import learn, regrets, run
from llma.herd.running import sense
from llma.sensing import PRODUCT_REVIEW, ScriptedSensor
from tests.herd.conftest import ONE, SYMMETRIC

TEXTS = ["a good one", "good again", "bad", "bad", "no idea"]


def write(tmp_path, content):
    path = tmp_path / "texts.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_list_of_texts_gives_one_herd_that_follows_the_protocol(sensor):
    found = run(TEXTS, ONE, likelihood=SYMMETRIC, sensor=sensor)
    (herd,) = found.herds
    wanted = learn([[1], [1], [0], [0], [np.nan]], SYMMETRIC, [0.5, 0.5], regrets(1, 1, 2))
    np.testing.assert_array_equal(herd.bits, wanted.bits)
    np.testing.assert_array_equal(herd.beliefs, wanted.beliefs)
    assert herd.actions.tolist() == wanted.actions.tolist()
    assert repr(found) == "HerdRun('texts', one, 1 herds, seed 0)"
    assert herd.cascade_start == wanted.cascade_start == 2
    assert (herd.texts, herd.lines, herd.truth) == (tuple(TEXTS), (1, 2, 3, 4, 5), None)
    np.testing.assert_array_equal(herd.probabilities, herd.bits)


def test_the_seed_decides_the_answers():
    even = ScriptedSensor(lambda text, question: 0.5)

    def bits(seed):
        found = run(["a"] * 40, ONE, likelihood=SYMMETRIC, sensor=even, seed=seed)
        return found.herds[0].bits.ravel().tolist()

    assert bits(1) == bits(1)
    assert bits(1) != bits(2)


def test_groups_are_herds_of_their_own_in_order_of_appearance(tmp_path, sensor):
    content = "text,state,product\ngood,1,pan\nbad,0,pot\ngood one,,pan\nbad one,0,pot\n"
    found = run(write(tmp_path, content), ONE, likelihood=SYMMETRIC, sensor=sensor, group="product")
    assert [(h.group, h.truth, h.lines) for h in found.herds] == [("pan", 1, (2, 4)), ("pot", 0, (3, 5))]
    assert [h.actions.tolist() for h in found.herds] == [[1, 1], [0, 0]]


def test_the_draws_of_a_herd_do_not_depend_on_the_length_of_another(tmp_path):
    even = ScriptedSensor(lambda text, question: 0.5)
    short = "text,g\n" + "x,A\n" * 3 + "y,B\n" * 20
    long = "text,g\n" + "x,A\n" * 9 + "y,B\n" * 20
    last = []
    for content in (short, long):
        found = run(write(tmp_path, content), ONE, likelihood=SYMMETRIC, sensor=even, group="g")
        last.append(found.herds[1].bits.tolist())
    assert last[0] == last[1]


def test_states_that_disagree_within_a_herd_are_refused_with_both_lines(tmp_path, sensor):
    path = write(tmp_path, "text,state\ngood,1\nbad,\nbad,0\n")
    with pytest.raises(ValueError, match=r"line 2 has state 1 and line 4 has state 0.*column of groups"):
        run(path, ONE, likelihood=SYMMETRIC, sensor=sensor)
    by_state = write(tmp_path, "text,state\ngood,1\nbad,0\nbad,0\n")
    found = run(by_state, ONE, likelihood=SYMMETRIC, sensor=sensor, group="state")
    assert [(h.group, h.truth) for h in found.herds] == [("1", 1), ("0", 0)]


def test_unreadable_texts_are_left_out_in_the_order_of_lines(sensor):
    texts = ["good", " ", "too long", "bad", "long too", "good"] * 10
    found = run(texts, ONE, likelihood=SYMMETRIC, sensor=sensor)
    assert found.herds[0].texts == ("good", "bad", "good") * 10
    unread = [line for line, text in enumerate(texts, 1) if text == " " or "long" in text]
    assert [row.line for row in found.skipped] == unread
    assert {row.reason for row in found.skipped} == {"the text is empty", "it is too long; shorten it"}
    np.testing.assert_array_equal(found.herds[0].probabilities.ravel(), [1, 0, 1] * 10)


def test_no_readable_text_is_an_error_with_the_first_reason(sensor):
    with pytest.raises(ValueError, match=r"none of the rows can be read.*: line 1: the text is empty"):
        run([" ", "long"], ONE, likelihood=SYMMETRIC, sensor=sensor)
    with pytest.raises(ValueError, match="none of the rows"):
        run([], ONE, likelihood=SYMMETRIC, sensor=sensor)


def test_a_prior_is_one_number_or_one_a_state(sensor):
    kwargs = {"likelihood": SYMMETRIC, "sensor": sensor}
    for prior in (0.8, [0.8], [0.2, 0.8]):
        np.testing.assert_allclose(run(TEXTS, ONE, prior, **kwargs).herds[0].beliefs[0], [0.2, 0.8])
    np.testing.assert_allclose(run(TEXTS, ONE, **kwargs).herds[0].beliefs[0], [0.5, 0.5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": 1.4}, "prior"),
        ({"prior": [0.2, 0.2, 0.6]}, "prior"),
        ({"cost": [1, 2, 3]}, "cost: has shape"),
        ({"cost": [1, -1]}, "both must be positive"),
        ({"tie": "high"}, "tie"),
        ({"likelihood": [[0.5, 0.5]]}, r"needs \(2, 2\)"),
        ({"likelihood": "shipped"}, "belongs to the embedded model, not to 'scripted'"),
        ({"likelihood": "labels"}, "needs groups"),
        ({"sensor": "parrot"}, "unknown sensor 'parrot'"),
        ({"questions": "weather"}, "no questionnaire 'weather'"),
    ],
)
def test_bad_arguments_are_refused(sensor, change, message):
    with pytest.raises(ValueError, match=message):
        run(TEXTS, **({"questions": ONE, "likelihood": SYMMETRIC, "sensor": sensor} | change))


def test_a_single_prior_needs_two_states(sensor):
    with pytest.raises(ValueError, match="prior: comment_hostility has 6 states"):
        run(TEXTS, "comment_hostility", 0.5, likelihood=np.full((6, 64), 1 / 64), sensor=sensor)


def test_a_whole_cost_matrix_is_possible(sensor):
    found = run(TEXTS, ONE, cost=[[0, 5], [1, 0]], likelihood=SYMMETRIC, sensor=sensor)
    assert found.herds[0].actions[0] == 0


def test_labels_of_the_other_groups_make_the_likelihood(tmp_path):
    noisy = ScriptedSensor(lambda text, question: 0.8 if "good" in text else 0.2)
    rows = [f"good,1,pan{i % 3}" for i in range(90)] + [f"bad,0,pot{i % 3}" for i in range(90)]
    path = write(tmp_path, "text,state,product\n" + "\n".join(rows) + "\n")
    found = run(path, ONE, likelihood="labels", sensor=noisy, group="product", seed=4)
    assert "other groups" in found.likelihood
    assert len(found.herds) == 6
    for herd in found.herds:
        # Of each state at least 60 texts are left; four standard errors of their share are 0.21.
        np.testing.assert_allclose(herd.likelihood, [[0.8, 0.2], [0.2, 0.8]], atol=0.21)
    assert (found.herds[0].likelihood[0] == found.herds[1].likelihood[0]).all()
    assert (found.herds[0].likelihood[1] != found.herds[1].likelihood[1]).any()


def test_labels_never_include_those_of_the_herd_itself(tmp_path):
    # Every label of state 1 sits in one group, so there is nothing to fit for that group.
    sensor = ScriptedSensor(lambda text, question: 0.5)
    rows = ["x,1,A"] * 30 + ["y,0,B"] * 30 + ["y,0,C"] * 30
    path = write(tmp_path, "text,state,product\n" + "\n".join(rows) + "\n")
    with pytest.raises(ValueError, match=r"outside group 'A' there are 0 texts with state 1 \(good\)"):
        run(path, ONE, likelihood="labels", sensor=sensor, group="product")


def test_a_likelihood_file_is_read(tmp_path, table_of_reviews):
    sensor = ScriptedSensor(lambda text, question: float(question.direction > 0))
    found = run(["fine"] * 3, PRODUCT_REVIEW, likelihood=table_of_reviews, sensor=sensor)
    assert found.likelihood == "by hand, 1 texts: thin air"
    np.testing.assert_allclose(found.herds[0].private[0, 1], 0.7**4 / (0.7**4 + 0.3**4))


def test_sense_keeps_columns_together(sensor):
    texts = Texts("t", ("good", "long", "bad"), (5, 6, 9), (1, 0, None), ("A", "B", "C"))
    read, answers = sense(texts, ONE, sensor)
    assert (read.lines, read.states, read.groups) == ((5, 9), (1, None), ("A", "C"))
    assert answers.tolist() == [[1.0], [0.0]]


def test_a_sensor_that_returns_no_probabilities_is_refused(sensor):
    class Broken:
        name = "broken"

        def probabilities(self, texts, questions):
            return np.full((len(texts), 1), 1.5)

    with pytest.raises(ValueError, match="answers of the sensor"):
        run(TEXTS, ONE, likelihood=SYMMETRIC, sensor=Broken())


def test_the_embedded_model_and_its_likelihood_are_the_default():
    found = run(["It broke after two days. Do not buy it.", "It still works after two years. Buy it."])
    assert (found.sensor, found.questionnaire) == ("tiny", PRODUCT_REVIEW)
    recommended = found.herds[0].probabilities[:, PRODUCT_REVIEW.keys.index("recommend")]
    assert recommended[0] < 0.5 < recommended[1]
