"""What a run may cost, and what it has cost.

Prices are yours: they change, and no library knows them. A budget limits calls, tokens, or money. Before a
call is made its largest likely cost is reserved. A call whose reservation does not fit is not made, so that a
limit can be passed only by what calls on their way cost beyond their reservations.

>>> budget = Budget(calls=100, money=0.01, prices=(0.5, 2.0))
>>> budget.reserve(Cost(1, 4_000, 100))
>>> budget.settle(Cost(1, 4_000, 100), Cost(1, 3_000, 10))
>>> print(budget)
1 of 100 calls; 3,000 tokens read and 10 written; 0.00152 of 0.01
>>> budget.room_for(Cost(1, 20_000, 0))
False
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cost:
    """Calls made, tokens read by the model, tokens written by it."""

    calls: int = 0
    read: int = 0
    written: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Add up."""
        return Cost(self.calls + other.calls, self.read + other.read, self.written + other.written)

    def __sub__(self, other: Cost) -> Cost:
        """Take away."""
        return Cost(self.calls - other.calls, self.read - other.read, self.written - other.written)

    def __str__(self) -> str:
        """Return the cost in words."""
        calls = f"{self.calls:,} call{'' if self.calls == 1 else 's'}"
        return f"{calls}; {self.read:,} tokens read and {self.written:,} written"


class BudgetSpentError(RuntimeError):
    """The next call does not fit into the budget. What was answered before is kept."""


@dataclass
class Budget:
    """Limits, and what was spent under them.

    Parameters
    ----------
    calls : int, optional
        Most requests sent, those that failed included.
    tokens : int, optional
        Most tokens, read and written together.
    money : float, optional
        Most money, in the unit of your prices; needs prices.
    prices : (float, float), optional
        Price of a million tokens read, and of a million tokens written.

    Raises
    ------
    ValueError
        When a limit or a price is negative or not finite, or when money has no prices.

    Examples
    --------
    >>> Budget(money=1.0)
    Traceback (most recent call last):
    ...
    ValueError: a limit on money needs prices=(per million tokens read, per million tokens written)
    """

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    prices: tuple[float, float] | None = None
    spent: Cost = field(default=Cost(), init=False)
    reserved: Cost = field(default=Cost(), init=False)

    def __post_init__(self) -> None:
        """Check the limits."""
        if self.money is not None and self.prices is None:
            raise ValueError(
                "a limit on money needs prices=(per million tokens read, per million tokens written)"
            )
        if self.prices is not None and len(self.prices) != 2:
            raise ValueError(f"prices is {self.prices!r}; two are needed, for reading and for writing")
        for name in ("calls", "tokens", "money"):
            limit = getattr(self, name)
            if limit is not None and not (math.isfinite(limit) and limit >= 0):
                raise ValueError(f"{name} is {limit}; a limit is a number from 0 on, or None")
        for price in self.prices or ():
            if not (math.isfinite(price) and price >= 0):
                raise ValueError(f"prices are {self.prices}; each must be a number from 0 on")

    def price(self, cost: Cost) -> float | None:
        """Return what a cost is in money, None without prices."""
        if self.prices is None:
            return None
        return (cost.read * self.prices[0] + cost.written * self.prices[1]) / 1e6

    def lacking(self, cost: Cost, reserved: bool = True) -> str:
        """Name the limit that a further cost would pass, "" if there is none."""
        total = self.spent + cost + (self.reserved if reserved else Cost())
        if self.calls is not None and total.calls > self.calls:
            return f"{self.calls:,} calls"
        if self.tokens is not None and total.read + total.written > self.tokens:
            return f"{self.tokens:,} tokens"
        price = self.price(total)
        if self.money is not None and price is not None and price > self.money:
            return f"{self.money:g} in money"
        return ""

    def room_for(self, cost: Cost) -> bool:
        """Whether a further cost fits, beside what is reserved."""
        return not self.lacking(cost)

    def reserve(self, cost: Cost) -> None:
        """Set a cost aside, before the call."""
        self.reserved += cost

    def settle(self, reserved: Cost, actual: Cost) -> None:
        """Replace a reservation by what the call has cost."""
        self.reserved -= reserved
        self.spent += actual

    def __str__(self) -> str:
        """Return what was spent, beside the limits."""
        spent, limit = self.spent, "" if self.calls is None else f" of {self.calls:,}"
        parts = [f"{spent.calls:,}{limit} calls"]
        parts.append(f"{spent.read:,} tokens read and {spent.written:,} written")
        if self.tokens is not None:
            parts[-1] += f" of {self.tokens:,}"
        price = self.price(spent)
        if price is not None:
            parts.append(f"{price:.3g}" + ("" if self.money is None else f" of {self.money:g}"))
        return "; ".join(parts)
