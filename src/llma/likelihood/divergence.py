r"""Contrastive divergence (CD-1): how Boltzmann machines were trained when the sums were out of reach.

Algorithm. For a batch of texts draw hidden bits from the answers, answers from the hidden bits, and step
along

.. math:: \langle h\,b^\top\rangle_{\text{answers}}-\langle h\,b^\top\rangle_{\text{after one round}},

and alike for the biases. One round of Gibbs sampling does not reach the law of the model, so this is not
the gradient of the log-likelihood, and in general not the gradient of any function (Sutskever and Tieleman,
2010). It is cheap where neither the 2^K sheets nor the 2^H moods can be summed. Here the sheets can:
`llma.likelihood.rbm` climbs the exact likelihood, and this module is kept for comparison with what the
literature did.

There is no stopping rule. Training takes 100 passes over the texts in batches of 20, steps of 0.1 and
weights shrunk by 0.001 a unit of step. All randomness comes from the generator. Gaps are refused: a round
of sampling starts from complete answers.

Reference. Hinton, Neural Computation 14, 2002; Sutskever and Tieleman, AISTATS, 2010.

>>> bits, states = np.array([[1.0, 1.0], [0.0, 0.0]] * 20), np.zeros(40, dtype=np.int64)
>>> law = contrastive_divergence(bits, states, 1, 2, np.random.default_rng(0)).table()
>>> law.shape, bool(np.all(law > 0))
((1, 4), True)
"""

from __future__ import annotations

import numpy as np

from llma.checks import Floats, Ints
from llma.likelihood.answers import tally
from llma.likelihood.bernoulli import smoothed_shares
from llma.likelihood.rbm import Machine, initial_machine

PASSES = 100
BATCH = 20
STEP = 0.1
DECAY = 1e-3
START_SCALE = 0.1


def contrastive_divergence(
    answers: Floats, labels: Ints, n_states: int, n_hidden: int, rng: np.random.Generator
) -> Machine:
    """Return a conditional machine trained by CD-1.

    Parameters
    ----------
    answers : ndarray, shape (n, K)
        0 or 1.
    labels : ndarray of int64, shape (n,)
        State of each text.
    n_states : int
        X; a state without texts keeps the visible biases zero of the start.
    n_hidden : int
        Hidden units H.
    rng : numpy.random.Generator
        Start, order of the texts, hidden bits and answers.

    Returns
    -------
    Machine

    Raises
    ------
    ValueError
        If a row has a gap.

    Examples
    --------
    >>> contrastive_divergence(np.array([[np.nan]]), np.array([0]), 1, 1, np.random.default_rng(0))
    Traceback (most recent call last):
    ...
    ValueError: bits: row 0 has no answer to question 0; contrastive divergence needs complete rows: drop it
    or fit by exact likelihood ('conditional-rbm'), which sums gaps out
    """
    gaps = np.isnan(answers)
    if gaps.any():
        row, question = (int(i) for i in np.argwhere(gaps)[0])
        raise ValueError(
            f"bits: row {row} has no answer to question {question}; contrastive divergence needs complete "
            "rows: drop it or fit by exact likelihood ('conditional-rbm'), which sums gaps out"
        )
    start = initial_machine(smoothed_shares(tally(answers, labels, n_states)), n_hidden, rng, START_SCALE)
    visible, weights, hidden = start.visible.copy(), start.weights.copy(), start.hidden.copy()
    for _ in range(PASSES):
        order = rng.permutation(len(answers))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            seen, x = answers[batch], labels[batch]
            on = _sigmoid(seen @ weights.T + hidden)  # (n, H)
            drawn = (rng.random(on.shape) < on).astype(np.float64)
            again = (rng.random(seen.shape) < _sigmoid(drawn @ weights + visible[x])).astype(np.float64)
            after = _sigmoid(again @ weights.T + hidden)
            rate = STEP / len(batch)
            weights += rate * (on.T @ seen - after.T @ again) - STEP * DECAY * weights
            hidden += rate * (on - after).sum(axis=0)
            np.add.at(visible, x, rate * (seen - again))
    return Machine(visible, weights, hidden)


def divergence_per_state(
    answers: Floats, labels: Ints, n_states: int, n_hidden: int, rng: np.random.Generator
) -> tuple[Machine, ...]:
    """Return one machine a state, each trained by CD-1 on its own texts.

    Examples
    --------
    >>> bits, states = np.array([[1.0], [0.0]]), np.array([0, 1])
    >>> [m.table().shape for m in divergence_per_state(bits, states, 2, 1, np.random.default_rng(0))]
    [(1, 2), (1, 2)]
    """
    zeros = np.zeros_like(labels)
    return tuple(
        contrastive_divergence(answers[labels == x], zeros[labels == x], 1, n_hidden, rng)
        for x in range(n_states)
    )


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(values / 2)))
