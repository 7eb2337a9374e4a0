"""The kettle of the story: its model, one run along given observations, and its learning region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import bayes
from llma.explorers import readings
from llma.social import SocialLearning

EVEN = (0.5, 0.5)
STORY = (1, 1, 0, 0, 0, 0)


@dataclass(frozen=True)
class Replay:
    """One run of the protocol along given observations.

    Attributes
    ----------
    observations, actions : tuple of int, length n
    beliefs : tuple of float, length n + 1
        Public probability of state 1; entry k is before agent k acts.
    private : tuple of float, length n
        Private probability of state 1.
    cascade : tuple of bool, length n
        Whether agent k acts in a cascade.
    """

    observations: tuple[int, ...]
    actions: tuple[int, ...]
    beliefs: tuple[float, ...]
    private: tuple[float, ...]
    cascade: tuple[bool, ...]


def sensor(accuracy: float) -> readings.Sensor:
    """Return the symmetric binary likelihood of a given accuracy.

    >>> sensor(0.75)
    ((0.75, 0.25), (0.25, 0.75))
    """
    return readings.symmetric(accuracy)


def costs(kappa: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return costs of ratio `kappa`: recommending a bad product costs kappa, missing a good one costs 1.

    >>> costs(2.0)
    ((0.0, 2.0), (1.0, 0.0))
    """
    return ((0.0, kappa), (1.0, 0.0))


def kettle(accuracy: float = 0.7, kappa: float = 1.0, tie: str = "low") -> SocialLearning:
    """Return the model of the chapter's story: two states, two readings, two actions."""
    return SocialLearning(np.array(sensor(accuracy)), np.array(costs(kappa)), tie=tie)


def replay(model: SocialLearning, prior: ArrayLike, observations: Sequence[int]) -> Replay:
    """Run the protocol with the observations given.

    Parameters
    ----------
    model : SocialLearning
        Two states; any tie rule but "coin", whose actions are random.
    prior : array_like, shape (2,)
    observations : sequence of int
        One for each agent, in order.

    Returns
    -------
    Replay

    Examples
    --------
    >>> run = replay(kettle(), (0.5, 0.5), (1, 1, 0, 0, 0, 0))
    >>> run.actions
    (1, 1, 1, 1, 1, 1)
    >>> [round(q, 3) for q in run.beliefs]
    [0.5, 0.7, 0.845, 0.845, 0.845, 0.845, 0.845]
    """
    belief = np.asarray(prior, dtype=float)
    previous: int | None = None
    actions: list[int] = []
    private: list[float] = []
    cascade: list[bool] = []
    beliefs = [float(belief[1])]
    for y in observations:
        cascade.append(bool(model.is_cascade(belief, previous=previous)))
        private.append(float(bayes.posterior(belief, model.likelihood, y)[1]))
        u = int(model.action(belief, y, previous=previous))
        belief = model.public_update(belief, u, previous=previous)
        previous = u
        actions.append(u)
        beliefs.append(float(belief[1]))
    return Replay(
        tuple(int(y) for y in observations), tuple(actions), tuple(beliefs), tuple(private), tuple(cascade)
    )


def diary(model: SocialLearning, prior: ArrayLike, observations: Sequence[int]) -> str:
    """Return one line an agent: what it read, believed and did, and what the crowd believed then.

    >>> print(diary(kettle(), (0.5, 0.5), (1, 1, 0)))
    agent reads belief says crowd
        0  good  0.700  yes 0.700
        1  good  0.845  yes 0.845
        2   bad  0.700  yes 0.845 *
    * in a cascade
    """
    run = replay(model, prior, observations)
    lines = ["agent reads belief says crowd"]
    for k, y in enumerate(run.observations):
        read, said = ("bad", "good")[y], ("no", "yes")[run.actions[k]]
        mark = " *" if run.cascade[k] else ""
        lines.append(f"{k:5d}{read:>6}{run.private[k]:7.3f}{said:>5}{run.beliefs[k + 1]:6.3f}{mark}")
    return "\n".join([*lines, "* in a cascade"] if any(run.cascade) else lines)


def regions(accuracies: Sequence[float], kappas: Sequence[float], tie: str = "low") -> str:
    """Return a table of learning regions of the symmetric sensor: a row an accuracy, a column a cost ratio.

    >>> print(regions((0.7,), (1.0,)))
      p     kappa=1.0
    0.7  (0.30, 0.70]
    """
    lines = ["  p" + "".join(f"{f'kappa={kappa}':>14}" for kappa in kappas)]
    for accuracy in accuracies:
        cells = []
        for kappa in kappas:
            region = kettle(accuracy, kappa, tie).cascade_region()
            left, right = "[" if region.lower_closed else "(", "]" if region.upper_closed else ")"
            cells.append(f"  {left}{region.lower:.2f}, {region.upper:.2f}{right}")
        lines.append(f"{accuracy:3.1f}" + "".join(cells))
    return "\n".join(lines)


def learning_ends(accuracy: float, kappa: float) -> tuple[float, float]:
    """Return both ends of the learning region of the symmetric sensor.

    >>> [round(end, 4) for end in learning_ends(0.8, 2.0)]
    [0.3333, 0.8889]
    """
    ratio = accuracy / (1 - accuracy)
    return kappa / (kappa + ratio), kappa / (kappa + 1 / ratio)
