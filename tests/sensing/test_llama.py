"""The NumPy model against transformers' LlamaForCausalLM, and each of its four parts on its own."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from llma.sensing import checkpoint, llama
from llma.sensing.packing import pack

SHAPES = {
    "grouped": {},
    "multi-head, untied": {"num_key_value_heads": 4, "tie_word_embeddings": False},
    "one key-value head": {"num_key_value_heads": 1, "rope_theta": 500000.0},
    "wide heads": {"head_dim": 24, "rope_theta": 100.0, "rms_norm_eps": 1e-5},
    "the embedded size": {"hidden_size": 128, "num_hidden_layers": 3, "intermediate_size": 336},
}


def reference(change):
    """Return transformers' model with random weights, and ours with the same."""
    fields = {
        "vocab_size": 97,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 40,
        "max_position_embeddings": 64,
        "tie_word_embeddings": True,
        "rope_theta": 10000.0,
    } | change
    fields["rope_parameters"] = {"rope_type": "default", "rope_theta": fields.pop("rope_theta")}
    torch.manual_seed(len(change))
    config = LlamaConfig(**fields, attn_implementation="eager")
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            # The usual initial weights are so small that attention would be nearly uniform.
            weight.normal_(0.0, 0.15)
    shape = checkpoint.shape_from_config(config.to_dict())
    tensors = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    return model, checkpoint.llama_from_tensors(shape, tensors)


def torch_logits(model, ids):
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids])).logits[0].numpy()


@pytest.mark.parametrize("change", SHAPES.values(), ids=SHAPES)
def test_equal_to_transformers_on_plain_prompts(change):
    model, ours = reference(change)
    rng = np.random.default_rng(1)
    for length in (1, 2, 17, 64):
        ids = rng.integers(0, 97, length).tolist()
        found = llama.logits(ours, llama.forward(ours, [pack([ids])]))
        np.testing.assert_allclose(found[0], torch_logits(model, ids)[-1], atol=1e-5)


@pytest.mark.parametrize("change", SHAPES.values(), ids=SHAPES)
def test_packed_batch_equals_one_prompt_at_a_time_in_transformers(change):
    model, ours = reference(change)
    rng = np.random.default_rng(2)
    texts = [
        [[1, *prefix, *rng.integers(50, 97, tail).tolist()] for tail in (3, 1, 6)]
        for prefix in (rng.integers(0, 50, n).tolist() for n in (9, 0, 30))
    ]
    found = llama.logits(ours, llama.forward(ours, [pack(prompts) for prompts in texts]))
    wanted = [torch_logits(model, ids)[-1] for prompts in texts for ids in prompts]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_logits_of_chosen_tokens_are_rows_of_all_logits():
    _, ours = reference({"tie_word_embeddings": False})
    hidden = llama.forward(ours, [pack([[1, 2, 3]])])
    np.testing.assert_allclose(
        llama.logits(ours, hidden, [7, 3]), llama.logits(ours, hidden)[:, [7, 3]], atol=1e-6
    )


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 20))
def test_scores_after_rotation_depend_on_the_distance_only(a, b, shift):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 1, 1, 6))
    frequency = 10000.0 ** -(np.arange(0, 6, 2) / 6)

    def score(i, j):
        turn = [np.array([[[n]]]) * frequency for n in (i, j)]
        return (
            llama.rotate(q, np.cos(turn[0]), np.sin(turn[0])).ravel()
            @ llama.rotate(k, np.cos(turn[1]), np.sin(turn[1])).ravel()
        )

    assert score(a, b) == pytest.approx(score(a + shift, b + shift), abs=1e-9)


def test_rms_norm_ignores_the_scale_of_its_input():
    x = np.random.default_rng(0).normal(size=(3, 8))
    np.testing.assert_allclose(llama.rms_norm(7 * x, np.ones(8), 1e-12), llama.rms_norm(x, np.ones(8), 1e-12))


def test_attention_is_a_mean_of_the_visible_values():
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(2, 4, 6)), rng.normal(size=(5, 2, 6)), rng.normal(size=(5, 2, 6))
    bias = np.where(np.array([[1, 1, 0, 0, 0], [1, 0, 1, 1, 0]]), 0.0, -np.inf)
    fetched = llama.attend(q, k, v, bias).reshape(2, 4, 6)
    for row, head in np.ndindex(2, 4):
        seen = np.isfinite(bias[row])
        group = head // 2
        weight = np.exp(k[seen, group] @ q[row, head] / np.sqrt(6))
        np.testing.assert_allclose(fetched[row, head], weight @ v[seen, group] / weight.sum())


def test_attention_survives_enormous_scores():
    huge = np.full((1, 1, 2), 1e4)
    assert np.isfinite(llama.attend(huge, huge, huge, np.zeros((1, 1)))).all()


def test_swiglu_survives_enormous_gates():
    x = np.array([[-1000.0], [1000.0]])
    np.testing.assert_allclose(llama.swiglu(x, np.array([[1.0, 0.001]]), np.ones((1, 1))), [[0.0], [1000.0]])
