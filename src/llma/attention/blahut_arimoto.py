r"""The Blahut-Arimoto algorithm: one step, its certificate, and a faster way to the same place.

Problem. With weights :math:`A(x, u) = e^{r(x, u)/\lambda}`, a prior and a base rate b, put

.. math:: Z_b(x) = \sum_u b(u) A(x, u), \qquad F(b) = \sum_x \pi(x) \ln Z_b(x), \qquad
    s_b(u) = \sum_x \pi(x) A(x, u) / Z_b(x) .

F is concave on the simplex; b maximises it if and only if the *score* s_b(u) is at most one for every action,
and one where b(u) > 0 (Kuhn and Tucker). `llma.attention.shannon` says why one wants this maximum.

Algorithm. Blahut and Arimoto: replace b(u) by b(u) s_b(u). Theorem: from a start without zeros, F never
falls, and after n steps it is at most KL(b* | b_0) / n below its maximum; that is at most ln(U) / n if
the start is uniform. (From a start with a zero the zero stays.)

Certificate. F(b*) - F(b) is at most the largest :math:`\ln s_b(u)`. Proof by Jensen's inequality:
:math:`F(b^*) - F(b) \le \ln \sum_x \pi(x) Z_{b^*}(x) / Z_b(x) = \ln \sum_u b^*(u) s_b(u)`.

Unused actions. Let :math:`\delta = \max_u s_b(u) - 1` and :math:`t(x) = Z_{b^*}(x) / Z_b(x)`. As above,
:math:`\sum_x \pi t \le 1 + \delta`, and :math:`\sum_x \pi \ln t \ge 0` because b* is optimal. So
:math:`\pi(x) (t - 1 - \ln t) \le \delta` and hence :math:`t(x) \ge 1 - \sqrt{2 \delta / \pi(x)}`. If the
score of u, with Z_b replaced by its product with that lower bound, is below one, then the score of u at
*every* optimum is below one, and no optimum uses u. Then b(u) is set to zero, exactly.

The faster way (`best_base_rate`). A round takes one step as above, and tries a second one: since
:math:`\ln t \approx \tfrac12 - \tfrac12 (t - 2)^2` near t = 1, Newton's model of F is a least-squares
problem with non-negative unknowns, which `scipy.optimize.nnls` solves. The second is kept if F is larger
there. Only the certificate decides when to stop, so the answer does not rest on any theory of Newton's
method.

Reference. S. Arimoto, "An Algorithm for Computing the Capacity of Arbitrary Discrete Memoryless
Channels", IEEE Transactions on Information Theory 18, 1972; R. Blahut, "Computation of Channel Capacity
and Rate-Distortion Functions", same volume; Y. Kim, P. Carbonetto, M. Stephens and M. Anitescu, "A Fast
Algorithm for Maximum Likelihood Estimation of Mixture Proportions Using Sequential Quadratic
Programming", Journal of Computational and Graphical Statistics 29, 2020, for the second step.

>>> blahut_arimoto([0.8, 0.2], [[1, 0], [0, 1]], 0.5, n_steps=3).round(4)
array([[0.5   , 0.5   ],
       [0.7285, 0.2715],
       [0.8149, 0.1851],
       [0.8508, 0.1492]])
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

from llma import checks
from llma.checks import Floats

ROUNDING = 1e-13
"""Differences of scores below this, relative to the largest weight, are taken for rounding."""

KEPT = 1e-6
"""The second step leaves at least this share of each base rate: a zero must be proved, and would stay."""


def blahut_arimoto(
    prior: ArrayLike, utility: ArrayLike, price: float, start: ArrayLike | None = None, n_steps: int = 100
) -> Floats:
    """Return the base rates of the plain algorithm, step by step.

    Parameters
    ----------
    prior : array_like, shape (X,)
    utility : array_like, shape (X, U)
    price : float
        Positive and finite, in units of utility for a nat.
    start : array_like, shape (U,), optional
        The first base rate; uniform if None. A zero in it stays for ever.
    n_steps : int

    Returns
    -------
    ndarray, shape (n_steps + 1, U)

    Raises
    ------
    ValueError
        If a shape or an entry is wrong, or some state makes every action of the start impossible.

    Examples
    --------
    A start with a zero never leaves it:

    >>> blahut_arimoto([0.8, 0.2], [[1, 0], [0, 1]], 0.5, start=[0, 1])[-1]
    array([0., 1.])
    """
    belief = checks.belief(prior, "prior")
    table = checks.cost_matrix(utility, "utility", n_states=belief.shape[-1])
    if not 0 < price < np.inf:
        raise ValueError(f"price: is {price}; expected a positive finite number")
    if n_steps < 0:
        raise ValueError(f"n_steps: is {n_steps}; expected 0 or more")
    n_actions = table.shape[1]
    first = np.full(n_actions, 1 / n_actions) if start is None else checks.belief(start, "start", n_actions)
    tilt = (table - table[:, first > 0].max(axis=1, keepdims=True)) / price
    gain = np.expm1(np.minimum(tilt, 700.0))
    path = np.empty((n_steps + 1, n_actions))
    path[0] = first
    for n in range(n_steps):
        excess, _ = scores(belief[None], gain[None], path[n][None])
        path[n + 1] = path[n] * np.maximum(1 + excess[0], 0.0)  # rounding can pass zero
        path[n + 1] /= path[n + 1].sum()
    return path


def best_base_rate(prior: Floats, gain: Floats, allowed: Floats, max_rounds: int) -> tuple[Floats, int]:
    """Return base rates that maximise F up to a certified gap, and the number of rounds.

    Parameters
    ----------
    prior : ndarray, shape (n, X)
        Positive.
    gain : ndarray, shape (n, X, U)
        A - 1, scaled so that in each state the largest weight A is one.
    allowed : ndarray, shape (n,)
        How far, in nats, the softmax of the base rate may be from the optimum; see `spread`.
    max_rounds : int

    Returns
    -------
    base : ndarray, shape (n, U)
        Zero exactly where an action is proved to be unused by every optimum.
    rounds : int

    Raises
    ------
    RuntimeError
        If a row is without a certificate after `max_rounds` rounds.
    """
    noise = ROUNDING * np.abs(gain).max(axis=(-1, -2))
    base = np.full((len(prior), gain.shape[-1]), 1 / gain.shape[-1])
    live, gap = np.arange(len(prior)), np.full(len(prior), np.inf)
    for done in range(max_rounds):
        pi, a, b = prior[live], gain[live], base[live]
        excess, log_mean = scores(pi, a, b)
        unused = proved_unused(pi, a, log_mean, excess, noise[live]) & (b > 0)
        if unused.any():
            b = np.where(unused, 0.0, b)
            b /= b.sum(axis=-1, keepdims=True)
            excess, log_mean = scores(pi, a, b)
        base[live], gap[live] = b, spread(b, excess)
        on = gap[live] > allowed[live]
        live = live[on]
        if not live.size:
            return base, done
        base[live] = _round(pi[on], a[on], b[on], excess[on], log_mean[on])
    worst = live[np.argmax(gap[live])]
    raise RuntimeError(
        f"no certificate after {max_rounds} rounds: row {worst} may be {gap[worst]:.3g} nats from the "
        f"optimum, and {allowed[worst]:.3g} are allowed; raise tolerance or max_rounds"
    )


def scores(prior: Floats, gain: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Return s_b - 1, shape (n, U), and ln Z_b, shape (n, X).

    Differences are formed before anything is added to one, so that high prices lose no digits.
    """
    shift = (gain @ base[..., None])[..., 0]  # Z - 1
    mean = ((1 + gain) @ base[..., None])[..., 0]
    excess = ((prior / mean)[:, None, :] @ (gain - shift[..., None]))[:, 0]
    log_mean = np.where(shift > -0.5, np.log1p(np.maximum(shift, -0.5)), np.log(mean))
    return excess, log_mean


def spread(base: Floats, excess: Floats) -> Floats:
    r"""Return :math:`\max_u \ln s_b(u) - \sum_u b(u) s_b(u) \ln s_b(u)`, the certificate in nats: (n,)."""
    log_score = np.log1p(np.maximum(excess, -1 + 1e-15))
    mean = (base * (1 + excess) * log_score).sum(axis=-1)
    return np.asarray(np.maximum(log_score.max(axis=-1) - mean, 0.0))


def proved_unused(
    prior: Floats, gain: Floats, log_mean: Floats, excess: Floats, noise: Floats
) -> NDArray[np.bool_]:
    """Tell which actions the bound of the module docstring excludes from every optimum, shape (n, U)."""
    delta = np.maximum(excess.max(axis=-1, keepdims=True), 0.0) + noise[:, None] * 1e-3
    least = 1 - np.sqrt(2 * delta / prior)  # lower bound of t(x)
    above = _relative(gain, log_mean) + 1 - least[..., None]
    bound = (prior[..., None] * above / np.maximum(least, 1e-9)[..., None]).sum(axis=1)
    excluded: NDArray[np.bool_] = (bound < -noise[:, None]) & (least > 0).all(axis=-1)[:, None]
    return excluded


def _round(prior: Floats, gain: Floats, base: Floats, excess: Floats, log_mean: Floats) -> Floats:
    """Return the better of a Blahut-Arimoto step and a Newton step."""
    plain = base * np.maximum(1 + excess, 1e-15)  # rounding must not make a zero
    plain /= plain.sum(axis=-1, keepdims=True)
    newton = plain.copy()
    for i, ratio in enumerate(_relative(gain, log_mean)):
        used = np.flatnonzero(base[i] > 0)
        scale = np.abs(ratio[:, used]).max()
        if scale == 0:
            continue
        # Minimise sum_x pi (sum_u b' ratio - 1)^2 over b' >= 0 that sums to one (a heavy last row).
        root, heavy = np.sqrt(prior[i]), 1e3 * min(1 / scale, 1e6)
        matrix = np.vstack([root[:, None] * ratio[:, used] / scale, np.full(used.size, heavy)])
        try:
            solution, _ = nnls(matrix, np.r_[root / scale, heavy])
        except RuntimeError:  # its iteration limit; the plain step is there
            continue
        newton[i, used] = np.maximum(solution, KEPT * base[i, used])
        newton[i] /= newton[i].sum()
    _, after_plain = scores(prior, gain, plain)
    _, after_newton = scores(prior, gain, newton)
    better = (prior * (after_newton - after_plain)).sum(axis=-1) > 0
    return np.where(better[:, None], newton, plain)


def _relative(gain: Floats, log_mean: Floats) -> Floats:
    """Return A / Z_b - 1, shape (n, X, U), without loss of digits when A is close to one."""
    return np.asarray((gain - np.expm1(log_mean)[..., None]) / np.exp(log_mean)[..., None])
