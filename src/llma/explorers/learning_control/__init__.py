"""The explorers, tables and figures of the chapter "Learning the threshold without the model".

State 1: the account spreads hate. The team of the chapter on central control now knows neither its sensor nor
its costs; it sees bills. The searches get a black box. The judge, who knows everything, computes exact costs.

Modules. `models`: the team, its black boxes, the embedded model as a sensor. `tables`. `moves`: explorers.
`replays`: the published searches and the repaired ones. `pictures`: figures of the published experiments.

>>> float(excess(search(0.03, (0.5,)).final)[0]) < 0.05
True
"""

from llma.explorers.learning_control import pictures
from llma.explorers.learning_control.models import (
    GUESS,
    PRIOR,
    PROBLEM,
    annealed_search,
    answers,
    box,
    excess,
    judge,
    readers,
    search,
)
from llma.explorers.learning_control.moves import gains, landscape
from llma.explorers.learning_control.replays import pay_replay, stop_replay
from llma.explorers.learning_control.tables import (
    bill_table,
    contest,
    contest_table,
    deviations,
    pay_search_table,
    pay_table,
    reader_search,
    reader_table,
    smoothing_table,
    stop_search_table,
    sweep_table,
    variance_table,
)

__all__ = [
    "GUESS",
    "PRIOR",
    "PROBLEM",
    "annealed_search",
    "answers",
    "bill_table",
    "box",
    "contest",
    "contest_table",
    "deviations",
    "excess",
    "gains",
    "judge",
    "landscape",
    "pay_replay",
    "pay_search_table",
    "pay_table",
    "pictures",
    "reader_search",
    "reader_table",
    "readers",
    "search",
    "smoothing_table",
    "stop_replay",
    "stop_search_table",
    "sweep_table",
    "variance_table",
]
