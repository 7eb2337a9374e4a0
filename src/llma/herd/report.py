"""How a run of herds is shown: a table, an HTML table, a CSV file, a figure. Every text is escaped."""

from __future__ import annotations

import csv
import html
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llma import figures
from llma.data import shown
from llma.herd.learn import Herd, bits_of

if TYPE_CHECKING:
    from llma.herd.running import HerdRun

TEXT_WIDTH = 48
PANELS = 6
# A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def heading(herd: Herd) -> str:
    """Return the name of a herd with its true state, or "" if there is neither.

    Examples
    --------
    >>> from llma.herd import learn, regrets
    >>> from dataclasses import replace
    >>> herd = learn([[1]], [[0.6, 0.4], [0.3, 0.7]], [0.5, 0.5], regrets(1, 1, 2))
    >>> heading(replace(herd, group="kettle", truth=1, states=("bad", "good")))
    'herd kettle, true state: good'
    """
    parts = [f"herd {shown(herd.group, 60)}"] if herd.group else []
    if herd.truth is not None:
        parts.append(f"true state: {herd.states[herd.truth]}")
    return ", ".join(parts)


def summary(herd: Herd) -> str:
    """Return in one or two sentences what became of a herd. Agents are counted from 1."""
    n = len(herd.actions)
    agents = f"{n} agent{'s' * (n > 1)}."
    if herd.cascade_start < 0:
        return f"{agents} No cascade: every action still depends on the text."
    action = int(herd.actions[herd.cascade_start])
    verdict = ""
    if herd.truth is not None:
        verdict = " It is the right action." if action == herd.truth else " It is the wrong action."
    lost = n - herd.cascade_start
    return (
        f"{agents} From agent {herd.cascade_start + 1} on every agent plays {herd.states[action]!r} "
        f"whatever it reads: a cascade.{verdict} {lost} text{'s' * (lost > 1)} teach{'es' * (lost == 1)} "
        "nobody anything."
    )


def about(run: HerdRun) -> list[str]:
    """Return the lines that say how the run was made."""
    q = run.questionnaire
    over, under = run.cost[0, -1], run.cost[-1, 0]
    prior = ", ".join(f"{p:.3g}" for p in run.herds[0].beliefs[0])
    return [
        f"{run.name}: {sum(len(h.actions) for h in run.herds)} texts, {q.description}",
        f"questions  {', '.join(q.keys)} (answers: 1 yes, 0 no, ? none)",
        f"states     {', '.join(f'{i} {name}' for i, name in enumerate(q.states))}",
        f"prior      {prior}",
        f"cost       {over:g} for {q.states[-1]!r} when it is {q.states[0]!r}, {under:g} the other way; "
        f"tie rule {run.tie!r}",
        f"sensor     {run.sensor}, answers drawn with seed {run.seed}",
        f"likelihood {run.likelihood}",
    ]


def belief_text(belief: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    """Return a belief for the table: P(state 1) if there are two states, else all of them.

    Examples
    --------
    >>> belief_text(np.array([0.25, 0.75])), belief_text(np.array([0.2, 0.3, 0.5]))
    ('0.750', '.20 .30 .50')
    """
    if belief.size == 2:
        return f"{belief[1]:.3f}"
    return " ".join(f"{p:.2f}".lstrip("0") if p < 0.995 else "1.0" for p in belief)


def lines(run: HerdRun) -> Iterator[str]:
    """Yield the report line by line, ready for a terminal."""
    yield from about(run)
    for herd in run.herds:
        yield ""
        if heading(herd):
            yield heading(herd)
        wide = max(len(belief_text(b)) for b in (*herd.beliefs, *herd.private))
        name = max(len("action"), *(len(state) for state in herd.states))
        k = max(len("answers"), herd.bits.shape[1])
        belief = "P(1)" if len(herd.states) == 2 else "P"
        yield (
            f"{'agent':>5} {'line':>5}  {'answers':<{k}}  {'private ' + belief:<{max(wide, 12)}}  "
            f"{'action':<{name}}  {'public ' + belief:<{max(wide, 11)}}  text"
        )
        for i, action in enumerate(herd.actions):
            if i == herd.cascade_start:
                yield f"{'':>5} {'':>5}  the cascade begins: from here on actions do not depend on the texts"
            yield (
                f"{i + 1:>5} {herd.lines[i]:>5}  {''.join(bits_of(herd, i)):<{k}}  "
                f"{belief_text(herd.private[i]):<{max(wide, 12)}}  {herd.states[action]:<{name}}  "
                f"{belief_text(herd.beliefs[i + 1]):<{max(wide, 11)}}  {shown(herd.texts[i], TEXT_WIDTH)}"
            )
        yield summary(herd)
    if run.skipped:
        yield ""
        yield skipped(run)
        yield from (f"  {row}" for row in run.skipped)


def skipped(run: HerdRun) -> str:
    """Return how many rows were left out."""
    return f"{len(run.skipped)} row{'s' * (len(run.skipped) > 1)} left out:"


def html_page(run: HerdRun) -> str:
    """Return the report as HTML. Nothing from a file is inserted unescaped."""

    def cell(value: object) -> str:
        return html.escape(shown(str(value)))

    parts = ['<div class="llma-herd" style="overflow-x: auto">']
    parts += [f"<div>{cell(line)}</div>" for line in about(run)]
    for herd in run.herds:
        caption = ". ".join(filter(None, (heading(herd), summary(herd))))
        belief = "P(1)" if len(herd.states) == 2 else "P"
        heads = ("agent", "line", "answers", f"private {belief}", "action", f"public {belief}", "text")
        parts.append(f"<table><caption>{cell(caption)}</caption><thead><tr>")
        parts += [f'<th scope="col">{cell(head)}</th>' for head in heads]
        parts.append("</tr></thead><tbody>")
        for i, action in enumerate(herd.actions):
            if i == herd.cascade_start:
                parts.append(f'<tr><td colspan="{len(heads)}"><em>the cascade begins</em></td></tr>')
            values = (
                i + 1,
                herd.lines[i],
                "".join(bits_of(herd, i)),
                belief_text(herd.private[i]),
                herd.states[action],
                belief_text(herd.beliefs[i + 1]),
                herd.texts[i],
            )
            parts.append("<tr>" + "".join(f"<td>{cell(value)}</td>" for value in values) + "</tr>")
        parts.append("</tbody></table>")
    if run.skipped:
        parts.append(f"<p>{cell(skipped(run))}</p><ul>")
        parts += [f"<li>{cell(row)}</li>" for row in run.skipped]
        parts.append("</ul>")
    return "".join([*parts, "</div>"])


def write_csv(run: HerdRun, path: str | Path) -> None:
    """Write one row an agent.

    Columns: group, agent (from 1), line, state (the true one, if known), `p_` and `bit_` of every question,
    `private_` of every state, action, `public_` of every state (after the action), cascade (1 if the agent
    acts in one), text. A text or group that a spreadsheet would take for a formula gets an apostrophe in
    front.
    """
    q = run.questionnaire
    states = range(q.n_states)
    head = [
        "group",
        "agent",
        "line",
        "state",
        *(f"p_{key}" for key in q.keys),
        *(f"bit_{key}" for key in q.keys),
    ]
    head += [*(f"private_{x}" for x in states), "action", *(f"public_{x}" for x in states), "cascade", "text"]
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        for herd in run.herds:
            chances = herd.bits if herd.probabilities is None else herd.probabilities
            for i, action in enumerate(herd.actions):
                writer.writerow(
                    [
                        _harmless(herd.group),
                        i + 1,
                        herd.lines[i],
                        "" if herd.truth is None else herd.truth,
                        *("" if np.isnan(p) else f"{p:.6g}" for p in chances[i]),
                        *("" if np.isnan(b) else int(b) for b in herd.bits[i]),
                        *(f"{p:.6g}" for p in herd.private[i]),
                        int(action),
                        *(f"{p:.6g}" for p in herd.beliefs[i + 1]),
                        int(herd.in_cascade(i)),
                        _harmless(herd.texts[i]),
                    ]
                )


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text


def figure(run: HerdRun) -> Figure:
    """Draw the public belief after each agent, and where cascades begin.

    With two states all herds share one panel: P(state 1). With more, each herd has a panel with the belief in
    every state, stacked. At most six herds are drawn; the CSV file has all of them.
    """
    drawn = run.herds[:PANELS]
    if run.questionnaire.n_states == 2:
        picture, axes = figures.new()
        _paths(axes, drawn, run.questionnaire.states[1])
    else:
        picture, grid = figures.new(height=1.2 + 2.0 * len(drawn), nrows=len(drawn), squeeze=False)
        for axes, herd in zip(grid[:, 0], drawn, strict=True):
            _stack(axes, herd)
    rest = len(run.herds) - len(drawn)
    if rest:
        picture.suptitle(f"the first {PANELS} of {len(run.herds)} herds")
    return picture


def alt(run: HerdRun) -> str:
    """Return the figure in words."""
    herds = run.herds[:PANELS]
    said = [f"{heading(herd)}: {summary(herd)}" if heading(herd) else summary(herd) for herd in herds]
    return " ".join(["Public belief after each agent.", *said])


def save(run: HerdRun, path: str | Path) -> None:
    """Write the figure to a file; its ending says the format. The same run gives the same bytes of SVG."""
    picture = figure(run)
    path = Path(path)
    with warnings.catch_warnings(), plt.rc_context({"svg.hashsalt": "llma"}):
        # A group may be named in letters that the font lacks; the figure is still right.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        picture.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(picture)


def _paths(axes: Axes, herds: tuple[Herd, ...], state: str) -> None:
    handles = []
    for herd in herds:
        (line,) = axes.plot(range(len(herd.beliefs)), herd.beliefs[:, 1], drawstyle="default")
        handles.append(line)
        if herd.cascade_start >= 0:
            x = herd.cascade_start
            axes.plot(x, herd.beliefs[x, 1], "o", color=line.get_color(), markersize=8)
    axes.set(xlabel="agents that have acted (dot: a cascade begins)", ylabel=f"public P({state})")
    axes.set_ylim(-0.02, 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if any(herd.group for herd in herds):
        legend = axes.legend(handles, [f"herd {shown(herd.group, 24)}" for herd in herds])
        for label in legend.get_texts():
            label.set_parse_math(False)


def _stack(axes: Axes, herd: Herd) -> None:
    n = len(herd.beliefs)
    colours = plt.get_cmap("viridis")(np.linspace(0.05, 0.95, herd.beliefs.shape[1]))
    axes.stackplot(range(n), herd.beliefs.T, labels=herd.states, colors=colours)
    if herd.cascade_start >= 0:
        axes.axvline(herd.cascade_start, color="white", linestyle="--")
    title = axes.set_title(heading(herd) or "public belief")
    title.set_parse_math(False)
    axes.set(xlabel="agents that have acted (dashed: a cascade begins)", ylabel="P(state)", ylim=(0, 1))
    axes.margins(x=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), reverse=True)
