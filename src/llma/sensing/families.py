"""Which models the packed pass is right for, and how much they read.

A packed sequence restarts its positions and brings its own mask (`llma.sensing.packing`). That is right for
a model in which a token depends on the tokens that it sees and on its position, and on nothing else. Four
families of decoders are like that, and for each the tests compare with one prompt at a time: LLaMA, Mistral,
Qwen2 and Qwen3. Two things need care:

* *Rotary positions* turn queries and keys by angles. In the types "default", "linear", "llama3" and "yarn"
  the angle of a position is fixed. In "dynamic" and "longrope" it also depends on the longest prompt of
  the pass, so that an answer would depend on its company. They are refused.
* *Sliding windows.* A layer with a window of w tokens sees the last w of them, and the packed mask knows no
  window. Up to w tokens both are the same, so such a model reads prompts of at most w tokens.

>>> from types import SimpleNamespace
>>> config = SimpleNamespace(model_type="mistral", max_position_embeddings=32768, sliding_window=4096)
>>> context_of(config)
4096
"""

from __future__ import annotations

from typing import Any

FAMILIES = ("llama", "mistral", "qwen2", "qwen3")
ROPE_TYPES = ("default", "linear", "llama3", "yarn")


def examine_family(model_type: object, source: str) -> None:
    """Refuse a family for which nobody has shown that the packed pass is right.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> examine_family("gpt2", "gpt2")
    Traceback (most recent call last):
    ...
    ValueError: gpt2 is a model of the type 'gpt2'; this sensor reads llama, mistral, qwen2, qwen3. An open
    one is HuggingFaceTB/SmolLM2-1.7B-Instruct
    """
    if model_type not in FAMILIES:
        raise ValueError(
            f"{source} is a model of the type {model_type!r}; this sensor reads {', '.join(FAMILIES)}. "
            "An open one is HuggingFaceTB/SmolLM2-1.7B-Instruct"
        )


def context_of(config: Any) -> int:
    """Return the number of tokens of the longest prompt for which the packed pass is right.

    Parameters
    ----------
    config : transformers.PreTrainedConfig

    Raises
    ------
    ValueError
        When the family or the type of rotary positions is refused, or when the context is not stated.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> context_of(SimpleNamespace(model_type="llama", max_position_embeddings=2048,
    ...                            rope_parameters={"rope_type": "dynamic"}))
    Traceback (most recent call last):
    ...
    ValueError: the rotary positions are of the type 'dynamic', whose angles depend on the longest prompt of a
    pass; known: default, linear, llama3, yarn
    """
    examine_family(config.model_type, "this")
    rope = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    # Some models have one entry for each kind of layer.
    nested = [value for value in rope.values() if isinstance(value, dict)]
    for entry in nested or [rope]:
        kind = entry.get("rope_type", entry.get("type", "default"))
        if kind not in ROPE_TYPES:
            raise ValueError(
                f"the rotary positions are of the type {kind!r}, whose angles depend on the longest prompt "
                f"of a pass; known: {', '.join(ROPE_TYPES)}"
            )
    limits = (getattr(config, "max_position_embeddings", None), getattr(config, "sliding_window", None))
    known = [int(limit) for limit in limits if limit]
    if not known:
        raise ValueError("config.json does not say max_position_embeddings, the length of the context")
    return min(known)
