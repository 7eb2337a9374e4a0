"""A figure: who looks at whom in a packed sequence."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from llma import figures
from llma.sensing.packing import Packed


def mask_figure(packed: Packed, labels: Sequence[str]) -> Figure:
    """Return a picture of who may look at whom in a packed sequence.

    Parameters
    ----------
    packed : Packed
        T tokens.
    labels : sequence of T str
        What to write for each token.
    """
    figure, axes = figures.new(width=4.2, height=4.0)
    size = len(labels)
    for row in range(size):
        for column in range(row + 1):
            seen = bool(packed.mask[row, column])
            axes.add_patch(
                Rectangle(
                    (column - 0.44, row - 0.44),
                    0.88,
                    0.88,
                    facecolor=figures.LIGHT[0] if seen else "none",
                    edgecolor=figures.LIGHT[0],
                    linewidth=0.6,
                )
            )
    axes.set(xlim=(-0.6, size - 0.4), ylim=(size - 0.4, -0.6), aspect="equal")
    axes.set_xticks(range(size), labels, rotation=90)
    axes.set_yticks(range(size), [f"{label}  {t}" for label, t in zip(labels, packed.positions, strict=True)])
    axes.set(xlabel="token that is looked at", ylabel="token that looks, and its position")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure
