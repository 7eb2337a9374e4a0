"""Ways to get K yes/no answers about a text out of a LLaMA in PyTorch, each written as well as we can.

A peer that is written badly makes any ratio look good. So: prompts of unequal length are padded on the right
and read where they end, which needs no mask, so that the fast causal attention runs; only two rows of the
head are multiplied where two answers are compared; the prefix of the cached way is read once. `generate` is
that of transformers, with its cache.

Every scoring function takes prompts as token ids, `texts[i][k]`, and returns P(yes), shape (n, K); the
difference of the two logits is taken in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import linear
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

from llma.sensing.llama import Shape
from llma.sensing.packing import common_prefix

Prompts = Sequence[Sequence[int]]
PAD = 0


def random_model(
    shape: Shape, dtype: torch.dtype, device: torch.device | str, layers: int | None = None, seed: int = 0
) -> LlamaForCausalLM:
    """Return a LLaMA of that shape with random weights, made on the device; `layers` cuts it short.

    Matrices are normal with standard deviation 0.02, as before a training. Weights are drawn in the dtype
    itself, so that a model of 8 billion weights needs no second copy.
    """
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=layers or shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        intermediate_size=shape.ffn,
        max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": shape.theta},
        rms_norm_eps=shape.epsilon,
        tie_word_embeddings=shape.tied,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=PAD,
        attn_implementation="sdpa",
    )
    torch.manual_seed(seed)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    model.generation_config.eos_token_id = None  # it never stops early
    return model.eval()


def padded(prompts: Prompts, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids padded on the right, (B, T), and where each prompt ends, (B,)."""
    ids = torch.full((len(prompts), max(map(len, prompts))), PAD)
    for row, prompt in zip(ids, prompts, strict=True):
        row[: len(prompt)] = torch.tensor(prompt)
    ends = torch.tensor([len(prompt) - 1 for prompt in prompts])
    return ids.to(device), ends.to(device)


def answers(model: LlamaForCausalLM, states: torch.Tensor, labels: tuple[int, int]) -> torch.Tensor:
    """Return P(yes), shape (...), of hidden states (..., d)."""
    pair = linear(states, model.lm_head.weight[list(labels)]).float()
    return torch.sigmoid(pair[..., 0] - pair[..., 1])


@torch.inference_mode()
def one_at_a_time(
    model: LlamaForCausalLM, texts: Sequence[Prompts], labels: tuple[int, int]
) -> NDArray[np.float64]:
    """Ask each question of each text alone."""
    found = []
    for prompt in (prompt for prompts in texts for prompt in prompts):
        ids = torch.tensor([prompt], device=model.device)
        found.append(answers(model, model.model(ids, use_cache=False).last_hidden_state[0, -1], labels))
    return torch.stack(found).reshape(len(texts), -1).double().cpu().numpy()


@torch.inference_mode()
def batched(
    model: LlamaForCausalLM, texts: Sequence[Prompts], labels: tuple[int, int], per_pass: int = 1
) -> NDArray[np.float64]:
    """Ask the K questions of some texts as one batch of K prompts a text."""
    found = []
    for first in range(0, len(texts), per_pass):
        ids, ends = padded(
            [prompt for prompts in texts[first : first + per_pass] for prompt in prompts], model.device
        )
        states = model.model(ids, use_cache=False).last_hidden_state
        found.append(answers(model, states[torch.arange(len(ids), device=ids.device), ends], labels))
    return torch.cat(found).reshape(len(texts), -1).double().cpu().numpy()


@torch.inference_mode()
def cached(model: LlamaForCausalLM, texts: Sequence[Prompts], labels: tuple[int, int]) -> NDArray[np.float64]:
    """Read the common prefix of a text's prompts once, then the K tails as one batch behind its cache."""
    found = []
    for prompts in texts:
        shared = common_prefix(prompts)
        cache = DynamicCache(config=model.config)
        model.model(
            torch.tensor([prompts[0][:shared]], device=model.device), past_key_values=cache, use_cache=True
        )
        cache.batch_repeat_interleave(len(prompts))
        ids, ends = padded([prompt[shared:] for prompt in prompts], model.device)
        states = model.model(ids, past_key_values=cache, use_cache=True).last_hidden_state
        found.append(answers(model, states[torch.arange(len(ids), device=ids.device), ends], labels))
    return torch.stack(found).double().cpu().numpy()


@torch.inference_mode()
def generate(model: LlamaForCausalLM, texts: Prompts, new: int) -> list[list[int]]:
    """Write `new` tokens behind each prompt, one text after the other: greedy, with a cache."""
    written = []
    for prompt in texts:
        ids = torch.tensor([prompt], device=model.device)
        found = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            min_new_tokens=new,
            max_new_tokens=new,
            pad_token_id=PAD,
        )
        written.append(found[0, len(prompt) :].tolist())
    return written


@torch.inference_mode()
def regret(model: LlamaForCausalLM, prompt: Sequence[int], written: Sequence[int]) -> float:
    """Return how far the logit of a written token lies below the largest, in one pass without a cache."""
    ids = torch.tensor([[*prompt, *written[:-1]]], device=model.device)
    scores = model(ids, use_cache=False, logits_to_keep=len(written)).logits[0].float()
    taken = scores[torch.arange(len(written)), torch.tensor(list(written), device=model.device)]
    return float((scores.max(dim=1).values - taken).max())
