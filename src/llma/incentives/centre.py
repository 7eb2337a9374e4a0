r"""The fusion centre: what it loses, what it pays, and which of its options is open at a belief.

Model. Before agent k acts, the centre sees the public belief q and posts an incentive. It loses `miss_cost`
when the action is 0 and the state is 1, and `false_alarm_cost` when the action is 1 and the state is 0. It
pays the incentive to every agent (`pay="lump"`) or only when the paid action is played (`pay="action"`).
Costs are discounted by :math:`\rho`. Between two indifference points only the cheapest incentive is of
interest, so there are three options:

* *leave* the agents on action 0 (or pay them for it), and the belief stays for ever;
* *reveal*: pay the least revealing incentive now, and decide again at the new belief;
* *buy out* action 1: pay everybody for it (nothing where they herd on it), and the belief stays for ever.

With one-sided incentives, which is the model of the paper, only action 1 can be paid for. Then agents can be
left on 0 only where they herd on 0, and made to reveal only where they do not herd on 1.

Beliefs are handled as log-odds, in which an observation is a shift. A belief counts as an end of the
learning region within 1e-9, and the tie rule says what happens there.

>>> from llma.incentives.agents import IncentivisedAgents
>>> agents = IncentivisedAgents([[0.7, 0.3], [0.3, 0.7]], (1, 1), cost_gap=0.2, incentive_gap=0.5)
>>> solution = FusionCentre(agents, miss_cost=1.0, false_alarm_cost=0.0, discount=0.9).solve()
>>> round(solution.threshold, 4), round(float(solution.value(0.45)), 4)
(0.2071, 1.3115)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from llma import checks
from llma.checks import Floats
from llma.incentives.agents import IncentivisedAgents

if TYPE_CHECKING:
    from llma.incentives.solution import CentreSolution

PAY = ("lump", "action")
SAME_BELIEF = 1e-9
"""Log-odds closer than this to an end of the learning region are at the end."""


@dataclass(frozen=True, eq=False)
class FusionCentre:
    """Somebody who pays agents to think, and bears the cost of their errors.

    Parameters
    ----------
    agents : IncentivisedAgents
        Those who are paid.
    miss_cost : float
        Loss when the action is 0 and the state is 1, at least 0.
    false_alarm_cost : float
        Loss when the action is 1 and the state is 0, at least 0.
    discount : float
        Between 0 and 1 (1 excluded).
    pay : {"lump", "action"}
        Whether the incentive is paid to every agent, or only when the paid action is played.
    two_sided : bool
        Whether action 0 can be paid for too.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    agents: IncentivisedAgents
    miss_cost: float
    false_alarm_cost: float
    discount: float
    pay: str = "lump"
    two_sided: bool = False

    def __post_init__(self) -> None:
        """Check every number."""
        if not isinstance(self.agents, IncentivisedAgents):
            raise ValueError(f"agents: expected IncentivisedAgents, got {type(self.agents).__name__}")
        for name in ("miss_cost", "false_alarm_cost"):
            loss = float(checks.real_array(getattr(self, name), name, ndim=0))
            if loss < 0:
                raise ValueError(f"{name}: is {loss:.6g}; expected a number of at least 0")
            object.__setattr__(self, name, loss)
        object.__setattr__(self, "discount", checks.discount(self.discount))
        checks.one_of(self.pay, "pay", PAY)

    def solve(
        self, tolerance: float = 1e-9, mesh: int = 512, threshold_tolerance: float = 1e-10
    ) -> CentreSolution:
        """Return value, regions and threshold; see `llma.incentives.solution`.

        Parameters
        ----------
        tolerance : float
            Error of the value that is allowed, in units of cost; at least 1e-13.
        mesh : int
            The best option is evaluated at this many beliefs, evenly spaced in log-odds, and each change
            between neighbours is located. A region that falls between two neighbours is missed.
        threshold_tolerance : float
            Width in log-odds to which a change is located.

        Returns
        -------
        CentreSolution
        """
        from llma.incentives.solution import solve  # noqa: PLC0415  (solution imports this module)

        return solve(self, tolerance, mesh, threshold_tolerance)

    def stage(self, log_odds: ArrayLike) -> tuple[Floats, Floats, Floats]:
        r"""Return the costs of the three options at these log-odds of state 1, each of their shape.

        Returns
        -------
        leave : ndarray
            Total cost, for ever, of everybody on action 0; inf where that cannot be had.
        reveal : ndarray
            Cost of *this* step if the action reveals the observation; inf where that cannot be had.
        buy_out : ndarray
            Total cost, for ever, of everybody on action 1.
        """
        ell = np.asarray(log_odds, dtype=np.float64)
        agents, discount = self.agents, self.discount
        q, doubt = expit(ell), expit(-ell)
        b = agents.likelihood[:, 1]
        yes = b[1] * q + b[0] * doubt
        low, high = self._indifference(q, doubt)
        start, end = (np.sign(np.where(np.abs(gap) <= SAME_BELIEF, 0.0, gap)) for gap in self._gaps(ell))
        herd_0 = (start < 0) | ((start == 0) & (agents.tie == "low"))
        herd_1 = (end > 0) | ((end == 0) & (agents.tie == "high"))
        by_action = self.pay == "action"
        reveal = self.miss_cost * q * (1 - b[1]) + self.false_alarm_cost * doubt * b[0]
        reveal = reveal + np.maximum(high, 0.0) * (yes if by_action else 1.0)
        leave = self.miss_cost * q
        if self.two_sided:
            reveal = reveal + np.maximum(-low, 0.0) * ((1 - yes) if by_action else 1.0)
            leave = leave + np.maximum(-high, 0.0)
        else:
            reveal = np.where(herd_1, np.inf, reveal)
            leave = np.where(herd_0, leave, np.inf)
        buy_out = self.false_alarm_cost * doubt + np.maximum(low, 0.0)
        return leave / (1 - discount), np.asarray(reveal), buy_out / (1 - discount)

    def incentive(self, option: ArrayLike, log_odds: ArrayLike, slack: float = 0.0) -> Floats:
        """Return the incentive that option 0 (leave), 1 (reveal) or 2 (buy out) posts at these log-odds."""
        q = expit(np.asarray(log_odds, dtype=np.float64))
        choice = checks.indices(option, "option", 3)
        agents = self.agents
        posted = (
            agents.buy_out_incentive(q, 0),
            agents.reveal_incentive(q, slack),
            agents.buy_out_incentive(q, 1),
        )
        return np.asarray(np.choose(choice, posted))

    def _gaps(self, ell: Floats) -> tuple[Floats, Floats]:
        start, end = self.agents.log_odds_ends
        return np.asarray(ell - start), np.asarray(ell - end)

    def _indifference(self, q: Floats, doubt: Floats) -> tuple[Floats, Floats]:
        """Return g(q, 0) and g(q, 1); written with 1 - q given, which stays exact near certainty."""
        agents = self.agents
        out = []
        for y in (0, 1):
            low, high = doubt * agents.likelihood[0, y], q * agents.likelihood[1, y]
            regret = (agents.regrets[0] * low - agents.regrets[1] * high) / (low + high)
            out.append((regret + agents.cost_gap) / agents.incentive_gap)
        return np.asarray(out[0]), np.asarray(out[1])
