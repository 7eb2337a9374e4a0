"""The explorers and tables of the chapter "Bayesian social learning, step by step".

Each explorer is a function without arguments, the same for the theory page, for the notebook and for the test
that compares the browser with Python. The tables are text, narrow enough for a phone.

`replay` runs the protocol along given observations: `SocialLearning.simulate` with the dice in your hand.

Modules. `story`: the kettle, one run of it, its learning region. `crowds`: what the agents achieve together.
`moves`: the explorers.

>>> replay(kettle(), (0.5, 0.5), (1, 1, 0)).actions
(1, 1, 1)
"""

from llma.explorers.protocol.crowds import Crowd, crowd, crowd_table
from llma.explorers.protocol.moves import (
    ACCURACIES,
    NOT_TP2,
    TP2,
    belief_walk,
    copied_belief,
    copies,
    decision_map,
    flag_means,
    flag_repair,
    repaired,
)
from llma.explorers.protocol.story import (
    EVEN,
    STORY,
    Replay,
    costs,
    diary,
    kettle,
    learning_ends,
    regions,
    replay,
    sensor,
)

__all__ = [
    "ACCURACIES",
    "EVEN",
    "NOT_TP2",
    "STORY",
    "TP2",
    "Crowd",
    "Replay",
    "belief_walk",
    "copied_belief",
    "copies",
    "costs",
    "crowd",
    "crowd_table",
    "decision_map",
    "diary",
    "flag_means",
    "flag_repair",
    "kettle",
    "learning_ends",
    "regions",
    "repaired",
    "replay",
    "sensor",
]
