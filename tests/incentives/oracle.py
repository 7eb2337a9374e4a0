"""Independent methods for the tests of incentives: brute force, exact fractions, a plain tree."""

from fractions import Fraction
from functools import cache

import numpy as np


def reveals_by_brute_force(agents, q, incentives):
    """Return which incentives make two agents, asked for their expected losses, act differently (ties: 1)."""
    acts = []
    for y in (0, 1):
        eta = np.array([1 - q, q]) * agents.likelihood[:, y]
        eta = eta / eta.sum()
        loss_0 = agents.regrets[1] * eta[1]
        loss_1 = agents.regrets[0] * eta[0] + agents.cost_gap - agents.incentive_gap * incentives
        acts.append(loss_1 <= loss_0)
    return acts[0] != acts[1]


def tree_value(centre, q, depth):
    """Return the value of a centre by a plain recursion over histories, cut off at `depth`.

    One-sided incentives. Options are found by asking the agents at every belief, not by log-odds.
    """
    agents = centre.agents
    b0, b1 = agents.likelihood[:, 1]

    @cache
    def value(n, j, left):
        odds = q / (1 - q) * (b1 / b0) ** j * ((1 - b1) / (1 - b0)) ** (n - j)
        here = odds / (1 + odds)
        upper, lower = float(agents.indifference(here, 0)), float(agents.indifference(here, 1))
        forever = 1 - centre.discount
        choices = [(centre.false_alarm_cost * (1 - here) + max(upper, 0.0)) / forever]
        if lower > 0:
            choices.append(centre.miss_cost * here / forever)
        if upper > 0 and left:
            yes = b1 * here + b0 * (1 - here)
            pay = max(lower, 0.0) * (yes if centre.pay == "action" else 1.0)
            loss = centre.miss_cost * here * (1 - b1) + centre.false_alarm_cost * (1 - here) * b0
            later = yes * value(n + 1, j + 1, left - 1) + (1 - yes) * value(n + 1, j, left - 1)
            choices.append(pay + loss + centre.discount * later)
        return min(choices)

    return value(0, 0, depth)


def bayes(q, likelihood, y):
    """Bayes' rule in exact fractions."""
    high, low = q * likelihood[1][y], (1 - q) * likelihood[0][y]
    return Fraction(high, high + low)
