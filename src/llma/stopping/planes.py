r"""The minimum of planes over the simplex of beliefs, and the corners of its linear regions.

Representation. A function that is a minimum of finitely many linear ones, :math:`f(\pi) = \min_i
\alpha_i^\top\pi`, is kept as the list of its *planes* :math:`\alpha_i`, one number a state. In a stopping
problem each plane is what some plan costs, so that the list is a list of plans.

Regions. Where plane i is the least one, f is linear. These regions are polytopes that fill the simplex; their
corners are the corners of the polytope :math:`\{(\pi, t) : t \le \alpha_i^\top\pi \text{ for all } i\}`, cut
off far below. Qhull lists them in one run. A plane that owns no corner is nowhere needed.

Why corners. A function that is convex on each region, such as f minus a concave function, is largest at a
corner: a look at finitely many beliefs bounds it at all of them.

Size. With three states n planes have at most about 2n corners; with X states the number may grow like
:math:`n^{\lfloor X/2 \rfloor}`, which limits X to four or five.

Reference. Barber, Dobkin and Huhdanpaa, "The Quickhull algorithm for convex hulls", ACM Transactions on
Mathematical Software 22, 1996; Cheng, "Algorithms for partially observable Markov decision processes", PhD
thesis, University of British Columbia, 1988 (corners as the beliefs to look at).

>>> tent = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
>>> corners, _ = regions(tent)
>>> len(corners), float(least(tent, corners)[0].max().round(12))
(7, 0.666666666667)
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import HalfspaceIntersection

from llma.checks import Floats, Ints

SAME = 1e-12
"""Planes closer than this, relative to the spread of all, are one plane."""


def least(planes: Floats, beliefs: Floats) -> tuple[Floats, Ints]:
    """Return the minimum of planes at beliefs, and the first plane that attains it.

    Parameters
    ----------
    planes : ndarray, shape (n, X)
    beliefs : ndarray, shape (..., X)

    Returns
    -------
    values : ndarray, shape (...)
    which : ndarray of int, shape (...)
    """
    table = beliefs @ planes.T  # (..., n)
    which = np.asarray(table.argmin(axis=-1), dtype=np.int64)
    return np.asarray(np.take_along_axis(table, which[..., None], -1)[..., 0]), which


def regions(planes: Floats) -> tuple[Floats, list[Ints]]:
    """Return the corners of all regions, and for each corner the planes that meet in it.

    Parameters
    ----------
    planes : ndarray, shape (n, X)
        At least one plane; two or more states.

    Returns
    -------
    corners : ndarray, shape (m, X)
        Beliefs.
    owners : list of ndarray of int
        Which planes are least at each corner, up to rounding.
    """
    n, n_states = planes.shape
    height = max(float(np.ptp(planes)), 1e-300)
    scaled = (planes - planes.min()) / height  # between 0 and 1
    cut = np.zeros((n + n_states + 1, n_states + 1))
    cut[:n, : n_states - 1] = scaled[:, -1:] - scaled[:, :-1]  # t - alpha'pi <= 0
    cut[:n, n_states - 1] = 1.0
    cut[:n, n_states] = -scaled[:, -1]
    cut[n : n + n_states - 1, : n_states - 1] = -np.eye(n_states - 1)  # pi(x) >= 0
    cut[n + n_states - 1, : n_states - 1] = 1.0  # the last state has the rest
    cut[n + n_states - 1, n_states] = -1.0
    cut[-1, n_states - 1] = -1.0  # t >= -1
    cut[-1, n_states] = -1.0
    inside = np.full(n_states, 1.0 / n_states)
    inside[-1] = -0.5
    hull = HalfspaceIntersection(cut, inside)
    top = hull.intersections[:, -1] > -0.5
    free = np.clip(hull.intersections[top, :-1], 0.0, 1.0)
    corners = np.column_stack([free, np.clip(1 - free.sum(axis=1), 0.0, 1.0)])
    corners /= corners.sum(axis=1, keepdims=True)
    meeting = [
        np.asarray(facet, dtype=np.int64) for facet, up in zip(hull.dual_facets, top, strict=True) if up
    ]
    return corners, [facet[facet < n] for facet in meeting]


def distinct(planes: Floats) -> Floats:
    """Return the planes without repetitions, in the order of their first appearance.

    Examples
    --------
    >>> distinct(np.array([[1.0, 2.0], [0.0, 3.0], [1.0, 2.0 + 1e-15]]))
    array([[1., 2.],
           [0., 3.]])
    """
    step = SAME * max(float(np.ptp(planes)), 1e-300)
    _, first = np.unique(np.round(planes / step), axis=0, return_index=True)
    return planes[np.sort(first)]


def needed(planes: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the planes that are least somewhere, a belief inside the region of each, and all corners.

    Returns
    -------
    planes : ndarray, shape (k, X)
    inside : ndarray, shape (k, X)
        The mean of the corners of the plane's region.
    corners : ndarray, shape (m, X)
    """
    planes = distinct(planes)
    corners, owners = regions(planes)
    owner = np.concatenate(owners)
    at = corners[np.repeat(np.arange(len(corners)), [len(facet) for facet in owners])]
    count = np.bincount(owner, minlength=len(planes))
    total = np.stack([np.bincount(owner, column, minlength=len(planes)) for column in at.T], axis=1)
    kept = count > 0
    return planes[kept], total[kept] / count[kept, None], corners
