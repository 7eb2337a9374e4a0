r"""How far to trust an answer: calibration, repeated answers, and the error of an estimated likelihood.

*Calibration.* A sensor that says "yes with probability P" is calibrated if, among the answers with P near
p, a share p is yes. `reliability` sorts answers into bins of equal width and compares. The *expected
calibration error* is the mean distance of the two, weighted by the size of the bins. It is biased upwards:
a perfect sensor shows a positive error on a finite sample, the more so the more bins there are.

*Repeated answers.* Ask the same model about the same text n times. The answers are independent *given the
text*, not given the state. Let the share P of yes vary between texts as Beta(p v, (1-p) v) in state 1 and
with p and 1-p exchanged in state 0. Two answers about one text then have correlation :math:`\rho = 1/(v+1)`
in each state.

Theorem (urn). After i yes and j no the odds of state 1 are multiplied by

.. math::

    \prod_{a<i}\frac{p(1-\rho)+a\rho}{(1-p)(1-\rho)+a\rho}\
    \prod_{b<j}\frac{(1-p)(1-\rho)+b\rho}{p(1-\rho)+b\rho} .

For :math:`\rho = 0` this is the naive product of n independent answers, for :math:`\rho = 1` one answer,
however often it is repeated.

*Estimated likelihood.* With n labelled texts a state, the logarithm of an estimated ratio of two shares has
the standard error of `log_ratio_error` (delta method). The same error enters every use of the ratio: after
m answers of the same kind the log-odds are off by m times it, not by :math:`\sqrt m` times.

Reference. C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (calibration error); N.
Johnson and S. Kotz, *Urn Models and Their Application*, Wiley 1977 (the beta-binomial law).

>>> naive, true = repeat_odds(0.7, 0.0, yes=5), repeat_odds(0.7, 1.0, yes=5)
>>> round(float(naive / (1 + naive)), 3), round(float(true / (1 + true)), 3)
(0.986, 0.7)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints


@dataclass(frozen=True)
class Reliability:
    """Stated probability against observed share, bin by bin.

    Parameters
    ----------
    edges : ndarray, shape (n_bins + 1,)
        Borders of the bins.
    count : ndarray of int, shape (n_bins,)
        Answers in each bin.
    stated : ndarray, shape (n_bins,)
        Mean stated probability; NaN in an empty bin.
    observed : ndarray, shape (n_bins,)
        Share of yes; NaN in an empty bin.

    Raises
    ------
    ValueError
        If the shapes disagree or there is no answer at all.
    """

    edges: Floats
    count: Ints
    stated: Floats
    observed: Floats

    def __post_init__(self) -> None:
        """Refuse tables that could not have come from data."""
        n = self.count.size
        if self.edges.shape != (n + 1,) or self.stated.shape != (n,) or self.observed.shape != (n,):
            raise ValueError(f"{n} bins need {n + 1} edges and {n} means; got {self.edges.shape}")
        if self.count.sum() == 0:
            raise ValueError("there is no answer to compare: every probability or every truth is missing")

    @property
    def error(self) -> float:
        """Expected calibration error: mean of abs(stated - observed), weighted by count."""
        used = self.count > 0
        gap = np.abs(self.stated[used] - self.observed[used])
        return float(np.average(gap, weights=self.count[used]))


def reliability(probabilities: ArrayLike, truth: ArrayLike, n_bins: int = 10) -> Reliability:
    """Sort answers into bins of equal width and compare what was stated with what was true.

    Parameters
    ----------
    probabilities : array_like
        Stated probabilities of yes; NaN (no answer) is left out.
    truth : array_like, same shape
        1 yes, 0 no; NaN (not known) is left out.
    n_bins : int
        Number of bins of [0, 1], at least 1. The last one contains 1.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError
        If the shapes differ, a probability lies outside [0, 1], or a truth is neither 0, 1 nor NaN.

    Examples
    --------
    >>> table = reliability([0.1, 0.2, 0.9, 0.8], [0, 0, 1, 0], n_bins=2)
    >>> table.count, table.stated, table.observed
    (array([2, 2]), array([0.15, 0.85]), array([0. , 0.5]))
    >>> round(table.error, 3)
    0.25
    """
    stated = checks.probabilities(probabilities, allow_nan=True).ravel()
    true = np.asarray(truth, dtype=np.float64).ravel()
    if np.shape(probabilities) != np.shape(truth):
        raise ValueError(f"probabilities have shape {np.shape(probabilities)}, truth {np.shape(truth)}")
    bad = ~(np.isnan(true) | (true == 0) | (true == 1))
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"truth: entry {row} is {true[row]}; expected 0, 1 or NaN (not known)")
    if n_bins < 1:
        raise ValueError(f"n_bins is {n_bins}; at least one bin is needed")
    known = ~(np.isnan(stated) | np.isnan(true))
    stated, true = stated[known], true[known]
    which = np.minimum((stated * n_bins).astype(np.int64), n_bins - 1)
    count = np.bincount(which, minlength=n_bins)
    divisor = np.where(count > 0, count, np.nan)
    return Reliability(
        edges=np.linspace(0, 1, n_bins + 1),
        count=count,
        stated=np.bincount(which, weights=stated, minlength=n_bins) / divisor,
        observed=np.bincount(which, weights=true, minlength=n_bins) / divisor,
    )


def repeat_odds(accuracy: float, correlation: float, yes: int, no: int = 0) -> float:
    """Return the factor by which repeated answers about one text multiply the odds of state 1.

    Parameters
    ----------
    accuracy : float
        p, the probability of yes in state 1 and of no in state 0, strictly between 0 and 1.
    correlation : float
        Correlation of two answers about one text, given the state: 0 independent, 1 always equal.
    yes, no : int
        How often each answer was given.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a number is out of range, or if both answers occur although the correlation is 1.

    Examples
    --------
    >>> round(repeat_odds(0.7, 0.3, yes=5), 3)
    7.3
    >>> repeat_odds(0.7, 0.3, yes=2, no=2)
    1.0
    """
    if not 0 < accuracy < 1:
        raise ValueError(f"accuracy is {accuracy}; expected a number strictly between 0 and 1")
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation is {correlation}; expected a number between 0 and 1")
    if yes < 0 or no < 0:
        raise ValueError(f"yes and no are {yes} and {no}; expected counts")
    if correlation == 1 and yes and no:
        raise ValueError("a correlation of 1 makes all answers equal; yes and no cannot both occur")
    right, wrong = accuracy * (1 - correlation), (1 - accuracy) * (1 - correlation)
    # At correlation 1 the first factor is 0 / 0; its limit is the ratio of one answer.
    factors = [
        accuracy / (1 - accuracy) if a == 0 else (right + a * correlation) / (wrong + a * correlation)
        for a in range(max(yes, no))
    ]
    return float(np.prod(factors[:yes]) / np.prod(factors[:no]))


def log_ratio_error(shares: ArrayLike, counts: ArrayLike) -> float:
    r"""Return the standard error of the logarithm of a ratio of two estimated shares.

    The delta method: :math:`\sqrt{\sum_x (1-p_x)/(n_x p_x)}`.

    Parameters
    ----------
    shares : array_like, shape (2,)
        Probability of the answer in each of two states, strictly between 0 and 1.
    counts : array_like of int, shape (2,)
        Labelled texts in each state.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a share is not strictly between 0 and 1 or a count is not positive.

    Examples
    --------
    >>> round(log_ratio_error([0.3, 0.7], [40, 40]), 3)
    0.263
    """
    p = checks.probabilities(shares, "shares")
    n = checks.real_array(counts, "counts")
    if p.shape != (2,) or n.shape != (2,):
        raise ValueError(
            f"shares and counts need one number for each of two states; got {p.shape}, {n.shape}"
        )
    if (p <= 0).any() or (p >= 1).any():
        raise ValueError(f"shares: are {p.tolist()}; expected numbers strictly between 0 and 1")
    if (n <= 0).any():
        raise ValueError(f"counts: are {n.tolist()}; expected at least one labelled text a state")
    return float(np.sqrt(((1 - p) / (n * p)).sum()))
