"""The explorers and tables of the chapter "Central control: when to stop listening".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone. All numbers come from `llma.stopping`: exact ones, but for the table of policies, which is simulated.

Modules. `models`: the stopping problems of the chapter. `tables`. `moves`: the explorers.

>>> round(float(flagging().solve().value(EVEN)), 4)
2.0917
"""

from llma.explorers.readings import symmetric
from llma.explorers.stopping.models import (
    EVEN,
    alarm,
    cheap_vertex,
    flag_or_clear,
    flagging,
    grid_value,
    three_ways,
    written,
)
from llma.explorers.stopping.moves import detection, leads, thresholds, two_sided, value
from llma.explorers.stopping.tables import (
    alarm_table,
    counterexample_table,
    grid_table,
    lead_table,
    policies,
    policy_table,
    quality_table,
    sign_table,
)

__all__ = [
    "EVEN",
    "alarm",
    "alarm_table",
    "cheap_vertex",
    "counterexample_table",
    "detection",
    "flag_or_clear",
    "flagging",
    "grid_table",
    "grid_value",
    "lead_table",
    "leads",
    "policies",
    "policy_table",
    "quality_table",
    "sign_table",
    "symmetric",
    "three_ways",
    "thresholds",
    "two_sided",
    "value",
    "written",
]
