r"""The explorers and tables of the chapter "The LLM as a sensor".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

Modules. `answers`: what answers about one text are worth. `pictures`: a figure. `moves` and `attacks`: the
explorers. `measured`: tables of measurements on a sensor.

>>> from llma import bayes
>>> likelihood = one_question(0.2, 0.9)
>>> bayes.posterior((0.5, 0.5), likelihood, 1).round(3)
array([0.182, 0.818])
"""

from llma.explorers.sensor.answers import (
    REVIEW,
    answer_sheet,
    critical_logit,
    one_question,
    refusal_table,
    sheet_law,
    temperature_table,
    world,
)
from llma.explorers.sensor.attacks import ATTACKED, STRENGTHS, attack, attacked, drift, turning_share
from llma.explorers.sensor.measured import (
    GROUPS,
    control_table,
    dialogue_table,
    group_moves,
    moves_table,
)
from llma.explorers.sensor.moves import (
    NOW,
    PRIORS,
    SHARES,
    TEMPERATURES,
    heat,
    one_answer,
)
from llma.explorers.sensor.pictures import mask_figure

__all__ = [
    "ATTACKED",
    "GROUPS",
    "NOW",
    "PRIORS",
    "REVIEW",
    "SHARES",
    "STRENGTHS",
    "TEMPERATURES",
    "answer_sheet",
    "attack",
    "attacked",
    "control_table",
    "critical_logit",
    "dialogue_table",
    "drift",
    "group_moves",
    "heat",
    "mask_figure",
    "moves_table",
    "one_answer",
    "one_question",
    "refusal_table",
    "sheet_law",
    "temperature_table",
    "turning_share",
    "world",
]
