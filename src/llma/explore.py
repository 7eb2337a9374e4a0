r"""One function, a list of sliders and a chart: live in a kernel, and without one in the page of the book.

Model. An explorer is a function :math:`f` on a finite grid :math:`S_1 \times \dots \times S_k` of slider
stops. ``f(**setting)`` returns a mapping: arrays are *columns* of one table, scalars are *read-outs*. The
chart, an Altair chart of ``alt.NamedData("now")``, draws that table and nothing else: the mathematics is
written once.

Two faces. In a kernel the explorer shows core ipywidgets and evaluates :math:`f` at every move (see
`llma.live`). While the book is built (environment variable ``BOOK_BUILD=1``) it evaluates :math:`f` on the
whole grid and writes the tables into the page (see `llma.pages`). That page needs no kernel and no network,
and without scripts it still holds the first setting: its picture, its numbers and its text.

Limits. At most `MAX_SETTINGS` settings a figure: the error says what to reduce. Fix the domain of every scale
of the chart, or its axes jump while a slider moves.

Examples
--------
>>> import altair as alt
>>> import numpy as np
>>> def straight(slope):
...     x = np.array([0.0, 1.0])
...     return {"x": x, "y": slope * x, "rise": slope}
>>> line = alt.Chart(alt.NamedData("now")).mark_line().encode(
...     alt.X("x:Q").scale(domain=[0, 1]), alt.Y("y:Q").scale(domain=[0, 2]))
>>> explorer = explore(straight, [Slider("slope", "Slope", [0, 1, 2], start=1)], line,
...                    title="A line", alt="A line through the origin.")
>>> explorer.settings
3
>>> explorer.table(slope=2)
[{'x': 0.0, 'y': 0.0}, {'x': 1.0, 'y': 2.0}]
>>> explorer.readouts(slope=2)
{'rise': '2'}
"""

import itertools
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import altair as alt
import numpy as np
from numpy.typing import NDArray

from llma import charts, figures, live, pages
from llma.sliders import Slider, Stop

__all__ = ["MAX_SETTINGS", "Explorer", "Setting", "Slider", "explore"]

MAX_SETTINGS: Final = 2_000
"""Settings of one explorer: more make the book slow to build."""

Setting = dict[str, Stop]


@dataclass(frozen=True)
class Explorer:
    """A function on a grid of sliders with a chart; made by `explore`, shows itself at the end of a cell.

    Parameters
    ----------
    function, sliders, chart, fixed, title, alt, formats
        As in `explore`.

    Attributes
    ----------
    drawn : frozenset of str
        The columns that the chart takes from the table.
    """

    function: Callable[..., Mapping[str, Any]]
    sliders: tuple[Slider, ...]
    chart: Any
    fixed: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    alt: str = ""
    formats: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    drawn: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check what can be checked without calling the function."""
        object.__setattr__(self, "fixed", {name: _flat(value) for name, value in self.fixed.items()})
        for name, text in (("title", self.title), ("alt", self.alt)):
            if not text.strip():
                raise ValueError(f"an explorer needs {name} text: pass {name}='...' (it is read aloud)")
        names = [slider.name for slider in self.sliders]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"an explorer needs at least one slider and distinct names, got {names}")
        if self.settings > MAX_SETTINGS:
            counts = " x ".join(f"{len(slider.values)} ({slider.name})" for slider in self.sliders)
            raise ValueError(
                f"{counts} = {self.settings:,} settings; reduce the stops to {MAX_SETTINGS:,} in all"
            )
        if not isinstance(self.chart, alt.Chart | alt.LayerChart):
            raise ValueError(
                f"the chart is a {type(self.chart).__name__}: give one Chart or layered charts, "
                "which can take the width of a phone"
            )
        program = self.chart.to_dict()
        if '"name": "now"' not in json.dumps(program):
            raise ValueError('the chart does not draw the table: make it from alt.NamedData("now")')
        object.__setattr__(self, "drawn", frozenset(charts.fields(program)))

    @property
    def settings(self) -> int:
        """The number of combinations of stops."""
        return math.prod(len(slider.values) for slider in self.sliders)

    @property
    def start(self) -> Setting:
        """The first setting."""
        return {slider.name: slider.values[slider.index] for slider in self.sliders}

    def grid(self) -> Iterator[Setting]:
        """Yield every setting, the last slider moving fastest."""
        names = [slider.name for slider in self.sliders]
        for stops in itertools.product(*(slider.values for slider in self.sliders)):
            yield dict(zip(names, stops, strict=True))

    def evaluate(self, **setting: Any) -> dict[str, Any]:
        """Return what the function gives at a setting: flat arrays (columns) and scalars (read-outs).

        Parameters
        ----------
        **setting
            One value for every slider.

        Returns
        -------
        dict
            Columns as one-dimensional arrays of floats or strings, read-outs as Python scalars.

        Raises
        ------
        ValueError
            If the function fails, a column is infinite or lengths differ; it names the setting.
        """
        shown = ", ".join(f"{name}={value!r}" for name, value in setting.items())
        try:
            result = self.function(**setting)
        except Exception as error:
            raise ValueError(f"explorer {self.title!r} failed at {shown}: {error!r}") from error
        values = {name: _plain(value) for name, value in result.items()}
        columns = self._columns(values)
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"explorer {self.title!r} at {shown}: columns of different lengths {lengths}")
        unknown = sorted(self.drawn - set(columns))
        if unknown:
            raise ValueError(
                f"explorer {self.title!r}: the chart draws {unknown}, the table has {sorted(columns)}"
            )
        for name, column in columns.items():
            if column.dtype.kind == "f" and np.isinf(column).any():
                row = int(np.flatnonzero(np.isinf(column))[0])
                raise ValueError(
                    f"explorer {self.title!r} at {shown}: column {name!r} is {column[row]} in row {row}; "
                    "clip it, or use NaN for a gap"
                )
        return values

    def at(self, **setting: Any) -> tuple[list[dict[str, Any]], dict[str, str]]:
        """Evaluate once and return what a reader sees: the rows of the chart, the read-outs as text.

        Parameters
        ----------
        **setting
            One value for every slider.

        Returns
        -------
        rows : list of dict
            A missing number is None.
        readouts : dict of str
            Label to text.
        """
        values = self.evaluate(**setting)
        columns = {name: pages.jsonable(column) for name, column in self._columns(values).items()}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        readouts = {}
        for name, value in values.items():
            if not isinstance(value, np.ndarray):
                label, fmt = self.label(name)
                readouts[label] = pages.text(value, fmt)
        return rows, readouts

    def table(self, **setting: Any) -> list[dict[str, Any]]:
        """Return the rows that the chart draws at a setting; a missing number is None.

        Parameters
        ----------
        **setting
            One value for every slider.

        Returns
        -------
        list of dict
        """
        return self.at(**setting)[0]

    def readouts(self, **setting: Any) -> dict[str, str]:
        """Return the read-outs at a setting as shown: label to text.

        Parameters
        ----------
        **setting
            One value for every slider.

        Returns
        -------
        dict of str
        """
        return self.at(**setting)[1]

    def label(self, name: str) -> tuple[str, str]:
        """Return label and format of a read-out."""
        return self.formats.get(name, (name.replace("_", " "), ""))

    def _columns(self, values: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        computed = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        return {**self.fixed, **computed}

    def widget(self) -> Any:
        """Return the live face; see `llma.live`.

        Returns
        -------
        ipywidgets.VBox

        Raises
        ------
        ValueError
            If the function fails at the first setting.
        """
        return live.widget(self)

    def _ipython_display_(self) -> None:
        if os.environ.get("BOOK_BUILD") == "1":
            figures.put({"text/html": pages.page(self), "text/plain": f"{self.title}. {self.alt}"}, raw=True)
        else:
            figures.put(self.widget())


def explore(
    function: Callable[..., Mapping[str, Any]],
    sliders: Sequence[Slider],
    chart: Any,
    fixed: Mapping[str, Any] | None = None,
    *,
    title: str = "",
    alt: str = "",
    formats: Mapping[str, tuple[str, str]] | None = None,
) -> Explorer:
    """Make an explorer.

    Parameters
    ----------
    function : callable
        ``function(**setting)`` returns a mapping: arrays are columns of the chart's table (flattened, all
        of one length, NaN for a gap), scalars (number, bool, str, None) are read-outs.
    sliders : sequence of Slider
        Their names are the arguments of `function`.
    chart : altair.Chart or altair.LayerChart
        Drawn from ``alt.NamedData("now")``, so types are written out (``"x:Q"``); fix every scale's domain.
    fixed : mapping, optional
        Columns that no slider changes, for instance the index of the agent and the name of the curve.
    title, alt : str
        The caption, and what the chart shows for readers who do not see it. Both are required.
    formats : mapping, optional
        Label and format of a read-out, ``{"p": ("Probability of a cascade", "{:.1%}")}``. Without an entry
        the label is the name and a number is shown with three decimals.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a text is missing, the grid is too large or the chart does not draw ``"now"``.

    Examples
    --------
    See the module.
    """
    return Explorer(function, tuple(sliders), chart, dict(fixed or {}), title, alt, dict(formats or {}))


def _flat(value: Any) -> NDArray[Any]:
    """Return a column as a flat array of floats or strings; None is NaN among numbers."""
    array = np.ravel(np.asarray(value))
    if array.dtype.kind == "U" or (array.dtype.kind == "O" and any(isinstance(x, str) for x in array)):
        return array.astype(str)
    return array.astype(float)


def _plain(value: Any) -> Any:
    """Return a column as a flat array, a read-out as a Python scalar."""
    if np.ndim(value):
        return _flat(value)
    return value.item() if isinstance(value, np.generic | np.ndarray) else value
