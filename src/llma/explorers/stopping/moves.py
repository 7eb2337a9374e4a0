"""The explorers: value and threshold, the cost of a lead, two thresholds, quickest detection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, told_apart
from llma.explorers.readings import symmetric
from llma.explorers.stopping.models import EVEN, alarm, flag_or_clear, flagging, written
from llma.stopping import CentralControl
from llma.stopping.closed_forms import cost_of_lead, symmetric_threshold

Q = np.linspace(0, 1, 101)
BELIEFS = np.stack([1 - Q, Q], axis=1)
SENSORS = (0.55, 0.6, 0.7, 0.8, 0.9)


def value() -> Explorer:
    """Return the explorer of the value and the threshold in the one-sided story."""

    def draw(accuracy: float, harm: float, false_flag: float, discount: float) -> Mapping[str, Any]:
        problem = flagging(accuracy, false_flag, harm, discount)
        solution = problem.solve(1e-6)
        best, stop = solution.value(BELIEFS), BELIEFS @ problem.stop_cost[:, 0]
        return {
            "cost": np.concatenate([best, stop, BELIEFS @ problem.never_stop_cost]),
            "threshold q*": _text(solution.threshold, solution.reason),
            "value at q = 0.5": float(solution.value(EVEN)),
            "flag at once, at q = 0.5": float(problem.stop_cost[:, 0] @ EVEN),
        }

    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", SENSORS, 0.7),
            Slider("harm", "harm of a step of hate", (0.1, 0.3, 0.5, 1.0, 2.0), 0.5),
            Slider("false_flag", "cost of a false flag", (2.0, 5.0, 10.0, 20.0), 10.0),
            Slider("discount", "discount", (0.5, 0.8, 0.9, 0.95), 0.9),
        ],
        _lines("cost:Q", "total cost", [0, 12]),
        fixed=_fixed(("best", "flag now", "never flag")),
        title="Value and threshold",
        alt="Three curves of total cost over the belief that the account spreads hate. The cost of flagging "
        "now falls in a straight line to 0, the cost of never flagging rises in a straight line. The best "
        "cost is concave, lies below both, and joins the line of flagging at the threshold.",
    )


def thresholds() -> Explorer:
    """Return the explorer of the threshold against the accuracy of the sensor, in closed form."""
    accuracy = np.linspace(0.51, 0.99, 49)

    def draw(harm: float, false_flag: float, discount: float) -> Mapping[str, Any]:
        running, final = np.array([0.1, 0.1 + harm]), np.array([false_flag, 0.0])
        gain, loss = running - (1 - discount) * final
        if gain < 0:
            exact = np.array([symmetric_threshold(p, running, final, discount) for p in accuracy])
            myopic = gain / (gain - loss)
        else:
            exact, myopic = np.zeros(len(accuracy)), 0.0
        return {
            "belief": np.concatenate([exact, np.full(len(accuracy), myopic)]),
            "myopic point": myopic,
            "threshold at accuracy 0.7": float(exact[19]),
            "threshold at accuracy 0.9": float(exact[39]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("accuracy:Q", title="accuracy of a reading", scale=alt.Scale(domain=[0.5, 1])),
            y=alt.Y("belief:Q", title="flag from this belief on", scale=alt.Scale(domain=[0, 1])),
            **told_apart("line"),
        )
    )
    names = ("threshold q*", "myopic point")
    return explore(
        draw,
        [
            Slider("harm", "harm of a step of hate", (0.1, 0.2, 0.3, 0.5, 1.0, 2.0), 0.5),
            Slider("false_flag", "cost of a false flag", (2.0, 5.0, 10.0, 20.0, 50.0), 10.0),
            Slider("discount", "discount", (0.5, 0.7, 0.8, 0.9, 0.95, 0.98), 0.9),
        ],
        chart,
        fixed={
            "accuracy": np.tile(accuracy, 2),
            "line": [name for name in names for _ in accuracy],
        },
        title="What moves the threshold",
        alt="The threshold over the accuracy of the sensor. It starts at the myopic point, a level line, "
        "when the sensor is useless, and rises with accuracy.",
    )


def leads() -> Explorer:
    """Return the explorer of what it costs to wait for a lead."""
    waits = np.arange(11)

    def draw(prior: float, accuracy: float, false_flag: float, discount: float) -> Mapping[str, Any]:
        problem = flagging(accuracy, false_flag, 0.5, discount)
        cost = cost_of_lead(
            waits,
            prior,
            accuracy,
            continue_cost=problem.continue_cost,
            stop_cost=problem.stop_cost[:, 0],
            discount=discount,
        )
        best = int(cost.argmin())
        at = (prior / (1 - prior)) * (accuracy / (1 - accuracy)) ** best
        return {
            "cost": cost,
            "choice": ["best" if k == best else "other" for k in waits],
            "best lead (of 0 to 10)": best,
            "belief at this lead": at / (1 + at),
            "its cost": float(cost[best]),
            "cost of never flagging": float(problem.never_stop_cost @ [1 - prior, prior]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_bar()
        .encode(
            x=alt.X("lead:O", title="flag when the lead is", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("cost:Q", title="total cost", scale=alt.Scale(domain=[0, 18])),
            color=alt.Color("choice:N", title=None, scale=alt.Scale(domain=["best", "other"])),
            opacity=alt.condition("datum.choice == 'best'", alt.value(1.0), alt.value(0.55)),
        )
    )
    return explore(
        draw,
        [
            Slider("prior", "prior belief in hate", (0.1, 0.3, 0.5, 0.7, 0.9), 0.5),
            Slider("accuracy", "accuracy of a reading", SENSORS, 0.7),
            Slider("false_flag", "cost of a false flag", (2.0, 5.0, 10.0, 20.0), 10.0),
            Slider("discount", "discount", (0.5, 0.8, 0.9, 0.95), 0.9),
        ],
        chart,
        fixed={"lead": waits},
        title="Waiting for a lead",
        alt="Bars of the total cost of flagging at a lead of 0 to 10 readings. The cost falls to the best "
        "lead, which is marked, and rises slowly after it towards the cost of never flagging.",
    )


def two_sided() -> Explorer:
    """Return the explorer of flag or clear, with a third way to stop that breaks the interval."""

    def draw(step: float, accuracy: float, refer: float, discount: float) -> Mapping[str, Any]:
        two = flag_or_clear(accuracy, step, 20.0, discount)
        stop = np.column_stack([two.stop_cost, [refer, refer]])
        problem = CentralControl(symmetric(accuracy), two.continue_cost, stop, discount)
        solution = problem.solve(1e-6)
        now = solution.stop_value(BELIEFS)
        return {
            "cost": np.concatenate([solution.value(BELIEFS), now]),
            "stop in": written(solution.stop_region),
            "parts of the stop region": len(solution.stop_region),
            "share of beliefs that continue": 1
            - sum(part.upper - part.lower for part in solution.stop_region),
            "value at q = 0.5": float(solution.value(EVEN)),
        }

    return explore(
        draw,
        [
            Slider("step", "cost of a step", (0.1, 0.35, 1.0, 2.0, 4.0, 5.0), 0.35),
            Slider("accuracy", "accuracy of a reading", SENSORS, 0.7),
            Slider("refer", "cost of the third way", (2.0, 4.0, 6.0, 10.0), 10.0),
            Slider("discount", "discount", (0.8, 0.9, 0.95), 0.95),
        ],
        _lines("cost:Q", "total cost", [0, 11]),
        fixed=_fixed(("best", "stop now")),
        title="Flag, clear, or pass it on",
        alt="Total cost over the belief. The cost of stopping now is a tent with a flat top; the best cost "
        "is concave, lies below it, and touches it in the intervals where it is best to stop.",
    )


def detection() -> Explorer:
    """Return the explorer of quickest detection."""

    def draw(hazard: float, accuracy: float, delay: float) -> Mapping[str, Any]:
        problem = alarm(hazard, accuracy, delay)
        solution = problem.solve(1e-5)
        gain = 10 * (1 - problem.discount * (1 - hazard))
        return {
            "cost": np.concatenate([solution.value(BELIEFS), BELIEFS @ problem.stop_cost[:, 0]]),
            "threshold q*": _text(solution.threshold, solution.reason),
            "myopic point": gain / (gain + delay),
            "value before the change": float(solution.value((1.0, 0.0))),
        }

    return explore(
        draw,
        [
            Slider("hazard", "chance of a change a step", (0.01, 0.02, 0.05, 0.1, 0.2), 0.05),
            Slider("accuracy", "accuracy of a reading", SENSORS, 0.7),
            Slider("delay", "cost of a step of delay", (0.25, 0.5, 1.0, 2.0), 1.0),
        ],
        _lines("cost:Q", "total cost", [0, 10]),
        fixed=_fixed(("best", "alarm now")),
        title="Quickest detection",
        alt="Total cost over the belief that the change has happened. The cost of an alarm now falls in a "
        "straight line to 0; the best cost lies below it and joins it at the threshold.",
    )


def _lines(y: str, title: str, domain: list[float]) -> Any:
    return (
        alt.Chart(NOW)
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X("q:Q", title="belief in state 1", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y(y, title=title, scale=alt.Scale(domain=domain)),
            **told_apart("line"),
        )
    )


def _fixed(names: tuple[str, ...]) -> dict[str, Floats | list[str]]:
    return {"q": np.tile(Q, len(names)), "line": [name for name in names for _ in Q]}


def _text(threshold: float | None, reason: str) -> str:
    return f"{threshold:.4f}" if threshold is not None else f"none: {reason.removeprefix('it is best to ')}"
