r"""Two tests that do not work, kept to show why: the plug-in, and the bootstrap of the verdict.

*Plug-in*: reject if the shares violate any inequality. A rational agent at the edge of the polytope (one
that pays the same attention in two environments is there) has binding inequalities, and noise breaks one of
them almost surely. More texts do not help: noise and slack shrink together.

*Naive bootstrap*: draw new counts from the shares, many times, and reject if fewer than a share `level` of
the tables drawn are rational. The tables drawn scatter around the shares, which lie outside already, and so
almost none is rational: the resampling starts from the wrong table. (It is right to draw from the nearest
*rational* table; even then the distance has no common law over the edge, which is what the projection's
degrees of freedom are for.)

Neither keeps its level. `test_counts` runs them when asked by name.

Reference. Andrews, Econometrica 68, 2000 (the bootstrap at the edge of a parameter set).
"""

from __future__ import annotations

import numpy as np

from llma.ribum.sampling.polytope import Polytope
from llma.ribum.sampling.projection import studentised_worst
from llma.ribum.sampling.sample import CountsTest, Sample


def plugin_test(sample: Sample, polytope: Polytope, level: float) -> CountsTest:
    """Reject if the shares violate anything. Has no level; for teaching."""
    sample.require_texts("plugin")
    worst = polytope.worst(sample.shares)
    return CountsTest(
        method="plugin",
        condition=polytope.condition,
        level=level,
        rejected=bool(worst),
        p_value=None,
        statistic=worst[0].value if worst else 0.0,
        certificate=studentised_worst(sample, polytope) if worst else None,
    )


def bootstrap_test(
    sample: Sample,
    polytope: Polytope,
    level: float,
    rng: np.random.Generator | None = None,
    draws: int = 400,
) -> CountsTest:
    """Reject if few of the tables resampled from the shares are rational. Misses its level; for teaching."""
    sample.require_texts("bootstrap")
    if rng is None:
        raise ValueError(
            "bootstrap: tables are drawn at random; pass a generator, say rng=numpy.random.default_rng(0)"
        )
    totals = sample.totals
    drawn = rng.multinomial(totals, sample.shares, size=(draws, *totals.shape)) / totals[:, :, None]
    share = float(np.mean(polytope.contains(drawn)))
    rejected = share < level
    return CountsTest(
        method="bootstrap",
        condition=polytope.condition,
        level=level,
        rejected=rejected,
        p_value=share,
        statistic=share,
        certificate=studentised_worst(sample, polytope) if rejected else None,
    )
