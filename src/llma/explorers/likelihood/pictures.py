"""A figure: stated against observed shares of yes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from llma import figures
from llma.explorers.likelihood.sample import short
from llma.reliability import Reliability


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
