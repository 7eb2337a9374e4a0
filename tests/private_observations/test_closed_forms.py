"""Closed forms: their own identities. Parity with the exact law is in `test_law`."""

import numpy as np
import pytest

from llma.private_observations import closed_forms as forms


@pytest.mark.parametrize("p", [0.55, 0.7, 0.9])
def test_an_even_reveal_buys_nothing(p):
    wrong = forms.wrong_after_forced(p, np.arange(0, 31))
    assert wrong[1::2][:15] == pytest.approx(wrong[2::2], abs=1e-12)
    assert wrong[0] == pytest.approx(wrong[1])
    assert (np.diff(wrong[2::2]) < 0).all()


@pytest.mark.parametrize("p", [0.6, 0.7, 0.8])
def test_the_exponent_of_forced_reveals(p):
    beta = 2 * np.sqrt(p * (1 - p))
    assert forms.bhattacharyya([[p, 1 - p], [1 - p, p]]) == pytest.approx(beta)
    reveals = np.arange(2, 120, 2)
    wrong = forms.wrong_after_forced(p, reveals)
    assert (wrong <= 0.5 * beta**reveals).all()
    assert (wrong >= (1 - p) / p * beta**reveals / (2 * (reveals + 1))).all()


@pytest.mark.parametrize("p", [0.6, 0.7, 0.8])
def test_noise_stays_between_the_bounds(p):
    noise = np.linspace(0.001, 0.499, 800)
    wrong = forms.wrong_after_noise(p, noise)
    q = 1 - p
    assert (wrong > q**2 / (p**2 + q**2)).all()
    assert (wrong < q).all()
    assert (np.diff(wrong) < -0.01).any()  # not monotone


def test_jumps():
    for lead in (2, 3, 4, 7):
        d = forms.jump_of_noise(0.7, lead)
        assert forms.lead_of_noise(0.7, [d - 1e-6, d, d + 1e-6]).tolist() == [lead, lead + 1, lead + 1]
        before, after = forms.wrong_after_noise(0.7, [d - 1e-7, d])
        # From the upper end of the range, to r^(1 + 1/lead) on the odds scale.
        assert before == pytest.approx(0.3, abs=1e-5)
        odds = (3 / 7) ** (1 + 1 / lead)
        assert after == pytest.approx(odds / (1 + odds), abs=1e-9)


def test_bad_input_is_refused():
    for call, message in (
        (lambda: forms.wrong_bounds(0.5), "between 0.5 and 1"),
        (lambda: forms.wrong_bounds(0.7, 0), "at least one reading"),
        (lambda: forms.wrong_after_noise(0.7, 0.5), "less than 0.5"),
        (lambda: forms.jump_of_noise(0.7, 1), "at least 2"),
        (lambda: forms.bhattacharyya([[0.5, 0.5]]), "expected 2"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
