r"""Data incest: one observation, counted once for every path by which it arrives.

Model. Agents 0, 1, ... on a directed graph without cycles; ``edges[j, i]`` is 1 if agent i hears agent j, and
then j < i. Agent j has one observation of its own, independent of the others given the state. Its *evidence*
is the vector of log-likelihoods :math:`\lambda_j(x) = \ln B_{x y_j}` (two states: the log-likelihood ratio).
An agent passes on the evidence it holds.

* A *naive* agent adds up what it hears and its own: :math:`\theta_i = \lambda_i + \sum_j e_{ji} \theta_j`.
* The *exact* evidence is the sum of :math:`\lambda_j` over j = i and all j from which a path leads to i.

Theorem (paths). The naive evidence of agent i counts :math:`\lambda_j` as many times as there are paths from
j to i. So it is exact for all observations if and only if at most one path leads from any j to i.

Theorem (correction). Let all agents before i pass on exact evidence, and let :math:`T_{lj}` be 1 if l = j or
a path leads from l to j, else 0. There are fixed weights w on what agent i hears with
:math:`\lambda_i + \sum_j w_j \theta_j` exact for all observations if and only if the one solution w of
:math:`\sum_{j<i} T_{lj} w_j = T_{li}` (l < i) is zero for every agent j that i does not hear.

The fan. Agent 0 tells k couriers, each of whom tells the last agent. For a symmetric sensor of accuracy p the
naive last agent counts agent 0 k times and errs with probability :math:`p\bar p^{k+1}` plus
:math:`\bar p(1 - p^{k+1})`, which tends to :math:`\bar p`: a crowd no better than the rumour.

Reference. Krishnamurthy and Hoiles, 2014 (the condition on weights); Krishnamurthy, *Partially Observed
Markov Decision Processes*, 2016.

>>> edges = fan(2)
>>> path_counts(edges)[:, 3]
array([2, 1, 1, 1])
>>> vote(path_counts(edges)[:, 3], 0.7).p_wrong, vote([1, 1, 1, 1], 0.7).p_wrong
(0.216, 0.216)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints


def fan(couriers: int, direct: bool = False) -> Ints:
    """Return the graph of a source, some couriers and a listener; `direct`: who hears the source as well.

    >>> fan(2, direct=True)
    array([[0, 1, 1, 1],
           [0, 0, 0, 1],
           [0, 0, 0, 1],
           [0, 0, 0, 0]])
    """
    if couriers < 1:
        raise ValueError(f"couriers: is {couriers}; expected 1 or more")
    edges = np.zeros((couriers + 2, couriers + 2), dtype=np.int64)
    edges[0, 1:-1] = edges[1:-1, -1] = 1
    edges[0, -1] = direct
    return edges


def path_counts(edges: ArrayLike) -> Ints:
    """Return the number of paths from agent j to agent i, shape (n, n); one from each agent to itself.

    Raises
    ------
    ValueError
        If the graph is not square, has entries other than 0 and 1, or an agent hears itself or a later one.
    """
    graph = _checked(edges)
    counts = np.eye(len(graph), dtype=np.int64)
    for i in range(len(graph)):
        counts[:, i] += counts[:, :i] @ graph[:i, i]
    return counts


def correction(edges: ArrayLike, agent: int) -> Floats:
    """Return the weights on what an agent hears that count every observation once, shape (agent,).

    Weights are zero for those whom it does not hear. All earlier agents must pass on exact evidence.

    Raises
    ------
    ValueError
        If no weights do; the message names the agents whom it would have to hear.

    Examples
    --------
    >>> correction(fan(2, direct=True), 3)
    array([-1.,  1.,  1.])
    >>> correction(fan(2), 3)
    Traceback (most recent call last):
    ...
    ValueError: agent 3 cannot undo the double counting: it would have to hear agents [0]
    """
    graph = _checked(edges)
    i = int(checks.indices(agent, "agent", len(graph)))
    reached = (path_counts(graph) > 0).astype(np.float64)
    # One solves from the last agent down: the matrix is triangular with ones on the diagonal, and integers
    # stay integers.
    weights = np.zeros(i)
    for j in reversed(range(i)):
        weights[j] = reached[j, i] - reached[j, j + 1 : i] @ weights[j + 1 :]
    missing = [j for j in range(i) if weights[j] and not graph[j, i]]
    if missing:
        raise ValueError(f"agent {i} cannot undo the double counting: it would have to hear agents {missing}")
    return weights + 0.0


@dataclass(frozen=True)
class VoteLaw:
    """How often weighted evidence is wrong, and how often it admits to be.

    Attributes
    ----------
    p_wrong : float
        Probability that the decision is wrong (a tie is settled by a fair coin).
    p_admitted : float
        Mean probability of being wrong that the holder of the evidence would state.
    """

    p_wrong: float
    p_admitted: float


def vote(counts: ArrayLike, accuracy: float) -> VoteLaw:
    """Return the law of a decision on evidence that counts observation j `counts[j]` times.

    Two states, an even prior, equal regrets, and observations of one accuracy, independent given the state.

    Parameters
    ----------
    counts : array_like of int
        How often each observation is counted.
    accuracy : float
        Probability p that an observation shows the state, between one half and one (both excluded).

    Examples
    --------
    Counted once each, the evidence admits what it should; counted four times, the first one rules.

    >>> law = vote([1, 1, 1, 1, 1, 1], 0.7)
    >>> round(law.p_wrong, 4), round(law.p_admitted, 4)
    (0.1631, 0.1631)
    >>> law = vote([4, 1, 1, 1, 1, 1], 0.7)
    >>> round(law.p_wrong, 4), round(law.p_admitted, 4)
    (0.2513, 0.0719)
    """
    weights = np.asarray(counts)
    if weights.ndim != 1 or weights.size == 0 or not np.array_equal(weights, np.floor(weights)):
        raise ValueError(f"counts: expected a list of integers, got {counts!r}")
    p = float(checks.real_array(accuracy, "accuracy", ndim=0))
    if not 0.5 < p < 1:
        raise ValueError(f"accuracy: is {p}; expected a number between 0.5 and 1, both excluded")
    law = {0: 1.0}
    for weight in (int(w) for w in weights):
        new: dict[int, float] = {}
        for total, mass in law.items():
            for move, chance in ((weight, p), (-weight, 1 - p)):
                new[total + move] = new.get(total + move, 0.0) + mass * chance
        law = new
    unit = log(p / (1 - p))
    wrong = sum(m for s, m in law.items() if s < 0) + law.get(0, 0.0) / 2
    admitted = sum(m * exp(-abs(s) * unit) / (1 + exp(-abs(s) * unit)) for s, m in law.items())
    return VoteLaw(round(wrong, 15), round(admitted, 15))


def fan_error(couriers: ArrayLike, accuracy: ArrayLike) -> Floats:
    """Return the probability that the naive listener of a fan is wrong, in closed form.

    >>> fan_error([1, 2, 4, 100], 0.7).round(4)
    array([0.216 , 0.216 , 0.2513, 0.3   ])
    """
    k, p = checks.real_array(couriers, "couriers"), checks.real_array(accuracy, "accuracy")
    if (k < 1).any() or ((p <= 0.5) | (p >= 1)).any():
        raise ValueError(f"expected couriers >= 1 and 0.5 < accuracy < 1, got {k} and {p}")
    return np.asarray(p * (1 - p) ** (k + 1) + (1 - p) * (1 - p ** (k + 1)))[()]


def _checked(edges: ArrayLike) -> Ints:
    graph = checks.indices(edges, "edges", 2)
    if graph.ndim != 2 or graph.shape[0] != graph.shape[1]:
        raise ValueError(f"edges: expected a square table of 0 and 1, got shape {graph.shape}")
    backwards = np.argwhere(np.tril(graph))
    if len(backwards):
        j, i = (int(v) for v in backwards[0])
        raise ValueError(
            f"edges: agent {i} hears agent {j}; number the agents so that each one hears earlier ones only"
        )
    return graph
