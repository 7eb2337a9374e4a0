"""The explorers: one history at a time, errors along the line by rule, and the width of the band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
from scipy.special import expit

from llma.agents.game import history
from llma.agents.law import population_law
from llma.agents.rules import keep_own
from llma.agents.scores import differing
from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW, agent_axis, told_apart
from llma.explorers.llm_herds.views import (
    ACCURACIES,
    MODELS,
    RULES,
    calm,
    exact_law,
    exact_policy,
    exact_private,
    exact_public,
    model_law,
    model_private,
    model_public,
)

STROKE = alt.Legend(symbolType="stroke", columns=2)
SHOWN = 7
WIDTHS = tuple(np.round(np.arange(0, 1.01, 0.1), 2).tolist())


def histories() -> Explorer:
    """Return the explorer of one history: beliefs of the exact Bayesian and of a model before each agent."""

    def draw(accuracy: float, **actions: int) -> Mapping[str, Any]:
        played = [actions[f"a{k}"] for k in range(SHOWN)]
        nodes = [history(played[:k]) for k in range(SHOWN + 1)]
        public = [exact_public(accuracy)[k][h] for k, h in enumerate(nodes)]
        found = [model_public(MODELS[0], accuracy)[k][h] for k, h in enumerate(nodes)]
        last = nodes[-1]
        own = [expit(exact_private(accuracy)[SHOWN][last, 0, s]) for s in (0, 1)]
        said = [expit(model_private(MODELS[0], accuracy)[SHOWN][last, 0, s]) for s in (0, 1)]
        return {
            "belief": expit(np.array(public + found)),
            "agent 7 with signal 0, exact": own[0],
            "agent 7 with signal 0, model": said[0],
            "agent 7 with signal 1, exact": own[1],
            "agent 7 with signal 1, model": said[1],
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True, strokeWidth=2.5)
        .encode(
            x=alt.X(
                "agent:Q",
                title="actions seen",
                scale=alt.Scale(domain=[0, SHOWN]),
                axis=alt.Axis(format="d", tickMinStep=1),
            ),
            y=alt.Y("belief:Q", title="public belief in state 1", scale=alt.Scale(domain=[0, 1])),
            **told_apart("who", legend=STROKE),
        )
    )
    start = (1, 1, 1, 0, 0, 0, 0)
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy p", ACCURACIES, 0.7),
            *(Slider(f"a{k}", f"agent {k} plays", (0, 1), start[k], "{:.0f}") for k in range(SHOWN)),
        ],
        chart,
        fixed={
            "agent": np.tile(np.arange(SHOWN + 1), 2),
            "who": ["exact"] * (SHOWN + 1) + ["model, seed 0"] * (SHOWN + 1),
        },
        title="One history",
        alt="Two broken lines over the number of actions seen: the public belief of the exact Bayesian and "
        "that of the model. They rise with actions 1 and fall with actions 0 until a herd starts; then the "
        "exact one stays.",
    )


def populations() -> Explorer:
    """Return the explorer of errors along the line, by accuracy, rule and seed."""
    n = 12

    def draw(accuracy: float, rule: str, seed: int) -> Mapping[str, Any]:
        exact = exact_law(accuracy, "sampling" if rule == "sampling" else "own")
        found = model_law(MODELS[seed], accuracy, rule)
        return {
            "wrong": np.concatenate([exact.wrong, found.wrong]),
            "agent 10 wrong, exact": float(exact.wrong[10]),
            "agent 10 wrong, model": float(found.wrong[10]),
            "agent 10 herds, exact": float(exact.herd[10]),
            "agent 10 herds, model": float(found.herd[10]),
        }

    chart = (
        alt.Chart(NOW)
        .mark_line(point=True, strokeWidth=2.5)
        .encode(
            x=agent_axis(n - 1),
            y=alt.Y("wrong:Q", title="probability that agent k is wrong", scale=alt.Scale(domain=[0, 0.5])),
            **told_apart("who", "the line consists of", legend=STROKE),
        )
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy p", ACCURACIES, 0.6),
            Slider("rule", "rule of the models", RULES, "sign"),
            Slider("seed", "model, seed", (0, 1, 2), 2, "{:.0f}"),
        ],
        chart,
        fixed={
            "agent": np.tile(np.arange(n), 2),
            "who": ["exact Bayesians"] * n + ["models"] * n,
        },
        title="A line of models",
        alt="Two lines over the number of the agent, 0 to 11: the probability of a wrong action in a line of "
        "exact Bayesians and in a line of models.",
    )


def band_width() -> Explorer:
    """Return the explorer of the band's width: the error of agent 10 against the width, one point marked."""

    def wrong(accuracy: float, seed: int, width: float) -> float:
        game, rule = calm(accuracy), keep_own(width)
        table = [rule(level, game) for level in model_private(MODELS[seed], accuracy)]
        return float(population_law(game, table).wrong[10])

    def draw(accuracy: float, width: float, seed: int) -> Mapping[str, Any]:
        game, rule = calm(accuracy), keep_own(width)
        exact, law = exact_policy(accuracy, "own"), exact_law(accuracy, "own")
        table = [rule(level, game) for level in model_private(MODELS[seed], accuracy)]
        count, total, _ = differing(game, law, table, exact)
        here = wrong(accuracy, seed, width)
        curve = [wrong(accuracy, seed, w) for w in WIDTHS]
        return {
            "wrong": np.array([*curve, *([float(law.wrong[10])] * len(WIDTHS)), here, here]),
            "width": np.array([*WIDTHS, *WIDTHS, width, width]),
            "agent 10 wrong, model": here,
            "agent 10 wrong, exact": float(law.wrong[10]),
            "decisions that differ": f"{count} of {total}",
        }

    size = len(WIDTHS)
    base = alt.Chart(NOW).encode(
        x=alt.X("width:Q", title="width of the band, in weights of a signal", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("wrong:Q", title="probability that agent 10 is wrong", scale=alt.Scale(domain=[0, 0.5])),
    )
    lines = (
        base.transform_filter("datum.who != 'this width'")
        .mark_line(strokeWidth=2.5)
        .encode(
            **told_apart("who", legend=STROKE),
        )
    )
    chart = lines + base.transform_filter("datum.who == 'this width'").mark_point(
        size=130, filled=True, color="#b25a00"
    )
    return explore(
        draw,
        [
            Slider("accuracy", "accuracy p", ACCURACIES, 0.6),
            Slider("width", "width of the band", WIDTHS, 0.0),
            Slider("seed", "model, seed", (0, 1, 2), 2, "{:.0f}"),
        ],
        chart,
        fixed={"who": ["models"] * size + ["exact"] * size + ["this width"] * 2},
        title="How wide a band",
        alt="The probability that agent 10 is wrong in a line of models, against the width of the band, "
        "beside the constant of the exact line; a point marks the chosen width.",
    )
