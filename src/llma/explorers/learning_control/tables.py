"""The tables of the chapter as text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from llma.checks import Floats
from llma.explorers.learning_control.models import (
    GUESS,
    PRIOR,
    PROBLEM,
    answers,
    box,
    excess,
    judge,
    readers,
    search,
)
from llma.explorers.learning_control.replays import Replay, pay_replay, stop_replay
from llma.policy_gradient import (
    Gains,
    angle_of,
    annealed,
    best_threshold,
    excess_cost,
    grid_search,
    reinforce,
    smoothed_cost,
)
from llma.policy_gradient.published import pay, stopping


def bill_table(thresholds: Sequence[float], seed: int = 5) -> str:
    """Return three bills of 80 cases at each threshold, and what the judge knows: the exact mean.

    >>> print(bill_table((0.5, 0.8)))
    threshold    three bills      exact
          0.5  4.36  3.83  4.54   3.96
          0.8  2.02  2.27  1.99   2.12
    """
    lines = ["threshold    three bills      exact"]
    rng = np.random.default_rng(seed)
    for level in thresholds:
        bills = [float(box()(level, rng)) for _ in range(3)]
        exact = float(smoothed_cost(PROBLEM, PRIOR, level, 0.03).cost)
        lines.append(f"{level:9.1f}" + "".join(f"{bill:6.2f}" for bill in bills) + f"{exact:7.2f}")
    return "\n".join(lines)


def smoothing_table(temperatures: Sequence[float]) -> str:
    """Return the best threshold at each temperature, its smoothed and its hard cost.

    >>> print(smoothing_table((0.1, 0.03)))
     tau  best    cost  hard cost
    0.10  .9521  2.3104    2.3043
    0.03  .8301  2.1123    2.0917
    """
    lines = [" tau  best    cost  hard cost"]
    for temperature in temperatures:
        level, cost = best_threshold(PROBLEM, PRIOR, temperature)
        hard = float(smoothed_cost(PROBLEM, PRIOR, level, 0.0).cost)
        lines.append(f"{temperature:4.2f}  {level:.4f}".replace(" 0.", " .") + f"{cost:8.4f}{hard:10.4f}")
    return "\n".join(lines)


@cache
def deviations(level: float, temperature: float, width: float, runs: int = 20_000) -> tuple[float, ...]:
    """Return standard deviations of the slope of one episode: two of SPSA, three of REINFORCE.

    In the order: SPSA independent, SPSA common, plain, baseline, to-go. A width is in units of the threshold.
    SPSA's are of one pair of episodes.
    """
    single = box(temperature, 1)
    up, down = np.full(runs, level + width), np.full(runs, level - width)
    high = single(up, np.random.default_rng(1))
    pairs = [(high - single(down, np.random.default_rng(seed))) / (2 * width) for seed in (2, 1)]
    episodes = box(temperature, runs).sample(level, np.random.default_rng(3))
    centred = episodes.cost - episodes.cost.mean()
    shares = [episodes.cost * episodes.score, centred * episodes.score, episodes.to_go]
    return tuple(float(values.std()) for values in (*pairs, *shares))


def variance_table(level: float = 0.6, temperature: float = 0.1) -> str:
    """Return the standard deviations of estimates of the slope, for one episode or one pair of episodes.

    >>> print(variance_table().splitlines()[0])
    slope at 0.6, tau 0.10: exact -6.71
    """
    exact = float(smoothed_cost(PROBLEM, PRIOR, level, temperature).slope)
    lines = [f"slope at {level:.1f}, tau {temperature:.2f}: exact {exact:.2f}"]
    for width in (0.02, 0.1):
        apart, common, *scores = deviations(level, temperature, width)
        lines.append(f"SPSA, width {width:.2f}, independent {apart:7.1f}")
        lines.append(f"SPSA, width {width:.2f}, common      {common:7.1f}")
    for name, spread in zip(("plain", "baseline", "to-go"), scores, strict=True):
        lines.append(f"REINFORCE, {name:17s}{spread:8.1f}")
    return "\n".join(lines)


@cache
def contest(runs: int = 40) -> dict[str, Floats]:
    """Return the excess costs of methods that may use 16,000 episodes a run."""
    starts = (0.5,) * runs
    gains = Gains(a=0.1, c=0.1, stability=20)
    stages = [box(temperature, 40) for temperature in (0.1, 0.05, 0.025, 0.0125)]
    angles = angle_of(starts)
    found = {
        "SPSA, independent": search(0.03, starts, common=False, seed=11).final,
        "SPSA, common": search(0.03, starts, seed=11).final,
        "SPSA, annealed": annealed(
            stages,
            angles,
            np.random.default_rng(11),
            iterations=200,
            gains=Gains(a=0.1, c=0.15, stability=20),
        ).final,
        "REINFORCE": reinforce(
            box(0.03, 80).sample, angles, np.random.default_rng(11), iterations=200, gains=gains
        ).final,
        "grid, common": np.array(
            [
                grid_search(box(0.0, 160), np.linspace(0, 1, 100), np.random.default_rng(seed)).best
                for seed in range(runs)
            ]
        ),
        "grid, independent": np.array(
            [
                grid_search(
                    box(0.0, 160), np.linspace(0, 1, 100), np.random.default_rng(seed), common=False
                ).best
                for seed in range(runs)
            ]
        ),
    }
    return {name: np.maximum(excess(levels), 0.0) for name, levels in found.items()}


def contest_table(runs: int = 40) -> str:
    """Return for each method how many runs are within one per cent, and the mean and the worst excess."""
    lines = ["16,000 episodes      <1%  mean  worst"]
    for name, off in contest(runs).items():
        share = f"{int((off < 0.01).sum())}/{runs}"
        lines.append(f"{name:18s}{share:>6s}{100 * off.mean():5.1f}%{100 * off.max():6.1f}%")
    return "\n".join(lines)


def sweep_table(levels: Sequence[float]) -> str:
    """Return cost, steps and accuracy of the published sweep, and of the repaired one.

    >>> print(sweep_table((0.0, 1.0)))
          published         repaired
    gam  cost steps right  cost steps right
    0.0   798   100  .800   509     0  .600
    1.0   330     0  .994  1300   100  .820
    """
    theirs, ours = stopping.replicate(levels), stopping.repaired(levels)
    lines = ["      published         repaired", "gam  cost steps right  cost steps right"]
    for i, level in enumerate(levels):
        row = f"{level:.1f}"
        for found in (theirs, ours):
            right = f"{found.accuracy[i]:.3f}"[1:]
            row += f"{found.cost[i]:6.0f}{found.steps[i]:6.0f}{right:>6s}"
        lines.append(row)
    return "\n".join(lines)


def pay_table(levels: Sequence[float]) -> str:
    """Return what is paid and how often the public is right: published, repaired, and the repaired total.

    >>> print(pay_table((0.0, 0.65)))
         published    repaired
     gam   paid right   paid right total
    0.00  -19.9  .173  155.9  .997 157.5
    0.65  -34.4  .949   65.4  .879 126.1
    """
    theirs, ours = pay.replicate(levels), pay.repaired(levels)
    lines = ["      published    repaired", " gam   paid right   paid right total"]
    for i, level in enumerate(levels):
        row = f"{level:.2f}"
        for found in (theirs, ours):
            row += f"{found.paid[i]:7.1f}" + f"{found.right[i]:.3f}"[1:].rjust(6)
        lines.append(row + f"{ours.objective()[i]:6.1f}")
    return "\n".join(lines)


def replay_table(replay: Replay) -> str:
    """Return where the runs of the published and of the repaired search end."""
    lines = ["run  published     repaired", "     gam    cost   gam    cost"]
    for i in range(len(replay.published.final)):
        row = f"{i:3d}"
        for trace, cost in (
            (replay.published, replay.published_cost),
            (replay.repaired, replay.repaired_cost),
        ):
            row += f"{trace.final[i]:6.2f}{cost[i]:8.1f}"
        lines.append(row)
    return "\n".join(lines)


def stop_search_table() -> str:
    """Return the ends of the searches for a stopping threshold."""
    return replay_table(stop_replay())


def pay_search_table() -> str:
    """Return the ends of the searches for a paying threshold; the costs are the two objectives."""
    return replay_table(pay_replay())


@cache
def reader_search(runs: int = 24) -> Floats:
    """Return thresholds learned from bills alone, with the embedded model as the sensor."""
    stages = [readers(temperature) for temperature in (0.1, 0.05, 0.025)]
    gains = Gains(a=0.1, c=0.15, stability=20)
    start = np.full(runs, angle_of(0.5))
    return annealed(stages, start, np.random.default_rng(3), iterations=200, gains=gains).final


def reader_table(runs: int = 24) -> str:
    """Return what was learned with the embedded model, next to what knowing it would give."""
    good, bad = (float(yes.mean()) for yes in answers())
    problem = judge()
    best = float(problem.solve(1e-8).value([1 - PRIOR, PRIOR]))
    levels = np.linspace(0, 1, 201)
    score = 100 * excess_cost(problem, PRIOR, levels, GUESS)
    learned = 100 * excess_cost(problem, PRIOR, reader_search(runs), GUESS)
    taken = 100 * float(excess_cost(problem, PRIOR, 0.8344, GUESS))
    return "\n".join(
        [
            f"P(yes): good {good:.3f}, bad {bad:.3f}",
            f"least cost, sensor known  {best:8.3f}",
            f"best on the score         {score.min():+7.1f} %",
            f"learned, runs within 1 % {f'{int((learned < 1).sum())}/{runs}':>10s}",
            f"learned, worst            {learned.max():+7.1f} %",
            f"threshold of accuracy 0.7 {taken:+7.1f} %",
        ]
    )
