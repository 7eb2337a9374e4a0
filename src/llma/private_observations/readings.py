r"""Several readings of one agent: the counts as a new sensor.

Model. An agent holds m readings, independent given the state, each with law :math:`B_{x\cdot}`. Their joint
probability in state x is :math:`\prod_y B_{xy}^{n_y}` with :math:`n_y` the number of readings y, so that the
counts are sufficient: the private belief depends on nothing else. Counts whose likelihoods are proportional
lead to the same private belief from every public belief. Merged, they are the values of the smallest
sufficient statistic:

.. math:: B^{(m)}_{xt} = \sum_{n \in t} \frac{m!}{\prod_y n_y!} \prod_y B_{xy}^{n_y}.

For two readings (yes or no) the statistic is the number of yes, binomial, and has m + 1 values.

Algorithm. Enumerate the counts. For each, the logarithms of the likelihoods, normalised over the states, are
compared coordinate by coordinate; sorted values closer than 1e-10 are one value. (That is finer than the
tolerance of ties, 1e-9, and coarser than the rounding of sums of logarithms.) Counts that cannot occur are
left out.

Ties. "low" works for every model. "own", "coin" and "follow" are for two states and two actions, here with
any number of readings: an agent's own statistic favours the state which it makes more likely, and the
action of the lowest index if it makes both equally likely (as one yes and one no do).

Reference. Halmos and Savage, Annals of Mathematical Statistics 20, 1949 (sufficiency).

>>> pool([[0.7, 0.3], [0.3, 0.7]], 2).likelihood.round(2)
array([[0.49, 0.42, 0.09],
       [0.09, 0.42, 0.49]])
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlogy

from llma import checks
from llma.checks import Floats, Ints
from llma.social import TIE_RULES, TIE_TOLERANCE, SocialLearning
from llma.social.simulate import MOST_VALUES

SAME_LIKELIHOOD = 1e-10
"""Normalised log-likelihoods closer than this are one value of the statistic."""

MOST_COUNTS = 10 * MOST_VALUES
"""So many vectors of counts are enumerated at most."""


@dataclass(frozen=True, eq=False)
class Pool:
    """The sufficient statistic of m readings.

    Attributes
    ----------
    likelihood : ndarray, shape (X, T)
        Probability of each value of the statistic in each state. For two states the likelihood ratio rises
        from left to right.
    counts : ndarray of int, shape (N, Y)
        The vectors of counts that can occur.
    label : ndarray of int, shape (N,)
        The value of the statistic for each of them.
    """

    likelihood: Floats
    counts: Ints
    label: Ints

    @property
    def n_readings(self) -> int:
        """Number of readings m."""
        return int(self.counts[0].sum())

    def index(self, readings: ArrayLike) -> Ints:
        """Return the value of the statistic for readings, shape (..., m) to (...).

        Raises
        ------
        ValueError
            If the last axis does not hold m readings, or they cannot occur together in any state.

        Examples
        --------
        >>> pool([[0.7, 0.3], [0.3, 0.7]], 3).index([[0, 0, 1], [1, 1, 1]])
        array([1, 3])
        """
        n_values = self.counts.shape[1]
        seen = checks.indices(readings, "readings", n_values)
        if seen.ndim == 0 or seen.shape[-1] != self.n_readings:
            raise ValueError(
                f"readings: shape {seen.shape}; expected {self.n_readings} readings on the last axis"
            )
        number = (seen[..., None] == np.arange(n_values)).sum(axis=-2)
        place = {tuple(row): int(t) for row, t in zip(self.counts.tolist(), self.label, strict=True)}
        flat = number.reshape(-1, n_values).tolist()
        missing = [row for row in flat if tuple(row) not in place]
        if missing:
            raise ValueError(f"readings: counts {missing[0]} have probability 0 in every state")
        return np.array([place[tuple(row)] for row in flat], dtype=np.int64).reshape(number.shape[:-1])


def pool(likelihood: ArrayLike, n_readings: int) -> Pool:
    """Return the sufficient statistic of a number of independent readings.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of one reading.
    n_readings : int
        Number of readings m, at least one.

    Returns
    -------
    Pool

    Raises
    ------
    ValueError
        If there are too many vectors of counts to enumerate, or too many values.

    Examples
    --------
    Three observations, the last two with the same likelihood ratio: five values in the place of six.

    >>> pool([[0.6, 0.2, 0.2], [0.2, 0.4, 0.4]], 2).likelihood.shape
    (2, 3)
    """
    table = checks.stochastic_matrix(likelihood, "likelihood")
    n_values = table.shape[1]
    if n_readings < 1:
        raise ValueError(f"n_readings: is {n_readings}; expected at least one reading")
    size = comb(n_readings + n_values - 1, n_values - 1)
    if size > MOST_COUNTS:
        raise ValueError(
            f"n_readings: {n_readings} readings with {n_values} values have {size} vectors of counts, "
            f"more than {MOST_COUNTS}; merge observations with similar likelihood ratios first, "
            "or take fewer readings"
        )
    counts = _compositions(n_readings, n_values)
    ways = gammaln(n_readings + 1) - gammaln(counts + 1).sum(axis=1)  # (N,)
    log_joint = xlogy(counts[None, :, :], table[:, None, :]).sum(axis=2)  # (X, N)
    possible = np.isfinite(log_joint).any(axis=0)
    counts, ways, log_joint = counts[possible], ways[possible], log_joint[:, possible]
    label = _classes(log_joint)
    mass = np.exp(ways + log_joint)
    pooled: Floats = np.stack([np.bincount(label, row) for row in mass]).astype(np.float64)
    if pooled.shape[1] > MOST_VALUES:
        raise ValueError(
            f"n_readings: the statistic has {pooled.shape[1]} values, more than {MOST_VALUES}; "
            "take fewer readings"
        )
    # The sums are one up to rounding of the logarithms, some 1e-13: take that out.
    pooled /= pooled.sum(axis=1, keepdims=True)
    return Pool(pooled, counts, label)


class ManyReadings(SocialLearning):
    """The protocol in which every agent holds m readings of its own.

    It is a `SocialLearning` whose observations are the values of the statistic, and whose tie rules "own",
    "coin" and "follow" work for any number of readings when there are two states and two actions.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of one reading.
    cost : array_like, shape (X, U)
        Cost of action u in state x.
    n_readings : int
        Readings of an agent, m.
    tie : {"low", "own", "coin", "follow"}
        Tie rule.

    Raises
    ------
    ValueError
        If the tables do not fit, or a tie rule other than "low" meets more than two states or actions.

    Examples
    --------
    >>> model = ManyReadings([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], 3, tie="own")
    >>> str(model.cascade_region())
    '[0.0729730, 0.927027]'
    """

    def __init__(self, likelihood: ArrayLike, cost: ArrayLike, n_readings: int = 1, tie: str = "low") -> None:
        self.__dict__["pool"] = statistic = pool(likelihood, n_readings)
        super().__init__(statistic.likelihood, cost)
        checks.one_of(tie, "tie", TIE_RULES)
        if tie != "low" and (self.n_states, self.n_actions) != (2, 2):
            raise ValueError(
                f"tie: {tie!r} needs two states and two actions, got {self.n_states} and {self.n_actions}; "
                "use 'low'"
            )
        table = statistic.likelihood
        favoured = self.regret[table.argmax(axis=0)].argmin(axis=1)
        # Rounding must not decide which state an uninformative value speaks for.
        favoured[np.ptp(table, axis=0) <= TIE_TOLERANCE * table.max(axis=0)] = 0
        favoured.setflags(write=False)
        object.__setattr__(self, "tie", tie)
        object.__setattr__(self, "favoured", favoured)

    @property
    def statistic(self) -> Pool:
        """The statistic of an agent's readings."""
        found: Pool = self.__dict__["pool"]
        return found


def _compositions(total: int, parts: int) -> Ints:
    """Return all vectors of `parts` whole numbers that sum to `total`, shape (N, parts)."""
    rows = np.zeros((1, 0), dtype=np.int64)
    left = np.array([total])
    for _ in range(parts - 1):
        repeats = left + 1
        first = np.concatenate([np.arange(n) for n in repeats])
        rows = np.column_stack([np.repeat(rows, repeats, axis=0), first])
        left = np.repeat(left, repeats) - first
    return np.column_stack([rows, left])


def _classes(log_joint: Floats) -> Ints:
    """Return the class of each column of log-likelihoods (X, N): proportional ones together, shape (N,)."""
    top = log_joint.max(axis=0)
    normal = log_joint - (top + np.log(np.exp(log_joint - top).sum(axis=0)))
    levels = np.stack([_levels(row) for row in normal])  # (X, N)
    # Sorted by the last state first: for two states the likelihood ratio then rises with the label.
    _, label = np.unique(levels[::-1], axis=1, return_inverse=True)
    return np.asarray(label.reshape(-1), dtype=np.int64)


def _levels(values: Floats) -> Ints:
    """Return the rank of each value among those that differ, equal for values closer than the tolerance."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    gap = np.zeros(len(values), dtype=np.bool_)
    finite = np.isfinite(ordered)
    gap[1:] = finite[1:] & ~finite[:-1]
    both = np.flatnonzero(finite[1:] & finite[:-1]) + 1
    gap[both] = ordered[both] - ordered[both - 1] > SAME_LIKELIHOOD
    level = np.empty(len(values), dtype=np.int64)
    level[order] = np.cumsum(gap)
    return level
