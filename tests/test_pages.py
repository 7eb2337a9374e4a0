"""Packing and markup of explorers for pages without a kernel."""

import base64
import html.parser
import json
import re
import zlib

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from llma import figures, pages
from llma.explore import Slider, explore

TABLES = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-1e6, 1e6) | st.just(float("nan")),
)


def line(function=None, stops=(0.0, 0.5, 1.0), **more):
    def slope(slope):
        return {"y": [0.0, slope], "rise": slope}

    chart = alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q", y="y:Q")
    given = {"title": "A <line> & more", "alt": 'The line "rises".'} | more
    return explore(
        function or slope, [Slider("slope", "Slope", stops, stops[0])], chart, {"x": [0, 1]}, **given
    )


@given(TABLES)
def test_numbers_come_back_within_half_a_step(table):
    column, words = pages.pack(table)
    back = np.array(pages.unpack(column, words, table.shape[1]), dtype=float)
    assert np.array_equal(np.isnan(back), np.isnan(table))
    known = ~np.isnan(table)
    slack = 1e-9 * max(1.0, np.abs(table[known]).max(initial=0.0))
    assert np.abs(back - table)[known].max(initial=0.0) <= column["step"] / 2 + slack


@given(hnp.arrays(float, (3, 4), elements=st.integers(-20_000, 20_000).map(float)))
def test_whole_numbers_are_exact(table):
    column, words = pages.pack(table)
    assert pages.unpack(column, words, 4) == table.tolist()


@given(st.lists(st.text("abc", max_size=3), min_size=1, max_size=9))
def test_texts_are_exact(texts):
    column, words = pages.pack(np.array(texts)[:, None])
    assert pages.unpack(column, words, 1) == [[text] for text in texts]


def test_a_constant_column_and_a_missing_one():
    for value in (0.3, float("nan")):
        column, words = pages.pack(np.full((2, 2), value))
        back = np.array(pages.unpack(column, words, 2), dtype=float)
        np.testing.assert_array_equal(back, np.full((2, 2), value))


def content(figure):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure, re.DOTALL)[1])


def test_the_page_holds_every_setting():
    explorer = line()
    data = content(pages.page(explorer))
    words = np.frombuffer(zlib.decompress(base64.b64decode(data["words"])), dtype="<u2")
    at = 0
    for column in data["columns"]:
        size = explorer.settings * column["length"]
        rows = pages.unpack(column, words[at : at + size], column["length"])
        at += size
        for setting, row in zip(explorer.grid(), rows, strict=True):
            if "label" in column:
                assert row == [explorer.readouts(**setting)[column["label"]]]
            else:
                wanted = [entry[column["name"]] for entry in explorer.table(**setting)]
                np.testing.assert_allclose(row, wanted, atol=column["step"] / 2)
    assert at == len(words)


class Outline(html.parser.HTMLParser):
    """Collects ids, and the text that a reader without scripts sees."""

    def __init__(self):
        super().__init__()
        self.ids, self.seen, self.hidden = [], [], 0

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.ids += [named["id"]] if "id" in named else []
        self.hidden += tag == "script"

    def handle_endtag(self, tag):
        self.hidden -= tag == "script"

    def handle_data(self, data):
        if not self.hidden:
            self.seen.append(data)


def outline(markup):
    parser = Outline()
    parser.feed(markup)
    return parser


def test_without_scripts_the_page_has_picture_numbers_and_setting():
    figure = pages.page(line())
    text = " ".join(outline(figure).seen)
    assert "<svg" in figure
    for wanted in (
        "A <line> & more",
        'The line "rises".',
        "rise",
        "0.000",
        "Slope 0.00",
        "Turn JavaScript on",
    ):
        assert wanted in text


def test_ids_depend_on_content_and_are_unique_on_a_page(monkeypatch):
    monkeypatch.setattr(figures, "_shown", type(figures._shown)())
    first, second = pages.page(line()), pages.page(line())
    ids = outline(first + second).ids
    assert len(ids) == len(set(ids))
    monkeypatch.setattr(figures, "_shown", type(figures._shown)())
    assert pages.page(line()) == first
    assert outline(pages.page(line(stops=(0.0, 2.0)))).ids[0] not in ids


def test_no_tag_of_the_data_ends_the_script():
    explorer = line(lambda slope: {"y": [0, slope], "note": "</script><!--"})
    figure = pages.page(explorer)
    assert figure.count("</script>") == 1
    assert content(figure)["columns"][1]["texts"] == ["</script><!--"]


def test_a_page_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(pages, "MAX_BYTES", 1000)
    with pytest.raises(ValueError, match=r"of at most 1,000: use fewer stops, or fewer rows"):
        pages.page(line())


def test_columns_may_not_change_their_length():
    def short(slope):
        return {"x": np.arange(1 + slope), "y": np.arange(1 + slope)}

    chart = alt.Chart(alt.NamedData("now")).mark_line().encode(x="x:Q", y="y:Q")
    explorer = explore(short, [Slider("slope", "Slope", [1, 2], 1)], chart, title="t", alt="a")
    with pytest.raises(
        ValueError, match=r"\{'slope': 2\} are \{'x': 3, 'y': 3\}.*pad the short ones with NaN"
    ):
        pages.page(explorer)


def test_the_build_is_told_what_an_explorer_costs(monkeypatch, tmp_path):
    monkeypatch.setenv("BOOK_REPORT", str(tmp_path / "report"))
    figure = pages.page(line())
    (report,) = (tmp_path / "report").glob("*.json")
    entry = json.loads(report.read_text())
    assert entry["settings"] == 3
    assert entry["bytes"] == len(figure.encode())
    assert entry["title"] == "A <line> & more"
    assert entry["seconds"] >= 0
