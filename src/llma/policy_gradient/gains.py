r"""Gains: how far a step of stochastic approximation goes, and how wide it looks.

Step k of a Kiefer-Wolfowitz method moves by :math:`a_k\hat g_k` and measures the slope over a width of
:math:`2c_k`. Spall's gains are

.. math:: a_k = \frac{a}{(k + 1 + A)^{\alpha}}, \qquad c_k = \frac{c}{(k+1)^{\gamma}}.

Convergence proofs ask for :math:`a_k, c_k \to 0`, :math:`\sum a_k = \infty` and
:math:`\sum (a_k / c_k)^2 < \infty`: steps that can go anywhere, and noise that dies out. For Spall's gains
this means :math:`0 < \alpha \le 1`, :math:`\gamma > 0` and :math:`\alpha - \gamma > 1/2`. The usual pair
0.602 and 0.101 meets the last one with 0.001 to spare.

Reference. Spall, IEEE Transactions on Aerospace and Electronic Systems 34, 1998.

>>> Gains().step(0) > Gains().step(99) > 0, Gains().admissible
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Protocol


class GainSequence(Protocol):
    """How far a step goes and how wide it looks, for k = 0, 1, ..."""

    def step(self, k: int) -> float:
        """Return a_k."""

    def width(self, k: int) -> float:
        """Return c_k, positive."""


@dataclass(frozen=True)
class Gains:
    """Spall's gains.

    Parameters
    ----------
    a, c : float
        Sizes of the step and of the width, positive: `a` in units of the parameter squared per unit of cost,
        `c` in units of the parameter.
    stability : float
        A >= 0: damps the first steps; about a tenth of the number of iterations.
    alpha, gamma : float
        Exponents of the decay, not negative. With zero a gain does not shrink.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> gains = Gains(a=0.2, c=0.1, stability=9)
    >>> round(gains.step(0), 4), round(gains.width(0), 4)
    (0.05, 0.1)
    >>> Gains(gamma=0.2).admissible
    False
    """

    a: float = 0.2
    c: float = 0.1
    stability: float = 10.0
    alpha: float = 0.602
    gamma: float = 0.101

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("a", "c"):
            value = getattr(self, name)
            if not (value > 0 and isfinite(value)):
                raise ValueError(f"{name}: is {value}; expected a positive number")
        for name in ("stability", "alpha", "gamma"):
            value = getattr(self, name)
            if not (value >= 0 and isfinite(value)):
                raise ValueError(f"{name}: is {value}; expected a number that is not negative")

    def step(self, k: int) -> float:
        """Return a_k."""
        return float(self.a / (k + 1 + self.stability) ** self.alpha)

    def width(self, k: int) -> float:
        """Return c_k."""
        return float(self.c / (k + 1) ** self.gamma)

    @property
    def admissible(self) -> bool:
        """Whether the sums of the convergence theorem behave: the steps diverge, the noise does not."""
        return 0 < self.alpha <= 1 and self.gamma > 0 and self.alpha - self.gamma > 0.5
