r"""From a belief to an action: three rules, and the band that makes a herd exact.

With symmetric signals a Bayesian is exactly undecided again and again: after one action for state 0 a
signal for state 1 leaves log-odds of zero. Whatever computes its belief with an error, however small,
decides such ties by its errors. Two ways out:

* `keep_own(width)`: keep your own signal unless the log-odds speak against it by more than `width` times the
  signal's own log-odds. Width 0 is the tie rule "own" of the exact population, up to rounding.
* `sampled`: play 1 with the probability that you give to state 1. Nothing is discontinuous any more.

`raw` takes the sign of the log-odds and breaks exact ties for the own signal. For exact numbers it equals
`keep_own(0)`; for a trained model, ties are decided by its errors.

Theorem (the band). Prior 1/2, one accuracy p with L = ln(p/(1-p)), hands slip with probability e, tie
rule "own". Let A = ln(P(right)/P(wrong)) with P(right) = p(1-e) + (1-p)e, and suppose 2A > L. Then the
log-odds of an agent, counted in favour of its own signal, are never between -(2A - L) and L - A. So an
agent whose log-odds are off by less than (A/2) and who keeps its own signal exactly when they are at
least the midpoint -(3A - 2L)/2 always acts like the exact one. Without slips A = L: the midpoint is -L/2
and the width one half.

Proof. While nobody has herded, an action shows its agent's signal up to the slip and moves the public
log-odds by A. They are 0 or +-A when an agent acts on its signal: at +-2A both signals lead to the same
action because 2A > L, an action carries no news from then on, and the public log-odds stay. With the own
signal the log-odds in its favour are therefore in {L - 2A, L - A, L, L + A, L + 2A}. Among these only the
first asks for the other action (0 <= L - A by A <= L, and zero is a tie). Consecutive values are A apart.
[]

>>> from llma.agents.game import HerdGame
>>> round(midpoint(HerdGame(0.5, (0.7,))), 3), round(midpoint(HerdGame(0.5, (0.7,), tremble=0.05)), 3)
(0.5, 0.334)
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from llma.agents.game import HerdGame, Rule
from llma.checks import Floats

TIE = 1e-9
"""Log-odds within this distance of a boundary are on it: rounding, not evidence."""


def keep_own(width: float) -> Rule:
    """Return the rule: own signal, unless the log-odds against it exceed `width` times its weight.

    Parameters
    ----------
    width : float
        0 or more. Meant for prior 1/2, where exact log-odds lie on a lattice; elsewhere a positive width
        overrules genuine evidence.

    Returns
    -------
    Rule

    Raises
    ------
    ValueError
        When the width is negative or not a number.

    Examples
    --------
    >>> game = HerdGame(0.5, (0.7,))
    >>> keep_own(0.5)(np.array([[[-0.1, -0.1]]]), game)
    array([[[0., 1.]]])
    """
    if not width >= 0:
        raise ValueError(f"width: {width} is not 0 or more")

    def rule(log_odds: Floats, game: HerdGame) -> Floats:
        own = np.array([-1.0, 1.0])
        against = -log_odds * own > width * game.weights[:, None] + TIE
        return np.where(against, own < 0, own > 0).astype(float)

    return rule


def raw(log_odds: Floats, game: HerdGame) -> Floats:
    """Play the likelier state; exact ties go to the own signal.

    Examples
    --------
    >>> raw(np.array([[[-0.1, 1e-12]]]), HerdGame(0.5, (0.7,)))
    array([[[0., 1.]]])
    """
    return keep_own(0.0)(log_odds, game)


def sampled(log_odds: Floats, game: HerdGame) -> Floats:
    """Play 1 with the probability that is given to state 1.

    Examples
    --------
    >>> sampled(np.array([[[-0.85, 0.85]]]), HerdGame(0.5, (0.7,))).round(2)
    array([[[0.3, 0.7]]])
    """
    return np.asarray(expit(log_odds))


def step_sizes(game: HerdGame) -> tuple[float, float]:
    """Return (L, A): what a signal and what an informative action add to the log-odds.

    Raises
    ------
    ValueError
        When the game has several accuracies: there is no single step.
    """
    if len(game.accuracies) != 1:
        raise ValueError(f"accuracies: {game.accuracies} are several; the lattice needs one")
    p = game.accuracies[0]
    return float(logit(p)), float(logit(p + game.tremble * (1 - 2 * p)))


def midpoint(game: HerdGame) -> float:
    """Return the width in the middle of the gap of the band theorem, in units of L.

    Raises
    ------
    ValueError
        When the prior is not 1/2, when there are several accuracies, or when slips are so frequent that the
        midpoint speaks for the own signal (3A < 2L).
    """
    signal, action = step_sizes(game)
    if game.prior != 0.5:
        raise ValueError(f"prior: {game.prior}; log-odds lie on the lattice only for prior 1/2")
    if 3 * action < 2 * signal:
        raise ValueError(f"tremble: {game.tremble}: slips are too frequent, the midpoint is on the own side")
    return (3 * action - 2 * signal) / (2 * signal)
