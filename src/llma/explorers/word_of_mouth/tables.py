"""The tables of the chapter as text, and its two running models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma import word_of_mouth as wom
from llma.explorers.readings import symmetric

TRACKING = ((0.0, 1.0), (1.0, 0.0))
"""A wrong action costs 1, a right one nothing."""

PRINTED = wom.Tracking(transition=0.95, drift=1.0, noise=1.0, relay=0.1, n_agents=4)
"""The moving number of the chapter."""


def row(
    n_agents: int, noise: float = 0.1, broadcast: str = "action", tie: str = "own", accuracy: float = 0.8
) -> wom.WordOfMouth:
    """Return the chapter's row: a symmetric witness, flipping relays, equal regrets.

    >>> row(2).is_blind([0.2, 0.8])
    True
    """
    return wom.WordOfMouth(
        symmetric(accuracy), TRACKING, n_agents, wom.flips(noise), broadcast=broadcast, tie=tie
    )


def length_table(lengths: Sequence[int], accuracy: float = 0.8, noise: float = 0.1) -> str:
    """Return how good the last message is, and how often the row ends wrong (action broadcast, even prior).

    >>> print(length_table((10,)))
     N  accuracy   wrong
    10     0.540   0.420
    """
    lines = [" N  accuracy   wrong"]
    for n in lengths:
        last = float(wom.relayed_accuracy(accuracy, noise, n - 1))
        wrong = float(wom.wrong_blind_probability(accuracy, noise, n))
        lines.append(f"{n:2d}{last:10.3f}{wrong:8.3f}")
    return "\n".join(lines)


def precision_table(lengths: Sequence[int], rounds: Sequence[float]) -> str:
    """Return exponents: the limit, and the local one after some numbers of rounds (R = Q = tau_0 = 1).

    >>> print(precision_table((2,), (1e4, 1e9)))
    N   limit   k=1e+04   k=1e+09
    2  0.3333    0.3449    0.3336
    """
    lines = ["N   limit" + "".join(f"{f'k={k:.0e}':>10}" for k in rounds)]
    for n in lengths:
        line = f"{n}{wom.exponent(n):8.4f}"
        for k in rounds:
            tau = wom.precision_far(k, n)
            line += f"{float(wom.estimates.local_exponent(tau, k, n, 1.0, 1.0)):10.4f}"
        lines.append(line)
    return "\n".join(lines)


def weight_table(lengths: Sequence[int], n_rounds: int = 10_000) -> str:
    """Return the precision after some rounds with three weights of the prior (R = Q = tau_0 = 1).

    >>> print(weight_table((1, 2)))
    N     full  at most 1     none
    1  10001.0    10001.0  10001.0
    2     30.0     2001.0   5001.0
    """
    lines = ["N     full  at most 1     none"]
    for n in lengths:
        full = wom.precision(n_rounds, n)[-1]
        bounded = wom.precision(n_rounds, n, weight=wom.discounted(1.0))[-1]
        none = wom.precision(n_rounds, n, weight=np.zeros_like)[-1]
        lines.append(f"{n}{full:9.1f}{bounded:11.1f}{none:9.1f}")
    return "\n".join(lines)


def memory_table(model: wom.Tracking = PRINTED) -> str:
    """Return the error variances of every agent under the three ways to remember.

    >>> print(memory_table())
    agent  private  common   naive  claims
        0    0.608   0.647   0.608   0.608
        1    0.699   0.739   0.772   0.473
        2    0.790   0.831   1.011   0.404
        3    0.881   0.922   1.260   0.365
    """
    naive = wom.private_naive(model)
    columns = (wom.private_exact(model, 200)[-1], wom.common_prior(model), naive.actual, naive.claimed)
    lines = ["agent  private  common   naive  claims"]
    for i, values in enumerate(zip(*columns, strict=True)):
        lines.append(f"{i:5d}{values[0]:9.3f}" + "".join(f"{v:8.3f}" for v in values[1:]))
    return "\n".join(lines)
