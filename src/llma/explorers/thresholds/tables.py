"""The chapter's tables: text, narrow enough for a phone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma.explorers.stopping.models import written
from llma.explorers.thresholds.models import channel, handed_over, random_channel


def story_table(beliefs: Sequence[float]) -> str:
    """Return what is best at some beliefs, with readings seen and with verdicts seen, and W."""
    seen, watched = channel().solve(1e-9), channel(watched=True).solve(1e-9)
    lines = ["belief  readings   W  verdicts   W"]
    for q in beliefs:
        row = f"{q:6.2f}"
        for solution in (seen, watched):
            worth = float(solution.value([1 - q, q]))
            row += f"{'off' if solution.stops_at(q) else 'on':>8}{worth + 0.0:6.2f}"
        lines.append(row)
    return "\n".join(lines)


def hand_table(q: float = 0.32) -> str:
    """Return one step of Bellman's equation in numbers, for verdicts seen from belief q."""
    belief = np.array([1 - q, q])
    joint = belief[:, None] * np.array([[0.7, 0.3], [0.3, 0.7]])
    solution = channel(watched=True).solve(1e-9)
    step = 4 * q - 1
    lines = [f"a step costs 4q - 1 = {step:.2f}", "verdict  chance  belief      W"]
    total = step
    for u, name in enumerate(("clean", "hate")):
        chance = float(joint[:, u].sum())
        after = float(joint[1, u] / chance)
        worth = float(solution.value([1 - after, after]))
        total += 0.9 * chance * worth
        lines.append(f"{name:7}{chance:8.3f}{after:8.4f}{worth + 0.0:7.3f}")
    return "\n".join([*lines, f"together {total:.3f}"])


def patience_table(discounts: Sequence[float]) -> str:
    """Return where the channel is taken off the air, verdicts seen, for several discounts."""
    lines = []
    for discount in discounts:
        region = channel(discount=discount, watched=True).solve(1e-8).stop_region
        lines.append(f"discount {discount:g}: off in")
        lines += [f"  {written((part,), 4)}" for part in region]
    return "\n".join(lines)


def frequency_table(n: int = 600, seed: int = 2026) -> str:
    """Return how many parts the stop region has, for random watched channels, by where a step is free."""
    rng = np.random.default_rng(seed)
    places = ("low cascade", "learning", "high cascade")
    counts = {name: [0, 0, 0] for name in places}
    for _ in range(n):
        problem = random_channel(rng)
        loss, gain = problem.continue_cost
        zero = -loss / (gain - loss)
        accuracy = problem.likelihood[0, 0]
        place = places[int(zero > 1 - accuracy) + int(zero > accuracy)]
        counts[place][min(len(problem.solve(1e-5).stop_region), 3) - 1] += 1
    lines = ["a step is free      parts", "in the          1     2    3+"]
    lines += [f"{name:13}{one:4}{two:6}{more:6}" for name, (one, two, more) in counts.items()]
    return "\n".join(lines)


def after_table(steps: Sequence[float]) -> str:
    """Return where to stop revealing if the crowd is then left to itself, for several costs of a step."""
    lines = []
    for step in steps:
        region = handed_over(step).solve(1e-8).stop_region
        lines.append(f"a step costs {step:g}: hand over in")
        lines += [f"  {written((part,))}" for part in region]
    return "\n".join(lines)
