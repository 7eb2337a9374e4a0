"""The tables of the section on reviews: rows of the model that reads, from the shipped results."""

from __future__ import annotations

from llma.agents.study import Row, results
from llma.agents.texts import ACCURACIES, READER, SORTS

ROWS = tuple(f"{p:g}" for p in ACCURACIES)
SHORT = {"known": "as trained", "held words": "new words", "held templates": "new templates"}
SHORT["both held"] = "both new"


def _rows(study: str) -> dict[str, Row]:
    found: dict[str, Row] = results()[study][READER]
    return found


def errors_table() -> str:
    """Return mean errors on reviews as in training, with intervals.

    Then the error on those that are read right, and that of who is exact about the crowd and cannot read.

    >>> print(errors_table().splitlines()[0])
    p      mean   95 %   read right   deaf
    """
    lines = ["p      mean   95 %   read right   deaf"]
    for p in ROWS:
        row = _rows("text")[f"known: {p}"]
        lines.append(f"{p:4}{row['mean']:7.4f} ±{row['half']:.4f}{row['read']:11.4f}{row['deaf']:9.3f}")
    lines.append(f"mean{sum(_rows('text')[f'known: {p}']['mean'] for p in ROWS) / len(ROWS):7.4f}")
    return "\n".join(lines)


def lengths_table(agents: tuple[int, ...] = (0, 1, 2, 4, 6, 8, 11)) -> str:
    """Return the mean error by the number of actions that are seen; one column for each accuracy."""
    lines = ["actions" + "".join(f"{f'p={p}':>8}" for p in ROWS)]
    for k in agents:
        cells = "".join(f"{_rows('text')[f'known: {p}'][f'mean_{k}']:8.4f}" for p in ROWS)
        lines.append(f"{k:7}{cells}")
    return "\n".join(lines)


def sorts_table() -> str:
    """Return, for every sort of reviews, how many are read right, with interval, and mean errors."""
    lines = ["reviews        right     95 %      error"]
    for sort in SORTS:
        seen = _rows("text_reading")[sort]
        error = sum(_rows("text")[f"{sort}: {p}"]["mean"] for p in ROWS) / len(ROWS)
        lines.append(f"{SHORT[sort]:14}{seen['right']:6.3f} {seen['low']:.3f}-{seen['high']:.3f}{error:8.3f}")
    return "\n".join(lines)


def rows_table() -> str:
    """Return how often agent 10 of a row of readers is wrong, with interval, beside the exact row."""
    lines = ["rule     p   exact played  95 %"]
    for rule in ("band", "sampling"):
        for p in ROWS:
            row = _rows("text_rows")[f"{rule}: {p}"]
            lines.append(
                f"{rule:9}{p:3}{row['exact_10']:6.3f}{row['wrong_10']:7.3f}"
                f" [{row['low_10']:.3f}, {row['high_10']:.3f}]"
            )
    return "\n".join(lines)
