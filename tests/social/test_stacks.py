"""The step at stacks of beliefs: shapes, what is refused, and one belief at a time as the yardstick."""

import numpy as np
import pytest

from llma.social import SocialLearning

SENSOR, COST = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]


def test_batches_keep_their_shape():
    model = SocialLearning(SENSOR, COST, "follow")
    beliefs = np.full((3, 4, 2), 0.5)
    assert model.action(beliefs, np.zeros((3, 4), dtype=int), previous=1).shape == (3, 4)
    assert model.public_update(beliefs, 1).shape == (3, 4, 2)
    assert model.decision_rule(beliefs).shape == (3, 4, 2, 2)
    assert model.public_likelihood(beliefs).shape == (3, 4, 2, 2)
    assert model.is_cascade([0.5, 0.5], previous=[0, 1, 0]).shape == (3,)
    assert model.action([0.5, 0.5], [0, 1]).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.public_update([0.8, 0.2], 1), "u: action 1 has probability 0"),
        (lambda m: m.action([0.5, 0.5], 2), "expected an integer in 0..1"),
        (lambda m: m.action([1.0, 0.0], 2), "expected an integer in 0..1"),
        (lambda m: m.is_cascade([0.5, 0.6]), r"belief: is \[0.5, 0.6\] and sums to 1.1"),
        (lambda m: m.is_cascade([0.2, 0.3, 0.5]), "belief: has 3 states; expected 2"),
    ],
)
def test_errors_name_the_culprit(call, message):
    with pytest.raises(ValueError, match=message):
        call(SocialLearning(SENSOR, COST))


def test_impossible_observation_is_named():
    with pytest.raises(ValueError, match="observation 2 has probability 0"):
        SocialLearning([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]], COST).action([1.0, 0.0], 2)


def test_a_stack_is_its_rows():
    model = SocialLearning(SENSOR, COST, "follow")
    rng = np.random.default_rng(0)
    beliefs = np.concatenate([rng.dirichlet(np.ones(2), size=20), [[0.3, 0.7], [0.7, 0.3]]])
    seen, before = (rng.integers(0, 2, len(beliefs)) for _ in range(2))
    acted = model.action(beliefs, seen, before)
    after = model.public_update(beliefs, acted, before)
    for n, (belief, y, previous) in enumerate(zip(beliefs, seen, before, strict=True)):
        assert model.action(belief, y, previous) == acted[n]
        np.testing.assert_array_equal(model.public_update(belief, acted[n], previous), after[n])
        np.testing.assert_array_equal(
            model.decision_rule(belief, previous), model.decision_rule(beliefs, before)[n]
        )
