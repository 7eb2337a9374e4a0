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


def lower_on_simplex(problem: CentralControl, n: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The same for three states: value iteration on a triangular grid with linear interpolation.

    Grid points are (i, j) / n; each small square of the (i, j) lattice is cut by its falling diagonal.
    """
    i, j = (index.ravel() for index in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
    inside = i + j <= n
    i, j = i[inside], j[inside]
    number = np.full((n + 2, n + 2), -1)
    number[i, j] = np.arange(len(i))
    belief = np.stack([i, j, n - i - j], axis=1) / n
    table = []
    for y in range(problem.n_observations):
        joint = (belief @ problem.transition) * problem.likelihood[:, y]
        chance = joint.sum(axis=1)
        u, v = np.divide(
            joint[:, :2] * n, chance[:, None], out=np.zeros((len(i), 2)), where=chance[:, None] > 0
        ).T
        row, column = np.minimum(u.astype(int), n), np.minimum(v.astype(int), n)
        over = np.maximum(row + column - n, 0)
        row = row - over
        s, t = u - row, v - column
        upper = (s + t > 1) & (row + column + 2 <= n)
        corners = np.where(
            upper,
            [number[row + 1, column + 1], number[row, column + 1], number[row + 1, column]],
            [number[row, column], number[row + 1, column], number[row, column + 1]],
        )
        weights = np.where(upper, [s + t - 1, 1 - s, 1 - t], [1 - s - t, s, t])
        table.append((chance, np.where(weights > 1e-12, corners, 0), np.where(weights > 1e-12, weights, 0)))
    stop, running = (belief @ problem.stop_cost).min(axis=1), belief @ problem.continue_cost
    vertex = np.zeros(3)
    for _ in range(600):
        after = problem.continue_cost + problem.discount * problem.transition @ vertex
        vertex = np.minimum(problem.stop_cost.min(axis=1), after)
    value = belief @ vertex
    for _ in range(steps):
        ahead = sum(chance * (weights * value[corners]).sum(axis=0) for chance, corners, weights in table)
        value = np.minimum(stop, running + problem.discount * ahead)
    return belief, value
