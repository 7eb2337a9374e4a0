"""What the agents achieve together, by enumeration of all observations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import experiments
from llma.explorers.protocol.story import replay
from llma.social import SocialLearning


def crowd_table(model: SocialLearning, prior: ArrayLike, n_agents: int) -> str:
    """Return, for each agent, its error and what was heard and seen up to and including it.

    Parameters
    ----------
    model, prior, n_agents
        As in `crowd`.

    Examples
    --------
    >>> from llma.explorers.protocol import kettle
    >>> print(crowd_table(kettle(), (0.5, 0.5), 2))
               error         nats
    agent   acts    all  heard   seen
        0  0.300  0.300  0.082  0.082
        1  0.300  0.300  0.117  0.152
    """
    lines = ["           error         nats", "agent   acts    all  heard   seen"]
    for k, row in enumerate(crowd(model, prior, n_agents)):
        lines.append(
            f"{k:5d}" + "".join(f"{v:7.3f}" for v in (row.error, row.error_all, row.heard, row.seen))
        )
    return "\n".join(lines)


@dataclass(frozen=True)
class Crowd:
    """What agents 0 to k achieve together.

    Attributes
    ----------
    error : float
        Probability that agent k acts wrongly.
    error_all : float
        The same for somebody who has heard all observations up to and including that of agent k.
    heard, seen : float
        Information about the state in the actions, and in the observations, of agents 0 to k; nats.
    """

    error: float
    error_all: float
    heard: float
    seen: float


def crowd(model: SocialLearning, prior: ArrayLike, n_agents: int) -> tuple[Crowd, ...]:
    """Return what agents 0 to k achieve, for each k, exactly: all sequences of observations are enumerated.

    Parameters
    ----------
    model : SocialLearning
        Two states, two actions; action x is right in state x. Any tie rule but "coin".
    prior : array_like, shape (2,)
    n_agents : int
        At most about ten: the work doubles with each.

    Returns
    -------
    tuple of Crowd
        One entry an agent.
    """
    sequences = list(product(range(model.likelihood.shape[1]), repeat=n_agents))
    actions = np.array([replay(model, prior, ys).actions for ys in sequences])
    chance = np.prod(model.likelihood[:, np.array(sequences)], axis=2)  # (X, sequences): P(y_0..y_n | x)
    rows = []
    for k in range(n_agents):
        heard = _experiment(actions[:, : k + 1], chance)
        seen = _experiment(np.array(sequences)[:, : k + 1], chance)
        wrong = np.array([chance[x, actions[:, k] != x].sum() for x in (0, 1)])
        rows.append(
            Crowd(
                error=float(np.asarray(prior) @ wrong),
                error_all=float(experiments.bayes_risk(prior, seen, 1 - np.eye(2))),
                heard=float(experiments.information(prior, heard)),
                seen=float(experiments.information(prior, seen)),
            )
        )
    return tuple(rows)


def _experiment(signals: NDArray[np.int_], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    # Sequences with the same signals are one column of the experiment.
    _, label = np.unique(signals, axis=0, return_inverse=True)
    return np.stack([np.bincount(label.ravel(), weights=row) for row in chance])
