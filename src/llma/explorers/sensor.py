r"""The explorers and tables of the chapter "The LLM as a sensor".

Each explorer is a function without arguments. It returns the same object for the theory page, for the
notebook and for the test that compares the browser with Python. The tables are text, short enough for a
phone.

>>> likelihood = one_question(0.2, 0.9)
>>> bayes.posterior((0.5, 0.5), likelihood, 1).round(3)
array([0.182, 0.818])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from llma import bayes, experiments, figures
from llma.checks import Floats
from llma.data import Sample, load_sample
from llma.explore import Explorer, Slider, explore
from llma.reliability import Reliability, reliability, repeat_odds
from llma.sensing.packing import Packed
from llma.sensing.questions import QUESTIONNAIRES, Questionnaire
from llma.sensing.sensor import Sensor, draw, tempered

REVIEW = (
    "Slightly smaller than I pictured, and the colour is more grey than blue, so not quite what I "
    "had in mind. Still, it's well made, has no flaws I can find, and seems built to last. On "
    "balance, yes, I'd recommend it."
)
"""The review of the story, from the hand-written sample. Its author would answer no, yes, no, yes."""

NOW = alt.NamedData("now")
SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
PRIORS = tuple(round(0.02 * k, 2) for k in range(1, 50))
TEMPERATURES = tuple(round(float(t), 4) for t in np.geomspace(0.1, 10, 41))


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


def repeat_belief(prior: float, accuracy: float, correlation: float, yes: int, no: int = 0) -> float:
    """Return the belief in state 1 after repeated answers of one model about one text.

    >>> [round(repeat_belief(0.5, 0.7, rho, 5), 3) for rho in (0, 0.3, 1)]
    [0.986, 0.88, 0.7]
    """
    odds = prior / (1 - prior) * repeat_odds(accuracy, correlation, yes, no)
    return odds / (1 + odds)


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


def mask_figure(packed: Packed, labels: Sequence[str]) -> Figure:
    """Return a picture of who may look at whom in a packed sequence.

    Parameters
    ----------
    packed : Packed
        T tokens.
    labels : sequence of T str
        What to write for each token.
    """
    figure, axes = figures.new(width=4.2, height=4.0)
    size = len(labels)
    for row in range(size):
        for column in range(row + 1):
            seen = bool(packed.mask[row, column])
            axes.add_patch(
                Rectangle(
                    (column - 0.44, row - 0.44),
                    0.88,
                    0.88,
                    facecolor=figures.LIGHT[0] if seen else "none",
                    edgecolor=figures.LIGHT[0],
                    linewidth=0.6,
                )
            )
    axes.set(xlim=(-0.6, size - 0.4), ylim=(size - 0.4, -0.6), aspect="equal")
    axes.set_xticks(range(size), labels, rotation=90)
    axes.set_yticks(range(size), [f"{label}  {t}" for label, t in zip(labels, packed.positions, strict=True)])
    axes.set(xlabel="token that is looked at", ylabel="token that looks, and its position")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def reliability_figure(tables: Mapping[str, Reliability]) -> Figure:
    """Return stated probability against share of true yes, one line a table; larger dots, more answers."""
    figure, axes = figures.new(width=4.2, height=3.8)
    axes.plot([0, 1], [0, 1], color="#808080", linestyle="-", linewidth=1)
    for name, table in tables.items():
        used = table.count > 0
        (line,) = axes.plot(
            table.stated[used], table.observed[used], label=f"{short(name)} (error {table.error:.2f})"
        )
        size = 12 + 160 * table.count[used] / table.count.sum()
        axes.scatter(table.stated[used], table.observed[used], s=size, color=line.get_color(), zorder=3)
    axes.set(
        xlabel="stated probability of yes", ylabel="share of true yes", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    axes.legend(loc="upper left")
    return figure


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


def one_answer() -> Explorer:
    """Return the explorer of the belief after one answer, as the prior runs from 0 to 1."""
    priors = np.array(PRIORS)
    beliefs = np.column_stack([1 - priors, priors])

    def answer(in_state_0: float, in_state_1: float, temperature: float) -> Mapping[str, Any]:
        likelihood = one_question(in_state_0, in_state_1, temperature)
        after = [bayes.posterior(beliefs, likelihood, y)[:, 1] for y in (1, 0)]
        no, yes = likelihood[1] / likelihood[0]
        return {
            "belief": np.concatenate([*after, priors]),
            "a yes multiplies odds by": float(yes),
            "a no multiplies odds by": float(no),
            "nats, even prior": float(experiments.information((0.5, 0.5), likelihood)),
        }

    names = ("after yes", "after no", "no answer")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("prior:Q", title="belief before", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("belief:Q", title="belief afterwards", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title=None, sort=None),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        answer,
        [
            Slider("in_state_0", "P(yes), bad product", SHARES, 0.2),
            Slider("in_state_1", "P(yes), good product", SHARES, 0.9),
            Slider("temperature", "temperature T", (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0), 1.0),
        ],
        chart,
        fixed={"prior": np.tile(priors, 3), "curve": [name for name in names for _ in priors]},
        title="One answer",
        alt="Belief after an answer against belief before. Without an answer it is the diagonal. The "
        "curve after yes lies above the diagonal and the curve after no below it, as long as yes is "
        "more likely for a good product.",
    )


def heat() -> Explorer:
    """Return the explorer of information against the temperature of the draw."""
    axis = np.array(TEMPERATURES)
    critical = critical_logit()

    def warm(in_state_0: float, in_state_1: float, prior: float) -> Mapping[str, Any]:
        belief = (1 - prior, prior)
        nats = np.array(
            [experiments.information(belief, one_question(in_state_0, in_state_1, t)) for t in axis]
        )
        logits = np.log([in_state_0, in_state_1]) - np.log1p([-in_state_0, -in_state_1])
        low, high = float(logits.min()), float(logits.max())
        safe = low <= 0 <= high or max(-low, high) <= critical
        best = int(np.argmax(nats))
        return {
            "nats": nats,
            "share": nats / nats.max(),
            "best temperature": "0.1 or less" if best == 0 else f"about {axis[best]:.2f}",
            "best, in nats": float(nats[best]),
            "at T = 1, in nats": float(experiments.information(belief, one_question(in_state_0, in_state_1))),
            "hotter than 1": "never better" if safe else "no promise",
        }

    line = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X(
                "temperature:Q",
                title="temperature T of the draw",
                scale=alt.Scale(type="log", domain=[0.1, 10]),
                axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10]),
            ),
            y=alt.Y("share:Q", title="information, share of the best", scale=alt.Scale(domain=[0, 1])),
        )
    )
    return explore(
        warm,
        [
            Slider("in_state_0", "P(yes), bad product", (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 0.2),
            Slider(
                "in_state_1",
                "P(yes), good product",
                (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.9, 0.95, 0.98),
                0.9,
            ),
            Slider("prior", "prior of a good product", (0.1, 0.25, 0.5, 0.75, 0.9), 0.5),
        ],
        line,
        fixed={"temperature": axis},
        title="Drawing hot and cold",
        alt="Information in one drawn answer against the temperature of the draw, from 0.1 to 10, as a "
        "share of its largest value. It falls if the two probabilities lie on two sides of one half. "
        "If both lie on one side it can rise first.",
    )


PATTERNS = {"all yes": (1, 0), "9 yes to 1 no": (9, 1), "4 yes to 1 no": (4, 1), "3 yes to 2 no": (3, 2)}


def counts(pattern: str, n: int) -> tuple[int, int]:
    """Return how many of the first n answers are yes and no: the yes of a round come first.

    >>> counts("4 yes to 1 no", 7)
    (6, 1)
    """
    yes, no = PATTERNS[pattern]
    rounds, rest = divmod(n, yes + no)
    return rounds * yes + min(rest, yes), rounds * no + max(rest - yes, 0)


def repeats() -> Explorer:
    """Return the explorer of one model that is asked about the same text again and again."""
    asked = range(31)

    def ask(pattern: str, accuracy: float, correlation: float, prior: float) -> Mapping[str, Any]:
        tally = [counts(pattern, n) for n in asked]
        naive = [repeat_belief(prior, accuracy, 0.0, *t) for t in tally]
        correct = [repeat_belief(prior, accuracy, correlation, *t) for t in tally]
        return {
            "belief": np.array([*naive, *correct]),
            "after 5, as if independent": naive[5],
            "after 5, correct": correct[5],
            "after 30, correct": correct[30],
        }

    names = ("as if independent", "correct")
    chart = (
        alt.Chart(NOW)
        .mark_line()
        .encode(
            x=alt.X("asked:Q", title="times asked about one text", axis=alt.Axis(format="d")),
            y=alt.Y("belief:Q", title="belief in a good product", scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("curve:N", title=None, sort=None),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=None),
        )
    )
    return explore(
        ask,
        [
            Slider("pattern", "answers", tuple(PATTERNS), "all yes"),
            Slider("accuracy", "accuracy of one answer", (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9), 0.7),
            # Stops below 1: at 1 the mixed patterns are impossible.
            Slider(
                "correlation", "correlation ρ", (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99), 0.3
            ),
            Slider("prior", "prior of a good product", (0.1, 0.3, 0.5), 0.5),
        ],
        chart,
        fixed={"asked": [*asked, *asked], "curve": [name for name in names for _ in asked]},
        title="Asking again",
        alt="Belief against the number of answers about one text, from 0 to 30. Taken as independent, "
        "answers that are mostly yes drive the belief towards 1. If the correlation is positive, the "
        "correct curve rises more slowly, and with mixed answers it levels off or falls on the way.",
    )


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
