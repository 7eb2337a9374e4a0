"""Two figures: who looks at whom in a packed sequence, and stated against observed shares of yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from llma import figures
from llma.explorers.sensor.sample import short
from llma.reliability import Reliability
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


def reliability_figure(tables: Mapping[str, Reliability]) -> Figure:
    """Return stated probability against share of true yes, one line a table; larger dots, more answers."""
    figure, axes = figures.new(width=4.2, height=3.8)
    axes.plot([0, 1], [0, 1], color="#808080", linestyle="-", linewidth=1)
    for name, table in tables.items():
        used = table.count > 0
        (line,) = axes.plot(
            table.stated[used], table.observed[used], label=f"{short(name)} (error {table.error:.2f})"
        )
        size = 12 + 160 * table.count[used] / table.count.sum()
        axes.scatter(table.stated[used], table.observed[used], s=size, color=line.get_color(), zorder=3)
    axes.set(
        xlabel="stated probability of yes", ylabel="share of true yes", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    axes.legend(loc="upper left")
    return figure
