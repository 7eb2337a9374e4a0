"""The explorers and tables of the chapter "Likelihoods: what does an answer tell about the state?".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

Modules. `repeated`: one text asked again and again. `sample`: a sensor on the hand-written sample.
`pictures`: a figure.

>>> round(repeat_belief(0.5, 0.7, 0.3, yes=5), 3)
0.88
"""

from llma.explorers.likelihood.pictures import reliability_figure
from llma.explorers.likelihood.repeated import PATTERNS, counts, repeat_belief, repeats
from llma.explorers.likelihood.sample import (
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
    "PATTERNS",
    "counts",
    "gain",
    "hard_bits",
    "question_table",
    "reliability_figure",
    "repeat_belief",
    "repeats",
    "sample_answers",
    "sample_reliability",
    "sample_table",
    "sample_verdicts",
    "short",
]
