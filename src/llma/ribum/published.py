r"""A specimen: the linear programme published with the paper. No data fail it. Do not use it to test.

The notebook `niasniac.ipynb` published with Jain and Krishnamurthy (2025) looks for utilities
:math:`r_m(x, u) \ge 0`, costs :math:`c_m \ge 0` and two margins :math:`0 \le \varepsilon_1, \varepsilon_2
\le 10` with the largest sum :math:`\varepsilon_1 + \varepsilon_2` such that for all m, all u and v other than
u, and all k other than m

.. math::
    \sum_x p_m(u \mid x)\,[r_m(x, u) - r_m(x, v)] &\ge \varepsilon_1, \\
    \sum_u p_m(u) \max_v \{t_{mk}(u, v) - (U - v)\,c_k\} - o_m - U c_m &\le -\varepsilon_2,

where :math:`t_{mk}(u, v) = \sum_x p_k(x \mid u)\,r_m(x, v)` and
:math:`o_m = \sum_{u, x} p_m(u)\,p_m(u \mid x)\,r_m(x, u)`. This is what its code adds up, line by line,
written as one formula. Compare with NIAC, :math:`K_{mk} - c_k \le K_{mm} - c_m`: the cost :math:`c_m` of
the environment's own attention stands on the wrong side. **Both costs are subtracted on the left.**

Theorem. Let every action be used in every environment. Then :math:`\varepsilon_2 = 10` at every optimum;
:math:`\varepsilon_1 = 10` if in no environment two columns :math:`p_m(u \mid \cdot)` are proportional, else
:math:`\varepsilon_1 = 0`. (Whatever the utilities, large enough costs satisfy the second family of rows. The
first can be met with any margin, by the tangents of `llma.ribum.recovery.vacuous`, because utilities have no
upper bound.)

So its second margin says nothing about the data. It is kept here, tested, so that this can be seen and not
only read. A programme that can fail is `llma.ribum.test` with a known or restricted utility.

The sign is not the only reason. With the costs repaired (:math:`+c_m`, and :math:`-c_k` once) but
:math:`o_m` as it is, let the prior be uniform, X >= U, and the shares :math:`p_m(u)` unequal. Adding R to all
utilities raises the first sum by R and :math:`o_m` by :math:`RX\sum_u p_m(u)^2 > R`: the row holds by any
margin. With the weights of :math:`o_m` repaired as well the rows are NIAS and NIAC, and utilities without an
upper bound give 10 and 10 to all data of the theorem in `llma.ribum.recovery.vacuous`. `max_margin` takes
the repairs by name.

Reference. K. Jain and V. Krishnamurthy, *Interacting Large Language Model Agents*, IEEE Access, 2025;
repository aditj/sociallearningllm. Our code, from a description of theirs.

>>> found = max_margin([[[0.7, 0.3], [0.2, 0.8]], [[0.7, 0.3], [0.2, 0.8]]])  # the same experiment twice
>>> round(found.nias_margin, 6), round(found.niac_margin, 6)
(10.0, 10.0)
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.sparse import coo_array

from llma import checks
from llma.checks import Floats
from llma.ribum.data import ChoiceData

CAP = 10.0
"""The published programme's upper bound on each margin. Without it the programme would be unbounded."""


REPAIRS = ("costs", "weights")
"""What `max_margin` can repair: the costs of the NIAC rows, and the weights of their utilities."""


@dataclass(frozen=True, eq=False)
class PublishedFit:
    """What the published programme returns.

    Attributes
    ----------
    nias_margin, niac_margin : float
        Its two margins, each between 0 and `CAP`.
    utility : ndarray, shape (M, X, U)
        "Reconstructed" utilities.
    attention_cost : ndarray, shape (M,)
        Costs that make its NIAC rows hold, whatever the data.
    """

    nias_margin: float
    niac_margin: float
    utility: Floats
    attention_cost: Floats


def _data(choice: ArrayLike, priors: ArrayLike | None) -> ChoiceData:
    table = checks.choice_table(choice, "choice")
    law = np.full(table.shape[1], 1 / table.shape[1]) if priors is None else priors
    data = ChoiceData(law, table)
    if not data.used.all():
        m, u = (int(i) for i in np.argwhere(~data.used)[0])
        raise ValueError(
            f"choice: action {u} is never used in environment {m}, and the published programme divides by "
            "its probability; add a small number to all entries and renormalise, as its authors do"
        )
    return data


def niac_left_side(
    choice: ArrayLike, utility: ArrayLike, attention_cost: ArrayLike, priors: ArrayLike | None = None
) -> Floats:
    """Return the left sides of the published NIAC rows, shape (M, M); the rows ask that they be negative.

    Parameters
    ----------
    choice : array_like, shape (M, X, U)
        p_m(u given x), every action used in every environment.
    utility : array_like, shape (M, X, U)
        Any utilities.
    attention_cost : array_like, shape (M,)
        Any costs.
    priors : array_like, shape (M, X) or (X,), optional
        None: uniform, as published.

    Returns
    -------
    ndarray, shape (M, M)
        The diagonal is NaN: there is no such row.

    Raises
    ------
    ValueError
        If a shape does not match, or an action is unused.

    Examples
    --------
    Raising all costs satisfies every row, whatever the choices.

    >>> same = [[[0.7, 0.3], [0.2, 0.8]]] * 2
    >>> for cost in (0, 1, 10):
    ...     print(niac_left_side(same, [np.eye(2)] * 2, [cost, cost])[0, 1].round(3))
    -0.005
    -3.255
    -30.255
    """
    data = _data(choice, priors)
    r = checks.real_array(utility, "utility", ndim=3)
    c = checks.real_array(attention_cost, "attention_cost", ndim=1)
    if r.shape != data.choice.shape or c.shape != (data.n_environments,):
        raise ValueError(
            f"utility and attention_cost: have shapes {r.shape} and {c.shape}; expected "
            f"{data.choice.shape} and ({data.n_environments},)"
        )
    worth = np.einsum("kux,mxv->mkuv", data.posteriors, r)
    repeats = data.n_actions - np.arange(data.n_actions)
    best = (worth - repeats * c[None, :, None, None]).max(axis=3)  # (M, K, U)
    own = np.einsum("mu,mxu,mxu->m", data.marginal, data.choice, r)
    left = np.einsum("mu,mku->mk", data.marginal, best) - own[:, None] - data.n_actions * c[:, None]
    np.fill_diagonal(left, np.nan)
    return np.asarray(left)


def max_margin(
    choice: ArrayLike, priors: ArrayLike | None = None, repaired: Collection[str] = ()
) -> PublishedFit:
    r"""Solve the published programme, as it is or with repairs.

    Parameters
    ----------
    choice : array_like, shape (M, X, U)
        p_m(u given x), every action used in every environment.
    priors : array_like, shape (M, X) or (X,), optional
        None: uniform, as published.
    repaired : collection of {"costs", "weights"}
        "costs": :math:`c_m` is added, and :math:`c_k` subtracted once. "weights": :math:`p_k(u)` for
        :math:`p_m(u)` in the first sum, :math:`\pi_m(x)` for :math:`p_m(u)` in :math:`o_m`. With both and
        the uniform prior the rows are NIAS and NIAC.

    Returns
    -------
    PublishedFit

    Raises
    ------
    ValueError
        If an action is never used somewhere, a row of `choice` is not a probability vector, or a repair is
        not known.
    RuntimeError
        If the solver does not report an optimum.

    Examples
    --------
    An agent that does the opposite of what pays, at every stake, gets full marks.

    >>> round(max_margin([[[0.2, 0.8], [0.7, 0.3]], [[0.1, 0.9], [0.6, 0.4]]]).niac_margin, 6)
    10.0

    The same experiment twice has no strict margin. One repair does not show it, two do.

    >>> same = [[[0.8, 0.2], [0.3, 0.7]]] * 2
    >>> for repaired in (["costs"], ["costs", "weights"]):
    ...     print(abs(round(max_margin(same, repaired=repaired).niac_margin, 6)))
    10.0
    0.0
    """
    data = _data(choice, priors)
    for name in repaired:
        checks.one_of(name, "repaired", REPAIRS)
    costs, weights = (name in repaired for name in REPAIRS)
    n, x, u = data.choice.shape
    n_r = n * x * u
    table = np.arange(n_r).reshape(n, x, u)  # where r_m(x, u) stands
    pairs = [(m, k) for m in range(n) for k in range(n) if m != k]
    e1, e2, z0 = n_r + n, n_r + n + 1, n_r + n + 2
    rows: list[tuple[list[int], list[float]]] = []
    for m in range(n):
        for a in range(u):
            for v in range(u):
                if v != a:  # sum_x p (r_v - r_a) + e1 <= 0
                    weight = data.choice[m, :, a].tolist()
                    rows.append(
                        (
                            [*table[m, :, v], *table[m, :, a], e1],
                            [*weight, *(-w for w in weight), 1.0],
                        )
                    )
    for i, (m, k) in enumerate(pairs):
        z = z0 + i * u + np.arange(u)
        for a in range(u):
            for v in range(u):  # t(a, v) - (U - v) c_k - z_a <= 0, or once c_k
                rows.append(
                    (
                        [*table[m, :, v], n_r + k, int(z[a])],
                        [*data.posteriors[k, a].tolist(), -1.0 if costs else float(v - u), -1.0],
                    )
                )
        own = (data.joint[m] if weights else data.marginal[m] * data.choice[m]).ravel()
        first = data.marginal[k if weights else m].tolist()
        rows.append(
            (
                [*z, *table[m].ravel(), n_r + m, e2],
                [*first, *(-own).tolist(), 1.0 if costs else -float(u), 1.0],
            )
        )
    where = np.concatenate([np.full(len(columns), i) for i, (columns, _) in enumerate(rows)])
    columns = np.concatenate([c for c, _ in rows])
    values = np.concatenate([w for _, w in rows])
    size = z0 + len(pairs) * u
    matrix = coo_array((values, (where, columns)), shape=(len(rows), size)).tocsr()
    objective = np.zeros(size)
    objective[[e1, e2]] = -1.0
    bounds = [(0.0, None)] * (n_r + n) + [(0.0, CAP)] * 2 + [(None, None)] * (len(pairs) * u)
    answer = linprog(objective, A_ub=matrix, b_ub=np.zeros(len(rows)), bounds=bounds, method="highs")
    if answer.status != 0:
        raise RuntimeError(f"the solver stopped without an optimum: {answer.message}")
    found = answer.x
    return PublishedFit(float(found[e1]), float(found[e2]), found[table], found[n_r : n_r + n])
