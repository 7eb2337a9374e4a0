"""An independent model of the protocol in exact fractions: no tolerance, no rounding, no vectors.

It enumerates every sequence of observations (and every coin), and decides ties by comparing fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Oracle:
    """Likelihood (X, Y) and cost (X, U) as fractions, and a tie rule."""

    likelihood: tuple[tuple[Fraction, ...], ...]
    cost: tuple[tuple[Fraction, ...], ...]
    tie: str

    def actions(self, belief: list[Fraction], y: int, previous: int | None) -> dict[int, Fraction]:
        """Return the probability of each action after observation y; empty if y is impossible."""
        joint = [q * row[y] for q, row in zip(belief, self.likelihood, strict=True)]
        if sum(joint) == 0:
            return {}
        n_actions = len(self.cost[0])
        expected = [
            sum(j * row[u] for j, row in zip(joint, self.cost, strict=True)) for u in range(n_actions)
        ]
        best = [u for u in range(n_actions) if expected[u] == min(expected)]
        if len(best) == 1 or self.tie == "low":
            return {best[0]: Fraction(1)}
        if self.tie == "coin":
            return {u: Fraction(1, len(best)) for u in best}
        if self.tie == "follow" and previous is not None:
            return {previous: Fraction(1)}
        likely = 0 if self.likelihood[0][y] >= self.likelihood[1][y] else 1
        return {min((0, 1), key=lambda u: self.cost[likely][u]): Fraction(1)}

    def rule(self, belief: list[Fraction], previous: int | None) -> list[dict[int, Fraction]]:
        """Return `actions` for every observation."""
        return [self.actions(belief, y, previous) for y in range(len(self.likelihood[0]))]

    def is_cascade(self, belief: list[Fraction], previous: int | None) -> bool:
        """Whether the law of the action is the same after every possible observation."""
        laws = [law for law in self.rule(belief, previous) if law]
        return all(law == laws[0] for law in laws)

    def update(self, belief: list[Fraction], u: int, previous: int | None) -> list[Fraction]:
        """Return the public belief after action u."""
        rule = self.rule(belief, previous)
        joint = [
            q * sum(p * law.get(u, Fraction(0)) for p, law in zip(row, rule, strict=True))
            for q, row in zip(belief, self.likelihood, strict=True)
        ]
        return [j / sum(joint) for j in joint]

    def histories(
        self, belief: list[Fraction], n_agents: int, previous: int | None = None
    ) -> Iterator[tuple[list[Fraction], list[tuple[int, bool]]]]:
        """Yield each sequence of observations and coins: its chance in each state, (action, cascade)s."""
        if n_agents == 0:
            yield [Fraction(1) for _ in belief], []
            return
        frozen = self.is_cascade(belief, previous)
        for y, law in enumerate(self.rule(belief, previous)):
            for u, weight in law.items():
                chance = [row[y] * weight for row in self.likelihood]
                for rest, tail in self.histories(self.update(belief, u, previous), n_agents - 1, u):
                    yield [c * r for c, r in zip(chance, rest, strict=True)], [(u, frozen), *tail]

    def law(self, prior: list[Fraction], n_agents: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `p_cascade_on` and `p_action`, both of shape (n, X, U)."""
        shape = (n_agents, len(prior), len(self.cost[0]))
        cascade_on, action = np.zeros(shape, dtype=object), np.zeros(shape, dtype=object)
        for chance, steps in self.histories(prior, n_agents):
            for k, (u, frozen) in enumerate(steps):
                for x, p in enumerate(chance):
                    action[k, x, u] += p
                    cascade_on[k, x, u] += p * frozen
        return cascade_on.astype(float), action.astype(float)


def fractions(table: list[list[int]]) -> tuple[tuple[Fraction, ...], ...]:
    """Return the rows of an integer table, each divided by its sum."""
    return tuple(tuple(Fraction(v, sum(row)) for v in row) for row in table)


def binary(percent: int, ratio: Fraction, tie: str) -> Oracle:
    """Return the symmetric binary model: accuracy in per cent, cost ratio."""
    return Oracle(
        fractions([[percent, 100 - percent], [100 - percent, percent]]),
        ((Fraction(0), ratio), (Fraction(1), Fraction(0))),
        tie,
    )


def as_floats(table: tuple[tuple[Fraction, ...], ...]) -> list[list[float]]:
    """Return the table as floats."""
    return [[float(v) for v in row] for row in table]


def random_oracle(rng: np.random.Generator, n_states: int, n_observations: int, n_actions: int) -> Oracle:
    """Return a random model with small integer weights: ties do occur."""
    weights = rng.integers(1, 9, (n_states, n_observations)).tolist()
    cost = rng.integers(0, 6, (n_states, n_actions)).tolist()
    return Oracle(fractions(weights), tuple(tuple(Fraction(c) for c in row) for row in cost), "low")
