r"""Texts: a reader's own file, the shipped sample, and how a text is shown.

A file is a CSV with a header line. One column holds the texts. Two more are optional: the *state*, that is
the truth about what the texts speak of, and the *group*, for instance the product. All other columns are
left alone.

Reading is strict about the file and patient with its rows. What makes the whole file doubtful (no such
column, an encoding that is not what it claims) is an error. A row that cannot be used is left out, and its
line number and the reason are kept:

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> path = pathlib.Path(folder.name) / "mine.csv"
>>> _ = path.write_text('text,state\nBroke at once.,0\n,1\n"Two\nlines",bad product\nFine.,maybe\n')
>>> found = read_texts(path, states=("bad product", "good product"))
>>> found.texts, found.states, found.lines
(('Broke at once.', 'Two\nlines'), (0, 0), (2, 4))
>>> for row in found.skipped:
...     print(row)
line 3: the text is empty
line 6: state 'maybe' is neither a number from 0 to 1 nor one of 'bad product', 'good product'
>>> folder.cleanup()

Cleaning changes as little as possible: white space at both ends goes, line ends become \n, and letters with
accents get one spelling (Unicode NFC), so that equal texts are equal. Control characters stay in the text,
because the model should read what was written; `shown` makes them visible and harmless on a screen.

The shipped sample was written by hand for this book, without looking at what the embedded model was trained
on; see `datasets/README.md`. So that pages need no language model, one recording ships too: what the embedded
model answered about reviews of its grammar after their first n tokens (`load_reading`). And one
table of counts of another model's answers, published with the paper (`load_published_counts`).

Modules. `wording`: one text. `files`: a reader's own file. `sample`: the shipped texts. `recorded`: what
models answered.
"""

from llma.data.files import (
    SkippedRow,
    Texts,
    read_texts,
)
from llma.data.recorded import (
    PublishedCounts,
    RecordedReading,
    load_published_counts,
    load_reading,
)
from llma.data.sample import (
    DATASETS,
    SAMPLES,
    Sample,
    load_sample,
)
from llma.data.wording import (
    clean,
    clean_label,
    shown,
)

__all__ = [
    "DATASETS",
    "SAMPLES",
    "PublishedCounts",
    "RecordedReading",
    "Sample",
    "SkippedRow",
    "Texts",
    "clean",
    "clean_label",
    "load_published_counts",
    "load_reading",
    "load_sample",
    "read_texts",
    "shown",
]
