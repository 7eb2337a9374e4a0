r"""Posterior-separable costs when priors differ: a finite linear programme, and a certificate.

Model. The cost of attention is :math:`C_m(\mu) = \int H\,d\mu - H(\pi_m)` for the distribution :math:`\mu` of
posteriors, with one convex function H on beliefs, the same in every environment. (Shannon's cost has
:math:`-\lambda` times the entropy for H.) Priors may differ, and distributions with different means cannot be
exchanged for each other, so NIAC compares nothing across priors. But H is shared.

Proposition (UPS). Let :math:`V_m(\eta) = \max_u \sum_x \eta(x) r_m(x,u)`, and let every prior have full
support. The data are those of an agent with such a cost if and only if NIAS holds and there are vectors
:math:`\ell_m` with

.. math:: V_m(\eta) - \ell_m^\top \eta \ge V_k(\eta) - \ell_k^\top \eta

for all environments m and k and every revealed posterior :math:`\eta` of m. Then
:math:`H(\eta) = \max_k \{V_k(\eta) - \ell_k^\top\eta\}` is such a function.

Algorithm. One linear programme: the largest :math:`\varepsilon \le 0` with left side minus right side at
least :math:`\varepsilon` in every row. It is always feasible, and its optimum is 0 exactly if the vectors
exist. (Without the cap it can be unbounded: where the posteriors of two environments are separated by a
hyperplane, nothing is compared.)

Certificate of a rejection. Linear-programming duality gives weights :math:`a_{mk\eta} \ge 0` that sum to one,
such that for every environment the posteriors that it lends and those that it borrows have the same weighted
sum, and :math:`\sum a_{mk\eta}\,(V_m(\eta) - V_k(\eta)) < 0`. For two environments: a mixture of posteriors
of 0 and a mixture of posteriors of 1 hit the same belief, and exchanging them would pay.

Reference. Caplin, Dean and Leahy, Journal of Political Economy 130, 2022, for the class of costs.

>>> half = [[0.6, 0.4], [0.4, 0.6]]
>>> data = ChoiceData([[0.5, 0.5], [0.6, 0.4]], [half, [[0.9375, 0.0625], [0.15625, 0.84375]]])
>>> result = ups(data, [[[2, 0], [0, 2]], [[1, 0], [0, 1]]])
>>> result.rational, round(result.margin, 3)
(False, -0.15)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.conditions import nias_slack
from llma.ribum.data import ChoiceData, utilities
from llma.ribum.recovery.solver import Program, solve

TOLERANCE = 1e-7
"""Slack below zero that still counts as zero, in units of the largest utility difference."""


@dataclass(frozen=True, eq=False)
class ExchangeCertificate:
    """Weights on revealed posteriors whose exchange between environments would pay.

    Attributes
    ----------
    lender, borrower : ndarray of int, shape (N,)
        Environments m and k of each row.
    posterior : ndarray, shape (N, X)
        A revealed posterior of the lender.
    weight : ndarray, shape (N,)
        Positive, sums to one.
    gain : ndarray, shape (N,)
        V_m - V_k at the posterior.
    """

    lender: Ints
    borrower: Ints
    posterior: Floats
    weight: Floats
    gain: Floats

    @property
    def total(self) -> float:
        """Weighted sum of the gains, negative."""
        return float(self.weight @ self.gain)

    @property
    def imbalance(self) -> float:
        """How far lent and borrowed posteriors are from the same weighted sum, in any environment."""
        count = 1 + int(max(self.lender.max(), self.borrower.max()))
        balance = np.zeros((count, self.posterior.shape[1]))
        np.add.at(balance, self.lender, self.weight[:, None] * self.posterior)
        np.subtract.at(balance, self.borrower, self.weight[:, None] * self.posterior)
        return float(np.abs(balance).max())

    def __str__(self) -> str:
        """Return the sum, term by term."""
        lines = [
            f"{a:.4g} x (V{m} - V{k}) at {np.array2string(eta, precision=4)} = {a:.4g} x {g:.4g}"
            for m, k, eta, a, g in zip(
                self.lender, self.borrower, self.posterior, self.weight, self.gain, strict=True
            )
        ]
        return "\n".join(
            [*lines, f"sum {self.total:.4g} < 0, though every environment lends what it borrows"]
        )


@dataclass(frozen=True, eq=False)
class UpsResult:
    """Answer of the test of uniformly posterior-separable costs.

    Attributes
    ----------
    rational : bool
        Whether one convex function H serves all environments, and NIAS holds.
    nias : bool
        Whether NIAS holds.
    margin : float
        Largest possible smallest slack of the rows, at most 0; per posterior, in units of utility.
    slopes : ndarray, shape (M, X)
        The vectors of the proposition.
    utility : ndarray, shape (M, X, U)
        The utilities tested.
    certificate : ExchangeCertificate or None
        Why the rows cannot hold; None if they do.
    """

    rational: bool
    nias: bool
    margin: float
    slopes: Floats
    utility: Floats
    certificate: ExchangeCertificate | None

    def potential(self, beliefs: ArrayLike) -> Floats:
        """Return H at beliefs (..., X): the largest of V_k - l_k over the environments."""
        eta = checks.belief(beliefs, "beliefs", self.slopes.shape[1])
        worth = np.einsum("...x,mxu->...mu", eta, self.utility).max(axis=-1)
        return np.asarray((worth - eta @ self.slopes.T).max(axis=-1))


def ups(data: ChoiceData, utility: ArrayLike) -> UpsResult:
    """Test whether one posterior-separable cost explains all environments, whatever their priors.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.

    Returns
    -------
    UpsResult

    Examples
    --------
    One environment says nothing beyond NIAS:

    >>> ups(ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]]]), [[1, 0], [0, 1]]).rational
    True
    """
    values = utilities(utility, data)
    scale = max(float(np.ptp(values, axis=2).max()), np.finfo(float).tiny)
    nias = bool(nias_slack(data, values).min() >= -TOLERANCE * scale)
    lender, borrower, eta, gain = _rows(data, values)
    n_states, slopes = data.n_states, np.zeros((data.n_environments, data.n_states))
    if not len(lender):
        return UpsResult(nias, nias, 0.0, slopes, values, None)

    # Row (m, k, eta): epsilon + l_m . eta - l_k . eta <= V_m(eta) - V_k(eta).
    n_rows, size = len(lender), slopes.size + 1
    states = np.arange(n_states)
    columns = np.column_stack(
        [
            lender[:, None] * n_states + states,
            borrower[:, None] * n_states + states,
            np.full(n_rows, size - 1),
        ]
    )
    entries = np.column_stack([eta, -eta, np.ones(n_rows)])
    starts = np.arange(n_rows + 1) * columns.shape[1]
    rows = sparse.csr_array((entries.ravel(), columns.ravel(), starts), shape=(n_rows, size))
    objective, lower, upper = np.zeros(size), np.full(size, -np.inf), np.full(size, np.inf)
    objective[-1], upper[-1] = 1.0, 0.0
    lower[:n_states] = upper[:n_states] = 0.0  # only differences of the vectors matter
    never = "a programme that is feasible and capped has an optimum"
    solution = solve(Program(objective, rows, gain, lower, upper), never, never)
    slopes = solution.point[:-1].reshape(slopes.shape)
    passes = solution.value >= -TOLERANCE * scale
    certificate = None
    if not passes:
        keep = solution.multipliers > 1e-12
        weight = solution.multipliers[keep]
        certificate = ExchangeCertificate(
            lender[keep], borrower[keep], eta[keep], weight / weight.sum(), gain[keep]
        )
    return UpsResult(passes and nias, nias, solution.value, slopes, values, certificate)


def _rows(data: ChoiceData, values: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Return lender m, borrower k, posterior of m and V_m - V_k at it, for each row of the programme."""
    m, u = np.nonzero(data.used)
    eta = data.posteriors[m, u]  # (N, X)
    worth = np.einsum("nx,kxu->nku", eta, values).max(axis=2)  # (N, M)
    row, k = np.nonzero(m[:, None] != np.arange(data.n_environments))
    return m[row], k, eta[row], worth[row, m[row]] - worth[row, k]
