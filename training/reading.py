"""Record what the embedded model answers after the first n tokens: `python -m training.reading`.

New reviews of the known grammar are read eight times each: the first 4, 8, 12, 16, 24, 32 and 48 tokens, and
the whole. What the model answers to the four questions is written to `llma/datasets/reading.npz`, beside the
texts, their states, their lengths in tokens, and the checksum of the weights. The chapter "A reader with a
price of attention" takes these texts for its whole population, so that its numbers carry no sampling error.

The reader must not see more than n tokens. So a beginning is cut at a token, its tokens must be those of the
whole text, and they must stay the same when the question follows (`check_cut`).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from llma.sensing.questions import PRODUCT_REVIEW, prompt
from llma.sensing.tiny import WEIGHTS, TinySensor, load, read_checksums
from training.evaluate import first_tokens
from training.grammar import Example
from training.scores import SPLITS, examples

SEED = 1271
N_TEXTS = 4000
HEAD = ("<s>", "<|user|>")
BUDGETS = (4, 8, 12, 16, 24, 32, 48)
READING = WEIGHTS.parents[2] / "datasets" / "reading.npz"


def sample(n: int = N_TEXTS) -> list[Example]:
    """Return the reviews: new texts, known templates and words."""
    return examples(SPLITS["new texts"], "product_review", n, SEED)


def check_cut(sensor: TinySensor, text: str, n: int) -> None:
    """Refuse a beginning whose tokens change when it is cut or when a question follows.

    Raises
    ------
    ValueError
        Naming the text.
    """
    cut = first_tokens(sensor, text, n)
    pieces = sensor.tokens(text)[:n]
    if sensor.tokens(cut) != pieces:
        raise ValueError(f"the first {n} tokens of {text!r} are read otherwise when they stand alone")
    asked = sensor.tokens(prompt(cut, PRODUCT_REVIEW.questions[0]))
    if asked[len(HEAD) : len(HEAD) + len(pieces)] != pieces:
        raise ValueError(f"the first {n} tokens of {text!r} are read otherwise before a question")


def record(sensor: TinySensor, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return P(yes) after each budget and after the whole, shape (T, 8, 4), and the lengths, shape (T,)."""
    lengths = np.array([len(sensor.tokens(text)) for text in texts])
    whole = sensor.probabilities(texts, PRODUCT_REVIEW)
    columns = []
    for n in BUDGETS:
        answers = whole.copy()
        longer = np.flatnonzero(lengths > n)
        for i in longer:
            check_cut(sensor, texts[i], n)
        cut = [first_tokens(sensor, texts[i], n) for i in longer]
        answers[longer] = sensor.probabilities(cut, PRODUCT_REVIEW)
        columns.append(answers)
    return np.stack([*columns, whole], axis=1), lengths


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Record the answers after the first n tokens.")
    parser.add_argument("--texts", type=int, default=N_TEXTS)
    parser.add_argument("--file", type=Path, default=READING)
    args = parser.parse_args()
    start = time.process_time()
    sensor, chosen = load(), sample(args.texts)
    texts = [example.text for example in chosen]
    probabilities, lengths = record(sensor, texts)
    np.savez_compressed(
        args.file,
        probabilities=probabilities.astype(np.float16),
        budgets=np.array(BUDGETS, dtype=np.int16),
        lengths=lengths.astype(np.int16),
        states=np.array([example.state for example in chosen], dtype=np.int8),
        answers=np.array([example.attributes for example in chosen], dtype=np.int8),
        texts=np.frombuffer("\n".join(texts).encode("utf-8"), dtype=np.uint8),
        weights=np.frombuffer(bytes.fromhex(read_checksums(WEIGHTS)["model.safetensors"]), dtype=np.uint8),
    )
    size = args.file.stat().st_size / 1000
    print(f"{len(texts)} texts, {size:.0f} kB, {time.process_time() - start:.0f} CPU seconds")


if __name__ == "__main__":
    main()
