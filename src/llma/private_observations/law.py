r"""The exact law of a crowd with two states: reveals, a channel, and no sampling.

Algorithm. As in `llma.social.exact`: the public log-odds are carried by finitely many points, propagated
agent by agent given each state. The points are those of `llma.private_observations.lattice`. Two things
differ.

* A belief in a cascade is not an end. A reveal may lead out of it, so all points are carried along.
* From each point there are two kinds of moves. With probability :math:`1-\varepsilon_k` the agent listens
  and the public hears v: the increment is :math:`\ln R'_v(1)/R'_v(0)`. With probability
  :math:`\varepsilon_k` it reveals y: the increment is :math:`\ln B_{1y}/B_{0y}`.

The mass moves by the true law of the observations, the points by the likelihood that the crowd believes in.
As a rule they are the same.

Error. As there: `error_bound` is the mass dropped (points below `prune` in both states, or beyond
`max_points`) plus an allowance for rounding. It holds for the tables of probabilities, not for
`mean_log_odds`.

Reference. The dynamic programme over the lead of a random walk, in Bikhchandani, Hirshleifer and Welch,
Journal of Political Economy 100, 1992; the lattice is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats
from llma.private_observations.lattice import Points
from llma.social.exact import arrivals, on_wrong, start_of, worth_keeping

if TYPE_CHECKING:
    from llma.private_observations.crowd import Crowd


@dataclass(frozen=True, eq=False)
class CrowdLaw:
    """The law of a crowd given each of two states.

    Attributes
    ----------
    p_cascade_on : ndarray, shape (n, 2, U)
        Entry [k, x, u]: the probability, given x, that the public belief before agent k is a cascade, times
        that of action u there. (Agent k plays u if it does not reveal.)
    p_listener : ndarray, shape (n, 2, U)
        Entry [k, x, u]: the probability, given x, that agent k plays u if it does not reveal.
    p_action : ndarray, shape (n, 2, U)
        The same, whether it reveals or not.
    mean_log_odds : ndarray, shape (n, 2)
        Mean, given x, of the public log-odds before agent k, over the mass that is not dropped.
    reveal : ndarray, shape (n,)
        The schedule.
    optimal : ndarray of bool, shape (2, U)
        Which actions have the least cost in each state; the others are wrong there.
    error_bound : float
        No entry of the tables of probabilities, and no sum of entries for one k and x, is off by more.
    n_points : int
        Distinct public beliefs met.
    """

    p_cascade_on: Floats
    p_listener: Floats
    p_action: Floats
    mean_log_odds: Floats
    reveal: Floats
    optimal: NDArray[np.bool_]
    error_bound: float
    n_points: int

    @property
    def p_cascade_by(self) -> Floats:
        """Probability, given x, that the belief before agent k is a cascade, shape (n, 2)."""
        return np.asarray(self.p_cascade_on.sum(axis=2))

    @property
    def p_wrong_cascade_by(self) -> Floats:
        """Probability, given x, that it is a cascade on a wrong action, shape (n, 2)."""
        return on_wrong(self.p_cascade_on, self.optimal)

    @property
    def p_wrong_listener(self) -> Floats:
        """Probability, given x, that agent k plays a wrong action if it does not reveal, shape (n, 2)."""
        return on_wrong(self.p_listener, self.optimal)

    @property
    def p_wrong_action(self) -> Floats:
        """Probability, given x, that agent k plays a wrong action, shape (n, 2)."""
        return on_wrong(self.p_action, self.optimal)


def schedule(reveal: ArrayLike, n_agents: int) -> Floats:
    """Return the chances of revealing, one an agent, shape (n_agents,)."""
    chances = checks.probabilities(reveal, "reveal")
    if chances.shape not in {(), (n_agents,)}:
        raise ValueError(
            f"reveal: has shape {chances.shape}; expected one number, or {n_agents} of them, one an agent"
        )
    return np.broadcast_to(chances, n_agents).copy()


def true_law(crowd: Crowd, truth: ArrayLike | None) -> Floats:
    """Return the law of the observations, shape (X, Y)."""
    believed = crowd.social.likelihood
    if truth is None:
        return believed
    table = checks.stochastic_matrix(truth, "truth", n_rows=believed.shape[0])
    if table.shape != believed.shape:
        raise ValueError(
            f"truth: has {table.shape[1]} columns; expected {believed.shape[1]}, as the likelihood"
        )
    surprise = (table > 0) & (believed == 0)
    if surprise.any():
        x, y = np.argwhere(surprise)[0]
        raise ValueError(
            f"truth: entry ({x}, {y}) is {table[x, y]:.12g}, but the crowd thinks observation {y} "
            f"impossible in state {x}; give it a positive likelihood"
        )
    return table


def exact(
    crowd: Crowd,
    prior: ArrayLike,
    n_agents: int,
    *,
    reveal: ArrayLike = 0.0,
    truth: ArrayLike | None = None,
    prune: float = 1e-15,
    max_points: int = 5000,
) -> CrowdLaw:
    """Return the law of a crowd for two states; see `Crowd.exact`."""
    social = crowd.social
    start = start_of(social, prior, n_agents, prune, max_points)
    chances, observed = schedule(reveal, n_agents), true_law(crowd, truth)
    alone = np.einsum("xy,yu->xu", observed, social.decision_rule(start))
    points = Points(crowd, start, observed, n_agents)
    here: NDArray[np.intp] = np.zeros(1, dtype=np.intp)
    mass: Floats = np.ones((1, 2))
    shape = (n_agents, 2, social.n_actions)
    cascade_on, listener = np.empty(shape), np.empty(shape)
    mean, dropped, most = np.empty((n_agents, 2)), np.zeros(2), 1
    for k, chance in enumerate(chances):
        points.expand(here)
        mean[k] = _mean(points.log_odds[here], mass)
        plays = mass[:, :, None] * points.actions[here]  # (points, X, U)
        listener[k] = plays.sum(axis=0)
        cascade_on[k] = plays[points.cascade[here]].sum(axis=0)
        child, flow = points.heard[here], (1 - chance) * mass[:, :, None] * points.hears[here]
        if chance > 0:
            child = np.concatenate([child, points.shown[here]], axis=1)
            flow = np.concatenate([flow, chance * mass[:, :, None] * observed], axis=2)
        arrived = arrivals(child, flow, points.size)
        kept = worth_keeping(arrived, prune, max_points)
        dropped += arrived[~kept].sum(axis=0)
        here, mass = np.flatnonzero(kept), arrived[kept]
        most = max(most, len(here))
    weight = chances[:, None, None]
    operations = n_agents * ((social.n_actions + crowd.channel.shape[1]) * most + 2 * observed.shape[1] + 8)
    return CrowdLaw(
        p_cascade_on=cascade_on,
        p_listener=listener,
        p_action=(1 - weight) * listener + weight * alone,
        mean_log_odds=mean,
        reveal=chances,
        optimal=social.regret == 0,
        error_bound=float(dropped.max() + operations * np.finfo(np.float64).eps),
        n_points=points.size,
    )


def _mean(log_odds: Floats, mass: Floats) -> Floats:
    """Return the mean log-odds in each state, shape (2,); certainty counts where it has mass only."""
    terms = np.zeros_like(mass)
    np.multiply(log_odds[:, None], mass, out=terms, where=mass > 0)
    return np.asarray(terms.sum(axis=0) / mass.sum(axis=0))
