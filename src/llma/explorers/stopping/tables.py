"""The chapter's tables: text, narrow enough for a phone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma.explorers.readings import symmetric
from llma.explorers.stopping.models import (
    EVEN,
    alarm,
    cheap_vertex,
    flag_or_clear,
    flagging,
    grid_value,
    three_ways,
    written,
)
from llma.stopping import (
    AlwaysReveal,
    CentralControl,
    Exploration,
    MajorityOfFirst,
    NeverReveal,
    Policy,
    StopIn,
    Wald,
    delta_signs,
    simulate,
)
from llma.stopping.closed_forms import cost_of_lead

LEADS = 5
STORY, MIRROR = ((0.1, 0.6), (10, 0)), ((0.6, 0.1), (0, 10))


def lead_table() -> str:
    """Return what it costs to flag at a lead, from an even prior, in the story."""
    problem = flagging()
    lines = ["flag at lead   belief    cost"]
    for lead in range(LEADS):
        odds = (7 / 3) ** lead
        cost = cost_of_lead(
            lead,
            0.5,
            0.7,
            continue_cost=problem.continue_cost,
            stop_cost=problem.stop_cost[:, 0],
            discount=problem.discount,
        )
        lines.append(f"{lead:12d}{odds / (1 + odds):9.3f}{float(cost):8.3f}")
    never = float(problem.never_stop_cost @ EVEN)
    return "\n".join([*lines, f"never flag           {never:8.3f}"])


def quality_table(accuracies: Sequence[float]) -> str:
    """Return threshold and value at an even belief of the story, for several sensors."""
    lines = ["accuracy   threshold   V(1/2)"]
    for accuracy in accuracies:
        solution = flagging(accuracy).solve(1e-9)
        lines.append(f"{accuracy:8.2f}{solution.threshold:12.4f}{float(solution.value(EVEN)):9.3f}")
    return "\n".join(lines)


def sign_table() -> str:
    """Return an example of each row of the sign table; the third is the story, the fourth its mirror."""
    lines = ["delta 0  delta 1  stop"]
    for running, final in (((1, 1), (1, 2)), ((0.1, 0.1), (10, 5)), STORY, MIRROR):
        problem = CentralControl(symmetric(0.7), running, final, 0.9)
        signs = delta_signs(problem)
        solution = problem.solve(1e-9)
        lines.append(f"{signs.delta[0]:7.2f}{signs.delta[1]:9.2f}  {written(solution.stop_region)}")
    return "\n".join(lines)


def counterexample_table() -> str:
    """Return the stop regions of the two counterexamples."""
    lines = []
    for name, problem in (("three ways to stop", three_ways()), ("a cheap vertex", cheap_vertex())):
        lines.append(f"{name}: stop in")
        lines += [f"  {written((part,))}" for part in problem.solve(1e-9).stop_region]
    return "\n".join(lines)


def grid_table(sizes: Sequence[int]) -> str:
    """Return how far value iteration on a grid falls below the value, in the story."""
    exact = flagging().solve(1e-10)
    lines = ["points   error of V   of q*"]
    for n in sizes:
        q, value = grid_value(flagging(), n)
        belief = np.stack([1 - q, q], axis=1)
        below = float((exact.value(belief) - value).max())
        stops = value >= belief @ flagging().stop_cost[:, 0] - 1e-9
        off = float(q[stops].min() - exact.threshold)
        lines.append(f"{n:6d}{below:13.1e}{off:9.1e}")
    return "\n".join(lines)


def policies() -> dict[str, Policy]:
    """Return what a user might do in the two-sided story, by name."""
    return {
        "optimal": StopIn.optimal(flag_or_clear().solve(1e-9)),
        "always reveal": AlwaysReveal(),
        "never reveal": NeverReveal(),
        "Wald, 5 %": Wald(0.05, 0.05),
        "Wald, 1 %": Wald(0.01, 0.01),
        "first 5": MajorityOfFirst(5),
        "first 9": MajorityOfFirst(9),
        "explore 1/t": Exploration(1.0),
        "explore 3/t": Exploration(3.0),
    }


def policy_table(q: float, n_paths: int = 20_000) -> str:
    """Return simulated costs of the policies in the two-sided story, from belief[1] = q."""
    problem = flag_or_clear()
    lines = [f"from q = {q:g}     cost  +/-  wrong"]
    for name, policy in policies().items():
        runs = simulate(problem, policy, (1 - q, q), n_paths, np.random.default_rng(2026))
        ended = runs.stop_action >= 0
        wrong = f"{(runs.stop_action != runs.states).mean():.3f}" if ended.all() else "-"
        lines.append(f"{name:13}{runs.mean:8.2f}{runs.standard_error:6.2f}{wrong:>6}")
    return "\n".join(lines)


def alarm_table(hazards: Sequence[float]) -> str:
    """Return threshold and value before the change, for several hazards."""
    lines = ["hazard  myopic  threshold   V(0)"]
    for hazard in hazards:
        problem = alarm(hazard)
        solution = problem.solve(1e-6)
        gain = 10 * (1 - problem.discount * (1 - hazard))
        lines.append(
            f"{hazard:6.2f}{gain / (gain + 1):8.3f}{solution.threshold:11.4f}"
            f"{float(solution.value((1.0, 0.0))):7.3f}"
        )
    return "\n".join(lines)
