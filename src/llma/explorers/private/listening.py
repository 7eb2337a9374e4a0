"""The explorers of those who listen: to more readings, through noise, and to copies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from llma.checks import Floats
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, agent_axis, told_apart
from llma.explorers.private.laws import ACCURACIES, EVEN, copies, ends_wrong, row, told
from llma.private_observations import Crowd
from llma.private_observations import closed_forms as forms
from llma.social import TIE_RULES

WAITS = 60
"""Agents drawn by the explorer that follows a row agent by agent."""

NOISES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.22, 0.239, 0.2395, 0.25, 0.27, 0.3, 0.32, 0.33, 0.36, 0.4, 0.45)
"""Stops on both sides of the first two falls at accuracy 0.7."""


def readings() -> Explorer:
    """Return the explorer of m readings an agent: how soon, how wrong, and the bounds."""
    agents = np.arange(WAITS + 1)

    def draw(m: int, accuracy: float, tie: str) -> Mapping[str, Any]:
        model = row(accuracy, m, tie)
        region = model.cascade_region()
        left, right = "[" if region.lower_closed else "(", "]" if region.upper_closed else ")"
        digits = 3 if region.lower > 0.01 else 5
        low_end, high_end = (f"{end:.{digits}f}" for end in (region.lower, region.upper))
        law = model.exact(EVEN, WAITS + 1, prune=1e-7, max_points=1500)
        low, high = forms.wrong_bounds(accuracy, m)
        return {
            "chance": np.concatenate([law.p_cascade_by.mean(axis=1), law.p_wrong_cascade_by.mean(axis=1)]),
            "wrong cascade by agent 60": told(ends_wrong(law), 3),
            "at most, at any time": told(float(high), 3),
            "at least, in the end": told(float(low), 3),
            "agent 0 wrong": told(float(law.p_wrong_action[0].mean()), 3),
            "learning region of agent 0": f"{left}{low_end}, {high_end}{right}",
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=agent_axis(WAITS),
            y=alt.Y("chance:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
            **told_apart("kind", "agent k acts in"),
        )
    )
    return explore(
        draw,
        [
            Slider("m", "readings of an agent", (1, 2, 3, 4), 1, fmt="{:d}"),
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("tie", "tie rule", TIE_RULES, "coin"),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "kind": [name for name in ("a cascade", "a wrong cascade") for _ in agents],
        },
        title="More readings (even prior, mean over the states)",
        alt="Two step curves over the number of the agent, 0 to 60: the probability that it acts in a "
        "cascade, which rises towards 1, and in a wrong one, which levels off. With more readings an "
        "agent the first rises later and the second ends lower.",
    )


def noise() -> Explorer:
    """Return the explorer of noisy publication: the saw-tooth."""
    base, leads = np.linspace(0, 0.46, 93), range(2, 32)

    @cache
    def curve(accuracy: float) -> tuple[Floats, Floats]:
        jumps = np.array([forms.jump_of_noise(accuracy, lead) for lead in leads])
        fine = np.concatenate([base, jumps - 1e-6, jumps])
        fine.sort()
        return fine, np.asarray(forms.wrong_after_noise(accuracy, fine))

    def draw(accuracy: float, d: float) -> Mapping[str, Any]:
        at, wrong = curve(accuracy)
        here = float(forms.wrong_after_noise(accuracy, d))
        return {
            "d": np.concatenate([at, [d]]),
            "wrong": np.concatenate([wrong, [here]]),
            "wrong cascade": f"{here:.4f}",
            "without noise": f"{float(forms.wrong_after_noise(accuracy, 0)):.4f}",
            "alone": f"{1 - accuracy:.4f}",
            "lead that starts a cascade": int(forms.lead_of_noise(accuracy, d)),
            "mean cascade time": f"{float(forms.agents_after_noise(accuracy, d)):.2f}",
        }

    x = alt.X("d:Q", title="noise d of the publication", scale=alt.Scale(domain=[0, 0.5]))
    y = alt.Y("wrong:Q", title="probability of a wrong cascade", scale=alt.Scale(domain=[0, 0.45]))
    lines = alt.Chart(NOW).mark_line().transform_filter("datum.kind == 'curve'").encode(x=x, y=y)
    dot = (
        alt.Chart(NOW)
        .mark_point(size=110, filled=True, color="#d95f02")
        .transform_filter("datum.kind == 'here'")
        .encode(x=x, y=y)
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy of a reading", ACCURACIES, 0.7),
            Slider("d", "noise d", NOISES, 0.2, fmt="{:.4g}"),
        ],
        lines + dot,
        fixed={"kind": ["curve"] * (len(base) + 2 * len(leads)) + ["here"]},
        title="Noisy publication (rule own, even prior)",
        alt="Probability of a wrong cascade against the noise of the publication: it rises from its value "
        "without noise to that of a single reading, falls at once, rises again, and so on, with "
        "smaller and smaller falls.",
    )


def repeats() -> Explorer:
    """Return the explorer of answers that are copies: what a row believes to happen, and what happens."""
    agents = np.arange(31)

    def draw(m: int, share: float, accuracy: float) -> Mapping[str, Any]:
        crowd = Crowd(row(accuracy, m))
        claim = crowd.exact(EVEN, 31, prune=1e-7)
        fact = crowd.exact(EVEN, 31, truth=copies(accuracy, m, share), prune=1e-7)
        promised, found = (law.p_wrong_action.mean(axis=1) for law in (claim, fact))
        return {
            "error": np.concatenate([promised, found]),
            "agent 0 errs, promised": float(promised[0]),
            "agent 0 errs": float(found[0]),
            "agent 30 errs, promised": float(promised[30]),
            "agent 30 errs": float(found[30]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=agent_axis(30),
            y=alt.Y("error:Q", title="probability that agent k is wrong", scale=alt.Scale(domain=[0, 0.42])),
            **told_apart("law", "answers"),
        )
    )
    return explore(
        draw,
        [
            Slider("m", "answers of an agent", (1, 2, 3), 3, fmt="{:d}"),
            Slider("share", "chance that they are copies", (0.0, 0.25, 0.5, 0.75, 1.0), 1.0),
            Slider("accuracy", "accuracy of an answer", (0.6, 0.7, 0.8), 0.7),
        ],
        chart,
        fixed={
            "agent": np.tile(agents, 2),
            "law": [name for name in ("as promised", "as they are") for _ in agents],
        },
        title="Answers that may be copies (rule own, even prior)",
        alt="Probability of a wrong action over the number of the agent, 0 to 30: as promised by a row "
        "that takes its answers for independent, and as it is when they may be copies of one answer.",
    )
