r"""What an observer concludes: the three conditions, a price from logged tokens, and what each log refutes.

>>> design, chosen, seen = seen_on_grid(9)
>>> print(logged_price(design, chosen, seen))
price between 0.0186173 (environments 2, 3) and 0.0201485 (environments 4, 3)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma import ribum
from llma.attention import Menu
from llma.checks import Floats, Ints
from llma.explorers.token_price.readers import (
    PRICE,
    Design,
    behaviour,
    data,
    design_a,
    design_b,
    menu,
    plans,
)
from llma.ribum.conditions import own_values
from llma.ribum.costs import PriceInterval, price_interval
from llma.ribum.cycles import cost_bounds, worst_cycle

GRIDS = (5, 9, 17, 33)
"""Environments of nested grids of stakes: each contains the one before."""

LAWS = ("linear", "quadratic", "fee")
"""What reading n tokens may cost: 0.02 n, 0.0004 n squared, or 0.15 and 0.01 n on top if n > 0 (dollars)."""


@dataclass(frozen=True)
class Verdict:
    """The three conditions on one reader, in dollars; negative is a violation.

    Attributes
    ----------
    switch : float
        Smallest NIAS slack of an action that is used.
    cycle : float
        Sum of the cycle with the smallest mean.
    environments : tuple of int
        That cycle.
    envy : float
        Smallest NIS slack.
    """

    switch: float
    cycle: float
    environments: tuple[int, ...]
    envy: float


ROUNDING = 1e-9
"""Dollars: slacks above minus this count as none."""


def verdict(design: Design, seen: ribum.ChoiceData) -> Verdict:
    """Return the three conditions on what an observer sees.

    >>> verdict(design_a(), data(design_a(), "inverse")).environments
    (0, 4)
    """
    slack = ribum.nias_slack(seen, design.utility)
    other = ~np.eye(slack.shape[1], dtype=bool) & seen.used[:, :, None]
    mean, cycle = worst_cycle(ribum.niac_weights(seen, design.utility))
    envy = ribum.nis_slack(seen, design.utility)
    return Verdict(float(slack[other].min()), mean * len(cycle), cycle, float(envy.min()))


def passes(value: float) -> str:
    """Return "pass" or "fail" for a slack.

    >>> passes(-1e-15), passes(-0.1)
    ('pass', 'fail')
    """
    return "pass" if value >= -ROUNDING else "fail"


def law_of_cost(law: str, level: float = 1.0) -> Floats:
    """Return what each budget costs under one of `LAWS`, times a level, in dollars.

    >>> law_of_cost("fee").round(2).tolist()
    [0.0, 0.19, 0.23, 0.27, 0.31, 0.39, 0.47, 0.63]
    """
    n = menu().tokens
    bills = {"linear": PRICE * n, "quadratic": 0.0004 * n**2, "fee": np.where(n > 0, 0.15 + 0.01 * n, 0.0)}
    return np.asarray(level * bills[law])


def seen_on_grid(
    n_environments: int, law: str = "linear", level: float = 1.0
) -> tuple[Design, Ints, ribum.ChoiceData]:
    """Return design A on a grid of stakes, what an optimal reader reads there, and what it does."""
    design = design_a(n_environments)
    offer = Menu(menu().kernels, law_of_cost(law, level))
    made = plans(design, 1.0, offer)
    seen = ribum.ChoiceData(design.priors, np.array([plan.choice for plan in made]))
    return design, np.array([plan.chosen for plan in made]), seen


def logged_price(design: Design, chosen: Ints, seen: ribum.ChoiceData) -> PriceInterval:
    """Return the prices a token that explain the choices, if the tokens were logged."""
    return price_interval(seen, design.utility, menu().tokens[chosen])


def width_of_bounds(pairs_only: bool) -> float:
    """Return the mean width of the bounds on cost differences in design B, in dollars.

    Parameters
    ----------
    pairs_only : bool
        Use each pair of environments on its own; otherwise use all cycles.
    """
    design = design_b()
    weights = ribum.niac_weights(data(design), design.utility)
    m, k = np.triu_indices(len(weights), 1)
    if pairs_only:
        return float((weights[m, k] + weights[k, m]).mean())
    lower, upper = cost_bounds(weights)
    return float((upper - lower)[m, k].mean())


def ladder(design: Design, reader: str, price: float = PRICE) -> tuple[bool, bool, bool, bool]:
    """Return whether a reader survives as more is logged: choices, + tokens, + the menu, + the answers.

    Choices: NIAS and NIAC. Tokens: one price a token explains the costs. The menu: at one price each reading
    is the best on offer. Answers: the action is the best one after every answer.

    >>> ladder(design_a(), "fixed")
    (True, True, False, False)
    """
    made = behaviour(design, reader, price)
    seen = ribum.ChoiceData(design.priors, made.choice)
    found = verdict(design, seen)
    choices = min(found.switch, found.cycle) >= -ROUNDING
    tokens = choices and not logged_price(design, made.chosen, seen).empty
    ends = [menu().prices(p, r) for p, r in zip(design.priors, design.utility, strict=True)]
    lower = max(low[n] for (low, _), n in zip(ends, made.chosen, strict=True))
    upper = min(high[n] for (_, high), n in zip(ends, made.chosen, strict=True))
    offered = bool(tokens and lower <= upper)
    best = [
        menu().plan(int(n), p, r).value
        for n, p, r in zip(made.chosen, design.priors, design.utility, strict=True)
    ]
    answers = offered and bool((np.array(best) - own_values(seen, design.utility) <= ROUNDING).all())
    return choices, tokens, offered, answers
