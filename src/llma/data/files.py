"""A reader's own file of texts: what is read, and which rows are left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llma.data.wording import clean, clean_label, shown
from llma.rows import Row, read_rows


@dataclass(frozen=True)
class SkippedRow:
    """A row that was left out: its line in the file, counted from 1, and the reason."""

    line: int
    reason: str

    def __str__(self) -> str:
        """Return the line and the reason."""
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Texts:
    """Texts with what is known about them, and the rows that were left out.

    Parameters
    ----------
    name : str
        Where they come from.
    texts : tuple of n str
    lines : tuple of n int
        Line of the file on which each text begins.
    states : tuple of n (int or None)
        The true state, None where it is not known.
    groups : tuple of n str
        The group, "" where there are no groups.
    skipped : tuple of SkippedRow

    Raises
    ------
    ValueError
        When the columns have different lengths.

    Examples
    --------
    >>> len(Texts("two", ("a", "b"), (1, 2), (None, 1), ("", "")))
    2
    """

    name: str
    texts: tuple[str, ...]
    lines: tuple[int, ...]
    states: tuple[int | None, ...]
    groups: tuple[str, ...]
    skipped: tuple[SkippedRow, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is one of everything for each text."""
        for column in ("lines", "states", "groups"):
            if len(getattr(self, column)) != len(self.texts):
                raise ValueError(
                    f"{self.name}: {len(self.texts)} texts, but {len(getattr(self, column))} {column}"
                )

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.texts)


def read_texts(
    path: str | Path,
    *,
    text: str = "text",
    state: str | None = "state",
    group: str | None = None,
    states: Sequence[str] | None = None,
    encoding: str = "utf-8",
) -> Texts:
    """Read a reader's file.

    Parameters
    ----------
    path : str or Path
        A CSV file with a header line. Columns are separated by commas, semicolons or tabs: the header tells.
        A byte order mark, and line ends inside quotation marks, are understood.
    text : str
        The column of the texts.
    state : str, optional
        The column of the true states, if the file has it: a number from 0 to X - 1, a name of a state, or
        an empty cell.
    group : str, optional
        The column of the groups. It must exist if it is named.
    states : sequence of X str, optional
        Names of the states. Without them the column of the states is not read.
    encoding : str
        "utf-8" unless you know better.

    Returns
    -------
    Texts

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is empty, is not in the encoding, or lacks a column. The message names the remedy.

    Examples
    --------
    >>> from llma.data import DATASETS
    >>> found = read_texts(DATASETS / "reviews.csv", states=("bad", "good"))
    >>> len(found), found.lines[0], len(found.skipped)
    (40, 2, 0)
    """
    path = Path(path)
    rows = read_rows(path, encoding)
    header = next(rows)
    names = [name.strip() for name in header.cells]
    _require(path, names, text)
    if group is not None:
        _require(path, names, group)
    has_state = state is not None and states is not None and state in names
    kept: list[tuple[str, int, int | None, str]] = []
    skipped: list[SkippedRow] = []
    for row in rows:
        try:
            cells = _cells(row, names)
            value = _state(cells[str(state)], states or ()) if has_state else None
            label = "" if group is None else clean_label(cells[group], group)
            kept.append((clean(cells[text]), row.line, value, label))
        except ValueError as error:
            skipped.append(SkippedRow(row.line, str(error)))
    if not kept and not skipped:
        raise ValueError(f"{path} has a header but no rows; add one text a line")
    columns = list(zip(*kept, strict=True)) if kept else [(), (), (), ()]
    return Texts(path.name, columns[0], columns[1], columns[2], columns[3], tuple(skipped))


def _require(path: Path, names: list[str], wanted: str) -> None:
    if wanted not in names:
        there = ", ".join(repr(shown(name, 40)) for name in names)
        raise ValueError(f"{path} has no column {wanted!r}; its header has {there}")


def _cells(row: Row, names: list[str]) -> dict[str, str]:
    if row.trouble:
        raise ValueError(row.trouble)
    if len(row.cells) != len(names):
        raise ValueError(
            f"the row has {len(row.cells)} cells and the header has {len(names)}; "
            "put a text that contains the separator in quotation marks"
        )
    return dict(zip(names, row.cells, strict=True))


def _state(cell: str, names: Sequence[str]) -> int | None:
    cell = cell.strip()
    if not cell:
        return None
    known = {str(i): i for i in range(len(names))} | {name.casefold(): i for i, name in enumerate(names)}
    if cell.casefold() not in known:
        raise ValueError(
            f"state {shown(cell, 40)!r} is neither a number from 0 to {len(names) - 1} nor one of "
            + ", ".join(repr(name) for name in names)
        )
    return known[cell.casefold()]
