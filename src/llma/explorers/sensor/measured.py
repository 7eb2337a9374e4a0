"""Tables of what was measured on a sensor: commands inside a text, and answers that saw other answers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from llma.sensing.chains import chain_law, split
from llma.sensing.dialogue import written_chain
from llma.sensing.injection import NEUTRAL, PRAISE, SAY_NO, SAY_YES, Moves, interval, moves
from llma.sensing.questions import Questionnaire
from llma.sensing.sensor import Sensor
from llma.sensing.tiny import TinySensor

GROUPS = {"say yes": SAY_YES, "say no": SAY_NO, "neutral": NEUTRAL, "praise": PRAISE}


def group_moves(
    sensor: Sensor, texts: Sequence[str], questions: Questionnaire, place: str = "end"
) -> dict[str, Moves]:
    """Ask about all texts with every sentence of the four groups."""
    return {name: moves(sensor, texts, questions, group, place) for name, group in GROUPS.items()}


def moves_table(found: dict[str, Moves], questions: Questionnaire) -> str:
    """Return one line a group: mean change of the log-odds, its mean size, and the share of flipped answers.

    "To yes" is the change of the log-odds of yes, "to good" the same with its sign turned where yes speaks
    against the product.
    """
    sign = np.array([question.direction for question in questions.questions], dtype=float)
    lines = ["sentence   to yes to good  size flipped"]
    for name, move in found.items():
        values = (move.shift, move.shift * sign, np.abs(move.shift), move.flipped)
        yes, good, size, flipped = (_mean(value) for value in values)
        lines.append(f"{name:<10}{yes:>7}{good:>8}{size:>6}{flipped:>8}")
    return "\n".join(lines)


def control_table(found: dict[str, Moves], questions: Questionnaire) -> str:
    """Return what commands do beyond their controls, with 95 % confidence intervals over the texts."""
    yes, no, neutral = (found[name] for name in ("say yes", "say no", "neutral"))
    rows = [
        ("to yes", yes.shift - neutral.shift),
        ("size", np.abs(yes.shift) - np.abs(neutral.shift)),
        ("flipped", yes.flipped - neutral.flipped),
    ]
    lines = ["say yes - neutral    mean  95 % from, to"]
    lines += [_row(name, values) for name, values in rows]
    lines.append("say yes - say no, log-odds of yes")
    obeys = yes.shift - no.shift
    lines += [_row(key, obeys[..., k : k + 1]) for k, key in enumerate(questions.keys)]
    return "\n".join([*lines, _row("all", obeys)])


def _row(name: str, values: np.ndarray) -> str:
    if np.isnan(values).all():
        return f"  {name:<16}  none"
    mean, low, high = interval(values)
    return f"  {name:<16}{mean:7.2f}{low:8.2f}{high:6.2f}"


def _mean(values: np.ndarray) -> str:
    return "none" if np.isnan(values).all() else f"{np.nanmean(values):.2f}"


def dialogue_table(sensor: TinySensor, texts: Sequence[str], questions: Questionnaire) -> str:
    """Return what an earlier answer does to the next, in two forms of dialogue.

    Questions 0 and 1, 1 and 2, and so on are put in pairs. "Effect" is the log-odds of yes to the second
    after a yes to the first, minus that after a no. "Shift" is their mean minus the log-odds of the question
    alone: what changes whatever the first answer was. The parts of the divergence are means over texts and
    pairs.
    """
    asked = questions.questions
    pairs = list(itertools.pairwise(asked))
    alone = sensor.probabilities(texts, questions)
    logit = np.log(alone) - np.log1p(-alone)
    columns = []
    for again in (False, True):
        effect = np.empty((len(texts), len(pairs)))
        shift = np.empty_like(effect)
        parts = np.empty((len(texts), len(pairs), 2))
        for i, text in enumerate(texts):
            for k, pair in enumerate(pairs):
                chain = written_chain(sensor, text, pair, again)
                after_no, after_yes = np.log(chain[1:]) - np.log1p(-chain[1:])
                effect[i, k] = after_yes - after_no
                shift[i, k] = (after_no + after_yes) / 2 - logit[i, k + 1]
                parts[i, k] = split(chain_law(chain), alone[i, k : k + 2])
        sizes = (np.abs(effect).mean(), np.abs(shift).mean())
        columns.append((*interval(effect), *sizes, *parts.mean(axis=(0, 1))))
    names = (
        "effect, mean",
        "  95 % from",
        "  to",
        "effect, size",
        "shift, size",
        "nats: dependence",
        "nats: single",
    )
    lines = ["text in the dialogue   once   each turn"]
    lines += [f"{name:<18}{a:9.5f}{b:12.5f}" for name, a, b in zip(names, *columns, strict=True)]
    return "\n".join(lines)
