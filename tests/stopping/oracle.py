"""Independent solutions of stopping problems: a bound from a grid, and recursion from one belief."""

from __future__ import annotations

from functools import cache
from math import exp, log

import numpy as np

from llma.stopping import CentralControl


def lower_by_grid(problem: CentralControl, n: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Value iteration with interpolation between n grid points: a lower bound where V is concave.

    It starts from the cost of knowing the state, which is below V, and interpolation of a concave function
    never rises above it.
    """
    q = np.linspace(0, 1, n)
    belief = np.stack([1 - q, q], axis=1)
    joint = (belief @ problem.transition)[:, None, :] * problem.likelihood.T  # (n, Y, 2)
    chance = joint.sum(axis=2)
    following = np.divide(joint[..., 1], chance, out=np.zeros_like(chance), where=chance > 0)
    stop = (belief @ problem.stop_cost).min(axis=1)
    vertex = np.zeros(2)
    for _ in range(600):
        after = problem.continue_cost + problem.discount * problem.transition @ vertex
        vertex = np.minimum(problem.stop_cost.min(axis=1), after)
    value = belief @ vertex
    for _ in range(steps):
        after = belief @ problem.continue_cost + problem.discount * (
            chance * np.interp(following, q, value)
        ).sum(axis=1)
        value = np.minimum(stop, after)
    return q, value


def by_recursion(problem: CentralControl, q: float, depth: int) -> float:
    """V from one belief by the tree of counts of observations (state at rest); at `depth` it must stop.

    It never leaves the beliefs that can be reached from q, so that it knows of no line and no grid. The
    result is an upper bound, off by at most discount**depth times the largest stop cost.
    """
    n_observations = problem.n_observations
    with np.errstate(divide="ignore"):
        weights = np.log(problem.likelihood)

    @cache
    def value(counts: tuple[int, ...]) -> float:
        odds = log(q / (1 - q)) + float(np.dot(counts, weights[1] - weights[0]))
        here = 1 / (1 + exp(-odds))
        belief = np.array([1 - here, here])
        stop = float((belief @ problem.stop_cost).min())
        if sum(counts) == depth:
            return stop
        after = float(belief @ problem.continue_cost)
        for y in range(n_observations):
            chance = float(belief @ problem.likelihood[:, y])
            more = (*counts[:y], counts[y] + 1, *counts[y + 1 :])
            after += problem.discount * chance * value(more)
        return min(stop, after)

    return value((0,) * n_observations)
