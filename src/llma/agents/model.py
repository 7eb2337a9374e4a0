r"""A herd agent: a small LLaMA that reads the herding game and says how likely each state is.

The network and its inference are those of the embedded sensor (`llma.sensing.llama`); only the vocabulary
is another (`llma.agents.prompts`). Its belief is read from two logits,

    log-odds of state 1 = logit of "x1" - logit of "x0",

and nothing is generated.

All histories at once. The beliefs after all 2^0 + 2^1 + ... + 2^n histories are needed for the exact law
of a population of models. Their prompts share beginnings, so they are laid out as a tree: every token
sees its ancestors and nothing else, at the position it has in its own prompt. That is the packing of
`llma.sensing.packing` with a tree in place of a comb, and the answers are the same up to rounding.

>>> agent = load("greedy-0")
>>> agent.name, len(agent.tree(0.5, 0.7, 1, 3))
('greedy-0', 4)
>>> one = agent.log_odds(0.5, 0.7, 1, [0, 1, 1])
>>> bool(abs(agent.tree(0.5, 0.7, 1, 3)[3][0b011] - one) < 1e-4)
True
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from llma import checks
from llma.agents import prompts
from llma.agents.game import HerdGame, Policy, Rule
from llma.checks import Floats
from llma.sensing import tiny
from llma.sensing.checkpoint import llama_from_tensors, shape_from_config
from llma.sensing.llama import Llama, forward, logits
from llma.sensing.packing import Packed

WEIGHTS = tiny.WEIGHTS.parent / "agents"
CONFIG = "config.json"
SPLIT = 6
"""Levels of the tree in one sequence: in a larger one most pairs of tokens could not see each other."""
PER_PASS = 16


@dataclass(frozen=True, eq=False)
class HerdAgent:
    """A LLaMA that answers the prompts of the herding game.

    Parameters
    ----------
    llama : Llama
        Its vocabulary must be `prompts.VOCABULARY`, with tied embeddings.
    name : str

    Raises
    ------
    ValueError
        When the vocabulary has another size.
    """

    llama: Llama
    name: str

    def __post_init__(self) -> None:
        """Check the size of the vocabulary."""
        if self.llama.shape.vocabulary != len(prompts.VOCABULARY):
            raise ValueError(
                f"the model has {self.llama.shape.vocabulary} tokens, the prompts have "
                f"{len(prompts.VOCABULARY)}; they do not belong together"
            )

    def tree(self, prior: float, accuracy: float | None, signal: int | None, n: int) -> list[Floats]:
        """Return the log-odds of state 1 after every history of up to n actions.

        Parameters
        ----------
        prior : float
            Between 0.2 and 0.8.
        accuracy : float or None
            Between 0.5 and 1; None where accuracies are secret and the reader has none.
        signal : 0, 1 or None
            None: the public.
        n : int
            0 to 12.

        Returns
        -------
        list of ndarray, entry k of shape (2^k,)
            Histories numbered as in `llma.agents.game`.

        Raises
        ------
        ValueError
            When a value is out of its range.
        """
        if not 0 <= n <= prompts.MAX_ACTIONS:
            raise ValueError(f"n: {n} is not between 0 and {prompts.MAX_ACTIONS}")
        llama, head = self._stated(prior, accuracy, signal)
        top = min(n, SPLIT)
        found = self._subtrees(llama, [head], top)
        levels = [level[0] for level in found]
        if n > top:
            heads = [
                head + prompts.action_tokens([h >> (top - 1 - k) & 1 for k in range(top)])
                for h in range(1 << top)
            ]
            levels += [level.reshape(-1) for level in self._subtrees(llama, heads, n - top)[1:]]
        return levels

    def log_odds(
        self, prior: float, accuracy: float | None, signal: int | None, actions: Sequence[int]
    ) -> float:
        """Return the log-odds of state 1 after one prompt."""
        llama, head = self._stated(prior, accuracy, signal)
        head = head + prompts.action_tokens(actions)
        return float(self._subtrees(llama, [head], 0)[0][0, 0])

    def private(self, game: HerdGame) -> list[Floats]:
        """Return the log-odds of agents 0..n-1 for every history, accuracy and signal, (2^k, A, 2) each."""
        trees = [
            [self.tree(game.prior, accuracy, signal, game.n_agents - 1) for signal in (0, 1)]
            for accuracy in game.accuracies
        ]
        return [
            np.stack([np.stack([tree[k] for tree in pair], axis=-1) for pair in trees], axis=1)
            for k in range(game.n_agents)
        ]

    def public(self, game: HerdGame) -> list[Floats]:
        """Return the log-odds of a reader without a signal after 0..n actions, entry k of shape (2^k,)."""
        stated = game.accuracies[0] if len(game.accuracies) == 1 else None
        return self.tree(game.prior, stated, None, game.n_agents)

    def policy(self, game: HerdGame, rule: Rule) -> Policy:
        """Return how a population of this model acts by a rule."""
        return [rule(level, game) for level in self.private(game)]

    def _stated(self, prior: float, accuracy: float | None, signal: int | None) -> tuple[Llama, list[int]]:
        """Return the model with two more tokens, the prior and the accuracy, and the head of the prompt."""
        table, v = self.llama.embedding, self.llama.shape.vocabulary
        rows = [_graded(table, prior, prompts.PRIOR_GRADES, prompts.PRIOR_TOKEN)]
        if accuracy is None:
            rows.append(table[prompts.UNKNOWN_ACCURACY])
        else:
            rows.append(_graded(table, accuracy, prompts.ACCURACY_GRADES, prompts.ACCURACY_TOKEN))
        seen = prompts.NO_SIGNAL if signal is None else int(checks.indices(signal, "signal", 2))
        longer = np.concatenate([table, np.stack(rows)]).astype(np.float32)
        return replace(self.llama, embedding=longer), [v, v + 1, prompts.SIGNAL_TOKEN + seen]

    def _subtrees(self, llama: Llama, heads: list[list[int]], depth: int) -> list[Floats]:
        """Return the log-odds below each head, entry j of shape (heads, 2^j), j = 0..depth."""
        below, positions, mask, read = _layout(len(heads[0]), depth)
        answers = []
        for first in range(0, len(heads), PER_PASS):
            batch = [
                Packed(np.array([*head, *below]), positions, mask, read)
                for head in heads[first : first + PER_PASS]
            ]
            pair = logits(llama, forward(llama, batch), prompts.LABELS).astype(np.float64)
            answers.append((pair[:, 1] - pair[:, 0]).reshape(len(batch), -1))
        flat = np.concatenate(answers)
        return np.split(flat, np.cumsum(1 << np.arange(depth)), axis=1)


def _graded(
    table: NDArray[np.float32], value: float, grades: Sequence[float], first: int
) -> NDArray[np.float32]:
    lower, upper, share = prompts.grade(value, grades)
    row: NDArray[np.float32] = table[first + lower] + np.float32(share) * (
        table[first + upper] - table[first + lower]
    )
    return row


@lru_cache(maxsize=64)
def _layout(
    head: int, depth: int
) -> tuple[tuple[int, ...], NDArray[np.intp], NDArray[np.bool_], NDArray[np.intp]]:
    """Return tokens, positions, mask and read places of a full tree of actions behind a head."""
    levels = np.repeat(np.arange(1, depth + 1), 1 << np.arange(1, depth + 1))
    index = np.concatenate([np.arange(1 << j) for j in range(1, depth + 1)]).astype(int) if depth else levels
    tokens = prompts.ACTION_TOKEN + 2 * (head - prompts.HEAD + levels - 1) + index % 2
    positions = np.concatenate([np.arange(head), head + levels - 1]).astype(np.intp)
    gap = levels[:, None] - levels[None, :]
    ancestor = (gap >= 0) & (index[:, None] >> np.maximum(gap, 0) == index[None, :])
    size = head + levels.size
    mask = np.tril(np.ones((size, size), dtype=bool))
    mask[head:, head:] = ancestor
    return tuple(tokens.tolist()), positions, mask, np.arange(head - 1, size, dtype=np.intp)


def load(name: str, folder: str | Path = WEIGHTS) -> HerdAgent:
    """Load a shipped model after checking its file against its checksum.

    Parameters
    ----------
    name : str
        Such as "greedy-0"; `names` lists them.
    folder : str or Path

    Returns
    -------
    HerdAgent

    Raises
    ------
    ValueError
        When there is no such model, or when a file was changed.

    Examples
    --------
    >>> load("parrot")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: there is no herd agent 'parrot'; there are ...
    """
    folder = Path(folder)
    if name not in names(folder):
        raise ValueError(f"there is no herd agent {name!r}; there are {', '.join(names(folder))}")
    verify(folder, (CONFIG, f"{name}.safetensors"))
    shape = shape_from_config(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    return HerdAgent(llama_from_tensors(shape, load_file(folder / f"{name}.safetensors")), name)


def verify(folder: Path, files: Sequence[str]) -> None:
    """Compare files with their checksums.

    Raises
    ------
    ValueError
        When a file was changed or has no checksum.
    """
    wanted = tiny.read_checksums(folder)
    for file in files:
        found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        if wanted.get(file) != found:
            raise ValueError(
                f"{folder / file} has sha256 {found}, but {tiny.CHECKSUMS} says {wanted.get(file)}: the file "
                "is damaged or was changed; install the package again"
            )


def names(folder: str | Path = WEIGHTS) -> tuple[str, ...]:
    """Return the names of the models in a folder."""
    return tuple(sorted(path.stem for path in Path(folder).glob("*.safetensors")))
