r"""REINFORCE: the slope of the cost from the score of the policy.

Let an episode w have probability :math:`P_\gamma(w)` and cost :math:`C(w)`, and let the policy enter the
first only. With the *score* :math:`S = \partial_\gamma \ln P_\gamma(w)`

.. math:: J'(\gamma) = E[C\,S], \qquad E[S] = 0.

The chances of the observations do not depend on the threshold and drop out of the score: the model is not
needed, only the policy is. For the logistic policy a step that stops contributes
:math:`-(1 - s_\tau)/\tau`, one that continues :math:`s_\tau/\tau`.

Three estimators, all without bias (up to the cut-off of the episodes). "plain": the mean of C S. "baseline":
from each cost the mean of the *other* costs is taken off first, which leaves the expectation as it is, since
the others are independent of S. "to-go": the score of a step is multiplied by the costs from that step on,
because earlier costs are known by then and the score has mean zero given the past.

Reference. Williams, Machine Learning 8, 1992; Glynn, Communications of the ACM 33, 1990.

>>> from llma.policy_gradient import model_box, smoothed_cost
>>> from llma.stopping import CentralControl
>>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
>>> box = model_box(problem, 0.5, temperature=0.1, episodes=40_000)
>>> episodes = box.sample(0.6, np.random.default_rng(0))
>>> exact = smoothed_cost(problem, 0.5, 0.6, 0.1).slope
>>> [bool(abs(slope(episodes, name) - exact) < 0.6) for name in ESTIMATORS]
[True, True, True]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.policy_gradient.episodes import Episodes
from llma.policy_gradient.gains import Gains, GainSequence
from llma.policy_gradient.parameter import threshold_of
from llma.policy_gradient.spsa import Trace, noisy_cost

ESTIMATORS = ("plain", "baseline", "to-go")
Sampler = Callable[[Any, np.random.Generator], Episodes]


def slope(episodes: Episodes, estimator: str = "to-go") -> Floats:
    """Return the estimate of the slope of the cost in the threshold, one for each stack of episodes.

    Raises
    ------
    ValueError
        If the estimator is not known, or "baseline" has fewer than two episodes.
    """
    checks.one_of(estimator, "estimator", ESTIMATORS)
    if estimator == "to-go":
        return np.asarray(episodes.to_go.mean(axis=-1))
    if estimator == "plain":
        return np.asarray((episodes.cost * episodes.score).mean(axis=-1))
    n = episodes.cost.shape[-1]
    if n < 2:
        raise ValueError("episodes: the baseline is the mean of the others; it needs two or more")
    others = (episodes.cost.sum(axis=-1, keepdims=True) - episodes.cost) / (n - 1)
    return np.asarray(((episodes.cost - others) * episodes.score).mean(axis=-1))


def reinforce(
    sample: Sampler,
    start: ArrayLike,
    rng: np.random.Generator,
    *,
    iterations: int = 200,
    gains: GainSequence | None = None,
    estimator: str = "to-go",
    max_step: float = 0.2,
) -> Trace:
    r"""Return the trace of gradient descent with REINFORCE, on the circle.

    Parameters
    ----------
    sample : callable
        ``sample(threshold, rng)`` returns `Episodes`; `ThresholdBox.sample` is one.
    start : array_like
        Angles, as in `spsa`.
    rng : numpy.random.Generator
        Source of all randomness.
    iterations, gains, max_step
        As in `spsa`; the widths are not used.
    estimator : {"plain", "baseline", "to-go"}
        See the module.

    Notes
    -----
    The slope in the angle is :math:`\sin(2\theta)` times that in the threshold. One iteration costs one
    evaluation.
    """
    checks.one_of(estimator, "estimator", ESTIMATORS)
    if iterations < 1 or not max_step > 0:
        raise ValueError(
            f"iterations, max_step: are {iterations} and {max_step}; expected 1 or more and a positive number"
        )
    chosen = Gains(stability=0.1 * iterations) if gains is None else gains
    u = checks.real_array(start, "start").astype(np.float64)
    path, slopes = np.empty((iterations + 1, *u.shape)), np.empty((iterations, *u.shape))
    path[0] = u
    for k in range(iterations):
        found = slope(sample(threshold_of(u), rng), estimator)
        slopes[k] = np.sin(2 * u) * noisy_cost(found, u.shape)
        u = u - np.clip(chosen.step(k) * slopes[k], -max_step, max_step)
        path[k + 1] = u
    return Trace(path, threshold_of(path), slopes, iterations)
