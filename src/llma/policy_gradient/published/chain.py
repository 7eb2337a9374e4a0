r"""The public belief of the published notebooks as a finite chain.

There the public odds are multiplied, after action u, by (1 + R_u(1)) / (1 + R_u(0)), where R_u(x) adds up the
p(y given x) of those y after which u is a best action (a tie counts for both). Where all observations lead to
the same action the factor is one, and the belief rests for ever. So the beliefs that can be reached within a
number of steps are finite and few: log-odds that agree within 1e-9 are one.

>>> import numpy as np
>>> chain = Chain(np.array([[0.7, 0.3], [0.3, 0.7]]), 0.5, 100)
>>> round(float(chain.belief.min()), 3), len(chain.belief)
(0.255, 9)
"""

from __future__ import annotations

from math import log

import numpy as np
from scipy.sparse import csr_array

from llma.checks import Floats, Ints

Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Chain:
    """Beliefs that can be reached, and where each action leads.

    Parameters
    ----------
    sensor : ndarray, shape (2, 2)
        p(y given x).
    prior : float
        Public belief in state 1 at the start.
    steps : int
        How many steps are taken at most.

    Attributes
    ----------
    belief : ndarray, shape (N,)
        Beliefs in state 1; entry 0 is the prior.
    after : ndarray of int, shape (N, 2)
        Index of the belief after each action.
    private : ndarray, shape (N, 2, 2)
        Entry [i, y, x]: what the notebooks call the private belief, pi(x) p(y given x), not normalised.
    best : ndarray of int, shape (N, 2)
        Best action after each observation; state 0 wins a tie.
    """

    belief: Floats
    after: Ints
    private: Floats
    best: Ints

    def __init__(self, sensor: Floats, prior: float, steps: int) -> None:
        odds = [prior / (1 - prior)]
        index = {round(log(odds[0]) * 1e9): 0}
        moves: list[list[int]] = []
        depth = [0]
        i = 0
        while i < len(odds):
            row = []
            for u in (0, 1):
                rise = [1.0, 1.0]
                for y in (0, 1):
                    edge = odds[i] * sensor[1, y] - sensor[0, y]
                    if (edge >= 0) if u else (edge <= 0):
                        for x in (0, 1):
                            rise[x] += sensor[x, y]
                later = odds[i] * rise[1] / rise[0]
                key = round(log(later) * 1e9)
                if key not in index and depth[i] < steps:
                    index[key] = len(odds)
                    odds.append(later)
                    depth.append(depth[i] + 1)
                # Beliefs at the last step lead nowhere that is looked at.
                row.append(index.get(key, i))
            moves.append(row)
            i += 1
        self.belief = np.array([o / (1 + o) for o in odds])
        self.after = np.array(moves, dtype=np.int64)
        shares = np.stack([1 - self.belief, self.belief], axis=1)
        self.private = shares[:, None, :] * sensor.T
        self.best = np.asarray(self.private.argmax(axis=2), dtype=np.int64)


def gather(target: Ints, mass: Floats) -> Floats:
    """Return the mass, shape (N, ...), after all of belief i has moved to belief target[i]."""
    n = len(target)
    moves = csr_array((np.ones(n), (target, np.arange(n))), shape=(n, n))
    return np.asarray((moves @ mass.reshape(n, -1)).reshape(mass.shape))


def follow(after: Ints, switch: Bools, bits: Bools) -> Ints:
    """Return where runs on a chain are at each step: 4 times the belief, 2 times the bit, plus the switch.

    Parameters
    ----------
    after : ndarray of int, shape (4 N,)
        Next belief from each such place.
    switch : ndarray of bool, shape (R, N)
        What a row of runs does at each belief.
    bits : ndarray of bool, shape (steps, R, n)
        What is seen. All runs start at belief 0.
    """
    rows, n = switch.shape
    node, bit = np.arange(n)[:, None], np.array([0, 1])
    here = 4 * node + 2 * bit + switch[:, :, None]  # (R, N, 2): places
    # A run is carried as the index in `here` of its row and belief, bit 0; the bit is added.
    first = 2 * n * np.arange(rows)[:, None]
    onward = (first[..., None] + 2 * after[here]).ravel()
    path = np.empty(bits.shape, dtype=np.int64)
    at = np.broadcast_to(first, bits.shape[1:])
    for t in range(len(bits)):
        np.add(at, bits[t], out=path[t])
        at = onward[path[t]]
    return np.asarray(here.ravel()[path])
