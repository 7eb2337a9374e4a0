"""The explorers and tables of the chapter "Word of mouth and data incest".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. Nothing here is simulated: all numbers come
from the exact laws of `llma.word_of_mouth`.

Modules. `tables`. `moves`: relays and precision. `incest`: private priors, the rumour, model collapse.

>>> print(length_table((1, 2, 3)))
 N  accuracy   wrong
 1     0.800   0.059
 2     0.740   0.110
 3     0.692   0.165
"""

from llma.explorers.word_of_mouth.incest import GENERATIONS, collapse, rumour, who_gains
from llma.explorers.word_of_mouth.moves import ROUNDS, WEIGHTS, precision_paths, relays
from llma.explorers.word_of_mouth.tables import (
    PRINTED,
    TRACKING,
    length_table,
    memory_table,
    precision_table,
    row,
    weight_table,
)

__all__ = [
    "GENERATIONS",
    "PRINTED",
    "ROUNDS",
    "TRACKING",
    "WEIGHTS",
    "collapse",
    "length_table",
    "memory_table",
    "precision_paths",
    "precision_table",
    "relays",
    "row",
    "rumour",
    "weight_table",
    "who_gains",
]
