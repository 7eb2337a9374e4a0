r"""Private observations and how herding is delayed: more readings, forced and flagged reveals, noisy news.

Model. The protocol of `llma.social`: agents act in turn on a state that does not move, and everybody hears
what they did. Four things are changed, one at a time or together.

1. *More readings.* Every agent holds m independent readings of its own. The counts are a sufficient
   statistic, so that this is the plain protocol with another sensor: `pool` and `ManyReadings`.
2. *Forced revealing.* The first K agents publish what they saw: a schedule of ones, then zeros.
3. *Flagged reveals.* Agent k publishes what it saw with probability :math:`\varepsilon_k`, and everybody
   knows when it does: `Crowd.exact` with a schedule.
4. *Noisy publication.* The public hears v with probability :math:`C_{uv}` when the action is u: `Crowd`
   with a channel.

Theorem (more readings herd less wrongly). Two states, costs 0 and 1, symmetric readings of accuracy p. A
cascade is wrong with probability at most :math:`\bar p^m/(p^m+\bar p^m)`, whatever the tie rule, under the
mixture law.

Theorem (rare reveals are enough). If the expected number of reveals is infinite, the public belief goes to
the truth almost surely; with a constant chance :math:`\varepsilon` its log-odds grow by
:math:`\varepsilon\,\mathrm{KL}` an agent. If it is finite (and each chance is below one), a wrong cascade
lasts for ever with positive probability.

Modules. `readings`: the statistic. `crowd`: the class `Crowd`, schedules, channels. `law`: the exact law
for two states, on the beliefs of `lattice`. `simulate`: runs, any number of states. `closed_forms`.
`audit`: what is wrong with a model of one's own.

Reference. Bikhchandani, Hirshleifer and Welch, Journal of Political Economy 100, 1992; Peres, Racz, Sly and
Stuhl, Annals of Applied Probability 30, 2020 (agents who follow their own signal with probability c/t).

>>> coin = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]
>>> for m in (1, 2, 3, 4):
...     law = ManyReadings(*coin, m, tie="coin").exact([0.5, 0.5], 200)
...     print(m, law.p_wrong_cascade_by[-1].mean().round(5))
1 0.24684
2 0.11864
3 0.05501
4 0.02715
"""

from llma.private_observations.audit import Finding, check_crowd
from llma.private_observations.crowd import Crowd, binary_channel, constant, forced, harmonic
from llma.private_observations.law import CrowdLaw
from llma.private_observations.readings import ManyReadings, Pool, pool
from llma.private_observations.simulate import CrowdPaths

__all__ = [
    "Crowd",
    "CrowdLaw",
    "CrowdPaths",
    "Finding",
    "ManyReadings",
    "Pool",
    "binary_channel",
    "check_crowd",
    "constant",
    "forced",
    "harmonic",
    "pool",
]
