"""How fast the tests on counts are, against the same programmes in cvxpy.

    python -m benchmarks.ribum_counts

The projection by cutting planes against the quadratic programme with costs and epigraph variables; the box
against the same linear programme. Results are compared before a ratio is printed. Last, a study of size.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from pathlib import Path
from statistics import median

import cvxpy
import numpy as np

from benchmarks.support.report import Report, machine
from llma.ribum.sampling.box import clopper_pearson, fit_box
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.power import power
from llma.ribum.sampling.projection import project
from llma.ribum.sampling.sample import Sample


def timed(job, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        result = job()
        times.append(time.process_time() - start)
    return median(times), result


def epigraph(polytope, common=0.0):
    """Return tables, and the conditions NIAS and NIAC on them with a common slack."""
    n, n_states, n_actions = polytope.shape
    weighted = polytope.weighted
    tables = [cvxpy.Variable((n_states, n_actions), nonneg=True) for _ in range(n)]
    cost = cvxpy.Variable(n)
    own = [cvxpy.sum(cvxpy.multiply(weighted[m], tables[m])) for m in range(n)]
    conditions = [cvxpy.sum(table, axis=1) == 1 for table in tables] + [cost[0] == 0]
    for m in range(n):
        for u in range(n_actions):
            for v in range(n_actions):
                if u != v:
                    switch = weighted[m][:, u] - weighted[m][:, v]
                    conditions.append(tables[m][:, u] @ switch >= common)
        for k in range(n):
            if k != m:
                worth = sum(cvxpy.max(weighted[m].T @ tables[k][:, u]) for u in range(n_actions))
                conditions.append(own[m] - cost[m] >= worth - cost[k] + common)
    return tables, conditions


def projection_by_cvxpy(sample, polytope):
    tables, conditions = epigraph(polytope)
    inverse = np.linalg.inv(sample.factors)
    distance = sum(
        cvxpy.sum_squares(inverse[m, x] @ (tables[m][x, :-1] - sample.shares[m, x, :-1]))
        for m in range(polytope.shape[0])
        for x in range(polytope.shape[1])
    )
    return cvxpy.Problem(cvxpy.Minimize(distance), conditions).solve(solver=cvxpy.CLARABEL)


def box_by_cvxpy(polytope, lower, upper):
    slack = cvxpy.Variable()
    tables, conditions = epigraph(polytope, slack)
    for table, low, high in zip(tables, lower, upper, strict=True):
        conditions += [table >= low, table <= high]
    return cvxpy.Problem(cvxpy.Maximize(slack), [*conditions, slack <= 0]).solve(solver=cvxpy.HIGHS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    report = Report("ribum_counts", "CPU time of one thread", machine("numpy", "scipy", "cvxpy"))
    print(report.head())
    for n_environments, n_states, n_actions in ((5, 2, 2), (6, 2, 3), (10, 2, 2), (20, 2, 2)):
        shape = (n_environments, n_states, n_actions)
        target = np.eye(n_actions)[:n_states]
        utility = np.geomspace(1, 16, n_environments)[:, None, None] * target
        polytope = Polytope(np.full(shape[:2], 1 / n_states), utility)
        table = np.broadcast_to(0.8 * target + 0.2 / n_actions, shape)
        sample = Sample(rng.multinomial(100, table))
        ours, near = timed(lambda s=sample, p=polytope: project(s, p))
        theirs, distance = timed(lambda s=sample, p=polytope: projection_by_cvxpy(s, p), repeats=1)
        assert abs(near.statistic - distance) < 1e-5 * (1 + distance)
        print(f"projection {shape}: {1e3 * ours:.1f} ms, cvxpy {1e3 * theirs:.0f} ms, {theirs / ours:.0f}x")
        named = f"M={n_environments} X={n_states} U={n_actions}"
        report.add("projection", shape=named, ms=1e3 * ours, cvxpy_ms=1e3 * theirs, ratio=theirs / ours)
        bounds = clopper_pearson(Sample(rng.multinomial(100, np.flip(table, axis=2))), 0.05)
        ours, fit = timed(lambda p=polytope, b=bounds: fit_box(p, *b))
        theirs, slack = timed(lambda p=polytope, b=bounds: box_by_cvxpy(p, *b), repeats=1)
        assert abs(fit.slack - slack) < 1e-5
        print(f"box {shape}: {1e3 * ours:.1f} ms, cvxpy {1e3 * theirs:.0f} ms, {theirs / ours:.0f}x")
        report.add("box", shape=named, ms=1e3 * ours, cvxpy_ms=1e3 * theirs, ratio=theirs / ours)
    stakes = np.geomspace(1, 16, 5)[:, None, None] * np.eye(2)
    table = np.tile([[0.9, 0.1], [0.15, 0.85]], (5, 1, 1))
    spent, size = timed(lambda: power(table, [0.65, 0.35], stakes, 200, np.random.default_rng(0)), repeats=3)
    print(f"size study, 400 runs: {spent:.2f} s, rate {size.rate:.3f} ({size.standard_error:.3f})")
    report.add("size", case="400 runs", seconds=spent)
    report.write(options.json)


if __name__ == "__main__":
    main()
