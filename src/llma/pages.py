r"""An explorer as one piece of HTML that needs no kernel: how `llma.explore` writes into the book.

Content. A ``<figure>`` with the title, the picture of the first setting as SVG, its read-outs as text, and
the tables of every setting as JSON. ``book/_static/explorer.js`` adds the sliders, and at each move hands the
rows of the present setting to Vega. Without scripts and on paper the first setting stays.

Packing. A number :math:`v` of a column with least value :math:`a` and greatest :math:`b` is stored as the
16-bit word :math:`\mathrm{round}((v - a) / h)` with step :math:`h = (b - a) / 65534`, hence read back within
:math:`h / 2`; whole numbers are exact (:math:`h = 1`) where their range allows. The word 65535 is kept for
NaN, which a chart draws as a gap. Text, and every read-out, is stored as the index of its text, so read-outs
are exact to the digit shown. The words are compressed (zlib, RFC 1950) and written in base64; the browser
inflates them.

Examples
--------
>>> import numpy as np
>>> column, words = pack(np.array([[0.0, 0.5], [1.0, np.nan]]))
>>> words.tolist()
[0, 32767, 65534, 65535]
>>> unpack(column, words, 2)
[[0.0, 0.5], [1.0, None]]
"""

import base64
import html
import json
import math
import os
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from llma import charts, figures, grids

if TYPE_CHECKING:
    from llma.explore import Explorer

MAX_BYTES: Final = 1_500_000
"""Bytes one explorer may add to its page."""

MISSING: Final = 65_535
"""The 16-bit word that stands for a missing number."""

WIDTH: Final = 640
"""Pixels across the picture of the first setting; the page scales it."""


def page(explorer: "Explorer") -> str:
    """Evaluate an explorer on its whole grid and write its figure.

    Parameters
    ----------
    explorer : Explorer

    Returns
    -------
    str
        One ``<figure class="explorer">``. A line about its cost is left in the folder ``BOOK_REPORT``.

    Raises
    ------
    ValueError
        If the function fails at a setting, a column changes its length, or the figure exceeds `MAX_BYTES`.
    """
    begun = time.perf_counter()
    results = grids.results(explorer)
    first = results[0]
    for setting, result in zip(explorer.grid(), results, strict=True):
        if shapes(result) != shapes(first):
            raise ValueError(
                f"explorer {explorer.title!r}: the columns at {setting} are {shapes(result)}, "
                f"at the first stops {shapes(first)}; pad the short ones with NaN"
            )
    columns, words = [], []
    for name, value in first.items():
        rows = [result[name] for result in results]
        if isinstance(value, np.ndarray):
            column, packed = pack(np.stack(rows))
            column |= {"name": name, "length": len(value)}
        else:
            label, fmt = explorer.label(name)
            column, packed = pack(np.array([[text(row, fmt)] for row in rows]))
            column |= {"label": label, "length": 1}
        columns.append(column)
        words.append(packed)
    content = {
        "chart": charts.specification(explorer.chart, figures.ALTAIR_PAGE),
        "fixed": {name: jsonable(value) for name, value in explorer.fixed.items()},
        "sliders": [
            {"name": s.name, "label": s.label, "texts": s.texts, "index": s.index} for s in explorer.sliders
        ],
        "columns": columns,
        "words": base64.b64encode(zlib.compress(np.concatenate(words).tobytes(), 9)).decode(),
    }
    # No tag may begin or end inside the script that holds the data.
    data = json.dumps(content, allow_nan=False, ensure_ascii=False).replace("<", "\\u003c")
    figure = _figure(explorer, data)
    size = len(figure.encode())
    if size > MAX_BYTES:
        raise ValueError(
            f"explorer {explorer.title!r} takes {size:,} bytes of at most {MAX_BYTES:,}: "
            "use fewer stops, or fewer rows"
        )
    _report(explorer, time.perf_counter() - begun, size)
    return figure


def _figure(explorer: "Explorer", data: str) -> str:
    uid = figures.identifier("explorer", data)
    rows, readouts = explorer.at(**explorer.start)
    picture = charts.svg(charts.specification(explorer.chart, figures.ALTAIR_PAGE, rows, WIDTH), uid)
    picture = picture.replace("<svg", '<svg aria-hidden="true"', 1)  # the box around it is the image
    stops = "; ".join(f"{s.label} {s.texts[s.index]}" for s in explorer.sliders)
    return (
        f'<figure class="explorer" id="{uid}">'
        f'<figcaption id="{uid}-title">{html.escape(explorer.title)}</figcaption>'
        f'<div class="explorer-chart" role="img" aria-labelledby="{uid}-title {uid}-alt">{picture}</div>'
        f'<p class="explorer-hidden" id="{uid}-alt">{html.escape(explorer.alt)}</p>'
        f"{definitions(readouts)}"
        f'<p class="explorer-setting">Shown for: {html.escape(stops)}.</p>'
        "<noscript><p>Turn JavaScript on to move the sliders.</p></noscript>"
        f'<script type="application/json">{data}</script>'
        "</figure>"
    )


def pack(values: NDArray[Any]) -> tuple[dict[str, Any], NDArray[np.uint16]]:
    """Store a column at all settings as 16-bit words.

    Parameters
    ----------
    values : (S, n) array of floats or strings
        Row s is the column at setting s.

    Returns
    -------
    column : dict
        ``low`` and ``step`` of the numbers, or the ``texts`` that the words index.
    words : (S n,) array of little-endian uint16

    Examples
    --------
    >>> pack(np.array([["yes"], ["no"]]))
    ({'texts': ['no', 'yes']}, array([1, 0], dtype=uint16))
    """
    if values.dtype.kind == "U":
        texts, index = np.unique(values, return_inverse=True)
        return {"texts": texts.tolist()}, index.ravel().astype("<u2")
    known = values[~np.isnan(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    whole = high - low < MISSING and bool(np.all(known == np.round(known)))
    step = 1.0 if whole or high == low else (high - low) / (MISSING - 1)
    words = np.full(values.shape, MISSING, dtype="<u2")
    words[~np.isnan(values)] = np.round((known - low) / step)
    return {"low": low, "step": step}, words.ravel()


def unpack(column: Mapping[str, Any], words: NDArray[np.uint16], length: int) -> list[list[Any]]:
    """Read a packed column back, as the browser does.

    Parameters
    ----------
    column, words
        As `pack` returns them.
    length : int
        Rows of the table.

    Returns
    -------
    list of lists
        Entry s is the column at setting s; a missing number is None.

    Examples
    --------
    >>> unpack({"texts": ["no", "yes"]}, np.array([1, 0], dtype="<u2"), 1)
    [['yes'], ['no']]
    """
    if "texts" in column:
        values = [column["texts"][word] for word in words.tolist()]
    else:
        values = [
            None if word == MISSING else column["low"] + word * column["step"] for word in words.tolist()
        ]
    return [values[k : k + length] for k in range(0, len(values), length)]


def shapes(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the length of each column; a read-out counts 1."""
    return {name: int(np.size(value)) for name, value in values.items()}


def jsonable(column: NDArray[Any]) -> list[Any]:
    """Return a column as JSON can hold it: NaN becomes None."""
    return [None if isinstance(value, float) and math.isnan(value) else value for value in column.tolist()]


def text(value: Any, fmt: str = "") -> str:
    """Return a read-out as shown.

    Examples
    --------
    >>> text(0.25), text(0.25, "{:.0%}"), text(3), text(True), text(float("nan"))
    ('0.250', '25%', '3', 'yes', 'none')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return (fmt or ("{:d}" if isinstance(value, int) else "{:.3f}")).format(value)


def definitions(texts: Mapping[str, str]) -> str:
    """Return read-outs as a definition list."""
    rows = (f"<div><dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd></div>" for k, v in texts.items())
    return f'<dl class="explorer-numbers">{"".join(rows)}</dl>' if texts else ""


def _report(explorer: "Explorer", seconds: float, size: int) -> None:
    """Leave a line for the end of the build in the folder that ``BOOK_REPORT`` names."""
    folder = os.environ.get("BOOK_REPORT")
    if folder:
        line = {
            "title": explorer.title,
            "settings": explorer.settings,
            "seconds": round(seconds, 2),
            "bytes": size,
        }
        name = figures.identifier("explorer", f"{explorer.title} {size}")
        target = Path(folder) / f"{name}-{os.getpid()}.json"  # one kernel a page, several at once
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(line) + "\n", encoding="utf-8")
