r"""NIAS, NIAC and NIS for given utilities, in closed form.

**No improving action switches.** For every environment m, every action u and every other action v,

.. math:: \sum_x \pi_m(x)\,p_m(u \mid x)\,[r_m(x, u) - r_m(x, v)] \ge 0 .

Whenever the agent does u, doing v instead would not have paid. The rows are *unconditional*: an action that
is chosen with probability 0.01 weighs 0.01, and one that is never chosen gives 0, which is no violation.

**No improving attention cycles.** Use the choices of environment k as an experiment in environment m: the
action of k is a signal, after which the best action of m is taken. Its value is

.. math:: K_{mk} = \sum_u \max_v \sum_x \pi_m(x)\,p_k(u \mid x)\,r_m(x, v) .

NIAC: no cycle of environments has a negative sum of weights :math:`w_{mk} = K_{mm} - K_{mk}`.

**No improving switches.** :math:`\sum_{x,u} \pi_m(x) p_m(u \mid x) r_m(x, u) \ge K_{mk}` for all m and k: no
environment envies another's attention. This is what an agent satisfies whose attention has no price but a
capacity.

What a cost may depend on. With `cost="kernel"` the price of attention belongs to the experiment
:math:`\beta(y \mid x)`, whatever the prior: a number of tokens that is fixed beforehand costs the same
whatever the reader expects. Then all pairs of environments are compared, as above. (If the number depends on
the state, the expected bill depends on the prior too: compare equal priors only.) With `cost="posterior"` the
price belongs to the distribution of posteriors, as Shannon's does. Under another prior this distribution
cannot occur, so only environments with equal priors are compared; elsewhere K is minus infinity and the
weight is plus infinity.

Functions on `ChoiceData` validate; behind them stand `slacks` and `value_matrix` on bare arrays, with any
leading axes, for thousands of replicates at once.

Reference. Caplin and Martin, Economic Journal 125, 2015; Caplin and Dean, American Economic Review 105,
2015; Caplin, Martin, Marx, Morozova and Xu, arXiv 2502.00195, 2025.

>>> from llma.ribum.data import ChoiceData
>>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
>>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
>>> experiment_values(data, stakes)
array([[0.75, 1.  ],
       [3.  , 4.  ]])
>>> niac_weights(data, stakes)
array([[ 0.  , -0.25],
       [ 1.  ,  0.  ]])
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats
from llma.ribum.data import ChoiceData, utilities

COSTS = ("kernel", "posterior")
"""What the cost of attention may depend on."""

ROUNDING = 64 * np.finfo(np.float64).eps
"""A weight below this share of the largest stake of its environment is rounding, and set to zero."""

EQUAL_PRIORS = 1e-9
"""Priors that differ by no more in any entry count as equal."""


def nias_slack(data: ChoiceData, utility: ArrayLike) -> Floats:
    """Return what each action switch would lose.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.

    Returns
    -------
    ndarray, shape (M, U, U)
        Entry [m, u, v]: the loss, in units of utility, from doing v whenever u was done in environment m.
        A negative entry is a gain, and a violation of NIAS. Zero for v = u and for an unused u.

    Examples
    --------
    Given action 1 the odds of state 0 are 2 to 1; whoever tracks the state should have done 0.

    >>> data = ChoiceData([0.8, 0.2], [[[0.5, 0.5], [0.0, 1.0]]])
    >>> nias_slack(data, [[1, 0], [0, 1]])[0]
    array([[ 0. ,  0.4],
           [-0.2,  0. ]])
    """
    return slacks(data.joint, utilities(utility, data))


def own_values(data: ChoiceData, utility: ArrayLike) -> Floats:
    """Return the expected utility that the agent had in each environment, shape (M,).

    Examples
    --------
    >>> data = ChoiceData([0.8, 0.2], [[[0.5, 0.5], [0.0, 1.0]]])
    >>> own_values(data, [[1, 0], [0, 1]])
    array([0.6])
    """
    return np.asarray((data.joint * utilities(utility, data)).sum(axis=(1, 2)))


def experiment_values(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> Floats:
    """Return the matrix K: the value in m of the choices of k, used as an experiment.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.
    cost : {"kernel", "posterior"}
        What the cost of attention depends on; see the module.

    Returns
    -------
    ndarray, shape (M, M)
        Entry [m, k], in units of utility. With `cost="posterior"` minus infinity where the priors of m and
        k differ: the comparison is not available.

    Examples
    --------
    >>> data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
    >>> experiment_values(data, [[1, 0], [0, 1]])
    array([[1. , 0.5],
           [1. , 0.9]])
    >>> experiment_values(data, [[1, 0], [0, 1]], cost="posterior")
    array([[ 1. , -inf],
           [-inf,  0.9]])
    """
    checks.one_of(cost, "cost", COSTS)
    values = value_matrix(data.priors, data.choice, utilities(utility, data))
    return values if cost == "kernel" else np.where(same_prior(data), values, -np.inf)


def niac_weights(data: ChoiceData, utility: ArrayLike, cost: str = "kernel") -> Floats:
    """Return what environment m would lose with the attention of environment k, cost of attention aside.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.
    cost : {"kernel", "posterior"}
        What the cost of attention depends on; see the module.

    Returns
    -------
    ndarray, shape (M, M)
        K[m, m] - K[m, k]; the diagonal is 0. Plus infinity where k cannot be compared with m.

    Notes
    -----
    NIAC holds if and only if no cycle has a negative sum. Utilities enter through differences within a
    state, so each state's largest one is subtracted first: a constant of 10^9 then costs no digits.

    Examples
    --------
    >>> data = ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
    >>> niac_weights(data, [[1, 0], [0, 1]])
    array([[ 0. ,  0.5],
           [-0.1,  0. ]])
    """
    checks.one_of(cost, "cost", COSTS)
    r = relative(utilities(utility, data))
    values = value_matrix(data.priors, data.choice, r)
    weights = np.diagonal(values)[:, None] - values
    # Two experiments of equal value differ by rounding; an exact zero keeps that out of every sum.
    weights[np.abs(weights) <= ROUNDING * np.abs(r).max(axis=(1, 2))[:, None]] = 0.0
    return weights if cost == "kernel" else np.where(same_prior(data), weights, np.inf)


def nis_slack(data: ChoiceData, utility: ArrayLike) -> Floats:
    """Return what each environment would lose with each attention, its own included, shape (M, M).

    Returns
    -------
    ndarray, shape (M, M)
        Entry [m, k]: own value of m minus K[m, k]. A negative entry off the diagonal is envy; a negative
        entry on it says that the agent misuses what it sees (NIAS fails). Without a price of attention both
        are mistakes.

    Examples
    --------
    Environment 0 looks less because it has less at stake. With a price that is rational, with a capacity
    it is not.

    >>> data = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]])
    >>> nis_slack(data, [[[1, 0], [0, 1]], [[4, 0], [0, 4]]])
    array([[ 0.  , -0.25],
           [ 1.  ,  0.  ]])
    """
    utility = relative(utilities(utility, data))
    own = (data.joint * utility).sum(axis=(1, 2))
    return np.asarray(own[:, None] - value_matrix(data.priors, data.choice, utility))


def same_prior(data: ChoiceData) -> NDArray[np.bool_]:
    """Return which pairs of environments have equal priors, shape (M, M).

    Priors equal to within 1e-9 of the first of their group count as equal.

    Examples
    --------
    >>> same_prior(ChoiceData([[0.5, 0.5], [0.9, 0.1]], [[[1], [1]], [[1], [1]]]))
    array([[ True, False],
           [False,  True]])
    """
    close = np.abs(data.priors[:, None] - data.priors[None]).max(axis=2) <= EQUAL_PRIORS
    group = close.argmax(axis=1)  # the first environment with this prior
    return np.asarray(group[:, None] == group[None])


def slacks(joint: Floats, utility: Floats) -> Floats:
    """Return NIAS slacks from joint laws (..., X, U) and utilities (..., X, U): shape (..., U, U).

    Nothing is validated; leading axes broadcast.

    Examples
    --------
    >>> slacks(np.array([[0.4, 0.4], [0.0, 0.2]]), np.eye(2))
    array([[ 0. ,  0.4],
           [-0.2,  0. ]])
    """
    utility = relative(utility)
    cross = joint.swapaxes(-1, -2) @ utility  # (..., U, V): what v is worth whenever u was done
    return np.asarray(np.diagonal(cross, axis1=-2, axis2=-1)[..., None] - cross)


def value_matrix(priors: Floats, choice: Floats, utility: Floats) -> Floats:
    """Return K from priors (..., M, X), choices (..., M, X, U) and utilities (..., M, X, U): (..., M, M).

    Nothing is validated; leading axes broadcast, so that one call does thousands of replicates.

    Examples
    --------
    >>> rows = np.array([[[0.75, 0.25], [0.25, 0.75]], [[1.0, 0.0], [0.0, 1.0]]])
    >>> batch = np.stack([rows, rows[::-1]])  # two replicates
    >>> value_matrix(np.full((2, 2), 0.5), batch, np.array([np.eye(2), 4 * np.eye(2)]))
    array([[[0.75, 1.  ],
            [3.  , 4.  ]],
           [[1.  , 0.75],
            [4.  , 3.  ]]])
    """
    n_environments, n_states, n_actions = choice.shape[-3:]
    weighted = priors[..., None] * utility  # (..., M, X, V)
    signals = choice.swapaxes(-1, -2).reshape(*choice.shape[:-3], n_environments * n_actions, n_states)
    # One product a candidate action v: worth[..., k * U + u, m]; the running maximum is the best reply.
    worth = reduce(
        np.maximum, (signals @ weighted[..., v].swapaxes(-1, -2) for v in range(weighted.shape[-1]))
    )
    by_signal = worth.reshape(*worth.shape[:-2], n_environments, n_actions, -1)  # (..., K, U, M)
    return np.asarray(by_signal.sum(axis=-2).swapaxes(-1, -2))


def relative(utility: Floats) -> Floats:
    """Return utilities minus each state's largest: the same agent, free of large constants.

    Examples
    --------
    >>> relative(np.array([[3.0, 1.0], [5.0, 5.0]]))
    array([[ 0., -2.],
           [ 0.,  0.]])
    """
    return np.asarray(utility - utility.max(axis=-1, keepdims=True))
