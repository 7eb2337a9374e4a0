"""Agents and proofs for the tests of `llma.ribum`, written without it: menus, garblings, exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

HALF = Fraction(1, 2)
THREE_CYCLE_UTILITY = [
    [[-1, 1, 1], [-3, 0, 1]],
    [[2, -1, -3], [-2, 2, 3]],
    [[3, -3, 0], [-2, 1, -2]],
]
THREE_CYCLE_CHOICE = [
    [[0, Fraction(1, 3), Fraction(2, 3)], [0, 0, 1]],
    [[1, 0, 0], [Fraction(5, 13), 0, Fraction(8, 13)]],
    [[1, 0, 0], [1, 0, 0]],
]
"""Two states, prior 1/2, three environments: no pair of environments improves, a cycle of three does."""


def exact_value(prior, choice, utility):
    """Value of an experiment by fractions: best reply after each signal."""
    states, actions = range(len(prior)), range(len(utility[0]))
    return sum(
        max(sum(prior[x] * choice[x][u] * utility[x][v] for x in states) for v in actions)
        for u in range(len(choice[0]))
    )


def menu_agents(rng, n_agents, n_environments=3, n_states=3, n_actions=3, n_signals=4, menu=5):
    """Return priors, choices and utilities of agents that pick the best of a random menu at random costs.

    Each agent has `menu` experiments with `n_signals` signals, at random costs that do not depend on the
    prior. In each environment it picks the experiment of highest value minus cost, and after each signal the
    best action. Only its choices are returned, so that what it saw is garbled where two signals lead to one
    action. A random subset of the menu is given away free or made worthless, so that ties and agents that
    never look do occur.
    """
    priors = rng.dirichlet(np.full(n_states, 2.0), (n_agents, n_environments))
    utility = rng.normal(size=(n_agents, n_environments, n_states, n_actions))
    kernels = rng.dirichlet(np.full(n_signals, 0.5), (n_agents, menu, n_states))
    kernels[:, 0] = np.eye(n_signals)[0]  # no information
    costs = rng.exponential(0.15, (n_agents, menu)) * rng.integers(0, 2, (n_agents, menu))
    worth = np.einsum("amx,akxy,amxv->amkyv", priors, kernels, utility)
    reply = worth.argmax(axis=-1)  # (A, M, menu, Y)
    value = worth.max(axis=-1).sum(axis=-1) - costs[:, None]
    best = value.argmax(axis=-1)  # (A, M)
    who = np.arange(n_agents)[:, None]
    used = kernels[who, best]  # (A, M, X, Y)
    taken = np.eye(n_actions)[reply[who, np.arange(n_environments), best]]  # (A, M, Y, U)
    return priors, used @ taken, utility, costs[who, best]
