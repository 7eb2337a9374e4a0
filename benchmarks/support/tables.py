"""Kept results as text tables for a phone: no line is longer than 40 characters.

>>> packed = {"method": "packed", "ms": 1.234, "ratio": 1.0}
>>> alone = {"method": "alone", "ms": 6.0, "ratio": 4.86}
>>> print(table([packed, alone], "method", ms="ms:.1f", ratio="times:.2f"))
method                        ms   times
packed                       1.2    1.00
alone                        6.0    4.86
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from benchmarks.support.report import RESULTS, read

WIDTH = 40


def table(rows: Sequence[dict[str, Any]], first: str, **columns: str) -> str:
    """Lay rows out, the column `first` on the left, each other column as "heading:format".

    Raises
    ------
    ValueError
        When a line does not fit. Shorten a heading, or take a column out.
    """
    parts = {key: spec.rpartition(":")[::2] for key, spec in columns.items()}
    cells = [[f"{row[key]:{form}}" for key, (_, form) in parts.items()] for row in rows]
    headings = [heading for heading, _ in parts.values()]
    widths = [max(len(line[k]) for line in [headings, *cells]) + 2 for k in range(len(headings))]
    left = WIDTH - sum(max(width, 8) for width in widths)
    lines = []
    for name, line in zip([first, *(str(row[first]) for row in rows)], [headings, *cells], strict=True):
        if len(name) > left:
            raise ValueError(f"{name!r} has {len(name)} characters, and {left} are left; shorten it")
        lines.append(
            f"{name:{left}s}" + "".join(f"{c:>{max(w, 8)}s}" for c, w in zip(line, widths, strict=True))
        )
    return "\n".join(line.rstrip() for line in lines)


def machine(name: str) -> str:
    """Return date, clock and machine of kept results."""
    kept = read(name)
    facts = ", ".join(f"{key} {value}" for key, value in kept["machine"].items())
    return "\n".join(textwrap.wrap(f"{kept['date']}, {kept['clock']}. {facts}", WIDTH))


def rows(name: str, title: str, /, **shorter: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a kept table; `shorter` renames words in a column.

    >>> rows("social", "steps", model={"X=Y=U=6, ": ""})[1]["model"]
    'random costs'
    """
    found = [dict(row) for row in read(name)["tables"][title]]
    for column, names in shorter.items():
        for row in found:
            for long, short in names.items():
                row[column] = row[column].replace(long, short)
    return found


METHODS = {
    "prefix cached, tails batched": "prefix kept",
    "K prompts batched": "K in a batch",
    "K prompts one at a time": "K one by one",
    "JSON written, one text at a time": "JSON written",
}


def scoring(name: str) -> str:
    """Return every comparison of ways to score that is kept in a file, with its conditions."""
    blocks = []
    for title in (t for t in read(name)["tables"] if t.endswith(": conditions")):
        (c,) = rows(name, title)
        shape = title.removesuffix(": conditions")
        peak = f", data sheet {c['data_sheet_gflops']:.0f}" if "data_sheet_gflops" in c else ""
        about = (
            f"{shape}: {c['questions']} questions, {c['tokens_a_prompt']:.0f} tokens a prompt, "
            f"{c['tokens_packed']:.0f} packed, {c['texts_a_pass']} texts a pass, "
            f"{c['tokens_written']} tokens written. "
            f"Rate of the layer's products {c['layer_gflops']:.0f} GFLOP/s{peak}. "
            f"Share of packing with hidden pairs counted {100 * c['packed_share_all_pairs']:.0f} %, "
            f"of the model's part alone {100 * c['prefill_share']:.0f} %. "
            f"Answers differ by at most "
            f"{c['largest_difference']:.0e}. Medians of {c['rounds']}."
        )
        lines = rows(name, shape, method=METHODS)
        for line in lines:
            line["share"] *= 100
        body = table(lines, "method", texts_per_second="texts/s:.3g", share="share %:.0f", ratio="times:.1f")
        blocks.append("\n".join(textwrap.wrap(about, WIDTH)) + "\n\n" + body)
    return "\n\n".join(blocks)


def waiting(name: str, texts: int) -> str:
    """Return how long so many texts take on the first shape that is kept in a file."""
    shape = next(t for t in read(name)["tables"] if t.endswith(": conditions")).removesuffix(": conditions")
    lines = rows(name, shape, method=METHODS)
    for line in lines:
        line["minutes"] = texts / line["texts_per_second"] / 60
    return table(lines, "method", minutes="minutes:.0f")


def on_a_gpu() -> str:
    """Return the comparisons on GPUs, or say that there are none."""
    kept = sorted(file.stem for file in RESULTS.glob("sensing-*.json"))
    if not kept:
        return "No results from a GPU are kept."
    return "\n\n".join(f"{machine(name)}\n\n{scoring(name)}" for name in kept)
