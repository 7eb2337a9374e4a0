"""The explorers: reading as a purchase, the grid of stakes as a microscope, swaps of attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from llma.explore import Explorer, Slider, explore
from llma.explorers.encodings import NOW
from llma.explorers.token_price.observer import LAWS, law_of_cost, logged_price, passes, seen_on_grid, verdict
from llma.explorers.token_price.readers import READERS, TRACK, data, design_a, design_b, menu
from llma.ribum.conditions import niac_weights
from llma.ribum.costs import cost_levels

CENTS = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
STAKES = (1.0, 1.4, 2.0, 2.8, 4.0, 5.7, 8.0, 11.3, 16.0)
LEVELS = (0.5, 0.75, 1.0, 1.25, 1.5)
MOST = 2.0
"""Dollars at which colours of the cycle explorer saturate."""


def purchase() -> Explorer:
    """Return the explorer of what to read: value against tokens, its hull, and the line of the price."""
    t = menu().tokens
    ends = np.array([0.0, 50.0])
    gap = [np.full(t.size, np.nan), np.full(ends.size, np.nan)]

    def draw(cents: float, stake: float, good: float) -> Mapping[str, Any]:
        prior, price = (1 - good, good), cents / 100
        utility = stake * np.array(TRACK)
        plan = menu().optimal(prior, utility, price)
        value = menu().values(prior, TRACK)
        low, high = menu().prices(prior, utility)
        corner = low <= high
        best = value[plan.chosen] + price / stake * (ends - t[plan.chosen])
        top = "or more" if np.isinf(high[plan.chosen]) else f"to {100 * high[plan.chosen]:.2f}"
        return {
            "dot": np.concatenate([value, *gap]),
            "line": np.concatenate([gap[0], np.interp(t, t[corner], value[corner]), best.clip(0.0, 1.2)]),
            "picked": np.concatenate([np.arange(t.size) == plan.chosen, np.zeros(t.size + ends.size)]),
            "tokens read": int(t[plan.chosen]),
            "right decisions": float(value[plan.chosen]),
            "value less bill, dollars": plan.net,
            "same n at prices from, cents": f"{100 * low[plan.chosen]:.2f} {top}",
        }

    kinds = ["read n tokens", "concave hull", "slope: price / stake"]
    legend = alt.Legend(symbolType="stroke")
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds), legend=legend)
    scale = alt.Scale(domain=[0.5, 1.0])
    x = alt.X("tokens:Q", title="tokens read", scale=alt.Scale(domain=[0, 50]))
    title = "right decisions"
    dots = (
        alt.Chart(NOW)
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=alt.Y("dot:Q", title=title, scale=scale),
            color=colour,
            size=alt.Size("picked:Q", scale=alt.Scale(domain=[0, 1], range=[50, 220]), legend=None),
        )
    )
    lines = (
        alt.Chart(NOW)
        .mark_line(clip=True)
        .encode(
            x=x,
            y=alt.Y("line:Q", title=title, scale=scale),
            color=colour,
            strokeDash=alt.StrokeDash("kind:N", title=None, scale=alt.Scale(domain=kinds), legend=legend),
        )
    )
    return explore(
        draw,
        [
            Slider("cents", "price of a token (cents)", CENTS, 2.0),
            Slider("stake", "stake (dollars)", STAKES, 4.0, "{:.1f}"),
            Slider("good", "prior of a good product", (0.1, 0.2, 0.35, 0.5, 0.65, 0.8), 0.35),
        ],
        alt.layer(lines, dots),
        fixed={
            "tokens": np.concatenate([t, t, ends]),
            "kind": [kinds[0]] * t.size + [kinds[1]] * t.size + [kinds[2]] * ends.size,
        },
        title="What to read",
        alt="Probability of a right decision against tokens read: eight points. A broken line is their upper "
        "concave hull; 4 and 12 tokens mostly lie below it. A straight line whose slope is the price over "
        "the stake touches the point that is read.",
    )


def microscope() -> Explorer:
    """Return the explorer of the revealed cost of reading, as the grid of stakes gets finer."""
    t = menu().tokens

    def draw(environments: float, law: str, level: float) -> Mapping[str, Any]:
        design, chosen, seen = seen_on_grid(int(environments), law, level)
        low, high = (np.full(t.size, np.nan) for _ in range(2))
        low[chosen], high[chosen] = cost_levels(seen, design.utility)
        cost = law_of_cost(law, level)
        price = logged_price(design, chosen, seen)
        dearest = int(chosen[-1])
        ends = f"{100 * price.lower:.3f} to {100 * price.upper:.3f}"
        return {
            "true": cost,
            "low": low,
            "high": high,
            "price a token, cents": "none explains the data" if price.empty else ends,
            "longest reading, tokens": int(t[dearest]),
            "its true cost, dollars": float(cost[dearest]),
            "revealed cost": f"{low[dearest]:.3f} to {high[dearest]:.3f}",
        }

    x = alt.X("tokens:Q", title="tokens read", scale=alt.Scale(domain=[0, 50]))
    scale = alt.Scale(domain=[0, 2])
    title = "cost (dollars)"
    bars = (
        alt.Chart(NOW)
        .mark_rule(strokeWidth=6, strokeCap="round")
        .encode(x=x, y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q", color=alt.datum("revealed"))
    )
    truth = (
        alt.Chart(NOW)
        .mark_line(point=True)
        .encode(x=x, y=alt.Y("true:Q", title=title, scale=scale), color=alt.datum("true"))
    )
    return explore(
        draw,
        [
            Slider("environments", "environments", (3, 5, 9, 17, 33), 5, "{:.0f}"),
            Slider("law", "cost of n tokens", LAWS, "linear"),
            Slider("level", "all costs times", LEVELS, 1.0),
        ],
        alt.layer(bars, truth).encode(color=alt.Color(title=None, legend=alt.Legend(symbolType="stroke"))),
        fixed={"tokens": t},
        title="The grid of stakes is a microscope",
        alt="Cost of reading against tokens read. A line with points is the true cost. At each number of "
        "tokens that some environment chose, a vertical bar shows the costs that the choices allow; the "
        "bars contain the truth and shrink as environments are added.",
    )


def attention_swaps() -> Explorer:
    """Return the explorer of NIAC weights: what each environment would lose with another's attention."""
    size = 6
    m, k = (index.ravel() for index in np.meshgrid(np.arange(size), np.arange(size), indexing="ij"))

    def draw(design: str, reader: str, cents: float) -> Mapping[str, Any]:
        made = design_a() if design == "A" else design_b()
        seen = data(made, reader, cents / 100)
        found = verdict(made, seen)
        loss = np.full((size, size), np.nan)
        weights = niac_weights(seen, made.utility)
        loss[: len(weights), : len(weights)] = np.where(np.abs(weights) < 1e-9, 0.0, weights)
        around = list(
            zip(found.environments, (*found.environments[1:], *found.environments[:1]), strict=True)
        )
        on = np.array([(int(a), int(b)) in around for a, b in zip(m, k, strict=True)])
        loop = " → ".join(map(str, (*found.environments, found.environments[0])))
        return {
            "loss": loss.ravel().clip(-MOST, MOST),
            "text": [f"{value:.1f}" if abs(value) >= 0.05 else "0" for value in np.nan_to_num(loss.ravel())],
            "cycle": np.where(on & ~np.isnan(loss.ravel()), 1.0, 0.0),
            "NIAS": f"{passes(found.switch)} ({_plain(found.switch)})",
            "NIAC": f"{passes(found.cycle)} ({_plain(found.cycle)} around {loop})",
            "NIS": f"{passes(found.envy)} ({_plain(found.envy)})",
        }

    axis = alt.Axis(values=list(range(size)), format="d", grid=False)
    base = alt.Chart(NOW).transform_filter("isValid(datum.loss)")
    scale = alt.Scale(domain=[-0.5, size - 0.5], nice=False)
    down = alt.Scale(domain=[size - 0.5, -0.5], nice=False)
    cells = base.mark_rect(stroke="black").encode(
        x=alt.X("left:Q", title="attention of environment k", scale=scale, axis=axis),
        x2="right:Q",
        y=alt.Y("top:Q", title="used in environment m", scale=down, axis=axis),
        y2="bottom:Q",
        color=alt.Color(
            "loss:Q",
            title="loss (dollars)",
            scale=alt.Scale(domain=[-MOST, 0, MOST], range=["#f2a07b", "#f7f7f7", "#8fc1e3"]),
        ),
        strokeWidth=alt.StrokeWidth("cycle:Q", scale=alt.Scale(domain=[0, 1], range=[0, 3]), legend=None),
    )
    texts = base.mark_text(fontSize=12, color="black").encode(
        x=alt.X("column:Q", scale=scale), y=alt.Y("row:Q", scale=down), text="text:N"
    )
    return explore(
        draw,
        [
            Slider("design", "design", ("A", "B"), "A"),
            Slider("reader", "reader", READERS, "optimal"),
            Slider("cents", "price of a token (cents)", (0.5, 1.0, 2.0, 3.0, 4.0), 2.0),
        ],
        alt.layer(cells, texts),
        fixed={
            "row": m,
            "column": k,
            "left": k - 0.47,
            "right": k + 0.47,
            "top": m - 0.47,
            "bottom": m + 0.47,
        },
        title="Swapping attention",
        alt="A square table. Row m, column k: the dollars that environment m would lose with the attention "
        "of environment k. Negative entries are gains. Frames mark the cycle with the smallest mean. For the "
        "optimal reader every cycle loses; for the inverse reader a cycle gains.",
    )


def _plain(value: float) -> str:
    """Return dollars with a sign, without the noise of rounding.

    >>> _plain(-1e-17), _plain(-0.5)
    ('0.000', '-0.500')
    """
    return f"{round(value, 9) + 0.0:.3f}"
