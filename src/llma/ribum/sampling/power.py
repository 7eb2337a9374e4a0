r"""Power: how often a test rejects an agent, how many texts it needs, and what several tests cost.

*Power* of a test against an agent is the chance that it rejects when texts are drawn from the agent's table.
For a rational agent it is the *size*, which should not exceed the level. `power` estimates it by drawing
counts; its standard error is :math:`\sqrt{f(1-f)/R}` for a share f of R runs, and never less than what half
a rejection more or fewer would give.

*Sample size*. `sample_size` doubles the number of texts a row until the estimated power reaches the target,
then bisects. Every number of texts uses the same seed, so that the search is reproducible; its answer is
exact only up to the Monte Carlo error of the powers it reports.

*Several tests.* One test covers all environments of one agent. With a agents (or methods) the chance of at
least one false rejection is kept below the level by Bonferroni (multiply each p-value by a) or Holm (multiply
the smallest by a, the next by a - 1, ..., keep them increasing), whatever the dependence. Holm rejects all
that Bonferroni rejects. Trying several methods on the same counts and reporting the best is a case of this.

Reference. Holm, Scandinavian Journal of Statistics 6, 1979; Bronars, Econometrica 55, 1987 (power against
random choice).

>>> stakes = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
>>> table = [[[0.9, 0.1], [0.1, 0.9]], [[0.7, 0.3], [0.3, 0.7]]]
>>> power(table, [0.5, 0.5], stakes, texts=50, rng=np.random.default_rng(0), runs=200)
Power(rate=0.96, standard_error=0.014, runs=200, texts=50)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.data import ChoiceData
from llma.ribum.sampling.counts import run
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.sample import Sample


@dataclass(frozen=True)
class Power:
    """How often a test rejected.

    Attributes
    ----------
    rate : float
        Share of runs that rejected.
    standard_error : float
        Of the rate, from the finite number of runs.
    runs : int
    texts : int
        Texts a state and environment.
    """

    rate: float
    standard_error: float
    runs: int
    texts: int


@dataclass(frozen=True)
class SampleSize:
    """How many texts a state and environment reach a power.

    Attributes
    ----------
    texts : int or None
        The least number found that reaches the target; None if `most` does not.
    target : float
    tried : tuple of Power
        Everything that was estimated, in order of the number of texts.
    """

    texts: int | None
    target: float
    tried: tuple[Power, ...]


@dataclass(frozen=True, eq=False)
class Adjusted:
    """P-values corrected for their number.

    Attributes
    ----------
    p_values : ndarray, shape (n,)
        Adjusted, in the order given.
    rejected : ndarray of bool, shape (n,)
    """

    p_values: Floats
    rejected: NDArray[np.bool_]


def draw_counts(choice: ArrayLike, texts: ArrayLike, rng: np.random.Generator, runs: int = 1) -> Ints:
    """Return counts of independent texts, shape (runs, M, X, U).

    Parameters
    ----------
    choice : array_like, shape (M, X, U)
    texts : array_like of int, shape () or (M, X)
        Texts a state and environment.
    rng : numpy.random.Generator
    runs : int

    Examples
    --------
    >>> draw_counts([[[0.5, 0.5], [0.0, 1.0]]], 10, np.random.default_rng(0))[0]
    array([[[ 6,  4],
            [ 0, 10]]])
    """
    table = checks.choice_table(choice, "choice")
    table = table / table.sum(axis=2, keepdims=True)  # the sampler is stricter than 1e-8
    return np.asarray(
        rng.multinomial(np.asarray(texts), table, size=(runs, *table.shape[:2])), dtype=np.int64
    )


def power(
    choice: ArrayLike,
    priors: ArrayLike,
    utility: ArrayLike,
    texts: int,
    rng: np.random.Generator,
    *,
    runs: int = 400,
    method: str = "projection",
    level: float = 0.05,
    condition: str = "niac",
    cost: str = "kernel",
) -> Power:
    """Return how often a test rejects an agent.

    Parameters
    ----------
    choice : array_like, shape (M, X, U)
        The agent's table; see `agents`.
    priors : array_like, shape (M, X) or (X,)
    utility : array_like, shape (M, X, U) or (X, U)
    texts : int
        Texts a state and environment.
    rng : numpy.random.Generator
        Draws the counts, and serves the methods that draw.
    runs : int
        Monte Carlo runs.
    method, level, condition, cost
        As for `counts.test_counts`; `condition` is "niac" or "nis".

    Returns
    -------
    Power

    Raises
    ------
    ValueError
        If the table, the priors, or the numbers are not valid.

    Examples
    --------
    The plug-in rejects a rational agent, one that reads equally well at all stakes.

    >>> stakes = np.array([1.0, 2.0, 4.0])[:, None, None] * np.eye(2)
    >>> table = [[[0.8, 0.2], [0.2, 0.8]]] * 3
    >>> power(table, [0.5, 0.5], stakes, 100, np.random.default_rng(0), runs=100, method="plugin").rate
    0.76
    """
    data = ChoiceData(priors, choice)
    polytope = Polytope(data.priors, utility, condition, cost)
    if runs < 1 or texts < 1:
        raise ValueError(f"power: expected runs >= 1 and texts >= 1, got {runs} and {texts}")
    drawn = draw_counts(data.choice, texts, rng, runs)
    outside = ~np.asarray(polytope.contains(drawn / texts))
    # Shares inside the polytope are at distance zero, and in their box: only methods that draw reject them.
    open_ = np.ones(runs, dtype=np.bool_) if method in ("split", "bootstrap") else outside
    rejected = sum(
        run(Sample(drawn[i]), polytope, level, method, rng).rejected for i in np.flatnonzero(open_)
    )
    rate = rejected / runs
    kept = min(max(rate, 0.5 / runs), 1 - 0.5 / runs)
    return Power(rate, float(np.sqrt(kept * (1 - kept) / runs)), runs, texts)


def sample_size(
    choice: ArrayLike,
    priors: ArrayLike,
    utility: ArrayLike,
    seed: int,
    *,
    target: float = 0.8,
    start: int = 20,
    most: int = 5120,
    runs: int = 400,
    method: str = "projection",
    level: float = 0.05,
    condition: str = "niac",
    cost: str = "kernel",
) -> SampleSize:
    """Return how many texts a state and environment give a test the target power against an agent.

    Parameters
    ----------
    choice, priors, utility, runs, method, level, condition, cost
        As for `power`.
    seed : int
        Each number of texts starts a generator with it.
    target : float
        Power wanted, in (0, 1).
    start, most : int
        First and last number of texts tried. The search stops when the bracket is within one part in
        sixteen.

    Returns
    -------
    SampleSize

    Examples
    --------
    >>> stakes = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
    >>> table = [[[0.9, 0.1], [0.1, 0.9]], [[0.7, 0.3], [0.3, 0.7]]]
    >>> found = sample_size(table, [0.5, 0.5], stakes, seed=1, runs=200)
    >>> found.texts, [round(p.rate, 2) for p in found.tried]
    (27, [0.66, 0.73, 0.74, 0.8, 0.81, 0.9])
    """
    if not 0 < target < 1 or not 1 <= start <= most:
        raise ValueError(
            f"sample_size: expected 0 < target < 1 and 1 <= start <= most, got {target}, {start}, {most}"
        )
    tried: dict[int, Power] = {}

    def reaches(texts: int) -> bool:
        tried[texts] = power(
            choice,
            priors,
            utility,
            texts,
            np.random.default_rng(seed),
            runs=runs,
            method=method,
            level=level,
            condition=condition,
            cost=cost,
        )
        return tried[texts].rate >= target

    high = start
    while not reaches(high) and high < most:
        high = min(2 * high, most)
    low = max((n for n, p in tried.items() if p.rate < target), default=high)
    while high - low > max(1, high // 16) and tried[high].rate >= target:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    found = high if tried[high].rate >= target else None
    return SampleSize(found, target, tuple(tried[n] for n in sorted(tried)))


def bonferroni(p_values: Sequence[float], level: float = 0.05) -> Adjusted:
    """Return p-values times their number, and which stay below the level.

    Examples
    --------
    >>> bonferroni([0.01, 0.02, 0.5]).p_values
    array([0.03, 0.06, 1.  ])
    """
    values = checks.probabilities(p_values, "p_values")
    adjusted = np.minimum(1.0, values * values.size)
    return Adjusted(adjusted, adjusted < level)


def holm(p_values: Sequence[float], level: float = 0.05) -> Adjusted:
    """Return Holm's p-values, and which stay below the level.

    Examples
    --------
    >>> holm([0.01, 0.02, 0.5]).p_values
    array([0.03, 0.04, 0.5 ])
    """
    values = checks.probabilities(p_values, "p_values")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, stepped)
    return Adjusted(adjusted, adjusted < level)
