r"""A threshold between 0 and 1 as a point on a circle: gamma = sin(theta)**2.

A step of a gradient method may lead out of [0, 1]. On the circle it cannot: every angle is a threshold. The
price is two stationary points that have nothing to do with the cost. By the chain rule

.. math:: \frac{d}{d\theta} J(\sin^2\theta) = \sin(2\theta)\, J'(\gamma),

which is zero at :math:`\theta = 0` and :math:`\theta = \pi/2`, that is at the thresholds 0 and 1, whatever J
is. The two functions are symmetric about these angles, :math:`\sin^2(\theta^* + h) = \sin^2(\theta^* - h)`,
so a symmetric difference with common random numbers is *exactly* zero there. Do not start there.

The logistic map :math:`\gamma = 1/(1 + e^{-u})` has no such points at finite u; its slope vanishes at
infinity only.

>>> round(float(threshold_of(angle_of(0.3))), 12)
0.3
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats


def threshold_of(angle: ArrayLike) -> Floats:
    """Return the threshold of an angle: its squared sine.

    Examples
    --------
    >>> threshold_of([0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]).round(3)
    array([0. , 0.5, 1. , 0.5])
    """
    return np.asarray(np.sin(np.asarray(angle, dtype=np.float64)) ** 2)


def angle_of(threshold: ArrayLike) -> Floats:
    """Return the angle between 0 and pi / 2 of a threshold.

    Raises
    ------
    ValueError
        If a threshold is not between 0 and 1.
    """
    return np.asarray(np.arcsin(np.sqrt(checks.probabilities(threshold, "threshold"))))
