r"""One round of word of mouth: a witness sees, a row of agents passes it on, the last one speaks to all.

Model. Everybody starts the round with the public belief :math:`\pi`. Agent 0, the witness, draws an
observation from :math:`B_{x\cdot}`. Agent i > 0 hears a message z of agent i - 1: the action a of that agent,
sent through a relay :math:`M_i(a, z)`. Each agent combines :math:`\pi` with what it received and plays an
action of least expected cost. What the last agent broadcasts, everybody makes the next public belief.

Law of a round. Let :math:`H_i(x, z)` be the probability that agent i receives z in state x, and
:math:`A_i(x, a)` the probability that it plays a. Then :math:`H_0 = B` and

.. math:: A_i(x, a) &= \sum_z H_i(x, z)\, f_i(a \mid z), \\
          H_{i+1}(x, z) &= \sum_a A_i(x, a)\, M_{i+1}(a, z),

where :math:`f_i` is the decision rule of agent i at :math:`\pi`. Everything depends on :math:`\pi`, because
:math:`f_i` does.

Two protocols. ``broadcast="action"``: the last agent's action becomes public, with likelihood
:math:`A_{N-1}`. ``broadcast="posterior"``: its posterior does, which tells what it received, with likelihood
:math:`H_{N-1}`. The two have different laws: with the posterior of the witness alone (N = 1) there is never a
cascade.

Blind rounds. A round is *blind* at :math:`\pi` if what is broadcast has the same law in every state of
positive probability. The state does not move, so the belief is then frozen, and every later round is blind.

Decisions and ties are those of `llma.social.SocialLearning`: each agent is one, with likelihood
:math:`H_i`.

>>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], n_agents=3, relay=flips(0.1), tie="own")
>>> row.round([0.5, 0.5]).broadcast.round(3)
array([[0.692, 0.308],
       [0.308, 0.692]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.social import SocialLearning

BROADCASTS = ("action", "posterior")
TIES = ("low", "own", "coin")
BLIND = 1e-12
"""A broadcast whose likelihoods agree within this factor in all states says nothing."""


def flips(noise: float) -> Floats:
    """Return the binary symmetric relay: each message is turned round with probability `noise`.

    >>> flips(0.1)
    array([[0.9, 0.1],
           [0.1, 0.9]])
    """
    d = float(checks.probabilities(noise, "noise"))
    return np.array([[1 - d, d], [d, 1 - d]])


@dataclass(frozen=True, eq=False)
class Round:
    """What can happen in one round at one public belief.

    Attributes
    ----------
    messages : tuple of ndarray, each of shape (X, Z)
        Entry i: the probability, given the state, of what agent i receives; the likelihood B for i = 0.
    rules : tuple of ndarray, each of shape (Z, U)
        Entry i: the probability of each action of agent i after each message.
    actions : tuple of ndarray, each of shape (X, U)
        Entry i: the probability of each action of agent i given the state.
    broadcast : ndarray, shape (X, S)
        Likelihood of what becomes public: actions of the last agent, or what it received.
    blind : bool
        Whether what becomes public has the same law in every state of positive probability.
    """

    messages: tuple[Floats, ...]
    rules: tuple[Floats, ...]
    actions: tuple[Floats, ...]
    broadcast: Floats
    blind: bool


@dataclass(frozen=True, eq=False, init=False)
class WordOfMouth:
    """A row of agents of whom only the first one sees anything.

    Parameters
    ----------
    likelihood : array_like, shape (X, Y)
        p(y given x) of the witness.
    cost : array_like, shape (X, U) or (N, X, U)
        Cost of action u in state x, common to all, or one table an agent.
    n_agents : int
        Length N of the row.
    relay : array_like, shape (U, Z) or (N - 1, U, Z), optional
        Probability that the next agent hears z when the action is a; one relay for all hops, or one a hop.
        None: messages arrive unchanged.
    broadcast : {"action", "posterior"}
        What the last agent tells everybody.
    tie : {"low", "own", "coin"}
        What an agent does when two actions are equally good, as in `llma.social.SocialLearning`. "own" is
        the action which what it received speaks for. "own" and "coin" need two states, two actions and two
        possible messages.

    Raises
    ------
    ValueError
        If the tables do not fit each other, or the tie rule does not fit them.

    Examples
    --------
    >>> row = WordOfMouth([[0.8, 0.2], [0.2, 0.8]], [[0, 1], [1, 0]], 2, flips(0.1), tie="own")
    >>> row.update([0.5, 0.5], 1).round(2)
    array([0.26, 0.74])
    >>> row.is_blind([0.2, 0.8])
    True
    """

    likelihood: Floats
    cost: Floats
    relay: Floats
    broadcast: str
    tie: str

    def __init__(
        self,
        likelihood: ArrayLike,
        cost: ArrayLike,
        n_agents: int,
        relay: ArrayLike | None = None,
        *,
        broadcast: str = "action",
        tie: str = "low",
    ) -> None:
        table = checks.stochastic_matrix(likelihood, "likelihood")
        if int(n_agents) != n_agents or n_agents < 1:
            raise ValueError(f"n_agents: is {n_agents}; expected an integer, 1 or more")
        n = int(n_agents)
        raw = checks.real_array(cost, "cost")
        if raw.ndim == 3 and len(raw) != n:
            raise ValueError(f"cost: has {len(raw)} tables; expected one (X, U) table or {n}, one an agent")
        each = raw if raw.ndim == 3 else [raw]
        costs = np.stack(
            [checks.cost_matrix(c, f"cost of agent {i}", len(table)) for i, c in enumerate(each)]
        )
        channels = _relays(relay, n, costs.shape[2])
        checks.one_of(broadcast, "broadcast", BROADCASTS)
        checks.one_of(tie, "tie", TIES)
        if tie != "low" and (*table.shape, costs.shape[2], channels.shape[2]) != (2, 2, 2, 2):
            raise ValueError(
                f"tie: {tie!r} needs two states, two actions and two messages at each hop; use 'low'"
            )
        values = {
            "likelihood": table,
            "cost": np.broadcast_to(costs, (n, *costs.shape[1:])).copy(),
            "relay": channels,
            "broadcast": broadcast,
            "tie": tie,
        }
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def n_agents(self) -> int:
        """Length N of the row."""
        return len(self.cost)

    @property
    def n_states(self) -> int:
        """Number of states X."""
        return len(self.likelihood)

    @property
    def n_actions(self) -> int:
        """Number of actions U."""
        return int(self.cost.shape[2])

    @property
    def common_cost(self) -> bool:
        """Whether all agents have the same costs."""
        return bool((self.cost == self.cost[0]).all())

    def round(self, belief: ArrayLike) -> Round:
        """Return what can happen in a round that starts from one public belief, shape (X,)."""
        start = checks.belief(belief, "belief", self.n_states)
        if start.ndim != 1:
            raise ValueError(f"belief: expected one belief of shape ({self.n_states},), got {start.shape}")
        messages, rules, actions = [self.likelihood], [], []
        for i in range(self.n_agents):
            agent = SocialLearning(messages[i], self.cost[i], self.tie)
            rules.append(agent.decision_rule(start))
            actions.append(agent.public_likelihood(start))
            if i + 1 < self.n_agents:
                messages.append(actions[i] @ self.relay[i])
        public = actions[-1] if self.broadcast == "action" else messages[-1]
        seen = public[start > 0]
        blind = bool((np.ptp(seen, axis=0) <= BLIND * seen.max(axis=0)).all())
        return Round(tuple(messages), tuple(rules), tuple(actions), public, blind)

    def is_blind(self, belief: ArrayLike) -> bool:
        """Return whether a round at this belief tells the public nothing."""
        return self.round(belief).blind

    def update(self, belief: ArrayLike, signal: int) -> Floats:
        """Return the public belief after a broadcast, shape (X,).

        Parameters
        ----------
        belief : array_like, shape (X,)
            Public belief before the round.
        signal : int
            The last agent's action; with ``broadcast="posterior"`` the index of what it received.

        Raises
        ------
        ValueError
            If the broadcast has probability zero.
        """
        start = checks.belief(belief, "belief", self.n_states)
        now = self.round(start)
        s = int(checks.indices(signal, "signal", now.broadcast.shape[1]))
        joint = start * now.broadcast[:, s]
        if joint.sum() == 0:
            raise ValueError(f"signal: {s} has probability 0 at belief {start.tolist()}")
        return start if now.blind else joint / joint.sum()


def _relays(relay: ArrayLike | None, n_agents: int, n_actions: int) -> Floats:
    if relay is None:
        return np.broadcast_to(np.eye(n_actions), (n_agents - 1, n_actions, n_actions)).copy()
    raw = checks.real_array(relay, "relay")
    if raw.ndim not in {2, 3} or (raw.ndim == 3 and len(raw) != n_agents - 1):
        raise ValueError(
            f"relay: has shape {raw.shape}; expected (U, Z), or ({n_agents - 1}, U, Z) with one table a hop"
        )
    each = raw if raw.ndim == 3 else raw[None]
    for i, table in enumerate(each):
        checks.stochastic_matrix(table, f"relay {i}")
        if table.shape[0] != n_actions:
            raise ValueError(f"relay {i}: has {table.shape[0]} rows; expected {n_actions}, one an action")
    return np.broadcast_to(each, (n_agents - 1, *each.shape[1:])).copy()
