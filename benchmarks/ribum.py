"""Speed of the revealed-attention programmes: against the same programme in cvxpy, cuts, and replicates.

Three tables.

1. *One programme.* The max-margin programme of `llma.ribum.max_margin` against the same programme written in
   cvxpy and solved by the same solver (HiGHS). Free utilities, random data. The margins must agree to 1e-6
   before a ratio is printed. Both times include writing the programme down: building, compiling, solving, and
   reading the answer. For cvxpy the time of its solver alone stands beside it.
2. *Many environments.* Cutting planes to a certified gap of 1e-6: the lower bound is the margin of a utility
   in closed form, recomputed here by a loop over pairs.
3. *Given utilities.* NIAS and NIAC in closed form for thousands of tables at once, against a loop that tests
   one table after the other. The verdicts must agree.

Times are single-thread CPU time; medians of the repeats (one run for the large ones).

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.ribum``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.support.report import Report, cpu_seconds, machine
from llma import ribum
from llma.ribum.conditions import slacks, value_matrix
from llma.ribum.cycles import cycle_means
from tests.ribum.peers import cvxpy_problem, random_data


def peer(data: ribum.ChoiceData) -> tuple[float, float]:
    """Return margin and solver seconds of the same programme in cvxpy."""
    problem, _, _ = cvxpy_problem(data)
    problem.solve(solver="HIGHS")
    if problem.status != "optimal":
        raise RuntimeError(f"cvxpy: {problem.status}")
    return float(problem.value), float(problem.solver_stats.solve_time or np.nan)


def named(shape: tuple[int, int, int]) -> str:
    """Return environments, states and actions in letters."""
    return f"M={shape[0]} X={shape[1]} U={shape[2]}"


def one_programme(report: Report, shape: tuple[int, int, int], repeats: int) -> None:
    """Print one line of the first table and keep it."""
    data = random_data(np.random.default_rng(1), *shape, same_prior=True)
    ours = ribum.max_margin(data)
    theirs, _ = peer(data)
    if abs(ours.bound - theirs) > 1e-6 or abs(ours.margin - theirs) > 1e-6:
        raise RuntimeError(f"margins differ: {ours.margin}, {ours.bound}, {theirs}")
    seconds = cpu_seconds(lambda: ribum.max_margin(data), repeats)
    other = cpu_seconds(lambda: peer(data), max(1, repeats // 3))
    alone = statistics.median(peer(data)[1] for _ in range(3))
    print(
        f"M={shape[0]} X={shape[1]} U={shape[2]:<5d} {1e3 * seconds:10.1f} {1e3 * other:10.1f}"
        f" {1e3 * alone:10.1f} {other / seconds:8.1f}   margin {ours.margin:.9f}"
    )
    report.add(
        "max-margin",
        shape=named(shape),
        ms=1e3 * seconds,
        cvxpy_ms=1e3 * other,
        solver_ms=1e3 * alone,
        ratio=other / seconds,
    )


def margin_by_loop(data: ribum.ChoiceData, utility: np.ndarray) -> float:
    """Return the smaller of the least NIAS slack and the least cycle mean, one pair at a time."""
    n = data.n_environments
    joint, smallest, gaps = data.joint, np.inf, np.full((n, n), np.inf)
    for m in range(n):
        worth = joint[m].T @ utility[m]  # (U, V)
        slack = np.diag(worth)[:, None] - worth
        smallest = min(smallest, slack[~np.eye(len(slack), dtype=bool)].min())
        own = np.diag(worth).sum()
        for k in range(n):
            if k != m:
                signal = data.priors[m][:, None] * data.choice[k]
                gaps[m, k] = own - (signal.T @ utility[m]).max(axis=1).sum()
    return min(smallest, float(cycle_means(gaps)))


def many_environments(report: Report, shape: tuple[int, int, int], gap: float = 1e-6) -> None:
    """Print one line of the second table and keep it."""
    data = random_data(np.random.default_rng(1), *shape, same_prior=True)
    start = time.process_time()
    found = ribum.max_margin_by_cuts(data, gap=gap)
    seconds = time.process_time() - start
    if abs(margin_by_loop(data, found.utility) - found.margin) > 1e-9:
        raise RuntimeError("the lower bound is not the margin of the utility returned")
    if found.bound - found.margin > gap:
        raise RuntimeError("the gap is open")
    print(
        f"M={shape[0]} X={shape[1]} U={shape[2]:<5d} {seconds:10.2f}   margin {found.margin:.9f},"
        f" at most {found.bound:.9f}, gap {found.bound - found.margin:.1e}"
    )
    report.add("cutting planes", shape=named(shape), seconds=seconds, gap=found.bound - found.margin)


def replicates(report: Report, shape: tuple[int, int, int], count: int, repeats: int) -> None:
    """Print one line of the third table and keep it."""
    rng = np.random.default_rng(2)
    n_environments, n_states, n_actions = shape
    prior = np.full((n_environments, n_states), 1 / n_states)
    stakes = np.geomspace(1, 4, n_environments)
    utility = stakes[:, None, None] * np.eye(n_states, n_actions)
    centre = np.array([0.5 + 0.4 * k / n_environments for k in range(n_environments)])
    table = centre[:, None, None] * np.eye(n_states, n_actions)
    table += (1 - table.sum(axis=2, keepdims=True)) / n_actions
    choice = rng.multinomial(50, np.broadcast_to(table, (count, *shape))) / 50

    def batch() -> np.ndarray:
        nias = slacks(prior[:, :, None] * choice, utility).min(axis=(-3, -2, -1))
        values = value_matrix(prior, choice, utility)
        weights = np.diagonal(values, axis1=-2, axis2=-1)[..., None] - values
        return (nias >= -1e-9) & (cycle_means(weights) >= -1e-9)

    seconds = cpu_seconds(batch, repeats)
    few = 200
    start = time.process_time()
    loop = [ribum.test(ribum.ChoiceData(prior, one), utility).rational for one in choice[:few]]
    each = (time.process_time() - start) / few
    if batch()[:few].tolist() != loop:
        raise RuntimeError("verdicts differ")
    print(
        f"M={shape[0]} X={shape[1]} U={shape[2]:<5d} {seconds:10.3f} {1e6 * seconds / count:10.1f}"
        f" {1e6 * each:10.0f} {each * count / seconds:8.0f}   {100 * np.mean(loop):.0f} % pass"
    )
    report.add(
        "given utilities",
        shape=named(shape),
        tables=count,
        seconds=seconds,
        us_a_table=1e6 * seconds / count,
        us_in_a_loop=1e6 * each,
        ratio=each * count / seconds,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--replicates", type=int, default=5_000)
    parser.add_argument("--large", action="store_true", help="also M=100, X=U=10 (under a minute)")
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("set OMP_NUM_THREADS=1: idle threads would count as CPU time")
    report = Report("ribum", "CPU time of one thread", machine("numpy", "scipy", "cvxpy"))
    print(report.head())
    print(f"\nmax-margin, CPU ms, median of {options.repeats}; solver: HiGHS inside cvxpy")
    print(f"{'':17s} {'llma':>10s} {'cvxpy':>10s} {'solver':>10s} {'ratio':>8s}")
    for shape in ((2, 6, 6), (5, 2, 8), (5, 3, 3), (3, 2, 3)):
        one_programme(report, shape, options.repeats)
    print("\ncutting planes, CPU s, one run")
    for shape in ((10, 5, 5), (20, 10, 10), (40, 10, 10), *([(100, 10, 10)] if options.large else [])):
        many_environments(report, shape)
    print(f"\ngiven utilities, {options.replicates} tables: CPU s, us a table, us in a loop, ratio")
    for shape in ((5, 2, 3), (5, 2, 2), (10, 4, 4)):
        replicates(report, shape, options.replicates, options.repeats)
    report.write(options.json)


if __name__ == "__main__":
    main()
