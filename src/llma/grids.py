r"""The tables of an explorer at every setting, evaluated once for all pages of one build.

A theory page and its notebook show the same explorers, and each page has a kernel of its own. The first to
evaluate an explorer on its grid leaves the results in the folder that the environment variable ``BOOK_GRIDS``
names, and the others read them there. Without the variable, hence outside the build of the book, nothing is
kept. The build empties the folder when it begins, so results never outlive the library they came from.

Identity. Two explorers are the same if they show the same texts, sliders, formats, chart and fixed columns,
and if their functions stand at the same place of the library, with the same values in closures and
defaults. Functions inside of caches, containers and dataclasses are identified alike. What such a
fingerprint cannot see (a module's variable that a cell has changed) is caught by evaluation: results are
taken only if they agree to the last bit with the function at the first, middle and last setting.
An explorer whose function holds what cannot be pickled, or stands in a cell and not in the library, is not
shared.

Examples
--------
>>> import altair as alt
>>> from llma.explore import Slider, explore
>>> dot = alt.Chart(alt.NamedData("now")).mark_point().encode(x="x:Q")
>>> twice = explore(lambda x: {"x": [x], "double": 2 * x}, [Slider("x", "x", [0, 1], start=0)], dot,
...                 title="Twice", alt="A dot.")
>>> [result["double"] for result in results(twice)]
[0, 2]
"""

import dataclasses
import functools
import hashlib
import json
import os
import pickle
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from llma.explore import Explorer

__all__ = ["fingerprint", "results"]


def results(explorer: "Explorer") -> list[dict[str, Any]]:
    """Evaluate an explorer at every setting of its grid, or read what another page of this build has found.

    Parameters
    ----------
    explorer : Explorer

    Returns
    -------
    list of dict
        Entry s is `Explorer.evaluate` at setting s.

    Raises
    ------
    ValueError
        If the function fails at a setting.
    """
    folder = os.environ.get("BOOK_GRIDS")
    key = fingerprint(explorer) if folder else None
    if not folder or key is None:
        return [explorer.evaluate(**setting) for setting in explorer.grid()]
    file = Path(folder) / f"{key}.pickle"
    if file.exists():
        kept: list[dict[str, Any]] = pickle.loads(file.read_bytes())
        if agrees(explorer, kept):
            return kept
    found = [explorer.evaluate(**setting) for setting in explorer.grid()]
    own = file.with_suffix(f".{os.getpid()}")
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(pickle.dumps(found))
    own.replace(file)  # at once: another kernel may be reading
    return found


def agrees(explorer: "Explorer", kept: list[dict[str, Any]]) -> bool:
    """Return whether kept results are those of the function at the first, middle and last setting."""
    settings = list(explorer.grid())
    if len(kept) != len(settings):
        return False
    places = {0, len(settings) // 2, len(settings) - 1}
    return all(_same(explorer.evaluate(**settings[k]), kept[k]) for k in places)


def fingerprint(explorer: "Explorer") -> str | None:
    """Return what identifies an explorer among those of one library, or None if nothing safe does.

    Parameters
    ----------
    explorer : Explorer

    Returns
    -------
    str or None
        A sha256 in hexadecimal digits.
    """
    seen = [
        *(explorer.title, explorer.alt, json.dumps(explorer.chart.to_dict(), sort_keys=True)),
        [(s.name, s.label, s.values, s.texts, s.index) for s in explorer.sliders],
        sorted(explorer.formats.items()),
        [(name, column.tolist()) for name, column in explorer.fixed.items()],
    ]
    try:
        content = pickle.dumps([seen, _described(explorer.function)])
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return hashlib.sha256(content).hexdigest()


def _described(value: Any) -> Any:
    """Return functions of the library, also inside of caches, containers and dataclasses, as their places.

    A place goes with closure and defaults; anything else is returned as it is.
    """
    if isinstance(value, functools._lru_cache_wrapper):
        return ["cache", _described(value.__wrapped__)]
    if isinstance(value, dict):
        return ["dict", [(_described(key), _described(held)) for key, held in value.items()]]
    if type(value) in {list, tuple}:
        return [type(value), [_described(held) for held in value]]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [type(value), [_described(held) for held in vars(value).values()]]
    if not isinstance(value, types.FunctionType):
        return value
    if not value.__module__.startswith("llma."):
        raise TypeError(f"{value.__qualname__} is not a function of the library")
    cells = [_described(cell.cell_contents) for cell in value.__closure__ or ()]
    defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).items()]
    place = (value.__module__, value.__qualname__, tuple(value.__code__.co_positions()))
    return [place, cells, [_described(d) for d in defaults]]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two results have the same names, types and values, NaN being itself."""
    if list(one) != list(other):
        return False
    for name, value in one.items():
        if type(value) is not type(other[name]):
            return False
        if not np.array_equal(value, other[name], equal_nan=np.asarray(value).dtype.kind == "f"):
            return False
    return True
