"""The explorers and tables of the chapter "Paying agents to think".

State 1: the kettle is faulty. Action 1: report it. Each explorer is a function without arguments; the tables
are text, short enough for a phone. Nothing here is simulated: all numbers come from `llma.incentives`.

Modules. `models`: agents and centres of the chapter, and what is read off them. `tables`. `moves`: explorers.

>>> round(solved(centre()).threshold, 4)
0.2071
"""

from llma.explorers.incentives.models import (
    COUNTER,
    WEAK,
    agents,
    centre,
    corrected,
    reveal_only,
    solved,
)
from llma.explorers.incentives.moves import bands, paths, regions
from llma.explorers.incentives.tables import (
    drift_table,
    options_table,
    path_table,
    published_table,
    story_table,
    threshold_table,
)

__all__ = [
    "COUNTER",
    "WEAK",
    "agents",
    "bands",
    "centre",
    "corrected",
    "drift_table",
    "options_table",
    "path_table",
    "paths",
    "published_table",
    "regions",
    "reveal_only",
    "solved",
    "story_table",
    "threshold_table",
]
