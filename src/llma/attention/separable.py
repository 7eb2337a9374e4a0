r"""Costs of attention beyond Shannon: posterior-separable costs, with Tsallis entropy as the family.

Model. Looking turns the prior pi into a random belief eta with mean pi (:math:`\mu` is its distribution).
It costs

.. math:: C(\mu) = \lambda \Bigl( \int \Psi \, d\mu - \Psi(\pi) \Bigr), \qquad
    \Psi_\alpha(\eta) = \frac{\sum_x \eta(x)^\alpha - 1}{\alpha - 1}, \quad \alpha > 0 .

Psi is convex; for alpha = 1 the cost is Shannon's. See `llma.attention.entropies`.

Theorem (concavification). With :math:`N(\eta) = \max_u \sum_x \eta(x) r(x, u) - \lambda \Psi(\eta)`, the
best value is :math:`\lambda \Psi(\pi)` plus the smallest concave function above N, at pi. That is also the
least :math:`\ell^\top \pi` over the planes :math:`\ell` that lie above N everywhere. The optimal beliefs
are points where N touches a best plane.

Algorithm. Column generation. (1) Given finitely many beliefs, the best weights are a linear programme;
its multipliers are a plane :math:`\ell`. (2) For every action find the belief at which the plane is
exceeded most: the `peak` of :math:`v = (r(\cdot, u) - \ell) / \lambda`, which maximises :math:`v^\top \eta -
\Psi(\eta)`. (3) Add these beliefs and repeat.

Certificate (the stopping rule). Let e be the largest excess in (2). The plane raised by e lies above N,
so that no policy is worth more than :math:`\ell^\top \pi + e + \lambda \Psi(\pi)`.

Theorem (locally invariant posteriors). A plane that is best at pi is best at every average of the optimal
beliefs: with other weights on the *same* beliefs the agent is optimal at another prior. See `at_weights`.

Reference. A. Caplin, M. Dean and J. Leahy, "Rationally Inattentive Behavior: Characterizing and
Generalizing Shannon Entropy", Journal of Political Economy 130, 2022; E. Kamenica and M. Gentzkow,
"Bayesian Persuasion", American Economic Review 101, 2011 (concavification).

>>> quadratic = separable([0.6, 0.4], [[1, 0], [0, 1]], price=0.6, order=2)
>>> quadratic.posteriors.round(4)
array([[0.9167, 0.0833],
       [0.0833, 0.9167]])
>>> round(quadratic.value, 4), quadratic.gap < 1e-9
(0.7203, True)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog

from llma import checks
from llma.attention.entropies import entropy, peak, positive_order
from llma.checks import Floats

__all__ = ["Separable", "at_weights", "entropy", "posterior_shift", "separable"]

TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""The tightest that the solver takes; with its defaults the certificate stalls at 1e-7."""


@dataclass(frozen=True)
class Separable:
    """An optimal policy under a posterior-separable cost, and its certificate.

    Attributes
    ----------
    prior : ndarray, shape (X,)
    utility : ndarray, shape (X, U)
    price : float
    order : float
        The alpha of the entropy; 1 is Shannon.
    choice : ndarray, shape (X, U)
        Probability of each action in each state.
    marginal : ndarray, shape (U,)
    posteriors : ndarray, shape (U, X)
        The belief behind each action; NaN for an action that is not used.
    information : float
        Expected Psi minus Psi of the prior: the cost is `price` times this.
    value : float
        Expected utility minus cost.
    plane : ndarray, shape (X,)
        The best plane, raised so that it lies above N.
    gap : float
        No policy has a value above ``value + gap`` (up to rounding).
    rounds : int
        Linear programmes solved.
    """

    prior: Floats
    utility: Floats
    price: float
    order: float
    choice: Floats
    marginal: Floats
    posteriors: Floats
    information: float
    value: float
    plane: Floats
    gap: float
    rounds: int


def separable(
    prior: ArrayLike,
    utility: ArrayLike,
    price: float,
    order: float = 1.0,
    *,
    tolerance: float = 1e-9,
    max_rounds: int = 500,
) -> Separable:
    """Return the choices of an agent whose cost is the expected fall of a Tsallis entropy.

    Parameters
    ----------
    prior : array_like, shape (X,)
        Positive.
    utility : array_like, shape (X, U)
    price : float
        Positive and finite.
    order : float
        Positive; 1 is Shannon.
    tolerance : float
        The gap allowed, as a share of the largest stake.
    max_rounds : int
        Linear programmes after which to give up.

    Returns
    -------
    Separable

    Raises
    ------
    ValueError
        If the prior has a zero, price or order is not positive and finite, or shapes do not fit.
    RuntimeError
        If a linear programme is not solved, or there is no certificate after `max_rounds`.

    Examples
    --------
    >>> agent = separable([0.5, 0.3, 0.2], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], price=0.5, order=1.5)
    >>> agent.marginal.round(3), agent.gap < 1e-9
    (array([0.543, 0.291, 0.165]), True)
    """
    pi, alpha = checks.belief(prior, "prior"), positive_order(order)
    if pi.ndim != 1 or (pi <= 0).any():
        raise ValueError(f"prior: is {pi.tolist()}; expected one vector of positive numbers")
    table = checks.cost_matrix(utility, "utility", n_states=pi.size)
    if not 0 < price < np.inf:
        raise ValueError(f"price: is {price}; expected a positive finite number")
    n_states, n_actions = table.shape
    stake = float(np.ptp(table, axis=1).max()) or 1.0  # the unit in which the programmes are solved
    start = np.vstack([np.eye(n_states), pi, 0.5 * (np.eye(n_states) + pi)])
    beliefs, actions = np.tile(start, (n_actions, 1)), np.repeat(np.arange(n_actions), len(start))
    for done in range(1, max_rounds + 1):
        net = (beliefs * table[:, actions].T).sum(axis=1) - price * entropy(beliefs, alpha)
        weights, plane = _best_weights(beliefs, net / stake, pi)
        plane *= stake
        new = np.array([peak((table[:, u] - plane) / price, alpha) for u in range(n_actions)])
        excess = (new * (table.T - plane)).sum(axis=1) - price * entropy(new, alpha)
        joint = np.zeros((n_actions, n_states))
        np.add.at(joint, actions, np.maximum(weights, 0.0)[:, None] * beliefs)
        joint *= pi / joint.sum(axis=0)  # the solver keeps the mean to its own tolerance only
        agent = _agent(joint.T, table, price, order=alpha, plane=plane + max(excess.max(), 0.0), rounds=done)
        if agent.gap <= tolerance * stake:
            return agent
        beliefs, actions = np.vstack([beliefs, new]), np.r_[actions, np.arange(n_actions)]
    raise RuntimeError(
        f"no certificate after {max_rounds} linear programmes: the policy may be {agent.gap:.3g} from the "
        f"optimum, and {tolerance * stake:.3g} is allowed; raise tolerance or max_rounds"
    )


def at_weights(agent: Separable, weights: ArrayLike) -> Separable:
    """Return the policy with the same beliefs and other weights, at the prior that these imply.

    Its gap says how far it is from the optimum there. It comes from the plane of `agent`, without solving
    anything: this is the theorem on locally invariant posteriors at work.

    Parameters
    ----------
    agent : Separable
    weights : array_like, shape (U,)
        New probabilities of the actions; zero for an action that `agent` does not use.

    Returns
    -------
    Separable

    Raises
    ------
    ValueError
        If an unused action gets weight, or the new prior rules a state out.

    Examples
    --------
    >>> agent = separable([0.6, 0.4], [[1, 0], [0, 1]], price=0.6, order=2)
    >>> moved = at_weights(agent, [0.3, 0.7])
    >>> moved.prior.round(4), moved.gap < 1e-8
    (array([0.3333, 0.6667]), True)
    """
    rate = checks.belief(weights, "weights", n_states=agent.marginal.size)
    used = agent.marginal > 0
    if (rate[~used] > 0).any():
        u = int(np.argmax((rate > 0) & ~used))
        raise ValueError(f"weights: action {u} has weight {rate[u]:.6g}, but this agent never uses it")
    joint = rate[:, None] * np.where(used[:, None], agent.posteriors, 0.0)
    if (joint.sum(axis=0) <= 0).any():
        raise ValueError(
            f"weights: they imply the prior {joint.sum(axis=0).tolist()}, which rules a state out; "
            "give weight to more actions"
        )
    return _agent(joint.T, agent.utility, agent.price, order=agent.order, plane=agent.plane, rounds=0)


def posterior_shift(first: ArrayLike, second: ArrayLike) -> float:
    """Return how far the beliefs behind the same actions differ: zero under locally invariant posteriors.

    Parameters
    ----------
    first, second : array_like, shape (U, X)
        Posteriors of two data sets or agents with the same utility; NaN rows for unused actions.

    Returns
    -------
    float
        The largest difference of a probability over the actions that both use; NaN if there is none.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    Two priors, one price of attention:

    >>> agents = [separable([q, 1 - q], [[1, 0], [0, 1]], price=0.6) for q in (0.5, 0.7)]
    >>> posterior_shift(agents[0].posteriors, agents[1].posteriors) < 1e-4
    True
    """
    a, b = np.array(first, dtype=np.float64), np.array(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"posteriors: have shapes {a.shape} and {b.shape}; expected one shape (U, X)")
    both = ~(np.isnan(a) | np.isnan(b)).any(axis=1)
    return float(np.abs(a[both] - b[both]).max()) if both.any() else float("nan")


def _agent(
    joint: Floats, table: Floats, price: float, *, order: float, plane: Floats, rounds: int
) -> Separable:
    """Collect a policy; beliefs behind one action are merged, which never costs more."""
    prior, marginal = joint.sum(axis=1), joint.sum(axis=0)
    used = marginal > 0
    posteriors = np.full(joint.T.shape, np.nan)
    posteriors[used] = joint.T[used] / marginal[used, None]
    information = float(marginal[used] @ entropy(posteriors[used], order) - entropy(prior, order))
    value = float((joint * table).sum()) - price * information
    return Separable(
        prior=prior,
        utility=table,
        price=float(price),
        order=order,
        choice=joint / prior[:, None],
        marginal=marginal,
        posteriors=posteriors,
        information=information,
        value=value,
        plane=plane,
        gap=max(float(plane @ prior + price * entropy(prior, order)) - value, 0.0),
        rounds=rounds,
    )


def _best_weights(beliefs: Floats, net: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Solve: maximise weights @ net, weights >= 0, weights @ beliefs = prior. Return weights and plane."""
    result = linprog(c=-net, A_eq=beliefs.T, b_eq=prior, bounds=(0, None), method="highs", options=TIGHT)
    if result.status != 0:
        raise RuntimeError(f"the linear programme for the weights was not solved: {result.message}")
    return np.asarray(result.x), -np.asarray(result.eqlin.marginals)
