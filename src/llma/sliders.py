"""Sliders: named parameters with finitely many stops.

An explorer is evaluated at every combination of stops while the book is built, so stops are few, known in
advance and clean: numbers are rounded to ten decimals, and no two look the same to the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Stop = float | int | str


@dataclass(frozen=True)
class Slider:
    """One parameter and the stops it may take.

    Parameters
    ----------
    name : str
        The argument of the function.
    label : str
        What the reader sees, with the unit.
    values : sequence of numbers, or of strings
        The stops, at least two. Numbers are rounded to ten decimals, so ``np.linspace`` gives clean stops.
    start : number or str
        One of `values`.
    fmt : str
        How a number is shown; a string is shown as it is. Two stops must not look the same.

    Raises
    ------
    ValueError
        If there are fewer than two stops, if `start` is none of them, or if two look alike.

    Examples
    --------
    >>> Slider("prior", "Prior", np.linspace(0.1, 0.9, 9), start=0.3).texts[:3]
    ('0.10', '0.20', '0.30')
    >>> Slider("tie", "Tie rule", ["low", "own", "coin"], start="own").index
    1
    >>> Slider("cost", "Cost", [0.001, 0.002], start=0.001)
    Traceback (most recent call last):
    ...
    ValueError: slider 'cost': two stops look the same ('0.00'); give a finer fmt
    """

    name: str
    label: str
    values: Sequence[Stop] | NDArray[Any]
    start: Stop
    fmt: str = "{:.2f}"

    def __post_init__(self) -> None:
        """Check the stops."""
        if not self.name.isidentifier():
            raise ValueError(f"slider {self.name!r}: the name must be the name of an argument")
        stops = tuple(_stop(value) for value in self.values)
        object.__setattr__(self, "values", stops)
        if len(stops) < 2:
            raise ValueError(f"slider {self.name!r}: {len(stops)} stop(s); give at least two values")
        if _stop(self.start) not in stops:
            raise ValueError(f"slider {self.name!r}: start {self.start!r} is none of the values {stops}")
        twice = [text for k, text in enumerate(self.texts) if text in self.texts[:k]]
        if twice:
            raise ValueError(
                f"slider {self.name!r}: two stops look the same ({twice[0]!r}); give a finer fmt"
            )

    @property
    def texts(self) -> tuple[str, ...]:
        """The stops as shown."""
        return tuple(value if isinstance(value, str) else self.fmt.format(value) for value in self.values)

    @property
    def index(self) -> int:
        """The place of `start` among the stops."""
        return list(self.values).index(_stop(self.start))


def _stop(value: Any) -> Stop:
    """Return a slider value as a plain number or string."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return round(value, 10)
    if isinstance(value, int | str):
        return value
    raise ValueError(f"a slider's value must be a number or a string, got {value!r}")
