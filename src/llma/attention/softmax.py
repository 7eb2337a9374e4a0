r"""Softmax with a base rate that somebody fixed: what a temperature is, and what it is not.

Model. A decoder plays :math:`p(u \mid x) = b(u) e^{r(x, u)/\lambda} / Z_b(x)`. Its *base rate* b does not
depend on the state. With a uniform base it is the textbook softmax of the utility at temperature lambda.

Proposition. (1) It maximises expected utility minus :math:`\lambda \sum_x \pi(x) \mathrm{KL}(p(\cdot \mid
x) | b)`, the cost of leaving the habit b. (2) It is rationally inattentive with this r and this lambda in
Shannon's sense only if b is its own marginal; if in addition b is positive, it is. (3) With r = I and a
uniform b it fails NIAS if and only if :math:`e^{1/\lambda} < \max \pi / \min \pi`.

Proof of (2). If p has also the form with its marginal m, then b(u) / m(u) = Z_b(x) / Z_m(x), where the
left side does not depend on x, nor the right side on u. It is constant, and both sum to one. Conversely
b(u) = m(u) = b(u) s(u) makes all scores one. (3) Given action u, the odds of state x against state u are
:math:`e^{-1/\lambda} \pi(x)/\pi(u)`.

Temperature. Sampling from p at temperature T means :math:`p^{1/T}`, rescaled. That is the softmax with price
:math:`\lambda T` *and* base rate :math:`b^{1/T}`, rescaled: the one knob turns two.

Reference. F. Matejka and A. McKay, American Economic Review 105, 2015, for the base rate in the logit.

>>> decoder = softmax([0.8, 0.2], [[1, 0], [0, 1]], price=1)
>>> decoder.choice.round(4), decoder.marginal.round(4)
(array([[0.7311, 0.2689],
       [0.2689, 0.7311]]), array([0.6386, 0.3614]))
>>> round(uniform_base_limit([0.8, 0.2]), 4)
0.7213
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, rel_entr

from llma import checks
from llma.attention.shannon import Shannon, shannon
from llma.checks import Floats


@dataclass(frozen=True)
class Softmax:
    """The choices of a softmax with a given base rate.

    Attributes
    ----------
    prior : ndarray, shape (X,)
    base : ndarray, shape (U,)
    price : float
        Temperature of the utility.
    choice : ndarray, shape (X, U)
    marginal : ndarray, shape (U,)
        Probability of each action, ``prior @ choice``. Rational inattention wants it to equal `base`.
    divergence : float
        Expected divergence of the choices from the base rate, in nats. It is the mutual information plus
        the divergence of `marginal` from `base`.
    value : float
        Expected utility minus price times divergence: what this decoder maximises.
    """

    prior: Floats
    base: Floats
    price: float
    choice: Floats
    marginal: Floats
    divergence: float
    value: float


def softmax(prior: ArrayLike, utility: ArrayLike, price: float, base: ArrayLike | None = None) -> Softmax:
    """Return the softmax of the utility at temperature `price`, with a fixed base rate.

    Parameters
    ----------
    prior : array_like, shape (X,)
    utility : array_like, shape (X, U)
    price : float
        Positive and finite.
    base : array_like, shape (U,), optional
        Probabilities; uniform if None.

    Returns
    -------
    Softmax

    Raises
    ------
    ValueError
        If a shape or an entry is wrong.

    Examples
    --------
    >>> softmax([0.5, 0.5], [[1, 0], [0, 1]], 0.5, base=[0.9, 0.1]).choice.round(4)
    array([[0.9852, 0.0148],
           [0.5491, 0.4509]])
    """
    belief = checks.belief(prior, "prior")
    table = checks.cost_matrix(utility, "utility", n_states=belief.shape[-1])
    n_actions = table.shape[1]
    rate = np.full(n_actions, 1 / n_actions) if base is None else checks.belief(base, "base", n_actions)
    if not 0 < price < np.inf:
        raise ValueError(f"price: is {price}; expected a positive finite number")
    with np.errstate(divide="ignore"):
        choice = np.exp(log_softmax(np.log(rate) + table / price, axis=1))
    divergence = float(belief @ rel_entr(choice, rate).sum(axis=1))
    return Softmax(
        prior=belief,
        base=rate,
        price=float(price),
        choice=choice,
        marginal=belief @ choice,
        divergence=divergence,
        value=float(belief @ (choice * table).sum(axis=1)) - price * divergence,
    )


def own_base(prior: ArrayLike, utility: ArrayLike, price: ArrayLike) -> Shannon:
    """Return the softmax whose base rate is its own marginal, chosen optimally: Shannon's agent.

    A base rate can be its own marginal without being optimal (any certain action is), which is why this is
    not a mere fixed point.

    Examples
    --------
    >>> own_base([0.8, 0.2], [[1, 0], [0, 1]], 0.5).marginal.round(4)
    array([0.8939, 0.1061])
    """
    return shannon(prior, utility, price)


def at_temperature(choice: ArrayLike, temperature: float) -> Floats:
    """Return the table from which a decoder samples at another temperature: p to the power 1/T, rescaled.

    Parameters
    ----------
    choice : array_like, shape (X, U)
        Probabilities at temperature 1.
    temperature : float
        Positive and finite. Below one it sharpens, above one it flattens.

    Returns
    -------
    ndarray, shape (X, U)

    Raises
    ------
    ValueError
        If a row is not a probability vector or the temperature is not positive and finite.

    Examples
    --------
    >>> at_temperature([[0.9, 0.1], [0.5, 0.5]], 2).round(4)
    array([[0.75, 0.25],
           [0.5 , 0.5 ]])
    """
    table = checks.stochastic_matrix(choice, "choice")
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature: is {temperature}; expected a positive finite number")
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(log_softmax(np.log(table) / temperature, axis=1)))


def uniform_base_limit(prior: ArrayLike) -> float:
    r"""Return the largest temperature at which a uniform-base softmax of r = I satisfies NIAS.

    It is :math:`1 / \ln(\max \pi / \min \pi)`, and infinity if the prior is uniform.

    Parameters
    ----------
    prior : array_like, shape (X,)
        Positive.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the prior has a zero.

    Examples
    --------
    >>> round(uniform_base_limit([0.9, 0.1]), 3)
    0.455
    """
    belief = checks.belief(prior, "prior")
    if belief.ndim != 1 or (belief <= 0).any():
        raise ValueError(f"prior: is {belief.tolist()}; expected one vector of positive numbers")
    ratio = float(np.log(belief.max() / belief.min()))
    return 1 / ratio if ratio > 0 else float("inf")
