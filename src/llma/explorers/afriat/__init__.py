"""The explorers and tables of the chapter "Revealed preference: Afriat's theorem".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. The random choices of the power explorer come from a fixed seed.

Modules. `cases`: weeks and budgets. `tables`. `moves`: the explorers.

>>> from llma.afriat import ccei
>>> ccei(OFFICE).value
0.8
"""

from llma.explorers.afriat.cases import (
    MONEY,
    OFFICE,
    RING,
    TRIPLE,
    bronars_two,
    diary,
    fan,
    linear_in_money,
    power_of,
    three_weeks,
    two_weeks,
    verdict,
)
from llma.explorers.afriat.moves import (
    FINER,
    GROWTHS,
    PLACES,
    built_utility,
    indifference,
    numbers,
    power,
    together,
    two_budgets,
    window,
)
from llma.explorers.afriat.tables import (
    costs_table,
    power_table,
    slopes_table,
)

__all__ = [
    "FINER",
    "GROWTHS",
    "MONEY",
    "OFFICE",
    "PLACES",
    "RING",
    "TRIPLE",
    "bronars_two",
    "built_utility",
    "costs_table",
    "diary",
    "fan",
    "indifference",
    "linear_in_money",
    "numbers",
    "power",
    "power_of",
    "power_table",
    "slopes_table",
    "three_weeks",
    "together",
    "two_budgets",
    "two_weeks",
    "verdict",
    "window",
]
