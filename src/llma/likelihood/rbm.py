r"""Restricted Boltzmann machines with exact laws: hidden units summed by hand, observations by machine.

Model. H hidden bits explain why answers hang together. With visible biases a_x, weights W and hidden
biases d,

.. math:: p(b,h\mid x)\propto\exp\bigl(a_x^\top b+h^\top(Wb+d)\bigr),\qquad
    p(b\mid x)\propto e^{a_x^\top b}\prod_{j}\bigl(1+e^{d_j+W_j b}\bigr).

The product on the right is the sum over all 2^H hidden patterns, since given b the hidden bits are
independent. What is left is the partition function, a sum over 2^K observations, which for K up to 12 is
simply computed. So neither the law nor the gradient of its logarithm needs sampling.

Two ways to let it depend on the state. *Conditional machine*: visible biases for each state, and W and d
shared, X K + H K + H numbers; dependence is learnt from all texts. *One machine a state*: X (K + H K + H)
numbers.

Estimate. A stationary point of exact log-likelihood plus log-prior: half a yes and half a no for each
visible bias (as in `llma.likelihood.ising`), Gaussian with standard deviation 1 for each weight and 3 for
each hidden bias. The log-likelihood is *not* concave, and hidden units may be permuted, so the answer
depends on the start, which is drawn from the generator: visible biases from the independent model, weights
with standard deviation 0.3. With W = 0 the law is that of the independent model, and with few texts the
prior may hold it near there: the machine then says little that "bernoulli" does not, and from another start
it may say more. A narrower prior makes that likelier. With complete answers the Ising model has no such
trap.

Edge cases. A question that all answer alike keeps finite biases, thanks to the priors. A state without
texts has visible biases zero, in a conditional machine with the shared weights; alone, it has weights zero
and the uniform law.

Reference. Smolensky, in *Parallel Distributed Processing* 1, 1986; Hinton, Neural Computation 14, 2002, whose
contrastive divergence (`llma.likelihood.divergence`) is for machines too large for the sums above.

>>> machine = Machine([[0.0, 0.0]], [[2.0, 2.0]], [-2.0])
>>> machine.table().round(3)
array([[0.084, 0.148, 0.148, 0.62 ]])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llma import checks
from llma.checks import Floats
from llma.likelihood.answers import MAX_QUESTIONS, Evidence, patterns
from llma.likelihood.bernoulli import smoothed_shares
from llma.likelihood.exact import log_likelihood, maximise, softmax
from llma.likelihood.ising import field_prior

WEIGHT_SCALE = 1.0
"""Standard deviation of the Gaussian prior on each weight."""
BIAS_SCALE = 3.0
"""Standard deviation of the Gaussian prior on each hidden bias."""
START_SCALE = 0.3
"""Standard deviation of the weights at the start."""


@dataclass(frozen=True, eq=False)
class Machine:
    """A restricted Boltzmann machine with visible biases for each state.

    Attributes
    ----------
    visible : ndarray, shape (X, K)
        Biases a_x of the answers.
    weights : ndarray, shape (H, K)
        W.
    hidden : ndarray, shape (H,)
        Biases d of the hidden bits.
    """

    visible: Floats
    weights: Floats
    hidden: Floats

    def __post_init__(self) -> None:
        """Check the shapes."""
        visible = checks.real_array(self.visible, "visible", ndim=2)
        weights = checks.real_array(self.weights, "weights", ndim=2)
        hidden = checks.real_array(self.hidden, "hidden", ndim=1)
        size = visible.shape[1]
        if size > MAX_QUESTIONS:
            raise ValueError(f"visible: has {size} questions; the exact law holds at most {MAX_QUESTIONS}")
        if weights.shape != (len(hidden), size):
            raise ValueError(
                f"weights: has shape {weights.shape}; expected {(len(hidden), size)}, a row a hidden "
                "unit and a column a question"
            )
        for name, value in (("visible", visible), ("weights", weights), ("hidden", hidden)):
            object.__setattr__(self, name, value)

    def table(self) -> Floats:
        """Return p(y given x), hidden units summed out, shape (X, 2**K).

        Examples
        --------
        >>> Machine([[0.0]], [[0.0]], [5.0]).table()
        array([[0.5, 0.5]])
        """
        every = patterns(self.visible.shape[1])
        drive = every @ self.weights.T + self.hidden  # (2**K, H)
        return softmax(self.visible @ every.T + np.logaddexp(0, drive).sum(axis=1))


def conditional_machine(evidence: Evidence, n_hidden: int, rng: np.random.Generator) -> Machine:
    """Return one machine whose weights all states share, by exact maximum likelihood.

    Parameters
    ----------
    evidence : Evidence
        The sample; see `llma.likelihood.answers.tally`.
    n_hidden : int
        Hidden units H, at least one.
    rng : numpy.random.Generator
        Draws the start.

    Returns
    -------
    Machine

    Raises
    ------
    ValueError
        If H is less than one, or the search does not settle.

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> sample = tally(np.array([[1.0, 1.0], [0.0, 0.0]] * 200), np.zeros(400, dtype=int), 1)
    >>> law = conditional_machine(sample, 1, np.random.default_rng(0)).table()[0]
    >>> bool(law[0] + law[3] > 0.8)
    True
    """
    shares = smoothed_shares(evidence)
    n_states, k = shares.shape
    start = initial_machine(shares, n_hidden, rng)
    flat = np.concatenate([start.visible.ravel(), start.weights.ravel(), start.hidden])
    found = maximise(lambda t: penalised(t, evidence, n_hidden), flat, "rbm")
    return _unpack(found, n_states, k, n_hidden)


def machines_per_state(evidence: Evidence, n_hidden: int, rng: np.random.Generator) -> tuple[Machine, ...]:
    """Return one machine a state, each fitted to its own texts; each has a table of one row.

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> sample = tally(np.array([[1.0], [0.0]]), np.array([0, 0]), 2)
    >>> [m.table().round(3).tolist() for m in machines_per_state(sample, 1, np.random.default_rng(0))]
    [[[0.5, 0.5]], [[0.5, 0.5]]]
    """
    return tuple(
        conditional_machine(evidence.of_state(x), n_hidden, rng) for x in range(len(evidence.counts))
    )


def initial_machine(
    shares: Floats, n_hidden: int, rng: np.random.Generator, scale: float = START_SCALE
) -> Machine:
    """Return a machine near the independent one: biases from the shares of yes, small random weights.

    Raises
    ------
    ValueError
        If there is no hidden unit.

    Examples
    --------
    >>> initial_machine(np.array([[0.5]]), 2, np.random.default_rng(0)).weights.shape
    (2, 1)
    """
    if n_hidden < 1:
        raise ValueError(f"n_hidden: is {n_hidden}; expected at least 1; without any, use 'bernoulli'")
    weights = rng.normal(0, scale, (n_hidden, shares.shape[1]))
    return Machine(np.log(shares / (1 - shares)), weights, np.zeros(n_hidden))


def penalised(parameters: Floats, evidence: Evidence, n_hidden: int) -> tuple[float, Floats]:
    """Return log-likelihood plus log-prior, divided by the number of texts plus one, and its gradient.

    Parameters
    ----------
    parameters : ndarray, shape (X * K + H * K + H,)
        Visible biases state by state, weights unit by unit, hidden biases.
    evidence : Evidence
        The sample.
    n_hidden : int
        Hidden units H.

    Returns
    -------
    value : float
    slope : ndarray, of the shape of the parameters

    Examples
    --------
    >>> from llma.likelihood.answers import tally
    >>> sample = tally(np.array([[1.0], [0.0]]), np.array([0, 0]), 1)
    >>> penalised(np.zeros(3), sample, 1)[1]
    array([0., 0., 0.])
    """
    n_states, k = len(evidence.counts), evidence.n_questions
    machine = _unpack(parameters, n_states, k, n_hidden)
    every = patterns(k)
    drive = every @ machine.weights.T + machine.hidden  # (2**K, H)
    energies = machine.visible @ every.T + np.logaddexp(0, drive).sum(axis=1)
    value, slope = log_likelihood(energies, evidence)
    on = 0.5 * (1 + np.tanh(drive / 2)) * slope.sum(axis=0)[:, None]  # p(h_j = 1 given y), weighted
    prior, lean = field_prior(machine.visible)
    value += prior - float((machine.weights**2).sum()) / (2 * WEIGHT_SCALE**2)
    value -= float(machine.hidden @ machine.hidden) / (2 * BIAS_SCALE**2)
    gradient = np.concatenate(
        [
            (slope @ every + lean).ravel(),
            (on.T @ every - machine.weights / WEIGHT_SCALE**2).ravel(),
            on.sum(axis=0) - machine.hidden / BIAS_SCALE**2,
        ]
    )
    return value / (evidence.n_texts + 1), gradient / (evidence.n_texts + 1)


def _unpack(parameters: Floats, n_states: int, k: int, n_hidden: int) -> Machine:
    visible, weights, hidden = np.split(parameters, [n_states * k, n_states * k + n_hidden * k])
    return Machine(visible.reshape(n_states, k), weights.reshape(n_hidden, k), hidden)
