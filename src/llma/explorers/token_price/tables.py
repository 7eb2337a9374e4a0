"""The tables of the chapter: text, short enough for a phone."""

from __future__ import annotations

from collections.abc import Sequence

from llma.experiments import information
from llma.explorers.token_price.observer import GRIDS, ladder, logged_price, seen_on_grid, verdict
from llma.explorers.token_price.readers import (
    PRICE,
    PRIOR,
    READERS,
    TRACK,
    Design,
    data,
    design_a,
    design_b,
    menu,
    plans,
)
from llma.explorers.token_price.sampling import learner_shares
from llma.ribum.costs import cost_levels
from llma.ribum.recovery.reconstruct import max_margin
from llma.ribum.recovery.restrictions import common


def value_table() -> str:
    r"""Return what n tokens are worth: nats and accuracy for an even prior; accuracy in A, and per token.

    >>> print("\n".join(value_table().splitlines()[:3]))
      n   nats   even   in A  a token
      0  0.000  0.500  0.650
      4  0.044  0.617  0.672   0.0055
    """
    offer = menu()
    even, here = offer.values((0.5, 0.5), TRACK), offer.values(PRIOR, TRACK)
    lines = ["  n   nats   even   in A  a token"]
    for n, t in enumerate(offer.tokens):
        nats = float(information((0.5, 0.5), offer.kernels[n]))
        line = f"{t:3.0f}{nats:7.3f}{even[n]:7.3f}{here[n]:7.3f}"
        lines.append(line + (f"{(here[n] - here[n - 1]) / (t - offer.tokens[n - 1]):9.4f}" if n else ""))
    return "\n".join(lines)


def design_table(design: Design, price: float = PRICE) -> str:
    r"""Return what the optimal reader does: P(good), stake, tokens, dollars before and after the bill.

    >>> print("\n".join(design_table(design_a()).splitlines()[:2]))
    m  good  stake   n   value     net
    0  0.35      1   0   0.650   0.650
    """
    lines = ["m  good  stake   n   value     net"]
    for m, plan in enumerate(plans(design, price)):
        t = menu().tokens[plan.chosen]
        line = f"{m}{design.priors[m, 1]:6.2f}{design.stakes[m]:7.0f}{t:4.0f}{plan.value:8.3f}{plan.net:8.3f}"
        lines.append(line)
    return "\n".join(lines)


def readers_table(design: Design, readers: Sequence[str] = READERS, price: float = PRICE) -> str:
    """Return the smallest slacks of the readers, in dollars; a negative one is a violation."""
    lines = ["reader      NIAS    NIAC     NIS"]
    for reader in readers:
        found = verdict(design, data(design, reader, price))
        slacks = (found.switch, found.cycle, found.envy)
        # Rounding noise would show as -0.000.
        lines.append(f"{reader:8}" + "".join(f"{round(value, 6) + 0.0:8.3f}" for value in slacks))
    return "\n".join(lines)


def grid_table(law: str = "linear", grids: Sequence[int] = GRIDS) -> str:
    """Return, for nested grids of stakes, the prices a token and the costs of the longest reading.

    Prices are in cents, costs in dollars. "No" marks an empty interval: no price a token explains the data.

    >>> print(grid_table(grids=(5, 9)))
     M  cents a token  longest reading
     5  1.654  2.075    0.681  1.362
     9  1.862  2.015    0.792  1.120
    """
    lines = [" M  cents a token  longest reading"]
    for m in grids:
        design, chosen, seen = seen_on_grid(m, law)
        price = logged_price(design, chosen, seen)
        ends = f"{100 * price.lower:7.3f}{100 * price.upper:7.3f}"
        lower, upper = cost_levels(seen, design.utility)
        line = f"{m:2d}{'             no' if price.empty else ends + ' '}{lower[-1]:8.3f}{upper[-1]:7.3f}"
        lines.append(line)
    return "\n".join(lines)


def ladder_table() -> str:
    r"""Return what each log refutes, in design A and in design B.

    >>> print("\n".join(ladder_table().splitlines()[:3]))
    reader   choices tokens   menu answers
    design     A  B   A  B   A  B    A  B
    optimal    ok ok  ok ok  ok ok   ok ok
    """
    widths = (7, 7, 7, 8)
    lines = ["reader   choices tokens   menu answers"]
    lines.append(f"{'design':9}" + "".join(f"{'A  B ':>{w}}" for w in widths).rstrip())
    for reader in READERS:
        pairs = zip(ladder(design_a(), reader), ladder(design_b(), reader), strict=True)
        cells = [" ".join("ok" if kept else "--" for kept in pair) for pair in pairs]
        lines.append(f"{reader:9}" + "".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True)))
    return "\n".join(lines)


def free_table(readers: Sequence[str] = READERS) -> str:
    """Return the largest margins in design A: any utility an environment, one utility times known stakes.

    >>> print(free_table(("optimal", "opposite")))
    reader     any   one
    optimal  .0056 .0026
    opposite .0056 .0026
    """
    lines = ["reader     any   one"]
    design = design_a()
    for reader in readers:
        seen = data(design, reader)
        margins = [max_margin(seen, rule).margin for rule in ("free", common(design.stakes))]
        # HiGHS returns a zero margin up to its tolerance.
        lines.append(
            f"{reader:8}" + "".join(f"{round(value, 6) + 0.0:6.4f}"[1:].rjust(6) for value in margins)
        )
    return "\n".join(lines)


def learner_table(sizes: Sequence[int] = (20, 40, 100, 400), n_draws: int = 100, seed: int = 0) -> str:
    """Return how often a reader who has learnt the sensor from few texts violates NIAS or NIAC.

    >>> print(learner_table((400,), n_draws=4).splitlines()[0])
    learnt  fails
    """
    lines = ["learnt  fails"]
    lines += [f"{n:6d}{learner_shares(n, n_draws, seed):7.2f}" for n in sizes]
    return "\n".join(lines)
