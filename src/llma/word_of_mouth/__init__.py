r"""Word of mouth and data incest: what is left of an observation that travels from mouth to mouth.

Word of mouth. In every round only a witness observes. A row of agents passes on what it believes, through
noisy relays, and what the last one says becomes everybody's prior. Discrete beliefs: cascades come sooner and
are more often wrong. Gaussian estimates: the precision grows like :math:`k^{1/(2^N - 1)}` in the place of k,
unless those who pass something on give the prior less weight.

Data incest. One observation that arrives by several paths is counted several times by agents who take what
they hear for news. They claim a precision that they do not have.

Modules. `chain`: one round, two protocols. `law`: the exact law of many rounds, simulation. `binary`:
closed forms. `information`: what is left at each place. `estimates`: Gaussian, static state; re-weighting.
`tracking`: Gaussian, moving state; common and private priors. `incest`: counting paths in a graph, and the
correction. `collapse`: models trained on models. `auditing`: is a belief of a reader's own making exact?

Reference. Krishnamurthy and Rojas, 2024 (arXiv 2410.08447); Da Col, Rojas and Krishnamurthy, 2025 (arXiv
2504.02913); Shumailov et al., Nature 631, 2024.

>>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], n_agents=3, relay=flips(0.1), tie="own")
>>> exact(row, [0.5, 0.5], 80).p_wrong_blind_by[-1].round(3)
array([0.165, 0.165])
>>> [round(exponent(n), 3) for n in (1, 2, 3)]
[1.0, 0.333, 0.143]
"""

from llma.word_of_mouth.auditing import Audit, audit, observation_histories, public_histories
from llma.word_of_mouth.binary import learning_region, relayed_accuracy, wrong_blind_probability
from llma.word_of_mouth.chain import BROADCASTS, Round, WordOfMouth, flips
from llma.word_of_mouth.collapse import Moments, limiting_wander, log_drift, moments
from llma.word_of_mouth.estimates import (
    constant,
    discounted,
    effective_noise,
    exponent,
    noise_polynomial,
    passed_on_variance,
    precision,
    precision_far,
)
from llma.word_of_mouth.incest import VoteLaw, correction, fan, fan_error, path_counts, vote
from llma.word_of_mouth.information import RowReport, along_the_row, mutual_information
from llma.word_of_mouth.law import RoundLaw, RoundPaths, exact, simulate
from llma.word_of_mouth.tracking import (
    NaiveLaw,
    Tracking,
    common_prior,
    private_exact,
    private_naive,
    riccati,
)

__all__ = [
    "BROADCASTS",
    "Audit",
    "Moments",
    "NaiveLaw",
    "Round",
    "RoundLaw",
    "RoundPaths",
    "RowReport",
    "Tracking",
    "VoteLaw",
    "WordOfMouth",
    "along_the_row",
    "audit",
    "common_prior",
    "constant",
    "correction",
    "discounted",
    "effective_noise",
    "exact",
    "exponent",
    "fan",
    "fan_error",
    "flips",
    "learning_region",
    "limiting_wander",
    "log_drift",
    "moments",
    "mutual_information",
    "noise_polynomial",
    "observation_histories",
    "passed_on_variance",
    "path_counts",
    "precision",
    "precision_far",
    "private_exact",
    "private_naive",
    "public_histories",
    "relayed_accuracy",
    "riccati",
    "simulate",
    "vote",
    "wrong_blind_probability",
]
