r"""Attention from a menu: an agent that chooses one of finitely many experiments and pays for each.

Model. A menu lists experiments :math:`\beta_0, \dots, \beta_{N-1}`, kernels :math:`\beta_n(y \mid x)` with
common states and signals, and what each consumes: :math:`t_n` tokens. At a price :math:`\lambda \ge 0` for a
token, an agent with prior :math:`\pi` and utility :math:`r` solves

.. math:: \max_n\; J(\beta_n, r) - \lambda t_n, \qquad
          J(\beta, r) = \sum_y \max_v \sum_x \pi(x) \beta(y \mid x) r(x, v) .

It reads with :math:`\beta_n`, sees y, and takes the best action. A reader that reads the first n tokens of a
text and may choose n is such an agent. The cost belongs to the kernel: it does not depend on the prior.

Prices. Experiment n is optimal at the price :math:`\lambda` if and only if no other one gains:

.. math:: \max_{j:\, t_j > t_n} \frac{J_j - J_n}{t_j - t_n} \;\le\; \lambda \;\le\;
          \min_{j:\, t_j < t_n} \frac{J_n - J_j}{t_n - t_j} ,

and no experiment with the same tokens is worth more. So the experiments that are optimal at some price are
those whose points :math:`(t_n, J_n)` lie on the upper concave hull. Where J is S-shaped in t, a small n lies
below the hull and is never chosen. Compare all points; first-order conditions mislead.

Algorithm. Enumeration, N experiments with Y signals and U actions: O(N X Y U). Ties go to fewer tokens, then
to the lower index; among actions to the lower index; all within a relative 1e-12.

Reference. The model is that of A. Caplin and M. Dean, "Revealed Preference, Rational Inattention, and Costly
Information Acquisition", American Economic Review 105, 2015, with a cost that is infinite off the menu.

>>> blind, glance, study = [[1, 0], [1, 0]], [[0.7, 0.3], [0.3, 0.7]], [[0.9, 0.1], [0.1, 0.9]]
>>> menu = Menu([blind, glance, study], [0, 10, 20])
>>> for stakes in (1, 2, 4):
...     plan = menu.optimal([0.5, 0.5], [[stakes, 0], [0, stakes]], price=0.05)
...     print(plan.chosen, round(plan.value, 2), round(plan.net, 2))
0 0.5 0.5
0 1.0 1.0
2 3.6 2.6
>>> [edge.round(3).tolist() for edge in menu.prices([0.5, 0.5], [[2, 0], [0, 2]])]
[[0.04, 0.04, 0.0], [inf, 0.04, 0.04]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints

TIE = 1e-12
"""Values that differ by less, relative to the largest, are tied."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What an agent reads and then does.

    Attributes
    ----------
    chosen : int
        Index of the experiment in the menu.
    value : float
        Expected utility J of the experiment, before the bill.
    bill : float
        Price times tokens.
    actions : ndarray of int, shape (Y,)
        The action after each signal.
    choice : ndarray, shape (X, U)
        p(u given x): what an observer sees of the agent.
    """

    chosen: int
    value: float
    bill: float
    actions: Ints
    choice: Floats

    @property
    def net(self) -> float:
        """Value minus bill."""
        return self.value - self.bill


@dataclass(frozen=True, eq=False)
class Menu:
    """Finitely many experiments and the tokens that each consumes.

    Parameters
    ----------
    kernels : array_like, shape (N, X, Y)
        p(y given x) of each experiment; pad with zero columns where one has fewer signals.
    tokens : array_like, shape (N,)
        What each consumes; non-negative.

    Raises
    ------
    ValueError
        Naming the first row that is not a probability vector, or the first number of tokens that is negative.

    Examples
    --------
    >>> menu = Menu([[[1, 0], [1, 0]], [[0.8, 0.2], [0.2, 0.8]]], [0, 12])
    >>> menu.values([0.65, 0.35], [[1, 0], [0, 1]])
    array([0.65, 0.8 ])
    """

    kernels: Floats
    tokens: Floats

    def __init__(self, kernels: ArrayLike, tokens: ArrayLike) -> None:
        tables = checks.choice_table(kernels, "kernels")
        consumed = checks.real_array(tokens, "tokens", ndim=1)
        if consumed.shape != tables.shape[:1]:
            raise ValueError(
                f"tokens: has {consumed.size} entries for {tables.shape[0]} kernels; give one for each"
            )
        if (consumed < 0).any():
            n = int((consumed < 0).argmax())
            raise ValueError(f"tokens: entry {n} is {consumed[n]:.12g}; reading cannot give tokens back")
        for name, value in (("kernels", tables), ("tokens", consumed)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Return the number of experiments N."""
        return int(self.tokens.size)

    def values(self, prior: ArrayLike, utility: ArrayLike) -> Floats:
        """Return J of every experiment, shape (N,), in units of utility.

        Parameters
        ----------
        prior : array_like, shape (X,)
        utility : array_like, shape (X, U)

        Examples
        --------
        >>> Menu([[[0.8, 0.2], [0.2, 0.8]]], [12]).values([0.5, 0.5], [[1, 0], [0, 4]])
        array([2.])
        """
        weight, table = _problem(prior, utility, self.kernels.shape[1])
        worth = self.kernels.swapaxes(1, 2) @ (weight[:, None] * table)  # (N, Y, U)
        return np.asarray(worth.max(axis=2).sum(axis=1))

    def optimal(self, prior: ArrayLike, utility: ArrayLike, price: float) -> Plan:
        """Return the plan with the largest value net of the bill.

        Parameters
        ----------
        prior : array_like, shape (X,)
        utility : array_like, shape (X, U)
        price : float
            Utility per token, non-negative.

        Returns
        -------
        Plan

        Raises
        ------
        ValueError
            If the price is negative or not a number, or shapes disagree.

        Examples
        --------
        >>> menu = Menu([[[1, 0], [1, 0]], [[0.8, 0.2], [0.2, 0.8]]], [0, 12])
        >>> menu.optimal([0.65, 0.35], [[1, 0], [0, 1]], price=0.01).choice
        array([[0.8, 0.2],
               [0.2, 0.8]])
        """
        _check_price(price)
        net = self.values(prior, utility) - price * self.tokens
        slack = TIE * max(1.0, float(np.abs(net).max()))
        tied = np.flatnonzero(net >= net.max() - slack)
        return self.plan(int(tied[self.tokens[tied].argmin()]), prior, utility, price)

    def plan(self, index: int, prior: ArrayLike, utility: ArrayLike, price: float = 0.0) -> Plan:
        """Return the plan of an agent that reads with a given experiment, whatever the bill.

        Raises
        ------
        ValueError
            If there is no such experiment, the price is negative or not a number, or shapes disagree.

        Examples
        --------
        >>> menu = Menu([[[1, 0], [1, 0]], [[0.6, 0.4], [0.4, 0.6]]], [0, 12])
        >>> menu.plan(1, [0.65, 0.35], [[1, 0], [0, 1]]).actions.tolist()  # reads, and ignores what it read
        [0, 0]
        """
        _check_price(price)
        n = int(checks.indices(index, "index", len(self)))
        kernel = self.kernels[n]
        actions = best_actions(prior, kernel, utility)
        choice = kernel @ np.eye(np.shape(utility)[1])[actions]
        return Plan(n, float(self.values(prior, utility)[n]), price * float(self.tokens[n]), actions, choice)

    def prices(self, prior: ArrayLike, utility: ArrayLike) -> tuple[Floats, Floats]:
        """Return the lowest and the highest price at which each experiment is optimal.

        Returns
        -------
        lower, upper : ndarray, shape (N,)
            Utility per token. Where lower > upper there is no such price: the point (tokens, value) lies
            below the upper concave hull.

        Examples
        --------
        >>> kernels = [[[p, 1 - p], [1 - p, p]] for p in (0.5, 0.55, 0.8)]
        >>> lower, upper = Menu(kernels, [0, 5, 10]).prices([0.5, 0.5], [[1, 0], [0, 1]])
        >>> lower <= upper
        array([ True, False,  True])
        """
        value = self.values(prior, utility)
        more = self.tokens[None, :] - self.tokens[:, None]  # [n, j]: tokens that j consumes beyond n
        gain = value[None, :] - value[:, None]
        slope = np.divide(gain, more, out=np.zeros_like(gain), where=more != 0)
        lower = np.where(more > 0, slope, 0.0).max(axis=1)  # the price is at least zero
        upper = np.where(more < 0, slope, np.inf).min(axis=1)
        beaten = ((more == 0) & (gain > 0)).any(axis=1)
        return lower, np.where(beaten, -np.inf, upper)


def best_actions(belief: ArrayLike, kernel: ArrayLike, utility: ArrayLike) -> Ints:
    """Return the action after each signal of an agent with this belief about states and kernel.

    An agent that is mistaken about either can be described by its mistaken belief or kernel.

    Parameters
    ----------
    belief : array_like, shape (X,)
    kernel : array_like, shape (X, Y)
    utility : array_like, shape (X, U)

    Returns
    -------
    ndarray of int, shape (Y,)
        The lowest index among the best; 0 after a signal that cannot occur.

    Examples
    --------
    >>> best_actions([0.9, 0.1], [[0.8, 0.2], [0.2, 0.8]], [[1, 0], [0, 1]]).tolist()
    [0, 0]
    """
    beta = checks.stochastic_matrix(kernel, "kernel")
    weight, table = _problem(belief, utility, beta.shape[0])
    worth = beta.T @ (weight[:, None] * table)  # (Y, U)
    slack = TIE * np.maximum(np.abs(worth).max(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.asarray((worth >= worth.max(axis=1, keepdims=True) - slack).argmax(axis=1), dtype=np.int64)


def _problem(prior: ArrayLike, utility: ArrayLike, n_states: int) -> tuple[Floats, Floats]:
    weight = checks.belief(prior, "prior", n_states)
    if weight.ndim != 1:
        raise ValueError(f"prior: expected one belief, got shape {weight.shape}")
    return weight, checks.cost_matrix(utility, "utility", n_states=n_states)


def _check_price(price: float) -> None:
    if not (np.isfinite(price) and price >= 0):
        raise ValueError(f"price: is {price}; a token costs a finite amount, zero or more")
