r"""Noise: hands that tremble with the stakes, errors, reversals and dice.

Model. A softmax at temperature :math:`\lambda` plays u with probability proportional to :math:`q(u)
e^{v(u) / \lambda}`, where v is what u is worth and q are base rates. In `softmax_reader` v is the expected
utility given a signal; in `fixed_softmax` it is the utility in the state itself, which this agent sees.
`near_rational` mixes a table with another one, `opposite` reverses it, `random_agent` draws one.

Theorem. If the base rates of `softmax_reader` are those of its own actions, as the iteration of Blahut and
Arimoto finds them, it is in each environment Shannon's agent, who pays for information about the signal, and
it satisfies NIAS. With other base rates it need not.

Reference. F. Matejka and A. McKay, "Rational Inattention to Discrete Choices", American Economic Review 105,
2015; S. G. Bronars, "The Power of Nonparametric Tests of Preference Maximization", Econometrica 55, 1987.

>>> fixed_softmax([[[1, 0], [0, 1]]], 1 / np.log(3))[0]
array([[0.75, 0.25],
       [0.25, 0.75]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from llma import checks
from llma.checks import Floats
from llma.ribum.sampling.agents.menu import chosen, model, worth


def softmax_reader(
    priors: ArrayLike,
    utility: ArrayLike,
    menu: ArrayLike,
    which: ArrayLike,
    *,
    temperature: ArrayLike,
    own_base: bool = False,
) -> Floats:
    r"""Return the choices of a Bayesian whose hand trembles: softmax of posterior expected utility.

    After signal y it plays u with probability proportional to
    :math:`q_m(u) \exp(E[r_m(x, u) \mid y] / \lambda_m)`.

    Parameters
    ----------
    priors, utility, menu, which
        As for `reader`.
    temperature : array_like, shape () or (M,)
        lambda, in units of utility, above 0.
    own_base : bool
        Whether the base rates q are those of its own actions (found by iteration, as Blahut and Arimoto do;
        then it is a reader of the signal with Shannon's cost); by default they are uniform.

    Returns
    -------
    ndarray, shape (M, X, U)

    Examples
    --------
    >>> menu = [[[0.8, 0.2], [0.2, 0.8]]]
    >>> softmax_reader([[0.5, 0.5]], [[1, 0], [0, 1]], menu, [0], temperature=0.5)[0].round(3)
    array([[0.661, 0.339],
           [0.339, 0.661]])
    """
    law, rewards, kernels = model(priors, utility, menu)
    used = kernels[chosen(which, len(rewards), len(kernels))]
    joint = law[:, :, None] * used
    signal = joint.sum(axis=1)  # (M, Y)
    value = worth(law, used, rewards)  # (M, Y, U), unconditional
    mean = np.divide(value, signal[:, :, None], out=np.zeros_like(value), where=signal[:, :, None] > 0)
    logits = mean / _temperatures(temperature, len(rewards))[:, None, None]
    rule = softmax(logits, axis=2)
    if own_base:
        rule = _own_base(logits, signal)
    return np.asarray(np.einsum("mxy,myu->mxu", used, rule))


def fixed_softmax(utility: ArrayLike, temperature: ArrayLike, reference: ArrayLike | None = None) -> Floats:
    r"""Return the choices of a decoder that sees the state: :math:`q(u) e^{r_m(x,u)/\lambda}`, normalised.

    Parameters
    ----------
    utility : array_like, shape (M, X, U)
    temperature : array_like, shape () or (M,)
        lambda, in units of utility, above 0.
    reference : array_like, shape (U,), optional
        The fixed base rates q; uniform by default.

    Returns
    -------
    ndarray, shape (M, X, U)

    Examples
    --------
    >>> fixed_softmax([[[1, 0], [0, 1]]], 1 / np.log(3))[0]
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    rewards = checks.real_array(utility, "utility", ndim=3)
    n_actions = rewards.shape[2]
    base = np.full(n_actions, 1 / n_actions) if reference is None else checks.belief(reference, "reference")
    if base.shape != (n_actions,) or (base <= 0).any():
        raise ValueError(
            f"reference: is {base.tolist()}; expected {n_actions} positive probabilities, one an action"
        )
    logits = rewards / _temperatures(temperature, len(rewards))[:, None, None]
    return np.asarray(softmax(logits + np.log(base), axis=2))


def opposite(choice: ArrayLike) -> Floats:
    """Return the choices with the actions reversed: U - 1 - u wherever u was played.

    Examples
    --------
    >>> opposite([[[0.9, 0.1], [0.2, 0.8]]])
    array([[[0.1, 0.9],
            [0.8, 0.2]]])
    """
    return np.array(checks.choice_table(choice, "choice")[:, :, ::-1])


def near_rational(choice: ArrayLike, error: float, instead: ArrayLike | None = None) -> Floats:
    """Return the choices of an agent that follows `instead` with a small probability.

    Parameters
    ----------
    choice : array_like, shape (M, X, U)
    error : float
        Probability of an error, in [0, 1].
    instead : array_like, shape (M, X, U), optional
        What it does then; by default an action drawn uniformly.

    Returns
    -------
    ndarray, shape (M, X, U)

    Examples
    --------
    >>> near_rational([[[1.0, 0.0], [0.0, 1.0]]], 0.1)
    array([[[0.95, 0.05],
            [0.05, 0.95]]])
    """
    table = checks.choice_table(choice, "choice")
    if not 0 <= error <= 1:
        raise ValueError(f"error: is {error}; expected a probability between 0 and 1")
    other = (
        np.full(table.shape, 1 / table.shape[2])
        if instead is None
        else checks.choice_table(instead, "instead")
    )
    if other.shape != table.shape:
        raise ValueError(f"instead: has shape {other.shape}; expected that of choice, {table.shape}")
    return np.asarray((1 - error) * table + error * other)


def random_agent(shape: tuple[int, int, int], rng: np.random.Generator) -> Floats:
    """Return a table (M, X, U) whose rows are uniform on the simplex (Bronars' agent).

    Examples
    --------
    >>> random_agent((1, 2, 2), np.random.default_rng(0)).round(2)
    array([[[0.4, 0.6],
            [0.9, 0.1]]])
    """
    return np.asarray(rng.dirichlet(np.ones(shape[2]), size=shape[:2]))


def _temperatures(temperature: ArrayLike, n_environments: int) -> Floats:
    values = np.broadcast_to(checks.real_array(temperature, "temperature"), (n_environments,))
    if (values <= 0).any():
        raise ValueError(f"temperature: is {values.min()}; expected a number above 0 (units of utility)")
    return values


def _own_base(logits: Floats, signal: Floats) -> Floats:
    """Return the rule whose base rates are its own marginal, by 10,000 steps or until nothing moves."""
    base = np.full((len(logits), logits.shape[2]), 1 / logits.shape[2])
    tilt = np.exp(logits - logits.max(axis=2, keepdims=True))
    for _ in range(10_000):
        rule = base[:, None] * tilt
        rule /= rule.sum(axis=2, keepdims=True)
        after = np.einsum("my,myu->mu", signal, rule)
        if np.abs(after - base).max() < 1e-13:
            break
        base = after
    return np.asarray(rule)
