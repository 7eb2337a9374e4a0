r"""Free utilities: any choices are rational, and here are the utilities and the costs that make them so.

Theorem. Let utilities be free and different in each environment. Strict NIAS and NIAC hold for some
utilities if and only if (a) in no environment the columns :math:`p_m(u \mid \cdot)` of two used actions are
proportional, and (b) no two environments have the same used columns up to their order. Priors of full
support play no part (for a cost of attention that depends on the kernel).

Construction. Under one reference prior, here the uniform one, let :math:`\eta` be the posteriors and G a
strictly convex, differentiable function. Pay the agent by a *proper scoring rule*: action u is worth the
tangent of G at the posterior :math:`\eta_u` that it reveals. Tangents lie below G and touch it at one point
only, so each action is strictly best exactly where it was taken. Let :math:`g_m` be the mean of G over the
posteriors of environment m, multiply the utilities there by :math:`e^{g_m}`, and let the cost of attention be
:math:`e^{g_m}`. NIAC is then the tangent inequality once more, for the exponential function:

.. math:: K_{mm} - K_{mk} \ge e^{g_m} (g_m - g_k) > e^{g_m} - e^{g_k} = c_m - c_k .

:math:`G_t(\eta) = |\eta|^2 + e^{t\,b \cdot \eta}` separates all :math:`g_m` when b is positive, takes
different values at different posteriors, and t is large. The programme tries t = 0 (no exponential), then
1, 2, ... and b = (1, ..., X) / X; a b drawn at random follows if that fails.

Changing the prior back. If :math:`\tilde r_m` works under the uniform prior, :math:`r_m = \tilde r_m / (X
\pi_m)` works under :math:`\pi_m`. Adding a constant in a state, or scaling everything by one factor, changes
no inequality, so utilities are returned in [0, 1].

Reference. Caplin and Dean, American Economic Review 105, 2015, for the conditions; proper scoring rules:
Gneiting and Raftery, Journal of the American Statistical Association 102, 2007.

>>> from llma.ribum.data import ChoiceData
>>> nonsense = ChoiceData([0.5, 0.5], [[[0.2, 0.8], [0.9, 0.1]], [[0.5, 0.5], [0.6, 0.4]]])
>>> found = rationalise(nonsense)
>>> found.margin > 0
True
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma.checks import Floats
from llma.ribum.conditions import slacks, value_matrix
from llma.ribum.data import ChoiceData

SAME = 1e-9
"""Columns that differ by less count as equal."""

APART = 1e-6
"""Mean scores must differ by this share: the margin goes with the square of the difference."""

TRIES = 24
"""Values of t that are tried before the data are declared degenerate."""


@dataclass(frozen=True, eq=False)
class Rationalisation:
    """Utilities and costs under which the data are strictly rational.

    Attributes
    ----------
    utility : ndarray, shape (M, X, U)
        Between 0 and 1.
    attention_cost : ndarray, shape (M,)
        Not negative, the smallest is 0.
    margin : float
        The smallest slack of all NIAS rows (used actions) and all NIAC rows, computed from the two tables.
    """

    utility: Floats
    attention_cost: Floats
    margin: float


def obstacle(data: ChoiceData) -> str | None:
    """Return why the data cannot be strictly rational for any utilities, or None if they can.

    Examples
    --------
    >>> obstacle(ChoiceData([0.5, 0.5], [[[0.7, 0.3], [0.7, 0.3]]]))
    'environment 0: actions 0 and 1 reveal the same posterior'
    >>> flip = [[[0.7, 0.3], [0.2, 0.8]], [[0.3, 0.7], [0.8, 0.2]]]
    >>> obstacle(ChoiceData([0.5, 0.5], flip))
    'environments 0 and 1 are the same experiment, up to the names of the actions'
    """
    columns = []
    for m in range(data.n_environments):
        used = np.flatnonzero(data.used[m])
        table = data.choice[m, :, used]  # (actions, X)
        shape = table / table.sum(axis=1, keepdims=True)
        for i in range(used.size):
            for j in range(i):
                if np.abs(shape[i] - shape[j]).max() < SAME:
                    return f"environment {m}: actions {used[j]} and {used[i]} reveal the same posterior"
        columns.append(table)
    for m in range(data.n_environments):
        for k in range(m):
            if columns[k].shape == columns[m].shape and _permuted(columns[k], columns[m]):
                return f"environments {k} and {m} are the same experiment, up to the names of the actions"
    return None


def _permuted(first: Floats, second: Floats) -> bool:
    """Return whether the rows are equal up to their order (no two rows of one table are close)."""
    near = np.abs(first[:, None] - second[None]).max(axis=2) < SAME
    return bool(near.any(axis=0).all() and near.any(axis=1).all())


def rationalise(data: ChoiceData) -> Rationalisation:
    """Return utilities and costs under which the data are strictly rational.

    Parameters
    ----------
    data : ChoiceData
        Any choices.

    Returns
    -------
    Rationalisation

    Raises
    ------
    ValueError
        If two used actions reveal the same posterior or two environments are the same experiment: then no
        utilities give a positive margin (the theorem, "only if").

    Examples
    --------
    >>> opposite = ChoiceData([0.5, 0.5], [[[0.1, 0.9], [0.9, 0.1]]])
    >>> rationalise(opposite).utility[0].argmax(axis=1)  # its favourite action in each state
    array([1, 0])
    """
    reason = obstacle(data)
    if reason is not None:
        raise ValueError(f"data: {reason}; no utilities make them strictly rational")
    n_states = data.n_states
    reference = ChoiceData(np.full(n_states, 1 / n_states), data.choice)
    eta = np.where(data.used[:, :, None], reference.posteriors, 0.0)  # (M, U, X)
    weight = reference.marginal  # (M, U)
    rng = np.random.default_rng(0)
    slope = np.arange(1.0, n_states + 1) / n_states
    for t in range(TRIES):
        score = (eta**2).sum(axis=2)
        gradient = 2 * eta
        if t:
            boost = np.exp(t * (eta @ slope))
            score, gradient = score + boost, gradient + t * boost[:, :, None] * slope
        g = (weight * score).sum(axis=1)
        gaps = np.abs(g[:, None] - g[None])[~np.eye(g.size, dtype=bool)]
        if gaps.size == 0 or gaps.min() > APART * np.abs(g).max():
            return _scaled(data, eta, score, gradient, g)
        if t >= TRIES // 2:
            slope = rng.uniform(0.1, 1.0, n_states)
    raise ValueError(
        "data: two environments are too nearly the same experiment for double precision; "
        "merge them, or round the choices less"
    )


def _scaled(data: ChoiceData, eta: Floats, score: Floats, gradient: Floats, g: Floats) -> Rationalisation:
    """Return the construction, moved into [0, 1] and back to the priors of the data."""
    weight = np.exp(g - g.max())  # a common factor is free
    tangent = score[:, :, None] + gradient - (gradient * eta).sum(axis=2)[:, :, None]  # (M, U, X)
    utility = weight[:, None, None] * tangent.swapaxes(1, 2)  # (M, X, U)
    used = data.used[:, None, :]
    utility = np.where(used, utility, utility.min() - 1.0)  # an unused action is bad everywhere
    utility = utility / (data.n_states * data.priors[:, :, None])
    utility = utility - utility.min(axis=2, keepdims=True)
    scale = utility.max()
    utility, cost = utility / scale, (weight - weight.min()) / scale
    own = (data.joint * utility).sum(axis=(1, 2))
    net = own[:, None] - cost[:, None] - (value_matrix(data.priors, data.choice, utility) - cost[None])
    switch = slacks(data.joint, utility)
    m, u = np.nonzero(data.used)
    together = np.concatenate(
        [switch[m, u][~np.eye(data.n_actions, dtype=bool)[u]], net[~np.eye(data.n_environments, dtype=bool)]]
    )
    return Rationalisation(utility, cost, float(together.min()) if together.size else float("inf"))
