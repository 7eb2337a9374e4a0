r"""RIBUM: tests of rationally inattentive Bayesian utility maximisation.

The agent acts in environments m = 0, ..., M - 1 with prior :math:`\pi_m` and utility :math:`r_m`. It chooses
what to look at, pays for it, and then acts. We see only its choices :math:`p_m(u \mid x)`, not what it saw
and not what seeing costs.

Theorem. For given utilities the data are those of such an agent, with one cost of attention common to all
environments, if and only if no action switch improves (NIAS) and no cycle of attention improves (NIAC).

Rooms. This folder: given utilities. `data` holds the choices; `conditions` NIAS, NIAC and NIS in closed form;
`cycles` negative cycles, and the costs that exist without one; `certificates` why data are rejected, in a
sentence; `costs` bounds and prices; `canonical` the least cost that explains the data; `degenerate` why a
margin is exactly zero; `testing` has `test` and `nis`, which return what `result` defines. `published` is a
specimen: a published programme that cannot fail.
`recovery`: unknown utilities, and how far they can be read back.
`sampling`: choices that are only counted, tests that keep their level, and their power.

Reference. Caplin and Martin, Economic Journal 125, 2015; Caplin and Dean, American Economic Review 105,
2015; Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271).
"""

from llma.ribum.canonical import CanonicalCost, canonical_cost
from llma.ribum.certificates import CycleCertificate, EnvyCertificate, SwitchCertificate
from llma.ribum.conditions import (
    experiment_values,
    niac_weights,
    nias_slack,
    nis_slack,
    own_values,
    same_prior,
)
from llma.ribum.costs import PriceInterval, cost_levels, price_interval
from llma.ribum.cycles import cost_bounds, negative_cycle, potentials, worst_cycle
from llma.ribum.data import ChoiceData, from_counts, utilities
from llma.ribum.recovery import restrictions
from llma.ribum.recovery.cutting import max_margin_by_cuts
from llma.ribum.recovery.identified import UtilityBounds, utility_bounds
from llma.ribum.recovery.reconstruct import Reconstruction, margin_at, max_margin, most_at_stake
from llma.ribum.recovery.restrictions import Restriction
from llma.ribum.recovery.sparse_utility import sparsest
from llma.ribum.recovery.ups import UpsResult, ups
from llma.ribum.result import NisResult, RibumResult
from llma.ribum.sampling import agents
from llma.ribum.sampling.box import box_p_value
from llma.ribum.sampling.counts import nis_counts, test_counts
from llma.ribum.sampling.forms import LinearForm, Violation
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.power import Power, SampleSize, bonferroni, draw_counts, holm, power, sample_size
from llma.ribum.sampling.projection import Projection, project
from llma.ribum.sampling.sample import CountsTest, Sample
from llma.ribum.testing import nis, test

__all__ = [
    "CanonicalCost",
    "ChoiceData",
    "CountsTest",
    "CycleCertificate",
    "EnvyCertificate",
    "LinearForm",
    "NisResult",
    "Polytope",
    "Power",
    "PriceInterval",
    "Projection",
    "Reconstruction",
    "Restriction",
    "RibumResult",
    "Sample",
    "SampleSize",
    "SwitchCertificate",
    "UpsResult",
    "UtilityBounds",
    "Violation",
    "agents",
    "bonferroni",
    "box_p_value",
    "canonical_cost",
    "cost_bounds",
    "cost_levels",
    "draw_counts",
    "experiment_values",
    "from_counts",
    "holm",
    "margin_at",
    "max_margin",
    "max_margin_by_cuts",
    "most_at_stake",
    "negative_cycle",
    "niac_weights",
    "nias_slack",
    "nis",
    "nis_counts",
    "nis_slack",
    "own_values",
    "potentials",
    "power",
    "price_interval",
    "project",
    "restrictions",
    "same_prior",
    "sample_size",
    "sparsest",
    "test",
    "test_counts",
    "ups",
    "utilities",
    "utility_bounds",
    "worst_cycle",
]
