"""How fast GARP, the efficiency index, Afriat's numbers and the power are, against textbook methods.

    python -m benchmarks.afriat

GARP by strongly connected classes against the transitive closure; the index against bisection over GARP; the
numbers by the proof and by the linear programme. Results are compared before a ratio is printed.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.support.report import Report, machine
from llma.afriat import bronars, ccei, closure, construct, from_shares, garp, revealed, solve


def timed(job, repeats=7):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        result = job()
        times.append(time.process_time() - start)
    return median(times), result


def by_closure(data):
    weak, strict = revealed(data)
    return not (closure(weak) & strict.T).any()


def by_bisection(data, steps=40):
    if garp(data).holds:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if garp(data, middle).holds else (low, middle)
    return low


def purchases(n, noise, rng):
    """Return the purchases of a Cobb-Douglas buyer of ten goods whose shares tremble."""
    shares = rng.dirichlet(np.full(10, 1 / noise), n) if noise else np.full(10, 0.1)
    return from_shares(rng.uniform(0.5, 2, (n, 10)), rng.uniform(1, 10, n), shares)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="keep the results in this file")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    report = Report("afriat", "CPU time of one thread", machine("numpy", "scipy"))
    print(report.head())
    for n in (50, 200, 800):
        for noise in (0.0, 0.2):
            data = purchases(n, noise, rng)
            classes_s, a = timed(lambda data=data: garp(data).holds)
            closure_s, b = timed(lambda data=data: by_closure(data), repeats=3)
            index_s, e = timed(lambda data=data: ccei(data).value, repeats=3)
            bisect_s, f = timed(lambda data=data: by_bisection(data), repeats=1)
            assert a == b
            assert abs(e - f) < 1e-8
            print(
                f"T={n:4d} noise={noise}: GARP {a!s:5} {1e3 * classes_s:8.2f} ms, closure "
                f"{1e3 * closure_s:8.1f} ms ({closure_s / classes_s:5.1f}x); CCEI {e:.4f} "
                f"{1e3 * index_s:8.1f} ms, bisection {1e3 * bisect_s:8.1f} ms"
            )
            case = f"T={n}, noise {noise}"
            report.add(
                "GARP", case=case, ms=1e3 * classes_s, closure_ms=1e3 * closure_s, ratio=closure_s / classes_s
            )
            report.add(
                "efficiency",
                case=case,
                ms=1e3 * index_s,
                bisection_ms=1e3 * bisect_s,
                ratio=bisect_s / index_s,
            )
    for n in (50, 200):
        data = purchases(n, 0.0, rng)
        proof_s, u = timed(lambda data=data: construct(data))
        programme_s, v = timed(lambda data=data: solve(data), repeats=3)
        assert max(u.residual, v.residual) < 1e-9
        print(
            f"T={n:4d}: numbers by the proof {1e3 * proof_s:.1f} ms (largest slope {u.slopes.max():.1e}), "
            f"by the programme {1e3 * programme_s:.1f} ms ({v.slopes.max():.1e})"
        )
        report.add("numbers", case=f"T={n}", proof_ms=1e3 * proof_s, programme_ms=1e3 * programme_s)
    prices = rng.uniform(0.5, 2, (10, 2))
    seconds, power = timed(lambda: bronars(prices, 1.0, 10_000, np.random.default_rng(1)), repeats=3)
    print(f"power of 10 budgets, 10,000 draws: {seconds:.2f} s ({power.rate():.3f})")
    report.add("power", case="10 budgets, 10,000 draws", seconds=seconds)
    report.write(options.json)


if __name__ == "__main__":
    main()
