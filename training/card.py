"""The text of the model card. It holds words; all numbers are arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llma.sensing.questions import QUESTIONNAIRES
from training.grammar import DOMAINS, HELD_SHARE
from training.scores import Scores, calibration_error, pooled_accuracy
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
attribute said in two or three ways in a row) and thesaurus lines (words of one meaning in a row). So
"unseen" below means "never seen with an answer", not "never seen". Only the {strange} *strange* words
occur in no training text at all.

**Truncation.** {truncate:.0%} of the training questions are asked about the first tokens of the text
only, with the label kept. The answer's probability then hedges toward what the beginning reveals.
"""


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
    stops: float,
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
    templates = {
        t
        for d in DOMAINS.values()
        for lists in [*(v.values() for v in d.statements.values()), [d.neutral, d.wraps, *d.openers.values()]]
        for some in lists
        for t in some
    }
    parts = [
        INTRODUCTION.format(
            **{key: recipe[key] for key in ("layers", "width", "heads", "kv_heads", "vocabulary")},
            parameters=facts["parameters"],
            templates=len(templates),
            words=sum(map(len, WORDS.values())),
            lists=len(WORDS),
            held=HELD_SHARE,
            strange=sum(map(len, STRANGE.values())),
            truncate=facts["truncate"],
        ),
        f"## Accuracy\n\nAll numbers: {n} fresh texts a split and domain, canonical wordings, NumPy "
        "inference, "
        "a bit counted right when the more probable answer is right. The *ceiling* is the accuracy of a "
        "reader "
        "who understands every mention and guesses the silent bits in the best way (openers left aside).\n",
        summary(splits, ceilings),
        *(f"### {split.capitalize()}\n\n" + details(by_domain) for split, by_domain in splits.items()),
        "## First tokens only\n\nNew texts of known templates and words, cut after n tokens.\n",
        truncation(lengths),
        "## Hand-written sample, outside the grammar\n\n"
        "Texts in `llma/datasets`, written by hand without a look at the grammar; not used to choose "
        "anything. "
        f"All bits together: {pooled_accuracy(list(handwritten.values())):.3f}; majority rate "
        f"{np.mean(np.concatenate([s.majority for s in handwritten.values()])):.3f} (mean over questions); "
        f"calibration error {calibration_error(list(handwritten.values())):.3f}.\n",
        details(handwritten),
        "## Answers and stops\n\n"
        f'Greedy continuation gives "Yes" or "No" and then `</s>` in {stops:.1%} of prompts about texts with '
        "unseen templates and words.\n",
        "## Likelihood\n\n`likelihood.json` holds p(bits given state) of every questionnaire, fitted by "
        + ", ".join(f"{t['method']} ({name})" for name, t in tables.items())
        + f" to {next(iter(tables.values()))['n']} texts each: {next(iter(tables.values()))['source']}.\n",
        "## Limits\n\n"
        "* It knows a small vocabulary. Strange words are read in pieces and often misunderstood.\n"
        "* Irony, long arguments, numbers and knowledge of the world are beyond it. It knows no "
        "questions but the "
        "shipped ones and their paraphrases; answers to other questions mean nothing.\n"
        "* Calibration holds within the grammar. Outside it the model is too sure of itself.\n"
        "* English only, and the authors' English.\n",
        "## Reproduce\n\n`make weights`, or `python -m training.train && python -m training.evaluate`: "
        f"{facts['cpu_seconds']} CPU seconds on one thread, {recipe['steps']} steps, torch {facts['torch']}, "
        f"transformers {facts['transformers']}, device {facts['device']}, seed {recipe['seed']}. The "
        "same machine "
        "and versions give the same bits; others give the same behaviour.\n",
        _table(["file", "sha256"], [[f"`{name}`", f"`{sha}`"] for name, sha in checksums.items()]),
        "**Licence.** MIT, like the code. The training texts are made by the scripts under the same "
        "licence.\n",
    ]
    return "\n".join(parts)
