"""Monte Carlo studies of the tests on counts: size at the edge of the polytope, and power. Slow.

Run them with ``make slow``; with ``-s`` they print their tables.
"""

import numpy as np
import pytest

from llma.ribum import agents
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.power import power
from llma.ribum.sampling.projection import project
from llma.ribum.sampling.sample import Sample

pytestmark = pytest.mark.slow

LEVEL = 0.05
PRIOR = np.array([0.65, 0.35])
STAKES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])[:, None, None] * np.eye(2)
MENU = np.array([[[a, 1 - a], [1 - a, a]] for a in (0.5, 0.7, 0.8, 0.88, 0.93)])
COSTS = np.array([0.0, 0.075, 0.375, 0.855, 1.455])
SKEWED = np.array([[[0.9, 0.1], [0.15, 0.85]]])
CLOSE = np.array([1.5, 1.9, 3.0, 5.0, 8.0])[:, None, None] * np.eye(2)

TERNARY_PRIOR = np.array([0.4, 0.3, 0.3])
TERNARY_STAKES = np.array([1.0, 2.0, 4.0, 8.0])[:, None, None] * np.eye(3)
TERNARY = np.array([[[0.8, 0.1, 0.1], [0.1, 0.7, 0.2], [0.05, 0.15, 0.8]]])

GOOD = np.array([0.5, 0.2, 0.35, 0.1, 0.5, 0.2])
PURCHASE_PRIORS = np.stack([1 - GOOD, GOOD], axis=1)
PURCHASE = np.array([2.0, 4.0, 5.0, 8.0, 12.0, 20.0])[:, None, None] * np.array([[0, -0.3, -1], [0, 0.55, 1]])
GRADES = np.array([[[0.5, 0.3, 0.15, 0.05], [0.05, 0.15, 0.3, 0.5]]])

EDGE = {
    "binary, one experiment": (PRIOR, STAKES, agents.fixed_reader(PRIOR, STAKES, SKEWED, 0)),
    "binary, weak experiment": (PRIOR, STAKES, agents.fixed_reader(PRIOR, STAKES, MENU, 1)),
    "binary, pairs share": (PRIOR, CLOSE, agents.reader(PRIOR, CLOSE, MENU, [1, 1, 2, 3, 3])),
    "ternary, one experiment": (
        TERNARY_PRIOR,
        TERNARY_STAKES,
        agents.fixed_reader(TERNARY_PRIOR, TERNARY_STAKES, TERNARY, 0),
    ),
    "purchase, one experiment": (
        PURCHASE_PRIORS,
        PURCHASE,
        agents.fixed_reader(PURCHASE_PRIORS, PURCHASE, GRADES, 0),
    ),
}
LEAST_FAVOURABLE = ("binary, one experiment", "binary, weak experiment", "ternary, one experiment")
TEXTS = (50, 200, 1000)


def inside(design, condition="niac"):
    priors, utility, table = design
    law = np.broadcast_to(priors, (len(table), table.shape[1]))
    return Polytope(law, utility, condition).contains(table, 1e-10)


def table_of(title, designs, methods, condition="niac", seed=0):
    """Print and return rates by design, method and number of texts."""
    print(f"\n{title}\n{'':34s}" + "".join(f"N={n:<14d}" for n in TEXTS))
    rates = {}
    for name, (priors, utility, table) in designs.items():
        for method, runs in methods.items():
            found = [
                power(
                    table,
                    priors,
                    utility,
                    n,
                    np.random.default_rng(seed),
                    runs=runs,
                    method=method,
                    level=LEVEL,
                    condition=condition,
                )
                for n in TEXTS
            ]
            rates[name, method] = found
            cells = "".join(f"{p.rate:.3f} ({p.standard_error:.3f})   " for p in found)
            print(f"{name:24s} {method:10s}{cells} {runs} runs", flush=True)
    return rates


def test_size_at_the_edge():
    assert all(inside(design) for design in EDGE.values())
    methods = {"projection": 1000, "split": 1000, "box": 400, "plugin": 1000, "bootstrap": 200}
    rates = table_of("Rejection of rational agents at the edge, nominal .05", EDGE, methods)
    for (name, method), found in rates.items():
        for p in found:
            if method in ("projection", "split", "box"):
                assert p.rate <= LEVEL + 3 * p.standard_error
            if method == "projection" and name in LEAST_FAVOURABLE:
                assert 0.02 <= p.rate <= 0.075
            if name in LEAST_FAVOURABLE and method in ("plugin", "bootstrap"):
                assert p.rate > 0.5


def test_size_of_the_capacity_test():
    designs = {name: EDGE[name] for name in LEAST_FAVOURABLE}
    assert all(inside(design, "nis") for design in designs.values())
    rates = table_of("NIS, fixed capacity", designs, {"projection": 1000, "split": 400, "box": 200}, "nis")
    for (_, method), found in rates.items():
        for p in found:
            assert p.rate <= LEVEL + 3 * p.standard_error
            if method == "projection":
                assert 0.02 <= p.rate <= 0.075


def test_size_where_cells_are_nearly_empty():
    designs = {
        f"accuracy {a}": (
            PRIOR,
            STAKES,
            agents.fixed_reader(PRIOR, STAKES, [[[a, 1 - a], [1 - a, a]]], 0),
        )
        for a in (0.95, 0.98, 0.995)
    }
    blind = agents.reader(PRIOR, STAKES, MENU, [0, 0, 3, 3, 3])
    designs["blind at low stakes"] = (PRIOR, STAKES, blind)
    assert all(inside(design) for design in designs.values())
    for found in table_of("Nearly empty cells", designs, {"projection": 1000, "split": 400}).values():
        assert all(p.rate <= LEVEL + 3 * p.standard_error for p in found)


def test_size_at_random_points_of_the_edge():
    """The nearest rational tables to random tables, in random economies: wherever they lie on the edge."""
    rng = np.random.default_rng(11)
    shapes = [(1, 2, 2), (2, 2, 2), (3, 2, 2), (3, 3, 2), (3, 2, 3), (2, 3, 3), (4, 2, 2), (4, 3, 3)]
    found = []
    for i in range(40):
        n_environments, n_states, n_actions = shape = shapes[i % len(shapes)]
        utility = rng.normal(size=shape)
        priors = rng.dirichlet(np.full(n_states, 5.0), size=n_environments)
        drawn = rng.dirichlet(np.full(n_actions, 2.0), size=(n_environments, n_states))
        edge = project(Sample(rng.multinomial(400, drawn)), Polytope(priors, utility)).table
        for n in (30, 100, 400):
            found.append(power(edge, priors, utility, n, np.random.default_rng(i), runs=300).rate)
    error = np.sqrt(LEVEL * (1 - LEVEL) / 300)
    print(f"\n{len(found)} cells of 300 runs: mean {np.mean(found):.3f}, largest {np.max(found):.3f}")
    assert np.mean(found) < LEVEL
    assert np.max(found) <= LEVEL + 3.5 * error  # the largest of 120


def test_power_against_irrational_agents():
    which = agents.attention(PRIOR, STAKES, MENU, COSTS)
    assert which.tolist() == [0, 1, 2, 3, 4]
    best = agents.reader(PRIOR, STAKES, MENU, which)
    swapped = agents.reader(PRIOR, STAKES, MENU, [0, 1, 3, 2, 4])
    late = best.copy()
    late[4] = late[4, :, ::-1]
    purchase = agents.fixed_reader(PURCHASE_PRIORS, PURCHASE, GRADES, 0)
    heat = PURCHASE.max(axis=(1, 2))
    designs = {
        "priced (rational)": (PRIOR, STAKES, best),
        "inverse": (PRIOR, STAKES, best[::-1]),
        "one swap": (PRIOR, STAKES, swapped),
        "errs 10 % at the top": (PRIOR, STAKES, agents.near_rational(best, 0.1, late)),
        "errs 20 % at the top": (PRIOR, STAKES, agents.near_rational(best, 0.2, late)),
        "softmax": (
            PRIOR,
            STAKES,
            agents.softmax_reader(PRIOR, STAKES, MENU, which, temperature=STAKES[:, 0, 0]),
        ),
        "purchase, softmax": (
            PURCHASE_PRIORS,
            PURCHASE,
            agents.softmax_reader(PURCHASE_PRIORS, PURCHASE, GRADES, [0] * 6, temperature=0.25 * heat),
        ),
        "purchase, neglect": (
            PURCHASE_PRIORS,
            PURCHASE,
            agents.neglectful(PURCHASE_PRIORS, PURCHASE, GRADES, [0] * 6),
        ),
        "purchase, opposite": (PURCHASE_PRIORS, PURCHASE, agents.opposite(purchase)),
        "random": (PRIOR, STAKES, agents.random_agent((5, 2, 2), np.random.default_rng(1))),
    }
    methods = {"projection": 400, "split": 200, "box": 200}
    rates = table_of("Power", designs, methods)
    for name in designs:
        projection, split, box = (rates[name, method] for method in methods)
        if name == "priced (rational)":
            assert all(p.rate <= LEVEL for p in (*projection, *split, *box))
        else:
            assert projection[-1].rate > 0.5
        # The box has the least power; it never rejects what the projection keeps, up to chance.
        for p, b in zip(projection, box, strict=True):
            assert b.rate <= p.rate + 3 * np.hypot(p.standard_error, b.standard_error)
    envy = power(best, PRIOR, STAKES, 50, np.random.default_rng(0), condition="nis")
    print(f"NIS against the priced reader, N = 50: {envy.rate:.3f}")
    assert envy.rate > 0.95  # priced attention: NIAC keeps it, NIS rejects it
