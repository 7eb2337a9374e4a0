"""The tables of the chapter as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from llma.explorers.incentives.models import (
    WEAK,
    agents,
    centre,
    corrected,
    reveal_only,
    solved,
)
from llma.incentives import drift, exact_law, published


def story_table(beliefs: Sequence[float]) -> str:
    """Return what the office can do at several public beliefs, and what it costs in the long run.

    >>> print(story_table((0.1, 0.25)))
    belief  bonus  silent   best
      0.10   1.58    1.00   1.00
      0.25   0.65    2.50   1.88
    """
    model, solution = agents(), solved(centre())
    lines = ["belief  bonus  silent   best"]
    for q in beliefs:
        bonus, silent = float(model.reveal_incentive(q)), q / (1 - 0.9)
        lines.append(f"{q:6.2f}{bonus:7.2f}{silent:8.2f}{float(solution.value(q)):7.2f}")
    return "\n".join(lines)


def threshold_table(miss_costs: Sequence[float]) -> str:
    """Return the threshold for several losses from a miss, and the bounds of the theorem.

    >>> print(threshold_table((1.0,)))
    loss    low  threshold   high
     1.0  0.164      0.207  0.336
    """
    lines = ["loss    low  threshold   high"]
    model = agents()
    ell = np.linspace(-8, model.log_odds_ends[0], 200_001)
    q = expit(ell)
    price = np.maximum(model.indifference(q, 1), 0.0)
    for loss in miss_costs:
        low, high = (float(q[np.argmin(price > loss * q * 0.7 / scale)]) for scale in (0.1, 1.0))
        threshold = solved(centre(loss)).threshold
        lines.append(f"{loss:4.1f}{low:7.3f}{threshold:11.3f}{high:7.3f}")
    return "\n".join(lines)


def options_table(beliefs: Sequence[float]) -> str:
    """Return the cost of the three options with the weak sensor, each followed by the best policy.

    >>> print(options_table((0.35, 0.65)))
    belief  leave  reveal  buy out
      0.35  35.00   15.05    26.87
      0.65      -    5.17     3.74
    """
    solution = solved(WEAK)
    lines = ["belief  leave  reveal  buy out"]
    for q in beliefs:
        leave, reveal, buy_out = solution.options(q)
        left = f"{leave:7.2f}" if np.isfinite(leave) else "      -"
        lines.append(f"{q:6.2f}{left}{reveal:8.2f}{buy_out:9.2f}")
    return "\n".join(lines)


def drift_table(beliefs: Sequence[float]) -> str:
    """Return drifts in the base example: of g(q, 1), of its positive part in state 1, of the best policy.

    >>> print(drift_table((0.25, 0.38)))
       q  mix  x=0   x=1  paid policy
    0.25 0.12 0.28 -0.36 -0.23  -0.65
    0.38 0.13 0.37 -0.26  0.22   0.44
    """
    model, policy = agents(), solved(centre()).incentive
    lines = ["   q  mix  x=0   x=1  paid policy"]
    for q in beliefs:
        free, cut = drift(model, lambda v: model.indifference(v, 1), q), drift(model, policy, q)
        paid = drift(model, lambda v: np.maximum(model.indifference(v, 1), 0.0), q)
        lines.append(
            f"{q:4.2f}{float(free.mixture):5.2f}{free.given[0]:5.2f}{free.given[1]:6.2f}"
            f"{paid.given[1]:6.2f}{float(cut.mixture):7.2f}"
        )
    return "\n".join(lines)


def path_table(times: Sequence[int], prior: float = 0.35) -> str:
    """Return mean incentives with the weak sensor: policy "reveal only" (mean, each state), best policy.

    >>> print(path_table((0, 4)))
    agent   mean    x=0    x=1   best
        0  0.613  0.613  0.613  0.613
        4  0.586  0.676  0.418  0.610
    """
    solution = solved(WEAK)
    model, n_agents = WEAK.agents, max(times) + 1
    only, best = (
        exact_law(model, policy, prior, n_agents) for policy in (reveal_only(solution), solution.incentive)
    )
    lines = ["agent   mean    x=0    x=1   best"]
    for k in times:
        mean, full = only.mean_incentive(prior)[k], best.mean_incentive(prior)[k]
        lines.append(f"{k:5d}{mean:7.3f}{only.incentive[k, 0]:7.3f}{only.incentive[k, 1]:7.3f}{full:7.3f}")
    return "\n".join(lines)


def published_table(times: Sequence[int]) -> str:
    """Return the chance that the public belief favours the truth: published rule and corrected incentive.

    An even belief counts half in all columns.

    >>> print(published_table((1, 100)))
               published    corrected
    agents    x=0    x=1    x=0    x=1
         1  0.300  0.300  0.700  0.700
       100  0.404  0.000  1.000  1.000
    """
    n_agents = max(times)
    wrong, model = published.exact_law(n_agents), corrected()
    right = exact_law(model, model.reveal_incentive, 0.5, n_agents + 1)
    lines = ["           published    corrected", "agents    x=0    x=1    x=0    x=1"]
    for n in times:
        numbers = (*wrong.p_believed[n - 1], *right.p_believed[n])
        lines.append(f"{n:6d}" + "".join(f"{v:7.3f}" for v in numbers))
    return "\n".join(lines)
