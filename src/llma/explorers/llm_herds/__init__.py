"""The explorers and tables of the chapter "Do LLM agents herd? An experiment with an exact Bayes benchmark".

Each explorer is a function without arguments; the tables are text, short enough for a phone. Numbers of
trained models come from the shipped weights or from the results beside them, never from here.

Modules. `views`: beliefs and laws, computed once. `tables`. `moves`: the explorers.

>>> round(float(exact_law(0.7, "own signal at ties").wrong[10]), 4)
0.1571
"""

from llma.explorers.llm_herds.moves import band_width, histories, populations
from llma.explorers.llm_herds.tables import (
    choice_rounds_table,
    controls_table,
    errors_table,
    exact_secret_table,
    graded_table,
    herd_table,
    law_table,
    power_table,
    sampling_rounds_table,
    secret_table,
    story_table,
    weights_table,
)
from llma.explorers.llm_herds.views import exact_law, exact_private, model_law, model_private

__all__ = [
    "band_width",
    "choice_rounds_table",
    "controls_table",
    "errors_table",
    "exact_law",
    "exact_private",
    "exact_secret_table",
    "graded_table",
    "herd_table",
    "histories",
    "law_table",
    "model_law",
    "model_private",
    "populations",
    "power_table",
    "sampling_rounds_table",
    "secret_table",
    "story_table",
    "weights_table",
]
