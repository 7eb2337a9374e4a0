"""The chapter's models and sensors, and what is read off their exact laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from llma.checks import Floats
from llma.explorers.readings import symmetric
from llma.social import SocialLearning

EVEN = (0.5, 0.5)
MANY = 60
"""Agents after whom a symmetric sensor of accuracy 0.55 or more leaves no mass outside cascades."""

FINE = ((0.8, 0.1, 0.1), (0.2, 0.3, 0.5))
"""A sensor with three answers. Merging the last two gives the symmetric sensor of accuracy 0.8."""

COARSE = ((0.8, 0.2), (0.2, 0.8))
"""`FINE` with its last two answers merged."""

GENERAL = ((0.6, 0.25, 0.15), (0.2, 0.3, 0.5))
"""The chapter's asymmetric sensor with three answers; its prior is (0.55, 0.45) and its cost ratio 1.4."""

PAPER = ((35 / 40, 5 / 40), (12 / 200, 188 / 200))
"""Does the model raise any flag (columns: no, yes) on comments without and with hostility (rows)?

Counted from the answers published with Jain and Krishnamurthy (2025): 40 comments of the lowest of six
levels of hostility, 200 of the five others."""


def row(accuracy: float, kappa: float = 1.0, tie: str = "low", update: str = "bayes") -> SocialLearning:
    """Return the row of agents of the story: a symmetric sensor, and costs with ratio of regrets `kappa`.

    >>> row(0.75, kappa=2.0).cascade_region().lower
    0.4
    """
    return SocialLearning(symmetric(accuracy), ((0.0, kappa), (1.0, 0.0)), tie=tie, update=update)


def tracking(likelihood: ArrayLike, tie: str = "low") -> SocialLearning:
    """Return the model with a given likelihood in which action x is right in state x; an error costs 1."""
    return SocialLearning(likelihood, ((0.0, 1.0), (1.0, 0.0)), tie=tie)


def wrong(model: SocialLearning, q: float, n_agents: int = MANY) -> float:
    """Return the probability of a wrong cascade by agent `n_agents`, averaged over the prior (1 - q, q).

    >>> round(wrong(row(0.7, tie="own"), 0.5), 4)
    0.1552
    """
    return float(np.array([1 - q, q]) @ model.exact((1 - q, q), n_agents).p_wrong_cascade_by[-1])


def agents_that_count(model: SocialLearning, q: float, n_agents: int = MANY) -> Floats:
    """Return the expected number of agents whose action depends on their reading, in each state, shape (2,).

    >>> agents_that_count(row(0.7, tie="own"), 0.5).round(3)
    array([3.448, 3.448])
    """
    return np.asarray((1 - model.exact((1 - q, q), n_agents).p_cascade_by).sum(axis=0))


def cut(levels: int, sigma: float) -> Floats:
    """Return the likelihood of a Gaussian reading that is reported in a number of levels, shape (2, levels).

    The inner cuts lie at 1.5 sigma times the quantiles j / levels of the standard normal law.

    >>> cut(2, 1.0).round(4)
    array([[0.8413, 0.1587],
           [0.1587, 0.8413]])
    """
    edges = np.concatenate([[-np.inf], 1.5 * sigma * ndtri(np.arange(1, levels) / levels), [np.inf]])
    return np.array([np.diff(ndtr((edges - mean) / sigma)) for mean in (-1.0, 1.0)])
