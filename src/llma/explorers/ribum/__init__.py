"""The explorers, examples and tables of the chapter "RIBUM: NIAS and NIAC, necessary and sufficient".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. All numbers come from `llma.ribum`.

Modules. `examples`: the chapter's data and readers. `tables`: text, short enough for a phone. `moves`: the
explorers.

>>> from llma import ribum
>>> data, utility = tracker((0.60, 0.75, 0.90), (1, 2, 4))
>>> ribum.test(data, utility).rational
True
"""

from llma.explorers.ribum.examples import (
    STAKES,
    THREE_CHOICE,
    THREE_UTILITY,
    naive_values,
    paying_reader,
    three_cycle,
    token_cost,
    tracker,
    two_priors,
    ups_example,
)
from llma.explorers.ribum.moves import GRIDS, LAWS, bounds, cycles, priors
from llma.explorers.ribum.tables import bounds_table, matrix_table, story_table, verdict

__all__ = [
    "GRIDS",
    "LAWS",
    "STAKES",
    "THREE_CHOICE",
    "THREE_UTILITY",
    "bounds",
    "bounds_table",
    "cycles",
    "matrix_table",
    "naive_values",
    "paying_reader",
    "priors",
    "story_table",
    "three_cycle",
    "token_cost",
    "tracker",
    "two_priors",
    "ups_example",
    "verdict",
]
