"""The explorers and tables of the chapter "Private observations and how herding is delayed".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. Nothing here is simulated: all numbers come
from exact laws and closed forms of `llma.private_observations`.

Modules. `laws`: the chapter's rows, and what is read off their laws. `tables`. `revealing`, `listening`: the
explorers.

>>> round(ends_wrong(row(0.7, 2, "coin").exact(EVEN, 60)), 4)
0.1186
"""

from llma.explorers.private.laws import (
    EVEN,
    POLICIES,
    copies,
    ends_wrong,
    errors,
    forced_wrong,
    policy,
    row,
)
from llma.explorers.private.listening import noise, readings, repeats
from llma.explorers.private.revealing import bill, reveals, waves
from llma.explorers.private.tables import (
    copies_table,
    forced_table,
    noise_table,
    policy_table,
    readings_table,
    reveal_table,
    story_table,
)

__all__ = [
    "EVEN",
    "POLICIES",
    "bill",
    "copies",
    "copies_table",
    "ends_wrong",
    "errors",
    "forced_table",
    "forced_wrong",
    "noise",
    "noise_table",
    "policy",
    "policy_table",
    "readings",
    "readings_table",
    "repeats",
    "reveal_table",
    "reveals",
    "row",
    "story_table",
    "waves",
]
