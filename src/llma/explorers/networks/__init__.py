"""The explorers and tables of the chapter "Who sees whom".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. Every probability is exact; only the readings of a drawn run come from a generator.

Modules. `shapes`: the chapter's networks and models. `tables`. `drawing`: a network on the page. `moves`: the
other explorers.

>>> tell("line").exact(LEAN).error[:3].round(4)
array([0.3   , 0.279 , 0.2685])
"""

from llma.explorers.networks.drawing import drawn
from llma.explorers.networks.moves import errors, guinea_pigs, lines, moving
from llma.explorers.networks.shapes import (
    APART,
    ERRORS,
    EVEN,
    LEAN,
    LINKED,
    PIGS,
    SHAPES,
    all_readings,
    pigs_error,
    shape,
    symmetric,
    tell,
)
from llma.explorers.networks.tables import (
    last_table,
    line_table,
    moving_table,
    naive_table,
    one_link_table,
)

__all__ = [
    "APART",
    "ERRORS",
    "EVEN",
    "LEAN",
    "LINKED",
    "PIGS",
    "SHAPES",
    "all_readings",
    "drawn",
    "errors",
    "guinea_pigs",
    "last_table",
    "line_table",
    "lines",
    "moving",
    "moving_table",
    "naive_table",
    "one_link_table",
    "pigs_error",
    "shape",
    "symmetric",
    "tell",
]
