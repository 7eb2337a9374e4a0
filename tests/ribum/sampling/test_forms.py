"""Forms in words."""

import numpy as np

from llma.ribum.sampling.forms import LinearForm, Violation
from llma.ribum.sampling.polytope import Polytope


def test_sentences():
    switch = Polytope([[0.5, 0.5]], np.eye(2)).worst([[[0.2, 0.8], [0.5, 0.5]]])
    assert str(switch[0]) == "environment 0: action 0 instead of 1: utility changes by +0.15"
    cycle = LinearForm((0, 4, 1, 3), ((0, 1),) * 4, np.zeros((5, 2, 2)))
    assert str(cycle) == ("environment 0 takes the attention of 4, 4 that of 1, 1 that of 3, and 3 that of 0")
    turned = LinearForm((1, 0), ((1, 0), (0, 1)), np.zeros((2, 2, 2)))
    assert str(turned) == (
        "environment 1 takes the attention of 0 (doing 1 after 0, 0 after 1), and 0 that of 1"
    )
    both = LinearForm((2,), ((1, 0),), np.zeros((3, 2, 2)))
    assert str(both) == "environment 2: action 1 instead of 0, action 0 instead of 1"


def test_values_of_stacks_and_units_in_the_sentence():
    envy = LinearForm((0, 1), ((0, 1),), np.arange(8.0).reshape(2, 2, 2), envy=True)
    np.testing.assert_allclose(envy.value(np.ones((3, 2, 2, 2))), [28, 28, 28])
    assert str(Violation(envy, -0.25, 0.1)) == (
        "environment 0 takes the attention of 1: utility changes by +0.25 (s.e. 0.1)"
    )
