"""One round of word of mouth by enumeration of whole paths, in exact fractions; lowest index at ties."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import product

Table = list[list[Fraction]]


def table(rng, n_rows: int, n_columns: int) -> Table:
    """Return a random stochastic matrix of fractions with positive entries."""
    rows = rng.integers(1, 12, size=(n_rows, n_columns))
    return [[Fraction(int(v), int(row.sum())) for v in row] for row in rows]


def best(weights, cost) -> int:
    """Return the action of least expected cost, the lowest index at ties."""
    expected = [
        sum(w * c for w, c in zip(weights, column, strict=True)) for column in zip(*cost, strict=True)
    ]
    return expected.index(min(expected))


def paths(prior, likelihood, costs, relays):
    """Return P(x, received_0, action_0, received_1, ...), each action from Bayes' rule."""
    states = range(len(prior))
    law = {(x, y): prior[x] * likelihood[x][y] for x, y in product(states, range(len(likelihood[0])))}
    for i, cost in enumerate(costs):
        joint = defaultdict(lambda: [Fraction(0)] * len(prior))
        for path, mass in law.items():
            joint[path[-1]][path[0]] += mass
        law = {(*path, best(joint[path[-1]], cost)): mass for path, mass in law.items()}
        if i + 1 < len(costs):
            law = {
                (*path, z): mass * chance
                for path, mass in law.items()
                for z, chance in enumerate(relays[i][path[-1]])
                if chance
            }
    return law


def public_posteriors(law, prior, broadcast: str):
    """Return signal -> joint probability with each state; a signal is the last action or message."""
    joint = defaultdict(lambda: [Fraction(0)] * len(prior))
    for path, mass in law.items():
        joint[path[-1] if broadcast == "action" else path[-2]][path[0]] += mass
    return joint
