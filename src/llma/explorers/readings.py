"""What the agents of many chapters read: the true state with one probability, or a Gaussian number.

There are two states. A symmetric reading of accuracy p shows the state with probability p, whichever it is. A
Gaussian reading is -1 or 1, as the state is 0 or 1, plus a normal error; a row of agents who have such
readings and see all earlier actions is computed on a grid, see `llma.social.gaussian`.

>>> symmetric(0.75)
((0.75, 0.25), (0.25, 0.75))
>>> gaussian_errors(1.0, 10)[[0, 9]].round(4)
array([0.1587, 0.0144])
"""

from __future__ import annotations

from functools import cache

import numpy as np

from llma.checks import Floats
from llma.social import gaussian

Sensor = tuple[tuple[float, float], tuple[float, float]]


def symmetric(accuracy: float) -> Sensor:
    """Return the likelihood of a reading that is right with this probability in either state."""
    return ((accuracy, 1 - accuracy), (1 - accuracy, accuracy))


@cache
def gaussian_errors(sigma: float, n_agents: int) -> Floats:
    """Return the error of each agent in a row with Gaussian readings, mean over the states, shape (n,)."""
    law = gaussian.wrong_action_probabilities(n_agents, sigma, spacing=2e-3)
    return np.asarray(law.p_wrong_action.mean(axis=1))
