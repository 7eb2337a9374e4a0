"""Measure the shipped model and write its card: `python -m training.evaluate`.

Every number of `CARD.md` is computed here, with the NumPy inference that readers use, on texts drawn with a
seed of its own. `likelihood.json` holds p(bits given state) of every questionnaire, so that
`python -m llma herd` works without labels. It is fitted to bits *drawn* from the model's probabilities about
texts with unseen templates and unseen words: a reader's own texts are new to the model too, and a table
fitted to familiar texts would be too sure of itself.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np

from llma.likelihood import fit
from llma.sensing.questions import QUESTIONNAIRES, prompt, questionnaire
from llma.sensing.sensor import draw
from llma.sensing.tiny import WEIGHTS, TinySensor, load, read_checksums
from training.card import card
from training.scores import SPLITS, Scores, ceiling, examples, score

SEED = 2025
READ = (2, 4, 8, 12, 16, 24, 32, 48)
HANDWRITTEN = {"product_review": "reviews", "comment_hostility": "comments", "financial_news": "news"}
LIKELIHOOD_SPLIT = "both unseen"


def by_split(sensor: TinySensor, n: int) -> dict[str, dict[str, Scores]]:
    """Return the scores of every split and domain."""
    return {
        split: {d: score(sensor, examples(grammar, d, n, SEED)) for d in QUESTIONNAIRES}
        for split, grammar in SPLITS.items()
    }


def by_split_ceiling(n: int) -> dict[str, float]:
    """Return the ceiling of every split, all bits together."""
    return {
        split: float(
            np.mean([c for d in QUESTIONNAIRES for e in examples(g, d, n, SEED) for c in ceiling(e)])
        )
        for split, g in SPLITS.items()
    }


def first_tokens(sensor: TinySensor, text: str, n: int) -> str:
    """Return the text of the first n tokens."""
    encode, decode = sensor.tokenizer.encode, sensor.tokenizer.decode
    return decode(encode(text, add_special_tokens=False).ids[:n])


def by_length(sensor: TinySensor, n: int) -> dict[str, dict[int, Scores]]:
    """Return the scores of new texts of which only the first tokens are read."""
    table: dict[str, dict[int, Scores]] = {}
    for domain in QUESTIONNAIRES:
        sample = examples(SPLITS["new texts"], domain, n, SEED + 1)
        table[domain] = {}
        for length in READ:
            texts = [first_tokens(sensor, e.text, length) for e in sample]
            table[domain][length] = score(sensor, sample, texts)
    return table


def handwritten(sensor: TinySensor) -> dict[str, Scores]:
    """Return the scores on the hand-written sample that ships with the package."""
    folder = WEIGHTS.parents[2] / "datasets"
    table = {}
    for domain, name in HANDWRITTEN.items():
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        asked = questionnaire(domain)
        answers = [[float(row[key]) if row[key].strip() else np.nan for key in asked.keys] for row in rows]
        table[domain] = Scores(
            sensor.probabilities([row["text"] for row in rows], asked),
            np.array(answers),
            np.array([int(row["state"]) for row in rows]),
        )
    return table


def stopping(sensor: TinySensor, n: int) -> list[bool]:
    """Return, prompt by prompt, whether the continuation is "Yes" or "No" and then the end."""
    asked = [
        prompt(e.text, q)
        for d in QUESTIONNAIRES
        for e in examples(SPLITS["both unseen"], d, n, SEED + 2)
        for q in questionnaire(d).questions
    ]
    return [sensor.generate(text) in {("Yes", "</s>"), ("No", "</s>")} for text in asked]


def likelihoods(sensor: TinySensor, n: int) -> dict[str, dict[str, object]]:
    """Fit p(bits given state) of every questionnaire on texts that are new to the model."""
    tables: dict[str, dict[str, object]] = {}
    for domain, asked in QUESTIONNAIRES.items():
        scores = score(sensor, examples(SPLITS[LIKELIHOOD_SPLIT], domain, n, SEED + 3))
        bits = draw(scores.probabilities, np.random.default_rng([SEED, len(tables)]))
        model = fit(bits, scores.states, n_states=asked.n_states, candidates=("counts", "bernoulli"))
        tables[domain] = {
            "questions": list(asked.keys),
            "states": list(asked.states),
            "table": np.round(model.table, 8).tolist(),
            "method": model.method,
            "n": n,
            "source": f"bits drawn from the embedded model about grammar texts of the split "
            f"'{LIKELIHOOD_SPLIT}' (templates and words without supervision), seed {SEED + 3}",
        }
    return tables


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure the embedded model and write its card.")
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    parser.add_argument("--texts", type=int, default=1000, help="texts a split and domain")
    args = parser.parse_args()
    start = time.process_time()
    sensor = load(args.folder)
    tables = likelihoods(sensor, 4 * args.texts)
    path = args.folder / "likelihood.json"
    path.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    text = card(
        facts=json.loads((args.folder / "training.json").read_text(encoding="utf-8")),
        checksums=read_checksums(args.folder),
        splits=by_split(sensor, args.texts),
        ceilings=by_split_ceiling(args.texts),
        lengths=by_length(sensor, args.texts),
        handwritten=handwritten(sensor),
        stops=stopping(sensor, 20),
        tables=tables,
        n=args.texts,
    )
    (args.folder / "CARD.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.process_time() - start:.0f} CPU seconds")


if __name__ == "__main__":
    main()
