r"""Costs of attention that explain the data: how large they can be, and a price per unit.

Data that satisfy NIAC leave the cost of attention open. What they say is

.. math:: c_m - c_k \le w_{mk} = K_{mm} - K_{mk} \quad \text{for all } m, k,

so costs are known up to intervals (`llma.ribum.cycles.cost_bounds`).

*Levels.* Differences become levels once looking at nothing is free and nothing costs less: "blind" is one
more environment, with utility zero. Its edges are :math:`w_{m,blind} = K_{mm} - J_m(blind)`, the value of
what m saw, and :math:`w_{blind,m} = 0`.

*Price per unit.* If the quantity q of attention was logged (tokens, seconds, calls) and the cost is
:math:`\kappa q`, every pair of environments bounds the price :math:`\kappa` from one side.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
>>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
>>> print(price_interval(data, stakes, quantity=[5, 15]))
price between 0.025 (environments 0, 1) and 0.1 (environments 1, 0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.ribum.conditions import niac_weights, relative, value_matrix
from llma.ribum.cycles import shortest_paths
from llma.ribum.data import ChoiceData, utilities

ALLOWANCE = checks.TOLERANCE
"""Violations below this share of an environment's stake count as none.

It is the distance from one that `checks` allows to a row of probabilities: data cannot be held to more."""

SAME_PRICE = 1e-9
"""Ends of a price interval that differ by a smaller share are one price."""


def allowances(utility: Floats) -> Floats:
    """Return what counts as zero in each environment: 1e-8 times its largest stake, shape (..., M).

    Parameters
    ----------
    utility : ndarray, shape (..., M, X, U)

    Examples
    --------
    >>> allowances(np.array([[[1.0, 0.0], [0.0, 1.0]], [[50.0, 0.0], [0.0, 20.0]]]))
    array([1.e-08, 5.e-07])
    """
    return np.asarray(ALLOWANCE * np.ptp(utility, axis=-1).max(axis=-1))


def cost_levels(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> tuple[Floats, Floats]:
    """Return the least and the largest cost of each observed experiment, if looking at nothing is free.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments that satisfy NIAC.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.
    cost : {"kernel", "posterior"}
        What the cost of attention depends on.

    Returns
    -------
    lower, upper : ndarray, shape (M,)
        In units of utility. Both ends are attained, by a canonical cost.

    Raises
    ------
    ValueError
        If NIAC fails.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    >>> lower, upper = cost_levels(data, [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    >>> lower, upper
    (array([0.  , 0.25]), array([0.25, 1.25]))
    """
    r = relative(utilities(utility, data))
    n = data.n_environments
    weights = np.zeros((n + 1, n + 1))  # the last row and column: blind
    weights[:n, :n] = niac_weights(data, r, cost)
    weights[:n, n] = information_values(data, r)
    paths = shortest_paths(weights, np.append(allowances(r), 0.0))
    return np.asarray(-paths[n, :n] + 0.0), np.asarray(paths[:n, n])


@dataclass(frozen=True)
class PriceInterval:
    """The prices per unit of attention that explain the data.

    Attributes
    ----------
    lower, upper : float
        Ends of the interval, in utility per unit; the upper one may be infinite. It is empty if
        lower > upper.
    lower_pair, upper_pair : tuple of int, or None
        The environments (m, k) whose comparison sets the end: m does not want the attention of k. None where
        nothing but price >= 0, or nothing at all, sets it.
    """

    lower: float
    upper: float
    lower_pair: tuple[int, int] | None
    upper_pair: tuple[int, int] | None

    @property
    def empty(self) -> bool:
        """Whether no price explains the data."""
        return self.lower == np.inf or self.lower - self.upper > SAME_PRICE * abs(self.lower)

    def __str__(self) -> str:
        """Return the interval as a sentence."""
        if self.lower == np.inf and self.lower_pair is not None:
            m, k = self.lower_pair
            return f"no price: environment {m} prefers the attention of {k}, which has the same quantity"
        low = f"{self.lower:.6g}" + _pair(self.lower_pair)
        high = f"{self.upper:.6g}" + _pair(self.upper_pair)
        return (
            f"no price: at least {low} and at most {high}"
            if self.empty
            else f"price between {low} and {high}"
        )


def price_interval(
    data: ChoiceData, utility: ArrayLike, quantity: ArrayLike, cost: str = "kernel"
) -> PriceInterval:
    """Return the prices at which costs proportional to a logged quantity explain the data.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.
    quantity : array_like, shape (M,)
        How much attention was paid in each environment, for example tokens read.
    cost : {"kernel", "posterior"}
        Which environments are compared.

    Returns
    -------
    PriceInterval
        Empty if no price does it, although NIAC may hold: the cost is then not proportional.

    Raises
    ------
    ValueError
        If the quantities do not match the environments or are negative.

    Examples
    --------
    Ten tokens are worth as much as the eleventh. Reading more where more is at stake is rational, but not at
    a constant price.

    >>> kernels = [[[p, 1 - p], [1 - p, p]] for p in (0.5, 0.75, 1.0)]
    >>> data = ChoiceData([0.5, 0.5], kernels)
    >>> stakes = [[[s, 0], [0, s]] for s in (1, 2, 3)]
    >>> print(price_interval(data, stakes, quantity=[0, 10, 11]))
    no price: at least 0.5 (environments 1, 2) and at most 0.05 (environments 1, 0)
    """
    amounts = checks.real_array(quantity, "quantity", ndim=1)
    if amounts.shape != (data.n_environments,) or amounts.min() < 0:
        raise ValueError(
            f"quantity: is {amounts.tolist()}; expected {data.n_environments} numbers >= 0, one for each"
        )
    r = utilities(utility, data)
    weights = niac_weights(data, r, cost)
    more = amounts[:, None] - amounts[None]  # price * more[m, k] <= weights[m, k]
    off = ~np.eye(data.n_environments, dtype=bool)
    wrong = off & (more == 0) & (weights < -allowances(r)[:, None])
    if wrong.any():
        m, k = (int(i) for i in np.argwhere(wrong)[0])
        return PriceInterval(np.inf, -np.inf, (m, k), (m, k))
    ratio = np.divide(weights, more, out=np.zeros_like(weights), where=more != 0)
    at_least, at_most = np.where(more < 0, ratio, 0.0), np.where(more > 0, ratio, np.inf)
    low, high = (divmod(int(i), data.n_environments) for i in (at_least.argmax(), at_most.argmin()))
    lower, upper = float(at_least[low]), float(at_most[high])
    return PriceInterval(lower, upper, low if lower > 0 else None, high if upper < np.inf else None)


def information_values(data: ChoiceData, utility: Floats) -> Floats:
    """Return K[m, m] minus the value of deciding blindly, shape (M,).

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    >>> information_values(data, np.array([np.eye(2), 4 * np.eye(2)]))
    array([0.25, 2.  ])
    """
    blind = (data.priors[:, :, None] * utility).sum(axis=1).max(axis=1)
    return np.asarray(np.diagonal(value_matrix(data.priors, data.choice, utility)) - blind)


def _pair(pair: tuple[int, int] | None) -> str:
    return "" if pair is None else f" (environments {pair[0]}, {pair[1]})"
