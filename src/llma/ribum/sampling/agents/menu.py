r"""A menu of experiments: what the agents of this room look at, checked, and what actions are worth then.

Model. There are M environments with priors :math:`\pi_m` and utilities :math:`r_m(x, u)`, and a *menu* of N
experiments :math:`\beta_n(y \mid x)` with the same signals y. Environment m uses experiment n = ``which[m]``.
A Bayesian plays after signal y an action u for which

.. math:: \sum_x \pi_m(x)\, \beta_n(y \mid x)\, r_m(x, u)

is largest. That is the expected utility of u given y, times the probability of y.

>>> law, rewards, kernels = model([0.5, 0.5], [[1, 0], [0, 1]], [[[0.8, 0.2], [0.2, 0.8]]])
>>> worth(law, kernels[chosen([0], 1, 1)], rewards)
array([[[0.4, 0.1],
        [0.1, 0.4]]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma import checks
from llma.checks import Floats, Ints
from llma.ribum.data import ChoiceData, utilities


def model(priors: ArrayLike, utility: ArrayLike, menu: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return priors (M, X), utilities (M, X, U) and experiments (N, X, Y) that fit each other."""
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


def chosen(which: ArrayLike, n_environments: int, n_experiments: int) -> Ints:
    """Return the experiment of each environment, shape (M,)."""
    numbers = checks.indices(which, "which", n_experiments)
    if numbers.shape != (n_environments,):
        raise ValueError(
            f"which: has shape {numbers.shape}; expected ({n_environments},), one an environment"
        )
    return numbers


def worth(law: Floats, used: Floats, rewards: Floats) -> Floats:
    """Return what each action is worth after each signal, unconditional, shape (M, Y, U)."""
    return np.asarray(np.einsum("mx,mxy,mxu->myu", law, used, rewards, optimize=True))
