r"""Rows of a CSV file, with the line on which each begins and what is wrong with it.

Python's `csv` module does the parsing, in its strict mode. Around it stand four things that a reader's file
needs: the separator is read off the header (comma, semicolon or tab); the encoding is checked and the first
wrong byte named; a field may be as long as the file; and a row with broken quotation marks is reported
with its lines instead of ending the file.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder) / "mine.csv"
...     _ = path.write_text('text;n\n"two\nlines";1\nlast;2\n')
...     [(row.line, row.cells) for row in read_rows(path, "utf-8")]
[(1, ['text', 'n']), (2, ['two\nlines', '1']), (4, ['last', '2'])]
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One row: the line on which it begins (from 1), its cells, and any trouble with quotation marks."""

    line: int
    cells: list[str]
    trouble: str = ""


def read_rows(path: Path, encoding: str) -> Iterator[Row]:
    """Yield the rows that are not blank, the header first.

    Parameters
    ----------
    path : Path
    encoding : str
        As Python names it. A byte order mark of UTF-8 is understood.

    Yields
    ------
    Row

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is empty, is not in the encoding, or its header is damaged or names a column twice.

    Examples
    --------
    >>> path = Path(__file__).parent / "datasets" / "reviews.csv"
    >>> next(read_rows(path, "utf-8")).cells[:2]
    ['text', 'state']
    """
    content = _decode(path, encoding)
    first = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    limit = csv.field_size_limit()
    # A field may be as long as the file; the module's own limit would break a long text into rows.
    csv.field_size_limit(max(limit, len(content) + 1))
    try:
        parsed = _parse(content, delimiter)
    finally:
        csv.field_size_limit(limit)
    if not parsed:
        raise ValueError(f"{path} is empty; it needs a header line and one text a line")
    if parsed[0].trouble:
        raise ValueError(f"{path}, line {parsed[0].line}: the header is damaged: {parsed[0].trouble}")
    names = [name.strip() for name in parsed[0].cells]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{path}: column {name!r} stands twice in the header; rename one")
    yield from parsed


def _parse(content: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            trouble = f"broken quotation marks ({error}); a quotation mark inside a quoted text is doubled"
            if reader.line_num > line:
                trouble += f"; lines {line} to {reader.line_num} are lost"
            rows.append(Row(line, [], trouble))
            continue
        if cells:
            rows.append(Row(line, cells))


def _decode(path: Path, encoding: str) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except LookupError as error:
        raise ValueError(f"unknown encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'") from error
    except UnicodeError as error:
        if not isinstance(error, UnicodeDecodeError):
            raise ValueError(f"{path} is not {encoding}: {error}") from error
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
        raise ValueError(
            f"{path}, line {line}: byte {raw[error.start]:#04x} is not {encoding}; save the file as UTF-8, "
            f"or name its encoding, for example {remedy!r}"
        ) from error
