r"""Train the herd agents from scratch: `python -m training.herds`, or `make herds`.

What. LLaMAs of two layers and width 32, about 28,000 parameters each, learn to answer the prompt of a herd
agent (`llma.agents.prompts`) with the token of the state. They see games only: a state, the actions of a
population, one more signal. No posterior is shown to them.

Loss. One sequence is prior, accuracy, own signal and the actions of 12 predecessors. Its 13 beginnings
are 13 legal prompts, and each has the same answer, the state's token: ordinary cross-entropy over the
vocabulary, with the labels passed by hand. A quarter of the readers have no signal (the public).

Models, each with a population of its own.

* `greedy-0`, `-1`, `-2`: prior 1/2, common accuracy .6, .7 or .8, greedy Bayesians who keep their own
  signal at ties and whose hand slips once in 20 times. Three seeds.
* `<model>-sampled-1`, `-2`, `-3`: rounds. The model before plays against itself, acting by sampling, and is
  trained on those games. Round 1 starts from the greedy model.
* `<model>-raw-1`, `-2` and `<model>-band-1`: the same with the sign of the log-odds, and with the band,
  as the rule (the hand slips here).
* `sampled`: exact Bayesians who act by sampling; prior and accuracy anywhere in an interval with a gap.
* `private` and `naive`: secret accuracies .65 or .9; greedy Bayesians, and people who show their signals. Who
  learns from the latter and then meets the former is naive.

AdamW, betas (.9, .98), no decay, 50 steps of warm-up, half a cosine to 0, gradients clipped at 1, batches
of 256 fresh games. Weights are rounded to float16 and written with their checksums;
`training.herd_results` measures.

Repeatability. One thread, one seed a model: the same machine and versions give the same bits, others the
same behaviour. Tests compare the shipped weights with the shipped results, and no others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM

from llma.agents import prompts
from llma.agents.game import HerdGame, bayesian, show_signals
from llma.agents.model import CONFIG, WEIGHTS, load
from llma.agents.rules import keep_own, midpoint, raw, sampled
from llma.sensing.tiny import CHECKSUMS
from training.herd_games import Games, Source, from_tables, graded

BATCH, WARM_UP = 256, 50
RATE, ROUND_RATE = 5e-3, 3e-3
STEPS = {"greedy": 4500, "sampled": 3000, "private": 1800, "naive": 1200, "round": 400}
SEEDS = (0, 1, 2)
TREMBLE = 0.05
ACCURACIES = (0.6, 0.7, 0.8)
PRIVATE = (0.65, 0.9)
ROUNDS = {"sampled": 3, "raw": 2, "band": 1}


def greedy_games(tremble: float = TREMBLE) -> list[HerdGame]:
    """Return the three games of the main model."""
    return [HerdGame(0.5, (p,), tremble) for p in ACCURACIES]


def tokens(batch: Games) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lower tokens, upper tokens and the share of the upper ones, each (n, 15)."""
    n = batch.states.size
    lower = np.empty((n, prompts.HEAD + prompts.MAX_ACTIONS), dtype=np.int64)
    lower[:, 2] = prompts.SIGNAL_TOKEN + batch.signal
    lower[:, 3:] = prompts.ACTION_TOKEN + 2 * np.arange(prompts.MAX_ACTIONS) + batch.actions
    upper, share = lower.copy(), np.zeros(lower.shape, dtype=np.float32)
    graded_columns = (
        (0, batch.prior, prompts.PRIOR_GRADES, prompts.PRIOR_TOKEN),
        (1, batch.accuracy, prompts.ACCURACY_GRADES, prompts.ACCURACY_TOKEN),
    )
    for column, values, grades, first in graded_columns:
        known = np.where(np.isnan(values), grades[0], values)
        place = np.interp(known, grades, np.arange(len(grades)))
        below = np.minimum(place.astype(int), len(grades) - 2)
        lower[:, column], upper[:, column], share[:, column] = first + below, first + below + 1, place - below
    unknown = np.isnan(batch.accuracy)
    lower[unknown, 1] = upper[unknown, 1] = prompts.UNKNOWN_ACCURACY
    return lower, upper, share


def new_model() -> LlamaForCausalLM:
    """Return an untrained model; its weights follow from torch's seed."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(prompts.VOCABULARY),
            hidden_size=32,
            intermediate_size=96,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=16,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            pad_token_id=None,
            bos_token_id=None,
            eos_token_id=None,
        )
    )


def answers(model: LlamaForCausalLM, batch: Games) -> torch.Tensor:
    """Return the logits of the next token after each of the 13 prompts of every game, (n, 13, V)."""
    lower, upper, share = (torch.from_numpy(part) for part in tokens(batch))
    table = model.get_input_embeddings()
    embedded = table(lower)
    embedded = embedded + share[..., None] * (table(upper) - embedded)
    hidden = model.model(inputs_embeds=embedded, use_cache=False).last_hidden_state
    return model.lm_head(hidden[:, prompts.HEAD - 1 :])


def rate(step: int, steps: int, top: float) -> float:
    """Return the learning rate of a step: linear warm-up, then half a cosine."""
    return top * min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def train(
    source: Source,
    steps: int,
    seed: int | list[int],
    start: LlamaForCausalLM | None = None,
    top: float = RATE,
) -> LlamaForCausalLM:
    """Train a model on games drawn from a source.

    Parameters
    ----------
    source : callable
        Draws a batch from a generator.
    steps : int
    seed : int or list of int
        Of the weights (unless `start` is given) and of the games.
    start : LlamaForCausalLM, optional
        Goes on from here; it is changed.
    top : float
        Largest learning rate.

    Returns
    -------
    LlamaForCausalLM
    """
    rng = np.random.default_rng([seed, 13] if isinstance(seed, int) else [*seed, 13])
    if start is None:
        torch.manual_seed(int(rng.integers(2**31)))
    model = (new_model() if start is None else start).float().train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=top, betas=(0.9, 0.98), weight_decay=0.0)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps, top)
        batch = source(rng, BATCH)
        scores = answers(model, batch)
        wanted = torch.from_numpy(batch.states).repeat_interleave(scores.shape[1])
        optimiser.zero_grad(set_to_none=True)
        loss = cross_entropy(scores.flatten(0, 1), wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 500 == 499:
            print(
                f"step {step + 1}: {float(loss.detach()):.4f}, {time.process_time():.0f} CPU seconds",
                flush=True,
            )
    return model.eval()


def write(model: LlamaForCausalLM, name: str, folder: Path) -> None:
    """Write the weights in float16, and the configuration that all models share."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {key: t.half().contiguous() for key, t in model.state_dict().items() if key != "lm_head.weight"}
    save_file(tensors, folder / f"{name}.safetensors", metadata={"format": "pt"})
    keep = ("model_type", "hidden_act", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers")
    keep += ("num_attention_heads", "num_key_value_heads", "max_position_embeddings", "rms_norm_eps")
    config = model.config.to_dict()
    facts = {key: config[key] for key in keep} | {
        "tie_word_embeddings": True,
        "vocabulary": prompts.VOCABULARY,
    }
    (folder / CONFIG).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    seal(folder)


def seal(folder: Path) -> None:
    """Write the checksums of all models in a folder."""
    files = [folder / CONFIG, *sorted(folder.glob("*.safetensors"))]
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (folder / CHECKSUMS).write_text("".join(sums), encoding="utf-8")


def read(name: str, folder: Path) -> LlamaForCausalLM:
    """Return a written model, to train it further or to compare it with the NumPy inference."""
    model = new_model()
    tensors = {key: t.float() for key, t in load_file(folder / f"{name}.safetensors").items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"{name}: tensors missing {missing}, unexpected {unexpected}")
    model.tie_weights()
    return model


def source_of(name: str, folder: Path) -> Source:
    """Return the games that a model learns from; a round's need the model of the round before."""
    if name.startswith("greedy"):
        parts = name.split("-")
        games = greedy_games()
        if len(parts) == 2:
            return from_tables(games, [bayesian(game, raw) for game in games])
        if parts[2] == "sampled":
            games = greedy_games(0.0)
        agent = load(before(name), folder)
        rules = {
            "sampled": lambda game: sampled,
            "raw": lambda game: raw,
            "band": lambda game: keep_own(midpoint(game)),
        }
        return from_tables(games, [agent.policy(game, rules[parts[2]](game)) for game in games])
    if name == "sampled":
        return graded
    game = HerdGame(0.5, PRIVATE)
    return from_tables([game], [bayesian(game, raw) if name == "private" else show_signals(game)])


def before(name: str) -> str:
    """Return the model that a round starts from.

    >>> before("greedy-0-raw-2"), before("greedy-0-raw-1")
    ('greedy-0-raw-1', 'greedy-0')
    """
    kind, seed, rule, number = name.split("-")
    return f"{kind}-{seed}" if number == "1" else f"{kind}-{seed}-{rule}-{int(number) - 1}"


def all_names() -> list[str]:
    """Return the models in an order in which they can be trained."""
    found = []
    for seed in SEEDS:
        found.append(f"greedy-{seed}")
        found += [f"greedy-{seed}-{rule}-{r}" for rule, n in ROUNDS.items() for r in range(1, n + 1)]
    return [*found, "sampled", "private", "naive"]


def build(name: str, folder: Path, share: float = 1.0) -> None:
    """Train one model and write it; `share` shortens its training, to see it run."""
    start, parts = time.process_time(), name.split("-")
    round_ = len(parts) == 4
    steps = max(1, round(share * STEPS["round" if round_ else parts[0]]))
    # One number for every model, so that no two draw the same games.
    seed = [all_names().index(name), int(parts[1]) if len(parts) > 1 else 0]
    source = source_of(name, folder)
    first = read(before(name), folder) if round_ else None
    model = train(source, steps, seed, first, ROUND_RATE if round_ else RATE)
    write(model, name, folder)
    path = folder / "training.json"
    log = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    log[name] = {
        "steps": steps,
        "cpu_seconds": round(time.process_time() - start),
        "parameters": sum(p.numel() for p in model.parameters()),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
    }
    log = {key: log[key] for key in all_names() if key in log}
    path.write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {name}: {steps} steps, {log[name]['cpu_seconds']} CPU seconds", flush=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Train the herd agents from scratch.")
    parser.add_argument("names", nargs="*", help="which models; all of them when none is named")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--share", type=float, default=1.0, help="share of the steps, to see it run")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in args.names or all_names():
        build(name, args.out, args.share)
    print("now run: python -m training.herd_results")


if __name__ == "__main__":
    main()
