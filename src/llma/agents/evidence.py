r"""How much does an agent make of its own signal and of the crowd? Weights, their errors, and the power.

Model. A choice is 1 with probability

.. math:: \sigma(\alpha + \beta_{\text{own}} v + \beta_{\text{crowd}} c),

where v is the log-odds of the own signal and c the public log-odds that a Bayesian would hold. A Bayesian
who acts by sampling has weights (0, 1, 1). Less than one is discounting, more than one is over-weighting.
They are the quantities of information-cascade experiments on people and on language models.

`fit_choices` is maximum likelihood on seen choices, with the standard errors of the inverse information.
`fit_log_odds` is weighted least squares on log-odds that can be read off a model. `known_agent` is an
agent of given weights: the dry run. An instrument that does not give an agent's known weights back must
not be used on an unknown one. `power` says how often a study of n choices finds a crowd weight different
from one.

>>> rng = np.random.default_rng(0)
>>> own, crowd = rng.choice([-0.85, 0.85], 4000), rng.normal(0, 1, 4000)
>>> choices = known_agent(own, crowd, (0.0, 0.8, 1.6), rng)
>>> fit = fit_choices(own, crowd, choices)
>>> bool((abs(fit.weights - [0.0, 0.8, 1.6]) < 3 * fit.errors).all())
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from llma import checks
from llma.checks import Floats, Ints

NEWTON_STEPS = 50
CONVERGED = 1e-10


@dataclass(frozen=True, eq=False)
class Weights:
    """Estimated weights (constant, own, crowd), their standard errors, and R^2 where it has a meaning.

    Errors are NaN where the fit is exact enumeration and nothing was sampled.
    """

    weights: Floats
    errors: Floats
    r2: float = float("nan")

    def interval(self, z: float = 1.959964) -> Floats:
        """Return the 95 % intervals, shape (3, 2)."""
        return np.stack([self.weights - z * self.errors, self.weights + z * self.errors], axis=1)


def known_agent(own: ArrayLike, crowd: ArrayLike, weights: Sequence[float], rng: np.random.Generator) -> Ints:
    """Return the choices of an agent of known weights (constant, own, crowd)."""
    design = _design(own, crowd)
    if len(weights) != 3:
        raise ValueError(f"weights: {list(weights)}; expected three: constant, own, crowd")
    return np.asarray(rng.random(len(design)) < expit(design @ np.array(weights)), dtype=np.int64)


def fit_choices(own: ArrayLike, crowd: ArrayLike, choices: ArrayLike) -> Weights:
    """Fit the weights to 0/1 choices by maximum likelihood (Newton's method).

    Raises
    ------
    ValueError
        When the columns cannot be told apart, or when the choices are separated by a line, so that the
        likelihood has no maximum.
    """
    design, played = _design(own, crowd), checks.indices(choices, "choices", 2)
    if played.shape != (len(design),):
        raise ValueError(f"choices: shape {played.shape}; expected ({len(design)},)")
    if np.linalg.matrix_rank(design) < 3:
        raise ValueError("own and crowd: they and the constant are collinear; vary them separately")
    beta = np.zeros(3)
    for _ in range(NEWTON_STEPS):
        chance = expit(design @ beta)
        slope = design.T @ (played - chance)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(curvature) > 1e12:
            break
        step = np.linalg.solve(curvature, slope)
        # A full step may overshoot when the start is far away; half a unit of log-odds at the mean is safe.
        beta = beta + step / max(1.0, float(np.abs(design @ step).max()) / 4)
        if np.abs(step).max() < CONVERGED:
            return Weights(beta, np.sqrt(np.diag(np.linalg.inv(curvature))))
    raise ValueError("choices: a line separates zeros from ones, so no finite weights are best; add choices")


def fit_log_odds(own: ArrayLike, crowd: ArrayLike, log_odds: ArrayLike, mass: ArrayLike) -> Weights:
    """Fit the weights to log-odds by least squares, each prompt counting by its mass."""
    design = _design(own, crowd)
    said = checks.real_array(log_odds, "log_odds", ndim=1)
    weight = checks.real_array(mass, "mass", ndim=1)
    if said.shape != weight.shape or said.shape != (len(design),):
        raise ValueError(
            f"log_odds and mass: shapes {said.shape} and {weight.shape} for {len(design)} prompts"
        )
    if (weight < 0).any() or not weight.sum() > 0:
        raise ValueError("mass: must be non-negative and not all zero")
    root = np.sqrt(weight / weight.sum())
    beta, _, rank, _ = np.linalg.lstsq(design * root[:, None], said * root, rcond=None)
    if rank < 3:
        raise ValueError("own and crowd: they and the constant are collinear; vary them separately")
    residual = (said - design @ beta) ** 2 @ root**2
    spread = (said - said @ root**2) ** 2 @ root**2
    return Weights(beta, np.full(3, np.nan), float(1 - residual / spread))


def power(
    own: ArrayLike,
    crowd: ArrayLike,
    weights: Sequence[float],
    n: int,
    rng: np.random.Generator,
    *,
    n_studies: int = 200,
) -> float:
    """Return how often a study of n choices has a 95 % interval of the crowd weight without 1.

    Parameters
    ----------
    own, crowd : array_like, shape (m,)
        The pool of prompts; each study draws n of them with replacement.
    weights : sequence of 3 floats
        The agent's true weights. With a crowd weight of 1 the answer is the size of the test, about 5 %.
    n, n_studies : int
    rng : numpy.random.Generator
        A study whose choices admit no fit counts as one that finds nothing.
    """
    pool, found = _design(own, crowd), 0
    if n < 1 or n_studies < 1:
        raise ValueError(f"n and n_studies: {n} and {n_studies} must be at least 1")
    for _ in range(n_studies):
        rows = pool[rng.integers(len(pool), size=n)]
        choices = known_agent(rows[:, 1], rows[:, 2], weights, rng)
        try:
            low, high = fit_choices(rows[:, 1], rows[:, 2], choices).interval()[2]
        except ValueError:
            continue
        found += not low <= 1 <= high
    return found / n_studies


def _design(own: ArrayLike, crowd: ArrayLike) -> Floats:
    v, c = checks.real_array(own, "own", ndim=1), checks.real_array(crowd, "crowd", ndim=1)
    if v.shape != c.shape:
        raise ValueError(f"own and crowd: shapes {v.shape} and {c.shape} differ")
    return np.stack([np.ones_like(v), v, c], axis=1)
