r"""Samples: counts of finitely many texts, and readers who learn the sensor from finitely many.

In state x the reader meets texts drawn with replacement from the pool, and the bits are drawn afresh. So its
actions are independent draws from :math:`p_m(\cdot \mid x)`, and the counts of a row are multinomial.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma import ribum
from llma.checks import Ints
from llma.explorers.token_price.observer import ROUNDING, verdict
from llma.explorers.token_price.readers import PRICE, Design, data, design_a, menu, plans, reading
from llma.likelihood import fit
from llma.ribum.sampling import counts as ribum_counts
from llma.sensing.sensor import draw

SAMPLED = ("optimal", "fixed", "inverse", "neglect", "softmax")
"""Readers of the table of rejection rates."""


def counts(seen: ribum.ChoiceData, n_texts: int, rng: np.random.Generator) -> Ints:
    """Return counts of actions for n texts in each state of each environment, shape (M, X, U).

    >>> seen = ribum.ChoiceData([0.5, 0.5], [[[1.0, 0.0], [0.5, 0.5]]])
    >>> counts(seen, 8, np.random.default_rng(0)).sum(axis=2).tolist()
    [[8, 8]]
    """
    return np.asarray(rng.multinomial(n_texts, seen.choice))


def rejections(
    design: Design, reader: str, n_texts: int, n_runs: int, *, seed: int, method: str = "projection"
) -> tuple[float, float]:
    """Return how often NIAS with NIAC, and NIS (which contains NIAS), are rejected at level 0.05.

    Parameters
    ----------
    design : Design
    reader : str
        One of `READERS`.
    n_texts : int
        In each state of each environment.
    n_runs : int
    seed : int
    method : str
        Of `llma.ribum.sampling.counts.test_counts`.
    """
    rng, seen = np.random.default_rng(seed), data(design, reader)
    found = []
    for _ in range(n_runs):
        table = counts(seen, n_texts, rng)
        found.append(
            [
                test(table, design.priors, design.utility, method=method).rejected
                for test in (ribum_counts.test_counts, ribum_counts.nis_counts)
            ]
        )
    shares = np.mean(found, axis=0)
    return float(shares[0]), float(shares[1])


def rejections_table(
    readers: Sequence[str] = SAMPLED, n_texts: Sequence[int] = (50, 200), n_runs: int = 100, seed: int = 0
) -> str:
    """Return rejection rates in design A: of NIAS with NIAC and of NIS, for each number of texts."""
    lines = ["reader     texts NIAS+NIAC  NIS"]
    for reader in readers:
        for n in n_texts:
            niac, nis = rejections(design_a(), reader, n, n_runs, seed=seed)
            lines.append(f"{reader:9}{n:7d}{niac:10.2f}{nis:5.2f}")
    return "\n".join(lines)


def learner(design: Design, n_texts: int, rng: np.random.Generator) -> ribum.ChoiceData:
    """Return the choices of a reader who learns each kernel from n labelled texts a state, then optimises.

    The texts are read once with each budget. Kernels are smoothed counts (`llma.likelihood.fit`). What the
    reader then chooses and does is evaluated with the true kernels.
    """
    recorded, offer = reading(), menu()
    picks = np.concatenate([rng.choice(np.flatnonzero(recorded.states == x), size=n_texts) for x in range(2)])
    learnt = [offer.kernels[0]]
    for n in range(len(offer) - 1):
        bits = draw(recorded.probabilities[picks, n], rng)
        learnt.append(fit(bits, recorded.states[picks], n_states=2, method="counts").table)
    believed = type(offer)(learnt, offer.tokens)
    rows = []
    for plan in plans(design, PRICE, believed):
        rows.append(offer.kernels[plan.chosen] @ np.eye(design.utility.shape[2])[plan.actions])
    return ribum.ChoiceData(design.priors, np.array(rows))


def learner_shares(n_texts: int, n_draws: int, seed: int = 0) -> float:
    """Return the share of learners whose exact choices violate NIAS or NIAC in design A."""
    design, rng = design_a(), np.random.default_rng(seed)
    broken = 0
    for _ in range(n_draws):
        found = verdict(design, learner(design, n_texts, rng))
        broken += min(found.switch, found.cycle) < -ROUNDING
    return broken / n_draws
