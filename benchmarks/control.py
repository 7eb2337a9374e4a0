"""Speed of the stopping problems, solved to 1e-6, against QuantEcon's dynamic programmes on 10,000 points.

The library solves the problem itself, with a proved error of 1e-6. QuantEcon's modified policy iteration and
policy iteration solve a problem on a grid of 10,001 beliefs, between which the value is interpolated; that
problem is off by what the column `grid` says, and it takes time to set up (`set-up`), which is not counted.

Results are compared before any time is: at the points of the grid the difference must lie within the bound
that is proved for a grid in the chapter on central control, and the grid's value must not be the larger one.
A second table has the search for a threshold from costs alone: an iteration of SPSA, two bills of some
episodes each. A loop over episodes and steps, the library for one run, and for 100 runs at once. The loop and
the library give the same bill on the same random numbers before a time is taken. The loop has its random
numbers drawn for it, in one call.

Times are single-thread CPU time; the median of the repeats is printed.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.control``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from benchmarks.support.report import Report, cpu_seconds, machine
from llma.policy_gradient import Gains, ThresholdBox, angle_of, model_box, spsa
from llma.stopping import CentralControl, quickest_detection

if TYPE_CHECKING:
    from quantecon.markov import DiscreteDP

POINTS = 10_001
TOLERANCE = 1e-6


def discrete_dp(problem: CentralControl, n: int) -> tuple[np.ndarray, DiscreteDP]:
    """Return n equidistant beliefs, and the problem on them as a dynamic programme that maximises.

    Action 0 continues, action 1 stops; state n, after stopping, costs nothing.
    """
    from quantecon.markov import DiscreteDP  # noqa: PLC0415 - it loads numba, which takes a second

    q = np.linspace(0, 1, n)
    belief = np.stack([1 - q, q], axis=1)
    joint = (belief @ problem.transition)[:, None, :] * problem.likelihood.T  # (n, Y, 2)
    chance = joint.sum(axis=2)
    following = np.divide(joint[..., 1], chance, out=np.zeros_like(chance), where=chance > 0)
    left = np.minimum((following * (n - 1)).astype(np.int64), n - 2)  # (n, Y)
    share = following * (n - 1) - left
    columns = np.stack([left, left + 1], axis=2).reshape(-1)
    weights = (chance[..., None] * np.stack([1 - share, share], axis=2)).reshape(-1)
    rows = np.repeat(np.arange(n), 2 * problem.n_observations)
    go = sparse.csr_matrix((weights, (rows, columns)), shape=(n, n + 1))
    end = sparse.csr_matrix((np.ones(n + 1), (np.arange(n + 1), np.full(n + 1, n))), shape=(n + 1, n + 1))
    reward = -np.concatenate(
        [belief @ problem.continue_cost, (belief @ problem.stop_cost).min(axis=1), [0.0]]
    )
    states = np.concatenate([np.arange(n), np.arange(n + 1)])
    actions = np.concatenate([np.zeros(n, dtype=np.int64), np.ones(n + 1, dtype=np.int64)])
    return q, DiscreteDP(reward, sparse.vstack([go, end]).tocsr(), problem.discount, states, actions)


def checked(problem: CentralControl, q: np.ndarray, on_grid: np.ndarray) -> float:
    """Compare the two solutions; return how far the grid is off."""
    exact = problem.solve(1e-8)
    gap = exact.value(np.stack([1 - q, q], axis=1)) - on_grid
    bend = float(np.ptp(exact.value.lines[:, 1] - exact.value.lines[:, 0])) / (len(q) - 1) / 4
    assert gap.min() >= -1e-7, f"the grid lies above the value by {-gap.min():.1e}"
    allowed = problem.discount / (1 - problem.discount) * bend + 1e-7
    assert gap.max() <= allowed, f"the grid is off by {gap.max():.1e}, more than {allowed:.1e}"
    return float(gap.max())


def compare(report: Report, name: str, problem: CentralControl, repeats: int) -> None:
    """Print one line of the table and keep it."""
    set_up = cpu_seconds(lambda: discrete_dp(problem, POINTS), 3)
    q, programme = discrete_dp(problem, POINTS)
    methods = ("modified_policy_iteration", "policy_iteration")
    for method in methods:
        off = checked(problem, q, -programme.solve(method=method, epsilon=1e-8).v[:-1])
    peers = [
        cpu_seconds(lambda m=method: programme.solve(method=m, epsilon=TOLERANCE), repeats)
        for method in methods
    ]
    mine = cpu_seconds(lambda: problem.solve(TOLERANCE), repeats)
    bound = problem.solve(TOLERANCE).error_bound
    print(
        f"{name:22s}{1e3 * mine:8.2f}{bound:10.0e}{1e3 * peers[0]:10.2f}{1e3 * peers[1]:10.2f}"
        f"{1e3 * set_up:8.1f}{off:10.0e}{min(peers) / mine:8.1f}"
    )
    report.add(
        "stopping problems",
        problem=name,
        ms=1e3 * mine,
        bound=bound,
        modified_policy_iteration_ms=1e3 * peers[0],
        policy_iteration_ms=1e3 * peers[1],
        set_up_ms=1e3 * set_up,
        grid_off=off,
        ratio=min(peers) / mine,
    )


def looped_bill(box: ThresholdBox, level: float, rng: np.random.Generator) -> float:
    """Return the mean cost of the episodes of a box, one episode and one step after the other."""
    states, q, noise = box._draw(1, rng)
    total = 0.0
    for i in range(box.episodes):
        x, weight = int(states[0, i]), 1.0
        for k in range(box.horizon):
            if q[0, i, k] - noise[0, i, k] >= level - 1e-9:
                total += weight * box.stop_cost[x]
                break
            total += weight * box.continue_cost[x]
            weight *= box.discount
    return total / box.episodes


def search(report: Report, episodes: int, repeats: int) -> None:
    """Print one line of the second table and keep it."""
    problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], 0.9)
    box = model_box(problem, 0.5, temperature=0.03, episodes=episodes)
    for level in (0.3, 0.6, 0.8, 0.95):
        mine = float(box(level, np.random.default_rng(5)))
        theirs = looped_bill(box, level, np.random.default_rng(5))
        assert abs(mine - theirs) < 1e-9, f"the loop says {theirs}, the library {mine}"
    gains, steps = Gains(a=0.1, c=0.1, stability=10), 20

    def run(objective: Callable[..., object], starts: object) -> None:
        spsa(objective, starts, np.random.default_rng(1), iterations=steps, gains=gains)

    def looped(level: object, rng: np.random.Generator) -> float:
        return looped_bill(box, float(level), rng)

    start = float(angle_of(0.5))
    loop = cpu_seconds(lambda: run(looped, start), repeats) / steps
    one = cpu_seconds(lambda: run(box, start), repeats) / steps
    many = cpu_seconds(lambda: run(box, np.full(100, start)), repeats) / steps / 100
    print(
        f"{f'2 x {episodes} episodes':22s}{1e3 * loop:8.2f}{1e3 * one:10.2f}{1e3 * many:10.3f}"
        f"{loop / one:8.1f}{loop / many:10.1f}"
    )
    report.add(
        "iterations of SPSA",
        search=f"2 x {episodes} episodes",
        loop_ms=1e3 * loop,
        ms=1e3 * one,
        batch_ms=1e3 * many,
        ratio=loop / one,
        batch_ratio=loop / many,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("set OMP_NUM_THREADS=1: idle threads would count as CPU time")
    report = Report("control", "CPU time of one thread", machine("numpy", "scipy", "quantecon"))
    print(report.head())
    print(f"stopping problems, ms of CPU time, median of {options.repeats}; bound: proved error of ours;")
    print(f"mpi, pi: (modified) policy iteration on {POINTS} points; grid: how far these points are off;")
    print("ratio: the faster of the two over ours")
    print(f"{'problem':22s}" + "".join(f"{c:>{w}s}" for c, w in zip(COLUMNS, WIDTHS, strict=True)))
    sensor = [[0.7, 0.3], [0.3, 0.7]]
    cases = {
        "one way, .9": CentralControl(sensor, [0.1, 0.6], [10, 0], 0.9),
        "one way, .99": CentralControl(sensor, [0.1, 0.6], [100, 0], 0.99),
        "two ways, .95": CentralControl(sensor, [0.35, 0.35], [[0, 20], [20, 0]], 0.95),
        "two ways, .999": CentralControl(sensor, [0.35, 0.35], [[0, 20], [20, 0]], 0.999),
        "weak sensor, .99": CentralControl([[0.55, 0.45], [0.45, 0.55]], [0.1, 0.6], [100, 0], 0.99),
        "asymmetric, .9": CentralControl([[0.6, 0.4], [0.25, 0.75]], [0.1, 0.6], [10, 0], 0.9),
        "four observations, .9": CentralControl(
            [[0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.3, 0.45]], [0.1, 0.6], [10, 0], 0.9
        ),
        "detection, .95": quickest_detection(sensor, 0.05, 1.0, 10.0, 0.95),
        "detection, .99": quickest_detection(sensor, 0.05, 1.0, 10.0, 0.99),
    }
    for name, problem in cases.items():
        compare(report, name, problem, options.repeats)
    print(
        "\niterations of SPSA, ms of CPU time; loop: over episodes and steps; one: a run; batch: a run of 100"
    )
    print(f"{'search':22s}{'loop':>8s}{'one':>10s}{'batch':>10s}{'ratio':>8s}{'of batch':>10s}")
    for episodes in (10, 80):
        search(report, episodes, options.repeats)
    report.write(options.json)


COLUMNS = ("ours", "bound", "mpi", "pi", "set-up", "grid", "ratio")
WIDTHS = (8, 10, 10, 10, 8, 10, 8)


if __name__ == "__main__":
    main()
