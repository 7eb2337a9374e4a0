"""Speed of the embedded sensor and of the likelihoods: short reviews a second, and fits, on one core.

Run with ``OMP_NUM_THREADS=1 python benchmarks/sensing.py``. Prints CPU milliseconds a text for the K
questions packed into one sequence, and for K prompts one at a time; then milliseconds a fit
of each likelihood to 240 texts with six states and six questions.
"""

import time

import numpy as np

from llma.data import load_sample
from llma.likelihood import METHODS, Machine, fit
from llma.sensing import PRODUCT_REVIEW
from llma.sensing.tiny import load


def cpu_per_call(function, repeats: int) -> float:
    """Return CPU seconds a call: the least of three rounds, since other work only adds to it."""
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for _ in range(repeats):
            function()
        rounds.append((time.process_time() - start) / repeats)
    return min(rounds)


def likelihoods() -> None:
    """Measure and print the fits, and the law of a Boltzmann machine over six bits."""
    rng = np.random.default_rng(0)
    states = np.repeat(np.arange(6), 40)
    mood = rng.normal(size=(240, 1))
    bits = (rng.normal(size=(240, 6)) + mood + 0.4 * states[:, None] > 1).astype(float)
    for method in METHODS:
        seconds = cpu_per_call(lambda m=method: fit(bits, states, 6, m, rng=np.random.default_rng(0)), 3)
        print(f"fit, {method:22s} {1000 * seconds:8.2f} ms")
    machine = Machine(rng.normal(size=(1, 6)), rng.normal(size=(3, 6)), rng.normal(size=3))
    print(f"law of a machine, 3 hidden  {1e6 * cpu_per_call(machine.table, 1000):8.1f} microseconds")


def main() -> None:
    """Measure and print."""
    start = time.process_time()
    sensor = load()
    loading = time.process_time() - start
    texts = list(load_sample("product_review").texts)
    tokens = np.mean([len(sensor.tokens(text)) for text in texts])
    packed = cpu_per_call(lambda: sensor.probabilities(texts, PRODUCT_REVIEW), 3) / len(texts)
    alone = cpu_per_call(
        lambda: [sensor.probabilities([t], [q]) for t in texts for q in PRODUCT_REVIEW.questions], 1
    ) / len(texts)
    print(f"load                        {1000 * loading:8.1f} ms")
    print(f"tokens a text               {tokens:8.1f}")
    print(f"4 questions, packed         {1000 * packed:8.2f} ms a text, {1 / packed:6.0f} texts a second")
    print(f"4 questions, one at a time  {1000 * alone:8.2f} ms a text, {1 / alone:6.0f} texts a second")
    likelihoods()


if __name__ == "__main__":
    main()
