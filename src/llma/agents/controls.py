r"""Controls: whether the answer hangs on what it should hang on.

*Flipped.* Exchange the names of the two states: every action and the signal. With prior 1/2 a Bayesian's
log-odds change their sign. What a model does otherwise is an error that is not symmetric, as a preference
for a word would be.

*Scrambled.* Put the same actions into a random order, all orders equally likely. An agent that only counts
does not notice. A Bayesian does, because an action inside a herd says less than one before it. The exact
agent shows how much there is to notice. The mean over the orders is computed, not sampled.

*One dissenter.* All predecessors played 1 but one. How far the dissenter moves a Bayesian depends on
where it stands: in a herd its action can only be a slip, and says nothing.

>>> from llma.agents.game import HerdGame, bayesian, public_log_odds
>>> from llma.agents.rules import raw
>>> game = HerdGame(0.5, (0.7,), tremble=0.05)
>>> public = public_log_odds(game, bayesian(game, raw))
>>> dissent(public, 3).round(3) + 0.0
array([-0.754, -0.754,  0.   ])
>>> bool((abs(dissent(public, 4)) < 1e-9).all())
True
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from llma.agents.game import HerdGame
from llma.agents.law import PopulationLaw, prompt_weights
from llma.agents.scores import Errors, summarise
from llma.checks import Floats


def flip_effect(game: HerdGame, law: PopulationLaw, tables: Sequence[Floats]) -> Errors:
    """Return the difference between an answer and the mirrored answer to the flipped prompt.

    Parameters
    ----------
    game : HerdGame
        Its prior must be 1/2: then the flipped prompt belongs to the same game.
    law : PopulationLaw
        Which prompts are met.
    tables : sequence of ndarray, entry k of shape (2^k, A, 2)
        A reader's log-odds.

    Returns
    -------
    Errors
        Of the probability of state 1; all zero for a reader without a preference.

    Raises
    ------
    ValueError
        When the prior is not 1/2.
    """
    if game.prior != 0.5:
        raise ValueError(f"prior: {game.prior}; only with 1/2 is the flipped game the same game")
    # Exchanging the actions turns history h of length k into 2^k - 1 - h.
    return _effect(game, law, tables, [-table[::-1, :, ::-1] for table in tables])


def order_effect(game: HerdGame, law: PopulationLaw, tables: Sequence[Floats]) -> Errors:
    """Return by how much answers change when the same actions come in another order.

    Parameters
    ----------
    game : HerdGame
    law : PopulationLaw
        Which prompts are met.
    tables : sequence of ndarray, entry k of shape (2^k, A, 2)
        A reader's log-odds.

    Returns
    -------
    Errors
        Of the absolute change of the probability of state 1, its mean over all orders taken at every prompt
        (never negative, so that `bias` is `mean`).
    """
    weight = [prompt_weights(game, law, k).ravel() for k in range(game.n_agents)]
    change = [_mean_change(expit(tables[k])).ravel() for k in range(game.n_agents)]
    return summarise(np.concatenate(change), np.concatenate(weight))


def _mean_change(said: Floats) -> Floats:
    """Return the mean absolute difference between each history's answers and those to its reorderings."""
    histories = np.arange(len(said))
    ones = sum(((histories >> place) & 1 for place in range(len(said).bit_length() - 1)), 0 * histories)
    change = np.empty(said.shape)
    for count in np.unique(ones):
        alike = said[ones == count]
        change[ones == count] = np.abs(alike[:, None] - alike[None]).mean(axis=1)
    return change


def scrambled(k: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return for every history of k actions the number of the same actions in a random order, shape (2^k,).

    Examples
    --------
    >>> numbers = scrambled(3, np.random.default_rng(0))
    >>> [bin(h).count("1") for h in numbers] == [bin(h).count("1") for h in range(8)]
    True
    """
    places = np.arange(k)[::-1]
    bits = (np.arange(1 << k)[:, None] >> places) & 1
    return np.asarray((rng.permuted(bits, axis=1) << places).sum(axis=1), dtype=np.intp)


def dissent(public: Sequence[Floats], n: int) -> Floats:
    """Return by how much one 0 among n actions 1 lowers the log-odds, by the place of the 0, shape (n,).

    Parameters
    ----------
    public : sequence of ndarray, entry k of shape (2^k,)
        Log-odds of a reader without a signal, or of one with a given signal.
    n : int
        Length of the history.

    Raises
    ------
    ValueError
        When the tables are shorter than that.
    """
    if not 1 <= n < len(public):
        raise ValueError(f"n: {n} is not between 1 and {len(public) - 1}")
    full = (1 << n) - 1
    place = np.arange(n)
    return np.asarray(public[n][full - (1 << (n - 1 - place))] - public[n][full])


def _effect(game: HerdGame, law: PopulationLaw, one: Sequence[Floats], other: Sequence[Floats]) -> Errors:
    weight = [prompt_weights(game, law, k).ravel() for k in range(game.n_agents)]
    change = [(expit(other[k]) - expit(one[k])).ravel() for k in range(game.n_agents)]
    return summarise(np.concatenate(change), np.concatenate(weight))
