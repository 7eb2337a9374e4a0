r"""What is known of the utilities before the data are seen: families of utilities for the linear programmes.

A *restriction* says which utilities :math:`r_m(x, u)` are admissible. Each becomes a *family*

.. math:: r = r^0 + A\theta, \qquad 0 \le \theta \le 1, \qquad G\theta \le h,

with few parameters :math:`\theta`, so that one linear programme serves all of them:

========================  ====================================================================
`known(utility)`          no parameter: :math:`r = r^0`
`common()`                one utility for all environments, :math:`r_m = \bar r`
`common(stakes)`          one utility up to known stakes, :math:`r_m = (s_m / \max s)\,\bar r`
`monotone(base)`          the step from action u to u + 1 pays more in state x + 1 than in x
`linear(rows, bound)`     your own inequalities between utilities
`free()`                  a utility of its own for each environment: **nothing is restricted**
========================  ====================================================================

Stakes must be known. With unknown stakes the rows would contain products of two unknowns.

Why no "the utility of action u rises with the state". A shift :math:`r_m(x,u) + b_m(x)` that is the same for
all actions changes no choice. So the levels across states say nothing, and with a steep enough b every
utility rises. What can rise is a difference between actions: that is `monotone`.

Why `free` is vacuous. With a utility for each environment and no further information, every data set whose
posteriors and experiments are pairwise distinct passes with a positive margin, also one drawn at random.
The restriction says so, and so does every result that comes from it.

>>> family = common([1.0, 4.0]).family((2, 2, 2))
>>> family.n_parameters
4
>>> family.utility(np.array([1.0, 0.0, 0.0, 1.0]))[:, 0]
array([[0.25, 0.  ],
       [1.  , 0.  ]])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from llma import checks
from llma.checks import Floats

Shape = tuple[int, int, int]

VACUOUS = (
    "the utilities are free, so the test is vacuous: all data pass whose posteriors differ within each "
    "environment and whose experiments differ between environments"
)
"""What every result with free utilities says."""


@dataclass(frozen=True, eq=False)
class Family:
    """Admissible utilities r = offset + matrix @ theta with 0 <= theta (<= 1) and rows @ theta <= bound.

    Parameters
    ----------
    shape : tuple of int
        (M, X, U).
    matrix : sparse array, shape (M * X * U, P)
        What each parameter adds to each utility.
    offset : ndarray, shape (M * X * U,)
        The utility at theta = 0.
    rows : sparse array, shape (R, P)
        Left sides of the inequalities between parameters.
    bound : ndarray, shape (R,)
        Right sides.
    scale : ndarray, shape (M,), optional
        Environment m has scale[m] times one common utility; None if the environments differ otherwise.
    """

    shape: Shape
    matrix: sparse.csr_array
    offset: Floats
    rows: sparse.csr_array
    bound: Floats
    scale: Floats | None = None

    @property
    def n_parameters(self) -> int:
        """Number of parameters P."""
        return int(self.matrix.shape[1])

    @property
    def contains_zero(self) -> bool:
        """Whether r = 0 is admissible, at theta = 0."""
        return not self.offset.any() and bool((self.bound >= 0).all())

    def utility(self, theta: Floats) -> Floats:
        """Return the utility of every environment at these parameters, shape (M, X, U)."""
        return np.asarray((self.offset + self.matrix @ theta).reshape(self.shape))

    def with_rows(self, coefficients: sparse.csr_array, bound: Floats) -> Family:
        """Return the family with further inequalities coefficients @ r <= bound."""
        rows = sparse.csr_array(coefficients @ self.matrix)
        return Family(
            self.shape,
            self.matrix,
            self.offset,
            sparse.csr_array(sparse.vstack([self.rows, rows])),
            np.concatenate([self.bound, bound - coefficients @ self.offset]),
            self.scale,
        )


@dataclass(frozen=True)
class Restriction:
    """A name, and the family of utilities that it admits for a given shape (M, X, U).

    Parameters
    ----------
    name : str
        In words, for results and errors.
    build : callable
        Takes the shape (M, X, U), returns a `Family`.
    vacuous : bool
        Whether (almost) all data pass.
    """

    name: str
    build: Callable[[Shape], Family]
    vacuous: bool = False

    def family(self, shape: Shape) -> Family:
        """Return the family for M environments, X states and U actions."""
        return self.build(shape)


def known(utility: ArrayLike) -> Restriction:
    """Return the restriction to one given utility, shape (X, U) or (M, X, U).

    Examples
    --------
    >>> known([[1, 0], [0, 1]]).family((3, 2, 2)).n_parameters
    0
    """
    values = checks.real_array(utility, "utility")

    def build(shape: Shape) -> Family:
        if values.shape not in (shape, shape[1:]):
            raise ValueError(
                f"utility: has shape {values.shape}; expected {shape[1:]} (one for all environments) or "
                f"{shape}"
            )
        size = int(np.prod(shape))
        nothing = sparse.csr_array((size, 0))
        return Family(shape, nothing, np.broadcast_to(values, shape).ravel(), _no_rows(0), np.zeros(0))

    return Restriction("known utilities", build)


def free() -> Restriction:
    """Return no restriction at all: a utility for each environment. The test is then vacuous.

    Examples
    --------
    >>> free().vacuous
    True
    """

    def build(shape: Shape) -> Family:
        size = int(np.prod(shape))
        return Family(shape, _identity(size), np.zeros(size), _no_rows(size), np.zeros(0))

    return Restriction("free utilities", build, vacuous=True)


def common(stakes: ArrayLike | None = None) -> Restriction:
    """Return the restriction to one utility for all environments, up to known stakes.

    Parameters
    ----------
    stakes : array_like, shape (M,), optional
        Positive; environment m has utility stakes[m] / max(stakes) times one common utility. None: all equal.

    Raises
    ------
    ValueError
        Naming the first stake that is not positive.

    Examples
    --------
    >>> common([1, 0])
    Traceback (most recent call last):
    ...
    ValueError: stakes: entry 1 is 0; a stake must be positive
    """
    given = None if stakes is None else checks.real_array(stakes, "stakes", ndim=1)
    if given is not None and (given <= 0).any():
        m = int(np.argmax(given <= 0))
        raise ValueError(f"stakes: entry {m} is {given[m]:.6g}; a stake must be positive")

    def build(shape: Shape) -> Family:
        n_environments, n_states, n_actions = shape
        scale = np.ones(n_environments) if given is None else given / given.max()
        if len(scale) != n_environments:
            raise ValueError(f"stakes: {len(scale)} given; expected {n_environments}, one an environment")
        size = n_states * n_actions
        matrix = sparse.csr_array(sparse.kron(scale[:, None], sparse.eye_array(size)))
        return Family(shape, matrix, np.zeros(n_environments * size), _no_rows(size), np.zeros(0), scale)

    name = "one utility for all environments" if stakes is None else "one utility up to known stakes"
    return Restriction(name, build)


def monotone(base: Restriction | None = None) -> Restriction:
    """Return a restriction to increasing differences: higher states favour higher actions.

    r(x + 1, u + 1) - r(x + 1, u) >= r(x, u + 1) - r(x, u) for all x and u, in every environment. States and
    actions must be numbered in their order.

    Parameters
    ----------
    base : Restriction, optional
        Where the differences must increase; `common()` if omitted.

    Examples
    --------
    >>> monotone(free()).family((2, 3, 2)).rows.shape
    (4, 12)
    """
    under = common() if base is None else base

    def build(shape: Shape) -> Family:
        _, n_states, n_actions = shape
        family = under.family(shape)
        forms = []
        for x in range(n_states - 1):
            for u in range(n_actions - 1):
                form = np.zeros((n_states, n_actions))
                form[x, u] = form[x + 1, u + 1] = -1
                form[x, u + 1] = form[x + 1, u] = 1
                forms.append(form.ravel())
        block = sparse.csr_array(np.reshape(forms, (len(forms), n_states * n_actions)))
        rows = _each_environment(block, shape, family.scale is not None)
        return family.with_rows(rows, np.zeros(rows.shape[0]))

    return Restriction(f"{under.name}, increasing differences", build)


def linear(rows: ArrayLike, bound: ArrayLike, base: Restriction | None = None) -> Restriction:
    """Return a restriction by your own inequalities, sum of rows * r <= bound.

    Write them on differences between actions: levels mean nothing in this theory, but they must fit into the
    box 0 <= r <= 1, so an inequality on levels restricts more than it says.

    Parameters
    ----------
    rows : array_like, shape (R, X, U) or (R, M, X, U)
        Coefficients; without the axis of environments each inequality holds in every environment.
    bound : array_like, shape (R,) or a number
        Right sides.
    base : Restriction, optional
        What else is known; `free()` if omitted.

    Examples
    --------
    In state 0, action 0 is at least as good as action 1:

    >>> sure = linear([[[-1, 1], [0, 0]]], 0, common())
    >>> sure.family((3, 2, 2)).rows.toarray()
    array([[-1.,  1.,  0.,  0.]])
    """
    under = free() if base is None else base
    table = checks.real_array(rows, "rows")
    if table.ndim not in (3, 4):
        raise ValueError(f"rows: have shape {table.shape}; expected (R, X, U) or (R, M, X, U)")
    right = np.broadcast_to(checks.real_array(bound, "bound"), table.shape[0])

    def build(shape: Shape) -> Family:
        if table.shape[1:] not in (shape, shape[1:]):
            raise ValueError(
                f"rows: have shape {table.shape}; expected {(len(table), *shape[1:])} (every environment) or "
                f"{(len(table), *shape)}"
            )
        family = under.family(shape)
        if table.ndim == 4:
            return family.with_rows(sparse.csr_array(table.reshape(len(table), -1)), right)
        block = sparse.csr_array(table.reshape(len(table), -1))
        forms = _each_environment(block, shape, family.scale is not None)
        return family.with_rows(forms, np.tile(right, forms.shape[0] // len(table)))

    return Restriction(f"{under.name}, with {len(table)} linear inequalities", build)


def restriction_of(value: Restriction | str) -> Restriction:
    """Return a restriction from itself or from its name, "common" or "free".

    Examples
    --------
    >>> restriction_of("free").name
    'free utilities'
    """
    if isinstance(value, Restriction):
        return value
    return {"common": common, "free": free}[checks.one_of(value, "restriction", ("common", "free"))]()


def _identity(size: int) -> sparse.csr_array:
    return sparse.csr_array((np.ones(size), np.arange(size), np.arange(size + 1)), shape=(size, size))


def _no_rows(n_parameters: int) -> sparse.csr_array:
    return sparse.csr_array((0, n_parameters))


def _each_environment(block: sparse.csr_array, shape: Shape, shared: bool) -> sparse.csr_array:
    """Repeat rows on (X, U) in every environment; in the first alone if it determines the others."""
    n_environments = shape[0]
    if not shared:
        return sparse.csr_array(sparse.kron(sparse.eye_array(n_environments), block))
    rest = sparse.csr_array((block.shape[0], block.shape[1] * (n_environments - 1)))
    return sparse.csr_array(sparse.hstack([block, rest]))
