r"""Train the embedded model from scratch: `python -m training.train`.

What. A LLaMA of 3 layers and width 128 (`training.optimise.Recipe`) learns to answer the three shipped
questionnaires about short texts with "Yes" or "No", and to stop there. It is small enough to be trained on
one processor core during a coffee break and to be shipped with the package.

Data. Endless: every step draws fresh texts from the grammar (`training.grammar`). Questions are asked about
known templates filled with known words only. Unlabelled texts come from all templates and words and are
learnt as text. Nothing comes from elsewhere; no pretrained weights are used.

Steps.

1. Learn the tokenizer from 20,000 unlabelled texts (`training.tokens`).
2. Train with Muon and AdamW (`training.optimise`); a text and its questions share one sequence
   (`training.packing`).
3. Round to float16 and write a folder that both `llma.sensing.tiny.load` and `transformers` can read:
   `config.json`, `model.safetensors`, `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`,
   `generation_config.json`, `SHA256SUMS` and `training.json` (recipe, seconds, losses).
4. `python -m training.evaluate` then measures it, and writes `CARD.md` and `likelihood.json`.

Repeatability. One thread, deterministic algorithms, one seed: the same machine with the same versions gives
the same bits. Another machine gives other bits and the same behaviour; so the weights are shipped with
their checksums and tested in bands. `--device cuda` trains on a GPU, with other bits again.

Example: a model of 20 steps, only to see it run.

    python -m training.train --steps 20 --out /some/folder
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
import transformers

from llma.sensing.tiny import WEIGHTS, seal
from training.data import Source
from training.grammar import Grammar
from training.optimise import Recipe, train
from training.tokens import for_transformers, learn

TOKENIZER_TEXTS = 20_000


def build(recipe: Recipe, folder: Path, device: str = "cpu", quiet: bool = False) -> Path:
    """Train by a recipe and write the model folder.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Made if it does not exist; files of the same names are replaced.
    device : str
        "cpu" or a GPU.
    quiet : bool
        Whether to print no progress.

    Returns
    -------
    Path
        The folder.
    """
    start = time.process_time()
    tokenizer = learn(recipe.vocabulary, TOKENIZER_TEXTS, np.random.default_rng([recipe.seed, 0]))
    source = Source(tokenizer, Grammar("known", "known"), Grammar("even", "even"))
    log: list[dict[str, float]] = []

    def report(step: int, answers: float, text: float, seconds: float) -> None:
        log.append({"step": step, "answer_loss": round(answers, 4), "text_loss": round(text, 4)})
        if not quiet:
            print(
                f"step {step}: answers {answers:.4f}, text {text:.3f}, {seconds:.0f} CPU seconds", flush=True
            )

    model = train(source, recipe, device, report).to("cpu").half()
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    for_transformers(tokenizer, recipe.context).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    facts = {
        "recipe": asdict(recipe),
        "truncate": source.truncate,
        "parameters": sum(p.numel() for p in model.parameters()),
        "cpu_seconds": round(time.process_time() - start),
        "device": device,
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "log": log,
    }
    (folder / "training.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    seal(folder)
    return folder


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Train the embedded model from scratch.")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    recipe = replace(Recipe(), steps=args.steps, seed=args.seed)
    folder = build(recipe, args.out, args.device)
    print(f"wrote {folder}; now run: python -m training.evaluate")


if __name__ == "__main__":
    main()
