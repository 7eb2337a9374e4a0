"""The text of the model card. It holds words; all numbers are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llma.sensing.questions import QUESTIONNAIRES
from training.grammar import DOMAINS, HELD_SHARE
from training.scores import Scores, calibration_error, pooled_accuracy, pooled_majority
from training.words import STRANGE, WORDS

GOALS = {"new texts": 0.90, "unseen templates": 0.82, "unseen words": 0.84, "both unseen": 0.72}

INTRODUCTION = """\
# Card of the embedded model

**What it is.** A LLaMA (`LlamaForCausalLM`) of {layers} layers, width {width}, {heads} heads ({kv_heads}
for keys and values), byte-level byte-pair encoding with {vocabulary} tokens, tied embeddings,
{parameters:,} parameters in float16. It answers three questionnaires about short English texts with "Yes"
or "No" and then stops: product reviews (4 questions), hostility of comments (6), financial news (4). It
is teaching material and a sensor for a textbook, and no judge of real people's texts.

**Training data.** A grammar of our own (`training/`): {templates} templates and {words} words in {lists}
lists. A text's attributes are drawn given its state, and its label is the attribute that was drawn,
whether or not the text mentions it. Texts come with negation, contrast, remarks that say nothing,
wrapping phrases, lower case and typing errors. The words are mild. No text comes from elsewhere.

**What was withheld.** The last {held:.0%} of every list of templates and of every (alphabetically sorted)
list of words never occurs in a question-and-answer example. **These templates and words do occur in
unlabelled text**, on which the model learns to predict the next token: ordinary texts, restatements (one
attribute said in two to four ways in a row) and thesaurus lines (words of one meaning in a row). So
"unseen" below means "never seen with an answer", not "never seen": a restatement puts a withheld
expression beside known ones of the same meaning, and half of the expressions in unlabelled text are
withheld ones. Only the {strange} *strange* words
occur in no training text at all.

**Truncation.** {truncate:.0%} of the training questions are asked about the first tokens of the text
only, with the label kept. The answer's probability then hedges toward what the beginning reveals.
"""


ACCURACY = """\
## Accuracy

All numbers: {n} fresh texts a split and domain, canonical wordings, NumPy inference; a bit is right when the
more probable answer is right. The *ceiling* is the accuracy of a reader who understands every mention and
guesses the silent bits in the best way (openers left aside). *Mentioned bits* leaves the silent ones out.
"""

LENGTHS = """\
## First tokens only

New texts of known templates and words, cut after n tokens.
"""

HANDWRITTEN = """\
## Hand-written sample, outside the grammar

The texts in `llma/datasets` were written by hand without a look at the grammar. They were used neither for
training nor for choosing anything. All bits together: accuracy **{accuracy:.3f}**, majority rate
{majority:.3f}, calibration error {error:.3f}.
"""

STOPS = """\
## Answers and stops

The greedy continuation is "Yes" or "No" and then `</s>` in {stops:.1%} of {asked} prompts about texts with
unseen templates and words.
"""

LIKELIHOOD = """\
## Likelihood

`likelihood.json` holds p(bits given state) of every questionnaire, fitted by {methods} to {n} texts each:
{source}.
"""

LIMITS = """\
## Limits

* It knows a small vocabulary. Strange words are read in pieces and often misunderstood.
* Irony, long arguments, numbers and knowledge of the world are beyond it. It knows no questions but the
  shipped ones and their paraphrases; answers to other questions mean nothing.
* It is calibrated on new texts of the known grammar. The further a text is from it, the more it errs on the
  side of certainty: see the calibration errors above.
* Training cuts a text at a random share of its length, so its early cuts come more often from short texts.
  Asked about the first few tokens of every text, it is therefore off, most of all about comments.
* English only, and the authors' English.
"""

REPRODUCE = """\
## Reproduce

`make weights`, or `python -m training.train && python -m training.evaluate`: {cpu_seconds} CPU seconds on one
thread, {steps} steps, seed {seed}, torch {torch}, transformers {transformers}, device {device}. The same
machine and versions give the same bits; others give the same behaviour.
"""

LICENCE = (
    "**Licence.** MIT, like the code. The scripts that make the training texts are under the same licence.\n"
)


def _templates() -> set[str]:
    """Return all templates of the grammar."""
    lists = [
        some for d in DOMAINS.values() for by_value in d.statements.values() for some in by_value.values()
    ]
    lists += [some for d in DOMAINS.values() for some in (d.neutral, d.wraps, *d.openers.values())]
    return {template for some in lists for template in some}


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def summary(splits: Mapping[str, Mapping[str, Scores]], ceilings: Mapping[str, float]) -> str:
    """Return one row for every split: all bits of all domains together."""
    rows = []
    for split, by_domain in splits.items():
        scores = list(by_domain.values())
        goal = f"{GOALS[split]:.2f}" if split in GOALS else "none"
        rows.append(
            [
                split,
                f"{pooled_accuracy(scores):.3f}",
                goal,
                f"{ceilings[split]:.3f}",
                f"{pooled_accuracy(scores, mentioned=True):.3f}",
                f"{calibration_error(scores):.3f}",
                *(f"{pooled_accuracy([s]):.3f}" for s in scores),
            ]
        )
    head = ["split", "accuracy", "goal", "ceiling", "mentioned bits", "calibration error", *QUESTIONNAIRES]
    return _table(head, rows)


def details(by_domain: Mapping[str, Scores]) -> str:
    """Return one row for every question: accuracy, majority rate, AUC, number of texts."""
    rows = []
    for domain, s in by_domain.items():
        for k, key in enumerate(QUESTIONNAIRES[domain].keys):
            rows.append(
                [
                    domain,
                    key,
                    f"{s.accuracy[k]:.3f}",
                    f"{s.majority[k]:.3f}",
                    "yes" if s.accuracy[k] > s.majority[k] else "**no**",
                    f"{s.auc[k]:.3f}",
                    str(int((~np.isnan(s.answers[:, k])).sum())),
                ]
            )
    return _table(["domain", "question", "accuracy", "majority", "above", "AUC", "n"], rows)


def truncation(lengths: Mapping[str, Mapping[int, Scores]]) -> str:
    """Return accuracy and calibration error by the number of tokens that are read."""
    rows = []
    for domain, by_n in lengths.items():
        accuracy = [f"{pooled_accuracy([s]):.2f}" for s in by_n.values()]
        rows.append([domain, "accuracy", *accuracy])
        rows.append(["", "calibration error", *(f"{calibration_error([s]):.2f}" for s in by_n.values())])
    return _table(["domain", "tokens read", *map(str, next(iter(lengths.values())))], rows)


def card(
    *,
    facts: Mapping[str, Any],
    checksums: Mapping[str, str],
    splits: Mapping[str, Mapping[str, Scores]],
    ceilings: Mapping[str, float],
    lengths: Mapping[str, Mapping[int, Scores]],
    handwritten: Mapping[str, Scores],
    stops: Sequence[bool],
    tables: Mapping[str, Mapping[str, Any]],
    n: int,
) -> str:
    """Return the card.

    Parameters
    ----------
    facts : mapping
        `training.json`.
    checksums : mapping
        File name -> sha256.
    splits, ceilings, lengths, handwritten, stops
        Results of `training.evaluate`.
    tables : mapping
        The fitted likelihoods.
    n : int
        Texts in every split and domain.

    Returns
    -------
    str
        Markdown.
    """
    recipe = facts["recipe"]
    by_hand, table = list(handwritten.values()), next(iter(tables.values()))
    introduction = INTRODUCTION.format(
        **{key: recipe[key] for key in ("layers", "width", "heads", "kv_heads", "vocabulary")},
        parameters=facts["parameters"],
        templates=len(_templates()),
        words=sum(map(len, WORDS.values())),
        lists=len(WORDS),
        held=HELD_SHARE,
        strange=sum(map(len, STRANGE.values())),
        truncate=facts["truncate"],
    )
    parts = [
        introduction,
        ACCURACY.format(n=n),
        summary(splits, ceilings),
        *(f"### {split.capitalize()}\n\n" + details(by_domain) for split, by_domain in splits.items()),
        LENGTHS,
        truncation(lengths),
        HANDWRITTEN.format(
            accuracy=pooled_accuracy(by_hand),
            majority=pooled_majority(by_hand),
            error=calibration_error(by_hand),
        ),
        details(handwritten),
        STOPS.format(stops=float(np.mean(stops)), asked=len(stops)),
        LIKELIHOOD.format(
            methods=", ".join(f"{t['method']} ({name})" for name, t in tables.items()),
            n=table["n"],
            source=table["source"],
        ),
        LIMITS,
        REPRODUCE.format(steps=recipe["steps"], seed=recipe["seed"], **facts),
        _table(["file", "sha256"], [[f"`{name}`", f"`{sha}`"] for name, sha in checksums.items()]),
        LICENCE,
    ]
    return "\n".join(parts)
