from types import SimpleNamespace

import pytest

from llma.sensing.families import context_of
from tests.sensing.decoders import make_model


def config(**settings):
    return SimpleNamespace(**{"model_type": "llama", "max_position_embeddings": 2048, **settings})


@pytest.mark.parametrize(
    ("settings", "context"),
    [
        ({}, 2048),
        ({"rope_parameters": None}, 2048),
        ({"model_type": "mistral", "sliding_window": 512}, 512),
        ({"model_type": "mistral", "sliding_window": 4096}, 2048),
        ({"model_type": "qwen2", "sliding_window": None}, 2048),
        ({"rope_parameters": {"rope_type": "llama3", "factor": 8.0}}, 2048),
        ({"rope_parameters": {"full_attention": {"rope_type": "yarn"}}}, 2048),
    ],
)
def test_the_context_is_the_shorter_of_positions_and_window(settings, context):
    assert context_of(config(**settings)) == context


def test_configurations_of_transformers_are_understood():
    assert context_of(make_model("qwen2", sliding_window=100, use_sliding_window=False).config) == 512
    assert context_of(make_model("qwen2", sliding_window=100, use_sliding_window=True).config) == 100
    assert context_of(make_model("mistral", sliding_window=100).config) == 100


@pytest.mark.parametrize(
    "rope",
    [
        {"rope_type": "dynamic", "factor": 2.0},
        {"type": "longrope"},
        {"full_attention": {"rope_type": "default"}, "sliding_attention": {"rope_type": "dynamic"}},
    ],
)
@pytest.mark.parametrize("field", ["rope_parameters", "rope_scaling"])
def test_angles_that_depend_on_the_longest_prompt_are_refused(rope, field):
    with pytest.raises(ValueError, match=r"'(dynamic|longrope)', whose angles depend on the longest prompt"):
        context_of(config(**{field: rope}))


@pytest.mark.parametrize("family", ["gpt2", "gemma3", "phi3", "mixtral", None])
def test_other_families_are_refused(family):
    with pytest.raises(ValueError, match=r"this sensor reads llama, mistral, qwen2, qwen3\. An open one"):
        context_of(config(model_type=family))


def test_a_context_that_is_not_stated_is_asked_for():
    with pytest.raises(ValueError, match="does not say max_position_embeddings"):
        context_of(config(max_position_embeddings=None))
