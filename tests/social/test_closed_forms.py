"""Closed forms: the numbers printed in the chapter, order of the tie rules, input checks."""

from __future__ import annotations

import numpy as np
import pytest

from llma.social.closed_forms import (
    expected_agents_before_cascade,
    identity_start_lead,
    no_cascade_probability,
    wrong_cascade_probability,
)


def test_numbers_at_seventy_per_cent():
    """Wrong cascades: .1552 / .2468 / .2468 (.1139 in state 0, .3797 in state 1) / .3000."""
    values = [wrong_cascade_probability(0.7, tie) for tie in ("own", "coin", "low", "follow")]
    np.testing.assert_allclose(values, [0.1552, 0.2468, 0.2468, 0.3], atol=5e-5)
    np.testing.assert_allclose(
        [wrong_cascade_probability(0.7, "low", state) for state in (0, 1)], [0.1139, 0.3797], atol=5e-5
    )


def test_tie_rules_are_ordered_and_matter():
    """The four rules differ by a factor of 1.93 at p = .7; own against coin by 1.59."""
    p = np.linspace(0.501, 0.999, 200)
    own, coin, follow = (wrong_cascade_probability(p, tie) for tie in ("own", "coin", "follow"))
    assert np.all(own < coin)
    assert np.all(coin < follow)
    assert (
        round(float(wrong_cascade_probability(0.7, "follow") / wrong_cascade_probability(0.7, "own")), 2)
        == 1.93
    )
    assert (
        round(float(wrong_cascade_probability(0.7, "coin") / wrong_cascade_probability(0.7, "own")), 2)
        == 1.59
    )


def test_expected_time_is_the_sum_of_survival():
    for tie in ("own", "coin", "low", "follow"):
        for state in (None, 0, 1):
            total = sum(no_cascade_probability(0.6, n, tie, state) for n in range(400))
            np.testing.assert_allclose(total, expected_agents_before_cascade(0.6, tie, state), rtol=1e-12)


def test_identity_start_lead_counts_net_steps():
    np.testing.assert_array_equal(identity_start_lead([0.6, 0.7, 0.8]), 4)


@pytest.mark.parametrize("accuracy", [0.5, 1.0, 0.3, [0.7, 1.2]])
def test_accuracy_out_of_range(accuracy):
    with pytest.raises(ValueError, match=r"accuracy: is .*; expected a number between 0.5 and 1"):
        wrong_cascade_probability(accuracy, "own")


def test_other_input_errors():
    with pytest.raises(ValueError, match="tie: is 'high'"):
        wrong_cascade_probability(0.7, "high")
    with pytest.raises(ValueError, match="state: is 2"):
        wrong_cascade_probability(0.7, "low", 2)
    with pytest.raises(ValueError, match="n_agents: is -1"):
        no_cascade_probability(0.7, -1, "low")
