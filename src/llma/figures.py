"""One house style for every figure, legible on white, on the dark page and on paper.

A figure of this book is drawn once and read in three places: a kernel, the light page and the dark page.
In a kernel it is an ordinary matplotlib figure. While the book is built (environment variable
``BOOK_BUILD=1``) `show` writes it into the page as SVG whose ink is ``currentColor`` and whose six
colours are CSS variables (``--llma-0`` to ``--llma-5``, declared in ``book/_static/book.css``), so one page
serves both themes and the printer.

The palette descends from Okabe and Ito (2008): hues that stay apart for readers with a deficient colour
vision, with lightness moved until each colour has a contrast of at least 3 to 1 with its background and any
two differ by a Lab distance of at least 15 in the simulations of Machado et al. (2009) (a test checks both).
Colour is never the only cue all the same: add a dash, a marker or a label.

References
----------
* M. Okabe and K. Ito, "Color Universal Design", 2008.
* G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A physiologically-based model for simulation of
  color vision deficiency", IEEE Trans. Visualization and Computer Graphics 15(6), 2009.

Examples
--------
>>> import llma.figures as figures
>>> figure, axes = figures.new(width=4, height=2)
>>> line, = axes.plot([0, 1], [0, 1], label="belief")
>>> figure.get_size_inches().tolist()
[4.0, 2.0]
>>> figures.show(figure, alt="")
Traceback (most recent call last):
...
ValueError: a figure needs alt text: say in a sentence or two what it shows, e.g. show(figure, alt="...")
"""

import html
import io
import os
import re
import uuid
from collections import Counter
from typing import Any, Final, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LIGHT: Final = ("#2a5d84", "#ea580c", "#149c70", "#d64bb4", "#5a3800", "#3b0f78")
"""Colours on white: blue, vermilion, green, pink, brown, violet."""

DARK: Final = ("#85b6fa", "#ff9a1f", "#3be8a4", "#f0359a", "#98834c", "#9568ff")
"""The same six on the dark page."""

DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3)))
"""A dash for each colour, so that a curve can be named without its colour."""

STYLE: Final[dict[str, Any]] = {
    "axes.prop_cycle": cycler(color=LIGHT) + cycler(linestyle=DASHES),
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "font.size": 12,  # a phone shows a page-wide figure at 60 per cent
    "legend.fontsize": 11,
    "grid.color": "#808080",
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "image.cmap": "viridis",
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "svg.fonttype": "none",
}
"""What `use` gives to matplotlib."""

STROKES: Final = ([1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [14, 3, 2, 3, 2, 3])
"""The dashes of curves in Altair charts, in pixels."""

ALTAIR: Final[dict[str, Any]] = {
    "background": "#ffffff",
    "view": {"stroke": None},
    "mark": {"color": LIGHT[0]},
    "line": {"strokeWidth": 2.5},
    "area": {"fillOpacity": 0.35},
    "rule": {"color": "#444444"},
    "text": {"color": "#222222"},
    "range": {
        "category": list(LIGHT),
        "heatmap": {"scheme": "viridis"},
        "ramp": {"scheme": "viridis"},
        "diverging": {"scheme": "purpleorange"},
    },
    "axis": {"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal", "labelOverlap": True},
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "columns": {"expr": "width < 420 ? 1 : 3"},
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelLimit": 300,
        "symbolSize": 300,
        "symbolStrokeWidth": 2.5,
    },
}
"""Vega-Lite configuration of a chart in a kernel, on white."""

_shown: Counter[str] = Counter()


def use() -> None:
    """Make the house style the style of this session (seaborn follows it too)."""
    mpl.rcParams.update(cast(Any, STYLE))


def new(width: float = 6.4, height: float = 3.6, **subplots: Any) -> tuple[Figure, Any]:
    """Open a figure in the house style.

    Parameters
    ----------
    width, height : float
        Inches. A page column is about 7 wide.
    **subplots
        Handed to `matplotlib.pyplot.subplots`, e.g. ``ncols=2, sharey=True``.

    Returns
    -------
    figure, axes
        As `matplotlib.pyplot.subplots` returns them.

    Examples
    --------
    >>> figure, (left, right) = new(ncols=2)
    >>> left.get_subplotspec().get_gridspec().ncols
    2
    """
    use()
    figure, axes = plt.subplots(figsize=(width, height), **subplots)
    return figure, axes


def show(figure: Figure | Axes, alt: str) -> None:
    """Display a figure, once, and close it.

    Parameters
    ----------
    figure : Figure or Axes
        An `Axes` stands for its figure.
    alt : str
        What the figure shows, for readers who do not see it: the message and the numbers that carry it.

    Raises
    ------
    ValueError
        If `alt` is empty.

    Examples
    --------
    >>> show(new()[0], alt=" ")
    Traceback (most recent call last):
    ...
    ValueError: a figure needs alt text: say in a sentence or two what it shows, e.g. show(figure, alt="...")
    """
    whole = cast(Figure, figure.figure) if isinstance(figure, Axes) else figure
    if not alt.strip():
        raise ValueError(
            'a figure needs alt text: say in a sentence or two what it shows, e.g. show(figure, alt="...")'
        )
    if os.environ.get("BOOK_BUILD") == "1":
        put({"text/html": markup(whole, alt), "text/plain": alt}, raw=True)
    else:
        put(whole)
    plt.close(whole)  # else the inline backend draws it a second time


def put(content: Any, raw: bool = False) -> None:
    """Display an object, or with `raw` a mapping from MIME types to contents, as the output of a cell.

    Parameters
    ----------
    content : object or dict
    raw : bool
    """
    display(content, raw=raw)  # type: ignore[no-untyped-call]


def markup(figure: Any, alt: str) -> str:
    """Return a figure as HTML that takes its colours from the page.

    Parameters
    ----------
    figure : Figure
        Any matplotlib figure; black becomes the page's ink, white the page's background, the palette
        the page's palette. Other colours stay as they are.
    alt : str
        Spoken in place of the figure.

    Returns
    -------
    str
        A ``<figure>`` with one inline ``<svg role="img">``. Identifiers are derived from the drawing, so the
        same figure gives the same page, and prefixed, so two figures of a page never share one.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "llma"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    # Metadata is for files; a style sheet in one drawing would hold for the whole page.
    drawing = re.sub(r"<(metadata|style)\b.*?</\1>", "", drawing, flags=re.DOTALL)
    prefix = identifier("plot", drawing)
    drawing = re.sub(r'\bid="', f'id="{prefix}-', drawing)
    drawing = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", drawing)
    drawing = themed(drawing)
    label = html.escape(" ".join(alt.split()), quote=True)
    # A fixed width in points would overflow a phone: the view box keeps the shape, CSS the size.
    width = re.search(r'width="([\d.]+)pt"', drawing)
    limit = f"{float(width.group(1)) / 72:.2f}in" if width else "100%"
    drawing = re.sub(r'\s(width|height)="[\d.]+pt"', "", drawing, count=2)
    drawing = drawing.replace("<svg", f'<svg role="img" aria-label="{label}" focusable="false"', 1)
    return f'<figure class="plot" style="max-width:{limit}">{drawing}</figure>'


def themed(drawing: str) -> str:
    """Return SVG text with house colours replaced by what the page makes of them.

    Examples
    --------
    >>> themed("stroke: #000000; fill: #2a5d84")
    'stroke: currentColor; fill: var(--llma-0, #2a5d84)'
    """
    drawing = re.sub(r"#000000\b|#000\b|\bblack\b(?=[;\"])", "currentColor", drawing)
    drawing = re.sub(r"#ffffff\b", "var(--llma-paper, #ffffff)", drawing)
    for k, colour in enumerate(LIGHT):
        drawing = re.sub(rf"{colour}\b", variable(k), drawing)
    return drawing


def variable(k: int) -> str:
    """Return the CSS of palette colour k, e.g. for ``alt.value(figures.variable(1))``.

    Examples
    --------
    >>> variable(1)
    'var(--llma-1, #ea580c)'
    """
    return f"var(--llma-{k}, {LIGHT[k]})"


def _page_configuration() -> dict[str, Any]:
    ink = "currentColor"
    axis = {name: ink for name in ("labelColor", "titleColor", "tickColor", "domainColor", "gridColor")}
    return ALTAIR | {
        "aria": False,  # the figure speaks for its marks, else each cell of a heat map is announced
        "background": None,
        "mark": {"color": variable(0)},
        "rule": {"color": ink},
        "text": {"color": ink},
        "title": {"color": ink, "subtitleColor": ink},
        "header": {"labelColor": ink, "titleColor": ink},
        "range": ALTAIR["range"] | {"category": [variable(k) for k in range(len(LIGHT))]},
        "axis": ALTAIR["axis"] | axis | {"gridOpacity": 0.15},
        "legend": ALTAIR["legend"] | {"labelColor": ink, "titleColor": ink},
    }


ALTAIR_PAGE: Final[dict[str, Any]] = _page_configuration()
"""The same on a page of the book: ink and palette are the page's."""


def identifier(kind: str, content: str) -> str:
    """Return an id that depends on the content alone, with a number from its second use in a session.

    Examples
    --------
    >>> identifier("doctest", "a") == identifier("doctest", "b")
    False
    >>> identifier("doctest", "twice")[-2:] == "-2", identifier("doctest", "twice")[-2:]
    (False, '-2')
    """
    base = f"{kind}-{uuid.uuid5(uuid.NAMESPACE_OID, content).hex[:10]}"
    _shown[base] += 1
    return base if _shown[base] == 1 else f"{base}-{_shown[base]}"
