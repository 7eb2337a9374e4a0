r"""One text: cleaned as little as possible, and shown without harm.

>>> clean("  one\r\ntwo "), shown("one\ntwo")
('one\ntwo', 'one two')
"""

from __future__ import annotations

import unicodedata

# Control, format (invisible or direction-changing), surrogate, private, unassigned; line, paragraph breaks.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str) -> str:
    r"""Strip a text, spell its line ends \n and its accents in one way (NFC).

    Raises
    ------
    ValueError
        When nothing is left, or when the text holds half of a character (a lone surrogate).

    Examples
    --------
    >>> clean("  Cafe\u0301\r\nopen ")
    'Café\nopen'
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise ValueError("the text is empty")
    for place, letter in enumerate(text):
        if unicodedata.category(letter) == "Cs":
            raise ValueError(f"character {place} is {letter!r}, half of a character; write the text anew")
    return text


def shown(text: str, width: int | None = None) -> str:
    r"""Return a text as it may be shown: on one line, with control characters spelt out.

    A text of a stranger may hold codes that move the cursor, change the colours of a terminal or reverse the
    direction of writing. Each becomes its escape code.

    Parameters
    ----------
    text : str
    width : int, optional
        Longer results are cut and end in "…".

    Returns
    -------
    str

    Examples
    --------
    >>> print(shown("red: \x1b[31m\nend"), shown("abcdef", 4))
    red: \x1b[31m end abc…
    """
    letters = (
        " "
        if letter in "\n\r\t"
        else letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in UNSEEN
        else letter
        for letter in text
    )
    line = "".join(letters)
    return line if width is None or len(line) <= width else line[: max(width - 1, 0)] + "…"


def clean_label(label: str, column: str) -> str:
    """Return the name of a group without white space at its ends; an empty one is a ValueError."""
    if not label.strip():
        raise ValueError(f"the cell of column {column!r} is empty; name the group")
    return unicodedata.normalize("NFC", label.strip())
