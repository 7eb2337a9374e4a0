"""Where a number stands: the text of one section of a theory page, and the code of one cell of a notebook.

A section is what lies between its label, `(protocol-story)=` on a line of its own, and the next label. A test
that recomputes a printed number asks for the passage and looks for the number there, so that neither the page
nor the library can change alone.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def passage(label: str) -> str:
    """Return the text of the section with this label, its white space evened out."""
    slug = label.partition("-")[0]
    pages = [p for p in (ROOT / "book").glob("*.md") if re.search(rf"(?m)^\({label}\)=$", p.read_text())]
    if len(pages) != 1:
        raise LookupError(f"{len(pages)} pages have the label {label!r} (chapter {slug!r})")
    _, _, rest = pages[0].read_text().partition(f"\n({label})=\n")
    return " ".join(re.split(r"(?m)^\([\w-]+\)=$", rest)[0].split())


def printed(label: str, *phrases: str) -> None:
    """Assert that every phrase stands in the passage."""
    text = passage(label)
    missing = [phrase for phrase in phrases if phrase not in text]
    assert not missing, f"{label}: not printed: {missing}"


def cell(slug: str, identity: str) -> str:
    """Return the source of one cell of a chapter's notebook."""
    book = json.loads((ROOT / "notebooks" / f"{slug}.ipynb").read_text())
    (found,) = [c for c in book["cells"] if c["id"] == identity]
    return "".join(found["source"])
