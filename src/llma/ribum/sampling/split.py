r"""A test whose reason is one sentence: find a violated inequality in one half, check it in the other.

If the agent is rational, *every* form of the polytope is non-negative at the true table. So choose a form by
any means in one random half of the texts, and test that one inequality in the other half: estimate, divide
by its standard error, compare with the normal distribution, one-sided. Nothing is searched in the second
half, so nothing needs correcting. Do it both ways at half the level each; reject if either rejects.

The form is the one that the first half violates most in standard errors: a switch of actions, or a cycle of
attention with what each environment would do with the other's. If the first half violates none, that
direction does not reject. The certificate is the form with its value in the half where it was *tested*.

What is asymptotic here: one linear combination of shares is taken as normal, its variance with half a text
added to each cell (`sampling`). What it costs: half of the texts, and half of the level.

Reference. Cox, Biometrika 62, 1975 (choosing a hypothesis in one part of the data and testing it in
another).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from llma.checks import Ints
from llma.ribum.sampling.forms import Violation
from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import studentised_worst
from llma.ribum.sampling.sample import CountsTest, Sample


def halves(sample: Sample, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Deal the texts of each row at random to two halves; an odd text goes to the first.

    Examples
    --------
    >>> first, second = halves(Sample([[[7, 4]]]), np.random.default_rng(0))
    >>> first.sum(), second.sum(), (first + second).tolist()
    (np.int64(6), np.int64(5), [[[7, 4]]])
    """
    first = np.empty_like(sample.counts)
    for row in np.ndindex(sample.totals.shape):
        size = int(-(-sample.totals[row] // 2))
        first[row] = rng.multivariate_hypergeometric(sample.counts[row], size)
    return first, np.asarray(sample.counts - first)


def split_test(
    sample: Sample, polytope: Polytope, level: float, rng: np.random.Generator | None = None
) -> CountsTest:
    """Return the split-sample test; see the module."""
    if rng is None:
        raise ValueError(
            "split: the halves are dealt at random; pass a generator, say rng=numpy.random.default_rng(0)"
        )
    if (sample.totals < 2).any():
        m, x = (int(i) for i in np.argwhere(sample.totals < 2)[0])
        raise ValueError(
            f"counts: state {x} of environment {m} has {sample.totals[m, x]} texts, too few for two halves"
        )
    parts = [Sample(part) for part in halves(sample, rng)]
    tried: list[tuple[float, Violation]] = []
    for search, check in (parts, parts[::-1]):
        found = studentised_worst(search, polytope)
        if found is None:
            continue
        value = float(found.form.value(check.shares))
        error = float(check.standard_errors(found.form.coefficients))
        tried.append((value / error, Violation(found.form, value, error)))
    score, violation = min(tried, key=lambda pair: pair[0]) if tried else (np.inf, None)
    p_value = min(1.0, 2 * float(norm.cdf(score))) if tried else 1.0
    rejected = p_value < level
    return CountsTest(
        method="split",
        condition=polytope.condition,
        level=level,
        rejected=rejected,
        p_value=p_value,
        statistic=float(score),
        certificate=violation if rejected else None,
    )
