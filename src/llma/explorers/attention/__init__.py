"""The explorers and tables of the chapter "Rational inattention: the price of looking".

State 0 is a fine comment and state 1 a hostile one; action 0 allows it and action 1 removes it. Being right
pays one. Each explorer is a function without arguments; the tables are text, short enough for a
phone. Nothing is simulated: every number comes from `llma.attention`.

Modules. `tables`: the moderator in numbers. `moves`: the explorers.

>>> print(story_table((0.3, 0.5, 0.7)))
price  removes  rem|fine  rem|host   nats
  0.3    0.178     0.008     0.858  0.351
  0.5    0.106     0.016     0.467  0.135
  0.7    0.011     0.003     0.044  0.009
"""

from llma.explorers.attention.moves import (
    beliefs,
    consideration,
    temperature,
)
from llma.explorers.attention.tables import (
    FINE,
    TRACK,
    capacity_price,
    capacity_table,
    decoder_table,
    fixed_base_limit,
    order_table,
    slack,
    steps_table,
    story_table,
    tracking_table,
    warning_enters,
)

__all__ = [
    "FINE",
    "TRACK",
    "beliefs",
    "capacity_price",
    "capacity_table",
    "consideration",
    "decoder_table",
    "fixed_base_limit",
    "order_table",
    "slack",
    "steps_table",
    "story_table",
    "temperature",
    "tracking_table",
    "warning_enters",
]
