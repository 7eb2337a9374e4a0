"""What answers about one text are worth: drawn once, at a temperature, or refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from llma import bayes, experiments
from llma.checks import Floats
from llma.sensing.questions import Questionnaire
from llma.sensing.sensor import Sensor, draw, tempered

REVIEW = (
    "Slightly smaller than I pictured, and the colour is more grey than blue, so not quite what I "
    "had in mind. Still, it's well made, has no flaws I can find, and seems built to last. On "
    "balance, yes, I'd recommend it."
)
"""The review of the story, from the hand-written sample. Its author would answer no, yes, no, yes."""


def one_question(in_state_0: float, in_state_1: float, temperature: float = 1.0) -> Floats:
    """Return the likelihood of one drawn answer, shape (2, 2): column 0 is no, column 1 is yes.

    Parameters
    ----------
    in_state_0, in_state_1 : float
        The model's probability of yes, the same for all texts of a state.
    temperature : float
        Of the draw.

    Examples
    --------
    >>> one_question(0.2, 0.9, temperature=2).round(3)
    array([[0.667, 0.333],
           [0.25 , 0.75 ]])
    """
    yes = tempered([in_state_0, in_state_1], temperature)
    return np.column_stack([1 - yes, yes])


def critical_logit() -> float:
    """Return the root of w sigmoid(w) = 1: below it in absolute value, cooling always informs more.

    >>> round(critical_logit(), 4)
    1.2785
    """
    w = 1.0
    for _ in range(60):  # Newton's method; the function is convex there and the start is below the root
        s = 1 / (1 + np.exp(-w))
        w -= (w * s - 1) / (s + w * s * (1 - s))
    return float(w)


def answer_sheet(
    sensor: Sensor, text: str, questions: Questionnaire, rng: np.random.Generator, temperature: float = 1.0
) -> str:
    """Return one line a question: P(yes), the bit drawn from it; and the observation y below.

    >>> from llma.sensing import PRODUCT_REVIEW, ScriptedSensor
    >>> always = ScriptedSensor(lambda text, question: question.key == "durable")
    >>> print(answer_sheet(always, "Fine.", PRODUCT_REVIEW, np.random.default_rng(0)))
    k question   P(yes) bit 2^k bit
    0 defects     0.000   0       0
    1 durable     1.000   1       2
    2 expect      0.000   0       0
    3 recommend   0.000   0       0
                            y = 2
    """
    probability = sensor.probabilities([text], questions)[0]
    bits = draw(probability, rng, temperature)
    lines = ["k question   P(yes) bit 2^k bit"]
    for k, key in enumerate(questions.keys):
        lines.append(f"{k} {key:<11}{probability[k]:6.3f}{bits[k]:4.0f}{bits[k] * 2**k:8.0f}")
    y = questions.observation(bits.tolist())
    lines.append(f"{'y = ' + str(y):>{len(lines[0])}}")
    return "\n".join(lines)


def temperature_table(in_state_0: float, in_state_1: float, temperatures: Sequence[float]) -> str:
    """Return what drawing at several temperatures does to a sensor with two probabilities.

    "Yes" and "no" are the factors by which an answer multiplies the odds of state 1.

    >>> print(temperature_table(0.6, 0.9, (0.5, 1)))
    T     bad  good   yes    no  nats
    0.5  0.69  0.99  1.43  0.04 0.098
    1    0.60  0.90  1.50  0.25 0.063
    """
    lines = ["T     bad  good   yes    no  nats"]
    for t in temperatures:
        b = one_question(in_state_0, in_state_1, t)
        nats = float(experiments.information((0.5, 0.5), b))
        with np.errstate(divide="ignore", invalid="ignore"):
            no, yes = (_ratio(ratio) for ratio in b[1] / b[0])
        lines.append(f"{t:<5g}{b[0, 1]:.2f}{b[1, 1]:6.2f}{yes:>6}{no:>6}{nats:6.3f}")
    return "\n".join(lines)


def _ratio(value: float) -> str:
    """Return a likelihood ratio as shown: 0 / 0 is an answer that is never given."""
    if np.isnan(value):
        return "never"
    return "proof" if np.isinf(value) else f"{value:.2f}"


def refusal_table(refuses: Sequence[float], yes: Sequence[float], prior: float) -> str:
    """Return the belief after yes, no and silence: with silence ignored, and with silence as a third answer.

    Parameters
    ----------
    refuses : (float, float)
        Probability of a refusal in states 0 and 1, independent of what the answer would be.
    yes : (float, float)
        Probability of yes, if the model answers.
    prior : float
        Probability of state 1.

    Examples
    --------
    >>> print(refusal_table(refuses=(0.05, 0.6), yes=(0.2, 0.9), prior=0.2))
             silence ignored  correct
    yes                0.529    0.321
    no                 0.030    0.013
    silence            0.200    0.750
    """
    r, p = np.array(refuses), np.array(yes)
    belief = np.array([1 - prior, prior])
    answers = np.column_stack([1 - p, p])
    three = np.column_stack([(1 - r)[:, None] * answers, r])
    rows = [
        ("yes", bayes.posterior(belief, answers, 1)[1], bayes.posterior(belief, three, 1)[1]),
        ("no", bayes.posterior(belief, answers, 0)[1], bayes.posterior(belief, three, 0)[1]),
        ("silence", prior, bayes.posterior(belief, three, 2)[1]),
    ]
    lines = ["         silence ignored  correct"]
    lines += [f"{name:<9}{ignored:15.3f}{correct:9.3f}" for name, ignored, correct in rows]
    return "\n".join(lines)


def world(
    n_states: int, n_texts: int, n_questions: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Return a random small world: prior (X,), texts given states (X, Z), observations given texts (Z, 2**K).

    The texts' probabilities of yes are uniform; the bits are independent given the text.

    >>> prior, texts, sheets = world(2, 5, 3, np.random.default_rng(0))
    >>> prior.shape, texts.shape, sheets.shape
    ((2,), (2, 5), (5, 8))
    """
    prior = rng.dirichlet(np.ones(n_states))
    texts = rng.dirichlet(np.ones(n_texts), size=n_states)
    return prior, texts, sheet_law(rng.uniform(size=(n_texts, n_questions)))


def sheet_law(probabilities: ArrayLike) -> Floats:
    """Return the law of y given the text, shape (Z, 2**K), when bits are drawn independently.

    Parameters
    ----------
    probabilities : array_like, shape (Z, K)
        P(yes) of each text and question.

    Examples
    --------
    >>> sheet_law([[0.9, 0.5]]).round(2)
    array([[0.05, 0.45, 0.05, 0.45]])
    """
    p = np.asarray(probabilities, dtype=np.float64)
    bits = (np.arange(2 ** p.shape[1])[:, None] >> np.arange(p.shape[1])) & 1  # (Y, K)
    law: Floats = np.where(bits[None] == 1, p[:, None], 1 - p[:, None]).prod(axis=-1)
    return law
