"""A picture of the MLR order with three states: what lies above a belief, and what below."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import figures
from llma.checks import Floats


def above_and_below(belief: ArrayLike) -> tuple[Floats, Floats]:
    """Return the corners of the two triangles of beliefs that are higher and lower in the MLR order.

    For three states, all thought possible, pi is higher than b if and only if pi(1) b(0) >= pi(0) b(1) and
    pi(2) b(1) >= pi(1) b(2). The two borders are lines through b, to e_2 and from e_0: one of each bundle.

    Parameters
    ----------
    belief : array_like, shape (3,), positive

    Returns
    -------
    above, below : ndarray, shape (3, 3)
        One belief a row.

    >>> above_and_below([0.5, 0.25, 0.25])[0]
    array([[0.5 , 0.25, 0.25],
           [0.  , 0.  , 1.  ],
           [0.  , 0.5 , 0.5 ]])
    """
    b = np.asarray(belief, dtype=float)
    if b.shape != (3,) or not (b > 0).all():
        raise ValueError(f"the triangles need three positive probabilities, not {b}")
    above = np.stack([b, [0.0, 0.0, 1.0], np.array([0.0, b[1], b[2]]) / (b[1] + b[2])])
    below = np.stack([b, [1.0, 0.0, 0.0], np.array([b[0], b[1], 0.0]) / (b[0] + b[1])])
    return above, below


def place(beliefs: ArrayLike) -> tuple[Floats, Floats]:
    """Return where beliefs stand in the triangle: state 0 left, state 2 right, state 1 on top."""
    pi = np.asarray(beliefs, dtype=float)
    return np.asarray(pi[..., 2] + pi[..., 1] / 2), np.asarray(np.sqrt(3) / 2 * pi[..., 1])


def order(belief: ArrayLike = (0.45, 0.25, 0.3)) -> None:
    """Show the triangle of beliefs, with those above and those below one belief shaded."""
    figure, axes = figures.new(width=4.2, height=3.6)
    above, below = above_and_below(belief)
    names = (("higher", above, "//"), ("lower", below, ".."))
    for k, (name, corners, hatch) in enumerate(names):
        axes.fill(*place(corners), facecolor="none", edgecolor=figures.LIGHT[k], hatch=hatch, linewidth=0)
        x, y = place(corners.mean(axis=0))
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.annotate(name, (float(x), float(y) - 0.02), ha="center", bbox=box)
    for k, ends in enumerate(([above[1], below[2]], [below[1], above[2]])):
        axes.plot(*place(np.array(ends)), color=figures.LIGHT[2 + k], linewidth=1.5)
    axes.plot(*place(np.eye(3)[[0, 2, 1, 0]]), "-", color="black", linewidth=1)
    x, y = place(belief)
    axes.plot(x, y, "o", color="black")
    axes.annotate("π′", (float(x), float(y) + 0.06), ha="center")
    for name, spot in (("$e_0$", (-0.03, -0.08)), ("$e_2$", (1.03, -0.08)), ("$e_1$", (0.5, 0.9))):
        axes.annotate(name, spot, ha="center")
    axes.set(xlim=(-0.1, 1.1), ylim=(-0.1, 0.97), aspect="equal")
    axes.axis("off")
    figures.show(
        figure,
        alt="The triangle of beliefs. Two lines cross at a belief: one runs to the right corner, e_2, the "
        "other comes from the left corner, e_0. Higher beliefs fill the triangle between the belief, the "
        "corner e_2 and the edge from e_1 to e_2; lower ones the triangle between it, e_0 and that to e_1.",
    )
