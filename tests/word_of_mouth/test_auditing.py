"""The audit of a reader's own beliefs."""

from __future__ import annotations

import numpy as np
import pytest

from llma.word_of_mouth import (
    WordOfMouth,
    audit,
    fan,
    flips,
    observation_histories,
    path_counts,
    public_histories,
    vote,
)

SENSOR = [[0.7, 0.3], [0.3, 0.7]]


def counting(counts):
    def claim(history):
        odds = (7 / 3) ** float(np.dot(counts, 2 * np.array(history) - 1))
        return [1 / (1 + odds), odds / (1 + odds)]

    return claim


def test_the_exact_rule_passes_and_the_naive_one_is_caught():
    law = observation_histories(SENSOR, [0.5, 0.5], 4)
    found = audit(counting([1, 1, 1, 1]), law)
    assert found.exact_rule
    assert found.p_admitted == pytest.approx(found.p_wrong)
    naive = path_counts(fan(2))[:, -1]
    found = audit(counting(naive), law)
    assert not found.exact_rule
    assert found.p_admitted == pytest.approx(vote(naive, 0.7).p_admitted)
    assert found.p_admitted < found.p_wrong
    joint = law[found.history]
    assert found.posterior == pytest.approx(joint / joint.sum())
    assert found.gap == pytest.approx(np.abs(found.claimed - found.posterior).max())


@pytest.mark.parametrize("broadcast", ["action", "posterior"])
def test_public_updates_are_exact(broadcast):
    rng = np.random.default_rng(0)
    row = WordOfMouth(
        rng.dirichlet(np.ones(3), size=3),
        rng.uniform(size=(3, 3)),
        3,
        np.eye(3) * 0.7 + 0.1,
        broadcast=broadcast,
    )
    prior = np.array([0.5, 0.3, 0.2])

    def claim(history):
        belief = prior
        for s in history:
            belief = row.update(belief, s)
        return belief

    found = audit(claim, public_histories(row, prior, 3))
    assert found.exact_rule


def test_a_public_that_forgets_the_relays_is_caught():
    row = WordOfMouth(SENSOR, [[0, 1], [1, 0]], 3, flips(0.2), tie="own")
    found = audit(counting([1]), public_histories(row, [0.5, 0.5], 1))
    assert not found.exact_rule
    assert found.p_admitted < found.p_wrong


@pytest.mark.parametrize(
    ("claim", "law", "message"),
    [
        (lambda h: [0.5, 0.6], {(0,): [0.5, 0.5]}, r"claim at \(0,\)"),
        (lambda h: [[0.5, 0.5]], {(0,): [0.5, 0.5]}, "expected one belief"),
        (lambda h: [0.5, 0.5], {(0,): [0.5, 0.4]}, "total probability 0.9"),
        (lambda h: [0.5, 0.5], {}, "total probability"),
        (lambda h: [np.nan, 0.5], {(0,): [0.5, 0.5]}, "finite"),
    ],
)
def test_bad_input_is_named(claim, law, message):
    with pytest.raises(ValueError, match=message):
        audit(claim, law)


def test_too_many_histories_are_refused():
    with pytest.raises(ValueError, match="too many"):
        observation_histories(SENSOR, [0.5, 0.5], 30)
