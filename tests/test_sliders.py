"""Sliders: which stops they accept, and how they clean them."""

import numpy as np
import pytest

from llma.sliders import Slider


def test_slider_values_are_clean_numbers():
    slider = Slider("q", "q", np.linspace(0, 1, 11), start=0.3)
    assert slider.values[3] == 0.3
    assert slider.index == 3
    assert all(type(value) is float for value in slider.values)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a b", "A", [1, 2], 1), "must be the name of an argument"),
        (("a", "A", [1], 1), r"1 stop\(s\); give at least two"),
        (("a", "A", [1, 2], 3), "start 3 is none of the values"),
        (("a", "A", [0.001, 0.002], 0.001), "two stops look the same"),
        (("a", "A", [None, 1], 1), "must be a number or a string, got None"),
    ],
)
def test_bad_sliders_say_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        Slider(*arguments)
