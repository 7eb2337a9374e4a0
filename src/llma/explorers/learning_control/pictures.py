"""The figures of the published experiments: theirs on the left, repaired on the right."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from llma import figures
from llma.checks import Floats
from llma.explorers.learning_control.replays import pay_replay, stop_replay
from llma.policy_gradient.published import pay, stopping
from llma.policy_gradient.spsa import Trace

LEVELS = np.linspace(0, 1, 101)


def sweep() -> None:
    """Show cost and accuracy against the threshold, as published and repaired."""
    theirs, ours = stopping.replicate(LEVELS), stopping.repaired(LEVELS)
    _curves(
        _Row("cost", theirs.cost, ours.cost, (200, 1350)),
        _Row("accuracy", theirs.accuracy, ours.accuracy, (0.5, 1.02)),
        alt="Cost and accuracy against the threshold. Published: cost rises from 798 to 918, then falls to "
        "330, accuracy rises from .80 to .99. Repaired: cost falls from 509 in steps to 231 at a threshold "
        "of 0.97 and is 1,300 at 1, accuracy rises from .60 to .94 and is .82 at 1.",
    )


def stop_search() -> None:
    """Show the thresholds of the searches for a stopping threshold."""
    replay = stop_replay()
    _traces(
        replay.published,
        replay.repaired,
        alt="Thresholds of three runs against the step. Published: they jump, and mostly sit at zero. "
        "Repaired: they climb from one half to about 0.97 and stay.",
    )


def pay_sweep() -> None:
    """Show what is paid and how often the public is right, as published and repaired."""
    theirs, ours = pay.replicate(LEVELS), pay.repaired(LEVELS)
    _curves(
        _Row("sum paid", theirs.paid, ours.paid),
        _Row("public is right", theirs.right, ours.right, (0, 1.05)),
        alt="Sum of incentives and share of right public beliefs against the threshold. Published: the sum "
        "is negative, least near one half, zero from 0.75 on; the share rises from .17 to .95. Repaired: the "
        "sum falls from 156 to zero, and the share falls with it, from 1.00 to .78.",
    )


def pay_search() -> None:
    """Show the thresholds of the searches for a paying threshold."""
    replay = pay_replay()
    _traces(
        replay.published,
        replay.repaired,
        alt="Thresholds of three runs against the step. Published: they jump about to the end. Repaired: "
        "each settles, at about 0.1 or at 1.",
    )


class _Row(NamedTuple):
    """What a row of panels shows at `LEVELS`, as published and repaired; without limits each to its own."""

    name: str
    published: Floats
    repaired: Floats
    limits: tuple[float, float] | None = None


def _curves(*rows: _Row, alt: str) -> None:
    """Show quantities against the threshold, one a row: as published on the left, repaired on the right."""
    figure, axes = figures.new(width=6.4, height=4.2, nrows=len(rows), ncols=2, sharex=True)
    for panels, row in zip(axes, rows, strict=True):
        for panel, values in zip(panels, (row.published, row.repaired), strict=True):
            panel.plot(LEVELS, values)
            if row.limits is not None:
                panel.set_ylim(row.limits)
        panels[0].set_ylabel(row.name)
    for column, name in enumerate(("published", "repaired")):
        axes[0, column].set_title(name)
        axes[-1, column].set_xlabel("threshold")
    figures.show(figure, alt=alt)


def _traces(published: Trace, repaired: Trace, alt: str) -> None:
    """Show the thresholds of the first three runs of two searches, side by side."""
    figure, axes = figures.new(width=6.4, height=2.8, ncols=2, sharey=True)
    for panel, trace, name in zip(axes, (published, repaired), ("published", "repaired"), strict=True):
        panel.plot(trace.decoded[:, :3], linewidth=1)
        panel.set(xlabel="step", title=name, ylim=(-0.03, 1.03))
    axes[0].set_ylabel("threshold")
    figures.show(figure, alt=alt)
