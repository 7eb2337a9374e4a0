import csv
from html.parser import HTMLParser

import numpy as np
import pytest

from llma.herd import figure, report, run, summary, write_csv
from llma.sensing import COMMENT_HOSTILITY, ScriptedSensor
from tests.herd.conftest import ONE, SYMMETRIC

NASTY = '<script>alert("good")</script>\x1b[2J\u202e'


def herds(texts, sensor, **kwargs):
    return run(texts, ONE, likelihood=SYMMETRIC, sensor=sensor, **kwargs)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def grouped(tmp_path, sensor, group="A&B <b>$x$_"):
    path = tmp_path / "texts.csv"
    path.write_text(f'text,state,g\ngood,1,"{group}"\ngood,1,"{group}"\nbad,1,"{group}"\n', encoding="utf-8")
    return herds(path, sensor, group="g")


def test_the_cascade_is_marked_before_its_first_agent(sensor):
    printed = list(report.lines(herds(["good", "good", "bad"], sensor)))
    mark = next(i for i, line in enumerate(printed) if "the cascade begins" in line)
    assert printed[mark - 1].split()[:3] == ["2", "2", "1"]
    assert printed[mark + 1].split()[:3] == ["3", "3", "0"]
    assert printed[-1] == summary(herds(["good", "good", "bad"], sensor).herds[0])


def test_summaries_say_what_became_of_a_herd(tmp_path, sensor):
    assert summary(herds(["good"], sensor).herds[0]) == (
        "1 agent. No cascade: every action still depends on the text."
    )
    assert summary(grouped(tmp_path, sensor).herds[0]) == (
        "3 agents. From agent 3 on every agent plays 'good' whatever it reads: a cascade. "
        "It is the right action. 1 text teaches nobody anything."
    )
    path = tmp_path / "wrong.csv"
    path.write_text("text,state\ngood,0\ngood,0\nbad,0\nbad,0\n")
    assert "It is the wrong action. 2 texts teach nobody anything." in summary(herds(path, sensor).herds[0])


def test_nothing_reaches_the_terminal_unescaped(tmp_path, sensor):
    printed = "\n".join(report.lines(grouped(tmp_path, sensor, group="\x1b[2J\u202eevil")))
    printed += str(herds([NASTY, " "], sensor))
    assert not {"\x1b", "\u202e"} & set(printed)
    assert r"\x1b[2J" in printed


def test_html_escapes_texts_groups_and_reasons(tmp_path, sensor):
    for found in (herds([NASTY, "\x1b long"], sensor), grouped(tmp_path, sensor)):
        page = found._repr_html_()
        parsed = Tags()
        parsed.feed(page)
        assert parsed.open == []
        assert not {"script", "b"} & set(parsed.tags)
        assert not {"\x1b", "\u202e"} & set(page)
    assert "A&B <b>$x$_" in "".join(parsed.text)


def test_html_lists_the_rows_that_were_left_out(sensor):
    page = herds(["good", " ", "long"], sensor)._repr_html_()
    assert "2 rows left out:" in page
    assert "<li>line 2: the text is empty</li>" in page


def test_csv_holds_every_number_of_the_run(tmp_path, sensor):
    found = herds(["good", "no idea", "bad\nworse"], sensor)
    write_csv(found, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    herd = found.herds[0]
    assert [row["text"] for row in rows] == list(herd.texts)
    assert [row["bit_good"] for row in rows] == ["1", "", "0"]
    assert [row["p_good"] for row in rows] == ["1", "", "0"]
    assert [int(row["action"]) for row in rows] == herd.actions.tolist()
    np.testing.assert_allclose([float(row["public_1"]) for row in rows], herd.beliefs[1:, 1], atol=1e-6)
    np.testing.assert_allclose([float(row["private_0"]) for row in rows], herd.private[:, 0], atol=1e-6)
    assert [row["cascade"] for row in rows] == [str(int(herd.in_cascade(i))) for i in range(3)]


@pytest.mark.parametrize("text", ["=1+1 good", "@good", "+good", "-good"])
def test_csv_holds_no_formula(tmp_path, sensor, text):
    write_csv(herds([text], sensor), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["text"] == "'" + text


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_figures_are_written_with_any_name_of_a_group(tmp_path, sensor, suffix):
    found = grouped(tmp_path, sensor, group="_$\\frac{日本 <&")
    report.save(found, tmp_path / f"out.{suffix}")
    report.save(found, tmp_path / f"again.{suffix}")
    assert (tmp_path / f"out.{suffix}").read_bytes() == (tmp_path / f"again.{suffix}").read_bytes()


def test_the_figure_marks_the_start_of_the_cascade(sensor):
    picture = figure(herds(["good", "good", "bad"], sensor))
    path, dot = picture.axes[0].get_lines()
    np.testing.assert_allclose(path.get_ydata()[:3], [0.5, 0.7, 0.844827], atol=1e-6)
    assert dot.get_xdata() == [2]
    report.plt.close(picture)


def test_more_than_two_states_are_stacked_and_six_herds_are_drawn(tmp_path):
    sensor = ScriptedSensor(lambda text, question: 0.5)
    path = tmp_path / "texts.csv"
    path.write_text("text,g\n" + "".join(f"a,{i}\nb,{i}\n" for i in range(8)))
    found = run(path, COMMENT_HOSTILITY, likelihood=np.full((6, 64), 1 / 64), sensor=sensor, group="g")
    picture = figure(found)
    assert len(picture.axes) == 6
    assert picture.get_suptitle() == "the first 6 of 8 herds"
    assert all(len(axes.collections) == 6 for axes in picture.axes)
    report.plt.close(picture)
    assert report.alt(found).count("herd ") == 6
    # Uniform answers teach nothing: a cascade from the first agent on, and six numbers for a belief.
    assert ".17 .17 .17 .17 .17 .17" in str(found)
