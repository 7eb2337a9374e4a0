"""The explorers and tables of the chapter "Likelihoods: what does an answer tell about the state?".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

Modules. `laws`: small laws of answers. `authors`: the published answers about 240 comments. `moves`,
`estimates`, `repeated`: the explorers, of given tables, of estimated ones, of one text asked again and again.
`sample`: a sensor on the hand-written sample. `pictures`: a figure.

>>> round(repeat_belief(0.5, 0.7, 0.3, yes=5), 3)
0.88
"""

from llma.explorers.likelihood.authors import (
    belief_table,
    beliefs,
    cumulative,
    cumulative_table,
    order_ratios,
    order_table,
    published_answers,
    row_p_values,
    rows_table,
    scores_table,
    sheets_table,
    smoothed,
)
from llma.explorers.likelihood.estimates import SIZES, sample_curves, shared, texts
from llma.explorers.likelihood.laws import (
    belief_regret,
    divergence,
    even_law,
    group_law,
    pair_law,
    product_law,
    shared_fit,
    three_flags,
)
from llma.explorers.likelihood.moves import broken, hanging
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
    "SIZES",
    "belief_regret",
    "belief_table",
    "beliefs",
    "broken",
    "counts",
    "cumulative",
    "cumulative_table",
    "divergence",
    "even_law",
    "gain",
    "group_law",
    "hanging",
    "hard_bits",
    "order_ratios",
    "order_table",
    "pair_law",
    "product_law",
    "published_answers",
    "question_table",
    "reliability_figure",
    "repeat_belief",
    "repeats",
    "row_p_values",
    "rows_table",
    "sample_answers",
    "sample_curves",
    "sample_reliability",
    "sample_table",
    "sample_verdicts",
    "scores_table",
    "shared",
    "shared_fit",
    "sheets_table",
    "short",
    "smoothed",
    "texts",
    "three_flags",
]
