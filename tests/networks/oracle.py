"""The law on a network by brute force: every vector of readings, in whole numbers, nothing merged.

Likelihoods come as integers that sum to `SCALE` in each row, priors and costs as integers, so that every
comparison is exact and a tie is a tie.
"""

import itertools
from collections import defaultdict
from fractions import Fraction

SCALE = 10


def law(neighbours, likelihoods, costs, prior):
    """Return P(x, u_n = u) for each agent as fractions, by listing all readings of all agents.

    The decision of agent n after what it sees and its own reading is found from all vectors of readings of
    the agents before it that lead to what it sees; a tie goes to the lowest action.
    """
    n_agents, n_states, n_actions = len(neighbours), len(prior), len(costs[0][0])
    rules = []
    for n in range(n_agents):
        chance = defaultdict(lambda: [0] * n_states)
        for readings in itertools.product(*(range(len(table[0])) for table in likelihoods[:n])):
            actions = play(readings, neighbours, rules)
            seen = tuple(actions[j] for j in neighbours[n])
            for x in range(n_states):
                weight = prior[x]
                for k, y in enumerate(readings):
                    weight *= likelihoods[k][x][y]
                chance[seen][x] += weight
        rule = {}
        for seen, weight in chance.items():
            for y in range(len(likelihoods[n][0])):
                expected = [
                    sum(weight[x] * likelihoods[n][x][y] * costs[n][x][u] for x in range(n_states))
                    for u in range(n_actions)
                ]
                rule[seen, y] = expected.index(min(expected))
        rules.append(rule)
    joint = [[[0] * n_actions for _ in range(n_states)] for _ in range(n_agents)]
    for readings in itertools.product(*(range(len(table[0])) for table in likelihoods)):
        actions = play(readings, neighbours, rules)
        for x in range(n_states):
            weight = prior[x]
            for k, y in enumerate(readings):
                weight *= likelihoods[k][x][y]
            for n, u in enumerate(actions):
                joint[n][x][u] += weight
    total = sum(prior) * SCALE**n_agents
    return [[[Fraction(value, total) for value in row] for row in table] for table in joint]


def play(readings, neighbours, rules):
    """Return the actions of the agents with these readings."""
    actions = []
    for n, y in enumerate(readings):
        seen = tuple(actions[j] for j in neighbours[n])
        actions.append(rules[n][seen, y])
    return actions


def integers(rng, rows, columns, total=SCALE):
    """Return a table of positive integers whose rows have a given sum."""
    table = []
    for _ in range(rows):
        cuts = sorted(rng.choice(total - 1, columns - 1, replace=False) + 1)
        edges = [0, *cuts, total]
        table.append([int(b - a) for a, b in itertools.pairwise(edges)])
    return table
