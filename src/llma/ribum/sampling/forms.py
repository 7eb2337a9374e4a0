r"""Linear inequalities that every rational table satisfies, and the sentences that say what they forbid.

A form belongs to a switch of actions (NIAS), to a cycle of attention (NIAC) or to a pair of environments
(NIS), with *maps* that say what is done after each action of the other environment. A negative value of a
form at a table is a gain that the agent has left lying, in units of utility, and can be recomputed by hand
from the environments and the maps.

>>> form = LinearForm((0, 1), ((0, 1), (0, 1)), np.array([[[0, 1], [1, 0]], [[0, -1], [-1, 0]]]))
>>> print(Violation(form, float(form.value([[[0.7, 0.3], [0.3, 0.7]], [[0.5, 0.5], [0.5, 0.5]]]))))
environment 0 takes the attention of 1, and 1 that of 0: total utility changes by +0.4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma.checks import Floats


@dataclass(frozen=True, eq=False)
class LinearForm:
    """One linear inequality L(p) >= 0 that every rational table satisfies.

    Attributes
    ----------
    environments : tuple of int
        The cycle m_1, ..., m_n; one environment for NIAS, and the pair m, k for NIS.
    maps : tuple of tuple of int
        What each environment of the cycle would do after each action of the next.
    coefficients : ndarray, shape (M, X, U)
        L(p) is the sum of coefficients times p. Units of utility.
    envy : bool
        Whether it is a form of NIS, where environment m takes the attention of k and gives nothing back.
    """

    environments: tuple[int, ...]
    maps: tuple[tuple[int, ...], ...]
    coefficients: Floats
    envy: bool = False

    def value(self, choice: ArrayLike) -> Floats:
        """Return L(p) for one table or a stack of tables, shape (..., M, X, U): units of utility."""
        return np.asarray((np.asarray(choice, dtype=np.float64) * self.coefficients).sum(axis=(-3, -2, -1)))

    @property
    def sentence(self) -> str:
        """What the inequality forbids to pay, in words."""
        if len(self.environments) == 1:
            moved = [(u, v) for u, v in enumerate(self.maps[0]) if u != v]
            switch = ", ".join(f"action {v} instead of {u}" for u, v in moved) or "no switch"
            return f"environment {self.environments[0]}: {switch}"
        if self.envy:
            m, k = self.environments
            return f"environment {m} takes the attention of {k}{_replies(self.maps[0])}"
        pairs = zip(self.environments, (*self.environments[1:], self.environments[0]), strict=True)
        (first, second), *rest = pairs
        return f"environment {first} takes the attention of {second}{_replies(self.maps[0])}" + "".join(
            f", {'and ' if i == len(rest) - 1 else ''}{m} that of {k}{_replies(self.maps[i + 1])}"
            for i, (m, k) in enumerate(rest)
        )

    def __str__(self) -> str:
        """Return the sentence alone."""
        return self.sentence


@dataclass(frozen=True)
class Violation:
    """A form with its value at a table.

    Attributes
    ----------
    form : LinearForm
    value : float
        L(p), negative for a violation. Units of utility.
    standard_error : float
        Of the value, if the table was estimated; NaN otherwise.
    """

    form: LinearForm
    value: float
    standard_error: float = float("nan")

    def __str__(self) -> str:
        """Return a sentence that can be checked by hand."""
        what = "total utility" if len(self.form.environments) > 1 and not self.form.envy else "utility"
        error = "" if np.isnan(self.standard_error) else f" (s.e. {self.standard_error:.3g})"
        return f"{self.form}: {what} changes by {-self.value:+.4g}{error}"


@dataclass(frozen=True, eq=False)
class Candidates:
    """Forms of one table in arrays: coefficients (F, M, X, U), and what they are."""

    coefficients: Floats
    cycles: tuple[tuple[int, ...], ...]
    switches: tuple[tuple[int, int, int], ...]
    maps: NDArray[np.intp]
    envy: bool

    def form(self, index: int) -> LinearForm:
        """Return one of them as an object; the switches come first."""
        table = np.array(self.coefficients[index])
        if index < len(self.switches):
            m, u, v = self.switches[index]
            identity = tuple(range(self.maps.shape[-1]))
            return LinearForm((m,), ((*identity[:u], v, *identity[u + 1 :]),), table)
        cycle = self.cycles[index - len(self.switches)]
        pairs = [cycle] if self.envy else list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        maps = tuple(tuple(int(v) for v in self.maps[m, k]) for m, k in pairs)
        return LinearForm(cycle, maps, table, self.envy)


def _replies(replies: tuple[int, ...]) -> str:
    """Return what is done after the other environment's actions, where it is not the same action."""
    moved = ", ".join(f"{v} after {u}" for u, v in enumerate(replies) if u != v)
    return f" (doing {moved})" if moved else ""
