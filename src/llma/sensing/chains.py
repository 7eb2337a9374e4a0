r"""Answer sheets that are written: each answer may depend on the answers before it.

A model that writes its K answers in one list reads its first answer before it gives the second. Given the
text, the sheet then has the law of a *chain*,

$$Q(b) = \prod_k q_k(b_k \mid b_0, \dots, b_{k-1}),$$

and not the product of K separate laws, from which scored answers are drawn. How far Q is from the product P
of Bernoulli laws $P_k$ splits in two (theorem "What scoring drops" of the chapter `sensor`):

$$D(Q \| P) = \sum_k H(Q_k) - H(Q) + \sum_k D(Q_k \| P_k).$$

The first part, the *total correlation*, is the dependence between the answers. The second is how far the
marginal laws $Q_k$ are from the answers to questions asked alone.

**Coding.** A chain of K answers is an array of $2^K - 1$ probabilities of yes. Entry $2^k - 1 + h$ is that of
answer k after the history $h = \sum_{j<k} b_j 2^j$: the root, then two, then four. A law has $2^K$ entries,
entry y for the sheet $y = \sum_k b_k 2^k$.

The first answer is a coin, and the second repeats it:

>>> repeats = chain_law([0.5, 0.0, 1.0])
>>> repeats.tolist()
[0.5, 0.0, 0.0, 0.5]
>>> round(total_correlation(repeats), 4)
0.6931

Heating every step of a chain is not heating its law. Here the first answer is a coin; after a no the second
is a coin too, and after a yes it is yes:

>>> chain = [0.5, 0.5, 1.0]
>>> heat_steps(chain, 0.5).round(3).tolist()
[0.25, 0.0, 0.25, 0.5]
>>> heat_law(chain_law(chain), 0.5).round(3).tolist()
[0.167, 0.0, 0.167, 0.667]

Reference: S. Watanabe, *Information theoretical analysis of multivariate correlation*, IBM Journal of
Research and Development 4, 1960 (total correlation).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats
from llma.sensing.questions import MAX_QUESTIONS
from llma.sensing.sensor import tempered


def chain_law(chain: ArrayLike) -> Floats:
    """Return the law of the sheet that a chain writes.

    Parameters
    ----------
    chain : array_like, shape (2**K - 1,)
        P(yes) of each answer after each history, see above.

    Returns
    -------
    ndarray, shape (2**K,)

    Raises
    ------
    ValueError
        When the number of entries is not 2**K - 1, or an entry is no probability.

    Examples
    --------
    >>> chain_law([0.25]).tolist()
    [0.75, 0.25]
    """
    steps = _chain(chain)
    law = np.ones(1)
    for k in range(_length(steps.size + 1)):
        yes = steps[2**k - 1 : 2 ** (k + 1) - 1]
        law = np.concatenate([law * (1 - yes), law * yes])  # bit k is the highest so far
    return law


def chain_of(law: ArrayLike) -> Floats:
    """Return the chain whose law this is, NaN after histories of probability zero.

    Raises
    ------
    ValueError
        When the number of entries is not 2**K, or they are no law.

    Examples
    --------
    >>> chain_of([0.5, 0.0, 0.0, 0.5]).tolist()
    [0.5, 0.0, 1.0]
    """
    rest = _law(law)
    parts: list[Floats] = []
    while rest.size > 1:
        no, yes = np.split(rest, 2)
        rest = no + yes
        parts.insert(0, np.divide(yes, rest, out=np.full(rest.size, np.nan), where=rest > 0))
    return np.concatenate(parts)


def write(chain: ArrayLike, rng: np.random.Generator, n: int) -> Floats:
    """Write n sheets, one answer after the other; return bits, shape (n, K).

    Examples
    --------
    >>> write([1.0, 0.5, 0.0], np.random.default_rng(0), 2).tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    steps = _chain(chain)
    history = np.zeros(n, dtype=np.intp)
    columns = []
    for k in range(_length(steps.size + 1)):
        bit = rng.random(n) < steps[2**k - 1 + history]
        history += bit.astype(np.intp) << k
        columns.append(bit.astype(np.float64))
    return np.column_stack(columns)


def marginals(law: ArrayLike) -> Floats:
    """Return P(yes) of each answer, shape (K,).

    Examples
    --------
    >>> marginals([0.1, 0.2, 0.3, 0.4]).round(3).tolist()
    [0.6, 0.7]
    """
    p = _law(law)
    y = np.arange(p.size)
    return np.array([p[(y >> k) & 1 == 1].sum() for k in range(_length(p.size))])


def total_correlation(law: ArrayLike) -> float:
    """Return the sum of the entropies of the answers minus the entropy of the sheet, in nats.

    It is zero exactly when the answers are independent, and at most (K - 1) ln 2.
    """
    p = _law(law)
    yes = marginals(p)
    return max(0.0, float(sum(_entropy(np.array([q, 1 - q])) for q in yes) - _entropy(p)))


def split(law: ArrayLike, alone: ArrayLike) -> tuple[float, float]:
    """Return the two parts of the divergence of a written sheet from a scored one, in nats.

    Parameters
    ----------
    law : array_like, shape (2**K,)
        Of the written sheet.
    alone : array_like, shape (K,)
        P(yes) to each question asked alone.

    Returns
    -------
    (float, float)
        Total correlation, and the sum of the divergences of the marginal laws. The second is infinite when
        an answer that can be written is never given alone.

    Raises
    ------
    ValueError
        When the lengths do not agree.

    Examples
    --------
    >>> [round(part, 3) for part in split(chain_law([0.5, 0.2, 0.8]), [0.5, 0.4])]
    [0.193, 0.02]
    """
    yes, p = marginals(law), checks.probabilities(alone, "alone")
    if p.shape != yes.shape:
        raise ValueError(f"alone has shape {p.shape}; the sheet has {yes.size} answers, so give {yes.size}")
    written, scored = np.array([1 - yes, yes]), np.array([1 - p, p])
    used = written > 0
    with np.errstate(divide="ignore"):
        ratio = np.log(written[used]) - np.log(scored[used])
    return total_correlation(law), max(0.0, float((written[used] * ratio).sum()))


def heat_steps(chain: ArrayLike, temperature: float) -> Floats:
    """Return the law of the sheet when every answer is drawn at a temperature: what a server does.

    Raises
    ------
    ValueError
        As `chain_law` and `llma.sensing.tempered`.
    """
    return chain_law(tempered(_chain(chain), temperature))


def heat_law(law: ArrayLike, temperature: float) -> Floats:
    """Return the law proportional to law ** (1 / T): the whole sheet drawn at a temperature.

    At T = 0 the most probable sheets share everything, at T = infinity all sheets that are possible.

    Raises
    ------
    ValueError
        When the temperature is negative or NaN.

    Examples
    --------
    >>> heat_law([0.4, 0.1, 0.4, 0.1], 0).tolist()
    [0.5, 0.0, 0.5, 0.0]
    """
    p = _law(law)
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}; it must be 0 or more")
    if temperature == 0:
        weight = (p == p.max()).astype(np.float64)
    else:
        used = p > 0
        weight = np.zeros(p.size)
        weight[used] = np.exp((np.log(p[used]) - np.log(p.max())) / temperature)
    warm: Floats = weight / weight.sum()
    return warm


def _entropy(p: Floats) -> float:
    used = p[p > 0]
    return float(-(used * np.log(used)).sum())


def _chain(chain: ArrayLike) -> Floats:
    steps = checks.probabilities(chain, "chain")
    _length(steps.size + 1 if steps.ndim == 1 else 0)
    return steps


def _law(law: ArrayLike) -> Floats:
    p = checks.belief(law, "law")
    _length(p.size)
    return p


def _length(sheets: int) -> int:
    """Return K for 2**K sheets."""
    k = sheets.bit_length() - 1
    if sheets < 2 or sheets != 1 << k or k > MAX_QUESTIONS:
        raise ValueError(
            f"a law of K answers has 2**K entries and a chain 2**K - 1, with K from 1 to {MAX_QUESTIONS}; "
            f"this one belongs to {sheets} sheets"
        )
    return k
