r"""The sensor: what every language model looks like to the rest of the book, and how a bit is drawn from it.

A sensor takes n texts and K questions and returns an (n, K) matrix of probabilities of "yes". NaN means that
the model refused; a refusal is no observation, and the likelihood marginalises it out. It is never read
as a no.

The bits are drawn outside the model, from a generator of ours:

$$y \sim \mathrm{Bernoulli}\bigl(\sigma(\mathrm{logit}(P) / T)\bigr).$$

At temperature T = 1 the model answers as often with yes as it says. As T falls to 0 it becomes a threshold
at one half, and as T grows it becomes a fair coin. One rule serves every model, and the randomness is
seeded. There is one honest difference from a model that writes its K answers out one after the other:
there, answer k depends on the answers before it. Here the answers are independent given the text.

>>> import numpy as np
>>> draw([[0.9, 0.2, np.nan]], np.random.default_rng(0), temperature=0)
array([[ 1.,  0., nan]])
>>> tempered(0.8, [0.5, 1, 2]).round(3)
array([0.941, 0.8  , 0.667])

Reference: A. Jain and V. Krishnamurthy, *Interacting Large Language Model Agents*, IEEE Access 2025,
arXiv 2411.01271, Section II.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma import checks
from llma.sensing.openai import OpenAISensor
from llma.sensing.questions import Question, Questionnaire
from llma.sensing.replaying import replay
from llma.sensing.scripted import ScriptedSensor
from llma.sensing.tiny import load
from llma.sensing.transformers import TransformersSensor

KNOWN = (
    "tiny",
    "tiny:<folder>",
    "transformers:<model or folder>",
    "openai:<model>",
    "record:<file.jsonl>",
    "scripted:<file.csv>",
)


@runtime_checkable
class Sensor(Protocol):
    """What a sensor must be able to do."""

    @property
    def name(self) -> str:
        """How reports call the sensor."""

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return P(yes), shape (n, K), float64 in [0, 1]; NaN where the model refused.

        A text that the model cannot read raises `UnreadableText`, a ValueError that holds its index.
        """


def open_sensor(spec: str = "tiny") -> Sensor:
    """Open a sensor by its name.

    Parameters
    ----------
    spec : str
        `"tiny"`, the embedded model; `"tiny:<folder>"`, a model of the same kind in a folder of your own;
        `"transformers:<model or folder>"`, a chat model of the Hugging Face hub or in a folder, in torch (see
        `llma.sensing.transformers`);
        `"openai:<model>"`, a model behind an OpenAI-compatible server (see `llma.sensing.openai`);
        `"record:<file.jsonl>"`, answers that were recorded once (see `llma.sensing.recording`);
        `"scripted:<file.csv>"`, answers from a table with a column `text` and one column per question key.

    Returns
    -------
    Sensor

    Raises
    ------
    ValueError
        When the name is unknown. The message lists the names that are known.
    Exception
        When the model cannot be opened; see the module of its kind.

    Examples
    --------
    >>> open_sensor("tiny").name
    'tiny'
    >>> open_sensor("parrot")
    Traceback (most recent call last):
    ...
    ValueError: unknown sensor 'parrot'; known: tiny, tiny:<folder>, transformers:<model or folder>,
    openai:<model>, record:<file.jsonl>, scripted:<file.csv>
    """
    kind, _, rest = spec.partition(":")
    if spec == "tiny":
        return load()
    if kind == "tiny" and rest:
        return load(rest)
    if kind == "scripted" and rest:
        return ScriptedSensor.from_csv(rest)
    if kind == "transformers" and rest:
        return TransformersSensor.load(rest)
    if kind == "openai" and rest:
        return OpenAISensor(rest)
    if kind == "record" and rest:
        return replay(rest)
    raise ValueError(f"unknown sensor {spec!r}; known: {', '.join(KNOWN)}")


def tempered(probabilities: ArrayLike, temperature: ArrayLike = 1.0) -> NDArray[np.float64]:
    """Return sigmoid(logit(P) / T), with its limits at T = 0 and T = infinity.

    Parameters
    ----------
    probabilities : array_like
        Values in [0, 1], or NaN, which stays NaN. Certainty (0 or 1) stays certain at every temperature.
    temperature : array_like
        Values >= 0, broadcast against the probabilities. At 0 the answer is the more probable one; one
        half stays one half.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ValueError
        When a probability is outside [0, 1] or a temperature is negative or NaN.

    Examples
    --------
    >>> tempered([0.0, 0.3, 0.5, 1.0], 0)
    array([0. , 0. , 0.5, 1. ])
    """
    p = checks.probabilities(probabilities, allow_nan=True)
    t = np.asarray(temperature, dtype=np.float64)
    if not (t >= 0).all():
        raise ValueError(f"temperature is {t}; it must be 0 or more")
    p, t = np.broadcast_arrays(p, t)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = 0.5 * (np.log(p) - np.log1p(-p)) / t
        warm = 0.5 * (1 + np.tanh(half))
    # 0 / 0 (one half at T = 0) and inf / inf (certainty at T = infinity) keep their own value.
    return np.where(np.isnan(half), p, warm)


def draw(probabilities: ArrayLike, rng: np.random.Generator, temperature: float = 1.0) -> NDArray[np.float64]:
    """Draw one bit for every probability.

    Every entry uses up one uniform number, a refused one too, so that a refusal does not shift the random
    numbers of the entries behind it.

    Parameters
    ----------
    probabilities : array_like
        Values in [0, 1], or NaN.
    rng : numpy.random.Generator
    temperature : float
        See `tempered`.

    Returns
    -------
    ndarray of float64
        0.0 or 1.0, and NaN where the probability is NaN.

    Raises
    ------
    ValueError
        As `tempered`.

    Examples
    --------
    >>> draw([1.0, 0.0, np.nan], np.random.default_rng(1))
    array([ 1.,  0., nan])
    """
    p = tempered(probabilities, temperature)
    bits = (rng.random(p.shape) < p).astype(np.float64)
    return np.where(np.isnan(p), np.nan, bits)
