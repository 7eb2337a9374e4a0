r"""Rational inattention: agents who pay for what they look at.

Model. An agent knows the prior :math:`\pi` and the utility r(x, u). It chooses what to observe, pays for
it, observes, and chooses an action. All that an outsider sees are the choices p(u | x).

Modules. `shannon`: each nat costs the same; `blahut_arimoto` is its algorithm and `closed_forms` has its
formulas. `softmax`: the decoder that looks like Shannon's agent and is not. `separable`: costs beyond
Shannon's; `entropies` has their family. `menu`: a finite list of experiments, each with its price;
`answers`: that of a language model.

>>> shannon([0.8, 0.2], [[1, 0], [0, 1]], price=0.5).marginal.round(3)
array([0.894, 0.106])
"""

from llma.attention.answers import answer_kernel, menu_of_answers
from llma.attention.blahut_arimoto import blahut_arimoto
from llma.attention.closed_forms import Binary, binary, switch_off_price, tracking
from llma.attention.entropies import entropy
from llma.attention.menu import Menu, Plan, best_actions
from llma.attention.separable import Separable, at_weights, posterior_shift, separable
from llma.attention.shannon import Shannon, optimality_gap, shannon
from llma.attention.softmax import Softmax, at_temperature, own_base, softmax, uniform_base_limit

__all__ = [
    "Binary",
    "Menu",
    "Plan",
    "Separable",
    "Shannon",
    "Softmax",
    "answer_kernel",
    "at_temperature",
    "at_weights",
    "best_actions",
    "binary",
    "blahut_arimoto",
    "entropy",
    "menu_of_answers",
    "optimality_gap",
    "own_base",
    "posterior_shift",
    "separable",
    "shannon",
    "softmax",
    "switch_off_price",
    "tracking",
    "uniform_base_limit",
]
