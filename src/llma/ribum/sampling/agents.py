r"""Agents with known virtues and vices: choice tables on which a test must pass, or must fail.

Each function returns choices :math:`p_m(u \mid x)`, shape (M, X, U). A *menu* is a list of experiments, an
array (N, X, Y) of kernels :math:`\beta_n(y \mid x)`; environment m uses experiment ``which[m]``.

==================  =========================================  ==============================
agent               what it does                               verdict for known utilities
==================  =========================================  ==============================
`reader`            Bayes, then the best action                NIAS; NIAC if ``which`` is
                                                               chosen by `attention`, or is
                                                               constant
`fixed_reader`      the same experiment everywhere             NIAS, NIAC, NIS; every cycle is
                                                               0: the edge of the polytope
`inverse_reader`    the attention of the environment at the    NIAS; not NIAC if more was at
                    other end of the list                      stake at one end
`softmax_reader`    softmax of what the posterior says         not NIAS, unless the base rates
                                                               are its own
`fixed_softmax`     sees the state; softmax of the utility     not NIAS if hot enough
`neglectful`        forgets the prior                          not NIAS where the prior matters
`overconfident`     treats what it saw as a better experiment  not NIAS where that changes an
                                                               action
`opposite`          reverses its actions                       not NIAS
`random_agent`      draws a table                              hardly ever
`near_rational`     errs with a small probability              at the edge, outside if the edge
                                                               binds
==================  =========================================  ==============================

Ties between actions go to the lowest index, ties between experiments to the first.

>>> menu = [[[0.5, 0.5], [0.5, 0.5]], [[0.8, 0.2], [0.2, 0.8]], [[0.9, 0.1], [0.1, 0.9]]]
>>> stakes = np.array([1.0, 4.0])[:, None, None] * np.eye(2)
>>> which = attention([0.5, 0.5], stakes, menu, [0.0, 0.2, 0.5])
>>> which
array([1, 2])
>>> reader([0.5, 0.5], stakes, menu, which)[0]
array([[0.8, 0.2],
       [0.2, 0.8]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.data import ChoiceData, utilities

TIE = 1e-12
"""Expected utilities this close, relative to the largest, are a tie."""


def attention(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, costs: ArrayLike) -> Ints:
    """Return the experiment that each environment chooses: highest value net of cost.

    Parameters
    ----------
    priors : array_like, shape (M, X) or (X,)
    utility : array_like, shape (M, X, U)
    menu : array_like, shape (N, X, Y)
        Experiments; each row sums to one.
    costs : array_like, shape (N,)
        Cost of each, in units of utility, the same in every environment.

    Returns
    -------
    ndarray of int, shape (M,)

    Examples
    --------
    >>> menu = [[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]]]
    >>> attention([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]], menu, [0, 0.6])
    array([0, 1])
    """
    law, rewards, kernels = _model(priors, utility, menu)
    price = checks.real_array(costs, "costs", ndim=1)
    if len(price) != len(kernels):
        raise ValueError(f"costs: there are {len(price)}; expected {len(kernels)}, one an experiment")
    worth = np.einsum("mx,nxy,mxu->mnyu", law, kernels, rewards, optimize=True).max(axis=3).sum(axis=2)
    return np.asarray(_first_best(worth - price), dtype=np.int64)


def reader(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, which: ArrayLike) -> Floats:
    """Return the choices of a Bayesian who uses experiment which[m] in environment m.

    Examples
    --------
    With prior 0.9 an answer that is right four times out of five changes nothing.

    >>> reader([[0.9, 0.1]], [[1, 0], [0, 1]], [[[0.8, 0.2], [0.2, 0.8]]], [0])
    array([[[1., 0.],
            [1., 0.]]])
    """
    law, rewards, kernels = _model(priors, utility, menu)
    used = kernels[_which(which, len(rewards), len(kernels))]
    return _play(used, _first_best(_worth(law, used, rewards)), rewards.shape[2])


def fixed_reader(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, experiment: int) -> Floats:
    """Return the choices of a Bayesian who uses one experiment everywhere, whatever is at stake.

    Examples
    --------
    >>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
    >>> fixed_reader([0.5, 0.5], stakes, [[[0.8, 0.2], [0.2, 0.8]]], 0)[:, 0, 0]
    array([0.8, 0.8])
    """
    _, rewards, _ = _model(priors, utility, menu)
    return reader(priors, utility, menu, np.full(len(rewards), experiment))


def inverse_reader(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, costs: ArrayLike) -> Floats:
    """Return the choices of a Bayesian who pays, in environment m, the attention meant for M - 1 - m.

    List the environments in order of their stakes: then it looks most where least is at stake.

    Examples
    --------
    >>> menu = [[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]]]
    >>> inverse_reader([0.5, 0.5], [[[1, 0], [0, 1]], [[4, 0], [0, 4]]], menu, [0, 0.6])[:, 0, 0]
    array([0.9, 1. ])
    """
    return reader(priors, utility, menu, attention(priors, utility, menu, costs)[::-1])


def neglectful(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, which: ArrayLike) -> Floats:
    """Return the choices of a reader who takes all states for equally likely.

    Examples
    --------
    >>> neglectful([[0.9, 0.1]], [[1, 0], [0, 1]], [[[0.8, 0.2], [0.2, 0.8]]], [0])
    array([[[0.8, 0.2],
            [0.2, 0.8]]])
    """
    law, rewards, kernels = _model(priors, utility, menu)
    used = kernels[_which(which, len(rewards), len(kernels))]
    even = np.full(law.shape, 1 / law.shape[1])
    return _play(used, _first_best(_worth(even, used, rewards)), rewards.shape[2])


def overconfident(
    priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, which: ArrayLike, believed: int
) -> Floats:
    """Return the choices of a reader who takes what it saw for the result of experiment `believed`.

    Examples
    --------
    With prior 0.9 an answer of accuracy 0.8 should change nothing; one believed to have 0.95 does.

    >>> menu = [[[0.8, 0.2], [0.2, 0.8]], [[0.95, 0.05], [0.05, 0.95]]]
    >>> overconfident([[0.9, 0.1]], [[1, 0], [0, 1]], menu, [0], believed=1)[0, 0]
    array([0.8, 0.2])
    """
    law, rewards, kernels = _model(priors, utility, menu)
    used = kernels[_which(which, len(rewards), len(kernels))]
    thought = kernels[_which([believed] * len(rewards), len(rewards), len(kernels))]
    return _play(used, _first_best(_worth(law, thought, rewards)), rewards.shape[2])


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
    law, rewards, kernels = _model(priors, utility, menu)
    used = kernels[_which(which, len(rewards), len(kernels))]
    joint = law[:, :, None] * used
    signal = joint.sum(axis=1)  # (M, Y)
    worth = _worth(law, used, rewards)  # (M, Y, U), unconditional
    mean = np.divide(worth, signal[:, :, None], out=np.zeros_like(worth), where=signal[:, :, None] > 0)
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


def _model(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike) -> tuple[Floats, Floats, Floats]:
    kernels = checks.real_array(menu, "menu", ndim=3)
    for n, kernel in enumerate(kernels):
        checks.stochastic_matrix(kernel, f"menu[{n}]")
    law, rewards = np.asarray(priors, dtype=np.float64), np.asarray(utility, dtype=np.float64)
    n_environments = len(rewards) if rewards.ndim == 3 else (len(law) if law.ndim == 2 else 1)
    shape = (n_environments, law.shape[-1], rewards.shape[-1])
    blank = ChoiceData(law, np.full(shape, 1 / shape[2]))
    if kernels.shape[1] != shape[1]:
        raise ValueError(f"menu: experiments have {kernels.shape[1]} states; expected {shape[1]}")
    return blank.priors, utilities(rewards, blank), kernels


def _which(which: ArrayLike, n_environments: int, n_experiments: int) -> Ints:
    chosen = checks.indices(which, "which", n_experiments)
    if chosen.shape != (n_environments,):
        raise ValueError(f"which: has shape {chosen.shape}; expected ({n_environments},), one an environment")
    return chosen


def _worth(law: Floats, used: Floats, rewards: Floats) -> Floats:
    """Return what each action is worth after each signal, unconditional, shape (M, Y, U)."""
    return np.asarray(np.einsum("mx,mxy,mxu->myu", law, used, rewards, optimize=True))


def _first_best(worth: Floats) -> NDArray[np.intp]:
    """Return the first best index on the last axis; values closer than `TIE` are a tie."""
    margin = TIE * np.abs(worth).max(initial=1e-300)
    return np.asarray((worth >= worth.max(axis=-1, keepdims=True) - margin).argmax(axis=-1))


def _play(used: Floats, best: NDArray[np.intp], n_actions: int) -> Floats:
    """Return p(u given x) when best[m, y] is played after y."""
    return np.asarray(np.einsum("mxy,myu->mxu", used, np.eye(n_actions)[best]))


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
