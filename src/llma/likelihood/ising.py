r"""The Ising model: each state leans on each question, and questions hang together alike in all states.

Model. With bits centred, :math:`c_k=b_k-\tfrac12`,

.. math:: p(y\mid x)\propto\exp\Bigl(\sum_k h_{xk}c_k+\sum_{k<l}J_{kl}c_kc_l\Bigr).

The *field* h_xk leans state x towards yes on question k. The *coupling* J_kl is the log odds ratio of the
answers to k and l, given all other answers; it is shared by all states. That makes X K + K (K - 1) / 2
numbers instead of X (2^K - 1), and every coupling is learnt from all texts. The model is right when pairs
explain the dependence and when the dependence does not change with the state; it is wrong otherwise.

Estimate. The maximum of the exact log-likelihood plus a log-prior: half a yes and half a no for each field,
:math:`\tfrac12\ln\sigma(h)+\tfrac12\ln\sigma(-h)` with the logistic :math:`\sigma`, and a ridge
:math:`-J^2/(2s^2)`, s = 1/2, for each coupling. Where all answers are complete the sum is strictly concave
and falls off in every direction, so there is one maximum, however the search goes. With gaps the
log-likelihood is that of the answers given; it need not be concave, and the search starts at the
independent model, which is then improved.

Edge cases. Without couplings (s to 0, or K = 1) the estimate *is* that of `llma.likelihood.bernoulli`. A
question that all answer alike keeps finite fields, thanks to the prior. A state without texts has zero
fields: it says yes and no equally often to each single question, and borrows the couplings.

Reference. Ising, Zeitschrift fur Physik 31, 1925; Cox, Journal of the Royal Statistical Society C 21, 1972
(the quadratic exponential law of binary answers); Besag, same society, B 36, 1974.

>>> bits = [[1, 1], [1, 1], [0, 0], [0, 0], [1, 0], [0, 1]]
>>> law = fit_ising(bits, [0] * 6)
>>> round(float(law.couplings[0, 1]), 3)
0.114
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.likelihood.answers import MAX_QUESTIONS, Evidence, check_sample, patterns, tally
from llma.likelihood.bernoulli import HALF, smoothed_shares
from llma.likelihood.exact import log_likelihood, maximise, softmax

COUPLING_SCALE = 0.5
"""The scale s of the ridge: the standard deviation of a Gaussian prior on each coupling."""


@dataclass(frozen=True, eq=False)
class Ising:
    """Fields for each state and couplings that all states share.

    Attributes
    ----------
    fields : ndarray, shape (X, K)
        Positive: leans towards yes.
    couplings : ndarray, shape (K, K)
        Symmetric with zero diagonal: log odds ratios given all other answers.
    """

    fields: Floats
    couplings: Floats

    def __post_init__(self) -> None:
        """Check the shapes and the symmetry."""
        fields = checks.real_array(self.fields, "fields", ndim=2)
        couplings = checks.real_array(self.couplings, "couplings", ndim=2)
        size = fields.shape[1]
        if size > MAX_QUESTIONS:
            raise ValueError(f"fields: has {size} questions; the exact law holds at most {MAX_QUESTIONS}")
        if couplings.shape != (size, size):
            raise ValueError(f"couplings: has shape {couplings.shape}; expected {(size, size)}")
        wrong = (couplings != couplings.T) | (np.eye(size, dtype=bool) & (couplings != 0))
        if wrong.any():
            k, m = (int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"couplings: entry ({k}, {m}) is {couplings[k, m]:.12g}; expected a symmetric matrix with a "
                "zero diagonal"
            )
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "couplings", couplings)

    def table(self) -> Floats:
        """Return p(y given x), shape (X, 2**K).

        Examples
        --------
        >>> Ising([[np.log(3)]], [[0.0]]).table()
        array([[0.25, 0.75]])
        """
        centred = patterns(self.fields.shape[1]) - 0.5
        pairs = 0.5 * np.einsum("yk,kl,yl->y", centred, self.couplings, centred)
        return softmax(self.fields @ centred.T + pairs)


def fit_ising(
    bits: ArrayLike, states: ArrayLike, n_states: int | None = None, scale: float = COUPLING_SCALE
) -> Ising:
    """Return the Ising model of greatest penalised likelihood.

    Parameters
    ----------
    bits : array_like, shape (n, K)
        Answers: 1 yes, 0 no, NaN none.
    states : array_like of int, shape (n,)
        State of each text.
    n_states : int, optional
        X; by default one more than the largest state.
    scale : float
        The s of the ridge, positive: couplings beyond a few s are unlikely beforehand.

    Returns
    -------
    Ising

    Raises
    ------
    ValueError
        If the sample or the scale is not valid, or the search does not settle.

    Examples
    --------
    >>> law = fit_ising([[1, 1], [0, 0], [1, 1], [0, 0]], [0, 0, 1, 1], n_states=3)
    >>> bool(np.abs(law.fields).max() < 1e-6), bool(law.couplings[0, 1] > 0)
    (True, True)
    """
    answers, labels, size = check_sample(bits, states, n_states)
    return ising(tally(answers, labels, size), scale)


def ising(evidence: Evidence, scale: float = COUPLING_SCALE) -> Ising:
    """Return the Ising model of greatest penalised likelihood for a tallied sample.

    Examples
    --------
    >>> sample = tally(np.array([[1.0], [1.0], [0.0]]), np.array([0, 0, 0]), 1)
    >>> round(float(ising(sample).table()[0, 1]), 6)  # (2 + 1/2) / (3 + 1)
    0.625
    """
    if not 0 < scale < np.inf:
        raise ValueError(f"scale: is {scale}; expected a positive number, such as {COUPLING_SCALE}")
    n_states, k = len(evidence.counts), evidence.n_questions
    shares = smoothed_shares(evidence)
    start = np.concatenate([np.log(shares / (1 - shares)).ravel(), np.zeros(k * (k - 1) // 2)])
    found = maximise(lambda t: penalised(t, evidence, scale), start, "ising")
    couplings = np.zeros((k, k))
    couplings[np.triu_indices(k, 1)] = found[n_states * k :]
    return Ising(found[: n_states * k].reshape(n_states, k), couplings + couplings.T)


def penalised(parameters: Floats, evidence: Evidence, scale: float) -> tuple[float, Floats]:
    """Return log-likelihood plus log-prior, divided by the number of texts plus one, and its gradient.

    Parameters
    ----------
    parameters : ndarray, shape (X * K + K * (K - 1) / 2,)
        Fields state by state, then the couplings of the pairs (0, 1), (0, 2), ..., (1, 2), ....
    evidence : Evidence
        The sample.
    scale : float
        The s of the ridge.

    Returns
    -------
    value : float
    slope : ndarray, of the shape of the parameters

    Examples
    --------
    >>> sample = tally(np.array([[1.0], [0.0]]), np.array([0, 0]), 1)
    >>> penalised(np.zeros(1), sample, 0.5)[1]
    array([0.])
    """
    n_states, k = len(evidence.counts), evidence.n_questions
    fields, couplings = parameters[: n_states * k].reshape(n_states, k), parameters[n_states * k :]
    centred = patterns(k) - 0.5
    first, second = np.triu_indices(k, 1)
    pairs = centred[:, first] * centred[:, second]  # (2**K, K (K - 1) / 2)
    value, slope = log_likelihood(fields @ centred.T + pairs @ couplings, evidence)
    prior, lean = field_prior(fields)
    value += prior - float(couplings @ couplings) / (2 * scale**2)
    gradient = np.concatenate(
        [(slope @ centred + lean).ravel(), slope.sum(axis=0) @ pairs - couplings / scale**2]
    )
    return value / (evidence.n_texts + 1), gradient / (evidence.n_texts + 1)


def field_prior(fields: Floats) -> tuple[float, Floats]:
    """Return the log-prior of fields, half a yes and half a no each, and its gradient.

    Examples
    --------
    >>> value, slope = field_prior(np.array([np.log(3)]))
    >>> round(value, 3), slope  # (ln 3/4 + ln 1/4) / 2
    (-0.837, array([-0.25]))
    """
    value = HALF * float((fields - 2 * np.logaddexp(0, fields)).sum())
    return value, np.asarray(-HALF * np.tanh(fields / 2))
