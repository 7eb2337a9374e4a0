r"""The explorers and tables of the chapter "The LLM as a sensor".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

Modules. `answers`: what answers about one text are worth. `sample`: a sensor on the hand-written sample.
`pictures`: figures. `moves`: the explorers.

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
    repeat_belief,
    sheet_law,
    temperature_table,
    world,
)
from llma.explorers.sensor.moves import (
    NOW,
    PATTERNS,
    PRIORS,
    SHARES,
    TEMPERATURES,
    counts,
    heat,
    one_answer,
    repeats,
)
from llma.explorers.sensor.pictures import mask_figure, reliability_figure
from llma.explorers.sensor.sample import (
    gain,
    hard_bits,
    question_table,
    sample_answers,
    sample_reliability,
    sample_table,
    sample_verdicts,
    short,
)

__all__ = [
    "NOW",
    "PATTERNS",
    "PRIORS",
    "REVIEW",
    "SHARES",
    "TEMPERATURES",
    "answer_sheet",
    "counts",
    "critical_logit",
    "gain",
    "hard_bits",
    "heat",
    "mask_figure",
    "one_answer",
    "one_question",
    "question_table",
    "refusal_table",
    "reliability_figure",
    "repeat_belief",
    "repeats",
    "sample_answers",
    "sample_reliability",
    "sample_table",
    "sample_verdicts",
    "sheet_law",
    "short",
    "temperature_table",
    "world",
]
