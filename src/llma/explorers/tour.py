"""The tables of the quick tour: a herd of language-model agents, agent by agent.

>>> from llma.herd import learn, regrets
>>> found = learn([[1], [1], [0]], [[0.7, 0.3], [0.3, 0.7]], [0.5, 0.5], regrets(1, 1, 2))
>>> print(crowd(found, rows=3))
agent answers says  crowd
    0       1 good  0.700
    1       1 good  0.845
    2       0 good  0.845 cascade
"""

from __future__ import annotations

import numpy as np

from llma.herd import Herd


def crowd(found: Herd, rows: int) -> str:
    """Return one line an agent: its answers, what it says in public, and what the crowd then believes.

    Parameters
    ----------
    found : Herd
        Two states; action 1 is shown as "good", action 0 as "bad".
    rows : int
        How many agents to show.

    Returns
    -------
    str
        "crowd" is the public belief in state 1. A question without an answer is shown as "?".
    """
    lines = ["agent answers says  crowd"]
    for k in range(min(rows, len(found.actions))):
        answers = "".join("?" if np.isnan(bit) else str(int(bit)) for bit in found.bits[k])
        said = ("bad", "good")[found.actions[k]]
        note = " cascade" if 0 <= found.cascade_start <= k else ""
        lines.append(f"{k:5d}{answers:>8} {said:<4}{found.beliefs[k + 1, 1]:7.3f}{note}")
    return "\n".join(lines)
