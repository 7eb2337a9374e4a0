r"""Agents with known virtues and vices: choice tables on which a test must pass, or must fail.

Each function returns choices :math:`p_m(u \mid x)`, shape (M, X, U). A *menu* is a list of experiments, an
array (N, X, Y) of kernels :math:`\beta_n(y \mid x)`; environment m uses experiment ``which[m]``.

==================  =========================================  ==============================
agent               what it does                               verdict for known utilities
==================  =========================================  ==============================
`reader`            Bayes, then the best action                NIAS; NIAC if ``which`` is
                                                               chosen by `attention`, or is
                                                               constant
`fixed_reader`      the same experiment everywhere             NIAS, NIAC, NIS; every cycle is
                                                               0 (the edge of the polytope)
                                                               if its choices never differ
`inverse_reader`    the attention of the environment at the    NIAS; not NIAC if more was at
                    other end of the list                      stake at one end
`softmax_reader`    softmax of what the posterior says         not NIAS, unless the base rates
                                                               are its own
`fixed_softmax`     sees the state; softmax of the utility     not NIAS if hot enough
`neglectful`        forgets the prior                          not NIAS where the prior matters
`overconfident`     treats what it saw as a better experiment  not NIAS where that changes an
                                                               action
`opposite`          reverses its actions                       not NIAS
`random_agent`      draws a table                              hardly ever
`near_rational`     errs with a small probability              at the edge, outside if the edge
                                                               binds
==================  =========================================  ==============================

Ties between actions go to the lowest index, ties between experiments to the first.

Modules. `readers`: the three readers, `neglectful`, `overconfident`, and `attention`. `noise`: the others.
`menu`: experiments, checked, and what actions are worth after their signals.

>>> import numpy as np
>>> menu = [[[0.5, 0.5], [0.5, 0.5]], [[0.8, 0.2], [0.2, 0.8]], [[0.9, 0.1], [0.1, 0.9]]]
>>> stakes = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
>>> which = attention([0.5, 0.5], stakes, menu, [0.0, 0.2, 0.5])
>>> which
array([1, 2])
>>> reader([0.5, 0.5], stakes, menu, which)[0]
array([[0.8, 0.2],
       [0.2, 0.8]])
"""

from llma.ribum.sampling.agents.noise import (
    fixed_softmax,
    near_rational,
    opposite,
    random_agent,
    softmax_reader,
)
from llma.ribum.sampling.agents.readers import (
    TIE,
    attention,
    fixed_reader,
    inverse_reader,
    neglectful,
    overconfident,
    reader,
)

__all__ = [
    "TIE",
    "attention",
    "fixed_reader",
    "fixed_softmax",
    "inverse_reader",
    "near_rational",
    "neglectful",
    "opposite",
    "overconfident",
    "random_agent",
    "reader",
    "softmax_reader",
]
