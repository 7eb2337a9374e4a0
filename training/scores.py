r"""Measures of the sensor on texts whose answers are known.

For one domain and one split: accuracy of every question, the rate of its more frequent answer (what a blind
reader reaches), the area under the ROC curve, the accuracy on mentioned bits, and the *ceiling*: the accuracy
of a reader who understands every mention and guesses the silent bits in the best way. That reader holds

$$P(x \mid \text{mentions}) \propto \prod_{k \text{ told}} P(a_k \mid x)\, m(a_k)
  \prod_{k \text{ silent}} \sum_{v} P(v \mid x)\,(1 - m(v)),$$

with $m(v)$ the mention rate of value $v$, and guesses a silent bit by its posterior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llma.reliability import reliability
from llma.sensing.questions import questionnaire
from llma.sensing.tiny import TinySensor
from training.grammar import DOMAINS, Example, Grammar

SPLITS: dict[str, Grammar] = {
    "new texts": Grammar("known", "known"),
    "unseen templates": Grammar("held", "known"),
    "unseen words": Grammar("known", "held"),
    "both unseen": Grammar("held", "held"),
    "strange words": Grammar("known", "strange"),
    "strange words, unseen templates": Grammar("held", "strange"),
}


@dataclass(frozen=True)
class Scores:
    """Probabilities P(yes) and answers of n texts and K questions of one domain.

    `answers` holds 0 and 1, or NaN where the answer is not known; `mentioned` is None for texts that are not
    from the grammar.
    """

    probabilities: np.ndarray
    answers: np.ndarray
    states: np.ndarray
    mentioned: np.ndarray | None = None

    @property
    def correct(self) -> np.ndarray:
        """1 where the more probable answer is right, 0 where it is wrong, NaN where it is not known."""
        right = ((self.probabilities > 0.5) == (self.answers == 1)).astype(float)
        return np.where(np.isnan(self.answers), np.nan, right)

    @property
    def accuracy(self) -> np.ndarray:
        """Share of right answers of every question, shape (K,)."""
        return np.nanmean(self.correct, axis=0)

    @property
    def majority(self) -> np.ndarray:
        """Share of the more frequent answer of every question, shape (K,)."""
        share = np.nanmean(self.answers, axis=0)
        return np.maximum(share, 1 - share)

    @property
    def auc(self) -> np.ndarray:
        """Area under the ROC curve of every question, shape (K,); NaN when only one answer occurs."""
        return np.array([auc(p, a) for p, a in zip(self.probabilities.T, self.answers.T, strict=True)])


def auc(probability: np.ndarray, answer: np.ndarray) -> float:
    """Return the probability that a random yes is rated above a random no; ties count half.

    Examples
    --------
    >>> auc(np.array([0.9, 0.6, 0.6, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]))
    0.875
    """
    yes, no = probability[answer == 1], np.sort(probability[answer == 0])
    if not len(yes) or not len(no):
        return float("nan")
    below, up_to = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float((below + up_to).mean() / (2 * len(no)))


def examples(grammar: Grammar, domain: str, n: int, seed: int) -> list[Example]:
    """Return n texts of a domain; the same for the same arguments."""
    key = [seed, list(DOMAINS).index(domain), *map(ord, grammar.templates[0] + grammar.words[0])]
    rng = np.random.default_rng(key)
    return [grammar.sample(rng, domain) for _ in range(n)]


def score(sensor: TinySensor, sample: Sequence[Example], texts: Sequence[str] | None = None) -> Scores:
    """Ask the sensor the canonical questions about examples of one domain.

    `texts` replaces the examples' texts, for instance by their first words.
    """
    read = [e.text for e in sample] if texts is None else texts
    return Scores(
        sensor.probabilities(read, questionnaire(sample[0].domain)),
        np.array([e.attributes for e in sample], dtype=float),
        np.array([e.state for e in sample]),
        np.array([e.mentioned for e in sample]),
    )


def pooled_accuracy(scores: Sequence[Scores], mentioned: bool = False) -> float:
    """Return the share of right answers, all bits of all domains together, or the mentioned ones only."""
    bits = [s.correct[s.mentioned] if mentioned else s.correct.ravel() for s in scores]
    return float(np.nanmean(np.concatenate(bits)))


def pooled_majority(scores: Sequence[Scores]) -> float:
    """Return what a reader reaches who gives the more frequent answer to every question, bits pooled."""
    right = sum(float((s.majority * (~np.isnan(s.answers)).sum(axis=0)).sum()) for s in scores)
    return right / sum(int((~np.isnan(s.answers)).sum()) for s in scores)


def calibration_error(scores: Sequence[Scores], n_bins: int = 10) -> float:
    """Return the expected calibration error of all bits of all domains together."""
    p = np.concatenate([s.probabilities.ravel() for s in scores])
    return reliability(p, np.concatenate([s.answers.ravel() for s in scores]), n_bins).error


def ceiling(example: Example) -> np.ndarray:
    """Return, for every bit, the probability that the best reader of the mentions is right, shape (K,).

    Examples
    --------
    >>> ceiling(Example("product_review", 1, (0, 1, 1, 1), (True, True, True, True), "")).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    d = DOMAINS[example.domain]
    presence = np.array(list(d.presence.values()))  # (K, X)
    values = np.stack([1 - presence, presence])  # (2, K, X)
    told = np.array(example.mentioned)
    mention = np.array(d.mention)[:, None, None]
    silent = values * (1 - mention)  # (2, K, X)
    chosen = np.take_along_axis(values * mention, np.array(example.attributes)[None, :, None], axis=0)[0]
    factor = np.where(told[:, None], chosen, silent.sum(axis=0))  # (K, X)
    belief = factor.prod(axis=0)
    belief /= belief.sum()
    yes = (silent[1] / silent.sum(axis=0)) @ belief  # (K,)
    return np.where(told, 1.0, np.maximum(yes, 1 - yes))
