"""Recording: what is kept, in which bytes, and that no kill and no neighbour loses it."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from llma.sensing import Question, ScriptedSensor, UnreadableText, open_sensor
from llma.sensing.answers import Answer, line, read_record
from llma.sensing.recording import record, request_of
from llma.sensing.replaying import replay

ROOT = Path(__file__).parents[2]
GOOD, FAST = Question("good", "Is it good?"), Question("fast", "Is it fast?")


def share(text: str, question: str) -> float:
    """A number in (0, 1) that text and question determine."""
    return random.Random(f"{question}|{text}").random()


@dataclass
class Counting:
    """A sensor that notes every text and question it is asked about."""

    model: str = "one"
    name: str = "counting"
    fail_at: int = -1
    asked: list = field(default_factory=list)

    @property
    def identity(self):
        return {"backend": "counting", "model": self.model}

    def probabilities(self, texts, questions):
        rows = []
        for i, text in enumerate(texts):
            if text == "long":
                raise UnreadableText(i, "it is too long")
            for question in questions:
                if len(self.asked) == self.fail_at:
                    raise ConnectionError("the line is dead")
                self.asked.append((text, question.text))
            rows.append([np.nan if text == "refused" else share(text, q.text) for q in questions])
        return np.array(rows)


def expected(texts, questions):
    return [[share(text, q.text) for q in questions] for text in texts]


def test_an_answer_is_asked_for_once_and_a_new_question_alone(tmp_path):
    sensor = Counting()
    with record(sensor, tmp_path / "a.jsonl") as kept:
        first = kept.probabilities(["x", "y", "x"], [GOOD])
        assert sensor.asked == [("x", GOOD.text), ("y", GOOD.text)]
        both = kept.probabilities(["y", "x", "z"], [GOOD, FAST])
    new = [("z", GOOD.text), ("z", FAST.text), ("y", FAST.text), ("x", FAST.text)]
    assert sorted(sensor.asked[2:]) == sorted(new)
    assert first.tolist() == expected(["x", "y", "x"], [GOOD])
    assert both.tolist() == expected(["y", "x", "z"], [GOOD, FAST])


def test_a_refusal_is_null_in_the_file_and_nan_again(tmp_path):
    path = tmp_path / "a.jsonl"
    with record(Counting(), path) as kept:
        assert np.isnan(kept.probabilities(["refused"], [GOOD])).all()
    assert json.loads(path.read_text())["answer"] is None
    sensor = Counting()
    with record(sensor, path) as kept:
        assert np.isnan(kept.probabilities(["refused"], [GOOD])).all()
    assert sensor.asked == []
    assert np.isnan(replay(path).probabilities(["refused"], [GOOD])).all()


def test_the_bytes_depend_on_the_answers_alone(tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    with record(Counting(), one) as kept:
        kept.probabilities(["x", "y", "é\u2028"], [GOOD, FAST])
    with record(Counting(), two) as kept:
        for text in ("é\u2028", "y", "x"):
            kept.probabilities([text], [FAST])
            kept.probabilities([text], [GOOD])
    assert one.read_bytes() == two.read_bytes()
    keys = [json.loads(row)["key"] for row in one.read_text(encoding="utf-8").split("\n")[:-1]]
    assert keys == sorted(keys)
    with record(Counting(), one, index=tmp_path / "fresh.index") as kept:
        kept.probabilities(["z"], [GOOD])
    with record(Counting(), two) as kept:
        kept.probabilities(["z"], [GOOD])
    assert one.read_bytes() == two.read_bytes()


def test_what_was_answered_before_a_failure_is_kept_and_the_run_goes_on(tmp_path):
    path, texts = tmp_path / "a.jsonl", [f"t{i}" for i in range(30)]
    first = Counting(fail_at=20)
    with record(first, path) as kept, pytest.raises(ConnectionError):
        kept.probabilities(texts, [GOOD])
    stored = {json.loads(a.request)["text"] for a in read_record(path)}
    assert stored == set(texts[:16])  # whole calls of eight texts
    second = Counting()
    with record(second, path) as kept:
        assert kept.probabilities(texts, [GOOD]).tolist() == expected(texts, [GOOD])
    assert [text for text, _ in second.asked] == texts[16:]


def test_an_unreadable_text_is_named_by_its_place_in_the_call(tmp_path):
    texts = [f"t{i}" for i in range(11)] + ["long"]
    with record(Counting(), tmp_path / "a.jsonl") as kept:
        kept.probabilities(["t3"], [GOOD])
        with pytest.raises(UnreadableText, match="text 11: it is too long"):
            kept.probabilities(texts, [GOOD])
        with pytest.raises(UnreadableText, match="text 1: it holds half a character"):
            kept.probabilities(["a", "\ud800"], [GOOD])
        with pytest.raises(ValueError, match="put it into a list"):
            kept.probabilities("abc", [GOOD])
        assert kept.probabilities([], [GOOD, FAST]).shape == (0, 2)


def test_two_models_in_one_file_are_kept_apart(tmp_path):
    path = tmp_path / "a.jsonl"
    one, two = Counting("one"), Counting("two")
    for sensor in (one, two):
        with record(sensor, path) as kept:
            kept.probabilities(["x"], [GOOD])
    assert len(one.asked) == len(two.asked) == 1
    with pytest.raises(ValueError, match=r"the answers of 2 sensors; .*model is one of \"one\", \"two\""):
        replay(path)
    assert replay(path, model="two").identity == {"backend": "counting", "model": "two"}
    with pytest.raises(ValueError, match=r"has no answers with \{'model': 'three'\}"):
        replay(path, model="three")


def test_a_sensor_without_identity_is_known_by_class_name_and_keys(tmp_path):
    sensor = ScriptedSensor(lambda text, question: 1.0 if question.key == "good" else 0.0)
    same_words = Question("bad", GOOD.text)
    with record(sensor, tmp_path / "a.jsonl") as kept:
        assert kept.probabilities(["x"], [GOOD, same_words]).tolist() == [[1.0, 0.0]]
    assert replay(tmp_path / "a.jsonl").probabilities(["x"], [same_words, GOOD]).tolist() == [[0.0, 1.0]]


def test_the_embedded_model_is_known_by_its_weights(tmp_path, sensor, folder):
    path = tmp_path / "a.jsonl"
    with record(sensor, path) as kept:
        p = kept.probabilities(["A sturdy chair."], [GOOD, FAST])
    assert np.allclose(p, sensor.probabilities(["A sturdy chair."], [GOOD, FAST]), atol=1e-6)
    request = request_of(sensor, "A sturdy chair.", [GOOD], 0)
    assert request["revision"] != request_of(open_sensor("tiny"), "", [GOOD], 0)["revision"]
    assert str(folder) not in path.read_text()
    by_hand = type(sensor)(sensor.llama, sensor.tokenizer)
    with record(by_hand, path) as kept, pytest.raises(ValueError, match="no checksum"):
        kept.probabilities(["A sturdy chair."], [GOOD])


def test_questions_that_are_asked_together_are_part_of_the_request(tmp_path):
    sensor, path = Counting(), tmp_path / "a.jsonl"
    sensor.together = True
    with record(sensor, path) as kept:
        kept.probabilities(["x"], [GOOD, FAST])
        kept.probabilities(["x"], [GOOD])
    assert len(sensor.asked) == 3
    player = replay(path)
    assert player.probabilities(["x"], [GOOD, FAST]).tolist() == expected(["x"], [GOOD, FAST])
    with pytest.raises(ValueError, match="was asked together with other questions"):
        player.probabilities(["x"], [FAST])


def test_a_missing_answer_names_text_question_and_remedy(tmp_path):
    path = tmp_path / "a.jsonl"
    with record(Counting(), path) as kept:
        kept.probabilities(["x"], [GOOD])
    player = open_sensor(f"record:{path}")
    with pytest.raises(ValueError, match=r"'Is it fast\?' about the text 'x' is not in the record"):
        player.probabilities(["x"], [GOOD, FAST])
    with pytest.raises(UnreadableText, match="text 1: it is empty"):
        player.probabilities(["x", " "], [GOOD])


def test_what_is_no_probability_is_not_stored(tmp_path):
    sensor, path = Counting(), tmp_path / "a.jsonl"
    sensor.stream = lambda texts, asked, missing, keep: (keep(0, {0: -0.0}), keep(1, {0: 1.5}))
    with record(sensor, path) as kept, pytest.raises(ValueError, match=r"text 1, question 'good': .* 1\.5"):
        kept.probabilities(["x", "y"], [GOOD])
    assert [row.p for row in read_record(path)] == [0.0]
    assert '"answer":0.0' in path.read_text()


def test_a_sensor_that_asks_all_questions_together_is_asked_all_of_them_again(tmp_path):
    sensor, path = Counting(), tmp_path / "a.jsonl"
    sensor.together = True
    with record(sensor, path) as kept:
        kept.probabilities(["x"], [GOOD, FAST])
    rows = path.read_text().splitlines()
    path.write_text(rows[0] + "\n")
    (tmp_path / "a.jsonl.index").unlink()
    with record(sensor, path) as kept:
        assert kept.probabilities(["x"], [GOOD, FAST]).tolist() == expected(["x"], [GOOD, FAST])
    assert len(sensor.asked) == 4


def test_a_sensor_that_skips_an_answer_is_found_out(tmp_path):
    sensor = Counting()
    sensor.stream = lambda texts, asked, missing, keep: keep(0, {0: 0.5})
    with record(sensor, tmp_path / "a.jsonl") as kept, pytest.raises(RuntimeError, match="text 1, question"):
        kept.probabilities(["x", "y"], [GOOD])


def test_an_edited_record_is_refused_on_opening(tmp_path):
    path = tmp_path / "a.jsonl"
    with record(Counting(), path) as kept:
        kept.probabilities(["x"], [GOOD])
    path.write_text(path.read_text().replace('"text":"x"', '"text":"y"'))
    for opener in (lambda: record(Counting(), path), lambda: replay(path)):
        with pytest.raises(ValueError, match=r"a\.jsonl, line 1: the key does not belong"):
            opener()


def test_records_that_were_put_together_by_hand_are_taken_over(tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    for path, text in ((one, "x"), (two, "y")):
        with record(Counting(), path) as kept:
            kept.probabilities([text], [GOOD])
    sensor = Counting()
    with record(sensor, one) as kept:
        one.write_bytes(two.read_bytes() + one.read_bytes())  # somebody merges while the run goes on
        kept.probabilities(["z"], [GOOD])
        kept.probabilities(["x", "y", "z"], [GOOD])
    assert [text for text, _ in sensor.asked] == ["z"]
    assert len(list(read_record(one))) == 3


def test_another_answer_in_the_record_than_in_the_index_is_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    with record(Counting(), path) as kept:
        kept.probabilities(["x"], [GOOD])
    [row] = read_record(path)
    path.write_text(line(Answer(row.request, 0.5)) + "\n")
    with pytest.raises(ValueError, match=r"answers 0\.5 where .*a\.jsonl\.index has"):
        record(Counting(), path)


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no folder"):
        record(Counting(), tmp_path / "none" / "a.jsonl")
    with pytest.raises(ValueError, match="is not a file"):
        record(Counting(), tmp_path)
    (tmp_path / "a.jsonl.index").write_text("not a database at all, but long enough to be read as one" * 9)
    with pytest.raises(ValueError, match="cannot be used as an index"):
        record(Counting(), tmp_path / "a.jsonl")


WORKER = """
import sys
from pathlib import Path
from llma.sensing.recording import record
from tests.sensing.test_recording import GOOD, FAST, Counting
path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with record(Counting(), path) as kept:
    for i in range(first, last):
        kept.probabilities([f"t{i}"], [GOOD, FAST])
        print(i, flush=True)
"""


def start(path, first, last):
    arguments = [sys.executable, "-c", WORKER, str(path), str(first), str(last)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed_after(path, lines, last):
    """Start a run, kill it without warning, and return what it said was done."""
    worker = start(path, 0, last)
    said = [worker.stdout.readline() for _ in range(lines)]
    time.sleep(random.Random(lines).random() * 0.02)
    worker.send_signal(signal.SIGKILL)
    said += worker.stdout.readlines()
    worker.wait()
    worker.stdout.close()
    # The last line may have been cut by the kill.
    return [int(row) for row in said if row.endswith("\n")]


def check_kill(path, lines, last=10_000):
    done = killed_after(path, lines, last)
    sensor = Counting()
    with record(sensor, path) as kept:
        texts = [f"t{i}" for i in done]
        assert kept.probabilities(texts, [GOOD, FAST]).tolist() == expected(texts, [GOOD, FAST])
    assert sensor.asked == []
    return len(done)


def test_what_a_killed_run_did_not_publish_is_published_when_it_is_opened_again(tmp_path):
    path = tmp_path / "a.jsonl"
    with record(Counting(), path) as kept:
        kept.probabilities(["x", "y"], [GOOD])
    whole = path.read_bytes()
    for left in (None, whole.splitlines(keepends=True)[0]):
        path.unlink()
        if left:
            path.write_bytes(left)
        record(Counting(), path).close()
        assert path.read_bytes() == whole


def test_a_kill_loses_no_answer_that_was_handed_out(tmp_path):
    assert check_kill(tmp_path / "a.jsonl", 12) >= 12


@pytest.mark.slow
def test_twenty_kills_and_an_exact_resume(tmp_path):
    path = tmp_path / "a.jsonl"
    done = [check_kill(path, 10 * (kill + 1)) for kill in range(20)]
    assert done == sorted(done)
    texts = [f"t{i}" for i in range(done[-1] + 50)]
    sensor = Counting()
    with record(sensor, path) as kept:
        assert kept.probabilities(texts, [GOOD, FAST]).tolist() == expected(texts, [GOOD, FAST])
    # At most the text on which each kill fell was lost, and it was asked about again.
    assert len(sensor.asked) <= 2 * 51
    with record(Counting(), tmp_path / "b.jsonl") as kept:
        kept.probabilities(texts, [GOOD, FAST])
    assert path.read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def crowd(path, n, size):
    """Let n processes write at once; each shares half of its texts with the next."""
    workers = [start(path, w * size // 2, w * size // 2 + size) for w in range(n)]
    for worker in workers:
        worker.communicate(timeout=300)
    assert [worker.returncode for worker in workers] == [0] * n
    wanted = {f"t{i}" for i in range((n - 1) * size // 2 + size)}
    rows = [json.loads(row.request) for row in read_record(path)]
    assert len(rows) == 2 * len(wanted)
    assert {row["text"] for row in rows} == wanted


def test_two_processes_write_one_record(tmp_path):
    crowd(tmp_path / "a.jsonl", 2, 6)


@pytest.mark.slow
def test_eight_processes_write_one_record(tmp_path):
    crowd(tmp_path / "a.jsonl", 8, 100)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_opens_the_index_for_itself(tmp_path):
    kept = record(Counting(), tmp_path / "a.jsonl")
    kept.probabilities(["x"], [GOOD])
    child = multiprocessing.get_context("fork").Process(target=kept.probabilities, args=(["y"], [GOOD]))
    child.start()
    child.join()
    assert child.exitcode == 0
    kept.probabilities(["z"], [GOOD])
    kept.close()
    assert len(list(read_record(tmp_path / "a.jsonl"))) == 3
