"""Speed of the social-learning simulation: against a plain loop, and a floor measured in the same run.

The floor is what a program needs that treats every run on its own and does nothing but arithmetic: the two
matrix products of each step at which an agent still learns (the belief times B kron C, and the decision table
times B), at the rate this machine reaches with all learning runs of a step in one product, plus the draw of
every observation by the library's own sampler. Nothing is added for deciding, looking up and storing. The
library can fall below this floor, because runs with the same history share their products.

Beside it stands the floor with the draw done in the usual way, `searchsorted` in the cumulative likelihood:
the sampler here is several times faster, which lowers the floor that it is measured against.

Two times are given for the library: as simulated (integers as small as can be, beliefs as a table and
pointers), and with observations, actions and beliefs all written out as full arrays.

Results are compared before any time is: the loop is given the same observations and must take the same
actions and hold the same beliefs. Times are single-thread CPU time; the median of the repeats is printed.

Run it with ``OMP_NUM_THREADS=1 python -m benchmarks.social``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.support.report import Report, cpu_seconds, machine
from llma.social import Paths, SocialLearning
from llma.social.simulate import draw_observations

COLUMNS = "ns/step Mstep/s live% products draw usual /floor /usual full loop/us speed-up".split()


def loop(model: SocialLearning, prior: np.ndarray, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return actions and beliefs of each run, agent by agent, the way the protocol is usually written."""
    likelihood, cost = model.likelihood, model.cost
    n_paths, n_agents = observations.shape
    actions = np.empty((n_paths, n_agents), dtype=np.int64)
    beliefs = np.empty((n_paths, n_agents + 1, len(prior)))
    for path in range(n_paths):
        public = prior
        beliefs[path, 0] = public
        for k in range(n_agents):
            best = np.empty(likelihood.shape[1], dtype=np.int64)
            for y in range(likelihood.shape[1]):
                private = likelihood[:, y] * public
                best[y] = np.argmin(np.round(cost.T @ (private / private.sum()), 9))
            u = best[observations[path, k]]
            public = public * likelihood[:, best == u].sum(axis=1)
            public = public / public.sum()
            actions[path, k] = u
            beliefs[path, k + 1] = public
    return actions, beliefs


def products(model: SocialLearning, live: np.ndarray) -> Callable[[], None]:
    """Return a function that does the matrix products of `live[k]` learning runs for each step k."""
    rng = np.random.default_rng(0)
    widest = max(1, int(live.max()))
    beliefs = rng.dirichlet(np.ones(model.n_states), widest)
    chosen = rng.integers(0, 2, (widest, model.n_observations)).astype(np.float64)
    joint, back = np.ascontiguousarray(model.joint_regret.T), np.ascontiguousarray(model.likelihood.T)
    first = np.empty((widest, joint.shape[1]))
    second = np.empty((widest, model.n_states))

    def run() -> None:
        for n in live[live > 0]:
            np.matmul(beliefs[:n], joint, out=first[:n])
            np.matmul(chosen[:n], back, out=second[:n])

    return run


def usual_draw(
    likelihood: np.ndarray, states: np.ndarray, n_agents: int, rng: np.random.Generator
) -> np.ndarray:
    """Return observations by binary search in the cumulative likelihoods, one after the other on one axis."""
    edges = (likelihood.cumsum(axis=1) + np.arange(len(likelihood))[:, None]).ravel()
    points = rng.random((n_agents, len(states))) + states
    return np.searchsorted(edges, points, side="right") - states * likelihood.shape[1]


def written_out(runs: Paths) -> tuple[np.ndarray, ...]:
    """Return every array in full."""
    return runs.states, runs.observations, runs.actions, runs.beliefs, runs.cascade_time


def compare(
    report: Report, name: str, model: SocialLearning, *, n_agents: int, n_paths: int, repeats: int
) -> None:
    """Print one line of the table and keep it."""
    prior = np.full(model.n_states, 1 / model.n_states)
    few = max(1, 20_000 // (n_agents * model.n_observations))
    runs = model.simulate(prior, n_agents, few, np.random.default_rng(1))
    actions, beliefs = loop(model, prior, runs.observations)
    np.testing.assert_array_equal(runs.actions, actions)
    np.testing.assert_allclose(runs.beliefs, beliefs, atol=1e-9)
    plain = cpu_seconds(lambda: loop(model, prior, runs.observations), 3) / (few * n_agents)

    steps = n_agents * n_paths
    many = model.simulate(prior, n_agents, n_paths, np.random.default_rng(1))
    stop = np.where(many.cascade_time < 0, n_agents, many.cascade_time)
    live = (stop[None, :] > np.arange(n_agents)[:, None]).sum(axis=1)
    rng = np.random.default_rng(2)
    timed: dict[str, Callable[[], object]] = {
        "ours": lambda: model.simulate(prior, n_agents, n_paths, rng),
        "full": lambda: written_out(model.simulate(prior, n_agents, n_paths, rng)),
        "products": products(model, live),
        "draw": lambda: draw_observations(model.likelihood, many.states, n_agents, rng),
        "usual": lambda: usual_draw(model.likelihood, many.states, n_agents, rng),
    }
    t = {what: cpu_seconds(function, repeats) / steps for what, function in timed.items()}
    floors = [t["products"] + t["draw"], t["products"] + t["usual"]]
    print(
        f"{name:24s} {1e9 * t['ours']:8.1f} {1e-6 / t['ours']:8.1f} {100 * live.sum() / steps:8.1f}"
        f" {1e9 * t['products']:8.1f} {1e9 * t['draw']:8.1f} {1e9 * t['usual']:8.1f}"
        f" {t['ours'] / floors[0]:8.2f} {t['ours'] / floors[1]:8.2f}"
        f" {1e9 * t['full']:8.1f} {1e6 * plain:8.1f} {plain / t['full']:8.0f}"
    )
    report.add(
        "steps",
        model=name,
        ns=1e9 * t["ours"],
        floor_ns=1e9 * floors[0],
        over_floor=t["ours"] / floors[0],
        full_ns=1e9 * t["full"],
        loop_ns=1e9 * plain,
        loop_over_full=plain / t["full"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("set OMP_NUM_THREADS=1: idle threads of the matrix product would count as CPU time")
    report = Report("social", "CPU time of one thread", machine("numpy"))
    print(report.head())
    print(f"{options.paths} runs of {options.agents} agents, draw included, median of {options.repeats}")
    print("ns of CPU time a step, unless another unit is given; live%: steps at which somebody learns;")
    print(
        "/floor: time over products + draw; /usual: over products + usual draw; full: all arrays written out;"
    )
    print("loop/us: the plain loop in microseconds; speed-up: the loop over full")
    print(f"{'model':24s}" + "".join(f" {column:>8s}" for column in COLUMNS))
    rng = np.random.default_rng(0)
    distance = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    cases = {
        "X=Y=U=2, accuracy .7": SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]),
        "X=Y=U=6, random costs": SocialLearning(rng.dirichlet(np.full(6, 2.0), 6), rng.random((6, 6))),
        "X=Y=U=6, costs |x - u|": SocialLearning(rng.dirichlet(np.full(6, 2.0), 6), distance),
        "X=Y=6, U=2": SocialLearning(rng.dirichlet(np.full(6, 2.0), 6), rng.random((6, 2))),
        "X=U=2, Y=64": SocialLearning(rng.dirichlet(np.full(64, 2.0), 2), [[0, 1], [1, 0]]),
    }
    for name, model in cases.items():
        compare(report, name, model, n_agents=options.agents, n_paths=options.paths, repeats=options.repeats)
    report.write(options.json)


if __name__ == "__main__":
    main()
