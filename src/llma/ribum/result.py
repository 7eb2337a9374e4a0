"""What a test returns: the verdict, its margin, costs that explain the data, or the proof that none do."""

from __future__ import annotations

from dataclasses import dataclass

from llma.checks import Floats
from llma.ribum.certificates import CycleCertificate, EnvyCertificate, SwitchCertificate


@dataclass(frozen=True, eq=False)
class RibumResult:
    """The verdict of `llma.ribum.test`.

    Attributes
    ----------
    rational : bool
        Whether NIAS and NIAC hold. Slacks that are zero, or negative by less than 1e-8 of the environment's
        stake, are no violation.
    margin : float
        The smaller of the least NIAS slack (used actions, v != u) and the least mean weight of a cycle of
        two or more environments, in units of utility. Infinite if there is nothing to compare.
    utility : ndarray, shape (M, X, U)
        The utility at which the conditions were tested.
    attention_cost : ndarray, shape (M,)
        The least costs c >= 0 that explain the data; NaN if none do.
    certificate : SwitchCertificate, CycleCertificate or None
        Why the data are rejected; None if they are not. A failure of NIAS comes before a failure of NIAC.
    switch : SwitchCertificate or None
        The action switch that gains most, if NIAS fails.
    cycle : CycleCertificate or None
        A shortest improving attention cycle, if NIAC fails.
    slack : ndarray, shape (M, U, U)
        NIAS slacks.
    weights : ndarray, shape (M, M)
        NIAC weights.
    cost : str
        What the cost of attention may depend on, "kernel" or "posterior".
    notes : tuple of str
        Degenerate features of the data, in sentences.
    restriction : str or None
        None for a known utility. Else which utilities were admitted: `rational` then says whether one of
        them fits and leaves the agent something to lose, `margin` is the largest of all, and the other
        fields belong to one utility that was chosen.
    """

    rational: bool
    margin: float
    utility: Floats
    attention_cost: Floats
    switch: SwitchCertificate | None
    cycle: CycleCertificate | None
    slack: Floats
    weights: Floats
    cost: str
    notes: tuple[str, ...] = ()
    restriction: str | None = None

    @property
    def certificate(self) -> SwitchCertificate | CycleCertificate | None:
        """Why the data are rejected, the simplest reason first."""
        return self.switch or self.cycle

    def __str__(self) -> str:
        """Return the verdict and its reason, one sentence a line."""
        verdict = "rational" if self.rational else "not rational"
        if self.restriction is not None:
            which = "some admissible utility" if self.rational else "any admissible utility that matters"
            verdict = f"{verdict} for {which}"
        lines = [f"{verdict} (margin {_shown(self.margin, self.rational)})"]
        lines += [str(found) for found in (self.switch, self.cycle) if found is not None]
        return "\n".join([*lines, *self.notes])


@dataclass(frozen=True, eq=False)
class NisResult:
    """The verdict of `llma.ribum.nis`.

    Attributes
    ----------
    rational : bool
        Whether an agent with a fixed capacity could have made these choices.
    margin : float
        The least slack: own value minus K[m, k], k != m, or a NIAS slack (used actions, v != u).
    slack : ndarray, shape (M, M)
        Own value of m minus K[m, k].
    certificate : SwitchCertificate, EnvyCertificate or None
        Why the data are rejected.
    """

    rational: bool
    margin: float
    slack: Floats
    certificate: SwitchCertificate | EnvyCertificate | None

    def __str__(self) -> str:
        """Return the verdict and its reason, one sentence a line."""
        verdict = "fits a fixed capacity" if self.rational else "does not fit a fixed capacity"
        reason = [] if self.certificate is None else [str(self.certificate)]
        return "\n".join([f"{verdict} (margin {_shown(self.margin, self.rational)})", *reason])


def _shown(margin: float, passed: bool) -> str:
    """Return the margin in digits; one that is negative by rounding only shows as 0."""
    return f"{max(margin, 0.0) if passed else margin:.6g}"
