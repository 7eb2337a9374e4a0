"""What explorers of one build share: the same explorer once, another one never."""

import dataclasses
import functools

import altair as alt
import numpy as np
import pytest

from llma import explore, grids, sliders
from llma.explorers import cascades, classroom, networks, power, private, protocol, reconstruct

DOT = alt.Chart(alt.NamedData("now")).mark_point().encode(x="x:Q")
CALLS = []


def made(function, *, title="Twice", stops=(0.0, 1.0, 2.0, 3.0, 4.0)):
    return explore.explore(
        function, [sliders.Slider("x", "x", stops, stops[0])], DOT, title=title, alt="A dot."
    )


def scaled(factor, gap=False):
    def function(x):
        CALLS.append(x)
        return {"x": [x, np.nan if gap else 0.0], "value": factor * x, "word": f"{x:g}"}

    function.__module__ = "llma.explorers.imagined"
    return function


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_GRIDS", str(tmp_path / "grids"))
    CALLS.clear()
    return tmp_path / "grids"


def plain(results):
    return [{name: np.asarray(value).tolist() for name, value in result.items()} for result in results]


@pytest.mark.parametrize("gap", [False, True])
def test_the_second_page_evaluates_three_settings(gap):
    first = grids.results(made(scaled(2.0, gap)))
    assert len(CALLS) == 5
    CALLS.clear()
    second = grids.results(made(scaled(2.0, gap)))
    assert CALLS == [0.0, 2.0, 4.0]
    assert repr(plain(second)) == repr(plain(first))
    assert [type(v) for v in second[1].values()] == [np.ndarray, float, str]


@pytest.mark.parametrize(
    "other",
    [
        made(scaled(3.0)),
        made(scaled(2.0), title="Thrice"),
        made(scaled(2.0), stops=(0.0, 1.0, 2.0, 3.0, 5.0)),
        made(functools.partial(lambda x, y: {"x": [x], "y": y}, y=1)),
    ],
    ids=["closure", "title", "stops", "another function"],
)
def test_another_explorer_shares_nothing(other):
    one = made(scaled(2.0))
    assert grids.fingerprint(one) is not None
    assert grids.fingerprint(one) != grids.fingerprint(other)
    grids.results(one)
    assert plain(grids.results(other)) == plain([other.evaluate(**setting) for setting in other.grid()])


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    apply: object


HOLDERS = {
    "cache": functools.cache,
    "dict": lambda f: {"rule": f},
    "list": lambda f: [f],
    "tuple": lambda f: (1, f),
    "dataclass": lambda f: Rule("scale", f),
}


def holding(held):
    def function(x):
        return {"x": [x], "held": type(held).__name__}

    function.__module__ = "llma.explorers.imagined"
    return made(function)


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_functions_are_seen_through_what_holds_them(hold):
    key = grids.fingerprint(holding(hold(scaled(2.0))))
    assert key is not None
    assert grids.fingerprint(holding(hold(scaled(2.0)))) == key
    assert grids.fingerprint(holding(hold(scaled(3.0)))) != key
    of_a_cell = scaled(2.0)
    of_a_cell.__module__ = "__main__"
    assert grids.fingerprint(holding(hold(of_a_cell))) is None


def test_holders_differ():
    keys = {grids.fingerprint(holding(hold(scaled(2.0)))) for hold in HOLDERS.values()}
    assert len(keys) == len(HOLDERS)


def test_a_function_of_a_cell_is_not_shared(folder):
    function = scaled(2.0)
    function.__module__ = "__main__"
    assert grids.fingerprint(made(function)) is None
    grids.results(made(function))
    assert not folder.exists()


SLOPE = 1.0


def test_a_changed_library_is_noticed(monkeypatch):
    """A module's variable is no part of the fingerprint; the three settings tell."""

    def function(x):
        return {"x": [x], "y": SLOPE * x}

    function.__module__ = "llma.explorers.imagined"
    key = grids.fingerprint(made(function))
    assert [r["y"] for r in grids.results(made(function))] == [0.0, 1.0, 2.0, 3.0, 4.0]
    monkeypatch.setitem(globals(), "SLOPE", 2.0)
    assert grids.fingerprint(made(function)) == key
    assert [r["y"] for r in grids.results(made(function))] == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_outside_the_build_nothing_is_kept(folder, monkeypatch):
    monkeypatch.delenv("BOOK_GRIDS")
    grids.results(made(scaled(2.0)))
    grids.results(made(scaled(2.0)))
    assert len(CALLS) == 10
    assert not folder.exists()


@pytest.mark.parametrize(
    "make",
    [
        *(protocol.belief_walk, protocol.copies, classroom.class_and_team, networks.guinea_pigs),
        *(power.vacuity, private.bill, private.noise, reconstruct.bounds_map),
    ],
)
def test_explorers_of_the_book_are_shared(make):
    assert grids.fingerprint(make()) == grids.fingerprint(make()) is not None


def test_explorers_of_the_book_differ():
    made_ones = [protocol.belief_walk(), protocol.copies(), cascades.curves(), power.tangents()]
    assert len({grids.fingerprint(one) for one in made_ones}) == 4
