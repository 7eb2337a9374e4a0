r"""The test of rational inattention for a known or a restricted utility, and the test of a fixed capacity.

Theorem (Caplin and Martin; Caplin and Dean). For given utilities, choices are those of a rationally
inattentive Bayesian utility maximiser with one cost of attention for all environments, if and only if NIAS
and NIAC hold. The test is exact: it either returns costs that explain the data, or a proof that no costs do.

Equality is no violation. An agent that never looks, or that is indifferent, satisfies conditions with
equality, and rounding must not convict it. A slack counts as negative below minus 1e-8 times the largest
stake of its environment (a cycle: the sum over its members); that is the precision to which rows of
probabilities are checked. Estimated probabilities need a statistical test instead.

Unknown utilities. A utility must be given, or a restriction of it (`llma.ribum.recovery.restrictions`). With
a restriction the question is whether *some* admissible utility fits. A constant always does, so the verdict
asks for one that fits and leaves the agent something to lose: some action, used somewhere, that is strictly
better than another. The margin is the largest that any admissible utility attains; a margin of zero in a
positive verdict means that some condition can hold only with equality. Without any restriction, which you
have to ask for by name (`restriction="free"`), nearly all data pass, and the result says so.

Theorem (fixed capacity). Choices are those of an agent that can use any experiment of one fixed set, the same
in every environment, at no cost, if and only if NIAS and NIS hold.

>>> from llma.ribum.data import ChoiceData
>>> half, full = [[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]
>>> stakes = [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]
>>> print(test(ChoiceData([0.5, 0.5], [half, full]), stakes))
rational (margin 0.25)
>>> print(test(ChoiceData([0.5, 0.5], [full, half]), stakes))
not rational (margin -0.375)
Let 0 take the attention of 1, 1 that of 0: they lose 0.25, -1 of utility, -0.75 together, and the bill for
attention stays the same.
>>> print(nis(ChoiceData([0.5, 0.5], [half, full]), stakes))
does not fit a fixed capacity (margin -0.25)
Environment 0 would gain 0.25 with the attention of environment 1, used at its best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from llma.checks import Floats
from llma.ribum.certificates import EnvyCertificate, SwitchCertificate, cycle_certificate
from llma.ribum.conditions import niac_weights, nias_slack, nis_slack
from llma.ribum.costs import allowances
from llma.ribum.cycles import cycle_means, negative_cycle, potentials
from llma.ribum.data import ChoiceData, utilities
from llma.ribum.degenerate import notes
from llma.ribum.recovery.reconstruct import NEGLIGIBLE, max_margin, most_at_stake
from llma.ribum.recovery.restrictions import VACUOUS, Restriction, restriction_of
from llma.ribum.result import NisResult, RibumResult

WORTH = 1e-6
"""A sum of NIAS slacks, in the box 0 <= r <= 1, that the solver can tell from zero."""

__test__: dict[str, str] = {}  # an empty table tells pytest that `test` below is none of its own


def test(
    data: ChoiceData,
    utility: ArrayLike | None = None,  # noqa: PT028
    restriction: Restriction | str | None = None,  # noqa: PT028
    *,
    cost: str = "kernel",  # noqa: PT028
) -> RibumResult:
    """Test whether choices are rationally inattentive for a known utility, or for one of a family.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments.
    utility : array_like, shape (X, U) or (M, X, U), optional
        Known utility; one for all environments, or one for each.
    restriction : Restriction or {"common", "free"}
        What is known of the utility, if not all. Exactly one of `utility` and `restriction` is given.
    cost : {"kernel", "posterior"}
        "kernel": attention costs the same whatever the prior; all environments are compared. "posterior":
        its cost depends on the distribution of posteriors; only environments with equal priors are compared.

    Returns
    -------
    RibumResult

    Raises
    ------
    ValueError
        If both or neither of `utility` and `restriction` are given.

    Examples
    --------
    >>> data = ChoiceData([0.5, 0.5], [[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
    >>> result = test(data, [[1, 0], [0, 1]])
    >>> result.rational
    False
    >>> print(result.certificate)
    In environment 1, doing 1 whenever 0 was done would gain 0.5.

    The stakes are known, the utility is not. In the second data set the agent looks less where more is at
    stake:

    >>> from llma.ribum.recovery.restrictions import common
    >>> half, full = [[0.75, 0.25], [0.25, 0.75]], [[1, 0], [0, 1]]
    >>> print(test(ChoiceData([0.5, 0.5], [half, full]), restriction=common([1, 4])))
    rational for some admissible utility (margin 0.0625)
    >>> print(test(ChoiceData([0.5, 0.5], [full, half]), restriction=common([1, 4])))
    not rational for any admissible utility that matters (margin 0)
    The admissible utilities that fit leave the agent indifferent about everything it does.
    """
    if (utility is None) == (restriction is None):
        raise ValueError(
            "give a utility, or a restriction of it (common, monotone, ...), but not both; without either "
            'nearly all data pass: ask for that by name, restriction="free"'
        )
    if utility is None:
        return _restricted(data, restriction_of(restriction or "free"), cost)
    r = utilities(utility, data)
    tolerance = allowances(r)
    slack, weights = nias_slack(data, r), niac_weights(data, r, cost)
    switch = _switch(slack, tolerance)
    cycle = negative_cycle(weights, tolerance)
    explained = cycle is None
    return RibumResult(
        rational=switch is None and explained,
        margin=min(_nias_margin(data, slack), float(cycle_means(weights))),
        utility=r,
        attention_cost=potentials(weights, tolerance) if explained else np.full(len(weights), np.nan),
        switch=switch,
        cycle=None if cycle is None else cycle_certificate(weights, cycle),
        slack=slack,
        weights=weights,
        cost=cost,
        notes=notes(data, r, cost),
    )


def nis(data: ChoiceData, utility: ArrayLike) -> NisResult:
    """Test whether choices are those of an agent with a fixed capacity of attention, for a known utility.

    Parameters
    ----------
    data : ChoiceData
        Choices in M environments; the priors may differ.
    utility : array_like, shape (X, U) or (M, X, U)
        Known utility.

    Returns
    -------
    NisResult

    Examples
    --------
    Whoever always reads the same fits, whatever is at stake.

    >>> same = [[[0.75, 0.25], [0.25, 0.75]]] * 2
    >>> nis(ChoiceData([0.5, 0.5], same), [[[1, 0], [0, 1]], [[4, 0], [0, 4]]]).rational
    True
    """
    r = utilities(utility, data)
    tolerance = allowances(r)
    actions, slack = nias_slack(data, r), nis_slack(data, r)
    off = np.where(np.eye(len(slack), dtype=bool), np.inf, slack)
    envy = None
    scaled = off / np.maximum(tolerance, np.finfo(np.float64).tiny)[:, None]
    if (off < -tolerance[:, None]).any():
        m, k = (int(i) for i in np.unravel_index(int(scaled.argmin()), scaled.shape))
        envy = EnvyCertificate(m, k, float(slack[m, k]))
    certificate = _switch(actions, tolerance) or envy
    return NisResult(
        rational=certificate is None,
        margin=min(_nias_margin(data, actions), float(off.min())),
        slack=slack,
        certificate=certificate,
    )


def _restricted(data: ChoiceData, restriction: Restriction, cost: str) -> RibumResult:
    """Return the verdict on the most favourable admissible utility."""
    family = restriction.family((data.n_environments, data.n_states, data.n_actions))
    if family.n_parameters == 0:
        return test(data, family.utility(np.zeros(0)), cost=cost)
    chosen = found = max_margin(data, restriction, cost)
    rational, remarks = found.bound > NEGLIGIBLE, [f"Note: {VACUOUS}."] if restriction.vacuous else []
    if found.bound < -NEGLIGIBLE:
        remarks.append("No admissible utility fits, not even with ties; this one comes closest.")
    elif not rational:
        chosen = most_at_stake(data, restriction, cost)
        rational = chosen.bound > WORTH
        remarks.append(
            "No admissible utility makes all conditions strict; this one fits with ties."
            if rational
            else "The admissible utilities that fit leave the agent indifferent about everything it does."
        )
    return RibumResult(
        rational=rational,
        margin=found.bound,
        utility=chosen.utility,
        attention_cost=chosen.attention_cost,
        switch=None,
        cycle=None,
        slack=nias_slack(data, chosen.utility),
        weights=niac_weights(data, chosen.utility, cost),
        cost=cost,
        notes=tuple(remarks),
        restriction=restriction.name,
    )


def _switch(slack: Floats, tolerance: Floats) -> SwitchCertificate | None:
    """Return the switch that gains most as a share of its environment's stake, if any gains."""
    if not (slack < -tolerance[:, None, None]).any():
        return None
    share = slack / np.maximum(tolerance, np.finfo(np.float64).tiny)[:, None, None]
    m, u, v = (int(i) for i in np.unravel_index(int(share.argmin()), share.shape))
    return SwitchCertificate(m, u, v, float(slack[m, u, v]))


def _nias_margin(data: ChoiceData, slack: Floats) -> float:
    """Return the least slack over used actions and v != u."""
    counted = data.used[:, :, None] & ~np.eye(data.n_actions, dtype=bool)
    return float(slack.min(where=counted, initial=np.inf))
