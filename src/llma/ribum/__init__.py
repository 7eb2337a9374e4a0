r"""RIBUM: tests of rationally inattentive Bayesian utility maximisation.

The agent acts in environments m = 0, ..., M - 1 with prior :math:`\pi_m` and utility :math:`r_m`. It chooses
what to look at, pays for it, and then acts. We see only its choices :math:`p_m(u \mid x)`, not what it saw
and not what seeing costs.

Theorem. For given utilities the data are those of such an agent, with one cost of attention common to all
environments, if and only if no action switch improves (NIAS) and no cycle of attention improves (NIAC).

Modules. `data`: the choices. `conditions`: NIAS, NIAC and NIS in closed form.

Reference. Caplin and Martin, Economic Journal 125, 2015; Caplin and Dean, American Economic Review 105,
2015; Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271).
"""

from llma.ribum.conditions import (
    experiment_values,
    niac_weights,
    nias_slack,
    nis_slack,
    own_values,
    same_prior,
)
from llma.ribum.data import ChoiceData, from_counts, utilities

__all__ = [
    "ChoiceData",
    "experiment_values",
    "from_counts",
    "niac_weights",
    "nias_slack",
    "nis_slack",
    "own_values",
    "same_prior",
    "utilities",
]
