r"""Readers: agents who look, think and act, in the best way or with one mistake.

Model. An environment m has a prior and a utility; a menu has experiments, which cost attention. A *reader*
looks at one experiment and then plays the action that is best given the signal, the lowest of several.
`attention` chooses the experiment of highest value net of cost, and `reader` reads it; `fixed_reader` reads
the same everywhere. Three make a mistake: `inverse_reader` pays attention where little is at stake,
`neglectful` forgets the prior, `overconfident` mistakes one experiment for another.

Theorem. `reader` satisfies NIAS whatever it looks at: in each environment it acts on what it believes in the
best way. With `attention` it satisfies NIAC too: the costs of the experiments rationalise the choices.
`fixed_reader` satisfies NIAS, NIAC and NIS.

Rounding. Values that agree within `TIE`, relative to the largest, are equal.

Reference. A. Caplin and M. Dean, "Revealed Preference, Rational Inattention, and Costly Information
Acquisition", American Economic Review 105, 2015.

>>> reader([0.6, 0.4], [[1, 0], [0, 1]], [[[0.8, 0.2], [0.2, 0.8]]], [0])
array([[[0.8, 0.2],
        [0.2, 0.8]]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.sampling.agents.menu import chosen, model, worth

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
    law, rewards, kernels = model(priors, utility, menu)
    price = checks.real_array(costs, "costs", ndim=1)
    if len(price) != len(kernels):
        raise ValueError(f"costs: there are {len(price)}; expected {len(kernels)}, one an experiment")
    value = np.einsum("mx,nxy,mxu->mnyu", law, kernels, rewards, optimize=True).max(axis=3).sum(axis=2)
    return np.asarray(_first_best(value - price), dtype=np.int64)


def reader(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, which: ArrayLike) -> Floats:
    """Return the choices of a Bayesian who uses experiment which[m] in environment m.

    Examples
    --------
    With prior 0.9 an answer that is right four times out of five changes nothing.

    >>> reader([[0.9, 0.1]], [[1, 0], [0, 1]], [[[0.8, 0.2], [0.2, 0.8]]], [0])
    array([[[1., 0.],
            [1., 0.]]])
    """
    law, rewards, kernels = model(priors, utility, menu)
    used = kernels[chosen(which, len(rewards), len(kernels))]
    return _play(used, _first_best(worth(law, used, rewards)), rewards.shape[2])


def fixed_reader(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike, experiment: int) -> Floats:
    """Return the choices of a Bayesian who uses one experiment everywhere, whatever is at stake.

    Examples
    --------
    >>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
    >>> fixed_reader([0.5, 0.5], stakes, [[[0.8, 0.2], [0.2, 0.8]]], 0)[:, 0, 0]
    array([0.8, 0.8])
    """
    _, rewards, _ = model(priors, utility, menu)
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
    law, rewards, kernels = model(priors, utility, menu)
    used = kernels[chosen(which, len(rewards), len(kernels))]
    even = np.full(law.shape, 1 / law.shape[1])
    return _play(used, _first_best(worth(even, used, rewards)), rewards.shape[2])


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
    law, rewards, kernels = model(priors, utility, menu)
    used = kernels[chosen(which, len(rewards), len(kernels))]
    thought = kernels[chosen([believed] * len(rewards), len(rewards), len(kernels))]
    return _play(used, _first_best(worth(law, thought, rewards)), rewards.shape[2])


def _first_best(value: Floats) -> NDArray[np.intp]:
    """Return the first best index on the last axis; values closer than `TIE` are a tie."""
    margin = TIE * np.abs(value).max(initial=1e-300)
    return np.asarray((value >= value.max(axis=-1, keepdims=True) - margin).argmax(axis=-1))


def _play(used: Floats, best: NDArray[np.intp], n_actions: int) -> Floats:
    """Return p(u given x) when best[m, y] is played after y."""
    return np.asarray(np.einsum("mxy,myu->mxu", used, np.eye(n_actions)[best]))
