"""Validators for beliefs, stochastic matrices, costs and choice tables.

Every public function of the library checks its input once, at the door, with one of these. Each returns a new
``float64`` (or integer) array and never changes its input. Each error says three things: the first bad row,
the value that is wrong, and what was expected, so that a reader can repair the input without a debugger.

Probabilities must sum to one within `TOLERANCE` = 1e-8. They are returned as they came and are *not*
rescaled: a validator that repairs its input silently hides the mistake it was written to find.

>>> stochastic_matrix([[0.7, 0.3], [0.4, 0.5]], "likelihood")
Traceback (most recent call last):
...
ValueError: likelihood: row 1 is [0.4, 0.5] and sums to 0.9; each row must sum to 1
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-8
"""How far from one a sum of probabilities may be."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def real_array(values: ArrayLike, name: str, ndim: int | None = None) -> Floats:
    """Return a fresh float64 array of finite numbers.

    Parameters
    ----------
    values : array_like
        Numbers.
    name : str
        What the reader calls this argument; it opens every error message.
    ndim : int, optional
        The number of axes expected; None accepts any.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        If the values are not numbers, have another number of axes, are empty, or are not finite.

    Examples
    --------
    >>> real_array([1, 2], "cost")
    array([1., 2.])
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name}: expected an array of numbers with rows of equal length ({error})"
        ) from None
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} axes, got {array.ndim} (shape {array.shape})")
    if array.size == 0:
        raise ValueError(f"{name}: is empty (shape {array.shape})")
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: entry {_place(where)} is {array[where]}; every entry must be a finite number"
        )
    return array


def probabilities(values: ArrayLike, name: str = "probabilities", allow_nan: bool = False) -> Floats:
    """Return numbers between zero and one, of any shape; NaN (no answer) only where it is allowed.

    Raises
    ------
    ValueError
        Naming the first entry outside [0, 1].

    Examples
    --------
    >>> probabilities([0.2, 1.0])
    array([0.2, 1. ])
    """
    array = np.array(values, dtype=np.float64) if allow_nan else real_array(values, name)
    bad = (array < 0) | (array > 1)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: entry {_place(where)} is {array[where]:.12g}; a probability lies between 0 and 1"
        )
    return array


def belief(values: ArrayLike, name: str = "belief", n_states: int | None = None) -> Floats:
    """Return a belief, shape (..., X): non-negative, each row sums to one.

    Parameters
    ----------
    values : array_like, shape (..., X)
        One belief or a stack of beliefs.
    name : str
        Opens every error message.
    n_states : int, optional
        The X expected.

    Returns
    -------
    ndarray, shape (..., X)

    Raises
    ------
    ValueError
        Naming the first row that is not a probability vector, or the wrong length.

    Examples
    --------
    >>> belief([0.25, 0.75])
    array([0.25, 0.75])
    >>> belief([0.25, 0.7])
    Traceback (most recent call last):
    ...
    ValueError: belief: is [0.25, 0.7] and sums to 0.95; a belief must sum to 1
    """
    array = real_array(values, name)
    if array.ndim == 0:
        raise ValueError(f"{name}: expected a vector with one probability a state, got the number {array}")
    if n_states is not None and array.shape[-1] != n_states:
        raise ValueError(f"{name}: has {array.shape[-1]} states; expected {n_states}")
    _check_rows(array, name, "a belief must sum to 1")
    return array


def stochastic_matrix(
    values: ArrayLike, name: str = "likelihood", n_rows: int | None = None, square: bool = False
) -> Floats:
    """Return a row-stochastic matrix: non-negative, each row sums to one.

    Parameters
    ----------
    values : array_like, shape (R, C)
        A likelihood p(y given x), shape (X, Y), or a transition matrix, shape (X, X).
    name : str
        Opens every error message.
    n_rows : int, optional
        The R expected.
    square : bool
        Whether C must equal R (a transition matrix).

    Returns
    -------
    ndarray, shape (R, C)

    Raises
    ------
    ValueError
        Naming the first row that is not a probability vector, or the wrong shape.

    Examples
    --------
    >>> stochastic_matrix([[0.7, 0.3], [0.3, 0.7]]).sum(axis=1)
    array([1., 1.])
    """
    array = real_array(values, name, ndim=2)
    if n_rows is not None and array.shape[0] != n_rows:
        raise ValueError(f"{name}: has {array.shape[0]} rows; expected {n_rows}, one a state")
    if square and array.shape[0] != array.shape[1]:
        raise ValueError(f"{name}: expected a square matrix, got shape {array.shape}")
    _check_rows(array, name, "each row must sum to 1")
    return array


def cost_matrix(
    values: ArrayLike, name: str = "cost", n_states: int | None = None, n_actions: int | None = None
) -> Floats:
    """Return a table of finite numbers, shape (X, U): the cost of action u in state x.

    Raises
    ------
    ValueError
        Naming the first entry that is not finite, or the wrong shape.

    Examples
    --------
    >>> cost_matrix([[0, 1], [1, 0]], n_states=2)
    array([[0., 1.],
           [1., 0.]])
    """
    array = real_array(values, name, ndim=2)
    if n_states is not None and array.shape[0] != n_states:
        raise ValueError(f"{name}: has {array.shape[0]} rows; expected {n_states}, one a state")
    if n_actions is not None and array.shape[1] != n_actions:
        raise ValueError(f"{name}: has {array.shape[1]} columns; expected {n_actions}, one an action")
    return array


def choice_table(values: ArrayLike, name: str = "choice") -> Floats:
    """Return choice probabilities p_m(u given x), shape (M, X, U): each row sums to one.

    Raises
    ------
    ValueError
        Naming the first environment and state whose row is not a probability vector.

    Examples
    --------
    >>> choice_table([[[0.8, 0.2], [0.1, 0.9]]]).shape
    (1, 2, 2)
    """
    array = real_array(values, name, ndim=3)
    _check_rows(array, name, "each row must sum to 1")
    return array


def indices(values: ArrayLike, name: str, size: int) -> Ints:
    """Return integers in 0..size-1, of any shape.

    Parameters
    ----------
    values : array_like of int
        Observations, actions or states.
    name : str
        Opens every error message.
    size : int
        One more than the largest value allowed.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    ValueError
        Naming the first entry that is not an integer in the range.

    Examples
    --------
    >>> indices([0, 1, 1], "observations", size=2)
    array([0, 1, 1])
    """
    raw = np.asarray(values)
    if raw.dtype.kind not in "iub":
        if raw.dtype.kind != "f" or raw.size == 0 or not np.array_equal(raw, np.floor(raw)):
            raise ValueError(f"{name}: expected integers in 0..{size - 1}, got {_short(raw)}")
    array = raw.astype(np.int64)
    bad = (array < 0) | (array >= size)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: entry {_place(where)} is {array[where]}; expected an integer in 0..{size - 1}"
        )
    return array


def one_of(value: str, name: str, allowed: tuple[str, ...]) -> str:
    """Return the value if it is one of the allowed names.

    Raises
    ------
    ValueError
        Naming the value and everything that is allowed.

    Examples
    --------
    >>> one_of("low", "tie", ("low", "own"))
    'low'
    """
    if value not in allowed:
        raise ValueError(f"{name}: is {value!r}; expected one of {', '.join(map(repr, allowed))}")
    return value


def discount(value: float, name: str = "discount") -> float:
    """Return a discount factor: at least zero, and less than one.

    Raises
    ------
    ValueError
        If it is outside [0, 1): at one, total costs need not be finite.

    Examples
    --------
    >>> discount(0.9)
    0.9
    """
    factor = float(real_array(value, name, ndim=0))
    if not 0 <= factor < 1:
        raise ValueError(f"{name}: is {factor:.12g}; expected a number at least 0 and less than 1")
    return factor


def _check_rows(array: Floats, name: str, rule: str) -> None:
    negative = array < 0
    if negative.any():
        where = tuple(int(i) for i in np.argwhere(negative)[0])
        raise ValueError(
            f"{name}: entry {_place(where)} is {array[where]:.12g}; a probability cannot be negative"
        )
    sums = array.sum(axis=-1)
    off = np.abs(sums - 1) > TOLERANCE
    if off.any():
        row = tuple(int(i) for i in np.argwhere(np.atleast_1d(off))[0]) if array.ndim > 1 else ()
        subject = f"row {_place(row)} is" if row else "is"
        raise ValueError(
            f"{name}: {subject} {_short(array[row])} and sums to {float(sums[row]):.12g}; {rule}"
        )


def _place(where: tuple[int, ...]) -> str:
    return str(where[0]) if len(where) == 1 else str(where)


def _short(row: NDArray[np.generic]) -> str:
    flat = row.ravel().tolist()
    shown = ", ".join(f"{v:.6g}" if isinstance(v, int | float) else repr(v) for v in flat[:8])
    return f"[{shown}{', ...' if len(flat) > 8 else ''}]"
