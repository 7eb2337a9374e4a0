r"""SPSA: two noisy costs make a step.

Method. At step k with parameter u draw :math:`\Delta = \pm 1` and evaluate the black box twice:

.. math:: \hat g = \frac{\hat J(u + c_k\Delta) - \hat J(u - c_k\Delta)}{2c_k\Delta},\qquad
    u \leftarrow u - a_k \hat g .

In one dimension this is the Kiefer-Wolfowitz method. With *common random numbers* both evaluations get a
generator in the same state, so that they differ by the parameter alone. Steps may be clipped at `max_step`;
as :math:`a_k \hat g` tends to zero, the clip acts only finitely often where :math:`\hat g` is bounded.

The parameter is a real number; `decode` makes of it what the black box takes. By default this is the squared
sine (`llma.policy_gradient.parameter`), so that every step leads to a threshold between 0 and 1.

Replications. A stack of starting points is one run each, with noise of its own; the black box is called once
for all of them, with an array.

Theorem. Let J be three times continuously differentiable and periodic, the noise of mean zero and bounded
variance given the past, and the gains as in `llma.policy_gradient.gains`. Then the distance of u from the set
of stationary points of J tends to zero almost surely (Spall 1992; Kushner and Yin 2003, chapter 5).

Nothing more. The stationary points are those of the smoothed cost, and, with the squared sine, 0 and 1.

Reference. Spall, IEEE Transactions on Automatic Control 37, 1992.

>>> bowl = lambda u, rng: (u - 0.3) ** 2 + 0.01 * rng.standard_normal(np.shape(u))
>>> trace = spsa(bowl, [0.1, 0.9], np.random.default_rng(0), iterations=300, decode=None)
>>> trace.final.round(2), trace.evaluations
(array([0.3, 0.3]), 600)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.policy_gradient.gains import Gains, GainSequence
from llma.policy_gradient.parameter import threshold_of

Objective = Callable[[Any, np.random.Generator], Any]
"""A black box: from parameters and a generator to noisy costs, of the same shape."""
Decode = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Trace:
    """The path of a stochastic approximation; the last axis is that of the replications, if there are any.

    Attributes
    ----------
    parameter : ndarray, shape (n + 1, ...)
        Parameters, the start first.
    decoded : ndarray, shape (n + 1, ...)
        What the black box was asked about: thresholds, usually.
    estimate : ndarray, shape (n, ...)
        Estimates of the slope.
    evaluations : int
        Calls of the black box for one replication.
    """

    parameter: Floats
    decoded: Floats
    estimate: Floats
    evaluations: int

    @property
    def final(self) -> Floats:
        """What the run ends with, decoded."""
        return np.asarray(self.decoded[-1])

    def average(self, share: float = 0.5) -> Floats:
        """Return the mean of the last share of the decoded path: steadier than its last point.

        Raises
        ------
        ValueError
            If the share is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise ValueError(f"share: is {share}; expected a number above 0 and at most 1")
        n = max(1, round(share * len(self.decoded)))
        return np.asarray(self.decoded[-n:].mean(axis=0))


def spsa(
    objective: Objective,
    start: ArrayLike,
    rng: np.random.Generator,
    *,
    iterations: int = 200,
    gains: GainSequence | None = None,
    common: bool = True,
    max_step: float = 0.2,
    decode: Decode | None = threshold_of,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    first: int = 0,
) -> Trace:
    """Return the trace of SPSA.

    Parameters
    ----------
    objective : callable
        ``objective(parameter, rng)`` returns noisy costs; nothing else is known of it.
    start : array_like
        A number, or one number for each replication, shape (R,): the parameter before `decode`.
    rng : numpy.random.Generator
        Source of all randomness.
    iterations : int
        Number of steps, 1 or more; each costs two evaluations.
    gains : GainSequence, optional
        `Gains()` by default.
    common : bool
        Whether the two evaluations of a step share their random numbers.
    max_step : float
        Largest move in one step, positive; ``np.inf`` for none.
    decode : callable, optional
        From the parameter to what the black box takes; None for the parameter itself.
    bounds : tuple of float
        The parameter is moved to the nearest point of this interval after each step.
    first : int
        Index of the first gain: larger than zero when a run is continued.

    Raises
    ------
    ValueError
        If an argument is outside its range, or the black box returns something that is no finite number or
        has another shape.

    Examples
    --------
    >>> from llma.policy_gradient import angle_of, model_box
    >>> from llma.stopping import CentralControl
    >>> problem = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)
    >>> box = model_box(problem, 0.5, temperature=0.03, episodes=20)
    >>> trace = spsa(box, angle_of(0.5), np.random.default_rng(1), iterations=200)
    >>> bool(0.7 < trace.final <= 0.845)
    True
    """
    if iterations < 1 or first < 0:
        raise ValueError(f"iterations, first: are {iterations} and {first}; expected 1 or more and 0 or more")
    if not max_step > 0:
        raise ValueError(f"max_step: is {max_step}; expected a positive number")
    if not bounds[0] < bounds[1]:
        raise ValueError(f"bounds: are {bounds}; expected the lower one first")
    chosen = Gains(stability=0.1 * iterations) if gains is None else gains
    u = checks.real_array(start, "start").astype(np.float64)
    path, slopes = np.empty((iterations + 1, *u.shape)), np.empty((iterations, *u.shape))
    path[0] = u
    seen = (lambda v: v) if decode is None else decode
    for k in range(iterations):
        a, c = chosen.step(first + k), chosen.width(first + k)
        side = rng.choice((-1.0, 1.0), size=u.shape)
        seeds = rng.integers(2**63, size=2)
        ends = [seen(u + c * side), seen(u - c * side)]
        if common:
            raw = on_same_numbers(objective, ends, int(seeds[0]))
        else:
            raw = [objective(end, np.random.default_rng(seed)) for end, seed in zip(ends, seeds, strict=True)]
        costs = [noisy_cost(answer, u.shape) for answer in raw]
        slopes[k] = (costs[0] - costs[1]) / (2 * c * side)
        u = np.clip(u - np.clip(a * slopes[k], -max_step, max_step), *bounds)
        path[k + 1] = u
    return Trace(path, np.asarray(seen(path)), slopes, 2 * iterations)


def annealed(
    objectives: Sequence[Objective],
    start: ArrayLike,
    rng: np.random.Generator,
    *,
    iterations: int = 200,
    gains: GainSequence | None = None,
    **options: Any,
) -> Trace:
    """Return the trace of SPSA on a sequence of black boxes, each starting where the last one ended.

    The gains go on from one stage to the next. The sequence is usually one box at falling temperatures.

    Parameters
    ----------
    objectives : sequence of callables
        At least one.
    start, rng
        As in `spsa`.
    iterations : int
        Steps in all, at least as many as there are objectives.
    **options
        As in `spsa`, without `first`.

    Raises
    ------
    ValueError
        If there are no objectives, or more than steps.
    """
    if not 1 <= len(objectives) <= iterations:
        raise ValueError(
            f"objectives: there are {len(objectives)}; expected 1 to {iterations}, one step each"
        )
    chosen = Gains(stability=0.1 * iterations) if gains is None else gains
    parts: list[Trace] = []
    cuts = np.linspace(0, iterations, len(objectives) + 1).astype(np.int64)
    here: ArrayLike = start
    for objective, begin, end in zip(objectives, cuts, cuts[1:], strict=False):
        count = int(end - begin)
        parts.append(spsa(objective, here, rng, iterations=count, gains=chosen, first=int(begin), **options))
        here = parts[-1].parameter[-1]
    return Trace(
        np.concatenate([parts[0].parameter, *(part.parameter[1:] for part in parts[1:])]),
        np.concatenate([parts[0].decoded, *(part.decoded[1:] for part in parts[1:])]),
        np.concatenate([part.estimate for part in parts]),
        sum(part.evaluations for part in parts),
    )


def on_same_numbers(objective: Objective, parameters: Sequence[Any], seed: int) -> list[Any]:
    """Return what the black box answers to each of the parameters with generators in the same state.

    A black box with a method `together` answers all of them at once.
    """
    together = getattr(objective, "together", None)
    if together is not None:
        return list(together(parameters, np.random.default_rng(seed)))
    return [objective(parameter, np.random.default_rng(seed)) for parameter in parameters]


def noisy_cost(raw: Any, shape: tuple[int, ...]) -> Floats:
    """Return what a black box answered, checked: finite numbers of the shape of the question.

    Raises
    ------
    ValueError
        Otherwise.
    """
    cost = np.asarray(raw, dtype=np.float64)
    if cost.shape != shape:
        raise ValueError(f"objective: answered with shape {cost.shape} to parameters of shape {shape}")
    if not np.isfinite(cost).all():
        raise ValueError("objective: answered with a number that is not finite")
    return cost
