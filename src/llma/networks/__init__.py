r"""Who sees whom: social learning when everybody sees some of the earlier actions.

Model. Agent n draws a private observation from its sensor, sees the actions of its neighbourhood
:math:`S(n) \subseteq \{0, \dots, n - 1\}`, and plays an action of least expected cost. The network is
known. If S(n) is everybody before n, this is the protocol of `llma.social`. Otherwise there is no public
belief: each agent integrates over the actions that it does not see.

Theorems (proved on the page "Who sees whom"). With common costs an agent does at least as well as everybody
it sees. With two states and readings of unbounded strength the agents learn the truth if and only if
:math:`\max S(n) \to \infty`; with bounded readings they need not, on a line or on the complete network. A few
agents who see nobody and are seen by the others can repair that. More links can make others worse off.

Modules. `graph`: the network. `diagnosis`: what is wrong with a reader's own. `builders`: lines, celebrities,
guinea pigs. `model`: the class `NetworkLearning`. `exact`: the law by enumeration. `sample`: simulation.
`lines`: closed forms and Gaussian readings on the line. `moving`: a state that moves, and cascades that end.

Reference. Acemoglu, Dahleh, Lobel and Ozdaglar, *Bayesian learning in social networks*, Review of Economic
Studies 78, 2011.

A link from agent 0 to agent 1 helps agent 1 and hurts agent 2, who sees both.

>>> sensor, cost, prior = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], [0.45, 0.55]
>>> apart = Network([[], [], [0, 1]])
>>> for network in (apart, apart.with_edges((0, 1))):
...     NetworkLearning(network, sensor, cost).exact(prior).error.round(4)
array([0.3  , 0.3  , 0.216])
array([0.3   , 0.279 , 0.2475])
"""

from llma.networks.builders import (
    celebrities,
    complete,
    empty,
    guinea_pigs,
    last,
    line,
    preferential,
    random,
)
from llma.networks.diagnosis import Diagnosis, diagnose
from llma.networks.exact import NetworkLaw, Rule
from llma.networks.graph import Network, renumbered
from llma.networks.lines import gaussian_line, symmetric_error
from llma.networks.model import KINDS, NetworkLearning
from llma.networks.moving import (
    MovingPaths,
    cascade_length,
    long_run,
    longest_cascade,
    simulate_moving,
)
from llma.networks.sample import NetworkPaths, SampledLaw

__all__ = [
    "KINDS",
    "Diagnosis",
    "MovingPaths",
    "Network",
    "NetworkLaw",
    "NetworkLearning",
    "NetworkPaths",
    "Rule",
    "SampledLaw",
    "cascade_length",
    "celebrities",
    "complete",
    "diagnose",
    "empty",
    "gaussian_line",
    "guinea_pigs",
    "last",
    "line",
    "long_run",
    "longest_cascade",
    "preferential",
    "random",
    "renumbered",
    "simulate_moving",
    "symmetric_error",
]
