"""The explorers and tables of the chapter "Why thresholds, and when there is none".

Each explorer is a function without arguments; the tables are text, short enough for a phone. All numbers come
from `llma.stopping`.

Modules. `models`: the channel, with two states and with three. `curves`: where rays across the simplex enter
the stop region. `tables`. `moves`: the explorers. `pictures`: the order of three states.

>>> written(channel(watched=True).solve().stop_region)
'[0.25, 0.3] and [0.397, 1]'
"""

from llma.explorers.readings import symmetric
from llma.explorers.stopping.models import written
from llma.explorers.thresholds.curves import entries
from llma.explorers.thresholds.models import (
    ERROR,
    channel,
    graded,
    handed_over,
    random_channel,
    three_levels,
)
from llma.explorers.thresholds.moves import curve, watching
from llma.explorers.thresholds.pictures import above_and_below, order
from llma.explorers.thresholds.tables import (
    after_table,
    frequency_table,
    hand_table,
    patience_table,
    story_table,
)

__all__ = [
    "ERROR",
    "above_and_below",
    "after_table",
    "channel",
    "curve",
    "entries",
    "frequency_table",
    "graded",
    "hand_table",
    "handed_over",
    "order",
    "patience_table",
    "random_channel",
    "story_table",
    "symmetric",
    "three_levels",
    "watching",
    "written",
]
