"""Counting paths: against enumeration of paths and of observations, and the correction."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.word_of_mouth import correction, fan, fan_error, path_counts, vote


def random_graph(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    return np.triu(rng.integers(0, 2, size=(n, n)), 1)


def walk(edges, j, i):
    """Count paths from j to i by following them."""
    return 1 if j == i else sum(walk(edges, int(b), i) for b in np.flatnonzero(edges[j]) if b <= i)


@given(st.integers(0, 10**6))
def test_naive_evidence_counts_paths(seed):
    edges = random_graph(seed)
    counts = path_counts(edges)
    own = np.random.default_rng(seed).normal(size=len(edges))
    evidence = np.zeros(len(edges))
    for i in range(len(edges)):
        evidence[i] = own[i] + edges[:i, i] @ evidence[:i]
        assert counts[0, i] == walk(edges, 0, i)
    np.testing.assert_allclose(evidence, own @ counts, atol=1e-9)


@given(st.integers(0, 10**6))
def test_correction_counts_once(seed):
    edges = random_graph(seed)
    reached = (path_counts(edges) > 0) * 1.0
    for i in range(len(edges)):
        wanted = reached[:i, i]
        solution = np.linalg.solve(reached[:i, :i], wanted) if i else np.zeros(0)
        possible = np.allclose(solution[edges[:i, i] == 0], 0)
        if possible:
            np.testing.assert_allclose(correction(edges, i), solution, atol=1e-9)
        else:
            with pytest.raises(ValueError, match="would have to hear"):
                correction(edges, i)


@pytest.mark.parametrize("counts", [[1, 1, 1], [2, 1, 1, 1], [3, 1, 1, 1, 1], [-1, 1, 2]])
def test_vote_by_enumeration(counts):
    p, wrong, admitted = 0.7, 0.0, 0.0
    for right in product((1, -1), repeat=len(counts)):
        mass = np.prod([p if r == 1 else 1 - p for r in right])
        total = float(np.dot(counts, right))
        wrong += mass * (total < 0) + mass * (total == 0) / 2
        admitted += mass / (1 + (p / (1 - p)) ** abs(total))
    law = vote(counts, p)
    assert (law.p_wrong, law.p_admitted) == pytest.approx((wrong, admitted))


@pytest.mark.parametrize("n", [1, 2, 5, 20])
@pytest.mark.parametrize("p", [0.55, 0.7, 0.95])
def test_counted_once_admits_what_it_should(n, p):
    law = vote([1] * n, p)
    assert law.p_wrong == pytest.approx(law.p_admitted)


@pytest.mark.parametrize("couriers", [1, 2, 3, 10])
@pytest.mark.parametrize("p", [0.55, 0.7, 0.95])
def test_the_fan(couriers, p):
    counts = path_counts(fan(couriers))[:, -1]
    assert counts.tolist() == [couriers] + [1] * (couriers + 1)
    assert vote(counts, p).p_wrong == pytest.approx(float(fan_error(couriers, p)))
    weights = correction(fan(couriers, direct=True), couriers + 1)
    assert weights.tolist() == [1.0 - couriers] + [1.0] * couriers
    if couriers > 1:
        with pytest.raises(ValueError, match=r"hear agents \[0\]"):
            correction(fan(couriers), couriers + 1)
        assert vote(counts, p).p_admitted < vote(counts, p).p_wrong


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: path_counts([[0, 1], [1, 0]]), "agent 0 hears agent 1"),
        (lambda: path_counts([[1]]), "agent 0 hears agent 0"),
        (lambda: path_counts([[0, 2], [0, 0]]), "edges: entry"),
        (lambda: path_counts([[0, 1]]), "square"),
        (lambda: fan(0), "couriers: is 0"),
        (lambda: vote([0.5], 0.7), "list of integers"),
        (lambda: vote([1], 0.5), "accuracy: is 0.5"),
        (lambda: fan_error(0, 0.7), "couriers >= 1"),
        (lambda: correction(fan(2), 4), "agent"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
