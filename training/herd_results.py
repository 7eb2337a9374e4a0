"""Measure the shipped herd agents and write their card: `python -m training.herd_results`.

Every number of `results.json` and `CARD.md` is computed here from the shipped weights, with NumPy inference
and exact enumeration. The measures themselves are in `llma.agents.study`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from typing import Any

from llma.agents import study, text_study, texts
from llma.agents.model import WEIGHTS, load, names
from llma.sensing.tiny import read_checksums

ACCURACIES = (0.6, 0.7, 0.8)
GRADED = {
    "trained": tuple((prior, p) for prior in (0.35, 0.4, 0.6) for p in (0.6, 0.65, 0.75, 0.8)),
    "prior held out": tuple((0.5, p) for p in (0.6, 0.65, 0.75, 0.8)),
    "accuracy held out": tuple((prior, 0.7) for prior in (0.35, 0.4, 0.6)),
    "both held out": ((0.5, 0.7),),
}
ROUND = re.compile(r"(greedy-\d)-(sampled|raw|band)-(\d)")

CARD = """\
# Card of the herd agents

**What they are.** LLaMAs (`LlamaForCausalLM`) of two layers and width 32, {parameters:,} parameters each,
in float16, with {tokens} tokens and no text. Each answers one prompt, "prior, accuracy, own signal, actions
of the predecessors", with the token of a state. They are teaching material: they show what a network trained
by a proper score learns of a game that it has seen many times. They say nothing about chat models.

**Training data.** Games drawn by `training/herds.py`; no text, no posterior. `config.json` lists the tokens.

**Limits.** All short histories occur in training, so small errors are no evidence of generalisation. Rare
in training are histories that only slips produce; absent are the priors and accuracies held out from
`sampled`. Lines of more than 12 actions cannot be read.

**Reproduce.** `make herds`: {seconds} CPU seconds on one thread, torch {torch}, transformers
{transformers}. The same machine and versions give the same bits, others the same behaviour.

"""

READER_CARD = """\
# Card of the herd agent that reads reviews

**What it is.** A LLaMA (`LlamaForCausalLM`) of {layers} layers and width {width}, {parameters:,} parameters,
in float16, with {tokens} tokens: {fixed} of the game, and words. It answers the prompt "review, accuracy,
actions of the predecessors" with the token of a state. Teaching material, like the agents one folder up.

**Training data.** Games and reviews drawn by `training/herd_texts.py` from word lists and templates that
were written for the embedded model; no posterior. `reviews.json` has reviews that were drawn for testing
(short ones of the sort "known" also occur in training: the templates allow few variants).

**Limits.** Accuracies 0.6, 0.7 and 0.8, even prior, at most 12 actions, one clause with an opinion. A word
outside its vocabulary is read as "?". What it makes of held-out words and templates is measured below; it is
no reader of English.

**Reproduce.** `make herds`: {seconds} CPU seconds on one thread for this model, torch {torch}, transformers
{transformers}. The same machine and versions give the same bits, others the same behaviour. One seed.

"""


def measure(folder: Path) -> dict[str, Any]:
    """Return all results: study -> model -> setting -> row."""
    found: dict[str, Any] = {"greedy": {}, "by_sampling": {}, "by_choice": {}, "graded": {}, "secret": {}}
    for name in names(folder):
        agent, parts = load(name, folder), ROUND.fullmatch(name)
        if name in ("private", "naive"):
            found["secret"][name] = {"0.65, 0.9": study.secret(agent)}
        elif name == "sampled":
            found["graded"][name] = {
                f"{kind}: {prior:g}, {p:g}": study.graded(agent, prior, p)
                for kind, pairs in GRADED.items()
                for prior, p in pairs
            }
        elif parts is None:
            found["greedy"][name] = {f"{p:g}": study.greedy(agent, p) for p in ACCURACIES}
            found["by_sampling"][f"{name}-sampled-0"] = {
                f"{p:g}": study.by_sampling(agent, None, p, 0) for p in ACCURACIES
            }
            for rule in ("raw", "band"):
                found["by_choice"][f"{name}-{rule}-0"] = {
                    f"{p:g}": study.by_choice(agent, p, rule) for p in ACCURACIES
                }
        elif parts[2] == "sampled":
            number = int(parts[3])
            earlier = load(parts[1] if number == 1 else f"{parts[1]}-sampled-{number - 1}", folder)
            found["by_sampling"][name] = {
                f"{p:g}": study.by_sampling(agent, earlier, p, number) for p in ACCURACIES
            }
        else:
            found["by_choice"][name] = {f"{p:g}": study.by_choice(agent, p, parts[2]) for p in ACCURACIES}
    return found


def measure_reader(folder: Path) -> dict[str, Any]:
    """Return the results of the model that reads reviews; sampled, with fixed seeds."""
    agent = texts.load_reader(folder)
    return {
        "text": {
            texts.READER: {
                f"{sort}: {p:g}": text_study.errors(agent, p, sort)
                for sort in texts.SORTS
                for p in texts.ACCURACIES
            }
        },
        "text_reading": {texts.READER: {sort: text_study.reading(agent, sort) for sort in texts.SORTS}},
        "text_rows": {
            texts.READER: {
                f"{rule}: {p:g}": text_study.played(agent, p, rule)
                for rule in ("band", "sampling")
                for p in texts.ACCURACIES
            }
        },
    }


def reader_card(folder: Path, found: dict[str, Any]) -> str:
    """Return the card of the model that reads reviews."""
    log = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    facts = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    text = READER_CARD.format(
        parameters=log["parameters"],
        layers=facts["num_hidden_layers"],
        width=facts["hidden_size"],
        tokens=len(facts["vocabulary"]),
        fixed=len(texts.FIXED),
        seconds=log["cpu_seconds"],
        torch=log["torch"],
        transformers=log["transformers"],
    )
    lines = ["| reviews | p | mean error | 95 % | KL gap |", "| --- | --- | --- | --- | --- |"]
    for setting, row in found["text"][texts.READER].items():
        sort, p = setting.split(": ")
        lines.append(f"| {sort} | {p} | {row['mean']:.4f} | ±{row['half']:.4f} | {row['gap']:.5f} |")
    lines += [
        "",
        "All other results: `results.json` one folder up.",
        "",
        "| file | sha256 |",
        "| --- | --- |",
    ]
    lines += [f"| `{name}` | `{digest}` |" for name, digest in read_checksums(folder).items()]
    return text + "\n".join([*lines, "", "**Licence.** MIT, like the code."]) + "\n"


def rounded(value: Any) -> Any:
    """Round the numbers of nested dictionaries to six decimals."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def card(folder: Path, found: dict[str, Any]) -> str:
    """Return the model card: words, the results of the greedy models, and the checksums."""
    log = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    one = next(iter(log.values()))
    text = CARD.format(
        parameters=one["parameters"],
        tokens=len(json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocabulary"]),
        seconds=sum(entry["cpu_seconds"] for entry in log.values()),
        torch=one["torch"],
        transformers=one["transformers"],
    )
    lines = ["| model | p | mean error | KL gap | decisions that differ |", "| --- | --- | --- | --- | --- |"]
    for name, by_accuracy in found["greedy"].items():
        for p, row in by_accuracy.items():
            lines.append(
                f"| {name} | {p} | {row['mean']:.4f} | {row['gap']:.5f} "
                f"| {row['differing']} of {row['prompts']} |"
            )
    lines += ["", "All other results: `results.json`.", "", "| file | sha256 |", "| --- | --- |"]
    lines += [f"| `{name}` | `{digest}` |" for name, digest in read_checksums(folder).items()]
    return text + "\n".join([*lines, "", "**Licence.** MIT, like the code."]) + "\n"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Measure the herd agents and write their card.")
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    start = time.process_time()
    text = args.folder / texts.FOLDER.name
    found = rounded({**measure(args.folder), **measure_reader(text)})
    (args.folder / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (args.folder / "CARD.md").write_text(card(args.folder, found), encoding="utf-8")
    (text / "CARD.md").write_text(reader_card(text, found), encoding="utf-8")
    print(f"measured {len(names(args.folder)) + 1} models in {time.process_time() - start:.0f} CPU seconds")


if __name__ == "__main__":
    main()
