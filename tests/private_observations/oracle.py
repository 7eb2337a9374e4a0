"""An independent model of a crowd in exact fractions: it enumerates reveals, readings, coins and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from tests.social.oracle import Oracle


@dataclass(frozen=True)
class CrowdOracle:
    """Agents, a channel (U, V) and a schedule, all in fractions."""

    agents: Oracle
    channel: tuple[tuple[Fraction, ...], ...]
    reveal: tuple[Fraction, ...]

    def histories(
        self, belief: list[Fraction], k: int, prior: list[Fraction]
    ) -> Iterator[tuple[list[Fraction], list[tuple[int, bool, bool]]]]:
        """Yield each history from agent k on: its chance in each state, and (action, cascade, revealed)s."""
        if k == len(self.reveal):
            yield [Fraction(1) for _ in belief], []
            return
        frozen = self.agents.is_cascade(belief, None)
        rows = self.agents.likelihood
        for y, law in enumerate(self.agents.rule(belief, None)):
            if not law:
                continue
            after = [q * row[y] for q, row in zip(belief, rows, strict=True)]
            after = [a / sum(after) for a in after]
            for u, weight in self.agents.actions(prior, y, None).items():
                chance = [self.reveal[k] * row[y] * weight for row in rows]
                if any(chance):
                    yield from self._go_on(chance, after, (u, frozen, True), k, prior)
            for u, v in product(law, range(len(self.channel[0]))):
                chance = [(1 - self.reveal[k]) * row[y] * law[u] * self.channel[u][v] for row in rows]
                if any(chance):
                    yield from self._go_on(chance, self._hear(belief, v), (u, frozen, False), k, prior)

    def _hear(self, belief: list[Fraction], v: int) -> list[Fraction]:
        rule = self.agents.rule(belief, None)
        joint = [
            q
            * sum(
                p * weight * self.channel[u][v]
                for p, law in zip(row, rule, strict=True)
                for u, weight in law.items()
            )
            for q, row in zip(belief, self.agents.likelihood, strict=True)
        ]
        return [j / sum(joint) for j in joint]

    def _go_on(self, chance, after, event, k, prior):
        for rest, tail in self.histories(after, k + 1, prior):
            yield [c * r for c, r in zip(chance, rest, strict=True)], [event, *tail]

    def law(self, prior: list[Fraction]) -> dict[str, np.ndarray]:
        """Return the tables of `CrowdLaw` that enumeration can fill."""
        shape = (len(self.reveal), len(prior), len(self.agents.cost[0]))
        cascade, listener, action = (np.zeros(shape, dtype=object) for _ in range(3))
        for chance, events in self.histories(prior, 0, prior):
            for k, (u, frozen, revealed) in enumerate(events):
                for x, p in enumerate(chance):
                    action[k, x, u] += p
                    if not revealed:
                        share = p / (1 - self.reveal[k])
                        listener[k, x, u] += share
                        cascade[k, x, u] += share * frozen
        tables = {"p_cascade_on": cascade, "p_listener": listener, "p_action": action}
        return {name: table.astype(float) for name, table in tables.items()}
