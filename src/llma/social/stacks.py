r"""One step of the protocol at stacks of beliefs: what agents do, and what the public learns from it.

Model. A stack of public beliefs has shape (..., X). Observations, actions and predecessors' actions broadcast
against its leading axes; a predecessor of None is that of the first agent. Everything is asked of
`llma.social.protocol`, which works on flat stacks, and given back in the shape of the question.

Refused. An agent cannot see what has probability zero under its belief, and the public cannot see an action
that no observation of positive probability leads to: Bayes' rule is silent there.

These are the methods of `llma.social.SocialLearning`; their arguments are explained there.

>>> from llma.social import SocialLearning
>>> model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], [[0, 1], [1, 0]])
>>> action(model, [[0.5, 0.5], [0.8, 0.2]], 1)
array([1, 0])
>>> public_update(model, [0.5, 0.5], 1)
array([0.3, 0.7])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.social.protocol import FIRST_AGENT, choices, public_likelihood, step, updated

if TYPE_CHECKING:
    from llma.social.model import SocialLearning


def decision_rule(model: SocialLearning, belief: ArrayLike, previous: ArrayLike | None = None) -> Floats:
    """Return the probability of each action after each observation, shape (..., Y, U)."""
    beliefs, before, shape = _flat(model, belief, previous)
    rule = choices(model, beliefs, before).T / 2  # (N, Y, U)
    return np.asarray(rule.reshape(*shape, *rule.shape[1:]))


def action(
    model: SocialLearning,
    belief: ArrayLike,
    y: ArrayLike,
    previous: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
) -> Ints:
    """Return the action of an agent that sees the public belief and its own observation y."""
    seen = checks.indices(y, "y", model.n_observations)
    beliefs, before, shape = _flat(model, belief, previous, seen.shape)
    seen = np.broadcast_to(seen, shape).reshape(-1)
    rows = np.arange(len(beliefs))
    impossible = (beliefs @ model.likelihood)[rows, seen] <= 0
    if impossible.any():
        raise ValueError(f"y: observation {seen[impossible][0]} has probability 0 under the belief")
    halves = choices(model, beliefs, before)[:, seen, rows]  # (U, N)
    chosen = halves.argmax(axis=0)
    coins = halves[0] == 1
    if coins.any():
        if rng is None:
            raise ValueError("rng: a coin has to be tossed here; pass a numpy.random.Generator")
        chosen[coins] = rng.integers(0, 2, np.count_nonzero(coins))
    return np.asarray(chosen.reshape(shape), dtype=np.int64)


def action_likelihood(model: SocialLearning, belief: ArrayLike, previous: ArrayLike | None = None) -> Floats:
    """Return p(action u given state x) at a public belief, shape (..., X, U)."""
    beliefs, before, shape = _flat(model, belief, previous)
    table = public_likelihood(model, step(model, beliefs, before))
    return table.reshape(*shape, model.n_states, model.n_actions)


def public_update(
    model: SocialLearning, belief: ArrayLike, u: ArrayLike, previous: ArrayLike | None = None
) -> Floats:
    """Return the public belief after an action is seen, shape (..., X)."""
    taken = checks.indices(u, "u", model.n_actions)
    beliefs, before, shape = _flat(model, belief, previous, taken.shape)
    taken = np.broadcast_to(taken, shape).reshape(-1)
    now, rows = step(model, beliefs, before), np.arange(len(beliefs))
    likely = public_likelihood(model, now)[rows, :, taken]  # (N, X)
    impossible = (beliefs * likely).sum(axis=1) <= 0
    if impossible.any():
        where = int(impossible.argmax())
        raise ValueError(
            f"u: action {taken[where]} has probability 0 at belief {beliefs[where].round(6).tolist()}"
        )
    return updated(model, beliefs, now, rows, taken).reshape(*shape, model.n_states)


def is_cascade(
    model: SocialLearning, belief: ArrayLike, previous: ArrayLike | None = None
) -> NDArray[np.bool_]:
    """Whether the action does not depend on the observation, among those of positive probability."""
    beliefs, before, shape = _flat(model, belief, previous)
    return step(model, beliefs, before).cascade.reshape(shape)


def _flat(
    model: SocialLearning, belief: ArrayLike, previous: ArrayLike | None, extra: tuple[int, ...] = ()
) -> tuple[Floats, Ints, tuple[int, ...]]:
    """Return beliefs (N, X) and predecessors (N,) with the common leading shape they had."""
    beliefs = checks.belief(belief, "belief", model.n_states)
    before = (
        np.array(FIRST_AGENT) if previous is None else checks.indices(previous, "previous", model.n_actions)
    )
    shape = np.broadcast_shapes(beliefs.shape[:-1], before.shape, extra)
    flat = np.broadcast_to(beliefs, (*shape, model.n_states)).reshape(-1, model.n_states)
    return flat, np.broadcast_to(before, shape).reshape(-1), shape
