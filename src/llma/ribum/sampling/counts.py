r"""Testing rational inattention from counts: how often each action was chosen in each state.

The hypothesis is "the true table is in the polytope" (`polytope`). Tests differ in what they promise:

=============  ==========================================  ====================
method         promise                                     module
=============  ==========================================  ====================
"projection"   level in the limit of many texts            `projection`
"box"          level for every number of texts             `box`
"split"        level in the limit; the reason is one       `split`
               sentence, found and checked on separate
               halves
"plugin"       none; for teaching                          `naive`
"bootstrap"    none; for teaching                          `naive`
=============  ==========================================  ====================

The projection has the most power of the first three, the box the least. All environments go into one test:
several environments need no correction. Several *agents* do; see `power.holm`.

`test_counts` tests NIAS and NIAC: attention with a price. `nis_counts` tests NIAS and NIS: attention with a
fixed capacity, no price. Not rejected by the first and rejected by the second is compatible with a price and
not with a fixed capacity; it proves no price (few texts, or easier texts at high stakes, look the same).

What counts as known: priors and utilities. States are drawn by us, so that the number of texts in each state
is not random, or may be taken as given.

>>> counts = [[[90, 10], [10, 90]], [[70, 30], [30, 70]]]
>>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
>>> result = test_counts(counts, [0.5, 0.5], stakes)
>>> print(result)
NIAC rejected at level 0.05 (projection, p = 2.89e-07); environment 0 takes the attention of 1, and 1 that
of 0: total utility changes by +0.6 (s.e. 0.117)
>>> test_counts(counts[::-1], [0.5, 0.5], stakes).rejected
False
>>> print(nis_counts(counts[::-1], [0.5, 0.5], stakes))
NIS rejected at level 0.05 (projection, p = 2.89e-07); environment 0 takes the attention of 1: utility
changes by +0.2 (s.e. 0.039)
"""

# ruff: noqa: PT028 -- `test_counts` tests agents, not this package.

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.ribum.sampling.box import box_test
from llma.ribum.sampling.naive import bootstrap_test, plugin_test
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import projection_test
from llma.ribum.sampling.sample import CountsTest, Sample
from llma.ribum.sampling.split import split_test

METHODS = ("projection", "box", "split", "plugin", "bootstrap")
"""The last two do not keep their level; see `naive`."""


def test_counts(
    counts: ArrayLike,
    priors: ArrayLike,
    utility: ArrayLike,
    level: float = 0.05,
    method: str = "projection",
    *,
    cost: str = "kernel",
    rng: np.random.Generator | None = None,
) -> CountsTest:
    """Test from counts that the agent is rationally inattentive: NIAS and NIAC.

    Parameters
    ----------
    counts : array_like of int, shape (M, X, U)
        Texts by environment, state and action taken.
    priors : array_like, shape (M, X) or (X,)
        Known priors, every entry positive.
    utility : array_like, shape (M, X, U) or (X, U)
        Known utilities.
    level : float
        Chance of rejecting a rational agent, in (0, 1).
    method : {"projection", "box", "split", "plugin", "bootstrap"}
        See the module.
    cost : {"kernel", "posterior"}
        What the price of attention depends on; "posterior" compares environments with equal priors only.
    rng : numpy.random.Generator, optional
        Required by "split" and "bootstrap".

    Returns
    -------
    CountsTest

    Raises
    ------
    ValueError
        Naming the first bad entry, or a row without texts (the box alone does without).

    Examples
    --------
    Does the opposite of what pays, in one environment.

    >>> print(test_counts([[[20, 30], [30, 20]]], [0.5, 0.5], [[1, 0], [0, 1]], method="box"))
    NIAC not rejected at level 0.05 (box)
    >>> print(test_counts([[[10, 40], [40, 10]]], [0.5, 0.5], [[1, 0], [0, 1]], method="box"))
    NIAC rejected at level 0.05 (box); environment 0: action 1 instead of 0: utility changes by +0.3 (s.e.
    0.0404)
    """
    sample = Sample(counts)
    polytope = _polytope(sample, priors, utility, "niac", cost)
    return run(sample, polytope, level, method, rng)


def nis_counts(
    counts: ArrayLike,
    priors: ArrayLike,
    utility: ArrayLike,
    level: float = 0.05,
    method: str = "projection",
    *,
    cost: str = "kernel",
    rng: np.random.Generator | None = None,
) -> CountsTest:
    """Test from counts that the agent has a fixed capacity: NIAS, and no environment envies another (NIS).

    Parameters, result and errors are those of `test_counts`.

    Examples
    --------
    >>> nis_counts([[[8, 2], [2, 8]]] * 2, [0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]).rejected
    False
    """
    sample = Sample(counts)
    polytope = _polytope(sample, priors, utility, "nis", cost)
    return run(sample, polytope, level, method, rng)


def run(
    sample: Sample,
    polytope: Polytope,
    level: float = 0.05,
    method: str = "projection",
    rng: np.random.Generator | None = None,
) -> CountsTest:
    """Return the result of one method on a validated sample; what `test_counts` and `power` call."""
    checks.one_of(method, "method", METHODS)
    if not 0 < level < 1:
        raise ValueError(f"level: is {level}; expected a chance between 0 and 1, say 0.05")
    if method == "projection":
        return projection_test(sample, polytope, level)
    if method == "box":
        return box_test(sample, polytope, level)
    if method == "split":
        return split_test(sample, polytope, level, rng)
    if method == "plugin":
        return plugin_test(sample, polytope, level)
    return bootstrap_test(sample, polytope, level, rng)


def _polytope(sample: Sample, priors: ArrayLike, utility: ArrayLike, condition: str, cost: str) -> Polytope:
    n_environments, n_states, n_actions = sample.counts.shape
    law = np.asarray(priors, dtype=np.float64)
    if law.ndim == 1:
        law = np.tile(law, (n_environments, 1))
    polytope = Polytope(law, utility, condition, cost)
    if polytope.shape != (n_environments, n_states, n_actions):
        raise ValueError(
            f"counts: have shape {sample.counts.shape}, but priors and utility are for {polytope.shape} "
            "environments, states and actions"
        )
    return polytope
