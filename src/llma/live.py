"""An explorer in a kernel: sliders, and a picture that follows them.

Design. The face is built of core ipywidgets alone, so that it lives wherever widgets live (JupyterLab, VS
Code, Colab): sliders, and one `ipywidgets.HTML` whose value is written anew at every move. There is no
Output widget: nbclient answers for one on the socket on which it waits for the reply of the cell, and may
then miss that the reply has come. The run would stand still until the time limit of the cell.

Drawing. With vl_convert the picture is SVG, which needs neither a script nor a network. Without it (on
Colab) the picture is a frame, in which the reader's browser loads Vega from the address that Altair gives.

Errors. The first setting is drawn while the cell runs, so a function that fails there fails the cell. One
that fails at a later move shows its error in place of the picture, and raises it: a kernel logs it, and a
cell that moves the slider fails.

>>> import altair as alt
>>> from llma.explore import Slider, explore
>>> dot = alt.Chart(alt.NamedData("now")).mark_point().encode(x="x:Q")
>>> stops = Slider("x", "Place", [0, 1], start=0)
>>> dots = explore(lambda x: {"x": [x], "half": x / 2}, [stops], dot, title="A", alt="B")
>>> _, slider, picture = widget(dots).children
>>> slider.value = 1
>>> picture.value[-25:]
'<p>half: <b>0.500</b></p>'
"""

import html
import importlib.util
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets

from llma import charts, figures

if TYPE_CHECKING:
    from llma.explore import Explorer

WIDTH: Final = 480
"""Pixels across the chart."""

MARGIN: Final = 120
"""Pixels that axis and legend usually add to the height of a chart."""

FIT: Final = (
    "<script>new ResizeObserver(() => { if (frameElement) frameElement.style.height = "
    "document.documentElement.scrollHeight + 'px' }).observe(document.body)</script>"
)
"""Run in a frame: makes it higher when a chart needs more, where the page around it allows that."""


def widget(explorer: "Explorer") -> Any:
    """Return sliders and picture of an explorer.

    Parameters
    ----------
    explorer : Explorer

    Returns
    -------
    ipywidgets.VBox
        Its children are the title, the sliders in order, and the picture with the read-outs.

    Raises
    ------
    ValueError
        If the function fails at the first setting.
    """
    picture = widgets.HTML(markup(explorer, **explorer.start))
    controls = {
        slider.name: widgets.SelectionSlider(
            options=list(zip(slider.texts, slider.values, strict=True)),
            value=slider.values[slider.index],
            description=slider.label,
            style={"description_width": "14em"},
            layout=widgets.Layout(width="min(36em, 98%)"),
        )
        for slider in explorer.sliders
    }

    def move(_: Any) -> None:
        try:
            picture.value = markup(explorer, **{name: control.value for name, control in controls.items()})
        except Exception as error:
            picture.value = f'<p role="alert">{html.escape(str(error))}</p>'
            raise

    for control in controls.values():
        control.observe(move, "value")
    heading = widgets.HTML(f"<b>{html.escape(explorer.title)}</b>")
    return widgets.VBox([heading, *controls.values(), picture])


def markup(explorer: "Explorer", **setting: Any) -> str:
    """Return chart and read-outs of one setting as HTML.

    Parameters
    ----------
    explorer : Explorer
    **setting
        One value for every slider.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the function fails; see `Explorer.evaluate`.
    """
    rows, readouts = explorer.at(**setting)
    spec = charts.specification(explorer.chart, figures.ALTAIR, rows, WIDTH)
    if importlib.util.find_spec("vl_convert"):
        drawn = charts.svg(spec, figures.identifier("live", explorer.title))
        picture = f'<div role="img" aria-label="{html.escape(explorer.alt)}">{drawn}</div>'
    else:
        picture = frame(explorer, spec)
    # Notebook front ends lay definition lists out in their own ways: plain text it is.
    pairs = [f"{html.escape(name)}: <b>{html.escape(text)}</b>" for name, text in readouts.items()]
    return picture + (f"<p>{' &emsp; '.join(pairs)}</p>" if pairs else "")


def frame(explorer: "Explorer", spec: dict[str, Any]) -> str:
    """Return an `<iframe>` in which the browser draws a specification.

    Parameters
    ----------
    explorer : Explorer
        Its chart has the class that can write a page, its text stands for the picture.
    spec : dict

    Returns
    -------
    str
    """
    chart = type(explorer.chart).from_dict(spec, validate=False)
    page = chart.to_html(embed_options={"actions": False, "renderer": "svg"}).replace(
        "</body>", f"{FIT}</body>"
    )
    return (
        f'<iframe title="{html.escape(explorer.alt)}" srcdoc="{html.escape(page)}" '
        f'style="border: 0; width: {WIDTH + 20}px; max-width: 100%; height: {spec["height"] + MARGIN}px">'
        "</iframe>"
    )
