r"""Train the herd agent that reads reviews: `python -m training.herd_texts`, a part of `make herds`.

What. A LLaMA of its own, from scratch, three layers of width 32 and a vocabulary of words. It learns the
prompts of `llma.agents.texts`. Reviews come from the grammar of the embedded model (`training.grammar`)
without the openers, which would tell the state: one clause on one of four attributes, for or against the
product, and in three of ten reviews a second sentence that says nothing.

Two stages, because reading is what is slow. First the reader learns the clauses alone: behind the token
"means" comes "signal=0" or "signal=1". Then it learns the game: a state, a clause that sides with it with
probability p, and 12 actions of greedy Bayesians whose hands slip (the games of `greedy-0`). The 13 prompts
of a row have one answer, the state; the label of the clause stays as a second task. No posterior is shown.

In a fifth of the reviews some words are replaced by "?", so that the token of an unknown word has a meaning.

>>> rng = np.random.default_rng(0)
>>> text = review(1, "known", rng)
>>> texts.UNKNOWN_TOKEN in ids_of([text])[0]
False
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM

from llma.agents import texts
from llma.agents.game import bayesian
from llma.agents.model import CONFIG
from llma.agents.prompts import MAX_ACTIONS
from llma.agents.rules import raw
from llma.sensing.tiny import CHECKSUMS
from training import reviews
from training.grammar import Grammar, part_of
from training.herd_games import Games, from_tables
from training.herds import BATCH, greedy_games, rate
from training.words import WORDS

WIDTH, LAYERS, FFN = 32, 3, 96
STEPS = {"clauses": 800, "games": 2000}
RATES = {"clauses": 5e-3, "games": 4e-3}
SECOND_TASK = 0.3
NEUTRAL_RATE = 0.3
MASKED, MASK_RATE = 0.2, 0.25
BUCKETS = 4
PARTS = {
    "known": ("known", "known"),
    "held words": ("known", "held"),
    "held templates": ("held", "known"),
    "both held": ("held", "held"),
}
N_REVIEWS = {"known": 500, "held words": 200, "held templates": 200, "both held": 200}
ATTRIBUTES = tuple(reviews.STATEMENTS)


def review(signal: int, sort: str, rng: np.random.Generator) -> str:
    """Draw a review that speaks for (1) or against (0) the product."""
    grammar = Grammar(*PARTS[sort])
    attribute = ATTRIBUTES[int(rng.integers(len(ATTRIBUTES)))]
    value = signal if reviews.FAVOURABLE[attribute] else 1 - signal
    said = [grammar.statement(reviews.STATEMENTS[attribute][value], rng)]
    if rng.random() < NEUTRAL_RATE:
        said.insert(int(rng.integers(2)), grammar.statement(reviews.NEUTRAL, rng))
    return " ".join(f"{clause[:1].upper()}{clause[1:]}." for clause in said)


@cache
def vocabulary() -> tuple[str, ...]:
    """Return the fixed tokens and all words of known templates filled with known words."""
    lists = [reviews.NEUTRAL, *(some for by in reviews.STATEMENTS.values() for some in by.values())]
    found = {".", ",", "an"}
    for template in (t for some in lists for t in part_of(some, "known")):
        for i, piece in enumerate(template.replace("}", "{").split("{")):
            for text in part_of(WORDS[piece], "known") if i % 2 else (piece,):
                found.update(texts.words_of(text))
    return (*texts.FIXED, *sorted(found))


@cache
def numbers() -> dict[str, int]:
    """Return the number of every token."""
    return {word: i for i, word in enumerate(vocabulary())}


def ids_of(some: Sequence[str]) -> list[list[int]]:
    """Return the tokens of reviews, "means" included."""
    known = numbers()
    return [
        [*(known.get(word, texts.UNKNOWN_TOKEN) for word in texts.words_of(text)), texts.MEANS_TOKEN]
        for text in some
    ]


def new_model() -> LlamaForCausalLM:
    """Return an untrained model; its weights follow from torch's seed."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(vocabulary()),
            hidden_size=WIDTH,
            intermediate_size=FFN,
            num_hidden_layers=LAYERS,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=64,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            pad_token_id=None,
            bos_token_id=None,
            eos_token_id=None,
        )
    )


def draw_texts(signal: np.ndarray, rng: np.random.Generator) -> list[list[int]]:
    """Draw one review for every signal; in some, words are made unknown."""
    rows = ids_of([review(int(s), "known", rng) for s in signal])
    for i in np.flatnonzero(rng.random(len(rows)) < MASKED):
        gone = rng.random(len(rows[i]) - 1) < MASK_RATE
        rows[i] = [
            *(texts.UNKNOWN_TOKEN if lost else t for t, lost in zip(rows[i], gone, strict=False)),
            rows[i][-1],
        ]
    return rows


def behind(batch: Games) -> np.ndarray:
    """Return the accuracy and action tokens that follow the reviews of a batch, (n, 13)."""
    stated = np.searchsorted(texts.ACCURACIES, batch.accuracy - 1e-9)
    played = texts.ACTION_TOKEN + 2 * np.arange(MAX_ACTIONS) + batch.actions
    return np.concatenate([texts.ACCURACY_TOKEN + stated[:, None], played], axis=1)


def answers(
    model: LlamaForCausalLM, rows: Sequence[Sequence[int]], tails: np.ndarray | None = None
) -> torch.Tensor:
    """Return the logits at "means" and, behind it, after each token of the tail, (n, 1 + tail, V)."""
    tail = 0 if tails is None else tails.shape[1]
    length = np.array([len(row) for row in rows])
    ids = np.zeros((len(rows), int(length.max()) + tail), dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        if tails is not None:
            ids[i, len(row) : len(row) + tail] = tails[i]
    # What stands behind a row's end is seen by nobody in front of it.
    hidden = model.model(torch.from_numpy(ids), use_cache=False).last_hidden_state
    read = torch.from_numpy(length[:, None] - 1 + np.arange(1 + tail))
    return model.lm_head(hidden.gather(1, read[..., None].expand(-1, -1, hidden.shape[-1])))


def buckets(rows: list[list[int]], rng: np.random.Generator) -> list[np.ndarray]:
    """Split reviews into batches of similar length, in random order: less padding."""
    order = np.argsort([len(row) for row in rows], kind="stable")
    parts = np.split(order, BUCKETS)
    return [parts[i] for i in rng.permutation(BUCKETS)]


def fit(model: LlamaForCausalLM, stage: str, steps: int, rng: np.random.Generator) -> None:
    """Run one stage of training."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATES[stage], betas=(0.9, 0.98), weight_decay=0.0)
    games = greedy_games()
    source = from_tables(games, [bayesian(game, raw) for game in games])
    model.train()
    for step in range(steps):
        if step % BUCKETS == 0:
            batch = source(rng, BUCKETS * BATCH)
            signal = np.where(rng.random(batch.states.size) < batch.accuracy, batch.states, 1 - batch.states)
            rows, tails = draw_texts(signal, rng), behind(batch)
            parts = buckets(rows, rng)
        here = parts[step % BUCKETS]
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps, RATES[stage])
        scores = answers(model, [rows[i] for i in here], tails[here] if stage == "games" else None)
        reading = cross_entropy(scores[:, 0], torch.from_numpy(texts.SIGNALS[0] + signal[here]))
        loss = reading
        if stage == "games":
            wanted = torch.from_numpy(batch.states[here]).repeat_interleave(scores.shape[1] - 1)
            loss = cross_entropy(scores[:, 1:].flatten(0, 1), wanted) + SECOND_TASK * reading
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 200 == 199:
            values = f"loss {float(loss.detach()):.4f}, reading {float(reading.detach()):.4f}"
            print(f"{stage} {step + 1}: {values}, {time.process_time():.0f} CPU seconds", flush=True)
    model.eval()


def write(model: LlamaForCausalLM, folder: Path, rng: np.random.Generator) -> None:
    """Write weights (float16), configuration with vocabulary, test reviews, and checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {key: t.half().contiguous() for key, t in model.state_dict().items() if key != "lm_head.weight"}
    save_file(tensors, folder / f"{texts.READER}.safetensors", metadata={"format": "pt"})
    keep = ("model_type", "hidden_act", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers")
    keep += ("num_attention_heads", "num_key_value_heads", "max_position_embeddings", "rms_norm_eps")
    config = model.config.to_dict()
    facts = {key: config[key] for key in keep} | {"tie_word_embeddings": True, "vocabulary": vocabulary()}
    (folder / CONFIG).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    drawn = {
        sort: [[review(signal, sort, rng) for _ in range(n)] for signal in (0, 1)]
        for sort, n in N_REVIEWS.items()
    }
    (folder / texts.REVIEWS).write_text(json.dumps(drawn, indent=0) + "\n", encoding="utf-8")
    files = [folder / CONFIG, folder / f"{texts.READER}.safetensors", folder / texts.REVIEWS]
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (folder / CHECKSUMS).write_text("".join(sums), encoding="utf-8")


def read(folder: Path = texts.FOLDER) -> LlamaForCausalLM:
    """Return the written model, to compare it with the NumPy inference."""
    model = new_model()
    tensors = {key: t.float() for key, t in load_file(folder / f"{texts.READER}.safetensors").items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"{texts.READER}: tensors missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    return model.eval()


def build(folder: Path, share: float = 1.0, seed: int = 0) -> None:
    """Train the reader and write it; `share` shortens its training, to see it run."""
    start = time.process_time()
    rng = np.random.default_rng([seed, 29])
    torch.manual_seed(int(rng.integers(2**31)))
    model = new_model().float()
    steps = {stage: max(1, round(share * n)) for stage, n in STEPS.items()}
    for stage, n in steps.items():
        fit(model, stage, n, rng)
    write(model, folder, np.random.default_rng([seed, 31]))
    log = {
        "steps": steps,
        "cpu_seconds": round(time.process_time() - start),
        "parameters": sum(p.numel() for p in model.parameters()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
    }
    (folder / "training.json").write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {texts.READER}: {steps}, {log['cpu_seconds']} CPU seconds, {log['parameters']} parameters")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Train the herd agent that reads reviews.")
    parser.add_argument("--out", type=Path, default=texts.FOLDER)
    parser.add_argument("--share", type=float, default=1.0, help="share of the steps, to see it run")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    build(args.out, args.share, args.seed)


if __name__ == "__main__":
    main()
