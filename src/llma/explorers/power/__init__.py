"""The explorers and tables of the chapter "Can this test fail?".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. What is simulated says so, with its number of runs; seeds are fixed.

The laboratory is `llma.ribum.sampling.stakes`: one yes-or-no task at five stakes, 1, 2, 4, 8 and 16.

Modules. `verdicts`: what each rule says of readers and of random data. `rejection`: how often the tests
reject. `misuses`: readers that track the state. `answers`: the published answers. `moves`: the explorers.

>>> print(story_table())
reader      published  free   known
optimal         10+10  0.014   0.006
inverse         10+10  0.014  -0.131
opposite        10+10  0.014  -0.525
dice            10+10  0.025  -0.204
"""

from llma.explorers.power.answers import (
    KINDS,
    SHARES,
    WEIGHTS,
    authors_box,
    authors_p,
    authors_table,
    authors_task,
    counts_table,
    flags,
    in_sample,
    losses,
    lowest_share,
    not_rejected,
)
from llma.explorers.power.misuses import (
    MISUSES,
    UNEVEN,
    misuse,
    misuse_rates,
    misuse_table,
)
from llma.explorers.power.moves import (
    authors,
    curves,
    tangents,
    vacuity,
)
from llma.explorers.power.rejection import (
    EVEN,
    LEVEL,
    READERS,
    SIZES,
    STAKES,
    bootstrap_rate,
    p_values,
    price_pattern,
    rates,
    rates_table,
    sample,
    split_rate,
    tracking,
)
from llma.explorers.power.verdicts import (
    STORY_STAKES,
    forking_shares,
    forking_table,
    random_shares,
    random_table,
    repaired_margins,
    repaired_table,
    sign_table,
    story_readers,
    story_table,
)

__all__ = [
    "EVEN",
    "KINDS",
    "LEVEL",
    "MISUSES",
    "READERS",
    "SHARES",
    "SIZES",
    "STAKES",
    "STORY_STAKES",
    "UNEVEN",
    "WEIGHTS",
    "authors",
    "authors_box",
    "authors_p",
    "authors_table",
    "authors_task",
    "bootstrap_rate",
    "counts_table",
    "curves",
    "flags",
    "forking_shares",
    "forking_table",
    "in_sample",
    "losses",
    "lowest_share",
    "misuse",
    "misuse_rates",
    "misuse_table",
    "not_rejected",
    "p_values",
    "price_pattern",
    "random_shares",
    "random_table",
    "rates",
    "rates_table",
    "repaired_margins",
    "repaired_table",
    "sample",
    "sign_table",
    "split_rate",
    "story_readers",
    "story_table",
    "tangents",
    "tracking",
    "vacuity",
]
