"""The tables of the chapter as text, one function a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from llma import networks
from llma.explorers.networks.shapes import (
    APART,
    ERRORS,
    EVEN,
    LEAN,
    LINKED,
    symmetric,
    tell,
)
from llma.networks import NetworkLearning, gaussian_line, symmetric_error
from llma.social import SocialLearning


def one_link_table(accuracy: float = 0.7) -> str:
    """Return what one more link does to each of three agents.

    >>> print(one_link_table())
    agent   apart  linked
        0  0.3000  0.3000
        1  0.3000  0.2790
        2  0.2160  0.2475
    mean   0.2720  0.2755
    """
    before, after = (
        NetworkLearning(network, symmetric(accuracy), ERRORS).exact(LEAN).error for network in (APART, LINKED)
    )
    lines = ["agent   apart  linked"]
    lines += [f"{n:5d}{before[n]:8.4f}{after[n]:8.4f}" for n in range(3)]
    return "\n".join([*lines, f"mean {before.mean():8.4f}{after.mean():8.4f}"])


def line_table(agents: Sequence[int], accuracy: float = 0.7) -> str:
    """Return the errors on the line under two tie rules, and with Gaussian readings of the same quality.

    >>> print(line_table((0, 1, 2, 9)))
    agent     own     low  Gaussian
        0  0.3000  0.3000    0.3000
        1  0.3000  0.3000    0.2474
        2  0.3000  0.2580    0.2167
        9  0.3000  0.2469    0.1372
    """
    own, low = (symmetric_error(accuracy, max(agents) + 1, tie) for tie in ("own", "low"))
    smooth = gaussian_line(max(agents) + 1, 1 / float(ndtri(accuracy)))[:, 1]
    lines = ["agent     own     low  Gaussian"]
    return "\n".join(lines + [f"{k:5d}{own[k]:8.4f}{low[k]:8.4f}{smooth[k]:10.4f}" for k in agents])


def last_table(ks: Sequence[int], n_agents: int = 60, accuracy: float = 0.7) -> str:
    """Return the error of the last agent when everybody sees the last k, and when everybody sees all.

    >>> print(last_table((0, 1, 2, 3)))
    sees  q=0.55  q=0.5, own
       0  0.3000      0.3000
       1  0.2431      0.3000
       2  0.2335      0.1937
       3  0.2335      0.1552
     all  0.2335      0.1552
    """
    cases = (("low", LEAN), ("own", EVEN))
    lines = ["sees  q=0.55  q=0.5, own"]
    for k in ks:
        lean, own = (
            NetworkLearning(networks.last(n_agents, k), symmetric(accuracy), ERRORS, tie)
            .exact(prior)
            .error[-1]
            for tie, prior in cases
        )
        lines.append(f"{k:4d}{lean:8.4f}{own:12.4f}")
    lean, own = (
        np.array(prior)
        @ SocialLearning(symmetric(accuracy), ERRORS, tie).exact(prior, n_agents).p_wrong_action[-1]
        for tie, prior in cases
    )
    return "\n".join([*lines, f" all{lean:8.4f}{own:12.4f}"])


def naive_table(accuracy: float = 0.7) -> str:
    """Return the errors on the line for Bayesian and for naive agents (prior 0.55).

    >>> print(naive_table())
    agent   Bayes   naive
        0  0.3000  0.3000
        1  0.2790  0.2790
        2  0.2685  0.3105
        3  0.2431  0.3464
        4  0.2431  0.3757
        5  0.2431  0.3975
    """
    laws = [tell("line", accuracy, 6, kind=kind).exact(LEAN).error for kind in ("bayes", "naive")]
    lines = ["agent   Bayes   naive"]
    return "\n".join(lines + [f"{n:5d}{laws[0][n]:8.4f}{laws[1][n]:8.4f}" for n in range(6)])


def moving_table(rates: Sequence[float], accuracy: float = 0.7) -> str:
    """Return the mean errors of agents 40 to 59, who see the last few, when the state flips with a rate.

    >>> print(moving_table((0.0, 0.02)))
    flips    none     two    four   eight
     0.00  0.3000  0.2335  0.2335  0.2335
     0.02  0.3000  0.2528  0.2530  0.2558
    """
    lines = ["flips    none     two    four   eight"]
    for rate in rates:
        chain = np.array([[1 - rate, rate], [rate, 1 - rate]])
        cells = []
        for k in (0, 2, 4, 8):
            model = NetworkLearning(networks.last(60, k), symmetric(accuracy), ERRORS, transition=chain)
            cells.append(model.exact(LEAN).error[40:].mean())
        lines.append(f"{rate:5.2f}" + "".join(f"{cell:8.4f}" for cell in cells))
    return "\n".join(lines)
