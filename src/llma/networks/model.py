"""The model: a network, a sensor and a cost for every agent, a tie rule. Its methods delegate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.networks.exact import MAX_HISTORIES, NetworkLaw, exact
from llma.networks.graph import Network
from llma.networks.sample import NetworkPaths, SampledLaw, draw, sample
from llma.social import SocialLearning

KINDS = ("bayes", "naive")


@dataclass(frozen=True, eq=False)
class NetworkLearning:
    """Agents who act in turn, each on its own observation and on the actions of those it sees.

    Parameters
    ----------
    network : Network
        Who sees whom; known to all.
    likelihood : array_like, shape (X, Y), or a list with one table an agent
        p(y given x) of the private observations. Agents may have different numbers of observations.
    cost : array_like, shape (X, U), or a list with one table an agent
        Cost of action u in state x.
    tie : {"low", "own", "coin", "follow"}
        As in `SocialLearning`. The "predecessor" of "follow" is the latest agent that the agent sees.
    transition : array_like, shape (X, X), optional
        If given, the state moves by this chain between one agent and the next; each agent observes, and
        pays for, the state of its own time.
    kind : {"bayes", "naive"}
        "bayes" agents use Bayes' rule, knowing network, sensors and costs, and integrate over the actions
        that they do not see. "naive" agents take each action that they see for independent, as if the other
        agent had acted on its own reading alone, and multiply; an action to which no reading alone would
        lead says nothing to them. They need positive likelihoods, and a state that does not move.

    Raises
    ------
    ValueError
        If the tables do not fit each other or the network.

    Examples
    --------
    On a line everybody sees one agent only. With the rule "low" that is nearly as good as seeing all.

    >>> from llma.networks import complete, line
    >>> sensor, cost = [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]]
    >>> for network in (line(40), complete(40)):
    ...     law = NetworkLearning(network, sensor, cost).exact([0.5, 0.5])
    ...     print(law.error[[0, 1, 2, 39]].round(4))
    [0.3    0.3    0.258  0.2468]
    [0.3    0.3    0.258  0.2468]
    """

    network: Network
    agents: tuple[SocialLearning, ...] = field(repr=False)
    transition: Floats | None = field(repr=False)
    kind: str

    def __init__(
        self,
        network: Network,
        likelihood: ArrayLike | Sequence[ArrayLike],
        cost: ArrayLike | Sequence[ArrayLike],
        tie: str = "low",
        *,
        transition: ArrayLike | None = None,
        kind: str = "bayes",
    ) -> None:
        checks.one_of(kind, "kind", KINDS)
        tables = _per_agent(likelihood, "likelihood", network.n_agents)
        costs = _per_agent(cost, "cost", network.n_agents)
        made: dict[tuple[int, int], SocialLearning] = {}
        agents = []
        for n, (table, price) in enumerate(zip(tables, costs, strict=True)):
            key = (id(table), id(price))
            if key not in made:
                try:
                    made[key] = SocialLearning(table, price, tie=tie)
                except ValueError as error:
                    raise ValueError(f"agent {n}: {error}") from None
            agents.append(made[key])
        for name in ("n_states", "n_actions"):
            sizes = [getattr(agent, name) for agent in agents]
            odd = next((n for n, size in enumerate(sizes) if size != sizes[0]), None)
            if odd is not None:
                what = name.removeprefix("n_")
                raise ValueError(f"agent {odd}: has {sizes[odd]} {what}, agent 0 has {sizes[0]}")
        matrix = None
        if transition is not None:
            matrix = checks.stochastic_matrix(transition, "transition", agents[0].n_states, square=True)
        if kind == "naive":
            zero = next((n for n, agent in enumerate(agents) if not agent.all_possible), None)
            if zero is not None:
                raise ValueError(f"agent {zero}: naive agents need a likelihood without zeros; smooth it")
            if matrix is not None:
                raise ValueError("transition: naive agents are defined for a state that does not move")
        for name, value in {
            "network": network,
            "agents": tuple(agents),
            "transition": matrix,
            "kind": kind,
        }.items():
            object.__setattr__(self, name, value)

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return self.network.n_agents

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return self.agents[0].n_states

    @property
    def n_actions(self) -> int:
        """Number of actions U."""
        return self.agents[0].n_actions

    def exact(self, prior: ArrayLike, max_histories: int = MAX_HISTORIES) -> NetworkLaw:
        """Return the law of all actions, without sampling.

        Parameters
        ----------
        prior : array_like, shape (X,)
            Law of the first state, known to all; every entry positive.
        max_histories : int
            So many histories (of actions still to be seen) are kept at most.

        Returns
        -------
        NetworkLaw

        Raises
        ------
        ValueError
            If there are more histories: use `sample`.
        """
        return exact(self, prior, max_histories)

    def simulate(
        self, prior: ArrayLike, n_paths: int, rng: np.random.Generator, state: int | None = None
    ) -> NetworkPaths:
        """Return independent runs in which every decision is exact; needs `exact` to be possible.

        Parameters
        ----------
        prior : array_like, shape (X,)
            Law of the first state.
        n_paths : int
            Number of runs.
        rng : numpy.random.Generator
            Source of all randomness.
        state : int, optional
            First state of every run; drawn from the prior if it is not given.

        Returns
        -------
        NetworkPaths

        Examples
        --------
        >>> from llma.networks import line
        >>> model = NetworkLearning(line(5), [[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]], tie="follow")
        >>> runs = model.simulate([0.5, 0.5], 1000, np.random.default_rng(1))
        >>> bool((runs.actions == runs.actions[:, :1]).all())
        True
        """
        return draw(self, exact(self, prior), n_paths, rng, state)

    def sample(self, prior: ArrayLike, n_paths: int, rng: np.random.Generator) -> SampledLaw:
        """Return error probabilities by simulation, for networks that `exact` cannot do.

        Parameters
        ----------
        prior : array_like, shape (X,)
            Law of the first state.
        n_paths : int
            Runs from which the agents' decisions are learned, and as many fresh ones for the errors.
        rng : numpy.random.Generator
            Source of all randomness.

        Returns
        -------
        SampledLaw
        """
        return sample(self, prior, n_paths, rng)


def _per_agent(given: Any, name: str, n_agents: int) -> list[Any]:
    """Return one table an agent; a single table is everybody's, and stays one object."""
    rows = list(given) if isinstance(given, Sequence | np.ndarray) else []
    if not rows or not all(_is_table(row) for row in rows):
        return [given] * n_agents
    if len(rows) != n_agents:
        raise ValueError(f"{name}: {len(rows)} tables for {n_agents} agents; give one, or one an agent")
    return rows


def _is_table(row: Any) -> bool:
    try:
        return np.ndim(row) == 2
    except ValueError:  # rows of different lengths: the validators will say so
        return False
