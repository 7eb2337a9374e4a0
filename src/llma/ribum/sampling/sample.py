r"""Counts of choices: shares, their covariance, and the result that every test on counts returns.

In environment m and state x we saw N texts, of which n(u) led to action u. The rows (m, x) are independent,
and each is multinomial. The number of texts may differ from row to row; the tests take it as given.

Estimates. The share :math:`\hat p = n / N` is the point from which distances are measured. The covariance of
a row is :math:`(\mathrm{diag}\,\tilde p - \tilde p \tilde p^\top) / N` with
:math:`\tilde p = (n + \frac12)/(N + \frac U2)`: half a text is added to every cell, in the covariance only.
Without it a cell without counts would have variance zero, and one stray text a distance of infinity. With
it the covariance of any U - 1 cells of a row is positive definite, and as N grows it is as good as the plain
one wherever 0 < p < 1.

Whitened coordinates. In each row drop the last action and write :math:`p = \hat p + L z`, L the Cholesky
factor of the covariance. Then z is standard normal to first order, and distance from the shares, in standard
errors, is the length of z. It does not depend on which action is dropped.

>>> sample = Sample([[[60, 40], [0, 100]]])
>>> sample.shares[0]
array([[0.6, 0.4],
       [0. , 1. ]])
>>> round(float(sample.standard_errors([[[1, 0], [0, 0]]])), 4)  # of the share 0.6
0.049
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.sampling.forms import Violation

SMOOTHING = 0.5
"""Texts added to every cell when the covariance is estimated."""


@dataclass(frozen=True, eq=False)
class Sample:
    """How often each action was chosen.

    Parameters
    ----------
    counts : array_like of int, shape (M, X, U)
        Texts by environment, state and action.

    Raises
    ------
    ValueError
        Naming the first entry that is not a count.

    Examples
    --------
    >>> Sample([[[3, 1], [2, 2]]]).totals
    array([[4, 4]])
    """

    counts: Ints

    def __init__(self, counts: ArrayLike) -> None:
        table = checks.real_array(counts, "counts", ndim=3)
        bad = (table < 0) | (table != np.floor(table))
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise ValueError(
                f"counts: entry {where} is {table[where]:.6g}; expected how many texts, a whole number from 0"
            )
        whole = table.astype(np.int64)
        whole.setflags(write=False)
        object.__setattr__(self, "counts", whole)

    @property
    def totals(self) -> Ints:
        """Texts by environment and state, shape (M, X)."""
        return np.asarray(self.counts.sum(axis=2))

    def require_texts(self, method: str) -> None:
        """Raise a `ValueError` that names the first row without texts."""
        if (self.totals == 0).any():
            m, x = (int(i) for i in np.argwhere(self.totals == 0)[0])
            raise ValueError(
                f"counts: there is no text in state {x} of environment {m}, so method {method!r} has no "
                "estimate there; collect some, drop the environment, or use method 'box'"
            )

    @cached_property
    def shares(self) -> Floats:
        """Relative frequencies, shape (M, X, U); NaN in a row without texts."""
        totals = self.totals[:, :, None]
        out = np.full(self.counts.shape, np.nan)
        return np.asarray(np.divide(self.counts, totals, out=out, where=totals > 0))

    @cached_property
    def factors(self) -> Floats:
        """Cholesky factors L of the covariances, (M, X, U - 1, U - 1); without texts, those of one text."""
        totals, n_actions = np.maximum(self.totals[:, :, None], 1), self.counts.shape[2]
        smooth = ((self.counts + SMOOTHING) / (totals + SMOOTHING * n_actions))[..., :-1]
        covariance = smooth[..., None] * np.eye(n_actions - 1) - smooth[..., None] * smooth[..., None, :]
        return np.linalg.cholesky(covariance / totals[..., None])

    @cached_property
    def cells(self) -> Floats:
        """Gradients in z of the single shares, shape (M X U, M X (U - 1))."""
        size = self.counts.size
        return self.whiten(np.eye(size).reshape(size, *self.counts.shape))

    def whiten(self, coefficients: ArrayLike) -> Floats:
        """Return the gradients in z of linear forms, (..., M, X, U) to (..., M X (U - 1)).

        The length of a gradient is the standard error of the form at the shares.
        """
        forms = np.asarray(coefficients, dtype=np.float64)
        free = forms[..., :-1] - forms[..., -1:]
        rows = np.einsum("...mxi,mxij->...mxj", free, self.factors)
        return np.asarray(rows.reshape(*forms.shape[:-3], int(np.prod(rows.shape[-3:]))))

    def standard_errors(self, coefficients: ArrayLike) -> Floats:
        """Return the standard error of linear forms at the shares, (..., M, X, U) to (...)."""
        return np.asarray(np.linalg.norm(self.whiten(coefficients), axis=-1))

    def table(self, z: Floats) -> Floats:
        """Return the table at whitened coordinates z, (M X (U - 1),) to (M, X, U)."""
        n_environments, n_states, n_actions = self.counts.shape
        move = np.einsum("mxij,mxj->mxi", self.factors, z.reshape(n_environments, n_states, n_actions - 1))
        return np.asarray(self.shares + np.concatenate([move, -move.sum(axis=2, keepdims=True)], axis=2))


@dataclass(frozen=True, eq=False)
class CountsTest:
    """What a test on counts found.

    Attributes
    ----------
    method : str
        Which test.
    condition : {"niac", "nis"}
        What the hypothesis is: NIAS and NIAC, or NIAS and NIS.
    level : float
        Largest probability, or limit of it, of rejecting a table that satisfies the hypothesis; a promise
        that "plugin" and "bootstrap" do not keep.
    rejected : bool
    p_value : float or None
        Smallest level at which the test rejects; None where the method does not compute one.
    statistic : float
        Of the method, see its module.
    df : int or None
        Degrees of freedom, for the projection.
    certificate : Violation or None
        For a rejection: an inequality that the shares violate, with its standard error.
    table : ndarray, shape (M, X, U), or None
        The nearest rational table, for the projection; for the box the table in it that violates least.
    """

    method: str
    condition: str
    level: float
    rejected: bool
    p_value: float | None
    statistic: float
    df: int | None = None
    certificate: Violation | None = None
    table: Floats | None = None

    def __str__(self) -> str:
        """Return the verdict and the certificate."""
        verdict = "rejected" if self.rejected else "not rejected"
        chance = "" if self.p_value is None else f", p = {self.p_value:.3g}"
        reason = "" if self.certificate is None else f"; {self.certificate}"
        return f"{self.condition.upper()} {verdict} at level {self.level:g} ({self.method}{chance}){reason}"
