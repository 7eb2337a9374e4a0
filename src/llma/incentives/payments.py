r"""The least payments that make actions reveal observations: any number of states, observations, actions.

Model. The agent that saw y expects cost C(y, u) from action u and is paid t(u) >= 0 for it. We want each
observation y to lead to an action a(y) of its own. The payments must satisfy, for every y and u,

.. math:: t(u) - t(a(y)) \le C(y, u) - C(y, a(y)).

Theorem. Such payments exist if and only if no exchange of the chosen actions among observations lowers the
sum of costs, that is, no cycle of these differences is negative. Then there is a *least* one: it is below
every other in every entry, so it is cheapest whether the centre pays every agent or the expected payment. It
is a table of shortest paths (lemma "no negative cycle, hence potentials").

Algorithm. Actions are vertices; the edge from u to a(y) weighs C(y, u) - C(y, a(y)). Shortest paths by
Bellman and Ford. There is no linear program to be solved.

Ties. At the least payments some agents are indifferent, and must do what is wanted then; else a little more
has to be paid, and the least payments are an infimum.

Source. The condition is Rochet's, Journal of Mathematical Economics 16, 1987.

>>> least_payments([0.8, 0.2], [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], (0, 1)).round(4)
array([0.    , 0.2632])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from math import perm

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.bayes import posterior
from llma.checks import Floats
from llma.ribum.cycles import negative_cycle, potentials

MOST_ASSIGNMENTS = 50_000


@dataclass(frozen=True, eq=False)
class CheapestReveal:
    """The cheapest way to make actions reveal observations.

    Attributes
    ----------
    assignment : tuple of int
        The action wanted after each observation.
    payments : ndarray, shape (U,)
        Least payment for each action.
    expected_payment : float
        What one agent is paid on average.
    """

    assignment: tuple[int, ...]
    payments: Floats
    expected_payment: float


def least_payments(
    belief: ArrayLike, likelihood: ArrayLike, cost: ArrayLike, assignment: Sequence[int]
) -> Floats:
    """Return the least payments under which observation y leads to action assignment[y], shape (U,).

    Parameters
    ----------
    belief : array_like, shape (X,)
        Public belief.
    likelihood : array_like, shape (X, Y)
    cost : array_like, shape (X, U)
        The agent's cost, action costs included.
    assignment : sequence of int
        A different action for each observation.

    Returns
    -------
    ndarray, shape (U,)

    Raises
    ------
    ValueError
        If two observations share an action, or if no payments work: the message names the exchange of
        actions that would lower the sum of costs.

    Examples
    --------
    >>> least_payments([0.8, 0.2], [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], (1, 0))
    Traceback (most recent call last):
    ...
    ValueError: assignment: no payments work, because exchanging the actions 0 -> 1 -> 0 among observations \
lowers the sum of costs by 0.543
    """
    costs, _ = _expected_costs(belief, likelihood, cost)
    return _least(costs, _checked(assignment, *costs.shape))


def cheapest_reveal(belief: ArrayLike, likelihood: ArrayLike, cost: ArrayLike) -> CheapestReveal:
    """Return the assignment of actions to observations whose least payments cost least on average.

    Every assignment is tried, so the numbers must be small.

    Raises
    ------
    ValueError
        If there are fewer actions than observations, or more than 50,000 assignments.

    Examples
    --------
    >>> way = cheapest_reveal([0.8, 0.2], [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
    >>> way.assignment, round(way.expected_payment, 4)
    ((0, 1), 0.1)
    """
    costs, chance = _expected_costs(belief, likelihood, cost)
    n_observations, n_actions = costs.shape
    if n_actions < n_observations:
        raise ValueError(
            f"cost: has {n_actions} actions for {n_observations} observations; "
            "an action for each observation is needed"
        )
    if perm(n_actions, n_observations) > MOST_ASSIGNMENTS:
        raise ValueError(
            f"cost: there are {perm(n_actions, n_observations)} assignments; at most {MOST_ASSIGNMENTS} are "
            "tried; use least_payments with one of your own"
        )
    best: CheapestReveal | None = None
    for chosen in permutations(range(n_actions), n_observations):
        if negative_cycle(_edges(costs, chosen)) is not None:
            continue
        payments = _least(costs, chosen)
        expected = float(chance @ payments[list(chosen)])
        if best is None or expected < best.expected_payment - 1e-12:
            best = CheapestReveal(chosen, payments, expected)
    if best is None:  # impossible: the assignment of least total cost has no negative cycle
        raise RuntimeError("no assignment can be paid for; please report this problem")
    return best


def _expected_costs(belief: ArrayLike, likelihood: ArrayLike, cost: ArrayLike) -> tuple[Floats, Floats]:
    """Return C(y, u), shape (Y, U), and the probability of each observation, shape (Y,)."""
    prior = checks.belief(belief, "belief")
    table = checks.stochastic_matrix(likelihood, "likelihood", n_rows=len(prior))
    costs = checks.cost_matrix(cost, "cost", n_states=len(prior))
    after = np.stack([posterior(prior, table, y) for y in range(table.shape[1])])
    return np.asarray(after @ costs), np.asarray(prior @ table)


def _checked(assignment: Sequence[int], n_observations: int, n_actions: int) -> tuple[int, ...]:
    chosen = tuple(int(u) for u in checks.indices(list(assignment), "assignment", n_actions))
    if len(chosen) != n_observations or len(set(chosen)) != n_observations:
        raise ValueError(
            f"assignment: is {chosen}; expected {n_observations} different actions, one an observation"
        )
    return chosen


def _edges(costs: Floats, chosen: Sequence[int]) -> Floats:
    n_actions = costs.shape[1]
    edges = np.full((n_actions, n_actions), np.inf)
    for y, action in enumerate(chosen):
        edges[:, action] = costs[y] - costs[y, action]
    return edges


def _least(costs: Floats, chosen: Sequence[int]) -> Floats:
    edges = _edges(costs, chosen)
    cycle = negative_cycle(edges)
    if cycle is not None:
        around = (*cycle, cycle[0])
        gain = -sum(edges[a, b] for a, b in pairwise(around))
        raise ValueError(
            f"assignment: no payments work, because exchanging the actions {' -> '.join(map(str, around))} "
            f"among observations lowers the sum of costs by {gain:.3g}"
        )
    return potentials(edges)
