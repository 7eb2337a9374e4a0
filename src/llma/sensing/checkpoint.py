"""Checkpoints in the Hugging Face format: `config.json` and named tensors.

A checkpoint is a JSON file with the sizes of a model and a file of tensors with agreed names. This module
reads the sizes, says which tensors there must be, and arranges them for `llma.sensing.llama`: in float32,
with every matrix transposed so that rows are multiplied from the left, and with the matrices that read the
same input side by side.

What a plain LLaMA does not have is refused by name, because a model that runs with a piece left out gives
numbers that look right.

>>> config = {"model_type": "llama", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1,
...           "num_attention_heads": 2, "intermediate_size": 16, "tie_word_embeddings": True}
>>> shape = shape_from_config(config)
>>> shape.kv_heads, shape.head_dim, len(tensor_shapes(shape))
(2, 4, 11)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llma.sensing.llama import Array, Layer, Llama, Shape, rotations


def shape_from_config(config: Mapping[str, Any]) -> Shape:
    """Read the shape from a `config.json` in the Hugging Face format.

    Raises
    ------
    ValueError
        When the model is not a plain LLaMA (other type or activation, biases, stretched positions), or when
        a field is missing.

    Examples
    --------
    >>> shape_from_config({"model_type": "gpt2"})
    Traceback (most recent call last):
    ...
    ValueError: config.json: model_type is 'gpt2'; this module runs plain LLaMA, which has 'llama'
    """
    rope = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    plain = {
        "model_type": (config.get("model_type"), "llama"),
        "hidden_act": (config.get("hidden_act", "silu"), "silu"),
        "attention_bias": (config.get("attention_bias", False), False),
        "mlp_bias": (config.get("mlp_bias", False), False),
        "rope_type": (rope.get("rope_type", rope.get("type", "default")), "default"),
        "partial_rotary_factor": (rope.get("partial_rotary_factor", 1.0), 1.0),
    }
    for name, (found, wanted) in plain.items():
        if found != wanted:
            raise ValueError(
                f"config.json: {name} is {found!r}; this module runs plain LLaMA, which has {wanted!r}"
            )
    try:
        heads = int(config["num_attention_heads"])
        return Shape(
            vocabulary=int(config["vocab_size"]),
            hidden=int(config["hidden_size"]),
            layers=int(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or int(config["hidden_size"]) // heads),
            ffn=int(config["intermediate_size"]),
            context=int(config.get("max_position_embeddings", 2048)),
            theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0),
            epsilon=float(config.get("rms_norm_eps", 1e-6)),
            tied=bool(config.get("tie_word_embeddings", False)),
        )
    except KeyError as missing:
        raise ValueError(f"config.json: the field {missing} is missing") from missing


def tensor_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of the tensors of a checkpoint in the Hugging Face format."""
    d, width, narrow = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    names: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (shape.vocabulary, d),
        "model.norm.weight": (d,),
    }
    if not shape.tied:
        names["lm_head.weight"] = (shape.vocabulary, d)
    for i in range(shape.layers):
        names |= {
            f"model.layers.{i}.input_layernorm.weight": (d,),
            f"model.layers.{i}.self_attn.q_proj.weight": (width, d),
            f"model.layers.{i}.self_attn.k_proj.weight": (narrow, d),
            f"model.layers.{i}.self_attn.v_proj.weight": (narrow, d),
            f"model.layers.{i}.self_attn.o_proj.weight": (d, width),
            f"model.layers.{i}.post_attention_layernorm.weight": (d,),
            f"model.layers.{i}.mlp.gate_proj.weight": (shape.ffn, d),
            f"model.layers.{i}.mlp.up_proj.weight": (shape.ffn, d),
            f"model.layers.{i}.mlp.down_proj.weight": (d, shape.ffn),
        }
    return names


def llama_from_tensors(shape: Shape, tensors: Mapping[str, NDArray[Any]]) -> Llama:
    """Arrange the tensors of a checkpoint for `forward`, in float32.

    Raises
    ------
    ValueError
        When a tensor is missing or has another shape than the configuration says.
    """
    for name, wanted in tensor_shapes(shape).items():
        found = tensors[name].shape if name in tensors else None
        if found != wanted:
            raise ValueError(f"tensor {name!r} has shape {found}; the configuration asks for {wanted}")

    def get(name: str) -> Array:
        return np.asarray(tensors[f"{name}.weight"], dtype=np.float32)

    def columns(prefix: str, *names: str) -> Array:
        return np.ascontiguousarray(np.concatenate([get(f"{prefix}.{name}") for name in names]).T)

    layers = tuple(
        Layer(
            attention_norm=get(f"{layer}.input_layernorm"),
            query=columns(f"{layer}.self_attn", "q_proj"),
            key_value=columns(f"{layer}.self_attn", "k_proj", "v_proj"),
            out=columns(f"{layer}.self_attn", "o_proj"),
            ffn_norm=get(f"{layer}.post_attention_layernorm"),
            gate_up=columns(f"{layer}.mlp", "gate_proj", "up_proj"),
            down=columns(f"{layer}.mlp", "down_proj"),
        )
        for layer in (f"model.layers.{i}" for i in range(shape.layers))
    )
    embedding = get("model.embed_tokens")
    head = embedding if shape.tied else get("lm_head")
    return Llama(shape, embedding, layers, get("model.norm"), head, *rotations(shape))
