"""The explorers and tables of the chapter "Information cascades: when, how soon, how wrong".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. Nothing here is simulated: all numbers come from `SocialLearning.exact` and
`llma.social.gaussian`.

Modules. `laws`: models, sensors, and what is read off their laws. `tables`. `moves`: the explorers.

>>> law = row(0.7).exact((0.5, 0.5), 60)
>>> law.p_wrong_cascade_by[-1].round(4)
array([0.1139, 0.3797])
"""

from llma.explorers.cascades.laws import (
    COARSE,
    EVEN,
    FINE,
    GENERAL,
    MANY,
    PAPER,
    agents_that_count,
    cut,
    row,
    tracking,
    wrong,
)
from llma.explorers.cascades.moves import ERROR, PRIORS, curves, discount, levels, region_map
from llma.explorers.cascades.tables import (
    better_sensor_table,
    gaussian_table,
    general_table,
    identity_table,
    last_agent_table,
    near_even_table,
    rules_table,
)

__all__ = [
    "COARSE",
    "ERROR",
    "EVEN",
    "FINE",
    "GENERAL",
    "MANY",
    "PAPER",
    "PRIORS",
    "agents_that_count",
    "better_sensor_table",
    "curves",
    "cut",
    "discount",
    "gaussian_table",
    "general_table",
    "identity_table",
    "last_agent_table",
    "levels",
    "near_even_table",
    "region_map",
    "row",
    "rules_table",
    "tracking",
    "wrong",
]
