"""A sensor on the hand-written sample: how often it is right, and whether it beats a constant answer.

`sample_answers` asks once; all tables are made from what it returns.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from llma.checks import Floats
from llma.data import Sample, load_sample
from llma.reliability import Reliability, reliability
from llma.sensing.questions import QUESTIONNAIRES
from llma.sensing.sensor import Sensor, tempered


def hard_bits(probabilities: ArrayLike) -> Floats:
    """Return the more probable answer, 1 or 0; NaN where there is none.

    >>> hard_bits([0.7, 0.2, np.nan])
    array([ 1.,  0., nan])
    """
    return np.where(tempered(probabilities, 0) >= 0.5, 1.0, np.where(np.isnan(probabilities), np.nan, 0.0))


def sample_answers(sensor: Sensor) -> dict[str, tuple[Sample, Floats]]:
    """Return, for each questionnaire, the hand-written sample and the sensor's probabilities, (n, K)."""
    samples = {name: load_sample(name) for name in QUESTIONNAIRES}
    return {name: (s, sensor.probabilities(s.texts, s.questionnaire)) for name, s in samples.items()}


def sample_reliability(
    answers: Mapping[str, tuple[Sample, Floats]], n_bins: int = 5
) -> dict[str, Reliability]:
    """Return one reliability table a questionnaire, over all its questions."""
    return {name: reliability(p, sample.answers, n_bins) for name, (sample, p) in answers.items()}


def short(name: str) -> str:
    """Return the first word of a questionnaire's name, for narrow tables.

    >>> short("product_review")
    'product'
    """
    return name.partition("_")[0]


def sample_table(answers: Mapping[str, tuple[Sample, Floats]]) -> str:
    """Return one line a questionnaire: how often the more probable answer is the author's.

    "Usual" is what one would reach by always giving the commoner answer of each question. "Error" is the
    expected calibration error with five bins.
    """
    lines = ["texts         n right usual error"]
    tables = sample_reliability(answers)
    for name, (sample, p) in answers.items():
        truth = sample.answers
        known = ~np.isnan(truth)
        share = np.nanmean(truth, axis=0)
        majority = np.broadcast_to(np.maximum(share, 1 - share), truth.shape)[known].mean()
        right = (hard_bits(p) == truth)[known].mean()
        lines.append(f"{short(name):<10}{len(truth):5d}{right:6.2f}{majority:6.2f}{tables[name].error:6.2f}")
    return "\n".join(lines)


def gain(truth: ArrayLike, probabilities: ArrayLike) -> tuple[float, float]:
    """Return how much oftener the more probable answer is right than the constant one, and the error.

    Parameters
    ----------
    truth : array_like, shape (n, K)
        True answers, 1 or 0; NaN where there is none.
    probabilities : array_like, shape (n, K)
        P(yes).

    Returns
    -------
    (float, float)
        Difference of two shares, and its standard error. The constant answer is the commoner one of each
        question in `truth`, which favours it. In the error texts are independent, and the answers about
        one text may hang together.

    Examples
    --------
    >>> truth = [[1, 1], [1, 0], [0, 0], [1, 1]]
    >>> mean, error = gain(truth, [[0.9, 0.8], [0.8, 0.3], [0.1, 0.2], [0.6, 0.7]])
    >>> round(mean, 3), round(error, 3)
    (0.375, 0.207)
    """
    true = np.asarray(truth, dtype=np.float64)
    known = ~np.isnan(true)
    usual = (np.nanmean(true, axis=0) >= 0.5).astype(np.float64)
    better = np.where(known, (hard_bits(probabilities) == true) * 1.0 - (usual == true), 0.0)
    mean = float(better.sum() / known.sum())
    left = better.sum(axis=1) - mean * known.sum(axis=1)  # one number a text
    return mean, float(np.sqrt((left**2).sum()) / known.sum())


def sample_verdicts(answers: Mapping[str, tuple[Sample, Floats]]) -> str:
    """Return one line a questionnaire: is the model better than the constant answer by two errors or more."""
    lines = ["texts       gain  error  verdict"]
    for name, (sample, p) in answers.items():
        mean, error = gain(sample.answers, p)
        verdict = "not clear"
        if abs(mean) > 2 * error:
            verdict = "better" if mean > 0 else "worse"
        lines.append(f"{short(name):<10}{mean:6.2f}{error:7.2f}  {verdict}")
    return "\n".join(lines)


def question_table(sample: Sample, probabilities: ArrayLike) -> str:
    """Return one line a question: texts with an answer, share right, share of the usual answer."""
    p = np.asarray(probabilities, dtype=np.float64)
    lines = ["question         n right usual"]
    for k, key in enumerate(sample.questionnaire.keys):
        truth = sample.answers[:, k]
        known = ~np.isnan(truth)
        share = truth[known].mean()
        right = (hard_bits(p[:, k]) == truth)[known].mean()
        lines.append(f"{key:<13}{known.sum():5d}{right:6.2f}{max(share, 1 - share):6.2f}")
    return "\n".join(lines)
