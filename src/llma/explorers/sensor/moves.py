"""The explorers: one answer and the belief, the temperature of the draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma import bayes, experiments
from llma.explore import Explorer, Slider, explore
from llma.explorers.sensor.answers import critical_logit, one_question

NOW = alt.NamedData("now")
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
PRIORS = tuple(round(0.02 * k, 2) for k in range(1, 50))
TEMPERATURES = tuple(round(float(t), 4) for t in np.geomspace(0.1, 10, 41))


def one_answer() -> Explorer:
    """Return the explorer of the belief after one answer, as the prior runs from 0 to 1."""
    priors = np.array(PRIORS)
    beliefs = np.column_stack([1 - priors, priors])

    def answer(in_state_0: float, in_state_1: float, temperature: float) -> Mapping[str, Any]:
        likelihood = one_question(in_state_0, in_state_1, temperature)
        after = [bayes.posterior(beliefs, likelihood, y)[:, 1] for y in (1, 0)]
        no, yes = likelihood[1] / likelihood[0]
        return {
            "belief": np.concatenate([*after, priors]),
            "a yes multiplies odds by": float(yes),
            "a no multiplies odds by": float(no),
            "nats, even prior": float(experiments.information((0.5, 0.5), likelihood)),
        }

    names = ("after yes", "after no", "no answer")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("prior:Q", title="belief before", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("belief:Q", title="belief afterwards", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title=None, sort=None),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        answer,
        [
            Slider("in_state_0", "P(yes), bad product", SHARES, 0.2),
            Slider("in_state_1", "P(yes), good product", SHARES, 0.9),
            Slider("temperature", "temperature T", (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0), 1.0),
        ],
        chart,
        fixed={"prior": np.tile(priors, 3), "curve": [name for name in names for _ in priors]},
        title="One answer",
        alt="Belief after an answer against belief before. Without an answer it is the diagonal. The "
        "curve after yes lies above the diagonal and the curve after no below it, as long as yes is "
        "more likely for a good product.",
    )


def heat() -> Explorer:
    """Return the explorer of information against the temperature of the draw."""
    axis = np.array(TEMPERATURES)
    critical = critical_logit()

    def warm(in_state_0: float, in_state_1: float, prior: float) -> Mapping[str, Any]:
        belief = (1 - prior, prior)
        nats = np.array(
            [experiments.information(belief, one_question(in_state_0, in_state_1, t)) for t in axis]
        )
        logits = np.log([in_state_0, in_state_1]) - np.log1p([-in_state_0, -in_state_1])
        low, high = float(logits.min()), float(logits.max())
        safe = low <= 0 <= high or max(-low, high) <= critical
        best = int(np.argmax(nats))
        return {
            "nats": nats,
            "share": nats / nats.max(),
            "best temperature": "0.1 or less" if best == 0 else f"about {axis[best]:.2f}",
            "best, in nats": float(nats[best]),
            "at T = 1, in nats": float(experiments.information(belief, one_question(in_state_0, in_state_1))),
            "hotter than 1": "never better" if safe else "no promise",
        }

    line = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "temperature:Q",
                title="temperature T of the draw",
                scale=alt.Scale(type="log", domain=[0.1, 10]),
                axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10]),
            ),
            y=alt.Y("share:Q", title="information, share of the best", scale=alt.Scale(domain=[0, 1])),
        )
    )
    return explore(
        warm,
        [
            Slider("in_state_0", "P(yes), bad product", (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 0.2),
            Slider(
                "in_state_1",
                "P(yes), good product",
                (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.9, 0.95, 0.98),
                0.9,
            ),
            Slider("prior", "prior of a good product", (0.1, 0.25, 0.5, 0.75, 0.9), 0.5),
        ],
        line,
        fixed={"temperature": axis},
        title="Drawing hot and cold",
        alt="Information in one drawn answer against the temperature of the draw, from 0.1 to 10, as a "
        "share of its largest value. It falls if the two probabilities lie on two sides of one half. "
        "If both lie on one side it can rise first.",
    )
