r"""The solution of the centre's problem: value, regions of belief, thresholds, and the policy.

Theorem (one-sided incentives, no loss from false alarms, a positive one from misses). There is a threshold
:math:`0 < q_T < \underline q`, the lower end of the learning region, such that among the beliefs where agents
herd on 0 it is best to pay if and only if :math:`q \ge q_T`. It lies between the roots of
:math:`P = f q \max\{1, b_1 / (1-\rho)\}` and :math:`P = f q b_1`, where P is the expected cost of the least
revealing incentive, f the loss and :math:`b_1 = p(1 \mid 1)`. The chapter "Paying agents to think" proves it.

Algorithm. The three options are compared at a mesh of log-odds in each of the zones "herd on 0", "learn" and
"herd on 1"; each change of the best option is then located by evaluating 32 beliefs between the neighbours,
again and again. In the case of the theorem the changes below the learning region are one, and nothing can be
missed. In other cases a region that fits between two neighbours of the mesh would be.

>>> from llma.incentives import FusionCentre, IncentivisedAgents
>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
>>> for region in FusionCentre(agents, 1.0, 0.0, 0.9).solve().regions:
...     print(region)
0.0000 to 0.2071: herd on 0
0.2071 to 0.3913: pay for 1
0.3913 to 0.7659: free
0.7659 to 0.7778: buy out 1
0.7778 to 1.0000: herd on 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from llma import checks
from llma.checks import Floats, Ints
from llma.incentives.agents import open_belief
from llma.incentives.recursion import horizon, log_odds_of, options, window

if TYPE_CHECKING:
    from llma.incentives.centre import FusionCentre

NAMES = (
    ("herd on 0", "pay for 1", "buy out 1"),
    ("buy out 0", "free", "buy out 1"),
    ("buy out 0", "pay for 0", "herd on 1"),
)
"""What an option is called where agents herd on 0, where they learn, and where they herd on 1."""

FINER = 32
DOUBLINGS = 40
SAME = 1e-9


@dataclass(frozen=True)
class Region:
    """An interval of public beliefs in state 1 with one best option.

    Attributes
    ----------
    lower, upper : float
        Its ends.
    option : int
        0 leave the agents on action 0, 1 reveal, 2 everybody on action 1.
    zone : int
        0 where agents herd on 0 without pay, 1 where they learn, 2 where they herd on 1.
    """

    lower: float
    upper: float
    option: int
    zone: int

    @property
    def name(self) -> str:
        """What the centre does here, in words."""
        return NAMES[self.zone][self.option]

    def __str__(self) -> str:
        """Return the ends and what is done between them."""
        return f"{self.lower:.4f} to {self.upper:.4f}: {self.name}"


@dataclass(frozen=True, eq=False)
class CentreSolution:
    """What is best for a fusion centre at each public belief.

    Attributes
    ----------
    centre : FusionCentre
        The problem.
    regions : tuple of Region
        From left to right, covering 0 to 1.
    threshold : float or None
        The belief from which on it pays to pay, among those where agents herd on 0.
    reason : str
        Why there is none; empty if there is one.
    threshold_bounds : tuple of float or None
        It is certain that paying is best at the second one, and not best at the first (up to rounding).
    upper_threshold : float or None
        Two-sided incentives: the belief up to which it pays to pay, among those where agents herd on 1.
    error_bound : float
        The true value lies between `value` minus this and `value` (up to rounding).
    steps : int
        Steps of the recursion.
    """

    centre: FusionCentre
    regions: tuple[Region, ...]
    threshold: float | None
    reason: str
    threshold_bounds: tuple[float, float] | None
    upper_threshold: float | None
    error_bound: float
    steps: int

    def options(self, q: ArrayLike) -> Floats:
        """Return the cost of leave, reveal and buy out, each followed by the best policy, shape (..., 3).

        Examples
        --------
        >>> from llma.incentives import FusionCentre, IncentivisedAgents
        >>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
        >>> FusionCentre(agents, 1.0, 0.0, 0.9).solve().options(0.3).round(3)
        array([ 3.   ,  1.775, 17.793])
        """
        belief = open_belief(q)
        table = options(self.centre, log_odds_of(belief.ravel()), self.steps)
        return np.asarray(table.T.reshape(*belief.shape, 3))

    def value(self, q: ArrayLike) -> Floats:
        """Return the least expected discounted cost at public beliefs in state 1, shape of q."""
        return np.asarray(self.options(q).min(axis=-1))

    def option(self, q: ArrayLike) -> Ints:
        """Return the best option at public beliefs in state 1 (0 leave, 1 reveal, 2 buy out), shape of q.

        Where two options tie, the one of the region on the right; at an end of the learning region, the one
        that the tie rule of the agents leaves open.
        """
        ell = log_odds_of(open_belief(q))
        start, end = self.centre.agents.log_odds_ends
        tie = self.centre.agents.tie
        to_start = np.where(np.abs(ell - start) <= SAME, -1.0 if tie == "low" else 1.0, 0.0)
        to_end = np.where(np.abs(ell - end) <= SAME, 1.0 if tie == "high" else -1.0, 0.0)
        moved = expit(ell + 2 * SAME * (to_start + to_end))
        cuts = [region.lower for region in self.regions[1:]]
        best = np.array([region.option for region in self.regions])
        return np.asarray(best[np.searchsorted(cuts, moved, side="right")])

    def incentive(self, q: ArrayLike, slack: float = 0.0) -> Floats:
        """Return the incentive that the best policy posts, shape of q; see `IncentivisedAgents` for signs.

        Where the least incentive is an infimum, `slack` > 0 goes that share of the way to the other type.
        """
        ell = log_odds_of(open_belief(q))
        return self.centre.incentive(self.option(q), ell, slack)


def solve(centre: FusionCentre, tolerance: float, mesh: int, threshold_tolerance: float) -> CentreSolution:
    """Solve the centre's problem; see `FusionCentre.solve`."""
    if mesh < 8 or threshold_tolerance <= 0:
        raise ValueError(
            f"mesh, threshold_tolerance: are {mesh} and {threshold_tolerance}; "
            "expected at least 8 and a positive number"
        )
    wanted = float(checks.real_array(tolerance, "tolerance", ndim=0))
    steps, bound = horizon(centre, wanted)
    low, high = window(centre)
    start, end = centre.agents.log_odds_ends
    cuts = (low, start, end, high)
    ends = (0.0, float(expit(start)), float(expit(end)), 1.0)
    regions: list[Region] = []
    for zone in range(3):
        left, right = cuts[zone], cuts[zone + 1]
        share = max(8, round(mesh * (right - left) / (cuts[3] - cuts[0])))
        grid = np.linspace(left + (2 * SAME if zone else 0.0), right - 2 * SAME, share)
        best = options(centre, grid, steps).argmin(axis=0)
        points = [ends[zone]]
        for k in np.flatnonzero(best[1:] != best[:-1]):
            between = float(grid[k]), float(grid[k + 1])
            points.append(_locate(centre, between, int(best[k]), steps, threshold_tolerance))
        chosen = [int(best[0]), *(int(best[k + 1]) for k in np.flatnonzero(best[1:] != best[:-1]))]
        points.append(ends[zone + 1])
        regions += [
            Region(a, b, option, zone) for a, b, option in zip(points[:-1], points[1:], chosen, strict=True)
        ]
    threshold, reason = _threshold(centre, [r for r in regions if r.zone == 0])
    bounds = None
    if threshold is not None:
        bounds = _certain(centre, threshold, steps, bound, threshold_tolerance)
    above = [r for r in regions if r.zone == 2]
    upper = above[0].upper if len(above) == 2 else None
    return CentreSolution(centre, tuple(regions), threshold, reason, bounds, upper, bound, steps)


def _locate(
    centre: FusionCentre, between: tuple[float, float], option: int, steps: int, tolerance: float
) -> float:
    """Return the belief between two log-odds at which `option` ceases to be best."""
    left, right = between
    while right - left > tolerance:
        grid = np.linspace(left, right, FINER)
        best = options(centre, grid, steps).argmin(axis=0) == option
        k = max(int(np.argmin(best)), 1)
        if grid[k] >= right and grid[k - 1] <= left:
            break
        left, right = float(grid[k - 1]), float(grid[k])
    return float(expit(0.5 * (left + right)))


def _threshold(centre: FusionCentre, below: list[Region]) -> tuple[float | None, str]:
    if centre.miss_cost == 0:
        return None, "a miss costs nothing: agents who herd on 0 are best left alone"
    pays = [region.option != 0 for region in below]
    merged = [flag for k, flag in enumerate(pays) if k == 0 or flag != pays[k - 1]]
    if merged == [False, True]:
        return next(region.lower for region in below if region.option), ""
    if merged == [False]:
        return None, "it is never worth paying agents who herd on 0"
    parts = ", ".join(f"[{r.lower:.5f}, {r.upper:.5f}]" for r in below if r.option)
    return None, f"paying is best on {sum(merged)} separate intervals where agents herd on 0: {parts}"


def _certain(
    centre: FusionCentre, threshold: float, steps: int, bound: float, tolerance: float
) -> tuple[float, float]:
    """Return beliefs at which leaving, and paying, is certainly best, as near as they can be found."""
    here = float(log_odds_of(np.array(threshold)))
    away = np.asarray(tolerance * 2.0 ** np.arange(DOUBLINGS), dtype=np.float64)
    ends = []
    for paying, direction in ((False, -1.0), (True, 1.0)):
        leave, reveal, buy_out = options(centre, here + direction * away, steps)
        least = np.minimum(reveal, buy_out)
        sure = np.flatnonzero(least < leave if paying else least - bound > leave)
        ends.append(float(expit(here + direction * away[sure[0]])) if len(sure) else float(paying))
    return ends[0], ends[1]
