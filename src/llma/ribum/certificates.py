r"""Why data are rejected, in a sentence that can be checked with pencil and paper.

A rejection is a proof of impossibility, and a short one. If NIAS fails, it names one action, one better
action, and what the better one would have gained. If NIAC fails, it names a cycle of environments. Let each
member take the attention of the next. Every experiment is still used exactly once, so the total bill for
attention is unchanged whatever attention costs, but the total of utilities rises. If NIS fails, it names the
environment that envies and the one that is envied.

>>> print(SwitchCertificate(environment=2, action=1, instead=0, slack=-0.2))
In environment 2, doing 0 whenever 1 was done would gain 0.2.
>>> print(CycleCertificate(environments=(0, 2, 1), weights=(0.0, -0.75, 0.5), total=-0.25))
Let 0 take the attention of 2, 2 that of 1, 1 that of 0: they lose 0, -0.75, 0.5 of utility, -0.25 together,
and the bill for attention stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from llma.checks import Floats


@dataclass(frozen=True)
class SwitchCertificate:
    """An improving action switch.

    Attributes
    ----------
    environment, action, instead : int
        Where, what was done, and what would have been better.
    slack : float
        The loss from switching, which is negative: sum over x of pi(x) p(action given x) times
        (r(x, action) - r(x, instead)), in units of utility.
    """

    environment: int
    action: int
    instead: int
    slack: float

    def __str__(self) -> str:
        """Return the certificate as a sentence."""
        return (
            f"In environment {self.environment}, doing {self.instead} whenever {self.action} was done would "
            f"gain {-self.slack:.6g}."
        )


@dataclass(frozen=True)
class CycleCertificate:
    """An improving attention cycle.

    Attributes
    ----------
    environments : tuple of int
        Each takes the attention of the next, the last that of the first.
    weights : tuple of float
        What each loses, K[m, m] - K[m, next], in units of utility; negative numbers are gains.
    total : float
        Their sum, which is negative.
    """

    environments: tuple[int, ...]
    weights: tuple[float, ...]
    total: float

    def __str__(self) -> str:
        """Return the certificate as a sentence."""
        following = (*self.environments[1:], self.environments[0])
        first, *others = zip(self.environments, following, strict=True)
        swaps = [f"{first[0]} take the attention of {first[1]}", *(f"{m} that of {k}" for m, k in others)]
        losses = ", ".join(f"{weight + 0.0:.6g}" for weight in self.weights)
        return (
            f"Let {', '.join(swaps)}: they lose {losses} of utility, {self.total:.6g} together, and the bill "
            "for attention stays the same."
        )


@dataclass(frozen=True)
class EnvyCertificate:
    """An environment that would do better with the attention of another (or its own, better used).

    Attributes
    ----------
    environment, envied : int
        Who would gain, and whose attention it should have had.
    slack : float
        Own value minus K[environment, envied], which is negative.
    """

    environment: int
    envied: int
    slack: float

    def __str__(self) -> str:
        """Return the certificate as a sentence."""
        return (
            f"Environment {self.environment} would gain {-self.slack:.6g} with the attention of environment "
            f"{self.envied}, used at its best."
        )


def cycle_certificate(weights: Floats, cycle: tuple[int, ...]) -> CycleCertificate:
    """Return the certificate of a cycle, with the weights along it.

    Examples
    --------
    >>> import numpy as np
    >>> cycle_certificate(np.array([[0.0, -1.0], [0.25, 0.0]]), (0, 1)).total
    -0.75
    """
    following = (*cycle[1:], cycle[0])
    along = tuple(float(weights[m, k]) for m, k in zip(cycle, following, strict=True))
    return CycleCertificate(cycle, along, sum(along))
