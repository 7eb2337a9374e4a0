"""The figures of the published experiments: theirs on the left, repaired on the right."""

from __future__ import annotations

import numpy as np

from llma import figures
from llma.explorers.learning_control.replays import pay_replay, stop_replay
from llma.policy_gradient.published import pay, stopping
from llma.policy_gradient.spsa import Trace

LEVELS = np.linspace(0, 1, 101)


def sweep() -> None:
    """Show cost and accuracy against the threshold, as published and repaired."""
    figure, axes = figures.new(width=6.4, height=4.2, nrows=2, ncols=2, sharex=True)
    for column, found in enumerate((stopping.replicate(LEVELS), stopping.repaired(LEVELS))):
        axes[0, column].plot(LEVELS, found.cost)
        axes[1, column].plot(LEVELS, found.accuracy)
        axes[0, column].set(ylim=(200, 1350), title=("published", "repaired")[column])
        axes[1, column].set(ylim=(0.5, 1.02), xlabel="threshold")
    axes[0, 0].set_ylabel("cost")
    axes[1, 0].set_ylabel("accuracy")
    figures.show(
        figure,
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
    figure, axes = figures.new(width=6.4, height=4.2, nrows=2, ncols=2, sharex=True)
    for column, found in enumerate((pay.replicate(LEVELS), pay.repaired(LEVELS))):
        axes[0, column].plot(LEVELS, found.paid)
        axes[1, column].plot(LEVELS, found.right)
        axes[0, column].set_title(("published", "repaired")[column])
        axes[1, column].set(ylim=(0, 1.05), xlabel="threshold")
    axes[0, 0].set_ylabel("sum paid")
    axes[1, 0].set_ylabel("public is right")
    figures.show(
        figure,
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


def _traces(published: Trace, repaired: Trace, alt: str) -> None:
    """Show the thresholds of the first three runs of two searches, side by side."""
    figure, axes = figures.new(width=6.4, height=2.8, ncols=2, sharey=True)
    for panel, trace, name in zip(axes, (published, repaired), ("published", "repaired"), strict=True):
        panel.plot(trace.decoded[:, :3], linewidth=1)
        panel.set(xlabel="step", title=name, ylim=(-0.03, 1.03))
    axes[0].set_ylabel("threshold")
    figures.show(figure, alt=alt)
