r"""Bayesian social learning: agents in a line, each sees one signal and every earlier action.

Model. A state x that does not move. Agent k sees the public belief :math:`\pi_k`, draws an observation y from
:math:`B_{x\cdot}`, forms the private belief :math:`\eta \propto B_y \pi_k` and plays the action u of least
expected cost :math:`c_u^\top \eta`. Everybody sees u (not y) and updates the public belief,

.. math:: \pi_{k+1}(x) \propto \pi_k(x)\, R_u(x), \qquad R_u(x) = \sum_y B_{xy}\, p(u \mid \pi_k, y).

Cascade. At :math:`\pi` there is an *information cascade* if the action does not depend on y, among the y of
positive probability. Then R is constant, the public belief is frozen, and since the state does not move the
cascade lasts for ever.

Theorem (cascades start in finite time). If there are finitely many observations and actions, B > 0, the
rows of the likelihood are linearly independent and no two actions cost the same in any state, then a
cascade starts almost surely.

Modules. `model`: the class `SocialLearning`. `protocol`: one step; the tie rules. `stacks`: that step at
stacks of beliefs. `region`: where agents still learn (closed form). `simulate`: many runs. `exact`: the law
for two states. `closed_forms`: the law for symmetric binary signals. `gaussian`: signals of unbounded
strength, with which there is never a cascade.

Reference. Bikhchandani, Hirshleifer and Welch, Journal of Political Economy 100, 1992; Smith and Sorensen,
Econometrica 68, 2000; Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271).

>>> model = SocialLearning(likelihood=[[0.7, 0.3], [0.3, 0.7]], cost=[[0, 1], [1, 0]], tie="own")
>>> str(model.cascade_region())
'[0.3, 0.7]'
>>> model.exact([0.5, 0.5], n_agents=50).p_wrong_cascade_by[-1].round(4)
array([0.1552, 0.1552])
"""

from llma.social.exact import CascadeLaw
from llma.social.model import TIE_RULES, UPDATES, SocialLearning
from llma.social.protocol import TIE_TOLERANCE
from llma.social.region import LearningRegion
from llma.social.simulate import Paths

__all__ = [
    "TIE_RULES",
    "TIE_TOLERANCE",
    "UPDATES",
    "CascadeLaw",
    "LearningRegion",
    "Paths",
    "SocialLearning",
]
