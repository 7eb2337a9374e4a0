"""The explorers and tables of the chapter "Reading the utility back: max-margin and sparsest".

Every number here comes from readers whose utility is known: Shannon readers, who pay a price for each nat of
information, at different stakes. The library then reads their utility back from their choices alone.

Modules. `readers`: known utilities. `tables`. `moves`: the explorers.

>>> low, high = ratio_bounds(reader(stakes=(8.0, 4.0, 2.0, 1.0)))
>>> print(round(low, 3), round(high, 3))
0.229 1.026
"""

from llma.explorers.reconstruct.moves import (
    bounds_map,
    ratio_explorer,
)
from llma.explorers.reconstruct.readers import (
    BATCHES,
    LONG,
    PRIOR,
    READS,
    STAKES,
    STARS,
    TRUTH,
    VOTES,
    Reader,
    first,
    ratio_bounds,
    ratio_of,
    reader,
    selected,
    stars_reader,
)
from llma.explorers.reconstruct.tables import (
    COUNT,
    choices_table,
    count_table,
    cuts_table,
    free_table,
    prior_table,
    scaling_table,
    selection_table,
)

__all__ = [
    "BATCHES",
    "COUNT",
    "LONG",
    "PRIOR",
    "READS",
    "STAKES",
    "STARS",
    "TRUTH",
    "VOTES",
    "Reader",
    "bounds_map",
    "choices_table",
    "count_table",
    "cuts_table",
    "first",
    "free_table",
    "prior_table",
    "ratio_bounds",
    "ratio_explorer",
    "ratio_of",
    "reader",
    "scaling_table",
    "selected",
    "selection_table",
    "stars_reader",
]
