"""Tables of the chapter as text."""

from __future__ import annotations

from collections.abc import Sequence

from llma.afriat import BudgetData, construct, solve
from llma.explorers.afriat.cases import diary, power_of


def costs_table(data: BudgetData) -> str:
    """Return what each bundle costs at each week's prices.

    >>> from llma.explorers.afriat import OFFICE
    >>> print(costs_table(OFFICE))
               basket 0  basket 1
    prices 0        5.0       4.0
    prices 1        4.0       5.0
    """
    n = data.n_observations
    lines = [" " * 9 + "".join(f"{f'basket {s}':>10}" for s in range(n))]
    lines += [f"prices {t} " + "".join(f"{cost:10.1f}" for cost in data.costs[t]) for t in range(n)]
    return "\n".join(lines)


def slopes_table(sizes: Sequence[int] = (10, 50, 100, 200)) -> str:
    """Return the largest of Afriat's slopes for diaries of some lengths, by proof and by programme."""
    lines = ["   T     proof  programme"]
    for n in sizes:
        data = diary(n)
        lines.append(f"{n:4d}{construct(data).slopes.max():10.0e}{solve(data).slopes.max():11.2f}")
    return "\n".join(lines)


def power_table(sizes: Sequence[int] = (2, 3, 4, 6, 10), spread: float = 0.6) -> str:
    """Return the power of a fan of budgets without growing incomes, and its standard error."""
    lines = [" T   e=1  e=.95   e=.9   s.e."]
    for n in sizes:
        power = power_of(n, spread)
        rates = "".join(f"{power.rate(e):7.3f}" for e in (1.0, 0.95, 0.9))
        error = max(power.standard_error(e) for e in (1.0, 0.95, 0.9))
        lines.append(f"{n:2d}{rates[1:]}{error:7.3f}")
    return "\n".join(lines)
