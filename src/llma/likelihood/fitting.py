r"""One door to all methods, and the choice between them by texts they have not seen.

`fit` checks the sample, runs the method that is named, and returns a table. With "auto" three methods
compete: "bernoulli", "ising" and "counts". The texts are dealt to five folds, the states spread evenly.
Each method is fitted to four folds and gives the texts of the fifth a probability; the score is the mean of
its logarithm over all texts, an estimate (for samples of four fifths of the size, and so usually a little
too low) of what the method would score on new texts. The highest score wins. A method that is later in the
list above must win by more than 1e-6 nats a text, so that where two methods are the same law (one question:
"bernoulli" and "ising") the simpler is taken.

Reference. Stone, Journal of the Royal Statistical Society B 36, 1974.

>>> model = fit([[1, 1], [1, 1], [0, 0], [0, 0]] * 5, [0, 0, 0, 0, 1, 1, 1, 1] * 2 + [0, 0, 0, 0])
>>> model.method, {name: round(score, 2) for name, score in model.scores.items()}
('counts', {'bernoulli': -1.65, 'ising': -1.44, 'counts': -0.99})
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.likelihood.answers import Evidence, check_sample, tally
from llma.likelihood.bernoulli import bernoulli_table
from llma.likelihood.counts import counts_table
from llma.likelihood.divergence import contrastive_divergence, divergence_per_state
from llma.likelihood.ising import ising
from llma.likelihood.model import LikelihoodModel
from llma.likelihood.rbm import conditional_machine, machines_per_state

CANDIDATES = ("bernoulli", "ising", "counts")
"""What "auto" compares, the simplest first."""
SEARCHES = ("rbm", "conditional-rbm", "rbm-cd1", "conditional-rbm-cd1")
"""Methods that start at random, or sample, and need a generator."""
METHODS = ("auto", *CANDIDATES, *SEARCHES)
FOLDS = 5
CLEAR = 1e-6

_ESTIMATORS: dict[str, Callable[[Evidence], Floats]] = {
    "bernoulli": bernoulli_table,
    "ising": lambda evidence: ising(evidence).table(),
    "counts": counts_table,
}


def fit(
    bits: ArrayLike,
    states: ArrayLike,
    n_states: int | None = None,
    method: str = "auto",
    rng: np.random.Generator | None = None,
    *,
    candidates: Sequence[str] = CANDIDATES,
    n_hidden: int = 3,
) -> LikelihoodModel:
    """Return the likelihood estimated from labelled answers.

    Parameters
    ----------
    bits : array_like, shape (n, K)
        Answers: 1 yes, 0 no, NaN none.
    states : array_like of int, shape (n,)
        State of each text.
    n_states : int, optional
        X; by default one more than the largest state. A state without texts gets the smoothing alone (and the
        couplings or weights of the others, where they are shared).
    method : str
        "auto", "bernoulli", "ising", "counts", "rbm", "conditional-rbm", "rbm-cd1" or "conditional-rbm-cd1":
        see the package.
    rng : numpy.random.Generator, optional
        For "auto": shuffles the texts before they are dealt to the folds. None deals them in the order
        given, so that the result is the same every time. The four methods with "rbm" require it.
    candidates : sequence of str
        For "auto": what to compare, from "bernoulli", "ising" and "counts"; the earlier wins a tie.
    n_hidden : int
        For the methods with "rbm": hidden units H.

    Returns
    -------
    LikelihoodModel

    Raises
    ------
    ValueError
        If a bit is neither 0, 1 nor NaN, a state is out of range, the lengths differ, there are fewer than
        two texts to choose between methods with, a generator is missing, or contrastive divergence meets a
        gap.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> states = rng.integers(0, 2, 400)
    >>> echo = (rng.random(400) < 0.2 + 0.6 * states).astype(float)  # the same answer three times
    >>> fit(np.stack([echo, echo, echo], axis=1), states).method
    'counts'
    """
    checks.one_of(method, "method", METHODS)
    answers, labels, size = check_sample(bits, states, n_states)
    if method in SEARCHES:
        return LikelihoodModel(_search(method, answers, labels, size, rng, n_hidden=n_hidden), method)
    if method != "auto":
        return LikelihoodModel(_ESTIMATORS[method](tally(answers, labels, size)), method)
    if len(answers) < 2:
        raise ValueError("method: 'auto' needs at least two texts; name 'counts' or 'bernoulli'")
    if not candidates:
        raise ValueError("candidates: is empty; expected at least one of 'bernoulli', 'ising', 'counts'")
    fold = _folds(labels, rng)
    scores: dict[str, float] = {}
    best = ""
    for name in candidates:
        checks.one_of(name, "candidates", CANDIDATES)
        scores[name] = float(_held_out(name, answers, labels, size, fold).mean())
        if not best or scores[name] > scores[best] + CLEAR:
            best = name
    return LikelihoodModel(_ESTIMATORS[best](tally(answers, labels, size)), best, scores)


def _held_out(name: str, answers: Floats, labels: Ints, n_states: int, fold: Ints) -> Floats:
    """Return the log-probability of each text under the method fitted to the other folds, shape (n,)."""
    log_p = np.empty(len(answers))
    for f in np.unique(fold):
        test = fold == f
        table = _ESTIMATORS[name](tally(answers[~test], labels[~test], n_states))
        law = LikelihoodModel(table, name).of(answers[test])  # (n, X)
        log_p[test] = np.log(law[np.arange(len(law)), labels[test]])
    return log_p


def _search(
    method: str,
    answers: Floats,
    labels: Ints,
    n_states: int,
    rng: np.random.Generator | None,
    *,
    n_hidden: int,
) -> Floats:
    if rng is None:
        raise ValueError(
            f"rng: method {method!r} starts at random; pass a generator, such as np.random.default_rng(0)"
        )
    if method == "conditional-rbm":
        return conditional_machine(tally(answers, labels, n_states), n_hidden, rng).table()
    if method == "conditional-rbm-cd1":
        return contrastive_divergence(answers, labels, n_states, n_hidden, rng).table()
    if method == "rbm":
        machines = machines_per_state(tally(answers, labels, n_states), n_hidden, rng)
    else:
        machines = divergence_per_state(answers, labels, n_states, n_hidden, rng)
    return np.concatenate([machine.table() for machine in machines])


def _folds(labels: Ints, rng: np.random.Generator | None) -> Ints:
    """Deal the texts to the folds state by state, so that each fold has its share of every state."""
    order = np.arange(len(labels)) if rng is None else rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold
