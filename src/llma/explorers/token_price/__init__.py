r"""The explorers and tables of the chapter "A reader with a price of attention".

The reader is the embedded LLaMA. Its attention is the number of tokens that it reads. What it answers after n
tokens was recorded once (`llma.data.load_reading`); those texts are the whole population, the drawn bits are
averaged exactly, and so nothing here is estimated, except in `sampling`, whose subject is estimation.

Two designs. In *A* the reader buys or rejects, the prior is always the same, and stakes double from
environment to environment. In *B* it may also order a sample, and priors differ.

Modules. `readers`: the menu, the designs, ways to behave. `observer`: what is concluded from choices.
`sampling`: counts of finitely many texts, readers who learn the sensor. `tables`. `moves`: the explorers.

>>> verdict(design_a(), data(design_a(), "inverse")).environments
(0, 4)
"""

from llma.explorers.token_price.moves import (
    CENTS,
    LEVELS,
    MOST,
    STAKES,
    attention_swaps,
    microscope,
    purchase,
)
from llma.explorers.token_price.observer import (
    GRIDS,
    LAWS,
    ROUNDING,
    Verdict,
    ladder,
    law_of_cost,
    logged_price,
    passes,
    seen_on_grid,
    verdict,
    width_of_bounds,
)
from llma.explorers.token_price.readers import (
    FIXED,
    GOOD,
    NOISE,
    PRICE,
    PRIOR,
    READERS,
    SAMPLE,
    STAKES_B,
    TRACK,
    Behaviour,
    Design,
    behaviour,
    data,
    design_a,
    design_b,
    hard_kernel,
    menu,
    plans,
    reading,
)
from llma.explorers.token_price.sampling import (
    SAMPLED,
    counts,
    learner,
    learner_shares,
    rejections,
    rejections_table,
)
from llma.explorers.token_price.tables import (
    design_table,
    free_table,
    grid_table,
    ladder_table,
    learner_table,
    readers_table,
    value_table,
)

__all__ = [
    "CENTS",
    "FIXED",
    "GOOD",
    "GRIDS",
    "LAWS",
    "LEVELS",
    "MOST",
    "NOISE",
    "PRICE",
    "PRIOR",
    "READERS",
    "ROUNDING",
    "SAMPLE",
    "SAMPLED",
    "STAKES",
    "STAKES_B",
    "TRACK",
    "Behaviour",
    "Design",
    "Verdict",
    "attention_swaps",
    "behaviour",
    "counts",
    "data",
    "design_a",
    "design_b",
    "design_table",
    "free_table",
    "grid_table",
    "hard_kernel",
    "ladder",
    "ladder_table",
    "law_of_cost",
    "learner",
    "learner_shares",
    "learner_table",
    "logged_price",
    "menu",
    "microscope",
    "passes",
    "plans",
    "purchase",
    "readers_table",
    "reading",
    "rejections",
    "rejections_table",
    "seen_on_grid",
    "value_table",
    "verdict",
    "width_of_bounds",
]
