"""Small random LLaMAs in the Hugging Face format, made once a session."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from llma.sensing import checkpoint, llama, tiny
from llma.sensing.questions import ROLE_TOKENS

CORPUS = [
    "The kettle broke after two days and the lid is loose.",
    "A sturdy chair, well made; I would buy it again.\n\nIs the product durable?\nAnswer Yes or No only.",
    "Profit rises and the shares fall. Does the company report good results?",
]
SHAPE = llama.Shape(
    vocabulary=400, hidden=16, layers=2, heads=4, kv_heads=2, head_dim=4, ffn=24, context=96, theta=5000.0
)


def make_tokenizer(labels=("Yes", "No"), size=390) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(ROLE_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([AddedToken(label, normalized=False) for label in labels])
    return tokenizer


def make_folder(folder: Path, seed: int = 0) -> Path:
    """Write a sealed model folder with random float16 weights."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    tensors = {
        name: rng.normal(0, 0.3, size).astype(np.float16)
        for name, size in checkpoint.tensor_shapes(SHAPE).items()
    }
    config = {
        "model_type": "llama",
        "vocab_size": SHAPE.vocabulary,
        "hidden_size": SHAPE.hidden,
        "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads,
        "num_key_value_heads": SHAPE.kv_heads,
        "intermediate_size": SHAPE.ffn,
        "max_position_embeddings": SHAPE.context,
        "rope_parameters": {"rope_type": "default", "rope_theta": SHAPE.theta},
        "rms_norm_eps": SHAPE.epsilon,
        "tie_word_embeddings": True,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(tensors, folder / "model.safetensors")
    make_tokenizer().save(str(folder / "tokenizer.json"))
    tiny.seal(folder)
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return make_folder(tmp_path_factory.mktemp("models") / "random")


@pytest.fixture(scope="session")
def sensor(folder) -> tiny.TinySensor:
    return tiny.load(folder)
